"""Drawings of a logos file as pixels: RGBA, tight at the alpha box, longest side 256.

From the SVG where resvg_py is installed; else from the 128 px PNG on white, whose alpha is told
from the distance to white, so that white parts of a logo are lost there. System fonts are left
out, because a drawing must look the same on every machine.
May import: benchmarks.images.compositing.
"""

from __future__ import annotations

import colorsys
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq

from benchmarks.images.compositing import Rgba, premultiplied

try:
    from resvg_py import svg_to_bytes
except ImportError:
    HAS_SVG = False
else:
    HAS_SVG = True

#: Longest side of a drawing, pixels.
LONGEST = 256
#: Wider or taller ones are lines of text or ornaments, left out.
MOST_ASPECT = 8.0
_FIRST_TRY = 320
_ALPHA = 8
_FILLED = re.compile(r"\bfill\s*[=:]|<style|stroke")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A row of the logos file, not yet rendered."""

    key: str
    set: str
    name: str
    svg: str
    png: bytes

    @property
    def id(self) -> str:
        return f"{self.key}.{self.set}.{self.name}"


def read_sources(file: Path) -> list[Source]:
    """Every row, by key, set and name; keys as they stand."""
    columns = ["logo_key", "set", "name", "svg", "png"]
    rows: Iterable[Mapping[str, Any]] = pq.read_table(file, columns=columns).to_pylist()
    made = [
        Source(key=row["logo_key"], set=row["set"], name=row["name"] or "",
               svg=row["svg"] or "", png=row["png"] or b"")
        for row in rows
    ]  # fmt: skip
    return sorted(made, key=lambda one: (one.key, one.set, one.name))


def render(source: Source) -> Rgba | None:
    """The drawing; None where it cannot be drawn, is empty, or is far too long."""
    drawn = None
    if HAS_SVG and source.svg:
        drawn = from_svg(source.svg, own_colour(source.key))
    if drawn is None and source.png:
        drawn = from_png(source.png)
    if drawn is None:
        return None
    aspect = drawn.shape[1] / drawn.shape[0]
    return drawn if 1 / MOST_ASPECT <= aspect <= MOST_ASPECT else None


def own_colour(key: str) -> str:
    """A colour such as brands use, from the key alone: saturated, neither black nor white.

    >>> own_colour("acme") == own_colour("acme")
    True
    """
    digest = zlib.crc32(f"colour of {key}".encode())
    hue, saturation, value = (
        (digest & 0xFFF) / 0xFFF,
        0.55 + 0.45 * ((digest >> 12) & 0xFF) / 0xFF,
        0.45 + 0.45 * ((digest >> 20) & 0xFF) / 0xFF,
    )
    red, green, blue = (round(255 * one) for one in colorsys.hsv_to_rgb(hue, saturation, value))
    return f"#{red:02x}{green:02x}{blue:02x}"


def from_svg(svg: str, colour: str) -> Rgba | None:
    """colour: for drawings that name none, and for `currentColor`."""
    if not _FILLED.search(svg) or "currentColor" in svg:
        svg = svg.replace("<svg ", f'<svg fill="{colour}" color="{colour}" ', 1)
    head = svg[: svg.find(">", svg.find("<svg"))]
    tall = _is_tall(head)
    longest, tight = _FIRST_TRY, None
    # Where there is much margin, once more: so large that the box alone has the wanted size.
    for _ in range(2):
        try:
            # resvg_py takes one side and keeps the drawing's shape.
            packed = svg_to_bytes(
                svg_string=svg, skip_system_fonts=True,
                width=None if tall else longest, height=longest if tall else None,
            )  # fmt: skip
        except ValueError:
            return None
        read = cv2.imdecode(np.frombuffer(bytes(packed), np.uint8), cv2.IMREAD_UNCHANGED)
        if read is None or read.ndim != 3 or read.shape[2] != 4:
            return None
        tight = tightened(np.asarray(cv2.cvtColor(read, cv2.COLOR_BGRA2RGBA), np.uint8))
        if tight is None:
            return None
        across = max(tight.shape[:2])
        if across >= LONGEST:
            break
        longest = min(4096, round(longest * LONGEST / across) + 8)
    return None if tight is None else to_longest(tight)


def _is_tall(head: str) -> bool:
    found = re.search(r'viewBox="\s*\S+\s+\S+\s+([\d.]+)\s+([\d.]+)', head)
    return found is not None and float(found[2]) > float(found[1])


def from_png(png: bytes) -> Rgba | None:
    """png: opaque on white, or with alpha."""
    read = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if read is None:
        return None
    if read.ndim == 2:
        read = cv2.cvtColor(read, cv2.COLOR_GRAY2BGR)
    if read.shape[2] == 3:
        # The share of white that each pixel can at most hold is what its darkest channel lacks.
        alpha = 255 - read.min(axis=2).astype(np.float32)
        cover = np.maximum(alpha[..., None], 1) / 255
        colour = np.clip((read - 255 * (1 - cover)) / cover, 0, 255)
        # Full colour is opaque: a pale logo is pale, not thin.
        full = max(float(np.percentile(alpha[alpha > _ALPHA], 50)), 1.0) if alpha.max() else 1.0
        solid = np.clip(alpha / full, 0, 1)[..., None]
        colour = np.where(solid >= 1, read, colour)
        read = np.concatenate([colour, solid * 255], axis=2).astype(np.uint8)
    tight = tightened(np.asarray(cv2.cvtColor(read, cv2.COLOR_BGRA2RGBA), np.uint8))
    return None if tight is None else to_longest(tight)


def tightened(drawn: Rgba) -> Rgba | None:
    """Cut to the box of what is seen; None where nothing is."""
    seen = drawn[..., 3] > _ALPHA
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return None
    return drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def to_longest(drawn: Rgba) -> Rgba:
    """Scaled so that its longest side has LONGEST pixels, with premultiplied alpha."""
    height, width = drawn.shape[:2]
    factor = LONGEST / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    layer = np.asarray(cv2.resize(premultiplied(drawn), size, interpolation=kind), np.float32)
    alpha = np.clip(layer[..., 3:], 0, 255)
    colour = np.clip(layer[..., :3] * 255 / np.maximum(alpha, 1), 0, 255)
    return np.concatenate([colour, alpha], axis=2).astype(np.uint8)


def aspect_of(drawn: Rgba) -> float:
    """Width by height."""
    width, height = drawn.shape[1], drawn.shape[0]
    return float(width / height)


def opaque_share(drawn: Rgba) -> float:
    """Of its box: 1 is a plate without a hole or a rounded corner."""
    return float((drawn[..., 3] > 250).mean())
