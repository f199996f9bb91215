"""An HTTP proxy that does what CONNECT asks, and remembers all that it was told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.hostile import Hostile, hostile


@contextmanager
def proxying(*, tls: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """Its `heads` are all that it read but what it carried. It has an address of its own, which
    is what the other side sees.
    """
    running: list[Hostile] = []

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = running[0].heads[-1].split()[1].rpartition(":")
        assert host.startswith("127."), "no packet of a test leaves this machine"
        try:
            there, answer = await asyncio.open_connection(
                host.strip("[]"), int(port), local_addr=(running[0].host, 0)
            )
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while part := await source.read(1 << 16):
                sink.write(part)
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()

        try:
            await asyncio.gather(pump(reader, answer), pump(there, writer), return_exceptions=True)
        finally:
            answer.transport.abort()

    with hostile(connect, host="127.0.0.2", tls=tls) as server:
        running.append(server)
        yield server
