"""A column of names as texts to scan: hosts without their suffix, foreign letters read as ASCII.

Plain names, nearly all of a list of hosts, are scanned where they lie in Arrow's buffer. Only
those with an A-label or a character beyond ASCII pass through Python, and each of their readings
becomes a text of its own behind the others.
May import: namaak.records, detectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from detectors.compiling import allocating
from detectors.names.reading import ReadName, read_name, readings
from detectors.names.sightings import TextFlag, Texts
from detectors.suffixes import split_column, suffix_list
from namaak.records import Field

#: ASCII that people write for a letter in handles and names: "p@ypal".
_SIGNS = tuple(b"@$!|+(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The texts of a column, and how each is read."""

    texts: Texts
    field: Field
    values: pa.Array  #: large_string
    reread: tuple[ReadName, ...]  #: of the texts from len(values) on

    def read(self, text: int) -> ReadName:
        """The name that text is a reading of; texts of plain names are their only reading."""
        return self.read_all([text])[0]

    def read_all(self, texts: Sequence[int]) -> list[ReadName]:
        """The same for many, in their order."""
        plain = len(self.values)
        # No bytes beyond ASCII: those were read already.
        rows = pa.array([text for text in texts if text < plain], pa.int64())
        values = iter(self.values.take(rows).to_pylist())
        found = []
        for text in texts:
            name = self.reread[text - plain] if text >= plain else None
            if name is None:
                name = read_name(next(values), self.field)
            assert name is not None  # nothing is found in what cannot be read
            found.append(name)
        return found


def read_column(values: pa.Array | pa.ChunkedArray, field: Field) -> Column:
    """values: n strings, nulls allowed; hosts as A- or U-labels, lower case, no trailing dot.

    The first n texts are the values as they stand, empty for null and for those that have to be
    read; the readings of these follow, ascending by row.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks() if values.num_chunks != 1 else values.chunk(0)
    values = values.cast(pa.large_string())
    buffer, begin, end = _in_place(values)
    foreign = np.flatnonzero(_needs_reading(buffer, begin, end, field is Field.HOST))
    rows: list[int] = []
    names: list[ReadName] = []
    suffixes: list[str] = []
    for row in foreign.tolist():
        value = _decoded(values, row)
        tail = ""
        if field is Field.HOST:
            tail = value[suffix_list().split(value).name_end(value) + 1 :]
        for name in readings(value, field):
            rows.append(row)
            names.append(name)
            suffixes.append(tail)
    end = end.copy()
    end[foreign] = begin[foreign]
    label = np.zeros(len(begin), np.int32)
    suffix = np.zeros(len(begin), np.int32)
    flags = np.zeros(len(begin), np.uint8)
    if field is Field.HOST:
        split = split_column(buffer, begin, end)
        # A host that is itself a suffix has its own last label for one, see `name_end`.
        label = np.minimum(split.registrable, split.name_end)
        suffix = np.maximum((end - begin).astype(np.int32) - split.name_end - 1, 0)
        end = begin + split.name_end
        flags = np.where(split.private, TextFlag.HOST | TextFlag.FREE_HOST, TextFlag.HOST)
        flags = flags.astype(np.uint8)
    plain = Texts(
        buffer=buffer, begin=begin, end=end, label=label, suffix=suffix, flags=flags,
        row=np.arange(len(begin), dtype=np.int64),
    )  # fmt: skip
    texts = _with_readings(plain, rows, names, suffixes, field) if names else plain
    return Column(texts=texts, field=field, values=values, reread=tuple(names))


def _decoded(values: pa.Array, row: int) -> str:
    """The value as text; bytes that are no UTF-8, which Arrow does not refuse, are replaced."""
    return str(values[row].as_buffer().to_pybytes().decode("utf-8", "replace"))


def _in_place(
    values: pa.Array,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Arrow's own bytes and offsets, not copied and no more than the slice has; a null is empty."""
    _, offsets_buffer, data = values.buffers()
    count, first = len(values), values.offset
    if count == 0 or offsets_buffer is None:
        none = np.zeros(0, np.int64)
        return np.zeros(0, np.uint8), none, none
    offsets = np.frombuffer(offsets_buffer, np.int64, count + 1, first * 8)
    low, high = int(offsets[0]), int(offsets[-1])
    buffer = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    buffer, offsets = buffer[low:high], offsets - low
    begin, end = offsets[:-1], offsets[1:]
    if values.null_count:
        end = np.where(values.is_valid().to_numpy(zero_copy_only=False), end, begin)
    return buffer, begin, end


@allocating
def _needs_reading(buffer, begin, end, host):  # type: ignore[no-untyped-def]
    """Per value: whether it has a byte beyond ASCII, an A-label or a sign that may be a letter.

    Signs that are no letter where they stand cost a look in Python and change nothing.
    """
    found = np.zeros(len(begin), np.bool_)
    for row in range(len(begin)):
        low, high = begin[row], end[row]
        for at in range(low, high):
            byte = buffer[at]
            if byte >= 128 or (not host and byte in _SIGNS):
                found[row] = True
                break
            # "xn--" at the start of a label
            if (
                host
                and byte == 120
                and at + 3 < high
                and buffer[at + 1] == 110
                and buffer[at + 2] == 45
                and buffer[at + 3] == 45
                and (at == low or buffer[at - 1] == 46)
            ):
                found[row] = True
                break
    return found


def _with_readings(
    plain: Texts,
    rows: Sequence[int],
    names: Sequence[ReadName],
    suffixes: Sequence[str],
    field: Field,
) -> Texts:
    """The texts and, behind them, one for each reading, with its suffix where a host has it."""
    encoded = [
        f"{name.raw}.{suffix}".encode("ascii", "replace") if suffix else name.raw.encode("ascii")
        for name, suffix in zip(names, suffixes, strict=True)
    ]
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    begin = len(plain.buffer) + np.cumsum(lengths) - lengths
    sizes = np.fromiter((len(name.raw) for name in names), np.int64, len(names))
    labels = np.fromiter((name.label for name in names), np.int32, len(names))
    tails = np.fromiter(map(len, suffixes), np.int32, len(suffixes))
    flags = np.fromiter((_flags(name, field) for name in names), np.uint8, len(names))
    return Texts(
        buffer=np.concatenate([plain.buffer, np.frombuffer(b"".join(encoded), np.uint8)]),
        begin=np.concatenate([plain.begin, begin]),
        end=np.concatenate([plain.end, begin + sizes]),
        label=np.concatenate([plain.label, labels]),
        suffix=np.concatenate([plain.suffix, tails]),
        flags=np.concatenate([plain.flags, flags]),
        row=np.concatenate([plain.row, np.array(rows, np.int64)]),
    )


def _flags(name: ReadName, field: Field) -> int:
    flags = TextFlag.REREAD
    if field is Field.HOST:
        flags |= TextFlag.HOST
    if "free-host" in name.traits:
        flags |= TextFlag.FREE_HOST
    if "punycode" in name.traits:
        flags |= TextFlag.PUNYCODE
    return int(flags)
