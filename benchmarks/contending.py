"""Several processes at one casebook at once: some decide, some read, all as people's programs do.

Used by the benchmark of casework and, for a shorter while, by its test.
May import: namaak.
"""

from __future__ import annotations

import multiprocessing
import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from namaak.casework.casebook import Casebook
from namaak.casework.lifecycle import Decision, DecisionKind
from namaak.casework.reading import find_cases, open_snapshot, read_case
from namaak.errors import NamaakError

#: How often a plain client may try: its two files may be replaced between opening the one and the
#: other, and then DuckDB says so. A person presses the key again.
_TRIES = 3


def contend(
    paths: dict[str, Path], *, seconds: float, writers: int, readers: int
) -> list[dict[str, Any]]:
    """One row per process: role, done, median_ms, worst_ms, retries, errors (their sentences).

    Readers take turns at three roles: lists, cases, and any other program with DuckDB.
    """
    roles = [*(["decide"] * writers), *(["list", "case", "plain", "list"] * readers)[:readers]]
    # A fresh interpreter each: a fork would share the opened files and threads of this one.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=len(roles), mp_context=spawn) as pool:
        running = [
            pool.submit(_work, role, number, paths, seconds) for number, role in enumerate(roles)
        ]
        return [one.result() for one in running]


def _work(role: str, number: int, paths: dict[str, Path], seconds: float) -> dict[str, Any]:
    chosen = random.Random(number)  # noqa: S311 - which case, nothing secret
    with open_snapshot(paths["published"]) as con:
        ids = [row["case_id"] for row in find_cases(con, every=True, limit=2_000)]
    works: dict[str, Callable[[], int]] = {
        "decide": lambda: _decide(paths, chosen.choice(ids), f"writer {number}"),
        "list": lambda: _list(paths["published"]),
        "case": lambda: _case(paths["published"], chosen.choice(ids)),
        "plain": lambda: _plain(paths["published"]),
    }
    spent: list[float] = []
    errors: list[str] = []
    retries = 0
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        start = time.perf_counter()
        try:
            retries += works[role]()
        except (NamaakError, duckdb.Error, OSError) as error:
            errors.append(f"{type(error).__name__}: {str(error)[:300]}")
        spent.append(1000 * (time.perf_counter() - start))
    return {
        "role": role, "done": len(spent) - len(errors), "retries": retries,
        "median_ms": round(statistics.median(spent), 1), "worst_ms": round(max(spent), 1),
        "errors": errors,
    }  # fmt: skip


def _decide(paths: dict[str, Path], case: str, actor: str) -> int:
    note = Decision(kind=DecisionKind.NOTE, note="looked at it")
    with Casebook.writing(**paths) as book:
        book.decide(case, note, actor=actor, now=datetime.now(UTC))
    return 0


def _list(published: Path) -> int:
    with open_snapshot(published) as con:
        if not find_cases(con, limit=50) or not con.table("inbox").limit(50).fetchall():
            raise NamaakError("the lists are empty")
    return 0


def _case(published: Path, case: str) -> int:
    with open_snapshot(published) as con:
        found = read_case(con, case)
    if not found.events:
        raise NamaakError(f"{case} has no history")
    return 0


def _plain(published: Path) -> int:
    for tried in range(_TRIES):
        try:
            with duckdb.connect(published, read_only=True) as con:
                con.table("inbox").limit(50).fetchall()
            return tried
        except duckdb.Error:
            if tried == _TRIES - 1:
                raise
    return _TRIES
