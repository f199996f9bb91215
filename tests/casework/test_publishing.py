"""One writer, whole snapshots: with real processes, killed where it hurts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from namaak.brands import Brand
from namaak.casework import publishing
from namaak.casework.casebook import Casebook
from namaak.casework.reading import find_cases, open_snapshot, overview
from namaak.errors import CasebookError, CasebookLocked

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 21, tzinfo=UTC)

HOLD = """
import sys, time
from pathlib import Path
from namaak.casework.casebook import Casebook
with Casebook.writing(working=Path(sys.argv[1]), published=Path(sys.argv[2])):
    print("holding", flush=True)
    time.sleep(60)
"""

#: Loads two files; dies in the transaction of the one numbered in its third argument, when cases
#: and matches are written and their events are not.
DIE_LOADING = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import pyarrow as pa
from namaak.casework.casebook import Casebook
from namaak.records import MATCH_SCHEMA, Band, Score, match_id

NOW = datetime(2026, 11, 21, tzinfo=UTC)
append = Casebook._append
appended = 0

def append_or_die(book, drafts):
    global appended
    appended += 1
    if appended == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    append(book, drafts)

Casebook._append = append_or_die

def table(first, last):
    rows = []
    for number in range(first, last):
        host = f"acme{number}.example"
        rows.append(dict(
            match_id=match_id([host]), brand_id="acme", subject_key=f"host:{host}",
            subject_kind="host", source="files", instance="a", position=number, observed_at=NOW,
            field="host", value=host, term="Acme", resemblance="combosquat", place="edge",
            distance=0, strength=0.5, span_start=0, span_end=4, layers=[], lures=[], traits=[],
            detector="names/1", tables="t/1"))
    return pa.Table.from_pylist(rows, schema=MATCH_SCHEMA)

def rank(brand_id, rows):
    return Score(score=50, band=Band.REVIEW, signals=(), gates=())

with Casebook.writing(working=Path(sys.argv[1]), published=Path(sys.argv[2])) as book:
    for file, first, last in (("one", 0, 5), ("two", 5, 10)):
        book.load_matches(
            table(first, last), file=file, rank=rank, brand_names={}, subjects={}, now=NOW,
            rank_version="1")
        print(file, flush=True)
"""


@pytest.fixture
def paths(tmp_path):
    return {
        "working": tmp_path / "working" / "casebook.duckdb",
        "published": tmp_path / "casebook.duckdb",
    }


