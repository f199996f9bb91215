"""Gathering: on from where it stopped, each row once, and one bad instance harms no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from namaak.brands import WatchFile, parse_watch_file
from namaak.errors import Failure, SourceError, UsageError, WatchFileError
from namaak.fetch import Attempt
from namaak.gathering import (
    Gathered,
    gather_instance,
    left_out,
    open_instances,
    record_unlisted,
    wanted_sources,
)
from namaak.lake import Lake
from namaak.records import OBSERVATION_SCHEMA
from namaak.sources.base import (
    Batch,
    Gap,
    Head,
    Instance,
    IntegrityError,
    Reject,
    Source,
    SourceConfig,
)

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
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
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
    assert gathered.in_words() == "nothing new"
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
            self,
            instance: Instance,
            start: int = 0,
            *,
            observed_at: datetime,
            state: str | None = None,
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
    for source, instance in open_instances(wanted_sources(watch)):
        assert isinstance(instance, Instance)
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
        list(open_instances(wanted_sources(off, only=["files"])))
    assert list(open_instances(wanted_sources(off))) == []


def test_only_the_sources_asked_for_are_opened(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("acme-login.example\n")
    inputs = '[sources.files]\n[[sources.files.inputs]]\npath = "good.txt"\nkind = "host"\n'
    opened = list(open_instances(wanted_sources(watch_with(tmp_path, inputs), only=["files"])))
    assert [source.name for source, _ in opened] == ["files"]


def test_a_bad_table_of_a_source_is_a_fault_of_the_watch_file(tmp_path: Path) -> None:
    with pytest.raises(WatchFileError, match=r"\[sources\] flies"):
        list(open_instances(wanted_sources(watch_with(tmp_path, "[sources.flies]\n"))))


class Log(Source[SourceConfig]):
    """A growing instance with a state of its own; contradicts itself when it is told to."""

    name = "log-of-a-test"

    def __init__(self, *, lies: bool = False) -> None:
        self.lies = lies
        self.given: list[tuple[int, str | None]] = []

    def instances(self) -> list[Instance]:
        return [Instance(id="log", label="A log", kind=None)]

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        self.given.append((start, state))
        if self.lies:
            heads = (head(20, "fork"), head(10, "verified"))
            raise IntegrityError("A log signed two trees of 20 entries.", heads)
        empty = OBSERVATION_SCHEMA.empty_table()
        gaps = (Gap(start=start, end=start + 10, reason="before the first run"),)
        attempts = (attempt(),)
        yield Batch(
            instance_id=instance.id, start=start, end=start + 10, observations=empty, rejects=(),
            skipped=0, images={}, last=False, state=f"after {start + 10}", gaps=gaps,
            heads=(head(start + 10, "verified"),), attempts=attempts,
        )  # fmt: skip


def head(size: int, verdict: str) -> Head:
    text = f"log\n{size}\nroot\n"
    return Head(size=size, root="00" * 32, signed_at=NOW, text=text, verdict=verdict)


def attempt() -> Attempt:
    return Attempt(
        url="https://log.example/tile/0/000", failure=Failure.THROTTLED, status=429,
        says="asks for patience", at=NOW,
    )  # fmt: skip


def read_log(log: Log, lake: Path) -> Gathered:
    return gather_instance(log, log.instances()[0], lake, now=lambda: NOW)


def test_a_growing_instance_is_given_its_state_back_and_is_never_complete(tmp_path: Path) -> None:
    read_log(Log(), tmp_path)
    log = Log()
    gathered = read_log(log, tmp_path)
    assert log.given == [(10, "after 10")]
    assert gathered.left_out == 10 and "10 left out on purpose" in gathered.in_words()


def test_gaps_heads_and_failed_attempts_are_kept_with_the_batch(tmp_path: Path) -> None:
    for _ in range(2):
        read_log(Log(), tmp_path)
    with Lake(tmp_path) as lake:
        account = lake.coverage()
        kept = lake.signed_heads("log-of-a-test", "log")
    assert [(gap["start_position"], gap["end_position"]) for gap in account.gaps.to_pylist()] == [
        (0, 10), (10, 20),
    ]  # fmt: skip
    # The larger head of a day proves what the smaller one did.
    assert [(one["size"], one["signed_text"]) for one in kept] == [(20, "log\n20\nroot\n")]
    (counted,) = account.attempts.to_pylist()
    assert (counted["failure"], counted["status"], counted["attempts"]) == ("throttled", 429, 2)
    (instance,) = account.instances.to_pylist()
    assert (instance["next_position"], instance["head_size"]) == (20, 20)


def test_of_heads_that_accuse_nobody_one_a_day_is_kept_and_evidence_is_never_thinned(
    tmp_path: Path,
) -> None:
    empty = OBSERVATION_SCHEMA.empty_table()

    def keep(lake: Lake, day: int, *heads: Head) -> None:
        batch = Batch(
            instance_id="log", start=0, end=0, observations=empty, rejects=(), skipped=0,
            images={}, last=False, heads=heads,
        )  # fmt: skip
        lake.append(batch, source="s", label="log", gathered_at=NOW + timedelta(days=day))

    with Lake(tmp_path) as lake:
        for size in (5, 3, 4):
            for verdict in ("verified", "older", "stale", "fork", "shrunken"):
                keep(lake, 0, head(size, verdict))
        keep(lake, 1, head(2, "older"), head(4, "older"))
        kept = [(one["verdict"], one["size"]) for one in lake.signed_heads("s", "log")]
    assert sorted(kept) == [
        ("fork", 3), ("fork", 4), ("fork", 5), ("older", 2), ("older", 4),
        ("shrunken", 3), ("shrunken", 4), ("shrunken", 5), ("stale", 4),
        ("verified", 4), ("verified", 5),
    ]  # fmt: skip


def test_of_a_head_too_long_for_any_the_beginning_is_kept_and_said_to_be_one(
    tmp_path: Path,
) -> None:
    text = "x" * 300_000
    rude = Head(size=0, root="", signed_at=None, text=text, verdict="bad-signature")
    with Lake(tmp_path) as lake:
        lake.record_failure(
            IntegrityError("It is not signed.", (rude,)), source="s", instance="log", label="log",
            at=NOW, heads=(rude,),
        )  # fmt: skip
        (kept,) = lake.signed_heads("s", "log")
    assert kept["signed_text"].startswith("x" * 65_536 + "\n[cut here: 300,000 ")
    assert len(kept["signed_text"]) < 66_000


def test_a_log_that_contradicts_itself_is_stopped_and_keeps_both_heads(tmp_path: Path) -> None:
    read_log(Log(), tmp_path)
    with pytest.raises(SourceError, match="two trees"):
        read_log(Log(lies=True), tmp_path)
    honest = Log()
    with pytest.raises(SourceError, match=r"two trees of .* It is not read any more"):
        read_log(honest, tmp_path)
    assert honest.given == []
    with Lake(tmp_path) as lake:
        verdicts = {(one["size"], one["verdict"]) for one in lake.signed_heads(honest.name, "log")}
        assert verdicts >= {(20, "fork"), (10, "verified")}
        assert lake.cursor(honest.name, "log").next_position == 10
        assert lake.resume(honest.name, "log", actor="ann", at=NOW)
        assert not lake.resume(honest.name, "log", actor="ann", at=NOW)
    assert read_log(honest, tmp_path).batches == 1
    assert honest.given == [(10, "after 10")]


def test_a_source_that_cannot_say_what_it_has_leaves_the_others_alone(tmp_path: Path) -> None:
    class Silent(Log):
        def instances(self) -> list[Instance]:
            raise SourceError("The list of logs cannot be read.", Failure.TRANSIENT)

    found = list(open_instances([Silent(), Log()]))
    source, error = found[0]
    assert isinstance(error, SourceError)
    gathered = record_unlisted(source, error, tmp_path, now=lambda: NOW)
    assert gathered.failure == "The list of logs cannot be read."
    with Lake(tmp_path) as lake:
        (counted,) = lake.coverage().attempts.to_pylist()
    assert (counted["failure"], counted["last_says"]) == ("transient", gathered.failure)
    assert isinstance(found[1][1], Instance)


def test_a_source_that_lacks_its_key_is_passed_over_in_one_line_and_fails_nothing() -> None:
    class Keyless(Log):
        def lacks(self) -> str | None:
            return "log is left out: set LOG_TOKEN in the environment to read it."

        def instances(self) -> list[Instance]:
            raise AssertionError("was asked for what it has, without a key")

    keyless, log = Keyless(), Log()
    assert [source for source, _ in open_instances([keyless, log])] == [log]
    (passed_over,) = left_out([keyless, log])
    assert passed_over.failure is None
    assert passed_over.in_words() == "log is left out: set LOG_TOKEN in the environment to read it."


def test_an_instance_that_never_could_be_read_is_known_and_its_failure_counted(
    tmp_path: Path,
) -> None:
    with pytest.raises(SourceError):
        gather(Hosts(breaks_at=0), tmp_path)
    with Lake(tmp_path) as lake:
        account = lake.coverage()
    assert [row["next_position"] for row in account.instances.to_pylist()] == [0]
    assert [row["failure"] for row in account.attempts.to_pylist()] == ["malformed"]


def test_what_a_source_learned_meanwhile_is_not_taken_back_by_another_run(tmp_path: Path) -> None:
    """Both start from the same state at the same position; the first to store it wins."""

    class Learning(Log):
        def __init__(self, says: str, meanwhile: Callable[[], None] = lambda: None) -> None:
            super().__init__()
            self.says, self.meanwhile = says, meanwhile

        def batches(self, instance: Instance, start: int = 0, **_: object) -> Iterator[Batch]:
            self.meanwhile()
            yield Batch(
                instance_id=instance.id, start=start, end=start, rejects=(), skipped=0, images={},
                observations=OBSERVATION_SCHEMA.empty_table(), last=False, state=self.says,
            )  # fmt: skip

    read_log(Log(), tmp_path)
    newer = Learning("newer")
    read_log(Learning("older", meanwhile=lambda: read_log(newer, tmp_path) and None), tmp_path)
    with Lake(tmp_path) as lake:
        assert lake.cursor(Log.name, "log").state == "newer"


def test_nothing_more_is_stored_of_a_log_that_another_run_stopped(tmp_path: Path) -> None:
    class Slow(Log):
        def batches(self, instance: Instance, start: int = 0, **given: Any) -> Iterator[Batch]:
            with pytest.raises(SourceError):
                read_log(Log(lies=True), tmp_path)
            yield from super().batches(instance, start, **given)

    read_log(Log(), tmp_path)
    assert read_log(Slow(), tmp_path).batches == 0
