"""The casebook at the size of years: how long a person waits for a list, a case, a decision.

    python -m benchmarks.casework [--cases 200000] [--signals-per-case 15] [--keep DIR]
    python -m benchmarks.casework contention [--seconds 60] [--cases 200000]

The casebook is made here, in SQL at once, with a hashed history; in a temporary folder, or in DIR,
where it stays and is taken again. `--data` is taken like elsewhere and not needed. JSON lines, each
the median and the worst of `--repeats`, in milliseconds of the clock, and the median of the CPU
time of all threads, because cores are often shared:
- `casebook`: how large it is, and how long it took to make, to publish whole and to open.
- `snapshot-open`: open the published casebook and close it.
- `inbox`: its first page of 50.
- `find-cases`: each set of conditions.
- `read-case`: all of one case.
- `triage`: one decision, from asking for the casebook until a fresh reader of the published file
  sees it; `writing_ms` is the part without the reader.
- `bulk`: one decision about 100 cases, in the same way.
- `audit`: all of it, before anything is decided here; 3 times.
- `pack`: an evidence pack without a capture, with and without the printed report; 5 of each.
`contention`: two processes that decide and four that read for so long, one of these with plain
DuckDB; how often each got through, and every error that a person would have seen.
May import: benchmarks, namaak.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.contending import contend
from benchmarks.measuring import emit, say
from namaak.casework.audit import audit
from namaak.casework.casebook import Casebook
from namaak.casework.events import ChainHead, Draft, EventKind, chain
from namaak.casework.lastpublished import log_of
from namaak.casework.lifecycle import Decision, DecisionKind
from namaak.casework.loading import as_opened
from namaak.casework.publishing import open_working, unpublished_mark, writer_lock
from namaak.casework.reading import find_cases, open_snapshot, read_case
from namaak.packing import make_pack
from namaak.records import case_id, host_key
from namaak.settings import load_settings
from namaak.sqlfiles import statement

_NOW = datetime(2026, 11, 1, tzinfo=UTC)
_ROWS = Path(__file__).with_name("casework_rows.sql")
_WATCH = """[watch]
contact = "desk@acme.example"

