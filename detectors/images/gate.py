"""Pictures that say nothing about anybody: stored, and never matched on the picture alone.

One colour, a gradient, and what platforms draw for people without a picture: a letter or two, a
head over shoulders, tiles from a digest, a disc. A logo may be any of these as well, so each rule
asks for the whole drawing (two tones, in the middle, that very shape) and nothing less: what it
lets through still has to resemble a logo.
May import: detectors.images.picture.
"""

from __future__ import annotations

import functools
import string
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from detectors.images.picture import Frame, Pixels

_SIDE = 96  # pixels at which the rules look
_ALIKE = 0.84
_TILES = 5  # a side
_GLYPH = 24  # pixels of a letter's box, both ways
_WHITE = (255.0, 255.0, 255.0)

_Mask = npt.NDArray[np.bool_]
_Grey = npt.NDArray[np.float32]


def gate(frame: Frame) -> str | None:
    """Why frame says nothing about anybody, as the end of a sentence; None: it may be matched."""
    pixels = frame.pixels
    square = _squared(pixels)
    regions = _regions()
    inside, rim = regions["all"], regions["border"]
    if _is_round(square):
        inside, rim = regions["disc"], regions["rim"]
    if flat := _flatness(square, inside):
        return flat
    if max(pixels.shape[:2]) > 1.25 * min(pixels.shape[:2]):
        return None
    drawing = _two_tones(square, inside, rim)
    if drawing is None:
        return None
    if _is_tiles(drawing):
        return "a default picture of symmetric tiles"
    if _is_silhouette(drawing):
        return "a default silhouette"
    if _is_disc(drawing):
        return "a plain disc or ring"
    if _is_letters(drawing):
        return "a letter or two on a colour"
    return None


def unfit(frame: Frame) -> str | None:
    """Why frame cannot serve as a logo to compare with: so plain that it would match at random.

    A logo of one letter is one all the same: what resembles it then needs more evidence.
    """
    square = _squared(frame.pixels)
    why = _flatness(square, _regions()["all"])
    return f"too plain to recognise ({why})" if why else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """A picture of two tones: where the second is."""

    ink: _Mask  # (_SIDE, _SIDE)
    is_round: bool  # cut to a disc; there is no ink outside
    cover: _Grey  # how far each pixel is from the first tone to the second, 0 to 1


def _squared(pixels: Pixels) -> _Grey:
    """(3, _SIDE, _SIDE): channel by channel, so that the largest of three is quickly found."""
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (3, 3), 0)
    return np.ascontiguousarray(soft.transpose(2, 0, 1), np.float32)


@functools.cache
def _radius() -> _Grey:
    """Distance of each pixel from the middle, 1 at the edge of the inscribed circle."""
    steps = (np.arange(_SIDE, dtype=np.float32) + 0.5) * 2 / _SIDE - 1
    return np.hypot(steps[:, None], steps[None, :])


@functools.cache
def _regions() -> dict[str, _Mask]:
    """Everything and its rim; a round picture's inside, rim, edge and what is outside."""
    radius = _radius()
    border = np.ones((_SIDE, _SIDE), np.bool_)
    border[3:-3, 3:-3] = False
    return {
        "all": np.ones((_SIDE, _SIDE), np.bool_),
        "border": border,
        "disc": radius < 0.94,
        "rim": (radius < 0.94) & (radius > 0.87),
        "edge": (radius > 0.88) & (radius < 0.96),
        "corners": radius > 1.03,
    }


def _is_round(square: _Grey) -> bool:
    """Whether the picture was cut round: its corners are one colour and the edge another."""
    regions = _regions()
    corners = square[:, regions["corners"]]
    outside = np.median(corners, axis=1, keepdims=True)
    if np.mean(np.abs(corners - outside).max(axis=0) < 16) < 0.97:
        return False
    edge = square[:, regions["edge"]]
    # Shoulders in the colour of what is outside may take up some of it.
    return bool(np.mean(np.abs(edge - outside).max(axis=0) > 8) > 0.55)


def _flatness(square: _Grey, inside: _Mask) -> str | None:
    seen = square[:, inside]
    middle = np.median(seen[:, ::7], axis=1, keepdims=True)
    off = np.abs(seen - middle).max(axis=0)
    # What covers less than one pixel in two hundred is dust.
    if float((off > 12).mean()) < 0.005:
        return "one colour"
    down = np.abs(np.diff(square, axis=1)).max(axis=0)
    across = np.abs(np.diff(square, axis=2)).max(axis=0)
    steepest = max(
        float((down * (inside[1:] & inside[:-1])).max()),
        float((across * (inside[:, 1:] & inside[:, :-1])).max()),
    )
    # A gradient that runs through all levels twice has steps of five.
    return "a gradient" if steepest < 8 else None


