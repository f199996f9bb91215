"""The pack: other people's tools accept it, and no byte of it can change unseen."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from detectors.images.decoding import decode
from detectors.images.perceptual import as_hex, phash
from detectors.images.picture import Picture
from namaak.casework.events import ChainHead, Draft, EventKind, chain
from namaak.casework.evidence.pack import canonical_json, verify_pack, write_pack
from namaak.casework.evidence.reported import MOST_SHOWN
from namaak.errors import NamaakError, UsageError

NOW = datetime(2026, 11, 21, 12, 30, 5, tzinfo=UTC)
SEEN = NOW - timedelta(days=1)
CASE_ID = "NK-9FNBGW9JXTVS"
NAME = f"case-{CASE_ID}-20261121T123005Z"
HOSTILE = '../../<script>alert(1)</script>\u202e\u200b\0\n\x1b[31m"\ud800'


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """Stands in for the reader's CaseFile: the same four names."""

    case: dict[str, Any]
    signals: list[dict[str, Any]]
    matches: list[dict[str, Any]]
    events: list[dict[str, Any]]


def picture(colour: str = "#0a7a55", kind: str = "PNG") -> bytes:
    image = Image.new("RGB", (120, 90), "white")
    ImageDraw.Draw(image).ellipse((20, 10, 90, 80), fill=colour)
    out = io.BytesIO()
    image.save(out, format=kind)
    return out.getvalue()


def specimen(word: str = "Αcme Bank", **changes: object) -> Specimen:
    case = {
        "case_id": CASE_ID,
        "brand_id": "acme",
        "brand_name": "Acme Bank",
        "subject_key": "account:x:991",
        "subject_kind": "account",
        "subject": word,
        "kind": "homograph",
        "score": 87,
        "band": "high",
        "workflow": "triage",
        "subject_state": "live",
        "reason_code": None,
        "assignee": word,
        "snooze_until": None,
        "gates": ["Critical needs a platform flag."],
        "opened_at": SEEN,
        "updated_at": SEEN,
        "first_observed_at": SEEN,
        "last_observed_at": SEEN,
        "rank_version": "rank-1",
        "revision": 2,
    }
    signals = [
        {
            "position": position,
            "name": "name.homograph",
            "says": "Looks like the brand.",
            "raw": word,
            "weight": 2.0,
            "contribution": 1.5 - position,
            "detector": "names-1",
        }
        for position in (1, 0)
    ]
    match = {
        "match_id": "a" * 32,
        "case_id": CASE_ID,
        "brand_id": "acme",
        "subject_key": "account:x:991",
        "subject_kind": "account",
        "source": "files",
        "instance": word,
        "position": 17,
        "observed_at": SEEN,
        "field": "display-name",
        "value": word,
        "term": "Acme Bank",
        "resemblance": "homograph",
        "place": "whole",
        "distance": 0,
        "strength": 0.9,
        "span_start": 0,
        "span_end": len(word),
        "layers": ["skeleton"],
        "lures": [],
        "traits": [],
        "suppressed": None,
        "detector": "names-1",
        "tables": "t-1",
    }
    image = match | {
        "match_id": "b" * 32,
        "field": "image",
        "value": "f" * 64,
        "term": "acme.png",
        "span_start": -1,
        "span_end": -1,
    }
    drafts = [
        Draft(case_id=CASE_ID, kind=kind, actor="r.jansen", happened_at=SEEN, data=data)
        for kind, data in (
            (EventKind.OPENED, {"score": 80, "naam": "Ăcmé"}),
            (EventKind.SCORE_CHANGED, {"from": 80, "to": 87}),
            (EventKind.NOTED, {"note": "not the \u202ereal\u202c bank"}),
        )
    ]
    return Specimen(
        case=case | changes,
        signals=signals,
        matches=[image, match],
        events=list(chain(drafts, ends={}, head=ChainHead())),
    )


