"""Which way a log is read: by tiles, by get-entries or by names; found out once, then remembered.

Only the log knows what it serves beside what its kind promises, so it is asked for one thing and
taken at its word. A log is asked when there is something to read, not before.
May import: namaak.errors, namaak.transparency, namaak.sources.certificates.*.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from namaak.errors import Failure, SourceError
from namaak.sources.certificates.access import Access
from namaak.sources.certificates.doors import Door
from namaak.sources.certificates.entries import EntriesLog, HybridLog, serves_tiles
from namaak.sources.certificates.log_list import Log, LogKind
from namaak.sources.certificates.progress import Progress
from namaak.sources.certificates.tiles import NamesLog, TiledLog, names_content
from namaak.transparency.heads import TreeHead
from namaak.transparency.tile_paths import TILE_WIDTH

WantedTrust: TypeAlias = Literal["verified", "names", "auto"]

#: How servers say that they do not know a path.
_NOT_SERVED = (400, 401, 403, 404, 405, 410, 501)


class Ways:
    """The ways of one log."""

    def __init__(self, door: Door, log: Log, trust: WantedTrust, progress: Progress) -> None:
        self._door = door
        self._log = log
        self._trust = trust
        self._has_tiles = progress.has_tiles
        self._has_names = progress.has_names
        self._entries = EntriesLog(door, log, page=progress.page)

    def first(self) -> Access:
        """How the head is read, before anything was found out."""
        if self._log.kind is LogKind.TILED:
            return TiledLog(self._door, self._log)
        return self._hybrid() if self._has_tiles else self._entries

    async def choose(self, position: int, head: TreeHead) -> Access:
        """How to read from `position` on. Raises SourceError where names are wanted in vain."""
        if self._log.kind is LogKind.TILED:
            if self._trust != "verified" and await self._offers_names(position, head):
                return NamesLog(self._door, self._log)
            return TiledLog(self._door, self._log)
        if self._trust == "names":
            raise self._no_names()
        if self._has_tiles is None:
            self._has_tiles = await serves_tiles(self._door, head.size, position)
        return self._hybrid() if self._has_tiles else self._entries

    def noted(self, progress: Progress) -> Progress:
        """What was found out, for the next run."""
        return progress.model_copy(
            update={
                "has_tiles": self._has_tiles,
                "has_names": self._has_names,
                "page": self._entries.page if self._log.kind is LogKind.RFC6962 else None,
            }
        )

    def _hybrid(self) -> HybridLog:
        # The page it learns is that of the plain way; one of them remembers.
        hybrid = HybridLog(self._door, self._log, page=self._entries.page)
        self._entries = hybrid
        return hybrid

    async def _offers_names(self, position: int, head: TreeHead) -> bool:
        if self._has_names is None or (self._trust == "names" and not self._has_names):
            number = position // TILE_WIDTH
            if (number + 1) * TILE_WIDTH > head.size:
                return False  # of a tile that is not full nothing can be told
            content = await names_content(self._door, number, head.size, absent=_NOT_SERVED)
            self._has_names = content is not None
        if self._trust == "names" and not self._has_names:
            raise self._no_names()
        return self._has_names

    def _no_names(self) -> SourceError:
        return SourceError(
            f'{self._log.description} serves no tiles of names; set `trust` to "auto" to read '
            "its certificates instead.",
            Failure.GONE,
        )
