"""A page of loopback kept with other people's tools: served, recorded by warcio, packed by wacz."""

from __future__ import annotations

import hashlib
import http.client
import io
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

PAGE = b"<!doctype html><title>Acme Bank</title><h1>Sign in</h1><form><input type=password></form>"
STARTED = datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:
        pass


def archive(folder: Path) -> bytes:
    """A WACZ of a page that a server on loopback gave."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
        connection.request("GET", "/")
        reply = connection.getresponse()
        body, headers = reply.read(), reply.getheaders()
        connection.close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
    folder.mkdir(parents=True, exist_ok=True)
    warc = folder / "capture.warc.gz"
    with warc.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        record = writer.create_warc_record(
            "https://acme-login.example/",
            "response",
            payload=io.BytesIO(body),
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": "2026-11-21T12:00:01Z"},
        )
        writer.write_record(record)
        # The temporary file through which the digests were made.
        record.raw_stream.close()
    made = folder / "capture.wacz"
    subprocess.run(
        [sys.executable, "-m", "wacz.main", "create", "-f", str(warc), "-o", str(made),
         "--detect-pages"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return made.read_bytes()


def empty_archive() -> bytes:
    """A WACZ with no page in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        # Else the time of the test stands in it.
        made.writestr(zipfile.ZipInfo("datapackage.json"), '{"resources": []}')
    return out.getvalue()


def screenshot(width: int = 400, height: int = 300) -> bytes:
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((40, 40, width - 40, 90), fill="#0a7a55")
    out = io.BytesIO()
    image.save(out, format="PNG")
    return out.getvalue()


def capture(wacz: bytes | None, **changes: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A row of captures, and the bytes that it names."""
    contents = {
        "wacz_sha256": wacz,
        "full_sha256": screenshot(400, 900),
        "view_sha256": screenshot(),
        "dom_sha256": PAGE,
        "document_sha256": b'{"operator": "r.jansen", "tools": {"browser": "1"}}',
        "tls_sha256": b"-----BEGIN CERTIFICATE-----\n",
    }
    named = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()
             if content is not None}  # fmt: skip
    row = {
        "capture_id": "NC-0123456789AB",
        "case_id": "NK-9FNBGW9JXTVS",
        "url": "https://acme-login.example/",
        "final_url": "https://acme-login.example/",
        "started_at": STARTED,
        "ended_at": STARTED,
        "vantage": "here",
        "outcome": "ok",
        "reason": None,
        "http_status": 200,
        "title": "Acme Bank",
        "operator": "r.jansen",
        "tools": "{}",
        "wacz_sha256": None,
        **named,
        **changes,
    }
    kept = {digest: contents[name] for name, digest in named.items()}
    return row, {digest: content for digest, content in kept.items() if content is not None}
