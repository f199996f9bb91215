"""Logos put on grounds: what every edit and every page is made of.

A logo is an RGBA array, tight at the box of its alpha, longest side 256. A ground is an RGB
array. Pixels travel as uint8 and are blended with premultiplied alpha, so that no dark or white
fringe tells where a drawing was cut out.
May import: nothing of ours.
"""

from __future__ import annotations

import math
import random

import cv2
import numpy as np
import numpy.typing as npt

Rgba = npt.NDArray[np.uint8]  #: (h, w, 4), alpha not premultiplied
Rgb = npt.NDArray[np.uint8]  #: (h, w, 3)
Colour = tuple[int, int, int]

#: Side of every avatar, pixels, unless an edit says otherwise.
SIDE = 256
#: How much of the side the longest side of a logo takes on a reference picture.
SHARE = 0.7
WHITE: Colour = (255, 255, 255)
DARK: Colour = (24, 24, 24)
#: A logo whose mean luminance lies above would vanish on white.
_LIGHT = 200.0
#: RGB distance below which a colour is lost on another.
_LOST = 70.0


def luminance(pixels: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """pixels: (..., 3 or more), RGB first. 0 to 255, Rec. 601 weights."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(np.asarray(pixels, np.float32)[..., :3] @ weights, np.float32)


def mean_colour(logo: Rgba) -> Colour:
    """Of what is seen of it."""
    cover = logo[..., 3].astype(np.float32)
    total = max(float(cover.sum()), 1.0)
    red, green, blue = ((logo[..., :3] * cover[..., None]).sum(axis=(0, 1)) / total).tolist()
    return round(red), round(green), round(blue)


def is_light(logo: Rgba) -> bool:
    return float(luminance(mean_colour(logo))) > _LIGHT


def own_ground(logo: Rgba) -> Colour:
    """White; dark for a light logo."""
    return DARK if is_light(logo) else WHITE


def any_colour(chosen: random.Random) -> Colour:
    return chosen.randint(0, 255), chosen.randint(0, 255), chosen.randint(0, 255)


def contrasting(logo: Rgba, chosen: random.Random) -> Colour:
    """A random colour on which hardly a pixel of the logo is lost; the best of a dozen."""
    seen = logo[logo[..., 3] > 128][:, :3][::37].astype(np.float32)
    best, least = WHITE, math.inf
    for _ in range(12):
        colour = any_colour(chosen)
        lost = float((((seen - colour) ** 2).sum(axis=1) < _LOST**2).mean()) if len(seen) else 0.0
        if lost < 0.05:
            return colour
        if lost < least:
            best, least = colour, lost
    return best


def unlike(colour: Colour, chosen: random.Random) -> Colour:
    """A random colour that is well seen beside this one."""
    while math.dist(made := any_colour(chosen), colour) < 2 * _LOST:
        pass
    return made


def plain(colour: Colour, side: int = SIDE) -> Rgb:
    return np.full((side, side, 3), colour, np.uint8)


def gradient(first: Colour, second: Colour, angle: float, side: int = SIDE) -> Rgb:
    """Linear, from corner to corner. angle: radians."""
    across = np.linspace(-1, 1, side, dtype=np.float32)
    along = math.cos(angle) * across[None, :] + math.sin(angle) * across[:, None]
    along = (along - along.min()) / max(float(np.ptp(along)), 1e-6)
    ends = np.array([first, second], np.float32)
    return np.asarray(ends[0] + along[..., None] * (ends[1] - ends[0]), np.uint8)


def place(
    logo: Rgba,
    ground: Rgb,
    share: float = SHARE,
    *,
    centre: tuple[float, float] = (0.5, 0.5),
    angle: float = 0.0,
    stretch: tuple[float, float] = (1.0, 1.0),
) -> Rgb:
    """The logo on a copy of the ground.

    share: its longest side before stretching, of the ground's shorter side. centre: (x, y), of
    the ground's sides. angle: degrees, counter-clockwise. What sticks out is cut off.
    """
    height, width = ground.shape[:2]
    factor = share * min(height, width) / max(logo.shape[:2])
    size = (
        max(1, round(logo.shape[1] * factor * stretch[0])),
        max(1, round(logo.shape[0] * factor * stretch[1])),
    )
    kind = cv2.INTER_AREA if size[0] <= logo.shape[1] else cv2.INTER_CUBIC
    layer = cv2.resize(premultiplied(logo), size, interpolation=kind)
    x, y = centre[0] * width, centre[1] * height
    if angle:
        turn = cv2.getRotationMatrix2D(((size[0] - 1) / 2, (size[1] - 1) / 2), angle, 1.0)
        turn[:, 2] += x - size[0] / 2, y - size[1] / 2
        layer = cv2.warpAffine(layer, turn, (width, height), flags=cv2.INTER_LINEAR)
        left = top = 0
    else:
        left, top = round(x - size[0] / 2), round(y - size[1] / 2)
    return blend(np.asarray(np.clip(layer, 0, 255), np.float32), ground, left, top)


def premultiplied(logo: Rgba) -> npt.NDArray[np.float32]:
    """(h, w, 4), 0 to 255."""
    layer = logo.astype(np.float32)
    layer[..., :3] *= layer[..., 3:] / 255
    return layer


def blend(layer: npt.NDArray[np.float32], ground: Rgb, left: int, top: int) -> Rgb:
    """layer: premultiplied; its upper left corner comes to (left, top), which may be outside."""
    made = ground.copy()
    height, width = ground.shape[:2]
    rows = slice(max(top, 0), min(top + layer.shape[0], height))
    columns = slice(max(left, 0), min(left + layer.shape[1], width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return made
    part = layer[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    under = made[rows, columns] * (1 - part[..., 3:] / 255)
    made[rows, columns] = np.clip(part[..., :3] + under + 0.5, 0, 255).astype(np.uint8)
    return made


def disc(side: int) -> npt.NDArray[np.float32]:
    """(side, side, 1): 1 inside the inscribed circle, smooth at its edge."""
    mask = np.zeros((side, side), np.uint8)
    # shift=1: the centre lies between pixels, at half of a pixel.
    cv2.circle(mask, (side - 1, side - 1), side - 1, 255, -1, cv2.LINE_AA, 1)
    return np.asarray(mask[..., None] / np.float32(255), np.float32)


def within_disc(picture: Rgb, outside: Colour) -> Rgb:
    """The square picture cut to its inscribed circle."""
    mask = disc(picture.shape[0])
    inside = picture * mask + np.array(outside, np.float32) * (1 - mask)
    return np.asarray(inside + 0.5, np.uint8)


def png(picture: Rgb | Rgba) -> bytes:
    """Lossless; quick rather than small."""
    swap = cv2.COLOR_RGB2BGR if picture.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
    _, packed = cv2.imencode(".png", cv2.cvtColor(picture, swap), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    return packed.tobytes()


def jpeg(picture: Rgb, quality: int) -> bytes:
    """quality: 1 to 100, as libjpeg counts."""
    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, packed = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return packed.tobytes()


def unpacked(data: bytes) -> Rgb:
    """The picture of bytes that `png` or `jpeg` made, without alpha."""
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if read is None:
        raise ValueError("Not a picture that was made here.")
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8)
