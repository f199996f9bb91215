"""Asking about hosts in order: first the DNS, then what it makes sense to ask behind it.

A host without an address gets no request, and a finding that says so; registration is asked beside
all that, since names without servers are registered too. What was asked for one host of a domain
serves the others of it. Pages that somebody knows beside the front page are asked for behind it,
one after the other.
May import: detectors.suffixes, namaak.brands, decoding, enriching, fetch, resolving.
"""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from detectors.suffixes import registrable_domain
from namaak.brands import Brand
from namaak.decoding.workers import Decoders
from namaak.enriching.bootstrap import Bootstrap
from namaak.enriching.certificate import ask_certificate
from namaak.enriching.dns import ask_dns
from namaak.enriching.findings import Aspect, Finding, Outcome
from namaak.enriching.intervals import due_after
from namaak.enriching.network import Allocations, OriginZones
from namaak.enriching.page import USUAL_PORTS, Ports, ask_address, ask_page
from namaak.enriching.patience import Patience
from namaak.enriching.rdap import ask_rdap
from namaak.enriching.screenshot import Screenshots
from namaak.errors import NamaakError, UsageError
from namaak.fetch import Allowed, Fetcher
from namaak.fetch.addresses import is_ip_address, refusal
from namaak.resolving import Resolver

#: Everything but pictures, which need a browser and are asked for by name.
USUAL = frozenset(Aspect) - {Aspect.SCREENSHOT}
#: Hosts with an error that nobody foresaw, until the error is taken for one of ours.
_MOST_FAULTS = 20
#: Pages of which a picture shows something.
_WORTH_A_PICTURE = frozenset(
    {Outcome.ANSWERED, Outcome.BLOCKED, Outcome.BROKEN, Outcome.MALFORMED, Outcome.POLICY}
)
_Answer = TypeVar("_Answer")


