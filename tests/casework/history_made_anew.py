"""A history written anew with fitting hashes: by who knows how, or as an older version did."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa

from namaak.casework.events import ChainHead, Draft, EventKind, chain
from namaak.casework.reading import read_rows

Rows = list[dict[str, Any]]


def history_made_anew(con: duckdb.DuckDBPyConnection, change: Callable[[Rows], Rows]) -> None:
    """Every event written again after a change, hashed as namaak hashes: the chain holds."""
    rows = change(list(read_rows(con, "from events order by seq")))
    drafts = [
        Draft(case_id=row["case_id"], kind=EventKind(row["kind"]), actor=row["actor"],
              happened_at=row["happened_at"], data=json.loads(row["data"]))
        for row in rows
    ]  # fmt: skip
    schema = con.table("events").limit(0).to_arrow_table().schema
    made = pa.Table.from_pylist(list(chain(drafts, ends={}, head=ChainHead())), schema=schema)
    con.execute("delete from events")
    con.register("made_anew", made)
    con.execute("insert into events by name from made_anew")
    con.unregister("made_anew")


def as_older_versions_wrote(rows: Rows) -> Rows:
    """What opens a case said less before."""
    kept = ("brand_id", "subject_key", "kind", "score", "band", "rank_version")
    for row in rows:
        if row["kind"] == "opened":
            data = json.loads(row["data"])
            row["data"] = json.dumps({name: data[name] for name in kept})
    return rows
