"""A websocket server on loopback that says what a test tells it to, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from aiohttp import web

Speech = Callable[[web.Request, web.WebSocketResponse], Awaitable[None]]


@dataclass(slots=True)
class Speaking:
    """Where it listens, and who asked."""

    url: str
    port: int
    asked: list[web.Request] = field(default_factory=list)


@contextlib.contextmanager
def speaking(
    speech: Speech | None = None, *, answer: Callable[[], web.Response] | None = None
) -> Iterator[Speaking]:
    """speech: run once a websocket stands. answer: what is said to the request instead."""
    up = threading.Event()
    loop = asyncio.new_event_loop()
    served = Speaking(url="", port=0)
    end = asyncio.Event()

    async def handle(request: web.Request) -> web.StreamResponse:
        served.asked.append(request)
        if answer is not None:
            return answer()
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        if speech is not None:
            with contextlib.suppress(ConnectionError):
                await speech(request, socket)
        await socket.close()
        return socket

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", handle)
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        served.port = runner.addresses[0][1]
        served.url = f"ws://127.0.0.1:{served.port}"
        up.set()
        await end.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert up.wait(10)
        yield served
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)
        loop.close()


async def hold(_: web.Request, socket: web.WebSocketResponse) -> None:
    """Says nothing until the other side leaves."""
    await socket.receive()
