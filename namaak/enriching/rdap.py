"""Who registered a domain through whom, and when: the registry's record, then the registrar's.

Two requests a domain: the registry by IANA's lists, and the one link it gives to the registrar. A
404 of the registry is the only "not registered"; a suffix without such a server is "no-rdap", which
is no error: many country registries have none.
May import: namaak.enriching, namaak.errors, namaak.fetch, detectors.suffixes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from detectors.suffixes import registrable_domain, suffix_list
from namaak.enriching.bootstrap import Bootstrap
from namaak.enriching.facts import RdapFacts, RdapServer
from namaak.enriching.findings import Aspect, Finding, Kept, Outcome
from namaak.enriching.intervals import due_after
from namaak.enriching.outcomes import outcome_of, reason_of
from namaak.enriching.registration import (
    Unreadable,
    merged,
    read_domain,
    read_json,
    related_url,
)
from namaak.errors import SourceError
from namaak.fetch import Fetcher, FetchError, Limits, Reply

MEDIA_TYPE = "application/rdap+json"
LIMITS = Limits(max_bytes=1 << 20)
#: Some servers answer 406 to the exact type alone.
ACCEPT = {"Accept": "application/rdap+json, application/json;q=0.9"}


@dataclass(frozen=True, slots=True)
class Told:
    """One server's answer, or why there is none."""

    server: RdapServer
    outcome: Outcome
    body: bytes | None
    address: str | None


async def ask_rdap(
    fetch: Fetcher,
    bootstrap: Bootstrap,
    host: str,
    *,
    clock: Callable[[], datetime],
    ports: tuple[int, ...] = (80, 443),
) -> Finding:
    """Never raises for what a server says or leaves unsaid. ports: that links may lead to."""
    asked_at = clock()
    domain = registrable_domain(host)
    nobody = "no RDAP server was asked"

    def finding(
        outcome: Outcome,
        facts: RdapFacts,
        vantage: str = nobody,
        raw: bytes | None = None,
        kept: tuple[Kept, ...] = (),
    ) -> Finding:
        return Finding(
            host=host,
            aspect=Aspect.RDAP,
            asked_at=asked_at,
            vantage=vantage,
            outcome=outcome,
            facts=facts,
            raw=raw,
            raw_type=None if raw is None else MEDIA_TYPE,
            kept=kept,
            due_at=due_after(Aspect.RDAP, outcome, asked_at),
        )

    if suffix_list().split(domain).private:
        reason = f"{domain} lies under the suffix of a hosting service, which keeps no RDAP"
        return finding(Outcome.NO_RDAP, RdapFacts(domain=domain, reason=reason))
    try:
        base = await bootstrap.for_domain(fetch, domain)
    except SourceError as error:
        reason = f"IANA's list of RDAP servers could not be had: {reason_of(error)}"
        return finding(_unknown(outcome_of(error)), RdapFacts(domain=domain, reason=reason))
    if base is None:
        reason = f"no RDAP server is listed for the suffix of {domain}"
        return finding(Outcome.NO_RDAP, RdapFacts(domain=domain, reason=reason))

    registry = await ask_server(fetch, f"{base}domain/{domain}", "registry", ports)
    vantage = f"{registry.server['url']} at {registry.address or 'no address'}"
    if registry.outcome is not Outcome.ANSWERED or registry.body is None:
        facts = RdapFacts(
            domain=domain,
            reason=registry.server.get("reason", ""),
            servers=[registry.server],
            registered=False if registry.outcome is Outcome.ABSENT else None,
        )
        return finding(registry.outcome, facts, vantage, registry.body)
    try:
        answer = read_json(registry.body)
        facts = read_domain(answer, domain)
    except Unreadable as error:
        registry.server["outcome"] = Outcome.MALFORMED
        registry.server["reason"] = str(error)
        facts = RdapFacts(
            domain=domain, reason=f"the registry's answer {error}", servers=[registry.server]
        )
        return finding(Outcome.MALFORMED, facts, vantage, registry.body)
    facts["servers"] = [registry.server]
    kept: tuple[Kept, ...] = ()
    link = related_url(answer)
    if link is not None and link.rstrip("/") != registry.server["url"].rstrip("/"):
        registrar = await ask_server(fetch, link, "registrar", ports)
        if registrar.body is not None:
            kept = (Kept(name="registrar", content=registrar.body, media_type=MEDIA_TYPE),)
        if registrar.outcome is Outcome.ANSWERED and registrar.body is not None:
            vantage += f", {registrar.server['url']} at {registrar.address}"
            try:
                facts = merged(facts, read_domain(read_json(registrar.body), domain))
            except Unreadable as error:
                registrar.server["outcome"] = Outcome.MALFORMED
                registrar.server["reason"] = str(error)
        facts["servers"] = [registry.server, registrar.server]
    return finding(Outcome.ANSWERED, facts, vantage, registry.body, kept)


async def ask_server(fetch: Fetcher, url: str, role: str, ports: tuple[int, ...]) -> Told:
    """One request. role: "registry", "registrar" or "rir"."""
    try:
        reply = await fetch.get(url, limits=LIMITS, headers=ACCEPT, absent=(404,), ports=ports)
    except FetchError as error:
        outcome = outcome_of(error)
        server = _server(url, role, outcome, error.status, None)
        server["reason"] = reason_of(error)
        return Told(server, outcome, None, None)
    return Told(
        _server(reply.url, role, Outcome.ANSWERED, reply.status, reply),
        Outcome.ANSWERED,
        reply.body,
        reply.address,
    )


def _server(
    url: str, role: str, outcome: Outcome, status: int | None, reply: Reply | None
) -> RdapServer:
    kept = None if reply is None else Kept(name=role, content=reply.body, media_type=MEDIA_TYPE)
    return RdapServer(
        url=url,
        role=role,
        outcome=outcome.value,
        status=status,
        sha256=kept.sha256 if kept else None,
        received_at=reply.received_at.isoformat() if reply else None,
    )


def _unknown(outcome: Outcome) -> Outcome:
    """A list that is not there says nothing of the domain."""
    return Outcome.BROKEN if outcome is Outcome.ABSENT else outcome
