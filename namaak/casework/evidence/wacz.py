"""What is wrong with a web archive (WACZ): whether each file in it is what it was when captured.

A check of our own beside `wacz validate`, so that a pack can be checked where that is not
installed: the digests of datapackage.json, the digest of that file itself, and, where warcio is
installed, those of every record. The archive may be anybody's, so everything is read in pieces,
and what it unpacks to is counted against what such an archive may. What warcio holds of a record's
headers, and what it prints, nothing here bounds: `wacz_child` does, in which this runs.
May import: namaak.visible.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from namaak.visible import visible

#: Bytes that all files and records of one archive may unpack to: at most, and so many for each of
#: its own bytes, from where on a small one is no page but a trap.
MAX_UNPACKED = 4 << 30
RATIO = 100
ALWAYS_ALLOWED = 256 << 20
_MAX_FILES = 10_000
_MAX_DOCUMENT = 8 << 20  #: of datapackage.json and the like, which are read whole
_MAX_PROBLEMS = 50
_PIECE, _UNPACKED = 1 << 16, 1 << 18
_SHOWN = 120  #: characters of a stranger's name or of a reason
_PACKAGE, _DIGEST = "datapackage.json", "datapackage-digest.json"
#: Others are not written by programs for web archives, and their readers fail in more ways.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_GZIP = b"\x1f\x8b"


class _TooMuch(Exception):
    """It unpacks to more than such an archive may."""


class _Unreadable(Exception):
    """The text says why, in a few words."""


class _Budget:
    """What may still be unpacked."""

    def __init__(self, size: int) -> None:
        self._left = min(MAX_UNPACKED, ALWAYS_ALLOWED + RATIO * size)

    def spend(self, length: int) -> None:
        self._left -= length
        if self._left < 0:
            raise _TooMuch


def can_read_records() -> bool:
    """Whether warcio is here, with which records are checked."""
    return importlib.util.find_spec("warcio") is not None


def wacz_problems(file: BinaryIO, *, records: bool) -> list[str]:
    """What is wrong with a WACZ, in a few words each; empty when it is sound.

    file: can be sought in. records: whether to check them, by warcio.
    """
    budget = _Budget(file.seek(0, 2))
    found: list[str] = []
    try:
        with zipfile.ZipFile(file) as archive:
            for problem in _problems(archive, budget, records):
                found.append(problem)
                if len(found) == _MAX_PROBLEMS:
                    return [*found, "has more wrong with it than is told"]
    except _TooMuch:
        found.append("unpacks to more than can be checked")
    except MemoryError:
        found.append("needs more memory than checking may take")
    # Bytes that somebody made, in the hands of zipfile and zlib, which do not declare what they
    # raise: whatever it is, it means that this archive cannot be read.
    except Exception as error:
        found.append(f"is no readable archive ({_brief(error)})")
    return found


def _problems(archive: zipfile.ZipFile, budget: _Budget, records: bool) -> Iterator[str]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > _MAX_FILES:
        yield "holds more files than can be checked"
        return
    if any(entry.compress_type not in _COMPRESSIONS or entry.flag_bits & 1 for entry in entries):
        yield "holds a file that is packed in another way than web archives are"
        return
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        yield "holds a file twice"
        return
    if _PACKAGE not in names:
        yield f"has no {_PACKAGE}"
        return
    package = _document(archive, _PACKAGE, budget)
    try:
        listed = {str(one["path"]): dict(one) for one in json.loads(package)["resources"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        yield f"has a {_PACKAGE} that cannot be read"
        return
    if _DIGEST in names:
        yield from _digest_problems(_document(archive, _DIGEST, budget), package)
    for name in names:
        if name not in listed and name not in (_PACKAGE, _DIGEST):
            yield f"holds {_shown(name)}, which {_PACKAGE} does not list"
    for path, told in listed.items():
        if path not in names:
            yield f"lacks {_shown(path)}"
            continue
        yield from _file_problems(archive, path, told, budget, records)


def _digest_problems(document: bytes, package: bytes) -> Iterator[str]:
    try:
        stated = json.loads(document)["hash"]
    except (ValueError, KeyError, TypeError, RecursionError):
        yield f"has a {_DIGEST} that cannot be read"
        return
    if stated != f"sha256:{hashlib.sha256(package).hexdigest()}":
        yield f"has another {_PACKAGE} than {_DIGEST} says"


def _file_problems(
    archive: zipfile.ZipFile, path: str, told: dict[str, Any], budget: _Budget, records: bool
) -> Iterator[str]:
    algorithm, _, digest = str(told.get("hash")).partition(":")
    if algorithm not in ("sha256", "md5"):
        yield f"gives no digest of {_shown(path)} that can be checked"
        return
    running, size = hashlib.new(algorithm, usedforsecurity=False), 0
    for piece in _pieces(archive, path, budget):
        running.update(piece)
        size += len(piece)
    if running.hexdigest() != digest or told.get("bytes") != size:
        yield f"holds another {_shown(path)} than {_PACKAGE} lists"
    elif records and path.endswith((".warc.gz", ".warc")):
        yield from _unpacked_problems(archive, path, budget)


def _unpacked_problems(archive: zipfile.ZipFile, path: str, budget: _Budget) -> Iterator[str]:
    """Unpacked by us first: warcio counts nothing, and takes a broken member for the end."""
    try:
        _measure(_pieces(archive, path), budget)
    except _Unreadable as error:
        yield f"holds a {_shown(path)} that cannot be read ({error})"
        return
    try:
        yield from _record_problems(archive, path)
    except MemoryError:
        raise
    # As above: warcio fails on bytes that somebody made with whatever its code comes upon, such as
    # AttributeError where a header is missing.
    except Exception as error:
        yield f"holds a {_shown(path)} that cannot be read ({_brief(error)})"


def _record_problems(archive: zipfile.ZipFile, path: str) -> Iterator[str]:
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

    with archive.open(path) as content:
        records = ArchiveIterator(content, check_digests=True)
        for record in records:
            # As it lies there: what a server had packed is not unpacked.
            while record.raw_stream.read(_PIECE):
                pass
            if record.digest_checker.passed is False:
                number = _cut(str(record.rec_headers.get_header("WARC-Record-ID")))
                yield f"holds a record in {_shown(path)} that does not fit its digest: {number}"
        if records.err_count:
            yield f"holds a record in {_shown(path)} that is longer or shorter than it says"


# Reading in pieces


def _pieces(archive: zipfile.ZipFile, path: str, budget: _Budget | None = None) -> Iterator[bytes]:
    with archive.open(path) as content:
        while piece := content.read(_PIECE):
            if budget is not None:
                budget.spend(len(piece))
            yield piece


def _document(archive: zipfile.ZipFile, path: str, budget: _Budget) -> bytes:
    whole = bytearray()
    for piece in _pieces(archive, path, budget):
        whole += piece
        if len(whole) > _MAX_DOCUMENT:
            raise _TooMuch
    return bytes(whole)


def _measure(pieces: Iterator[bytes], budget: _Budget) -> None:
    """Spend what the members of a gzip file unpack to. Nothing where it is none, as for warcio.

    Raises _Unreadable.
    """
    waiting = next(pieces, b"")
    if not waiting.startswith(_GZIP):
        return
    member = _member()
    try:
        while waiting or not member.eof:
            unpacked = len(member.decompress(waiting, _UNPACKED))
            budget.spend(unpacked)
            waiting = member.unconsumed_tail
            if member.eof:
                waiting = member.unused_data or next(pieces, b"")
                if waiting:
                    member = _member()
            elif not waiting:
                waiting = next(pieces, b"")
                # It may still hold back what it has unpacked already.
                if not waiting and not unpacked:
                    raise _Unreadable("it ends in the middle")
    except zlib.error as error:
        raise _Unreadable(_brief(error)) from None


def _member() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


# Words


def _shown(name: str) -> str:
    return repr(name[:_SHOWN])


def _cut(text: str) -> str:
    return visible(text[:_SHOWN])


def _brief(error: Exception) -> str:
    return _cut(str(error) or type(error).__name__)
