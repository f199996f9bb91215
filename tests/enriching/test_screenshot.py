"""Pictures of pages by a real Chromium, and what a page in it cannot reach."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from namaak.decoding.workers import Decoders
from namaak.enriching import Outcome
from namaak.enriching.screenshot import Screenshots, find_browser
from namaak.resolving import Resolver
from tests.enriching.certificates import made, shown
from tests.enriching.world import NOW, allowed, clock
from tests.peers import nginx, nsd

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    with nsd(
        {"test": "@ IN A 127.0.0.1\n* IN A 127.0.0.1\n"}, tmp_path_factory.mktemp("zones")
    ) as served:
        yield served


@pytest.fixture(autouse=True)
def browser():
    if find_browser() is None:
        pytest.skip("needs a Chromium; install it to run this test")
    pytest.importorskip("playwright", reason="needs the extra screenshots")


def taken(zones, url, *ports, decoders=None, host="acme-login.test", **further):
    async def run():
        async with Resolver(servers=[zones.address], timeout_s=1, tries=2) as resolver:
            shots = Screenshots(
                resolver, clock=clock, allow=allowed(*ports), decoders=decoders, **further
            )
            return await shots.take(host, url)

    return asyncio.run(run())


def browsers_of(marker: str) -> list[int]:
    """Processes that were started for us and still run."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if marker.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def test_a_page_is_taken_as_it_looks(zones, tmp_path):
    (tmp_path / "index.html").write_text(
        "<title>Acme login</title><body style='background:#ff0000'><script>"
        "document.title += ' ' + innerWidth</script></body>"
    )
    leaf, key = made(["elsewhere.test"])
    # By https, through CONNECT; the certificate is looked at, not trusted.
    with shown(tmp_path, [leaf], key) as served, Decoders(1) as decoders:
        url = f"https://acme-login.test:{served.port}/"
        finding = taken(zones, url, served.port, decoders=decoders)
        picture = decoders.decode(finding.raw)
    facts = finding.facts
    assert finding.outcome is Outcome.ANSWERED, facts
    assert finding.raw_type == "image/png"
    assert (facts["title"], facts["status"], facts["url"]) == ("Acme login 1280", 200, url)
    assert (facts["width"], facts["height"]) == (1280, 1024)
    assert facts["sha256"] == finding.raw_sha256
    assert len(facts["phash"]) == 64
    assert picture.frames[0].pixels[100, 100].tolist() == [255, 0, 0]
    assert facts["addresses"] == {"acme-login.test": "127.0.0.1"}
    assert facts["sandbox"] is (os.geteuid() != 0)
    assert facts["browser"].startswith("Chromium ")
    assert finding.vantage == f"127.0.0.1 as {facts['user_agent']}"
    assert finding.asked_at == NOW


def test_a_page_reaches_nothing_private(zones, tmp_path):
    """Another server on loopback, a cloud's service, files, and speech past the proxy."""
    asked: list[str] = []

    class Private(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *given):
            pass

    private = http.server.HTTPServer(("127.0.0.1", 0), Private)
    answering = threading.Thread(target=private.serve_forever)
    answering.start()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    datagrams.settimeout(0.1)
    port, udp = private.server_port, datagrams.getsockname()[1]
    (tmp_path / "index.html").write_text(
        f"""<title>x</title><body>
        <img src="http://127.0.0.1:{port}/image"><img src="http://localhost:{port}/name">
        <iframe src="http://[::1]:{port}/frame"></iframe>
        <img src="http://169.254.169.254/latest/meta-data/">
        <img src="http://10.0.0.1/router"><img src="file:///etc/passwd">
        <iframe src="file:///etc/passwd"></iframe>
        <script>
        fetch("http://127.0.0.1:{port}/fetch", {{mode: "no-cors"}}).catch(() => 0);
        fetch("http://private.acme.test:{port}/rebound", {{mode: "no-cors"}}).catch(() => 0);
        try {{ new WebSocket("ws://127.0.0.1:{port}/socket") }} catch (e) {{}}
        navigator.sendBeacon("http://127.0.0.1:{port}/beacon", "x");
        for (const make of [window.RTCPeerConnection, window.webkitRTCPeerConnection]) {{
          if (make) {{
            const talk = new make({{iceServers: [{{urls: "stun:127.0.0.1:{udp}"}}]}});
            talk.createDataChannel("x");
            talk.createOffer().then(offer => talk.setLocalDescription(offer));
          }}
        }}
        </script></body>"""
    )
    try:
        with nginx(tmp_path) as served:
            url = f"http://acme-login.test:{served.port}/"
            finding = taken(zones, url, served.port)
        with pytest.raises(TimeoutError):
            datagrams.recvfrom(1500)
    finally:
        datagrams.close()
        private.shutdown()
        answering.join()
        private.server_close()
    assert asked == []
    assert finding.outcome is Outcome.ANSWERED, finding.facts
    refused = finding.facts["refused"]
    assert refused["127.0.0.1 is loopback"] >= 3
    assert refused["169.254.169.254 is link-local"] >= 1
    assert refused["10.0.0.1 is private"] >= 1
    assert refused["::1 is loopback"] >= 1
    assert refused["file: is not asked"] >= 1


