"""Which edits made a stranger's picture out of the brand's logo.

The logo is laid over the picture, and every word that is said of the picture is a measurement
on the two: how the map turns, scales and moves it; how the drawing's colours changed; what lies
around it that the logo does not explain. A word is said only where the simpler account fits
measurably worse, so a symmetric logo is never called mirrored, nor a ring turned.
Pure: arrays in, words and numbers out.
May import: detectors.images.{aligning, colouring, picture, surroundings}.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from detectors.images.aligning import (
    Alignment,
    Box,
    Drawing,
    Mask,
    Matrix,
    Target,
    agreement,
    align,
    composed,
    drawing_of,
    foreground,
    ground_distance,
    inverted,
    lab_of,
    lay_over,
    refine,
    scaled,
    unmirrored,
)
from detectors.images.colouring import colouring
from detectors.images.edits import EDITS
from detectors.images.picture import Frame, Pixels
from detectors.images.reproducible import reproducible
from detectors.images.surroundings import Ground, Surroundings, ground_of, look_around

#: Changes with every rule or threshold here and in the modules that it calls.
VERSION = "explaining-1"
#: Of edges: below it the two pictures are not laid over one another, and nothing is said.
LEAST_AGREEMENT = 0.5
_LEAST_FOR_MOVES = 0.7  # below it turns and sizes are not exact enough to be told
_LEAST_GROWTH = 1e-4  # of area, from the logo to the picture; 256 pixels become three
_WORSE = 0.04  # of agreement, by which a simpler account must be worse
_LOOKED_AT = 128  # longer side at which surroundings are judged
_COMPARED = 160  # longer side at which colours are compared
_TURNED = 2.5  # degrees
_UPRIGHT = 8.0  # degrees, within which a picture is only askew
_STRETCHED = 1.08
_SHRUNK, _ENLARGED = 0.85, 1.15
_MOVED = 0.06  # of the longer side
_CROPPED = 0.04  # of the drawing
_OTHER_GROUND = 20.0  # Lab units
_BLURRED = 1.5  # pixels, standard deviation of the edge's spread
_NOISY = 4.0  # grey levels, standard deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What was done to the logo, and where it lies."""

    edits: tuple[str, ...]  #: keys of EDITS, in its order
    measures: Mapping[str, float]  #: of each edit, as EDITS says
    transform: Matrix | None  #: (2, 3), reference pixels to query pixels; None: laid nowhere
    box: Box  #: what the logo's drawing covers on the query, x, y, width, height in pixels
    agreement: float  #: 0..1, correlation of the edges of both under `transform`


def explain(
    reference: Frame, query: Frame, *, transform: Matrix | None = None, box: Box
) -> Explanation:
    """reference, query: decoded. transform: (2, 3) reference to query pixels, where one is known.

    box: x, y, width, height in pixels of the query, where the logo was found; may be rough.
    """
    with reproducible():
        return _explained(reference, query, transform, box)


def _explained(reference: Frame, query: Frame, transform: Matrix | None, box: Box) -> Explanation:
    official, target = drawing_of(reference.pixels), Target.of(query.pixels)
    box = _inside(box, query.pixels.shape)
    found = _alignments(official, target, transform, box)
    if not found or found[0].agreement < LEAST_AGREEMENT:
        reached = round(found[0].agreement, 3) if found else 0.0
        return Explanation(edits=(), measures={}, transform=None, box=box, agreement=reached)
    laid = _simplest(found)
    measures = _changes(official, target, laid)
    if _is_clear(reference):
        measures.pop("other-background", None)  # the official drawing has no background
    if laid.agreement > _LEAST_FOR_MOVES:
        measures |= _moves(official, target, laid, found, whole="cropped" not in measures)
    return Explanation(
        edits=tuple(edit for edit in EDITS if edit in measures),
        measures=MappingProxyType(
            {edit: round(float(value), 3) for edit, value in measures.items()}
        ),
        transform=laid.matrix,
        box=_covered(official, laid.matrix, query.pixels.shape),
        agreement=round(laid.agreement, 3),
    )


