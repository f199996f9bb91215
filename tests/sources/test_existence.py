"""The existence sweep: a strange programme that may hang, lie or flood, and what is made of it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from namaak.brands import Brand, Executive
from namaak.errors import SourceError
from namaak.sources.base import Batch
from namaak.sources.existence import Existence, ExistenceConfig, handles_of
from namaak.sources.intaking import sweeping
from tests.surroundings import around

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BRANDS = {
    "acme": Brand(
        name="ACME Bank",
        aliases=("ACME", "Акме"),
        executives=(Executive(name="Invented Person", role="chief executive"),),
    )
}
_BEGIN = """\
#!{python} -IS
import csv, json, os, pathlib, sys, time
name = sys.argv[-1]
out = pathlib.Path(sys.argv[sys.argv.index("--folderoutput") + 1])
def report(rows, claimed=None, of=name):
    with (out / f"report_{{of}}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow("username name url_main url_user exists http_status error_reason".split())
        writer.writerows(rows)
    entries = claimed if claimed is not None else [
        {{"username": of, "sitename": row[1], "url_user": row[3], "site": {{"headers": "secret"}}}}
        for row in rows if row[4] == "Claimed"]
    (out / f"report_{{of}}_ndjson.json").write_text("".join(json.dumps(e) + "\\n" for e in entries))
def row(site, url, exists, why="", of=name):
    return [of, site, "", url, exists, "", why]
"""
GOOD = """
report([
    row("Twitter", f"https://twitter.com/{name}", "Claimed"),
    row("Some Forum", f"https://forum.example/u/{name}", "Claimed"),
    row("Nobody", f"https://nobody.example/{name}", "Available"),
    row("Picky", "", "Illegal", "Unsupported username"),
    row("Busy", f"https://busy.example/{name}", "Unknown", "Rate limited error: 429 status code"),
    row("Closed", f"https://closed.example/{name}", "Unknown", "Access denied error"),
    row("New", f"https://new.example/{name}", "Something else"),
])
"""


def source(
    folder: Path, body: str = GOOD, *, brands: dict[str, Brand] | None = None, **table: Any
) -> Existence:
    """With a programme of that body."""
    program = folder / "bin" / "program"
    program.parent.mkdir(exist_ok=True)
    program.write_text(_BEGIN.format(python=sys.executable) + textwrap.dedent(body))
    program.chmod(0o755)
    given = {"enabled": True, "command": "bin/program", **table}
    config = ExistenceConfig.model_validate(given)
    return Existence(config, around(folder, brands=brands or {"acme": Brand(name="ACME")}))


def swept(
    of: Existence, start: int = 0, state: str | None = None, at: datetime = NOW
) -> tuple[list[Batch], SourceError | None]:
    (instance,) = of.instances()
    found: list[Batch] = []
    try:
        for batch in of.batches(instance, start, observed_at=at, state=state):
            found.append(batch)
    except SourceError as error:
        return found, error
    return found, None


def rows_of(found: list[Batch]) -> list[dict[str, Any]]:
    return [row for batch in found for row in batch.observations.to_pylist()]


def reasons_of(found: list[Batch]) -> list[str]:
    return [reject.reason for batch in found for reject in batch.rejects]


def running(marker: str) -> list[int]:
    """Processes with this word among their arguments."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if marker.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def test_only_exact_names_of_brands_are_asked_for_and_never_people(tmp_path: Path) -> None:
    assert source(tmp_path, brands=BRANDS).names == ("acmebank", "acme")


@given(st.lists(st.text(max_size=60), max_size=5))
@example(["00\U0001d54a"])
def test_no_name_can_be_taken_for_an_option_or_a_path(names: list[str]) -> None:
    for handle in handles_of(iter(names)):
        assert handle.isascii() and handle.isalnum() and handle == handle.lower()
        assert 3 <= len(handle) <= 40


def test_what_is_claimed_is_a_row_of_its_site_that_proves_nothing_more(tmp_path: Path) -> None:
    found, error = swept(source(tmp_path))
    assert error is None
    assert [
        (row["subject_key"], row["handle"], row["url"], row["trust"], row["state"])
        for row in rows_of(found)
    ] == [
        ("account:x:@acme", "acme", "https://twitter.com/acme", "existence", None),
        ("account:some-forum:@acme", "acme", "https://forum.example/u/acme", "existence", None),
    ]
    raw = json.loads(rows_of(found)[0]["raw"])
    assert raw["sitename"] == "Twitter" and "site" not in raw


def test_a_site_that_did_not_answer_is_never_taken_for_absence(tmp_path: Path) -> None:
    (batch,), _ = swept(source(tmp_path))
    assert reasons_of([batch]) == [
        "Busy: gave no answer; absence is not known",
        "Closed: gave no answer; absence is not known",
        "New: gave no answer; absence is not known",
    ]
    assert batch.rejects[0].excerpt == "acme: Rate limited error: 429 status code"
    assert (batch.start, batch.end, batch.skipped) == (0, 7, 2)


def test_it_asks_nothing_before_it_is_switched_on(tmp_path: Path) -> None:
    off = source(tmp_path, enabled=False)
    assert not off.reads_anything() and list(off.instances()) == []
    assert off.lacks() is None
    assert list(off.faults()) == [
        "enabled: the sweep is off until it says true; write it or drop the table"
    ]


def test_without_the_programme_it_says_in_one_sentence_what_to_do(tmp_path: Path) -> None:
    lacking = source(tmp_path, command="bin/gone")
    assert "make existence" in str(lacking.lacks())
    _, error = swept(lacking)
    assert "make existence" in str(error)
    assert source(tmp_path).lacks() is None


def test_a_file_of_sites_that_is_not_there_is_told(tmp_path: Path) -> None:
    (fault,) = source(tmp_path, database="sites.json").faults()
    assert fault.startswith("database: there is no sites.json")


def test_a_round_asks_each_name_once_and_the_next_begins_after_a_week(tmp_path: Path) -> None:
    of = source(tmp_path, brands=BRANDS, names_per_run=1)
    (first,), _ = swept(of)
    (second,), _ = swept(of, first.end, first.state)
    assert [row["handle"] for row in rows_of([first, second])] == ["acmebank"] * 2 + ["acme"] * 2
    assert second.start == first.end
    assert swept(of, second.end, second.state, NOW + timedelta(days=6)) == ([], None)
    again, _ = swept(of, second.end, second.state, NOW + timedelta(days=8))
    assert rows_of(again)[0]["handle"] == "acmebank"


BROKEN = {
    "it ends with an error": ('sys.exit("no route to host")', "exit code 1 .*no route to host"),
    "it dies": ("os.kill(os.getpid(), 11)", "signal SIGSEGV"),
    "it writes nothing": ("pass", "no readable report_acme_ndjson.json"),
    "it looked at no site": ("report([])", "not one site"),
    "half an entry": (
        'report([row("A", "https://a.example/acme", "Claimed")])\n'
        '(out / "report_acme_ndjson.json").write_text(\'{"username": "acme", "sitena\')',
        "no JSON or breaks off",
    ),
    "no JSON at all": (
        'report([row("A", "", "Available")])\n'
        '(out / "report_acme_ndjson.json").write_bytes(os.urandom(2000))',
        "no JSON or breaks off|another name",
    ),
    "JSON nested too deep": (
        'report([row("A", "", "Available")])\n'
        '(out / "report_acme_ndjson.json").write_text("[" * 200_000)',
        "no JSON or breaks off",
    ),
    "an entry of another name": (
        'report([row("A", "https://a.example/acme", "Claimed")],'
        ' [{"username": "other", "sitename": "A"}])',
        "an entry of another name",
    ),
    "a row of another name": ('report([row("A", "", "Available", of="x")])', "of another name"),
    "a row of another shape": ('report([["acme", "A"]], [])', "a row of another shape"),
    "a report that leads elsewhere": (
        'report([row("A", "", "Available")])\n'
        'p = out / "report_acme.csv"; p.unlink(); p.symlink_to("/etc/passwd")',
        "no readable report_acme.csv",
    ),
    "a report that is a pipe": (
        'report([row("A", "", "Available")])\n'
        'p = out / "report_acme_ndjson.json"; p.unlink(); os.mkfifo(p); '
        '(out / "report_acme.csv").unlink()',
        "no readable report_acme.csv",
    ),
    "a flood": (
        'with (out / "report_acme.csv").open("wb") as f:\n'
        "    while True: f.write(b'x' * 1_000_000)",
        "signal SIGXFSZ|exit code 1",
    ),
    "too many sites": (
        'report([row(f"S{n}", "", "Available") for n in range(20_001)])',
        "more than 20,000 sites",
    ),
    "all the memory there is": ("x = bytearray(8 << 30)", "MemoryError|signal"),
}


@pytest.mark.parametrize(("body", "says"), BROKEN.values(), ids=BROKEN)
def test_a_programme_that_breaks_costs_its_name_and_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, says: str
) -> None:
    monkeypatch.setattr(sweeping, "MAX_REPORT", 3_000_000)
    of = source(tmp_path, body)
    (batch,), error = swept(of)
    assert error is not None
    with pytest.raises(SourceError, match=says):
        raise error
    assert batch.observations.num_rows == 0
    assert len(str(error)) < 1000 and str(error).isprintable()
    good = source(tmp_path)
    again, error = swept(good, batch.end, batch.state)
    assert error is None and len(rows_of(again)) == 2


