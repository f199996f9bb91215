"""What is new since yesterday, by merging sorted fingerprints."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.zones import diffing
from namaak.sources.zones.diffing import Compared, Fingerprints, HashFile, compare

FINGERPRINTS = st.lists(
    st.one_of(st.integers(0, (1 << 64) - 1), st.integers(0, 5), st.just((1 << 64) - 1))
)


def written(path, values):
    file = HashFile(path)
    for value in values:
        file.add(np.array([value], np.uint64))
    file.close()
    return Fingerprints(path)


@pytest.fixture
def small_pieces(monkeypatch):
    """Runs and slices so small that few values need many of them."""
    monkeypatch.setattr(diffing, "_RUN", 3)
    monkeypatch.setattr(diffing, "_SLICE", 2)


@given(earlier=FINGERPRINTS, later=FINGERPRINTS)
def test_new_and_gone_are_those_of_two_sets(earlier, later, tmp_path_factory):
    folder = tmp_path_factory.mktemp("diff")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diffing, "_RUN", 3)
        patch.setattr(diffing, "_SLICE", 2)
        old, now = written(folder / "old", earlier), written(folder / "now", later)
        found = compare(old, now, folder / "new")
    before, after = set(earlier), set(later)
    assert found == Compared(new=len(after - before), gone=len(before - after))
    assert Fingerprints(folder / "new").mapped().tolist() == sorted(after - before)
    assert now.mapped().tolist() == sorted(after)
    assert sorted(path.name for path in folder.iterdir()) == ["new", "now", "old"]


def test_fingerprints_in_many_runs_stand_once_and_in_order(tmp_path, small_pieces):
    values = [9, 1, 5, 1, 9, 9, 3, 1 << 63, 5, 0]
    assert written(tmp_path / "names", values).mapped().tolist() == sorted(set(values))
    assert [path.name for path in tmp_path.iterdir()] == ["names"]


def test_a_file_of_fingerprints_that_was_given_up_leaves_nothing(tmp_path, small_pieces):
    file = HashFile(tmp_path / "names")
    file.add(np.arange(10, dtype=np.uint64))
    assert list(tmp_path.iterdir())
    file.discard()
    assert not list(tmp_path.iterdir())


def test_comparing_holds_a_slice_in_memory_and_not_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr(diffing, "_SLICE", 1_000)
    rng = np.random.default_rng(7)
    values = np.unique(rng.integers(0, 1 << 64, 20_000, dtype=np.uint64))
    values[::2].tofile(tmp_path / "old")
    values.tofile(tmp_path / "now")
    sizes = []
    part = Fingerprints.part

    def watched(self, start, end):
        sizes.append(end - start)
        return part(self, start, end)

    monkeypatch.setattr(Fingerprints, "part", watched)
    found = compare(
        Fingerprints(tmp_path / "old"), Fingerprints(tmp_path / "now"), tmp_path / "new"
    )
    assert found == Compared(new=10_000, gone=0)
    assert max(sizes) < 1_000
    assert np.array_equal(Fingerprints(tmp_path / "new").mapped(), values[1::2])
