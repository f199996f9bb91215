"""`namaak sql`: the cases for people's own questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App

from namaak.cli.options import WatchPath, as_json
from namaak.cli.output import emit
from namaak.errors import UsageError


def register(app: App) -> None:
    """Add the commands."""
    app.command(sql)


def sql(
    query: str,
    *,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per row")] = False,
) -> int:
    """Ask the published casebook in SQL, read-only. Views: inbox, case_detail, brand_overview ...

    `namaak sql "from inbox"`, or the name of a file, or of a query that comes along
    (`namaak sql worst_cases_per_brand`). `namaak sql list` shows views and queries.

    Parameters
    ----------
    query
        A query, the path of a .sql file, the name of a query, or list.
    """
    import duckdb

    from namaak.casework.reading import ask, open_snapshot
    from namaak.settings import environment_settings
    from namaak.sqlfiles import sql_files

    if query == "list":
        listed = [
            {"name": file.name, "sort": sort, "what": file.title}
            for sort, folder in (("view", "views"), ("query", "queries"))
            for file in sql_files(folder)
        ]
        emit(listed, ("sort", "name", "what"), as_json=json, empty="")
        return 0
    named = {file.name: file.text for file in sql_files("queries")}
    named |= {file.name: f"from {file.name}" for file in sql_files("views")}
    text = named.get(query) or (_file(Path(query)) if query.endswith(".sql") else query)
    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        try:
            columns, rows = ask(snapshot, text)
            emit(rows, columns, as_json=json, empty="No rows.")
        except duckdb.Error as error:
            first = str(error).strip().splitlines()[0]
            raise UsageError(f"The query does not work: {first}") from None
    return 0


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file {path} cannot be read: {error}.") from None
