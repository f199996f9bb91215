"""The hash tree of RFC 6962 by its recursive definition, to hold the reader's against."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


class Tree:
    """Leaf hashes, and what follows from them."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.leaves = list(leaves)
        self._subtrees: dict[tuple[int, int], bytes] = {}

    def root(self, size: int | None = None) -> bytes:
        """Of the first `size` leaves; of all when None."""
        return self.subtree(0, len(self.leaves) if size is None else size)

    def subtree(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) of section 2.1."""
        if end - start == 0:
            return hashlib.sha256().digest()
        if end - start == 1:
            return self.leaves[start]
        if (start, end) not in self._subtrees:
            split = start + _split(end - start)
            above = b"\1" + self.subtree(start, split) + self.subtree(split, end)
            self._subtrees[start, end] = hashlib.sha256(above).digest()
        return self._subtrees[start, end]

    def consistency_proof(self, first: int, second: int) -> list[bytes]:
        """PROOF(first, D[second]) of section 2.1.2."""
        return self._subproof(first, 0, second, True) if 0 < first < second else []

    def audit_path(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[size]) of section 2.1.1."""
        return self._path(index, 0, len(self.leaves) if size is None else size)

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        split = start + _split(end - start)
        if index < split:
            return [*self._path(index, start, split), self.subtree(split, end)]
        return [*self._path(index, split, end), self.subtree(start, split)]

    def tile(self, level: int, number: int, width: int = 256) -> bytes:
        """The hashes of a tile, as static-ct-api defines them."""
        span, first = 256**level, number * 256
        places = range(first, first + width)
        return b"".join(self.subtree(at * span, (at + 1) * span) for at in places)

    def _subproof(self, first: int, start: int, end: int, known: bool) -> list[bytes]:
        if first == end - start:
            return [] if known else [self.subtree(start, end)]
        k = _split(end - start)
        if first <= k:
            left = self._subproof(first, start, start + k, known)
            return [*left, self.subtree(start + k, end)]
        right = self._subproof(first - k, start + k, end, False)
        return [*right, self.subtree(start, start + k)]


def _split(size: int) -> int:
    """The largest power of two that is smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
