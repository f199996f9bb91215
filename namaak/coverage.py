"""What was read and what was not, as tables: nothing of it is implied, all of it is counted.

Reads the lake's manifest; the casebook keeps a copy that staff can ask.
May import: namaak.sqlfiles.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from namaak.sqlfiles import statement

#: Kept in the casebook; the lake has all of them.
MOST_REJECTS = 100_000
_UTC = pa.timestamp("us", tz="UTC")
_INSTANCE = [("source", pa.string()), ("instance", pa.string())]
_NAMED = [*_INSTANCE, ("label", pa.string())]

BATCH_SCHEMA = pa.schema(
    [
        ("batch_id", pa.string()), *_NAMED, ("start_position", pa.int64()),
        ("end_position", pa.int64()), ("rows", pa.int64()), ("first_seen_rows", pa.int64()),
        ("rejected", pa.int64()), ("gathered_at", _UTC), ("verified_rows", pa.int64()),
        ("names_rows", pa.int64()), ("unauthenticated_rows", pa.int64()),
    ]
)  # fmt: skip
REJECT_SCHEMA = pa.schema(
    [*_INSTANCE, ("position", pa.int64()), ("reason", pa.string()), ("excerpt", pa.string())]
)
INSTANCE_SCHEMA = pa.schema(
    [
        *_NAMED, ("next_position", pa.int64()), ("complete", pa.bool_()), ("stopped", pa.string()),
        ("head_size", pa.int64()), ("updated_at", _UTC),
    ]
)  # fmt: skip
GAP_SCHEMA = pa.schema(
    [
        *_NAMED, ("start_position", pa.int64()), ("end_position", pa.int64()),
        ("reason", pa.string()), ("recorded_at", _UTC),
    ]
)  # fmt: skip
HEAD_SCHEMA = pa.schema(
    [
        *_INSTANCE, ("size", pa.int64()), ("root", pa.string()), ("signed_at", _UTC),
        ("received_at", _UTC), ("verdict", pa.string()), ("key_id", pa.string()),
    ]
)  # fmt: skip
ATTEMPT_SCHEMA = pa.schema(
    [
        *_INSTANCE, ("failure", pa.string()), ("status", pa.int64()), ("attempts", pa.int64()),
        ("last_says", pa.string()), ("last_at", _UTC),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Tables with the schemas of this module."""

    batches: pa.Table
    rejects: pa.Table  #: the first of them; the counts of batches are never cut
    instances: pa.Table
    gaps: pa.Table
    heads: pa.Table
    attempts: pa.Table

    def tables(self) -> dict[str, pa.Table]:
        """By the names of the fields, as the casebook takes them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def read_coverage(
    manifest: sqlite3.Connection, rejects_of: Callable[[str], Path], *, most_rejects: int
) -> Coverage:
    """manifest: the lake's. rejects_of: where the refused rows of a batch lie."""
    batches = _rows(manifest, "counted_batches", BATCH_SCHEMA)
    rejects: list[dict[str, Any]] = []
    for row in batches:
        if row["rejected"] and len(rejects) < most_rejects:
            with rejects_of(row["batch_id"]).open(encoding="utf-8") as lines:
                rejects.extend(json.loads(line) for line in lines)
    return Coverage(
        batches=pa.Table.from_pylist(batches, schema=BATCH_SCHEMA),
        rejects=pa.Table.from_pylist(rejects[:most_rejects], schema=REJECT_SCHEMA),
        instances=_table(manifest, "all_instances", INSTANCE_SCHEMA),
        gaps=_table(manifest, "all_gaps", GAP_SCHEMA),
        heads=_table(manifest, "all_heads", HEAD_SCHEMA),
        attempts=_table(manifest, "all_attempts", ATTEMPT_SCHEMA),
    )


def _table(manifest: sqlite3.Connection, name: str, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(_rows(manifest, name, schema), schema=schema)


def _rows(manifest: sqlite3.Connection, name: str, schema: pa.Schema) -> list[dict[str, Any]]:
    """SQLite keeps times as text and truth as numbers; Arrow wants them as what they are."""
    found = manifest.execute(statement(f"lake/{name}"))
    names = [column[0] for column in found.description]
    readers = {field.name: _READERS.get(field.type, lambda value: value) for field in schema}
    return [
        {
            column: None if value is None else readers[column](value)
            for column, value in zip(names, row, strict=True)
            if column in readers
        }
        for row in found
    ]


_READERS: dict[pa.DataType, Callable[[Any], Any]] = {
    _UTC: datetime.fromisoformat,
    pa.bool_(): bool,
}
