"""What a case's evidence says of who could act: hosts of the redirects, addresses, registration.

Only what registries and our own looks said counts: nothing that a page says of itself leads to a
mailbox, and the registrant's own contact is not even read, because whoever registers a name writes
it. What may be claimed (phishing, a mark) is taken from what was seen; a person may say otherwise.
Where redirects lead is the other side's choice as well: it adds doors, and takes none away.
Pure. May import: namaak.casework.contacts.scopes, namaak.casework.reading, namaak.platforms,
namaak.records, detectors.suffixes.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from detectors.suffixes import registrable_domain, suffix_list
from namaak.casework.contacts.scopes import Abuse
from namaak.casework.reading import CaseFile
from namaak.platforms import fold_platform
from namaak.platforms.table import is_host
from namaak.records import SubjectKind

#: Redirects longer than this say nothing new of who could act.
MAX_HOPS = 10
_MAX_ADDRESSES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """An address and what the regional registry says of its range."""

    address: str
    name: str | None = None
    holder: str | None = None
    abuse: tuple[str, ...] = ()  #: mailboxes of the role abuse
    asn: tuple[int, ...] = ()
    asked_at: datetime | None = None
    reason: str = ""  #: why nothing is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A host that a visitor passes; the first is the case's own."""

    number: int  #: of the step; the brand's own hosts are left out, so one may be missing
    host: str
    domain: str  #: that somebody registered
    suffix: str  #: the public suffix
    private_suffix: bool  #: a hosting service's and no registry's
    carries: bool = False  #: what is complained about was seen there
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What registry and registrar say of a domain."""

    domain: str
    registrar: str | None = None
    iana_id: str | None = None
    registrar_url: str | None = None
    abuse: tuple[str, ...] = ()  #: mailboxes of the registrar's role abuse
    name_servers: tuple[str, ...] = ()
    registered: bool | None = None
    asked_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """All that finding contacts needs to know of a case."""

    case_id: str
    brand_id: str
    subject_kind: str
    subject_key: str
    subject: str
    subject_state: str = "unknown"
    host: str | None = None
    domain: str | None = None  #: registrable domain of the host
    url: str | None = None  #: where a visitor ends; of an account its profile
    platform: str | None = None
    native_id: str | None = None
    handle: str | None = None
    hops: tuple[Hop, ...] = ()
    brand_hosts: tuple[str, ...] = ()  #: of the brand itself, to which visitors are sent on
    ends_at_brand: bool = False  #: what its page shows is the brand's own
    registrations: tuple[Registration, ...] = ()
    networks: tuple[Network, ...] = ()
    name_servers: tuple[str, ...] = ()
    mail_servers: tuple[str, ...] = ()
    mail_only: bool = False  #: takes mail and has no site
    abuse: frozenset[Abuse] = frozenset()  #: what may be claimed
    abuse_reasons: tuple[str, ...] = field(default=())  #: a sentence for each

    @property
    def passed_domains(self) -> frozenset[str]:
        """Domains whose servers are asked nothing: their owner may be whom the case is about."""
        return frozenset(hop.domain for hop in self.hops)

    @property
    def as_numbers(self) -> Mapping[int, int]:
        """Those that announce an address of a hop, with the number of the first such hop."""
        found: dict[int, int] = {}
        for hop in self.hops:
            for address in hop.addresses:
                told = self.network(address)
                for number in told.asn if told is not None else ():
                    found.setdefault(number, hop.number)
        return found

    def on_site(self, number: int) -> bool:
        """Whether a step is the case's own host, or another one of its domain."""
        return number == 0 or any(
            hop.number == number and hop.domain == self.domain for hop in self.hops
        )

    def registration(self, domain: str) -> Registration | None:
        """What is known of one domain."""
        return next((one for one in self.registrations if one.domain == domain), None)

    def network(self, address: str) -> Network | None:
        """What is known of one address."""
        return next((one for one in self.networks if one.address == address), None)


