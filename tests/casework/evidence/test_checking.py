"""Checking a pack: who signed it, what could not be checked, hostile packs, notices' packs."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from namaak.casework.evidence.checking import (
    Check,
    Result,
    examine_pack,
    notice_pack_problems,
    verify_pack,
)
from namaak.casework.evidence.signing import Signer, signer
from namaak.casework.evidence.zipping import zip_pack
from namaak.errors import UsageError
from tests.casework.evidence.conftest import Authority
from tests.casework.evidence.test_notice_pack import notice_pack
from tests.casework.evidence.test_pack import CASE_ID, NOW, packed, reseal

needs_ssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs ssh-keygen on the PATH"
)


def a_signer(folder: Path, name: str) -> Signer:
    path = folder / name
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True, timeout=60
    )
    return signer(path, principal=f"{name}@acme.example")


def check_of(pack: Path, what: str, **given: Path) -> Check:
    (found,) = [one for one in examine_pack(pack, **given).checks if one.what == what]
    return found


# Who signed


@needs_ssh
@pytest.mark.peer
def test_of_several_who_may_sign_the_one_who_did_is_named(tmp_path: Path) -> None:
    alice, bob = a_signer(tmp_path, "alice"), a_signer(tmp_path, "bob")
    pack = packed(tmp_path / "packs", signer=bob)
    both = tmp_path / "both"
    both.write_bytes(alice.allowed_signers + bob.allowed_signers)
    found = check_of(pack, "signature", signers=both)
    assert found.says == "It was signed by bob@acme.example (who you say may sign)."
    assert (found.by, found.result) == ("ssh-keygen", Result.GOOD)
    both.write_bytes(alice.allowed_signers)
    assert check_of(pack, "signature", signers=both).result is Result.BAD


@needs_ssh
@pytest.mark.peer
def test_parts_that_different_people_signed_are_told_apart(tmp_path: Path) -> None:
    alice, bob = a_signer(tmp_path, "alice"), a_signer(tmp_path, "bob")
    pack = packed(tmp_path / "packs", signer=bob)
    name = "tagmanifest-sha512.txt"
    (pack / f"{name}.sig").write_bytes(alice.sign((pack / name).read_bytes()))
    both = tmp_path / "both"
    both.write_bytes(alice.allowed_signers + bob.allowed_signers)
    said = check_of(pack, "signature", signers=both).says
    assert f"alice@acme.example ({name})" in said
    assert "bob@acme.example (tagmanifest-sha256.txt)" in said


@needs_ssh
@pytest.mark.peer
def test_signers_that_could_not_be_asked_for_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = a_signer(tmp_path, "bob")
    pack = packed(tmp_path / "packs", signer=bob)
    known = tmp_path / "known"
    known.write_bytes(bob.allowed_signers)
    monkeypatch.setenv("PATH", str(tmp_path))
    (problem,) = verify_pack(pack, signers=known)
    assert problem.startswith("Its signatures were not checked against the signers given: there is")
    # Nobody asked for it; that it was not done is told all the same.
    assert verify_pack(pack) == ()
    found = check_of(pack, "signature")
    assert (found.by, found.result) == (None, Result.UNCHECKED)
    assert "not checked" in found.says


@pytest.mark.peer
def test_a_chain_without_a_certificate_confirms_no_stamp(
    tmp_path: Path, authority: Authority
) -> None:
    pack = packed(tmp_path / "packs", ask=authority.answer, chain=authority.chain)
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    (problem,) = verify_pack(pack, tsa_chain=empty)
    assert "was not checked" in problem
    assert verify_pack(pack) == ()


def test_what_was_looked_at_is_listed_with_what_did_it(tmp_path: Path) -> None:
    checks = {one.what: one for one in examine_pack(packed(tmp_path)).checks}
    results = {what: one.result for what, one in checks.items()}
    absent = ("web archives", "log entries", "signature", "time stamp")
    assert results == {"files": "good", "history": "good"} | dict.fromkeys(absent, "absent")
    assert str(checks["files"].by).startswith("namaak ")
    assert all(one.says.endswith(".") for one in checks.values())


# Hostile packs


@pytest.mark.parametrize(
    "line",
    ['{"case_id": []}', '{"case_id": "x"}', "7", "[" * 100_000, '"' + "x" * (5 << 20) + '"',
     '{"case_id": "\x1b[2J", "case_seq": 1, "previous_hash": 7}'],
)  # fmt: skip
def test_a_history_of_anything_is_a_problem_and_no_crash(tmp_path: Path, line: str) -> None:
    pack = packed(tmp_path)
    (pack / "data" / "events.jsonl").write_text(line + "\n")
    reseal(pack)
    (problem,) = verify_pack(pack)
    assert problem.startswith("data/events.jsonl") and problem.isprintable()


@pytest.mark.parametrize("name", ["events.jsonl", "chain-head.json"])
def test_a_history_too_large_to_be_read_is_not_taken_for_none(tmp_path: Path, name: str) -> None:
    pack = packed(tmp_path)
    with (pack / "data" / name).open("ab") as file:
        file.truncate(70_000_000)
    (check,) = [one for one in examine_pack(pack).checks if one.what == "history"]
    assert check.result is Result.BAD and f"data/{name}" in check.says


def test_a_name_that_moves_the_cursor_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    pack = packed(tmp_path)
    folder = pack / "data" / "captures" / "\x1b[2J"
    folder.mkdir(parents=True)
    (folder / "capture.wacz").write_bytes(b"none")
    problems = verify_pack(pack)
    assert any("is no readable archive" in one for one in problems)
    assert all(one.isprintable() for one in problems)


def test_problems_without_number_are_counted_and_not_all_told(tmp_path: Path) -> None:
    pack = packed(tmp_path)
    (pack / "manifest-sha256.txt").write_text("x\n" * 2_000)
    problems = verify_pack(pack)
    assert len(problems) == 501
    assert problems[-1].endswith("more problems.")


# Packs for notices


def test_a_notice_s_pack_is_fit_as_a_folder_and_as_one_file(tmp_path: Path) -> None:
    pack = notice_pack(tmp_path)
    assert notice_pack_problems(pack, CASE_ID) == ()
    assert notice_pack_problems(zip_pack(pack, now=NOW), CASE_ID) == ()


def test_a_full_pack_is_not_fit_for_a_notice(tmp_path: Path) -> None:
    zipped = zip_pack(packed(tmp_path), now=NOW)
    (problem,) = notice_pack_problems(zipped, CASE_ID)
    assert f"namaak pack {CASE_ID} --profile notice" in problem


def test_a_pack_about_another_case_or_that_was_changed_is_not_fit(tmp_path: Path) -> None:
    pack = notice_pack(tmp_path)
    assert notice_pack_problems(pack, "NK-0000000000000") == (
        "It is about another case than NK-0000000000000.",
    )
    case = pack / "data" / "case.json"
    case.write_text(json.dumps({"case_id": "NK-0000000000000"}))
    reseal(pack)
    assert any("another case" in one for one in notice_pack_problems(pack, CASE_ID))
    (pack / "data" / "history.json").write_text("[]")
    assert any("was changed" in one for one in notice_pack_problems(pack, CASE_ID))


def test_a_file_with_more_in_it_than_the_pack_is_not_fit(tmp_path: Path) -> None:
    zipped = zip_pack(notice_pack(tmp_path), now=NOW)
    plain = zipped.read_bytes()

    def told(content: bytes) -> str:
        zipped.write_bytes(content)
        (problem,) = notice_pack_problems(zipped, CASE_ID)
        return problem

    assert "more than the pack's files" in told(b"before" + plain)
    assert "ZIP file" in told(plain[:-1])
    assert "ZIP file" in told(b"none at all")
    zipped.write_bytes(plain)
    with zipfile.ZipFile(zipped, "a") as archive:
        archive.comment = b"by an analyst"
    assert "more than the pack's files" in told(zipped.read_bytes())


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "other/file", "top", "a//b"])
def test_a_file_that_would_be_unpacked_elsewhere_is_not_fit(tmp_path: Path, name: str) -> None:
    zipped = tmp_path / "pack.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("pack/bagit.txt", "x")
        archive.writestr(name, "x")
    (problem,) = notice_pack_problems(zipped, CASE_ID)
    assert "one folder" in problem
    assert not (tmp_path / "out").exists()


def test_a_small_file_that_unpacks_to_much_is_not_fit(tmp_path: Path) -> None:
    zipped = tmp_path / "pack.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            with archive.open(f"pack/{number}", "w") as out:
                for _ in range(8):
                    out.write(bytes(1 << 20))
    # What it says of itself, as if each were as long as it may be.
    content = bytearray(zipped.read_bytes())
    place = -1
    while (place := content.find(b"PK\x01\x02", place + 1)) >= 0:
        content[place + 24 : place + 28] = (512 << 20).to_bytes(4, "little")
    zipped.write_bytes(content)
    assert notice_pack_problems(zipped, CASE_ID) == (
        "It holds nothing, or more than can be checked.",
    )


def test_nothing_at_the_place_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no pack at"):
        notice_pack_problems(tmp_path / "nowhere", CASE_ID)
    assert notice_pack_problems(tmp_path, CASE_ID) == (
        "It is no pack: there is no bagit.txt in it.",
    )
