"""Where sockets are made, and the only place where: each address is checked at that moment.

A name is resolved once, by us; what came out is what is connected to, so an answer that changes
between check and use changes nothing. The check stands in the function that creates the socket,
behind everything that could bring another address: names, literals, redirects, several answers.
Proxies of the environment, cookies and .netrc play no part. Where a proxy was given, it makes the
sockets, to addresses that were checked here all the same; see `tunnelling`.
May import: namaak.errors.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiodns
import aiohttp
import pycares
from aiohttp.abc import AbstractResolver, ResolveResult

from namaak.errors import Failure
from namaak.fetch.addresses import Allowed, refusal_of
from namaak.fetch.proxies import Proxy
from namaak.fetch.tunnelling import FarEnd, Tunnelling

if TYPE_CHECKING:
    from aiohttp.connector import AddrInfoType, Connection

#: Addresses of one name that are tried; a name may have thousands.
_MAX_ADDRESSES = 8
_CONNECTIONS = 256
_CONNECTIONS_A_HOST = 16
#: Answers of c-ares that say the name itself is at fault, not the way to it.
_NO_SUCH_NAME = frozenset(
    {
        aiodns.error.ARES_ENOTFOUND,
        aiodns.error.ARES_ENODATA,
        aiodns.error.ARES_EBADNAME,
    }
)
#: Names mean what they say: no search domains, no aliases from the environment.
_FLAGS = pycares.ARES_FLAG_NOSEARCH | pycares.ARES_FLAG_NOALIASES | pycares.ARES_FLAG_EDNS


@dataclass(slots=True)
class Doorway:
    """What one request may connect to, and what became of it. One for each attempt."""

    ports: Collection[int]
    refused: list[str] = field(default_factory=list)
    opened: int = 0


class NameFailure(OSError):
    """A name that gave no address."""

    def __init__(self, says: str, failure: Failure) -> None:
        super().__init__(says)
        self.failure = failure


class AddressRefused(OSError):
    """A socket that was not made."""


#: Reaches the socket factory through the client, which has no argument for it.
_DOORWAY: ContextVar[Doorway] = ContextVar("namaak.fetch.doorway")


@contextlib.contextmanager
def doorway(ports: Collection[int]) -> Iterator[Doorway]:
    """Sockets made inside are for these ports; without it none are made."""
    door = Doorway(ports=ports)
    token = _DOORWAY.set(door)
    try:
        yield door
    finally:
        _DOORWAY.reset(token)


class Connector:
    """The client session of one event loop, with the check built in."""

    def __init__(
        self,
        *,
        allow: Sequence[Allowed],
        nameservers: Sequence[str],
        connect_s: float,
        idle_s: float,
        tls: ssl.SSLContext | None,
        proxy: Proxy | None = None,
    ) -> None:
        """Must be made inside a running loop. nameservers: "192.0.2.53" or "192.0.2.53:5353"."""
        self._allow = tuple(allow)
        self._resolver = _Resolver(nameservers, timeout_s=connect_s / 2)
        usual: dict[str, Any] = {
            "resolver": self._resolver,
            # Kept connections save look-ups; a cache of answers would outlive their TTL.
            "use_dns_cache": False,
            "limit": _CONNECTIONS,
            "limit_per_host": _CONNECTIONS_A_HOST,
            "ssl": True if tls is None else tls,
        }
        self.session = aiohttp.ClientSession(
            connector=(
                aiohttp.TCPConnector(socket_factory=self._socket, **usual)
                if proxy is None
                else Tunnelling(
                    proxy,
                    places=lambda: self._addresses_of(proxy),
                    check=self._check,
                    connect_s=connect_s,
                    **usual,
                )
            ),
            response_class=Answer,
            trace_configs=[_no_redirects()],
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=idle_s),
        )

        # The client would quietly send a request a second time where a connection broke off. What
        # is asked again is decided and counted by us; the client's own tests turn it off like so.
        self.session._retry_connection = False

    async def close(self) -> None:
        await self.session.close()
        await self._resolver.close()

    def _socket(self, info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, (host, port, *_) = info
        self._check(str(host), int(port))
        made = socket.socket(family, kind, protocol)
        _DOORWAY.get().opened += 1
        return made

    def _check(self, host: str, port: int) -> None:
        """Raises AddressRefused, also within the door."""
        door = _DOORWAY.get()
        reason = refusal_of(host, port, ports=door.ports, allow=self._allow)
        if reason is None and not self._excepted(host, port) and is_ours(host):
            reason = f"{host} is an address of this machine"
        if reason is not None:
            door.refused.append(reason)
            raise AddressRefused(reason)

    async def _addresses_of(self, proxy: Proxy) -> list[str]:
        """Not checked: who names a proxy says where it stands, and that may well be inside."""
        try:
            return [str(ipaddress.ip_address(proxy.host))]
        except ValueError:
            pass  # a name
        try:
            return [found["host"] for found in await self._resolver.resolve(proxy.host)]
        except NameFailure as error:
            raise proxy.failed(str(error)) from None

    def _excepted(self, host: str, port: int) -> bool:
        address = ipaddress.ip_address(host.partition("%")[0])
        return any(exception.covers(address, port) for exception in self._allow)


class RedirectRefused(aiohttp.ClientError):
    """The client was about to follow a redirect by itself."""


def _no_redirects() -> aiohttp.TraceConfig:
    """Redirects are checked and followed by `exchanging` alone; websockets know no other way."""

    async def refuse(_session: object, _context: object, seen: Any) -> None:
        seen.response.close()
        raise RedirectRefused(f"redirects with status {seen.response.status}")

    config = aiohttp.TraceConfig()
    config.on_request_redirect.append(refuse)
    return config


class Answer(aiohttp.ClientResponse):
    """An answer that remembers who gave it: a short one lets go of its connection at once."""

    peer = ""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        if connection.transport is not None:
            name = connection.transport.get_extra_info("peername")
            self.peer = str(name[0]) if name else ""
        if isinstance(connection.protocol, FarEnd):
            self.peer = connection.protocol.address
        return await super().start(connection)


class _Resolver(AbstractResolver):
    def __init__(self, nameservers: Sequence[str], *, timeout_s: float) -> None:
        self._dns = aiodns.DNSResolver(
            nameservers=list(nameservers) or None, timeout=timeout_s, tries=2, flags=_FLAGS
        )

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            found = await self._dns.getaddrinfo(
                host, family=family, port=port, type=socket.SOCK_STREAM
            )
        except aiodns.error.DNSError as error:
            code, says = (*error.args, "")[:2]
            failure = Failure.GONE if code in _NO_SUCH_NAME else Failure.TRANSIENT
            raise NameFailure(f"has a name without an address ({says})", failure) from error
        return [_result(host, port, node) for node in found.nodes[:_MAX_ADDRESSES]]

    async def close(self) -> None:
        await self._dns.close()


def _result(host: str, port: int, node: Any) -> ResolveResult:
    address = node.addr[0]
    return ResolveResult(
        hostname=host,
        host=address.decode("ascii") if isinstance(address, bytes) else address,
        port=port,
        family=node.family,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def is_ours(host: str) -> bool:
    """Whether an address is this machine's own: it may be public and lead to a private service.

    The kernel says it without a packet: to reach itself, a machine uses the same address.
    """
    address = ipaddress.ip_address(host.partition("%")[0])
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(address), 9))
        except OSError:
            return False
        return ipaddress.ip_address(probe.getsockname()[0].partition("%")[0]) == address
