"""The drawings of logos.parquet: one brand's logo as drawn by several hands.

A key is the brand; the same key in two sets is the same logo drawn twice. Only the rows that
hold a rendered PNG are read. Keys become file names, so each is checked first.
May import: nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

#: Which drawing serves as the reference: the first set that has one. The set that brands are
#: keyed by comes first, wordmarks come last.
_SETS = (
    "simple-icons",
    "fontawesome-brands",
    "super-tiny-icons",
    "devicon",
    "gilbarbara-logos",
    "gilbarbara-logos-full",
)
_SAFE = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One logo by one hand."""

    key: str
    set: str
    png: bytes

    @property
    def file_name(self) -> str:
        """Safe in any folder."""
        return f"{self.key}.{self.set}.png"


def read_drawings(folder: Path) -> list[Drawing]:
    """Every drawing with a PNG, by key, the reference of each key first."""
    rows = pq.read_table(folder / "logos.parquet", columns=["logo_key", "set", "png"]).to_pylist()
    drawings = [
        Drawing(key=row["logo_key"], set=row["set"], png=row["png"])
        for row in rows
        if row["png"] and _SAFE.fullmatch(row["logo_key"]) and row["set"] in _SETS
    ]
    return sorted(drawings, key=lambda drawing: (drawing.key, _SETS.index(drawing.set)))


def references(drawings: Iterable[Drawing]) -> dict[str, Drawing]:
    """Key to the drawing that stands for it."""
    chosen: dict[str, Drawing] = {}
    for drawing in drawings:
        chosen.setdefault(drawing.key, drawing)
    return chosen
