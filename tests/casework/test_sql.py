"""The .sql files: each explains itself, and says the same as the nouns in Python."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from namaak import records, sqlfiles
from namaak.capturing.captured import CaptureOutcome
from namaak.casework.by_hand import BY_HAND
from namaak.casework.casebook import Casebook
from namaak.casework.events import EventKind
from namaak.casework.lifecycle import ReasonCode
from namaak.casework.migrations import migrate, refresh_views
from namaak.errors import CasebookError
from namaak.sqlfiles import SqlFile, sql_files

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FOLDERS = (
    *("migrations", "macros", "views", "casebook", "queries", "wearing", "portraits"),
    *("measures", "retention"),
)
FILES = sorted(
    path for folder in FOLDERS for path in (sqlfiles.sql_folder() / folder).glob("*.sql")
)


@pytest.fixture
def con():
    with duckdb.connect(":memory:") as connection:
        migrate(connection, sql_files("migrations"), now=NOW)
        refresh_views(connection, sql_files("views"))
        yield connection


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_sql_file_says_what_it_is_its_grain_its_key_and_its_readers(path):
    text = path.read_text(encoding="utf-8")
    header = text[: re.search(r"^[^-]", text, re.MULTILINE).start()]
    assert re.match(r"-- [A-Z]", header)
    for word in ("Grain: ", "Key: |key ", "Read by: "):
        assert re.search(word, header), f"{named(path)} does not say {word}"
    assert not re.search(r"\b(SELECT|FROM|WHERE|CREATE)\b", text)


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("cases", "subject_kind", records.SubjectKind),
        ("cases", "kind", [*records.Resemblance, BY_HAND]),
        ("cases", "band", records.Band),
        ("cases", "workflow", records.Workflow),
        ("cases", "subject_state", records.SubjectState),
        ("cases", "reason_code", ReasonCode),
        ("matches", "subject_kind", records.SubjectKind),
        ("matches", "field", records.Field),
        ("matches", "resemblance", records.Resemblance),
        ("matches", "place", records.Place),
        ("pictures", "outcome", records.PictureOutcome),
        ("events", "kind", EventKind),
        ("captures", "outcome", CaptureOutcome),
        ("checks", "state", records.SubjectState),
        ("actions", "state", records.ActionState),
        ("actions", "state", records.ActionState),
    ],
)
def test_checks_in_sql_and_enums_in_python_agree(con, table, column, words: Iterable[str]):
    checks = con.execute(
        "select constraint_text from duckdb_constraints() where constraint_type = 'CHECK' "
        "and table_name = ? and constraint_column_names = [?]",
        [table, column],
    ).fetchall()
    assert len(checks) == 1
    assert set(re.findall(r"'([^']+)'", checks[0][0])) == set(words)


def test_bands_have_the_order_of_the_enum(con):
    stored = con.execute("select band, rank from bands order by rank").fetchall()
    assert stored == [(str(band), rank) for rank, band in enumerate(records.Band)]


def test_matches_are_stored_with_all_their_columns(con):
    columns = set(con.table("matches").columns)
    assert columns == {*records.MATCH_SCHEMA.names, "case_id", "batch_id"}


def test_every_stored_column_is_explained(con):
    unexplained = con.execute(
        "select table_name, column_name from duckdb_columns() "
        "where comment is null and table_name <> 'schema_migrations' "
        "and table_name not in (select view_name from duckdb_views())"
    ).fetchall()
    assert unexplained == []


def test_a_changed_migration_is_refused_by_name(con):
    first, *rest = sql_files("migrations")
    changed = replace(first, text=first.text + "-- edited\n")
    with pytest.raises(CasebookError, match=f"{first.name} was changed"):
        migrate(con, [changed, *rest], now=NOW)


def test_a_casebook_of_a_newer_namaak_is_refused(con):
    with pytest.raises(CasebookError, match=rf"{sql_files('migrations')[-1].name}.*upgrade"):
        migrate(con, sql_files("migrations")[:-1], now=NOW)


def test_migrations_run_once(con):
    assert migrate(con, sql_files("migrations"), now=NOW) == ()
    assert refresh_views(con, sql_files("views")) is False


def test_a_failing_migration_leaves_neither_half(con):
    bad = SqlFile(name="9999_bad", text="create table half (a integer); select nonsense;")
    with pytest.raises(CasebookError, match="9999_bad failed and was undone"):
        migrate(con, [*sql_files("migrations"), bad], now=NOW)
    assert con.execute("select * from duckdb_tables() where table_name = 'half'").fetchall() == []
    mended = replace(bad, text="create table half (a integer);")
    assert migrate(con, [*sql_files("migrations"), mended], now=NOW) == ("9999_bad",)


def test_a_changed_macro_is_replaced_and_reported(con):
    macros = sql_files("macros")
    assert refresh_views(con, macros) is True
    assert refresh_views(con, macros) is False
    changed = [replace(file, text=file.text.replace("256 - ", "255 - ")) for file in macros]
    assert refresh_views(con, changed) is True


def test_a_changed_view_is_replaced_and_reported(con):
    inbox = next(file for file in sql_files("views") if file.name == "inbox")
    changed = replace(inbox, text="create or replace view inbox as select 1 as one;")
    assert refresh_views(con, [changed]) is True
    assert con.table("inbox").columns == ["one"]


def test_line_ends_of_a_checkout_do_not_change_a_checksum(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlfiles, "sql_folder", lambda: tmp_path)
    (tmp_path / "unix").mkdir()
    (tmp_path / "dos").mkdir()
    (tmp_path / "unix" / "0001_a.sql").write_bytes(b"select 1;\nselect 2;\n")
    (tmp_path / "dos" / "0001_a.sql").write_bytes(b"select 1;\r\nselect 2;\r\n")
    assert sql_files("unix")[0].checksum == sql_files("dos")[0].checksum


def test_a_casebook_whose_migration_changed_is_not_published(tmp_path, monkeypatch):
    paths = {"working": tmp_path / "w" / "casebook.duckdb", "published": tmp_path / "c.duckdb"}
    with Casebook.writing(**paths):
        pass
    first, *rest = sql_files("migrations")
    changed = (replace(first, text=first.text + "\n"), *rest)
    monkeypatch.setattr("namaak.casework.casebook.sql_files", lambda _: changed)
    with pytest.raises(CasebookError, match=first.name), Casebook.writing(**paths):
        pass
