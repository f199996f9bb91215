"""Text lists and JSON lists to raw rows: what stood where, as text, with its position.

All readers (see also `delimited` and `parquet`) give the same `Chunk`s, which `batching`
cuts and `facts` turns into observations. Lines and rows count from 1; 0 is the list as
a whole. Nothing here judges a value.
May import: namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from namaak.records import SubjectKind
from namaak.sources.base import Reject, excerpt
from namaak.sources.lists.columns import ALIASES, PRINCIPAL, Layout, fold_column
from namaak.sources.lists.lines import Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Raw rows and rejects of all positions before `end` that no earlier chunk held."""

    end: int
    rows: pa.Table  #: `position` int64, then string columns named after fields
    rejects: tuple[Reject, ...] = ()  #: ascending


def raw_rows(positions: Any, columns: dict[str, pa.Array]) -> pa.Table:
    """positions: ascending; columns: field -> n strings or nulls."""
    return pa.table({"position": pa.array(positions, pa.int64()), **columns})


def first_filled(columns: list[pa.Array], layout: Layout) -> dict[str, pa.Array]:
    """columns: string columns of a list by place. Field -> the first of its columns filled."""
    blank = pa.scalar(None, pa.string())
    found: dict[str, pa.Array] = {}
    for field, places in layout.fields.items():
        for place in places:
            cells = pc.utf8_trim_whitespace(columns[place])
            cells = pc.if_else(pc.equal(cells, ""), blank, cells)
            found[field] = pc.coalesce(found[field], cells) if field in found else cells
            if not found[field].null_count:
                break
    return found


def text_rows(chunks: Iterable[Lines], kind: SubjectKind) -> Iterator[Chunk]:
    """One name a line; blank lines and those that start with `#` say nothing."""
    field = PRINCIPAL[kind][0]
    for lines in chunks:
        text = pc.utf8_trim_whitespace(lines.text)
        silent = pc.or_(pc.equal(text, ""), pc.starts_with(text, "#"))
        spoken = pc.invert(pc.fill_null(silent, True))
        positions = lines.first + np.flatnonzero(spoken.to_numpy(zero_copy_only=False))
        rows = raw_rows(positions, {field: text.filter(spoken)})
        yield Chunk(end=lines.end, rows=rows, rejects=lines.rejects)


def json_rows(chunks: Iterable[Lines], kind: SubjectKind) -> Iterator[Chunk]:
    """One object a line. A value that is neither text nor number counts as absent."""
    wanted = _ranks(kind)
    for lines in chunks:
        positions: list[int] = []
        columns: dict[str, list[str | None]] = {field: [] for field in ALIASES[kind]}
        rejects = list(lines.rejects)
        for number, line in enumerate(lines.text.to_pylist(), start=lines.first):
            if line is None or not line.strip():
                continue
            try:
                found = parse_object(line)
            except ValueError as error:
                rejects.append(Reject(position=number, reason=str(error), excerpt=excerpt(line)))
                continue
            values, faults = _fields(found, wanted)
            rejects += (
                Reject(position=number, reason=reason, excerpt=excerpt(shown))
                for reason, shown in faults
            )
            positions.append(number)
            for field, column in columns.items():
                column.append(values.get(field))
        filled = {field: pa.array(column, pa.string()) for field, column in columns.items()}
        rejects.sort(key=lambda reject: reject.position)
        yield Chunk(end=lines.end, rows=raw_rows(positions, filled), rejects=tuple(rejects))


def parse_object(line: str) -> dict[str, Any]:
    """One JSON object. Raises ValueError with the reason, whatever the line holds."""
    try:
        value = json.loads(line)
    except RecursionError:
        raise ValueError("JSON is nested too deep") from None
    except ValueError:
        raise ValueError("line is not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("line is JSON but no object")
    return value


def _ranks(kind: SubjectKind) -> dict[str, list[tuple[str, int]]]:
    """Column's name -> the fields it may fill, with its rank among their columns."""
    ranks: dict[str, list[tuple[str, int]]] = {}
    for field, aliases in ALIASES[kind].items():
        for rank, alias in enumerate(aliases):
            ranks.setdefault(alias, []).append((field, rank))
    return ranks


def _fields(
    found: dict[str, Any], wanted: dict[str, list[tuple[str, int]]]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The fields an object fills, and (reason, excerpt) of each value that is not usable."""
    ranked: dict[str, tuple[int, str]] = {}
    faults: list[tuple[str, str]] = []
    for key, value in found.items():
        uses = wanted.get(fold_column(key))
        if uses is None or value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            reason = f"{key}: is neither text nor a number; taken as absent"
            faults.append((excerpt(reason), str(value)[:1_000]))
            continue
        text = str(value).strip()
        try:
            text.encode()
        except UnicodeEncodeError:
            # JSON can escape half of a surrogate pair, which no text may hold.
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            faults.append((excerpt(f"{key}: held half a character; shown as U+FFFD"), text))
        for field, rank in uses:
            if text and (field not in ranked or rank < ranked[field][0]):
                ranked[field] = (rank, text)
    return {field: text for field, (_, text) in ranked.items()}, faults
