"""What impersonators do to a logo, as functions from picture to picture.

Each takes an RGB picture on a plain white ground and a seeded random source, so the same seed
gives the same pictures. After the protocol of the image study, one edit at a time.
May import: nothing of ours.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageOps

Edit = Callable[[Image.Image, random.Random], Image.Image]

_SIDE = 256
_WHITE = (255, 255, 255)


def unchanged(picture: Image.Image, _chosen: random.Random) -> Image.Image:
    """Only enlarged, as platforms do."""
    return picture.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)


def jpeg(picture: Image.Image, chosen: random.Random) -> Image.Image:
    """Recompressed, quality 30 to 70."""
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=chosen.randint(30, 70))
    return Image.open(packed).convert("RGB")


def small(picture: Image.Image, _chosen: random.Random) -> Image.Image:
    """64 x 64 pixels."""
    return picture.resize((64, 64), Image.Resampling.BICUBIC)


def inverted(picture: Image.Image, _chosen: random.Random) -> Image.Image:
    """The negative."""
    return ImageOps.invert(picture)


def greyscale(picture: Image.Image, _chosen: random.Random) -> Image.Image:
    """Without colour."""
    return picture.convert("L").convert("RGB")


def palette(picture: Image.Image, chosen: random.Random) -> Image.Image:
    """Few colours, 4 to 16, dithered."""
    few = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=chosen.randint(4, 16))
    return few.convert("RGB")


def framed(picture: Image.Image, chosen: random.Random) -> Image.Image:
    """A coloured frame of 5 % all round."""
    width = round(picture.width * 0.05)
    framed_picture = picture.copy()
    ImageDraw.Draw(framed_picture).rectangle(
        (0, 0, picture.width - 1, picture.height - 1), outline=_colour(chosen), width=width
    )
    return framed_picture


def rotated(picture: Image.Image, chosen: random.Random) -> Image.Image:
    """5 degrees, to either side."""
    return picture.rotate(chosen.choice((-5, 5)), Image.Resampling.BICUBIC, fillcolor=_WHITE)


def moved(picture: Image.Image, chosen: random.Random) -> Image.Image:
    """Shrunk to 60 % and put anywhere."""
    side = round(picture.width * 0.6)
    canvas = Image.new("RGB", picture.size, _WHITE)
    place = chosen.randint(0, picture.width - side), chosen.randint(0, picture.height - side)
    canvas.paste(picture.resize((side, side), Image.Resampling.BICUBIC), place)
    return canvas


def circled(picture: Image.Image, chosen: random.Random) -> Image.Image:
    """Cropped to a disc, on white, black or grey."""
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, picture.width - 1, picture.height - 1), fill=255)
    ground = chosen.choice((_WHITE, (0, 0, 0), (90, 90, 90)))
    canvas = Image.new("RGB", picture.size, ground)
    canvas.paste(picture, mask=mask)
    return canvas


def other_ground(picture: Image.Image, chosen: random.Random) -> Image.Image:
    """White replaced by a colour; what lies between the two is blended."""
    pixels = np.asarray(picture, np.float32)
    cover = np.clip((255 - pixels.min(axis=2, keepdims=True)) / 64, 0, 1)
    ground = np.array(_colour(chosen), np.float32)
    return Image.fromarray((pixels * cover + ground * (1 - cover)).astype(np.uint8))


def badged(picture: Image.Image, chosen: random.Random) -> Image.Image:
    """A blue tick, 22 to 32 % wide, in the lower right corner."""
    side = round(picture.width * chosen.uniform(0.22, 0.32))
    left, top = picture.width - side, picture.height - side
    badge = picture.copy()
    drawn = ImageDraw.Draw(badge)
    drawn.ellipse((left, top, picture.width - 1, picture.height - 1), fill=(29, 155, 240))
    tick = [(0.25, 0.5), (0.45, 0.7), (0.75, 0.3)]
    points = [(left + x * side, top + y * side) for x, y in tick]
    drawn.line(points, fill=_WHITE, width=max(side // 10, 1))
    return badge


#: In the order in which results are shown.
EDITS: Mapping[str, Edit] = {
    "unchanged": unchanged,
    "jpeg": jpeg,
    "64 px": small,
    "inverted": inverted,
    "greyscale": greyscale,
    "palette": palette,
    "framed 5 %": framed,
    "rotated 5 degrees": rotated,
    "moved, 60 %": moved,
    "circle crop": circled,
    "other background": other_ground,
    "badge": badged,
}


def _colour(chosen: random.Random) -> tuple[int, int, int]:
    """Far from white, so that it shows."""
    return chosen.randint(0, 200), chosen.randint(0, 200), chosen.randint(0, 200)
