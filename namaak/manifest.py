"""The lake's manifest, opened and written in one way by all who keep things in the lake.

SQLite and not DuckDB: several processes change single rows, which DuckDB does a thousand times
slower, and it admits one process at a time.
May import: namaak.durable, namaak.errors, namaak.sqlfiles.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import filelock
import pyarrow as pa
import pyarrow.parquet as pq

from namaak import durable
from namaak.errors import LakeError
from namaak.sqlfiles import statement

#: For another process that writes.
_WAIT_S = 60.0


def open_manifest(folder: Path, *schemas: str) -> sqlite3.Connection:
    """The manifest of the lake in `folder`, with the tables of these files of sql/lake.

    Raises LakeError. The connection commits by itself; see `transaction`.
    """
    path = folder / "manifest.sqlite"
    try:
        manifest = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
        _settle(manifest)
        for name in schemas:
            manifest.executescript(statement(f"lake/{name}"))
    except sqlite3.Error as error:
        raise LakeError(
            f"The manifest {path} cannot be opened ({error}); "
            "check the disk and the rights of the folder."
        ) from None
    return manifest


def _settle(manifest: sqlite3.Connection) -> None:
    """The settings; a new file changes to WAL, and for that SQLite does not wait for others."""
    end = time.monotonic() + _WAIT_S
    while True:
        try:
            manifest.executescript(statement("lake/settings"))
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)


@contextlib.contextmanager
def transaction(manifest: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and nobody else writes meanwhile."""
    manifest.execute("begin immediate")
    try:
        yield
    except BaseException:
        manifest.execute("rollback")
        raise
    manifest.execute("commit")


@contextlib.contextmanager
def storing(folder: Path) -> Iterator[None]:
    """Turns what a disk can refuse into one sentence."""
    try:
        yield
    except filelock.Timeout:
        raise LakeError(
            f"Another run has been writing to {folder} for ten minutes; wait for it or stop it."
        ) from None
    except sqlite3.Error as error:
        raise LakeError(f"The manifest in {folder} cannot be written ({error}).") from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            advice = "the disk is full; free some space and run again, nothing is half-written"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            advice = "the folder may not be written; mend its rights or choose another data folder"
        else:
            advice = f"{error.strerror or error}; check the disk and run again"
        raise LakeError(f"Cannot store anything in {folder}: {advice}.") from None


def write_parquet(table: pa.Table, path: Path) -> None:
    """A Parquet file, whole and on the disk when this returns. Raises OSError."""

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())

    durable.replace(path, write)
