"""What lies around a logo in a picture: its background, and what was put on or cut away.

Each test looks for one thing that people do to a picture (cut it round, frame it, put a band
with text below, a tick into a corner, a photograph behind) and asks, before it says so,
whether the logo laid over the picture explains the same pixels.
Pure: arrays in, arrays out.
May import: detectors.images.{aligning, picture}.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from detectors.images.aligning import Floats, Mask

_ALIKE = 12.0  # Lab units within which pixels are one colour, after JPEG
_APART = 16.0  # from which two colours are two
#: Of the picture, that must be background for anything to be said of it.
_LEAST_GROUND = 0.06
_LEAST_PHOTO = 32  # pixels a side, below which a photograph cannot be told from anything else


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What lies behind the logo."""

    kind: Literal["plain", "gradient", "photo", "unknown"]
    colour: Floats  #: (3,) Lab, median
    surface: Floats  #: (h, w, 3) Lab, as modelled; the colour everywhere where it is not a gradient
    span: float  #: how far the gradient runs, Lab units


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """All of it. Masks are (h, w)."""

    ground: Ground
    circle: bool  #: cut round, with another colour outside
    frame: float | None  #: its width, share of the shorter side
    band: float | None  #: height of a band with text, share of the height
    badge: float | None  #: diameter of a disc in a corner, share of the shorter side
    disc: Mask  #: what the cut left; all where it was not cut
    shown: Mask  #: what is left of the picture: inside the disc, the frame, beside the band


def look_around(lab: Floats, logo: Mask, near: Mask, expected: Floats) -> Surroundings:
    """lab: (h, w, 3) of the query. logo: where the aligned logo is drawn; near: and around it.

    expected: (h, w, 3), the official picture laid there.
    """
    height, width = lab.shape[:2]
    if min(height, width) > 8:
        lab = cv2.medianBlur(lab, 3)
    shown = np.ones((height, width), bool)
    circle = _circle(lab, logo)
    disc = shown.copy() if circle is None else circle
    shown &= disc
    frame = None if circle is not None else _frame(lab, logo)
    if frame is not None:
        rim = np.zeros_like(shown)
        rim[frame + 1 : height - frame - 1, frame + 1 : width - frame - 1] = True
        shown &= rim
    band = _band(lab, logo, shown)
    if band is not None:
        shown[band[0] : band[1]] = False
    ground = ground_of(lab, shown & ~near)
    badge = None
    if ground.kind in ("plain", "gradient"):
        unlike = _off(lab, expected)
        # Where the logo kept its colours, what hides part of it shows.
        hidden = unlike > 30 if _kept(unlike[logo & shown]) else ~shown
        badge = _badge(lab, near & ~hidden, shown, ground)
    elif band is not None:
        band = None  # a photograph has its own
    short = min(height, width)
    return Surroundings(
        ground=ground,
        circle=circle is not None,
        disc=disc,
        frame=None if frame is None else frame / short,
        band=None if band is None else band[2],
        badge=badge,
        shown=shown,
    )


def _off(lab: Floats, colour: Floats) -> Floats:
    distance: Floats = np.sqrt(np.square(lab - colour).sum(axis=-1))
    return distance


# Background