def _inside(box: Box, shape: tuple[int, ...]) -> Box:
    """The part of the box that is on the picture; all of the picture where there is none."""
    height, width = shape[:2]
    x, y, wide, high = box
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + wide, width), min(y + high, height)
    # Written so that a number that is none fails it, too.
    if not (right - left >= 2 and bottom - top >= 2):
        return 0.0, 0.0, float(width), float(height)
    return left, top, right - left, bottom - top


def _alignments(
    official: Drawing, target: Target, transform: Matrix | None, box: Box
) -> list[Alignment]:
    """Best first."""
    found = align(official, target, box)
    if transform is not None and _is_map(transform):
        given = refine(official, target, transform)
        found += [given] if given is not None else []
    found.sort(key=lambda one: -one.agreement)
    again = refine(official, target, found[0].matrix) if found else None
    return [again, *found] if again is not None else found


def _is_clear(reference: Frame) -> bool:
    """Whether the official picture is transparent around its drawing."""
    cover = reference.cover
    if cover is None:
        return False
    border = np.concatenate([cover[0], cover[-1], cover[:, 0], cover[:, -1]])
    return bool((border < 128).mean() > 0.5)


def _is_map(matrix: Matrix) -> bool:
    """Whether it maps pixels to pixels: finite, and neither collapsing nor exploding."""
    if not np.isfinite(matrix).all():
        return False
    grown = abs(np.linalg.det(matrix[:, :2]))
    return bool(_LEAST_GROWTH < grown < 1 / _LEAST_GROWTH)


def _simplest(found: list[Alignment]) -> Alignment:
    """Of those that fit about as well as the best: upright before turned, then unmirrored."""
    least = max(found[0].agreement - _margin(found[0]), LEAST_AGREEMENT)
    near = [one for one in found if one.agreement >= least]
    return min(near, key=lambda one: (not _is_upright(one), one.mirrored, -one.agreement))


def _is_upright(one: Alignment) -> bool:
    return abs(one.degrees) <= _UPRIGHT


def _margin(one: Alignment) -> float:
    """By how much another account must be worse; the less the pictures agree, the more."""
    return _WORSE + 0.25 * (1 - one.agreement)


def _covered(official: Drawing, matrix: Matrix, shape: tuple[int, ...]) -> Box:
    corners = official.hull @ matrix[:, :2].T + matrix[:, 2]
    low = np.clip(corners.min(axis=0), 0, (shape[1], shape[0]))
    high = np.clip(corners.max(axis=0) + 1, 0, (shape[1], shape[0]))
    x, y, width, height = (float(value) for value in (*low, *(high - low)))
    return round(x, 1), round(y, 1), round(width, 1), round(height, 1)


# How it was moved


def _moves(
    official: Drawing, target: Target, laid: Alignment, found: list[Alignment], *, whole: bool
) -> dict[str, float]:
    """whole: nothing of the logo is cut away."""
    said: dict[str, float] = {}
    if laid.mirrored:
        straight = (
            one.agreement
            for one in found
            if not one.mirrored and (_is_upright(one) or not _is_upright(laid))
        )
        said["mirrored"] = laid.agreement - max(straight, default=0.0)
    linear = unmirrored(laid.matrix[:, :2])
    turn, stretch = _polar(linear)
    if abs(laid.degrees) >= _TURNED:
        upright = _about_centre(official, laid.matrix, np.linalg.inv(turn) @ linear)
        if agreement(official, target, upright) < laid.agreement - _WORSE:
            said["rotated"] = laid.degrees
    size = math.sqrt(abs(np.linalg.det(linear)))
    wider = stretch[0, 0] / stretch[1, 1]
    # The less the pictures agree, and what is cut away cannot, the less exact is the map.
    least = math.log(_STRETCHED) + 0.5 * (1 - laid.agreement)
    along = abs(stretch[0, 1]) < 0.5 * abs(stretch[0, 0] - stretch[1, 1])
    if whole and along and abs(math.log(wider)) > least:
        even = _about_centre(official, laid.matrix, turn * size)
        if agreement(official, target, even) < laid.agreement - _WORSE:
            said["stretched"] = wider
    theirs, ours = np.array(target.pixels.shape[1::-1]), np.array(official.pixels.shape[1::-1])
    scale = size * max(ours) / max(theirs)
    if scale < _SHRUNK:
        said["shrunk"] = scale
    elif scale > _ENLARGED:
        said["enlarged"] = scale
    centre = _centre(official)
    here = (laid.matrix[:, :2] @ centre + laid.matrix[:, 2] - (theirs - 1) / 2) / max(theirs)
    there = (centre - (ours - 1) / 2) / max(ours)
    # Where the whole picture was turned or mirrored, an official drawing off its centre went along.
    turned = laid.matrix[:, :2] @ there / size
    away = min(float(np.linalg.norm(here - there)), float(np.linalg.norm(here - turned)))
    if away > _MOVED:
        said["moved"] = away
    return said


