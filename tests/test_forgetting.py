"""Bystanders leave the lake after a time; evidence stays, and nothing is lost in between."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from namaak import forgetting
from namaak.errors import LakeError
from namaak.forgetting import Forgotten
from namaak.lake import Lake
from namaak.records import MATCH_SCHEMA, OBSERVATION_SCHEMA, PICTURE_SCHEMA

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOW = THEN + timedelta(days=31)
LATELY = NOW - timedelta(days=2)


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


def forget_bystanders(lake: Lake, *, days: int, now: datetime, **more: Any) -> Forgotten:
    """With one brand, which every batch was matched with."""
    given: dict[str, Any] = {"fingerprints": {"acme": "1"}, "people": {"x"}, **more}
    return forgetting.forget_bystanders(lake, days=days, now=now, **given)


def sha(picture: bytes) -> str:
    return hashlib.sha256(picture).hexdigest()


def account(name: str, **columns: Any) -> dict[str, Any]:
    return {
        "subject_kind": "account", "subject_key": f"account:x:{name}", "platform": "x",
        "native_id": name, "handle": name, **columns,
    }  # fmt: skip


def gathered(
    lake: Lake, *rows: dict[str, Any], at: datetime = THEN, start: int = 0, matched: bool = True,
    matches: tuple[str, ...] = (), pictures: tuple[bytes, ...] = (), **batch: Any,
) -> str:  # fmt: skip
    """One batch, stored and matched; `matches` are the names that resembled a brand."""
    full = [
        {"source": "x", "instance": "one", "position": start + place, "observed_at": at, **row}
        for place, row in enumerate(rows)
    ]
    counted = lake.append(
        FakeBatch(
            pa.Table.from_pylist(full, schema=OBSERVATION_SCHEMA), start, start + len(rows),
            images={sha(picture): picture for picture in pictures}, **batch,
        ),
        source="x", label="x search", gathered_at=at,
    )  # fmt: skip
    assert counted is not None
    if matched:
        lake.record_matches(
            counted.batch_id, {"acme": "1"}, match_rows(*matches),
            pictures=PICTURE_SCHEMA.empty_table(), detected_at=at,
        )  # fmt: skip
    return counted.batch_id


def match_rows(*names: str) -> pa.Table:
    rows = [
        {
            "match_id": hashlib.sha256(name.encode()).hexdigest()[:32], "brand_id": "acme",
            "subject_key": f"account:x:{name}", "subject_kind": "account", "source": "x",
            "instance": "one", "position": 0, "observed_at": THEN, "field": "handle",
            "value": name, "term": "acme", "resemblance": "combosquat", "place": "edge",
            "distance": 0, "strength": 1.0, "span_start": 0, "span_end": 4, "layers": [],
            "lures": [], "traits": [], "detector": "d", "tables": "t",
        }
        for name in names
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=MATCH_SCHEMA)


def handles(lake: Lake, batch_id: str) -> list[str | None]:
    return lake.observations(batch_id, first_seen_only=False)["handle"].to_pylist()


def test_bystanders_go_after_their_days_and_whoever_resembled_a_brand_stays(tmp_path):
    with Lake(tmp_path) as lake:
        batch = gathered(
            lake, account("acme_help"), account("jan"), account("piet"), matches=("acme_help",)
        )
        before = forget_bystanders(lake, days=32, now=NOW)
        assert (before.rows, handles(lake, batch)) == (0, ["acme_help", "jan", "piet"])
        done = forget_bystanders(lake, days=30, now=NOW)
        assert (done.rows, done.waiting, handles(lake, batch)) == (2, 0, ["acme_help"])
        assert lake.forgotten() == (2, 0)


def test_a_second_pass_takes_out_nothing_and_counts_nothing_twice(tmp_path):
    with Lake(tmp_path) as lake:
        gathered(lake, account("acme_help"), account("jan"), matches=("acme_help",))
        forget_bystanders(lake, days=30, now=NOW)
        again = forget_bystanders(lake, days=30, now=NOW + timedelta(days=3))
        assert (again.batches, again.rows, lake.forgotten()) == (0, 0, (1, 0))


def test_hosts_and_apps_are_nobodys_profile(tmp_path):
    host = {"subject_kind": "host", "subject_key": "host:jan.example", "host": "jan.example"}
    app = {"subject_kind": "app", "subject_key": "app:s:1", "platform": "s", "native_id": "1"}
    with Lake(tmp_path) as lake:
        batch = gathered(lake, host, app, account("jan"))
        assert forget_bystanders(lake, days=30, now=NOW).rows == 1
        assert lake.observations(batch)["subject_kind"].to_pylist() == ["host", "app"]


def test_a_batch_that_was_never_matched_is_left_alone(tmp_path):
    with Lake(tmp_path) as lake:
        batch = gathered(lake, account("jan"), matched=False)
        assert forget_bystanders(lake, days=30, now=NOW).batches == 0
        assert handles(lake, batch) == ["jan"]


def test_a_profile_that_is_shown_to_this_day_can_still_be_matched_with_a_new_brand(tmp_path):
    with Lake(tmp_path) as lake:
        old = gathered(lake, account("jan"), account("piet"))
        gathered(lake, account("jan"), account("piet", bio="new"), start=2, at=LATELY)
        done = forget_bystanders(lake, days=30, now=NOW)
        assert (done.rows, done.waiting) == (1, 1)
        # What a brand added today is matched with: the first sighting of each appearance.
        assert lake.observations(old)["handle"].to_pylist() == ["jan"]
        # Not shown any more, it goes as well.
        later = forget_bystanders(lake, days=30, now=LATELY + timedelta(days=31))
        assert handles(lake, old) == []
        assert later.rows == 3


def test_a_match_that_a_later_detection_took_back_still_keeps_the_evidence(tmp_path):
    with Lake(tmp_path) as lake:
        batch = gathered(lake, account("acme_help"), matches=("acme_help",))
        lake.record_matches(
            batch, {"acme": "2"}, match_rows(), pictures=PICTURE_SCHEMA.empty_table(),
            detected_at=NOW,
        )  # fmt: skip
        forget_bystanders(lake, days=30, now=NOW, fingerprints={"acme": "2"})
        assert handles(lake, batch) == ["acme_help"]


def test_a_batch_waits_until_it_is_matched_with_every_brand_as_it_is_today(tmp_path):
    with Lake(tmp_path) as lake:
        batch = gathered(lake, account("jan"))
        added = {"acme": "1", "peer": "1"}
        waits = forget_bystanders(lake, days=30, now=NOW, fingerprints=added)
        assert (waits.rows, waits.unmatched, handles(lake, batch)) == (0, 1, ["jan"])
        lake.record_matches(
            batch, {"peer": "1"}, match_rows(), pictures=PICTURE_SCHEMA.empty_table(),
            detected_at=NOW,
        )  # fmt: skip
        assert forget_bystanders(lake, days=30, now=NOW, fingerprints=added).rows == 1


def test_what_the_casebook_knows_by_another_key_is_no_bystander(tmp_path):
    with Lake(tmp_path) as lake:
        batch = gathered(lake, account("77"), account("78"))
        forget_bystanders(lake, days=30, now=NOW, keep=["account:x:77"])
        assert handles(lake, batch) == ["77"]


def test_two_passes_at_once_take_out_each_row_once_and_no_evidence(tmp_path):
    with Lake(tmp_path) as lake:
        batches = [
            gathered(
                lake, account(f"jan{number}"), account("acme_help"), start=2 * number,
                matches=("acme_help",),
            )
            for number in range(12)
        ]  # fmt: skip

    def one_pass(_: int) -> int:
        with Lake(tmp_path) as own:
            return forget_bystanders(own, days=30, now=NOW).rows

    with ThreadPoolExecutor(max_workers=3) as pool:
        gone = sum(pool.map(one_pass, range(3)))
    with Lake(tmp_path) as lake:
        assert gone == lake.forgotten()[0] == 12
        assert {name for batch in batches for name in handles(lake, batch)} == {"acme_help"}


def test_a_screenshot_goes_with_the_bystander_and_stays_where_evidence_shows_it(tmp_path):
    own, shared = b"screenshot of jan", b"screenshot of both"
    with Lake(tmp_path) as lake:
        gathered(
            lake,
            account("jan", screenshot_sha256=sha(own), image_sha256=sha(shared)),
            account("acme_help", screenshot_sha256=sha(shared)),
            matches=("acme_help",), pictures=(own, shared),
        )  # fmt: skip
        forget_bystanders(lake, days=30, now=NOW)
        assert lake.read_image(sha(own)) is None
        assert lake.read_image(sha(shared)) == shared


def test_pictures_go_with_the_rows_unless_something_else_shows_them(tmp_path):
    own, shared, banner = b"jan", b"shared", b"banner"
    with Lake(tmp_path) as lake:
        gathered(
            lake,
            account("jan", image_sha256=sha(own), banner_sha256=sha(banner)),
            account("piet", image_sha256=sha(shared)),
            account("acme_help", image_sha256=sha(shared)),
            matches=("acme_help",), pictures=(own, shared, banner),
        )  # fmt: skip
        done = forget_bystanders(lake, days=30, now=NOW)
        assert done.pictures == 2
        assert lake.read_image(sha(own)) is lake.read_image(sha(banner)) is None
        assert lake.read_image(sha(shared)) == shared


def test_what_was_refused_beside_bystanders_keeps_its_reason_and_loses_its_text(tmp_path):
    refused = FakeReject(position=0, reason="bio: cut to 10000", excerpt="my life")
    with Lake(tmp_path) as lake:
        batch = gathered(lake, account("jan"), rejects=(refused,))
        forget_bystanders(lake, days=30, now=NOW)
    (line,) = (tmp_path / "rejects" / f"{batch}.jsonl").read_text().splitlines()
    assert json.loads(line)["reason"] == "bio: cut to 10000"
    assert json.loads(line)["excerpt"] == ""


def test_what_was_refused_loses_its_text_also_where_no_row_goes(tmp_path):
    refused = FakeReject(position=1, reason="row: is no object", excerpt="Jan, tel. 0612345678")
    with Lake(tmp_path) as lake:
        batch = gathered(lake, account("acme_help"), matches=("acme_help",), rejects=(refused,))
        other = gathered(lake, account("piet"), start=1, rejects=(refused,))
        assert "0612345678" in (tmp_path / "rejects" / f"{batch}.jsonl").read_text()
        forget_bystanders(lake, days=30, now=NOW)
    for one in (batch, other):
        text = (tmp_path / "rejects" / f"{one}.jsonl").read_text()
        assert "0612345678" not in text
        assert "row: is no object" in text


def test_a_dry_run_counts_and_changes_nothing(tmp_path):
    with Lake(tmp_path) as lake:
        batch = gathered(lake, account("jan", image_sha256=sha(b"jan")), pictures=(b"jan",))
        counted = forget_bystanders(lake, days=30, now=NOW, dry_run=True)
        assert (counted.rows, handles(lake, batch)) == (1, ["jan"])
        assert lake.read_image(sha(b"jan")) == b"jan"
        assert forget_bystanders(lake, days=30, now=NOW).rows == 1


def test_a_forgotten_name_that_comes_back_is_no_news_and_is_matched_again(tmp_path):
    with Lake(tmp_path) as lake:
        gathered(lake, account("jan"))
        forget_bystanders(lake, days=30, now=NOW)
        before = lake.totals()["first_seen_rows"]
        again = gathered(lake, account("jan"), account("jan"), start=1, at=NOW, matched=False)
        assert lake.totals()["first_seen_rows"] == before
        assert lake.observations(again)["handle"].to_pylist() == ["jan"]


def test_files_of_forgotten_hashes_stay_few(tmp_path):
    with Lake(tmp_path) as lake:
        for number in range(9):
            at = THEN + timedelta(days=number)
            gathered(lake, account(f"jan{number}"), start=number, at=at)
            forget_bystanders(lake, days=30, now=at + timedelta(days=31))
        assert len(list((tmp_path / "seen").glob("forgotten-*.npy"))) < 5
        back = gathered(lake, account("jan0"), account("jan8"), start=9, at=NOW, matched=False)
        assert lake.observations(back)["handle"].to_pylist() == ["jan0", "jan8"]


@pytest.mark.parametrize("step", ["write_parquet", "rejects", "pictures"])
def test_killed_in_the_midst_and_done_again_the_same_is_gone(tmp_path, monkeypatch, step):
    with Lake(tmp_path) as lake:
        batch = gathered(
            lake, account("acme_help"), account("jan", image_sha256=sha(b"jan")),
            matches=("acme_help",), pictures=(b"jan",),
        )  # fmt: skip
        with monkeypatch.context() as killed:
            _kill(killed, lake, step)
            with pytest.raises(KeyboardInterrupt):
                forget_bystanders(lake, days=30, now=NOW)
        forget_bystanders(lake, days=30, now=NOW)
        assert handles(lake, batch) == ["acme_help"]
        assert lake.read_image(sha(b"jan")) is None
        assert lake.forgotten() == (1, 0)


def _kill(killed: pytest.MonkeyPatch, lake: Lake, step: str) -> None:
    from namaak import lake as module

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    if step == "write_parquet":
        killed.setattr(module, "write_parquet", stop)
    elif step == "rejects":
        killed.setattr(lake, "_strip_rejects", stop)
    else:
        killed.setattr(lake, "forget_pictures", stop)


def test_a_damaged_file_is_one_sentence(tmp_path):
    with Lake(tmp_path) as lake:
        batch = gathered(lake, account("jan"))
        (tmp_path / "observations" / f"{batch}.parquet").write_bytes(b"PAR1 nothing")
        with pytest.raises(LakeError, match="restore the file"):
            forget_bystanders(lake, days=30, now=NOW)