def observation(word: str = "Αcme Bank") -> dict[str, object]:
    return {
        "source": "files",
        "instance": "profiles.csv",
        "position": 17,
        "observed_at": SEEN,
        "subject_kind": "account",
        "subject_key": "account:x:991",
        "handle": word,
        "display_name": word,
        "bio": None,
        "followers": 12,
    }


def packed(output: Path, case: Specimen | None = None, **changes: Any) -> Path:
    arguments: dict[str, Any] = {
        "output": output,
        "now": NOW,
        "contact": "abuse@acme.example",
        "organisation": "Acme Bank NV",
        "observations": [observation()],
        "subject_image": picture("#12b35f", "JPEG"),
        "logo": picture(),
        "decode": decode,
        "version": "0.1.0",
    }
    return write_pack(case or specimen(), **(arguments | changes))


def a_report(position: int, shot: bytes | None = None, **words: str) -> dict[str, object]:
    """A row of the source intake."""
    sha256 = None if shot is None else hashlib.sha256(shot).hexdigest()
    return observation() | {
        "source": "intake",
        "instance": "desk",
        "position": position,
        "url": "https://x.com/acme_help",
        "source_time": None,
        "screenshot_sha256": sha256,
        "raw": json.dumps(words),
    }


def by_hash(*contents: bytes) -> dict[str, bytes]:
    return {hashlib.sha256(content).hexdigest(): content for content in contents}


def files_of(pack: Path) -> dict[str, bytes]:
    return {
        path.relative_to(pack).as_posix(): path.read_bytes()
        for path in pack.rglob("*")
        if path.is_file()
    }


def read(pack: Path, name: str) -> Any:
    return json.loads((pack / "data" / name).read_text(encoding="utf-8"))


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def bagit_accepts(pack: Path) -> bool:
    return run(sys.executable, "-m", "bagit", "--validate", str(pack), cwd=pack).returncode == 0


