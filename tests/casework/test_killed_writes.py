"""Writers killed at any moment: what was acknowledged is there, once and in order.

One process writes on and on; for each kill it makes a child, which opens the casebook, writes and
publishes, and tells what is finished. A random while later the child is killed with SIGKILL.
"""

from __future__ import annotations

import json
import os
import random
import selectors
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from namaak.casework import publishing
from namaak.casework.casebook import Casebook
from namaak.casework.lifecycle import Decision, DecisionKind
from namaak.casework.reading import find_cases, open_snapshot, read_rows, verify_history
from namaak.records import MATCH_SCHEMA, Band, Score, Signal, case_id, match_id

NOW = datetime(2026, 11, 21, tzinfo=UTC)
KILLS = 200
HOSTS = 12


def paths_in(folder: Path) -> dict[str, Path]:
    return {"working": folder / "working" / "casebook.duckdb", "published": folder / "c.duckdb"}


def matches(hosts: list[str], strength: float) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "match_id": match_id([host]), "brand_id": "acme", "subject_key": f"host:{host}",
                "subject_kind": "host", "source": "files", "instance": "a", "position": number,
                "observed_at": NOW, "field": "host", "value": host, "term": "Acme",
                "resemblance": "combosquat", "place": "edge", "distance": 0, "strength": strength,
                "span_start": 0, "span_end": 4, "layers": [], "lures": [], "traits": [],
                "evidence": {"llr": strength}, "detector": "names/1", "tables": "t/1",
            }
            for number, host in enumerate(hosts)
        ],
        schema=MATCH_SCHEMA,
    )  # fmt: skip


def rank(brand_id: str, rows: list[dict]) -> Score:
    total = round(100 * max(row["strength"] for row in rows))
    signal_ = Signal(
        name="name.combosquat", says=f"It is like the name, {total}", raw="", weight=1.0,
        contribution=float(total), detector="names/1",
    )  # fmt: skip
    return Score(score=total, band=Band.REVIEW, signals=(signal_,), gates=())


def hosts() -> list[str]:
    return [f"acme{number}.example" for number in range(HOSTS)]


def write(paths: dict[str, Path], number: int, tell: int) -> None:
    """One writing of each kind in turn; tells what it wrote when it is published."""
    chosen = random.Random(number)
    notes = []
    with Casebook.writing(**paths) as book:
        if number % 8 == 3:
            book.load_matches(
                matches(hosts()[: chosen.randint(1, HOSTS)], chosen.choice((0.5, 0.6, 0.7))),
                file=f"file {number}", rank=rank, brand_names={}, subjects={}, now=NOW,
                rank_version=str(number),
            )  # fmt: skip
            notes.append({"file": f"file {number}"})
        for turn in range(chosen.randint(1, 2)):
            cases = [case_id("acme", f"host:{host}") for host in chosen.sample(hosts(), 2)]
            said = f"note {number}.{turn}"
            decision = Decision(kind=DecisionKind.NOTE, note=said)
            book.decide_all(cases, decision, actor="ann", now=NOW + timedelta(seconds=number))
            book.decide(
                cases[0],
                Decision(kind=DecisionKind.ASSIGN, assignee=f"person {number}.{turn}"),
                actor="ann", now=NOW + timedelta(seconds=number),
            )  # fmt: skip
            notes += [{"note": said, "case": case} for case in cases]
    os.write(tell, (json.dumps(notes) + "\n").encode())


def killed_after(work, seconds: float | None) -> tuple[list[dict], bool, float]:
    """What a child told, whether it was killed (not: finished by itself), and how long it ran.

    seconds: None lets it end by itself.
    """
    heard, tell = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            os.close(heard)
            work(tell)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(tell)
    ends = began + (60 if seconds is None else seconds)
    # The pipe ends when the child does.
    with selectors.DefaultSelector() as ended, os.fdopen(heard) as told:
        ended.register(heard, selectors.EVENT_READ)
        ended.select(max(ends - time.monotonic(), 0))
        if seconds is None or time.monotonic() < ends:
            # It told something, so only its end is left; or it died by its own hand.
            ended.select(60)
        else:
            os.kill(child, signal.SIGKILL)
        lines = told.read().splitlines()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the writer failed by itself"
    notes = [note for line in lines for note in json.loads(line)]
    return notes, os.WIFSIGNALED(status), time.monotonic() - began


