"""Reading a tiled log from nginx: what is asked for, what comes of it, and nothing else."""

from __future__ import annotations

import base64
import gzip
import json
import re
from datetime import timedelta

import pytest

from namaak.errors import Failure, SourceError
from namaak.fetch import Manners, Rate
from namaak.lake import Lake
from tests.ct_entries import cheap_entry, raw_entry
from tests.ct_log import some_entries
from tests.sources.certificates.one_log import NOW, rows_of, serving

pytestmark = pytest.mark.peer


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed by gzip_static"])
def test_every_entry_of_the_full_tiles_is_in_the_lake_with_its_evidence(tmp_path, packed):
    locations = "gzip_static always;" if packed else ""
    with serving(tmp_path, gzipped=packed, locations=locations) as one:
        one.log.append(some_entries(1300))
        one.log.publish()
        if packed:
            _pack_all(one.log.folder)
        done = one.gather()
        assert one.rows() == rows_of(one.log.entries[:1280])
        assert (done.batches, done.rejected) == (3, 0)
        for row in one.table().to_pylist()[::97]:
            entry = one.log.entries[row["position"]]
            assert row["trust"] == "verified"
            assert row["evidence_hash"] == one.log.leaf_hash(row["position"]).hex()
            assert row["source_time"].timestamp() * 1000 == entry.timestamp_ms
            assert row["entry_type"] == ("precert" if entry.issuer_key_hash else "x509")
            assert row["issuer_key_hash"] == (entry.issuer_key_hash and entry.issuer_key_hash.hex())
            assert int(row["serial"], 16) == entry.serial
            assert row["valid_to"] == entry.not_after
            assert row["wildcard"] == any(name.startswith(b"*.") for name in entry.names)


def _pack_all(folder):
    """Nothing is left but what `gzip_static` serves."""
    for plain in [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".gz"]:
        packed = plain.with_name(f"{plain.name}.gz")
        if not packed.exists():
            packed.write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()


