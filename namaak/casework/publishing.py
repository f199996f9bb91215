"""One writer at a time, and a published copy that everybody else may read.

DuckDB lets one process write a file and, while it does, nobody else even read it. So the
working file is opened by the holder of a lock only, and what it holds is published: as a whole
copy that is renamed into place, or, after a small writing, as a copy of its write-ahead log alone,
renamed into place beside the published file, whose reader replays it. What state the two published
files were left in stands beside the working file (namaak.casework.lastpublished): a log is
published only beside the very bytes that it continues.
May import: namaak.casework.events and lastpublished, namaak.durable, sqlfiles and errors.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from namaak import durable
from namaak.casework.events import ChainHead
from namaak.casework.lastpublished import LastPublished, State, forget, log_of, remember
from namaak.errors import CasebookError, CasebookLocked
from namaak.sqlfiles import statement

#: A snapshot that is changed by hand would lose the change at the next publishing.
_READ_ONLY = 0o444
_HOLDER = re.compile(r"\(PID (\d+)\)")
#: From this version on a log names the file and the checkpoint that it continues, and DuckDB
#: refuses it beside another; a log beside an older file would be replayed into whatever is there.
_STORAGE_VERSION = "v1.4.0"
#: A reader replays the log at each opening, about 200 decisions at most: some 20 ms of a core.
MOST_LOG_BYTES = 100_000


@contextmanager
def writer_lock(working: Path, *, wait_s: float) -> Iterator[None]:
    """Hold the casebook's lock. Raises CasebookLocked when another has it for all of wait_s.

    The lock belongs to the operating system and goes with its holder, however that dies. Who waits
    is next: whoever writes one thing after another would else take it again before the other looks.
    """
    owner = working.with_name(working.name + ".owner")
    lock = FileLock(working.with_name(working.name + ".lock"), timeout=wait_s)
    turn = FileLock(working.with_name(working.name + ".next"), timeout=wait_s)
    deadline = time.monotonic() + wait_s
    try:
        working.parent.mkdir(parents=True, exist_ok=True)
        with turn.acquire(poll_interval=0.05):
            lock.acquire(timeout=max(0.0, deadline - time.monotonic()), poll_interval=0.02)
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

    Its log is kept when it is closed: whoever wants it in the file makes a checkpoint. A file of
    an older storage version is brought along. Raises CasebookLocked when a foreign program has it
    open, CasebookError when it is damaged.
    """
    try:
        con = _connect(working)
        if not _names_its_log(con):
            con.close()
            _bring_along(working)
            con = _connect(working)
    except duckdb.Error as error:
        raise unopened(working, error) from error
    con.execute(statement("casebook/writer_session"))
    return con