def ground_of(lab: Floats, where: Mask) -> Ground:
    """The background seen at these pixels; unknown where they are too few or are of no kind."""
    height, width = lab.shape[:2]
    colours = lab[where]
    if len(colours) < max(24, _LEAST_GROUND * where.size):
        flat = np.zeros(3, np.float32)
        return Ground(kind="unknown", colour=flat, surface=np.zeros_like(lab) + flat, span=0.0)
    median = np.median(colours, axis=0).astype(np.float32)
    plain = Ground(kind="plain", colour=median, surface=np.zeros_like(lab) + median, span=0.0)
    share = float((_off(colours, median) < _ALIKE).mean())
    basis = _basis(height, width)
    there = basis[where]
    weights = np.ones(len(colours), np.float32)
    for limit in (30.0, 14.0, 7.0):
        weighted = there * weights[:, None]
        normal = weighted.T @ there + 1e-3 * np.eye(6, dtype=np.float32)
        fitted = np.linalg.solve(normal, weighted.T @ colours).astype(np.float32)
        misfit = _off(colours, there @ fitted)
        weights = (1 / (1 + (misfit / limit * 2) ** 4)).astype(np.float32)
    graded = float((misfit < 7).mean())
    model = there @ fitted
    ends = np.quantile(model, (0.03, 0.97), axis=0)
    span = float(np.linalg.norm(ends[1] - ends[0]))
    rough = _roughness(lab, where)
    large = min(height, width) >= _LEAST_PHOTO
    if not large and rough > 0.5:
        rough = 0.5  # a few pixels vary in any picture
    if (rough > 0.6 and share < 0.95) or (rough > 0.5 and max(graded, share) < 0.5):
        return Ground(kind="photo", colour=median, surface=plain.surface, span=0.0)
    if rough > 0.45:
        return Ground(kind="unknown", colour=median, surface=plain.surface, span=0.0)
    if span > 14 and graded > max(0.85, share + 0.06):
        surface = (basis.reshape(-1, 6) @ fitted).reshape(lab.shape).astype(np.float32)
        return Ground(kind="gradient", colour=median, surface=surface, span=span)
    if share > 0.8:
        return plain
    return Ground(kind="unknown", colour=median, surface=plain.surface, span=0.0)


def _basis(height: int, width: int) -> Floats:
    y, x = np.meshgrid(
        np.linspace(-1, 1, height, dtype=np.float32),
        np.linspace(-1, 1, width, dtype=np.float32),
        indexing="ij",
    )
    return np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)


def _roughness(lab: Floats, where: Mask) -> float:
    """Share of places in which brightness varies: most in photographs, else those along edges."""
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 1.0)
    mean = cv2.blur(light, (9, 9))
    spread = np.sqrt(np.maximum(cv2.blur(light * light, (9, 9)) - mean * mean, 0))
    return float((spread[where] > 2.5).mean())


# Cut round


def radius_of(height: int, width: int) -> Floats:
    """(h, w): distance from the centre, 1 at the middle of each edge."""
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    return np.sqrt(x[None, :] ** 2 + y[:, None] ** 2).astype(np.float32)


def _circle(lab: Floats, logo: Mask) -> Mask | None:
    """The disc that a picture was cut to."""
    height, width = lab.shape[:2]
    if not 0.95 < width / height < 1.06 or min(height, width) < 24:
        return None
    radius = radius_of(height, width)
    outside = lab[radius > 1.06]
    middle = np.median(outside, axis=0).astype(np.float32)
    if (_off(outside, middle) < _ALIKE).mean() < 0.97:
        return None
    ring = (radius > 0.88) & (radius < 0.95)
    # On a gradient part of the rim may look like what is outside.
    if (_off(lab[ring], middle) > _ALIKE).mean() < 0.55:
        return None
    # A logo that is a disc itself, and as large as the picture, is no cut.
    if logo[ring].mean() > 0.4:
        return None
    return radius < 0.96


# Framed


def _frame(lab: Floats, logo: Mask) -> int | None:
    """Width in pixels of a frame of one colour all round, with something else inside it."""
    height, width = lab.shape[:2]
    if min(height, width) < 32:
        return None
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    colour = np.median(border, axis=0).astype(np.float32)
    if (_off(border, colour) < _ALIKE).mean() < 0.97:
        return None
    other = _off(lab, colour) > _APART
    deepest = round(0.16 * min(height, width))
    depths = []
    for side in (other, other[::-1], other.T, other.T[::-1]):
        inner = side[:deepest, deepest:-deepest]
        first = np.where(inner.any(axis=0), inner.argmax(axis=0), deepest)
        depth = int(np.median(first))
        if not 1 <= depth < deepest or (np.abs(first - depth) <= 1).mean() < 0.9:
            return None
        depths.append(depth)
    if max(depths) - min(depths) > 2:
        return None
    depth = max(depths)
    inside = np.zeros((height, width), bool)
    inside[depth + 1 : height - depth - 1, depth + 1 : width - depth - 1] = True
    line = inside.copy()
    line[depth + 4 : height - depth - 4, depth + 4 : width - depth - 4] = False
    # A logo on a square plate of its own has such an edge all round, too.
    return None if logo[line].mean() > 0.3 else depth


