"""Bringing a list here, under the name by which lists are told apart.

That a server has no list of a day (yet) is an answer of its own, `NotThere`, and no failure: lists
come late. So is the list of another day under the address of this one.
May import: namaak.errors, namaak.fetch, namaak.sources.daily, namaak.sources.lists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt, Downloaded, Fetcher, FetchError, Limits, Validators
from namaak.sources.daily.addresses import address
from namaak.sources.daily.keeping import Held, ListFolder
from namaak.sources.daily.tables import RegistrationList
from namaak.sources.lists.opening import format_of

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"


class NotThere(SourceError):
    """The server has no list of that day."""

    def __init__(self, message: str, attempts: tuple[Attempt, ...]) -> None:
        super().__init__(message, Failure.EXPECTED_ABSENT)
        self.attempts = attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """How lists are brought here."""

    fetcher: Callable[..., Fetcher]
    max_bytes: int  #: of one list, as it is sent
    now: Callable[[], datetime]

    def of_day(
        self, folder: ListFolder, given: RegistrationList, day: date
    ) -> tuple[Held, tuple[Attempt, ...]]:
        """The list of a day. Raises NotThere, or SourceError where that cannot be told."""
        url = address(given.url, day)
        path = folder.folder / f"{day}.part-list"
        downloaded, attempts = self._download(url, path, Validators(), absent=given.missing)
        same = [
            one
            for one, sha256 in folder.shelf().read.items()
            if sha256 == downloaded.sha256 and one != day.isoformat()
        ]
        if same:
            path.unlink()
            says = f"gives the very list of {same[-1]}"
            again = Attempt(
                url=url, failure=Failure.EXPECTED_ABSENT, status=200, says=says, at=self.now()
            )
            raise NotThere(f"{url} {says}; that of {day} is asked for again.", (*attempts, again))
        held = _named(path, given, day.isoformat(), downloaded)
        held = held.model_copy(update={"dated": datetime.combine(day, time(), UTC)})
        folder.hold(day.isoformat(), held)
        return held, attempts

    def newer(self, folder: ListFolder, given: RegistrationList) -> str | None:
        """The edition that an undated list has now, where it was not read before."""
        shelf = folder.shelf()
        # The file itself is gone once it was read, so the server is asked with its validators.
        known = Validators(etag=shelf.etag, last_modified=shelf.last_modified)
        path = folder.folder / "latest.part-list"
        path.parent.mkdir(parents=True, exist_ok=True)
        if known:
            path.touch()
        now = self.now()
        try:
            downloaded, _ = self._download(given.url, path, known)
        except SourceError:
            path.unlink(missing_ok=True)
            raise
        if downloaded.not_modified:
            path.unlink()
            folder.change(asked_at=now)
            return None
        edition = downloaded.sha256[:32]
        if edition in shelf.read:
            path.unlink(missing_ok=True)
        else:
            folder.hold(edition, _named(path, given, edition, downloaded))
        folder.change(
            asked_at=now,
            etag=downloaded.validators.etag,
            last_modified=downloaded.validators.last_modified,
        )
        return None if edition in shelf.read else edition

    def _download(
        self, url: str, path: Path, known: Validators, *, absent: Collection[int] = ()
    ) -> tuple[Downloaded, tuple[Attempt, ...]]:
        return asyncio.run(self._downloaded(url, path, known, absent))

    async def _downloaded(
        self, url: str, path: Path, known: Validators, absent: Collection[int]
    ) -> tuple[Downloaded, tuple[Attempt, ...]]:
        async with self.fetcher() as fetch:
            limits = Limits(max_bytes=self.max_bytes)
            try:
                downloaded = await fetch.download(
                    url, path, limits=limits, validators=known or None, absent=absent
                )
            except FetchError as error:
                if error.failure is not Failure.EXPECTED_ABSENT:
                    raise
                raise NotThere(
                    f"{error.url} has no list (status {error.status}); it is asked for again.",
                    fetch.take_attempts(),
                ) from None
            except OSError as error:
                raise SourceError(
                    f"{path} cannot be written ({error.strerror}); free some space."
                ) from None
            return downloaded, fetch.take_attempts()


def _named(path: Path, given: RegistrationList, edition: str, downloaded: Downloaded) -> Held:
    """Give a file the name by which lists are told apart. A name never comes from the server."""
    with path.open("rb") as file:
        magic = file.read(4)
    ending = given.format or _ending(given.url)
    if magic[:2] == _GZIP:
        ending += ".gz"
    elif magic == _ZIP and ending != "parquet":
        ending = "zip"
    target = path.with_name(f"{edition}.{ending}")
    path.replace(target)
    return Held(
        file=target.name,
        sha256=downloaded.sha256,
        dated=_moment(downloaded.validators.last_modified),
    )


def _ending(url: str) -> str:
    """txt, csv, jsonl or parquet, by the address; txt where it says nothing."""
    found = format_of(urlsplit(url).path.rpartition("/")[2].lower().removesuffix(".zip"))
    return "txt" if found is None else found.value


def _moment(last_modified: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(last_modified).astimezone(UTC) if last_modified else None
    except (ValueError, OverflowError):
        return None