def _polar(linear: Matrix) -> tuple[Matrix, Matrix]:
    """(turn, stretch): linear = turn @ stretch, the stretch symmetric."""
    left, sizes, right = np.linalg.svd(linear)
    return left @ right, right.T @ np.diag(sizes) @ right


def _centre(official: Drawing) -> npt.NDArray[np.float64]:
    x, y, width, height = official.box
    return np.array([x + width / 2, y + height / 2])


def _about_centre(official: Drawing, matrix: Matrix, linear: Matrix) -> Matrix:
    """The map with another linear part (mirrored if it was), the logo's centre where it is."""
    if np.linalg.det(matrix[:, :2]) < 0:
        linear = linear * np.array([-1.0, 1.0])
    centre = _centre(official)
    kept = matrix[:, :2] @ centre + matrix[:, 2]
    return np.hstack([linear, (kept - linear @ centre)[:, None]])


# What lies around it, and its colours


def _changes(official: Drawing, target: Target, laid: Alignment) -> dict[str, float]:
    said: dict[str, float] = {}
    pixels, scale = target.sizes.at(min(1.0, _LOOKED_AT / max(target.pixels.shape[:2])))
    lab = lab_of(pixels)
    drawn = foreground(ground_distance(official.pixels)[0])
    matrix = scaled(laid.matrix, 1, scale)
    size = (lab.shape[1], lab.shape[0])
    logo = cv2.warpAffine(drawn.astype(np.float32), matrix, size) > 0.4
    reach = max(1, round(0.02 * max(size)))
    near = cv2.dilate(logo.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    ours = lab_of(official.pixels)
    expected = cv2.warpAffine(ours, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    around = look_around(lab, logo, near, expected)
    behind = ground_of(ours, ~_grown(drawn, 0.02))
    said |= _background(around, behind, laid)
    if around.circle:
        said["circle"] = 1.0
    for edit, value in (
        ("framed", around.frame), ("text-added", around.band), ("badge", around.badge)
    ):  # fmt: skip
        if value is not None:
            said[edit] = value
    lost = _lost(drawn, laid.matrix, around, target, scale)
    if lost > _CROPPED and laid.agreement > _LEAST_FOR_MOVES:
        said["cropped"] = lost
    quality, softer = _quality(official, target, laid, around)
    colours = _colours(official, target, laid, around, behind, scale, softer)
    return said | quality | colours


def _grown(mask: Mask, share: float) -> Mask:
    reach = max(1, round(share * max(mask.shape)))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    grown: Mask = cv2.dilate(mask.astype(np.uint8), kernel) > 0
    return grown


def _background(around: Surroundings, behind: Ground, laid: Alignment) -> dict[str, float]:
    ground = around.ground
    if ground.kind == "photo" and behind.kind != "photo":
        return {"photo-background": laid.agreement}
    if ground.kind == "gradient" and behind.kind != "gradient":
        return {"gradient-background": ground.span}
    if ground.kind == "plain" and behind.kind == "plain":
        change = float(np.linalg.norm(ground.colour - behind.colour))
        return {"other-background": change} if change > _OTHER_GROUND else {}
    return {}


def _lost(drawn: Mask, matrix: Matrix, around: Surroundings, target: Target, scale: float) -> float:
    """Share of the drawing that lies outside what is left of the picture."""
    rows, columns = np.nonzero(drawn[::2, ::2])
    if not len(rows):
        return 0.0
    places = scaled(matrix, 1, scale) @ np.stack([columns * 2.0, rows * 2.0, np.ones(len(rows))])
    x, y = np.rint(places).astype(int)
    height, width = around.shown.shape
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    if around.circle:
        inside[inside] = around.disc[y[inside], x[inside]]
    return float(1 - inside.mean())


def _colours(
    official: Drawing,
    target: Target,
    laid: Alignment,
    around: Surroundings,
    behind: Ground,
    scale: float,
    softer: float,
) -> dict[str, float]:
    """softer: standard deviation, query pixels, by which edges are softer than the logo's."""
    box = official.box
    size = math.sqrt(abs(np.linalg.det(laid.matrix[:, :2])))
    # No finer than the query is: what it blends must be blended in both.
    side = round(min(_COMPARED, max(16.0, 1.16 * max(box[2], box[3]) * size)))
    over = lay_over(official, target.sizes, laid.matrix, side)
    blurred = softer * side / (1.16 * max(box[2], box[3]) * size)
    official_pixels = over.official
    if blurred > 0.3:
        official_pixels = cv2.GaussianBlur(official_pixels, (0, 0), blurred)
    ours = lab_of(official_pixels)
    grey = cv2.cvtColor(official_pixels, cv2.COLOR_RGB2GRAY)
    grey = lab_of(cv2.merge([grey, grey, grey]))[..., 0]
    theirs = lab_of(over.seen)
    shape = (ours.shape[1], ours.shape[0])
    to_frame = composed(over.frame, inverted(scaled(laid.matrix, 1, scale)))
    shown = cv2.warpAffine(around.shown.astype(np.float32), to_frame, shape) > 0.9
    compared = over.inside & shown
    distance = np.sqrt(np.square(ours - behind.colour).sum(axis=2))
    drawn = foreground(distance) & compared
    # Where strokes are thick enough, their edges, which are blends, are left out.
    core = cv2.erode(drawn.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if core.sum() < 0.15 * drawn.sum():
        return {}
    drawn = core
    if around.ground.kind in ("plain", "gradient"):
        surface = cv2.warpAffine(around.ground.surface, to_frame, shape)
    else:
        return {}
    made = colouring(ours, grey, theirs, drawn, (behind.colour, surface), compared)
    found = {
        "inverted": made.inverted,
        "recoloured": made.recoloured,
        "greyscale": made.greyscale,
        "silhouette": made.silhouette,
    }
    return {edit: value for edit, value in found.items() if value is not None}


# Its quality


def _quality(
    official: Drawing, target: Target, laid: Alignment, around: Surroundings
) -> tuple[dict[str, float], float]:
    """(what is said, standard deviation by which edges are softer than the logo's, pixels)."""
    said: dict[str, float] = {}
    softer = 0.0
    size = math.sqrt(abs(np.linalg.det(laid.matrix[:, :2])))
    if around.ground.kind != "plain":
        return said, softer
    side = round(min(192.0, 1.16 * max(official.box[2], official.box[3]) * size))
    if side >= 32:
        over = lay_over(official, target.sizes, laid.matrix, side)
        ours, theirs = _spread(over.official), _spread(over.seen)
        softer = math.sqrt(max(0.0, theirs * theirs - ours * ours))
        if theirs > _BLURRED and theirs > 1.8 * ours:
            said["blurred"] = theirs
    noise = _noise(target.pixels)
    if noise > _NOISY and noise > 3 * _noise(official.pixels):
        said["noisy"] = noise
    return said, softer


def _spread(pixels: Pixels) -> float:
    """Standard deviation, pixels, of the spread of the sharpest strong edges."""
    light = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    steps = cv2.magnitude(
        cv2.Sobel(light, cv2.CV_32F, 1, 0, scale=1 / 8),
        cv2.Sobel(light, cv2.CV_32F, 0, 1, scale=1 / 8),
    )
    contrast = float(np.quantile(light, 0.98) - np.quantile(light, 0.02))
    steepest = float(np.quantile(steps, 0.995))
    # A step of this height, smoothed by a Gaussian, rises by height / (sigma * sqrt(2 pi)).
    return contrast / (steepest * math.sqrt(2 * math.pi)) if steepest > 0.5 else 0.0


def _noise(pixels: Pixels) -> float:
    """Standard deviation of noise, grey levels, by the median of second differences.

    Immerkaer 1996, with the median in place of the mean, so that a drawing's edges do not count.
    """
    light = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    second = np.abs(cv2.filter2D(light, -1, kernel))
    return float(np.median(second)) / (0.6745 * 6)
