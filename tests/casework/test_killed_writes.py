"""Writers killed at any moment: what was acknowledged is there, once and in order.

One process forks a writer, which opens the casebook, writes one thing, publishes and tells that it
is finished, and goes on with the next kind of writing. A random while later it is killed with
SIGKILL, and what readers find then is held against what it told.
"""

from __future__ import annotations

import inspect
import json
import os
import random
import select
import selectors
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from namaak.casework import publishing
from namaak.casework.audit import audit
from namaak.casework.casebook import Casebook
from namaak.casework.events import ChainHead
from namaak.casework.lifecycle import Decision, DecisionKind
from namaak.casework.reading import chain_head, find_cases, open_snapshot, read_rows, verify_history
from namaak.errors import NamaakError
from namaak.records import MATCH_SCHEMA, Band, Score, Signal, case_id, match_id
from tests.casework.killed_kinds import KINDS, Turn, bound_of, fill
from tests.casework.notices.world import World
from tests.casework.plain_lists import wrong_in_lists

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HOSTS = 12
SEED = int(os.environ.get("NAMAAK_KILL_SEED", "20261122"))
KILLS = 200
#: After what a writer told last, or after it was forked.
MOST_DELAY_S = 0.15
#: What a casebook is asked, and what is one of its writer's own.
READING = {
    "known_profiles", "learned", "not_yet_loaded", "over_by", "own_profiles", "pairs",
    "pairs_to_read", "profiles_to_read", "read_batches", "versions_of", "wanted_pictures",
    "wanted_profiles", "weight_versions", "writing",
}  # fmt: skip


@pytest.fixture(autouse=True)
def lists_follow_every_writing():
    """Here the published lists are compared instead, after kills."""


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


@dataclass(frozen=True)
class Done:
    """What a writer acknowledged: all up to this event is published, and this is found there."""

    kind: str
    seq: int
    chain_hash: str
    found: list[tuple[str, list[Any]]]


@dataclass
class Tally:
    """What all writers did together."""

    begun: int = 0
    done: list[Done] = field(default_factory=list)
    acknowledged: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)  #: while at it
    late: int = 0  #: kills after which readers saw all only when the next writer had opened

    def least_tried(self) -> list[str]:
        """The kinds, beginning with those that were acknowledged least."""
        return sorted(KINDS, key=lambda name: (self.acknowledged[name], self.killed[name]))

    def take(self, told: list[dict[str, Any]]) -> list[Done]:
        """Count what one writer told; what it acknowledged."""
        done = [Done(**one["done"]) for one in told if "done" in one]
        begun = [one["begun"] for one in told if "begun" in one]
        self.begun += len(begun)
        self.acknowledged.update(one.kind for one in done)
        self.killed.update(begun[len(done) :])
        self.done += done
        return done


def write_on(world: World, order: list[str], first: int, tell: int) -> None:
    """One kind after the other, each published before the next; ends by being killed."""
    for number, name in enumerate(cycle(order), first):
        os.write(tell, _line(begun=name))
        with Casebook.writing(**world.paths) as book:
            world.book = book
            found = KINDS[name][1](Turn(world, book, number))
            head = chain_head(book._con)
        world.book = None
        told = [(sql, bound_of(bound)) for sql, bound in found]
        os.write(tell, _line(done={"kind": name, "found": told, **_place(head)}))


def _line(**told: Any) -> bytes:
    line = (json.dumps(told) + "\n").encode()
    # Longer ones could be torn by the kill.
    assert len(line) <= select.PIPE_BUF
    return line


def _place(head: ChainHead) -> dict[str, Any]:
    return {"seq": head.seq, "chain_hash": head.chain_hash}


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """The process that does it, and where it tells."""
    heard, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(heard)
            work(tell)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(tell)
    return child, heard


def told_until_killed(
    work: Callable[[int], None], *, acknowledged: int, delay_s: float
) -> list[dict[str, Any]]:
    """What a writer told until it was killed, so long after so many acknowledgements."""
    child, heard = forked(work)
    told = b""
    with selectors.DefaultSelector() as listening, os.fdopen(heard, "rb", buffering=0) as pipe:
        listening.register(pipe, selectors.EVENT_READ)
        while told.count(b'"done"') < acknowledged:
            assert listening.select(300), "the writer tells nothing any more"
            told += (chunk := pipe.read(select.PIPE_BUF) or b"")
            if not chunk:
                break
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
        told += pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the writer failed by itself, see above; it told {told!r}"
    return [json.loads(line) for line in told.splitlines()]