def run_python(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def holder(paths):
    with run_python(HOLD, *paths.values()) as process:
        assert process.stdout.readline() == "holding\n"
        yield process
        process.kill()


def rename(book: Casebook, name: str) -> None:
    book.record_brands({"acme": Brand(name=name)}, {"acme": "0" * 16}, now=NOW)


def published_name(paths) -> str:
    with open_snapshot(paths["published"]) as con:
        return overview(con)[0]["brand_name"]


def test_a_second_writer_is_told_who_writes_and_since_when(paths, holder):
    with (
        pytest.raises(CasebookLocked, match=rf"PID {holder.pid} \(.*since 20\d\d-.*wait for it"),
        Casebook.writing(**paths, wait_s=0.1),
    ):
        pass


def test_doctor_can_tell_who_holds_the_lock(paths, holder):
    assert f"PID {holder.pid}" in publishing.lock_owner(paths["working"])
    holder.kill()
    holder.wait()
    assert publishing.lock_owner(paths["working"]) is None
    assert publishing.lock_owner(paths["working"].with_name("never.duckdb")) is None


def test_a_killed_holder_frees_the_lock(paths, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with Casebook.writing(**paths, wait_s=5) as book:
        rename(book, "Acme")
    assert published_name(paths) == "Acme"


def test_a_second_writer_in_the_same_process_is_locked_out_too(paths):
    with (
        Casebook.writing(**paths),
        pytest.raises(CasebookLocked, match=f"PID {os.getpid()}"),
        Casebook.writing(**paths, wait_s=0.1),
    ):
        pass


def test_a_foreign_program_on_the_working_file_is_named(paths):
    with Casebook.writing(**paths):
        pass
    script = (
        "import duckdb, sys, time; con = duckdb.connect(sys.argv[1]);"
        "print('open', flush=True); time.sleep(60)"
    )
    with run_python(script, paths["working"]) as foreign:
        foreign.stdout.readline()
        with (
            pytest.raises(CasebookLocked, match=rf"another program \(PID {foreign.pid}\)"),
            Casebook.writing(**paths),
        ):
            pass
        foreign.kill()


def test_sigkill_during_a_load_leaves_nothing_half_written(paths):
    with run_python(DIE_LOADING, *paths.values(), 2) as process:
        assert process.stdout.read() == "one\n"
    assert process.returncode == -signal.SIGKILL
    assert not paths["published"].exists()
    with Casebook.writing(**paths):
        pass
    with open_snapshot(paths["published"]) as con:
        # What was finished before the kill is published, though this writer changed nothing.
        assert len(find_cases(con)) == 5
    with run_python(DIE_LOADING, *paths.values(), 0) as process:
        assert process.stdout.read() == "one\ntwo\n"
    with open_snapshot(paths["published"]) as con:
        assert len(find_cases(con)) == 10


def test_a_reader_keeps_its_snapshot_while_a_new_one_is_published(paths):
    with Casebook.writing(**paths) as book:
        rename(book, "Old")
    with open_snapshot(paths["published"]) as old:
        with Casebook.writing(**paths) as book:
            rename(book, "New")
            assert overview(old)[0]["brand_name"] == "Old"
        assert overview(old)[0]["brand_name"] == "Old"
        # The newcomer in the same process must not be given the old one's database.
        assert published_name(paths) == "New"


def test_readers_of_another_process_do_not_hinder_the_writer(paths):
    with Casebook.writing(**paths) as book:
        rename(book, "Old")
    script = (
        "import sys; from pathlib import Path; from namaak.casework.reading import *\n"
        "con = open_snapshot(Path(sys.argv[1])); print('open', flush=True); sys.stdin.readline();"
        "print(overview(con)[0]['brand_name'])"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(paths["published"])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with reader:
        assert reader.stdout.readline() == "open\n"
        with Casebook.writing(**paths, wait_s=0.1) as book:
            rename(book, "New")
        assert reader.communicate("\n")[0] == "Old\n"
    assert published_name(paths) == "New"


def test_an_unchanged_casebook_is_not_published_again(paths):
    with Casebook.writing(**paths) as book:
        rename(book, "Acme")
    before = paths["published"].stat()
    with Casebook.writing(**paths):
        pass
    after = paths["published"].stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_lost_snapshot_is_published_again(paths):
    with Casebook.writing(**paths) as book:
        rename(book, "Acme")
    paths["published"].unlink()
    with Casebook.writing(**paths):
        pass
    assert published_name(paths) == "Acme"


def test_after_an_error_nothing_is_published_and_nothing_finished_is_lost(paths):
    with Casebook.writing(**paths) as book:
        rename(book, "Old")
    with pytest.raises(RuntimeError), Casebook.writing(**paths) as book:
        rename(book, "New")
        raise RuntimeError
    assert published_name(paths) == "Old"
    with Casebook.writing(**paths):
        pass
    assert published_name(paths) == "New"


def test_half_copies_of_a_killed_publisher_are_removed(paths):
    paths["published"].parent.mkdir(exist_ok=True)
    leftover = paths["published"].with_name(".casebook.duckdb.99999.publishing")
    leftover.write_bytes(b"half")
    bystander = paths["published"].with_name("casebook.duckdb.backup")
    bystander.write_bytes(b"mine")
    with Casebook.writing(**paths):
        pass
    assert not leftover.exists()
    assert bystander.exists()


def test_a_full_disk_while_publishing_leaves_the_old_snapshot(paths, monkeypatch):
    with Casebook.writing(**paths) as book:
        rename(book, "Old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing.os, "fsync", full)
    with (
        pytest.raises(CasebookError, match=r"No space left on device.*nothing is lost"),
        Casebook.writing(**paths) as book,
    ):
        rename(book, "New")
    monkeypatch.undo()
    assert published_name(paths) == "Old"
    assert not list(paths["published"].parent.glob("*.publishing"))
    with Casebook.writing(**paths):
        pass
    assert published_name(paths) == "New"


def test_a_log_left_by_somebody_who_wrote_into_the_snapshot_is_not_replayed(paths):
    with Casebook.writing(**paths) as book:
        rename(book, "Old")
    log = paths["published"].with_name("casebook.duckdb.wal")
    log.write_bytes(b"of the old snapshot")
    with Casebook.writing(**paths) as book:
        rename(book, "New")
    assert b"snapshot" not in log.read_bytes()
    assert published_name(paths) == "New"


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(CasebookError, match="cannot be written"),
        Casebook.writing(
            working=tmp_path / "file" / "casebook.duckdb", published=tmp_path / "casebook.duckdb"
        ),
    ):
        pass


def test_junk_in_place_of_the_casebook_is_one_sentence(paths):
    paths["working"].parent.mkdir()
    for path in paths.values():
        path.write_bytes(b"junk" * 5000)
    with pytest.raises(CasebookError, match="cannot be opened"), Casebook.writing(**paths):
        pass
    with pytest.raises(CasebookError, match="cannot be opened"):
        open_snapshot(paths["published"])


def test_a_missing_casebook_says_how_to_get_one(paths):
    with pytest.raises(CasebookError, match="run `namaak run`"):
        open_snapshot(paths["published"])


def test_any_duckdb_client_opens_the_published_file_but_cannot_reach_out_through_ours(tmp_path):
    folder = tmp_path / "it's here"
    published = folder / "casebook.duckdb"
    with Casebook.writing(working=folder / "w" / "casebook.duckdb", published=published) as book:
        rename(book, "Acme")
    with duckdb.connect(published, read_only=True) as plain:
        assert plain.table("inbox").fetchall() == []
    with open_snapshot(published) as con:
        for reach in (
            f"select * from read_text('{__file__}')",
            "set enable_external_access = true",
            "attach 'other.duckdb'",
            "copy cases to 'out.csv'",
            "delete from brands",
        ):
            with pytest.raises(duckdb.Error):
                con.execute(reach)


def test_the_wait_is_about_as_long_as_asked(paths, holder):
    start = time.monotonic()
    with pytest.raises(CasebookLocked), Casebook.writing(**paths, wait_s=0.5):
        pass
    assert 0.4 < time.monotonic() - start < 10


def note(paths, text: str) -> None:
    with Casebook.writing(**paths) as book:
        rename(book, text)


def log_in(folder_of: Path) -> Path:
    return folder_of.with_name(folder_of.name + ".wal")


def test_a_small_writing_publishes_its_log_alone(paths):
    note(paths, "Old")
    before = paths["published"].stat().st_ino
    note(paths, "New")
    assert paths["published"].stat().st_ino == before
    assert log_in(paths["published"]).stat().st_mode & 0o222 == 0
    assert published_name(paths) == "New"
    with duckdb.connect(paths["published"], read_only=True) as plain:
        assert plain.table("brands").select("name").fetchall() == [("New",)]


def test_a_long_log_is_followed_by_a_whole_copy(paths, monkeypatch):
    note(paths, "Old")
    before = paths["published"].stat().st_ino
    monkeypatch.setattr(publishing, "MOST_LOG_BYTES", 2_000)
    for number in range(20):
        note(paths, f"Name {number}")
        assert published_name(paths) == f"Name {number}"
    assert paths["published"].stat().st_ino != before


@pytest.mark.parametrize("replaced", ["published", "working"])
def test_a_log_is_not_published_beside_another_file_than_it_continues(paths, replaced):
    note(paths, "Old")
    path = paths[replaced]
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)
    before = paths["published"].stat().st_ino
    note(paths, "New")
    assert paths["published"].stat().st_ino != before
    assert not log_in(paths["published"]).exists()
    assert published_name(paths) == "New"


def test_a_lost_working_file_is_made_again_from_the_published_file_and_its_log(paths):
    note(paths, "Old")
    note(paths, "New")
    for path in (paths["working"], log_in(paths["working"])):
        path.unlink()
    note(paths, "Newer")
    assert published_name(paths) == "Newer"
    paths["working"].unlink()
    with Casebook.writing(**paths) as book:
        assert overview(book._con)[0]["brand_name"] == "Newer"


def test_what_a_lost_working_file_left_in_its_log_goes_on(paths):
    note(paths, "Old")
    note(paths, "New")
    with pytest.raises(RuntimeError), Casebook.writing(**paths) as book:
        rename(book, "Newest")
        raise RuntimeError
    paths["working"].unlink()
    with Casebook.writing(**paths):
        pass
    assert published_name(paths) == "Newest"


def test_it_goes_on_too_where_all_before_it_was_published_as_one_file(paths):
    note(paths, "Old")
    assert not log_in(paths["published"]).exists()
    with pytest.raises(RuntimeError), Casebook.writing(**paths) as book:
        rename(book, "New")
        raise RuntimeError
    paths["working"].unlink()
    with Casebook.writing(**paths):
        pass
    assert published_name(paths) == "New"
    assert publishing.lost_logs(paths["working"]) == []


def test_a_log_that_continues_nothing_is_set_aside_each_under_its_own_name(paths, tmp_path):
    note(paths, "Old")
    # Not a copy of the same empty casebook, as others are here: whose log it is shows by that.
    strange = tmp_path / "strange.duckdb"
    with publishing.open_working(strange) as con:
        con.execute("create table strangers as select 1 as one")
    log = log_in(strange).read_bytes()
    for _ in range(2):
        paths["working"].unlink()
        log_in(paths["working"]).write_bytes(log)
        with Casebook.writing(**paths):
            pass
    assert published_name(paths) == "Old"
    assert [path.read_bytes() for path in publishing.lost_logs(paths["working"])] == [log, log]
    assert [path.name for path in paths["working"].parent.glob(".*.restoring*")] == []


def test_three_who_wait_for_the_lock_wait_no_longer_than_they_said(paths, holder):
    def wait() -> float:
        before = time.monotonic()
        with pytest.raises(CasebookLocked), Casebook.writing(**paths, wait_s=1.0):
            pass
        return time.monotonic() - before

    with ThreadPoolExecutor(3) as pool:
        waited = [one.result() for one in [pool.submit(wait) for _ in range(3)]]
    assert max(waited) < 1.7


def test_a_lost_published_log_is_published_again(paths):
    note(paths, "Old")
    note(paths, "New")
    log_in(paths["published"]).unlink()
    with pytest.raises(CasebookError, match="is missing, or not the one that was published"):
        published_name(paths)
    with Casebook.writing(**paths):
        pass
    assert published_name(paths) == "New"


def test_both_published_files_copied_under_another_name_are_the_casebook(paths, tmp_path):
    note(paths, "Old")
    note(paths, "New")
    mine = tmp_path / "mine.duckdb"
    mine.write_bytes(paths["published"].read_bytes())
    log_in(mine).write_bytes(log_in(paths["published"]).read_bytes())
    with duckdb.connect(mine):
        pass
    assert not log_in(mine).exists()
    with duckdb.connect(mine, read_only=True) as plain:
        assert plain.table("brands").select("name").fetchall() == [("New",)]


def test_the_log_of_a_newer_file_is_refused_beside_an_older_one(paths, tmp_path):
    note(paths, "Old")
    older = tmp_path / "older.duckdb"
    older.write_bytes(paths["published"].read_bytes())
    paths["published"].unlink()
    note(paths, "New")
    note(paths, "Newer")
    log_in(older).write_bytes(log_in(paths["published"]).read_bytes())
    with pytest.raises(CasebookError, match="cannot be opened"):
        open_snapshot(older)


def test_a_casebook_of_an_older_storage_version_is_brought_along(paths, tmp_path):
    note(paths, "Old")
    with duckdb.connect(":memory:") as con:
        con.execute(f"attach '{paths['working']}' as mine (read_only)")
        con.execute(f"attach '{tmp_path / 'old.duckdb'}' as old (storage_version 'v1.0.0')")
        con.execute("create table old.brands as from mine.brands")
    (tmp_path / "old.duckdb").replace(tmp_path / "lone.duckdb")
    con = publishing.open_working(tmp_path / "lone.duckdb")
    with con:
        assert publishing._names_its_log(con)
        assert con.table("brands").select("name").fetchall() == [("Old",)]


def test_when_something_was_published_last_is_known_of_a_log_too(paths):
    note(paths, "Old")
    old = datetime(2020, 1, 1, tzinfo=UTC)
    os.utime(paths["published"], (old.timestamp(), old.timestamp()))
    assert publishing.published_at(paths["published"]) == old
    note(paths, "New")
    note(paths, "Newer")
    assert datetime.now(UTC) - publishing.published_at(paths["published"]) < timedelta(minutes=5)
