"""Whether a name and its page are there, gone, or nobody can tell.

A silence, a wall before the page and an error of a server are never "gone": whoever wants to be
overlooked shows them to whoever looks. Which pages count as gone stands in tables/gone.toml; and
only where the page is surely the service's own, for anybody can write that he is suspended.
Pure. May import: detectors.suffixes, namaak.casework.followup.views, namaak.records, visible.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Any

from detectors.suffixes import registrable_domain
from namaak.casework.followup.views import RestsOn
from namaak.records import SubjectState
from namaak.visible import visible

#: What answers of the DNS, the registry and servers are called where they say something.
TELLING = frozenset({"answered", "empty", "absent"})
_NOTHING = frozenset({"empty", "absent"})
_NO_WAY = frozenset({"timeout", "unreachable", "broken"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One aspect of a host, as namaak.enriching tells it: its outcome and facts."""

    outcome: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Sign:
    down: str
    by: str
    mail: str
    state: SubjectState
    says: str


@cache
def _signs() -> tuple[Mapping[str, _Sign], Mapping[int, _Sign]]:
    text = files("namaak.casework.followup").joinpath("tables/gone.toml").read_text("utf-8")
    table = tomllib.loads(text)

    def sign(row: Mapping[str, Any]) -> _Sign:
        return _Sign(
            row["down"], row.get("by", ""), row["mail"], SubjectState(row["state"]), row["says"]
        )

    kinds = {row["name"]: sign(row) for row in table["kind"]}
    return kinds, {code: sign(row) for row in table["status"] for code in row["codes"]}


def judged(
    answers: Mapping[str, Answer], host: str, showed_a_page: bool
) -> tuple[SubjectState, bool | None, str]:
    """Its state, whether it is gone (None: it cannot be told), and why, in a sentence.

    answers: by aspect, of a name and of one page of it. host: that name; of an IP address, which
    has no name that could be gone, its page alone tells.
    """
    if is_ip_address(host):
        return _of_page(answers.get("page"), mail=False, showed_a_page=showed_a_page, parks=False)
    dns = told_facts(answers, "dns")
    if not dns:
        why = _reason(answers.get("dns"))
        return SubjectState.UNKNOWN, None, f"the DNS told nothing{why}"
    if dns.get("exists") is False:
        return _of_no_name(answers)
    mail = takes_mail(dns, host)
    if _has_no_address(dns, host):
        if mail is None:
            return SubjectState.REGISTERED, None, "it has no address; whether mail, nobody told"
        if mail:
            return SubjectState.REGISTERED, False, "it has no address, and takes mail"
        return SubjectState.REGISTERED, True, "it has no address and takes no mail"
    parks = _is_of_a_parking_service(dns, told_facts(answers, "rdap"), host)
    return _of_page(answers.get("page"), mail=mail, showed_a_page=showed_a_page, parks=parks)


def rests_on(answers: Mapping[str, Answer], dns: Mapping[str, Any], host: str) -> RestsOn:
    """Of what told whether it is there; see `judged`."""
    if dns.get("exists") is not False:
        return RestsOn.NAMES if _has_no_address(dns, host) else RestsOn.PAGE
    rdap = answers.get("rdap")
    if rdap is None:
        return RestsOn.NAMES
    on_hold = rdap.outcome == "answered" and rdap.facts.get("on_hold")
    return RestsOn.REGISTRY if on_hold or rdap.outcome == "absent" else RestsOn.NAMES


def _of_no_name(answers: Mapping[str, Answer]) -> tuple[SubjectState, bool | None, str]:
    rdap = answers.get("rdap")
    if rdap is not None and rdap.outcome == "answered":
        status = ", ".join(visible(str(word)) for word in rdap.facts.get("status", ())[:5])
        if rdap.facts.get("on_hold"):
            says = f"the name is not in the DNS: its registry has it on hold ({status})"
            return SubjectState.SUSPENDED, True, says
        says = f"the name is not in the DNS, though it is registered ({status or 'no status'})"
        return SubjectState.REGISTERED, True, says
    if rdap is not None and rdap.outcome in ("absent", "no-rdap"):
        return SubjectState.UNREGISTERED, True, "there is no such name"
    return SubjectState.UNKNOWN, True, "the name is not in the DNS; its registry did not say why"


