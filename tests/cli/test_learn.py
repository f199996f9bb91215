"""`namaak learn` on a casebook with verdicts: what it shows, refuses, activates and takes back."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot, read_case
from namaak.cli import invoke
from namaak.settings import load_settings
from tests.casework.verdicts import decided

WATCH = """
[watch]
contact = "abuse@acme.example"
[brands.acme]
name = "Acme"
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


def paths_of(folder):
    settings = load_settings(folder / "watch.toml", {})
    return {"working": settings.working_casebook, "published": settings.casebook}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder with 300 verdicts, and one with 50."""
    made = {}
    for number in (300, 50):
        folder = tmp_path_factory.mktemp(f"decided-{number}")
        (folder / "watch.toml").write_text(WATCH)
        decided(paths_of(folder), number)
        made[number] = folder
    return made


@pytest.fixture
def namaak(folders, tmp_path, monkeypatch, capsys):
    shutil.copytree(folders[300], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NAMAAK_ACTOR", "an analyst")

    def run(*tokens: str) -> Ran:
        capsys.readouterr()
        code = invoke(list(tokens))
        return Ran(code, *capsys.readouterr())

    return run


def scores() -> dict[str, int]:
    with open_snapshot(paths_of(Path.cwd())["published"]) as snapshot:
        return dict(snapshot.execute("select case_id, score from cases").fetchall())


def one_sentence(ran: Ran) -> str:
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith("namaak: ")
    return line


def test_learn_shows_before_and_after_and_changes_no_score(namaak):
    before = scores()
    ran = namaak("learn")
    assert ran.code == 0
    assert re.search(r"verdicts   300: \d+ taught, \d+ were held back", ran.out)
    for shown in (
        "log loss", "precision from review", "recall from high", "host.lure", "host.mixed-script",
        "confirmed and", "Verdicts are of cases that were shown",
    ):  # fmt: skip
        assert shown in ran.out, shown
    assert "namaak learn --activate w-" in ran.err
    assert scores() == before


def test_what_is_activated_counts_at_once_and_back_undoes_it(namaak):
    before = scores()
    (learned,) = namaak("learn", "--json").rows
    assert learned["better"] and learned["report"]["after"]["verdicts"] > 50
    ran = namaak("learn", "--activate", learned["version"], "--actor", "another")
    assert ran.code == 0 and "cases moved, and their history says why" in ran.out
    after = scores()
    moved = [case for case in before if after.get(case) != before[case]]
    assert moved
    with open_snapshot(paths_of(Path.cwd())["published"]) as snapshot:
        found = read_case(snapshot, moved[0])
    assert found.events[-1]["actor"] == "flow:learn"
    assert "reweighed" in found.events[-1]["data"]
    assert found.case["rank_version"].endswith(f"+{learned['version']}")
    (row,) = namaak("learn", "--versions", "--json").rows
    assert row["active"] and row["activated_by"] == "another" and row["actor"] == "an analyst"
    ran = namaak("learn", "--back")
    assert ran.code == 0 and "weights shipped count now" in ran.out
    assert scores() == before
    (row,) = namaak("learn", "--versions", "--json").rows
    assert not row["active"] and row["withdrawn_by"] == "an analyst"


def test_too_few_verdicts_are_one_sentence_with_how_many_lack(namaak, folders, monkeypatch):
    monkeypatch.chdir(folders[50])
    ran = namaak("learn")
    assert ran.code == 2
    assert "There are 50 verdicts" in one_sentence(ran)
    assert "150 more in all" in ran.err
    ran = namaak("learn", "--versions")
    assert ran.code == 0 and ran.out == "" and "shipped weights count" in ran.err


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (("--activate", "w-none"), "no weights 'w-none'"),
        (("--back",), "nothing to go back to"),
        (("--back", "--versions"), "one of"),
        (("--force",), "goes with --activate"),
        (("--activate", "w-none", "--actor", "flow:learn"), "by a person"),
    ],
)
def test_wrong_use_is_one_sentence(namaak, tokens, says):
    ran = namaak("learn", *tokens)
    assert ran.code == 2
    assert says in one_sentence(ran)


def test_a_large_casebook_is_left_to_the_next_run_and_that_is_said(namaak, monkeypatch):
    monkeypatch.setattr("namaak.cli.learn.AT_ONCE", 10)
    before = scores()
    (learned,) = namaak("learn", "--json").rows
    ran = namaak("learn", "--activate", learned["version"])
    assert ran.code == 0 and "count from the next `namaak run` on" in ran.out
    assert scores() == before
    with Casebook.writing(**paths_of(Path.cwd())) as book:
        assert book.learned().version == learned["version"]


def test_a_case_tells_each_reason_with_what_was_seen_and_what_would_change_it(namaak):
    case = next(iter(scores()))
    ran = namaak("case", case)
    assert re.search(r"rank       \w+, \d+ of 100 \(how sure \d+, how harmful \d+\)", ran.out)
    reasons = ran.out.partition("Why it ranks there")[2].partition("What was seen")[0]
    signs = re.findall(r"^  +[+-]\d+\.\d\d  ", reasons, re.MULTILINE)
    assert signs and len(signs) == reasons.count("would change it: ")
    (facts,) = namaak("case", case, "--json").rows
    assert {signal["axis"] for signal in facts["signals"]} <= {"confidence", "severity"}
    assert 0 <= facts["severity"] <= 100 and 0 <= facts["confidence"] <= 100
