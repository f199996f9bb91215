"""Screenshots of pages that never were, with or without a logo somewhere on them.

Header, navigation, banner, columns of text, a form, cards, logos of strangers, a footer: enough
of what detectors take for a logo on real pages. The watched logo stands anywhere, in its own
colours, inverted, or on a bar of another colour; no text runs through it.
May import: benchmarks.images.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.images.compositing import (
    DARK,
    WHITE,
    Colour,
    Rgb,
    Rgba,
    any_colour,
    contrasting,
    luminance,
    mean_colour,
    own_ground,
    place,
    plain,
    unlike,
)
from benchmarks.images.edits import is_one_colour, silhouette
from benchmarks.images.photographs import photo_crop

WIDTH, HEIGHT = 1280, 800
#: Of a placed logo, pixels.
HEIGHTS = (24, 32, 48, 64, 96, 128, 200)
TREATMENTS = ("own colours", "inverted", "on a bar")

_WORDS = (
    "account", "address", "agree", "balance", "bank", "billing", "card", "change", "claim",
    "confirm", "contact", "continue", "create", "customer", "delivery", "details", "email",
    "expired", "fee", "help", "home", "identity", "invoice", "limited", "login", "message",
    "mobile", "offer", "order", "page", "parcel", "password", "payment", "personal", "phone",
    "privacy", "profile", "receive", "refund", "register", "required", "secure", "select",
    "service", "settings", "shipping", "sign", "statement", "submit", "support", "terms",
    "transfer", "unlock", "update", "user", "verify", "wallet", "within", "your",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and, where one was placed, its logo's box: left, top, right, bottom in pixels."""

    pixels: Rgb
    box: tuple[int, int, int, int] | None


def draw_page(strangers: Sequence[Rgba], part: str, chosen: random.Random) -> Page:
    """A page without any watched logo. strangers: logos that may stand on it."""
    dark = chosen.random() < 0.15
    ground: Colour = (
        (24, 26, 30) if dark else chosen.choice((WHITE, (248, 249, 250), (240, 242, 245)))
    )
    ink: Colour = (
        (225, 225, 228) if dark else chosen.choice(((33, 37, 41), (60, 64, 67), (0, 0, 0)))
    )
    accent = unlike(ground, chosen)
    drawn = Image.new("RGB", (WIDTH, HEIGHT), ground)
    pen = ImageDraw.Draw(drawn)
    top = _header(drawn, pen, ground, ink, accent, chosen)
    if chosen.random() < 0.5:
        top = _banner(drawn, pen, top, accent, part, chosen)
    left = chosen.choice((60, 120, 200))
    column = chosen.randint(320, 620)
    _text(pen, left, top + 30, column, HEIGHT - 140, ink, chosen)
    right = left + column + 50
    if right + 260 < WIDTH:
        if chosen.random() < 0.6:
            _form(pen, right, top + 40, min(380, WIDTH - right - 40), ink, accent, chosen)
        else:
            _cards(drawn, pen, right, top + 40, part, ink, chosen)
    _footer(pen, ink, ground, chosen)
    pixels = np.asarray(drawn, np.uint8).copy()
    if strangers and chosen.random() < 0.7:
        pixels = _row_of(strangers, pixels, ground, chosen)
    return Page(pixels=pixels, box=None)


