"""The stored contacts of a case, and where one was looked for in vain.

May import: namaak.casework.reading, namaak.sqlfiles.
"""

from __future__ import annotations

from typing import Any

import duckdb

from namaak.casework.reading import read_rows
from namaak.sqlfiles import statement


def contacts_of(con: duckdb.DuckDBPyConnection, case_id: str) -> list[dict[str, Any]]:
    """Rows of contacts, the first to try first. case_id: a whole one."""
    return list(read_rows(con, statement("casebook/contacts_of_case"), [case_id]))


def failures_of(con: duckdb.DuckDBPyConnection, case_id: str) -> list[dict[str, Any]]:
    """Rows of contact_failures, by scope. case_id: a whole one."""
    return list(read_rows(con, statement("casebook/failures_of_case"), [case_id]))
