"""`namaak match`: names and pictures against the watch list, without storing anything."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from namaak.cli import invoke
from namaak.decoding.wordmarks import find_reader
from namaak.records import Band, Resemblance

LOGO = Path(__file__).resolve().parents[2] / "examples" / "logos" / "waldermond.png"
KEYS = [
    "input", "brand", "resemblance", "distance", "strength", "band", "reasons", "suppressed",
]  # fmt: skip
WATCH = """
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.example"]
logos = ["waldermond.png"]
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
    """A folder with a watch file and a logo, and we are in it."""
    (tmp_path / "watch.toml").write_text(WATCH)
    shutil.copy(LOGO, tmp_path / "waldermond.png")
    monkeypatch.chdir(tmp_path)
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def match(folder, capsys, monkeypatch):
    """Run `namaak match` in that folder, with these bytes on standard input."""

    def run(*tokens: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = invoke(["match", *tokens])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("host", "waldermond-login.test"),
        ("handle", "waldermond_help"),
        ("display-name", "Waldermond \N{WHITE HEAVY CHECK MARK}"),
        ("app", "Waldermond Mobile"),
        ("image", "waldermond.png"),
    ],
)
def test_a_match_in_json_has_exactly_the_promised_keys(match, kind, name):
    ran = match("--json", "--kind", kind, name)
    assert (ran.code, len(ran.rows)) == (0, 1)
    (row,) = ran.rows
    assert list(row) == KEYS + (["edits", "evidence"] if kind == "image" else [])
    assert (row["input"], row["brand"], row["suppressed"]) == (name, "waldermond", None)
    assert Resemblance(row["resemblance"])
    assert Band(row["band"])
    assert 0 <= row["strength"] <= 1
    assert isinstance(row["distance"], int)
    assert row["reasons"]


def test_names_come_from_standard_input_when_none_are_given(match):
    ran = match(
        "--json", stdin="waldermond-login.test\n\n  tuinhuis.test\nwaldermönd.test".encode()
    )
    assert [row["input"] for row in ran.rows] == ["waldermond-login.test", "waldermönd.test"]


def test_bytes_that_are_no_text_and_names_that_are_no_hosts_stop_nothing(match):
    ran = match("--json", stdin=b"\xff\xfe\x00\nnot a host\nwaldermond-login.test\n")
    assert ran.code == 0
    assert [row["input"] for row in ran.rows] == ["waldermond-login.test"]
    assert "'not a host' is not a host" in ran.err
    assert all(char.isprintable() or char == "\n" for char in ran.err)


def test_what_the_brand_owns_is_shown_and_is_no_case(match):
    (row,) = match("--json", "www.waldermond.example").rows
    assert row["band"] == "none"
    assert "own domain" in row["suppressed"]


def test_nothing_alike_is_no_failure(match):
    ran = match("tuinhuis.test")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "Nothing resembles a brand of the watch file, or too faintly to rank.\n"
    assert match("--json", "tuinhuis.test") == Ran(0, "", "")
    assert match(stdin=b"").code == 0


def test_in_a_pipe_rows_are_separated_by_tabs(match):
    heading, row = match("waldermond-login.test").out.splitlines()
    assert heading.split("\t") == KEYS
    assert len(row.split("\t")) == len(KEYS)


def test_control_characters_of_a_name_are_made_visible(match):
    ran = match("--kind", "display-name", "Waldermond\x1b[2J\x9b2J\u202e")
    assert "\\x1b[2J" in ran.out
    assert all(char.isprintable() or char in "\n\t" for char in ran.out)
    ran = match("--json", "--kind", "display-name", "Waldermond\x1b[2J\x9b2J\u202e")
    assert ran.rows[0]["input"] == "Waldermond\x1b[2J\x9b2J\u202e"
    assert all(char.isprintable() or char == "\n" for char in ran.out)


def test_a_changed_copy_of_the_logo_is_found(folder, match):
    with Image.open(LOGO) as logo:
        logo.convert("RGB").resize((90, 90)).save(folder / "copy.jpg", quality=70)
    (row,) = match("--json", "--kind", "image", "copy.jpg").rows
    assert row["resemblance"] in ("same-image", "near-image")


@pytest.mark.peer
@pytest.mark.skipif(find_reader() is None, reason="tesseract is not installed")
def test_a_name_drawn_in_a_picture_is_read(folder, match):
    mark = Image.new("RGB", (360, 80), "white")
    ImageDraw.Draw(mark).text((20, 14), "WALDERMOND", fill="navy", font=ImageFont.load_default(40))
    mark.save(folder / "mark.png")
    rows = match("--json", "--kind", "image", "mark.png").rows
    (read,) = (row for row in rows if row["resemblance"] == "same-name")
    assert read["input"] == "mark.png"
    assert "The picture reads “WALDERMOND”" in " ".join(read["reasons"])


def test_a_picture_that_says_nothing_and_one_that_is_none_are_named(folder, match):
    Image.new("RGB", (64, 64), "white").save(folder / "flat.png")
    (folder / "text.png").write_text("no picture")
    ran = match("--kind", "image", "flat.png", "text.png", "waldermond.png", "--json")
    assert ran.code == 0
    assert [row["input"] for row in ran.rows] == ["waldermond.png"]
    assert "flat.png says nothing by itself" in ran.err
    assert "text.png cannot be compared" in ran.err


def test_a_picture_that_is_not_there_is_a_failure(match):
    ran = match("--kind", "image", "none.png")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("namaak: the picture none.png cannot be read")


def test_an_unknown_kind_is_wrong_use(match):
    ran = match("--kind", "website", "waldermond.test")
    assert (ran.code, ran.out) == (2, "")
    assert "website" in ran.err
    assert "--help" in ran.err


def test_without_a_watch_file_it_says_how_to_make_one(folder, match):
    (folder / "watch.toml").unlink()
    ran = match("waldermond.test")
    assert (ran.code, ran.out) == (2, "")
    assert "namaak init" in ran.err


def test_a_logo_that_is_missing_is_named_with_its_table_and_key(folder, match):
    (folder / "waldermond.png").unlink()
    ran = match("waldermond.test")
    assert ran.code == 2
    assert "[brands.waldermond] logos[0]: waldermond.png" in ran.err


def test_nothing_is_stored(folder, match):
    before = sorted(folder.iterdir())
    match("waldermond-login.test")
    assert sorted(folder.iterdir()) == before
