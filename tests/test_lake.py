"""The lake: everything once, nothing lost, whatever is killed in between."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from namaak import lake as lake_module
from namaak.errors import LakeError
from namaak.lake import Lake
from namaak.records import MATCH_SCHEMA, OBSERVATION_SCHEMA, PICTURE_SCHEMA

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class FakeReject:
    position: int
    reason: str
    excerpt: str


@dataclass(frozen=True)
class FakeBatch:
    observations: pa.Table
    start: int
    end: int
    instance_id: str = "one"
    rejects: tuple[FakeReject, ...] = ()
    skipped: int = 0
    images: dict[str, bytes] = field(default_factory=dict)
    last: bool = False
    state: str | None = None
    gaps: tuple[()] = ()
    heads: tuple[()] = ()
    attempts: tuple[()] = ()


def _hosts(*hosts: str, start: int = 0, **batch: object) -> FakeBatch:
    rows = [
        {
            "source": "files",
            "instance": "one",
            "position": start + offset,
            "observed_at": NOW,
            "subject_kind": "host",
            "subject_key": f"host:{host}",
            "host": host,
        }
        for offset, host in enumerate(hosts)
    ]
    table = pa.Table.from_pylist(rows, schema=OBSERVATION_SCHEMA)
    return FakeBatch(table, start, start + len(hosts), **batch)


def _append(lake: Lake, batch: FakeBatch):
    return lake.append(batch, source="files", label="list.txt", gathered_at=NOW)


def _matches(*hosts: str) -> pa.Table:
    rows = [
        {
            "match_id": hashlib.sha256(host.encode()).hexdigest()[:32],
            "brand_id": "acme",
            "subject_key": f"host:{host}",
            "subject_kind": "host",
            "source": "files",
            "instance": "one",
            "position": 0,
            "observed_at": NOW,
            "field": "host",
            "value": host,
            "term": "Acme",
            "resemblance": "combosquat",
            "place": "token",
            "distance": 0,
            "strength": 0.5,
            "span_start": 0,
            "span_end": 4,
            "layers": [],
            "lures": [],
            "traits": [],
            "suppressed": None,
            "detector": "names-1",
            "tables": "",
        }
        for host in hosts
    ]
    return pa.Table.from_pylist(rows, schema=MATCH_SCHEMA)


def test_a_name_is_first_seen_once_across_batches_and_within_one(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        first = _append(lake, _hosts("a.example", "b.example", "a.example"))
        second = _append(lake, _hosts("b.example", "c.example", start=3, last=True))
        assert (first.rows, first.first_seen_rows) == (3, 2)
        assert (second.rows, second.first_seen_rows) == (2, 1)
        assert lake.observations(second.batch_id)["host"].to_pylist() == ["c.example"]
        assert lake.observations(second.batch_id, first_seen_only=False).num_rows == 2


def test_the_cursor_moves_with_the_batch_and_outlives_the_process(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        _append(lake, _hosts("a.example", "b.example"))
    with Lake(tmp_path) as lake:
        assert lake.cursor("files", "one").next_position == 2
        assert not lake.cursor("files", "one").complete
        _append(lake, _hosts("c.example", start=2, last=True))
        assert lake.cursor("files", "one").complete


def test_a_batch_that_another_run_stored_first_is_not_counted_again(tmp_path: Path) -> None:
    with Lake(tmp_path) as one, Lake(tmp_path) as other:
        assert _append(one, _hosts("a.example")) is not None
        assert _append(other, _hosts("a.example")) is None
        assert one.totals()["rows"] == 1


def test_killed_between_the_file_and_the_manifest_the_batch_overwrites_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Lake(tmp_path) as lake:

        def killed(_: object) -> NoReturn:
            raise KeyboardInterrupt

        monkeypatch.setattr(lake_module, "transaction", killed)
        with pytest.raises(KeyboardInterrupt):
            _append(lake, _hosts("a.example", "b.example"))
        monkeypatch.undo()
        assert lake.totals()["rows"] == 0
        assert _append(lake, _hosts("a.example", "b.example")).first_seen_rows == 2
        assert len(list((tmp_path / "observations").iterdir())) == 1


def test_many_batches_merge_their_hashes_and_still_know_every_name(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        for number in range(12):
            _append(lake, _hosts(f"n{number}.example", f"m{number}.example", start=2 * number))
        assert len(list((tmp_path / "seen").glob("*.npy"))) < 12
        again = _hosts(*(f"n{number}.example" for number in range(12)), instance_id="two")
        assert _append(lake, again).first_seen_rows == 0


def test_a_new_name_of_a_known_account_is_new(tmp_path: Path) -> None:
    row = {
        "source": "files", "instance": "one", "position": 0, "observed_at": NOW,
        "subject_kind": "account", "subject_key": "account:x:1", "handle": "jan",
    }  # fmt: skip
    renamed = {**row, "position": 1, "handle": "acme_support"}
    table = pa.Table.from_pylist([row, row, renamed], schema=OBSERVATION_SCHEMA)
    with Lake(tmp_path) as lake:
        assert _append(lake, FakeBatch(table, 0, 3)).first_seen_rows == 2


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Lake(tmp_path) as lake:
        monkeypatch.setattr(pq, "write_table", full)
        with pytest.raises(LakeError, match="disk is full; free some space"):
            _append(lake, _hosts("a.example"))
        monkeypatch.undo()
        assert not list(tmp_path.rglob("*.part"))
        assert _append(lake, _hosts("a.example")).rows == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(LakeError, match="may not be written"):
        Lake(folder)


def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("in the way")
    with pytest.raises(LakeError, match="Cannot store anything"):
        Lake(tmp_path / "lake")


def test_only_brands_not_yet_matched_are_pending(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        one = _append(lake, _hosts("a.example")).batch_id
        record = {"pictures": PICTURE_SCHEMA.empty_table(), "detected_at": NOW}
        assert [work.brands for work in lake.pending({"acme": "1"})] == [("acme",)]
        lake.record_matches(one, {"acme": "1"}, _matches("a.example"), **record)
        assert lake.pending({"acme": "1"}) == []
        two = _append(lake, _hosts("b.example", start=1)).batch_id
        pending = {work.brands: work.batch_ids for work in lake.pending({"acme": "1", "new": "7"})}
        assert pending == {("new",): (one,), ("acme", "new"): (two,)}
        assert lake.pending({"acme": "2"})[0].batch_ids == (one, two)


def test_a_brand_set_back_to_what_it_was_is_matched_again(tmp_path: Path) -> None:
    record: dict = {"pictures": PICTURE_SCHEMA.empty_table(), "detected_at": NOW}
    with Lake(tmp_path) as lake:
        one = _append(lake, _hosts("a.example")).batch_id
        for fingerprint in ("1", "2"):
            lake.record_matches(one, {"acme": fingerprint}, _matches("a.example"), **record)
        assert [work.batch_ids for work in lake.pending({"acme": "1"})] == [(one,)]


def test_only_the_latest_matching_of_each_brand_counts(tmp_path: Path) -> None:
    record: dict = {"pictures": PICTURE_SCHEMA.empty_table(), "detected_at": NOW}
    with Lake(tmp_path) as lake:
        one = _append(lake, _hosts("a.example")).batch_id
        lake.record_matches(one, {"acme": "1", "other": "1"}, _matches("a.example"), **record)
        lake.record_matches(one, {"acme": "2"}, _matches()[:0], **record)
        first, second = lake.match_files()
        assert (first.brands, second.brands) == (("other",), ("acme",))
        assert lake.matches(first).num_rows == 0
        assert second.path is None
        assert lake.matches(second).num_rows == 0


def test_names_too_faint_are_counted_for_the_brands_that_a_file_still_counts_for(
    tmp_path: Path,
) -> None:
    record: dict = {"pictures": PICTURE_SCHEMA.empty_table(), "detected_at": NOW}
    with Lake(tmp_path) as lake:
        one = _append(lake, _hosts("a.example")).batch_id
        both = {"acme": "1", "other": "1"}
        lake.record_matches(one, both, _matches()[:0], faint={"acme": 3, "other": 5}, **record)
        lake.record_matches(one, {"acme": "2"}, _matches()[:0], faint={"acme": 4}, **record)
        assert [lake.faint(file) for file in lake.match_files()] == [{"other": 5}, {"acme": 4}]


def test_matches_recorded_twice_count_once(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        one = _append(lake, _hosts("a.example")).batch_id
        for _ in range(2):
            lake.record_matches(
                one, {"acme": "1"}, _matches("a.example"),
                pictures=PICTURE_SCHEMA.empty_table(), detected_at=NOW,
            )  # fmt: skip
        (file,) = lake.match_files()
        assert lake.matches(file).num_rows == 1


def _described(picture: bytes = b"picture", **changes: object) -> dict:
    row = {
        "image_sha256": hashlib.sha256(picture).hexdigest(), "detector": "images-7",
        "format": "PNG", "width": 64, "height": 64, "notes": ["animated"], "outcome": "hashed",
        "frame": "first", "region": -1, **{f"phash_{word}": 2**64 - 1 for word in range(4)},
    }  # fmt: skip
    return row | changes


def _failed(why: str, picture: bytes = b"picture") -> dict:
    return _described(picture, outcome="undecodable", reason=why, frame=None)


def _record_pictures(lake: Lake, batch_id: str, *rows: dict, at: datetime = NOW) -> None:
    table = pa.Table.from_pylist(list(rows), schema=PICTURE_SCHEMA)
    lake.record_matches(batch_id, {"acme": "1"}, _matches()[:0], pictures=table, detected_at=at)


def _stored(lake: Lake) -> list[dict]:
    return [row for file in lake.picture_files() for row in pq.read_table(file).to_pylist()]


def test_a_picture_seen_again_is_described_once_per_version_of_the_hashes(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        one = _append(lake, _hosts("a.example")).batch_id
        two = _append(lake, _hosts("b.example", start=1)).batch_id
        frame, region = _described(), _described(region=0, region_kind="drawing")
        _record_pictures(lake, one, frame, region)
        _record_pictures(lake, two, frame, region, _described(b"other"))
        pictures = [(row["image_sha256"][:2], row["region"]) for row in _stored(lake)]
        assert len(pictures) == len(set(pictures)) == 3
        _record_pictures(lake, one, _described(detector="images-8"), _described(b"other"))
        assert [row["detector"] for row in _stored(lake)].count("images-8") == 1
        assert lake.picture_outcomes().to_pylist() == [
            {"outcome": "hashed", "reason": "", "pictures": 2}
        ]


def test_a_picture_that_could_not_be_read_is_tried_again_and_told_once(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        batch = _append(lake, _hosts("a.example")).batch_id
        for _ in range(2):
            _record_pictures(lake, batch, _failed("no memory"))
        assert len(_stored(lake)) == 1
        _record_pictures(lake, batch, _described(), at=NOW + timedelta(hours=1))
        # What was read once is read for good.
        _record_pictures(lake, batch, _failed("no memory"), at=NOW + timedelta(hours=2))
        assert [row["outcome"] for row in _stored(lake)] == ["undecodable", "hashed"]
        assert lake.picture_outcomes()["outcome"].to_pylist() == ["hashed"]


@pytest.mark.parametrize("place", ["lake/insert_picture", "lake/insert_detection"])
def test_killed_between_writing_pictures_and_counting_them_they_are_described_again(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Lake(tmp_path) as lake:
        batch = _append(lake, _hosts("a.example")).batch_id
        intact = lake_module.statement

        def deadly(name: str) -> str:
            if name == place:
                raise KeyboardInterrupt
            return intact(name)

        monkeypatch.setattr(lake_module, "statement", deadly)
        with pytest.raises(KeyboardInterrupt):
            _record_pictures(lake, batch, _described())
        monkeypatch.undo()
        assert len(list((tmp_path / "pictures").iterdir())) == 1
        assert lake.picture_files() == [] and lake.match_files() == []
        _record_pictures(lake, batch, _described())
        assert len(_stored(lake)) == len(list((tmp_path / "pictures").iterdir())) == 1


def test_two_runs_that_describe_the_same_picture_store_it_once(tmp_path: Path) -> None:
    with Lake(tmp_path) as one, Lake(tmp_path) as other:
        batches = [_append(one, _hosts(f"{at}.example", start=at)).batch_id for at in range(4)]

        def describe(lake_and_batch: tuple[Path, str]) -> None:
            with Lake(lake_and_batch[0]) as lake:
                _record_pictures(lake, lake_and_batch[1], _described(), _described(b"other"))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(describe, [(tmp_path, batch) for batch in batches]))
        assert len(_stored(other)) == 2


@pytest.mark.parametrize("sha256", ["../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", ""])
def test_what_is_no_sha256_is_described_by_nobody(tmp_path: Path, sha256: str) -> None:
    with Lake(tmp_path) as lake:
        batch = _append(lake, _hosts("a.example")).batch_id
        with pytest.raises(LakeError, match="not the SHA-256"):
            _record_pictures(lake, batch, _described(), _described(image_sha256=sha256))
        assert lake.picture_files() == [] and lake.picture_outcomes().num_rows == 0
        assert lake.pending({"acme": "1"}) != []


def test_a_lake_of_before_opens_and_counts_its_pictures_anew(tmp_path: Path) -> None:
    Lake(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "manifest.sqlite")) as db:
        db.executescript(
            "create table image_notes (sha256 text, outcome text, reason text);"
            "drop table pictures; drop table picture_files;"
        )
    with Lake(tmp_path) as lake:
        batch = _append(lake, _hosts("a.example")).batch_id
        _record_pictures(lake, batch, _failed("9000 x 9000 pixels are over the limit"))
        assert lake.picture_outcomes().to_pylist() == [
            {"outcome": "undecodable", "reason": "9000 x 9000 pixels are over the limit",
             "pictures": 1}
        ]  # fmt: skip


def test_rejects_keep_position_and_reason_beside_the_data(tmp_path: Path) -> None:
    reject = FakeReject(position=7, reason="not a host", excerpt="\udc80 \u202e")
    with Lake(tmp_path) as lake:
        _append(lake, _hosts("a.example", rejects=(reject,)))
        account = lake.coverage()
    assert account.batches["rejected"].to_pylist() == [1]
    assert account.rejects["position"].to_pylist() == [7]
    assert account.rejects["reason"].to_pylist() == ["not a host"]


def test_a_batch_of_an_older_version_lacks_columns_and_is_read_all_the_same(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        batch_id = _append(lake, _hosts("a.example")).batch_id
        path = tmp_path / "observations" / f"{batch_id}.parquet"
        pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["trust"]), path)
        assert lake.observations(batch_id).schema == OBSERVATION_SCHEMA


def test_an_empty_stretch_stores_the_state_and_no_batch(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        _append(lake, _hosts("a.example"))
        _append(lake, _hosts(start=1, state="asked on Monday"))
        _append(lake, _hosts(start=1, state="asked on Tuesday"))
        cursor = lake.cursor("files", "one")
        assert (cursor.next_position, cursor.state) == (1, "asked on Tuesday")
        assert lake.totals()["batches"] == 1


def test_how_far_rows_can_be_proved_is_counted(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        batch = _hosts("a.example", "b.example")
        trusts = pa.array(["verified", "names"])
        table = batch.observations.drop_columns(["trust"]).append_column("trust", trusts)
        _append(lake, replace(batch, observations=table.select(OBSERVATION_SCHEMA.names)))
        counted = lake.coverage().batches.to_pylist()[0]
    assert (counted["verified_rows"], counted["names_rows"]) == (1, 1)


def test_pictures_are_kept_by_their_hash_and_by_nothing_else(tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"picture").hexdigest()
    with Lake(tmp_path) as lake:
        _append(lake, _hosts("a.example", images={sha256: b"picture"}))
        assert lake.read_image(sha256) == b"picture"
        assert lake.read_image("0" * 64) is None
        with pytest.raises(LakeError, match="not the SHA-256"):
            lake.read_image("../../etc/passwd")


def test_an_observation_is_found_by_where_it_was_seen(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        _append(lake, _hosts("a.example", "b.example"))
        assert lake.observation("files", "one", 1)["host"] == "b.example"
        assert lake.observation("files", "one", 2) is None


def test_a_damaged_batch_is_named(tmp_path: Path) -> None:
    with Lake(tmp_path) as lake:
        batch_id = _append(lake, _hosts("a.example")).batch_id
        (tmp_path / "observations" / f"{batch_id}.parquet").write_bytes(b"junk")
        with pytest.raises(LakeError, match=batch_id):
            lake.observations(batch_id)


def test_another_run_that_never_ends_is_one_sentence(tmp_path: Path) -> None:
    with Lake(tmp_path) as one, Lake(tmp_path) as other:
        other._lock.timeout = 0.1
        with one._lock, pytest.raises(LakeError, match="Another run has been writing"):
            _append(other, _hosts("a.example"))


def test_a_damaged_key_is_told_and_not_used(tmp_path: Path) -> None:
    Lake(tmp_path).close()
    (tmp_path / "seen" / "key").write_bytes(b"")
    with pytest.raises(LakeError, match="key of seen names"):
        Lake(tmp_path)


def test_a_lake_that_another_process_is_just_making_is_waited_for(tmp_path):
    """A new manifest changes to write-ahead logging, and SQLite does not wait for that itself."""
    folder = tmp_path / "lake"
    folder.mkdir()
    other = sqlite3.connect(folder / "manifest.sqlite", isolation_level=None)
    other.execute("begin immediate")
    other.execute("create table x (a)")
    failed: list[LakeError] = []

    def open_it() -> None:
        try:
            Lake(folder).close()
        except LakeError as error:
            failed.append(error)

    thread = threading.Thread(target=open_it)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive(), "it waits"
    other.execute("rollback")
    other.close()
    thread.join(10)
    assert failed == []
