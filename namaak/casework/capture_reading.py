"""Reading the captures of a case, and the packs that were made of it.

May import: namaak.casework.reading, namaak.sqlfiles.
"""

from __future__ import annotations

from typing import Any

import duckdb

from namaak.casework.reading import read_rows, resolve_case_id
from namaak.sqlfiles import statement


def captures_of(con: duckdb.DuckDBPyConnection, case_id: str) -> list[dict[str, Any]]:
    """Rows of captures, the latest first; those that failed, too.

    case_id: see `resolve_case_id`, as for errors.
    """
    found = resolve_case_id(con, case_id)
    return list(read_rows(con, statement("casebook/captures_of_case"), [found]))


def packs_of(con: duckdb.DuckDBPyConnection, case_id: str) -> list[dict[str, Any]]:
    """Rows of packs, the latest first. case_id: see `resolve_case_id`, as for errors."""
    found = resolve_case_id(con, case_id)
    return list(read_rows(con, statement("casebook/packs_of_case"), [found]))
