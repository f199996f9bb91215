"""Where on a picture the drawing is: background model, foreground, plates taken off.

Impersonators move, shrink, recolour, invert and frame a logo. What stays is its shape against
whatever lies behind it. So the background is modelled from the picture's border (or from the
rim of a disc, where a platform cropped it round), every pixel is measured by its distance from
it, whatever the colours, and the drawing is cut out, tight. Where the drawing is a solid plate
(a badge, a rounded square, a frame), the plate becomes the background of what is on it.
Pure: arrays in, arrays out.
May import: detectors.images.{background, picture}.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from detectors.images.background import (
    PLAIN,
    Floats,
    Ground,
    difference_from,
    ground_of_rim,
    grounds_of,
    lab_of,
    where_to_look,
)
from detectors.images.picture import Pixels

Kind = Literal["drawing", "on-plate", "without-foot", "without-corner"]

#: A region's side in pixels, as descriptors read it.
SIDE = 64
_WORKING = 128  # longer side at which regions are looked for
_LEAST_SHARE = 0.012  # of the picture: smaller specks are noise or dust
_PLATE_FILL = 0.62  # share of its box that a plate covers
_MOST_PLATES = 3
_MARGIN = 0.06  # around the tight box
_MOST = 4  # drawings of one picture, before parts are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A drawing cut out of a picture."""

    kind: Kind
    box: tuple[float, float, float, float]  #: x, y, width, height as fractions of the picture
    contrast: Floats  #: (SIDE, SIDE), 0 background to 1: distance from what lies behind
    lightness: Floats  #: (SIDE, SIDE), 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """What was found."""

    regions: tuple[Region, ...]  #: at most 6; empty where nothing stands out
    plain: bool  #: one background all round; False: photo-like, or the drawing touches the edge


