"""The pictures that profiles show: fetched under limits, none of them twice, never decoded.

Their addresses are strangers' text and go through the door to the network like any other. What an
address gave is remembered only once it is stored: a run that is killed fetches again.
May import: namaak.errors, namaak.fetch, namaak.sqlfiles, namaak.sources.profiles.profile.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from namaak.errors import Failure
from namaak.fetch import Fetcher, FetchError, Limits
from namaak.sources.profiles.profile import Refused
from namaak.sqlfiles import statement

MAX_PICTURE_BYTES = 5 << 20
#: Of one batch: all of them are in memory until it is stored.
MAX_BATCH_BYTES = 64 << 20
_SIDE_BY_SIDE = 4
#: For one of them, with all that is tried for it.
PICTURE_S = 30.0
#: The lake forgets pictures of bystanders after thirty days: what is remembered must be in it.
_REMEMBERED = timedelta(days=14)
#: Where the same address may show another picture tomorrow.
_REMEMBERED_CHANGING = timedelta(hours=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What addresses gave."""

    digests: Mapping[str, str]  #: address to SHA-256
    images: Mapping[str, bytes]  #: what is new, by SHA-256
    faults: Mapping[str, Refused]  #: address to why there is no picture


class PictureMemory:
    """What addresses gave before, in a file of the source's own."""

    def __init__(self, folder: Path, *, changing: bool) -> None:
        """changing: the platform keeps an address when the picture behind it is replaced."""
        self._path = folder / "pictures.sqlite"
        self._lasts = _REMEMBERED_CHANGING if changing else _REMEMBERED

    def known(self, urls: Iterable[str], now: datetime) -> dict[str, str]:
        """Address to SHA-256, of those that were stored lately."""
        since = (now - self._lasts).isoformat()
        with closing(self._open()) as db:
            found = {}
            for url in filter(_is_sound, urls):
                row = db.execute(
                    statement("profiles/known_picture"), (url, since, now.isoformat())
                ).fetchone()
                if row:
                    found[url] = row[0]
            return found

    def keep(self, digests: Mapping[str, str], now: datetime) -> None:
        """Remember what was stored, and forget what nobody may rely on any more."""
        with closing(self._open()) as db, db:
            db.executemany(
                statement("profiles/keep_picture"),
                [(url, sha256, now.isoformat()) for url, sha256 in digests.items()],
            )
            db.execute(statement("profiles/forget_pictures"), ((now - self._lasts).isoformat(),))

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._path, timeout=60)
        db.execute(statement("profiles/pictures_schema"))
        return db


def is_spent(error: FetchError) -> bool:
    """Whether the run may ask nothing more at all."""
    return error.failure is Failure.POLICY and "of this run are spent" in error.says


def _is_sound(url: str) -> bool:
    """Not with lone surrogates, which JSON may hold and no file takes."""
    return url.encode("utf-8", "replace").decode() == url


async def fetch_pictures(
    fetch: Fetcher, urls: Iterable[str], known: Mapping[str, str], *, within_s: float = PICTURE_S
) -> Fetched:
    """Each address once. known: those whose picture is stored already. within_s: for each."""
    digests = dict(known)
    images: dict[str, bytes] = {}
    faults: dict[str, Refused] = {}
    turn = asyncio.Semaphore(_SIDE_BY_SIDE)
    spent: str | None = None

    async def one(url: str) -> None:
        nonlocal spent
        async with turn:
            full = sum(map(len, images.values())) > MAX_BATCH_BYTES
            if spent or full:
                why = spent or "not fetched, this batch is full"
                faults[url] = Refused(reason=f"image: {why}", excerpt=url)
                return
            try:
                reply = await fetch.get(
                    url,
                    limits=Limits(max_bytes=MAX_PICTURE_BYTES),
                    retries=1,
                    redirects=3,
                    deadline_s=within_s,
                )
            except FetchError as error:
                if is_spent(error):
                    spent = error.says
                faults[url] = Refused(reason=f"image: {error.says}", excerpt=url)
                return
        if not reply.body:
            faults[url] = Refused(reason="image: is empty", excerpt=url)
            return
        digests[url] = hashlib.sha256(reply.body).hexdigest()
        images[digests[url]] = reply.body

    async with asyncio.TaskGroup() as group:
        for url in dict.fromkeys(urls):
            if url not in digests:
                group.create_task(one(url))
    return Fetched(digests=digests, images=images, faults=faults)
