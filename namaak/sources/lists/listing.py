"""One list from its bytes to chunks of raw rows, whatever its format.

The place where formats meet: what the list holds is told from its beginning, and then it
is read from the position asked for.
May import: namaak.errors, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from namaak.errors import SourceError
from namaak.records import SubjectKind
from namaak.sources.base import Reject
from namaak.sources.lists.columns import PLACED, PRINCIPAL, Layout, recognise
from namaak.sources.lists.delimited import Heading, csv_rows, read_heading
from namaak.sources.lists.lines import Lines, read_lines
from namaak.sources.lists.opening import (
    Format,
    Opened,
    format_of,
    opened,
    spooled,
    unreadable_format,
)
from namaak.sources.lists.parquet import column_names, parquet_rows
from namaak.sources.lists.tables import Chunk, json_rows, parse_object, raw_rows, text_rows

#: Objects looked at to tell what a JSON list holds.
_PROBE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list on the disk, plain, gzipped or in a zip."""

    path: Path
    member: str | None  #: of a zip
    where: str  #: how errors name it
    platform: str | None  #: where its rows are if no column says so
    max_bytes: int  #: unpacked

    @property
    def format(self) -> Format:
        """By the name's ending. Raises SourceError for one that namaak does not know."""
        found = format_of(self.member or self.path.name)
        if found is None:
            raise unreadable_format(self.path)
        return found

    def recognised(self, kind: SubjectKind | None) -> SubjectKind | None:
        """What it lists; None where it holds nothing or is damaged before its first row.

        Raises SourceError when its columns do not say, or say other than `kind`.
        """
        layout = self._layout(kind)
        return kind if layout is None else layout.kind

    def chunks(self, kind: SubjectKind | None, *, start: int) -> Iterator[Chunk]:
        """Raw rows from position `start`, perhaps with some before it. kind: as recognised.

        Damage is a reject where it was met; what stood before it is given out first.
        """
        if self.format is Format.PARQUET:
            yield from self._parquet_chunks(kind, start)
            return
        if self.format is Format.CSV:
            heading = self._read_heading()
            layout = None if heading is None else self._recognise(heading.names, kind)
        with self._opened() as source:
            if self.format is Format.TEXT:
                lines = read_lines(source.blocks(), start=start)
                yield from text_rows(lines, kind or SubjectKind.HOST)
            elif self.format is Format.JSONL:
                lines = read_lines(source.blocks(), start=start)
                yield from json_rows(lines, kind or SubjectKind.HOST)
            elif heading is None or layout is None:
                yield from _silent(read_lines(source.blocks(), start=start))
            else:
                yield from csv_rows(read_lines(source.blocks()), layout, heading, start=start)

    def _layout(self, kind: SubjectKind | None) -> Layout | None:
        match self.format:
            case Format.TEXT:
                kind = kind or SubjectKind.HOST
                return self._recognise(PRINCIPAL[kind][:1], kind)
            case Format.CSV:
                heading = self._read_heading()
                return None if heading is None else self._recognise(heading.names, kind)
            case Format.JSONL:
                return self._json_layout(kind)
            case Format.PARQUET:
                return self._parquet_layout(kind)

    def _recognise(self, names: Iterable[str], kind: SubjectKind | None) -> Layout:
        return recognise(tuple(names), where=self.where, kind=kind, platform=self.platform)

    def _json_layout(self, kind: SubjectKind | None) -> Layout | None:
        keys: dict[str, None] = {}
        spoken = objects = 0
        with self._opened() as source:
            lines = next(read_lines(source.blocks()), None)
        for line in () if lines is None else lines.text.to_pylist():
            if line is None or not line.strip():
                continue
            spoken += 1
            try:
                keys |= dict.fromkeys(parse_object(line))
            except ValueError:
                continue
            objects += 1
            if objects == _PROBE:
                break
        if keys:
            return self._recognise(keys, kind)
        if not spoken or (kind is not None and (kind not in PLACED or self.platform)):
            return None
        raise SourceError(
            f"{self.where} has no JSON object among its first lines; "
            'give one object a line, as in {"host": "acme.example"}.'
        )

    def _parquet_layout(self, kind: SubjectKind | None) -> Layout | None:
        with self._opened() as source:
            try:
                with self._seekable(source) as stream:
                    names = column_names(stream)
            except SourceError:
                return None
        return self._recognise(names, kind)

    def _parquet_chunks(self, kind: SubjectKind | None, start: int) -> Iterator[Chunk]:
        with self._opened() as source, ExitStack() as stack:
            try:
                stream = stack.enter_context(self._seekable(source))
                names = column_names(stream)
            except SourceError as error:
                reject = Reject(position=1, reason=f"file ends early: {error}", excerpt="")
                yield Chunk(end=2, rows=raw_rows([], {}), rejects=(reject,))
            else:
                yield from parquet_rows(stream, self._recognise(names, kind), start=start)

    def _read_heading(self) -> Heading | None:
        with self._opened() as source:
            return read_heading(read_lines(source.blocks()))

    def _opened(self) -> AbstractContextManager[Opened]:
        return opened(self.path, member=self.member, max_bytes=self.max_bytes)

    def _seekable(self, source: Opened) -> AbstractContextManager[IO[bytes]]:
        packed = self.member is not None or self.path.name.lower().endswith(".gz")
        return spooled(source) if packed else nullcontext(cast(IO[bytes], source.stream))


def _silent(chunks: Iterable[Lines]) -> Iterator[Chunk]:
    """A list without a heading has nothing but blank lines and rejects."""
    for lines in chunks:
        yield Chunk(end=lines.end, rows=raw_rows([], {}), rejects=lines.rejects)
