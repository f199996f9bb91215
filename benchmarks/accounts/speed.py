"""New handles per second of one core against a thousand brands.

    python -m benchmarks.accounts speed [--data DIR] [--handles 1000000] [--brands 1000]

What a stream of new accounts brings: nearly all of it ordinary. Handles are drawn from a seed:
words and pieces of words, alone, joined, cut by "_" or "." and with digits behind, as people take
them; of DIR all names of projects and all official handles go in as they stand, which the line
"handles" tells. Brands are drawn from the registry of DIR; without it they are invented.
JSON lines, in CPU seconds of all threads, after compiling: stage "names" is finding and describing
every handle like a brand; "observations" the same for whole rows, with who owns what, and every
match with its id, as a run stores them.
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.accounts.judged import SEEN_AT
from benchmarks.measuring import emit, say
from benchmarks.registry import brands_of, read_registry, rows_of
from detectors.names.matching import match_names
from detectors.observations import compile_watchlist, match_observations
from detectors.ordinary import shipped_sample
from namaak.brands import Brand
from namaak.records import OBSERVATION_SCHEMA, Field

_SEED = 20261122
_BATCH = 1 << 18
#: How a handle is put together, and how often of ten.
_FORMS = (("{a}{n}", 3), ("{a}{b}", 2), ("{a}_{b}", 2), ("{a}.{b}{n}", 1), ("{a}{b}{n}", 1),
          ("{p}{n}", 1))  # fmt: skip
_SYLLABLES = ("ka", "ri", "mo", "ta", "lu", "sen", "dra", "vi", "no", "el", "ja", "quo", "shi",
              "ber", "an", "zo", "fe", "ly")  # fmt: skip


def generated(many: int, seed: int = _SEED) -> Iterator[str]:
    """Ordinary handles."""
    chosen = random.Random(seed)  # noqa: S311 - a sample, not a secret
    words = [word for word in shipped_sample().labels.to_pylist() if 3 <= len(word) <= 9]
    forms = [form for form, often in _FORMS for _ in range(often)]
    for _ in range(many):
        digits = str(chosen.randrange(10_000)) if chosen.random() < 0.6 else ""
        pieces = "".join(chosen.choices(_SYLLABLES, k=chosen.randint(2, 4)))
        yield chosen.choice(forms).format(
            a=chosen.choice(words), b=chosen.choice(words), p=pieces, n=digits
        )


def handles(data: Path | None, many: int) -> tuple[list[str], int]:
    """(handles in an order drawn from the seed, how many of them are real)."""
    real: list[str] = []
    if data is not None:
        real = [row["name"] for row in rows_of(data / "project_names_benign.csv.gz")]
        real += [row["handle"] for row in rows_of(data / "handles_official.csv.gz")]
        real = real[:many]
    every = [*real, *generated(many - len(real))]
    random.Random(_SEED).shuffle(every)  # noqa: S311
    return every, len(real)


def brands(data: Path | None, many: int) -> dict[str, Brand]:
    chosen = random.Random(_SEED)  # noqa: S311
    if data is not None:
        registered = brands_of(read_registry(data))
        return {one: registered[one] for one in chosen.sample(sorted(registered), many)}
    names = {"".join(chosen.choices(_SYLLABLES, k=chosen.randint(2, 5))) for _ in range(4 * many)}
    return {name: Brand(name=name.capitalize()) for name in sorted(names)[:many]}


def rows(some: pa.Array, first: int) -> pa.Table:
    """OBSERVATION_SCHEMA of accounts that have a handle and nothing else."""
    many = len(some)
    places = np.arange(first, first + many)
    keys = pa.array([f"account:x:{place}" for place in places.tolist()], pa.string())
    columns = {
        "source": pa.repeat("files", many),
        "instance": pa.repeat("benchmark", many),
        "position": pa.array(places, pa.int64()),
        "observed_at": pa.repeat(
            pa.scalar(SEEN_AT, OBSERVATION_SCHEMA.field("observed_at").type), many
        ),
        "subject_kind": pa.repeat("account", many),
        "subject_key": keys,
        "platform": pa.repeat("x", many),
        "handle": some,
    }
    return pa.table(
        [columns.get(field.name, pa.nulls(many, field.type)) for field in OBSERVATION_SCHEMA],
        schema=OBSERVATION_SCHEMA,
    )


def main(argv: list[str]) -> int:
    """Prints the lines; exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accounts speed")
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument("--handles", type=int, default=1_000_000)
    parser.add_argument("--brands", type=int, default=1_000)
    given = parser.parse_args(argv)
    every, real = handles(given.data, given.handles)
    emit("handles", {"handles": len(every), "real": real, "generated": len(every) - real})
    before = time.process_time()
    watchlist = compile_watchlist(brands(given.data, given.brands), {})
    emit(
        "compile",
        {"brands": len(watchlist.brands), "cpu_s": round(time.process_time() - before, 2)},
    )
    column = pa.array(every, pa.string())
    slices = [(first, column.slice(first, _BATCH)) for first in range(0, len(column), _BATCH)]
    match_observations(rows(column.slice(0, 2000), 0), watchlist, lambda _: ())
    match_names(column.slice(0, 70_000), Field.HANDLE, watchlist.matcher)
    say(f"Matching {len(every):,} handles.")
    hits = faint = 0
    before = time.process_time()
    for _, some in slices:
        found = match_names(some, Field.HANDLE, watchlist.matcher)
        hits += len(found.hits)
        faint += sum(found.faint.values())
    _emit("names", time.process_time() - before, len(every), hits=hits, faint=faint)
    tables = [rows(some, first) for first, some in slices]
    before = time.process_time()
    matches = sum(len(match_observations(table, watchlist, lambda _: ()).matches)
                  for table in tables)  # fmt: skip
    _emit("observations", time.process_time() - before, len(every), hits=matches)
    return 0


def _emit(stage: str, cpu_s: float, handles_: int, **more: int) -> None:
    emit("speed", {"stage": stage, "cpu_s": round(cpu_s, 2),
                   "cpu_s_per_million": round(cpu_s * 1e6 / handles_, 2),
                   "handles_per_cpu_s": round(handles_ / cpu_s), **more})  # fmt: skip
