"""The hash tree of a log: from leaves to a root that must be the signed one.

A reader keeps a compact range: the roots of the complete subtrees that make up all entries
so far, at most one a level. With every leaf added to it, its root at the size of a signed
head is the signed root, or the log showed something else than it signed. Nothing needs to
be asked for that. RFC 6962, section 2.1.

Who joins in the middle needs the range of what came before. It comes from tiles of hashes
(`subtrees`) or from a consistency proof (`range_from_consistency`), and is believed only
because the signed root follows from it.
May import: namaak.transparency.tile_paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from namaak.transparency.tile_paths import TILE_WIDTH

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
_MAX_SIZE = 2**63 - 1


class MerkleError(ValueError):
    """Hashes that do not fit together; the message completes "the tree ..."."""


def leaf_hash(entry: bytes) -> bytes:
    """entry: a MerkleTreeLeaf, as `Leaf.merkle_leaf` or as `leaf_input` has it."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash above two others."""
    return sha256(b"\x01" + left + right).digest()


class CompactRange:
    """All entries [0, size) of a tree in at most 63 hashes; grows at the end.

    >>> one = CompactRange()
    >>> one.extend([leaf_hash(b"a"), leaf_hash(b"b")])
    >>> one.size, one.root() == node_hash(leaf_hash(b"a"), leaf_hash(b"b"))
    (2, True)
    """

    __slots__ = ("_roots", "size")

    def __init__(self) -> None:
        self.size = 0
        #: By level, the root of the complete subtree of 2**level entries, where size has it.
        self._roots: dict[int, bytes] = {}

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the subtrees, the largest first: as many as size has bits set."""
        return tuple(self._roots[level] for level in sorted(self._roots, reverse=True))

    @classmethod
    def of(cls, size: int, hashes: Sequence[bytes]) -> CompactRange:
        """The range with these hashes, the largest subtree first. Raises MerkleError."""
        if not 0 <= size <= _MAX_SIZE:
            raise MerkleError(f"has no size between 0 and {_MAX_SIZE}")
        levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
        if len(levels) != len(hashes):
            raise MerkleError(f"of {size} entries takes {len(levels)} hashes, not {len(hashes)}")
        if any(len(one) != HASH_BYTES for one in hashes):
            raise MerkleError(f"has a hash that is not {HASH_BYTES} bytes long")
        made = cls()
        made.size = size
        made._roots = dict(zip(levels, hashes, strict=True))
        return made

    def copy(self) -> CompactRange:
        """A range that grows on its own."""
        made = CompactRange()
        made.size = self.size
        made._roots = dict(self._roots)
        return made

    def append(self, leaf: bytes) -> None:
        """leaf: the hash of the entry at `size`."""
        self.extend((leaf,))

    def extend(self, hashes: Sequence[bytes], level: int = 0) -> None:
        """hashes: of the next complete subtrees of 2**level entries, from `size` on.

        Raises MerkleError when no subtree of that size begins at `size`.
        """
        if self.size & ((1 << level) - 1):
            raise MerkleError(f"has no subtree of {1 << level} entries at {self.size}")
        added = len(hashes) << level
        if self.size + added > _MAX_SIZE:
            raise MerkleError(f"would have more than {_MAX_SIZE} entries")
        roots = self._roots
        row = list(hashes)
        while row:
            before = roots.pop(level, None)
            if before is not None:
                row.insert(0, before)
            if len(row) & 1:
                roots[level] = row.pop()
            row = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(row[::2], row[1::2], strict=True)
            ]
            level += 1
        self.size += added

    def root(self) -> bytes:
        """The root of a tree that ends here."""
        if not self._roots:
            return EMPTY_ROOT
        ascending = iter(sorted(self._roots))
        root = self._roots[next(ascending)]
        for level in ascending:
            root = node_hash(self._roots[level], root)
        return root

    def dump(self) -> dict[str, Any]:
        """The range as JSON has it; `load` makes it again."""
        return {"size": self.size, "hashes": [one.hex() for one in self.hashes]}

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> CompactRange:
        """The range that `dump` described. Raises MerkleError."""
        size, hashes = dumped.get("size"), dumped.get("hashes")
        if type(size) is not int or not isinstance(hashes, list):
            raise MerkleError("is stored without its size or its hashes")
        try:
            return cls.of(size, [bytes.fromhex(one) for one in hashes])
        except (TypeError, ValueError) as error:
            if isinstance(error, MerkleError):
                raise
            raise MerkleError("is stored with a hash that is not hexadecimal") from None


def subtrees(start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The fewest complete subtrees that make up [start, end), from the left: (level, index).

    >>> subtrees(3, 9)
    ((0, 3), (2, 1), (0, 8))
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return tuple(found)


def tile_hashes(tile: bytes, width: int) -> list[bytes]:
    """The hashes of a tile. Raises MerkleError when it does not hold `width` of them."""
    if len(tile) != width * HASH_BYTES:
        raise MerkleError(
            f"has a tile of {len(tile)} bytes where {width} hashes take {width * HASH_BYTES}"
        )
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def verify_consistency(
    size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]
) -> None:
    """That a tree of size2 begins with that of size1 (RFC 6962, 2.1.2). Raises MerkleError.

    Both roots are signed ones or were computed; the proof comes from the log.
    """
    if not 0 <= size1 <= size2 <= _MAX_SIZE:
        raise MerkleError(f"shrank from {size1} to {size2} entries")
    if size1 in (0, size2):
        expected = EMPTY_ROOT if size1 == 0 else root2
        if root1 != expected:
            raise MerkleError(f"has two roots at {size1} entries")
        if proof:
            raise MerkleError("comes with a proof where there is nothing to prove")
        return
    # The log leaves out the first hash where the one who asks has it.
    whole = [root1, *proof] if _is_power_of_two(size1) else list(proof)
    old, new, _ = _follow(size1, size2, whole)
    if old != root1:
        raise MerkleError(f"does not begin with the {size1} entries that were signed before")
    if new != root2:
        raise MerkleError(f"of {size2} entries does not follow from the proof")


def range_from_consistency(
    start: int, size: int, root: bytes, proof: Sequence[bytes]
) -> CompactRange:
    """The range of [0, start) out of a consistency proof from `start` to a signed head.

    Every hash of that range stands in the proof, since the log shows how both trees are made of
    them, and all are believed because the signed root of `size` follows from them. Only for a
    power of two does the log leave out the one hash there is (whoever asks is taken to know it)
    and for `start == size` it leaves out all: see `joinable`. Raises MerkleError.
    """
    if start == 0:
        return CompactRange()
    if not 0 < start < size <= _MAX_SIZE or _is_power_of_two(start):
        raise MerkleError(f"of {size} entries cannot be joined at {start} by a consistency proof")
    _, new, lefts = _follow(start, size, proof)
    if new != root:
        raise MerkleError(f"of {size} entries does not follow from the proof")
    # The smallest subtree comes first in a proof.
    return CompactRange.of(start, lefts[::-1])


def audit_ranges(index: int, size: int) -> tuple[tuple[int, int], ...]:
    """The entries [start, end) under each hash of an audit path (RFC 6962, 2.1.1), nearest first.

    Raises MerkleError where a tree of that size has no such entry.

    >>> audit_ranges(4, 7)
    ((5, 6), (6, 7), (0, 4))
    """
    if not 0 <= index < size <= _MAX_SIZE:
        raise MerkleError(f"of {size} entries has no entry {index}")
    found = []
    start, end = 0, size
    while end - start > 1:
        split = start + (1 << (end - start - 1).bit_length() - 1)
        if index < split:
            found.append((split, end))
            end = split
        else:
            found.append((start, split))
            start = split
    return tuple(reversed(found))


def inclusion_root(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to; it must be the signed one (RFC 6962, 2.1.1).

    leaf: the hash of the entry at `index` of a tree of `size`. Raises MerkleError where a path of
    such an entry has another length, or holds what is no hash.
    """
    ranges = audit_ranges(index, size)
    if len(path) != len(ranges):
        raise MerkleError(
            f"of {size} entries takes {len(ranges)} hashes to prove entry {index}, not {len(path)}"
        )
    if any(len(one) != HASH_BYTES for one in (leaf, *path)):
        raise MerkleError(f"has a hash that is not {HASH_BYTES} bytes long")
    root = leaf
    for (start, _), one in zip(ranges, path, strict=True):
        root = node_hash(root, one) if index < start else node_hash(one, root)
    return root