def reseal(pack: Path) -> None:
    """Make manifests and Payload-Oxum fit again, as somebody who tampers would."""
    payload = [p for p in sorted(pack.glob("data/**/*")) if p.is_file()]
    oxum = f"{sum(p.stat().st_size for p in payload)}.{len(payload)}"
    info = (pack / "bag-info.txt").read_text()
    (pack / "bag-info.txt").write_text(re.sub(r"(?<=Payload-Oxum: ).*", oxum, info))
    for algorithm in ("sha256", "sha512"):
        lines = "".join(
            f"{hashlib.new(algorithm, p.read_bytes()).hexdigest()}  {p.relative_to(pack)}\n"
            for p in payload
        )
        (pack / f"manifest-{algorithm}.txt").write_text(lines)
    tags = ("VERIFY.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "manifest-sha512.txt")
    for algorithm in ("sha256", "sha512"):
        lines = "".join(
            f"{hashlib.new(algorithm, (pack / tag).read_bytes()).hexdigest()}  {tag}\n"
            for tag in tags
        )
        (pack / f"tagmanifest-{algorithm}.txt").write_text(lines)


def test_the_pack_has_the_promised_tree_and_no_other_file(tmp_path: Path) -> None:
    pack = packed(tmp_path)
    assert pack == tmp_path / NAME
    assert sorted(files_of(pack)) == [
        "VERIFY.txt",
        "bag-info.txt",
        "bagit.txt",
        "data/brand/official-logo.png",
        "data/case.json",
        "data/comparison/hashes.json",
        "data/comparison/official.png",
        "data/comparison/overlay.png",
        "data/comparison/side-by-side.png",
        "data/comparison/subject.orig",
        "data/comparison/subject.png",
        "data/events.jsonl",
        "data/matches.json",
        "data/missing.json",
        "data/observations.jsonl",
        "data/report.html",
        "data/score.json",
        "manifest-sha256.txt",
        "manifest-sha512.txt",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha512.txt",
    ]
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_the_pack_states_who_and_what(tmp_path: Path) -> None:
    pack = packed(tmp_path)
    assert (pack / "bagit.txt").read_text() == (
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    )
    payload = [content for path, content in files_of(pack).items() if path.startswith("data/")]
    assert (pack / "bag-info.txt").read_text() == (
        "Source-Organization: Acme Bank NV\n"
        "Contact-Email: abuse@acme.example\n"
        f"External-Identifier: {CASE_ID}\n"
        "Bagging-Date: 2026-11-21\n"
        "Bag-Software-Agent: namaak 0.1.0\n"
        f"Payload-Oxum: {sum(map(len, payload))}.{len(payload)}\n"
    )


@pytest.mark.peer
def test_bagit_python_accepts_the_pack_and_refuses_a_changed_byte(tmp_path: Path) -> None:
    pack = packed(tmp_path)
    assert bagit_accepts(pack)
    assert verify_pack(pack) == ()
    target = pack / "data" / "comparison" / "subject.orig"
    content = bytearray(target.read_bytes())
    content[100] ^= 1
    target.write_bytes(content)
    assert not bagit_accepts(pack)
    assert any("subject.orig" in problem for problem in verify_pack(pack))


@pytest.mark.peer
def test_the_program_in_verify_txt_recomputes_the_history_and_sees_a_change(
    tmp_path: Path,
) -> None:
    pack = packed(tmp_path)
    program = re.search(r"<<'END'\n(.*?)\nEND\n", (pack / "VERIFY.txt").read_text(), re.DOTALL)
    assert program is not None
    command = (sys.executable, "-X", "utf8", "-c", program[1])
    sound = run(*command, cwd=pack)
    assert sound.stdout == f"the chain is whole and ends in {specimen().events[-1]['hash']}\n"
    history = pack / "data" / "events.jsonl"
    history.write_text(history.read_text().replace("r.jansen", "r.janssen", 1))
    assert "event 1 was changed" in run(*command, cwd=pack).stderr


def test_the_same_case_at_the_same_time_gives_the_same_bytes(tmp_path: Path) -> None:
    first = packed(tmp_path / "a")
    case = specimen()
    shuffled = Specimen(
        case=dict(reversed(case.case.items())),
        signals=case.signals[::-1],
        matches=case.matches[::-1],
        events=case.events[::-1],
    )
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    second = packed(tmp_path / "b", shuffled, now=elsewhere)
    assert first.name == second.name
    assert files_of(first) == files_of(second)


@pytest.mark.parametrize("case_id", ["../escape", "NK-9FNBGW9JXTV", f"{CASE_ID}\n", ""])
def test_a_case_id_that_is_none_never_becomes_a_path(tmp_path: Path, case_id: str) -> None:
    with pytest.raises(UsageError, match="is not a case id"):
        packed(tmp_path, specimen(case_id=case_id))
    assert list(tmp_path.iterdir()) == []


def test_hostile_words_change_no_name_and_no_line_of_the_pack(tmp_path: Path) -> None:
    tame = packed(tmp_path / "tame")
    pack = packed(
        tmp_path / "hostile",
        specimen(HOSTILE),
        observations=[observation(HOSTILE)],
        organisation="Acme\nPayload-Oxum: 1.1",
    )
    assert sorted(files_of(pack)) == sorted(files_of(tame))
    assert (
        (pack / "bag-info.txt")
        .read_text()
        .startswith("Source-Organization: Acme Payload-Oxum: 1.1\nContact-Email:")
    )
    assert verify_pack(pack) == ()
    assert bagit_accepts(pack)
    for name in ("case.json", "matches.json", "observations.jsonl", "report.html"):
        content = (pack / "data" / name).read_text(encoding="utf-8")
        assert not {"\u202e", "\u200b", "\0", "\x1b"} & set(content)
    assert "<script>" not in (pack / "data" / "report.html").read_text(encoding="utf-8")
    assert read(pack, "observations.jsonl")["handle"] == HOSTILE


def test_reported_screenshots_are_kept_byte_for_byte_and_shown_encoded_anew(
    tmp_path: Path,
) -> None:
    shot = picture("#c00", "JPEG") + b"<script>"
    rows = [a_report(1, note="asks for <b>cards</b>"), a_report(2, shot, note="again"), a_report(3)]
    pack = packed(tmp_path, observations=[observation(), *rows], screenshots=by_hash(shot))
    (sha256,) = by_hash(shot)
    folder = pack / "data" / "reported"
    assert sorted(path.name for path in folder.iterdir()) == [f"{sha256}.orig", f"{sha256}.png"]
    assert (folder / f"{sha256}.orig").read_bytes() == shot
    assert b"script" not in (folder / f"{sha256}.png").read_bytes()
    manifest = (pack / "manifest-sha256.txt").read_text()
    assert f"{sha256}  data/reported/{sha256}.orig" in manifest
    page = (pack / "data" / "report.html").read_text(encoding="utf-8")
    assert "asks for &lt;b&gt;cards&lt;/b&gt;" in page and ">again<" in page
    assert len((pack / "data" / "observations.jsonl").read_text().splitlines()) == 4
    assert verify_pack(pack) == () and bagit_accepts(pack)


def test_a_screenshot_that_is_gone_changed_or_no_picture_is_said_to_be(tmp_path: Path) -> None:
    gone, changed, junk = b"gone", b"changed", b"\x89PNG\r\n\x1a\njunk"
    rows = [a_report(at, shot) for at, shot in enumerate((gone, changed, junk), start=1)]
    held = by_hash(junk) | dict.fromkeys(by_hash(changed), b"other bytes")
    pack = packed(tmp_path, observations=rows, screenshots=held)
    (sha256,) = by_hash(junk)
    assert [path.name for path in (pack / "data" / "reported").iterdir()] == [f"{sha256}.orig"]
    reasons = [
        entry["reason"]
        for entry in read(pack, "missing.json")
        if entry["what"].startswith("Reported screenshot")
    ]
    assert len(reasons) == 3
    for said in ("not in the lake any more", "other bytes than were", "kept and not shown: "):
        assert sum(said in reason for reason in reasons) == 1
    assert verify_pack(pack) == ()


@pytest.mark.parametrize("raw", [None, "", "[]", "7", '{"note": 7}', "{", "[" * 100_000])
def test_a_report_whose_words_cannot_be_read_is_still_a_report(
    tmp_path: Path, raw: str | None
) -> None:
    pack = packed(tmp_path, observations=[a_report(1) | {"raw": raw}])
    assert "What was reported" in (pack / "data" / "report.html").read_text(encoding="utf-8")


def test_of_many_screenshots_all_are_kept_and_the_last_are_shown(tmp_path: Path) -> None:
    shots = [picture(f"#{number:02x}4400") for number in range(MOST_SHOWN + 2)]
    rows = [a_report(at, shot) for at, shot in enumerate(shots, start=1)]
    pack = packed(tmp_path, observations=rows, screenshots=by_hash(*shots))
    names = [path.suffix for path in (pack / "data" / "reported").iterdir()]
    assert (names.count(".orig"), names.count(".png")) == (MOST_SHOWN + 2, MOST_SHOWN)


def test_matches_are_explained_with_code_points(tmp_path: Path) -> None:
    matches = read(packed(tmp_path), "matches.json")
    assert re.fullmatch(r"\d+\.\d+\.\d+", matches["unicode_version"])
    name, image = matches["matches"]
    first = name["alignment"]["steps"][0]
    assert first["operation"] == "replaced"
    assert first["value"]["name"] == "GREEK CAPITAL LETTER ALPHA"
    assert first["term"]["code_point"] == "U+0041"
    assert image["alignment"] is None


def test_the_score_keeps_its_signals_in_their_order(tmp_path: Path) -> None:
    score = read(packed(tmp_path), "score.json")
    assert (score["score"], score["band"]) == (87, "high")
    assert score["gates"] == ["Critical needs a platform flag."]
    assert [signal["position"] for signal in score["signals"]] == [0, 1]


def test_the_stranger_s_picture_is_kept_byte_for_byte(tmp_path: Path) -> None:
    original = picture("#c00", "GIF")
    pack = packed(tmp_path, subject_image=original)
    assert (pack / "data/comparison/subject.orig").read_bytes() == original
    facts = read(pack, "comparison/hashes.json")
    assert facts["subject"]["sha256"] == hashlib.sha256(original).hexdigest()
    assert isinstance(facts["distance"], int)


def test_a_hostile_picture_is_kept_and_said_not_to_be_compared(tmp_path: Path) -> None:
    pack = packed(tmp_path, subject_image=b"\x89PNG\r\n\x1a\njunk")
    names = {path.name for path in (pack / "data" / "comparison").iterdir()}
    assert names == {"hashes.json", "official.png", "subject.orig"}
    reasons = {entry["what"]: entry["reason"] for entry in read(pack, "missing.json")}
    assert reasons["Seen picture"].startswith("The seen picture is not shown: ")
    assert verify_pack(pack) == ()


def test_the_pack_says_what_it_lacks(tmp_path: Path) -> None:
    pack = packed(
        tmp_path, specimen(subject_kind="host"), subject_image=None, logo=None, organisation=None
    )
    what = [entry["what"] for entry in read(pack, "missing.json")]
    for lacking in ("capture", "DNS", "Official picture", "Seen picture", "Signature", "Time"):
        assert any(entry.startswith(lacking) or lacking in entry for entry in what), lacking
    assert all(entry["reason"] for entry in read(pack, "missing.json"))
    assert verify_pack(pack) == ()


@pytest.mark.parametrize("path", ["data/case.json", "data/events.jsonl", "VERIFY.txt"])
def test_a_changed_file_and_one_replaced_by_a_link_are_found(tmp_path: Path, path: str) -> None:
    pack = packed(tmp_path)
    (pack / path).rename(tmp_path / "outside")
    (pack / path).symlink_to(tmp_path / "outside")
    assert f"{path!r} is a link or device, which a pack never holds." in verify_pack(pack)
    (pack / path).unlink()
    (pack / path).write_bytes((tmp_path / "outside").read_bytes() + b" ")
    assert any(f"{path!r} was changed" in problem for problem in verify_pack(pack))


def test_a_pack_that_may_not_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = packed(tmp_path)

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(NamaakError, match=r"cannot be read: .*Permission denied; check the folder"):
        verify_pack(pack)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("r.jansen", "r.janssen", "event 1 is broken"),
        ('"case_seq": 2', '"case_seq": 3', "event 3 is broken"),
        ('{"actor"', '["actor"', "does not hold one event on each line"),
        ('{"actor"', '7\n{"actor"', "does not hold one event on each line"),
    ],
)
def test_a_changed_history_is_found_though_every_manifest_fits(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    pack = packed(tmp_path)
    history = pack / "data" / "events.jsonl"
    content = history.read_text()
    assert old in content
    history.write_text(content.replace(old, new, 1))
    reseal(pack)
    problems = verify_pack(pack)
    assert len(problems) == 1 and problem in problems[0]


def head_of(case: Specimen, **changes: object) -> dict[str, object]:
    last = case.events[-1]
    return {"seq": last["seq"], "chain_hash": last["chain_hash"]} | changes


def test_the_end_of_the_casebook_s_history_is_kept_and_explained(tmp_path: Path) -> None:
    head = {"seq": 417, "chain_hash": "ab" * 32}
    pack = packed(tmp_path, chain_head=head)
    assert read(pack, "chain-head.json") == head
    text = (pack / "VERIFY.txt").read_text()
    assert "ab" * 32 in text
    assert "select chain_hash from events where seq = 417;" in text
    assert not any("history" in entry["what"] for entry in read(pack, "missing.json"))
    assert verify_pack(pack) == ()
    assert bagit_accepts(pack)


def test_without_the_end_of_the_casebook_s_history_the_pack_says_so(tmp_path: Path) -> None:
    pack = packed(tmp_path)
    assert not (pack / "data" / "chain-head.json").exists()
    assert "chain-head" not in (pack / "VERIFY.txt").read_text()
    what = [entry["what"] for entry in read(pack, "missing.json")]
    assert "End of the casebook's history" in what


def test_a_case_whose_event_is_the_casebook_s_last_agrees_with_it(tmp_path: Path) -> None:
    assert verify_pack(packed(tmp_path, chain_head=head_of(specimen()))) == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"chain_hash": "0" * 64}, "events that are not before the end"),
        ({"seq": 1}, "events that are not before the end"),
        ({"seq": 0}, "events that are not before the end"),
        ({"seq": "last"}, "does not say where the casebook's history ends"),
        ({"seq": None, "chain_hash": None}, "does not say where the casebook's history ends"),
    ],
)
def test_an_end_that_the_case_cannot_lead_to_is_found(
    tmp_path: Path, changes: dict[str, object], problem: str
) -> None:
    problems = verify_pack(packed(tmp_path, chain_head=head_of(specimen(), **changes)))
    assert len(problems) == 1 and problem in problems[0]