def test_a_page_that_never_ends_is_taken_as_far_as_it_came(zones):
    async def stall(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>slow</title><p>x")
        await writer.drain()
        with contextlib.suppress(Exception):
            await reader.read()
        writer.close()

    async def run():
        server = await asyncio.start_server(stall, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Resolver(servers=[zones.address], timeout_s=1, tries=2) as resolver:
            shots = Screenshots(resolver, clock=clock, allow=allowed(port), load_ms=1500)
            return await shots.take("slow.test", f"http://slow.test:{port}/")

    finding = asyncio.run(run())
    assert finding.outcome is Outcome.ANSWERED, finding.facts
    assert finding.facts["cut"] is True


def test_a_page_at_a_private_address_is_refused(zones):
    finding = taken(zones, "http://acme-login.test/")
    assert finding.outcome is Outcome.POLICY
    assert finding.facts["refused"] == {"127.0.0.1 is loopback": 1}
    assert finding.raw is None


def test_a_browser_over_its_time_is_ended_with_all_its_processes(zones, tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("<script>for(;;);</script>")
    homes = []
    from namaak.enriching import screenshot

    class Folder(screenshot.tempfile.TemporaryDirectory):
        def __enter__(self):
            homes.append(super().__enter__())
            return homes[-1]

    monkeypatch.setattr(screenshot.tempfile, "TemporaryDirectory", Folder)
    with nginx(tmp_path) as served:
        url = f"http://acme-login.test:{served.port}/"
        begun = time.monotonic()
        finding = taken(zones, url, served.port, deadline_s=6)
    assert time.monotonic() - begun < 20  # left alone, it would wait for its own limits
    assert finding.outcome is Outcome.TIMEOUT
    assert not Path(homes[0]).exists()
    for _ in range(50):
        if not (left := browsers_of(homes[0])):
            break
        threading.Event().wait(0.1)
    assert left == []


def test_a_page_that_takes_all_memory_is_ended_and_told(zones, tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text(
        "<body>x<script>const kept = []; setInterval(() => {"
        "const one = new Uint8Array(32 << 20);"
        "for (let at = 0; at < one.length; at += 4096) one[at] = 1;"
        "kept.push(one)}, 20)</script>"
    )
    from namaak.enriching import screenshot

    monkeypatch.setattr(screenshot, "_MAX_MEMORY", 900 << 20)
    monkeypatch.setattr(screenshot, "_SETTLE_MS", 15_000)
    homes = []
    real = screenshot.tempfile.TemporaryDirectory

    def folder(**given):
        made = real(**given)
        homes.append(made.name)
        return made

    monkeypatch.setattr(screenshot.tempfile, "TemporaryDirectory", folder)
    with nginx(tmp_path) as served:
        finding = taken(zones, f"http://acme-login.test:{served.port}/", served.port)
    assert finding.outcome is Outcome.POLICY
    assert finding.facts["reason"] == "the page took more than 900 MiB of memory"
    for _ in range(50):
        if not (left := browsers_of(homes[0])):
            break
        threading.Event().wait(0.1)
    assert left == []


def test_without_a_browser_it_says_so(zones, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    finding = taken(zones, "http://acme-login.test/")
    assert finding.outcome is Outcome.NO_BROWSER
    assert "no Chromium" in finding.facts["reason"]


def test_a_program_that_is_no_browser_is_broken(zones, tmp_path):
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexit 3\n")
    fake.chmod(0o755)
    finding = taken(zones, "http://acme-login.test/", executable=str(fake))
    assert finding.outcome is Outcome.BROKEN
    assert finding.facts["reason"]
