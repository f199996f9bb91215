"""From a source into the lake: one instance, batch by batch, and what came of it.

May import: namaak.sources, namaak.lake, namaak.brands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from namaak.brands import WatchFile
from namaak.errors import UsageError
from namaak.lake import Lake
from namaak.sources import open_sources
from namaak.sources.base import Instance, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What one instance gave in one run. All zero when nothing was new to read."""

    source: str
    label: str
    batches: int = 0
    rows: int = 0
    first_seen_rows: int = 0
    rejected: int = 0
    failure: str | None = None  #: the sentence; what was read before it is kept

    @classmethod
    def failed(cls, source: str, label: str, why: str) -> Gathered:
        """An instance that could not be read; its cursor stands where it stood."""
        return cls(source=source, label=label, failure=why)

    def in_words(self) -> str:
        """For the person waiting."""
        if self.failure:
            return self.failure
        if not self.batches:
            return "nothing new, it was read before"
        refused = f", {self.rejected:,} refused with a reason" if self.rejected else ""
        return f"{self.rows:,} rows, {self.first_seen_rows:,} never seen before{refused}"


def open_instances(
    watch: WatchFile, *, only: Collection[str] = ()
) -> Iterator[tuple[Source[Any], Instance]]:
    """Everything that can be read now. only: names of sources; empty for all enabled ones.

    Raises WatchFileError for a bad table of a source, UsageError for a source that is off.
    """
    for source in wanted_sources(watch, only=only):
        for instance in source.instances():
            yield source, instance


def wanted_sources(watch: WatchFile, *, only: Collection[str] = ()) -> list[Source[Any]]:
    """The enabled sources, or those of them named in `only`. Raises as `open_instances`."""
    opened = open_sources(watch)
    for name in only:
        if name not in {source.name for source in opened}:
            raise UsageError(f"The source {name!r} is not switched on in the watch file.")
    return [source for source in opened if not only or source.name in only]


def gather_instance(
    source: Source[Any], instance: Instance, folder: Path, *, now: Callable[[], datetime]
) -> Gathered:
    """Read on from the cursor to the end. folder: the lake's.

    Raises SourceError when the instance cannot be read, LakeError when nothing can be stored;
    whole batches read before are kept and counted either way.
    """
    batches = rows = first_seen_rows = rejected = 0
    with Lake(folder) as lake:
        cursor = lake.cursor(source.name, instance.id)
        if not cursor.complete:
            for batch in source.batches(instance, cursor.next_position, observed_at=now()):
                counted = lake.append(
                    batch, source=source.name, label=instance.label, gathered_at=now()
                )
                if counted is None:
                    break  # another run is reading the same; it has the rest
                batches += 1
                rows += counted.rows
                first_seen_rows += counted.first_seen_rows
                rejected += counted.rejected
    return Gathered(
        source=source.name,
        label=instance.label,
        batches=batches,
        rows=rows,
        first_seen_rows=first_seen_rows,
        rejected=rejected,
    )
