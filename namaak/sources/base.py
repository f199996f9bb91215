"""The shape of every source, so that a flow gathers from all of them in the same words.

A source is one file of this package with one class that says, as data, on what terms it
may be used, whom it needs a key from, what it costs and how it pages, beside recorded
inputs and the observations they must give: one generic test replays those of every
source. Nothing here reads a clock: the caller says when it looked.
May import: namaak.records, namaak.visible.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

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


ConfigT = TypeVar("ConfigT", bound=SourceConfig)


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
class Batch:
    """What one stretch of an instance held. Fetched again, it is the same to the byte."""

    instance_id: str
    start: int  #: native positions, half open: [start, end)
    end: int
    observations: pa.Table  #: records.OBSERVATION_SCHEMA, ascending positions
    rejects: tuple[Reject, ...]  #: ascending positions; a field's reject stands beside its row
    skipped: int  #: positions that say nothing: blank lines, comments, headings
    images: Mapping[str, bytes]  #: the pictures of these rows by SHA-256, lower-case hex
    last: bool  #: nothing follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Recorded inputs and what they must give."""

    what: str  #: the test's name, in a few words
    table: Mapping[str, Any]  #: the `[sources.<name>]` table
    recorded: Mapping[str, bytes]  #: by path relative to the folder
    #: One mapping a row, in order; columns that it does not name must be null or are
    #: those of the gathering itself (source, instance, position, observed_at).
    observations: tuple[Mapping[str, Any], ...]
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

    def __init__(self, config: ConfigT, folder: Path) -> None:
        """folder: where the watch file lies; relative paths start there."""
        self.config = config
        self.folder = folder

    def reads_anything(self) -> bool:
        """False where its table names nothing to read."""
        return True

    def faults(self) -> Iterable[str]:
        """What is missing, told without reading anything: `key: what is wrong; what to do`."""
        return ()

    @abstractmethod
    def instances(self) -> Iterable[Instance]:
        """What there is to read now, each id once. An instance at fault is named, not raised."""

    @abstractmethod
    def batches(
        self, instance: Instance, start: int = 0, *, observed_at: datetime
    ) -> Iterator[Batch]:
        """Batches from native position `start` (0, or the end of an earlier batch) to the end.

        Yields nothing when all was read. observed_at: aware. Raises SourceError when this
        instance cannot be read at all; other instances are not affected.
        """


def excerpt(text: str | bytes) -> str:
    """At most 200 code points of a refused row, nothing in them that moves a cursor or hides.

    >>> excerpt("a\\tb\\u202ec")
    'a\\\\tb\\\\u202ec'
    """
    if isinstance(text, bytes):
        text = text[: 4 * MAX_EXCERPT].decode("utf-8", "backslashreplace")
    return visible(text[:MAX_EXCERPT])[:MAX_EXCERPT]
