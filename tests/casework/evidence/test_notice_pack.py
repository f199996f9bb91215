"""The pack for a recipient of a notice: small, without people, and saying what it leaves out."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from namaak.casework.evidence.checking import verify_pack
from namaak.casework.evidence.material import NOTICE_BYTES, Enclosed, Paper, Profile
from namaak.errors import NamaakError
from tests.casework.evidence.captured import STARTED, capture, empty_archive, screenshot
from tests.casework.evidence.test_pack import (
    a_report,
    by_hash,
    files_of,
    observation,
    packed,
    picture,
    read,
    specimen,
)

PERSON = "r.jansen"
DOCS = Path(__file__).parents[3] / "docs"


def enclosed(**changes: Any) -> Enclosed:
    row, kept = capture(empty_archive())
    older = row | {"capture_id": "NC-A", "started_at": STARTED - timedelta(days=3)}
    notice = b"Dear other provider"
    digest = hashlib.sha256(notice).hexdigest()
    material: dict[str, Any] = {
        "captures": [row, older],
        "kept": kept | {digest: notice},
        "marks": [{"number": "1234567"}],
        "papers": [Paper(name="authority letter", content=b"%PDF-", ending="pdf")],
        "members": [{"case_id": "NK-OTHER", "brand_name": "Other brand",
                     "subject": "acme-two.example", "subject_kind": "host", "band": "high"}],
        "edges": [{"value": "somebody@private.example"}],
        "versions": [{"version": 1, "handle": "old", "contacts": ["mail:x@y.example"]},
                     {"version": 2, "handle": "new", "contacts": ["mail:x@y.example"]}],
        "actions": [{"action_id": "NA-1", "route": "host", "state": "sent",
                     "approved_by": PERSON, "text_sha256": digest}],
        "replies": [{"action_id": "NA-1", "sender": "somebody@host.example"}],
    }  # fmt: skip
    return Enclosed(**(material | changes))


def everything(pack: Path) -> str:
    return "\n".join(content.decode("utf-8", "replace") for content in files_of(pack).values())


def notice_pack(folder: Path, **changes: Any) -> Path:
    shot = picture("#c00")
    rows = [
        observation(),
        observation() | {"subject_key": "account:x:somebody-else", "handle": "bystander"},
        a_report(1, shot, note="I am Petra de Vries"),
    ]
    given = {
        "observations": rows,
        "screenshots": by_hash(shot),
        "enclosed": enclosed(),
        "profile": Profile.NOTICE,
    }
    return packed(folder, specimen(assignee=PERSON), **(given | changes))


def test_it_names_no_person_and_no_third_party(tmp_path: Path) -> None:
    pack = notice_pack(tmp_path)
    said = everything(pack)
    words = ("Petra de Vries", "bystander", "somebody-else", "somebody@", "x@y.example")
    for word in (PERSON, *words, "NK-OTHER", "Other brand", "other provider"):
        assert word not in said, word
    assert "acme-two.example" in said
    history = json.loads((pack / "data" / "history.json").read_text())
    assert {row["actor"] for row in history} == {"analyst"}
    assert verify_pack(pack) == ()


def test_former_names_of_the_account_stay_as_help_and_how_to_say(tmp_path: Path) -> None:
    handles = [{"handle": "acme_help", "name": "Acme Help"}, {"handle": "j_doe", "name": "J. Doe"}]
    pack = notice_pack(tmp_path, enclosed=enclosed(aliases=handles))
    assert read(pack, "account/profile.json")["handles"] == handles
    for page in ("how-to/hand-over-evidence.md", "reference/cli.md"):
        (row,) = (
            line
            for line in (DOCS / page).read_text().splitlines()
            if line.startswith(("| `--profile notice`", "| `--profile`"))
            and "what it needs to act" in line.replace("a provider needs", "it needs")
        )
        assert "without names of your staff" in row
        assert "what the account says of itself, former names included, stays" in row


def test_it_holds_what_the_recipient_needs_and_says_what_was_left_out(tmp_path: Path) -> None:
    pack = notice_pack(tmp_path)
    names = set(files_of(pack))
    folder = "data/captures/20261121T120001Z-here"
    assert {f"{folder}/capture.wacz", f"{folder}/screenshot-view.png", f"{folder}/capture.json",
            "data/report.html", "data/case.json", "data/score.json", "data/brand/marks.json",
            "data/brand/authority-letter.pdf", "data/cluster/members.csv"} <= names  # fmt: skip
    assert not any(name.startswith(("data/actions/", "data/exports/", "data/reported/"))
                   for name in names)  # fmt: skip
    assert not names & {"data/events.jsonl", "data/chain-head.json", "data/account/avatar.orig"}
    assert sum(1 for name in names if name.endswith("capture.json")) == 1
    what = [entry["what"] for entry in read(pack, "missing.json")]
    assert "Names of the people who worked on it" in what
    assert "Notices to others and their answers" in what


def test_only_a_picture_that_was_not_found_is_called_missing(tmp_path: Path) -> None:
    seen = picture("#12b35f", "JPEG")
    for place, avatar, missed in (("with", seen, False), ("without", None, True)):
        pack = notice_pack(tmp_path / place, subject_image=avatar, enclosed=enclosed(avatar=avatar))
        assert (pack / "data" / "comparison" / "subject.png").is_file() is not missed
        what = [entry["what"] for entry in read(pack, "missing.json")]
        assert ("Picture of the account" in what) is missed
        report = (pack / "data" / "report.html").read_text()
        assert ("Picture of the account" in report) is missed
        assert "Original files of the subject" in what


def test_its_pictures_are_scaled_and_their_digests_are_of_what_is_there(tmp_path: Path) -> None:
    large = screenshot(1600, 1200)
    row, kept = capture(None)
    digest = hashlib.sha256(large).hexdigest()
    row |= {"view_sha256": digest}
    material = enclosed(captures=[row], kept=kept | {digest: large})
    pack = notice_pack(tmp_path, enclosed=material)
    (view,) = pack.glob("data/captures/*/screenshot-view.png")
    with Image.open(view) as image:
        assert max(image.size) == 1280
    document = json.loads((view.parent / "capture.json").read_text())
    assert document["view_sha256"] == hashlib.sha256(view.read_bytes()).hexdigest()
    assert document["view_sha256_before_scaling"] == digest


def test_what_does_not_fit_is_left_out_the_dearest_first_and_said(tmp_path: Path) -> None:
    row, kept = capture(None)
    heavy = os.urandom(400_000)
    row |= {"wacz_sha256": hashlib.sha256(heavy).hexdigest()}
    material = enclosed(captures=[row], kept=kept | {row["wacz_sha256"]: heavy})
    pack = notice_pack(tmp_path / "a", enclosed=material, max_bytes=600_000)
    assert sum(map(len, files_of(pack).values())) <= 600_000
    assert not list(pack.glob("data/captures/*/capture.wacz"))
    assert list(pack.glob("data/captures/*/screenshot-view.png"))
    said = {entry["what"]: entry["reason"] for entry in read(pack, "missing.json")}
    (reason,) = [why for what, why in said.items() if what.endswith("capture.wacz")]
    assert reason.startswith("It is too large for this recipient")
    assert verify_pack(pack) == ()
    whole = notice_pack(tmp_path / "b", enclosed=material)
    assert list(whole.glob("data/captures/*/capture.wacz"))
    assert sum(map(len, files_of(whole).values())) <= NOTICE_BYTES


def test_a_limit_that_nothing_fits_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NamaakError, match="does not fit into 10000 bytes"):
        notice_pack(tmp_path / "packs", max_bytes=10_000)
    assert not (tmp_path / "packs").exists()


def test_the_same_material_at_the_same_time_gives_the_same_bytes(tmp_path: Path) -> None:
    for profile in Profile:
        first = notice_pack(tmp_path / "a", profile=profile)
        material = enclosed()
        shuffled = enclosed(captures=list(material.captures)[::-1])
        second = notice_pack(tmp_path / "b", profile=profile, enclosed=shuffled)
        assert files_of(first) == files_of(second)
        first.rename(tmp_path / f"kept-{profile}")
        second.rename(tmp_path / f"kept-too-{profile}")


def test_a_picture_that_does_not_decode_is_left_out_of_the_report_only(tmp_path: Path) -> None:
    row, kept = capture(None)
    junk = b"\x89PNG\r\n\x1a\njunk"
    digest = hashlib.sha256(junk).hexdigest()
    material = enclosed(captures=[row | {"view_sha256": digest}], kept=kept | {digest: junk})
    pack = packed(tmp_path, enclosed=material)
    assert next(pack.glob("data/captures/*/screenshot-view.png")).read_bytes() == junk
    assert "as a visitor saw it" not in (pack / "data" / "report.html").read_text()


def test_a_visit_that_failed_or_was_of_another_page_is_not_sent_and_that_is_said(
    tmp_path: Path,
) -> None:
    row, kept = capture(empty_archive())
    site = {"subject": "acme-login.example", "subject_kind": "host",
            "subject_key": "host:acme-login.example"}  # fmt: skip
    profile = {"platform": "x", "handle": "acme_help", "native_id": None,
               "url": "https://social.example/acme_help"}  # fmt: skip
    beside = row | {"url": "https://social.example/somebody-else"}
    inside = row | {"outcome": "failed", "url": "http://127.0.0.1:8099/"}
    for number, (changes, versions, captures, sent) in enumerate((
        (site, [], [inside], 0),
        (site, [], [row | {"url": "https://intranet.example/"}], 0),
        (site, [], [row | {"url": "https://ACME-login.example/pay?x=1"}, inside], 1),
        ({}, [profile], [beside], 0),
        ({}, [profile], [row | {"url": "https://social.example/acme_help/"}, beside], 1),
        ({}, [profile], [row | {"url": "https://x.com/acme_help"}], 1),
        ({}, [], [row], 1),
    )):  # fmt: skip
        case = specimen(**changes)
        material = enclosed(captures=captures, kept=kept, versions=versions)
        pack = packed(tmp_path / str(number), case, enclosed=material, profile=Profile.NOTICE)
        assert len(list(pack.glob("data/captures/*/capture.json"))) == sent, number
        assert "127.0.0.1" not in everything(pack), number
        assert "somebody-else" not in everything(pack), number
        said = [entry["what"] for entry in read(pack, "missing.json")]
        assert ("Visits of the page" in said) is (sent == 0), number
    assert "Visits of the page" not in [
        entry["what"]
        for entry in read(packed(tmp_path / "full", specimen(), enclosed=material), "missing.json")
    ]


def test_a_vantage_that_is_no_word_of_ours_makes_no_path(tmp_path: Path) -> None:
    row, kept = capture(None, vantage="../../up")
    pack = packed(tmp_path, enclosed=enclosed(captures=[row, row], kept=kept))
    folders = sorted(path.name for path in (pack / "data" / "captures").iterdir())
    assert folders == ["20261121T120001Z-elsewhere", "20261121T120001Z-elsewhere-2"]
