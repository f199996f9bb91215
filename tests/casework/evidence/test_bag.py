"""The bag: other people's tools accept it, no byte changes unseen, and no link is followed."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from namaak.casework.evidence import bag as bag_module
from namaak.casework.evidence.bag import read_text, verify_bag, write_bag
from namaak.errors import NamaakError, UsageError

PAYLOAD = {
    "data/case.json": b'{"case": 1}\n',
    "data/empty.txt": b"",
    "data/pictures/deep/one.png": bytes(range(256)) * 100,
}
NOTES = {"HOW.txt": b"the whole of it\n"}
INFO = {"Source-Organization": "Acme Bank NV", "Contact-Email": None, "Bagging-Date": "2026-11-21"}

needs_sha256sum = pytest.mark.skipif(
    shutil.which("sha256sum") is None, reason="sha256sum (GNU coreutils) is not installed"
)


def made(output: Path, **changes: str | None) -> Path:
    return write_bag(output, "case-1", PAYLOAD, info=INFO | changes, notes=NOTES)


def problems_of(bag: Path) -> tuple[str, ...]:
    return verify_bag(bag, notes=tuple(NOTES))


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def bagit_accepts(bag: Path) -> bool:
    return run(sys.executable, "-m", "bagit", "--validate", str(bag), cwd=bag).returncode == 0


def change_a_byte(place: Path) -> None:
    content = bytearray(place.read_bytes())
    content[5] ^= 1
    place.write_bytes(content)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_bag_holds_what_was_given_and_declares_version_1_0(tmp_path: Path) -> None:
    bag = made(tmp_path)
    held = files_of(bag)
    assert {path: held[path] for path in PAYLOAD} == PAYLOAD
    assert held.keys() - PAYLOAD.keys() == {
        "HOW.txt",
        "bag-info.txt",
        "bagit.txt",
        "manifest-sha256.txt",
        "manifest-sha512.txt",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha512.txt",
    }
    assert held["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert held["bag-info.txt"].decode() == (
        "Source-Organization: Acme Bank NV\n"
        "Bagging-Date: 2026-11-21\n"
        f"Payload-Oxum: {sum(map(len, PAYLOAD.values()))}.3\n"
    )
    assert problems_of(bag) == ()


def test_a_line_break_in_a_stated_fact_begins_no_fact_of_its_own(tmp_path: Path) -> None:
    bag = made(tmp_path, **{"Source-Organization": "Acme\nPayload-Oxum: 1.1\x1b[2J\u2028x"})
    first = (bag / "bag-info.txt").read_text().splitlines()[0]
    assert first == "Source-Organization: Acme Payload-Oxum: 1.1 [2J x"
    assert problems_of(bag) == ()


@pytest.mark.peer
def test_bagit_python_accepts_the_bag_and_refuses_a_changed_byte(tmp_path: Path) -> None:
    bag = made(tmp_path)
    assert bagit_accepts(bag)
    change_a_byte(bag / "data" / "pictures" / "deep" / "one.png")
    assert not bagit_accepts(bag)
    assert any("one.png" in problem for problem in problems_of(bag))


@pytest.mark.peer
@needs_sha256sum
@pytest.mark.parametrize(
    ("manifest", "target"),
    [("manifest-sha256.txt", "data/case.json"), ("tagmanifest-sha256.txt", "HOW.txt")],
)
def test_sha256sum_accepts_the_bag_and_refuses_a_changed_byte(
    tmp_path: Path, manifest: str, target: str
) -> None:
    bag = made(tmp_path)
    check = ("sha256sum", "--strict", "--check", manifest)
    assert run(*check, cwd=bag).returncode == 0
    change_a_byte(bag / target)
    assert run(*check, cwd=bag).returncode == 1


def test_a_bag_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    bag = made(tmp_path)
    before = files_of(bag)
    with pytest.raises(UsageError, match="case-1 is already there; wait"):
        made(tmp_path, **{"Source-Organization": "another"})
    assert files_of(bag) == before
    assert [path.name for path in tmp_path.iterdir()] == ["case-1"]


def test_a_dangling_link_in_its_place_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "case-1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="already there"):
        made(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("flushed_before", [0, 4, 12])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flushed_before: int
) -> None:
    left = flushed_before

    def full(handle: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NamaakError, match="No space left on device; make room"):
        made(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_file_and_folder_is_flushed_before_the_bag_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    flush = os.fsync

    def noting(handle: int) -> None:
        place = Path(f"/proc/self/fd/{handle}").readlink()
        flushed.append(place.relative_to(tmp_path).as_posix().partition("/")[2])
        assert not (tmp_path / "case-1").exists() or flushed[-1] == ""
        flush(handle)

    monkeypatch.setattr(os, "fsync", noting)
    bag = made(tmp_path)
    folders = {"data", "data/pictures", "data/pictures/deep"}
    assert set(flushed) >= files_of(bag).keys() | folders


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    for output in (tmp_path / "out", tmp_path / "out" / "below"):
        with pytest.raises(UsageError, match="is not a folder"):
            made(output)
    assert (tmp_path / "out").read_text() == "mine"


def _append(bag: Path) -> None:
    with (bag / "data" / "case.json").open("ab") as out:
        out.write(b" ")


def _drop_line(bag: Path) -> None:
    for manifest in bag.glob("manifest-*.txt"):
        lines = manifest.read_text().splitlines(keepends=True)
        manifest.write_text("".join(line for line in lines if "case.json" not in line))


def _list_outsider(bag: Path) -> None:
    (bag.parent / "outside.txt").write_text("x")
    with (bag / "manifest-sha256.txt").open("a") as out:
        out.write(f"{hashlib.sha256(b'x').hexdigest()}  data/../../outside.txt\n")


def _rewrite(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(bag: Path) -> None:
        content = (bag / name).read_text()
        assert old in content
        (bag / name).write_text(content.replace(old, new))

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_append, "'data/case.json' was changed: its sha256"),
        (_append, "'data/case.json' was changed: its sha512"),
        (_append, "Payload-Oxum in bag-info.txt is not"),
        (lambda bag: (bag / "data" / "extra.txt").write_text("x"), "is not listed in"),
        (lambda bag: (bag / "data" / "case.json").unlink(), "and is not there"),
        (_drop_line, "'data/case.json' is not listed in manifest-sha512.txt"),
        (_list_outsider, "'data/../../outside.txt' is listed in manifest-sha256.txt and is not"),
        (lambda bag: (bag / "manifest-sha512.txt").unlink(), "manifest-sha512.txt is missing"),
        (lambda bag: (bag / "tagmanifest-sha256.txt").unlink(), "tagmanifest-sha256.txt is miss"),
        (lambda bag: (bag / "bag-info.txt").unlink(), "bag-info.txt is missing"),
        (lambda bag: (bag / "bagit.txt").unlink(), "bagit.txt does not declare"),
        (lambda bag: (bag / "fetch.txt").write_text(""), "fetch.txt promises"),
        (_rewrite("bagit.txt", "1.0", "0.97"), "bagit.txt does not declare"),
        (_rewrite("HOW.txt", "whole", "hole"), "'HOW.txt' was changed: its sha256"),
        (_rewrite("manifest-sha256.txt", "  data/case.json", "  data/empty.txt"), "is no new hash"),
    ],
)
def test_tampering_is_found(tmp_path: Path, change: Callable[[Path], object], problem: str) -> None:
    bag = made(tmp_path)
    change(bag)
    assert any(problem in found for found in problems_of(bag))


def test_a_signature_beside_the_manifests_does_not_spoil_the_bag(tmp_path: Path) -> None:
    bag = made(tmp_path)
    seal = "tagmanifest-sha256.txt.sig"
    (bag / seal).write_text("signature")
    assert verify_bag(bag, notes=tuple(NOTES), seals=(seal,)) == ()
    assert len(problems_of(bag)) == 1


@pytest.mark.parametrize(
    "path", ["data/case.json", "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "HOW.txt"]
)
def test_a_file_replaced_by_a_link_to_the_same_bytes_is_found(tmp_path: Path, path: str) -> None:
    bag = made(tmp_path)
    (bag / path).rename(tmp_path / "outside")
    (bag / path).symlink_to(tmp_path / "outside")
    assert f"{path!r} is a link or device, which a pack never holds." in problems_of(bag)
    assert read_text(bag, path) is None


@pytest.mark.parametrize("folder", ["data", "data/pictures"])
def test_a_folder_replaced_by_a_link_is_found_and_not_entered(tmp_path: Path, folder: str) -> None:
    bag = made(tmp_path)
    (bag / folder).rename(tmp_path / "outside")
    (bag / folder).symlink_to(tmp_path / "outside")
    problems = problems_of(bag)
    assert f"{folder!r} is a link or device, which a pack never holds." in problems
    inside = "data/pictures/deep/one.png"
    assert f"{inside!r} is listed in manifest-sha256.txt and is not there." in problems
    assert read_text(bag, inside) is None


def test_a_link_to_a_missing_file_and_a_link_to_itself_are_found(tmp_path: Path) -> None:
    bag = made(tmp_path)
    (bag / "data" / "dangling").symlink_to("nowhere")
    (bag / "data" / "round").symlink_to(".")
    problems = problems_of(bag)
    for name in ("dangling", "round"):
        assert f"'data/{name}' is a link or device, which a pack never holds." in problems


def test_a_link_put_there_after_the_walk_is_still_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = made(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    # The race, replayed: looked at while it was a file, a link when it is opened.
    monkeypatch.setattr(bag_module, "_require", lambda *_: None)
    (bag / "HOW.txt").unlink()
    (bag / "HOW.txt").symlink_to(secret)
    with pytest.raises(OSError, match="symbolic links"):
        read_text(bag, "HOW.txt")


@pytest.mark.timeout(20)
def test_a_pipe_and_a_socket_are_found_and_never_waited_for(tmp_path: Path) -> None:
    bag = made(tmp_path)
    os.mkfifo(bag / "data" / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(bag / "data")  # addresses of sockets are short
        try:
            listening.bind("socket")
        finally:
            os.chdir(here)
        problems = problems_of(bag)
    for name in ("pipe", "socket"):
        assert f"'data/{name}' is a link or device, which a pack never holds." in problems


def test_a_bag_reached_through_a_link_is_checked_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(made(tmp_path))
    assert problems_of(tmp_path / "way") == ()


def test_a_text_too_large_to_be_ours_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = made(tmp_path)
    monkeypatch.setattr(bag_module, "MAX_TEXT_BYTES", 100)
    assert read_text(bag, "manifest-sha256.txt") is None
    assert any(
        re.search("manifest-sha256.txt is missing or far too large", problem)
        for problem in problems_of(bag)
    )


def test_of_a_manifest_of_nothing_but_faults_the_first_are_told(tmp_path: Path) -> None:
    """Each told would be gigabytes of sentences, of a zip of some kilobytes."""
    bag = made(tmp_path)
    (bag / "manifest-sha256.txt").write_text("\n" * (1 << 20))
    problems = problems_of(bag)
    assert "manifest-sha256.txt has more wrong with it than is told." in problems
    assert len(problems) < 1_100
