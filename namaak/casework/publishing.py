"""One writer at a time, and a published copy that everybody else may read.

DuckDB lets one process write a file and, while it does, nobody else even read it. So the
working file is opened by the holder of a lock only, and what it holds is published by copying
it whole and renaming the copy into place: a reader has the old casebook or the new one, never
half of one.
May import: namaak.sqlfiles, namaak.errors.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from namaak import durable
from namaak.errors import CasebookError, CasebookLocked
from namaak.sqlfiles import statement

#: A snapshot that is changed by hand would lose the change at the next publishing.
_READ_ONLY = 0o444
_HOLDER = re.compile(r"\(PID (\d+)\)")


@contextmanager
def writer_lock(working: Path, *, wait_s: float) -> Iterator[None]:
    """Hold the casebook's lock. Raises CasebookLocked when another has it for all of wait_s.

    The lock belongs to the operating system and goes with its holder, however that dies.
    """
    owner = working.with_name(working.name + ".owner")
    lock = FileLock(working.with_name(working.name + ".lock"), timeout=wait_s)
    try:
        working.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(poll_interval=0.05)
    except Timeout:
        raise CasebookLocked(
            f"The casebook {working} is being written by {_read_owner(owner)}; "
            "wait for it or stop it."
        ) from None
    except OSError as error:
        raise CasebookError(
            f"The folder of the casebook {working} cannot be written ({error.strerror}); "
            "free it or name another data folder."
        ) from error
    try:
        _write_owner(owner)
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def lock_owner(working: Path) -> str | None:
    """Who holds the lock now, in words; None when nobody does."""
    path = working.with_name(working.name + ".lock")
    if not path.exists():
        return None
    try:
        with FileLock(path, timeout=0):
            return None
    except Timeout:
        return _read_owner(working.with_name(working.name + ".owner"))
    except OSError as error:
        return f"nobody can tell whom: {path} cannot be opened ({error.strerror})"


def open_working(working: Path) -> duckdb.DuckDBPyConnection:
    """Open the working file for writing; the caller holds the lock.

    Raises CasebookLocked when a foreign program has it open, CasebookError when it is damaged.
    """
    try:
        con = duckdb.connect(working)
    except duckdb.Error as error:
        raise unopened(working, error) from error
    con.execute(statement("casebook/writer_session"))
    return con


def unopened(path: Path, error: duckdb.Error) -> CasebookError:
    """Why DuckDB would not open a file, as one sentence of ours."""
    if holder := _HOLDER.search(str(error)):
        return CasebookLocked(
            f"The casebook {path} is open in another program (PID {holder[1]}); close it there "
            "(to read at any time, open the published casebook read-only)."
        )
    return CasebookError(
        f"The casebook {path} cannot be opened ({str(error).splitlines()[0]}); put a good copy in "
        "its place or move it away, and run `namaak run` to make it again."
    )


def unpublished_mark(working: Path) -> Path:
    """Stands beside the working file from its first change until that is published.

    So a change that was committed by a process killed before publishing is not forgotten.
    """
    return working.with_name(working.name + ".unpublished")


def remove_leftovers(published: Path) -> None:
    """Remove the half copies of publishers that were killed; the caller holds the lock."""
    for leftover in published.parent.glob(f".{published.name}.*.publishing"):
        leftover.unlink(missing_ok=True)


def publish(working: Path, published: Path) -> None:
    """Copy the working file over the published one, at once and durably.

    The working file must be checkpointed and closed: with a write-ahead log left beside it a
    copy would silently lack the newest rows; and closing any handle of an open database drops
    the lock DuckDB has on it. Raises CasebookError; the published casebook is then as before.
    """
    log = working.with_name(working.name + ".wal")
    if log.exists():
        raise CasebookError(
            f"The casebook {working} could not be brought up to date, {log.name} is still there; "
            "free disk space and run again."
        )
    temporary = published.with_name(f".{published.name}.{os.getpid()}.publishing")
    try:
        published.parent.mkdir(parents=True, exist_ok=True)
        durable.copy(working, temporary, mode=_READ_ONLY)
        # Left by somebody who opened the old snapshot for writing: DuckDB would replay it
        # into the new one.
        published.with_name(published.name + ".wal").unlink(missing_ok=True)
        temporary.replace(published)
        durable.flush_folder(published.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CasebookError(
            f"The casebook could not be published to {published} ({error.strerror}); nothing is "
            "lost: mend that and run again."
        ) from error


def restore(published: Path, working: Path) -> None:
    """Make a lost working file again from the published copy; the caller holds the lock.

    Raises CasebookError; there is then no working file, as before.
    """
    temporary = working.with_name(f".{working.name}.{os.getpid()}.restoring")
    try:
        durable.copy(published, temporary, mode=0o644)
        temporary.replace(working)
        durable.flush_folder(working.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CasebookError(
            f"The casebook {working} is missing and could not be made again from {published} "
            f"({error.strerror}); mend that and run again."
        ) from error


def _write_owner(owner: Path) -> None:
    document = {
        "pid": os.getpid(),
        "command": " ".join(sys.argv)[:200],
        "since": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
    }
    temporary = owner.with_name(owner.name + ".new")
    try:
        temporary.write_text(json.dumps(document), encoding="utf-8")
        temporary.replace(owner)
    except OSError as error:
        raise CasebookError(
            f"The file {owner} cannot be written ({error.strerror}); free disk space and run again."
        ) from error


def _read_owner(owner: Path) -> str:
    try:
        document = json.loads(owner.read_text(encoding="utf-8"))
        return f"PID {document['pid']} ({document['command']}, since {document['since']})"
    # The holder may just be starting or just have finished.
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