[brands.brand-7]
name = "Brand 7"
domains = ["brand7.example"]
"""
_BULK = 100
_PAGE = 50


def paths_in(folder: Path) -> dict[str, Path]:
    """Of a casebook, as `Casebook.writing` takes them."""
    return {
        "working": folder / "working" / "casebook.duckdb",
        "published": folder / "casebook.duckdb",
    }


def make_casebook(folder: Path, *, cases: int, signals_per_case: int) -> dict[str, Path]:
    """A published casebook with so many cases, each with so many signals and one event."""
    paths = paths_in(folder)
    with Casebook.writing(**paths):
        pass
    with writer_lock(paths["working"], wait_s=0), open_working(paths["working"]) as con:
        for name, value in (("signals_per_case", signals_per_case), ("now", _NOW)):
            con.execute(f"set variable {name} = ?", [value])
        con.register("made_cases", _made_cases(cases))
        con.execute(_ROWS.read_text(encoding="utf-8"))
        con.unregister("made_cases")
        _append_history(con)
        con.checkpoint()
    unpublished_mark(paths["working"]).touch()
    with Casebook.writing(**paths) as book:
        book.tell_of_all_cases()
    return paths


def _made_cases(cases: int) -> pa.Table:
    """Their numbers, hosts and ids; the ids as real ones are, which an audit makes again."""
    hosts = [f"brand{number % 500}-login{number}.example" for number in range(cases)]
    ids = [case_id(f"brand-{number % 500}", host_key(host)) for number, host in enumerate(hosts)]
    return pa.table({"number": range(cases), "host": hosts, "case_id": ids})


def _append_history(con: duckdb.DuckDBPyConnection) -> None:
    """Of every case how it was opened, and what was decided about it."""
    rows = con.execute("from cases order by opened_at").to_arrow_table().to_pylist()
    drafts = (draft for row in rows for draft in _happened(row))
    schema = con.table("events").limit(0).to_arrow_table().schema
    events = pa.Table.from_pylist(list(chain(drafts, ends={}, head=ChainHead())), schema=schema)
    con.register("incoming_events", events)
    con.execute(statement("casebook/insert_events"))
    con.unregister("incoming_events")


def _happened(case: dict[str, Any]) -> Iterator[Draft]:
    moved = {"from": "new", "to": case["workflow"]}
    if case["reason_code"]:
        moved["reason_code"] = case["reason_code"]
    told = [(EventKind.OPENED, "flow:load", as_opened(case))]
    if case["workflow"] != "new":
        told.append((EventKind(case["workflow"]), "anna", moved))
    for kind, actor, data in told:
        yield Draft(
            case_id=case["case_id"], kind=kind, actor=actor, happened_at=case["opened_at"],
            data=data,
        )  # fmt: skip


def measure_reading(published: Path, repeats: int) -> None:
    """Lists and cases, each asked of one open snapshot as the console does."""

    def opened() -> None:
        open_snapshot(published).close()

    _emit("snapshot-open", {}, _timed(opened, repeats))
    with open_snapshot(published) as con:
        _emit(
            "inbox",
            {"rows": _PAGE},
            _timed(lambda: con.table("inbox").limit(_PAGE).fetchall(), repeats),
        )
        for conditions in (
            {"limit": _PAGE},
            {"limit": _PAGE, "brand": "Brand 7"},
            {"limit": _PAGE, "band": "high", "workflow": "new"},
            {"limit": _PAGE, "subject": "login1234"},
            {"limit": _PAGE, "kind": "homograph", "every": True},
        ):
            found = len(find_cases(con, **conditions))  # type: ignore[arg-type]
            spent = _timed(lambda: find_cases(con, **conditions), repeats)  # type: ignore[arg-type] # noqa: B023
            _emit("find-cases", {"conditions": conditions, "rows": found}, spent)
        ids = iter(_undecided(published, repeats + 1))
        _emit("read-case", {}, _timed(lambda: read_case(con, next(ids)), repeats))


def measure_deciding(paths: dict[str, Path], repeats: int) -> None:
    """Decisions, each until a reader that opens the published casebook afterwards sees it."""
    for measure, many in (("triage", 1), ("bulk", _BULK)):
        ids = _undecided(paths["published"], many * repeats)
        whole, writing, copies = [], [], 0
        for number in range(repeats):
            chosen = ids[number * many : (number + 1) * many]
            inode = paths["published"].stat().st_ino
            cpu, start = time.process_time(), time.perf_counter()
            with Casebook.writing(**paths) as book:
                book.decide_all(
                    chosen, Decision(kind=DecisionKind.TRIAGE), actor="benchmark",
                    now=datetime.now(UTC),
                )  # fmt: skip
            written = time.perf_counter()
            with open_snapshot(paths["published"]) as con:
                wanted = pa.table({"case_id": chosen[-1:]})
                con.register("wanted_cases", wanted)
                seen = con.execute(statement("casebook/standings_of_cases")).to_arrow_table()
            ended = (time.perf_counter() - start, time.process_time() - cpu)
            if seen["workflow"].to_pylist() != ["triage"]:
                raise AssertionError(f"a reader does not see what was decided about {chosen[-1]}")
            whole.append(ended)
            writing.append(written - start)
            copies += paths["published"].stat().st_ino != inode
        more = {
            "cases": many,
            "writing_ms": _ms(statistics.median(writing)),
            "whole_copies": copies,
        }
        _emit(measure, more, whole)


def measure_audit(published: Path, repeats: int) -> None:
    """Of the whole casebook. It must be sound, or something else was measured."""
    found = []

    def examine() -> None:
        with open_snapshot(published) as con:
            found.append(audit(con))

    spent = _timed(examine, repeats)
    if not found[0].is_sound:
        raise AssertionError(f"the casebook is not sound: {found[0]}")
    cpu = statistics.median(cpu for _, cpu in spent)
    each = {"events": found[0].events, "cpu_us_per_event": round(1e6 * cpu / found[0].events, 1)}
    _emit("audit", each, spent)


def measure_pack(paths: dict[str, Path], folder: Path, repeats: int) -> None:
    """As `namaak pack` does without a capture; the printed report costs most, so also without."""
    folder.mkdir()
    watch = folder / "watch.toml"
    watch.write_text(_WATCH, encoding="utf-8")
    settings = load_settings(watch, {"NAMAAK_DATA": str(paths["published"].parent)})
    for pdf in (False, True):
        ids = iter(_undecided(paths["published"], repeats))

        def pack(pdf: bool = pdf, ids: Iterator[str] = ids) -> None:
            make_pack(settings, next(ids), output=folder, now=datetime.now(UTC), pdf=pdf)

        _emit("pack", {"capture": False, "pdf": pdf}, _timed(pack, repeats))


def _undecided(published: Path, many: int) -> list[str]:
    """Ids all over the casebook that nobody decided about."""
    with open_snapshot(published) as con:
        rows = find_cases(con, workflow="new", every=True)
    step = max(len(rows) // many, 1)
    return [row["case_id"] for row in rows[::step]][:many]


def _timed(work: Callable[[], object], repeats: int) -> list[tuple[float, float]]:
    """Seconds of the clock and of the CPU, each time."""
    spent = []
    for _ in range(repeats):
        cpu, start = time.process_time(), time.perf_counter()
        work()
        spent.append((time.perf_counter() - start, time.process_time() - cpu))
    return spent


def _emit(measure: str, columns: dict[str, object], spent: list[tuple[float, float]]) -> None:
    wall = [one for one, _ in spent]
    emit(measure, {
        **columns, "n": len(spent), "median_ms": _ms(statistics.median(wall)),
        "worst_ms": _ms(max(wall)), "cpu_ms": _ms(statistics.median(cpu for _, cpu in spent)),
    })  # fmt: skip


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("speed", "contention"), default="speed")
    parser.add_argument("--data", type=Path, help="not needed: everything here is synthetic")
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--signals-per-case", type=int, default=15)
    parser.add_argument("--repeats", type=int, default=21)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--keep", type=Path, help="make it there, or take it from there")
    given = parser.parse_args()
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = given.keep or temporary
        folder.mkdir(parents=True, exist_ok=True)
        paths = paths_in(folder)
        if not paths["published"].exists():
            say(f"making a casebook of {given.cases:,} cases in {folder}")
            start = time.perf_counter()
            make_casebook(folder, cases=given.cases, signals_per_case=given.signals_per_case)
            emit("casebook", {
                "cases": given.cases, "signals": given.cases * given.signals_per_case,
                "mb": round(paths["published"].stat().st_size / 1e6, 1),
                "made_s": round(time.perf_counter() - start, 1),
            })  # fmt: skip
        if given.what == "contention":
            told = contend(paths, seconds=given.seconds, writers=2, readers=4)
            for line in told:
                emit("contention", line)
            return 1 if any(line["errors"] for line in told) else 0
        measure_audit(paths["published"], min(given.repeats, 3))
        measure_reading(paths["published"], given.repeats)
        measure_deciding(paths, given.repeats)
        measure_pack(paths, temporary / "packs", min(given.repeats, 5))
        log = log_of(paths["published"])
        emit("log", {"bytes": log.stat().st_size if log.exists() else 0})
    return 0


if __name__ == "__main__":
    sys.exit(main())
