"""All measures of a stretch of time, from a published casebook.

May import: namaak.casework.reading, namaak.errors, namaak.sqlfiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from namaak.casework.reading import read_rows
from namaak.errors import UsageError
from namaak.sqlfiles import statement

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Rows of the views, and of the macro `timings` for this stretch."""

    since: datetime | None
    until: datetime | None
    brand_id: str | None
    timings: list[Row]
    lasting: list[Row]  #: interval, hours and standing of each stretch, for curves
    outcomes: list[Row]
    backlog: list[Row]
    precision: list[Row]
    weeks: list[Row]


def read_measures(
    con: duckdb.DuckDBPyConnection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    brand: str | None = None,
) -> Measures:
    """since, until: intervals that began then; None is any time. brand: id or name.

    Backlog, outcomes and precision are as of now, over all time. Raises UsageError for a brand
    that there is not, and for times without zone or in the wrong order.
    """
    for moment in (since, until):
        if moment is not None and moment.tzinfo is None:
            raise UsageError("The time of a report has no time zone; add one, as in 09:00Z.")
    if since and until and until <= since:
        raise UsageError("The report would end before it begins; give a later --until.")
    brand_id = _brand(con, brand) if brand is not None else None
    bound = {"since": since, "until": until, "brand_id": brand_id}
    of_brand = {"brand_id": brand_id}

    def rows(name: str, values: dict[str, Any]) -> list[Row]:
        return list(read_rows(con, statement(f"measures/{name}"), values))

    return Measures(
        since=since,
        until=until,
        brand_id=brand_id,
        timings=rows("timings", bound),
        lasting=rows("lasting", bound),
        outcomes=rows("outcomes", of_brand),
        backlog=rows("backlog", of_brand),
        precision=rows("precision", of_brand),
        weeks=rows("weeks", bound),
    )


def _brand(con: duckdb.DuckDBPyConnection, brand: str) -> str:
    found = con.execute(statement("measures/brand"), {"brand": brand}).fetchone()
    if found is None:
        raise UsageError(f"There is no brand {brand!r} in the casebook; see `namaak sql overview`.")
    return str(found[0])
