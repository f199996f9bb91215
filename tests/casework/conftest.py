"""A world for tests of accounts; the empty casebook is migrated once."""

from __future__ import annotations

import shutil

import pytest

from namaak.casework.casebook import Casebook
from namaak.casework.working import Working
from tests.casework.accounts import World
from tests.casework.plain_lists import wrong_in_lists


@pytest.fixture(autouse=True)
def lists_follow_every_writing(monkeypatch):
    """Whatever a test writes, the lists of the desk say what their plain definition says."""
    tell = Working._tell

    def tell_and_compare(book: Working) -> None:
        tell(book)
        assert wrong_in_lists(book._con) == []

    monkeypatch.setattr(Working, "_tell", tell_and_compare)


@pytest.fixture(scope="session")
def empty_casebook(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    paths = {"working": folder / "w" / "casebook.duckdb", "published": folder / "c.duckdb"}
    with Casebook.writing(**paths):
        pass
    return folder


@pytest.fixture
def world(tmp_path, empty_casebook):
    shutil.copytree(empty_casebook, tmp_path, dirs_exist_ok=True)
    made = World(tmp_path)
    yield made
    made.close()
