"""Names whose answer changes between the check and the use, answered by real name servers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import dns.message
import pytest

from namaak.errors import Failure
from namaak.fetch import Allowed, FetchError
from tests.fetch.asking import fetcher
from tests.peers import CLOSE, free_port, hostile, nsd, reply

pytestmark = pytest.mark.peer

PUBLIC, PRIVATE = "127.0.0.1", "127.0.0.2"


@contextlib.contextmanager
def swapping(*upstreams: int):
    """A name server that asks the first upstream about the first A query, and so on in turn.

    The answers are those of the real servers behind it. Gives its address and the A queries seen.
    """
    asked: list[str] = []
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind((PUBLIC, 0))
    listening.settimeout(0.1)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                query, client = listening.recvfrom(4096)
            except TimeoutError:
                continue
            (question,) = dns.message.from_wire(query).question
            is_a = question.rdtype == dns.rdatatype.A
            upstream = upstreams[len(asked) % len(upstreams)]
            if is_a:
                asked.append(question.name.to_text())
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onward:
                onward.settimeout(5)
                onward.sendto(query, (PUBLIC, upstream))
                listening.sendto(onward.recv(4096), client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"{PUBLIC}:{listening.getsockname()[1]}", asked
    finally:
        stop.set()
        thread.join(10)
        listening.close()


@pytest.fixture
def two_sites():
    """The same port of two addresses: one that may be asked, one that may not."""
    port = free_port()
    with (
        hostile(CLOSE + reply(b"public", Connection="close"), host=PUBLIC, port=port) as public,
        hostile(CLOSE + reply(b"private"), host=PRIVATE, port=port) as private,
    ):
        yield public, private


def _zone(*addresses: str) -> dict[str, str]:
    return {"shop.example": "".join(f"www 0 IN A {address}\n" for address in addresses)}


def _asking(site, nameserver: str):
    allow = [Allowed(f"{PUBLIC}/32", site.port)]
    return fetcher(allow=allow, nameservers=[nameserver])


def test_the_address_connected_to_is_the_one_that_was_checked(tmp_path, two_sites):
    """The second answer leads inside, but nobody asks for a second answer."""
    public, private = two_sites
    with (
        nsd(_zone(PUBLIC), tmp_path / "1") as first,
        nsd(_zone(PRIVATE), tmp_path / "2") as second,
        swapping(first.port, second.port) as (nameserver, asked),
    ):

        async def run():
            async with _asking(public, nameserver) as fetch:
                return await fetch.get(f"http://www.shop.example:{public.port}/", retries=0)

        answer = asyncio.run(run())
    assert (answer.body, answer.address) == (b"public", PUBLIC)
    assert len(asked) == 1
    assert private.connections == 0


def test_each_new_connection_checks_its_own_answer(tmp_path, two_sites):
    public, private = two_sites
    url = f"http://www.shop.example:{public.port}/"
    with (
        nsd(_zone(PUBLIC), tmp_path / "1") as first,
        nsd(_zone(PRIVATE), tmp_path / "2") as second,
        swapping(first.port, second.port) as (nameserver, asked),
    ):

        async def run():
            async with _asking(public, nameserver) as fetch:
                bodies = []
                for _ in range(4):
                    try:
                        bodies.append((await fetch.get(url, retries=0)).body)
                    except FetchError as error:
                        bodies.append(error.failure)
                return bodies

        outcome = asyncio.run(run())
    assert outcome == [b"public", Failure.POLICY] * 2
    assert len(asked) == 4
    assert private.connections == 0


def test_a_zone_changed_between_two_hops_is_caught_at_the_second(tmp_path):
    port = free_port()
    with nsd(_zone(PUBLIC), tmp_path) as zones:

        async def swap_then_redirect(reader, writer):
            text = f"@ 0 IN SOA ns.test. host.test. 2 60 60 60 0\nwww 0 IN A {PRIVATE}\n"
            await asyncio.to_thread(zones.change, "shop.example", text)
            place = f"http://www.shop.example:{port}/secret"
            writer.write(reply(status="302 Found", Location=place, Connection="close"))

        with (
            hostile(swap_then_redirect, host=PUBLIC, port=port) as public,
            hostile(reply(b"private"), host=PRIVATE, port=port) as private,
        ):

            async def run():
                async with _asking(public, zones.address) as fetch:
                    await fetch.get(f"http://www.shop.example:{port}/", retries=0)

            with pytest.raises(FetchError) as caught:
                asyncio.run(run())
    assert caught.value.failure is Failure.POLICY
    assert PRIVATE in caught.value.says
    assert caught.value.hops[0].address == PUBLIC
    assert private.connections == 0


def test_of_several_addresses_only_those_that_may_be_are_connected_to(tmp_path, two_sites):
    public, private = two_sites
    with nsd(_zone(PRIVATE, PUBLIC, "10.0.0.1"), tmp_path) as zones:

        async def run():
            addresses = set()
            for _ in range(4):
                async with _asking(public, zones.address) as fetch:
                    answer = await fetch.get(f"http://www.shop.example:{public.port}/", retries=0)
                    addresses.add(answer.address)
            return addresses

        assert asyncio.run(run()) == {PUBLIC}
    assert private.connections == 0
