"""Opening a list: plain, gzipped or inside a zip, as one stream of bytes under limits.

What an archive claims of itself is not believed: unpacked bytes are counted as they come,
so a bomb costs one block of memory and ends at the limit whatever its ratio. Whatever was
unpacked before a damaged spot is handed out first; the fault is raised after it.
Only stored and deflated zip members are read, because the other methods unpack a block of
any size at one call. Names inside archives are labels here, never paths.
May import: namaak.errors, namaak.sources.base.
"""

from __future__ import annotations

import gzip
import hashlib
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import IO

from namaak.errors import SourceError
from namaak.sources.base import excerpt

#: Bytes handed out at a time.
BLOCK = 1 << 20
#: Members of one zip; more is no list but an attack or a backup.
MAX_MEMBERS = 1_000

_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile)
#: What zipfile lets through from a crooked header.
_BAD_ARCHIVE = (struct.error, NotImplementedError, ValueError)


class Format(StrEnum):
    """How a list is written."""

    TEXT = "txt"
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


FORMATS = {
    "": Format.TEXT,
    ".txt": Format.TEXT,
    ".list": Format.TEXT,
    ".lst": Format.TEXT,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
}
_UNDERSTOOD = "txt, csv, tsv, jsonl, ndjson or parquet, plain, as .gz or inside a .zip"


def format_of(name: str) -> Format | None:
    """By the name's ending, a closing `.gz` aside; None where namaak does not read it.

    >>> format_of("new-domains.TXT.gz"), format_of("inner.zip")
    (<Format.TEXT: 'txt'>, None)
    """
    return FORMATS.get(PurePosixPath(name.lower().removesuffix(".gz")).suffix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A list that is open: `read` gives the next block, b"" at the end."""

    stream: BufferedIOBase | IO[bytes]
    max_bytes: int

    def blocks(self) -> Iterator[bytes]:
        """Blocks of about BLOCK bytes. Raises SourceError after the last good one."""
        unpacked = 0
        while True:
            pieces: list[bytes] = []
            wanted, fault = BLOCK, None
            while wanted > 0 and fault is None:
                try:
                    # Not read(): it drops what it had when the damage comes late in a block.
                    piece = self.stream.read1(wanted)  # type: ignore[union-attr]
                except _DAMAGE as error:
                    fault = _in_words(error)
                    break
                if not piece:
                    break
                unpacked += len(piece)
                if unpacked > self.max_bytes:
                    piece = piece[: len(piece) - (unpacked - self.max_bytes)]
                    fault = (
                        f"more than {self.max_bytes} bytes unpacked; raise max_bytes of the "
                        "source if that is to be expected"
                    )
                pieces.append(piece)
                wanted -= len(piece)
            block = b"".join(pieces)
            if block:
                yield block
            if fault is not None:
                raise SourceError(fault)
            if not block:
                return


def check_readable(path: Path) -> None:
    """Raises SourceError unless it is a regular file or a folder (not a pipe or device)."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SourceError(_cannot_open(path, error)) from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise SourceError(f"{path} is not a regular file; give a file or a folder of images.")


def content_digest(path: Path) -> bytes:
    """SHA-256 of the file as it lies on disk. Raises SourceError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise SourceError(_cannot_open(path, error)) from None


def members(path: Path) -> tuple[tuple[str, ...], tuple[tuple[int, str, str], ...]]:
    """The lists inside a zip, and what is not read: (place in the archive, reason, name).

    Places count from 1. Raises SourceError when the archive's directory cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listing = archive.infolist()
    except (*_DAMAGE, *_BAD_ARCHIVE) as error:
        raise SourceError(f"it is no zip archive or damaged ({_in_words(error)})") from None
    lists: dict[str, None] = {}
    refused: list[tuple[int, str, str]] = []
    for place, member in enumerate(listing, start=1):
        if member.is_dir():
            continue
        reason = _refusal(member, len(lists), lists)
        if reason is None:
            lists[member.filename] = None
        else:
            refused.append((place, f"not read: {reason}", excerpt(member.filename)))
    return tuple(lists), tuple(refused)


def _refusal(member: zipfile.ZipInfo, read: int, lists: dict[str, None]) -> str | None:
    name = member.filename
    if name.lower().endswith((".zip", ".gz")):
        return "archives inside archives are refused; unpack it first"
    if format_of(name) is None:
        return f"is not {_UNDERSTOOD}"
    if member.flag_bits & 0x1:
        return "is encrypted; unpack it first"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by a method other than deflate; unpack it first"
    if name in lists:
        return "has the same name as a member before it"
    return "the archive has too many lists" if read >= MAX_MEMBERS else None


@contextmanager
def opened(path: Path, *, member: str | None, max_bytes: int) -> Iterator[Opened]:
    """The list's own bytes. Raises SourceError when the file cannot be opened at all."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise SourceError(_cannot_open(path, error)) from None
    with ExitStack() as stack:
        stack.enter_context(raw)
        stream: BufferedIOBase | IO[bytes] = raw
        if member is not None:
            try:
                archive = stack.enter_context(zipfile.ZipFile(raw))
                stream = stack.enter_context(archive.open(member))
            except (*_DAMAGE, *_BAD_ARCHIVE, KeyError) as error:
                raise SourceError(
                    f"{path} changed or is damaged at {excerpt(member)} ({_in_words(error)}); "
                    "fetch it again."
                ) from None
        elif path.name.lower().endswith(".gz"):
            stream = stack.enter_context(gzip.GzipFile(fileobj=raw))
        yield Opened(stream=stream, max_bytes=max_bytes)


@contextmanager
def spooled(source: Opened) -> Iterator[IO[bytes]]:
    """The whole list in a temporary file, for a format that is read from its end.

    Raises SourceError when the list is damaged or the disk is full.
    """
    with tempfile.TemporaryFile() as file:
        for block in source.blocks():
            try:
                file.write(block)
            except OSError as error:
                raise SourceError(
                    f"it cannot be unpacked to {tempfile.gettempdir()} ({error.strerror}); "
                    "free some space or set TMPDIR"
                ) from None
        file.seek(0)
        yield file


def unreadable_format(path: Path) -> SourceError:
    """For a file whose ending namaak does not know."""
    return SourceError(f"{path} is not a list namaak reads; give {_UNDERSTOOD}.")


def _in_words(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return excerpt(text) or type(error).__name__


def _cannot_open(path: Path, error: OSError) -> str:
    advice = (
        "mend the path where it is named (in the watch file, relative ones start at its folder)"
        if isinstance(error, FileNotFoundError)
        else "give namaak the right to read it"
    )
    return f"{path} cannot be opened ({error.strerror}); {advice}."
