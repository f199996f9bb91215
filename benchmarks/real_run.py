"""The main job on real input: its counts, its cost, and whether repeating or killing it shows.

    python -m benchmarks.real_run --data DIR --work FOLDER [--core]

Makes a watch file from the registry of brands and runs `namaak run`, the Prefect flow on its
embedded server, over 462,548 hosts, 255 account handles and a folder of logos drawn by other
hands than the references. Then, each a JSON line:
- `first-run`: counts per stage, cases per band, wall and CPU seconds and peak memory of the
  whole tree of processes;
- `second-run`: the same again in the same folder. `equal` must be true: nothing new may appear;
- `killed` (three lines): in a fresh data folder, SIGKILL to every process in the middle of
  gathering, of detecting, and of writing the casebook;
- `resumed`: run to the end after that. `equal` holds cases, signals, matches, batches and events
  against the first run, without times and hashes;
- `case` (20 lines): the worst cases, to be judged by eye.
Exits with 1 when anything that must be equal is not. FOLDER is made; its data are left there.
May import: benchmarks.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.casebook_state import State, differences, read_state
from benchmarks.drawings import read_drawings, references
from benchmarks.measuring import emit, say
from benchmarks.processes import Ran, When, run_watched
from benchmarks.watch_from_registry import Input, write_watch_file
from namaak.records import SubjectKind

_HOSTS = "domains_bulk.parquet"
_HANDLES = "handles_positive.csv.gz"


def prepare(data: Path, work: Path, *, core_only: bool) -> Path:
    """Watch file, logos and pictures in the work folder. Returns the watch file's path."""
    pictures = work / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    drawings = read_drawings(data)
    chosen = references(drawings)
    for drawing in drawings:
        # The references themselves would find themselves, which proves nothing.
        if drawing is not chosen[drawing.key]:
            (pictures / drawing.file_name).write_bytes(drawing.png)
    inputs = (
        Input(path=str((data / _HOSTS).absolute()), kind=SubjectKind.HOST),
        Input(path=str((data / _HANDLES).absolute()), kind=SubjectKind.ACCOUNT),
        Input(path="pictures", kind=SubjectKind.IMAGE),
    )
    watch = work / "watch.toml"
    emit("watch-file", write_watch_file(data, watch, inputs, core_only=core_only))
    return watch


def run_job(watch: Path, data: Path, kill_when: When | None = None) -> Ran:
    """`namaak run` with its data in a folder of its own."""
    environment = {name: text for name, text in os.environ.items() if "PREFECT" not in name}
    environment["NAMAAK_DATA"] = str(data)
    command = [sys.executable, "-m", "namaak", "run", "--watch", str(watch)]
    return run_watched(command, environment=environment, kill_when=kill_when, tell=say)


def casebook(data: Path) -> Path:
    """Where the published casebook of a data folder lies."""
    return data / "casebook.duckdb"


def matched(lines: Sequence[str]) -> int:
    """How many batches a run has told to be matched."""
    return sum(" detect " in line and " matches" in line for line in lines)


def in_gathering(data: Path, batches: int) -> When:
    """When half of the batches are stored."""
    folder = data / "lake" / "observations"
    return lambda _lines: len(list(folder.glob("*.parquet"))) >= max(batches // 2, 1)


def in_detecting(batches: int) -> When:
    """When half of the batches are matched, and the next is being matched."""
    return lambda lines: matched(lines) >= max(batches // 2, 1)


def in_ranking(data: Path) -> When:
    """When the casebook is being filled: cases stand in it, and it is not published yet."""
    book = data / "working" / "casebook.duckdb.wal"
    return lambda _lines: book.exists() and book.stat().st_size > 1_000_000


def cost(ran: Ran) -> dict[str, object]:
    """For a line of results."""
    return {
        "exit": ran.returncode,
        "wall_s": round(ran.wall_s, 1),
        "cpu_s": round(ran.cpu_s, 1),
        "peak_rss_mb": round(ran.peak_rss_mb),
    }


def verdict(first: State, other: State) -> dict[str, object]:
    """For a line of results: equal or not, and where not."""
    found = differences(first, other)
    return {"equal": not found, **({"differences": found} if found else {})}


def measure(watch: Path, work: Path) -> bool:
    """All runs. Returns whether everything that must be equal is."""
    undisturbed, disturbed = work / "undisturbed", work / "killed"
    for folder in (undisturbed, disturbed):
        shutil.rmtree(folder, ignore_errors=True)
    ran = run_job(watch, undisturbed)
    first = read_state(casebook(undisturbed))
    emit("first-run", {**cost(ran), **first.counts(), "bands": first.bands, "kinds": first.kinds,
                       "told": ran.lines})  # fmt: skip
    ran = run_job(watch, undisturbed)
    second = read_state(casebook(undisturbed))
    again = verdict(first, second)
    emit("second-run", {**cost(ran), **again, "same_history": first.head == second.head})
    batches = first.counts()["batches"]
    kills = {
        "gather": in_gathering(disturbed, batches),
        "detect": in_detecting(batches),
        "rank": in_ranking(disturbed),
    }
    for stage, when in kills.items():
        ran = run_job(watch, disturbed, when)
        emit("killed", {"stage": stage, "killed": ran.killed, **cost(ran)})
    ran = run_job(watch, disturbed)
    resumed = verdict(first, read_state(casebook(disturbed)))
    emit("resumed", {**cost(ran), **resumed})
    for case in first.top:
        emit("case", case)
    return bool(again["equal"] and resumed["equal"])


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder to work in, made if absent"
    )
    parser.add_argument("--core", action="store_true", help="only core brands")
    given = parser.parse_args()
    watch = prepare(given.data, given.work.absolute(), core_only=given.core)
    return 0 if measure(watch, given.work.absolute()) else 1


if __name__ == "__main__":
    sys.exit(main())
