"""The two logos, drawn from primitives so that no font and no foreign picture is needed.

Waldermond: three firs before a rising moon. Peer: a striped pear with a leaf.
Drawn four times too large and reduced, because Pillow's primitives have hard edges.
May import: Pillow, world.companies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

from world.companies import BANK, SHOP

SIZE: Final = 256
_SCALE: Final = 4

_NIGHT: Final = (18, 58, 74)
_MOON: Final = (244, 201, 93)
_FIR: Final = (91, 158, 128)
_PAPER: Final = (255, 250, 240)
_PEAR: Final = (124, 172, 46)
_STRIPE: Final = (214, 232, 152)
_LEAF: Final = (36, 96, 52)


def waldermond() -> Image.Image:
    """RGB, 256 x 256."""
    image = Image.new("RGB", (SIZE * _SCALE,) * 2, _NIGHT)
    draw = ImageDraw.Draw(image)
    _disc(draw, (128, 112), 84, _MOON)
    _disc(draw, (158, 94), 70, _NIGHT)
    for x, top, half in ((68, 126, 38), (188, 132, 36), (128, 88, 48)):
        _fir(draw, x, top, half)
    draw.rectangle(_scaled(0, 226, 256, 256), fill=_MOON)
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def peer() -> Image.Image:
    """RGB, 256 x 256."""
    big = (SIZE * _SCALE,) * 2
    shape = Image.new("L", big, 0)
    outline = ImageDraw.Draw(shape)
    _disc(outline, (120, 168), 70, 255)
    _disc(outline, (134, 96), 38, 255)
    outline.polygon(
        [(x * _SCALE, y * _SCALE) for x, y in ((55, 142), (98, 84), (171, 104), (187, 148))],
        fill=255,
    )
    flesh = Image.new("RGB", big, _PEAR)
    stripes = ImageDraw.Draw(flesh)
    for left, width in ((58, 8), (76, 16), (104, 6), (122, 20), (154, 8), (172, 12)):
        stripes.rectangle(_scaled(left, 132, left + width, 250), fill=_STRIPE)
    image = Image.new("RGB", big, _PAPER)
    image.paste(flesh, mask=shape)
    draw = ImageDraw.Draw(image)
    draw.line(_scaled(138, 66, 150, 22), fill=_LEAF, width=9 * _SCALE)
    draw.chord(_scaled(146, 14, 226, 72), start=160, end=350, fill=_LEAF)
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _fir(draw: ImageDraw.ImageDraw, x: int, top: int, half: int) -> None:
    for step in range(3):
        width = half * (step + 1.6) / 3.6
        upper = top + step * half * 0.72
        lower = upper + half * 1.15
        points = [(x, upper), (x - width, lower), (x + width, lower)]
        draw.polygon([(px * _SCALE, py * _SCALE) for px, py in points], fill=_FIR)
    draw.rectangle(_scaled(x - 5, top + half * 2, x + 5, 230), fill=_FIR)


def _disc(
    draw: ImageDraw.ImageDraw,
    centre: tuple[int, int],
    radius: int,
    fill: int | tuple[int, int, int],
) -> None:
    x, y = centre
    draw.ellipse(_scaled(x - radius, y - radius, x + radius, y + radius), fill=fill)


def _scaled(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    return tuple(side * _SCALE for side in (left, top, right, bottom))


LOGOS: Final[dict[str, Callable[[], Image.Image]]] = {BANK: waldermond, SHOP: peer}
