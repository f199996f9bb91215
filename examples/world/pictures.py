"""All pictures of the examples: logos, avatars, a folder of loose images, and their truths.

May import: Pillow, world.avatars, world.bystanders, world.companies, world.disguises,
world.labels, world.logos.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from random import Random
from typing import Final

from PIL import Image, ImageDraw

from world.avatars import LETTERS, SIZE, colour, face, flat, landscape, letter, shapes, silhouette
from world.bystanders import NEUTRAL
from world.companies import BANK, SHOP
from world.disguises import DISGUISES
from world.labels import Label, Verdict
from world.logos import LOGOS

#: These go through JPEG at a low quality as well, as re-uploaded pictures do.
_LOSSY: Final = ("washed-out",)
#: Ground and figure of the platforms' default pictures.
_DEFAULTS: Final = (
    ((220, 222, 226), (160, 164, 170)),
    ((40, 44, 52), (90, 96, 106)),
    ((104, 148, 196), (255, 255, 255)),
)


def encoded(image: Image.Image, name: str) -> bytes:
    """The file's bytes; its format by its name."""
    buffer = io.BytesIO()
    if name.endswith(".jpg"):
        image.save(buffer, "JPEG", quality=62, optimize=True)
    else:
        # Few colours are left after a palette, and files a third of the size.
        image.quantize(96, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def logos() -> dict[str, bytes]:
    """By path beside the watch file."""
    return {f"logos/{brand}.png": encoded(draw(), ".png") for brand, draw in LOGOS.items()}


def avatars(rng: Random) -> dict[str, bytes]:
    """By path in data/."""
    made = dict(_neutral(rng))
    for brand, draw in LOGOS.items():
        # The very bytes of the logo: what an impersonator gets who saves it from the site.
        made[f"avatars/{brand}-exact.png"] = logos()[f"logos/{brand}.png"]
        for name, disguise in DISGUISES.items():
            small = disguise(draw()).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
            path = f"avatars/{brand}-{name}.{'jpg' if name in _LOSSY else 'png'}"
            made[path] = encoded(small, path)
    return made


def loose_images(rng: Random) -> dict[str, bytes]:
    """A folder as an analyst would drop it in: logo copies, look-away pictures, an odd one."""
    bank, shop = LOGOS[BANK](), LOGOS[SHOP]()
    pictures = {
        "bank-logo-small.png": bank.resize((120, 120), Image.Resampling.LANCZOS),
        "bank-logo-recompressed.jpg": bank,
        "bank-logo-inverted.png": DISGUISES["inverted"](bank),
        "shop-logo-badge.jpg": DISGUISES["badge"](shop),
        "shop-logo-grey.png": DISGUISES["greyscale"](shop),
        "shop-logo-cropped.png": DISGUISES["cropped"](shop),
        "other-moon.png": _other_moon(),
        "other-fruit.png": _other_fruit(),
        "holiday.jpg": landscape(rng).resize((200, 200), Image.Resampling.BICUBIC),
        "pattern.png": shapes(rng),
        "plain.png": flat((90, 120, 200)),
    }
    made = {f"images/{name}": encoded(image, name) for name, image in pictures.items()}
    made["images/shop-logo.png"] = logos()[f"logos/{SHOP}.png"]
    return made


def picture_labels(paths: list[str]) -> Iterator[Label]:
    """Truths about pictures, told from their paths."""
    for path in sorted(paths):
        folder, name = path.split("/")
        brand, _, disguise = name.rpartition(".")[0].partition("-")
        brand = {"bank": BANK, "shop": SHOP}.get(brand, brand) if folder == "images" else brand
        if brand not in LOGOS:
            kind = "unrelated" if folder == "images" else "neutral"
            yield _label(path, "", kind, "innocent", f"{kind} picture")
        elif disguise in ("exact", "logo"):
            yield _label(path, brand, "same-image", "lookalike", "the logo file itself")
        else:
            note = disguise.removeprefix("logo-")
            yield _label(path, brand, "near-image", "lookalike", note)


def _label(path: str, brand: str, kind: str, verdict: Verdict, note: str) -> Label:
    return Label(input=path, field="image", brand=brand, kind=kind, verdict=verdict, note=note)


def _neutral(rng: Random) -> Iterator[tuple[str, bytes]]:
    for sort, count in NEUTRAL.items():
        width = 2 if count >= 10 else 1
        for number in range(1, count + 1):
            path = f"avatars/{sort}-{number:0{width}d}.png"
            yield path, encoded(_drawn(rng, sort, number), path)
    for char in LETTERS:
        path = f"avatars/letter-{char.lower()}.png"
        yield path, encoded(letter(char, colour(rng)), path)


def _drawn(rng: Random, sort: str, number: int) -> Image.Image:
    match sort:
        case "silhouette":
            return silhouette(*_DEFAULTS[number - 1])
        case "flat":
            return flat(colour(rng))
        case "shapes":
            return shapes(rng)
        case "landscape":
            return landscape(rng)
        case _:
            return face(rng)


def _other_moon() -> Image.Image:
    image = Image.new("RGB", (128, 128), (30, 24, 60))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 34, 104, 98), fill=(238, 236, 220))
    draw.ellipse((26, 26, 88, 90), fill=(30, 24, 60))
    for x, y in ((22, 100), (60, 20), (104, 24), (16, 30)):
        draw.rectangle((x, y, x + 3, y + 3), fill=(255, 255, 255))
    return image


def _other_fruit() -> Image.Image:
    image = Image.new("RGB", (128, 128), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    draw.ellipse((18, 40, 72, 108), fill=(200, 40, 48))
    draw.ellipse((54, 40, 110, 108), fill=(200, 40, 48))
    draw.line((64, 46, 70, 18), fill=(90, 60, 30), width=5)
    return image
