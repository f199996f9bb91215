"""A web server that sends exactly what it is told to, however wrong: no program does that.

It runs in a thread with an event loop of its own, so that tests may use any loop they like.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.peers.programs import HOST

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Hostile:
    """A running server. `heads` and `bodies` are those of the requests, in order of arrival."""

    host: str
    port: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Without a trailing slash."""
        return f"http://{self.host}:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [head.split(" ", 2)[1] for head in self.heads]

    def header(self, name: str, request: int = -1) -> str | None:
        """Of one request, as it was sent; None where it was not."""
        for line in self.heads[request].split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A correct answer; underscores in names become hyphens. Give Content-Length to lie."""
    headers.setdefault("Content_Length", str(len(body)))
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@contextmanager
def hostile(
    *answers: bytes | Script, host: str = HOST, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Hostile]:
    """Answer the first request with the first answer and so on; the last one for all further.

    Bytes are sent as they are; the connection stays open unless they are `CLOSE + bytes`. A
    script gets the streams after the head was read and closes the connection by returning.
    """
    server = Hostile(host=host)
    ready, loops = threading.Event(), []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                answer = answers[min(len(server.heads), len(answers) - 1)]
                server.heads.append(head)
                length = int(server.header("Content-Length") or 0)
                server.bodies.append(await reader.readexactly(length))
                if not isinstance(answer, bytes):
                    await answer(reader, writer)
                    break
                writer.write(answer.removeprefix(CLOSE))
                await writer.drain()
                if answer.startswith(CLOSE):
                    break
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # The client left first, as it should where it is too much, or all is over.
        finally:
            writer.transport.abort()

    async def run() -> None:
        stop = asyncio.Event()
        listening = await asyncio.start_server(serve, host, port, ssl=tls)
        server.port = listening.sockets[0].getsockname()[1]
        loops.append((asyncio.get_running_loop(), stop))
        ready.set()
        await stop.wait()
        listening.close()
        # What was just accepted gets its transport first: cancelled before, nobody closes it.
        await asyncio.sleep(0.01)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # One more turn, in which the transports close their sockets.
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop, stop = loops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


#: In front of an answer: close the connection behind it.
CLOSE = b"\0close\0"
