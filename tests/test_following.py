"""Following: every instance again and again, none held up by another, gone within seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from namaak.errors import Failure, SourceError, UsageError
from namaak.following import follow, follow_until_stopped
from namaak.lake import Lake
from namaak.records import OBSERVATION_SCHEMA, SubjectKind
from namaak.sources.base import Batch, Instance, IntegrityError, Source, SourceConfig
from tests.surroundings import around

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 7, 1, tzinfo=UTC)


class Polled(SourceConfig):
    poll_s: float = 0.02


class Growing(Source[Polled]):
    """Instances that have a host more each time they are asked; some misbehave."""

    name = "growing-of-a-test"
    kinds = frozenset({SubjectKind.HOST})
    networked = True
    Config = Polled

    def __init__(self, folder: Path, *ids: str) -> None:
        super().__init__(Polled(), around(folder))
        self.ids = list(ids)
        self.asked: dict[str, int] = {}
        self.times: list[float] = []
        self.honest = False

    def instances(self) -> Iterator[Instance]:
        for one in self.ids:
            yield Instance(id=one, label=one, kind=SubjectKind.HOST)

    def batches(self, instance, start=0, *, observed_at, state=None):
        count = self.asked[instance.id] = self.asked.get(instance.id, 0) + 1
        self.times.append(time.monotonic())
        if instance.id == "failing":
            raise SourceError("It does not answer.", Failure.TRANSIENT)
        if instance.id == "forked" and not self.honest:
            raise IntegrityError("It contradicts itself.", ())
        if instance.id == "slow":
            while not self.around.stop.wait(0.01):
                pass
            return
        if instance.id == "hanging":
            time.sleep(30)
        if instance.id == "defect":
            raise ZeroDivisionError
        if instance.id == "shy" and count == 2:
            raise SourceError("Not now.", Failure.TRANSIENT)
        yield _batch(self.name, instance.id, start, observed_at)


def _batch(source: str, instance: str, start: int, observed_at: datetime) -> Batch:
    host = f"{instance}-{start}.example"
    values = {
        "source": source, "instance": instance, "position": start, "observed_at": observed_at,
        "subject_kind": "host", "subject_key": f"host:{host}", "host": host,
    }  # fmt: skip
    return Batch(
        instance_id=instance, start=start, end=start + 1,
        observations=pa.Table.from_pylist([values], schema=OBSERVATION_SCHEMA),
        rejects=(), skipped=0, images={}, last=False,
    )  # fmt: skip


class Following:
    """Runs `follow` until a condition holds, and keeps what it told."""

    def __init__(self, folder: Path, source: Source, **how) -> None:
        self.folder = folder
        self.source = source
        self.how = {"least_poll_s": 0.0, "relist_s": 60.0} | how
        self.told: list[tuple[str, str]] = []
        self.left_s = 0.0

    def until(self, condition) -> dict:
        stop = threading.Event()
        began = [0.0]

        def watch() -> None:
            end = time.monotonic() + 20
            while not condition() and time.monotonic() < end and not stop.is_set():
                time.sleep(0.01)
            began[0] = time.monotonic()
            stop.set()

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            done = follow(
                [self.source], self.folder / "lake", now=lambda: NOW, stop=stop,
                tell=lambda label, says: self.told.append((label, says)), **self.how,
            )  # fmt: skip
        finally:
            stop.set()
            watching.join()
        self.left_s = time.monotonic() - began[0]
        return {one.label: one for one in done}


def _rows(folder: Path, source: str, instance: str) -> int:
    with Lake(folder / "lake") as lake:
        return lake.cursor(source, instance).next_position


def test_instances_are_read_again_and_again_side_by_side(tmp_path):
    source = Growing(tmp_path, "one", "two", "three")
    done = Following(tmp_path, source).until(
        lambda: min((source.asked.get(one, 0) for one in source.ids), default=0) >= 4
    )
    for one in source.ids:
        assert done[one].rows >= 3
        assert done[one].rows == done[one].first_seen_rows == _rows(tmp_path, source.name, one)


def test_one_that_fails_is_asked_less_often_and_told_once(tmp_path):
    # Made before: a lake that several make at once may refuse one of them, and a run that the lake
    # refused is a failure too, of which the source knows nothing.
    Lake(tmp_path / "lake").close()
    source = Growing(tmp_path, "one", "failing")
    following = Following(tmp_path, source)
    done = following.until(lambda: source.asked.get("one", 0) >= 15)
    assert 2 <= source.asked["failing"] < source.asked["one"] / 2
    assert following.told.count(("failing", "It does not answer.")) == 1
    assert done["failing"].failures == source.asked["failing"]
    assert done["one"].failures == 0


def test_what_is_told_moves_no_cursor_though_it_quotes_strangers(tmp_path):
    class Rude(Growing):
        def batches(self, instance, start=0, *, observed_at, state=None):
            raise SourceError("It says \x1b[2J\r.", Failure.TRANSIENT)

    source = Rude(tmp_path, "\x1b]0;owned\x07")
    following = Following(tmp_path, source)
    following.until(lambda: bool(following.told))
    assert following.told == [("\\x1b]0;owned\\x07", "It says \\x1b[2J\\r.")]


def test_one_that_recovers_says_so_and_goes_on(tmp_path):
    source = Growing(tmp_path, "shy")
    following = Following(tmp_path, source)
    done = following.until(lambda: source.asked.get("shy", 0) >= 5)
    assert ("shy", "Not now.") in following.told
    assert done["shy"].rows >= 3


def test_one_that_contradicts_itself_is_stopped_and_the_others_go_on(tmp_path):
    source = Growing(tmp_path, "forked", "one")
    done = Following(tmp_path, source).until(lambda: source.asked.get("one", 0) >= 5)
    assert source.asked["forked"] == 1
    assert done["forked"].stopped == "It contradicts itself."
    assert done["one"].stopped is None


def test_one_that_a_person_lets_go_on_is_read_again_at_once(tmp_path):
    source = Growing(tmp_path, "forked")
    following = Following(tmp_path, source)

    def resumed() -> bool:
        if following.told and not source.honest:
            source.honest = True
            with Lake(tmp_path / "lake") as lake:
                assert lake.resume(source.name, "forked", actor="ann", at=NOW)
        return source.asked.get("forked", 0) >= 4

    done = following.until(resumed)
    assert done["forked"].rows >= 2
    assert done["forked"].stopped is None


def test_it_leaves_within_seconds_though_one_is_in_the_midst_of_a_batch(tmp_path):
    source = Growing(tmp_path, "slow", "one")
    following = Following(tmp_path, source)
    following.until(lambda: source.asked.get("one", 0) >= 2)
    assert following.left_s < 3


def test_one_that_hangs_is_left_behind_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr("namaak.following._LEAVE_S", 0.3)
    source = Growing(tmp_path, "hanging", "one")
    following = Following(tmp_path, source)
    following.until(lambda: source.asked.get("one", 0) >= 2)
    assert following.left_s < 3
    assert "left without waiting for 1: follow growing-of-a-test hanging" in following.told[-1][1]


def test_a_defect_of_ours_ends_it_and_keeps_its_traceback(tmp_path):
    source = Growing(tmp_path, "defect", "one")
    with pytest.raises(ZeroDivisionError):
        Following(tmp_path, source).until(lambda: False)


def test_a_full_disk_is_told_and_tried_again_later(tmp_path):
    (tmp_path / "lake").write_text("in the way")
    source = Growing(tmp_path, "one")
    following = Following(tmp_path, source)
    following.until(lambda: bool(following.told))
    (told,) = {says for _, says in following.told}
    assert "lake" in told


def test_what_is_listed_later_is_followed_and_what_is_listed_no_more_is_left(tmp_path):
    source = Growing(tmp_path, "old")
    following = Following(tmp_path, source, relist_s=0.05)

    def changed() -> bool:
        if source.asked.get("old", 0) >= 2:
            source.ids = ["new"]
        return source.asked.get("new", 0) >= 3 and ("old", _LEFT) in following.told

    following.until(changed)
    assert source.asked["new"] >= 3
    assert ("old", _LEFT) in following.told


_LEFT = "is not listed any more; it is left"


def test_a_source_that_cannot_be_listed_is_tried_again(tmp_path):
    source = Growing(tmp_path, "one")
    listed = source.instances
    failures = iter(range(2))

    def instances() -> Iterator[Instance]:
        if next(failures, None) is not None:
            raise SourceError("The list cannot be fetched.", Failure.TRANSIENT)
        return listed()

    source.instances = instances
    following = Following(tmp_path, source)
    done = following.until(lambda: source.asked.get("one", 0) >= 2)
    assert following.told[0] == (source.name, "The list cannot be fetched.")
    assert done["one"].rows >= 1


def test_an_instance_is_never_asked_more_often_than_its_interval(tmp_path):
    source = Growing(tmp_path, "one")
    began = time.monotonic()
    Following(tmp_path, source, least_poll_s=0.8, jitter=lambda: 0.0).until(
        lambda: source.asked.get("one", 0) >= 4
    )
    # Counted from the beginning: between two of them it may be less, where one was held up.
    for times, asked_at in enumerate(source.times):
        assert asked_at - began >= 0.79 * times


def test_what_every_run_brought_is_given_to_whoever_waits_for_it(tmp_path):
    source = Growing(tmp_path, "one")
    brought = []
    Following(tmp_path, source, gathered=brought.append).until(lambda: len(brought) >= 3)
    assert [one.rows for one in brought[:3]] == [1, 1, 1]


def test_nothing_that_grows_is_a_wrong_use(tmp_path):
    class Still(Growing):
        networked = False

    with pytest.raises(UsageError, match="No source that is switched on grows"):
        follow_until_stopped([Still(tmp_path, "one")], tmp_path / "lake", tell=lambda _: None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_seconds_and_loses_nothing(tmp_path, number):
    program = f"""
        import sys
        from pathlib import Path
        from namaak.following import follow_until_stopped
        from tests.test_following import Growing
        folder = Path({str(tmp_path)!r})
        source = Growing(folder, "one", "slow")
        tell = lambda line: print(line, flush=True)
        sys.exit(follow_until_stopped([source], folder / "lake", tell=tell))
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    with child:
        assert child.stdout is not None
        assert "one: 1 rows, 1 never seen before" in child.stdout.readline()
        began = time.monotonic()
        child.send_signal(number)
        said = child.stdout.read()
        assert child.wait(10) == 0
        assert time.monotonic() - began < 5
    assert "1 rows of 2 instances were stored" in said
    assert _rows(tmp_path, Growing.name, "one") == 1
