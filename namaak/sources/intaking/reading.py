"""A file of reports to its rows: what stood where, as text, and what could not be read.

CSV, JSON, JSON lines, or a plain list of links. The readers of all lists do the work (bounded
lines, quotes that never close, damage); only a whole JSON array is read here.
May import: namaak.errors, namaak.sources.base, lists and intaking.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namaak.errors import SourceError
from namaak.sources.base import Reject, excerpt
from namaak.sources.intaking.columns import field_of, layout_of, rank_of
from namaak.sources.intaking.paste import links_in
from namaak.sources.lists.delimited import csv_rows, read_heading
from namaak.sources.lists.lines import Lines, read_lines
from namaak.sources.lists.opening import check_readable, opened
from namaak.sources.lists.tables import Chunk, parse_object

#: What is read in the folder; pictures lie beside.
ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt")
#: A reported row is short; what lies beyond is refused with the row.
_MAX_CELL = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, as it was written; `fields` by columns.COLUMNS, none blank."""

    position: int  #: the line, or the place in an array, from 1
    fields: Mapping[str, str]


_Read = Callable[[int, str], Iterator[Row | Reject]]


def read_rows(path: Path, *, where: str, max_bytes: int) -> Iterator[Row | Reject]:
    """Rows and rejects; positions never fall. where: how errors name the file.

    Raises SourceError when it cannot be read at all, or no column says who is reported.
    """
    check_readable(path)
    match path.suffix.lower():
        case ".csv" | ".tsv":
            yield from _delimited(path, where, max_bytes)
        case ".json":
            yield from _array(path, where, max_bytes)
        case ".txt":
            yield from _pasted(path, max_bytes)
        case ".jsonl" | ".ndjson":
            yield from _objects(path, max_bytes)
        case _:
            raise SourceError(f"{where} is no list of reports; give {', '.join(ENDINGS)}.")


def _delimited(path: Path, where: str, max_bytes: int) -> Iterator[Row | Reject]:
    with opened(path, member=None, max_bytes=max_bytes) as source:
        heading = read_heading(read_lines(source.blocks()))
    if heading is None:
        return
    layout, strange = layout_of(heading.names, where=where)
    if strange:
        shown = excerpt(", ".join(strange[:20]))
        yield Reject(position=0, reason="has columns that mean nothing here", excerpt=shown)
    with opened(path, member=None, max_bytes=max_bytes) as source:
        for chunk in csv_rows(read_lines(source.blocks()), layout, heading, start=1):
            yield from _merged(chunk)


def _merged(chunk: Chunk) -> Iterator[Row | Reject]:
    """Rows and rejects of one chunk, by position."""
    found: list[tuple[int, Row | Reject]] = [(reject.position, reject) for reject in chunk.rejects]
    names = [name for name in chunk.rows.column_names if name != "position"]
    for values in chunk.rows.to_pylist():
        fields = {name: values[name] for name in names if values[name]}
        found.append((values["position"], _row(values["position"], fields)))
    yield from (one for _, one in sorted(found, key=lambda pair: pair[0]))


def _pasted(path: Path, max_bytes: int) -> Iterator[Row | Reject]:
    with opened(path, member=None, max_bytes=max_bytes) as source:
        for lines in read_lines(source.blocks()):
            yield from _by_position(lines, _links)


def _links(number: int, line: str) -> Iterator[Row | Reject]:
    for link in links_in(line):
        yield _row(number, {"link": link})


def _objects(path: Path, max_bytes: int) -> Iterator[Row | Reject]:
    with opened(path, member=None, max_bytes=max_bytes) as source:
        for lines in read_lines(source.blocks()):
            yield from _by_position(lines, _object_line)


def _object_line(number: int, line: str) -> Iterator[Row | Reject]:
    try:
        found = parse_object(line)
    except ValueError as error:
        yield Reject(position=number, reason=str(error), excerpt=excerpt(line))
    else:
        yield from _object(number, found)


def _by_position(lines: Lines, read: _Read) -> Iterator[Row | Reject]:
    refused = {reject.position: reject for reject in lines.rejects}
    for number, line in enumerate(lines.text.to_pylist(), start=lines.first):
        if number in refused:
            yield refused[number]
        elif line is not None and line.strip():
            yield from read(number, line)


def _array(path: Path, where: str, max_bytes: int) -> Iterator[Row | Reject]:
    with opened(path, member=None, max_bytes=max_bytes) as source:
        content = b"".join(source.blocks())
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise SourceError(f"{where} is JSON nested too deep; write one list of objects.") from None
    except ValueError as error:
        raise SourceError(
            f"{where} is no JSON ({excerpt(str(error))}); write one list of objects, or one object "
            "a line in a file that ends in .jsonl."
        ) from None
    for number, one in enumerate(found if isinstance(found, list) else [found], start=1):
        if isinstance(one, dict):
            yield from _object(number, one)
        else:
            yield Reject(position=number, reason="is no object", excerpt=excerpt(str(one)[:1_000]))


def _object(number: int, found: Mapping[str, Any]) -> Iterator[Row | Reject]:
    ranked: dict[str, tuple[int, str]] = {}
    for key, value in found.items():
        field = field_of(key)
        if field is None or value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            reason = f"{field}: is neither text nor a number; taken as absent"
            yield Reject(position=number, reason=reason, excerpt="")
            continue
        # JSON can escape half of a surrogate pair, which no text may hold.
        text = str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()
        if text and (field not in ranked or rank_of(key) < ranked[field][0]):
            ranked[field] = (rank_of(key), text)
    strange = tuple(key for key in found if field_of(key) is None)
    if strange:
        shown = excerpt(", ".join(strange[:20]))
        yield Reject(position=number, reason="has keys that mean nothing here", excerpt=shown)
    yield _row(number, {field: text for field, (_, text) in ranked.items()})


def _row(position: int, fields: Mapping[str, str]) -> Row | Reject:
    """A NUL would end the text for whoever reads it in C; a long cell is no report."""
    for name, value in fields.items():
        if "\0" in value or len(value) > _MAX_CELL:
            reason = f"{name}: " + (
                "holds a NUL character" if "\0" in value else f"is longer than {_MAX_CELL:,}"
            )
            return Reject(position=position, reason=reason, excerpt=excerpt(value))
    return Row(position=position, fields=fields)