def case_facts(
    found: CaseFile, *, official: Collection[str], abuse: Iterable[Abuse] | None = None
) -> CaseFacts:
    """The facts of a case. abuse: what a person claims; None: what the evidence supports.

    official: domains of the brands that are watched. Imitators send visitors on to them: whoever
    hosts them is not complained to, and what their pages show is not claimed. No default: who
    forgot them would accuse a host of asking for the passwords that the brand asks for.
    """
    case = found.case
    known = _known(found.enrichments)
    kind = case["subject_kind"]
    page, dns = _facts(known, "page"), _facts(known, "dns")
    to_brand = ends_at_brand(case, page, official)
    supported, reasons = _claims(case, {} if to_brand else page, dns, found.profile)
    if abuse is not None:
        supported, reasons = set(abuse), ()
    told = (
        _of_host(case, known, official)
        if kind == SubjectKind.HOST
        else _of_account(case, found.profile)
    )
    return CaseFacts(
        case_id=case["case_id"],
        brand_id=case["brand_id"],
        subject_kind=kind,
        subject_key=case["subject_key"],
        subject=case["subject"],
        subject_state=case["subject_state"],
        abuse=frozenset(supported),
        abuse_reasons=reasons,
        ends_at_brand=to_brand,
        **told,
    )


def ends_at_brand(
    case: Mapping[str, Any], page: Mapping[str, Any], official: Collection[str]
) -> bool:
    """Whether a visitor ends at a page of the brand, whose name and forms are the brand's own.

    Not where the case is a host of the brand itself: that may be taken over.
    """
    final = page.get("final_host")
    own = str(case["subject_key"]).removeprefix("host:")
    return isinstance(final, str) and final != own and is_below(final, official)


def is_below(host: str, domains: Iterable[str]) -> bool:
    """Whether a host is one of these domains, or lies below one."""
    return any(host == one or host.endswith(f".{one}") for one in domains)


def hop_of(number: int, host: str, addresses: Iterable[str] = (), *, carries: bool = False) -> Hop:
    """A host with what the public suffix list says of it."""
    split = suffix_list().split(host)
    return Hop(
        number=number,
        host=host,
        domain=registrable_domain(host),
        suffix=host[split.suffix :],
        private_suffix=split.private,
        carries=carries,
        addresses=tuple(dict.fromkeys(one for one in addresses if is_address(one))),
    )


def is_address(text: object) -> bool:
    """Whether it is an IPv4 or IPv6 address.

    >>> is_address("192.0.2.1"), is_address("192.0.2.1.example"), is_address(None)
    (True, False, False)
    """
    try:
        ipaddress.ip_address(str(text))
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Known:
    facts: Mapping[str, Any]
    asked_at: datetime


def _known(enrichments: Iterable[Mapping[str, Any]]) -> dict[str, _Known]:
    """The newest answer of each aspect that said something."""
    kept: dict[str, _Known] = {}
    for row in enrichments:
        if not row["known"] or row["facts"] is None:
            continue
        before = kept.get(row["aspect"])
        if before is None or before.asked_at < row["asked_at"]:
            facts = json.loads(row["facts"])
            kept[row["aspect"]] = _Known(facts if isinstance(facts, dict) else {}, row["asked_at"])
    return kept


def _of_host(
    case: Mapping[str, Any], known: Mapping[str, _Known], official: Collection[str]
) -> dict[str, Any]:
    host = str(case["subject_key"]).removeprefix("host:")
    dns, page = _facts(known, "dns"), _facts(known, "page")
    passed = _hops(host, _texts(dns.get("addresses")), page)
    # The case's own host stays, wherever it lies: a host of the brand may be taken over.
    brands = {hop.number for hop in passed[1:] if is_below(hop.host, official)}
    hops = tuple(hop for hop in passed if hop.number not in brands)
    return {
        "host": host,
        "domain": hops[0].domain,
        "url": page.get("url") or f"http://{host}/",
        "hops": hops,
        "brand_hosts": tuple(hop.host for hop in passed if hop.number in brands),
        "registrations": _registrations(known.get("rdap")),
        "networks": _networks(known.get("network")),
        "name_servers": tuple(_texts(dns.get("name_servers"))),
        "mail_servers": tuple(_texts(dns.get("mail_servers"))),
        "mail_only": dns.get("mail_without_web") is True,
    }


def _hops(host: str, addresses: list[str], page: Mapping[str, Any]) -> tuple[Hop, ...]:
    passed: dict[str, list[str]] = {host: list(addresses)}
    steps = page.get("hops")
    for step in steps if isinstance(steps, list) else ():
        if not isinstance(step, dict):
            continue
        named = host_of(step.get("url"))
        if named is not None and (named in passed or len(passed) < MAX_HOPS):
            passed.setdefault(named, []).append(str(step.get("address")))
    final = page.get("final_host")
    if isinstance(final, str) and is_host(final):
        passed.setdefault(final, [])
    return tuple(
        hop_of(number, name, seen[:_MAX_ADDRESSES], carries=name == final and _shows_abuse(page))
        for number, (name, seen) in enumerate(passed.items())
    )


