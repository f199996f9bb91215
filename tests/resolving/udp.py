"""A name server that does what the test says: silent, late, lying, garbled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Heard:
    """What was asked of the server so far."""

    address: str
    questions: list[tuple[str, str]] = field(default_factory=list)


#: Gets a question, gives the datagrams to send back.
Replies = Callable[[dns.message.Message], Iterable[bytes]]


class _Server(asyncio.DatagramProtocol):
    def __init__(self, replies: Replies, heard: Heard, delay_s: float) -> None:
        self._replies, self._heard, self._delay_s = replies, heard, delay_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        asked = question.question[0]
        self._heard.questions.append(
            (asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype))
        )
        replies = list(self._replies(question))
        asyncio.get_running_loop().call_later(self._delay_s, self._send, replies, address)

    def _send(self, replies: list[bytes], address: tuple[str, int]) -> None:
        for reply in replies:
            self._transport.sendto(reply, address)


@asynccontextmanager
async def serving(replies: Replies, *, delay_s: float = 0) -> AsyncIterator[Heard]:
    heard = Heard("")
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Server(replies, heard, delay_s), local_addr=("127.0.0.1", 0)
    )
    host, port = transport.get_extra_info("sockname")
    heard.address = f"{host}:{port}"
    try:
        yield heard
    finally:
        transport.close()
        await asyncio.sleep(0)


def silence(_: dns.message.Message) -> Iterable[bytes]:
    return ()


def reply(question: dns.message.Message, *records: str, rcode: str = "NOERROR") -> bytes:
    """records: as in a zone file, with full names."""
    answer = dns.message.make_response(question)
    answer.set_rcode(dns.rcode.from_text(rcode))
    for record in records:
        name, ttl, type_, value = record.split(" ", 3)
        answer.answer.append(dns.rrset.from_text(name, int(ttl), "IN", type_, value))
    return answer.to_wire()


@contextmanager
def serving_beside(replies: Replies) -> Iterator[Heard]:
    """`serving` in a thread of its own, for code that has its own event loop."""
    ready, end = threading.Event(), threading.Event()
    found: list[Heard] = []

    async def serve() -> None:
        async with serving(replies) as heard:
            found.append(heard)
            ready.set()
            while not end.is_set():
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield found[0]
    finally:
        end.set()
        thread.join()
