"""A log of RFC 6962: get-sth, get-entries, and proofs of consistency instead of tiles.

Such a log gives as many entries at once as it likes, so a reader learns how many and asks in
pieces that begin where those of others begin: caches then have them. Some serve their entries in
tiles too, without a checkpoint; those come faster that way, and are proved the same way.
Form: RFC 6962, section 4.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.transparency,
namaak.sources.certificates.*.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt, FetchError
from namaak.records import Trust
from namaak.sources.certificates.access import ForkError, Piece
from namaak.sources.certificates.doors import Door
from namaak.sources.certificates.log_list import Log
from namaak.sources.certificates.rows import LeafColumns
from namaak.sources.certificates.tiles import MAX_DATA_TILE_BYTES, data_tiles, whole_tile
from namaak.transparency.heads import MAX_HEAD_BYTES, TreeHead, sth_head
from namaak.transparency.leaves import Leaf, LeafError, entry_leaf
from namaak.transparency.merkle import (
    CompactRange,
    MerkleError,
    joinable,
    leaf_hash,
    range_from_consistency,
    verify_consistency,
)
from namaak.transparency.tile_paths import TILE_WIDTH, data_tile_path

#: 1,024 entries with their chains take some 5 MB of JSON; a few certificates are huge.
MAX_ENTRIES_BYTES = 48 << 20
MAX_PROOF_BYTES = 64 << 10
#: As many as any log is known to give at once; most give 256, some 32.
_MAX_PAGE = 1_024
#: The least that a log is known to give; fewer were a bad moment, or malice that must not last.
_LEAST_PAGE = 32
#: After so many whole pages one of twice the size is tried: a short answer costs nothing.
_TRIED_AFTER = 64
#: How servers say that they do not know a path.
_NOT_SERVED = (400, 401, 403, 404, 405, 410, 501)


class Item(BaseModel):
    """An entry of an answer to get-entries."""

    model_config = ConfigDict(strict=True, extra="ignore")

    leaf_input: str
    extra_data: str


class Entries(BaseModel):
    """An answer to get-entries (RFC 6962, 4.6)."""

    model_config = ConfigDict(strict=True, extra="ignore")

    entries: list[Item]


class _Consistency(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    consistency: list[str]


_Answer = TypeVar("_Answer", bound=BaseModel)


class EntriesLog:
    """A log of RFC 6962."""

    trust = Trust.VERIFIED
    waits_for_full_tiles = False

    def __init__(self, door: Door, log: Log, *, page: int | None = None) -> None:
        """page: how many entries it gives at once, where that was learned before."""
        self._door = door
        self._log = log
        self.page = max(_LEAST_PAGE, page or _MAX_PAGE)
        self._whole = 0  #: whole pages since one was short

    async def fetch_head(self) -> bytes:
        """See `Access.fetch_head`."""
        return await fetched(self._door, "ct/v1/get-sth", MAX_HEAD_BYTES)

    def read_head(self, content: bytes) -> TreeHead:
        """See `Access.read_head`."""
        return sth_head(content, key=self._log.key)

    def proofs(self, head: TreeHead) -> ConsistencyProofs:
        """See `Access.proofs`."""
        return ConsistencyProofs(self._door, head)

    def joinable(self, wanted: int, size: int) -> int:
        """See `Access.joinable`."""
        return joinable(wanted, size)

    async def leaves(
        self, start: int, stop: int, head: TreeHead, into: LeafColumns
    ) -> AsyncGenerator[Piece, None]:
        """See `Access.leaves`."""
        while start < stop:
            end = min(stop, (start // self.page + 1) * self.page)
            entries = await self._entries(start, end)
            self._learn(start, asked=end - start, came=len(entries))
            # In pieces no larger than a tile, so that a batch of heavy leaves can end between.
            for at in range(0, len(entries), TILE_WIDTH):
                piece = entries[at : at + TILE_WIDTH]
                hashes = self._take(start, piece, into)
                start += len(piece)
                yield start, hashes

    def _take(
        self, start: int, entries: list[tuple[bytes, bytes]], into: LeafColumns
    ) -> list[bytes]:
        """Entries from `start` on; returns the hashes of their leaves."""
        read = [_read(position, *entry) for position, entry in enumerate(entries, start)]
        for position, (leaf, one, fault) in enumerate(read, start):
            if leaf is None:
                into.refuse(position, *fault, one)
            else:
                into.add_leaves(position, (leaf,), (one,))
        return [one for _, one, _ in read]

    async def _entries(self, start: int, end: int) -> list[tuple[bytes, bytes]]:
        path = f"ct/v1/get-entries?start={start}&end={end - 1}"
        content = await fetched(self._door, path, MAX_ENTRIES_BYTES)
        # A log may give fewer; one that gives more is not asked for these again.
        items = answer_of(Entries, content, f"get-entries from {start}").entries[: end - start]
        if not items:
            raise SourceError(
                f"{self._log.description} gave no entry where it was asked for {end - start} from "
                f"{start} on; the next run asks again.",
                Failure.TRANSIENT,
            )
        try:
            return [
                (
                    base64.b64decode(item.leaf_input, validate=True),
                    base64.b64decode(item.extra_data, validate=True),
                )
                for item in items
            ]
        except (binascii.Error, ValueError):
            raise SourceError(
                f"{self._log.description} gave entries from {start} on that are not base64; "
                "nothing of it was used."
            ) from None

    def _learn(self, start: int, *, asked: int, came: int) -> None:
        """A short answer at the start of a page says how many the log gives at once.

        One from elsewhere may only end where the log's own pages end. What is learned from a
        log that was busy must be forgotten again.
        """
        if came < asked:
            self._whole = 0
            if start % self.page == 0:
                self.page = max(_LEAST_PAGE, 1 << (came.bit_length() - 1))
        elif asked == self.page:
            self._whole += 1
            if self._whole >= _TRIED_AFTER:
                self.page, self._whole = min(_MAX_PAGE, 2 * self.page), 0

    def take_attempts(self) -> tuple[Attempt, ...]:
        """See `Access.take_attempts`."""
        return self._door.take_attempts()


class HybridLog(EntriesLog):
    """A log of RFC 6962 that serves tiles of entries too. Its heads are those of get-sth."""

    waits_for_full_tiles = True

    async def leaves(
        self, start: int, stop: int, head: TreeHead, into: LeafColumns
    ) -> AsyncGenerator[Piece, None]:
        """See `Access.leaves`. What is in no full tile comes from get-entries."""
        full = min(stop, head.size // TILE_WIDTH * TILE_WIDTH)
        if start < full:
            async with aclosing(data_tiles(self._door, start, full, head.size)) as tiles:
                async for first, leaves in tiles:
                    wanted = leaves[max(start - first, 0) : full - first]
                    hashes = [leaf_hash(leaf.merkle_leaf) for leaf in wanted]
                    into.add_leaves(max(start, first), wanted, hashes)
                    yield max(start, first) + len(wanted), hashes
        async with aclosing(super().leaves(max(start, full), stop, head, into)) as pieces:
            async for piece in pieces:
                yield piece


class ConsistencyProofs:
    """See `Proofs`. A proof is asked of the log only where the signed root is not reached."""

    def __init__(self, door: Door, head: TreeHead) -> None:
        self._door = door
        self._head = head

    async def join(self, start: int) -> CompactRange:
        """See `Proofs.join`: the log's proof holds the range itself."""
        if start != joinable(start, self._head.size, 1):
            raise SourceError(
                f"The log cannot be joined at entry {start}, for which no proof of its holds the "
                "range; take its cursor back to the start."
            )
        proof = await self._proof(start) if start else []
        return range_from_consistency(start, self._head.size, self._head.root, proof)

    async def begins_with(self, known: CompactRange) -> None:
        """See `Proofs.begins_with`."""
        await self._verify(known.size, known.root())

    async def follows(self, earlier: TreeHead, known: CompactRange) -> None:
        """See `Proofs.follows`. known: not needed, both roots are signed."""
        try:
            await self._verify(earlier.size, earlier.root)
        except MerkleError as error:
            raise ForkError(str(error)) from None

    async def grown(self, known: CompactRange, end: int) -> CompactRange:
        """Not given: this log does not show its hashes."""
        raise SourceError("A log without tiles of hashes cannot be read by names alone.")

    async def _verify(self, size: int, root: bytes) -> None:
        proof = await self._proof(size) if 0 < size < self._head.size else []
        verify_consistency(size, root, self._head.size, self._head.root, proof)

    async def _proof(self, size: int) -> list[bytes]:
        path = f"ct/v1/get-sth-consistency?first={size}&second={self._head.size}"
        try:
            content = await fetched(self._door, path, MAX_PROOF_BYTES)
        except FetchError as error:
            if error.status == 400:
                raise SourceError(
                    f"The log does not prove how its {self._head.size} entries begin with {size} "
                    f"({error.says}); it may be behind itself, and the next run asks again."
                ) from None
            raise
        proof = answer_of(_Consistency, content, f"get-sth-consistency from {size}").consistency
        try:
            return [base64.b64decode(one, validate=True) for one in proof]
        except (binascii.Error, ValueError):
            raise SourceError(
                f"The log's proof for {size} entries is not base64; nothing of it was used."
            ) from None