class Enricher:
    """Asks about hosts. For one event loop, inside the resolver's and the fetcher's own."""

    def __init__(
        self,
        resolver: Resolver,
        fetcher: Fetcher,
        *,
        aspects: Collection[Aspect] = USUAL,
        brands: Mapping[str, Brand] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        bootstrap: Bootstrap | None = None,
        decoders: Decoders | None = None,
        screenshots: Screenshots | None = None,
        origins: OriginZones | None = None,
        page_ports: Ports = USUAL_PORTS,
        tls_port: int = 443,
        allow: Sequence[Allowed] = (),
    ) -> None:
        """brands: their names are counted in pages. bootstrap: wanted for rdap and network.

        decoders: for favicons; without them these have no perceptual hash. screenshots: wanted for
        that aspect. page_ports, tls_port and allow: for peers on loopback.
        """
        self._aspects = frozenset(aspects)
        if bootstrap is None and self._aspects & {Aspect.RDAP, Aspect.NETWORK}:
            raise UsageError(
                "Registration data need the lists of RDAP servers: give the enricher a Bootstrap, "
                "or leave out the aspects rdap and network."
            )
        if screenshots is None and Aspect.SCREENSHOT in self._aspects:
            raise UsageError(
                "Pictures of pages need a browser: give the enricher Screenshots, or leave out "
                "the aspect screenshot."
            )
        self._resolver = resolver
        self._fetcher = fetcher
        self._user_agent = fetcher.user_agent
        self._terms = list(
            dict.fromkeys(name for brand in (brands or {}).values() for name in brand.names)
        )
        self._clock = clock
        self._bootstrap = bootstrap
        self._decoders = decoders
        self._screenshots = screenshots
        self._page_ports = page_ports
        self._tls_port = tls_port
        self._allow = tuple(allow)
        self._registrations: dict[str, Finding] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._allocations = (
            Allocations(fetcher, bootstrap, resolver=resolver, clock=clock, origins=origins)
            if bootstrap is not None
            else None
        )

    async def enrich(self, host: str) -> list[Finding]:
        """One finding for each aspect, in the order of `Aspect`. host: A-labels, lower case.

        Whatever servers say or leave unsaid becomes an outcome. Raises NamaakError where this
        machine lacks something, such as memory for a process.
        """
        rdap, others = await asyncio.gather(self._rdap(host), self._behind_dns(host))
        found = {finding.aspect: finding for finding in (*rdap, *others)}
        return [found[aspect] for aspect in Aspect if aspect in found]

    async def enrich_many(
        self, hosts: Iterable[str], in_flight: int = 8
    ) -> AsyncIterator[list[Finding]]:
        """Findings of one host after the other, as they come; so many hosts at once.

        An error that nobody foresaw is that of one host, which may have been after it: the others
        are asked all the same, and it is raised behind them, in an ExceptionGroup. NamaakError,
        and more such errors than `_MOST_FAULTS`, are about this machine and end it at once.
        """
        async with aclosing(in_turn(hosts, self.enrich, in_flight)) as found:
            async for findings in found:
                yield findings

    async def ask_known(
        self,
        found: Sequence[Finding],
        urls: Iterable[str],
        *,
        until: float | None = None,
        aside: Callable[[Finding], Finding] = lambda finding: finding,
    ) -> dict[str, list[Finding]]:
        """Findings for addresses that somebody knows of a host, in the order given.

        found: of `enrich` for that host, with its DNS and page. Of an address of the host itself
        its page, which nobody is asked for where the host's name leads nowhere; of one under
        another name that name's DNS, registration and page, as far as they are among the aspects:
        whoever serves a zone may take one name out of it and leave the rest. Of one at an IP
        address, which no name leads to, the page. Where a page that was asked for before ended
        there, its finding.
        until: by the event loop's clock, when no more is asked; see `Patience`. aside: what is done
        with each finding as it comes, whose bytes need not stay in memory.
        """
        by_aspect = {finding.aspect: finding for finding in found}
        dns, front = by_aspect.get(Aspect.DNS), by_aspect.get(Aspect.PAGE)
        if dns is None or front is None:
            return {}
        leads_nowhere = _nothing_there(dns) is not None
        known: dict[str, list[Finding]] = {}
        ended = {front.facts.get("url"): [front]}
        patience = Patience(until)
        patience.took(dns.host, front)
        for url in urls:
            host = urlsplit(url).hostname or ""
            if leads_nowhere and host == dns.host:
                continue
            there = ended.get(url)
            if there is None:
                nameless = host == dns.host or is_ip_address(host)
                there = await self._patiently(url, patience, nameless=nameless)
                there = [aside(finding) for finding in there]
                ended.setdefault(there[-1].facts.get("url"), there)
            known[url] = there
        return known

    async def _patiently(self, url: str, patience: Patience, *, nameless: bool) -> list[Finding]:
        """nameless: whether no name is asked for: the host's own was before, an IP has none."""
        host = urlsplit(url).hostname or ""
        if (why := patience.is_over(host)) is None:
            try:
                async with asyncio.timeout_at(patience.until) as limit:
                    there = await (self._ask_at(url) if nameless else self._elsewhere(url))
                patience.took(host, there[-1])
                return there
            except TimeoutError:
                if not limit.expired():
                    raise
                why = patience.is_over(host)
        # Without a word of its own name, another one would be judged by that of the host.
        aspects = (Aspect.PAGE,) if nameless else (Aspect.DNS, Aspect.PAGE)
        return [self._unasked(host, aspect, Outcome.POLICY, f"it {why}") for aspect in aspects]

    async def _ask_at(self, url: str) -> list[Finding]:
        return [
            await ask_address(
                self._fetcher, url, clock=self._clock, user_agent=self._user_agent,
                terms=self._terms, ports=self._page_ports,
            )
        ]  # fmt: skip

    async def _elsewhere(self, url: str) -> list[Finding]:
        host = urlsplit(url).hostname or ""
        rdap, dns = await asyncio.gather(
            self._rdap(host), ask_dns(self._resolver, host, clock=self._clock)
        )
        if (stop := _nothing_there(dns)) is not None:
            return [*rdap, dns, self._unasked(host, Aspect.PAGE, *stop)]
        return [*rdap, dns, *await self._ask_at(url)]

    async def _rdap(self, host: str) -> list[Finding]:
        if Aspect.RDAP not in self._aspects:
            return []
        assert self._bootstrap is not None
        domain = registrable_domain(host)
        async with self._locks.setdefault(domain, asyncio.Lock()):
            known = self._registrations.get(domain)
            if known is None or known.due_at is None or known.due_at <= self._clock():
                known = await ask_rdap(self._fetcher, self._bootstrap, host, clock=self._clock)
                self._registrations[domain] = known
        return [dataclasses.replace(known, host=host)]

    async def _behind_dns(self, host: str) -> list[Finding]:
        wanted = self._aspects - {Aspect.RDAP}
        if not wanted:
            return []
        dns = await ask_dns(self._resolver, host, clock=self._clock)
        found = [dns] if Aspect.DNS in wanted else []
        later = wanted - {Aspect.DNS}
        if (stop := _nothing_there(dns)) is not None:
            outcome, reason = stop
            return found + [self._unasked(host, aspect, outcome, reason) for aspect in later]
        facts: Mapping[str, Any] = dns.facts
        probes = []
        if Aspect.NETWORK in later:
            probes.append(self._network(host, facts["addresses"]))
        if Aspect.CERTIFICATE in later:
            probes.append(
                ask_certificate(
                    self._resolver, host, clock=self._clock, port=self._tls_port, allow=self._allow
                )
            )
        found += await asyncio.gather(*probes)
        # Last, so that what is asked of the host itself comes close together.
        page = None
        if Aspect.PAGE in later:
            page = await ask_page(
                self._fetcher, host, clock=self._clock, user_agent=self._user_agent,
                terms=self._terms, decoders=self._decoders, ports=self._page_ports,
            )  # fmt: skip
            found.append(page)
        if Aspect.SCREENSHOT in later:
            found.append(await self._screenshot(host, page))
        return found

    async def _network(self, host: str, addresses: Sequence[str]) -> Finding:
        assert self._allocations is not None
        public = [one for one in addresses if refusal(ipaddress.ip_address(one)) is None]
        if not public:
            reason = f"has only addresses that are nobody's: {', '.join(addresses[:3])}"
            return self._unasked(host, Aspect.NETWORK, Outcome.POLICY, reason)
        return await self._allocations.ask(host, public)

    async def _screenshot(self, host: str, page: Finding | None) -> Finding:
        assert self._screenshots is not None
        if page is not None and page.outcome not in _WORTH_A_PICTURE:
            reason = f"there was no page to take a picture of: {page.facts.get('reason', '')}"
            return self._unasked(host, Aspect.SCREENSHOT, page.outcome, reason)
        url = self._page_ports.first_urls(host)[0]
        for hop in page.facts.get("hops", ()) if page is not None else ():
            # Where https was spoken in vain, the picture begins with http as the page did.
            if hop["how"] == "failed" and hop["url"] == url:
                url = self._page_ports.first_urls(host)[1]
        return await self._screenshots.take(host, url)

    def _unasked(self, host: str, aspect: Aspect, outcome: Outcome, reason: str) -> Finding:
        now = self._clock()
        return Finding(
            host=host,
            aspect=aspect,
            asked_at=now,
            vantage="nobody was asked",
            outcome=outcome,
            facts={"reason": reason},
            due_at=due_after(aspect, outcome, now),
        )


