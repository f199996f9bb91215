"""How a run is watched, when it is killed, and what counts as the same casebook."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from benchmarks.casebook_state import State, canonical, differences
from benchmarks.processes import parse_stat, run_watched
from benchmarks.real_run import in_detecting, in_gathering, in_ranking

TREE = """
import subprocess, sys, time
print("started", file=sys.stderr, flush=True)
subprocess.run([sys.executable, "-c", "import time; time.sleep(60)"])
"""


def state(**rows: list[str]) -> State:
    tables = {name: Counter(rows.get(name, [])) for name in
              ("cases", "signals", "matches", "batches", "events")}  # fmt: skip
    return State(rows=tables, bands={}, kinds={}, top=(), head="")


def silent(_line: str) -> None:
    return None


def test_a_command_is_run_to_its_end_and_its_lines_kept() -> None:
    command = [sys.executable, "-c", "import sys; print('one', file=sys.stderr); sys.exit(3)"]
    ran = run_watched(command, environment=os.environ, tell=silent)
    assert (ran.returncode, ran.killed) == (3, False)
    assert [line.split("s  ")[1] for line in ran.lines] == ["one"]


def test_memory_and_cpu_of_the_children_count() -> None:
    child = "a = bytearray(80_000_000); t = sum(range(8_000_000)); import time; time.sleep(0.4)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    ran = run_watched([sys.executable, "-c", parent], environment=os.environ, tell=silent)
    assert ran.peak_rss_mb > 80
    assert ran.cpu_s > 0.05


def test_a_kill_leaves_nothing_of_the_tree() -> None:
    ran = run_watched(
        [sys.executable, "-c", TREE], environment=os.environ, kill_when=bool, tell=silent
    )
    assert (ran.returncode, ran.killed) == (-9, True)
    assert ran.wall_s < 30


def test_a_process_may_be_called_anything() -> None:
    fields = "S 1 77 77 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 100 1000000 512"
    seen = parse_stat(f"4711 (a) R (b) {fields} 0 0")
    assert (seen.pid, seen.group, seen.zombie) == (4711, 77, False)
    assert seen.cpu_s == 300 / os.sysconf("SC_CLK_TCK")
    assert seen.rss_bytes == 512 * os.sysconf("SC_PAGE_SIZE")


def test_gathering_is_half_done_when_half_of_the_batches_are_stored(tmp_path: Path) -> None:
    folder = tmp_path / "lake" / "observations"
    folder.mkdir(parents=True)
    when = in_gathering(tmp_path, 4)
    (folder / "1.parquet").touch()
    (folder / "2.parquet.77.part").touch()
    assert not when([])
    (folder / "2.parquet").touch()
    assert when([])


def test_detecting_is_half_done_when_half_of_the_batches_are_told() -> None:
    started = "12:00:00  detect  4 batches against 3 brands"
    one = "12:00:01  detect  100 names and pictures: 7 matches"
    assert not in_detecting(4)([started, one])
    assert in_detecting(4)([started, one, one])


def test_ranking_is_under_way_when_the_casebook_is_being_filled(tmp_path: Path) -> None:
    when = in_ranking(tmp_path)
    assert not when([])
    (tmp_path / "working").mkdir()
    (tmp_path / "working" / "casebook.duckdb.wal").write_bytes(b"0" * 2_000_000)
    assert when([])


def test_times_hashes_and_order_do_not_make_a_difference() -> None:
    left = [{"case_id": "NK-1", "score": 5, "opened_at": 1, "seq": 1}, {"case_id": "NK-2"}]
    right = [{"case_id": "NK-2"}, {"case_id": "NK-1", "score": 5, "opened_at": 2, "seq": 2}]
    assert Counter(canonical(left)) == Counter(canonical(right))


def test_another_score_makes_a_difference_on_both_sides() -> None:
    left, right = state(cases=["a", "b"]), state(cases=["a", "c"])
    assert differences(left, right) == {
        "cases": {"only_left": 1, "only_right": 1, "examples": ["b", "c"]}
    }


def test_a_row_that_stands_twice_makes_a_difference() -> None:
    assert differences(state(events=["a"]), state(events=["a", "a"]))["events"]["only_right"] == 1


def test_equal_states_have_no_difference() -> None:
    assert differences(state(cases=["a"]), state(cases=["a"])) == {}
