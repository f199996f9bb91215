"""Parquet lists to raw rows, a few thousand at a time, only the recognised columns.

Rows count from 1. A few kilobytes of parquet can repeat one huge value a million times,
so the dictionaries of a row group are looked at before its rows are unfolded, and the
longer their values, the fewer rows are unfolded at a time.
May import: namaak.errors, namaak.sources.*.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from namaak.errors import SourceError
from namaak.sources.base import Reject, excerpt
from namaak.sources.lists.columns import LIMITS, Layout
from namaak.sources.lists.tables import Chunk, first_filled, raw_rows

#: Rows decoded at a time.
STEP = 8_192
#: Bytes that the rows decoded at a time may unfold to, a column.
MAX_STEP_BYTES = 256 << 20
#: Unpacked bytes of the wanted columns of one row group. Arrow unpacks a page in one piece.
MAX_ROW_GROUP = 2 << 30

#: Longer values are cut to this, one more than any field may have, so that `facts` sees them.
_LONGEST = max(LIMITS.values()) + 1
#: Names of columns are decoded by pyarrow, which lets a bad one through as UnicodeError.
_DAMAGE = (pa.ArrowException, OSError, UnicodeError)


def column_names(stream: IO[bytes] | Path) -> list[str]:
    """Names of all columns; nested ones, which hold no plain value, as "".

    Raises SourceError when it is no parquet file.
    """
    try:
        with pq.ParquetFile(stream) as file:
            return _flat_names(file.schema_arrow)
    except _DAMAGE as error:
        raise SourceError(_no_parquet(error)) from None


def parquet_rows(stream: IO[bytes] | Path, layout: Layout, *, start: int) -> Iterator[Chunk]:
    """Rows from number `start`. Damage is a reject at the first row that cannot be read."""
    number = 1
    try:
        with pq.ParquetFile(stream) as file:
            schema = file.schema_arrow
        wanted = sorted({place for places in layout.fields.values() for place in places})
        names = [schema.names[place] for place in wanted]
        texts = [name for name in names if _is_text(schema.field(name).type)]
        with (
            pq.ParquetFile(stream) as file,
            pq.ParquetFile(stream, read_dictionary=texts) as encoded,
        ):
            groups: list[int] = []
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if not groups and number + rows <= start:
                    number += rows
                else:
                    groups.append(group)
            for group in groups:
                step = _step(encoded, group, names)
                for batch in file.iter_batches(step, row_groups=[group], columns=names):
                    chunk = _chunk(batch, wanted, len(schema.names), layout, number)
                    number += batch.num_rows
                    yield chunk
    except (*_DAMAGE, SourceError) as error:
        what = str(error) if isinstance(error, SourceError) else _no_parquet(error)
        reject = Reject(position=number, reason=f"file ends early: {what}", excerpt="")
        yield Chunk(end=number + 1, rows=raw_rows([], _no_rows(layout)), rejects=(reject,))


def _chunk(
    batch: pa.RecordBatch, wanted: list[int], width: int, layout: Layout, number: int
) -> Chunk:
    empty = pa.nulls(batch.num_rows, pa.string())
    columns = [empty] * width
    rejects: list[Reject] = []
    for place, name, values in zip(wanted, batch.schema.names, batch.columns, strict=True):
        columns[place] = text = _text(values)
        lost = pc.and_(pc.is_valid(values), pc.is_null(text))
        rejects += (
            Reject(
                position=number + row,
                reason=excerpt(f"{name}: is not UTF-8 text; taken as absent"),
                excerpt=excerpt(_bytes(values[row]) or b""),
            )
            for row in np.flatnonzero(lost.to_numpy(zero_copy_only=False)).tolist()
        )
    rejects.sort(key=lambda reject: reject.position)
    positions = np.arange(number, number + batch.num_rows)
    rows = raw_rows(positions, first_filled(columns, layout))
    return Chunk(end=number + batch.num_rows, rows=rows, rejects=tuple(rejects))


def _text(values: pa.Array) -> pa.Array:
    """A column as strings; null where a value is no text."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_floating(values.type):
        # Whole numbers with gaps arrive as floats from pandas: 12 and not 12.0.
        try:
            values = values.cast(pa.int64())
        except pa.ArrowInvalid:
            return values.cast(pa.string())
    return _checked_text(values)


def _checked_text(values: pa.Array) -> pa.Array:
    try:
        text = values.cast(pa.string())
        text.validate(full=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array(map(_decoded, values), pa.string())
    if len(text) and (pc.max(pc.binary_length(text)).as_py() or 0) > _LONGEST:
        text = pc.utf8_slice_codeunits(text, start=0, stop=_LONGEST)
    return text


def _decoded(value: pa.Scalar) -> str | None:
    content = _bytes(value)
    try:
        return None if content is None else content.decode("utf-8")[:_LONGEST]
    except UnicodeDecodeError:
        return None


def _bytes(value: pa.Scalar) -> bytes | None:
    """What a text or binary value holds, decodable or not; None for other types and null."""
    buffer = value.as_buffer() if hasattr(value, "as_buffer") else None
    return None if buffer is None else bytes(buffer)


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def _flat_names(schema: pa.Schema) -> list[str]:
    names = [
        "" if pa.types.is_nested(field.type) or "." in field.name else field.name
        for field in schema
    ]
    # A name that stands twice cannot be asked for.
    return [name if names.count(name) == 1 else "" for name in names]


def _step(encoded: pq.ParquetFile, group: int, names: list[str]) -> int:
    """Rows of the group that may be decoded at a time. Raises SourceError if it is too large."""
    metadata = encoded.metadata.row_group(group)
    columns = [metadata.column(place) for place in range(metadata.num_columns)]
    columns = [column for column in columns if column.path_in_schema in names]
    claimed = sum(column.total_uncompressed_size for column in columns)
    if claimed > MAX_ROW_GROUP:
        raise SourceError(
            f"a row group unpacks to {claimed} bytes, more than {MAX_ROW_GROUP}; "
            "write the file with smaller row groups"
        )
    longest = 1
    # This encoding repeats the beginning of the value before, without any dictionary.
    if any("DELTA_BYTE_ARRAY" in column.encodings for column in columns):
        longest = max(longest, claimed)
    # One row brings the whole dictionary of its column along.
    for batch in encoded.iter_batches(1, row_groups=[group], columns=names):
        for values in batch.columns:
            if pa.types.is_dictionary(values.type):
                lengths = pc.binary_length(values.dictionary)
                longest = max(longest, pc.max(lengths).as_py() or 0)
        break
    return max(1, min(STEP, MAX_STEP_BYTES // longest))


def _no_rows(layout: Layout) -> dict[str, pa.Array]:
    return {field: pa.array([], pa.string()) for field in layout.fields}


def _no_parquet(error: BaseException) -> str:
    return f"it is no parquet file or damaged ({excerpt(str(error))})"
