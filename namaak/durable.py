"""Files that are whole or absent, whatever fails: written beside, flushed, renamed.

A rename replaces the old file at once, so a reader sees one or the other; it is on the disk
only when the folder is flushed too. Power may fail between the two: then the old name may
still stand, which is why nothing is counted before `replace` returns.
May import: nothing of ours.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

_COPY_BYTES = 4 * 1024 * 1024


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` make a file beside `path`, then rename it over `path`.

    `write` flushes its file itself (see `write_bytes`, `copy`). The temporary name carries the
    PID, so that two processes never write into one file; one left by a killed process is
    overwritten or ignored, never read. Raises OSError, and what `write` raises.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        write(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """A file with these bytes, on the disk when this returns."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def copy(source: Path, target: Path, *, mode: int) -> None:
    """The bytes of source, in pieces; on the disk when this returns. mode: of the new file."""
    with source.open("rb") as read, target.open("wb") as write:
        while chunk := read.read(_COPY_BYTES):
            write.write(chunk)
        write.flush()
        os.fsync(write.fileno())
    target.chmod(mode)


def flush_folder(folder: Path) -> None:
    """The names in a folder are on the disk when this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
