"""BagIt: a folder of files as a bag that anybody's tools can check, written whole or not at all.

BagIt 1.0 (RFC 8493), because archives, courts and registrars have tools for it and because
`sha256sum -c` alone already checks half of it. Written here and not with the bagit package,
which declares version 0.97; our tests let that package validate the result. A bag is built in
a folder beside its place, flushed, and renamed there, so nobody ever finds half of one.
Checking trusts nothing in the folder: every file is opened step by step from the bag's own
folder without following a link, also one that is put there meanwhile.
May import: namaak.durable, errors and visible, namaak.casework.evidence.json_text.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import unicodedata
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from namaak import durable
from namaak.casework.evidence.json_text import UNSEEN
from namaak.errors import NamaakError, UsageError
from namaak.visible import visible

ALGORITHMS = ("sha256", "sha512")
#: Of a file that is read whole. What parsing makes of it in memory is some twenty times as much.
MAX_TEXT_BYTES = 8 << 20

_BAGIT_TXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MANIFESTS = tuple(f"manifest-{name}.txt" for name in ALGORITHMS)
_MANIFEST_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)")
_READ_BYTES = 1 << 20
#: Of one manifest; one of empty lines would else be told line by line.
_MAX_PROBLEMS = 1_000


_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe that took a file's place would wait for ever.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def bag_files(
    payload: Mapping[str, bytes],
    *,
    info: Mapping[str, str | None],
    notes: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Every file of the bag by its path: the payload, what tells of it, and the manifests.

    The paths in payload and notes: ours, never a stranger's; payload paths begin with `data/`.
    info: lines of bag-info.txt, those without a value left out; Payload-Oxum is added. notes:
    further files beside data/.
    """
    oxum = f"{sum(map(len, payload.values()))}.{len(payload)}"
    stated = [f"{key}: {_one_line(text)}\n" for key, text in info.items() if text]
    tags = {
        "bagit.txt": _BAGIT_TXT.encode(),
        "bag-info.txt": "".join((*stated, f"Payload-Oxum: {oxum}\n")).encode(),
        **notes,
    }
    tags |= {f"manifest-{algorithm}.txt": _manifest(algorithm, payload) for algorithm in ALGORITHMS}
    tags |= {f"tagmanifest-{algorithm}.txt": _manifest(algorithm, tags) for algorithm in ALGORITHMS}
    return {**payload, **tags}


def write_bag(
    output: Path,
    name: str,
    payload: Mapping[str, bytes],
    *,
    info: Mapping[str, str | None],
    notes: Mapping[str, bytes],
    seals: Mapping[str, bytes] | None = None,
) -> Path:
    """Write the bag `output/name/` and return it; what it holds, see `bag_files`.

    name: ours, never a stranger's. seals: signatures and time stamps of the tag manifests, which
    stand beside them and in no manifest. Raises UsageError where the bag is already there or
    `output` is no folder, NamaakError where it cannot be written; nothing is left behind.
    """
    return put(output, name, {**bag_files(payload, info=info, notes=notes), **(seals or {})})


def verify_bag(
    bag: Path, *, notes: Collection[str], seals: Collection[str] = ()
) -> tuple[str, ...]:
    """What is wrong with a bag as `write_bag` writes them, a sentence each; empty when sound.

    notes: the files beside data/ that the tag manifests must list as well. seals: those that may
    stand there and are in no manifest. Raises OSError when the folder cannot be read.
    """
    found = _walk(bag)
    problems = list(found.problems)
    if read_text(bag, "bagit.txt") != _BAGIT_TXT:
        problems.append("bagit.txt does not declare a BagIt 1.0 bag in UTF-8.")
    if "fetch.txt" in found.digests:
        problems.append("fetch.txt promises files from elsewhere, which a pack never does.")
    tags = {"bagit.txt", "bag-info.txt", *notes, *_MANIFESTS}
    tag_manifests = {f"tagmanifest-{algorithm}.txt" for algorithm in ALGORITHMS}
    for name in sorted(entry.name for entry in bag.iterdir()):
        # Signatures and time stamps of the tag manifests are made after bagging, by design.
        if name not in tags | tag_manifests | {"data", *seals}:
            problems.append(f"{visible(name)} stands beside data/ and no pack has it.")
    for algorithm in ALGORITHMS:
        problems += _manifest_problems(bag, f"manifest-{algorithm}.txt", found, found.payload)
        problems += _manifest_problems(bag, f"tagmanifest-{algorithm}.txt", found, tags)
    return (*problems, *_oxum_problems(bag, found))


