"""The .sql files: found in a checkout and in a wheel, each saying what it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from namaak import sqlfiles
from namaak.errors import CasebookError
from namaak.sqlfiles import SqlFile, sql_files, sql_folder, statement

FOLDERS = ("migrations", "views", "queries", "casebook", "lake", "permutations", "wearing")


@pytest.fixture
def no_cache() -> Iterator[None]:
    caches = (sql_folder, sql_files, statement)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def installed(folder: Path) -> Path:
    """A package folder with its own SQL, as in a wheel."""
    (folder / "namaak" / "_sql" / "migrations").mkdir(parents=True)
    return folder / "namaak"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_holds_files_and_every_file_says_what_it_is(folder: str) -> None:
    files = sql_files(folder)
    assert files
    for file in files:
        assert file.text.startswith("-- "), file.name
        assert len(file.title) > 10, file.name


def test_files_come_in_the_order_of_their_names_without_the_ending() -> None:
    names = [file.name for file in sql_files("migrations")]
    assert names == sorted(names)
    assert names[0] == "0001_brands"


def test_a_folder_that_is_not_there_holds_no_files() -> None:
    assert sql_files("nowhere") == ()


def test_a_statement_is_the_text_of_its_file() -> None:
    assert statement("lake/cursor") == (sql_folder() / "lake" / "cursor.sql").read_text()
    with pytest.raises(FileNotFoundError):
        statement("lake/nowhere")


def test_the_title_is_the_first_comment() -> None:
    assert SqlFile(name="x", text="--  What it is. \n-- more\nselect 1;").title == "What it is."


def test_line_ends_of_a_checkout_do_not_change_the_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_cache: None
) -> None:
    package = installed(tmp_path)
    for name, ends in (("0001_unix", b"\n"), ("0002_windows", b"\r\n")):
        content = b"-- What it is." + ends + b"select 1;" + ends
        (package / "_sql" / "migrations" / f"{name}.sql").write_bytes(content)
    monkeypatch.setattr(sqlfiles, "_PACKAGE", package)
    unix, windows = sql_files("migrations")
    assert unix.checksum == windows.checksum
    assert len(unix.checksum) == 64
    assert SqlFile(name="x", text=unix.text + " ").checksum != unix.checksum


def test_a_wheel_uses_its_own_files_and_not_a_folder_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_cache: None
) -> None:
    package = installed(tmp_path)
    (tmp_path / "sql" / "migrations").mkdir(parents=True)
    monkeypatch.setattr(sqlfiles, "_PACKAGE", package)
    assert sql_folder() == package / "_sql"


def test_an_installation_without_sql_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_cache: None
) -> None:
    monkeypatch.setattr(sqlfiles, "_PACKAGE", tmp_path / "namaak")
    with pytest.raises(CasebookError, match=r"SQL files are missing beside .*install again"):
        sql_folder()
