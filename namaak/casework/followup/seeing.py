"""From what a look gave to what is judged and compared: is it there, is it gone, can nobody tell?

A silence, a wall before the page and an error of a server are never "gone": whoever wants to be
overlooked shows them to whoever looks. Which pages count as gone stands in tables/gone.toml; and
only where the page is surely the service's own, for anybody can write that he is suspended.
Of several addresses of a host any one that is there is enough for "there", and all must be gone for
"gone"; where the name leads nowhere, they are all gone with it.
Pure. May import: detectors.suffixes, namaak.casework.followup.diff and views, namaak.records,
visible.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from detectors.suffixes import registrable_domain
from namaak.casework.followup.diff import PAGES
from namaak.casework.followup.views import PLATFORM, AddressView, RestsOn, View
from namaak.records import SubjectState, Trust
from namaak.visible import visible

#: What answers of the DNS, the registry and servers are called where they say something.
_TELLING = frozenset({"answered", "empty", "absent"})
_NOTHING = frozenset({"empty", "absent"})
_NO_WAY = frozenset({"timeout", "unreachable", "broken"})
_MOST = 50
_MOST_TEXT = 500
#: Addresses that a sentence names; the rest is counted.
_MOST_NAMED = 3
_MOST_OF_AN_ADDRESS = 120
#: Pages of somebody's own: what was seen before, when a page is gone.
OWN_KINDS = frozenset({"content", "not-html"})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came of asking for one known address."""

    page: Answer | None  #: None: its name leads nowhere, so nobody was asked
    #: Of an address under another name: that name, and its aspects. Else it is the host's own.
    host: str | None = None
    names: Mapping[str, Answer] = field(default_factory=dict)
    sha256: str | None = None  #: of what came


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One address, judged."""

    view: AddressView
    rests_on: RestsOn | None
    page: Answer | None
    sha256: str | None


def view_of_host(
    answers: Mapping[str, Answer],
    *,
    host: str,
    vantage: str,
    showed_a_page: bool,
    front_sha256: str | None = None,
    known: Mapping[str, Page] = MappingProxyType({}),
    left_out: int = 0,
) -> View:
    """answers: by aspect: dns, rdap, network, certificate, page; what was not asked is absent.

    showed_a_page: whether a page of somebody's own was seen there before. front_sha256: of the
    front page as it came. known: by address what other pages showed, what matters most first;
    empty where the name leads nowhere. left_out: how many more are known.
    """
    dns, front = _facts(answers, "dns"), answers.get("page")
    pages = [front, *(one.page for one in known.values())]
    showed = showed_a_page or any(_shows_its_own(page) for page in pages)
    first = _look(f"https://{host}/", answers, host, showed, sha256=front_sha256)
    others = [
        _look(
            url,
            {**(one.names if one.host else answers), **({"page": one.page} if one.page else {})},
            one.host or host,
            showed,
            sha256=one.sha256,
        )
        for url, one in known.items()
    ]
    lead = _lead(first, others)
    facts: Mapping[str, Any] = lead.page.facts if lead.page is not None else {}
    aspects = {
        # A name that is not there has no servers; that is told as gone, not as a change.
        **(_of_dns(dns, host) if dns.get("exists") is not False else {}),
        **_of_registry(_facts(answers, "rdap")),
        **_of_network(answers.get("network")),
        **_of_certificate(_facts(answers, "certificate"), host),
        **_of_shown_page(front, host),
    }
    if known:
        aspects[PAGES] = {
            url: _of_shown_page(one.page, one.host or host) for url, one in known.items()
        }
    # Where there is no way to the front page, its word is the name's.
    asked = [first, *others] if dns.get("addresses") and front is not None else others
    return View(
        vantage=vantage,
        state=lead.view.state,
        down=lead.view.down,
        says=_in_words(lead, [first, *others]),
        dns=answers["dns"].outcome if "dns" in answers else None,
        http_status=facts.get("status"),
        final_url=_short(facts.get("url")),
        title=_short(facts.get("title")),
        aspects=aspects,
        addresses=tuple(look.view for look in asked),
        left_out=left_out,
        content_sha256=lead.sha256,
        rests_on=_rest_together(lead, [first, *others]),
    )


def view_of_account(profile: Mapping[str, Any] | None, *, newer: bool) -> View:
    """profile: a row of latest_profiles, with `phash` of its picture; None: nothing is known.

    newer: whether the platform showed it since the last check. What it said before then was counted
    then: nothing is guessed of it now.
    """
    if profile is None or not newer:
        says = "no source has asked its platform since the last check"
        return View(vantage=PLATFORM, state=SubjectState.UNKNOWN, down=None, says=says)
    state = SubjectState(profile["state"] or SubjectState.UNKNOWN)
    down: bool | None = None
    says = "the platform said nothing of its state"
    if profile["trust"] not in (Trust.PLATFORM, Trust.EXISTENCE):
        says = "whoever said so is not its platform"
    elif state in (SubjectState.REMOVED, SubjectState.SUSPENDED):
        down, says = True, f"its platform says that it is {state}"
    elif state is SubjectState.LIVE:
        down, says = False, "its platform shows it"
    given = {
        "handle": _short(profile["handle"]),
        "name": _short(profile["display_name"]),
        "words": _short(profile["bio"]),
        "picture": profile["phash"],
        "links": _hosts(profile["links"] or ()) if profile["links"] is not None else None,
    }
    return View(
        vantage=PLATFORM,
        state=state,
        down=down,
        says=says,
        final_url=_short(profile["url"]),
        title=given["name"],
        aspects={name: value for name, value in given.items() if value is not None},
        rests_on=None if down is None else RestsOn.PLATFORM,
    )


def _look(
    url: str, answers: Mapping[str, Answer], host: str, showed: bool, *, sha256: str | None
) -> _Look:
    page = answers.get("page")
    state, down, says = _judged(answers, host, showed)
    facts: Mapping[str, Any] = page.facts if page is not None else {}
    return _Look(
        view=AddressView(
            url=url,
            state=state,
            down=down,
            says=says,
            final_url=_short(facts.get("url")),
            http_status=facts.get("status"),
            asks=bool(facts.get("asks_password") or facts.get("asks_card")),
        ),
        rests_on=None if down is None else _rests_on(answers, _facts(answers, "dns"), host),
        page=page,
        sha256=sha256,
    )


def _lead(first: _Look, others: Sequence[_Look]) -> _Look:
    """By which of them it is judged: one that is there, else one that cannot be told."""
    inwards = [*others, first]
    for down in (False, None):
        if (found := next((one for one in inwards if one.view.down is down), None)) is not None:
            return found
    return first


def _rest_together(lead: _Look, looks: Sequence[_Look]) -> RestsOn | None:
    """Of "gone" the weakest: it takes all of them, and pages show one address what they like."""
    if lead.view.down and any(look.rests_on is RestsOn.PAGE for look in looks):
        return RestsOn.PAGE
    return lead.rests_on


def _in_words(lead: _Look, looks: Sequence[_Look]) -> str:
    """Of several addresses, each page once: a redirect leads two addresses to one."""
    once = {look.view.place: look.view for look in looks}
    if len(once) == 1:
        return lead.view.says
    gone = [view for view in once.values() if view.down]
    if not lead.view.down:
        said = _at(lead.view)
        if lead.view.down is False and gone:
            names = ", ".join(_named(view) for view in gone[:_MOST_NAMED])
            said += f"; nothing at {names}{_and_more(gone)}"
        return said
    said = "; ".join(_at(view) for view in gone[:_MOST_NAMED]) + _and_more(gone)
    return f"none of {len(gone)} known addresses is there: {said}"


def _at(view: AddressView) -> str:
    return f"at {_named(view)}: {view.says}"


def _named(view: AddressView) -> str:
    name = visible(view.place)
    cut = len(name) > _MOST_OF_AN_ADDRESS
    return f"{name[:_MOST_OF_AN_ADDRESS]}..." if cut else name


def _and_more(views: Sequence[AddressView]) -> str:
    more = len(views) - _MOST_NAMED
    return f" and {more} more" if more > 0 else ""


def _shows_its_own(page: Answer | None) -> bool:
    return page is not None and page.outcome in _TELLING and page.facts.get("kind") in OWN_KINDS


def _judged(
    answers: Mapping[str, Answer], host: str, showed_a_page: bool
) -> tuple[SubjectState, bool | None, str]:
    dns = _facts(answers, "dns")
    if not dns:
        why = _reason(answers.get("dns"))
        return SubjectState.UNKNOWN, None, f"the DNS told nothing{why}"
    if dns.get("exists") is False:
        return _of_no_name(answers)
    mail = _takes_mail(dns, host)
    if _has_no_address(dns, host):
        if mail is None:
            return SubjectState.REGISTERED, None, "it has no address; whether mail, nobody told"
        if mail:
            return SubjectState.REGISTERED, False, "it has no address, and takes mail"
        return SubjectState.REGISTERED, True, "it has no address and takes no mail"
    page = answers.get("page")
    if page is None:
        return SubjectState.UNKNOWN, None, "its page was not asked for"
    if page.outcome in _NO_WAY:
        return SubjectState.UNREACHABLE, None, f"its server does not answer{_reason(page)}"
    if page.outcome == "blocked":
        return SubjectState.BLOCKED_VIEW, None, f"something stands before its page{_reason(page)}"
    if page.outcome not in _TELLING:
        return SubjectState.UNKNOWN, None, f"its page could not be seen{_reason(page)}"
    parks = _is_of_a_parking_service(dns, _facts(answers, "rdap"), host)
    return _of_shown(page.facts, mail, showed_a_page, parks)


def _rests_on(answers: Mapping[str, Answer], dns: Mapping[str, Any], host: str) -> RestsOn:
    """Of what told whether it is there; see `_judged`."""
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


def _takes_mail(dns: Mapping[str, Any], host: str) -> bool | None:
    """Of the host; of the whole domain only where the host is what stands for it."""
    domain = dns.get("registrable") or registrable_domain(host)
    names = {host, domain} if host in (domain, f"www.{domain}") else {host}
    told = [one for one in _questions(dns) if one.get("type") == "MX" and one.get("name") in names]
    if any(not str(value).endswith(" .") for one in told for value in one.get("values", ())):
        return True
    return False if told and all(one.get("outcome") in _TELLING for one in told) else None


def _has_no_address(dns: Mapping[str, Any], host: str) -> bool:
    if dns.get("addresses"):
        return False
    told = [
        one.get("outcome")
        for one in _questions(dns)
        if one.get("name") == host and one.get("type") in ("A", "AAAA")
    ]
    return bool(told) and all(outcome in _NOTHING for outcome in told)


def _of_dns(dns: Mapping[str, Any], host: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if dns.get("addresses"):
        found["addresses"] = sorted(dns["addresses"])[:_MOST]
    if dns.get("name_servers"):
        found["servers"] = _domains(dns["name_servers"])
    if _takes_mail(dns, host) is not None:
        found["mail"] = _domains(dns.get("mail_servers") or ())
    return found


def _of_registry(rdap: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if registrar := rdap.get("registrar_iana_id") or rdap.get("registrar"):
        found["registrar"] = _short(str(registrar))
        found["registrar-name"] = _short(str(rdap.get("registrar") or registrar))
    if rdap.get("registered_at"):
        found["registered"] = str(rdap["registered_at"])[:10]
    if rdap.get("on_hold") is not None:
        found["hold"] = bool(rdap["on_hold"])
    return found


def _of_network(network: Answer | None) -> dict[str, Any]:
    """Whose addresses they are: networks by number, else ranges by what their registry calls them.

    Only where all of them are known: a part would look like a move.
    """
    if network is None or network.outcome != "answered":
        return {}
    names: set[str] = set()
    for one in network.facts.get("networks", ()):
        numbers = [f"AS{number}" for number in one.get("asn") or ()]
        handle = one.get("handle") or one.get("name")
        if one.get("outcome") != "answered" or not (numbers or handle):
            return {}
        names |= set(numbers) or {str(handle)[:80]}
    return {"networks": sorted(names)[:_MOST]} if names else {}


def _of_certificate(certificate: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Its names below the domain of the host: shared certificates name many strangers."""
    if certificate.get("names") is None:
        return {}
    domain = registrable_domain(host)
    own = {n for n in certificate["names"] if n == domain or n.endswith(f".{domain}")}
    found: dict[str, Any] = {"certificate": sorted(own)[:_MOST]}
    if issuer := certificate.get("issuer_organisation"):
        found["issuer"] = _short(issuer)
    return found