def read_text(bag: Path, path: str, *, most: int | None = None) -> str | None:
    """A file of the bag, what is not UTF-8 replaced; path: relative, as manifests have it.

    None when it is not there, is a link or no regular file, stands behind a link, or is larger
    than `most`, as for `read_bytes`. Raises OSError when it cannot be read.
    """
    content = read_bytes(bag, path, most=most)
    return None if content is None else content.decode("utf-8", "replace")


def read_bytes(bag: Path, path: str, *, most: int | None = None) -> bytes | None:
    """A file of the bag; None when it is none, as for `read_text`, or larger than `most`.

    most: bytes; MAX_TEXT_BYTES without.
    """
    most = MAX_TEXT_BYTES if most is None else most
    try:
        with _opened(bag, path) as opened:
            content = opened.read(most + 1)
    except (FileNotFoundError, _NotOurs):
        return None
    return content if len(content) <= most else None


def open_file(bag: Path, path: str) -> BinaryIO | None:
    """A file of the bag, to be read in pieces and closed; None when it is none, as `read_text`."""
    try:
        return _opened(bag, path)
    except (FileNotFoundError, _NotOurs):
        return None


# Writing


def _one_line(text: str) -> str:
    """A line break in a value would begin a tag of its own."""
    return " ".join("".join(" " if unicodedata.category(c) in UNSEEN else c for c in text).split())


def _manifest(algorithm: str, files: Mapping[str, bytes]) -> bytes:
    # Two spaces: what sha256sum reads.
    return "".join(
        f"{hashlib.new(algorithm, files[path]).hexdigest()}  {path}\n" for path in sorted(files)
    ).encode()


