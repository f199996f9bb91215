"""A world for tests of accounts; the empty casebook is migrated once."""

from __future__ import annotations

import shutil

import pytest

from namaak.casework.casebook import Casebook
from tests.casework.accounts import World


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