def test_a_name_that_fails_again_and_again_is_left_out_and_told(tmp_path: Path) -> None:
    of = source(tmp_path, "sys.exit(3)")
    start, state, told = 0, None, []
    for _ in range(3):
        found, error = swept(of, start, state)
        assert error is not None
        start, state = found[-1].end, found[-1].state
        told += reasons_of(found)
    assert told == ["acme: failed again and again, left out until the next round"]
    assert swept(of, start, state) == ([], None)


def test_a_programme_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    marker = f"child-of-{os.getpid()}-{time.monotonic_ns()}"
    body = f"""
    import subprocess
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "{marker}"])
    time.sleep(60)
    """
    began = time.monotonic()
    _, error = swept(source(tmp_path, body, seconds_per_name=2))
    assert error is not None and "took longer than 2 seconds" in str(error)
    assert time.monotonic() - began < 10
    assert gone(marker)


def test_a_run_that_stops_ends_the_programme_at_once_and_keeps_the_name(tmp_path: Path) -> None:
    marker = f"stopped-{os.getpid()}-{time.monotonic_ns()}"
    body = f"""
    import subprocess
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "{marker}"])
    (pathlib.Path(sys.argv[0]).parent / "started").touch()
    time.sleep(60)
    """
    of = source(tmp_path, body)

    def stop_when_started() -> None:
        until = time.monotonic() + 10
        while not (tmp_path / "bin" / "started").exists() and time.monotonic() < until:
            time.sleep(0.05)
        of.around.stop.set()

    stopper = threading.Thread(target=stop_when_started)
    stopper.start()
    began = time.monotonic()
    assert swept(of) == ([], None)
    stopper.join()
    assert time.monotonic() - began < 15
    assert gone(marker)


