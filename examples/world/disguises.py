"""What impersonators do to a logo before they put it up as their own picture.

Each takes an RGB picture and gives an RGB picture; the names stand in labels.csv.
May import: Pillow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageOps

_GREY: Final = (203, 207, 212)
_TICK: Final = (29, 155, 240)


def reduced(logo: Image.Image) -> Image.Image:
    """Half the size."""
    return logo.resize((logo.width // 2, logo.height // 2), Image.Resampling.BICUBIC)


def inverted(logo: Image.Image) -> Image.Image:
    """The negative."""
    return ImageOps.invert(logo)


def greyscale(logo: Image.Image) -> Image.Image:
    """Without colour."""
    return logo.convert("L").convert("RGB")


def other_background(logo: Image.Image) -> Image.Image:
    """The colour of the corner exchanged for another, edges included."""
    paper = Image.new("RGB", logo.size, logo.getpixel((2, 2)))
    distance = ImageChops.difference(logo, paper).convert("L")
    shape = distance.point(lambda level: min(255, level * 4))
    return Image.composite(logo, Image.new("RGB", logo.size, (233, 84, 98)), shape)


def circle(logo: Image.Image) -> Image.Image:
    """Cut to a disc, as most platforms show it."""
    mask = Image.new("L", logo.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, logo.width - 1, logo.height - 1), fill=255)
    return Image.composite(logo, Image.new("RGB", logo.size, (255, 255, 255)), mask)


def badge(logo: Image.Image) -> Image.Image:
    """A blue disc with a tick in the corner: "verified"."""
    image = logo.copy()
    draw = ImageDraw.Draw(image)
    side = logo.width
    draw.ellipse((side * 0.66, side * 0.66, side * 0.98, side * 0.98), fill=_TICK)
    tick = [(0.74, 0.83), (0.80, 0.89), (0.91, 0.76)]
    draw.line([(x * side, y * side) for x, y in tick], fill=(255, 255, 255), width=side // 32)
    return image


def bordered(logo: Image.Image) -> Image.Image:
    """Shrunk inside a wide border."""
    inner = logo.resize((round(logo.width * 0.7),) * 2, Image.Resampling.BICUBIC)
    image = Image.new("RGB", logo.size, _GREY)
    image.paste(inner, (round(logo.width * 0.15),) * 2)
    return image


def cropped(logo: Image.Image) -> Image.Image:
    """A tenth cut from every side."""
    cut = logo.width // 10
    return logo.crop((cut, cut, logo.width - cut, logo.height - cut))


def turned(logo: Image.Image) -> Image.Image:
    """Tilted by eight degrees."""
    return logo.rotate(8, Image.Resampling.BICUBIC, fillcolor=logo.getpixel((2, 2)))


def washed_out(logo: Image.Image) -> Image.Image:
    """Paler, as after many uploads."""
    return ImageEnhance.Contrast(logo).enhance(0.55)


DISGUISES: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "reduced": reduced,
    "inverted": inverted,
    "greyscale": greyscale,
    "other-background": other_background,
    "circle": circle,
    "badge": badge,
    "bordered": bordered,
    "cropped": cropped,
    "turned": turned,
    "washed-out": washed_out,
}
