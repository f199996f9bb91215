"""Findings and the bytes of answers are stored once, whole, and come back as they went in."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from namaak import answers as store
from namaak.answers import Answer, Answers
from namaak.enriching.findings import Aspect, Finding, Kept, Outcome
from namaak.enriching.keeping import answers_of, findings_of, keep
from namaak.errors import LakeError
from namaak.lake import Lake

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def finding(host: str = "acme-login.test", aspect: Aspect = Aspect.DNS, *, hours: int = 0,
            **other) -> Finding:  # fmt: skip
    asked_at = NOW + timedelta(hours=hours)
    given = {
        "host": host, "aspect": aspect, "asked_at": asked_at, "vantage": "resolver 127.0.0.1:53",
        "outcome": Outcome.ANSWERED, "facts": {"mail_servers": ["mx.test"], "text": "ü\u202e\x00"},
        "raw": f"{host} {aspect} {hours}".encode(), "raw_type": "application/json",
        "due_at": asked_at + timedelta(days=1),
    } | other  # fmt: skip
    return Finding(**given)


def without_bytes(given: Finding) -> Finding:
    fields = {name: getattr(given, name) for name in Finding.__dataclass_fields__}
    return Finding(**{**fields, "raw": None, "kept": ()})


@pytest.fixture
def kept(tmp_path):
    with Answers(tmp_path / "lake") as answers:
        yield answers


def test_what_was_found_comes_back_with_its_bytes_beside_it(kept, tmp_path):
    icon = Kept(name="icon", content=b"\x89PNG", media_type="image/png")
    one, other = finding(kept=(icon,)), finding(aspect=Aspect.PAGE, raw=None, raw_type=None)
    keep([one, other], kept, at=NOW)
    assert findings_of(kept.findings(["host:acme-login.test"])) == [
        without_bytes(one),
        without_bytes(other),
    ]
    assert kept.read_answer(one.raw_sha256) == Answer(
        content=one.raw, media_type="application/json"
    )
    assert kept.read_answer(icon.sha256).media_type == "image/png"
    files = [path for path in (tmp_path / "lake" / "answers").rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        assert path.parent.name == path.name[:2]


def test_the_lake_and_the_answers_share_a_folder_and_a_manifest(kept, tmp_path):
    keep([finding()], kept, at=NOW)
    with Lake(tmp_path / "lake") as lake:
        assert lake.totals()["batches"] == 0
        keep([finding(hours=1)], kept, at=NOW)
    assert len(kept.findings(["host:acme-login.test"])) == 2


def test_stored_twice_it_counts_once(kept):
    for _ in range(2):
        keep([finding(), finding("b.test")], kept, at=NOW)
    # The same finding in another company, as two runs side by side may store it.
    keep([finding(), finding("c.test")], kept, at=NOW)
    assert len(kept.findings(["host:acme-login.test"])) == 1
    assert set(kept.last_asked()) == {"host:acme-login.test", "host:b.test", "host:c.test"}


def test_the_last_time_of_each_aspect_is_told_with_what_came_of_it(kept):
    later = finding(hours=5, outcome=Outcome.TIMEOUT, facts={"reason": "no answer"}, raw=None)
    keep([later], kept, at=NOW)
    keep([finding(), finding(aspect=Aspect.RDAP, due_at=None)], kept, at=NOW)
    last = kept.last_asked()["host:acme-login.test"]
    assert (last["dns"].asked_at, last["dns"].outcome) == (later.asked_at, "timeout")
    assert last["dns"].due_at == later.due_at
    assert last["rdap"].due_at is None


def test_nothing_found_is_nothing_stored(kept, tmp_path):
    keep([], kept, at=NOW)
    assert kept.last_asked() == {}
    assert not any((tmp_path / "lake" / "enrichments").iterdir())
    assert len(kept.findings(["host:acme-login.test"])) == 0


def test_many_small_files_become_one_and_nothing_is_lost(kept, tmp_path):
    for number in range(70):
        keep([finding(f"h{number}.test", hours=number)], kept, at=NOW + timedelta(hours=number))
    assert len(list((tmp_path / "lake" / "enrichments").iterdir())) < 40
    rows = kept.findings(f"host:h{number}.test" for number in range(70))
    assert sorted(rows["host"].to_pylist()) == sorted(f"h{number}.test" for number in range(70))


def test_what_two_runs_stored_counts_once_after_their_files_were_merged(kept):
    keep([finding(), finding("b.test")], kept, at=NOW)
    keep([finding(), finding("c.test")], kept, at=NOW)
    for number in range(40):
        keep([finding(f"h{number}.test", hours=number)], kept, at=NOW + timedelta(hours=number))
    assert len(kept.findings(["host:acme-login.test"])) == 1


def test_findings_that_a_run_beside_this_one_merges_are_found_all_the_same(
    kept, tmp_path, monkeypatch
):
    with Answers(tmp_path / "lake") as other:
        for number in range(31):
            keep([finding(f"h{number}.test", hours=number)], kept, at=NOW)
        read, merged = kept._read, []

        def merge_first(name: str) -> pa.Table:
            if not merged:
                merged.append(name)
                for number in (31, 32):
                    keep([finding(f"h{number}.test", hours=number)], other, at=NOW)
            return read(name)

        monkeypatch.setattr(kept, "_read", merge_first)
        assert len(kept.findings(["host:h3.test"])) == 1
    assert not (tmp_path / "lake" / "enrichments" / f"{merged[0]}.parquet").exists()


def test_a_disk_that_refuses_leaves_nothing_half_counted(kept, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_parquet", full)
    with pytest.raises(LakeError, match="the disk is full"):
        keep([finding()], kept, at=NOW)
    monkeypatch.undo()
    assert kept.last_asked() == {}
    assert kept.read_answer(finding().raw_sha256) is None
    keep([finding()], kept, at=NOW)
    assert kept.read_answer(finding().raw_sha256).content == finding().raw


def test_findings_that_are_counted_and_gone_are_told(kept, tmp_path):
    keep([finding()], kept, at=NOW)
    for path in (tmp_path / "lake" / "enrichments").iterdir():
        path.unlink()
    with pytest.raises(LakeError, match="missing; restore them from a backup"):
        kept.findings(["host:acme-login.test"])


def test_an_answer_that_is_counted_and_gone_is_told(kept, tmp_path):
    keep([finding()], kept, at=NOW)
    sha256 = finding().raw_sha256
    (tmp_path / "lake" / "answers" / sha256[:2] / sha256).unlink()
    with pytest.raises(LakeError, match="restore it from a backup"):
        kept.read_answer(sha256)


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "A" * 64, "'; drop table answers; --"])
def test_what_is_no_sha256_is_no_answer(kept, sha256):
    assert kept.read_answer(sha256) is None


def test_what_a_newer_version_wrote_says_nothing_to_this_one(kept, tmp_path):
    keep([finding()], kept, at=NOW)
    rows = kept.findings(["host:acme-login.test"]).to_pylist()
    newer = pa.Table.from_pylist(
        [rows[0] | {"aspect": "smell"}, rows[0] | {"outcome": "shrug"}, rows[0]],
        schema=kept.findings([]).schema,
    )
    assert [one.aspect for one in findings_of(newer)] == [Aspect.DNS]


def test_the_same_bytes_are_kept_once():
    icon = Kept(name="icon", content=b"icon", media_type="image/png")
    found = list(answers_of([finding(kept=(icon,)), finding(hours=1, kept=(icon,))]))
    assert len(found) == 4
    assert len({answer.sha256 for answer in found}) == 3


def test_killed_at_any_moment_what_was_counted_is_whole(tmp_path):
    """A process that stores without end is killed; whatever the manifest names can be read."""
    program = f"""
import sys
from datetime import timedelta
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from namaak.answers import Answers
from namaak.enriching.keeping import keep
from tests.enriching.test_keeping import NOW, finding
with Answers(Path({str(tmp_path / "lake")!r})) as kept:
    start = len(kept.last_asked())
    print("started", flush=True)
    for number in range(start, 100_000):
        keep([finding(f"h{{number}}.test", hours=number)], kept, at=NOW + timedelta(hours=number))
"""
    for round_ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=tmp_path
        )  # fmt: skip
        assert process.stdout.readline() == "started\n"
        time.sleep(0.15 + 0.11 * round_)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    with Answers(tmp_path / "lake") as kept:
        keys = sorted(kept.last_asked())
        assert len(keys) > 8
        rows = kept.findings(keys)
        assert sorted(set(rows["subject_key"].to_pylist())) == keys
        for sha256 in rows["raw_sha256"].to_pylist():
            assert hashlib.sha256(kept.read_answer(sha256).content).hexdigest() == sha256
    counted = {path.stem for path in (tmp_path / "lake" / "enrichments").glob("*.parquet")}
    assert all(pq.read_metadata(tmp_path / "lake" / "enrichments" / f"{name}.parquet").num_rows
               for name in counted)  # fmt: skip
