"""Cases as tables: CSV, JSON lines, Parquet.

May import: namaak.visible.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from namaak.visible import inert

#: One row: a case. Key: case_id.
EXPORT_SCHEMA = pa.schema(
    [
        ("case_id", pa.string()),
        ("brand", pa.string()),
        ("brand_name", pa.string()),
        ("subject", pa.string()),
        ("subject_kind", pa.string()),
        ("kind", pa.string()),
        ("score", pa.int32()),
        ("band", pa.string()),
        ("workflow", pa.string()),
        ("reasons", pa.list_(pa.string())),
        ("opened_at", pa.timestamp("us", tz="UTC")),
        ("updated_at", pa.timestamp("us", tz="UTC")),
    ]
)


def write_cases(
    cases: Sequence[Mapping[str, Any]], form: Literal["csv", "json", "parquet"], file: IO[bytes]
) -> None:
    """cases: rows of `reading.find_cases`. file: open for writing bytes; left open."""
    if form == "parquet":
        rows = [{name: case[name] for name in EXPORT_SCHEMA.names} for case in cases]
        pq.write_table(pa.Table.from_pylist(rows, schema=EXPORT_SCHEMA), file, compression="zstd")
        return
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    if form == "json":
        for case in cases:
            row = {name: _plain(case[name]) for name in EXPORT_SCHEMA.names}
            text.write(json.dumps(row, ensure_ascii=False) + "\n")
    else:
        writer = csv.writer(text)
        writer.writerow(EXPORT_SCHEMA.names)
        for case in cases:
            writer.writerow([inert(_plain(case[name])) for name in EXPORT_SCHEMA.names])
    text.detach()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
