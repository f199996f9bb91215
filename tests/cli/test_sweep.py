"""`namaak sweep` as a person types it, at real name servers."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from detectors.permutations import KINDS
from namaak.cli import invoke
from namaak.cli import sweep as command
from namaak.sweeping import Standing
from namaak.sweeping.ranked import COLUMNS
from tests.peers import nsd, soa

ROOT = Path(__file__).resolve().parents[2]
OWN = "@ IN A 192.0.2.7\n@ IN MX 10 mail\n"
ZONES = {
    "test": soa() + "".join(
        f"{label} IN NS ns.test.\n"
        for label in ("waldermond-login", "waldermnd", "waldermonds", "wald", "waldermond")
    ),
    "waldermond-login.test": OWN,
    "waldermnd.test": "@ IN A 192.0.2.8\n@ IN MX 10 =cmd.evil.example.\n",
    "waldermonds.test": OWN,
    "waldermond.test": OWN,
    "com": soa() + "waldermond IN NS ns.test.\n",
    "io": soa() + "* IN A 192.0.2.9\n",
}  # fmt: skip
WATCH = """
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.test", "waldermonds.test"]
[[brands.waldermond.allow]]
asset = "waldermnd.test"
reason = "a dealer"
author = "anna"
until = 2099-12-31
"""
#: Enough to find all of ZONES, and fast.
FEW = ("--kinds", "omission,plural,lure,other-suffix", "--lures", "en", "--limit", "1500")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    with nsd(ZONES, tmp_path_factory.mktemp("zones")) as served:
        yield served


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, and we are in it; nothing of whoever runs the tests counts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH", "NAMAAK_CONTACT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def sweep(folder, capsys):
    def run(*tokens: str) -> Ran:
        capsys.readouterr()
        code = invoke(["sweep", *tokens])
        return Ran(code, *capsys.readouterr())

    return run


def test_the_how_to_names_every_kind_column_and_aspect():
    page = (ROOT / "docs" / "how-to" / "sweep-a-domain.md").read_text(encoding="utf-8")
    for word in (*KINDS, *COLUMNS, *command._OFFERED, *Standing):
        assert f"`{word}`" in page or f"**{word}**" in page, word


# What it finds


@pytest.mark.peer
def test_registered_lookalikes_are_shown_worst_first_with_reasons(sweep, zones):
    ran = sweep("waldermond.test", "--resolver", zones.address, "--json", *FEW)
    assert ran.code == 0
    assert {row["host"] for row in ran.rows} == {
        "waldermond-login.test", "waldermond.com", "waldermonds.test", "waldermnd.test",
    }  # fmt: skip
    scores = [row["score"] for row in ran.rows]
    assert scores == sorted(scores, reverse=True)
    worst = ran.rows[0]
    assert tuple(worst) == COLUMNS
    assert (worst["host"], worst["band"], worst["kind"]) == (
        "waldermond-login.test", "critical", "lure",
    )  # fmt: skip
    assert worst["mx"] == ["mail.waldermond-login.test"]
    assert (worst["a"], worst["ns"]) == (["192.0.2.7"], ["ns.test"])
    assert any("“login”" in reason for reason in worst["reasons"])


@pytest.mark.peer
def test_what_gave_no_answer_is_counted_and_told_and_never_shown_as_absent(sweep, zones):
    given = ("--kinds", "omission,other-suffix", "--limit", "0", "--all", "--json")
    ran = sweep("waldermond.test", "--resolver", zones.address, *given)
    standings = [row["standing"] for row in ran.rows]
    counts = {name: standings.count(name) for name in set(standings)}
    assert counts["no-answer"] > 50, "all other registries refuse"
    assert (
        f"Asked about {sum(counts.values()):,} names: {counts['registered']} registered, "
        f"{counts['absent']:,} not, {counts['no-answer']:,} without an answer "
        f"({counts['no-answer']:,} refused): those may exist."
    ) in ran.err
    assert "Any name exists under io: 1 of these say nothing." in ran.err
    (flagged,) = [row for row in ran.rows if row["standing"] == "wildcard"]
    assert (flagged["host"], flagged["score"]) == ("waldermond.io", None)


@pytest.mark.peer
def test_the_next_sweep_marks_what_is_new(sweep, folder):
    old = soa() + "waldermnd IN NS ns.test.\n"
    new = soa(2) + "waldermnd IN NS ns.test.\nwaldermon IN NS ns.test.\n"
    few = ("--kinds", "omission")
    with nsd({"test": old}, folder / "zones") as served:
        ran = sweep("waldermond.test", "--resolver", served.address, *few)
        assert "the next sweep says what is new" in ran.err
        served.change("test", new)
        ran = sweep("waldermond.test", "--resolver", served.address, "--json", *few)
        assert {row["host"]: row["new"] for row in ran.rows} == {
            "waldermnd.test": False, "waldermon.test": True,
        }  # fmt: skip
        assert "Z: 1. Remembered in " in ran.err
        served.change("test", soa(3) + "waldermon IN NS ns.test.\n")
        ran = sweep("waldermond.test", "--resolver", served.address, *few)
    heading, row = ran.out.splitlines()
    shown = dict(zip(heading.split("\t"), row.split("\t"), strict=True))
    assert (shown["host"], shown["new"]) == ("waldermon.test", "")
    kept = json.loads((folder / "state/namaak/sweeps/waldermond.test.json").read_text())
    assert kept["registered"]["waldermnd.test"]["gone"]


@pytest.mark.peer
def test_memory_lies_where_one_says_or_nowhere(sweep, zones, folder):
    few = ("--kinds", "omission", "--resolver", zones.address)
    sweep("waldermond.test", "--state", "mine.json", *few)
    assert json.loads((folder / "mine.json").read_text())["domain"] == "waldermond.test"
    ran = sweep("waldermond.test", "--forget", *few)
    assert ran.code == 0
    assert "Remembered" not in ran.err
    assert not (folder / "state").exists()


@pytest.mark.peer
def test_a_watch_file_takes_out_what_is_owned_and_hides_what_is_allowed(sweep, zones, folder):
    (folder / "watch.toml").write_text(WATCH)
    given = ("waldermond.test", "--resolver", zones.address, "--aspects", "dns", "--json", *FEW)
    ran = sweep(*given)
    assert {row["host"] for row in ran.rows} == {"waldermond-login.test", "waldermond.com"}
    assert "1 of the registered are allowed by the watch file." in ran.err
    rows = {row["host"]: row for row in sweep(*given, "--all").rows}
    assert "a dealer" in rows["waldermnd.test"]["suppressed"]
    assert "waldermonds.test" not in rows
    assert "waldermond.test" not in rows


# How it comes out


@pytest.mark.peer
def test_csv_has_a_heading_and_runs_nothing_in_a_spreadsheet(sweep, zones):
    given = ("waldermond.test", "--resolver", zones.address, "--csv", "--kinds", "omission")
    heading, *rows = csv.reader(io.StringIO(sweep(*given).out))
    assert tuple(heading) == COLUMNS
    (row,) = rows
    shown = dict(zip(heading, row, strict=True))
    assert (shown["host"], shown["new"], shown["standing"]) == ("waldermnd.test", "", "registered")
    assert shown["mx"] == "'=cmd.evil.example"
    again = dict(zip(*csv.reader(io.StringIO(sweep(*given).out)), strict=True))
    assert again["new"] == "no"


@pytest.mark.peer
def test_csv_of_nothing_is_the_heading_alone(sweep, zones):
    ran = sweep("bolwerk.test", "--resolver", zones.address, "--csv", "--kinds", "omission")
    assert (ran.code, ran.out.split(",")[0], ran.out.count("\n")) == (0, "host", 1)


@pytest.mark.peer
def test_nothing_registered_is_no_failure(sweep, zones):
    given = ("bolwerk.test", "--resolver", zones.address, "--kinds", "omission")
    ran = sweep(*given)
    assert (ran.code, ran.out) == (0, "")
    assert "No name like it is registered, as far as was answered." in ran.err
    assert sweep(*given, "--json").out == ""


@pytest.mark.peer
def test_a_name_beyond_ascii_is_shown_in_both_ways(sweep, folder):
    label = "bücherwald".encode("idna").decode()
    with nsd({"test": soa() + "bucherwald IN NS ns.test.\n"}, folder / "z") as served:
        ran = sweep("bücherwald.test", "--resolver", served.address, "--json", *FEW)
    assert f"Sweeping around {label}.test." in ran.err
    hosts = {row["host"] for row in ran.rows}
    assert f"{label}.test" not in hosts


# What it refuses


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (["co.uk"], "'co.uk' is a suffix under which others register"),
        (["acme"], "single label"),
        (["a b.test"], "'a b.test'"),
        (["acme.test", "--kinds", "omision"], "--kinds does not know 'omision'; it knows omission"),
        (["acme.test", "--lures", "xx"], "--lures does not know 'xx'; it knows en, "),
        (["acme.test", "--lures", "none", "--kinds", "lure"], "leave no names"),
        (["acme.test", "--aspects", "smell"], "--aspects does not know 'smell'"),
        (["acme.test", "--aspects", "dns,page"], "give a mail address with --contact"),
        (["acme.test", "--contact", "nobody"], "The contact 'nobody' is not a mail address"),
        (["acme.test", "--resolver", "dns.example"], "--resolver: 'dns.example' is no name server"),
        (["acme.test", "--limit", "-1"], "--limit must be 0 or more"),
        (["acme.test", "--queries-per-second", "0"], "--queries-per-second 1 or more"),
        (["acme.test", "--csv", "--json"], "exclude each other"),
        (["acme.test", "--forget", "--state", "x"], "exclude each other"),
        (["acme.test", "--watch", "none.toml"], "There is no watch file at none.toml"),
        ([], "namaak:"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(sweep, folder, tokens, says):
    ran = sweep(*tokens)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert list(folder.iterdir()) == []


@pytest.mark.peer
def test_a_resolver_that_answers_nothing_is_a_failure_and_no_finding(sweep, zones):
    ran = sweep("acme.example", "--resolver", zones.address, "--kinds", "omission")
    assert (ran.code, ran.out) == (1, "")
    assert "No name server answered a single question" in ran.err
    assert "4 without an answer (4 refused): those may exist" in ran.err


def test_a_damaged_memory_is_told_before_anything_is_asked(sweep, folder):
    (folder / "m.json").write_text("{")
    ran = sweep("acme.test", "--state", "m.json", "--resolver", "127.0.0.1:1")
    assert ran.code == 1
    assert "m.json is not what a sweep remembers" in ran.err


# Whom it asks


@pytest.mark.peer
def test_without_a_contact_only_the_dns_is_asked_and_that_is_said(sweep, zones, monkeypatch):
    given = ("waldermond.test", "--resolver", zones.address, "--kinds", "omission", "--json")
    ran = sweep(*given)
    assert "Only the DNS is asked: with --contact MAIL" in ran.err
    monkeypatch.setenv("NAMAAK_CONTACT", "abuse@waldermond.example")
    ran = sweep(*given, "--aspects", "dns")
    assert "Only the DNS is asked" not in ran.err
    (row,) = ran.rows
    assert row["state"] == "registered"


def test_the_systems_name_servers_are_asked_slowly_and_that_is_said(sweep, monkeypatch):
    import namaak.resolving

    monkeypatch.setattr(namaak.resolving, "system_servers", lambda: ("127.0.0.1:1",))
    ran = sweep("ab.test", "--kinds", "omission", "--limit", "1")
    assert (
        "Asking this machine's name servers (127.0.0.1:1), 50 questions a second; name your own "
        "with --resolver." in ran.err
    )


# How it is stopped


@pytest.mark.peer
def test_a_sweep_stopped_by_hand_shows_and_keeps_what_it_found(folder):
    """The second name server never answers, so that the sweep cannot end by itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [sys.executable, "-m", "namaak", "sweep", "waldermond.test", "--resolver", address,
             "--limit", "5000", "--state", "m.json", "--queries-per-second", "20"],
            cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as running:  # fmt: skip
            try:
                end = time.monotonic() + 60
                silent.settimeout(60)
                silent.recv(512)
                while not (folder / "m.json").exists() and time.monotonic() < end:
                    time.sleep(0.05)
                running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=60)
            finally:
                running.kill()
    assert running.returncode == 1, err
    assert out == ""
    assert "stopped; what was found until then is shown" in err
    assert "Traceback" not in err
    kept = json.loads((folder / "m.json").read_text())
    assert [one["whole"] for one in kept["sweeps"]] == [False]
    assert (kept["registered"], kept["absent"]) == ({}, {})
