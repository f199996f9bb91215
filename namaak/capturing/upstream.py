"""Sockets for the browser's own door, made by the proxy of a vantage; see `namaak.fetch.proxies`.

May import: namaak.capturing.places, namaak.enriching.reach, namaak.errors, namaak.fetch,
namaak.resolving.
"""

from __future__ import annotations

import asyncio
import ipaddress

from namaak.capturing.places import Place
from namaak.enriching.reach import Connect, directly
from namaak.errors import NamaakError
from namaak.fetch import Proxy
from namaak.resolving import Resolver

_MOST_AT_ONCE = 64 << 10


async def way_out(place: Place, resolver: Resolver) -> Connect:
    """How sockets are made from there. Raises NamaakError where its proxy has no address."""
    if place.proxy is None:
        return directly
    proxy = Proxy(vantage=place.name, url=place.proxy, credentials=place.credentials)
    places = await _addresses(proxy.host, resolver)

    async def connect(address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        transport = await proxy.tunnel(places, address, port)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_MOST_AT_ONCE, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        transport.resume_reading()
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    return connect


async def _addresses(host: str, resolver: Resolver) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        v4, v6 = await asyncio.gather(resolver.ask(host, "A"), resolver.ask(host, "AAAA"))
    found = [*v4.values, *v6.values]
    if not found:
        raise NamaakError(
            f"The proxy {host} has no address that the vantage's resolvers know; name its address "
            "in [[vantages]]."
        )
    return found
