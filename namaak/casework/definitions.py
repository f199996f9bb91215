"""Whether the views and macros in a casebook are those that this version makes.

People read the casebook through them: with one that leaves cases out, every row may be as its
history tells, and nobody sees it.
May import: namaak.casework.reading, namaak.sqlfiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import duckdb

from namaak.casework.reading import read_rows
from namaak.sqlfiles import sql_files, statement

#: DuckDB 1.5 quotes the types of a cast that was made just now, and not of one that it read from a
#: file. No name of ours is in capitals.
_QUOTED_TYPE = re.compile(r'"([A-Z][A-Z0-9_ ]*)"')


def definitions_otherwise(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Names of views and macros that are not as they should be, and what of them is not.

    One more is named as well: a macro stands before the function of DuckDB that has its name, and
    changes what every view means.
    """
    there, shipped = _stored(con), _shipped()
    for name in sorted(shipped.keys() | there.keys()):
        if name not in there:
            yield name, "this view or macro is gone"
        elif name not in shipped:
            yield name, "this view or macro is none that this version of namaak makes"
        elif there[name] != shipped[name]:
            yield (
                name,
                "this view or macro is not as this version of namaak makes it: somebody changed it "
                "in the file, or another version made it",
            )


@cache
def _shipped() -> Mapping[str, tuple[str, ...]]:
    """As a casebook holds them that was made just now: what is stored is not the text of a file."""
    with duckdb.connect(":memory:") as con:
        con.begin()
        for folder in ("migrations", "views", "macros"):
            for file in sql_files(folder):
                con.execute(file.text)
        return _stored(con)


def _stored(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Name -> each definition that it has."""
    found: dict[str, tuple[str, ...]] = {}
    for row in read_rows(con, statement("casebook/stored_views")):
        name = row["view_name"]
        plain = _QUOTED_TYPE.sub(r"\1", row["sql"])
        found[name] = tuple(sorted((*found.get(name, ()), plain)))
    return found
