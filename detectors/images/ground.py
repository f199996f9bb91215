"""Pillow's picture, whatever its mode, as eight-bit pixels on a plain ground.

Two black logos on transparency are the same file to whoever drops the alpha channel: all black.
So what is transparent is laid over white, or over dark grey where what is opaque is light, and
the cover is kept. Colour profiles are ignored: a hue that is slightly off changes no shape.
May import: detectors.images.picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from detectors.images.picture import FRAME_SIDE, LARGE_SIDE, Frame, Pixels, Role

#: Grey levels of the ground under light pictures. Not black: a white logo's soft black shadow
#: would be swallowed.
DARK_GROUND = 32
#: Mean level of the opaque part from which a picture counts as light.
LIGHT = 208

#: What is more opaque is opaque: encoders round.
_OPAQUE = 250

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounded:
    """One picture at both sizes, and what was noticed on the way."""

    frame: Frame
    large: Pixels | None
    notes: frozenset[str]  #: of picture.Picture.notes, those that a mode tells


def on_ground(image: Image.Image, *, role: Role, orientation: int, with_large: bool) -> Grounded:
    """image: loaded, any mode; orientation: EXIF's, 1 to 8 (all else is 1).

    ValueError and what else Pillow raises where a mode cannot be converted.
    """
    notes = set()
    if image.mode == "CMYK":
        notes.add("cmyk")
    if image.mode.startswith("I") or image.mode == "F":
        notes.add("16-bit")
    if orientation in _TURNS:
        notes.add("turned")
    plain = _eight_bit(image)
    large_form = None
    if with_large and max(image.size) > FRAME_SIDE:
        large_form = _at_most(plain, LARGE_SIDE)
    small = _at_most(plain if large_form is None else large_form, FRAME_SIDE)
    if orientation in _TURNS:
        small = small.transpose(_TURNS[orientation])
        large_form = None if large_form is None else large_form.transpose(_TURNS[orientation])
    cover, ground = None, 255
    if small.mode == "RGBA":
        cover, ground = _cover_and_ground(small)
    if cover is not None:
        notes.add("transparent")
    return Grounded(
        frame=Frame(pixels=_composed(small, ground), cover=cover, role=role),
        large=None if large_form is None else _composed(large_form, ground),
        notes=frozenset(notes),
    )


def _at_most(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    scale = side / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    # Whole blocks of pixels are averaged first; the filter then has three to choose from for
    # each it makes. As sharp as bicubic for what becomes smaller, in half the time.
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=3.0)


def _eight_bit(image: Image.Image) -> Image.Image:
    """RGBA where anything may be transparent, RGB otherwise."""
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep_grey(image)
    if image.mode in ("LAB", "HSV"):
        # Rare and TIFF's alone: the lightness carries the shape.
        return image.getchannel(0 if image.mode == "LAB" else 2).convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """Pillow's own conversion cuts 16-bit levels off at 255: all would be white."""
    levels = np.nan_to_num(np.asarray(image), nan=0, posinf=0, neginf=0)
    if image.mode.startswith("I;16"):
        scaled = levels >> 8
    else:
        lowest, highest = float(levels.min()), float(levels.max())
        if lowest >= 0 and highest <= 1:  # the custom for floating point
            lowest, highest = 0, 1
        elif lowest >= 0 and highest <= 255:
            lowest, highest = 0, 255
        elif lowest >= 0 and highest <= 65535:
            lowest, highest = 0, 65535
        scaled = (levels - lowest) * (255 / (highest - lowest))
    grey = Image.fromarray(scaled.astype(np.uint8))
    see_through = image.info.get("transparency")
    if not isinstance(see_through, int):
        return grey.convert("RGB")
    cover = Image.fromarray(np.where(levels == see_through, 0, 255).astype(np.uint8))
    return Image.merge("RGBA", (grey, grey, grey, cover))


def _cover_and_ground(image: Image.Image) -> tuple[npt.NDArray[np.uint8] | None, int]:
    """The alpha channel, None where all is opaque, and the level of the ground to lay under."""
    pixels = np.asarray(image)
    cover = np.ascontiguousarray(pixels[..., 3])
    if int(cover.min()) >= _OPAQUE:
        return None, 255
    weights = cover.astype(np.float32)
    seen = float(weights.sum())
    lightness = float((pixels[..., :3].mean(axis=2) * weights).sum()) / max(seen, 1.0)
    return cover, DARK_GROUND if lightness > LIGHT else 255


def _composed(image: Image.Image, ground: int) -> Pixels:
    if image.mode == "RGBA":
        plain = Image.new("RGBA", image.size, (ground, ground, ground, 255))
        image = Image.alpha_composite(plain, image).convert("RGB")
    return np.array(image, dtype=np.uint8)
