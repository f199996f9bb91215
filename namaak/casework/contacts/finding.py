"""Contacts out of what is known already: the table of providers, registries' answers, a guess.

Each hop of the redirects counts, because a visitor passes them all and any of them can be cut. None
of them takes away whom a registry names for the case's own address or domain: whoever is complained
about could else lead visitors through his host's site, and be rid of the host.
What was looked for in vain is kept with its reason: "no contact" must not look like "not asked".
Pure. May import: namaak.casework.contacts, namaak.platforms, namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time

from namaak.casework.contacts.contact import Contact, ContactFailure, Found
from namaak.casework.contacts.facts import CaseFacts, Hop, hop_of
from namaak.casework.contacts.mailboxes import Box, Refused, usable
from namaak.casework.contacts.providers import Match, Route, matches_of, providers
from namaak.casework.contacts.scopes import Channel, Scope, Source
from namaak.platforms import platform
from namaak.platforms.table import is_host
from namaak.records import SubjectKind

#: How a failure begins that only says that there was no question.
NOBODY_ASKED = "no registry was asked"
#: What whoever an address belongs to may be, the first that the table knows.
_OF_ADDRESS = (Scope.CDN, Scope.HOST, Scope.NETWORK)


def known_contacts(facts: CaseFacts, *, now: datetime) -> Found:
    """Everything that can be said without asking anybody. Not ranked."""
    matches = matches_of(facts)
    found = Found(contacts=tuple(_curated(facts, matches)))
    if facts.subject_kind == SubjectKind.HOST:
        for hop in facts.hops:
            found += _registrar(facts, hop, matches, now)
            for address in hop.addresses:
                found += _network(facts, hop, address, matches, now)
            if not hop.addresses:
                found += _without_address(facts, hop, now)
        found += _of_brand(facts, now)
    else:
        found += _platform(facts, matches, now)
    return found + _guesses(facts, found.contacts, now)


def own_domains(facts: CaseFacts, about: int | None = None) -> frozenset[str]:
    """Domains whose mailboxes are the other side's.

    about: the step that registries were asked about; None for what others say. For the case's own
    host only its own domain counts. For another step its own counts too, and each where what is
    complained about was seen. Never a provider's: whose host is complained about has no mailbox at
    the domain of whoever gave it.
    """
    first = {facts.domain} if facts.domain else set()
    if about is not None and facts.on_site(about):
        further = set()
    else:
        further = {hop.domain for hop in facts.hops if hop.carries or hop.number == about}
    theirs = {domain for one in providers() for domain in one.domains}
    return frozenset((first | further) - theirs)


def _curated(facts: CaseFacts, matches: Iterable[Match]) -> Iterator[Contact]:
    for match in matches:
        for route in match.provider.routes:
            if route.scope is not match.scope:
                continue
            address = _filled(route, facts)
            if address is None:
                continue
            yield Contact(
                scope=route.scope,
                channel=route.channel,
                address=address,
                source=Source.TABLE,
                subject=match.subject,
                checked_at=datetime.combine(route.checked, time(), UTC),
                provider_id=match.provider.id,
                provider_name=match.provider.name,
                curated=True,
                guess=match.guess,
                hop=match.hop,
                note=_said(match, route),
            )


def _said(match: Match, route: Route) -> str:
    sure = "" if route.documented else "not published by them as far as we read"
    return "; ".join(part for part in (match.by, route.note, sure) if part)


def _filled(route: Route, facts: CaseFacts) -> str | None:
    """The address of a route; {server} is the account's own server. None without one."""
    if "{server}" not in route.address:
        return route.address
    server = (facts.handle or "").rpartition("@")[2].lower()
    return route.address.replace("{server}", server) if is_host(server) else None