def read_on(published: Path, wait: int, stop: int, tell: int) -> None:
    """Open the casebook again and again, as people's programs do, until nobody holds `stop`."""
    os.close(stop)
    opened = 0
    errors = []
    with selectors.DefaultSelector() as listening:
        listening.register(wait, selectors.EVENT_READ)
        while not listening.select(1):
            try:
                with open_snapshot(published) as con:
                    assert con.table("inbox").fetchall() and find_cases(con)
                opened += 1
            except (NamaakError, duckdb.Error, OSError, AssertionError) as error:
                errors.append(f"{type(error).__name__}: {error}"[:300])
    os.write(tell, json.dumps({"opened": opened, "errors": errors[:5]}).encode())


def lacking(published: Path, done: list[Done], *, rows: bool = False) -> list[Done]:
    """What readers do not find of what was acknowledged; whatever they find is sound.

    rows: the cases are held against their histories, too, which takes its time.
    """
    with open_snapshot(published) as con:
        assert verify_history(con) is None
        if rows:
            audited = audit(con)
            assert audited.is_sound, audited
            assert wrong_in_lists(con) == []
        hashes = dict(con.execute("select seq, chain_hash from events").fetchall())
        return [
            one
            for one in done
            if (one.seq and hashes.get(one.seq) != one.chain_hash)
            or any(con.execute(sql, bound).fetchone() != (True,) for sql, bound in one.found)
        ]


def test_whatever_is_written_the_casebook_is_what_its_history_tells(tmp_path):
    world = World(tmp_path)
    fill(world)
    with world.writing() as book:
        for number, name in enumerate(KINDS):
            KINDS[name][1](Turn(world, book, number))
            found = audit(book._con)
            assert found.is_sound and not found.untold_cases, (name, found)
        # Of some kinds the second changes what the first left there.
        for number, name in enumerate(KINDS, start=len(KINDS)):
            KINDS[name][1](Turn(world, book, number))
        assert audit(book._con).unlike == ()


def test_every_method_that_writes_the_casebook_is_among_the_kinds():
    public = {
        name
        for name, _ in inspect.getmembers(Casebook, inspect.isroutine)
        if not name.startswith("_")
    }
    assert {method for method, _ in KINDS.values()} == public - READING


@pytest.mark.long
def test_sigkill_at_200_random_moments_loses_nothing_that_was_acknowledged(tmp_path, monkeypatch):
    # Now and then the whole file is copied, too.
    monkeypatch.setattr(publishing, "MOST_LOG_BYTES", 20_000)
    world = World(tmp_path)
    fill(world)
    published = world.paths["published"]
    wait, stop = os.pipe()
    reader, reports = forked(partial(read_on, published, wait, stop))
    chosen = random.Random(SEED)
    tally = Tally()
    try:
        for kill in range(KILLS):
            told = told_until_killed(
                partial(write_on, world, tally.least_tried(), 1 + tally.begun),
                acknowledged=chosen.choice((0, 1)),
                delay_s=chosen.uniform(0, MOST_DELAY_S),
            )
            done = tally.take(told)
            where = f"NAMAAK_KILL_SEED={SEED}, kill {kill}, it told {told}"
            if lacking(published, done, rows=kill % 5 == 0):
                # Between the old log and the new file: the next writer publishes.
                tally.late += 1
                with Casebook.writing(**world.paths):
                    pass
                assert not lacking(published, done), where
    finally:
        os.close(stop)
        with os.fdopen(reports, "rb") as pipe:
            report = json.loads(pipe.read())
        os.waitpid(reader, 0)
        os.close(wait)
    with Casebook.writing(**world.paths):
        pass
    assert not lacking(published, tally.done, rows=True), SEED
    assert report["errors"] == []
    assert report["opened"] > 0
    assert not [name for name in KINDS if not tally.acknowledged[name]], tally
    # Nearly always it is there at once.
    assert tally.late <= KILLS // 20, tally
    # Otherwise the kills came too early or too late to say anything.
    assert sum(tally.killed.values()) > KILLS // 2, tally
    assert len(tally.killed) > len(KINDS) // 2, tally


def test_text_that_was_null_and_is_written_beside_a_new_row_outlives_the_log(tmp_path):
    """As an assignee beside a new case; DuckDB loses it where it packs nulls with the text."""
    working = tmp_path / "w.duckdb"
    writings = (
        "create table t (id integer primary key, v varchar);"
        "insert into t select i, case when i % 3 = 0 then 'ann' end from range(12) as r(i);"
        "checkpoint",
        "insert into t values (99, null); update t set v = 'bram' where id = 2",
    )
    for writing in writings:
        with closing(publishing.open_working(working)) as con:
            con.execute(writing)
    with closing(publishing.open_working(working)) as con:
        assert con.execute("select v from t where id = 2").fetchone() == ("bram",)


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
