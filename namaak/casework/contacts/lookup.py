"""Asking who takes complaints about an address, an AS number, or what a provider says itself.

Three things are asked, and only when a person wants it: a public look-up of abuse contacts in the
form of RIPEstat's data interface (read November 2026), which learns what is looked at; registries,
about domains that redirects lead through; and the security.txt of providers that registries named.
Never a host of the case: its owner would name himself, and would see who asks.
May import: namaak.casework.contacts, namaak.enriching, namaak.fetch, namaak.errors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError

from namaak.casework.contacts.contact import Contact, ContactFailure, Found
from namaak.casework.contacts.facts import (
    CaseFacts,
    Hop,
    Registration,
    is_address,
    registration_of,
)
from namaak.casework.contacts.finding import boxes, own_domains, scope_of_address, website_domain
from namaak.casework.contacts.mailboxes import Refused, usable
from namaak.casework.contacts.providers import Match, matches_of, providers
from namaak.casework.contacts.scopes import Channel, Scope, Source
from namaak.casework.contacts.security_txt import NoSecurityTxt, read_security_txt
from namaak.enriching.bootstrap import Bootstrap
from namaak.enriching.rdap import ask_rdap
from namaak.fetch import Fetcher, FetchError, Limits

#: RIPEstat's data interface. Others that answer alike may stand in its place.
LOOK_UP = "https://stat.ripe.net/data/abuse-contact-finder/data.json"
#: More are not asked about in one go: redirects through many servers lead to the same providers.
MAX_ADDRESSES = 8
MAX_NUMBERS = 8
MAX_DOMAINS = 4
MAX_FILES = 4
_MAX_MAILBOXES = 10
_LIMITS = Limits(max_bytes=256 << 10)


class _Data(BaseModel):
    """The part that is needed; others are left alone."""

    abuse_contacts: list[str] = Field(max_length=100)


class _Answer(BaseModel):
    status: str
    data: _Data


async def look_up(
    fetch: Fetcher,
    facts: CaseFacts,
    *,
    now: datetime,
    base_url: str = LOOK_UP,
    bootstrap: Bootstrap | None = None,
    ports: tuple[int, ...] = (80, 443),
    scheme: str = "https",
) -> Found:
    """Ask about all addresses and AS numbers of the hops, their domains, then providers' own files.

    Never raises for what a server says or leaves unsaid. bootstrap: whom to ask about domains;
    without it nobody is. scheme: of the files; another than https is for peers on loopback.
    """
    found = Found()
    if bootstrap is not None:
        facts, found = await _ask_registries(fetch, bootstrap, facts, ports=ports, now=now)
    matches = matches_of(facts)
    addresses = [(one, hop.number) for hop in facts.hops for one in hop.addresses]
    for address, hop in dict(addresses[:MAX_ADDRESSES]).items():
        scope, named = scope_of_address(matches, address)
        found += await _ask(
            fetch, facts, address, base_url=base_url, ports=ports, now=now, scope=scope,
            hop=hop, named=named,
        )  # fmt: skip
    numbers = facts.as_numbers
    for number, hop in list(numbers.items())[:MAX_NUMBERS]:
        found += await _ask(
            fetch, facts, f"AS{number}", base_url=base_url, ports=ports, now=now,
            scope=Scope.NETWORK, hop=hop, named=None,
        )  # fmt: skip
    left = max(0, len(addresses) - MAX_ADDRESSES) + max(0, len(numbers) - MAX_NUMBERS)
    if left:
        found += Found(
            failures=(
                ContactFailure(
                    scope=Scope.HOST, source=Source.LOOKUP, subject=facts.subject,
                    says=f"{left} addresses and AS numbers more were not asked about",
                    checked_at=now,
                ),
            )
        )  # fmt: skip
    for domain, scope, subject, name in _files(facts, matches)[:MAX_FILES]:
        found += await _ask_file(
            fetch, facts, f"{scheme}://{domain}/.well-known/security.txt", scope=scope,
            subject=subject, name=name, ports=ports, now=now,
        )  # fmt: skip
    return found


async def _ask_registries(
    fetch: Fetcher, bootstrap: Bootstrap, facts: CaseFacts, *, ports: tuple[int, ...], now: datetime
) -> tuple[CaseFacts, Found]:
    """The facts with the registrations of domains that redirects lead through, and their boxes.

    The case's own domain is the enrichment's to ask about, which keeps the answers.
    """
    theirs = {domain for one in providers() for domain in one.domains}
    wanted = [
        hop
        for hop in facts.hops[1:]
        if not hop.private_suffix
        and hop.domain not in theirs
        and facts.registration(hop.domain) is None
    ]
    told: dict[str, tuple[Hop, Registration]] = {}
    for hop in wanted[:MAX_DOMAINS]:
        if hop.domain not in told:
            answer = await ask_rdap(fetch, bootstrap, hop.domain, clock=lambda: now, ports=ports)
            told[hop.domain] = hop, registration_of(answer.facts, now)
    known = replace(facts, registrations=(*facts.registrations, *(one for _, one in told.values())))
    matches = matches_of(known)
    found = Found()
    for hop, one in told.values():
        if not one.abuse:
            why = one.reason or "neither registry nor registrar names a mailbox for abuse"
            found += Found(
                failures=(
                    ContactFailure(
                        scope=Scope.REGISTRAR, source=Source.LOOKUP, subject=hop.domain,
                        says=why, checked_at=now,
                    ),
                )
            )  # fmt: skip
            continue
        named = (m for m in matches if m.scope is Scope.REGISTRAR and m.subject == hop.domain)
        found += boxes(
            known, one.abuse, scope=Scope.REGISTRAR, subject=hop.domain, hop=hop.number,
            name=one.registrar, provider=next(named, None), at=now, source=Source.LOOKUP,
            note="mailbox for abuse of the registrar, asked of the registry just now",
        )  # fmt: skip
    return known, found


async def _ask(
    fetch: Fetcher,
    facts: CaseFacts,
    resource: str,
    *,
    base_url: str,
    ports: tuple[int, ...],
    now: datetime,
    scope: Scope,
    hop: int,
    named: Match | None,
) -> Found:
    def failed(says: str) -> Found:
        failure = ContactFailure(
            scope=scope, source=Source.LOOKUP, subject=resource, says=says, checked_at=now
        )
        return Found(failures=(failure,))

    # An address of the facts was checked to be one; nothing else gets into a URL.
    mark = "&" if "?" in base_url else "?"
    url = f"{base_url}{mark}resource={quote(resource, safe='')}&sourceapp=namaak"
    try:
        reply = await fetch.get(url, limits=_LIMITS, ports=ports)
    except FetchError as error:
        return failed(f"the look-up of abuse contacts {error.says}")
    try:
        answer = _Answer.model_validate(json.loads(reply.body))
    except (ValidationError, ValueError, RecursionError):
        return failed("the look-up of abuse contacts gave an answer that cannot be read")
    if answer.status != "ok":
        return failed("the look-up of abuse contacts says that it could not look")
    if not answer.data.abuse_contacts:
        return failed("the look-up of abuse contacts knows none")
    return boxes(
        facts, answer.data.abuse_contacts[:_MAX_MAILBOXES], scope=scope, subject=resource,
        hop=hop, name=None, provider=named, at=now, source=Source.LOOKUP,
        note="as a public look-up of abuse contacts tells it",
    )  # fmt: skip


def _files(facts: CaseFacts, matches: Iterable[Match]) -> list[tuple[str, Scope, str, str | None]]:
    """Domains of providers whose own file may be asked, with what they can do and about what.

    Only such as registries name, never one that visitors of the case pass; where the table knows
    the provider its routes are better than this file, which is made for reports of weak points.
    """
    curated = {(match.scope, match.subject) for match in matches if not match.guess}
    domains: dict[str, tuple[Scope, str, str | None]] = {}
    for hop in facts.hops:
        told = facts.registration(hop.domain)
        if told is not None and told.registrar_url and (Scope.REGISTRAR, hop.domain) not in curated:
            domain = website_domain(told.registrar_url)
            if domain is not None:
                domains.setdefault(domain, (Scope.REGISTRAR, hop.domain, told.registrar))
        for address in hop.addresses:
            network = facts.network(address)
            scope, named = scope_of_address(matches, address)
            for box in network.abuse if network is not None and named is None else ():
                domain = website_domain(box.rpartition("@")[2])
                if domain is not None:
                    name = network.holder if network is not None else None
                    domains.setdefault(domain, (scope, address, name))
    # A redirect may keep a file from being asked for, and no more: registries' own word stands.
    passed = facts.passed_domains
    return [(domain, *told) for domain, told in domains.items() if domain not in passed]


async def _ask_file(
    fetch: Fetcher,
    facts: CaseFacts,
    url: str,
    *,
    scope: Scope,
    subject: str,
    name: str | None,
    ports: tuple[int, ...],
    now: datetime,
) -> Found:
    failures: list[ContactFailure] = []

    def failed(says: str) -> None:
        failures.append(
            ContactFailure(
                scope=scope, source=Source.SECURITY_TXT, subject=subject, says=f"{url}: {says}",
                checked_at=now,
            )
        )  # fmt: skip

    try:
        reply = await fetch.get(url, limits=_LIMITS, ports=ports, absent=(404, 410))
        file = read_security_txt(reply.body, now=now)
    except FetchError as error:
        failed("there is none" if error.status in (404, 410) else error.says)
        return Found(failures=tuple(failures))
    except NoSecurityTxt as error:
        failed(str(error))
        return Found(failures=tuple(failures))
    contacts = []
    for text in file.contacts:
        channel, address = Channel.FORM, text
        if not text.lower().startswith("https://"):
            try:
                box = usable(text, own_domains=own_domains(facts))
            except Refused as refused:
                failed(str(refused))
                continue
            channel, address = Channel.MAIL, box.address
        elif not _plain_url(text) or website_domain(text) in own_domains(facts):
            failed("it names a page that may not be asked")
            continue
        contacts.append(
            Contact(
                scope=scope, channel=channel, address=address, source=Source.SECURITY_TXT,
                subject=subject, checked_at=now, provider_name=name,
                note=f"from {url}, which holds until {file.expires:%Y-%m-%d}; "
                + ("signed, not verified" if file.signed else "not signed"),
            )
        )  # fmt: skip
    return Found(contacts=tuple(contacts), failures=tuple(failures))


def _plain_url(text: str) -> bool:
    """Short, printable ASCII with a host name, no user in it."""
    rest = text[len("https://") :]
    host = rest.partition("/")[0]
    return (
        len(text) <= 500
        and text.isascii()
        and text.isprintable()
        and not set(text) & set(' <>"\\')
        and "@" not in host
        and not is_address(host.partition(":")[0])
        and website_domain(text) is not None
    )
