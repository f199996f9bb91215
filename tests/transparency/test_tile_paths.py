"""Where tiles lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.transparency.tile_paths import (
    HashTile,
    data_tile_path,
    hash_tile_path,
    names_tile_path,
    tile_width,
)


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (0, 256, "000"), (0, 1, "000.p/1"), (67, 255, "067.p/255"), (999, 256, "999"),
        (1000, 256, "x001/000"), (1234067, 256, "x001/x234/067"), (1234067, 8, "x001/x234/067.p/8"),
        (10**9, 256, "x001/x000/x000/000"),
    ],
)  # fmt: skip
def test_a_tile_is_numbered_in_groups_of_three_digits(index, width, path):
    assert data_tile_path(index, width) == f"tile/data/{path}"
    assert names_tile_path(index, width) == f"tile/names/{path}"
    assert hash_tile_path(2, index, width) == f"tile/2/{path}"
    assert HashTile(level=2, index=index, width=width).path == f"tile/2/{path}"


@given(st.integers(0, 2**48), st.integers(1, 256))
def test_no_two_tiles_share_a_path_and_a_path_gives_its_number_back(index, width):
    path, partial, partial_width = data_tile_path(index, width).partition(".p/")
    groups = path.removeprefix("tile/data/").split("/")
    assert all(group[0] == "x" and len(group) == 4 for group in groups[:-1])
    assert len(groups[-1]) == 3
    assert groups[0] != "x000"
    assert int("".join(group.removeprefix("x") for group in groups)) == index
    assert (int(partial_width) if partial else 256) == width


@pytest.mark.parametrize("wrong", [(-1, 256), (0, 0), (0, 257), (0, -1)])
def test_there_is_no_path_for_a_tile_that_cannot_be(wrong):
    for path in (data_tile_path, names_tile_path):
        with pytest.raises(ValueError):
            path(*wrong)
    with pytest.raises(ValueError):
        hash_tile_path(6, 0)
    with pytest.raises(ValueError):
        hash_tile_path(-1, 0)


def test_a_tree_of_70_000_has_the_tiles_that_the_specification_counts():
    found = {}
    for level in range(6):
        widths = [tile_width(level, index, 70_000) for index in range(300)]
        found[level] = (widths.count(256), [width for width in widths if 0 < width < 256])
    assert found == {
        0: (273, [112]), 1: (1, [17]), 2: (0, [1]), 3: (0, []), 4: (0, []), 5: (0, []),
    }  # fmt: skip
