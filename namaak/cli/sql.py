"""`namaak sql` and `export`: the cases for people's own questions and other programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from namaak.cli.output import emit, say
from namaak.errors import NamaakError, UsageError


def register(app: App) -> None:
    """Add the commands."""
    app.command(sql)
    app.command(export)


def sql(
    query: str,
    *,
    watch: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Ask the published casebook in SQL, read-only. Views: inbox, case_detail, brand_overview ...

    `namaak sql "from inbox"`, or the name of a file, or of a query that comes along
    (`namaak sql worst_cases_per_brand`). `namaak sql list` shows views and queries.

    Parameters
    ----------
    query
        A query, the path of a .sql file, the name of a query, or list.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object per row.
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


def export(
    *,
    to: Annotated[Literal["csv", "json", "parquet"], Parameter(name="--format")] = "csv",
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    brand: str | None = None,
    band: Literal["watch", "review", "high", "critical"] | None = None,
    workflow: str | None = None,
    watch: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Write cases to a file or, for csv and json, to standard output.

    Parameters
    ----------
    to
        csv (text that spreadsheets cannot take for a formula), json (one object a line), parquet.
    output
        The file; written whole or not at all.
    brand
        Only this brand (id or name).
    band
        This band and worse ones.
    workflow
        Only cases in this state.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        The same as --format json.
    """
    from namaak.casework.exports import write_cases
    from namaak.casework.reading import find_cases, open_snapshot
    from namaak.settings import environment_settings

    if json:
        to = "json"
    if output is None and sys.stdout.isatty():
        # Exports are faithful: what strangers wrote could steer the terminal.
        raise UsageError("Name a file with --output, or send the export into a pipe.")
    if to == "parquet" and output is None:
        raise UsageError("Parquet cannot go to standard output; name a file with --output.")
    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        cases = find_cases(snapshot, brand=brand, band=band, workflow=workflow, every=True)
    if output is None:
        write_cases(cases, to, sys.stdout.buffer)
        sys.stdout.flush()
        return 0
    partial = output.with_name(f"{output.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            write_cases(cases, to, file)
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        why = error.strerror or error
        raise NamaakError(f"Cannot write {output}: {why}; nothing was written.") from None
    say(f"{len(cases):,} cases to {output}")
    return 0