def find_regions(pixels: Pixels, *, extra: bool = True) -> Regions:
    """pixels: (h, w, 3) RGB, at least 8 a side. extra: also without a banner or a badge.

    Regions come with the likeliest first; the same picture always gives the same ones.
    """
    drawings, plain = find_drawings(pixels, extra=extra)
    return Regions(regions=tuple(cut(pixels, one) for one in drawings), plain=plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What stands out of a background, at the working size; `cut` makes a region of it."""

    kind: Kind
    mask: npt.NDArray[np.bool_]  #: (h, w) at the working size: the drawing without specks
    ground: Ground


def find_drawings(pixels: Pixels, *, extra: bool) -> tuple[list[Drawing], bool]:
    """As `find_regions`, before they are cut out; and whether the background is plain."""
    height, width = pixels.shape[:2]
    scale = _WORKING / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    lab = lab_of(cv2.medianBlur(small, 3))
    valid, samples = where_to_look(lab)
    grounds = grounds_of(lab, samples)
    found: list[Drawing] = []
    for ground in grounds:
        found.extend(_drawings(lab, valid, ground))
        if found and ground.share > PLAIN:
            break
    found = _distinct(found)[:_MOST]
    if extra and found:
        found.extend(_parts(lab, valid, found[0]))
    return found, bool(grounds) and grounds[0].share > PLAIN


def _quantile(values: Floats, share: float) -> float:
    """To the nearest half, of values 0..127; a sort would cost as much as all the rest."""
    counts = np.bincount(np.minimum(values * 2, 255).astype(np.uint8).ravel(), minlength=256)
    at = int(np.searchsorted(np.cumsum(counts), share * values.size))
    return min(at, 255) / 2


def _drawings(lab: Floats, valid: npt.NDArray[np.bool_], ground: Ground) -> list[Drawing]:
    """The drawing on this background, and what is on its plates, outermost first."""
    found: list[Drawing] = []
    for level in range(_MOST_PLATES + 1):
        mask = _foreground(difference_from(lab, ground), valid)
        if mask is None:
            break
        kind: Kind = "drawing" if level == 0 else "on-plate"
        found.append(Drawing(kind=kind, mask=mask, ground=ground))
        plate = _plate(mask) if level < _MOST_PLATES else None
        if plate is None:
            break
        valid, rim = plate
        inner = ground_of_rim(lab, rim)
        if inner is None:
            break
        ground = inner
    return found


def _foreground(difference: Floats, valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_] | None:
    """What stands out of the valid part, without specks; None where nothing does."""
    inside = difference[valid]
    if inside.size < 64:
        return None
    top = _quantile(inside, 0.99)
    if top < 8:
        return None
    above = ((difference > max(8.0, 0.3 * top)) & valid).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(above, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if not len(areas):
        return None
    least = _LEAST_SHARE * min(float(inside.size), 2.0 * float(areas.sum()))
    kept = np.zeros(count, bool)
    kept[1:] = areas >= least
    if not kept.any():
        return None
    mask: npt.NDArray[np.bool_] = kept[labels]
    return mask


def _box(mask: npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        int(columns[0]), int(rows[0]),
        int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1),
    )  # fmt: skip


def _plate(
    mask: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None:
    """(what lies on the plate, the plate's inner rim) when the drawing is a solid plate."""
    filled = mask.astype(np.uint8)
    # Holes belong to the plate: what is cut out of it is what is drawn on it.
    contours, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(contours, key=cv2.contourArea)
    solid = np.zeros_like(filled)
    cv2.drawContours(solid, [largest], -1, 1, cv2.FILLED)
    _, _, width, height = cv2.boundingRect(largest)
    area = int(solid.sum())
    if min(width, height) < 24 or area < _PLATE_FILL * width * height:
        return None
    hull = cv2.contourArea(cv2.convexHull(largest))
    if area < 0.9 * hull:
        return None
    bite = max(2, round(0.035 * min(width, height)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * bite + 1, 2 * bite + 1))
    inner = cv2.erode(solid, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    deeper = cv2.erode(
        inner, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    rim = (inner > 0) & (deeper == 0)
    if rim.sum() < 32 or not deeper.any():
        return None
    return inner > 0, rim


def cut(pixels: Pixels, drawing: Drawing, turn: Floats | None = None) -> Region:
    """The drawing, tight and squared, from the picture at its full size.

    turn: (2, 2), how the drawing is turned or mirrored on the way, for references; the region's
    box stays that of the drawing as it stands.
    """
    rows, columns = drawing.mask.shape
    height, width = pixels.shape[:2]
    turn = np.eye(2, dtype=np.float32) if turn is None else turn
    box = _box(drawing.mask)
    # In pixels of the full picture, turned.
    corners = _outline(drawing.mask) * np.array([width / columns, height / rows], np.float32)
    turned = corners @ turn.T
    least, most = turned.min(axis=0), turned.max(axis=0)
    side = float((most - least).max()) * (1 + 2 * _MARGIN)
    scale = SIDE / max(side, 1e-3)
    matrix = np.empty((2, 3), np.float32)
    matrix[:, :2] = turn * scale
    # Pixel centres lie at halves: -0.5 puts them where warpAffine has them, at integers.
    centre = (least + most) / 2
    matrix[:, 2] = SIDE / 2 - centre * scale - 0.5 + matrix[:, :2] @ np.array([0.5, 0.5])
    lab = lab_of(_warped(pixels, matrix, scale))
    inverse = cv2.invertAffineTransform(matrix)
    contrast = difference_from(lab, drawing.ground, _positions(inverse, width, height))
    grown = cv2.dilate(drawing.mask.astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
    of_mask = matrix.copy()
    across, down = width / columns, height / rows
    of_mask[:, 2] += of_mask[:, :2] @ np.array([across / 2 - 0.5, down / 2 - 0.5])
    of_mask[:, 0] *= across
    of_mask[:, 1] *= down
    soft = cv2.warpAffine(grown, of_mask, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    contrast *= soft.astype(np.float32) / 255
    contrast /= max(8.0, _quantile(contrast, 0.97))
    return Region(
        kind=drawing.kind,
        box=(box[0] / columns, box[1] / rows, box[2] / columns, box[3] / rows),
        contrast=np.minimum(contrast, 1, dtype=np.float32),
        lightness=(lab[..., 0] / 100).astype(np.float32),
    )


def _outline(mask: npt.NDArray[np.bool_]) -> Floats:
    """(n, 2): x, y of the corners of every row's first and last pixel of the mask."""
    rows = np.flatnonzero(mask.any(axis=1))
    part = mask[rows]
    first = part.argmax(axis=1)
    last = part.shape[1] - part[:, ::-1].argmax(axis=1)
    return np.concatenate([
        np.stack([x, y], axis=1) for x in (first, last) for y in (rows, rows + 1)
    ]).astype(np.float32)  # fmt: skip


def _warped(pixels: Pixels, matrix: Floats, scale: float) -> Pixels:
    """(SIDE, SIDE, 3); what lies outside repeats the border."""
    source = pixels
    if scale < 0.5:
        # Linear sampling would skip pixels: averaged first.
        times = int(1 / scale)
        small = (max(1, pixels.shape[1] // times), max(1, pixels.shape[0] // times))
        source = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
        matrix = matrix.copy()
        across, down = pixels.shape[1] / small[0], pixels.shape[0] / small[1]
        matrix[:, 2] += matrix[:, :2] @ np.array([across / 2 - 0.5, down / 2 - 0.5])
        matrix[:, 0] *= across
        matrix[:, 1] *= down
    warped: Pixels = cv2.warpAffine(
        source, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return warped


def _positions(inverse: Floats, width: int, height: int) -> tuple[Floats, Floats]:
    """Where each pixel of the region lies in the picture: y and x, -1..1 and never outside."""
    steps = np.arange(SIDE, dtype=np.float32)
    across, down = np.meshgrid(steps, steps)
    x = inverse[0, 0] * across + inverse[0, 1] * down + inverse[0, 2]
    y = inverse[1, 0] * across + inverse[1, 1] * down + inverse[1, 2]
    return (
        np.clip((y + 0.5) / height * 2 - 1, -1, 1).astype(np.float32),
        np.clip((x + 0.5) / width * 2 - 1, -1, 1).astype(np.float32),
    )


def _distinct(found: list[Drawing]) -> list[Drawing]:
    kept: list[Drawing] = []
    for one in found:
        if all(float((one.mask ^ other.mask).mean()) > 0.01 for other in kept):
            kept.append(one)
    return kept


def _parts(lab: Floats, valid: npt.NDArray[np.bool_], whole: Drawing) -> list[Drawing]:
    """The drawing again as if its foot (a banner of text) or a corner (a badge) were not there."""
    height, width = lab.shape[:2]
    difference = difference_from(lab, whole.ground)
    found = []
    kinds: tuple[Kind, Kind] = ("without-foot", "without-corner")
    for kind in kinds:
        part = valid.copy()
        if kind == "without-foot":
            part[round(height * 0.76) :] = False
        else:
            part[round(height * 0.64) :, round(width * 0.64) :] = False
        if not (whole.mask & ~part).any():
            continue
        mask = _foreground(difference, part)
        if mask is not None:
            found.append(Drawing(kind=kind, mask=mask, ground=whole.ground))
    return found
