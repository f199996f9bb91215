"""A server that answers as Bluesky's does, over accounts that a test may change between pages.

Its refusals are those of the real server, recorded from tests/peers/bluesky: an unknown actor is
left out of getProfiles and is 400 "Profile not found" in getProfile; one word that is no handle
refuses a whole getProfiles; more than 25 actors are refused.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from namaak.sources.atproto.identity import is_did, is_handle

#: Status, headers and body that stand in for one answer.
Instead = tuple[int, dict[str, str], bytes]


def did(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    text = ""
    for _ in range(24):
        number, digit = divmod(number, 32)
        text = letters[digit] + text
    return f"did:plc:{text}"


def view(number: int, handle: str, **more: Any) -> dict[str, Any]:
    return {
        "did": did(number), "handle": handle, "displayName": f"ACME {number}", "labels": [],
        "createdAt": "2026-11-02T09:00:00.000Z", "indexedAt": "2026-11-02T09:00:00.000Z", **more,
    }  # fmt: skip


@dataclass(slots=True)
class AppView:
    """The accounts, how they are paged, and everything that was asked."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)  #: by DID: the error it is refused with
    page: int = 100
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    #: By method: what to say instead, the next times it is asked; None: answer after all.
    instead: dict[str, list[Instead | None]] = field(default_factory=dict)
    #: Called after a page of a search was made.
    after_page: Callable[[AppView], None] | None = None
    #: By cursor (or ""): another cursor than the true one.
    cursors: dict[str, str] = field(default_factory=dict)
    url: str = ""
    port: int = 0

    def add(self, *views: dict[str, Any]) -> None:
        self.accounts |= {one["did"]: one for one in views}

    def calls(self, method: str) -> list[dict[str, list[str]]]:
        return [query for name, query in self.asked if name == method]

    def answer(self, path: str) -> Instead:
        parts = urlsplit(path)
        if parts.path in self.files:
            return 200, {}, self.files[parts.path]
        method = parts.path.rpartition(".")[2]
        query = parse_qs(parts.query, keep_blank_values=True)
        self.asked.append((method, query))
        if self.instead.get(method):
            said = self.instead[method].pop(0)
            if said is not None:
                return said
        handlers = {
            "searchActors": self._search, "getProfiles": self._many, "getProfile": self._one,
        }  # fmt: skip
        status, body = handlers[method](query)
        return status, {}, json.dumps(body).encode()

    def _search(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        term = query["q"][0].lower()
        found = [row for row in self.accounts.values() if term in json.dumps(row).lower()]
        cursor = query.get("cursor", [""])[0]
        start = int(cursor) if cursor.isdigit() else 0
        page = found[start : start + self.page]
        body: dict[str, Any] = {
            "actors": [
                {name: value for name, value in row.items() if not name.endswith("Count")}
                for row in page
            ]
        }
        if start + self.page < len(found):
            body["cursor"] = str(start + self.page)
        if cursor in self.cursors:
            body["cursor"] = self.cursors[cursor]
        if self.after_page is not None:
            self.after_page(self)
        return 200, body

    def _many(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        actors = query["actors"]
        if len(actors) > 25 or not all(is_did(one) or is_handle(one) for one in actors):
            return 400, {"error": "InvalidRequest", "message": "Invalid params"}
        rows = [row for one in actors if (row := self._find(one)) is not None]
        return 200, {"profiles": [row for row in rows if row["did"] not in self.refusals]}

    def _one(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        row = self._find(query["actor"][0])
        if row is None:
            return 400, {"error": "InvalidRequest", "message": "Profile not found"}
        if (error := self.refusals.get(row["did"])) is not None:
            return 400, {"error": error, "message": "Account is not shown"}
        return 200, row

    def _find(self, actor: str) -> dict[str, Any] | None:
        by_handle = (row for row in self.accounts.values() if row["handle"] == actor)
        return self.accounts.get(actor) or next(by_handle, None)


@contextlib.contextmanager
def appview() -> Iterator[AppView]:
    """Serving on loopback."""
    made = AppView()

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