def _of_shown_page(page: Answer | None, host: str) -> dict[str, Any]:
    told = page is not None and page.outcome in _TELLING
    return _of_page(page.facts, host) if page is not None and told else {}


def _of_page(page: Mapping[str, Any], host: str) -> dict[str, Any]:
    kind = page.get("kind")
    found: dict[str, Any] = {"kind": kind} if kind else {}
    if kind not in OWN_KINDS or page.get("charset") is None:
        # The title and text of an error or a parking page are nobody's.
        return found
    found["secrets"] = bool(page.get("asks_password") or page.get("asks_card"))
    found["sends"] = _domains(
        form["action_host"] for form in page.get("forms", ()) if form.get("off_site")
    )
    found["lands"] = registrable_domain(page.get("final_host") or host)
    found["mentions"] = sorted(page.get("mentions") or ())[:_MOST]
    if page.get("title"):
        found["title"] = _short(page["title"])
    if page.get("text_tlsh"):
        found["text"] = page["text_tlsh"]
    if hashes := [icon["phash"] for icon in page.get("icons", ()) if icon.get("phash")]:
        found["icon"] = hashes[0]
    return found


def _facts(answers: Mapping[str, Answer], aspect: str) -> Mapping[str, Any]:
    answer = answers.get(aspect)
    return answer.facts if answer is not None and answer.outcome in _TELLING else {}


def _questions(dns: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found = dns.get("questions")
    return found if isinstance(found, list) else ()


def _domains(hosts: Iterable[str]) -> list[str]:
    return sorted({registrable_domain(host.lower()) for host in hosts if host})[:_MOST]


def _hosts(links: Iterable[str]) -> list[str]:
    from urllib.parse import urlsplit

    found = set()
    for link in links:
        try:
            host = urlsplit(link if "//" in link else f"//{link}").hostname
        except ValueError:
            continue  # no address, whatever it is
        if host:
            found.add(host[:253])
    return sorted(found)[:_MOST]


def _short(text: str | None) -> str | None:
    return None if text is None else text[:_MOST_TEXT]


def _reason(answer: Answer | None) -> str:
    reason = answer.facts.get("reason") if answer is not None else None
    return f": {visible(str(reason))[:200]}" if reason else ""