def with_logo(page: Page, logo: Rgba, height: int, treatment: str, chosen: random.Random) -> Page:
    """The page with the logo `height` pixels high, less where it would be wider than 600."""
    factor = min(height / logo.shape[0], 600 / logo.shape[1])
    wide, high = (max(4, round(side * factor)) for side in (logo.shape[1], logo.shape[0]))
    margin = max(6, high // 4)
    left = chosen.randint(0, WIDTH - wide - 2 * margin) + margin
    top = chosen.randint(0, HEIGHT - high - 2 * margin) + margin
    if treatment == "inverted":
        logo, ground = _inverted(logo)
    elif treatment == "on a bar":
        ground = contrasting(logo, chosen)
    else:
        ground = own_ground(logo)
    pixels = page.pixels.copy()
    rows = slice(top - margin, top + high + margin)
    columns = slice(left - margin, left + wide + margin)
    if treatment == "on a bar":
        pixels[rows] = ground
    else:
        pixels[rows, columns] = ground
    window = pixels[top : top + high, left : left + wide]
    pixels[top : top + high, left : left + wide] = place(
        logo, window, max(wide, high) / min(wide, high)
    )
    return Page(pixels=pixels, box=(left, top, left + wide, top + high))


def _inverted(logo: Rgba) -> tuple[Rgba, Colour]:
    """As headers show it: white on the brand's colour; the negative where it has several."""
    colour = mean_colour(logo)
    if is_one_colour(logo):
        ink = WHITE if float(luminance(colour)) < 170 else DARK
        return silhouette(logo, ink), colour
    negative = logo.copy()
    negative[..., :3] = 255 - negative[..., :3]
    ground = own_ground(logo)
    return negative, (255 - ground[0], 255 - ground[1], 255 - ground[2])


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _phrase(chosen: random.Random, least: int, most: int) -> str:
    return " ".join(chosen.choice(_WORDS) for _ in range(chosen.randint(least, most)))


def _readable(ground: Colour) -> Colour:
    return WHITE if float(luminance(ground)) < 140 else DARK


def _header(
    drawn: Image.Image, pen: ImageDraw.ImageDraw, ground: Colour, ink: Colour, accent: Colour,
    chosen: random.Random,
) -> int:  # fmt: skip
    """Returns where it ends."""
    height = chosen.randint(48, 96)
    colour = accent if chosen.random() < 0.5 else ground
    pen.rectangle((0, 0, WIDTH, height), fill=colour)
    pen.line((0, height, WIDTH, height), fill=(200, 200, 204))
    text = _readable(colour) if colour == accent else ink
    across = chosen.randint(300, 600)
    for _ in range(chosen.randint(3, 7)):
        word = chosen.choice(_WORDS).capitalize()
        pen.text((across, height / 2), word, fill=text, font=_font(17), anchor="lm")
        across += 40 + round(pen.textlength(word, font=_font(17)))
    pen.rounded_rectangle((WIDTH - 150, height / 2 - 16, WIDTH - 50, height / 2 + 16), 8, text)
    return height


def _banner(
    drawn: Image.Image, pen: ImageDraw.ImageDraw, top: int, accent: Colour, part: str,
    chosen: random.Random,
) -> int:  # fmt: skip
    height = chosen.randint(140, 280)
    if chosen.random() < 0.6:
        drawn.paste(Image.fromarray(photo_crop(part, chosen, WIDTH, height)), (0, top))
    else:
        pen.rectangle((0, top, WIDTH, top + height), fill=accent)
    title = _phrase(chosen, 3, 6).capitalize()
    pen.text((120, top + height / 2), title, fill=WHITE, font=_font(44), anchor="lm",
             stroke_width=1, stroke_fill=DARK)  # fmt: skip
    return top + height


def _text(
    pen: ImageDraw.ImageDraw, left: int, top: int, width: int, foot: int, ink: Colour,
    chosen: random.Random,
) -> None:  # fmt: skip
    down = top
    while down < foot:
        pen.text((left, down), _phrase(chosen, 2, 5).capitalize(), fill=ink, font=_font(26))
        down += 42
        for _ in range(chosen.randint(3, 8)):
            line = _phrase(chosen, 3, 14)
            while pen.textlength(line, font=_font(15)) > width:
                line = line.rpartition(" ")[0]
            pen.text((left, down), line, fill=ink, font=_font(15))
            down += 23
            if down > foot:
                return
        down += 22


def _form(
    pen: ImageDraw.ImageDraw, left: int, top: int, width: int, ink: Colour, accent: Colour,
    chosen: random.Random,
) -> None:  # fmt: skip
    fields = chosen.randint(2, 5)
    foot = top + 70 + fields * 72 + 70
    pen.rounded_rectangle((left, top, left + width, foot), 10, outline=(200, 203, 208), width=2)
    pen.text((left + 24, top + 20), _phrase(chosen, 1, 3).capitalize(), fill=ink, font=_font(24))
    for at in range(fields):
        down = top + 70 + at * 72
        pen.text((left + 24, down), chosen.choice(_WORDS).capitalize(), fill=ink, font=_font(14))
        box = (left + 24, down + 20, left + width - 24, down + 58)
        pen.rounded_rectangle(box, 5, outline=(150, 155, 162))
    box = (left + 24, foot - 62, left + width - 24, foot - 18)
    pen.rounded_rectangle(box, 8, fill=accent)
    word = chosen.choice(_WORDS).capitalize()
    middle = left + width / 2, foot - 40
    pen.text(middle, word, fill=_readable(accent), font=_font(18), anchor="mm")


def _cards(
    drawn: Image.Image, pen: ImageDraw.ImageDraw, left: int, top: int, part: str, ink: Colour,
    chosen: random.Random,
) -> None:  # fmt: skip
    across = left
    while across + 200 < WIDTH:
        if chosen.random() < 0.5:
            picture = photo_crop(part, chosen, 190, 130)
        else:
            picture = plain(any_colour(chosen), 190)[:130]
        drawn.paste(Image.fromarray(picture), (across, top))
        pen.text((across, top + 140), _phrase(chosen, 1, 2).capitalize(), fill=ink, font=_font(16))
        across += 215


def _footer(
    pen: ImageDraw.ImageDraw, ink: Colour, ground: Colour, chosen: random.Random
) -> None:  # fmt: skip
    top = HEIGHT - chosen.randint(40, 90)
    pen.rectangle((0, top, WIDTH, HEIGHT), fill=ground)
    pen.line((0, top, WIDTH, top), fill=(200, 200, 204))
    pen.text((60, top + 14), _phrase(chosen, 4, 9), fill=ink, font=_font(13))


def _row_of(
    strangers: Sequence[Rgba], pixels: Rgb, ground: Colour, chosen: random.Random
) -> Rgb:  # fmt: skip
    """One to six of them side by side, one height."""
    high = chosen.choice((24, 32, 48, 64, 96))
    left, top = chosen.randint(40, 500), chosen.randint(10, HEIGHT - high - 10)
    for _ in range(chosen.randint(1, 6)):
        logo = chosen.choice(strangers)
        wide = round(logo.shape[1] * high / logo.shape[0])
        if wide < 4 or left + wide > WIDTH - 10:
            break
        pixels[top - 6 : top + high + 6, left - 6 : left + wide + 6] = own_ground(logo)
        window = pixels[top : top + high, left : left + wide]
        share = max(wide, high) / min(wide, high)
        pixels[top : top + high, left : left + wide] = place(logo, window, share)
        left += wide + 26
    return pixels