def _of_page(
    page: Answer | None, *, mail: bool | None, showed_a_page: bool, parks: bool
) -> tuple[SubjectState, bool | None, str]:
    if page is None:
        return SubjectState.UNKNOWN, None, "its page was not asked for"
    if page.outcome in _NO_WAY:
        return SubjectState.UNREACHABLE, None, f"its server does not answer{_reason(page)}"
    if page.outcome == "blocked":
        return SubjectState.BLOCKED_VIEW, None, f"something stands before its page{_reason(page)}"
    if page.outcome not in TELLING:
        return SubjectState.UNKNOWN, None, f"its page could not be seen{_reason(page)}"
    return _of_shown(page.facts, mail, showed_a_page, parks)


def _of_shown(
    page: Mapping[str, Any], mail: bool | None, showed_a_page: bool, parks: bool
) -> tuple[SubjectState, bool | None, str]:
    kinds, statuses = _signs()
    kind, status = page.get("kind"), page.get("status")
    sign = statuses.get(status or 0) if kind == "error" else kinds.get(str(kind))
    if sign is None:
        return SubjectState.UNKNOWN, None, f"HTTP {status}, which says nothing of the page"
    says = f"{sign.says} (HTTP {status})"
    if sign.down == "no":
        return sign.state, False, says
    if sign.down == "unclear" or page.get("off_site") is not False:
        # What a page of another domain says is that one's; this one sends people there.
        return sign.state, None, says
    if sign.down == "instead" and not showed_a_page:
        return sign.state, False, f"{says}, and nothing else was ever seen there"
    if sign.by == "service" and not parks:
        unsaid = f"{says}, but its name servers and its registry do not say so"
        return SubjectState.UNKNOWN, None, unsaid
    if sign.by == "page" and not page.get("recognised"):
        return SubjectState.UNKNOWN, None, f"{says}, or made to look so: it may hold more than that"
    if sign.mail == "silent" and mail is not False:
        told = "it still takes mail" if mail else "whether it still takes mail nobody told"
        return sign.state, None, f"{says}, but {told}"
    return sign.state, True, says


def _is_of_a_parking_service(dns: Mapping[str, Any], rdap: Mapping[str, Any], host: str) -> bool:
    """Whether such a service answers for the name; the page is then whatever that one shows.

    In the DNS the owner of a zone may claim any name servers; in the registry he cannot.
    """
    signs = dns.get("parking") or ()
    if host == dns.get("registrable") and any(one.get("by") == "alias" for one in signs):
        return True
    theirs = {one.get("value") for one in signs if one.get("by") == "name-server"}
    claimed, given = dns.get("name_servers") or (), rdap.get("name_servers") or ()
    return bool(claimed) and bool(given) and theirs.issuperset({*claimed, *given})


def is_ip_address(host: str) -> bool:
    """Whether it is none of the DNS's names: no registry and no name server tells of it."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def takes_mail(dns: Mapping[str, Any], host: str) -> bool | None:
    """Of the host; of the whole domain only where the host is what stands for it."""
    domain = dns.get("registrable") or registrable_domain(host)
    names = {host, domain} if host in (domain, f"www.{domain}") else {host}
    told = [one for one in _questions(dns) if one.get("type") == "MX" and one.get("name") in names]
    if any(not str(value).endswith(" .") for one in told for value in one.get("values", ())):
        return True
    return False if told and all(one.get("outcome") in TELLING for one in told) else None


def _has_no_address(dns: Mapping[str, Any], host: str) -> bool:
    if dns.get("addresses"):
        return False
    told = [
        one.get("outcome")
        for one in _questions(dns)
        if one.get("name") == host and one.get("type") in ("A", "AAAA")
    ]
    return bool(told) and all(outcome in _NOTHING for outcome in told)


def told_facts(answers: Mapping[str, Answer], aspect: str) -> Mapping[str, Any]:
    """Of an answer that says something of the host; else nothing."""
    answer = answers.get(aspect)
    return answer.facts if answer is not None and answer.outcome in TELLING else {}


def _questions(dns: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found = dns.get("questions")
    return found if isinstance(found, list) else ()


def _reason(answer: Answer | None) -> str:
    reason = answer.facts.get("reason") if answer is not None else None
    return f": {visible(str(reason))[:200]}" if reason else ""
