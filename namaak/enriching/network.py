"""Whose addresses a host uses, and where their owner takes complaints: RDAP of the registries.

What one address led to answers for its neighbours (the same /24 or /48, where the range holds all
of it) for as long as an answer is good: lookalikes behind one server are one question.
May import: namaak.enriching, namaak.errors, namaak.fetch, namaak.resolving.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from namaak.enriching.bootstrap import Bootstrap
from namaak.enriching.facts import Network, NetworkFacts
from namaak.enriching.findings import Aspect, Finding, Kept, Outcome
from namaak.enriching.intervals import due_after
from namaak.enriching.outcomes import outcome_of, reason_of
from namaak.enriching.rdap import MEDIA_TYPE, ask_server
from namaak.enriching.registration import Unreadable, read_json, read_network
from namaak.errors import SourceError
from namaak.fetch import Fetcher
from namaak.resolving import Resolver

#: Addresses asked about; a host with more is a delivery network, whose ranges tell the same.
MAX_ADDRESSES = 4
_GOOD_FOR = timedelta(days=7)
_MAX_ASNS = 10
_ORIGINS = re.compile(r"\s*([0-9]{1,10}(?:\s+[0-9]{1,10})*)\s*\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginZones:
    """DNS zones that say which network announces an address, in the form `64500 | range | ...`.

    Asked only where somebody names them: each question tells their owner what is looked at.
    """

    v4: str
    v6: str


@dataclass(slots=True)
class _Range:
    network: Network
    body: bytes
    vantage: str
    at: datetime


class Allocations:
    """Asks about addresses; remembers ranges. For one event loop."""

    def __init__(
        self,
        fetch: Fetcher,
        bootstrap: Bootstrap,
        *,
        resolver: Resolver,
        clock: Callable[[], datetime],
        origins: OriginZones | None = None,
        ports: tuple[int, ...] = (80, 443),
    ) -> None:
        self._fetch = fetch
        self._bootstrap = bootstrap
        self._resolver = resolver
        self._clock = clock
        self._origins = origins
        self._ports = ports
        self._ranges: dict[ipaddress.IPv4Network | ipaddress.IPv6Network, _Range] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def ask(self, host: str, addresses: Sequence[str]) -> Finding:
        """addresses: public ones of the host. Never raises for what a server says."""
        asked_at = self._clock()
        told = [await self._ask(address) for address in addresses[:MAX_ADDRESSES]]
        networks = [network for network, _, _ in told]
        bodies = dict.fromkeys(body for _, body, _ in told if body is not None)
        facts = NetworkFacts(
            networks=networks,
            left_out=max(0, len(addresses) - MAX_ADDRESSES),
            abuse_emails=list(
                dict.fromkeys(
                    mail
                    for network in networks
                    if (abuse := network.get("abuse"))
                    for mail in abuse["email"]
                )
            ),
            asn=list(dict.fromkeys(number for one in networks for number in one.get("asn", ()))),
        )
        outcomes = [Outcome(network["outcome"]) for network in networks]
        outcome = Outcome.ANSWERED if Outcome.ANSWERED in outcomes else outcomes[0]
        if outcome is not Outcome.ANSWERED:
            facts["reason"] = networks[0].get("reason", "")
        first, *others = bodies or (None,)
        return Finding(
            host=host,
            aspect=Aspect.NETWORK,
            asked_at=asked_at,
            vantage=", ".join(dict.fromkeys(vantage for _, _, vantage in told)),
            outcome=outcome,
            facts=facts,
            raw=first,
            raw_type=None if first is None else MEDIA_TYPE,
            kept=tuple(
                Kept(name="network", content=body, media_type=MEDIA_TYPE)
                for body in others
                if body is not None
            ),
            due_at=due_after(Aspect.NETWORK, outcome, asked_at),
        )

    async def _ask(self, address: str) -> tuple[Network, bytes | None, str]:
        nobody = "no RDAP server was asked"
        try:
            base = await self._bootstrap.for_address(self._fetch, address)
        except SourceError as error:
            outcome = outcome_of(error)
            outcome = Outcome.BROKEN if outcome is Outcome.ABSENT else outcome
            reason = f"IANA's list of RDAP servers could not be had: {reason_of(error)}"
            return Network(address=address, outcome=outcome, reason=reason), None, nobody
        if base is None:
            reason = f"no RDAP server is listed for {address}"
            return (
                Network(address=address, outcome=Outcome.NO_RDAP, reason=reason), None, nobody
            )  # fmt: skip
        # One at a time for each registry, so that the second of a range finds what the first got.
        async with self._locks.setdefault(base, asyncio.Lock()):
            if (known := self._known(address)) is not None:
                same = known.network.copy()
                same["address"] = address
                return same, known.body, known.vantage
            told = await ask_server(self._fetch, f"{base}ip/{address}", "rir", self._ports)
            vantage = f"{told.server['url']} at {told.address or 'no address'}"
            network = Network(
                address=address, outcome=told.outcome.value, url=told.server["url"],
                sha256=told.server["sha256"],
            )  # fmt: skip
            if told.body is None:
                network["reason"] = told.server.get("reason", "")
                return network, None, vantage
            try:
                network.update(read_network(read_json(told.body), address))
            except Unreadable as error:
                network["outcome"] = Outcome.MALFORMED.value
                network["reason"] = f"the answer {error}"
                return network, told.body, vantage
            network["asn_from"] = "rdap" if network["asn"] else None
            if not network["asn"] and self._origins is not None:
                await self._add_origin(network, address, self._origins)
            self._remember(network, told.body, vantage)
            return network, told.body, vantage

    def _known(self, address: str) -> _Range | None:
        found = self._ranges.get(_block(address))
        if found is None or self._clock() - found.at >= _GOOD_FOR:
            return None
        return found

    def _remember(self, network: Network, body: bytes, vantage: str) -> None:
        """Only where the range holds the whole block: a larger one may have parts of others."""
        block = _block(network["address"])
        try:
            first = ipaddress.ip_address(network["start"] or "")
            last = ipaddress.ip_address(network["end"] or "")
        except ValueError:
            return
        if first.version == last.version == block.version and (
            int(first) <= int(block.network_address) and int(block.broadcast_address) <= int(last)
        ):
            self._ranges[block] = _Range(network, body, vantage, self._clock())

    async def _add_origin(self, network: Network, address: str, zones: OriginZones) -> None:
        wanted = ipaddress.ip_address(address)
        turned = wanted.reverse_pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
        zone = zones.v4 if wanted.version == 4 else zones.v6
        answer = await self._resolver.ask(f"{turned}.{zone}", "TXT")
        numbers = [
            int(number)
            for text in answer.values
            if (found := _ORIGINS.match(text))
            for number in found[1].split()
        ]
        network["asn"] = list(dict.fromkeys(numbers))[:_MAX_ASNS]
        network["asn_from"] = f"dns:{zone}" if numbers else None


def _block(address: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The smallest part of the address space that is routed, so mostly of one holder."""
    wanted = ipaddress.ip_address(address)
    return ipaddress.ip_network((wanted, 24 if wanted.version == 4 else 48), strict=False)
