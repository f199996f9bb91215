"""Where the files of a log come from: its web server, or a copy of them in a folder.

A tiled log is plain files, so a copy on a disk is read, and proved, exactly like the log itself.
May import: namaak.errors, namaak.fetch.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt, Fetcher, FetchError, Limits


class Door(Protocol):
    """Gives the files of one log."""

    async def get(self, path: str, *, max_bytes: int, absent: Collection[int] = ()) -> bytes | None:
        """A file by its path, decoded. None where the answer is one of `absent`.

        Raises SourceError.
        """

    def take_attempts(self) -> tuple[Attempt, ...]:
        """Attempts that failed since they were taken last."""


class WebDoor:
    """The log's own web server."""

    def __init__(self, fetch: Fetcher, base_url: str) -> None:
        """base_url: with a slash at its end."""
        self._fetch = fetch
        self._base_url = base_url
        parts = urlsplit(base_url)
        # The port stands in the list of logs, and whoever keeps that list is trusted with it.
        self._ports = {80, 443} | ({parts.port} if parts.port else set())

    async def get(self, path: str, *, max_bytes: int, absent: Collection[int] = ()) -> bytes | None:
        """See `Door.get`."""
        try:
            reply = await self._fetch.get(
                self._base_url + path,
                limits=Limits(max_bytes=max_bytes),
                absent=absent,
                ports=self._ports,
            )
        except FetchError as error:
            if error.failure is Failure.EXPECTED_ABSENT:
                return None
            raise
        return reply.body

    def take_attempts(self) -> tuple[Attempt, ...]:
        """See `Door.take_attempts`."""
        return self._fetch.take_attempts()


class FolderDoor:
    """A copy of a tiled log: `checkpoint`, `tile/0/000`, `tile/data/000`, none of them packed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def get(self, path: str, *, max_bytes: int, absent: Collection[int] = ()) -> bytes | None:
        """See `Door.get`. path: made of numbers and fixed words by us, never by a log."""
        try:
            with (self._folder / path).open("rb") as file:
                content = file.read(max_bytes + 1)
        except FileNotFoundError:
            if 404 in absent:
                return None
            raise SourceError(
                f"{self._folder / path} is missing from the copy of the log; copy it again.",
                Failure.GONE,
            ) from None
        except OSError as error:
            raise SourceError(
                f"{self._folder / path} cannot be read ({error}); check the copy of the log.",
                Failure.TRANSIENT,
            ) from None
        if len(content) > max_bytes:
            raise SourceError(
                f"{self._folder / path} is larger than {max_bytes} bytes; nothing of it was used.",
                Failure.POLICY,
            )
        return content

    def take_attempts(self) -> tuple[Attempt, ...]:
        """None: a folder is asked once."""
        return ()
