"""From a source into the lake: one instance, batch by batch, and what came of it.

May import: namaak.sources, namaak.lake, namaak.brands, namaak.errors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from namaak.brands import WatchFile
from namaak.errors import Failure, SourceError, UsageError
from namaak.lake import Lake
from namaak.sources import open_sources
from namaak.sources.base import Instance, IntegrityError, Known, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What one instance gave in one run. All zero when nothing was new to read."""

    source: str
    label: str
    batches: int = 0
    rows: int = 0
    first_seen_rows: int = 0
    rejected: int = 0
    left_out: int = 0  #: positions that were skipped on purpose
    failure: str | None = None  #: the sentence; what was read before it is kept
    note: str | None = None  #: why the whole source was left out, which is no failure

    @classmethod
    def failed(cls, source: str, label: str, why: str) -> Gathered:
        """An instance that could not be read; its cursor stands where it stood."""
        return cls(source=source, label=label, failure=why)

    def in_words(self) -> str:
        """For the person waiting."""
        if self.failure or self.note:
            return self.failure or str(self.note)
        if not self.batches:
            return "nothing new"
        refused = f", {self.rejected:,} refused with a reason" if self.rejected else ""
        left_out = f", {self.left_out:,} left out on purpose" if self.left_out else ""
        return f"{self.rows:,} rows, {self.first_seen_rows:,} never seen before{refused}{left_out}"


def wanted_sources(
    watch: WatchFile,
    *,
    only: Collection[str] = (),
    data: Path | None = None,
    environ: Mapping[str, str] | None = None,
    known: Callable[[str], Sequence[Known]] | None = None,
) -> list[Source[Any]]:
    """The enabled sources, or those of them named in `only`. See `open_sources`.

    Raises WatchFileError for a bad table of a source, UsageError for a source that is off.
    """
    opened = open_sources(watch, data=data, environ=environ, known=known)
    for name in only:
        if name not in {source.name for source in opened}:
            raise UsageError(f"The source {name!r} is not switched on in the watch file.")
    return [source for source in opened if not only or source.name in only]


def left_out(sources: Iterable[Source[Any]]) -> list[Gathered]:
    """Sources that lack something (a key, a budget) and are passed over; each says what."""
    return [
        Gathered(source=source.name, label=source.name, note=lack)
        for source in sources
        if (lack := source.lacks()) is not None
    ]


def open_instances(
    sources: Iterable[Source[Any]],
) -> Iterator[tuple[Source[Any], Instance | SourceError]]:
    """Everything that can be read now. A source that cannot say what it has gives the reason."""
    for source in sources:
        if source.lacks() is not None:
            continue
        try:
            for instance in source.instances():
                yield source, instance
        except SourceError as error:
            yield source, error


def record_unlisted(
    source: Source[Any], error: SourceError, folder: Path, *, now: Callable[[], datetime]
) -> Gathered:
    """Keep that a source could not say what there is to read. folder: the lake's."""
    label = f"what {source.name} has to read"
    with Lake(folder) as lake:
        # No instance has an empty id.
        lake.record_failure(error, source=source.name, instance="", label=label, at=now())
    return Gathered.failed(source.name, label, str(error))


def gather_instance(
    source: Source[Any], instance: Instance, folder: Path, *, now: Callable[[], datetime]
) -> Gathered:
    """Read on from the cursor to the end. folder: the lake's.

    Raises SourceError when the instance cannot be read, LakeError when nothing can be stored;
    whole batches read before are kept and counted either way, and so is the failure.
    """
    batches = rows = first_seen_rows = rejected = left_out = 0
    with Lake(folder) as lake:
        cursor = lake.cursor(source.name, instance.id)
        if cursor.stopped is not None:
            raise SourceError(
                f"{cursor.stopped} It is not read any more: look at the heads that were kept, then "
                f"let it go on with `namaak resume {source.name} {instance.id}`.",
                Failure.INTEGRITY,
            )
        found = (
            ()
            if cursor.complete
            else source.batches(
                instance, cursor.next_position, observed_at=now(), state=cursor.state
            )
        )
        try:
            for batch in found:
                counted = lake.append(
                    batch,
                    source=source.name,
                    label=instance.label,
                    gathered_at=now(),
                    after=cursor,
                )
                if counted is None:
                    break  # another run is reading the same; it has the rest
                if batch.state is not None:
                    cursor = replace(cursor, state=batch.state)
                batches += batch.end > batch.start
                rows += counted.rows
                first_seen_rows += counted.first_seen_rows
                rejected += counted.rejected
                left_out += sum(gap.end - gap.start for gap in batch.gaps)
        except SourceError as error:
            lake.record_failure(
                error,
                source=source.name,
                instance=instance.id,
                label=instance.label,
                heads=error.heads if isinstance(error, IntegrityError) else (),
                at=now(),
            )
            raise
    return Gathered(
        source=source.name,
        label=instance.label,
        batches=batches,
        rows=rows,
        first_seen_rows=first_seen_rows,
        rejected=rejected,
        left_out=left_out,
    )