def _shows_abuse(page: Mapping[str, Any]) -> bool:
    return bool(page.get("mentions") or page.get("asks_password") or page.get("asks_card"))


def host_of(url: object) -> str | None:
    """The host of a web address; None where it has none that could be one."""
    try:
        host = (urlsplit(str(url)).hostname or "").lower().removesuffix(".")
    except ValueError:
        return None
    return host if is_host(host) else None


def registration_of(facts: Mapping[str, Any], asked_at: datetime) -> Registration:
    """What an answer of the aspect rdap says; of a domain that it names."""
    return Registration(
        domain=facts["domain"],
        registrar=_text(facts.get("registrar")),
        iana_id=_text(facts.get("registrar_iana_id")),
        registrar_url=_text(facts.get("registrar_url")),
        abuse=tuple(_mails(facts.get("abuse"))),
        name_servers=tuple(_texts(facts.get("name_servers"))),
        registered=facts.get("registered"),
        asked_at=asked_at,
        reason=_text(facts.get("reason")) or "",
    )


def _registrations(rdap: _Known | None) -> tuple[Registration, ...]:
    if rdap is None or not isinstance(rdap.facts.get("domain"), str):
        return ()
    return (registration_of(rdap.facts, rdap.asked_at),)


def _networks(answer: _Known | None) -> tuple[Network, ...]:
    rows = answer.facts.get("networks") if answer is not None else None
    if answer is None or not isinstance(rows, list):
        return ()
    return tuple(
        Network(
            address=row["address"],
            name=_text(row.get("name")),
            holder=_text(row.get("holder")),
            abuse=tuple(_mails(row.get("abuse"))),
            asn=tuple(one for one in row.get("asn") or () if isinstance(one, int)),
            asked_at=answer.asked_at,
            reason=_text(row.get("reason")) or "",
        )
        for row in rows
        if isinstance(row, dict) and is_address(row.get("address"))
    )


def _of_account(case: Mapping[str, Any], profile: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    kind, _, rest = str(case["subject_key"]).partition(":")
    if kind not in (SubjectKind.ACCOUNT, SubjectKind.APP):
        return {}
    platform, _, native = rest.partition(":")
    last = max(profile, key=lambda row: row["version"], default=None)
    handle = native.removeprefix("@") if native.startswith("@") else None
    return {
        "platform": fold_platform(platform),
        "native_id": None if handle else native or None,
        "handle": (last and last.get("handle")) or handle,
        "url": last and last.get("url"),
    }


def _claims(
    case: Mapping[str, Any],
    page: Mapping[str, Any],
    dns: Mapping[str, Any],
    profile: Iterable[Mapping[str, Any]],
) -> tuple[set[Abuse], tuple[str, ...]]:
    """What the evidence supports, with a sentence each. Never more than was seen.

    page: of the case itself; empty where its visitors end at the brand.
    """
    claims = {Abuse.TRADEMARK: "the name or picture of the brand is used"}
    if case["subject_kind"] != SubjectKind.HOST:
        claims[Abuse.IMPERSONATION] = "an account, app or picture looks like the brand's"
    named = bool(page.get("mentions"))
    if page and named:
        claims[Abuse.IMPERSONATION] = "its page names the brand"
    if page and (page.get("asks_password") or page.get("asks_card")):
        what = "a password" if page.get("asks_password") else "a card number"
        claims[Abuse.PHISHING] = f"its page asks for {what}"
    if dns.get("mail_without_web") is True or (dns.get("mail_capable") and not page):
        claims[Abuse.SUSPICIOUS_REGISTRATION] = "it can take and send mail under this name"
    flags = {flag for row in profile for flag in row.get("flags") or ()}
    if "scam" in flags:
        claims[Abuse.FRAUD] = "the platform itself marked it as a scam"
    return set(claims), tuple(f"{abuse}: {says}" for abuse, says in claims.items())


def _facts(known: Mapping[str, _Known], aspect: str) -> Mapping[str, Any]:
    found = known.get(aspect)
    return found.facts if found is not None else {}


def _mails(contact: object) -> list[str]:
    return _texts(contact.get("email")) if isinstance(contact, dict) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