def joined(hashes: Sequence[bytes]) -> bytes:
    """The root above neighbouring subtrees, as `subtrees` splits a range that begins a tree."""
    root = hashes[-1]
    for one in reversed(hashes[:-1]):
        root = node_hash(one, root)
    return root


def joinable(wanted: int, size: int, step: int = TILE_WIDTH) -> int:
    """The last place at or before `wanted` where an RFC 6962 log can be joined; 0 always can.

    It lies before the end, is a multiple of `step` (entries are asked for in aligned pieces,
    for the sake of caches) and no power of two.

    >>> joinable(5000, 6000), joinable(1100, 6000), joinable(300, 6000)
    (4864, 768, 0)
    """
    start = max(0, min(wanted, size - 1)) // step * step
    while start and _is_power_of_two(start):
        start -= step
    return start


def _follow(size1: int, size2: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes, list[bytes]]:
    """The roots of both trees by a proof, and the hashes that are in the smaller one.

    Those come with the smallest subtree first. 0 < size1 < size2. Raises MerkleError.
    """
    if any(len(one) != HASH_BYTES for one in hashes):
        raise MerkleError("comes with a proof that is not made of hashes")
    if not hashes:
        raise MerkleError("comes with an empty proof")
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    lefts = [hashes[0]]
    for one in hashes[1:]:
        if not last:
            raise MerkleError("comes with a proof that is too long")
        if node & 1 or node == last:
            old, new = node_hash(one, old), node_hash(one, new)
            lefts.append(one)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, one)
        node, last = node >> 1, last >> 1
    if last:
        raise MerkleError("comes with a proof that is too short")
    return old, new, lefts


def _is_power_of_two(size: int) -> bool:
    return size & (size - 1) == 0
