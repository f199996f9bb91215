"""The beginning of a file on its way, which is of one version only, whatever fails.

Beside `PATH.part` lies `PATH.part.json`, which says of which version its bytes are and how many
of them are surely on the disk. The order is what keeps that true: the part is emptied before its
note is replaced, bytes are flushed before the note counts them, and what lies beyond the count is
cut off at the next start. So a process killed at any moment, or a machine that loses power, leaves
a beginning of one version, perhaps a short one. A lock on the part keeps a second process away.
May import: namaak.errors, namaak.durable.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from namaak import durable
from namaak.errors import Failure, SourceError
from namaak.fetch.replies import Validators, validators_of

#: Bytes that a killed process may lose; flushing more often costs time.
_FLUSH_EVERY = 64 << 20
_HASH_PIECE = 1 << 20
#: The note is ours, but the folder may be anybody's.
_MAX_NOTE = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which version of a resource the bytes of a part are of."""

    etag: str | None
    last_modified: str | None
    if_range: str | None  #: what a server must still have, so that the part may be continued
    total: int | None  #: bytes of the whole, where the server said it
    encoding: str | None  #: content coding of the bytes

    @property
    def validators(self) -> Validators:
        return Validators(etag=self.etag, last_modified=self.last_modified)


class PartFile:
    """`with PartFile(path, url) as part`: what an earlier run left of it, and what comes now."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.version: Version | None = None
        self.length = 0  #: bytes in the part
        self.inherited = 0  #: of them, those of an earlier run
        self._url = url
        self._part = path.with_name(path.name + ".part")
        self._note = path.with_name(path.name + ".part.json")
        self._handle = -1
        self._flushed = 0  #: bytes that the note counts

    def __enter__(self) -> Self:
        """Raises SourceError (POLICY) where another download has the part, and OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = self._locked()
        try:
            self.version, counted = self._read_note()
            self.length = min(counted, os.fstat(self._handle).st_size)
            os.ftruncate(self._handle, self.length)
        except BaseException:
            self._close()
            raise
        self.inherited = self._flushed = self.length
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handle < 0:
            return
        try:
            if self.length:
                self.flush()
            else:
                self._part.unlink(missing_ok=True)
                self._note.unlink(missing_ok=True)
        finally:
            self._close()

    def start(self, version: Version) -> None:
        """Throw away what is there; what is appended from now on is of this version."""
        self.discard()
        self.version = version
        self._write_note()

    def discard(self) -> None:
        """Throw away what is there."""
        os.ftruncate(self._handle, 0)
        os.fsync(self._handle)
        self.version = None
        self.length = self.inherited = self._flushed = 0

    def append(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            written = os.pwrite(self._handle, view, self.length)
            self.length += written
            view = view[written:]
        if self.length - self._flushed >= _FLUSH_EVERY:
            self.flush()

    def flush(self) -> None:
        """All bytes until now survive a loss of power."""
        if self.length != self._flushed:
            os.fsync(self._handle)
            self._flushed = self.length
            self._write_note()

    async def finish(self) -> str:
        """The part becomes the file. Gives its SHA-256, read from the disk, in lower-case hex."""
        digest = await _sha256(self._handle)
        os.fsync(self._handle)
        self._part.replace(self.path)
        durable.flush_folder(self.path.parent)
        self._note.unlink(missing_ok=True)
        self._close()
        return digest

    async def sha256_of_file(self) -> str:
        """Of the whole file that was there before."""
        handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return await _sha256(handle)
        finally:
            os.close(handle)

    def _close(self) -> None:
        os.close(self._handle)
        self._handle = -1

    def _locked(self) -> int:
        while True:
            handle = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Between opening and locking, another download may have renamed its part.
                mine, there = os.fstat(handle), self._part.stat()
            except BlockingIOError as error:
                os.close(handle)
                raise SourceError(
                    f"{self._part} is being written by another download; wait until that has "
                    "ended.",
                    Failure.POLICY,
                ) from error
            except FileNotFoundError:
                os.close(handle)
                continue
            if mine.st_ino == there.st_ino:
                return handle
            os.close(handle)

    def _write_note(self) -> None:
        assert self.version is not None
        note = {"url": self._url, "length": self.length, "version": asdict(self.version)}
        durable.replace(
            self._note, lambda beside: durable.write_bytes(beside, json.dumps(note).encode())
        )

    def _read_note(self) -> tuple[Version | None, int]:
        """A note that is not understood counts as none: its bytes are fetched again."""
        try:
            with self._note.open("rb") as file:
                note = json.loads(file.read(_MAX_NOTE))
            version = Version(**note["version"])
            url, length = note["url"], note["length"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None, 0
        texts = (version.etag, version.last_modified, version.if_range, version.encoding)
        numbers = (length, 0 if version.total is None else version.total)
        sound = (
            url == self._url
            and all(text is None or isinstance(text, str) for text in texts)
            and all(isinstance(number, int) and number >= 0 for number in numbers)
            # What goes into a header again is looked at again.
            and validators_of(version.if_range, None).etag == version.if_range
        )
        return (version, length) if sound else (None, 0)


async def _sha256(handle: int) -> str:
    digest = hashlib.sha256()
    at = 0
    while piece := os.pread(handle, _HASH_PIECE, at):
        digest.update(piece)
        at += len(piece)
        # Other requests of this loop go on meanwhile.
        await asyncio.sleep(0)
    return digest.hexdigest()
