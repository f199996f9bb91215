"""One byte: in a signed, stamped pack with a captured page, no byte of any file can change unseen.

Neither by other people's tools, taken together, nor by `namaak verify`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bagit
import pytest

from namaak.casework.events import ChainHead, Draft, EventKind, chain
from namaak.casework.evidence.checking import examine_pack, verify_pack
from namaak.casework.evidence.material import Enclosed, Paper
from namaak.casework.evidence.pdf import Printer
from namaak.casework.evidence.signing import signer
from tests.casework.evidence.captured import STARTED, archive, capture
from tests.casework.evidence.conftest import Authority
from tests.casework.evidence.test_pack import CASE_ID, Specimen, packed, specimen

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(
        shutil.which("openssl") is None or shutil.which("ssh-keygen") is None,
        reason="needs OpenSSL and OpenSSH on the PATH",
    ),
    pytest.mark.skipif(
        importlib.util.find_spec("wacz") is None or importlib.util.find_spec("warcio") is None,
        reason="needs wacz and warcio (the extra `capture`)",
    ),
]
SIGNER = "abuse@acme.example"


@pytest.fixture(scope="module")
def pack(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, key: Path
) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("packs")
    row, kept = capture(archive(folder / "page"))
    case = specimen()
    told = Draft(
        case_id=CASE_ID,
        kind=EventKind.CAPTURED,
        actor="r.jansen",
        happened_at=STARTED,
        data={"wacz_sha256": row["wacz_sha256"]},
    )
    case = Specimen(
        case=case.case,
        signals=case.signals,
        matches=case.matches,
        events=list(chain([told], ends={}, head=ChainHead())),
    )
    notice = b"Dear sirs,\r\n"
    kept[hashlib.sha256(notice).hexdigest()] = notice
    action = {
        "action_id": "NA-0123456789AB",
        "route": "host",
        "state": "sent",
        "text_sha256": hashlib.sha256(notice).hexdigest(),
        "fields": '{"url": "https://acme-login.example/"}',
    }
    reply = {"action_id": "NA-0123456789AB", "position": 1, "channel": "mail",
             "content_sha256": hashlib.sha256(notice).hexdigest()}  # fmt: skip
    enclosed = Enclosed(
        captures=[row],
        kept=kept,
        marks=[{"number": "1234567", "office": "BOIP"}],
        papers=[Paper(name="certificate of mark 1234567", content=b"%PDF-1.7", ending="pdf")],
        members=[{"case_id": CASE_ID, "subject": "=cmd()"}],
        edges=[{"one_case_id": CASE_ID, "reason": "same address"}],
        actions=[action],
        replies=[reply],
    )
    with Printer() as to_pdf:
        yield packed(
            folder / "made",
            case,
            enclosed=enclosed,
            to_pdf=to_pdf if importlib.util.find_spec("weasyprint") else None,
            signer=signer(key, principal=SIGNER),
            ask=authority.answer,
            chain=authority.chain,
        )


def run(*command: str, cwd: Path, given: bytes = b"") -> bool:
    done = subprocess.run(command, cwd=cwd, input=given, capture_output=True, timeout=120)
    return done.returncode == 0


def hashes_agree(pack: Path, manifest: str) -> bool:
    algorithm = manifest.removesuffix(".txt").rpartition("-")[2]
    return run(f"{algorithm}sum", "--status", "--strict", "-c", manifest, cwd=pack)


def signature_holds(pack: Path, name: str) -> bool:
    return run(
        "ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", SIGNER, "-n", "evidence",
        "-s", f"{name}.sig", cwd=pack, given=(pack / name).read_bytes(),
    )  # fmt: skip


def stamp_holds(pack: Path) -> bool:
    return run(
        "openssl", "ts", "-verify", "-data", "tagmanifest-sha256.txt", "-in",
        "tagmanifest-sha256.txt.tsr", "-CAfile", "tsa-chain.pem", cwd=pack,
    )  # fmt: skip


def bagit_accepts(pack: Path) -> bool:
    try:
        return bool(bagit.Bag(str(pack)).validate())
    except (bagit.BagError, ValueError, KeyError, IndexError, LookupError):
        return False


def others_accept(pack: Path, path: str) -> bool:
    """The tools of VERIFY.txt that look at this file."""
    name = Path(path).name
    if path.startswith("data/"):
        return hashes_agree(pack, "manifest-sha256.txt")
    if path.endswith(".tsr"):
        return stamp_holds(pack) and signature_holds(pack, name)
    if path.endswith(".sig"):
        return signature_holds(pack, name.removesuffix(".sig"))
    if path.startswith("tagmanifest-"):
        return signature_holds(pack, name)
    return hashes_agree(pack, "tagmanifest-sha256.txt")


@contextmanager
def one_byte_changed(file: Path, place: int) -> Iterator[None]:
    content = file.read_bytes()
    changed = bytearray(content)
    changed[place] ^= 1
    file.write_bytes(changed)
    try:
        yield
    finally:
        file.write_bytes(content)


def files_of(pack: Path) -> list[str]:
    return sorted(p.relative_to(pack).as_posix() for p in pack.rglob("*") if p.is_file())


def test_every_tool_in_verify_txt_accepts_the_pack(pack: Path) -> None:
    for algorithm in ("sha256", "sha512"):
        assert hashes_agree(pack, f"manifest-{algorithm}.txt")
        assert hashes_agree(pack, f"tagmanifest-{algorithm}.txt")
        assert signature_holds(pack, f"tagmanifest-{algorithm}.txt")
    assert run(sys.executable, "-m", "bagit", "--validate", str(pack), cwd=pack)
    assert signature_holds(pack, "tagmanifest-sha256.txt.tsr")
    assert stamp_holds(pack)
    (wacz,) = pack.glob("data/captures/*/capture.wacz")
    assert wacz.parent.name == "20261121T120001Z-here"
    assert run(sys.executable, "-m", "wacz.main", "validate", "-f", str(wacz), cwd=pack)
    assert verify_pack(pack) == ()


def test_the_warc_in_the_pack_passes_warcio(pack: Path, tmp_path: Path) -> None:
    (wacz,) = pack.glob("data/captures/*/capture.wacz")
    shutil.unpack_archive(wacz, tmp_path / "page", "zip")
    (warc,) = (tmp_path / "page").glob("archive/*.warc.gz")
    assert run(sys.executable, "-m", "warcio.cli", "check", str(warc), cwd=tmp_path)


def test_the_pack_holds_the_promised_tree(pack: Path) -> None:
    folder = "data/captures/20261121T120001Z-here"
    wanted = {
        *(f"{folder}/{name}" for name in ("capture.wacz", "screenshot-full.png", "capture.json",
                                          "screenshot-view.png", "dom.html", "tls.pem")),
        "data/brand/marks.json", "data/brand/certificates/01.pdf", "data/brand/official-logo.png",
        "data/cluster/members.csv", "data/cluster/edges.csv",
        "data/actions/01-host/notice.txt", "data/actions/01-host/fields.json",
        "data/actions/01-host/reply-01.txt",
        "data/report.html", "data/case.json", "data/score.json", "data/events.jsonl",
        "VERIFY.txt", "allowed_signers", "tsa-chain.pem", "tagmanifest-sha256.txt.sig",
        "tagmanifest-sha512.txt.sig", "tagmanifest-sha256.txt.tsr",
        "tagmanifest-sha256.txt.tsr.sig",
    }  # fmt: skip
    assert wanted <= set(files_of(pack))
    assert "'=cmd()" in (pack / "data/cluster/members.csv").read_text()


@pytest.mark.long
def test_one_changed_byte_of_any_file_is_noticed_by_others_and_by_namaak(pack: Path) -> None:
    draw = random.Random(2026)
    unnoticed = []
    for path in files_of(pack):
        size = (pack / path).stat().st_size
        for place in sorted({0, size - 1, draw.randrange(size)}):
            with one_byte_changed(pack / path, place):
                if others_accept(pack, path):
                    unnoticed.append((path, place, "others"))
                problems = verify_pack(pack)
                if not any(Path(path).name.removesuffix(".sig") in said for said in problems):
                    unnoticed.append((path, place, "namaak", *problems))
    assert unnoticed == []
    assert verify_pack(pack) == ()


def test_bagit_notices_a_changed_byte_of_every_listed_file(pack: Path) -> None:
    unnoticed = []
    for path in files_of(pack):
        if not path.startswith("tagmanifest-"):
            with one_byte_changed(pack / path, 0):
                if bagit_accepts(pack):
                    unnoticed.append(path)
    assert unnoticed == []
    assert bagit_accepts(pack)


def test_a_changed_page_is_noticed_by_wacz_and_by_namaak_though_all_manifests_fit(
    pack: Path, tmp_path: Path
) -> None:
    from namaak.casework.evidence.archives import archive_problems

    (wacz,) = pack.glob("data/captures/*/capture.wacz")
    content = wacz.read_bytes()
    unnoticed = []
    copy = tmp_path / "capture.wacz"
    for place in range(0, len(content), 397):
        changed = bytearray(content)
        changed[place] ^= 1
        if not archive_problems(bytes(changed)):
            unnoticed.append(place)
    # Times and versions in the headers of a ZIP's entries carry nothing of the page.
    assert len(unnoticed) < len(content) / 397 / 3
    inside = content.index(b"\x1f\x8b") + 60
    copy.write_bytes(content[:inside] + bytes([content[inside] ^ 1]) + content[inside + 1 :])
    assert archive_problems(copy.read_bytes())
    assert not run(sys.executable, "-m", "wacz.main", "validate", "-f", str(copy), cwd=tmp_path)


def test_a_capture_that_the_history_does_not_tell_of_is_named(pack: Path, tmp_path: Path) -> None:
    row, kept = capture(b"PK\x05\x06" + bytes(18))
    other = packed(tmp_path, enclosed=Enclosed(captures=[row], kept=kept))
    problems = verify_pack(other)
    assert any("no capture that the case's history tells of" in said for said in problems)
    assert any("capture.wacz' has no datapackage.json" in said for said in problems)


def test_who_signed_and_when_it_existed_are_told(
    pack: Path, authority: Authority, key: Path, tmp_path: Path
) -> None:
    said = " ".join(examine_pack(pack).proved)
    assert f"signed by {SIGNER}" in said and "as the pack itself says" in said
    assert "It existed at 20" in said
    own = tmp_path / "signers"
    own.write_text(f"{SIGNER} {key.with_suffix('.pub').read_text()}")
    chain_file = tmp_path / "chain.pem"
    chain_file.write_bytes(authority.chain)
    examined = examine_pack(pack, signers=own, tsa_chain=chain_file)
    assert examined.problems == ()
    assert "who you say may sign" in " ".join(examined.proved)
    own.write_text("somebody@else.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMOfCRJ+pbQqQDki4"
                   "WLYoCKItMfa4qtImEy0TQ+WLdVv\n")  # fmt: skip
    assert "its key is none of the allowed signers" in " ".join(
        examine_pack(pack, signers=own).problems
    )


@pytest.mark.parametrize("seal", ["tagmanifest-sha256.txt.sig", "tagmanifest-sha256.txt.tsr.sig"])
def test_a_signature_that_was_taken_away_is_missed(pack: Path, seal: str) -> None:
    content = (pack / seal).read_bytes()
    (pack / seal).unlink()
    try:
        assert verify_pack(pack) == (f"{seal} is missing, though the pack was signed.",)
    finally:
        (pack / seal).write_bytes(content)