def found(published: Path) -> tuple[Counter[tuple[str, str]], set[str], list[dict]]:
    """The notes per case, the loaded files, and the rows of the cases with their last events."""
    with open_snapshot(published) as con:
        assert verify_history(con) is None
        notes = Counter(
            (json.loads(row["data"])["note"], row["case_id"])
            for row in read_rows(con, "from events where kind = 'noted'")
        )
        files = {row["match_file"] for row in read_rows(con, "from loads")}
        rows = list(
            read_rows(
                con,
                "select cases.*, (select arg_max(data ->> '$.assignee_to', seq) from events "
                "where events.case_id = cases.case_id and kind = 'assigned') as told_assignee, "
                "(select arg_max(data, seq) from events where events.case_id = cases.case_id "
                "and kind in ('opened', 'score-changed')) as told_score from cases",
            )
        )
        assert len(con.table("inbox").fetchall()) == len(find_cases(con))
    return notes, files, rows


@pytest.fixture
def paths(tmp_path) -> dict[str, Path]:
    paths = paths_in(tmp_path)
    with Casebook.writing(**paths) as book:
        book.load_matches(
            matches(hosts(), 0.5), file="first", rank=rank, brand_names={}, subjects={}, now=NOW,
            rank_version="1",
        )  # fmt: skip
    return paths


def test_sigkill_at_200_random_moments_loses_nothing_that_was_acknowledged(paths, monkeypatch):
    # Now and then the whole file is copied, too.
    monkeypatch.setattr(publishing, "MOST_LOG_BYTES", 6_000)
    chosen = random.Random(20261122)
    acknowledged: list[dict] = []
    killed = unheard = 0
    takes_s = 0.0
    for number in range(-3, KILLS):
        told, was_killed, ran_s = killed_after(
            lambda tell, number=number: write(paths, number, tell),
            # The first are let be, to learn how long a writing takes on this machine now.
            chosen.uniform(0, 1.4 * takes_s) if number >= 0 else None,
        )
        killed += was_killed
        unheard += not told
        acknowledged += told
        takes_s = ran_s if not takes_s else 0.9 * takes_s + 0.1 * ran_s if told else takes_s * 1.02
        if number % 20 == 0 and told:
            # What was told is published at once, not only after the next writer.
            notes, files, _ = found(paths["published"])
            assert all(is_there(one, notes, files) for one in told)
    with Casebook.writing(**paths):
        pass
    notes, files, rows = found(paths["published"])
    assert all(is_there(one, notes, files) for one in acknowledged)
    assert set(notes.values()) == {1}
    assert len(rows) == HOSTS
    for row in rows:
        assert row["assignee"] == row["told_assignee"]
        told = json.loads(row["told_score"])
        assert row["score"] == told.get("to", told)["score"]
        assert json.loads(row["reasons"]) == [f"It is like the name, {row['score']}"]
    # Otherwise the kills came too early or too late to say anything.
    assert killed > KILLS // 4
    assert len(acknowledged) > KILLS // 4


def is_there(told: dict, notes: Counter[tuple[str, str]], files: set[str]) -> bool:
    return told["file"] in files if "file" in told else (told["note"], told["case"]) in notes


@pytest.mark.parametrize("most_bytes", [0, 10**9], ids=["whole", "log"])
@pytest.mark.parametrize("step", range(6))
def test_a_publisher_killed_after_any_step_leaves_readers_a_sound_casebook(paths, most_bytes, step):
    """Each call that changes what lies there is the last one once."""
    write_note(paths, "before")
    write_note(paths, "logged")

    def dying(tell: int) -> None:
        calls = iter(range(100))

        def then_die(real):
            def call(*arguments, **named):
                result = real(*arguments, **named)
                if next(calls) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return result

            return call

        publishing.MOST_LOG_BYTES = most_bytes
        for where, name in (
            (publishing.durable, "copy"), (publishing.durable, "flush_folder"),
            (publishing.Path, "unlink"), (publishing.Path, "replace"),
        ):  # fmt: skip
            setattr(where, name, then_die(getattr(where, name)))
        write_note(paths, "after")

    # The first calls are those of the lock's owner, so not all are the publisher's.
    _, was_killed, _ = killed_after(dying, None)
    assert was_killed
    notes, _, _ = found(paths["published"])
    assert {note for note, _ in notes} in (
        {"before", "logged", "after"}, {"before", "logged"}, set()
    )  # fmt: skip
    with Casebook.writing(**paths):
        pass
    notes, _, _ = found(paths["published"])
    assert {note for note, _ in notes} >= {"before", "logged"}


def write_note(paths: dict[str, Path], note: str) -> None:
    with Casebook.writing(**paths) as book:
        book.decide(
            case_id("acme", f"host:{hosts()[0]}"),
            Decision(kind=DecisionKind.NOTE, note=note), actor="ann", now=NOW,
        )  # fmt: skip
