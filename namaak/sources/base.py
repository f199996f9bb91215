"""The shape of every source, so that a flow gathers from all of them in the same words.

A source is one file of this package with one class that says, as data, on what terms it
may be used, whom it needs a key from, what it costs and how it pages, beside recorded
inputs and the observations they must give: one generic test replays those of every
source. Nothing here reads a clock: the caller says when it looked.
May import: namaak.brands, namaak.errors, namaak.fetch, namaak.records, namaak.visible.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from namaak.brands import Brand
from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt, Fetcher, Manners
from namaak.records import SubjectKind
from namaak.visible import visible

#: Longest excerpt of a rejected row, in code points.
MAX_EXCERPT = 200


class Table(BaseModel):
    """Base of the models that validate a table of the watch file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class SourceConfig(Table):
    """Base of the models of `[sources.<name>]`."""

    enabled: bool = True
    #: What a run of this source may ask of the network in all; then it ends, and goes on next time.
    requests_per_run: Annotated[int, Field(strict=True, ge=1)] | None = None
    megabytes_per_run: Annotated[int, Field(strict=True, ge=1)] | None = None


ConfigT = TypeVar("ConfigT", bound=SourceConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An account or app that is a case already: a source that can look it up does so again."""

    subject_key: str
    native_id: str | None  #: None where it was only ever seen by its handle
    handle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a source may use besides its own table."""

    folder: Path  #: where the watch file lies; relative paths start there
    state_folder: Path  #: files of the source's own; it makes the folder when it needs it
    contact: str  #: stands in every request
    brands: Mapping[str, Brand]
    environ: Mapping[str, str]  #: where keys are
    fetcher: Callable[..., Fetcher]  #: one for each event loop; all share these manners
    manners: Manners  #: where a source says how often its own hosts may be asked
    now: Callable[[], datetime]  #: aware; for what there is to read on a day, never for rows
    #: Set when whoever reads wants to leave: `drive` then gives up in the midst of a batch.
    stop: threading.Event = field(default_factory=threading.Event)
    #: Accounts and apps of a platform that are open cases, by subject key.
    known: Callable[[str], Sequence[Known]] = lambda _platform: ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One thing a source reads from start to end: a file, a log, a server."""

    id: str  #: stable: the same content has the same id wherever it lies
    label: str  #: for people
    kind: SubjectKind | None  #: None where it could not be told; `batches` then says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row, or a field of a row, that could not be taken as it is, and why."""

    position: int  #: native position; 0 is the instance as a whole
    reason: str
    excerpt: str  #: at most 200 code points, control characters made visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A range that was left out on purpose, and why: no row is skipped in silence."""

    start: int  #: native positions, half open: [start, end)
    end: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A signed statement of how far an instance goes, as it was received."""

    size: int
    root: str  #: hex
    signed_at: datetime | None  #: what the statement says
    text: str  #: to the byte, for others to verify
    verdict: str  #: "verified", or what is wrong: "bad-signature", "fork", "shrunken", "stale"
    key_id: str | None = None  #: of the key that signed it, hex


class IntegrityError(SourceError):
    """An instance contradicts what it signed: it is stopped until a person has looked."""

    def __init__(self, message: str, heads: tuple[Head, ...]) -> None:
        super().__init__(message, Failure.INTEGRITY)
        self.heads = heads


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one stretch of an instance held. Fetched again, it is the same to the byte.

    An empty stretch (start equal to end) stores the state, heads and attempts alone.
    """

    instance_id: str
    start: int  #: native positions, half open: [start, end)
    end: int
    observations: pa.Table  #: records.OBSERVATION_SCHEMA, ascending positions
    rejects: tuple[Reject, ...]  #: ascending positions; a field's reject stands beside its row
    skipped: int  #: positions that say nothing: blank lines, comments, headings
    images: Mapping[str, bytes]  #: the pictures of these rows by SHA-256, lower-case hex
    last: bool  #: nothing follows, ever
    state: str | None = None  #: what the source needs to go on from `end`, in its own JSON
    gaps: tuple[Gap, ...] = ()  #: within the stretch
    heads: tuple[Head, ...] = ()
    attempts: tuple[Attempt, ...] = ()  #: that failed on the way here, also where one more helped


#: Stands in examples for the address of the server that gives the recorded replies.
RECORDED = "http://recorded.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A recorded reply of a web server."""

    path: str  #: as in "/tile/0/000"; with a query only where the query decides
    body: bytes  #: RECORDED in it becomes the server's address
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Recorded inputs and what they must give."""

    what: str  #: the test's name, in a few words
    #: The `[sources.<name>]` table; RECORDED in its texts becomes the address of a server.
    table: Mapping[str, Any]
    recorded: Mapping[str, bytes] = field(default_factory=dict)  #: by path relative to the folder
    served: tuple[Served, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)  #: zone files, by name of the zone
    environ: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None  #: aware; where the day decides what there is to read
    #: One mapping a row, in order; columns that it does not name must be null or are
    #: those of the gathering itself (source, instance, position, observed_at).
    observations: tuple[Mapping[str, Any], ...] = ()
    rejects: tuple[tuple[int, str], ...] = field(default=())  #: position, start of reason


class Source(ABC, Generic[ConfigT]):
    """A public source. Declared by subclassing in a module of this package."""

    name: ClassVar[str]
    kinds: ClassVar[frozenset[SubjectKind]]
    terms: ClassVar[str]  #: on what terms its data may be used, one line
    auth: ClassVar[str | None]  #: the environment variable that holds its key
    budget: ClassVar[str]  #: what a run may cost, one line
    cursor: ClassVar[str]  #: how it pages and resumes, one line
    examples: ClassVar[tuple[Example, ...]]
    Config: ClassVar[type[SourceConfig]]
    networked: ClassVar[bool] = False  #: instances wait for others: gathered side by side
    platform: ClassVar[str | None] = None  #: whose accounts or apps it gives, where that is one

    def __init__(self, config: ConfigT, around: Surroundings) -> None:
        self.config = config
        self.around = around

    def reads_anything(self) -> bool:
        """False where its table names nothing to read."""
        return True

    def faults(self) -> Iterable[str]:
        """What is missing, told without reading anything: `key: what is wrong; what to do`."""
        return ()

    def lacks(self) -> str | None:
        """Why it is left out of every run for now (no key, no budget), as one sentence.

        Never a failure: who has no key for a platform has the others all the same.
        """
        return None

    def quota(self) -> str | None:
        """What is left of what it may spend, in a few words; None where nothing is counted."""
        return None

    @abstractmethod
    def instances(self) -> Iterable[Instance]:
        """What there is to read now, each id once. An instance at fault is named, not raised."""

    @abstractmethod
    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """Batches from native position `start` (0, or the end of an earlier batch) to the end.

        Yields nothing when all was read. observed_at: aware. state: that of the earlier batch.
        Raises SourceError when this instance cannot be read (any further), IntegrityError when
        it must not be; other instances are not affected.
        """


#: How soon a reader that waits for a slow host notices that it should leave, seconds.
_NOTICES_AFTER_S = 0.25


def drive(
    batches: AsyncGenerator[Batch, None], stop: threading.Event | None = None
) -> Iterator[Batch]:
    """The batches of an asynchronous reader, one by one, in an event loop of their own.

    The loop stands still between two batches: nothing is fetched ahead of what is stored. stop:
    `Surroundings.stop`; set, the iteration ends, in the midst of a batch if need be.
    """
    with asyncio.Runner() as runner:
        try:
            while (batch := runner.run(_next(batches, stop))) is not None:
                yield batch
        finally:
            # Whoever stops early leaves connections open otherwise.
            runner.run(batches.aclose())


async def _next(batches: AsyncGenerator[Batch, None], stop: threading.Event | None) -> Batch | None:
    """None at the end, or when it is time to leave."""
    step = asyncio.ensure_future(anext(batches, None))
    try:
        while not (stop and stop.is_set()):
            done, _ = await asyncio.wait({step}, timeout=_NOTICES_AFTER_S if stop else None)
            if done:
                return step.result()
        return None
    finally:
        if not step.done():
            step.cancel()
            await asyncio.wait({step})


def excerpt(text: str | bytes) -> str:
    """At most 200 code points of a refused row, nothing in them that moves a cursor or hides.

    >>> excerpt("a\\tb\\u202ec")
    'a\\\\tb\\\\u202ec'
    """
    if isinstance(text, bytes):
        text = text[: 4 * MAX_EXCERPT].decode("utf-8", "backslashreplace")
    return visible(text[:MAX_EXCERPT])[:MAX_EXCERPT]