def _connect(working: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(working, config={"storage_compatibility_version": _STORAGE_VERSION})


def _names_its_log(con: duckdb.DuckDBPyConnection) -> bool:
    found = con.execute(statement("casebook/storage_version")).fetchone()
    return found is not None and found[0] not in ("v1.0.0+", "v1.2.0+", "v1.3.0+")


def _bring_along(working: Path) -> None:
    """Only an attachment takes a storage version for a file that is there already."""
    quoted = "'" + str(working.absolute()).replace("'", "''") + "'"
    with duckdb.connect(":memory:") as con:
        con.execute(
            statement("casebook/upgrade_storage").replace("attach :path", f"attach {quoted}")
        )


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


def remove_leftovers(working: Path, published: Path) -> None:
    """Remove the half copies of publishers that were killed; the caller holds the lock."""
    for leftover in (
        *published.parent.glob(f".{published.name}.*.publishing"),
        *working.parent.glob(f".{working.name}.*.restoring*"),
    ):
        leftover.unlink(missing_ok=True)


def published_at(published: Path) -> datetime:
    """When something was last published; the casebook must be there."""
    times = [published.stat().st_mtime]
    with suppress(OSError):
        times.append(log_of(published).stat().st_mtime)
    return datetime.fromtimestamp(max(times), tz=UTC)


def publish(working: Path, published: Path, head: ChainHead) -> None:
    """Copy the working file over the published one, at once and durably.

    The working file must be checkpointed and closed: with a write-ahead log left beside it a
    copy would silently lack the newest rows; and closing any handle of an open database drops
    the lock DuckDB has on it. head: the end of its history. Raises CasebookError; the published
    casebook is then as before.
    """
    log = log_of(working)
    if log.exists():
        raise CasebookError(
            f"The casebook {working} could not be brought up to date, {log.name} is still there; "
            "free disk space and run again."
        )
    before = State.of(working)
    with _publishing(published) as temporary:
        durable.copy(working, temporary, mode=_READ_ONLY)
        # The old log goes first and is gone on the disk, too, before the new file comes: beside
        # that it would be damage. Killed in between, readers see what the last whole copy held,
        # and the next writer finds the mark and publishes.
        # What readers know of that log goes before it: they would miss it.
        forget(published)
        log_of(published).unlink(missing_ok=True)
        durable.flush_folder(published.parent)
        temporary.replace(published)
        durable.flush_folder(published.parent)
    remember(working, before, published, head)


def log_is_enough(working: Path, published: Path, last: LastPublished) -> bool:
    """Whether publishing the log alone shows readers all that was committed.

    It is when the published file is, byte for byte, the one that the log continues: what `last`
    remembers of both is still so.
    """
    log = State.of(log_of(working))
    return (
        log is not None
        and log.size <= MOST_LOG_BYTES
        and last.working is not None
        and State.of(working) == last.working
        and State.of(published) == last.published
    )


def publish_log(working: Path, published: Path, head: ChainHead) -> None:
    """Publish the log of the closed working file alone, if `log_is_enough`.

    head: as in `publish`, as are errors.
    """
    before = State.of(working)
    with _publishing(published) as temporary:
        durable.copy(log_of(working), temporary, mode=_READ_ONLY)
        temporary.replace(log_of(published))
        durable.flush_folder(published.parent)
    remember(working, before, published, head)


@contextmanager
def _publishing(published: Path) -> Iterator[Path]:
    """The name of a temporary file; what fails on the disk becomes a CasebookError."""
    temporary = published.with_name(f".{published.name}.{os.getpid()}.publishing")
    try:
        published.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CasebookError(
            f"The casebook could not be published to {published} ({error.strerror}); nothing is "
            "lost: mend that and run again."
        ) from error


def restore(published: Path, working: Path) -> None:
    """Make a lost working file again from the published files; the caller holds the lock.

    A log that was left behind by the lost file goes on if it continues the published files; else it
    is set aside, see `lost_logs`. Raises CasebookError; there is then no working file, as before.
    """
    temporary = working.with_name(f".{working.name}.{os.getpid()}.restoring")
    try:
        # The log first: with the file in place and no log, a kill here would lose what it holds.
        _restore_log(published, log_of(working), temporary)
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


def lost_logs(working: Path) -> list[Path]:
    """Logs of lost working files that continue nothing published, oldest first.

    What they hold beyond the published casebook is in no casebook; nothing reads or deletes them.
    """
    found = working.parent.glob(f"{log_of(working).name}.*.lost")
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def _restore_log(published: Path, left: Path, temporary: Path) -> None:
    log = log_of(published)
    known = log.read_bytes() if log.exists() else b""
    if left.exists():
        # A log only grows: one that begins like the published one holds what came after it.
        if left.read_bytes().startswith(known) if known else _continues(published, left, temporary):
            return
        aside = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        left.replace(left.with_name(f"{left.name}.{aside}.lost"))
    if known:
        durable.copy(log, temporary, mode=0o644)
        temporary.replace(left)


def _continues(published: Path, left: Path, trial: Path) -> bool:
    """Whether DuckDB replays this log onto the published file; it refuses another file's."""
    try:
        durable.copy(published, trial, mode=0o644)
        durable.copy(left, log_of(trial), mode=0o644)
        with _connect(trial) as con:
            con.execute(statement("casebook/applied_migrations")).fetchall()
    except duckdb.Error:
        return False
    finally:
        trial.unlink(missing_ok=True)
        log_of(trial).unlink(missing_ok=True)
    return True


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
