"""One option and one fixture: where the real data lie, for tests marked `real`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for Prefect's server comes first: beside it, the rest has time to be done."""
    slow = {item.path for item in items if item.get_closest_marker("prefect")}
    items.sort(key=lambda item: item.path not in slow)
