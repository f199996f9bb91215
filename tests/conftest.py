"""Where the real data lie, for tests marked `real`; and new casebooks without the waiting."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import settings

from namaak.casework import casebook
from namaak.casework.casebook import Casebook
from namaak.casework.publishing import open_working

# On a busy machine an example may take long; how long is no property of the code.
# Fifty examples a run keep all tests under five minutes; every run draws others.
settings.register_profile("unhurried", deadline=None, max_examples=50)
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--data", metavar="DIR", help="folder of the real data, for tests marked `real`"
    )


@pytest.fixture(scope="session")
def data_folder(pytestconfig: pytest.Config) -> Path:
    """The folder given with --data; without it the test is skipped and says so."""
    given = pytestconfig.getoption("--data")
    if given is None:
        pytest.skip("needs the real data; give its folder with --data DIR")
    folder = Path(given)
    if not (folder / "brands.csv.gz").is_file():
        pytest.fail(f"--data {folder} holds no brands.csv.gz; give the folder of the real data")
    return folder


@pytest.fixture(scope="session")
def migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working file of a casebook in which nothing is."""
    folder = tmp_path_factory.mktemp("migrated")
    working = folder / "working" / "casebook.duckdb"
    with Casebook.writing(working=working, published=folder / "casebook.duckdb"):
        pass
    return working


@pytest.fixture(scope="session", autouse=True)
def new_casebooks_are_copies(migrated_once: Path) -> Iterator[None]:
    """Migrations take half a second, and every test that begins with a new casebook would wait.

    Programs that a test starts go through all of them, as do tests of the migrations themselves.
    """

    def open_copy(working: Path) -> duckdb.DuckDBPyConnection:
        if not working.exists():
            shutil.copyfile(migrated_once, working)
        return open_working(working)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(casebook, "open_working", open_copy)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first: beside it, the rest has time to be done."""
    slow = {
        item.path
        for item in items
        if item.get_closest_marker("prefect") or item.get_closest_marker("long")
    }
    items.sort(key=lambda item: item.path not in slow)