def test_an_end_that_is_no_end_is_one_sentence(tmp_path: Path) -> None:
    pack = packed(tmp_path, chain_head=head_of(specimen()))
    for written in ("[]", "7", "{}", "no json", "[" * 100_000, '{"seq": {}}'):
        (pack / "data" / "chain-head.json").write_text(written)
        reseal(pack)
        assert verify_pack(pack) == (
            "data/chain-head.json does not say where the casebook's history ends.",
        )


def test_the_hashes_in_the_pack_are_those_of_the_detector(tmp_path: Path) -> None:
    logo, seen = picture(), picture("#12b35f", "JPEG")
    facts = read(packed(tmp_path, logo=logo, subject_image=seen), "comparison/hashes.json")
    for side, content in (("official", logo), ("subject", seen)):
        made = decode(content)
        assert isinstance(made, Picture)
        assert facts[side]["phash"] == as_hex(phash(made.frames[0].pixels))


def test_the_figures_told_are_those_of_the_strongest_match_by_this_very_picture(
    tmp_path: Path,
) -> None:
    seen = picture("#12b35f", "JPEG")
    case = specimen()
    other, name = case.matches
    this = other | {"value": hashlib.sha256(seen).hexdigest(), "evidence": {"llr": 4.5}}
    weak = this | {"match_id": "c" * 32, "strength": 0.3, "evidence": {"llr": 1.0}}
    told = Specimen(
        case=case.case, signals=case.signals, events=case.events, matches=[weak, other, this, name]
    )
    facts = read(packed(tmp_path / "a", told, subject_image=seen), "comparison/hashes.json")
    assert facts["match"]["evidence"] == {"llr": 4.5}
    # A picture that matched nothing is compared, and no match is claimed for it.
    assert read(packed(tmp_path / "b", case), "comparison/hashes.json")["match"] is None


