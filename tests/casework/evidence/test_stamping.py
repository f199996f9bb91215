"""Time stamps by a real authority (OpenSSL), checked by two readers; and what is none."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from namaak.casework.evidence import stamping
from namaak.casework.evidence.checking import TOKEN, examine_pack, verify_pack
from namaak.casework.evidence.stamping import (
    NoStamp,
    ask_for_stamp,
    stamp_problem,
    time_of,
)
from namaak.errors import NamaakError
from tests.casework.evidence.conftest import Authority, openssl
from tests.casework.evidence.test_pack import packed, read

pytestmark = pytest.mark.peer
CONTENT = b"a manifest\n"


def signer_only(authority: Authority, question: bytes) -> bytes:
    """A reply with the signer's certificate alone, whose set is in order whatever it is."""
    folder = authority.folder
    settings = folder / "alone.cnf"
    lines = (folder / "tsa.cnf").read_text().splitlines()
    settings.write_text("\n".join(line for line in lines if not line.startswith("certs")))
    asked, answered = folder / "question1", folder / "answer1"
    asked.write_bytes(question)
    openssl("ts", "-reply", "-config", str(settings), "-queryfile", str(asked), "-out",
            str(answered))  # fmt: skip
    return answered.read_bytes()


def test_a_stamp_is_confirmed_by_both_readers(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = ask_for_stamp(CONTENT, lambda q: signer_only(authority, q), chain=authority.chain)
    assert stamp.doubt is None
    assert stamp.made_at is not None
    assert abs(stamp.made_at - datetime.now(UTC)) < timedelta(minutes=5)
    # Without OpenSSL's program the library alone.
    monkeypatch.setattr(stamping.shutil, "which", lambda name: None)
    assert stamp_problem(CONTENT, stamp.reply, authority.chain) is None
    assert stamp_problem(b"other\n", stamp.reply, authority.chain) == "it is about other bytes"


def test_a_reply_that_the_library_refuses_is_read_by_openssl(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sets of certificates out of order: real authorities send them, OpenSSL takes them."""
    stamp = ask_for_stamp(CONTENT, authority.answer, chain=authority.chain)
    monkeypatch.setattr(stamping, "_read", lambda reply: None)
    assert stamp_problem(CONTENT, stamp.reply, authority.chain) is None
    assert stamp_problem(b"other\n", stamp.reply, authority.chain) is not None
    at = time_of(stamp.reply)
    assert at is not None and abs(at - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_stamp_holds_after_the_certificates_have_expired(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = ask_for_stamp(CONTENT, authority.answer, chain=authority.chain)
    asked: list[tuple[str, ...]] = []
    run = subprocess.run

    def watched(command: list[str], **given: object) -> object:
        asked.append(tuple(command))
        return run(command, **given)  # type: ignore[call-overload]

    monkeypatch.setattr(stamping.subprocess, "run", watched)
    assert stamp_problem(CONTENT, stamp.reply, authority.chain) is None
    (verified,) = [one for one in asked if "-verify" in one]
    assert stamp.made_at is not None
    assert verified[verified.index("-attime") + 1] == str(int(stamp.made_at.timestamp()))


def test_without_certificates_a_stamp_is_kept_and_its_doubt_told(authority: Authority) -> None:
    stamp = ask_for_stamp(CONTENT, lambda q: signer_only(authority, q), chain=None)
    assert stamp.reply
    assert stamp.doubt is not None and "no certificates of its authority" in stamp.doubt


@pytest.mark.parametrize("reply", [b"", b"<html>", b"\x30\x03\x02\x01\x02", bytes(300_000)])
def test_what_is_no_reply_is_no_stamp(reply: bytes, authority: Authority) -> None:
    with pytest.raises(NoStamp):
        ask_for_stamp(CONTENT, lambda question: reply, chain=authority.chain)


def test_a_stamp_of_other_bytes_is_no_stamp(authority: Authority) -> None:
    other = ask_for_stamp(b"other\n", lambda q: signer_only(authority, q), chain=authority.chain)
    with pytest.raises(NoStamp, match="other bytes"):
        ask_for_stamp(CONTENT, lambda question: other.reply, chain=authority.chain)


def test_an_authority_that_does_not_answer_leaves_a_pack_that_says_so(
    tmp_path: Path, authority: Authority
) -> None:
    def ask(question: bytes) -> bytes:
        raise NamaakError("127.0.0.1 refused the connection")

    pack = packed(tmp_path, ask=ask, chain=authority.chain)
    assert not (pack / TOKEN).exists()
    said = {entry["what"]: entry["reason"] for entry in read(pack, "missing.json")}
    assert "refused the connection" in said["Time stamp (RFC 3161)"]
    assert verify_pack(pack) == ()


def test_a_chain_that_the_reader_trusts_wins_over_the_pack_s_own(
    tmp_path: Path, authority: Authority
) -> None:
    pack = packed(tmp_path / "packs", ask=authority.answer, chain=authority.chain)
    assert verify_pack(pack) == ()
    other = tmp_path / "other"
    other.mkdir()
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(other / "key"),
            "-out", str(other / "ca.pem"), "-days", "3", "-subj", "/CN=Other root")  # fmt: skip
    problems = verify_pack(pack, tsa_chain=other / "ca.pem")
    assert len(problems) == 1 and problems[0].startswith(f"{TOKEN} is no good time stamp")


def test_a_stamp_without_any_chain_is_told_to_be_unchecked(
    tmp_path: Path, authority: Authority
) -> None:
    pack = packed(tmp_path, ask=lambda q: signer_only(authority, q), chain=None)
    examined = examine_pack(pack)
    assert examined.problems == ()
    assert any("was not checked" in said for said in examined.proved)
