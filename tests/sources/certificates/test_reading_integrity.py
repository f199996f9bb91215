"""A log that contradicts what it signed is stopped, with the heads that show it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from namaak.errors import Failure, SourceError
from namaak.lake import Lake
from namaak.sources.base import IntegrityError
from tests.ct_log import CtLog, some_entries
from tests.sources.certificates.one_log import NOW, rows_of, serving

pytestmark = pytest.mark.peer


def _stopped(one, match, **table):
    with pytest.raises(IntegrityError, match=match) as caught:
        one.gather(**table)
    assert caught.value.failure is Failure.INTEGRITY
    one.asked()
    # It is not asked again, whatever it serves now.
    with pytest.raises(SourceError, match="not read any more"):
        one.gather(**table)
    assert one.asked() == []
    return caught.value.heads


def _read(one, size, **how):
    one.log.append(some_entries(size))
    one.log.publish()
    one.gather(**how)
    return (one.log.folder / "checkpoint").read_text()


def test_two_trees_of_one_size_are_a_fork(tmp_path):
    with serving(tmp_path) as one:
        before = _read(one, 700)
        one.log.fork(650, some_entries(50, start=9000)).publish()
        heads = _stopped(one, "two trees of 700 entries")
        after = (one.log.folder / "checkpoint").read_text()
        assert [(head.text, head.verdict) for head in heads] == [
            (before, "contradicted"), (after, "fork"),
        ]  # fmt: skip
        assert sorted(one.heads()) == [(700, "contradicted"), (700, "fork"), (700, "verified")]
        assert one.rows() == rows_of(one.log.entries[:512])


@pytest.mark.parametrize("at", [100, 530])
@pytest.mark.parametrize("grown", [720, 800, 1400])
def test_a_larger_tree_that_does_not_continue_the_one_before_is_a_fork(tmp_path, at, grown):
    """at: where the histories part, in what was read or in what was signed only."""
    with serving(tmp_path) as one:
        before = _read(one, 700)
        one.log.fork(at, some_entries(grown - at, start=9000)).publish()
        heads = _stopped(one, "contradicts itself")
        after = (one.log.folder / "checkpoint").read_text()
        assert [head.text for head in heads] == [before, after]
        assert heads[1].verdict == "fork"
        assert one.rows() == rows_of(one.log.entries[:512])


def test_a_fork_within_an_unread_backlog_is_found_before_anything_of_it_is_stored(tmp_path):
    with serving(tmp_path) as one:
        before = _read(one, 2600, entries_per_run=256)
        assert one.position() == 256
        one.log.fork(2000, some_entries(700, start=9000)).publish()
        heads = _stopped(one, "contradicts itself", entries_per_run=256)
        assert [head.size for head in heads] == [2600, 2700]
        assert heads[0].text == before
        assert one.position() == 256


def test_a_tree_that_shrank_stops_its_log(tmp_path):
    with serving(tmp_path) as one:
        _read(one, 700)
        one.log.publish(600, timestamp_ms=_ms(NOW))
        heads = _stopped(one, "shrank from 700 to 600")
        assert [(head.size, head.verdict) for head in heads] == [
            (700, "contradicted"), (600, "shrunken"),
        ]  # fmt: skip


def test_an_older_head_from_a_late_cache_stops_nothing_and_reads_nothing(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(600))
        one.log.publish()
        late = (one.log.folder / "checkpoint").read_bytes()
        one.log.append(some_entries(300, start=600))
        one.log.publish()
        one.gather()
        new = (one.log.folder / "checkpoint").read_bytes()
        (one.log.folder / "checkpoint").write_bytes(late)
        one.asked()
        assert one.gather().batches == 0
        assert one.asked() == ["/checkpoint"]
        assert sorted(one.heads()) == [(600, "older"), (900, "verified")]
        (one.log.folder / "checkpoint").write_bytes(new)
        one.log.append(some_entries(300, start=900))
        one.log.publish()
        one.gather()
        assert one.rows() == rows_of(one.log.entries[:1024])


def test_a_log_that_stays_at_an_older_head_is_late_like_any_other(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(600))
        one.log.publish()
        old = (one.log.folder / "checkpoint").read_bytes()
        one.log.append(some_entries(300, start=600))
        one.log.publish()
        one.gather()
        (one.log.folder / "checkpoint").write_bytes(old)
        one.now = NOW + timedelta(days=3)
        one.gather()
        assert sorted(one.heads()) == [(600, "older"), (900, "verified")]
        with Lake(one.lake) as lake:
            failures = lake.coverage().attempts.to_pylist()
        assert [(told["failure"], told["attempts"]) for told in failures] == [("stale", 1)]


@pytest.mark.parametrize("first_run", [True, False], ids=["at the first run", "later"])
def test_a_changed_leaf_stops_its_log_before_it_is_stored(tmp_path, first_run):
    with serving(tmp_path) as one:
        if not first_run:
            _read(one, 700)
        one.log.append(some_entries(900 - len(one.log.entries), start=len(one.log.entries)))
        one.log.publish()
        # The last byte of the first leaf's certificate: its form stays whole.
        tile = one.log.folder / "tile/data/002"
        certificate = one.log.entries[512].certificate
        at = tile.read_bytes().index(certificate) + len(certificate) - 1
        one.log.tamper("tile/data/002", at=at)
        heads = _stopped(one, "not what it signed")
        assert [(head.size, head.verdict) for head in heads] == (
            [(900, "mismatch")] if first_run else [(700, "contradicted"), (900, "mismatch")]
        )
        assert one.rows() == rows_of(one.log.entries[:512])


@pytest.mark.parametrize("tile", ["0/003.p/132", "1/000.p/3"])
def test_a_changed_hash_stops_its_log(tmp_path, tile):
    with serving(tmp_path) as one:
        one.log.append(some_entries(900))
        one.log.publish()
        one.log.tamper(f"tile/{tile}", at=70)
        (head,) = _stopped(one, "not what it signed", start="head", backlog=200)
        assert (head.size, head.verdict) == (900, "mismatch")


def test_a_root_that_its_leaves_do_not_make_stops_a_log(tmp_path):
    with serving(tmp_path) as one:
        _read(one, 700)
        one.log.append(some_entries(300, start=700))
        one.log.publish(root=bytes(range(32)))
        heads = _stopped(one, "not what it signed")
        assert heads[1].root == bytes(range(32)).hex()


def test_a_head_signed_by_another_key_stops_its_log_and_is_kept_as_it_came(tmp_path):
    with serving(tmp_path) as one:
        before = _read(one, 700)
        other = CtLog(tmp_path / "other", origin="other.example/log")
        one.log.append(some_entries(100, start=700))
        one.log.publish(signed_by=other)
        heads = _stopped(one, "does not carry a signature of this log")
        forged = (one.log.folder / "checkpoint").read_text()
        assert [(head.verdict, head.text) for head in heads] == [
            ("contradicted", before), ("bad-signature", forged),
        ]  # fmt: skip
        with Lake(one.lake) as lake:
            kept = lake.signed_heads("ct", one.log.log_id.hex())
        assert forged in [head["signed_text"] for head in kept]


def test_a_second_head_signed_by_another_key_is_kept_beside_the_first(tmp_path):
    with serving(tmp_path) as one:
        _read(one, 700)
        other = CtLog(tmp_path / "other", origin="other.example/log")
        forged = []
        for size in (800, 900):
            one.log.append(some_entries(100, start=size - 100))
            one.log.publish(signed_by=other)
            forged.append((one.log.folder / "checkpoint").read_text())
            _stopped(one, "does not carry a signature of this log")
            with Lake(one.lake) as lake:
                assert lake.resume("ct", one.log.log_id.hex(), actor="ann", at=NOW)
        with Lake(one.lake) as lake:
            kept = lake.signed_heads("ct", one.log.log_id.hex())
        assert {head["signed_text"] for head in kept} >= set(forged)


def test_a_checkpoint_of_another_log_is_refused_and_stops_nothing(tmp_path):
    with serving(tmp_path) as one:
        _read(one, 700)
        whole = (one.log.folder / "checkpoint").read_text()
        (one.log.folder / "checkpoint").write_text(whole.replace("2026h2", "2027h1"))
        with pytest.raises(SourceError, match="is of another log") as caught:
            one.gather()
        assert caught.value.failure is Failure.MALFORMED
        (one.log.folder / "checkpoint").write_text(whole)
        assert one.gather().failure is None


def test_a_closed_log_whose_final_root_is_another_one_is_stopped(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        listed = json.loads((one.folder / "logs.json").read_bytes())
        final = {"sha256_root_hash": base64.b64encode(bytes(32)).decode(), "tree_size": 300}
        listed["operators"][0]["tiled_logs"][0]["state"] = {
            "readonly": {"timestamp": "2026-07-01T00:00:00Z", "final_tree_head": final}
        }
        (one.folder / "logs.json").write_text(json.dumps(listed))
        _stopped(one, "calls final")


def test_a_log_that_a_person_lets_go_on_is_read_from_where_it_was_stopped(tmp_path):
    with serving(tmp_path) as one:
        _read(one, 700)
        good = (one.log.folder / "checkpoint").read_bytes()
        one.log.publish(600, timestamp_ms=_ms(NOW))
        _stopped(one, "shrank")
        (one.log.folder / "checkpoint").write_bytes(good)
        with Lake(one.lake) as lake:
            assert lake.resume("ct", one.log.log_id.hex(), actor="somebody", at=datetime.now(UTC))
        one.log.append(some_entries(400, start=700))
        one.log.publish(timestamp_ms=_ms(NOW + timedelta(seconds=1)))
        one.gather()
        assert one.rows() == rows_of(one.log.entries[:1024])


def _ms(moment):
    return int(moment.timestamp() * 1000)
