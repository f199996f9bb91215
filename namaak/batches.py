"""What the lake takes from a source, as the lake sees it.

The lake knows no source: whatever has this shape can be stored. namaak.sources.base makes it.
May import: namaak.errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from namaak.errors import Failure


class Reject(Protocol):
    """A row a source could not take; see namaak.sources.base.Reject."""

    @property
    def position(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def excerpt(self) -> str: ...


class Gap(Protocol):
    """A range left out on purpose; see namaak.sources.base.Gap."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def reason(self) -> str: ...


class Head(Protocol):
    """A signed head as received; see namaak.sources.base.Head."""

    @property
    def size(self) -> int: ...
    @property
    def root(self) -> str: ...
    @property
    def signed_at(self) -> datetime | None: ...
    @property
    def text(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def key_id(self) -> str | None: ...


class Attempt(Protocol):
    """An attempt that failed; see namaak.fetch.Attempt."""

    @property
    def url(self) -> str: ...
    @property
    def failure(self) -> Failure: ...
    @property
    def status(self) -> int | None: ...
    @property
    def says(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class Batch(Protocol):
    """A stretch of an instance; see namaak.sources.base.Batch."""

    @property
    def instance_id(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def observations(self) -> pa.Table: ...
    @property
    def rejects(self) -> Sequence[Reject]: ...
    @property
    def skipped(self) -> int: ...
    @property
    def images(self) -> Mapping[str, bytes]: ...
    @property
    def last(self) -> bool: ...
    @property
    def state(self) -> str | None: ...
    @property
    def gaps(self) -> Sequence[Gap]: ...
    @property
    def heads(self) -> Sequence[Head]: ...
    @property
    def attempts(self) -> Sequence[Attempt]: ...
