"""What a reader of a log must know to go on: stored with the cursor, in one transaction.

The compact range proves that what is read next continues what was read; the last head is what
the next one is held against.
May import: namaak.transparency.heads, .merkle.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from namaak.transparency.heads import TreeHead
from namaak.transparency.merkle import CompactRange

#: datetime ends there; a log may write any number.
_LAST_MS = 253_402_300_799_999


class KnownHead(BaseModel):
    """The last head that was verified, and proved against what was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int
    root: str  #: hex
    timestamp_ms: int
    text: str

    @classmethod
    def of(cls, head: TreeHead) -> KnownHead:
        """The head as it is stored."""
        return cls(
            size=head.size, root=head.root.hex(), timestamp_ms=head.timestamp_ms, text=head.text
        )

    def tree_head(self) -> TreeHead:
        """The head as it was."""
        return TreeHead(
            size=self.size,
            root=bytes.fromhex(self.root),
            timestamp_ms=self.timestamp_ms,
            text=self.text,
        )


class Progress(BaseModel):
    """How far a log was read, as the lake keeps it in JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    range: dict[str, Any] | None = None  #: `CompactRange.dump` of all before the cursor
    head: KnownHead | None = None
    waiting_tile: int | None = None  #: the tile at the end, which is not full yet,
    waiting_since: AwareDatetime | None = None  #: and when it was met first, or read last
    has_tiles: bool | None = None  #: an RFC 6962 log that serves tiles of entries too
    has_names: bool | None = None  #: a tiled log that serves tiles of names
    page: int | None = None  #: how many entries an RFC 6962 log gives at once

    def compact_range(self) -> CompactRange | None:
        """Raises MerkleError when it is damaged."""
        return None if self.range is None else CompactRange.load(self.range)


def signed_at(timestamp_ms: int) -> datetime | None:
    """When a head says it was signed; None where no calendar has it."""
    if timestamp_ms > _LAST_MS:
        return None
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