def put(output: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Write all files below a name of no meaning, flush them, rename the folder to `name`.

    For errors see `write_bag`.
    """
    final = output / name
    work = output / f".{name}.{uuid.uuid4().hex}"
    try:
        output.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{output} is not a folder; name a folder for the pack.") from None
    except OSError as error:
        raise _unwritten(output, error) from None
    if os.path.lexists(final):
        raise UsageError(
            f"The pack {final} is already there; wait a second or name another folder."
        )
    try:
        for path in sorted(files):
            target = work / path
            target.parent.mkdir(parents=True, exist_ok=True)
            durable.write_bytes(target, files[path])
        folders = {folder for path in files for folder in PurePosixPath(path).parents}
        for folder in sorted(folders, reverse=True):
            durable.flush_folder(work / folder)
        # Fails, as it must, if another process put a pack of this name here meanwhile.
        work.rename(final)
        durable.flush_folder(output)
    except OSError as error:
        raise _unwritten(output, error) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return final


def _unwritten(output: Path, error: OSError) -> NamaakError:
    reason = error.strerror or str(error)
    return NamaakError(
        f"The pack could not be written below {output}: {reason}; make room or mend the "
        "folder's permissions, or name another folder."
    )


# Checking


class _NotOurs(OSError):
    """A link, device, pipe or socket where a bag has a file or folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a walk through the folder found; paths relative to it, with slashes."""

    digests: Mapping[str, Mapping[str, str]]  #: of regular files: by path, then algorithm
    sizes: Mapping[str, int]  #: of the same, bytes
    problems: tuple[str, ...]  #: a sentence for whatever else is there

    @property
    def payload(self) -> set[str]:
        return {path for path in self.sizes if path.startswith("data/")}


def _walk(bag: Path) -> _Found:
    digests: dict[str, dict[str, str]] = {}
    sizes: dict[str, int] = {}
    problems: list[str] = []

    def stop(error: OSError) -> None:
        # A folder that cannot be listed may hide anything: not a smaller bag, but no answer.
        raise error

    for folder, folders, files in os.walk(bag, onerror=stop, followlinks=False):
        for name in sorted((*folders, *files)):
            place = Path(folder, name)
            path = place.relative_to(bag).as_posix()
            if stat.S_ISDIR(place.lstat().st_mode):
                continue
            try:
                digests[path], sizes[path] = _digest(bag, path)
            except _NotOurs:
                problems.append(f"{path!r} is a link or device, which a pack never holds.")
    return _Found(digests=digests, sizes=sizes, problems=tuple(problems))


def _digest(bag: Path, path: str) -> tuple[dict[str, str], int]:
    hashes = {name: hashlib.new(name) for name in ALGORITHMS}
    size = 0
    with _opened(bag, path) as content:
        while block := content.read(_READ_BYTES):
            size += len(block)
            for running in hashes.values():
                running.update(block)
    return {name: running.hexdigest() for name, running in hashes.items()}, size


def _opened(bag: Path, path: str) -> BinaryIO:
    """The regular file at `path`; raises _NotOurs when any step of the path is something else."""
    *folders, name = PurePosixPath(path).parts
    here = os.open(bag, _FOLDER_FLAGS)
    try:
        for folder in folders:
            _require(stat.S_ISDIR, here, folder, path)
            below = os.open(folder, _FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        _require(stat.S_ISREG, here, name, path)
        handle = os.open(name, _FILE_FLAGS, dir_fd=here)
    finally:
        os.close(here)
    return os.fdopen(handle, "rb")


def _require(is_kind: Callable[[int], bool], folder: int, name: str, path: str) -> None:
    """Looked at first, because opening a device may already do something."""
    if not is_kind(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise _NotOurs(f"{path} is a link or device")


def _manifest_problems(
    bag: Path, manifest: str, found: _Found, expected: Collection[str]
) -> list[str]:
    text = read_text(bag, manifest)
    if text is None:
        return [f"{manifest} is missing or far too large."]
    algorithm = manifest.removesuffix(".txt").rpartition("-")[2]
    problems: list[str] = []
    listed: dict[str, str] = {}
    # What `str.splitlines` takes for the end of a line is no line's end to sha256sum.
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        if len(problems) >= _MAX_PROBLEMS:
            return [*problems, f"{manifest} has more wrong with it than is told."]
        parts = _MANIFEST_LINE.fullmatch(line)
        if parts is None or parts[2] in listed:
            problems.append(f"{manifest}, line {number}, is no new hash and path.")
            continue
        listed[parts[2]] = parts[1].lower()
        if line != f"{parts[1].lower()}  {parts[2]}":
            problems.append(f"{manifest}, line {number}, is written otherwise than a pack does.")
    if not text.endswith("\n"):
        problems.append(f"{manifest} does not end with a line's end.")
    for path in sorted(set(expected) - listed.keys()):
        problems.append(f"{path!r} is not listed in {manifest}.")
    for path, digest in sorted(listed.items()):
        if path not in found.digests:
            problems.append(f"{path!r} is listed in {manifest} and is not there.")
        elif found.digests[path][algorithm] != digest:
            problems.append(f"{path!r} was changed: its {algorithm} is not that in {manifest}.")
    return problems


def _oxum_problems(bag: Path, found: _Found) -> list[str]:
    text = read_text(bag, "bag-info.txt")
    if text is None:
        return ["bag-info.txt is missing or far too large."]
    payload = found.payload
    oxum = f"{sum(found.sizes[path] for path in payload)}.{len(payload)}"
    if f"Payload-Oxum: {oxum}" not in text.splitlines():
        return [f"Payload-Oxum in bag-info.txt is not {oxum}, which is what the folder holds."]
    return []
