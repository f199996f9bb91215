"""Where one batch ends and the next begins, the same in every run.

A batch ends at the next multiple of `rows_per_batch` in native positions, or earlier
where its text or its pictures pass a limit of bytes. Both are counted from its own start
and from nothing else, so a run resumed at the end of a batch cuts as the undisturbed one.
May import: namaak.sources.*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from namaak.sources.base import Batch, Reject
from namaak.sources.lists.facts import Gathering, observe
from namaak.sources.lists.pictures import Pictures
from namaak.sources.lists.tables import Chunk

#: Bytes of raw text in one batch.
MAX_BATCH_TEXT = 64 << 20
EMPTY = "the file is empty"


@dataclass(slots=True, kw_only=True)
class _Pending:
    """Chunks read and not yet given out."""

    tables: list[pa.Table] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    weight: int = 0  #: bytes of text in `tables`
    end: int = 1  #: positions before it have been read; 0, the list as a whole, always has

    def add(self, chunk: Chunk, start: int) -> None:
        """Positions before `start` belong to batches that were given out long ago."""
        self.end = max(self.end, chunk.end)
        rows = chunk.rows
        if rows.num_rows and rows["position"][0].as_py() < start:
            rows = rows.filter(pc.greater_equal(rows["position"], start))
        if rows.num_rows:
            self.tables.append(rows)
            self.weight += int(_weights(rows).sum())
        self.rejects += (reject for reject in chunk.rejects if reject.position >= start)

    def take(self, end: int) -> tuple[pa.Table | None, list[Reject]]:
        """Rows before position `end`, or before the limit of bytes if that comes first.

        Nothing is removed: see `drop`.
        """
        if not self.tables:
            return None, self.rejects
        self.tables = [pa.concat_tables(self.tables).combine_chunks()]
        rows = self.tables[0]
        count = int(np.searchsorted(rows["position"].to_numpy(), end))
        within = int(np.searchsorted(np.cumsum(_weights(rows)), MAX_BATCH_TEXT, side="right"))
        return rows.slice(0, min(count, max(1, within))), self.rejects

    def drop(self, end: int) -> None:
        """Forget everything before position `end`."""
        kept = [
            rows.slice(int(np.searchsorted(rows["position"].to_numpy(), end)))
            for rows in self.tables
        ]
        self.tables = [rows for rows in kept if rows.num_rows]
        self.weight = sum(int(_weights(rows).sum()) for rows in self.tables)
        self.rejects = [reject for reject in self.rejects if reject.position >= end]


def cut_batches(
    chunks: Iterable[Chunk],
    gathering: Gathering,
    *,
    start: int,
    rows_per_batch: int,
    pictures: Callable[[pa.Table], Pictures],
) -> Iterator[Batch]:
    """Batches from `start` to the end; none when nothing stands at `start` or after it.

    chunks: ascending; what they hold before `start` is passed over. pictures: loads those
    of the given rows, perhaps of fewer rows when they are large, but of one at least.
    """
    pending = _Pending()
    iterator = iter(chunks)
    exhausted = False
    while True:
        border = (start // rows_per_batch + 1) * rows_per_batch
        while not exhausted and pending.end <= border and pending.weight <= MAX_BATCH_TEXT:
            chunk = next(iterator, None)
            if chunk is None:
                exhausted = True
            else:
                pending.add(chunk, start)
        if exhausted and pending.end <= start:
            return
        end = min(border, pending.end)
        rows, rejects = pending.take(end)
        found = Pictures(digests=[])
        if rows is not None:
            found = pictures(rows)
            following = _position_after(pending.tables[0], found.rows)
            rows = rows.slice(0, found.rows)
            end = end if following is None else min(end, following)
        else:
            rows = pa.table({"position": pa.array([], pa.int64())})
        observations, faults = observe(rows, found, gathering)
        rejects = [reject for reject in rejects if reject.position < end] + faults
        if start == 0 and exhausted and pending.end == 1 and not rejects:
            rejects.append(Reject(position=0, reason=EMPTY, excerpt=""))
        rejects.sort(key=lambda reject: reject.position)
        last = exhausted and end == pending.end
        yield Batch(
            instance_id=gathering.instance,
            start=start,
            end=end,
            observations=observations,
            rejects=tuple(rejects),
            skipped=_silent(start, end, observations, rejects),
            images=found.images,
            last=last,
        )
        if last:
            return
        pending.drop(end)
        start = end


def _weights(rows: pa.Table) -> np.ndarray:
    """Bytes of text in each row."""
    total = np.zeros(rows.num_rows, np.int64)
    for name in rows.column_names:
        if name != "position":
            lengths = pc.fill_null(pc.binary_length(rows[name]), 0)
            total += lengths.to_numpy()
    return total


def _position_after(rows: pa.Table, count: int) -> int | None:
    """The position of the first row that is not in the batch."""
    return int(rows["position"][count].as_py()) if count < rows.num_rows else None


def _silent(start: int, end: int, observations: pa.Table, rejects: list[Reject]) -> int:
    """Positions of [start, end), 0 aside, that gave neither a row nor a reject."""
    rejected = np.array(sorted({r.position for r in rejects if r.position}), np.int64)
    without_row = np.isin(rejected, observations["position"].to_numpy(), invert=True)
    return int(end - max(start, 1) - observations.num_rows - without_row.sum())