# Bands of text


def _band(lab: Floats, logo: Mask, shown: Mask) -> tuple[int, int, float] | None:
    """(first row, last row + 1, share of the height) of a band with writing, below or above."""
    height = lab.shape[0]
    if height < 40:
        return None
    for flipped in (False, True):
        picture = lab[::-1] if flipped else lab
        visible = shown[::-1] if flipped else shown
        drawn = logo[::-1] if flipped else logo
        found = _band_below(picture, drawn, visible)
        if found is not None:
            first = height - found if not flipped else 0
            return first, first + found, found / height
    return None


def _band_below(lab: Floats, logo: Mask, shown: Mask) -> int | None:
    height, width = lab.shape[:2]
    rows = np.flatnonzero(shown.any(axis=1))
    last = int(rows[-1]) if len(rows) else height - 1
    floor = lab[last][shown[last]]
    if len(floor) < 8:
        return None
    colour = np.median(floor, axis=0).astype(np.float32)
    same = (_off(lab, colour) < _ALIKE) | ~shown
    # Writing leaves most of every row to the band's colour; above it another colour begins.
    banded = same.mean(axis=1) > 0.4
    above = np.flatnonzero(~banded[: last + 1])
    top = int(above[-1]) + 1 if len(above) else 0
    found = last + 1 - top
    if not 0.08 * height <= found <= 0.4 * height or top < 3:
        return None
    if same[max(0, top - 4) : top - 1].mean() > 0.25:
        return None
    inner = ~same[top + 1 : last + 1] & shown[top + 1 : last + 1]
    share = float(inner.mean())
    if not inner.any() or _off(lab[top + 1 : last + 1][~inner], colour).mean() > 5:
        return None
    if not 0.03 < share < 0.6 or logo[top : last + 1].mean() > 0.3 * max(share, 0.1) + 0.15:
        return None
    count, _, stats, _ = cv2.connectedComponentsWithStats(inner.astype(np.uint8), connectivity=8)
    letters = stats[1:count]
    tall = letters[:, cv2.CC_STAT_HEIGHT] > 0.12 * found
    flat = letters[:, cv2.CC_STAT_WIDTH] < 0.9 * width
    # Letters may run together at this size, but a word is wide and has many upright strokes.
    strokes = int((np.abs(np.diff(inner.astype(np.int8), axis=1)).sum(axis=1)).max())
    return found if (tall & flat).any() and strokes >= 8 else None


# Badges


def _badge(lab: Floats, near: Mask, shown: Mask, ground: Ground) -> float | None:
    """Diameter of a disc in a corner that neither logo nor background explains."""
    height, width = lab.shape[:2]
    short = min(height, width)
    if short < 32:
        return None
    strange = ((_off(lab, ground.surface) > _APART) & shown & ~near).astype(np.uint8)
    strange = cv2.morphologyEx(strange, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strange, connectivity=4)
    for index in range(1, count):
        if stats[index, cv2.CC_STAT_AREA] < 0.006 * short * short:
            continue
        part = labels == index
        points = cv2.findNonZero(part.astype(np.uint8))
        (x, y), reach = cv2.minEnclosingCircle(points)
        if not 0.08 <= 2 * reach / short <= 0.42:
            continue
        if abs(x / width - 0.5) < 0.18 or abs(y / height - 0.5) < 0.18:
            continue
        disc = np.hypot(*np.ogrid[-y : height - y - 0.5, -x : width - x - 0.5]) < reach * 0.92
        free = disc & ~near
        if free.sum() < 0.35 * np.pi * (0.92 * reach) ** 2:
            continue
        filled = (part | (_off(lab, ground.surface) > _APART))[free].mean()
        median = np.median(lab[free], axis=0).astype(np.float32)
        alike = (_off(lab[free], median) < 1.5 * _ALIKE).mean()
        if filled > 0.88 and alike > 0.5:
            return float(2 * reach / short)
    return None


def _kept(unlike: Floats) -> bool:
    return len(unlike) > 0 and float(np.median(unlike)) < 15
