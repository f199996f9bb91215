"""The files of seen names: what is new is found new, whatever the order and the merging."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak import seen

_KEY = bytes(range(32))
_hashes = st.lists(st.integers(0, 2**64 - 1), max_size=60)


def _array(values: list[int]) -> seen.Hashes:
    return np.array(values, dtype=np.uint64)


def test_the_hash_is_ours_and_never_changes() -> None:
    assert seen.hash_names(["host:acme.example"], _KEY).tolist() == [13282913996782337817]


def test_another_key_gives_other_hashes() -> None:
    names = ["a.example", "b.example"]
    assert not set(seen.hash_names(names, _KEY)) & set(seen.hash_names(names, bytes(32)))


@given(_hashes, st.lists(_hashes, max_size=4))
def test_first_seen_agrees_with_a_set(hashes: list[int], before: list[list[int]]) -> None:
    segments = [np.unique(_array(part)) for part in before]
    known = {value for part in before for value in part}
    expected = []
    for value in hashes:
        expected.append(value not in known)
        known.add(value)
    assert seen.first_seen(_array(hashes), segments).tolist() == expected


def test_merging_keeps_every_hash_in_order(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "_CHUNK", 100)
    rng = random.Random(7)
    values = list({rng.getrandbits(64) for _ in range(1_000)})
    parts = [np.unique(_array(values[start::3])) for start in range(3)]
    assert seen.merge_segments(parts, tmp_path / "merged.npy") == 1_000
    assert seen.open_segment(tmp_path / "merged.npy").tolist() == sorted(values)


@pytest.mark.parametrize(
    ("sizes", "due"),
    [([100] * 3, []), ([100] * 4, [0, 1, 2, 3]), ([10**6, 90, 100, 110], [])],
)
def test_files_are_merged_when_four_of_one_size_have_gathered(sizes, due) -> None:
    assert seen.due_for_merge(sizes) == due
