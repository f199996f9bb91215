"""A door whose way out is a proxy: it is told addresses that were checked, and nothing else."""

from __future__ import annotations

import asyncio
import base64
import ssl
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from namaak.enriching.findings import Outcome
from namaak.enriching.outcomes import outcome_of
from namaak.errors import Failure
from namaak.fetch import Limits, Proxy
from tests.enriching.certificates import DAY, made
from tests.fetch.asking import fetcher, get, refused
from tests.peers import CLOSE, free_port, hostile, nginx, nsd, proxying, reply

#: Its name and its password: neither may turn up where it does not belong.
HOST, SECRET = "www.shop.example", "ada:very-secret"


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    """The name leads to loopback, to an address of a private network, or to both."""
    zone = (
        "www IN A 127.0.0.1\nproxy IN A 127.0.0.2\ninside IN A 10.0.0.7\n"
        "both IN A 10.0.0.7\nboth IN A 127.0.0.1\n"
    )
    with nsd({"shop.example": zone}, tmp_path_factory.mktemp("zones")) as served:
        yield served


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """(folder with chain and key, context that trusts it): of the host and of the proxy."""
    folder = tmp_path_factory.mktemp("tls")
    now = datetime.now(UTC)
    leaf, key = made([HOST, "proxy.shop.example"], start=now - DAY, end=now + DAY)
    (folder / "chain.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return folder, ssl.create_default_context(cafile=folder / "chain.pem")


def through(proxy, *ports, scheme="http", host=None, credentials=None, proxy_tls=None, **further):
    way = Proxy(
        vantage="far",
        url=f"{scheme}://{host or proxy.host}:{proxy.port}",
        credentials=credentials,
        tls=proxy_tls,
    )
    return fetcher(*ports, proxy=way, **further)


def heard_of(proxy, word: str) -> bool:
    return any(word in head for head in proxy.heads)


@pytest.mark.peer
def test_plain_http_goes_by_connect_to_the_address_that_we_resolved(zones):
    with hostile(CLOSE + reply(b"far away")) as site, proxying() as proxy:
        made = through(proxy, site.port, credentials=SECRET, nameservers=[zones.address])
        answer = get(f"http://{HOST}:{site.port}/page", made)
    assert (answer.body, answer.address) == (b"far away", "127.0.0.1")
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n")
    assert not heard_of(proxy, "shop.example") and not heard_of(proxy, "page")
    secret = base64.b64encode(SECRET.encode()).decode()
    assert proxy.header("Proxy-Authorization") == f"Basic {secret}"
    assert site.header("Host") == f"{HOST}:{site.port}"
    assert site.header("Proxy-Authorization") is None


@pytest.fixture
def secured(tmp_path, certified):
    """A server that says by which name it was asked for."""
    folder, _ = certified
    locations = (
        f"ssl_certificate {folder}/chain.pem; ssl_certificate_key {folder}/key.pem; "
        'location / { return 200 "$ssl_server_name"; }'
    )
    with nginx(tmp_path, listen_extra="ssl", locations=locations) as site:
        yield site


@pytest.mark.peer
def test_tls_is_spoken_with_the_host_by_its_name(zones, secured, certified):
    url = f"https://{HOST}:{secured.port}/"
    how = {"nameservers": [zones.address]}
    with proxying() as proxy:
        answer = get(url, through(proxy, secured.port, tls=certified[1], **how))
        error = refused(url, through(proxy, secured.port, **how))
    assert (answer.body.decode(), answer.address) == (HOST, "127.0.0.1")
    assert not heard_of(proxy, "shop.example")
    assert error.failure is Failure.POLICY and "certificate" in error.says


@pytest.mark.peer
def test_a_proxy_that_is_spoken_to_by_tls_must_show_its_own_certificate(zones, secured, certified):
    folder, trusting = certified
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    url = f"https://{HOST}:{secured.port}/"
    how = {
        "scheme": "https", "host": "proxy.shop.example", "tls": trusting,
        "nameservers": [zones.address],
    }  # fmt: skip
    with proxying(tls=shown) as proxy:
        answer = get(url, through(proxy, secured.port, proxy_tls=trusting, **how))
        heads = len(proxy.heads)
        error = refused(url, through(proxy, secured.port, credentials=SECRET, **how))
    assert answer.body.decode() == HOST
    assert "proxy of the vantage" in error.says and "cannot be reached" in error.says
    assert len(proxy.heads) == heads == 1  # no password was said to a stranger


@pytest.mark.peer
def test_an_address_that_may_not_be_asked_is_refused_before_the_proxy_hears_of_it(zones):
    with proxying() as proxy:
        for host in ("inside.shop.example", "10.0.0.7", "127.0.0.1"):
            made = through(proxy, free_port(), nameservers=[zones.address])
            error = refused(f"http://{host}/", made)
            assert error.failure is Failure.POLICY
            assert "where namaak never asks" in error.says
    assert proxy.connections == 0


@pytest.mark.peer
def test_of_several_addresses_only_those_that_may_be_are_told_to_the_proxy(zones):
    port = free_port()
    with proxying() as proxy:
        made = through(proxy, port, nameservers=[zones.address])
        error = refused(f"http://both.shop.example:{port}/", made)
    assert "answered 502" in error.says  # nobody is there, and still the other one is not told
    assert {head.split()[1] for head in proxy.heads} == {f"127.0.0.1:{port}"}


@pytest.mark.peer
def test_a_redirect_is_checked_like_what_was_asked_for(zones):
    with (
        hostile(CLOSE + reply(status="302 Found", Location="http://10.0.0.7/")) as site,
        proxying() as proxy,
    ):
        made = through(proxy, site.port, nameservers=[zones.address])
        error = refused(f"http://{HOST}:{site.port}/", made)
    assert error.failure is Failure.POLICY and "10.0.0.7" in error.says
    assert len(proxy.heads) == 1


async def silent(_reader, _writer):
    await asyncio.sleep(30)


@pytest.mark.parametrize(
    ("answer", "failure", "says"),
    [
        (reply(status="407 No"), Failure.POLICY, "another user and password"),
        (reply(status="403 No"), Failure.POLICY, "does not let us through (403)"),
        (reply(status="500 Oh"), Failure.TRANSIENT, "answered 500"),
        (reply(status="504 Oh"), Failure.TRANSIENT, "answered 504"),
        (reply(status="302 Go", Location="http://198.51.100.9/"), Failure.TRANSIENT, "302"),
        (b"nonsense\r\n\r\n", Failure.TRANSIENT, "no HTTP"),
        (b"HTTP/1.1 2000 \r\n\r\n", Failure.TRANSIENT, "no HTTP"),
        (CLOSE + b"HTTP/1.1 200", Failure.TRANSIENT, "hung up"),
        (b"HTTP/1.1 200 " + b"x" * 20_000, Failure.TRANSIENT, "without an end"),
        (reply(b"lies", "404 Not Found"), Failure.TRANSIENT, "answered 404"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + reply(b"", "404 Gone"), Failure.TRANSIENT, "spoke for"),
        (silent, Failure.TRANSIENT, "gave no answer within"),
    ],
)
def test_a_proxy_that_refuses_or_lies_is_our_own_failure(answer, failure, says):
    with hostile(answer) as proxy:
        made = through(proxy, 4444, credentials=SECRET, connect_s=0.5)
        error = refused("http://127.0.0.1:4444/", made)
    assert error.failure is failure
    assert 'the proxy of the vantage "far"' in error.says and says in error.says
    assert error.status is None
    assert outcome_of(error) is Outcome.POLICY
    assert "secret" not in str(error) and "ada" not in str(error)
    assert len(proxy.heads) == 1


def test_that_nobody_is_at_the_proxy_is_our_own_failure():
    way = Proxy(vantage="far", url=f"http://127.0.0.1:{free_port()}", credentials=SECRET)
    error = refused("http://127.0.0.1:4444/", fetcher(4444, proxy=way))
    assert error.failure is Failure.TRANSIENT
    assert 'the proxy of the vantage "far" cannot be reached' in error.says
    assert outcome_of(error) is Outcome.POLICY
    assert SECRET not in repr(way)


@pytest.mark.peer
def test_a_proxy_without_an_address_is_our_own_failure(zones):
    way = Proxy(vantage="far", url="http://nowhere.shop.example:3128")
    made = fetcher(4444, proxy=way, nameservers=[zones.address])
    error = refused("http://127.0.0.1:4444/", made)
    assert error.failure is Failure.TRANSIENT and "without an address" in error.says
    assert outcome_of(error) is Outcome.POLICY


def test_a_proxy_is_asked_again_as_any_host_that_fails_for_now():
    with (
        hostile(CLOSE + reply(b"there")) as site,
        hostile(CLOSE + reply(status="500 Oh"), relay_to(lambda: site.port)) as proxy,
    ):
        made = through(proxy, site.port, sleep=lambda _: asyncio.sleep(0))
        assert get(f"http://127.0.0.1:{site.port}/", made, retries=1).body == b"there"
    assert len(proxy.heads) == 2


def relay_to(port):
    async def relay(reader, writer):
        there, answer = await asyncio.open_connection("127.0.0.1", port())
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        answer.write(await reader.readuntil(b"\r\n\r\n"))
        writer.write(await there.read())
        await writer.drain()
        answer.transport.abort()

    return relay


def test_limits_of_size_hold_behind_a_proxy():
    with hostile(CLOSE + reply(b"x" * 5_000)) as site, proxying() as proxy:
        made = through(proxy, site.port)
        url = f"http://127.0.0.1:{site.port}/"
        error = refused(url, made, limits=Limits(max_bytes=1_000))
    assert error.failure is Failure.POLICY and "more than the 1000" in error.says


def test_a_connection_that_is_kept_is_used_again_and_knows_whose_it_is():
    with hostile(reply(b"one"), reply(b"two")) as site, proxying() as proxy:
        url = f"http://127.0.0.1:{site.port}/"

        async def run():
            async with through(proxy, site.port) as fetch:
                return [await fetch.get(url), await fetch.get(url)]

        first, second = asyncio.run(run())
    assert (first.body, second.body) == (b"one", b"two")
    assert {first.address, second.address} == {"127.0.0.1"}
    assert len(proxy.heads) == 1
