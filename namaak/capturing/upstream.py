"""Sockets made by an HTTP proxy elsewhere, to addresses that were checked here.

The proxy is asked for an address and never for a name: it could resolve the name to something else
than what was checked. So it must allow CONNECT to port 80 as well as 443.
May import: namaak.enriching.reach, namaak.errors, namaak.resolving.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import ssl
from urllib.parse import urlsplit

from namaak.enriching.reach import Connect
from namaak.errors import NamaakError
from namaak.resolving import Resolver

_MAX_HEAD = 16 << 10
_ANSWER_S = 15.0


async def through(url: str, credentials: str | None, resolver: Resolver) -> Connect:
    """How to make sockets by way of this proxy. Raises NamaakError where it has no address.

    url: without credentials. credentials: user:password.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    at = await _address(host, resolver)
    secret = ""
    if credentials is not None:
        encoded = base64.b64encode(credentials.encode()).decode()
        secret = f"Proxy-Authorization: Basic {encoded}\r\n"

    async def connect(
        address: str, port_there: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        target = f"[{address}]:{port_there}" if ":" in address else f"{address}:{port_there}"
        try:
            reader, writer = await asyncio.open_connection(
                at, port, ssl=secure, server_hostname=host if secure else None, limit=_MAX_HEAD
            )
        except OSError as error:
            # Without its number: that nobody is at the proxy says nothing of whom it would ask.
            raise OSError(f"the proxy of this vantage cannot be reached ({error})") from None
        try:
            request = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{secret}\r\n"
            writer.write(request.encode())
            async with asyncio.timeout(_ANSWER_S):
                head = await reader.readuntil(b"\r\n\r\n")
            status = head.split(b" ", 2)[1:2]
            if status != [b"200"]:
                said = (status or [b"nothing that can be read"])[0].decode("latin-1")[:40]
                raise OSError(f"the proxy of this vantage answered {said}")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
            raise OSError("the proxy of this vantage gave no answer") from None
        except BaseException:
            writer.transport.abort()
            raise
        return reader, writer

    return connect


async def _address(host: str, resolver: Resolver) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        v4, v6 = await asyncio.gather(resolver.ask(host, "A"), resolver.ask(host, "AAAA"))
    found = [*v4.values, *v6.values]
    if not found:
        raise NamaakError(
            f"The proxy {host} has no address that the vantage's resolvers know; name its address "
            "in [[vantages]]."
        )
    return found[0]
