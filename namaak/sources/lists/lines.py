"""Bytes to numbered lines, in bounded memory, as Arrow columns.

Lines count from 1. A line that is no text (NUL, not UTF-8) or longer than MAX_LINE is
null in the column and a reject; reading goes on after it. Damage in the stream is a
reject at the line it cut short, because a half name must not pass for a name.
May import: namaak.errors, namaak.sources.base.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from namaak.errors import SourceError
from namaak.sources.base import Reject, excerpt

#: Bytes, without the newline.
MAX_LINE = 1 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Consecutive lines without their ends; null where a reject says why."""

    first: int  #: number of the first
    text: pa.Array
    rejects: tuple[Reject, ...] = ()
    damaged: bool = False  #: the stream broke here; nothing follows

    @property
    def end(self) -> int:
        """Number of the line after the last."""
        return self.first + len(self.text)


def read_lines(blocks: Iterable[bytes], *, start: int = 1) -> Iterator[Lines]:
    """All lines from number `start`. Earlier ones are counted and not looked at."""
    number = 1
    carry = b""  # the beginning of line `number`, at most MAX_LINE bytes
    dropping: bytes | None = None  # the beginning of line `number` when it is too long
    damage: str | None = None
    iterator = _without_bom(blocks)
    while True:
        try:
            block = next(iterator, b"")
        except SourceError as error:
            damage, block = str(error), b""
        if not block:
            break
        if dropping is not None:
            _, newline, block = block.partition(b"\n")
            if not newline:
                continue
            yield from _refused(number, _TOO_LONG, dropping, start)
            number, dropping = number + 1, None
        whole, newline, carry = (carry + block).rpartition(b"\n")
        if newline:
            count = whole.count(b"\n") + 1
            if number + count > start:
                yield _from_line(_lines(whole, number), start)
            number += count
        if len(carry) > MAX_LINE:
            dropping, carry = carry[:1000], b""
    if dropping is not None:
        yield from _refused(number, _TOO_LONG, dropping, start)
        number += 1
    elif carry and damage is None:
        if number >= start:
            yield _lines(carry, number)
        number += 1
    if damage is not None:
        reason = f"file ends early: {damage}"
        yield from _refused(number, reason, carry, start, damaged=True)


_TOO_LONG = f"line is longer than {MAX_LINE} bytes"


def _without_bom(blocks: Iterable[bytes]) -> Iterator[bytes]:
    iterator = iter(blocks)
    for block in iterator:
        if block := block.removeprefix(_BOM):
            yield block
        break
    yield from iterator


def _lines(whole: bytes, first: int) -> Lines:
    """whole: lines with newlines between them, none after the last."""
    data = np.frombuffer(whole, np.uint8)
    ends = np.append(np.flatnonzero(data == ord("\n")), len(data))
    # Each value keeps its newline in front, so that the values lie side by side.
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    raw = pa.Array.from_buffers(
        pa.binary(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(whole)]
    )
    if _is_text(whole) and int(np.diff(offsets).max()) <= MAX_LINE:
        text = pc.ascii_rtrim(
            pc.ascii_ltrim(raw.view(pa.string()), characters="\n"), characters="\r"
        )
        return Lines(first=first, text=text)
    kept: list[str | None] = []
    rejects: list[Reject] = []
    for number, line in enumerate(whole.split(b"\n"), start=first):
        if len(line) > MAX_LINE:
            reason = _TOO_LONG
        elif b"\0" in line:
            reason = "line holds a NUL byte: it is no text"
        elif not _is_text(line):
            reason = "line is not UTF-8 text"
        else:
            kept.append(line.decode("utf-8").rstrip("\r"))
            continue
        kept.append(None)
        rejects.append(Reject(position=number, reason=reason, excerpt=excerpt(line)))
    return Lines(first=first, text=pa.array(kept, pa.string()), rejects=tuple(rejects))


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _from_line(lines: Lines, start: int) -> Lines:
    if lines.first >= start:
        return lines
    return Lines(
        first=start,
        text=lines.text.slice(start - lines.first),
        rejects=tuple(reject for reject in lines.rejects if reject.position >= start),
    )


def _refused(
    number: int, reason: str, line: bytes, start: int, *, damaged: bool = False
) -> Iterator[Lines]:
    if number >= start:
        reject = Reject(position=number, reason=reason, excerpt=excerpt(line))
        text = pa.nulls(1, pa.string())
        yield Lines(first=number, text=text, rejects=(reject,), damaged=damaged)
