"""Pictures that show nobody's logo: what platforms draw for people without a picture, and more.

Letters on a colour, the head and shoulders of nobody in particular, one colour, a gradient,
symmetric tiles made from a digest, and random shapes. Each is made from a seeded random source.
May import: benchmarks.images.compositing, benchmarks.images.photographs.
"""

from __future__ import annotations

import math
import random
import string
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.images.compositing import (
    SIDE,
    WHITE,
    Colour,
    Rgb,
    any_colour,
    gradient,
    luminance,
    plain,
    within_disc,
)
from benchmarks.images.photographs import photo_crop

Drawn = Callable[[random.Random], Rgb]

#: Soft and strong grounds such as people without a picture are given.
_GREYS: tuple[Colour, ...] = ((204, 214, 221), (189, 189, 189), (239, 241, 243), (120, 130, 140))
_LETTERS = string.ascii_uppercase * 6 + string.digits + "ÄÉÖÜÑ"


def letter(chosen: random.Random) -> Rgb:
    """One letter in the middle of a colour, square or round."""
    return _initials(chosen.choice(_LETTERS), chosen)


def initials(chosen: random.Random) -> Rgb:
    """One letter; of every fifth, two."""
    count = 2 if chosen.random() < 0.2 else 1
    return _initials("".join(chosen.choice(string.ascii_uppercase) for _ in range(count)), chosen)


def _initials(text: str, chosen: random.Random) -> Rgb:
    colour = any_colour(chosen)
    dark = float(luminance(colour)) < 150
    ink: Colour = (255, 255, 255) if dark else (33, 33, 33)
    size = SIDE * chosen.uniform(0.38, 0.62) / (1 if len(text) == 1 else 1.35)
    if chosen.random() < 0.2:
        text = text.lower()
    # Pillow's own typeface has ASCII alone.
    if text.isascii() and chosen.random() < 0.5:
        drawn = Image.fromarray(plain(colour))
        font = ImageFont.load_default(size=size)
        ImageDraw.Draw(drawn).text((SIDE / 2, SIDE / 2), text, ink, font=font, anchor="mm")
        made = np.asarray(drawn, np.uint8)
    else:
        made = _in_opencv(text, plain(colour), ink, size, chosen.choice((300, 400, 600)))
    return within_disc(made, WHITE) if chosen.random() < 0.35 else made


def _in_opencv(text: str, picture: Rgb, ink: Colour, size: float, weight: int) -> Rgb:
    """In one of the typefaces that come inside OpenCV; Pillow's is the other.

    The gate knows the upright ones' capitals. Slanted and small letters are nobody's templates.
    """
    face = cv2.FontFace("italic" if weight == 600 else "sans")
    pixels = round(size)
    box = cv2.getTextSize((SIDE, SIDE), text, (0, 0), face, pixels, weight)
    left = round((SIDE - box[2]) / 2 - box[0])
    base = round((SIDE - box[3]) / 2 - box[1])
    cv2.putText(picture, text, (left, base), ink, face, pixels, weight)
    return picture


def silhouette(chosen: random.Random) -> Rgb:
    """Head and shoulders on a plain ground, square or round."""
    ground = chosen.choice(_GREYS) if chosen.random() < 0.6 else any_colour(chosen)
    light = float(luminance(ground)) > 140
    shade = chosen.uniform(0.45, 0.75)
    ink = WHITE if not light or chosen.random() < 0.5 else _darker(ground, shade)
    made = plain(ground)
    head = chosen.uniform(0.15, 0.21) * SIDE
    middle = chosen.uniform(0.34, 0.42) * SIDE
    shoulders = chosen.uniform(0.28, 0.42) * SIDE, chosen.uniform(0.24, 0.40) * SIDE
    foot = middle + head + chosen.uniform(0.04, 0.08) * SIDE + shoulders[1]
    if chosen.random() < 0.7:
        foot = max(foot, SIDE * 0.98)
    centre = round(SIDE / 2 * 16)
    cv2.circle(made, (centre, round(middle * 16)), round(head * 16), ink, -1, cv2.LINE_AA, 4)
    axes = round(shoulders[0] * 16), round(shoulders[1] * 16)
    cv2.ellipse(
        made, (centre, round(foot * 16)), axes, 0, 180, 360, ink, -1, cv2.LINE_AA, 4
    )  # fmt: skip
    return within_disc(made, WHITE) if chosen.random() < 0.35 else made


