"""Delimited lists (csv, tsv) to raw rows; RFC 4180 with whatever delimiter the heading has.

Lines without a quote are split as whole columns and never reach Python; only quoted ones
go through the csv module. A record that runs over several lines stands at its first.
A quote that is never closed costs its own line and not the rest of the list.
May import: namaak.errors, namaak.sources.*.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from namaak.sources.base import Reject, excerpt
from namaak.sources.lists.columns import ALIASES, Layout, fold_column
from namaak.sources.lists.lines import MAX_LINE, Lines
from namaak.sources.lists.tables import Chunk, first_filled, raw_rows

DELIMITERS = (",", ";", "\t", "|")
#: A quote not closed within so many lines is a stray one. Bounds the work of a list made of
#: lines that each open a quote.
MAX_RECORD_LINES = 200

_KNOWN = frozenset(
    alias for fields in ALIASES.values() for aliases in fields.values() for alias in aliases
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The first line that is not blank."""

    names: tuple[str, ...]
    delimiter: str
    end: int  #: number of the line after it


def read_heading(chunks: Iterable[Lines]) -> Heading | None:
    """The delimiter is the one that yields most known names.

    None where there is no line, or the list is damaged before the first.
    """
    for lines in chunks:
        for number, line in enumerate(lines.text.to_pylist(), start=lines.first):
            if line is None:
                # Nothing below a heading that is no text could be understood.
                unreadable = Heading(names=(), delimiter=",", end=number + 1)
                return None if lines.damaged else unreadable
            if line.strip():
                return _heading(line, number + 1)
    return None


def _heading(line: str, end: int) -> Heading:
    best = Heading(names=(line,), delimiter=",", end=end)
    best_score = (-1, 0)
    for delimiter in DELIMITERS:
        try:
            names = tuple(next(csv.reader([line], delimiter=delimiter)))
        except csv.Error:
            continue
        score = (sum(fold_column(name) in _KNOWN for name in names), len(names))
        if score > best_score:
            best, best_score = Heading(names=names, delimiter=delimiter, end=end), score
    return best


def csv_rows(
    chunks: Iterable[Lines], layout: Layout, heading: Heading, *, start: int
) -> Iterator[Chunk]:
    """Records below the heading from line `start`.

    chunks: from line 1 all the same, because a quote may open before `start`.
    """
    held: Lines | None = None
    for lines in chunks:
        if held is not None:
            lines = Lines(
                first=held.first,
                text=pa.concat_arrays([held.text, lines.text]),
                rejects=held.rejects + lines.rejects,
            )
        chunk, held = _records(lines, layout, heading, start=start, final=False)
        yield chunk
    if held is not None:
        yield _records(held, layout, heading, start=start, final=True)[0]


def _records(
    lines: Lines, layout: Layout, heading: Heading, *, start: int, final: bool
) -> tuple[Chunk, Lines | None]:
    """The records of these lines, and the lines of one at the end that is still open."""
    width = len(heading.names)
    plain = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(lines.text), ""), False)
    plain = np.array(plain.to_numpy(zero_copy_only=False))
    plain[: max(0, heading.end - lines.first)] = False
    quoted = pc.fill_null(pc.match_substring(lines.text, '"'), False)
    rows: list[tuple[int, list[str]]] = []
    faults: list[tuple[int, str, str]] = []
    stop = len(lines.text)
    held_from = stop
    suspects = np.flatnonzero(quoted.to_numpy(zero_copy_only=False) & plain).tolist()
    text = lines.text.to_pylist() if suspects else []
    done = 0
    for place in suspects:
        if place < done:
            continue
        record = _record(text, place, heading.delimiter)
        if record.unfinished and not final:
            held_from = place
            break
        done = place + record.lines
        plain[place:done] = False
        if record.fault is not None:
            faults.append((lines.first + place, record.fault, text[place]))
        elif len(record.cells) != width:
            faults.append((lines.first + place, _miscounted(len(record.cells), width), text[place]))
        else:
            rows.append((lines.first + place, record.cells))
    held = None
    if held_from < stop:
        number = lines.first + held_from
        held = Lines(
            first=number,
            text=lines.text.slice(held_from),
            rejects=tuple(reject for reject in lines.rejects if reject.position >= number),
        )
        plain[held_from:] = False
    end = lines.first + held_from
    table, miscounted = _split(lines, plain, layout, heading, start)
    if rows:
        cells = list(zip(*(cells for _, cells in rows), strict=True))
        columns = [pa.array(column, pa.string()) for column in cells]
        slow = raw_rows([number for number, _ in rows], first_filled(columns, layout))
        table = pa.concat_tables([table, slow]).sort_by("position")
    rejects = [
        *(reject for reject in lines.rejects if reject.position < end),
        *(Reject(position=p, reason=r, excerpt=excerpt(t)) for p, r, t in faults + miscounted),
    ]
    rejects.sort(key=lambda reject: reject.position)
    return Chunk(end=end, rows=table, rejects=tuple(rejects)), held


def _split(
    lines: Lines, plain: np.ndarray, layout: Layout, heading: Heading, start: int
) -> tuple[pa.Table, list[tuple[int, str, str]]]:
    """The lines where `plain`, split at every delimiter, and those with too few or many cells."""
    width = len(heading.names)
    places = np.flatnonzero(plain)
    places = places[places >= start - lines.first]
    text = lines.text.take(pa.array(places))
    cells = pc.split_pattern(text, heading.delimiter)
    counts = pc.list_value_length(cells).to_numpy(zero_copy_only=False)
    wrong = counts != width
    faults = [
        (lines.first + int(places[row]), _miscounted(int(counts[row]), width), text[row].as_py())
        for row in np.flatnonzero(wrong).tolist()
    ]
    good = np.flatnonzero(~wrong)
    flat = cells.take(pa.array(good)).flatten()
    steps = np.arange(len(good)) * width
    columns = {
        place: flat.take(pa.array(steps + place))
        for used in layout.fields.values()
        for place in used
    }
    by_place = [columns.get(place, flat) for place in range(width)]
    return raw_rows(lines.first + places[good], first_filled(by_place, layout)), faults


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What stands at a quoted line."""

    lines: int = 1
    cells: list[str]
    fault: str | None = None
    unfinished: bool = False  #: the lines at hand do not close its quote


def _record(text: Sequence[str | None], place: int, delimiter: str) -> _Record:
    used = 0
    ran_out = at_end = False

    def feed() -> Iterator[str]:
        nonlocal used, ran_out, at_end
        size = 0
        for line in text[place : place + MAX_RECORD_LINES]:
            size += len(line or "")
            if line is None or (size > MAX_LINE and used):
                break
            used += 1
            yield line + "\n"
        else:
            at_end = place + used == len(text) and used < MAX_RECORD_LINES
        ran_out = True

    try:
        cells = next(csv.reader(feed(), delimiter=delimiter, strict=True))
    except csv.Error as error:
        fault = "a quote is opened and never closed" if ran_out else f"no CSV record: {error}"
        return _Record(cells=[], fault=fault, unfinished=ran_out and at_end)
    return _Record(lines=used, cells=cells)


def _miscounted(count: int, width: int) -> str:
    return f"has {count} cells where the heading has {width}"
