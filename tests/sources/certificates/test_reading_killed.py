"""A source that is killed at any moment and started again gives what one gives that never was."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from namaak.fetch import Allowed, Fetcher, Manners, Rate, Reply
from namaak.gathering import gather_instance
from namaak.lake import Lake
from namaak.sources.ct import CertificateLogs
from tests.ct_entries import cheap_entry, raw_entry
from tests.ct_log import some_entries
from tests.sources.certificates.one_log import NOW, OneLog, serving
from tests.surroundings import CONTACT, around

pytestmark = pytest.mark.peer

#: Moments of death are drawn anew in every run; the seed is told when a test fails.
SEED = random.randrange(1 << 32)
OLD = {"tiled": False, "rfc6962": True, "reply": 128}
TILED = {"names_tiles": True}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be had: the dead are processes here, never the machine, so what
    flushing to a disk protects from is not asked, and a hundred runs would wait for it."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="namaak-test-") as name:
        yield Path(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the source, as another process can be told of it."""

    folder: Path  #: holds logs.json
    lake: Path
    port: int
    table: dict[str, Any] = field(default_factory=dict)
    later: timedelta = timedelta(0)

    def gather(self, fetcher: type[Fetcher] = Fetcher) -> None:
        async def no_time(_seconds: float) -> None:
            await asyncio.sleep(0)

        made = partial(
            fetcher,
            contact=CONTACT,
            manners=Manners(default=Rate(per_second=10_000, burst=10_000)),
            allow=[Allowed("127.0.0.0/8", self.port)],
            sleep=no_time,
        )
        now = NOW + self.later
        table = {"log_list": "logs.json", "tiles_per_batch": 1} | self.table
        source = CertificateLogs(
            CertificateLogs.Config.model_validate(table),
            around(self.folder, fetcher=made, now=now),
        )
        (instance,) = source.instances()
        gather_instance(source, instance, self.lake, now=lambda: now)


def _child(run: Run, started: Connection) -> None:
    started.send(True)
    run.gather()


def _odd_log(one: OneLog, size: int) -> None:
    """A log with refused leaves and names in it, at its head."""
    entries = some_entries(size)
    for at in range(5, size, 90):
        entries[at] = raw_entry(b"\x30\x80", number=at)
        entries[at + 1] = cheap_entry(["a b.example", f"x{at}.example"], number=at + 1)
    one.log.append(entries)
    one.log.publish()


def _account(lake: Path, instance: str) -> dict[str, Any]:
    """All that a run left behind, but for the times of it."""
    with Lake(lake) as opened:
        files = opened.observation_files()
        coverage = opened.coverage()
        cursor = opened.cursor("ct", instance)
    rows = [
        tuple(value for name, value in row.items() if name not in ("observed_at", "first_seen"))
        for row in _rows(files)
    ]
    return {
        "rows": sorted(rows, key=repr),
        "cursor": cursor.next_position,
        "rejects": sorted(
            (row["position"], row["reason"], row["excerpt"]) for row in coverage.rejects.to_pylist()
        ),
        "gaps": [
            (row["start_position"], row["end_position"], row["reason"])
            for row in coverage.gaps.to_pylist()
        ],
        "heads": {(row["size"], row["verdict"]) for row in coverage.heads.to_pylist()},
    }


def _rows(files: list[Path]) -> list[dict[str, Any]]:
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


@pytest.mark.parametrize(
    ("log", "table"),
    [
        pytest.param(TILED, {"start": "beginning"}, id="tiles"),
        pytest.param(TILED, {"backlog": 1200, "trust": "names"}, id="names"),
        pytest.param(OLD, {"backlog": 1200}, id="get-entries"),
    ],
)
def test_a_process_killed_at_random_moments_leaves_what_one_leaves_that_was_not(folder, log, table):
    chosen = random.Random(SEED)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__, "namaak.sources.ct"])
    with serving(folder, **log) as one:
        _odd_log(one, 1700)
        told = {"folder": folder, "port": one.served.port, "table": table}
        whole = Run(lake=folder / "whole", **told)
        began = time.monotonic()
        whole.gather()
        took = time.monotonic() - began
        expected = _account(whole.lake, one.log.log_id.hex())
        kills = rounds = 0
        # A machine that was busy at first and is not now lets some live too long: then again.
        while kills < 4 and rounds < 20:
            rounds += 1
            killed = Run(lake=folder / f"killed-{rounds}", **told)
            # Some die before their first batch, some in the midst of one, some between two.
            while not _lived(processes, killed, chosen.uniform(0, took * (0.5 + kills / 20))):
                kills += 1
            found = _account(killed.lake, one.log.log_id.hex())
            assert found == expected, f"seed {SEED}, {kills} kills"
        assert kills >= 4, f"seed {SEED}: too few to say anything"


def _lived(processes: Any, run: Run, seconds: float) -> bool:
    """Whether a process of its own came to the end of the run within so many seconds."""
    ours, theirs = processes.Pipe()
    child = processes.Process(target=_child, args=(run, theirs))
    child.start()
    ours.recv()
    child.join(seconds)
    lived = child.exitcode is not None
    if not lived:
        child.kill()
    child.join()
    assert not lived or child.exitcode == 0
    for one in (child, ours, theirs):
        one.close()
    return lived


class _Dies(RuntimeError):
    """What no part of the source expects."""


@pytest.mark.parametrize(
    ("log", "table"),
    [
        pytest.param(TILED, {"start": "beginning"}, id="tiles"),
        pytest.param(TILED, {"backlog": 300}, id="tiles from near the head"),
        pytest.param(TILED, {"start": "beginning", "trust": "auto"}, id="names"),
        pytest.param(OLD, {"backlog": 300}, id="get-entries"),
    ],
)
def test_whichever_request_it_dies_in_nothing_is_lost_and_nothing_is_double(folder, log, table):
    asked = 0
    dies_at = -1

    class Mortal(Fetcher):
        async def get(self, *given: Any, **how: Any) -> Reply:
            nonlocal asked
            asked += 1
            if asked == dies_at:
                raise _Dies
            return await super().get(*given, **how)

    with serving(folder, **log) as one:
        _odd_log(one, 600)
        told = {"folder": folder, "port": one.served.port, "table": table}
        instance = one.log.log_id.hex()

        def twice(lake: Path) -> None:
            """Now, and an hour later, when the tile at the end is read as it is."""
            for later in (timedelta(0), timedelta(hours=1)):
                Run(lake=lake, later=later, **told).gather(Mortal)

        twice(folder / "whole")
        requests = asked
        expected = _account(folder / "whole", instance)
        assert expected["cursor"] == 600
        assert requests >= 6
        for number in range(1, requests + 1):
            asked, dies_at = 0, number
            lake = folder / f"died-{number}"
            with pytest.raises(_Dies):
                twice(lake)
            dies_at = -1
            twice(lake)
            assert _account(lake, instance) == expected, f"died in request {number}"
