"""What impersonators do to a logo: 29 edits, each from a drawing to the bytes of a picture.

An edit takes the canvas of one brand and a seeded random source, so the same seed gives the same
bytes. Pictures are PNG of 256 x 256 unless the edit recompresses or shrinks: one edit at a time,
and "combo" for several at once. Parameters are uniform in the ranges that each function names.
May import: benchmarks.images.compositing, benchmarks.images.photographs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.images.compositing import (
    DARK,
    SIDE,
    WHITE,
    Colour,
    Rgb,
    Rgba,
    contrasting,
    gradient,
    jpeg,
    luminance,
    mean_colour,
    own_ground,
    place,
    plain,
    png,
    unlike,
    within_disc,
)
from benchmarks.images.photographs import photo_crop

#: What a round picture stands on: white, black, dark, grey.
_OUTSIDE: tuple[Colour, ...] = (WHITE, (0, 0, 0), (21, 32, 43), (128, 128, 128))
_BADGE_BLUE: Colour = (29, 155, 240)
_WORDS = ("OFFICIAL", "Support", "AIRDROP", "Help Center", "Giveaway", "VERIFIED", "Rewards",
          "24/7 Service", "Japan", "Promo", "CLAIM NOW", "Customer Care")  # fmt: skip
_TURN_OF_COMBO = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """One brand's drawing, and the picture that its reference shows."""

    logo: Rgba
    ground: Colour  #: white; dark for a light logo
    part: str = "test"  #: whose photographs lie behind it

    @property
    def picture(self) -> Rgb:
        """The logo on its plain ground, as every edit of a whole picture starts."""
        return place(self.logo, plain(self.ground))


Edit = Callable[[Canvas, random.Random], bytes]


def canvas(logo: Rgba, part: str = "test") -> Canvas:
    return Canvas(logo=logo, ground=own_ground(logo), part=part)


def unchanged(given: Canvas, _chosen: random.Random) -> bytes:
    """The logo file itself, without the reference's compression."""
    return png(given.picture)


def recompressed(given: Canvas, chosen: random.Random) -> bytes:
    """JPEG of quality 30 to 70."""
    return jpeg(given.picture, chosen.randint(30, 70))


def _resized(side: int) -> Edit:
    def shrink(given: Canvas, _chosen: random.Random) -> bytes:
        return png(_to_side(given.picture, side))

    return shrink


def _to_side(picture: Rgb, side: int) -> Rgb:
    made = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(made, np.uint8)


def circle(given: Canvas, chosen: random.Random) -> bytes:
    """Cut to a disc, as platforms show avatars."""
    return png(within_disc(given.picture, chosen.choice(_OUTSIDE)))


def circle_own_colour(given: Canvas, chosen: random.Random) -> bytes:
    """A disc in another colour, the logo on it at 50 to 62 %, so that its corners fit."""
    ground = plain(contrasting(given.logo, chosen))
    placed = place(given.logo, ground, chosen.uniform(0.5, 0.62))
    return png(within_disc(placed, chosen.choice(_OUTSIDE)))


def enlarged(given: Canvas, chosen: random.Random) -> bytes:
    """85 to 100 % of the frame."""
    return png(place(given.logo, plain(given.ground), chosen.uniform(0.85, 1.0)))


def moved(given: Canvas, chosen: random.Random) -> bytes:
    """45 to 60 % of the frame, anywhere in it."""
    share = chosen.uniform(0.45, 0.6)
    longest = max(given.logo.shape[:2])
    wide, high = (share * side / longest for side in (given.logo.shape[1], given.logo.shape[0]))
    centre = chosen.uniform(wide / 2, 1 - wide / 2), chosen.uniform(high / 2, 1 - high / 2)
    return png(place(given.logo, plain(given.ground), share, centre=centre))


def shrunk(given: Canvas, _chosen: random.Random) -> bytes:
    """40 % of the frame, in its middle."""
    return png(place(given.logo, plain(given.ground), 0.4))


def other_ground(given: Canvas, chosen: random.Random) -> bytes:
    """A random colour on which the logo is seen."""
    return png(place(given.logo, plain(contrasting(given.logo, chosen))))


def inverted(given: Canvas, _chosen: random.Random) -> bytes:
    """A white silhouette on the brand's colour (dark where that is light); the negative of
    logos of several colours and of plates."""
    if not is_one_colour(given.logo) or opaque(given.logo):
        return png(255 - given.picture)
    colour = mean_colour(given.logo)
    ink = WHITE if float(luminance(colour)) < 170 else DARK
    return png(place(silhouette(given.logo, ink), plain(colour)))


def hue_shifted(given: Canvas, chosen: random.Random) -> bytes:
    """60 to 180 degrees around the colour circle, either way."""
    return png(place(_turned_hue(given.logo, _far_hue(chosen)), plain(given.ground)))


def one_colour(given: Canvas, chosen: random.Random) -> bytes:
    """Its outline filled with a random colour."""
    return png(place(_random_silhouette(given, chosen), plain(given.ground)))


