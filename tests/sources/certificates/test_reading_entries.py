"""Reading a log of RFC 6962 from nginx: short answers, proofs of consistency, tiles beside it."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta

import pytest

from namaak.errors import Failure, SourceError
from namaak.records import Trust
from namaak.sources.base import IntegrityError
from namaak.sources.certificates import reading
from namaak.sources.certificates.entries import Entries, EntriesLog, _read, answer_of
from namaak.sources.certificates.rows import LeafColumns, observations_of
from tests.ct_entries import raw_entry
from tests.ct_log import some_entries
from tests.sources.certificates.one_log import NOW, rows_of, serving

pytestmark = pytest.mark.peer

OLD = {"tiled": False, "rfc6962": True}


def test_every_entry_is_in_the_lake_though_the_log_gives_few_at_once(tmp_path):
    with serving(tmp_path, **OLD, reply=32) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        one.gather()
        assert one.rows() == rows_of(one.log.entries)
        row = one.table().to_pylist()[-1]
        assert (row["trust"], row["evidence_hash"]) == ("verified", one.log.leaf_hash(699).hex())
        asked = [path for path in one.asked() if "get-entries" in path]
        assert len(asked) == 22
        # After the first answer it asks for what the log gives, where the log's own pages begin.
        assert all(re.search(r"start=(\d+)&end=(\d+)", path) for path in asked)
        spans = [tuple(map(int, re.findall(r"=(\d+)", path))) for path in asked]
        assert all(end - start < 32 and start % 32 == 0 for start, end in spans[1:])
        # What was learned is remembered.
        one.log.append(some_entries(100, start=700))
        one.log.publish()
        one.gather()
        spans = [tuple(map(int, re.findall(r"=(\d+)", p))) for p in one.asked() if "entries" in p]
        assert spans == [(700, 703), (704, 735), (736, 767), (768, 799)]
        assert one.rows() == rows_of(one.log.entries)


def test_an_answer_of_one_entry_does_not_slow_a_log_down_for_ever():
    log = EntriesLog(None, None, page=1)
    assert log.page == 32
    at = 0
    for gives in (1, 1_024):  # in a bad moment, and ever after
        for _ in range(400):
            asked = log.page - at % log.page
            log._learn(at, asked=asked, came=min(asked, gives))
            at += min(asked, gives)
        assert log.page == (32 if gives == 1 else 1_024)


def test_a_log_that_never_gives_more_keeps_its_page():
    log, at = EntriesLog(None, None), 0
    asked_for = []
    for _ in range(1_000):
        asked = log.page - at % log.page
        asked_for.append(asked)
        log._learn(at, asked=asked, came=min(asked, 256))
        at += min(asked, 256)
    assert at == 256_000
    assert sum(asked > 256 for asked in asked_for) < 20


@pytest.mark.parametrize("reply", [32, 1_024])
def test_a_batch_of_too_many_names_ends_early_and_the_next_goes_on(tmp_path, monkeypatch, reply):
    monkeypatch.setattr(reading, "_MOST_BATCH_WEIGHT", 100)
    with serving(tmp_path, **OLD, reply=reply) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        for size in range(32, 700, 32):
            one.log.answer_from(size)
            one.log.prove(size, 700)
        sizes = [batch.end - batch.start for batch in one.batches(tiles_per_batch=8)]
        assert sum(sizes) == 700 and max(sizes) <= 256
        one.gather(tiles_per_batch=8)
        assert one.rows() == rows_of(one.log.entries)


def test_a_log_that_did_not_grow_is_asked_for_its_head_and_nothing_else(tmp_path):
    with serving(tmp_path, **OLD) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        one.gather()
        one.asked()
        one.gather()
        assert one.asked() == ["/ct/v1/get-sth"]


def test_whether_it_serves_tiles_too_is_asked_once(tmp_path):
    with serving(tmp_path, **OLD) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        one.gather()
        one.log.append(some_entries(300, start=300))
        one.log.publish()
        one.gather()
        assert [path for path in one.asked() if "/tile/" in path] == ["/tile/data/000"]
        assert one.rows() == rows_of(one.log.entries)


def test_reading_to_the_head_needs_no_proof_of_the_log(tmp_path):
    with serving(tmp_path, **OLD) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        one.gather()
        one.log.append(some_entries(150, start=300))
        one.log.publish()
        one.gather()
        assert not [path for path in one.asked() if "consistency" in path]


def test_a_log_is_joined_near_its_head_by_one_proof(tmp_path):
    with serving(tmp_path, **OLD, reply=256) as one:
        one.log.append(some_entries(1900))
        one.log.publish()
        one.gather(start="head", backlog=600)
        assert one.gaps() == [(0, 1280)]
        assert one.rows() == rows_of(one.log.entries[1280:], 1280)
        proofs = [path for path in one.asked() if "consistency" in path]
        # One to join, one for the batch that does not reach the head.
        assert proofs == [
            f"/ct/v1/get-sth-consistency?first={first}&second=1900" for first in (1280, 1536)
        ]


def test_a_batch_before_the_head_is_proved_before_it_is_stored(tmp_path):
    with serving(tmp_path, **OLD, reply=256) as one:
        one.log.append(some_entries(1900))
        one.log.publish()
        # The entries do not belong to the tree, though each is in its form.
        items = json.loads((one.log.folder / "ct/v1/get-entries/256.json").read_bytes())
        other = json.loads((one.log.folder / "ct/v1/get-entries/512.json").read_bytes())
        items["entries"][3] = other["entries"][3]
        (one.log.folder / "ct/v1/get-entries/256.json").write_text(json.dumps(items))
        with pytest.raises(IntegrityError, match="not what it signed"):
            one.gather()
        assert one.position() == 0


def test_a_log_that_gives_no_proof_is_not_believed_and_not_accused(tmp_path):
    with serving(tmp_path, **OLD, reply=256) as one:
        one.log.append(some_entries(1900))
        one.log.publish()
        for proof in (one.log.folder / "ct/v1/get-sth-consistency").iterdir():
            proof.unlink()
        with pytest.raises(SourceError, match="does not prove") as caught:
            one.gather()
        assert caught.value.failure is Failure.MALFORMED
        assert one.position() == 0
        # Up to the head in one batch it needs no proof.
        one.gather(tiles_per_batch=8)
        assert one.rows() == rows_of(one.log.entries)


@pytest.mark.parametrize(("at", "grown"), [(650, 700), (650, 900), (699, 2000), (100, 900)])
def test_another_history_is_a_fork(tmp_path, at, grown):
    with serving(tmp_path, **OLD, reply=256) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        one.gather()
        before = (one.log.folder / "ct/v1/get-sth").read_text()
        one.log.fork(at, some_entries(grown - at, start=9000)).publish()
        with pytest.raises(IntegrityError, match="contradicts itself") as caught:
            one.gather()
        after = (one.log.folder / "ct/v1/get-sth").read_text()
        assert [head.text for head in caught.value.heads] == [before, after]
        assert one.rows() == rows_of(one.log.entries)


def test_a_fork_behind_an_unread_backlog_is_found_by_the_logs_own_proof(tmp_path):
    with serving(tmp_path, **OLD, reply=256) as one:
        one.log.append(some_entries(1900))
        one.log.publish()
        one.gather(entries_per_run=512)
        assert one.position() == 512
        one.log.fork(1800, some_entries(200, start=9000)).publish()
        with pytest.raises(IntegrityError) as caught:
            one.gather(entries_per_run=512)
        assert [head.verdict for head in caught.value.heads] == ["contradicted", "fork"]
        assert one.position() == 512


def test_a_grown_log_continues_an_unread_backlog_by_a_proof(tmp_path):
    with serving(tmp_path, **OLD, reply=256) as one:
        one.log.append(some_entries(1900))
        one.log.publish()
        one.gather(entries_per_run=512)
        one.log.append(some_entries(200, start=1900))
        one.log.publish()
        one.asked()
        one.gather(entries_per_run=512)
        assert "/ct/v1/get-sth-consistency?first=1900&second=2100" in one.asked()
        one.gather()
        assert one.rows() == rows_of(one.log.entries)


def test_a_tampered_signature_stops_the_log(tmp_path):
    with serving(tmp_path, **OLD) as one:
        one.log.append(some_entries(100))
        one.log.publish(timestamp_ms=5)
        head = json.loads((one.log.folder / "ct/v1/get-sth").read_bytes())
        (one.log.folder / "ct/v1/get-sth").write_text(json.dumps(head | {"timestamp": 6}))
        with pytest.raises(IntegrityError, match="does not carry a signature") as caught:
            one.gather()
        assert caught.value.heads[0].verdict == "bad-signature"


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b'{"entries": {}}', b'{"entries": []}', b'{"entries": [{"leaf_input": 1}]}',
     b'{"entries": [{"leaf_input": "AAAA", "extra_data": "!"}]}', b'{"entries": [',
     b"<html>busy</html>", b"[" * 5000],
)  # fmt: skip
def test_an_answer_of_another_shape_is_refused_and_the_cursor_stays(tmp_path, answer):
    with serving(tmp_path, **OLD) as one:
        one.log.append(some_entries(20))
        one.log.publish()
        (one.log.folder / "ct/v1/get-entries/0.json").write_bytes(answer)
        with pytest.raises(SourceError):
            one.gather()
        assert one.position() == 0


def test_an_entry_of_an_unknown_type_is_refused_with_its_hash_and_the_tree_goes_on(tmp_path):
    with serving(tmp_path, **OLD) as one:
        entries = some_entries(40)
        entries[5] = raw_entry(b"nonsense", number=5)
        # A leaf of type 9, which no specification knows, hashed like any other.
        whole = one.log.timestamped_entry
        one.log.timestamped_entry = lambda at, entry: (
            whole(at, entry) if at != 6 else whole(at, entry)[:8] + b"\0\x09?"
        )
        one.log.append(entries)
        one.log.publish()
        one.gather()
        assert one.rows() == [row for row in rows_of(entries) if row[0] not in (5, 6)]
        (batch,) = one.batches()
        assert [reject.position for reject in batch.rejects] == [5, 6]
        assert batch.rejects[1].reason == (
            f"leaf 0 is of the unknown entry type 9; leaf hash {one.log.leaf_hash(6).hex()}"
        )


def test_a_log_that_serves_tiles_too_is_read_by_them_and_proved_by_its_heads(tmp_path):
    how = {"tiled": True, "rfc6962": True, "checkpoints": False, "reply": 32}
    with serving(tmp_path, **how, listed={"tiled": False}) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        one.log.prove(512, 700)
        one.gather()
        assert one.rows() == rows_of(one.log.entries[:512])
        asked = one.asked()
        assert not [path for path in asked if "get-entries" in path or "checkpoint" in path]
        assert len([path for path in asked if "/tile/data/" in path]) == 3  # one to find out
        # What is in no full tile yet comes from get-entries when it has waited for an hour.
        one.now = NOW + timedelta(hours=1)
        one.gather()
        assert one.rows() == rows_of(one.log.entries)
        assert not [path for path in one.asked() if "/tile/" in path]


def test_names_alone_are_not_to_be_had_from_such_a_log(tmp_path):
    with serving(tmp_path, **OLD) as one:
        one.log.append(some_entries(300))
        one.log.publish()
        with pytest.raises(SourceError, match="serves no tiles of names"):
            one.gather(trust="names")
        one.gather(trust="auto")
        assert one.rows() == rows_of(one.log.entries)


@pytest.mark.real
def test_real_entries_of_a_large_log_give_their_names(data_folder):

    path = data_folder / "ct/rfc6962/argon2027h1_entries_380000003.json"
    if not path.is_file():
        pytest.skip("CT data rfc6962/argon2027h1_entries_380000003.json not present")
    columns = LeafColumns()
    for position, item in enumerate(
        answer_of(Entries, path.read_bytes(), "get-entries").entries, 380_000_003
    ):
        leaf, leaf_hash, _ = _read(
            position, base64.b64decode(item.leaf_input), base64.b64decode(item.extra_data)
        )
        columns.add_leaves(position, [leaf], [leaf_hash])
    table, rejects = observations_of(
        columns, source="ct", instance="argon", observed_at=NOW, trust=Trust.VERIFIED
    )
    assert rejects == ()
    assert table["position"].unique().to_pylist() == [380_000_003, 380_000_004]
    assert table["entry_type"].unique().to_pylist() == ["precert", "x509"]
    assert all("." in host for host in table["host"].to_pylist())