def _nothing_there(dns: Finding) -> tuple[Outcome, str] | None:
    """Why there is nothing to connect to; None where there is."""
    if dns.facts.get("addresses"):
        return None
    asked = {
        question["type"]: question["outcome"]
        for question in dns.facts["questions"]
        if question["name"] == dns.host and question["type"] in ("A", "AAAA")
    }
    told = (Outcome.EMPTY, Outcome.ABSENT)
    if dns.facts.get("exists") is False or (asked and all(one in told for one in asked.values())):
        return Outcome.NO_ADDRESS, f"{dns.host} has no address"
    unsaid = next((one for one in asked.values() if one not in told), dns.outcome)
    return Outcome(unsaid), f"whether {dns.host} has an address could not be told"


async def in_turn(
    hosts: Iterable[str], ask: Callable[[str], Coroutine[Any, Any, _Answer]], in_flight: int
) -> AsyncGenerator[_Answer, None]:
    """What asking about each host gave, as it comes; so many hosts at once. See `enrich_many`."""
    given = iter(hosts)
    asking: set[asyncio.Task[_Answer]] = set()
    faults: list[Exception] = []
    try:
        while True:
            while len(asking) < in_flight and (host := next(given, None)) is not None:
                asking.add(asyncio.create_task(ask(host), name=host))
            if not asking:
                break
            done, asking = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is None:
                    yield task.result()
                    continue
                if not isinstance(error, Exception) or isinstance(error, NamaakError):
                    raise error
                error.add_note(f"while looking at {task.get_name()}")
                faults.append(error)
            if len(faults) > _MOST_FAULTS:
                break
        if faults:
            raise ExceptionGroup("hosts could not be looked at", faults)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
