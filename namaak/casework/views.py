"""Saved views: the conditions of a list of cases under a name, as JSON and never as SQL.

What is saved is exactly what a list can be asked for; spans stay as they were written, so that
"since 7d" means the last seven days whenever the view is opened.
May import: namaak.casework.reading and moments, namaak.errors, namaak.sqlfiles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from namaak.casework.moments import moment
from namaak.casework.reading import check_case_query, find_cases, read_rows
from namaak.errors import UsageError
from namaak.sqlfiles import statement

_NAME = re.compile(r"[\w][\w .:-]{0,59}")
_MAX_TEXT = 500
_MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Conditions of a list; what is None or False is none. Times as `moments.moment` takes them."""

    brand: str | None = None
    band: str | None = None
    workflow: str | None = None
    kind: str | None = None
    subject: str | None = None
    assignee: str | None = None
    since: str | None = None
    updated_since: str | None = None
    every: bool = False
    limit: int | None = None

    def arguments(self, *, now: datetime) -> dict[str, Any]:
        """As `find_cases` takes them. Raises UsageError for a word or a time that is none."""
        given = asdict(self)
        for name in ("since", "updated_since"):
            if given[name] is not None:
                given[name] = moment(given[name], now=now)
        check_case_query(**given)
        return given

    def given(self) -> dict[str, object]:
        """What is asked for and nothing else."""
        return {
            name: one for name, one in asdict(self).items() if one is not None and one is not False
        }

    def to_json(self) -> str:
        """The same, keys in order."""
        return json.dumps(self.given(), sort_keys=True, ensure_ascii=False)


def query_of(given: Mapping[str, object]) -> CaseQuery:
    """From what a form or a stored view says. Raises UsageError for what is no condition."""
    texts = {field.name for field in fields(CaseQuery)} - {"every", "limit"}
    for name, value in given.items():
        sound = (
            (name in texts and isinstance(value, str) and 0 < len(value) <= _MAX_TEXT)
            or (name == "every" and isinstance(value, bool))
            or (
                name == "limit"
                and isinstance(value, int)
                and not isinstance(value, bool)
                and 0 <= value <= _MOST_ROWS
            )
        )
        if not sound:
            raise UsageError(f"A view cannot hold {name} = {value!r}; see `namaak views --help`.")
    return CaseQuery(**given)  # type: ignore[arg-type]


def query_from_json(text: str) -> CaseQuery:
    """A stored view. Raises UsageError."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise UsageError("The saved view is damaged; save it again.")
    return query_of(given)


def check_name(name: str) -> str:
    """The name as it is kept. Raises UsageError for one that nobody could type again."""
    found = " ".join(name.split())
    if not _NAME.fullmatch(found):
        raise UsageError(
            f"{name!r} cannot be the name of a view; use up to 60 letters, digits, spaces, dots, "
            "colons and hyphens."
        )
    return found


def saved_views(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Name, author, query (JSON), made_at and updated_at of each, by name."""
    return list(read_rows(con, statement("casebook/saved_views")))


def saved_view(con: duckdb.DuckDBPyConnection, name: str) -> CaseQuery:
    """What a view asks for. Raises UsageError where there is none of that name."""
    wanted = check_name(name)
    views = {row["name"]: row["query"] for row in saved_views(con)}
    if wanted not in views:
        known = f"it has {', '.join(list(views)[:10])}" if views else "none is saved"
        raise UsageError(f"There is no view {wanted!r}; {known}.")
    return query_from_json(views[wanted])


def cases_of_view(
    con: duckdb.DuckDBPyConnection, name: str, *, now: datetime
) -> list[dict[str, Any]]:
    """The cases that a saved view lists today."""
    return find_cases(con, **saved_view(con, name).arguments(now=now))
