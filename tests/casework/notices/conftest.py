"""A filled world, made once and copied for each test."""

from __future__ import annotations

import shutil

import pytest

from tests.casework.notices.world import World


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled")
    made = World(folder)
    made.fill()
    made.publish()
    return folder


@pytest.fixture
def world(tmp_path, filled):
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    made = World(tmp_path)
    yield made
    made.publish()
