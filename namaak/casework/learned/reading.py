"""What the casebook holds of weights and verdicts, from a snapshot or the working file.

May import: namaak.casework.reading and weights, namaak.casework.learned.verdicts, namaak.sqlfiles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from namaak.casework.learned.verdicts import Gathered, gather
from namaak.casework.reading import read_rows
from namaak.casework.weights import may_be_learned
from namaak.sqlfiles import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The weights that count in a casebook."""

    version: str = ""  #: empty: as they are shipped
    multipliers: Mapping[str, float] = field(default_factory=dict)


def versions(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of weight_versions, the newest first; `weights` and `report` are read."""
    rows = read_rows(con, statement("casebook/weight_versions"))
    return [
        {**row, "weights": weights_of(row), "report": json.loads(row["report"])} for row in rows
    ]


def active(con: duckdb.DuckDBPyConnection) -> Learned:
    """Those that a person activated, or the shipped ones."""
    for row in read_rows(con, statement("casebook/weight_versions")):
        if row["active"]:
            return Learned(version=row["version"], multipliers=weights_of(row))
    return Learned()


def gathered(con: duckdb.DuckDBPyConnection) -> Gathered:
    """The verdicts of people, and what they were about."""
    known = {row["version"]: weights_of(row)
             for row in read_rows(con, statement("casebook/weight_versions"))}  # fmt: skip
    # One after the other: a connection has one result at a time.
    said = list(read_rows(con, statement("casebook/verdicts")))
    signals = list(read_rows(con, statement("casebook/judged_evidence")))
    return gather(
        said,
        signals,
        multipliers=known,
        learnable=may_be_learned,
    )


def weights_of(row: Mapping[str, Any]) -> dict[str, float]:
    """name -> multiplier, of a row of weight_versions."""
    return {name: float(times) for name, times in json.loads(row["weights"]).items()}
