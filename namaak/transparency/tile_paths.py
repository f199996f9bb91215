"""Where a tiled log keeps what: tiles of hashes, of entries and of names, and issuers.

A tile holds up to 256 things. The last of each level is partial and lies under a path of
its own, which names its width. Form: C2SP static-ct-api.
May import: nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

TILE_WIDTH = 256
#: Levels 0 to 5 hold more hashes than 40-bit leaf indices can name.
MAX_LEVEL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HashTile:
    """A tile of hashes as a tree of some size has it."""

    level: int
    index: int
    width: int  #: 256, or less where the tree ends

    @property
    def path(self) -> str:
        """Relative to the monitoring prefix."""
        return hash_tile_path(self.level, self.index, self.width)


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes of that tile a tree of `size` entries has: 0 to 256.

    Entries and names lie in tiles like those of level 0.

    >>> tile_width(0, 273, 70_000), tile_width(1, 1, 70_000), tile_width(0, 274, 70_000)
    (112, 17, 0)
    """
    return max(0, min(TILE_WIDTH, (size >> 8 * level) - index * TILE_WIDTH))


def hash_tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile of hashes. Raises ValueError.

    >>> hash_tile_path(0, 1234067), hash_tile_path(1, 1, 17)
    ('tile/0/x001/x234/067', 'tile/1/001.p/17')
    """
    if not 0 <= level <= MAX_LEVEL:
        raise ValueError(f"tiles of hashes have levels 0 to {MAX_LEVEL}, not {level}")
    return f"tile/{level}/{_numbered(index, width)}"


def data_tile_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile of entries. Raises ValueError.

    >>> data_tile_path(3, 10)
    'tile/data/003.p/10'
    """
    return f"tile/data/{_numbered(index, width)}"


def names_tile_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile of names, which only Sunlight logs have. Raises ValueError.

    >>> names_tile_path(1000)
    'tile/names/x001/000'
    """
    return f"tile/names/{_numbered(index, width)}"


def _numbered(index: int, width: int) -> str:
    if index < 0:
        raise ValueError(f"tiles are numbered from 0, not {index}")
    if not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"a tile holds 1 to {TILE_WIDTH} things, not {width}")
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return "/".join(reversed(groups)) + partial