def test_children_that_outlive_a_good_programme_are_ended_too(tmp_path: Path) -> None:
    marker = f"left-{os.getpid()}-{time.monotonic_ns()}"
    body = f"""
    import subprocess
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "{marker}"])
    """
    found, error = swept(source(tmp_path, textwrap.dedent(body) + GOOD))
    assert error is None and len(rows_of(found)) == 2
    assert gone(marker)


def gone(marker: str) -> bool:
    until = time.monotonic() + 5
    while running(marker) and time.monotonic() < until:
        time.sleep(0.05)
    return not running(marker)


def test_the_programme_sees_nothing_of_our_environment_and_no_standing_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "a secret")
    body = """
    seen = {"environment": sorted(os.environ), "home": os.environ["HOME"], "here": os.getcwd(),
            "input": sys.stdin.read(), "arguments": sys.argv[1:]}
    (pathlib.Path(sys.argv[0]).parent / "seen").write_text(json.dumps(seen))
    """
    of = source(tmp_path, textwrap.dedent(body) + GOOD, top_sites=7, connections=3)
    assert swept(of)[1] is None
    seen = json.loads((tmp_path / "bin" / "seen").read_text())
    assert set(seen["environment"]) <= {"PATH", "HOME", "TMPDIR", "LC_ALL", "LC_CTYPE"}
    assert seen["home"] == seen["here"] and not Path(seen["home"]).exists()
    assert seen["input"] == ""
    assert seen["arguments"][-1] == "acme"
    for option in ("--no-autoupdate", "--no-recursion", "--no-extracting"):
        assert option in seen["arguments"]
    at = seen["arguments"].index("--top-sites")
    assert seen["arguments"][at + 1] == "7" and "--permute" not in seen["arguments"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('row("A", "javascript:alert(1)", "Claimed")', "A: its address is none"),
        ('row("A", "https://a.example/\\u202e", "Claimed")', "A: its address is none"),
        ('row("A", "https://[::1", "Claimed")', "A: its address is none"),
        ('row("A", "https://x.com/other", "Claimed")', "A: its address is of another name"),
        ('row("A" * 101, "https://a.example/acme", "Claimed")', f"{'A' * 101}: is no name"),
        ('row("A\\x1b[2J", "https://a.example/acme", "Claimed")', "A\\x1b[2J: is no name"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(tmp_path: Path, row: str, says: str) -> None:
    found, error = swept(source(tmp_path, f"report([{row}])"))
    assert error is None and rows_of(found) == []
    (reason,) = reasons_of(found)
    assert reason.startswith(says) and reason.isprintable()


def test_a_claim_of_one_report_only_is_refused(tmp_path: Path) -> None:
    body = 'report([row("A", "https://a.example/acme", "Claimed")], [])'
    found, _ = swept(source(tmp_path, body))
    assert reasons_of(found) == ["A: is claimed in one report and not in the other"]


def test_three_failures_in_a_row_end_the_run(tmp_path: Path) -> None:
    brands = {f"b{n}": Brand(name=f"Brand {n}") for n in range(6)}
    body = """
    with (pathlib.Path(sys.argv[0]).parent / "asked").open("a") as file:
        file.write(name + " ")
    sys.exit(1)
    """
    _, error = swept(source(tmp_path, body, brands=brands))
    assert "failed for 3 of 6 names" in str(error)
    assert len((tmp_path / "bin" / "asked").read_text().split()) == 3


class _Site(BaseHTTPRequestHandler):
    """One site that has everybody, one that has nobody, one that is busy, one that is closed."""

    def do_GET(self) -> None:
        code = {"absent": 404, "busy": 429, "closed": 403}.get(self.path.split("/")[1], 200)
        self.send_response(code)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"acme")

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextlib.contextmanager
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.peer
def test_maigret_itself_is_understood(tmp_path: Path) -> None:
    """With a file of sites of our own, on loopback."""
    made = ROOT / ".venv-existence" / "bin" / "maigret"
    program = str(made) if made.exists() else shutil.which("maigret")
    if program is None:
        pytest.skip("maigret is not here; `make existence` sets it up")
    with site() as address:
        known = {"usernameClaimed": "a", "usernameUnclaimed": "b", "checkType": "status_code"}
        sites = {
            name: {
                **known,
                "tags": [],
                "alexaRank": rank,
                "urlMain": f"{address}/",
                "url": f"{address}/{name.lower()}/{{username}}",
                **({"regexCheck": "^[0-9]+$"} if name == "Picky" else {}),
            }
            for rank, name in enumerate(["Present", "Absent", "Busy", "Closed", "Picky"], start=1)
        }
        (tmp_path / "sites.json").write_text(
            json.dumps({"sites": sites, "engines": {}, "tags": []})
        )
        of = source(tmp_path, command=program, database="sites.json", seconds_per_name=60)
        of = Existence(of.config, replace(of.around, brands={"acme": Brand(name="ACME")}))
        (batch,), error = swept(of)
    assert error is None
    (row,) = batch.observations.to_pylist()
    assert (row["platform"], row["handle"], row["trust"]) == ("present", "acme", "existence")
    assert row["url"] == f"{address}/present/acme"
    assert sorted(reasons_of([batch])) == [
        "Busy: gave no answer; absence is not known",
        "Closed: gave no answer; absence is not known",
    ]
    assert (batch.end, batch.skipped) == (5, 2)
