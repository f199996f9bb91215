"""Signatures by ssh-keygen: who may sign, what is refused, and no byte that does not count."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from namaak.casework.evidence.signing import signature_problem, signer
from namaak.errors import NamaakError, UsageError
from tests.casework.evidence.test_pack import packed

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen on the PATH"),
]
WHO = "abuse@acme.example"
CONTENT = b"a manifest\n"


def test_a_signature_holds_for_its_content_and_its_key_alone(key: Path) -> None:
    who = signer(key, principal=WHO)
    made = who.sign(CONTENT)
    assert signature_problem(CONTENT, made, who.allowed_signers) is None
    assert "incorrect signature" in str(signature_problem(b"x", made, who.allowed_signers))
    other = b"a@b.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMOfCRJ+pbQqQDki4WLYoCKItMfa4qtImEy0TQ+WLdVv\n"  # noqa: E501
    assert signature_problem(CONTENT, made, other) == "its key is none of the allowed signers"
    mail = who.allowed_signers.replace(b'"evidence"', b'"file"')
    assert signature_problem(CONTENT, made, mail) is not None


def test_the_same_signature_written_otherwise_is_refused(key: Path) -> None:
    who = signer(key, principal=WHO)
    made = who.sign(CONTENT)
    body = made.split(b"\n")[1]
    for other in (made + b"\n", made.replace(body, body[:70] + b"\n" + body[70:]), b"", b"\xff"):
        assert signature_problem(CONTENT, other, who.allowed_signers) is not None


def test_the_public_half_names_the_same_signer(key: Path) -> None:
    ours, public = signer(key, principal=WHO), signer(key.with_suffix(".pub"), principal=WHO)
    assert ours.allowed_signers == public.allowed_signers


@pytest.mark.parametrize("principal", ["a b@c.example", 'x"', "*", ""])
def test_a_name_that_would_allow_more_than_one_is_refused(key: Path, principal: str) -> None:
    with pytest.raises(UsageError, match="cannot be a signer's name"):
        signer(key, principal=principal)


def test_what_is_no_key_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no key at .* makes one"):
        signer(tmp_path / "nowhere", principal=WHO)
    for name, content in (("key", "junk"), ("key.pub", "ssh-dss"), ("bin.pub", "\0")):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o600)
        with pytest.raises(UsageError, match="key"):
            signer(tmp_path / name, principal=WHO)


def test_a_key_that_cannot_sign_leaves_no_pack_behind(key: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copy(key, copy)
    who = signer(copy, principal=WHO)
    copy.unlink()
    with pytest.raises(NamaakError, match="could not be signed"):
        packed(tmp_path / "packs", signer=who)
    assert not (tmp_path / "packs").exists()