def greyscale(given: Canvas, _chosen: random.Random) -> bytes:
    grey = cv2.cvtColor(given.picture, cv2.COLOR_RGB2GRAY)
    return png(np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8))


def colour_edit(given: Canvas, chosen: random.Random) -> bytes:
    """The whole picture: hue by 20 degrees, saturation 0.7 to 1.3, value 0.8 to 1.15."""
    turn = chosen.uniform(-20, 20)
    scale = 1.0, chosen.uniform(0.7, 1.3), chosen.uniform(0.8, 1.15)
    return png(_in_hsv(given.picture, turn, scale))


def turned_little(given: Canvas, chosen: random.Random) -> bytes:
    """2 to 10 degrees, either way."""
    return _turned(given, chosen.choice((-1, 1)) * chosen.uniform(2, 10))


def turned_far(given: Canvas, chosen: random.Random) -> bytes:
    """15 to 45 degrees, either way."""
    return _turned(given, chosen.choice((-1, 1)) * chosen.uniform(15, 45))


def _turned(given: Canvas, angle: float) -> bytes:
    return png(place(given.logo, plain(given.ground), angle=angle))


def mirrored(given: Canvas, _chosen: random.Random) -> bytes:
    return png(given.picture[:, ::-1].copy())


def stretched(given: Canvas, chosen: random.Random) -> bytes:
    """One side by 1.12 to 1.25."""
    factor = chosen.uniform(1.12, 1.25)
    stretch = (factor, 1.0) if chosen.random() < 0.5 else (1.0, factor)
    return png(place(given.logo, plain(given.ground), stretch=stretch))


def on_gradient(given: Canvas, chosen: random.Random) -> bytes:
    return png(place(given.logo, _gradient(given, chosen)))


def _gradient(given: Canvas, chosen: random.Random) -> Rgb:
    first, second = contrasting(given.logo, chosen), contrasting(given.logo, chosen)
    return gradient(first, second, chosen.uniform(0, 2 * math.pi))


def on_photo(given: Canvas, chosen: random.Random) -> bytes:
    """On a window of a photograph."""
    return png(place(given.logo, photo_crop(given.part, chosen)))


def captioned(given: Canvas, chosen: random.Random) -> bytes:
    """A band with a word over the lowest 15 to 24 %."""
    return png(_with_caption(given.picture, given.ground, chosen))


def badged(given: Canvas, chosen: random.Random) -> bytes:
    """A blue tick of 22 to 32 % in the lower right corner."""
    return png(_with_badge(given.picture, chosen))


def framed(given: Canvas, chosen: random.Random) -> bytes:
    """A coloured frame of 4 to 9 % all round."""
    made = given.picture
    width = max(1, round(chosen.uniform(0.04, 0.09) * SIDE))
    colour = unlike(given.ground, chosen)
    inner = made[width:-width, width:-width].copy()
    made[:] = colour
    made[width:-width, width:-width] = inner
    return png(made)


def cropped(given: Canvas, chosen: random.Random) -> bytes:
    """A corner of the logo, 84 % x 84 % of its box, fills the picture: the rest is cut away.

    A corner that is not square stands in the middle, padded with the ground.
    """
    height, width = (round(0.84 * side) for side in given.logo.shape[:2])
    top = chosen.choice((0, given.logo.shape[0] - height))
    left = chosen.choice((0, given.logo.shape[1] - width))
    return png(place(given.logo[top : top + height, left : left + width], plain(given.ground), 1.0))


def blurred(given: Canvas, chosen: random.Random) -> bytes:
    """Gaussian, sigma 2 to 4 pixels."""
    made = cv2.GaussianBlur(given.picture, (0, 0), chosen.uniform(2, 4))
    return png(np.asarray(made, np.uint8))


def noisy(given: Canvas, chosen: random.Random) -> bytes:
    """Gaussian, sigma 15 to 30 of 255, every channel on its own."""
    sigma = chosen.uniform(15, 30)
    grain = np.random.default_rng(chosen.getrandbits(32)).standard_normal(
        given.picture.shape, np.float32
    )
    return png(np.clip(given.picture + sigma * grain, 0, 255).astype(np.uint8))