def flat(chosen: random.Random) -> Rgb:
    """One colour, or a gradient of two; half of each, some round."""
    if chosen.random() < 0.5:
        made = plain(any_colour(chosen))
    else:
        made = gradient(any_colour(chosen), any_colour(chosen), chosen.uniform(0, 2 * math.pi))
    return within_disc(made, WHITE) if chosen.random() < 0.25 else made


def tiles(chosen: random.Random) -> Rgb:
    """5 x 5 tiles, the left half mirrored, in one colour: drawn from a digest of the name."""
    half = np.array([[chosen.random() < 0.5 for _ in range(3)] for _ in range(5)])
    grid = np.concatenate([half, half[:, 1::-1]], axis=1)
    margin = 0 if chosen.random() < 0.3 else round(SIDE / 12)
    tile = (SIDE - 2 * margin) // 5
    made = plain((240, 240, 240) if chosen.random() < 0.7 else WHITE)
    inside = np.kron(grid, np.ones((tile, tile), np.bool_))
    colour = _darker(any_colour(chosen), 0.85)
    made[margin : margin + 5 * tile, margin : margin + 5 * tile][inside] = colour
    return made


def shapes(chosen: random.Random) -> Rgb:
    """One to four regular shapes, stars, rings and bars on a plain ground."""
    made = plain(any_colour(chosen))
    for _ in range(chosen.randint(1, 4)):
        _shape(made, chosen)
    return made


def _shape(made: Rgb, chosen: random.Random) -> None:
    colour = any_colour(chosen)
    radius = chosen.uniform(0.12, 0.4) * SIDE
    x, y = (chosen.uniform(radius, SIDE - radius) for _ in range(2))
    middle = round(x * 16), round(y * 16)
    kind = chosen.choice(("disc", "ring", "polygon", "star", "bar"))
    if kind == "disc":
        cv2.circle(made, middle, round(radius * 16), colour, -1, cv2.LINE_AA, 4)
        return
    if kind == "ring":
        thick = max(2, round(radius * chosen.uniform(0.15, 0.4)))
        inner = round((radius - thick / 2) * 16)
        cv2.circle(made, middle, inner, colour, thick, cv2.LINE_AA, 4)
        return
    if kind == "bar":
        corners = 4
        reach = np.array([1.0, 1.0, 1.0, 1.0])
        lean = chosen.uniform(0.15, 0.5)
        angles = np.array([-lean, lean, math.pi - lean, math.pi + lean])
    else:
        corners = chosen.randint(3, 8)
        angles = np.arange(corners) * 2 * math.pi / corners
        reach = np.ones(corners)
        if kind == "star":
            angles = np.arange(2 * corners) * math.pi / corners
            reach = np.where(np.arange(2 * corners) % 2, chosen.uniform(0.35, 0.6), 1.0)
    angles = angles + chosen.uniform(0, 2 * math.pi)
    corner = np.stack([x + radius * reach * np.cos(angles), y + radius * reach * np.sin(angles)], 1)
    cv2.fillPoly(made, [np.round(corner * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def photo(part: str) -> Drawn:
    """Windows of that part's photographs."""

    def crop(chosen: random.Random) -> Rgb:
        return photo_crop(part, chosen)

    return crop


def _darker(colour: Colour, factor: float) -> Colour:
    return round(colour[0] * factor), round(colour[1] * factor), round(colour[2] * factor)


#: Beside logos and photographs, what a picture without any watched logo may be; how many.
DISTRACTORS: Mapping[str, tuple[Drawn, int]] = {
    "letter": (letter, 270),
    "silhouette": (silhouette, 100),
    "flat": (flat, 100),
    "shapes": (shapes, 200),
}
#: What platforms give to people without a picture; 1,000 in all.
DEFAULTS: Mapping[str, tuple[Drawn, int]] = {
    "initials": (initials, 400),
    "silhouette": (silhouette, 250),
    "tiles": (tiles, 250),
    "flat": (flat, 100),
}
