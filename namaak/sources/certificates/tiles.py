"""A log that serves tiles: checkpoint, tiles of entries, of hashes and, at some, of names.

A tile that is not full is asked for only where a verified checkpoint says that there is one, and
where it is gone already, the full one that took its place is read as far as the checkpoint goes.
Form: C2SP static-ct-api.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.transparency,
namaak.sources.certificates.*.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import aclosing

from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt
from namaak.records import Trust
from namaak.sources.certificates.access import ForkError, Piece
from namaak.sources.certificates.doors import Door
from namaak.sources.certificates.log_list import Log
from namaak.sources.certificates.names_tiles import NamesTileError, names_tile
from namaak.sources.certificates.rows import LeafColumns
from namaak.transparency.heads import MAX_HEAD_BYTES, TreeHead, checkpoint_head
from namaak.transparency.leaves import Leaf, LeafError, tile_leaves
from namaak.transparency.merkle import (
    HASH_BYTES,
    CompactRange,
    MerkleError,
    audit_ranges,
    joined,
    leaf_hash,
    subtrees,
    tile_hashes,
)
from namaak.transparency.tile_paths import (
    TILE_WIDTH,
    data_tile_path,
    hash_tile_path,
    names_tile_path,
    tile_width,
)

#: 256 entries of real logs take 0.4 MB; a certificate may be large, not all of a tile.
MAX_DATA_TILE_BYTES = 48 << 20
MAX_NAMES_TILE_BYTES = 16 << 20
#: Tiles on their way at once. The rate of the host decides how fast they come.
_AHEAD = 4
#: Tiles of hashes kept for one head: two a level are in use at any time.
_KEPT_TILES = 32


class TiledLog:
    """A log of the static-ct-api, read with its certificates."""

    trust = Trust.VERIFIED
    waits_for_full_tiles = True

    def __init__(self, door: Door, log: Log) -> None:
        self._door = door
        self._log = log

    async def fetch_head(self) -> bytes:
        """See `Access.fetch_head`."""
        return await _whole(self._door, "checkpoint", MAX_HEAD_BYTES)

    def read_head(self, content: bytes) -> TreeHead:
        """See `Access.read_head`."""
        return checkpoint_head(content, origin=self._log.origin or "", key=self._log.key)

    def proofs(self, head: TreeHead) -> TileProofs:
        """See `Access.proofs`."""
        return TileProofs(self._door, head)

    def joinable(self, wanted: int, size: int) -> int:
        """See `Access.joinable`."""
        return max(0, min(wanted, size)) // TILE_WIDTH * TILE_WIDTH

    async def leaves(
        self, start: int, stop: int, head: TreeHead, into: LeafColumns
    ) -> AsyncGenerator[Piece, None]:
        """See `Access.leaves`."""
        async with aclosing(data_tiles(self._door, start, stop, head.size)) as tiles:
            async for first, leaves in tiles:
                wanted = leaves[max(start - first, 0) : stop - first]
                position = max(start, first)
                hashes = [leaf_hash(leaf.merkle_leaf) for leaf in wanted]
                into.add_leaves(position, wanted, hashes)
                yield position + len(wanted), hashes

    def take_attempts(self) -> tuple[Attempt, ...]:
        """See `Access.take_attempts`."""
        return self._door.take_attempts()


class NamesLog(TiledLog):
    """The same log, read by its tiles of names: an eighteenth of the bytes, and no evidence."""

    trust = Trust.NAMES

    async def leaves(
        self, start: int, stop: int, head: TreeHead, into: LeafColumns
    ) -> AsyncGenerator[Piece, None]:
        """See `Access.leaves`; the hashes are not shown."""
        numbers = range(start // TILE_WIDTH, -(-stop // TILE_WIDTH))
        jobs = (names_content(self._door, number, head.size) for number in numbers)
        async with aclosing(in_order(jobs)) as contents:
            async for content in contents:
                first = start // TILE_WIDTH * TILE_WIDTH
                width = tile_width(0, first // TILE_WIDTH, head.size)
                where = f"tile {first // TILE_WIDTH} of names of {self._log.description}"
                try:
                    entries = list(names_tile(content or b""))
                except NamesTileError as error:
                    raise SourceError(f"In {where} {error}; nothing of it was used.") from None
                if len(entries) < width:
                    raise SourceError(
                        f"In {where} there are {len(entries)} of {width} lines; it was cut short."
                    )
                end = min(stop, first + width)
                for position in range(start, end):
                    entry = entries[position - first]
                    name = entry.common_name
                    into.add_said(
                        position,
                        entry.timestamp_ms,
                        [dns.encode() for dns in entry.dns],
                        None if name is None else name.encode(),
                    )
                start = end
                yield end, None


class TileProofs:
    """See `Proofs`. Every tile is fetched once for a head, and few of them."""

    def __init__(self, door: Door, head: TreeHead) -> None:
        self._door = door
        self._head = head
        self._tiles: dict[tuple[int, int], bytes] = {}

    async def join(self, start: int) -> CompactRange:
        """See `Proofs.join`: from the tiles on the left edge."""
        known = await self.grown(CompactRange(), start)
        if start:
            await self.begins_with(known)
        return known

    async def begins_with(self, known: CompactRange) -> None:
        """See `Proofs.begins_with`: what tiles hold behind `known` makes the signed root."""
        whole = await self.grown(known, self._head.size)
        if whole.root() != self._head.root:
            raise MerkleError(
                f"of {self._head.size} entries has another root than the signed one, "
                f"seen from entry {known.size}"
            )

    async def follows(self, earlier: TreeHead, known: CompactRange) -> None:
        """See `Proofs.follows`: the signed root of now is reached by way of the earlier one."""
        before = await self.grown(known, earlier.size)
        # In this order: only tiles that are proved can prove a fork.
        await self.begins_with(before)
        if before.root() != earlier.root:
            raise ForkError(f"does not begin with the {earlier.size} entries that it signed before")

    async def grown(self, known: CompactRange, end: int) -> CompactRange:
        """See `Proofs.grown`."""
        whole = known.copy()
        for level, index in subtrees(known.size, end):
            whole.extend(*await self._hashes(level, index))
        return whole

    async def audit_path(self, index: int, size: int) -> list[bytes]:
        """The hashes from entry `index` up to the root of the first `size` entries, nearest first.

        As the log says they are: `merkle.inclusion_root` must then lead to a signed root.
        """
        path = []
        for start, end in audit_ranges(index, size):
            parts = []
            for level, number in subtrees(start, end):
                part = CompactRange()
                part.extend(*await self._hashes(level, number))
                parts.append(part.root())
            path.append(joined(parts))
        return path

    async def _hashes(self, level: int, index: int) -> tuple[list[bytes], int]:
        """What tiles hold of a complete subtree of 2**level entries: hashes, and their level."""
        # A tile of level n holds the roots of subtrees of 256**n entries.
        tile_level, height = divmod(level, 8)
        first = index << height
        hashes = await self._tile(tile_level, first // TILE_WIDTH)
        at = first % TILE_WIDTH
        return hashes[at : at + (1 << height)], 8 * tile_level

    async def _tile(self, level: int, index: int) -> list[bytes]:
        width = tile_width(level, index, self._head.size)
        content = self._tiles.get((level, index))
        if content is None:
            content = await _tile_of_width(
                self._door,
                hash_tile_path(level, index, width),
                hash_tile_path(level, index),
                TILE_WIDTH * HASH_BYTES,
            )
            if len(content) not in (width * HASH_BYTES, TILE_WIDTH * HASH_BYTES):
                raise SourceError(
                    f"The tile {index} of hashes of level {level} has {len(content)} bytes and "
                    f"not {width * HASH_BYTES}; nothing of it was used."
                )
            while len(self._tiles) >= _KEPT_TILES:
                self._tiles.pop(next(iter(self._tiles)))
            self._tiles[level, index] = content
        return tile_hashes(content[: width * HASH_BYTES], width)


async def data_tiles(
    door: Door, start: int, stop: int, size: int
) -> AsyncGenerator[tuple[int, list[Leaf]], None]:
    """The tiles of entries that hold [start, stop): position of the first leaf, and the leaves."""
    numbers = range(start // TILE_WIDTH, -(-stop // TILE_WIDTH))
    jobs = (_data_content(door, number, size) for number in numbers)
    async with aclosing(in_order(jobs)) as contents:
        for number in numbers:
            content = await anext(contents)
            yield number * TILE_WIDTH, whole_tile(content, number, tile_width(0, number, size))


def whole_tile(content: bytes, number: int, width: int) -> list[Leaf]:
    """The first `width` leaves of a tile. Raises SourceError when there are fewer."""
    try:
        leaves = list(tile_leaves(content))
    except LeafError as error:
        raise SourceError(f"In tile {number} of entries {error}; nothing of it was used.") from None
    if len(leaves) < width:
        raise SourceError(
            f"Tile {number} holds {len(leaves)} of {width} entries; it was cut short, and nothing "
            "of it was used."
        )
    return leaves[:width]


async def names_content(
    door: Door, number: int, size: int, *, absent: tuple[int, ...] = ()
) -> bytes | None:
    """A tile of names as it is served; None where the answer is one of `absent`."""
    width = tile_width(0, number, size)
    if width == TILE_WIDTH:
        return await door.get(
            names_tile_path(number), max_bytes=MAX_NAMES_TILE_BYTES, absent=absent
        )
    return await _tile_of_width(
        door, names_tile_path(number, width), names_tile_path(number), MAX_NAMES_TILE_BYTES
    )


async def _data_content(door: Door, number: int, size: int) -> bytes:
    width = tile_width(0, number, size)
    return await _tile_of_width(
        door, data_tile_path(number, width), data_tile_path(number), MAX_DATA_TILE_BYTES
    )


async def _tile_of_width(door: Door, path: str, full_path: str, max_bytes: int) -> bytes:
    """The tile at `path`; where that is gone, the full one that has taken its place."""
    if path != full_path:
        content = await door.get(path, max_bytes=max_bytes, absent=(404, 410))
        if content is not None:
            return content
    return await _whole(door, full_path, max_bytes)


async def _whole(door: Door, path: str, max_bytes: int) -> bytes:
    content = await door.get(path, max_bytes=max_bytes)
    if content is None:
        raise SourceError(f"The log does not have {path}.", Failure.GONE)
    return content


async def in_order(
    jobs: Iterable[Coroutine[None, None, bytes | None]], ahead: int = _AHEAD
) -> AsyncGenerator[bytes, None]:
    """What the jobs give, in their order, some of them running ahead."""
    running: deque[asyncio.Task[bytes | None]] = deque()
    waiting = iter(jobs)
    try:
        while True:
            while len(running) < ahead and (job := next(waiting, None)) is not None:
                running.append(asyncio.create_task(job))
            if not running:
                return
            content = await running[0]
            running.popleft()
            yield content or b""
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
