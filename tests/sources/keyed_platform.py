"""A platform on loopback that wants a key: what it was asked, with which headers, and posted."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from namaak.brands import Brand
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.sources.base import Known
from namaak.sources.profiles.polling import PolledSource
from tests.sources.web_platform import NOW, Read, Says, run
from tests.surroundings import CONTACT
from tests.surroundings import around as surroundings

__all__ = ["NOW", "Asked", "KeyedPlatform", "Read", "Says", "known", "opened", "run", "serving"]
BRANDS = {"waldermond": Brand(name="Waldermond")}


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    query: dict[str, list[str]]
    headers: Any
    target: str  #: path and query as they were sent
    body: bytes = b""

    def one(self, name: str) -> str | None:
        """The only value of a parameter; None where it was not given."""
        values = self.query.get(name, [None])
        (value,) = values
        return value


@dataclass
class KeyedPlatform:
    """Where it listens, and what it was asked."""

    port: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@contextlib.contextmanager
def serving(answer: Callable[[Asked], Says]) -> Iterator[KeyedPlatform]:
    class Replies(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            got = Asked(parts.path, parse_qs(parts.query), self.headers, self.path, body)
            at.asked.append(got)
            says = answer(got)
            with contextlib.suppress(ConnectionError):
                self.send_response(says.status)
                for name, value in says.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(says.sent)))
                self.end_headers()
                self.wfile.write(says.sent[: len(says.sent) // 2] if says.cut else says.sent)
            self.close_connection = self.close_connection or says.cut

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Replies)
    server.daemon_threads = True
    at = KeyedPlatform(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield at
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def opened(
    declared: type[PolledSource[Any]],
    folder: Path,
    at: KeyedPlatform,
    *,
    cases: Sequence[Known] = (),
    environ: dict[str, str] | None = None,
    now: datetime = NOW,
    brands: dict[str, Brand] | None = None,
    **table: Any,
) -> PolledSource[Any]:
    """The source, whose state lies in that folder; asks at once, without pauses in between."""
    given = surroundings(
        folder,
        brands=BRANDS if brands is None else brands,
        environ=environ,
        now=now,
        fetcher=partial(
            Fetcher,
            contact=CONTACT,
            manners=Manners(default=Rate(per_second=1000, burst=1000)),
            allow=(Allowed(network="127.0.0.0/8", port=at.port),),
            random=lambda: 0.0,
        ),
    )
    given = dataclasses.replace(given, known=lambda _platform: cases)
    whole = {"url": at.url, "pictures": False, **table}
    return declared(declared.Config.model_validate(whole), given)


def known(platform: str, native_id: str | None = None, handle: str | None = None) -> Known:
    """An account that is a case already."""
    key = f"account:{platform}:{native_id or f'@{handle}'}"
    return Known(subject_key=key, native_id=native_id, handle=handle)