def combo(given: Canvas, chosen: random.Random) -> bytes:
    """Several at once.

    Another ground or a gradient; 40 to 85 % of the frame; 40 % of them turned by up to 20
    degrees; 30 % in another hue, 15 % as a silhouette; a caption, a badge or a disc; 96 to 256
    pixels; JPEG of quality 40 to 80.
    """
    logo = given.logo
    if chosen.random() < 0.3:
        logo = _turned_hue(logo, _far_hue(chosen))
    if chosen.random() < 0.15:
        logo = _random_silhouette(given, chosen)
    recoloured = Canvas(logo=logo, ground=given.ground, part=given.part)
    ground = (
        _gradient(recoloured, chosen) if chosen.random() < 0.5 else plain(contrasting(logo, chosen))
    )
    angle = chosen.uniform(-_TURN_OF_COMBO, _TURN_OF_COMBO) if chosen.random() < 0.4 else 0.0
    picture = place(logo, ground, chosen.uniform(0.4, 0.85), angle=angle)
    last = chosen.choice(("caption", "badge", "disc"))
    if last == "caption":
        foot = ground[-1].mean(axis=0)
        picture = _with_caption(picture, (foot[0], foot[1], foot[2]), chosen)
    elif last == "badge":
        picture = _with_badge(picture, chosen)
    else:
        picture = within_disc(picture, chosen.choice(_OUTSIDE))
    return jpeg(_to_side(picture, chosen.randint(96, SIDE)), chosen.randint(40, 80))


#: In the order in which results are shown.
EDITS: Mapping[str, Edit] = {
    "unchanged": unchanged,
    "jpeg 30-70": recompressed,
    "48 px": _resized(48),
    "64 px": _resized(64),
    "128 px": _resized(128),
    "circle crop": circle,
    "circle, own colour": circle_own_colour,
    "85-100 % of frame": enlarged,
    "moved": moved,
    "shrunk to 40 %": shrunk,
    "other background": other_ground,
    "inverted": inverted,
    "hue shift": hue_shifted,
    "one-colour silhouette": one_colour,
    "greyscale": greyscale,
    "slight colour edit": colour_edit,
    "rotation 2-10": turned_little,
    "rotation 15-45": turned_far,
    "mirrored": mirrored,
    "stretch": stretched,
    "gradient background": on_gradient,
    "photo background": on_photo,
    "text banner": captioned,
    "check badge": badged,
    "frame": framed,
    "crop to 70 %": cropped,
    "blur": blurred,
    "noise": noisy,
    "combo": combo,
}


def opaque(logo: Rgba) -> bool:
    """A plate: next to nothing of its box is seen through."""
    return float((logo[..., 3] > 250).mean()) > 0.97


def is_one_colour(logo: Rgba) -> bool:
    """95 % of what is seen lies near the mean colour."""
    seen = logo[logo[..., 3] > 128][:, :3].astype(np.float32)
    far = ((seen - mean_colour(logo)) ** 2).sum(axis=1) > 40.0**2
    return float(far.mean()) < 0.05 if len(seen) else True


def silhouette(logo: Rgba, colour: Colour) -> Rgba:
    made = logo.copy()
    made[..., :3] = colour
    return made


def _random_silhouette(given: Canvas, chosen: random.Random) -> Rgba:
    return silhouette(given.logo, unlike(given.ground, chosen))


def _far_hue(chosen: random.Random) -> float:
    return chosen.choice((-1, 1)) * chosen.uniform(60, 180)


def _turned_hue(logo: Rgba, degrees: float) -> Rgba:
    colour = _in_hsv(logo[..., :3].copy(), degrees, (1.0, 1.0, 1.0))
    return np.dstack([colour, logo[..., 3]])


def _in_hsv(picture: Rgb, degrees: float, scale: tuple[float, float, float]) -> Rgb:
    hsv = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + degrees) % 360
    hsv *= np.array(scale, np.float32)
    np.clip(hsv[..., 1:], 0, 1, out=hsv[..., 1:])
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255 + 0.5, np.uint8)


def _with_caption(picture: Rgb, ground: Colour, chosen: random.Random) -> Rgb:
    side = picture.shape[0]
    height = round(side * chosen.uniform(0.15, 0.24))
    colour = unlike(ground, chosen)
    ink = WHITE if float(luminance(colour)) < 140 else DARK
    drawn = Image.fromarray(picture)
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, side - height, side, side), fill=colour)
    word = chosen.choice(_WORDS)
    font = ImageFont.load_default(size=height * 0.62)
    room = side * 0.94 / max(pen.textlength(word, font=font), 1)
    if room < 1:
        font = ImageFont.load_default(size=height * 0.62 * room)
    pen.text((side / 2, side - height / 2), word, fill=ink, font=font, anchor="mm")
    return np.asarray(drawn, np.uint8)


def _with_badge(picture: Rgb, chosen: random.Random) -> Rgb:
    made = picture.copy()
    side = made.shape[0]
    across = side * chosen.uniform(0.22, 0.32)
    left = top = side - across
    radius = across / 2
    middle = round((left + radius) * 16), round((top + radius) * 16)
    # Coordinates in sixteenths of a pixel.
    cv2.circle(made, middle, round(radius * 16), _BADGE_BLUE, -1, cv2.LINE_AA, 4)
    tick = np.array([(0.28, 0.52), (0.44, 0.67), (0.73, 0.35)]) * across + (left, top)
    points = [np.round(tick * 16).astype(np.int32)]
    cv2.polylines(made, points, False, WHITE, max(2, round(across * 0.1)), cv2.LINE_AA, 4)
    return made