def test_a_pack_whose_pictures_cannot_be_laid_over_one_another_says_so(tmp_path: Path) -> None:
    other = Image.new("RGB", (90, 90), "#dddddd")
    for left in range(5, 85, 16):
        ImageDraw.Draw(other).line((left, 85, 90 - left, 5), fill="#770033", width=4)
    out = io.BytesIO()
    other.save(out, format="PNG")
    pack = packed(tmp_path, subject_image=out.getvalue())
    assert not (pack / "data/comparison/overlay.png").exists()
    assert read(pack, "comparison/hashes.json")["explanation"] is None
    what = [entry["what"] for entry in read(pack, "missing.json")]
    assert "Official picture laid over the seen one" in what


def test_a_pack_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no pack at"):
        verify_pack(tmp_path / "nowhere")


def test_json_is_sorted_utf_8_in_utc_and_safe_on_a_terminal() -> None:
    value = {"b": SEEN, "a": ["é\u202e\x1b\x7f\U000e0041\n", float("nan")], "c": b"\x01"}
    content = canonical_json(value, indent=None)
    assert (
        content
        == (
            '{"a": ["é\\u202e\\u001b\\u007f\\udb40\\udc41\\n", "nan"], '
            '"b": "2026-11-20T12:30:05.000000Z", "c": "01"}\n'
        ).encode()
    )
    assert json.loads(content)["a"][0] == "é\u202e\x1b\x7f\U000e0041\n"
