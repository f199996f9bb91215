"""What is kept of the editions of one zone, so that a run killed anywhere goes on unharmed.

A folder for each zone: the file as it was fetched, its fingerprints, and `zone.json`, which says
what is known of each edition and which is the base, the one that the next is compared with. An
edition becomes the base only after all its names are stored elsewhere; the one before it stays
until then, and one edition longer, so that rows asked for again are the same rows.
May import: namaak.durable, namaak.errors, namaak.sources.zones.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import filelock
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from namaak import durable
from namaak.errors import Failure, SourceError
from namaak.sources.zones.diffing import Fingerprints
from namaak.sources.zones.siphash import KEY_BYTES

_Count = Annotated[int, Field(ge=0)]
_SETTLED: Final = 30  #: editions whose figures are remembered


class Facts(BaseModel):
    """What reading an edition once has shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  #: of the file as it lies there
    lines: _Count
    names: _Count  #: registrations
    serial: _Count | None
    damage: str | None  #: why it cannot be taken for the whole zone
    notes: tuple[str, ...]  #: what is odd about the zone as a whole


class Change(BaseModel):
    """An edition beside the one before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    against: str | None  #: the earlier edition; None: there was none
    new: _Count
    gone: _Count


class Latest(BaseModel):
    """The last edition that was fetched whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edition: str
    fetched_at: AwareDatetime


class Book(BaseModel):
    """`zone.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str | None = None  #: the edition whose names are known
    latest: Latest | None = None
    facts: dict[str, Facts] = {}
    changes: dict[str, Change] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One state of a zone, as it was announced."""

    zone: str
    name: str  #: safe in a file name


class ZoneFolder:
    """Everything kept of one zone."""

    def __init__(self, folder: Path, zone: str) -> None:
        """folder: of the source; the zone gets one inside of it."""
        self.zone = zone
        self.folder = folder / "zones" / (zone or "root")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else reads this zone meanwhile. Raises SourceError when somebody does."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"{self.folder} cannot be made ({error.strerror}); check the disk and its rights."
            ) from None
        lock = filelock.FileLock(self.folder / "reading.lock", timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise SourceError(
                f"Another run is reading the zone {self.zone}; let it finish.", Failure.TRANSIENT
            ) from None
        try:
            yield
        finally:
            lock.release()

    def file(self, edition: str) -> Path:
        """The zone file as it was fetched."""
        return self.folder / f"{edition}.zone.gz"

    def names(self, edition: str) -> Fingerprints:
        """Of all registrations."""
        return Fingerprints(self.folder / f"{edition}.names")

    def new(self, edition: str) -> Fingerprints:
        """Of the registrations that are new in this edition."""
        return Fingerprints(self.folder / f"{edition}.new")

    def book(self) -> Book:
        """What is known. Raises SourceError when the file is damaged."""
        path = self.folder / "zone.json"
        try:
            return Book.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Book()
        except (OSError, ValidationError):
            raise SourceError(
                f"{path} is damaged; restore it from a backup, or remove {self.folder} to start "
                f"the zone {self.zone} again."
            ) from None

    def arrived(self, edition: str, fetched_at: datetime) -> None:
        """Keep when an edition was fetched."""
        latest = Latest(edition=edition, fetched_at=fetched_at)
        self._write(self.book().model_copy(update={"latest": latest}))

    def learn(self, edition: str, facts: Facts) -> None:
        """Keep what reading an edition has shown."""
        book = self.book()
        self._write(book.model_copy(update={"facts": {**book.facts, edition: facts}}))

    def set_beside(self, edition: str, change: Change) -> None:
        """Keep with what an edition was compared."""
        book = self.book()
        self._write(book.model_copy(update={"changes": {**book.changes, edition: change}}))

    def make_base(self, edition: str) -> None:
        """All names of the edition are stored; what the next needs not is removed."""
        book = self.book()
        settled = list(book.facts)[-_SETTLED:]
        book = book.model_copy(
            update={
                "base": edition,
                "facts": {name: book.facts[name] for name in settled},
                "changes": {n: change for n, change in book.changes.items() if n in settled},
            }
        )
        self._write(book)
        self.tidy(edition)

    def tidy(self, *editions: str) -> None:
        """Remove files of editions other than these and the base.

        Of the one that the base was compared with, the names stay: with them the base's rows can
        be given again.
        """
        book = self.book()
        kept = {*editions, book.base}
        change = book.changes.get(book.base or "")
        against = None if change is None else change.against
        for path in self.folder.iterdir():
            edition, _, rest = path.name.partition(".")
            kind = rest.partition(".")[0]
            wanted = edition in kept or (edition == against and kind == "names")
            if kind in ("zone", "names", "new") and not wanted:
                path.unlink(missing_ok=True)

    def _write(self, book: Book) -> None:
        text = book.model_dump_json(indent=1).encode()
        durable.replace(self.folder / "zone.json", lambda path: durable.write_bytes(path, text))


def secret_key(folder: Path) -> bytes:
    """The key of all fingerprints of a source, made at first use; readable by its owner only.

    Raises SourceError when it is damaged or cannot be made.
    """
    path = folder / "fingerprints.key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / "fingerprints.lock", timeout=60):
            if not path.exists():
                durable.replace(path, _write_key)
            key = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read or made ({error.strerror}); check the disk and its rights."
        ) from None
    if len(key) != KEY_BYTES:
        raise SourceError(
            f"{path} is damaged; restore it from a backup, or remove {folder} to start all its "
            "zones again."
        )
    return key


def _write_key(path: Path) -> None:
    path.touch(mode=0o600)
    durable.write_bytes(path, secrets.token_bytes(KEY_BYTES))
