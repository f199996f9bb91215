"""`namaak intake`: links in, a list in the intake folder out, and a reason for each refused one."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime
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
domains = ["acme.example"]
accounts = { x = ["acme", "acme_town*"], youtube = ["UCaaaaaaaaaaaaaaaaaaaaaa"] }
apps = { app-store = ["6400000999"] }
"""
ON = "[sources.intake]\n"
PICTURE = b"bytes of a picture"
SHA = hashlib.sha256(PICTURE).hexdigest()


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
    # Nobody said when it was seen; that it was reported is no sighting.
    assert rows[0]["source_time"] is None and "seen_at" not in json.loads(rows[0]["raw"])


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-11-02", datetime(2026, 11, 2, tzinfo=UTC)),
        (" 2026-11-02T14:30+01:00 ", datetime(2026, 11, 2, 13, 30, tzinfo=UTC)),
    ],
)
def test_when_it_was_seen_is_what_the_reporter_says(
    folder: Path, given: str, moment: datetime
) -> None:
    assert invoke(["intake", "x.com/acme_help", "--seen", given]) == 0
    (row,) = gathered(folder)
    assert row["source_time"] == moment
    assert json.loads(row["raw"])["seen_at"] == given.strip()


def test_a_column_of_a_list_tells_when_before_the_option_does(folder: Path) -> None:
    (folder / "desk.csv").write_text("link,seen\nx.com/acme_help,2026-11-01\nx.com/acme_pay,\n")
    assert invoke(["intake", "--file", "desk.csv", "--seen", "2026-11-02"]) == 0
    assert [row["source_time"].day for row in gathered(folder)] == [1, 2]


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
    assert [row["screenshot_sha256"] for row in rows if row["screenshot_sha256"]] == [SHA]


def test_a_known_link_that_was_seen_again_is_written_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["intake", "x.com/acme_help"]) == 0
    for state in ("new", "known"):
        capsys.readouterr()
        assert invoke(["intake", "x.com/acme_help", "--seen", "2026-11-02", "--json"]) == 0
        assert [row["state"] for row in told(capsys)] == [state]
    assert len(gathered(folder)) == 2


def test_what_is_known_stays_known_beside_a_row_that_says_nobody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "intake").mkdir()
    (folder / "intake" / "desk.txt").write_text("https://x.com/home\nhttps://x.com/acme_help\n")
    assert invoke(["intake", "x.com/acme_help", "--json"]) == 0
    assert [row["state"] for row in told(capsys)] == ["known"]


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("https://x.com/ACME", "matches your own accounts (acme)"),
        ("https://x.com/acme_town_north", "matches your own accounts (acme_town*)"),
        (
            "youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa",
            "matches your own accounts (UCaaaaaaaaaaaaaaaaaaaaaa)",
        ),
        ("apps.apple.com/nl/app/x/id6400000999", "matches your own apps (6400000999)"),
        ("@help@social.acme.example", "matches your own domains (acme.example)"),
    ],
)
def test_a_link_of_the_brands_own_list_is_known_and_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str], link: str, says: str
) -> None:
    assert invoke(["intake", link, "--note", "is this you?", "--json"]) == 0
    assert [(row["state"], row["says"]) for row in told(capsys)] == [("known", says)]
    assert lists(folder) == []


def test_a_handle_beside_the_id_of_somebody_else_is_not_the_brands_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "desk.csv").write_text("platform,handle,native_id\nx,acme,991\n")
    assert invoke(["intake", "--file", "desk.csv", "--json"]) == 0
    assert [row["state"] for row in told(capsys)] == ["new"]


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("jan@social.acme.example", "is a mail address at a domain of your own"),
        ("jan@acme.example", "is a mail address at a domain of your own"),
        ("jan@other.example", "put an @ before it"),
        ("https://acme-login.example/pay", "a website goes into a list of hosts"),
        ("acme-login.example", "a website goes into a list of hosts"),
    ],
)
def test_mail_addresses_and_websites_are_refused_with_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str], link: str, says: str
) -> None:
    assert invoke(["intake", link, "--json"]) == 1
    ((state, said),) = [(row["state"], row["says"]) for row in told(capsys)]
    assert state == "refused" and says in said
    assert lists(folder) == []


def test_a_platform_that_nobody_knows_is_refused_with_the_nearest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "desk.csv").write_text(
        "platform,handle\ninstagramm,acme.refunds\nSomewhere Else,acme\n"
    )
    assert invoke(["intake", "--file", "desk.csv", "--json"]) == 1
    shown = capsys.readouterr()
    assert [json.loads(line)["says"] for line in shown.out.splitlines()] == [
        "platform: is none that namaak knows; did you mean instagram?",
        "platform: is none that namaak knows; give its link instead",
    ]
    assert "no run tells of them again" in shown.err
    assert lists(folder) == []


def test_who_reported_it_is_not_written_unless_the_watch_file_wants_it(folder: Path) -> None:
    (folder / "desk.csv").write_text("link,reported_by\nx.com/acme_help,Somebody Private\n")
    assert invoke(["intake", "--file", "desk.csv"]) == 0
    (path,) = lists(folder)
    assert "Private" not in path.read_text() and "reported_by" not in path.read_text()
    path.unlink()
    (folder / "watch.toml").write_text(WATCH + ON + "keep_reporters = true\n")
    assert invoke(["intake", "--file", "desk.csv"]) == 0
    assert json.loads(lists(folder)[0].read_text())["reported_by"] == "Somebody Private"


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
        (5, "new"),
        (6, "refused"),
    ]
    assert rows[3]["says"].startswith("screenshot: ") and "leads out" in rows[3]["says"]
    assert "colour" in shown.err and "no run tells of them again" in shown.err
    assert [row["screenshot_sha256"] for row in gathered(folder)] == [SHA, None, None]
    assert len(list((folder / "intake").glob("*.png"))) == 1


def test_a_missing_picture_costs_the_same_in_a_list_taken_in_as_in_one_put_there(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = "link,avatar\nx.com/acme_help,gone.png\nx.com/acme_pay,https://a.example/b.png\n"
    (folder / "desk.csv").write_text(content)
    (folder / "intake").mkdir()
    (folder / "intake" / "desk.csv").write_text(content)
    there = [(row["handle"], row["image_sha256"]) for row in gathered(folder)]
    (folder / "intake" / "desk.csv").unlink()
    # A picture of that name is somebody else's.
    (folder / "intake" / "gone.png").write_bytes(PICTURE)
    assert invoke(["intake", "--file", "desk.csv", "--json"]) == 0
    assert [row["says"].partition(";")[0] for row in told(capsys)] == [
        "avatar: cannot be read (No such file or directory)",
        "avatar: is an address and not a file beside the list",
    ]
    assert [(row["handle"], row["image_sha256"]) for row in gathered(folder)] == there
    assert there == [("acme_help", None), ("acme_pay", None)]


@pytest.mark.parametrize(
    ("arguments", "pasted", "says"),
    [
        (["x.com/acme", "--file", "f.csv"], b"", "links or --file"),
        (["--file", "gone.csv"], b"", "mend the path behind --file"),
        (["x.com/acme", "--seen", "2-11-2026"], b"", "write a day, as in 2026-11-22"),
        (["x.com/acme", "--seen", "2999-01-01"], b"", "lies in the future"),
        (["x.com/acme", "--seen", "1905-01-01"], b"", "before there was anything to see"),
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
