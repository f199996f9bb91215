"""An invented platform on loopback, a source that asks it, and runs of it into a real lake."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

import pyarrow.parquet as pq

from namaak.brands import Brand
from namaak.errors import SourceError
from namaak.fetch import Allowed, Budget, Fetcher, Manners, Rate
from namaak.gathering import Gathered, gather_instance
from namaak.lake import Lake
from namaak.records import SubjectKind
from namaak.sources.base import Known
from namaak.sources.profiles.answers import as_raw, entries, id_of, parse_answer, profiles, text_of
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Question, Way
from tests.surroundings import CONTACT, around

#: Status, headers, body.
Answer = tuple[int, Mapping[str, str], bytes]


def page(rows: Sequence[Mapping[str, Any]], following: str | None = None) -> Answer:
    """An answer to a search."""
    return 200, {}, json.dumps({"rows": rows, "next": following}).encode()


@dataclass(slots=True, kw_only=True)
class Platform:
    """A running server. `answers`: what a path with its query gives, the last one for ever."""

    port: int = 0
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heads: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    #: Asked where `answers` has nothing.
    otherwise: Callable[[str, Mapping[str, str]], Answer | None] = lambda _path, _query: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def search(self, text: str, *answers: Answer, cursor: str | None = None) -> None:
        """What a search gives; one answer after the other."""
        self.answers[_search(text, cursor)] = list(answers)

    def given(self, path: str) -> Answer:
        """Takes an answer off its list, unless it is the last."""
        listed = self.answers.get(path)
        if listed is not None:
            return listed.pop(0) if len(listed) > 1 else listed[0]
        parts = urlsplit(path)
        return self.otherwise(parts.path, dict(parse_qsl(parts.query))) or (404, {}, b"")


def _search(text: str, cursor: str | None) -> str:
    behind = "" if cursor is None else f"&cursor={quote(cursor, safe='')}"
    return f"/search?q={quote(text, safe='')}{behind}"


@contextlib.contextmanager
def platform() -> Iterator[Platform]:
    """Serve until the end of the block."""
    served = Platform()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            served.asked.append(self.path)
            served.heads.append(dict(self.headers))
            served.bodies.append(body)
            status, headers, content = served.given(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class InventedConfig(PolledConfig):
    """Of a platform that nobody has."""

    url: str
    texts: tuple[str, ...] = ("acme",)


class Invented(PolledSource[InventedConfig]):
    """Not found by looking: it lies outside of the package of sources."""

    name = "invented"
    platform = "invented"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = budget = cursor = "none"
    auth = None
    Config = InventedConfig
    ways = (Way.SEARCH,)
    examples = ()

    def questions(self, instance: Asked) -> Sequence[Question]:
        return [Question(way=Way.SEARCH, texts=(text,)) for text in self.config.texts]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        path = _search(question.texts[0], cursor)
        reply = await fetch.get(f"{self.config.url}{path}", redirects=0)
        answer = parse_answer(reply.body, who="Invented", where=str(question))
        rows = entries(answer, "rows", who="Invented", where=str(question))
        return Page(entries=profiles(rows, _profile), next=text_of(answer, "next"))


def _profile(row: Mapping[str, Any]) -> Profile:
    if (number := id_of(row, "id")) is None:
        raise ValueError("id: is missing")
    return Profile(
        native_id=number,
        handle=text_of(row, "handle"),
        display_name=text_of(row, "name"),
        avatar_url=text_of(row, "avatar"),
        banner_url=text_of(row, "banner"),
        raw=as_raw(row),
    )


def opened(
    folder: Path, served: Platform, *, budget: Budget | None = None, **table: Any
) -> Invented:
    """The source of this module, as a run opens it; requests are never tried twice."""
    return opened_as(
        Invented, folder, {"url": served.url, **table}, port=served.port, budget=budget
    )


SourceT = TypeVar("SourceT", bound=PolledSource[Any])


def opened_as(
    declared: type[SourceT],
    folder: Path,
    table: Mapping[str, Any],
    *,
    port: int,
    budget: Budget | None = None,
    now: datetime | None = None,
    environ: Mapping[str, str] | None = None,
    brands: Mapping[str, Brand] | None = None,
    known: Sequence[Known] = (),
) -> SourceT:
    """A source that may ask one server on loopback, as fast as it likes."""
    manners = Manners(default=Rate(per_second=10_000, burst=10_000))
    fetcher = partial(
        Fetcher,
        contact=CONTACT,
        manners=manners,
        budget=budget or Budget(),
        allow=(Allowed(network="127.0.0.0/8", port=port),),
        retries=0,
    )
    given = replace(
        around(folder, fetcher=fetcher, now=now, environ=environ, brands=brands),
        manners=manners,
        known=lambda _platform: known,
    )
    source = declared(declared.Config.model_validate(table), given)
    manners.set_rate("127.0.0.1", Rate(per_second=10_000, burst=10_000))
    return source


def run(
    source: PolledSource[Any], folder: Path, at: datetime, *, instance: str | None = None
) -> Gathered | SourceError:
    """One run of one instance (its only one) into the lake, or the error with which it ended."""
    (asked,) = [one for one in source.instances() if instance in (None, one.id)]
    try:
        return gather_instance(source, asked, folder / "lake", now=lambda: at)
    except SourceError as error:
        return error


def rows(folder: Path) -> list[dict[str, Any]]:
    """Everything that is in the lake, in order."""
    with Lake(folder / "lake") as lake:
        files = sorted(lake.observation_files())
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def ids(folder: Path) -> list[str]:
    """Whom the lake has seen, in order, and as often as it counts them."""
    return [row["native_id"] for row in rows(folder)]


def reasons(folder: Path) -> list[str]:
    """Why anything was refused."""
    with Lake(folder / "lake") as lake:
        return lake.coverage().rejects["reason"].to_pylist()
