"""The published log, damaged or taken away: readers are told, and the next writer mends it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.casework import make_casebook
from namaak.casework.casebook import Casebook
from namaak.casework.lastpublished import State, log_of, read_last
from namaak.casework.lifecycle import Decision, DecisionKind
from namaak.casework.publishing import published_at
from namaak.casework.reading import chain_head, open_snapshot, read_rows
from namaak.errors import CasebookError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Paths = dict[str, Path]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A casebook whose latest decisions are in the published log alone."""
    found = make_casebook(tmp_path, cases=3, signals_per_case=2)
    for note in ("one", "two", "three"):
        decide(found, note)
    assert log_of(found["published"]).exists()
    return found


def decide(paths: Paths, note: str) -> None:
    with Casebook.writing(**paths) as book, open_snapshot(paths["published"]) as con:
        case = next(read_rows(con, "select min(case_id) as case_id from cases"))["case_id"]
        book.decide(case, Decision(kind=DecisionKind.NOTE, note=note), actor="Ada", now=NOW)


def ends_in(paths: Paths) -> int:
    with open_snapshot(paths["published"]) as con:
        return chain_head(con).seq


def cut(log: Path) -> None:
    content = log.read_bytes()
    log.unlink()
    log.write_bytes(content[: len(content) // 2])


def garbage(log: Path) -> None:
    size = log.stat().st_size
    log.unlink()
    log.write_bytes(b"?" * (size + 1000))


def empty(log: Path) -> None:
    log.unlink()
    log.touch()


def dangling(log: Path) -> None:
    log.unlink()
    log.symlink_to(log.with_name("nowhere"))


def looping(log: Path) -> None:
    log.unlink()
    log.symlink_to(log)


@pytest.mark.parametrize("damage", [Path.unlink, cut, empty, garbage, dangling, looping])
def test_a_log_that_is_not_what_was_published_is_told_to_readers_and_mended_by_writers(
    paths: Paths, damage: Callable[[Path], None]
) -> None:
    before = ends_in(paths)
    damage(log_of(paths["published"]))
    with pytest.raises(CasebookError) as caught:
        open_snapshot(paths["published"])
    assert "casebook.duckdb" in str(caught.value) and "\n" not in str(caught.value)
    assert published_at(paths["published"]).tzinfo is UTC
    with Casebook.writing(**paths):
        pass
    assert ends_in(paths) == before


def test_a_log_that_was_put_there_by_a_writer_killed_before_it_told_so_is_read(
    paths: Paths,
) -> None:
    told = paths["published"].with_name("casebook.duckdb.last-published")
    old = told.read_bytes()
    before = ends_in(paths)
    decide(paths, "four")
    told.write_bytes(old)
    assert read_last(paths["published"]).log != State.of(log_of(paths["published"]))
    assert ends_in(paths) > before


def test_a_writer_killed_between_two_whole_files_leaves_readers_the_last_whole_one(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if self.name.endswith(".publishing"):
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr("namaak.casework.casebook.log_is_enough", lambda *_: False)
    monkeypatch.setattr(Path, "replace", killed)
    before = ends_in(paths)
    with pytest.raises(KeyboardInterrupt):
        decide(paths, "four")
    monkeypatch.undo()
    assert not log_of(paths["published"]).exists()
    assert 0 < ends_in(paths) < before


def test_of_a_backup_put_in_their_place_nothing_is_claimed(paths: Paths, tmp_path: Path) -> None:
    """Another file lies there: it ends where it ends."""
    backup = Path(shutil.copy(paths["published"], tmp_path / "backup"))
    before = ends_in(paths)
    log_of(paths["published"]).unlink()
    backup.replace(paths["published"])
    assert 0 < ends_in(paths) < before
