"""Gathering: on from where it stopped, each row once, and one bad instance harms no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from namaak.brands import WatchFile, parse_watch_file
from namaak.errors import SourceError, UsageError, WatchFileError
from namaak.gathering import Gathered, gather_instance, open_instances
from namaak.lake import Lake
from namaak.records import OBSERVATION_SCHEMA
from namaak.sources.base import Batch, Instance, Reject, Source, SourceConfig

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
WATCH = '[watch]\ncontact = "abuse@acme.example"\n[brands.acme]\nname = "ACME"\n'
HOSTS = [f"host{number}.example" for number in range(10)]


class Hosts(Source[SourceConfig]):
    """Ten hosts, two a batch, one refused row each; may stop on the way."""

    name = "hosts-of-a-test"

    def __init__(self, *, breaks_at: int | None = None) -> None:
        self.breaks_at = breaks_at
        self.asked_from: list[int] = []

    def instances(self) -> list[Instance]:
        return [Instance(id="one", label="one.txt", kind=None)]

    def batches(
        self, instance: Instance, start: int = 0, *, observed_at: datetime
    ) -> Iterator[Batch]:
        self.asked_from.append(start)
        for begin in range(start, len(HOSTS), 2):
            if begin == self.breaks_at:
                raise SourceError("one.txt is damaged after row 4; fetch it again.")
            rows = [
                {
                    "source": self.name,
                    "instance": instance.id,
                    "position": position,
                    "observed_at": observed_at,
                    "subject_kind": "host",
                    "subject_key": f"host:{HOSTS[position]}",
                    "host": HOSTS[position],
                }
                for position in (begin, begin + 1)
            ]
            yield Batch(
                instance_id=instance.id,
                start=begin,
                end=begin + 2,
                observations=pa.Table.from_pylist(rows, schema=OBSERVATION_SCHEMA),
                rejects=(Reject(position=begin, reason="odd", excerpt="x"),),
                skipped=0,
                images={},
                last=begin + 2 == len(HOSTS),
            )


def gather(source: Hosts, lake: Path) -> Gathered:
    return gather_instance(source, source.instances()[0], lake, now=lambda: NOW)


def totals(lake: Path) -> tuple[int, int]:
    with Lake(lake) as opened:
        found = opened.totals()
    return found["rows"], found["first_seen_rows"]


def watch_with(folder: Path, inputs: str = "") -> WatchFile:
    return parse_watch_file(WATCH + inputs, folder=folder)


def test_an_instance_is_read_to_its_end_and_counted(tmp_path: Path) -> None:
    gathered = gather(Hosts(), tmp_path)
    assert gathered == Gathered(
        source="hosts-of-a-test",
        label="one.txt",
        batches=5,
        rows=10,
        first_seen_rows=10,
        rejected=5,
    )
    assert gathered.in_words() == "10 rows, 10 never seen before, 5 refused with a reason"
    assert totals(tmp_path) == (10, 10)


def test_what_was_read_to_its_end_is_not_asked_again(tmp_path: Path) -> None:
    gather(Hosts(), tmp_path)
    again = Hosts()
    gathered = gather(again, tmp_path)
    assert gathered.batches == gathered.rows == 0
    assert gathered.in_words() == "nothing new, it was read before"
    assert again.asked_from == []


def test_a_failure_on_the_way_keeps_the_whole_batches_before_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="damaged after row 4"):
        gather(Hosts(breaks_at=4), tmp_path)
    assert totals(tmp_path) == (4, 4)


def test_the_next_run_goes_on_where_the_failed_one_stopped(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        gather(Hosts(breaks_at=4), tmp_path)
    resumed = Hosts()
    gathered = gather(resumed, tmp_path)
    assert resumed.asked_from == [4]
    assert (gathered.batches, gathered.rows) == (3, 6)
    assert totals(tmp_path) == (10, 10)


def test_a_second_gatherer_leaves_the_rest_to_the_first(tmp_path: Path) -> None:
    """Both stand at the start; while one waits in the middle, the other reads everything."""
    gate, inside = threading.Event(), threading.Event()
    fetched: list[int] = []

    class Slow(Hosts):
        def batches(
            self, instance: Instance, start: int = 0, *, observed_at: datetime
        ) -> Iterator[Batch]:
            for batch in super().batches(instance, start, observed_at=observed_at):
                fetched.append(batch.start)
                if batch.start == 4:
                    inside.set()
                    assert gate.wait(20)
                yield batch

    slow: list[Gathered] = []
    waiting = threading.Thread(target=lambda: slow.append(gather(Slow(), tmp_path)))
    waiting.start()
    assert inside.wait(20)
    fast = gather(Hosts(), tmp_path)
    gate.set()
    waiting.join(20)
    assert (slow[0].rows, fast.rows) == (4, 6)
    assert fetched == [0, 2, 4]  # nothing was fetched that the other has already
    assert totals(tmp_path) == (10, 10)


def test_the_moment_of_looking_is_the_caller_s(tmp_path: Path) -> None:
    gather(Hosts(), tmp_path)
    with Lake(tmp_path) as lake:
        seen = lake.observation("hosts-of-a-test", "one", 3)
    assert seen is not None and seen["observed_at"] == NOW


def test_an_instance_that_cannot_be_read_leaves_the_others_alone(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("acme-login.example\n")
    inputs = "".join(
        f'[[sources.files.inputs]]\npath = "{name}"\nkind = "host"\n'
        for name in ("gone.txt", "good.txt")
    )
    watch = watch_with(tmp_path, "[sources.files]\n" + inputs)
    came: dict[str, Gathered] = {}
    for source, instance in open_instances(watch):
        try:
            gathered = gather_instance(source, instance, tmp_path / "lake", now=lambda: NOW)
        except SourceError as error:
            gathered = Gathered.failed(source.name, instance.label, str(error))
        came[Path(instance.label).name] = gathered
    assert came["good.txt"].failure is None and came["good.txt"].rows == 1
    assert came["gone.txt"].failure is not None and "gone.txt" in came["gone.txt"].failure


def test_a_failure_is_told_in_its_own_words_and_counts_nothing() -> None:
    gathered = Gathered.failed("files", "a.csv", "a.csv is empty; drop it.")
    assert gathered.in_words() == "a.csv is empty; drop it."
    assert (gathered.batches, gathered.rows, gathered.rejected) == (0, 0, 0)


def test_a_source_that_is_not_switched_on_cannot_be_asked_for(tmp_path: Path) -> None:
    off = watch_with(tmp_path, "[sources.files]\nenabled = false\n")
    with pytest.raises(UsageError, match="'files' is not switched on"):
        list(open_instances(off, only=["files"]))
    assert list(open_instances(off)) == []


def test_only_the_sources_asked_for_are_opened(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("acme-login.example\n")
    inputs = '[sources.files]\n[[sources.files.inputs]]\npath = "good.txt"\nkind = "host"\n'
    opened = list(open_instances(watch_with(tmp_path, inputs), only=["files"]))
    assert [source.name for source, _ in opened] == ["files"]


def test_a_bad_table_of_a_source_is_a_fault_of_the_watch_file(tmp_path: Path) -> None:
    with pytest.raises(WatchFileError, match=r"\[sources\] flies"):
        list(open_instances(watch_with(tmp_path, "[sources.flies]\n")))