def _two_tones(square: _Grey, inside: _Mask, rim: _Mask) -> _Drawing | None:
    """None where there are more, or where the second does not stand off."""
    ground = _commonest(square[:, rim])[:, None, None]
    off = np.abs(square - ground).max(axis=0)
    reach = float(np.partition(off[inside], -_SIDE // 2)[-_SIDE // 2])
    second = square[:, inside & (off > 0.7 * reach)].mean(axis=1)[:, None, None]
    between = second - ground
    contrast = float(np.linalg.norm(between))
    if contrast < 16:
        return None
    along = ((square - ground) * between).sum(axis=0) / contrast**2
    ink = inside & (along > 0.5)
    stray = np.abs(square - np.where(ink, second, ground)).max(axis=0) > max(0.15 * contrast, 8)
    whole = ink.astype(np.uint8)
    edge = cv2.morphologyEx(whole, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
    plain = inside & ~edge
    if not plain.any() or float(stray[plain].mean()) > 0.02:
        return None
    cover = np.where(inside, along.clip(0, 1), 0).astype(np.float32)
    return _Drawing(ink=ink, is_round=inside is not _regions()["all"], cover=cover)


def _commonest(colours: _Grey) -> _Grey:
    """(3, n) -> (3,): the middle of the fullest cell; a median of two colours may be neither."""
    cells = np.array([256, 16, 1]) @ (colours // 16).astype(np.int32)
    fullest = np.bincount(cells).argmax()
    middle = colours[:, cells == fullest].mean(axis=1, keepdims=True)
    near = np.abs(colours - middle).max(axis=0) < 16
    return np.asarray(colours[:, near].mean(axis=1), np.float32)


def _box(ink: _Mask) -> tuple[int, int, int, int] | None:
    """top, bottom, left, right, the ends exclusive; None without ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _is_tiles(drawing: _Drawing) -> bool:
    """Five by five tiles, left and right the same; up and down not, since a cross or a window,
    which logos are, is the same both ways."""
    if drawing.is_round:
        return False
    for margin in (0, _SIDE / 24, _SIDE / 12, _SIDE / 8):
        tile = (_SIDE - 2 * margin) / _TILES
        middles = (margin + (np.arange(_TILES) + 0.5) * tile).astype(int)
        tiles = drawing.ink[np.ix_(middles, middles)]
        if (tiles != tiles[:, ::-1]).any() or (tiles == tiles[::-1]).all():
            continue
        number = ((np.arange(_SIDE) + 0.5 - margin) // tile).astype(int)
        on = (number >= 0) & (number < _TILES)
        number = number.clip(0, _TILES - 1)
        drawn = tiles[np.ix_(number, number)] & np.outer(on, on)
        both, either = int((drawn & drawing.ink).sum()), int((drawn | drawing.ink).sum())
        if both > 0.8 * either:
            return True
    return False


def _is_silhouette(drawing: _Drawing) -> bool:
    """A round head over shoulders that are wider, in the middle, both of one tone."""
    ink = drawing.ink
    if float((ink == ink[:, ::-1]).mean()) < 0.95:
        return False
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    parts = [part for part in stats[1:count].tolist() if part[4] > 0.005 * _SIDE**2]
    if len(parts) != 2:
        return len(parts) == 1 and _is_bust(ink)
    head, body = sorted(parts, key=lambda part: part[1])
    left, top, width, height, area = head
    if not (0.8 < width / height < 1.25 and 0.7 < area / (width * height) < 0.86):
        return False
    return bool(
        body[1] > top + 0.8 * height
        and body[1] < top + height + 0.28 * _SIDE
        and body[2] > 1.15 * width
        and body[4] / (body[2] * body[3]) > 0.68
        and abs(left + width / 2 - _SIDE / 2) < 3
    )


def _is_bust(ink: _Mask) -> bool:
    """Head and shoulders in one piece: narrow, narrower, wide, down to the lower edge."""
    widths = ink.sum(axis=1)
    rows = np.flatnonzero(widths)
    if rows[-1] < 0.9 * _SIDE:
        return False
    widths = widths[rows[0] : rows[-1] + 1]
    half = len(widths) // 2
    head = int(widths[:half].max())
    neck = int(widths[int(widths[:half].argmax()) : int(0.7 * len(widths))].min(initial=_SIDE))
    return neck < 0.85 * head and int(widths[half:].max()) > 1.25 * head


def _is_disc(drawing: _Drawing) -> bool:
    box = _box(drawing.ink)
    if box is None:
        return False
    top, bottom, left, right = box
    height, width = bottom - top, right - left
    if not 0.94 < height / width < 1.06:
        return False
    rows = np.arange(_SIDE)[:, None] + 0.5 - (top + bottom) / 2
    columns = np.arange(_SIDE)[None, :] + 0.5 - (left + right) / 2
    radius = np.hypot(rows, columns) * 4 / (height + width)
    filled = radius <= 1
    hole = float((filled & ~drawing.ink).sum()) / float(filled.sum())
    ring = filled & (radius > np.sqrt(hole)) if hole > 0.03 else filled
    return float((ring & drawing.ink).sum()) > 0.91 * float((ring | drawing.ink).sum())


def _is_letters(drawing: _Drawing) -> bool:
    box = _box(drawing.ink)
    if box is None:
        return False
    top, bottom, left, right = box
    height, width = bottom - top, right - left
    if not 0.18 * _SIDE < height < 0.62 * _SIDE or width > 0.75 * _SIDE:
        return False
    if max(abs(top + bottom - _SIDE), abs(left + right - _SIDE)) > 0.16 * _SIDE:
        return False
    ink = drawing.cover[top:bottom, left:right]
    if _is_letter(ink):
        return True
    gaps = np.flatnonzero(ink.max(axis=0) < 0.5)
    # Two initials stand apart, anywhere: an I takes a tenth of the width beside an M.
    for gap in gaps.tolist():
        parts = ink[:, :gap], ink[:, gap:]
        if all(_is_letter(_trimmed(part)) for part in parts):
            return True
    return False


def _trimmed(cover: _Grey) -> _Grey:
    box = _box(cover > 0.5)
    return cover if box is None else cover[box[0] : box[1], box[2] : box[3]]


def _is_letter(cover: _Grey) -> bool:
    """Whether what is drawn, cut to its box, is a letter or digit of an ordinary typeface."""
    if cover.shape[0] >= 3 * cover.shape[1] and float((cover > 0.4).mean()) > 0.9:
        return True  # an I: a bar, of which no likeness of shapes can be told
    if min(cover.shape) < 4:
        return False
    shapes, aspects = _letters()
    alike = shapes @ _normal(cover)
    fits = np.abs(np.log(aspects * cover.shape[0] / cover.shape[1])) < 0.2
    return bool((alike[fits] > _ALIKE).any())


def _normal(cover: _Grey) -> _Grey:
    """(h, w) -> (_GLYPH * _GLYPH,): the drawing in a box of its own, softened, of length 1."""
    box = cv2.resize(cover, (_GLYPH, _GLYPH), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(box, (0, 0), 1.0).ravel()
    soft -= soft.mean()
    return np.asarray(soft / max(float(np.linalg.norm(soft)), 1e-6), np.float32)


@functools.cache
def _letters() -> tuple[_Grey, _Grey]:
    """Letters and digits of the typefaces that come with Pillow and OpenCV, several weights:
    (n, _GLYPH * _GLYPH) shapes as `_normal` makes them, and width to height of each."""
    drawn: list[npt.NDArray[np.uint8]] = []
    font = ImageFont.load_default(size=64)
    for sign in string.ascii_letters + string.digits:
        canvas = Image.new("L", (160, 160))
        ImageDraw.Draw(canvas).text((80, 80), sign, 255, font=font, anchor="mm")
        drawn.append(np.asarray(canvas, np.uint8))
    for name, weights in (("sans", (300, 400, 500, 600, 700, 800)), ("italic", (400, 600, 800))):
        face = cv2.FontFace(name)
        for weight in weights:
            for sign in string.ascii_letters + string.digits + "ÄÖÜÉÈÅÑÇØŠŽ":
                glyph = np.zeros((160, 160, 3), np.uint8)
                cv2.putText(glyph, sign, (50, 110), _WHITE, face, 64, weight)
                drawn.append(glyph[..., 0])
    shapes, aspects = [], []
    for glyph in drawn:
        cut = _trimmed(np.divide(glyph, 255, dtype=np.float32))
        shapes.append(_normal(cut))
        aspects.append(cut.shape[1] / cut.shape[0])
    return np.stack(shapes), np.array(aspects, np.float32)