async def serves_tiles(door: Door, size: int, near: int) -> bool | None:
    """Whether a log of RFC 6962 serves its entries in tiles. near: a position to be read.

    None while the log has no full tile, of which alone it could be told.
    """
    number = min(near, size - TILE_WIDTH) // TILE_WIDTH
    if number < 0:
        return None
    content = await door.get(
        data_tile_path(number), max_bytes=MAX_DATA_TILE_BYTES, absent=_NOT_SERVED
    )
    if content is None:
        return False
    try:
        whole_tile(content, number, TILE_WIDTH)
    except SourceError:
        return False  # some servers answer every path with a page
    return True


def _read(
    position: int, leaf_input: bytes, extra_data: bytes
) -> tuple[Leaf | None, bytes, tuple[str, bytes]]:
    """The leaf, its hash, and why it could not be read. The hash needs no form."""
    one = leaf_hash(leaf_input)
    try:
        return entry_leaf(leaf_input, extra_data), one, ("", b"")
    except LeafError as error:
        return None, one, (str(error), leaf_input)


async def fetched(door: Door, path: str, max_bytes: int) -> bytes:
    """An answer of the log. Raises SourceError, also where it has none."""
    content = await door.get(path, max_bytes=max_bytes)
    if content is None:
        raise SourceError(f"The log does not have {path}.", Failure.GONE)
    return content


def answer_of(form: type[_Answer], content: bytes, what: str) -> _Answer:
    """An answer in its form; what: the question, for the message. Raises SourceError."""
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "JSON"
        raise SourceError(
            f"The answer to {what} is of another shape ({where}: {fault['msg']}); nothing of it "
            "was used."
        ) from None
