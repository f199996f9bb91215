"""Recorded replies given back by a web server on loopback, as a source's example declares them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.sources.base import RECORDED, Example, Served, Surroundings
from tests.peers import nsd
from tests.surroundings import CONTACT, around

#: What both sides of a websocket add to its key.
_WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ZONES = RECORDED.removeprefix("http://") + ":53"


class _Replies(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, replies: Iterable[Served], *given: Any) -> None:
        self.replies = list(replies)
        super().__init__(*given)

    def _reply(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = f"http://{self.headers['Host']}"
        found = next((one for one in self.replies if self._is_for(one)), None)
        body = found.body.replace(RECORDED.encode(), address.encode()) if found else b""
        if found and found.status == 101:
            self._stream(body)
            return
        self.send_response(found.status if found else 404)
        for name, value in (found.headers if found else {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_HEAD = _reply

    def _stream(self, body: bytes) -> None:
        """A websocket (RFC 6455): each line of the body is a message, then it is closed."""
        key = self.headers["Sec-WebSocket-Key"].encode()
        agreed = base64.b64encode(hashlib.sha1(key + _WEBSOCKET).digest()).decode()
        self.send_response(101)
        for name, value in (
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", agreed),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        for line in filter(None, body.split(b"\n")):
            self.wfile.write(b"\x81\x7f" + len(line).to_bytes(8, "big") + line)
        self.wfile.write(b"\x88\x00")
        self.close_connection = True

    def _is_for(self, served: Served) -> bool:
        asked = self.path if "?" in served.path else self.path.partition("?")[0]
        return asked == served.path and self.command in (served.method, "HEAD")

    def log_message(self, *_: object) -> None:
        """Says nothing: pytest shows what was asked where it matters."""


@contextlib.contextmanager
def replayed(example: Example, folder: Path) -> Iterator[tuple[dict[str, Any], Surroundings]]:
    """The example's table with real addresses in it, and what the source is given."""
    for name, content in example.recorded.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with contextlib.ExitStack() as running:
        addresses: dict[str, str] = {}
        allowed: tuple[Allowed, ...] = ()
        if example.zones:
            zones = running.enter_context(nsd(example.zones, folder / "nsd"))
            addresses[_ZONES] = f"{zones.host}:{zones.port}"
        if example.served:
            port = running.enter_context(_serving(example.served))
            addresses[RECORDED] = f"http://127.0.0.1:{port}"
            allowed = (Allowed(network="127.0.0.0/8", port=port),)
        manners = Manners(default=Rate(per_second=1000, burst=1000))
        given = around(
            folder,
            environ=example.environ,
            now=example.now,
            fetcher=partial(Fetcher, contact=CONTACT, manners=manners, allow=allowed),
        )
        yield _replaced(example.table, addresses), given


@contextlib.contextmanager
def _serving(replies: Iterable[Served]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Replies, replies))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _replaced(value: Any, addresses: dict[str, str]) -> Any:
    if isinstance(value, str):
        for placeholder, address in addresses.items():
            value = value.replace(placeholder, address)
        return value
    if isinstance(value, dict):
        return {key: _replaced(inner, addresses) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(inner, addresses) for inner in value]
    return value
