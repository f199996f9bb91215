"""A platform on loopback that answers as a test says, and a source opened upon it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema

from namaak.brands import Brand
from namaak.errors import SourceError
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.sources.base import Example, Known
from namaak.sources.profiles.polling import PolledSource
from namaak.sources.profiles.questions import Way
from tests.surroundings import CONTACT
from tests.surroundings import around as surroundings

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BRANDS = {"waldermond": Brand(name="Waldermond")}
SCHEMAS = Path(__file__).parent / "schemas"


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    path: str
    query: dict[str, str]
    headers: Any
    target: str  #: path and query as they were sent


@dataclass(frozen=True)
class Says:
    """One answer. body: bytes, or anything that becomes JSON."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  #: the connection is closed in the midst of the body

    @property
    def sent(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Platform:
    """Where it listens, and what it was asked."""

    url: str
    port: int
    asked: list[Got]


@contextlib.contextmanager
def platform(answer: Callable[[Got], Says]) -> Iterator[Platform]:
    asked: list[Got] = []

    class Replies(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            got = Got(parts.path, dict(parse_qsl(parts.query)), self.headers, self.path)
            asked.append(got)
            says = answer(got)
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(says.sent)))
            self.end_headers()
            if says.cut:
                self.wfile.write(says.sent[: len(says.sent) // 2])
                self.close_connection = True
            else:
                self.wfile.write(says.sent)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Replies)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Platform(f"http://127.0.0.1:{server.server_port}", server.server_port, asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def opened(
    declared: type[PolledSource[Any]],
    folder: Path,
    at: Platform,
    *,
    known: Sequence[Known] = (),
    environ: dict[str, str] | None = None,
    now: datetime = NOW,
    brands: dict[str, Brand] | None = None,
    **table: Any,
) -> PolledSource[Any]:
    """The source, asking that platform at once and each thing only once."""
    manners = Manners(default=Rate(per_second=1000, burst=1000))
    # A source may say how often its host is asked; on loopback there is nobody to spare.
    manners.set_rate = lambda host, rate: None  # type: ignore[method-assign]
    given = surroundings(
        folder,
        brands=BRANDS if brands is None else brands,
        environ=environ,
        now=now,
        fetcher=partial(
            Fetcher,
            contact=CONTACT,
            manners=manners,
            allow=(Allowed(network="127.0.0.0/8", port=at.port),),
            retries=0,
        ),
    )
    given = dataclasses.replace(given, manners=manners, known=lambda _platform: known)
    table = {"url": at.url, "pictures": False, **table}
    if "url" not in declared.Config.model_fields:
        del table["url"]
    return declared(declared.Config.model_validate(table), given)


@dataclass
class Read:
    """What a run gave, up to where it stopped."""

    rows: list[dict[str, Any]]
    rejects: list[str]
    skipped: int
    images: dict[str, bytes]
    state: str | None
    end: int
    error: SourceError | None

    @property
    def ids(self) -> list[str]:
        return [row["native_id"] for row in self.rows]


def run(
    source: PolledSource[Any],
    way: Way,
    *,
    after: Read | None = None,
    server: str = "",
    at: datetime = NOW,
) -> Read:
    """One run of one way; after: an earlier one, whose batches were stored."""
    read = Read([], [], 0, {}, after and after.state, after.end if after else 0, None)
    batches = source.batches(
        source.instance(way, server), read.end, observed_at=at, state=read.state
    )
    try:
        for batch in batches:
            assert batch.start == read.end
            read.rows += batch.observations.to_pylist()
            read.rejects += [reject.reason for reject in batch.rejects]
            read.skipped += batch.skipped
            read.images |= dict(batch.images)
            read.state, read.end = batch.state, batch.end
    except SourceError as error:
        read.error = error
    return read


def validate_recorded(example: Example, schema: str, shapes: dict[str, str]) -> int:
    """How many recorded answers were found true. shapes: start of a path to a shape's name."""
    whole = json.loads((SCHEMAS / schema).read_text(encoding="utf-8"))
    found = 0
    for served in example.served:
        for start, shape in shapes.items():
            if served.path.startswith(start):
                checked = {"$ref": f"#/$defs/{shape}", "$defs": whole["$defs"]}
                jsonschema.Draft202012Validator(
                    checked, format_checker=jsonschema.FormatChecker()
                ).validate(json.loads(served.body))
                found += 1
    return found
