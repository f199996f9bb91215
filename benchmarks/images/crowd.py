"""Simple marks that many logos resemble: letters and shapes, drawn at random.

What is near to many of these is ordinary, and needs more evidence (`detectors.images.descriptor`,
its crowd). Drawn otherwise than the benchmark's own default avatars, with other code and other
proportions, so that those stay a fair trial.
May import: benchmarks.images.compositing.
"""

from __future__ import annotations

import math
import random
import string

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.images.compositing import SIDE, Rgb, any_colour, plain

_HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX,
)  # fmt: skip
_MIDDLE = SIDE / 2


def letters(chosen: random.Random) -> Rgb:
    """One letter or digit, of every fourth two, thin to bold, some slanted or narrow."""
    picture = plain(any_colour(chosen))
    ink = chosen.choice(((255, 255, 255), (20, 20, 20)))
    text = chosen.choice(string.ascii_uppercase + string.digits)
    if chosen.random() < 0.25:
        text += chosen.choice(string.ascii_uppercase)
    size = chosen.uniform(0.3, 0.65) * SIDE
    if chosen.random() < 0.6:
        drawn = Image.fromarray(picture)
        ImageDraw.Draw(drawn).text(
            (_MIDDLE, _MIDDLE), text, fill=ink, font=ImageFont.load_default(size=size),
            anchor="mm", stroke_width=chosen.choice((0, 0, 2, 4, 7)), stroke_fill=ink,
        )  # fmt: skip
        picture = np.array(drawn)
    else:
        face, scale, thick = chosen.choice(_HERSHEY), size / 24, chosen.randint(4, 26)
        (width, height), _ = cv2.getTextSize(text, face, scale, thick)
        at = round(_MIDDLE - width / 2), round(_MIDDLE + height / 2)
        cv2.putText(picture, text, at, face, scale, ink, thick, cv2.LINE_AA)
    if chosen.random() < 0.3:
        slant, high = chosen.uniform(-0.25, 0.25), chosen.uniform(0.8, 1.3)
        matrix = np.array([[1, slant, -slant * _MIDDLE], [0, high, _MIDDLE * (1 - high)]])
        picture = cv2.warpAffine(picture, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(picture, np.uint8)


def shapes(chosen: random.Random) -> Rgb:
    """One to three discs, rings, bars, polygons, stars, arcs, drops or hearts."""
    picture = plain(any_colour(chosen))
    for _ in range(chosen.choice((1, 1, 1, 2, 2, 3))):
        centre = np.array([chosen.randint(80, 176), chosen.randint(80, 176)], np.float64)
        points = chosen.choice((_ellipse, _bar, _polygon, _star, _drop, _heart))(chosen)
        outline = np.round(centre + chosen.randint(25, 85) * points).astype(np.int32)
        if chosen.random() < 0.4:
            thick = chosen.choice((8, 16, 28))
            is_closed = chosen.random() < 0.8
            cv2.polylines(picture, [outline], is_closed, any_colour(chosen), thick, cv2.LINE_AA)
        else:
            cv2.fillPoly(picture, [outline], any_colour(chosen), cv2.LINE_AA)
    return picture


def _round(count: int = 72) -> np.ndarray:
    return np.linspace(0, 2 * math.pi, count, endpoint=False)


def _turned(points: np.ndarray, angle: float) -> np.ndarray:
    cosine, sine = math.cos(angle), math.sin(angle)
    return points @ np.array([[cosine, sine], [-sine, cosine]])


def _ellipse(chosen: random.Random) -> np.ndarray:
    flat = 1.0 if chosen.random() < 0.6 else chosen.uniform(0.4, 1)
    ellipse = np.stack([np.cos(_round()), flat * np.sin(_round())], axis=1)
    return _turned(ellipse, chosen.uniform(0, math.pi))


def _bar(chosen: random.Random) -> np.ndarray:
    high = chosen.uniform(0.3, 1)
    bar = np.array([(-1, -high), (1, -high), (1, high), (-1, high)])
    return _turned(bar, chosen.choice((0, 0, math.pi / 4, chosen.uniform(0, math.pi / 2))))


def _polygon(chosen: random.Random) -> np.ndarray:
    corners = _round(chosen.randint(3, 8)) - math.pi / 2
    turn = 0 if chosen.random() < 0.5 else chosen.uniform(0, 2 * math.pi)
    return _turned(np.stack([np.cos(corners), np.sin(corners)], axis=1), turn)


def _star(chosen: random.Random) -> np.ndarray:
    points = chosen.randint(3, 8)
    corners = _round(2 * points) - math.pi / 2
    radius = np.where(np.arange(2 * points) % 2, chosen.uniform(0.35, 0.6), 1)
    turn = 0 if chosen.random() < 0.5 else chosen.uniform(0, 2 * math.pi)
    return _turned(np.stack([radius * np.cos(corners), radius * np.sin(corners)], axis=1), turn)


def _drop(chosen: random.Random) -> np.ndarray:
    along = _round()
    return np.stack(
        [np.sin(along) * np.sin(along / 2) ** chosen.uniform(1, 3), -np.cos(along)], axis=1
    )


def _heart(_chosen: random.Random) -> np.ndarray:
    along = _round()
    down = 13 * np.cos(along) - 5 * np.cos(2 * along) - 2 * np.cos(3 * along) - np.cos(4 * along)
    return np.stack([np.sin(along) ** 3, -down / 16], axis=1)
