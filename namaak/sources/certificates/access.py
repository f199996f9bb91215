"""What reading a log needs of it, whichever way it is served: a head, leaves, proofs.

Tiles and get-entries differ in how they give these; what is then done with them is the same and
lies in `reading`.
May import: namaak.fetch, namaak.records, namaak.transparency, namaak.sources.certificates.*.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from namaak.fetch import Attempt
from namaak.records import Trust
from namaak.sources.certificates.rows import LeafColumns
from namaak.transparency.heads import TreeHead
from namaak.transparency.merkle import CompactRange, MerkleError

#: How far leaves were read, and their hashes; None where the log does not show what it hashed.
Piece = tuple[int, list[bytes] | None]


class ForkError(MerkleError):
    """Two signed heads of which neither continues the other."""


class Proofs(Protocol):
    """Proofs about the tree of one signed head. All raise MerkleError where one does not hold,
    SourceError where the log does not give it."""

    async def join(self, start: int) -> CompactRange:
        """The range of [0, start), proved to be how the tree begins."""

    async def begins_with(self, known: CompactRange) -> None:
        """That the tree begins with `known`."""

    async def follows(self, earlier: TreeHead, known: CompactRange) -> None:
        """That the tree begins with that of an earlier head; ForkError where it does not.

        known: a range that begins both trees.
        """

    async def grown(self, known: CompactRange, end: int) -> CompactRange:
        """The range of [0, end) as the log says it is; `begins_with` then proves it."""


class Access(Protocol):
    """One log, served in one way."""

    trust: Trust  #: of what `leaves` gives
    waits_for_full_tiles: bool

    async def fetch_head(self) -> bytes:
        """The signed head as it is served. Raises SourceError."""

    def read_head(self, content: bytes) -> TreeHead:
        """The head, its signature verified. Raises HeadError."""

    def proofs(self, head: TreeHead) -> Proofs:
        """Proofs about its tree."""

    def joinable(self, wanted: int, size: int) -> int:
        """The last place at or before `wanted` where reading can begin."""

    def leaves(
        self, start: int, stop: int, head: TreeHead, into: LeafColumns
    ) -> AsyncGenerator[Piece, None]:
        """Leaves [start, stop) piece by piece; `into` has those of a piece when it comes.

        Raises SourceError; what came before it counts.
        """

    def take_attempts(self) -> tuple[Attempt, ...]:
        """Attempts that failed since they were taken last."""