def test_a_log_that_did_not_grow_is_asked_for_its_checkpoint_and_nothing_else(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        one.gather()
        one.asked()
        for _ in range(3):
            assert one.gather().batches == 0
        assert one.asked() == ["/checkpoint"] * 3
        # Signed anew without an entry more: still nothing to ask for.
        one.log.publish(timestamp_ms=int(NOW.timestamp() * 1000))
        one.gather()
        assert one.asked() == ["/checkpoint"]


def test_a_log_that_grew_is_asked_for_the_new_tiles_and_the_edge_of_its_tree(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        one.gather()
        one.log.append(some_entries(400, start=700))
        one.log.publish()
        one.asked()
        one.gather()
        assert sorted(one.asked()) == sorted(
            ["/checkpoint", "/tile/data/002", "/tile/data/003", "/tile/0/004.p/76"]
        )
        assert one.rows() == rows_of(one.log.entries[:1024])


def test_a_partial_tile_is_asked_for_only_where_a_verified_head_requires_it(tmp_path):
    with serving(tmp_path) as one:
        sizes = [10, 10, 200, 256, 300, 511, 700]
        for size in sizes:
            one.log.append(some_entries(size - len(one.log.entries), start=len(one.log.entries)))
            one.log.publish()
            one.gather()
        partial = [re.search(r"/(data|0)/(\d+)\.p/(\d+)", path) for path in one.asked()]
        found = {(kind, int(n) * 256 + int(w)) for kind, n, w in (m.groups() for m in partial if m)}
        assert found and {kind for kind, _ in found} == {"0"}
        assert {size for _, size in found} <= set(sizes)
        assert one.rows() == rows_of(one.log.entries[:512])


def test_a_tile_that_stays_partial_is_read_as_it_is_after_an_hour_and_at_most_so_often(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        one.gather()
        assert one.position() == 256
        one.now = NOW + timedelta(minutes=59)
        assert one.gather().batches == 0
        one.now = NOW + timedelta(minutes=60)
        one.asked()
        assert one.gather().batches == 1
        assert "/tile/data/001.p/44" in one.asked()
        assert one.rows() == rows_of(one.log.entries[:300])
        # It goes on growing slowly: within the next hour no part of it is asked for again.
        one.log.append(some_entries(20, start=300))
        one.log.publish()
        one.now = NOW + timedelta(minutes=119)
        one.gather()
        assert not [path for path in one.asked() if "/data/" in path]
        # Full at last: what was read of it is not read twice.
        one.log.append(some_entries(220, start=320))
        one.log.publish()
        one.gather()
        assert one.rows() == rows_of(one.log.entries[:512])


def test_where_a_partial_tile_is_gone_the_full_one_is_read_as_far_as_the_head_goes(tmp_path):
    with serving(tmp_path, partials="dropped") as one:
        one.log.append(some_entries(300))
        one.log.publish()
        behind = (one.log.folder / "checkpoint").read_bytes()
        one.log.append(some_entries(400, start=300))
        one.log.publish()
        # A cache gives the head of before; the partial tile it speaks of is no more.
        (one.log.folder / "checkpoint").write_bytes(behind)
        one.gather()
        assert "/tile/0/001" in one.asked()
        one.now = NOW + timedelta(hours=1)
        one.gather()
        assert one.asked().count("/tile/data/001") == 1
        assert one.rows() == rows_of(one.log.entries[:300])


def test_a_log_is_joined_near_its_head_and_what_lies_before_is_a_gap(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(1900))
        one.log.publish()
        done = one.gather(start="head", backlog=600)
        assert (done.left_out, one.gaps()) == (1280, [(0, 1280)])
        assert one.rows() == rows_of(one.log.entries[1280:1792], 1280)
        # What is left out is proved by hashes alone.
        assert not [path for path in one.asked() if re.search("/data/00[0-4]", path)]
        one.log.append(some_entries(200, start=1900))
        one.log.publish()
        one.gather(start="head", backlog=600)
        assert one.rows() == rows_of(one.log.entries[1280:2048], 1280)
        assert one.gaps() == [(0, 1280)]


def test_a_backlog_is_read_in_runs_of_limited_size_while_the_log_grows(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(1100))
        one.log.publish()
        positions = []
        for start in (1100, 1400, 1700, 2000):
            one.gather(entries_per_run=300)
            positions.append(one.position())
            one.log.append(some_entries(300, start=start))
            one.log.publish()
        assert positions == [512, 1024, 1536, 1792]
        one.gather()
        assert one.rows() == rows_of(one.log.entries[:2048])
        assert {verdict for _, verdict in one.heads()} == {"verified"}


def test_a_run_ends_when_its_time_is_over_and_loses_nothing(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(1100))
        one.log.publish()
        seconds = iter(range(1000))
        source = one.source(seconds_per_run=3)
        source._clock = lambda: float(next(seconds))
        batches = list(source.batches(one.instance(source), observed_at=NOW))
        assert 0 < batches[-1].end < 1024
        rest = one.batches(batches[-1].end, batches[-1].state)
        assert sum(batch.observations.num_rows for batch in batches + rest) == len(
            rows_of(one.log.entries[:1024])
        )


def test_a_log_that_says_too_many_is_asked_more_slowly_and_read_to_its_end(tmp_path):
    limits = "limit_req_zone $server_port zone=all:64k rate=30r/s;"
    locations = "limit_req zone=all burst=1 nodelay; limit_req_status 429;"
    with serving(tmp_path, http=limits, locations=locations) as one:
        one.log.append(some_entries(3000))
        one.log.publish()
        manners = Manners(default=Rate(per_second=400, burst=20))
        done = one.gather(manners=manners, tiles_per_batch=4)
        assert done.failure is None
        assert one.rows() == rows_of(one.log.entries[:2816])
        statuses = {asked.status for asked in one.served.requests()}
        assert statuses == {200, 429}
        with Lake(one.lake) as lake:
            attempts = lake.coverage().attempts.to_pylist()
        assert {attempt["failure"] for attempt in attempts} == {"throttled"}


def test_what_was_read_before_a_missing_tile_is_kept_and_the_rest_follows_when_it_is_back(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(1100))
        one.log.publish()
        missing = one.log.folder / "tile/data/003"
        content = missing.read_bytes()
        missing.unlink()
        with pytest.raises(SourceError, match="tile/data/003") as caught:
            one.gather()
        assert caught.value.failure is Failure.GONE
        assert one.rows() == rows_of(one.log.entries[:768])
        missing.write_bytes(content)
        one.gather()
        assert one.rows() == rows_of(one.log.entries[:1024])


@pytest.mark.parametrize("cut", [1, 40_000, 100_000])
def test_a_tile_that_was_cut_short_is_refused_and_the_cursor_stays(tmp_path, cut):
    with serving(tmp_path) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        tile = one.log.folder / "tile/data/000"
        whole = tile.read_bytes()
        tile.write_bytes(whole[:-cut])
        with pytest.raises(SourceError, match=r"[tT]ile 0") as caught:
            one.gather()
        assert caught.value.failure is Failure.MALFORMED
        assert one.position() == 0
        tile.write_bytes(whole)
        one.gather()
        assert one.rows() == rows_of(one.log.entries[:256])


def test_a_tile_that_lacks_its_last_leaves_is_no_contradiction_but_cut_short(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(600))
        one.log.publish()
        (one.log.folder / "tile/data/001").write_bytes(one.log.data_tile(256, 500))
        with pytest.raises(SourceError, match="holds 244 of 256 entries") as caught:
            one.gather()
        assert caught.value.failure is Failure.MALFORMED
        assert one.position() == 256


def test_a_tile_whose_packing_is_broken_is_refused_and_the_cursor_stays(tmp_path):
    with serving(tmp_path, gzipped=True, locations="gzip_static on;") as one:
        one.log.append(some_entries(300))
        one.log.publish()
        packed = one.log.folder / "tile/data/000.gz"
        packed.write_bytes(packed.read_bytes()[:-2000])
        with pytest.raises(SourceError) as caught:
            one.gather()
        assert caught.value.failure is Failure.MALFORMED
        assert one.position() == 0


def test_a_closed_log_is_read_to_its_last_entry_and_then_not_asked_any_more(tmp_path):
    entries = some_entries(300)
    with serving(tmp_path) as one:
        one.log.append(entries)
        one.log.publish()
        closed = {
            "final_tree_head": {"sha256_root_hash": _base64(one.log.root()), "tree_size": 300}
        }
        _list_as(one, state={"readonly": {"timestamp": "2026-07-01T00:00:00Z"} | closed})
        one.now = NOW + timedelta(days=30)
        one.gather()
        assert one.rows() == rows_of(entries)
        one.asked()
        one.gather()
        assert one.asked() == []
        assert one.heads() == [(300, "verified")]


def test_a_retired_log_is_read_while_it_answers_and_nobody_is_alarmed_when_it_does_not(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        _list_as(one, state={"retired": {"timestamp": "2026-07-01T00:00:00Z"}})
        one.gather()
        assert one.position() == 256
        (one.log.folder / "checkpoint").unlink()
        assert one.gather().failure is None
        # A log in use must answer.
        _list_as(one, state={"usable": {"timestamp": "2026-07-01T00:00:00Z"}})
        with pytest.raises(SourceError):
            one.gather()


def test_a_late_head_is_kept_and_told_and_its_entries_are_read(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        one.now = NOW + timedelta(days=2)
        one.gather()
        assert one.position() == 256
        one.gather()
        assert one.heads() == [(300, "stale")]
        with Lake(one.lake) as lake:
            (attempt,) = lake.coverage().attempts.to_pylist()
        assert (attempt["failure"], attempt["attempts"]) == ("stale", 2)
        assert "signed at 2026-07-01 00:05 UTC" in attempt["last_says"]


def test_a_leaf_whose_certificate_is_nonsense_is_refused_and_those_behind_it_are_read(tmp_path):
    with serving(tmp_path) as one:
        entries = some_entries(256)
        entries[7] = raw_entry(b"\x30\x03no", number=7)
        entries[9] = raw_entry(b"", number=9, precert=True)
        entries[11] = cheap_entry(
            [b"\xff\xfe.example", "192.0.2.1", "x" * 300, "good.example"], number=11
        )
        one.log.append(entries)
        one.log.publish()
        done = one.gather()
        assert done.rejected == 5
        (batch,) = one.batches()
        reasons = [(reject.position, reject.reason) for reject in batch.rejects]
        assert [position for position, _ in reasons] == [7, 9, 11, 11, 11]
        for position, reason in reasons[:2]:
            assert reason.startswith("certificate: ")
            assert one.log.leaf_hash(position).hex() in reason
        assert [reason for _, reason in reasons[2:]] == [
            "name: is not UTF-8",
            "name: is an IP address, not a name",
            "name: has a label longer than 63 bytes",
        ]
        assert [row for row in one.rows() if 6 < row[0] < 13] == [
            (8, "n8.shop.example"), (10, "n10.shop.example"), (11, "good.example"),
            (12, "n12.shop.example"),
        ]  # fmt: skip


def _list_as(one, **changed):
    listed = json.loads((one.folder / "logs.json").read_bytes())
    listed["operators"][0]["tiled_logs"][0] |= changed
    (one.folder / "logs.json").write_text(json.dumps(listed))


def _base64(content):
    return base64.b64encode(content).decode()
