"""Brings a casebook to the shape this version needs: numbered migrations, then the views.

A migration that ran is never edited: its checksum is kept and compared. Migration and its
record are one transaction, so that a killed process leaves neither half.
May import: namaak.sqlfiles, namaak.errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import duckdb

from namaak.errors import CasebookError
from namaak.sqlfiles import SqlFile, statement


def migrate(
    con: duckdb.DuckDBPyConnection, files: Sequence[SqlFile], *, now: datetime
) -> tuple[str, ...]:
    """Apply what is missing, in the order given; returns the names applied now.

    Raises CasebookError when a migration that ran has changed since, or is unknown here.
    """
    con.execute(statement("casebook/migration_table"))
    ran = dict(con.execute(statement("casebook/applied_migrations")).fetchall())
    known = {file.name for file in files}
    if unknown := sorted(ran.keys() - known):
        raise CasebookError(
            f"The casebook has migration {unknown[0]}, which this version of namaak does not know; "
            "it was made by a newer one: upgrade namaak."
        )
    for file in files:
        if file.name in ran and ran[file.name] != file.checksum:
            raise CasebookError(
                f"Migration {file.name} was changed after this casebook applied it; put the old "
                "text back and write a new migration for the difference."
            )
    missing = [file for file in files if file.name not in ran]
    for file in missing:
        con.begin()
        try:
            con.execute(file.text)
            con.execute(statement("casebook/record_migration"), [file.name, file.checksum, now])
        except duckdb.Error as error:
            con.rollback()
            raise CasebookError(
                f"Migration {file.name} failed and was undone ({error}); the casebook is as before."
            ) from error
        con.commit()
    return tuple(file.name for file in missing)


def refresh_views(con: duckdb.DuckDBPyConnection, files: Sequence[SqlFile]) -> bool:
    """Create the views and macros anew, in the order given; returns whether any differed.

    When none did, an unchanged casebook need not be published again; and what was created last
    from the same files is not even compared.
    """
    digest = hashlib.sha256("".join(file.name + file.checksum for file in files).encode())
    known = con.execute(statement("casebook/known_definitions")).fetchone()
    if known is not None and known[0] == digest.hexdigest():
        return False
    before = con.execute(statement("casebook/stored_views")).fetchall()
    con.begin()
    for file in files:
        con.execute(file.text)
    differ = con.execute(statement("casebook/stored_views")).fetchall() != before
    if not differ:
        # Not to write the same views again; another wording of a comment is none.
        con.rollback()
        con.begin()
    con.execute(statement("casebook/record_definitions"), {"digest": digest.hexdigest()})
    con.commit()
    return differ


def check_current(con: duckdb.DuckDBPyConnection, files: Sequence[SqlFile]) -> None:
    """Raises CasebookError where a migration has not run yet: its readers would miss columns."""
    ran = dict(con.execute(statement("casebook/applied_migrations")).fetchall())
    if any(file.name not in ran for file in files):
        raise CasebookError(
            "The casebook was published by an older namaak; `namaak run` brings it along, and "
            "nothing of it is lost."
        )
