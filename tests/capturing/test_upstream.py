"""A vantage behind a proxy: it is asked for checked addresses only, and told no names."""

from __future__ import annotations

import asyncio
import base64

import pytest

from namaak.capturing import CaptureOutcome, Place, lacking
from namaak.capturing.upstream import way_out
from namaak.errors import NamaakError
from namaak.resolving import Resolver
from tests.capturing.world import captured, responses
from tests.enriching.certificates import made, shown
from tests.peers import free_port, hostile, nsd

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    zone = "@ IN A 127.0.0.1\n* IN A 127.0.0.1\ngone IN TXT x\n"
    with nsd({"test": zone}, tmp_path_factory.mktemp("zones")) as served:
        yield served


async def relay(reader, writer):
    """A proxy: the head was read, and what it asked for is on loopback."""
    port = relay.ports[0]
    there, answer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def pump(source, sink):
        while part := await source.read(1 << 16):
            sink.write(part)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()

    try:
        await asyncio.gather(pump(reader, answer), pump(there, writer), return_exceptions=True)
    finally:
        answer.transport.abort()


def connected(zones, url, credentials=None, *, to=("198.51.100.7", 443)):
    async def run():
        async with Resolver(servers=[zones.address], timeout_s=1, tries=2) as resolver:
            place = Place(
                name="berlin", resolvers=(zones.address,), proxy=url, credentials=credentials
            )
            connect = await way_out(place, resolver)
            _, writer = await connect(*to)
            writer.transport.abort()
            await asyncio.sleep(0)

    asyncio.run(run())


def test_the_proxy_is_asked_for_an_address_with_its_password(zones):
    with hostile(b"HTTP/1.1 200 Connection established\r\n\r\n") as proxy:
        connected(zones, f"http://proxy.test:{proxy.port}", "ada:secret")
        connected(zones, f"http://127.0.0.1:{proxy.port}", to=("2001:db8::7", 80))
    assert proxy.heads[0].startswith("CONNECT 198.51.100.7:443 HTTP/1.1\r\n")
    secret = base64.b64encode(b"ada:secret").decode()
    assert proxy.header("Proxy-Authorization", 0) == f"Basic {secret}"
    assert proxy.heads[1].startswith("CONNECT [2001:db8::7]:80 HTTP/1.1\r\n")
    assert proxy.header("Proxy-Authorization", 1) is None


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 No\r\n\r\n", b"nonsense\r\n\r\n", b"\0close\0HTTP"]
)
def test_a_proxy_that_does_not_connect_is_told_of(zones, answer):
    with (
        hostile(answer) as proxy,
        pytest.raises(OSError, match='the proxy of the vantage "berlin"') as told,
    ):
        connected(zones, f"http://127.0.0.1:{proxy.port}")
    assert not isinstance(told.value, ConnectionRefusedError)


def test_that_nobody_is_at_the_proxy_says_nothing_of_the_host(zones):
    with pytest.raises(OSError, match="cannot be reached") as told:
        connected(zones, f"http://127.0.0.1:{free_port()}")
    assert not isinstance(told.value, ConnectionRefusedError)


def test_a_proxy_without_an_address_is_told_of(zones):
    with pytest.raises(NamaakError, match=r"gone\.test has no address"):
        connected(zones, "http://gone.test:3128")


def test_a_page_and_its_certificate_are_seen_by_way_of_the_proxy(zones, tmp_path):
    if (reason := lacking()) is not None:
        pytest.skip(reason)
    leaf, key = made(["good.test"])
    (tmp_path / "index.html").write_text("<title>far</title><body>far away")
    with shown(tmp_path, [leaf], key) as served, hostile(relay) as proxy:
        relay.ports = [served.port]
        place = Place(
            name="berlin", resolvers=(zones.address,), proxy=f"http://127.0.0.1:{proxy.port}",
            address="198.51.100.9", user_agent="Mozilla/5.0 (far)", locale="nl-NL",
        )  # fmt: skip
        url = f"https://good.test:{served.port}/"
        found = captured(zones, url, ports=[served.port], place=place)
        heads = list(proxy.heads)
    assert found.outcome is CaptureOutcome.OK, found.document["reason"]
    assert {head.split()[1] for head in heads} == {f"127.0.0.1:{served.port}"}
    assert url in responses(found.wacz)
    assert found.document["certificates"][0]["outcome"] == "answered"
    assert found.document["vantage"] == {
        "name": "berlin", "resolvers": [zones.address], "proxy": True,
        "outside_address": "198.51.100.9",
    }  # fmt: skip
    assert found.document["browser"]["user_agent"] == "Mozilla/5.0 (far)"


def test_what_our_own_proxy_answers_stands_for_no_server():
    """Marks count once, so that a page which learns of one gains nothing."""
    from namaak.capturing.taking import _from_servers
    from namaak.enriching.proxy import OWN_ANSWER, Passed
    from tests.capturing.test_warc import exchange

    ours = exchange(response_headers=[[OWN_ANSWER, "mark"]], seq=1)
    copied = exchange(response_headers=[[OWN_ANSWER, "mark"]], seq=2)
    invented = exchange(response_headers=[[OWN_ANSWER, "other"]], seq=3)
    kept = _from_servers([copied, invented, ours], Passed(own_answers={"mark"}))
    assert [one.seq for one in kept] == [2, 3]
