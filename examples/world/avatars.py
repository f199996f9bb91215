"""Profile pictures of people who are not the brand: defaults, letters, colours, drawings.

All are drawn; each function gives RGB, `SIZE` pixels square. The first three sorts are what
platforms hand out themselves: alike across millions of accounts, evidence of nothing.
May import: Pillow.
"""

from __future__ import annotations

import math
from random import Random
from typing import Final

from PIL import Image, ImageDraw

SIZE: Final = 96
_SCALE: Final = 3

#: Strokes on a grid of 0..4 by 0..6, x to the right and y down.
_STROKES: Final = {
    "A": ("0,6 2,0 4,6", "1,4 3,4"),
    "E": ("4,0 0,0 0,6 4,6", "0,3 3,3"),
    "F": ("4,0 0,0 0,6", "0,3 3,3"),
    "H": ("0,0 0,6", "4,0 4,6", "0,3 4,3"),
    "K": ("0,0 0,6", "4,0 0,3 4,6"),
    "L": ("0,0 0,6 4,6",),
    "M": ("0,6 0,0 2,3 4,0 4,6",),
    "N": ("0,6 0,0 4,6 4,0",),
    "P": ("0,6 0,0 4,0 4,3 0,3",),
    "T": ("0,0 4,0", "2,0 2,6"),
    "V": ("0,0 2,6 4,0",),
    "W": ("0,0 1,6 2,2 3,6 4,0",),
    "Z": ("0,0 4,0 0,6 4,6",),
}
LETTERS: Final = tuple(_STROKES)
Colour = tuple[int, int, int]


def silhouette(ground: Colour, figure: Colour) -> Image.Image:
    """Head and shoulders."""
    image, draw = _canvas(ground)
    draw.ellipse(_box(32, 18, 64, 50), fill=figure)
    draw.ellipse(_box(16, 56, 80, 124), fill=figure)
    return _reduced(image)


def letter(char: str, ground: Colour) -> Image.Image:
    """char: one of LETTERS, white on ground."""
    image, draw = _canvas(ground)
    for stroke in _STROKES[char]:
        points = [
            ((32 + 8 * float(x)) * _SCALE, (24 + 8 * float(y)) * _SCALE)
            for x, y in (point.split(",") for point in stroke.split())
        ]
        draw.line(points, fill=(255, 255, 255), width=7 * _SCALE, joint="curve")
    return _reduced(image)


def flat(ground: Colour) -> Image.Image:
    """One colour."""
    return Image.new("RGB", (SIZE, SIZE), ground)


def shapes(rng: Random) -> Image.Image:
    """Three to six discs, boxes and triangles."""
    image, draw = _canvas(colour(rng))
    for _ in range(rng.randint(3, 6)):
        x, y, half = rng.randint(10, 86), rng.randint(10, 86), rng.randint(8, 36)
        fill = colour(rng)
        box = _box(x - half, y - half, x + half, y + half)
        match rng.randrange(3):
            case 0:
                draw.ellipse(box, fill=fill)
            case 1:
                draw.rectangle(box, fill=fill)
            case _:
                corner = rng.uniform(0, math.tau)
                points = [
                    (
                        (x + half * math.cos(corner + turn)) * _SCALE,
                        (y + half * math.sin(corner + turn)) * _SCALE,
                    )
                    for turn in (0, math.tau / 3, 2 * math.tau / 3)
                ]
                draw.polygon(points, fill=fill)
    return _reduced(image)


def landscape(rng: Random) -> Image.Image:
    """Hills under a sky, as on a holiday."""
    top, bottom = colour(rng), colour(rng)
    image, draw = _canvas(top)
    side = SIZE * _SCALE
    for y in range(side):
        mix = [round(a + (b - a) * y / side) for a, b in zip(top, bottom, strict=True)]
        draw.line((0, y, side, y), fill=(mix[0], mix[1], mix[2]))
    for layer in range(3):
        height = side * (0.5 + 0.15 * layer)
        phase, length = rng.uniform(0, math.tau), rng.uniform(0.6, 1.6)
        ridge = [
            (x, height + 0.08 * side * math.sin(phase + length * math.tau * x / side))
            for x in range(0, side + 1, 6)
        ]
        draw.polygon([(0, side), *ridge, (side, side)], fill=colour(rng))
    return _reduced(image)


def face(rng: Random) -> Image.Image:
    """A drawn face: somebody's own picture."""
    image, draw = _canvas(colour(rng))
    skin = rng.choice(((244, 208, 176), (214, 160, 118), (150, 100, 68), (96, 62, 44)))
    hair = rng.choice(((48, 32, 24), (120, 72, 30), (210, 170, 90), (130, 130, 136)))
    draw.rectangle(_box(20, 78, 76, 96), fill=colour(rng))
    draw.ellipse(_box(24, 12, 72, 66), fill=hair)
    draw.ellipse(_box(28, 22, 68, 82), fill=skin)
    gap = rng.randint(7, 11)
    for x in (48 - gap, 48 + gap):
        draw.ellipse(_box(x - 3, 44, x + 3, 50), fill=(30, 30, 34))
    draw.arc(_box(38, 54, 58, 54 + rng.randint(10, 18)), 10, 170, fill=(150, 50, 50), width=6)
    return _reduced(image)


def colour(rng: Random) -> Colour:
    """Any but the darkest."""
    return (rng.randint(40, 240), rng.randint(40, 240), rng.randint(40, 240))


def _canvas(ground: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (SIZE * _SCALE,) * 2, ground)
    return image, ImageDraw.Draw(image)


def _box(left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int]:
    return left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE


def _reduced(image: Image.Image) -> Image.Image:
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
