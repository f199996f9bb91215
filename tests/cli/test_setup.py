"""`namaak init`, `check`, `doctor` and the beginning of `run`: before there is a casebook."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass

import pytest
from PIL import Image

from namaak.cli import invoke

WATCH = """
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
logos = ["one.png", "two.png"]
[sources.files]
[[sources.files.inputs]]
path = "hosts.txt"
"""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, and we are in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def namaak(folder, capsys):
    """Run a command in that folder."""

    def run(*tokens: str) -> Ran:
        capsys.readouterr()
        code = invoke(list(tokens))
        return Ran(code, *capsys.readouterr())

    return run


@pytest.mark.parametrize("name", ["Acme Bank", "acme-bank.example", 'The "Acme" \\ Bank', "Бренд"])
def test_what_init_writes_is_sound(folder, namaak, name):
    ran = namaak("init", name)
    assert (ran.code, ran.out) == (0, "")
    assert "namaak check" in ran.err
    assert tomllib.loads((folder / "watch.toml").read_text(encoding="utf-8"))["brands"]
    assert namaak("check").code == 0
    assert namaak("check", "--json") == Ran(0, "", "")


def test_init_never_overwrites(folder, namaak):
    (folder / "watch.toml").write_text("mine")
    ran = namaak("init", "Acme")
    assert ran.code == 2
    assert "exists already" in ran.err
    assert (folder / "watch.toml").read_text() == "mine"
    assert namaak("init", "Acme", "--output", "other.toml", "--json").rows == [
        {"watch": "other.toml"}
    ]
    assert namaak("check", "--watch", "other.toml").code == 0


@pytest.mark.parametrize("given", [("...",), ("",), (), ("Acme", "--output", "no-folder/w.toml")])
def test_init_refuses_what_makes_no_watch_file(folder, namaak, given):
    ran = namaak("init", *given)
    assert ran.code == 2
    assert ran.err.startswith("namaak: ")
    assert list(folder.iterdir()) == []


def test_check_says_every_problem_at_once(folder, namaak):
    (folder / "watch.toml").write_text(WATCH)
    ran = namaak("check")
    assert (ran.code, ran.out) == (2, "")
    for part in ("[brands.waldermond] logos[0]: one.png", "logos[1]: two.png"):
        assert part in ran.err
    assert len(namaak("check", "--json").rows) == ran.err.count("\n  - ")


def test_check_names_the_table_and_key_of_a_wrong_value(folder, namaak):
    (folder / "watch.toml").write_text(WATCH.replace("name =", "nmae ="))
    ran = namaak("check", "--json")
    assert ran.code == 2
    found = {(row["table"], row["key"]): row for row in ran.rows}
    wrong = found["brands.waldermond", "nmae"]
    assert wrong["problem"].startswith("is not a key")
    assert wrong["remedy"] == "mend the spelling or drop it"
    assert wrong["file"].endswith("watch.toml")
    assert found["brands.waldermond", "name"]["problem"] == "is missing"


@pytest.mark.parametrize("command", ["check", "cases", "run", "export"])
def test_without_a_watch_file_every_command_says_how_to_make_one(namaak, command):
    ran = namaak(command)
    assert (ran.code, ran.out) == (2, "")
    assert "namaak init" in ran.err


def test_a_file_that_is_no_toml_is_told_with_its_line(folder, namaak):
    (folder / "watch.toml").write_text("[watch\n")
    ran = namaak("check")
    assert ran.code == 2
    assert "line 1" in ran.err


def test_doctor_on_nothing_says_what_is_there_and_what_is_missing(namaak):
    ran = namaak("doctor", "--json")
    assert ran.code == 1
    checks = {row["what"]: row for row in ran.rows}
    assert {row.keys() == {"state", "what", "says"} for row in ran.rows} == {True}
    assert checks["duckdb"]["state"] == "fine"
    assert checks["watch file"]["state"] == "wrong"
    assert "namaak init" in checks["watch file"]["says"]


def test_doctor_before_the_first_run_finds_nothing_wrong(namaak):
    namaak("init", "Acme")
    checks = {row["what"]: row for row in namaak("doctor", "--json").rows}
    assert checks["watch file"]["state"] == "fine"
    assert {checks[what]["state"] for what in ("lake", "casebook")} == {"note"}


def test_doctor_says_that_a_server_does_not_answer(namaak, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    (server,) = (row for row in namaak("doctor", "--json").rows if row["what"] == "server")
    assert server["state"] == "wrong"
    assert "does not answer" in server["says"]


@pytest.mark.parametrize("command", [("doctor", "x"), ("check", "--deep"), ("run", "--top", "x")])
def test_wrong_use_is_told_with_where_to_read_on(namaak, command):
    ran = namaak(*command)
    assert (ran.code, ran.out) == (2, "")
    assert "--help" in ran.err


def test_run_says_at_once_that_the_data_folder_cannot_be_written(folder, namaak, monkeypatch):
    namaak("init", "Acme")
    (folder / "a-file").write_text("")
    monkeypatch.setenv("NAMAAK_DATA", str(folder / "a-file"))
    ran = namaak("run")
    assert (ran.code, ran.out) == (1, "")
    (line,) = ran.err.splitlines()
    assert "a-file cannot be written" in line


def test_check_says_what_is_no_fault_as_notes_and_counts_photos(folder, namaak):
    (folder / "watch.toml").write_text(
        '[watch]\ncontact = "abuse@waldermond.example"\n[brands.waldermond]\nname = "Waldermond"\n'
        'accounts.x = ["waldermond_*"]\n'
        '[[brands.waldermond.executives]]\nname = "First Last"\nphoto = "face.png"\n[sources.x]\n'
    )
    picture = Image.effect_mandelbrot((96, 96), (-2, -1.2, 1, 1.2), 60).convert("RGB")
    picture.save(folder / "face.png")
    ran = namaak("check")
    assert ran.code == 0
    assert "1 brand, 0 logos, 1 photo, 0 owned domains" in ran.out
    assert [line.partition("]")[0] for line in ran.err.splitlines()] == [
        "Note: [brands.waldermond",
        "Note: [sources.x",
        "Note: [sources.x",
    ]
    assert namaak("check", "--json") == Ran(0, "", ran.err)
