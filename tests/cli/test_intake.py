"""`namaak intake`: links in, a list in the intake folder out, and a reason for each refused one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from namaak.cli import invoke
from namaak.settings import load_settings
from namaak.sources import open_sources

WATCH = """
[watch]
contact = "abuse@acme.example"
[brands.acme]
name = "ACME"
"""
ON = "[sources.intake]\n"
PICTURE = b"bytes of a picture"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "watch.toml").write_text(WATCH + ON)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NAMAAK_WATCH", raising=False)
    return tmp_path


def paste(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    pasted = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: False)
    monkeypatch.setattr("sys.stdin", pasted)


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def lists(folder: Path) -> list[Path]:
    return sorted((folder / "intake").glob("*.jsonl")) if (folder / "intake").exists() else []


def gathered(folder: Path) -> list[dict[str, Any]]:
    """What the next run would gather."""
    settings = load_settings(folder / "watch.toml", {})
    (source,) = open_sources(settings.watch)
    return [
        row
        for instance in source.instances()
        for batch in source.batches(instance, observed_at=source.around.now())
        for row in batch.observations.to_pylist()
    ]


def test_links_become_a_list_that_the_next_run_gathers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    links = ["https://m.facebook.com/Acme.Refunds?ref=1", "@acme_help@social.example"]
    assert invoke(["intake", *links, "--note", "asks for card numbers", "--json"]) == 0
    assert [(row["state"], row["platform"], row["handle"]) for row in told(capsys)] == [
        ("new", "facebook", "Acme.Refunds"),
        ("new", "mastodon", "acme_help@social.example"),
    ]
    (path,) = lists(folder)
    assert len(path.read_text().splitlines()) == 2
    rows = gathered(folder)
    assert [row["url"] for row in rows] == [
        "https://www.facebook.com/Acme.Refunds",
        "https://social.example/@acme_help",
    ]
    assert json.loads(rows[0]["raw"])["note"] == "asks for card numbers"
    assert rows[0]["source_time"] is not None


def test_a_link_pasted_twice_adds_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paste(monkeypatch, b"https://x.com/acme_help\nmobile.twitter.com/ACME_help?s=20\n")
    assert invoke(["intake", "--json"]) == 0
    assert [row["state"] for row in told(capsys)] == ["new", "known"]
    before = lists(folder)
    assert invoke(["intake", "http://x.com/acme_help/", "--json"]) == 0
    assert [row["state"] for row in told(capsys)] == ["known"]
    assert lists(folder) == before and len(gathered(folder)) == 1


def test_a_known_link_with_something_new_to_say_is_written_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "seen.png").write_bytes(PICTURE)
    assert invoke(["intake", "x.com/acme_help"]) == 0
    for state in ("new", "known"):
        capsys.readouterr()
        command = ["intake", "x.com/acme_help", "--screenshot", "seen.png", "--note", "n", "--json"]
        assert invoke(command) == 0
        assert [row["state"] for row in told(capsys)] == [state]
    rows = gathered(folder)
    assert len(rows) == 2
    assert sum("screenshot_sha256" in json.loads(row["raw"]) for row in rows) == 1


def test_a_screenshot_is_copied_beside_its_list_by_its_content(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "My screen.PNG"
    elsewhere.write_bytes(PICTURE)
    assert invoke(["intake", "x.com/acme_help", "--screenshot", str(elsewhere)]) == 0
    (copied,) = (folder / "intake").glob("*.png")
    assert copied.read_bytes() == PICTURE
    assert json.loads(lists(folder)[0].read_text())["screenshot"] == copied.name


def test_what_is_refused_is_told_with_its_line_and_the_rest_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paste(
        monkeypatch,
        b"Good day,\n\nplease look at https://t.me/acme_help and https://x.com/home\n"
        b"javascript:alert(1)\n\x00\x1b[2J\nhttps://x.com/ac\xe2\x80\xaeme\n\xff\xfe\n",
    )
    assert invoke(["intake"]) == 1
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err and "\u202e" not in shown.out + shown.err
    lines = [line.split("\t") for line in shown.out.splitlines()[1:]]
    assert [(line[0], line[1]) for line in lines] == [
        ("3", "new"),
        ("3", "refused"),
        ("4", "refused"),
        ("5", "refused"),
        ("6", "refused"),
        ("7", "refused"),
    ]
    assert all(line[-1] for line in lines if line[1] == "refused")
    assert "1 written, 0 known already, 5 refused." in shown.err
    assert "1 lines held no link." in shown.err
    assert [row["handle"] for row in gathered(folder)] == ["acme_help"]


def test_a_dry_run_says_all_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["intake", "x.com/acme_help", "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert "acme_help" in shown.out and "1 would be written" in shown.err
    assert not (folder / "intake").exists()


def test_a_file_of_reports_is_taken_in_with_its_pictures(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.png").write_bytes(PICTURE)
    (elsewhere / "desk.csv").write_text(
        "link,platform,handle,screenshot,colour\n"
        "https://x.com/acme_help,,,a.png,red\n"
        ",instagram,acme.refunds,,\n"
        ",instagram,acme-refunds,,\n"
        "https://x.com/acme_pay,,,../../etc/b.png,\n"
        "too,few\n"
    )
    assert invoke(["intake", "--file", str(elsewhere / "desk.csv"), "--json"]) == 1
    shown = capsys.readouterr()
    rows = [json.loads(line) for line in shown.out.splitlines()]
    assert [(row["line"], row["state"]) for row in rows] == [
        (2, "new"),
        (3, "new"),
        (4, "refused"),
        (5, "refused"),
        (6, "refused"),
    ]
    assert "leads out" in rows[3]["says"]
    assert "colour" in shown.err
    assert len(gathered(folder)) == 2
    assert len(list((folder / "intake").glob("*.png"))) == 1


@pytest.mark.parametrize(
    ("arguments", "pasted", "says"),
    [
        (["x.com/acme", "--file", "f.csv"], b"", "links or --file"),
        (["--file", "gone.csv"], b"", "cannot be opened"),
        (["--file", "watch.toml"], b"", "is no list of reports"),
        (["--screenshot", "a.png"], b"x.com/acme", "one link"),
        (["x.com/a", "x.com/b", "--screenshot", "a.png"], b"", "one link"),
        (["x.com/acme", "--note", "n" * 5000], b"", "The note is longer"),
        ([], b"", "No link was given"),
        ([], b" \n\n", "No link was given"),
        ([], b"x" * 5_000_001, "bytes were pasted"),
        ([], b"x\n" * 100_001, "lines were pasted"),
        (["x.com/acme", "--watch", "gone.toml"], b"", "gone.toml"),
    ],
)
def test_wrong_use_is_told_and_writes_nothing(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    pasted: bytes,
    says: str,
) -> None:
    paste(monkeypatch, pasted)
    assert invoke(["intake", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and says in shown.err and len(shown.err) < 1000
    assert not (folder / "intake").exists()


def test_without_its_table_in_the_watch_file_it_writes_and_says_what_to_add(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "watch.toml").write_text(WATCH)
    assert invoke(["intake", "x.com/acme_help"]) == 0
    assert "has no [sources.intake]" in capsys.readouterr().err
    assert len(lists(folder)) == 1
    (folder / "watch.toml").write_text(WATCH + ON)
    assert len(gathered(folder)) == 1


def test_the_folder_of_the_watch_file_is_where_it_writes(folder: Path) -> None:
    (folder / "watch.toml").write_text(WATCH + ON + 'folder = "reported/here"\n')
    assert invoke(["intake", "x.com/acme_help"]) == 0
    assert len(list((folder / "reported" / "here").glob("*.jsonl"))) == 1
    assert len(gathered(folder)) == 1


def test_a_folder_that_cannot_be_written_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "intake").write_text("a file stands where the folder should be")
    assert invoke(["intake", "x.com/acme_help"]) == 2
    assert "Cannot write into" in capsys.readouterr().err


def test_a_picture_that_is_not_there_refuses_its_link(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["intake", "x.com/acme_help", "--screenshot", "gone.png"]) == 1
    assert "screenshot: cannot be read" in capsys.readouterr().out
    assert lists(folder) == []
