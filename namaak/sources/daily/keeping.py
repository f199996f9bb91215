"""What is kept of the lists of one name: the file that is being read, and which were read.

A list is marked as read only after all of it is stored elsewhere, and its file is removed then.
Killed before the mark, the same file is read on; killed after it, nothing is left to do.
May import: namaak.durable, namaak.errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import filelock
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from namaak import durable
from namaak.errors import Failure, SourceError

#: Finished lists that are remembered; more than ten years of days.
_REMEMBERED: Final = 4_000
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Held(BaseModel):
    """A list that is here and was not yet read to its end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str  #: its name in the folder
    sha256: _Sha256
    dated: AwareDatetime | None  #: when the server says that it was made


class Shelf(BaseModel):
    """`lists.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: date | None = None  #: the first day that was ever wanted
    held: dict[str, Held] = {}  #: by edition: a day, or the beginning of a SHA-256
    read: dict[str, str] = {}  #: edition -> SHA-256; "" where it never came
    asked: dict[str, AwareDatetime] = {}  #: days that had not come when they were last asked for
    asked_at: AwareDatetime | None = None  #: a list without a day: when it was last asked for
    etag: str | None = None  #: of the last that was fetched
    last_modified: str | None = None


class ListFolder:
    """Everything kept of the lists of one name."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder / name

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes what is kept meanwhile; short, the network is not asked inside."""
        self._make()
        with filelock.FileLock(self.folder / "lists.lock", timeout=60):
            yield

    @contextmanager
    def reading(self, edition: str) -> Iterator[None]:
        """Nobody else reads this edition meanwhile. Raises SourceError where somebody does."""
        self._make()
        lock = filelock.FileLock(self.folder / f"{edition}.lock", timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise SourceError(
                f"Another run is reading the list {self.name} of {edition}; let it finish.",
                Failure.TRANSIENT,
            ) from None
        try:
            yield
        finally:
            lock.release()

    def shelf(self) -> Shelf:
        """What is kept. Raises SourceError when the file is damaged."""
        path = self.folder / "lists.json"
        try:
            return Shelf.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Shelf()
        except (OSError, ValidationError):
            raise SourceError(
                f"{path} is damaged; restore it from a backup, or remove {self.folder} to start "
                f"the list {self.name} again."
            ) from None

    def change(self, **changes: object) -> None:
        """Other values for fields of the shelf."""
        with self.locked():
            self._write(self.shelf().model_copy(update=changes))

    def hold(self, edition: str, held: Held) -> None:
        """An edition has come."""
        with self.locked():
            shelf = self.shelf()
            held_now = {**shelf.held, edition: held}
            self._write(
                shelf.model_copy(update={"held": held_now, "asked": _without(shelf, edition)})
            )

    def not_there(self, edition: str, at: datetime) -> None:
        """A day was asked for and has not come."""
        with self.locked():
            shelf = self.shelf()
            self._write(shelf.model_copy(update={"asked": {**shelf.asked, edition: at}}))

    def finish(self, edition: str, sha256: str) -> None:
        """All rows of an edition are stored, or it will never come (sha256 is "")."""
        with self.locked():
            shelf = self.shelf()
            held = dict(shelf.held)
            done = held.pop(edition, None)
            read = dict([*shelf.read.items(), (edition, sha256)][-_REMEMBERED:])
            asked = _without(shelf, edition)
            self._write(shelf.model_copy(update={"held": held, "read": read, "asked": asked}))
        if done is not None:
            (self.folder / done.file).unlink(missing_ok=True)

    def _make(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"{self.folder} cannot be made ({error.strerror}); check the disk and its rights."
            ) from None

    def _write(self, shelf: Shelf) -> None:
        text = shelf.model_dump_json(indent=1).encode()
        durable.replace(self.folder / "lists.json", lambda path: durable.write_bytes(path, text))


def _without(shelf: Shelf, edition: str) -> dict[str, AwareDatetime]:
    return {day: at for day, at in shelf.asked.items() if day != edition}
