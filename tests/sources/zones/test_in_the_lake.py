"""A zone gathered into a lake: what is counted, and what a killed run leaves to the next."""

from datetime import UTC, datetime

import pytest

from namaak.errors import SourceError
from namaak.gathering import gather_instance
from namaak.lake import Lake
from namaak.records import SubjectKind
from namaak.sources.base import Instance
from tests.sources.zones.zone_store import SERIAL, packed, reading, zone_text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NAMES = [f"name{number}" for number in range(50)]


class Zones:
    """A source of one edition."""

    name = "czds"

    def __init__(self, given):
        self.given = given
        self.instance = Instance(id=given.instance, label="test", kind=SubjectKind.HOST)

    def batches(self, instance, start=0, *, observed_at, state=None):
        return self.given.batches(start, observed_at=observed_at, state=state)

    def gather(self, lake):
        return gather_instance(self, self.instance, lake, now=lambda: NOW)


def edition(folder, names, name, serial=SERIAL, **config):
    return Zones(reading(folder, packed(zone_text(names, serial)), name, **config))


def stored(lake_folder):
    with Lake(lake_folder) as lake:
        (work,) = lake.pending({"acme": "1"})
        tables = [lake.observations(batch, first_seen_only=False) for batch in work.batch_ids]
    return sorted(host for table in tables for host in table["host"].to_pylist())


def test_editions_are_counted_once_and_their_instances_are_finished(tmp_path):
    folder, lake = tmp_path / "state", tmp_path / "lake"
    folder.mkdir()
    first = edition(folder, NAMES, "one", rows_per_batch=7).gather(lake)
    assert (first.rows, first.rejected, first.failure) == (50, 0, None)
    again = edition(folder, NAMES, "one", rows_per_batch=7)
    assert again.gather(lake).batches == 0
    with Lake(lake) as opened:
        assert opened.cursor("czds", "test/one").complete
    second = edition(folder, [*NAMES, "new"], "two", SERIAL + 1).gather(lake)
    assert second.rows == 1
    assert stored(lake) == sorted(f"{name}.test" for name in [*NAMES, "new"])


def test_a_baseline_is_a_gap_in_the_coverage(tmp_path):
    folder, lake = tmp_path / "state", tmp_path / "lake"
    folder.mkdir()
    gathered = edition(folder, NAMES, "one", first="baseline").gather(lake)
    assert gathered.rows == 0 and gathered.left_out == 154
    with Lake(lake) as opened:
        (gap,) = opened.coverage().gaps.to_pylist()
    assert "50 names of the first edition" in gap["reason"]


def test_a_lake_that_fails_between_two_batches_gets_every_row_once(tmp_path, monkeypatch):
    folder, lake = tmp_path / "state", tmp_path / "lake"
    folder.mkdir()
    append = Lake.append
    left = [0]

    def failing(self, batch, **given):
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return append(self, batch, **given)

    for number in range(12):
        left[0] = 1 + number % 2
        monkeypatch.setattr(Lake, "append", failing)
        try:
            edition(folder, NAMES, "one", rows_per_batch=7).gather(lake)
        except KeyboardInterrupt:
            continue
        break
    monkeypatch.setattr(Lake, "append", append)
    edition(folder, NAMES, "one", rows_per_batch=7).gather(lake)
    assert stored(lake) == sorted(f"{name}.test" for name in NAMES)
    with Lake(lake) as opened:
        assert opened.cursor("czds", "test/one").complete


def test_a_refused_edition_is_an_attempt_that_the_lake_keeps(tmp_path):
    folder, lake = tmp_path / "state", tmp_path / "lake"
    folder.mkdir()
    edition(folder, NAMES, "one").gather(lake)
    with pytest.raises(SourceError, match="less than 98%"):
        edition(folder, NAMES[:30], "two", SERIAL + 1).gather(lake)
    with Lake(lake) as opened:
        assert opened.cursor("czds", "test/two").next_position == 0
        (attempt,) = opened.coverage().attempts.to_pylist()
    assert "less than 98%" in attempt["last_says"]
