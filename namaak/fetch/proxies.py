"""A connection that an HTTP proxy elsewhere makes for us, to an address that was checked here.

The proxy is asked for an address and never for a name: it could resolve the name to something else
than what was checked, and would learn whom we look at. So it must allow CONNECT to port 80 as well
as 443. Where the proxy itself stands is its operator's choice and needs no check; that it refuses
or fails says nothing of the host behind it.
May import: namaak.errors.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from namaak.errors import Failure

_MAX_HEAD = 16 << 10
#: Less than a browser waits for its connections, so that the proxy is blamed and not the host.
_ANSWER_S = 8.0
#: Addresses of the proxy itself that are tried.
_MAX_ADDRESSES = 2
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r\n)")
#: Statuses by which proxies say that they did ask, and that nobody was there.
_REACHED_NOBODY = frozenset({500, 502, 503, 504})
_REFUSING = frozenset({401, 403, 405, 407})


class ProxyFailure(OSError):
    """A connection that the proxy did not make. Without an errno: none of them is the host's."""

    def __init__(self, says: str, failure: Failure, *, reached_nobody: bool = False) -> None:
        """reached_nobody: the proxy says that it tried; another address or port may fare better."""
        super().__init__(says)
        self.failure = failure
        self.reached_nobody = reached_nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy that somebody runs for us, and the vantage whose way out it is."""

    vantage: str
    url: str  #: http or https, without credentials
    credentials: str | None = field(default=None, repr=False)  #: user:password
    tls: ssl.SSLContext | None = field(default=None, repr=False)  #: for https; the usual without

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (443 if self._is_secure else 80)

    def failed(
        self, says: str, failure: Failure = Failure.TRANSIENT, *, reached_nobody: bool = False
    ) -> ProxyFailure:
        """says: behind "the proxy of the vantage far": "answered 500"."""
        sentence = f'the proxy of the vantage "{self.vantage}" {says}'
        return ProxyFailure(sentence, failure, reached_nobody=reached_nobody)

    async def tunnel(
        self, places: Sequence[str], address: str, port: int, *, within_s: float = _ANSWER_S
    ) -> asyncio.Transport:
        """A connection to a checked address, on which nothing was said and nothing is read yet.

        places: the proxy's own addresses. within_s: for all of it. Raises ProxyFailure. Whoever
        gets the transport sets a protocol of his own and calls `resume_reading`.
        """
        try:
            async with asyncio.timeout(within_s):
                transport, greeting = await self._reached(places)
                try:
                    transport.write(self._request(address, port))
                    status = await greeting.status
                    if 200 <= status < 300:
                        return transport
                    raise self._refused(status)
                except BaseException:
                    transport.abort()
                    raise
        except TimeoutError:
            raise self.failed(f"gave no answer within {within_s:.0f} s") from None

    async def _reached(self, places: Sequence[str]) -> tuple[asyncio.Transport, _Greeting]:
        loop = asyncio.get_running_loop()
        secure = (self.tls or ssl.create_default_context()) if self._is_secure else None
        why = "it has no address"
        for place in places[:_MAX_ADDRESSES]:
            try:
                return await loop.create_connection(
                    lambda: _Greeting(self),
                    place,
                    self.port,
                    ssl=secure,
                    server_hostname=self.host if secure else None,
                )
            except TimeoutError:
                raise
            except OSError as error:
                why = error.strerror or str(error)
        raise self.failed(f"cannot be reached ({why})")

    def _request(self, address: str, port: int) -> bytes:
        target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.credentials is not None:
            secret = base64.b64encode(self.credentials.encode()).decode()
            lines.append(f"Proxy-Authorization: Basic {secret}")
        return "\r\n".join([*lines, "", ""]).encode()

    def _refused(self, status: int) -> ProxyFailure:
        if status == 407:
            return self.failed(
                "wants another user and password than it was given (407)", Failure.POLICY
            )
        if status in _REFUSING:
            return self.failed(f"does not let us through ({status})", Failure.POLICY)
        return self.failed(f"answered {status}", reached_nobody=status in _REACHED_NOBODY)

    @property
    def _is_secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"


class _Greeting(asyncio.Protocol):
    """Waits for the proxy's answer, and reads no byte that stands behind it."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._came = bytearray()
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self.status.done():
            return
        self._came += data
        end = self._came.find(b"\r\n\r\n")
        if end < 0:
            if len(self._came) > _MAX_HEAD:
                self._fail("gave an answer without an end")
            return
        # What comes next is for another protocol, which is not there yet.
        self._transport.pause_reading()
        found = _STATUS.match(self._came)
        if found is None:
            self._fail("answered what is no HTTP")
        elif found[1][:1] == b"2" and len(self._came) > end + 4:
            # Neither TLS nor HTTP lets a server speak first: these words are the proxy's own.
            self._fail("spoke for the host before anybody asked")
        else:
            self.status.set_result(int(found[1]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("hung up without an answer")

    def _fail(self, says: str) -> None:
        if not self.status.done():
            self.status.set_exception(self._proxy.failed(says))
            # Not raised again where nobody waits any more, because the time was over.
            self.status.exception()
