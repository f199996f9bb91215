"""The browser's only way out: a proxy on loopback that asks nobody whom we would not ask.

The browser resolves no name and opens no socket but to here. Each host is resolved by our
resolver, each address checked by the rules of every other request, and the checked address is
connected to, so that a name which changes its answer gains nothing. A secret keeps other programs
of this machine from using it. Bytes and connections of one capture are bounded.
May import: namaak.enriching.{answer_head, plain, reach}, namaak.fetch, namaak.resolving.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from namaak.enriching.answer_head import Unreadable, read_head
from namaak.enriching.plain import plain
from namaak.enriching.reach import Connect, Unreachable, checked_addresses, directly
from namaak.fetch import Allowed
from namaak.resolving import Resolver

_LOOPBACK = "127.0.0.1"
_MAX_HEAD = 64 << 10
_PIECE = 64 << 10
_HEAD_S = 15.0
_CONNECT_S = 10.0
_MAX_LISTED = 100
_MAX_OWN_ANSWERS = 20_000
_USER = "namaak"
#: Whom Chromium asks for itself at pages with forms: no page of a stranger needs them.
_OF_THE_BROWSER = frozenset({"content-autofill.googleapis.com"})
#: Header of answers that are ours and no server's; what stands in it is in `Passed.own_answers`.
OWN_ANSWER = "x-namaak-refused"
#: Of the browser's request, what is between it and us.
_HOP_BY_HOP = (b"proxy-", b"connection:", b"keep-alive:", b"te:", b"upgrade:")


@dataclass(slots=True)
class Passed:
    """What one capture sent and was refused."""

    requests: int = 0  #: connections made
    carried_bytes: int = 0  #: both ways
    refused: Counter[str] = field(default_factory=Counter)  #: times, by reason
    addresses: dict[str, str] = field(default_factory=dict)  #: host to the address connected to
    #: host to why the last socket to it could not be made
    unreached: dict[str, OSError] = field(default_factory=dict)
    #: What stands in answers of ours to plain requests, each once: no server gave those.
    own_answers: set[str] = field(default_factory=set)

    def refuse(self, reason: str) -> None:
        if reason in self.refused or len(self.refused) < _MAX_LISTED:
            self.refused[reason] += 1


class _Refused(Exception):
    """Goes to the browser as a status; the text goes into `Passed`."""

    def __init__(self, status: str, says: str) -> None:
        super().__init__(says)
        self.status = status


class Proxy:
    """For one capture. A context manager: nothing listens outside of it."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        ports: Collection[int],
        allow: Sequence[Allowed],
        max_bytes: int,
        max_connections: int,
        connect: Connect = directly,
    ) -> None:
        """connect: makes the socket to an address once that is checked."""
        self._connect_to = connect
        self.passed = Passed()
        self._resolver = resolver
        # What is allowed brings its own port along, as in every other request.
        self._ports = frozenset((*ports, *(exception.port for exception in allow)))
        self._allow = tuple(allow)
        self._max_bytes = max_bytes
        self._max_connections = max_connections
        self.password = secrets.token_urlsafe(24)
        self._expected = base64.b64encode(f"{_USER}:{self.password}".encode())
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def user(self) -> str:
        return _USER

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://{_LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, _LOOPBACK, 0, limit=_MAX_HEAD)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # either side went away; the browser tells its page
        except asyncio.CancelledError:
            # The capture is over. Not raised on: the server would report it as a fault.
            pass
        finally:
            self._tasks.discard(task)
            await _close(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_S):
            head = await reader.readuntil(b"\r\n\r\n")
        line, *fields = head[:-4].split(b"\r\n")
        try:
            self._check_secret(fields)
            method, host, port, path = _asked(line)
            if host in _OF_THE_BROWSER:
                raise _Refused("403 Forbidden", "a question of the browser's own")
            if self.passed.requests >= self._max_connections:
                raise _Refused("429 Too Many Requests", "more connections than a page may make")
            if self.passed.carried_bytes >= self._max_bytes:
                raise _Refused("429 Too Many Requests", "more bytes than a page may load")
            there, answer = await self._connect(host, port)
        except _Refused as refused:
            says = str(refused)
            if says:
                self.passed.refuse(says)
            writer.write(_status(refused.status, self._own_mark()))
            await writer.drain()
            return
        try:
            body = 0
            if method == b"CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
            else:
                kept = [one for one in fields if not one.lower().startswith(_HOP_BY_HOP)]
                body = _content_length(kept)
                start = b"%s %s HTTP/1.1" % (method, path)
                answer.write(b"\r\n".join([start, *kept, b"Connection: close", b"", b""]))
                await answer.drain()
            upload = asyncio.create_task(
                self._send(reader, answer, None if method == b"CONNECT" else body)
            )
            try:
                if method == b"CONNECT":
                    await self._receive(there, writer)
                else:
                    await self._receive_one(there, writer, method)
            finally:
                upload.cancel()
                await asyncio.gather(upload, return_exceptions=True)
        finally:
            await _close(answer)

    def _own_mark(self) -> str:
        mark = secrets.token_urlsafe(12)
        if len(self.passed.own_answers) < _MAX_OWN_ANSWERS:
            self.passed.own_answers.add(mark)
        return mark

    def _check_secret(self, fields: Sequence[bytes]) -> None:
        given = b""
        for one in fields:
            name, _, value = one.partition(b":")
            if name.strip().lower() == b"proxy-authorization":
                given = value.strip().rpartition(b" ")[2]
        if not hmac.compare_digest(given, self._expected):
            # Not counted: the browser asks once without, to learn that a secret is wanted.
            raise _Refused("407 Proxy Authentication Required", "")

    async def _connect(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            addresses = await checked_addresses(
                self._resolver, host, port, ports=self._ports, allow=self._allow
            )
        except Unreachable as error:
            if error.refused:
                raise _Refused("403 Forbidden", str(error)) from None
            raise _Refused("502 Bad Gateway", f"{plain(host, 100)} {error}") from None
        self.passed.requests += 1
        for address in addresses[:2]:
            try:
                async with asyncio.timeout(_CONNECT_S):
                    pair = await self._connect_to(address, port)
            except OSError as error:  # a time-out too
                if len(self.passed.unreached) < _MAX_LISTED:
                    self.passed.unreached[host] = error
                continue
            if len(self.passed.addresses) < _MAX_LISTED:
                self.passed.addresses[host] = address
            return pair
        raise _Refused("502 Bad Gateway", "")

    async def _receive(
        self, there: asyncio.StreamReader, here: asyncio.StreamWriter, length: int | None = None
    ) -> None:
        left = length
        while left is None or left > 0:
            part = await there.read(_PIECE if left is None else min(_PIECE, left))
            if not part or not self._may_carry(part):
                return
            here.write(part)
            await here.drain()
            left = None if left is None else left - len(part)

    async def _receive_one(
        self, there: asyncio.StreamReader, here: asyncio.StreamWriter, method: bytes
    ) -> None:
        """One answer, after which the browser must open another connection; see `answer_head`."""
        came = b""
        while True:
            try:
                head = read_head(came, method=method)
            except Unreadable:
                return
            if head is None:
                part = await there.read(_PIECE)
                if not part or len(came) > _MAX_HEAD or not self._may_carry(part):
                    return
                came += part
                continue
            here.write(head.sent_on)
            came = head.rest
            if not head.interim:
                break
        here.write(came[: head.length])
        await here.drain()
        left = None if head.length is None else max(0, head.length - len(came))
        await self._receive(there, here, left)

    async def _send(
        self, here: asyncio.StreamReader, there: asyncio.StreamWriter, length: int | None
    ) -> None:
        """What the browser sends on; of a plain request no byte more than its body.

        What came behind it would be another request, secret and all, for a server of a stranger.
        """
        left = length
        while left is None or left > 0:
            part = await here.read(_PIECE if left is None else min(_PIECE, left))
            if not part:
                break
            if not self._may_carry(part):
                there.close()
                return
            there.write(part)
            await there.drain()
            left = None if left is None else left - len(part)
        if length is None and there.can_write_eof():
            there.write_eof()

    def _may_carry(self, part: bytes) -> bool:
        self.passed.carried_bytes += len(part)
        if self.passed.carried_bytes <= self._max_bytes:
            return True
        self.passed.refuse("more bytes than a page may load")
        return False


def _asked(line: bytes) -> tuple[bytes, str, int, bytes]:
    """(method, host, port, path) of the request line. Raises _Refused."""
    method, _, rest = line.partition(b" ")
    target = rest.rpartition(b" ")[0].decode("latin-1")
    try:
        parts = urlsplit(f"//{target}" if method == b"CONNECT" else target)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, None
    if not host or parts is None or not method.isalpha():
        raise _Refused("400 Bad Request", "a request that cannot be read")
    if method == b"CONNECT":
        if port is None:
            raise _Refused("400 Bad Request", "a request that cannot be read")
        return method, host, port, b""
    if parts.scheme != "http":
        raise _Refused("403 Forbidden", f"{plain(parts.scheme, 20)}: is not asked")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return method, host, port or 80, path.encode("latin-1")


def _content_length(fields: Sequence[bytes]) -> int:
    for one in fields:
        name, _, value = one.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return 0


def _status(status: str, mark: str) -> bytes:
    ask = 'Proxy-Authenticate: Basic realm="namaak"\r\n' if status.startswith("407") else ""
    own = f"{OWN_ANSWER}: {mark}\r\n"
    return f"HTTP/1.1 {status}\r\n{ask}{own}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()