def _platform(facts: CaseFacts, matches: Iterable[Match], now: datetime) -> Found:
    """Where the table of providers has no row, that of platforms may know its rules."""
    if any(match.scope in (Scope.PLATFORM, Scope.STORE) for match in matches):
        return Found()
    scope = Scope.STORE if facts.subject_kind == SubjectKind.APP else Scope.PLATFORM
    row = platform(facts.platform) if facts.platform else None
    if row is None or row.report is None:
        what = "a picture has no platform" if facts.platform is None else (
            f"no table says where {facts.platform} takes reports"
        )  # fmt: skip
        failure = ContactFailure(
            scope=scope, source=Source.PLATFORMS, subject=facts.subject, says=what, checked_at=now
        )
        return Found(failures=(failure,))
    contact = Contact(
        scope=scope, channel=Channel.FORM, address=row.report, source=Source.PLATFORMS,
        subject=facts.subject, checked_at=now, provider_name=row.name,
        note="its rules or its form for reports",
    )  # fmt: skip
    return Found(contacts=(contact,))


def _registrar(facts: CaseFacts, hop: Hop, matches: tuple[Match, ...], now: datetime) -> Found:
    def failed(says: str, at: datetime | None = None) -> Found:
        failure = ContactFailure(
            scope=Scope.REGISTRAR, source=Source.RDAP, subject=hop.domain, says=says,
            checked_at=at or now,
        )  # fmt: skip
        return Found(failures=(failure,))

    if hop.private_suffix:
        return failed(f"{hop.domain} was never registered: it lies below the host's own domain")
    if (owner := _provider_of(hop)) is not None:
        return failed(f"{hop.domain} is {owner}'s own, whose registrar has nothing to do with it")
    told = facts.registration(hop.domain)
    if told is None:
        # The enrichment keeps the answers about the case's own host.
        way = "--look-up" if hop.number else "`namaak enrich`"
        return failed(f"{NOBODY_ASKED} who registered it; {way} asks")
    if told.registered is False:
        return failed("the registry says that it is not registered", told.asked_at)
    if not told.abuse:
        why = told.reason or "neither registry nor registrar names a mailbox for abuse"
        return failed(why, told.asked_at)
    named = _matched(matches, Scope.REGISTRAR, hop.domain)
    return boxes(
        facts, told.abuse, scope=Scope.REGISTRAR, subject=hop.domain, hop=hop.number,
        name=told.registrar, provider=named, at=told.asked_at or now, source=Source.RDAP,
        note="mailbox for abuse of the registrar, as the registry tells it",
    )  # fmt: skip


def _provider_of(hop: Hop) -> str | None:
    """Whose the domain is, where it is a provider's: others only have a page or link there."""
    return next((one.name for one in providers() if hop.domain in one.domains), None)


def _network(
    facts: CaseFacts, hop: Hop, address: str, matches: tuple[Match, ...], now: datetime
) -> Found:
    told = facts.network(address)
    if told is None or not told.abuse:
        why = f"{NOBODY_ASKED} whose it is; `namaak enrich` and --look-up ask"
        if told is not None:
            why = told.reason or "its regional registry names no mailbox for abuse"
        failure = ContactFailure(
            scope=Scope.HOST, source=Source.RDAP, subject=address, says=why,
            checked_at=(told and told.asked_at) or now,
        )  # fmt: skip
        return Found(failures=(failure,))
    scope, named = scope_of_address(matches, address)
    return boxes(
        facts, told.abuse, scope=scope, subject=address, hop=hop.number,
        name=told.holder or told.name, provider=named, at=told.asked_at or now,
        source=Source.RDAP, note="mailbox for abuse of the range, as its registry tells it",
    )  # fmt: skip


def scope_of_address(matches: Iterable[Match], address: str) -> tuple[Scope, Match | None]:
    """Before a delivery network's address there is no host to be found, only the network.

    A guess says nothing here: a box of the range would become somebody else's.
    """
    for scope in _OF_ADDRESS:
        if named := _matched(matches, scope, address):
            return scope, named
    return Scope.HOST, None


def _matched(matches: Iterable[Match], scope: Scope, subject: str) -> Match | None:
    return next(
        (one for one in matches if one.scope is scope and one.subject == subject and not one.guess),
        None,
    )


