"""The browser's only way out: whom it lets through to, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.enriching.answer_head import Unreadable, read_head
from namaak.enriching.proxy import Proxy
from namaak.resolving import Resolver
from tests.enriching.world import allowed
from tests.peers import free_port, nginx, nsd


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    texts = {
        "test": "@ IN A 127.0.0.1\nsite IN A 127.0.0.1\nprivate IN A 10.0.0.7\nempty IN TXT x\n"
        "cloud IN A 169.254.169.254\n",
    }
    with nsd(texts, tmp_path_factory.mktemp("zones")) as served:
        yield served


def through(zones, request: str, *ports: int, secret: bool = True, body: bytes = b"", **limits):
    """(all bytes that came back, what was passed) of one connection to the proxy."""

    async def run():
        async with (
            Resolver(servers=[zones.address], timeout_s=1, tries=2) as resolver,
            Proxy(
                resolver, ports=(80, 443), allow=allowed(*ports),
                **{"max_bytes": 1 << 20, "max_connections": 10, **limits},
            ) as proxy,
        ):  # fmt: skip
            host, port = proxy.url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            told = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
            head = request + (f"Proxy-Authorization: Basic {told}\r\n" if secret else "") + "\r\n"
            writer.write(head.encode() + body)
            came = b""
            # A proxy that hangs up on an upload resets the connection.
            with contextlib.suppress(ConnectionResetError):
                came = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return came, proxy.passed

    return asyncio.run(run())


def status(came: bytes) -> str:
    return came.split(b"\r\n")[0].decode().partition(" ")[2]


def test_without_the_secret_nothing_passes(zones):
    came, passed = through(zones, "CONNECT site.test:443 HTTP/1.1\r\n", secret=False)
    assert status(came).startswith("407")
    assert b"Proxy-Authenticate: Basic" in came
    assert (passed.requests, passed.refused) == (0, {})


@pytest.mark.peer
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("CONNECT site.test:443", "127.0.0.1 is loopback"),
        ("CONNECT private.test:443", "10.0.0.7 is private"),
        ("CONNECT cloud.test:80", "169.254.169.254 is link-local"),
        ("CONNECT 127.0.0.1:443", "127.0.0.1 is loopback"),
        ("CONNECT [::1]:443", "::1 is loopback"),
        ("CONNECT [::ffff:127.0.0.1]:443", "::ffff:"),
        ("CONNECT 9.9.9.9:22", "port 22"),
        ("GET http://169.254.169.254/latest/meta-data/", "169.254.169.254 is link-local"),
        ("GET http://private.test/", "10.0.0.7 is private"),
        ("GET file:///etc/passwd", "cannot be read"),
        ("GET ftp://site.test/", "ftp: is not asked"),
    ],
)
def test_where_we_do_not_ask_the_browser_does_not_either(zones, line, reason):
    came, passed = through(zones, f"{line} HTTP/1.1\r\nHost: x\r\n")
    assert status(came)[:3] in ("403", "400")
    assert reason in next(iter(passed.refused))
    assert passed.requests == 0


@pytest.mark.peer
def test_a_name_without_an_address_is_told(zones):
    came, passed = through(zones, "CONNECT empty.test:443 HTTP/1.1\r\n")
    assert status(came).startswith("502")
    assert dict(passed.refused) == {"empty.test has no address": 1}


@pytest.mark.peer
def test_a_plain_request_goes_on_without_what_is_between_browser_and_proxy(zones, tmp_path):
    locations = (
        "location /echo { default_type text/plain;"
        " return 200 'key=$http_proxy_authorization way=$http_connection uri=$request_uri'; }"
    )
    with nginx(tmp_path, locations=locations) as served:
        came, passed = through(
            zones,
            f"GET http://site.test:{served.port}/echo?a=1 HTTP/1.1\r\nHost: site.test\r\n"
            "Proxy-Connection: keep-alive\r\n",
            served.port,
        )
    assert came.endswith(b"key= way=close uri=/echo?a=1")
    assert passed.addresses == {"site.test": "127.0.0.1"}
    assert passed.requests == 1


@pytest.mark.peer
def test_a_second_request_on_the_same_connection_reaches_no_server(zones):
    """It would carry the secret, to whatever server the first one was for."""
    seen = bytearray()

    async def run():
        async def listen(reader, writer):
            seen.extend(await reader.read(65536))
            await asyncio.sleep(0.2)
            seen.extend(reader._buffer)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with (
            server,
            Resolver(servers=[zones.address], timeout_s=1, tries=2) as resolver,
            Proxy(
                resolver, ports=(80,), allow=allowed(port), max_bytes=1000, max_connections=9
            ) as proxy,
        ):
            host, at = proxy.url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(at))
            told = base64.b64encode(f"{proxy.user}:{proxy.password}".encode())
            one = (
                b"POST http://site.test:%d/ HTTP/1.1\r\nContent-Length: 4\r\n"
                b"Proxy-Authorization: Basic %s\r\n\r\n" % (port, told)
            )
            writer.write(one + b"body" + one)
            assert (await asyncio.wait_for(reader.read(), 10)).endswith(b"ok")
            writer.close()

    asyncio.run(run())
    assert seen.endswith(b"\r\n\r\nbody")
    assert seen.count(b"POST / HTTP/1.1") == 1
    assert b"Basic" not in seen


@pytest.mark.peer
def test_more_bytes_than_allowed_are_cut_off_and_counted(zones, tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 500_000)
    with nginx(tmp_path) as served:
        request = f"GET http://site.test:{served.port}/large HTTP/1.1\r\nHost: x\r\n"
        came, passed = through(zones, request, served.port, max_bytes=100_000)
    assert len(came) <= 100_000
    assert "more bytes than a page may load" in passed.refused


@pytest.mark.peer
def test_what_a_page_sends_away_counts_too(zones, tmp_path):
    with nginx(tmp_path) as served:
        request = f"POST http://site.test:{served.port}/x HTTP/1.1\r\nContent-Length: 500000\r\n"
        _, passed = through(zones, request, served.port, body=b"x" * 500_000, max_bytes=100_000)
    assert "more bytes than a page may load" in passed.refused


@pytest.mark.peer
def test_more_connections_than_allowed_are_refused(zones):
    came, passed = through(zones, "CONNECT site.test:443 HTTP/1.1\r\n", max_connections=0)
    assert status(came).startswith("429")
    assert "more connections than a page may make" in passed.refused


@pytest.mark.peer
def test_nobody_there_is_a_bad_gateway_and_no_refusal(zones):
    port = free_port()
    came, passed = through(zones, f"CONNECT site.test:{port} HTTP/1.1\r\n", port)
    assert status(came).startswith("502")
    assert not passed.refused


@pytest.mark.peer
def test_a_name_that_changes_its_answer_is_connected_to_where_it_was_checked(tmp_path):
    """Asked once: what the second answer would be never matters."""
    zone = "@ 0 IN SOA ns. h. {serial} 1 1 1 0\n@ 0 IN NS ns.\n@ 0 IN A {address}\n"
    with (
        nginx(tmp_path) as served,
        nsd({"turn.test": zone.format(serial=1, address="9.9.9.9")}, tmp_path / "zones") as zones,
    ):
        zones.change("turn.test", zone.format(serial=2, address="127.0.0.1"))
        came, passed = through(
            zones, f"GET http://turn.test:{served.port}/ HTTP/1.1\r\nHost: x\r\n"
        )
        assert not served.requests()
    assert status(came).startswith("403")
    assert "127.0.0.1 is loopback" in passed.refused


@pytest.mark.parametrize(
    "head", ["\r\n", "GET\r\n", "CONNECT :443 HTTP/1.1\r\n", "CONNECT a:b:c HTTP/1.1\r\n",
             "CONNECT [::1 HTTP/1.1\r\n", "GET http://[x/ HTTP/1.1\r\n", "\x00 \x00 \x00\r\n"]
)  # fmt: skip
def test_a_request_that_cannot_be_read_is_refused(zones, head):
    came, passed = through(zones, head)
    assert status(came).startswith("400") or status(came).startswith("407")
    assert passed.requests == 0


def answered_in_full(zones, answer: bytes, *, method: str = "GET") -> bytes:
    """What reaches the browser of a server that says this and does not hang up."""

    async def run():
        ended = asyncio.Event()

        async def speak(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            await asyncio.wait_for(ended.wait(), 10)
            writer.close()

        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with (
            server,
            Resolver(servers=[zones.address], timeout_s=1, tries=2) as resolver,
            Proxy(
                resolver, ports=(80,), allow=allowed(port), max_bytes=9000, max_connections=9
            ) as proxy,
        ):
            host, at = proxy.url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(at))
            told = base64.b64encode(f"{proxy.user}:{proxy.password}".encode())
            writer.write(
                b"%s http://site.test:%d/ HTTP/1.1\r\nProxy-Authorization: Basic %s\r\n\r\n"
                % (method.encode(), port, told)
            )
            try:
                return await asyncio.wait_for(reader.read(), 2)
            finally:
                ended.set()
                writer.close()

    return asyncio.run(run())


SECOND = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"


@pytest.mark.peer
@pytest.mark.parametrize(
    ("answer", "method", "ends"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok", "GET", b"ok"),
        (b"HTTP/1.1 200 OK\nKeep-Alive: timeout=9\ncontent-length: 2\n\nok", "GET", b"ok"),
        (b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.0 200\r\nContent-Length: 2\r\n\r\nok", "GET", b"ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD", b"\r\n\r\n"),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", "GET", b"\r\n\r\n"),
    ],
)  # fmt: skip
def test_behind_one_answer_a_server_says_nothing_more(zones, answer, method, ends):
    """A browser would take it for the answer to what it asked another host next."""
    came = answered_in_full(zones, answer + SECOND, method=method)
    assert came.endswith(ends)
    assert b"evil" not in came
    assert came.count(b"\r\nConnection: close\r\n") == 1
    assert b"eep-alive" not in came and b"Keep-Alive" not in came


@pytest.mark.peer
@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n\r\n", b"\r\n\r\n", b"HTTP/1.1 x\r\n\r\n"])
def test_what_is_no_answer_reaches_no_browser(zones, answer):
    assert answered_in_full(zones, answer) == b""


@given(st.binary(max_size=120), st.sampled_from([b"GET", b"HEAD"]))
def test_any_bytes_are_a_head_or_too_little_or_none(came, method):
    for start in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length:"):
        with contextlib.suppress(Unreadable):
            head = read_head(start + came + b"\r\n\r\n", method=method)
            assert head is not None
            assert head.sent_on.endswith(b"\r\n\r\n")
            assert head.interim or b"\r\nConnection: close\r\n" in head.sent_on
            assert head.length is None or head.length >= 0
