"""Hearing a stream: a websocket opened through the same door as every other request.

It begins as an HTTP request, with the gate of URLs, the check at the socket, the turn at the host
and the budget; then messages come for as long as the caller listens. Each is refused before it is
put together when it is larger than its limit, and compression is not offered: nothing inflates.
May import: namaak.errors.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Literal

import aiohttp
from aiohttp import WSCloseCode, WSMsgType
from yarl import URL

from namaak.errors import Failure
from namaak.fetch.connecting import RedirectRefused, doorway
from namaak.fetch.failures import FetchError, failure_of
from namaak.fetch.requesting import Request, told
from namaak.fetch.retrying import retry_after_s

if TYPE_CHECKING:
    from namaak.fetch.exchanging import Exchanger

#: Text is given as the bytes it came in: what is no UTF-8 is one bad message, not a broken stream.
_Socket = aiohttp.ClientWebSocketResponse[Literal[False]]
_CLOSING_S = 2.0
_CLOSED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED)


class Listener:
    """What comes over one websocket, message by message."""

    def __init__(self, socket: _Socket, request: Request, exchanger: Exchanger) -> None:
        self._socket = socket
        self._request = request
        self._exchanger = exchanger

    async def message(self, within_s: float) -> bytes | None:
        """The next message, of text as of bytes; None when none came in that time.

        Raises FetchError: transient when the server ended or the connection broke off, policy for
        what is too large or over the budget, malformed for what is no websocket.
        """
        try:
            async with asyncio.timeout(max(0.0, within_s)):
                came = await self._socket.receive()
        except TimeoutError:
            return None
        if came.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            found = bytes(came.data)
            if (reason := self._exchanger.budget.received(len(found))) is not None:
                raise self._kept(f"was not heard on: {reason}", Failure.POLICY)
            return found
        if came.type in _CLOSED:
            code, why = self._socket.close_code, came.extra
            says = f"was ended by the server (code {code}{f', {why}' if why else ''})"
            raise self._kept(says, Failure.TRANSIENT)
        raise self._broken(self._socket.exception() or came.data)

    def _broken(self, error: object) -> FetchError:
        if isinstance(error, aiohttp.WebSocketError):
            if error.code == WSCloseCode.MESSAGE_TOO_BIG:
                return self._kept(
                    f"sends a message of more than {self._request.limits.max_bytes} bytes",
                    Failure.POLICY,
                )
            return self._kept(f"is no websocket ({error})", Failure.MALFORMED)
        return self._kept(f"broke off ({type(error).__name__}: {error})", Failure.TRANSIENT)

    def _kept(self, says: str, failure: Failure) -> FetchError:
        error = self._request.error(says, failure)
        self._exchanger.keep(error)
        return error


@contextlib.asynccontextmanager
async def listening(
    exchanger: Exchanger, request: Request, *, within_s: float, heartbeat_s: float
) -> AsyncIterator[Listener]:
    """Ask for a websocket and hold it open. Raises FetchError, which is noted down."""
    await exchanger.admit(request, within_s)
    try:
        socket = await _opened(exchanger, request, within_s, heartbeat_s)
    except FetchError as error:
        exchanger.keep(error)
        raise
    exchanger.manners.answered(request.target.host)
    try:
        yield Listener(socket, request, exchanger)
    finally:
        await socket.close()


async def _opened(
    exchanger: Exchanger, request: Request, within_s: float, heartbeat_s: float
) -> _Socket:
    try:
        async with asyncio.timeout(within_s) as limit:
            with doorway(request.ports) as door, told(request, door):
                try:
                    return await exchanger.connector.session.ws_connect(
                        URL(request.target.text, encoded=True),
                        headers={**request.headers, "User-Agent": exchanger.user_agent},
                        timeout=aiohttp.ClientWSTimeout(ws_receive=None, ws_close=_CLOSING_S),
                        heartbeat=heartbeat_s,
                        max_msg_size=request.limits.max_bytes,
                        compress=0,
                        decode_text=False,
                    )
                except aiohttp.WSServerHandshakeError as error:
                    raise _of_handshake(exchanger, request, error) from error
                except RedirectRefused as error:
                    raise request.error(str(error), Failure.POLICY) from error
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise request.error(f"did not agree within {within_s:.0f} s", Failure.TRANSIENT) from error


def _of_handshake(
    exchanger: Exchanger, request: Request, error: aiohttp.WSServerHandshakeError
) -> FetchError:
    if error.status < 400:
        return request.error(f"is no websocket ({error.message})", Failure.MALFORMED, error.status)
    headers: Mapping[str, str] = error.headers or {}
    failure = failure_of(error.status, retry_after="Retry-After" in headers)
    if failure is Failure.THROTTLED:
        asked = retry_after_s(
            headers.get("Retry-After"), date=headers.get("Date"), now=exchanger.now()
        )
        exchanger.manners.slow_down(request.target.host, asked or 0.0)
    return request.error(f"has status {error.status}", failure, error.status)
