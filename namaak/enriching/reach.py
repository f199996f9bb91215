"""Which address a host may be reached at: resolved once, checked, and then connected to as it is.

The same rules as for every web request (`namaak.fetch`), for the two that are none: the TLS
handshake, and the browser, which asks through a proxy of ours.
May import: namaak.fetch, namaak.resolving.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Collection, Sequence

from namaak.fetch import Allowed
from namaak.fetch.addresses import refusal_of
from namaak.fetch.connecting import is_ours
from namaak.resolving import Answer, Outcome, Resolver

#: What became of a question that told nothing of the name.
_FAILED = {
    Outcome.TIMEOUT: "no resolver answered in time",
    Outcome.REFUSED: "the resolver refuses to answer us",
    Outcome.BROKEN: "the resolver failed (SERVFAIL)",
    Outcome.MALFORMED: "the resolver's answer cannot be read",
}

#: Makes a socket to a checked address and port; by way of somewhere else, perhaps.
Connect = Callable[[str, int], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


async def directly(address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """From this machine. Raises OSError."""
    return await asyncio.open_connection(address, port)


class Unreachable(Exception):
    """No address that may be asked. `refused`: it was our own rules that say so."""

    def __init__(self, says: str, *, refused: bool) -> None:
        super().__init__(says)
        self.refused = refused


async def checked_addresses(
    resolver: Resolver,
    host: str,
    port: int,
    *,
    ports: Collection[int],
    allow: Sequence[Allowed],
) -> list[str]:
    """Addresses that a socket may be made to, IPv4 first. host: a name or an address.

    Raises Unreachable with the reason where there is none.
    """
    try:
        found = [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        v4, v6 = await asyncio.gather(resolver.ask(host, "A"), resolver.ask(host, "AAAA"))
        found = [*v4.values, *v6.values]
        if not found:
            raise Unreachable(_unfound(resolver.servers, (v4, v6)), refused=False) from None
    reasons: list[str] = []
    good = []
    for address in found:
        reason = refused_address(address, port, ports=ports, allow=allow)
        if reason is None:
            good.append(address)
        else:
            reasons.append(reason)
    if not good:
        raise Unreachable(", ".join(dict.fromkeys(reasons)), refused=True)
    return good


def _unfound(servers: Sequence[str], answers: Sequence[Answer]) -> str:
    """Why there is no address, after the host's name. What a resolver did says nothing of it."""
    untold = [one for one in answers if one.outcome.exists is None]
    if not untold:
        return "has no address"
    unaskable = next((one.says for one in untold if not one.resolver), None)
    if unaskable is not None:
        return unaskable
    failures = ", ".join(dict.fromkeys(_FAILED[one.outcome] for one in untold))
    return (
        f"could not be looked up: {failures} ({', '.join(servers)}); see `resolvers` of "
        "[enrichment], or of the vantage, in the watch file"
    )


def refused_address(
    address: str, port: int, *, ports: Collection[int], allow: Sequence[Allowed]
) -> str | None:
    """Why no socket is made to it; None where it may be."""
    reason = refusal_of(address, port, ports=ports, allow=allow)
    if reason is not None:
        return reason
    parsed = ipaddress.ip_address(address)
    if any(exception.covers(parsed, port) for exception in allow) or not is_ours(address):
        return None
    return f"{address} is an address of this machine"
