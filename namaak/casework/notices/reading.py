"""Stored notices: of a case, near a case, due; with what was answered.

May import: namaak.casework.reading, namaak.records, namaak.sqlfiles, namaak.errors.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from namaak.casework.reading import read_rows, resolve_case_id
from namaak.errors import UsageError
from namaak.records import ActionState
from namaak.sqlfiles import statement

_SHORTEST_PREFIX = len("NA-") + 4
#: Crockford's base32 leaves out what is easily misread; people type it anyway.
_MISREAD = str.maketrans("ILO", "110")


def resolve_action_id(con: duckdb.DuckDBPyConnection, typed: str) -> str:
    """The notice a person means: its id in any letter case, or an unambiguous beginning of it.

    Raises UsageError when there is none or more than one.
    """
    text = typed.strip().upper()
    wanted = "NA-" + text.removeprefix("NA-").translate(_MISREAD)
    if len(wanted) < _SHORTEST_PREFIX:
        raise UsageError(f"{typed!r} is too short for a notice; give at least NA- and 4 letters.")
    found = con.execute(statement("casebook/find_action_ids"), [wanted]).fetchall()
    if not found:
        raise UsageError(f"There is no notice {typed!r}; `namaak notice list` lists them.")
    if len(found) > 1:
        ids = ", ".join(row[0] for row in found)
        raise UsageError(f"{typed!r} may mean {ids}; give more characters.")
    return str(found[0][0])


def read_action(con: duckdb.DuckDBPyConnection, action_id: str) -> dict[str, Any]:
    """One row of actions. action_id: see `resolve_action_id`, as for errors."""
    found = resolve_action_id(con, action_id)
    return next(read_rows(con, statement("casebook/action_row"), [found]))


def actions_of(con: duckdb.DuckDBPyConnection, case_id: str) -> list[dict[str, Any]]:
    """Rows of actions about a case, the first first. case_id: a whole one."""
    return list(read_rows(con, statement("casebook/actions_of_case"), [case_id]))


def actions_near(con: duckdb.DuckDBPyConnection, case_id: str) -> list[dict[str, Any]]:
    """The same, with those about other cases of its brand in its campaign."""
    return list(read_rows(con, statement("casebook/actions_near"), {"case_id": case_id}))


def cases_of(con: duckdb.DuckDBPyConnection, action_id: str) -> list[dict[str, Any]]:
    """The cases that a notice is about, the first first. action_id: a whole one."""
    return list(read_rows(con, statement("casebook/cases_of_action"), [action_id]))


def replies_of(con: duckdb.DuckDBPyConnection, action_id: str) -> list[dict[str, Any]]:
    """Rows of action_replies, in the order of logging. action_id: a whole one."""
    return list(read_rows(con, statement("casebook/replies_of_action"), [action_id]))


def find_actions(
    con: duckdb.DuckDBPyConnection,
    *,
    state: str | None = None,
    case_id: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Rows of action_detail, what changed last first. Raises UsageError for an unknown word."""
    if state is not None and state not in list(ActionState):
        raise UsageError(f"There is no state {state!r}; use one of {', '.join(ActionState)}.")
    bound = {
        "state": state,
        "case_id": resolve_case_id(con, case_id) if case_id else None,
        "row_limit": limit,
    }
    return list(read_rows(con, statement("casebook/find_actions"), bound))


def find_due_actions(
    con: duckdb.DuckDBPyConnection, *, limit: int | None = None
) -> list[dict[str, Any]]:
    """Rows of due_actions, the longest overdue first."""
    return list(read_rows(con, statement("casebook/find_due_actions"), {"row_limit": limit}))


def overdue_actions(con: duckdb.DuckDBPyConnection, now: datetime) -> list[dict[str, Any]]:
    """Rows of actions that nobody answered in time, the longest overdue first."""
    return list(read_rows(con, statement("casebook/actions_overdue"), [now]))
