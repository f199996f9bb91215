"""What the DNS says of a host and of the domain somebody registered for it.

First whether the domain is there at all; where it is not, or nobody can say, nothing else is
asked. Every question keeps its own outcome, so that a server that fails for one type of record
does not make the others unknown.
May import: namaak.enriching, namaak.fetch, namaak.resolving, detectors.suffixes.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from detectors.suffixes import registrable_domain
from namaak import resolving
from namaak.enriching.facts import DnsFacts, Question
from namaak.enriching.findings import VERSION, Aspect, Finding, Outcome
from namaak.enriching.intervals import due_after
from namaak.enriching.parking import parking_signs, parking_table
from namaak.fetch.addresses import refusal
from namaak.resolving import Answer, Resolver, Wildcard

_MAX_VALUES = 50
_ALL = re.compile(r"(?:^|\s)([-~?+]?)all(?=\s|$)", re.IGNORECASE)
_POLICY = re.compile(r"(?:^|;)\s*p\s*=\s*(none|quarantine|reject)\s*(?=;|$)", re.IGNORECASE)


async def ask_dns(resolver: Resolver, host: str, *, clock: Callable[[], datetime]) -> Finding:
    """Never raises for what a server says or leaves unsaid. host: A-labels, lower case."""
    asked_at = clock()
    domain = registrable_domain(host)
    answers = list(await asyncio.gather(resolver.ask(domain, "SOA"), resolver.ask(domain, "NS")))
    below: Wildcard | None = None
    beside: Wildcard | None = None
    if any(answer.outcome.exists for answer in answers):
        questions = [
            *((name, type_) for name in dict.fromkeys((host, domain)) for type_ in ("A", "AAAA")),
            *((name, "MX") for name in dict.fromkeys((domain, host))),
            (domain, "TXT"),
            (f"_dmarc.{domain}", "TXT"),
            (domain, "CAA"),
        ]
        suffix = domain.partition(".")[2]
        more, below, beside = await asyncio.gather(
            asyncio.gather(*(resolver.ask(name, type_) for name, type_ in questions)),
            resolver.wildcard(domain),
            resolver.wildcard(suffix) if suffix else _nothing(),
        )
        answers += more
    facts = dns_facts(host, domain, answers, below=below, beside=beside)
    outcome = _outcome(answers)
    if outcome is not Outcome.ANSWERED:
        facts["reason"] = _reason(domain, outcome, answers)
    servers = sorted({answer.resolver for answer in answers if answer.resolver})
    return Finding(
        host=host,
        aspect=Aspect.DNS,
        asked_at=asked_at,
        vantage=f"resolver {' '.join(servers)}" if servers else "no resolver was asked",
        outcome=outcome,
        facts=facts,
        version=f"{VERSION} parking {parking_table().version}",
        due_at=due_after(Aspect.DNS, outcome, asked_at),
    )


async def _nothing() -> None:
    return None


def dns_facts(
    host: str,
    domain: str,
    answers: Sequence[Answer],
    *,
    below: Wildcard | None,
    beside: Wildcard | None,
) -> DnsFacts:
    """below, beside: whether any label under the domain, or under its suffix, gets an answer.

    Pure. The answers are those of `ask_dns`, some of them missing where it stopped early.
    """
    asked = {(answer.name, answer.type): answer for answer in answers}

    def values(name: str, type_: str) -> tuple[str, ...]:
        answer = asked.get((name, type_))
        return answer.values[:_MAX_VALUES] if answer else ()

    own = [asked[domain, type_] for type_ in ("SOA", "NS", "A") if (domain, type_) in asked]
    told = {answer.outcome.exists for answer in own} - {None}
    # One server that says there is no such name knows; the silence of others does not undo it.
    exists = True in told if told else None
    # Where every name beside it exists too, this one need not be anybody's.
    by_wildcard = beside is not None and any(beside.explains(answer) for answer in own)
    addresses = [*values(host, "A"), *values(host, "AAAA")]
    apex = [*values(domain, "A"), *values(domain, "AAAA")]
    reached = [asked.get((name, type_)) for name in (host, domain) for type_ in ("A", "AAAA")]
    answers_at_all = False if exists is False else _any(_has_values(answer) for answer in reached)
    mail = sorted(
        {value for name in (domain, host) for value in values(name, "MX")}, key=_preference
    )
    servers = list(dict.fromkeys(target for value in mail if (target := _target(value)) != "."))
    mail_capable = (
        False
        if exists is False
        else _any(
            _has_values(asked.get((name, "MX")), but_not=_is_null_mx)
            for name in dict.fromkeys((domain, host))
        )
    )
    spf = next((text for text in values(domain, "TXT") if _is_spf(text)), None)
    dmarc = next((text for text in values(f"_dmarc.{domain}", "TXT") if _is_dmarc(text)), None)
    ttls = [answer.ttl for answer in reached if answer is not None and answer.ttl is not None]
    return DnsFacts(
        registrable=domain,
        questions=[_question(answer) for answer in answers],
        registered=True if exists and not by_wildcard else None,
        delegated=_delegated(asked.get((domain, "NS"))),
        exists=exists,
        suffix_wildcard=by_wildcard,
        answers=answers_at_all,
        addresses=addresses,
        apex_addresses=apex,
        private_addresses=sorted({one for one in (*addresses, *apex) if not _is_public(one)}),
        name_servers=list(values(domain, "NS")),
        soa=next(iter(values(domain, "SOA")), None),
        mail_servers=servers,
        null_mx=None if mail_capable is None else any(map(_is_null_mx, mail)),
        mail_capable=mail_capable,
        mail_without_web=(
            None if mail_capable is None or answers_at_all is None
            else mail_capable and not answers_at_all
        ),
        spf=spf,
        spf_all=_spf_all(spf),
        dmarc=dmarc,
        dmarc_policy=found[1].lower() if dmarc and (found := _POLICY.search(dmarc)) else None,
        caa=list(values(domain, "CAA")),
        wildcard=_is_wildcard(below, exists),
        wildcard_addresses=sorted(below.addresses) if below else [],
        parking=parking_signs(
            name_servers=values(domain, "NS"),
            # Only of what the host and its domain lead to. Mail, policies and the like may point
            # anywhere at no cost.
            aliases=dict.fromkeys(
                alias for answer in reached if answer is not None for alias in answer.aliases
            ),
        ),
        min_ttl=min(ttls, default=None),
    )  # fmt: skip


def _has_values(
    answer: Answer | None, *, but_not: Callable[[str], bool] = lambda value: False
) -> bool | None:
    """Whether there is a record, where the answer tells."""
    if answer is None or answer.outcome.exists is None:
        return None
    return not all(map(but_not, answer.values))


def _any(parts: Iterable[bool | None]) -> bool | None:
    """True if one is; False if all are; else it cannot be told."""
    seen = list(parts)
    if any(seen):
        return True
    return False if seen and all(part is False for part in seen) else None


def _delegated(name_servers: Answer | None) -> bool | None:
    if name_servers is None or name_servers.outcome.exists is None:
        return None
    return bool(name_servers.values)


def _is_wildcard(below: Wildcard | None, exists: bool | None) -> bool | None:
    if below is None:
        return False if exists else None
    return below.answers_for_all


def _is_public(address: str) -> bool:
    try:
        return refusal(ipaddress.ip_address(address)) is None
    except ValueError:
        return False


def _preference(value: str) -> tuple[int, str]:
    number, _, target = value.partition(" ")
    return (int(number) if number.isdecimal() else 1 << 16, target)


def _target(value: str) -> str:
    return value.partition(" ")[2]


def _is_null_mx(value: str) -> bool:
    """RFC 7505: takes no mail at all."""
    return _target(value) == "."


def _is_spf(text: str) -> bool:
    return text.lower().partition(" ")[0] == "v=spf1"


def _is_dmarc(text: str) -> bool:
    return text.lower().replace(" ", "").startswith("v=dmarc1")


def _spf_all(spf: str | None) -> str | None:
    """What happens to mail from elsewhere; a bare `all` lets everybody send.

    >>> _spf_all("v=spf1 include:mail.example ~all"), _spf_all("v=spf1 all"), _spf_all("v=spf1 mx")
    ('~', '+', None)
    """
    found = _ALL.search(spf or "")
    return (found[1] or "+") if found else None


def _question(answer: Answer) -> Question:
    return Question(
        name=answer.name,
        type=answer.type,
        outcome=answer.outcome.value,
        values=list(answer.values[:_MAX_VALUES]),
        ttl=answer.ttl,
    )


def _outcome(answers: Sequence[Answer]) -> Outcome:
    outcomes = [answer.outcome for answer in answers]
    if resolving.Outcome.ANSWERED in outcomes:
        return Outcome.ANSWERED
    if any(outcome.exists for outcome in outcomes):
        return Outcome.EMPTY
    if resolving.Outcome.ABSENT in outcomes:
        return Outcome.ABSENT
    return Outcome(outcomes[-1].value)


def _reason(domain: str, outcome: Outcome, answers: Sequence[Answer]) -> str:
    match outcome:
        case Outcome.ABSENT:
            return f"{domain} does not exist in the DNS"
        case Outcome.EMPTY:
            return f"{domain} exists in the DNS and holds nothing that was asked for"
    says = next((answer.says for answer in reversed(answers) if answer.says), "")
    return f"the name servers of {domain} gave no answer" + (f": {says}" if says else "")
