"""What was published last, told apart from what lies there: so that little has to be looked at.

Stands as a small file beside the working casebook, for writers, and once more beside the published
one, for readers. It is a hint that is either true or plainly outdated: it names files by what the
file system says of them, so that any other file in their place (a backup put back, a change by
hand, a kill between two steps) makes it unlike, and then the casebook is compared and copied whole.
May import: namaak.casework.events, namaak.errors.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from namaak.casework.events import ChainHead
from namaak.errors import CasebookError


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A file as it lies there; another file, or another state of it, is unequal."""

    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """None when there is no such file. Raises CasebookError where nobody can tell."""
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CasebookError(
                f"The file {path} cannot be looked at ({error.strerror}); mend its folder's "
                "permissions, or remove the file: whoever writes next publishes it again."
            ) from None
        return cls(inode=found.st_ino, size=found.st_size, changed_ns=found.st_mtime_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPublished:
    """The files after a publishing, and where the history that was published ends."""

    working: State | None  #: without its log
    published: State | None
    log: State | None  #: the published log; None when all is in the published file
    head: ChainHead

    def is_there(self, published: Path) -> bool:
        """Whether the published casebook is still as it was left."""
        try:
            found = State.of(published), State.of(log_of(published))
        except CasebookError:
            return False
        return self.published is not None and found == (self.published, self.log)


_NOTHING = LastPublished(working=None, published=None, log=None, head=ChainHead())


def log_of(database: Path) -> Path:
    """Where DuckDB keeps the write-ahead log of a file."""
    return database.with_name(database.name + ".wal")


def read_last(casebook: Path) -> LastPublished:
    """What was remembered beside the working or the published casebook; like nothing that can be
    there when nothing (readable) was.
    """
    try:
        told = json.loads(_path(casebook).read_text(encoding="utf-8"))
        return LastPublished(
            working=_state(told["working"]),
            published=_state(told["published"]),
            log=_state(told["log"]),
            head=ChainHead(**told["head"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return _NOTHING


def remember(working: Path, before: State | None, published: Path, head: ChainHead) -> None:
    """Write down, on both sides, what lies there now; the caller holds the lock.

    before: the working file as it was before it was copied; if it is another by now, a foreign
    program wrote, and nothing is remembered.
    """
    forget(working)
    forget(published)
    if before is None or State.of(working) != before:
        return
    last = LastPublished(
        working=before, published=State.of(published), log=State.of(log_of(published)), head=head
    )
    for path in (_path(working), _path(published)):
        temporary = path.with_name(path.name + ".new")
        # Without it the next writer does more than it must, readers miss it when somebody cuts the
        # published log, and nothing else.
        with suppress(OSError):
            temporary.write_text(json.dumps(asdict(last)), encoding="utf-8")
            temporary.replace(path)


def forget(casebook: Path) -> None:
    """Of the working one: the next writer compares and copies whole. Of the published one: readers
    take what lies there.
    """
    with suppress(OSError):
        _path(casebook).unlink(missing_ok=True)


def _path(casebook: Path) -> Path:
    return casebook.with_name(casebook.name + ".last-published")


def _state(told: dict[str, Any] | None) -> State | None:
    return None if told is None else State(**told)