def _without_address(facts: CaseFacts, hop: Hop, now: datetime) -> Found:
    says = (
        "it takes mail and has no address, so nobody hosts a page"
        if facts.mail_only and hop.number == 0
        else "no address of it is known"
    )
    failure = ContactFailure(
        scope=Scope.HOST, source=Source.RDAP, subject=hop.host, says=says, checked_at=now
    )
    return Found(failures=(failure,))


def _of_brand(facts: CaseFacts, now: datetime) -> Found:
    """That visitors end at the brand is a fact of the case, and its providers are no door of it."""
    return Found(
        failures=tuple(
            ContactFailure(
                scope=Scope.HOST, source=Source.RDAP, subject=host, checked_at=now,
                says="the brand's own, to which visitors are sent on: nobody there is written to",
            )
            for host in facts.brand_hosts
        )
    )  # fmt: skip


def boxes(
    facts: CaseFacts,
    mailboxes: Iterable[str],
    *,
    scope: Scope,
    subject: str,
    hop: int,
    name: str | None,
    provider: Match | None,
    at: datetime,
    source: Source,
    note: str,
) -> Found:
    """The mailboxes that may be written to, of those that registries name; of others why not."""
    contacts, failures = [], []
    own = own_domains(facts, hop)
    for text in mailboxes:
        try:
            box = usable(text, own_domains=own)
        except Refused as refused:
            failures.append(
                ContactFailure(
                    scope=scope, source=source, subject=subject, says=str(refused), checked_at=at
                )
            )
            continue
        contacts.append(
            Contact(
                scope=scope, channel=Channel.MAIL, address=box.address, source=source,
                subject=subject, checked_at=at, hop=hop,
                provider_id=provider.provider.id if provider else None,
                provider_name=provider.provider.name if provider else name,
                note="; ".join(part for part in (note, box.note, _led_to(facts, box)) if part),
            )
        )  # fmt: skip
    return Found(contacts=tuple(contacts), failures=tuple(failures))


def _led_to(facts: CaseFacts, box: Box) -> str:
    """It may be the other side's after all; that a person sees, and a redirect does not decide."""
    domain = hop_of(0, box.address.rpartition("@")[2]).domain
    if domain not in facts.passed_domains:
        return ""
    return f"visitors are led through {domain} too: look whose it is before you write"


def _guesses(facts: CaseFacts, contacts: tuple[Contact, ...], now: datetime) -> Found:
    """abuse@ the provider's own domain, where a provider is known and no mailbox of it is.

    RFC 2142 asks everybody who runs a network to read it. Never at a domain of the case.
    """
    guesses = []
    for hop in facts.hops:
        told = facts.registration(hop.domain)
        if told is None or not told.registrar_url:
            continue
        if hop.private_suffix or told.registered is False or _provider_of(hop) is not None:
            continue
        if any(one.scope is Scope.REGISTRAR and one.subject == hop.domain for one in contacts):
            continue
        domain = website_domain(told.registrar_url)
        if domain is None or domain in own_domains(facts, hop.number):
            continue
        guesses.append(
            Contact(
                scope=Scope.REGISTRAR, channel=Channel.MAIL, address=f"abuse@{domain}",
                source=Source.GUESS, subject=hop.domain, checked_at=now, guess=True,
                provider_name=told.registrar, hop=hop.number,
                note="a guess by RFC 2142: nobody says that it is read",
            )
        )  # fmt: skip
    return Found(contacts=tuple(guesses))


def website_domain(url: str) -> str | None:
    """The registrable domain of a provider's own website, as a registry tells it.

    >>> website_domain("https://www.registrar.example/abuse"), website_domain("javascript:1")
    ('registrar.example', None)
    """
    text = url.strip().lower()
    scheme, mark, rest = text.partition("://")
    host = (rest if mark else text).partition("/")[0].partition(":")[0]
    if (mark and scheme not in ("http", "https")) or not is_host(host):
        return None
    return hop_of(0, host).domain
