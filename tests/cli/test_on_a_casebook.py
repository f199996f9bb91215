"""Every command that reads or changes a casebook: it worked, it was misused, it found nothing."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from detectors import observations
from detectors.suffixes import registrable_domain
from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.casework.subjects import host_domains, subject_texts
from namaak.cli import invoke
from namaak.decoding.reading import decoded_logos, kept_pictures
from namaak.decoding.workers import Decoders
from namaak.enrolment import enrol
from namaak.gathering import gather_instance, open_instances, wanted_sources
from namaak.lake import Lake
from namaak.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
LOGO = ROOT / "examples" / "logos" / "waldermond.png"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CASE_KEYS = {"case_id", "brand", "subject", "kind", "score", "band", "workflow", "reasons"}
#: Clears a screen in two ways, and turns the reading direction.
HOSTILE = "Waldermond\x1b[2J\x9b2J Bank\u202e"

WATCH = """
[watch]
contact = "abuse@waldermond.example"
data = "kept"
[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.example"]
logos = ["waldermond.png"]
[brands.kolibrant]
name = "Kolibrant"
[sources.files]
[[sources.files.inputs]]
path = "hosts.txt"
kind = "host"
[[sources.files.inputs]]
path = "profiles.jsonl"
kind = "account"
[[sources.files.inputs]]
path = "apps.jsonl"
kind = "app"
"""
HOSTS = ("waldermond-login.test", "wa1dermond.test", "kolibrant-help.test", "tuinhuis.test",
         *(f"waldermond-betaal-{number}.test" for number in (1, 2, 3)))  # fmt: skip
PROFILE = {"platform": "x", "native_id": "77", "handle": "waldermond_hulp",
           "display_name": HOSTILE, "avatar": "waldermond.png"}  # fmt: skip
APPS = (
    {"store": "google-play", "app_id": "test.one", "title": "=Waldermond"},
    {"store": "google-play", "app_id": "test.two", "title": HOSTILE},
)


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
def made(tmp_path_factory):
    """A folder with a watch file and what a run makes of it."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "watch.toml").write_text(WATCH)
    (folder / "hosts.txt").write_text("\n".join(HOSTS) + "\n")
    (folder / "profiles.jsonl").write_text(json.dumps(PROFILE) + "\n")
    (folder / "apps.jsonl").write_text("".join(json.dumps(app) + "\n" for app in APPS))
    shutil.copy(LOGO, folder / "waldermond.png")
    settings = load_settings(folder / "watch.toml", {})
    for source, instance in open_instances(wanted_sources(settings.watch)):
        gather_instance(source, instance, settings.lake, now=lambda: NOW)
    enrolled = enrol(settings.watch, detectors=observations.version())
    with (
        Decoders() as decoders,
        Lake(settings.lake) as lake,
        Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book,
    ):
        watchlist = observations.compile_watchlist(
            enrolled.brands, decoded_logos(enrolled.logos, decoders)
        )
        read = partial(kept_pictures, read_image=lake.read_image, decoders=decoders)
        book.record_brands(enrolled.brands, enrolled.fingerprints, now=NOW)
        for work in lake.pending(enrolled.fingerprints):
            for batch in work.batch_ids:
                seen = lake.observations(batch)
                found = observations.match_observations(seen, watchlist, read)
                lake.record_matches(
                    batch, dict(enrolled.fingerprints), found.matches,
                    pictures=found.pictures, detected_at=NOW,
                )  # fmt: skip
        for file in lake.match_files():
            matches = lake.matches(file)
            book.load_matches(
                matches, file=file.name, rank=ranking.rank, brand_names={},
                subjects=subject_texts(lake.observations(file.batch_id), matches),
                domains=host_domains(matches, registrable_domain), now=NOW,
                rank_version=ranking.VERSION,
            )  # fmt: skip
        book.record_coverage(**lake.coverage().tables())
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    """A copy of that folder, and we are in it: ./watch.toml is found by itself."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NAMAAK_ACTOR", "an analyst")
    return tmp_path


@pytest.fixture
def namaak(folder, capsys):
    """Run a command in that folder."""

    def run(*tokens: str) -> Ran:
        capsys.readouterr()
        code = invoke(list(tokens))
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def worst(namaak):
    """The case id of a host that is surely a case."""
    (row,) = namaak("cases", "--subject", "waldermond-login", "--json").rows
    return row["case_id"]


def _one_sentence(ran: Ran) -> str:
    """All there is on stderr, which is one line."""
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith("namaak: ")
    return line


# -- cases and case --------------------------------------------------------------------------


def test_cases_lists_the_worst_first(namaak):
    ran = namaak("cases", "--json")
    assert ran.code == 0
    scores = [row["score"] for row in ran.rows]
    assert {row["subject"] for row in ran.rows} >= set(HOSTS[:3]) | {"x/@waldermond_hulp"}
    order = ("critical", "high", "review", "watch")
    assert [row["band"] for row in ran.rows] == sorted(
        (row["band"] for row in ran.rows), key=order.index
    )
    assert all(0 <= score <= 100 for score in scores)


def test_a_series_stands_as_one_line_is_exported_whole_and_decided_together(namaak, folder):
    lines = {row["subject"]: row for row in namaak("cases", "--json").rows}
    series = [host for host in HOSTS if host.startswith("waldermond-betaal")]
    shown = [host for host in series if host in lines]
    assert len(series) == 3 and len(shown) == 1
    assert lines[shown[0]]["more"] == 2
    table = namaak("cases", "--subject", "waldermond-betaal").out
    assert "and 2 more like it" in table
    every = {row["subject"] for row in namaak("cases", "--every", "--json").rows}
    exported = {row["subject"] for row in namaak("export", "--json").rows}
    assert set(series) <= every == exported
    ran = namaak("triage", lines[shown[0]]["case_id"], "confirm", "--series", "--json")
    assert {row["subject"] for row in ran.rows} == set(series)
    assert {row["workflow"] for row in ran.rows} == {"confirmed"}


def test_a_case_in_json_has_the_promised_keys(namaak, worst):
    for row in [*namaak("cases", "--json").rows, *namaak("case", worst, "--json").rows]:
        assert row.keys() >= CASE_KEYS
        assert isinstance(row["reasons"], list)
        assert row["reasons"]


def test_cases_can_be_narrowed_down(namaak):
    assert {row["brand"] for row in namaak("cases", "--brand", "Kolibrant", "--json").rows} == {
        "kolibrant"
    }
    assert len(namaak("cases", "--limit", "1", "--json").rows) == 1
    assert len(namaak("cases", "--limit", "0", "--json").rows) == len(
        namaak("cases", "--json").rows
    )
    assert namaak("cases", "--since", "2026-11-22", "--json").rows == []


def test_no_case_that_fits_is_no_failure(namaak):
    ran = namaak("cases", "--subject", "nothing-like-it")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "No case fits.\n"
    assert namaak("cases", "--subject", "nothing-like-it", "--json") == Ran(0, "", "")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--band", "worst"),
        ("--workflow", "done"),
        ("--kind", "evil"),
        ("--since", "yesterday"),
        ("--limit", "-1"),
        ("--nonsense",),
    ],
    ids=" ".join,
)
def test_cases_refuses_a_wrong_option(namaak, wrong):
    ran = namaak("cases", *wrong)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("namaak: ")


def test_case_shows_why_what_and_since_when(namaak, worst):
    ran = namaak("case", worst)
    assert ran.code == 0
    for part in (worst, "waldermond-login.test", "Why it ranks there", "What was seen", "History"):
        assert part in ran.out
    assert "namaak (load)" in ran.out


def test_case_takes_the_beginning_of_an_id_in_any_case(namaak, worst):
    assert namaak("case", worst[:10].lower(), "--json").rows[0]["case_id"] == worst


@pytest.mark.parametrize("wrong", ["NK-ZZZZZZZZZZZZ", "NK", ""])
def test_case_says_that_there_is_no_such_case(namaak, wrong):
    ran = namaak("case", wrong)
    assert ran.code == 2
    assert repr(wrong) in _one_sentence(ran)


def test_before_the_first_run_there_is_one_sentence(folder, namaak):
    (folder / "kept" / "casebook.duckdb").unlink()
    for command in (("cases",), ("case", "NK-0000"), ("sql", "from inbox"), ("export",)):
        ran = namaak(*command)
        assert ran.code == 1
        assert "run `namaak run`" in _one_sentence(ran)


# -- triage ----------------------------------------------------------------------------------


def test_a_decision_is_taken_and_kept_with_its_author(namaak, worst):
    ran = namaak("triage", worst, "confirm", "--note", "seen live", "--json")
    assert ran.code == 0
    assert [(row["case_id"], row["workflow"]) for row in ran.rows] == [(worst, "confirmed")]
    assert ran.rows[0].keys() >= CASE_KEYS
    (last,) = namaak("case", worst, "--json").rows[0]["events"][-1:]
    assert (last["kind"], last["actor"]) == ("confirmed", "an analyst")
    assert "seen live" in last["data"]


def test_an_impossible_decision_says_what_is_possible(namaak, worst):
    namaak("triage", worst, "dismiss", "--reason", "unrelated")
    ran = namaak("triage", worst, "confirm")
    assert ran.code == 2
    said = _one_sentence(ran)
    assert "dismissed" in said
    assert "reopen" in said
    assert namaak("case", worst, "--json").rows[0]["workflow"] == "dismissed"


def test_several_cases_are_decided_together_or_not_at_all(namaak, worst):
    (other,) = namaak("cases", "--subject", "wa1dermond", "--json").rows
    namaak("triage", worst, "confirm")
    assert namaak("triage", other["case_id"], worst, "confirm").code == 2
    assert namaak("case", other["case_id"], "--json").rows[0]["workflow"] == "new"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "is no decision"),
        (("confirm",), "at least one case"),
        (("NK-0000", "approve"), "'approve' is no decision"),
        (("NK-ZZZZZZZZ", "confirm"), "There is no case"),
        (("CASE", "dismiss"), "reason"),
        (("CASE", "dismiss", "--reason", "boring"), "reason"),
        (("CASE", "snooze"), "until"),
        (("CASE", "snooze", "--until", "soon"), "is no time"),
        (("CASE", "note"), "note"),
    ],
)
def test_triage_refuses_what_is_not_a_whole_decision(namaak, worst, given, said):
    ran = namaak("triage", *(worst if word == "CASE" else word for word in given))
    assert ran.code == 2
    assert said in _one_sentence(ran)


def test_a_second_writer_is_told_who_is_writing(folder, namaak, worst, monkeypatch):
    monkeypatch.setattr(Casebook, "writing", functools.partial(Casebook.writing, wait_s=0.2))
    holding = (
        "import sys; from pathlib import Path; from namaak.casework.publishing import writer_lock\n"
        "with writer_lock(Path(sys.argv[1]), wait_s=5): print('held', flush=True); sys.stdin.read()"
    )
    working = folder / "kept" / "working" / "casebook.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(working)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout.readline() == "held\n"
        ran = namaak("triage", worst, "confirm")
        assert ran.code == 1
        assert f"PID {holder.pid}" in _one_sentence(ran)
        (lock,) = (row for row in namaak("doctor", "--json").rows if row["what"] == "lock")
        assert f"PID {holder.pid}" in lock["says"]
        holder.stdin.close()
    assert namaak("triage", worst, "confirm").code == 0


# -- pack and verify -------------------------------------------------------------------------


def test_a_pack_is_written_and_found_whole(folder, namaak, worst):
    ran = namaak("pack", worst, "--output", "packs", "--json")
    assert ran.code == 0
    (row,) = ran.rows
    assert row["case_id"] == worst
    assert (folder / row["pack"] / "bagit.txt").is_file()
    assert "waldermond-login.test" in (folder / row["pack"] / "data" / "report.html").read_text()
    assert namaak("verify", row["pack"]).code == 0
    (told,) = namaak("verify", row["pack"], "--json").rows
    assert told["sound"] is True
    assert told["problems"] == []


def test_a_pack_holds_all_that_was_reported_of_its_subject_and_nothing_of_others(folder, namaak):
    with (folder / "watch.toml").open("a") as watch:
        watch.write("[sources.intake]\n")
    (folder / "seen.png").write_bytes(LOGO.read_bytes())
    # The first report matched nothing new, the second says more; two stand at one line of a list.
    given = ("--seen", "2026-11-20", "--note", "asks for cards")
    assert namaak("intake", "x.com/i/user/77", *given).code == 0
    assert namaak("intake", "x.com/i/user/77", "--screenshot", "seen.png").code == 0
    (folder / "intake" / "mail.txt").write_text("https://x.com/i/user/78 https://x.com/i/user/77\n")
    settings = load_settings(folder / "watch.toml", {})
    for source, instance in open_instances(wanted_sources(settings.watch)):
        if source.name == "intake":
            gather_instance(source, instance, settings.lake, now=lambda: NOW)
    (case,) = namaak("cases", "--subject", "waldermond_hulp", "--json").rows
    pack = folder / namaak("pack", case["case_id"], "--output", "packs", "--json").rows[0]["pack"]
    told = (pack / "data" / "observations.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in told]
    assert [(row["source"], row["native_id"]) for row in rows] == [
        ("files", "77"),
        *[("intake", "77")] * 3,
    ]
    shot = hashlib.sha256(LOGO.read_bytes()).hexdigest()
    assert sorted(row["screenshot_sha256"] or "" for row in rows) == ["", "", "", shot]
    assert (pack / "data" / "reported" / f"{shot}.orig").read_bytes() == LOGO.read_bytes()
    page = (pack / "data" / "report.html").read_text()
    assert "What was reported" in page and "asks for cards" in page and "2026-11-20" in page
    assert namaak("verify", str(pack)).code == 0


def test_a_pack_that_was_touched_is_no_longer_whole(folder, namaak, worst):
    pack = Path(namaak("pack", worst, "--output", "packs", "--json").rows[0]["pack"])
    (folder / pack / "data" / "case.json").write_text("{}")
    ran = namaak("verify", str(pack))
    assert (ran.code, ran.out) == (1, "")
    assert "case.json" in ran.err
    (told,) = namaak("verify", str(pack), "--json").rows
    assert told["sound"] is False
    assert any("case.json" in problem for problem in told["problems"])


def test_no_pack_of_no_case_and_none_where_nothing_can_be_written(folder, namaak, worst):
    assert namaak("pack", "NK-ZZZZZZZZ", "--output", "packs").code == 2
    assert not (folder / "packs").exists()
    (folder / "a-file").write_text("")
    ran = namaak("pack", worst, "--output", "a-file")
    assert ran.code == 2
    assert "a-file" in _one_sentence(ran)


# -- sql -------------------------------------------------------------------------------------


def test_sql_answers_a_query_a_file_and_a_query_by_name(folder, namaak):
    (row,) = namaak("sql", "select count(*) as open_cases from inbox", "--json").rows
    assert row["open_cases"] > 0
    (folder / "mine.sql").write_text("from brands select brand_id order by all")
    assert namaak("sql", "mine.sql").out.split() == ["brand_id", "kolibrant", "waldermond"]
    assert namaak("sql", "worst_cases_per_brand", "--json").rows


def test_sql_list_names_every_view_and_query(namaak):
    listed = {(row["sort"], row["name"]) for row in namaak("sql", "list", "--json").rows}
    files = {("view", path.stem) for path in (ROOT / "sql" / "views").glob("*.sql")}
    files |= {("query", path.stem) for path in (ROOT / "sql" / "queries").glob("*.sql")}
    assert listed == files


def test_every_query_that_comes_along_works(namaak):
    for path in (ROOT / "sql" / "queries").glob("*.sql"):
        ran = namaak("sql", path.stem)
        assert ran.code == 0, ran.err


def test_sql_without_rows_says_so(namaak):
    ran = namaak("sql", "from inbox where false")
    assert ran == Ran(0, "", "No rows.\n")


@pytest.mark.parametrize(
    "query",
    [
        "insert into brands (brand_id) values ('x')",
        "delete from cases",
        "update cases set score = 0",
        "drop view inbox",
        "attach 'other.duckdb'",
        "copy cases to 'stolen.csv'",
        "export database 'stolen'",
        "from read_csv('hosts.txt')",
        "from 'hosts.txt'",
        "from read_text('/etc/hostname')",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "selec 1",
        "from no_such_table",
    ],
)
def test_sql_only_reads_and_only_the_casebook(folder, namaak, query):
    before = sorted(path.name for path in folder.iterdir())
    ran = namaak("sql", query)
    assert ran.code == 2
    assert _one_sentence(ran).startswith("namaak: The query does not work: ")
    assert sorted(path.name for path in folder.iterdir()) == before
    assert namaak("sql", "from inbox", "--json").rows


def test_a_sql_file_that_is_missing_is_named(namaak):
    ran = namaak("sql", "none.sql")
    assert ran.code == 2
    assert "none.sql" in _one_sentence(ran)


# -- export ----------------------------------------------------------------------------------


def test_csv_holds_no_formula(namaak):
    ran = namaak("export")
    assert ran.code == 0
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert rows[0].keys() >= CASE_KEYS
    assert "'=Waldermond" in {row["subject"] for row in rows}
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row.values())


def test_the_three_formats_hold_the_same_cases(folder, namaak):
    listed = [row["case_id"] for row in namaak("cases", "--every", "--limit", "0", "--json").rows]
    for form in ("csv", "json", "parquet"):
        assert namaak("export", "--format", form, "--output", f"cases.{form}").code == 0
    lines = (folder / "cases.json").read_text().splitlines()
    assert [json.loads(line)["case_id"] for line in lines] == listed
    assert pq.read_table(folder / "cases.parquet")["case_id"].to_pylist() == listed
    with (folder / "cases.csv").open(newline="") as file:
        assert [row["case_id"] for row in csv.DictReader(file)] == listed


def test_an_export_of_nothing_has_its_heading(namaak):
    ran = namaak("export", "--brand", "nobody")
    assert ran.code == 0
    assert ran.out.startswith("case_id,")
    assert len(ran.out.splitlines()) == 1


def test_an_export_speaks_json_as_every_command_does(namaak):
    assert namaak("export", "--json").out == namaak("export", "--format", "json").out != ""


def test_an_export_that_cannot_be_written_leaves_nothing(folder, namaak):
    ran = namaak("export", "--output", "no-folder/cases.csv")
    assert ran.code == 1
    assert "no-folder" in _one_sentence(ran)
    assert namaak("export", "--format", "parquet").code == 2
    assert namaak("export", "--format", "xlsx").code == 2
    assert not list(folder.rglob("*.part"))


# -- doctor ----------------------------------------------------------------------------------


def test_doctor_after_a_run_finds_lake_casebook_and_history(namaak):
    checks = {row["what"]: row for row in namaak("doctor", "--json").rows}
    assert checks["watch file"]["state"] == "fine"
    assert f"{len(HOSTS) + 1 + len(APPS)} observations in 3 batches" in checks["lake"]["says"]
    assert {checks[what]["state"] for what in ("casebook", "history")} == {"fine"}
    assert checks["lock"]["says"] == "free"


def test_doctor_says_that_a_casebook_is_damaged(folder, namaak):
    published = folder / "kept" / "casebook.duckdb"
    published.chmod(0o644)
    published.write_bytes(b"not a database")
    ran = namaak("doctor", "--json")
    assert ran.code == 1
    (casebook,) = (row for row in ran.rows if row["what"] == "casebook")
    assert casebook["state"] == "wrong"
    assert "cannot be opened" in casebook["says"]


# -- what strangers wrote --------------------------------------------------------------------

COMMANDS = (
    ("cases",),
    ("cases", "--json"),
    ("case", "HOSTILE"),
    ("case", "HOSTILE", "--json"),
    ("sql", "from inbox"),
    ("sql", "from inbox", "--json"),
    ("triage", "HOSTILE", "watch"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_control_characters_never_reach_a_terminal(namaak, command):
    (row,) = (row for row in namaak("cases", "--json").rows if row["subject"] == HOSTILE)
    ran = namaak(*(row["case_id"] if word == "HOSTILE" else word for word in command))
    assert ran.code == 0
    assert "2J" in ran.out
    assert all(char.isprintable() or char in "\n\t" for char in ran.out)


def test_a_terminal_gets_a_table_without_control_characters_of_strangers(folder):
    outer, inner = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "namaak", "cases"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "300"},
        stdin=subprocess.DEVNULL, stdout=inner, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(inner)
    shown = b""
    # The other end is closed: a terminal then ends with an error, not with nothing.
    with os.fdopen(outer, "rb", buffering=0) as terminal, suppress(OSError):
        while part := terminal.read(65536):
            shown += part
    assert done.returncode == 0, done.stderr
    assert b"case id" in shown
    assert b"\\x1b[2J" in shown
    assert b"\x1b[2J" not in shown
    assert "\x9b".encode() not in shown
