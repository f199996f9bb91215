"""Reading a log by its tiles of names: fewer bytes, the same names, and said to be no evidence."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from namaak.errors import Failure, SourceError
from namaak.sources.base import IntegrityError
from tests.ct_entries import cheap_entry
from tests.ct_log import some_entries
from tests.sources.certificates.one_log import NOW, rows_of, serving

pytestmark = pytest.mark.peer


@pytest.mark.parametrize("trust", ["names", "auto"])
def test_names_are_the_same_as_those_of_the_certificates_and_say_what_they_are(tmp_path, trust):
    with serving(tmp_path, names_tiles=True, gzipped=True, locations="gzip_static on;") as one:
        one.log.append(some_entries(1300))
        one.log.publish()
        one.gather(trust=trust)
        assert one.rows() == rows_of(one.log.entries[:1280])
        assert not [path for path in one.asked() if "/data/" in path]
        row = one.table().to_pylist()[-1]
        assert row["trust"] == "names"
        assert row["source_time"].timestamp() * 1000 == one.log.entries[1279].timestamp_ms
        assert {row[column] for column in ("evidence_hash", "serial", "entry_type")} == {None}


def test_a_log_without_them_is_read_by_certificates_where_either_will_do(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        one.gather(trust="auto")
        assert set(one.table()["trust"].to_pylist()) == {"verified"}
        one.log.append(some_entries(300, start=700))
        one.log.publish()
        one.gather(trust="auto")
        # Found out once, and remembered.
        assert len([path for path in one.asked() if "/names/" in path]) == 1
        assert one.rows() == rows_of(one.log.entries[:768])


def test_a_log_without_them_is_not_read_where_nothing_else_will_do(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        with pytest.raises(SourceError, match='set `trust` to "auto"') as caught:
            one.gather(trust="names")
        assert caught.value.failure is Failure.GONE
        assert one.position() == 0


def test_the_head_is_proved_all_the_same_and_trust_may_change_between_runs(tmp_path):
    with serving(tmp_path, names_tiles=True) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        one.gather(trust="names")
        one.log.append(some_entries(700, start=700))
        one.log.publish()
        one.gather(trust="verified")
        one.log.append(some_entries(700, start=1400))
        one.log.publish()
        one.gather(trust="names")
        assert one.rows() == rows_of(one.log.entries[:2048])
        kinds = dict(
            zip(*(one.table()[name].to_pylist() for name in ("position", "trust")), strict=True)
        )
        assert [kinds[at] for at in (0, 511, 512, 1279, 1280, 2047)] == [
            "names", "names", "verified", "verified", "names", "names",
        ]  # fmt: skip
        one.log.fork(2090, some_entries(300, start=9000)).publish()
        with pytest.raises(IntegrityError):
            one.gather(trust="names")


def test_a_tile_that_stays_partial_is_read_by_names_too(tmp_path):
    with serving(tmp_path, names_tiles=True) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        one.gather(trust="names")
        one.now = NOW + timedelta(hours=1)
        one.gather(trust="names")
        assert one.rows() == rows_of(one.log.entries)
        one.log.append(some_entries(300, start=300))
        one.log.publish()
        one.gather(trust="names")
        assert one.rows() == rows_of(one.log.entries[:512])


@pytest.mark.parametrize("damage", ["cut", "lines", "shape"])
def test_a_damaged_tile_is_refused_and_the_cursor_stays(tmp_path, damage):
    with serving(tmp_path, names_tiles=True) as one:
        one.log.append(some_entries(256))
        one.log.publish()
        tile = one.log.folder / "tile/names/000"
        whole = tile.read_bytes()
        lines = whole.splitlines(keepends=True)
        tile.write_bytes(
            {
                "cut": whole[:-5],
                "lines": b"".join(lines[:-1]),
                "shape": b"".join([*lines[:9], json.dumps({"DNS": "x"}).encode() + b"\n"]),
            }[damage]
        )
        with pytest.raises(SourceError, match="of names of Made-up log") as caught:
            one.gather(trust="names")
        assert caught.value.failure is Failure.MALFORMED
        assert one.position() == 0


def test_names_that_are_no_hosts_are_refused(tmp_path):
    with serving(tmp_path, names_tiles=True) as one:
        entries = some_entries(256)
        entries[3] = cheap_entry([b"\xff.example", "b\u00fccher.example", "localhost"], number=3)
        one.log.append(entries)
        one.log.publish()
        (batch,) = one.batches(trust="names")
        hosts = [row["host"] for row in batch.observations.to_pylist() if row["position"] == 3]
        assert "xn--bcher-kva.example" in hosts
        assert [reject.position for reject in batch.rejects][-1] == 3
        assert batch.rejects[-1].reason == "name: is a single label"
