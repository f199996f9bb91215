"""A directory of DIDs whose export behaves as the real one: by time or by number, page by page.

By time it gives what is later than it was asked for, keeps microseconds and tells milliseconds, as
the real server did on loopback (tests/peers/bluesky); by number it follows the specification.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.sources.appview import did


@dataclass(slots=True)
class Kept:
    """An operation as the directory keeps it."""

    at: datetime
    row: dict[str, Any]


@dataclass(slots=True)
class Directory:
    """Its operations, and what it was asked."""

    page: int = 1_000
    fine: bool = True  #: keeps microseconds, though it tells milliseconds
    numbers: bool = True  #: knows operations by number
    operations: list[Kept] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    #: Said instead, the next times it is asked; None: answer after all.
    instead: list[tuple[int, dict[str, str], bytes] | None] = field(default_factory=list)
    url: str = ""
    port: int = 0

    def add(self, at: datetime, handle: str | None = None, **more: Any) -> None:
        number = len(self.operations) + 1
        operation = {
            "type": "plc_operation", "prev": None, "sig": "x", "services": {},
            "alsoKnownAs": [f"at://{handle or f'acme{number}.bsky.social'}"],
        }  # fmt: skip
        at = at if self.fine else at.replace(microsecond=at.microsecond // 1000 * 1000)
        row = {
            "did": did(number), "cid": f"bafy{number}", "nullified": False,
            "operation": more.pop("operation", operation), "seq": more.pop("seq", number),
            "createdAt": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
            **more,
        }  # fmt: skip
        self.operations.append(Kept(at, row))

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        query = parse_qs(urlsplit(path).query)
        after = query["after"][0]
        self.asked.append(after)
        if self.instead:
            said = self.instead.pop(0)
            if said is not None:
                return said
        count = min(self.page, int(query["count"][0]))
        if after.isdecimal() and self.numbers:
            found = sorted(
                (one for one in self.operations if one.row["seq"] > int(after)),
                key=lambda one: one.row["seq"],
            )
            shown = ({**one.row, "type": "indexed_op"} for one in found[:count])
            rows = [{k: v for k, v in row.items() if k != "nullified"} for row in shown]
        else:
            since = (
                datetime(2000, 1, 1, tzinfo=UTC)
                if after.isdecimal()
                else datetime.fromisoformat(after)
            )
            later = sorted(
                (one for one in self.operations if one.at > since), key=lambda one: one.at
            )
            rows = [{k: v for k, v in one.row.items() if k != "seq"} for one in later[:count]]
        return 200, {}, "\n".join(json.dumps(row) for row in rows).encode()


@contextlib.contextmanager
def directory(**how: Any) -> Iterator[Directory]:
    """Serving on loopback."""
    made = Directory(**how)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = made.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    made.url = f"http://127.0.0.1:{made.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def milliseconds(count: float) -> timedelta:
    return timedelta(milliseconds=count)
