"""Comparison: the brand's logo and a stranger's picture, side by side and in figures.

The stranger's bytes are kept as evidence but never shown: what a person looks at is
decoded here under limits and encoded anew, without metadata.
Pure: bytes in, bytes and facts out; no I/O, no clock.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from dataclasses import dataclass

import imagehash
from PIL import Image, ImageDraw, ImageFont, ImageOps

MAX_PIXELS = 25_000_000
#: Few decoders, much smaller surface: what the platforms serve and the watch file allows.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
HASH_SIDE = 16
HASH_BITS = HASH_SIDE * HASH_SIDE
METHOD = (
    "first frame, transparency over white; perceptual hash of 16 x 16 DCT coefficients "
    "(ImageHash phash, hash_size=16); distance in bits of 256, the smaller of the seen "
    "picture as it is and with inverted brightness"
)

_THUMBNAIL = 360  # pixels, the longer side; enough for print at the report's size
_PANEL, _MARGIN, _CAPTION = 512, 24, 40  # pixels of side-by-side.png

#: All that Pillow's decoders raise on bytes that were made to hurt them.
_DECODER_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One decoded picture, encoded anew."""

    format: str  #: of the original: one of FORMATS
    width: int  #: pixels
    height: int  #: pixels
    png: bytes  #: full size, no metadata
    thumbnail: bytes  #: PNG, at most 360 pixels a side
    phash: str  #: 64 hex digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both pictures, or a sentence for each that is not there."""

    official: Picture | None
    seen: Picture | None
    official_sha256: str | None  #: of the original bytes, also of those that do not decode
    seen_sha256: str | None
    side_by_side: bytes | None  #: PNG, the official one left
    distance: int | None  #: Hamming, bits of 256
    polarity: str | None  #: "same" or "inverted": which form of the seen one is nearer
    official_problem: str | None
    seen_problem: str | None


def compare(logo: bytes | None, seen: bytes | None) -> Comparison:
    """logo, seen: the original bytes, or None where there are none. Never raises on bad bytes."""
    left, left_problem = _decode(logo, "official logo")
    right, right_problem = _decode(seen, "seen picture")
    distance = polarity = side_by_side = None
    if left is not None and right is not None:
        plain = imagehash.phash(left.image, HASH_SIDE)
        distance, polarity = min(
            (int(plain - imagehash.phash(right.image, HASH_SIDE)), "same"),
            (int(plain - imagehash.phash(ImageOps.invert(right.image), HASH_SIDE)), "inverted"),
            key=lambda found: found[0],
        )
        side_by_side = _side_by_side(left.image, right.image)
    return Comparison(
        official=None if left is None else _picture(left),
        seen=None if right is None else _picture(right),
        official_sha256=None if logo is None else hashlib.sha256(logo).hexdigest(),
        seen_sha256=None if seen is None else hashlib.sha256(seen).hexdigest(),
        side_by_side=side_by_side,
        distance=distance,
        polarity=polarity,
        official_problem=left_problem,
        seen_problem=right_problem,
    )


def hash_facts(comparison: Comparison) -> dict[str, object]:
    """What hashes.json says."""
    return {
        "method": METHOD,
        "bits": HASH_BITS,
        "distance": comparison.distance,
        "polarity": comparison.polarity,
        "official": _facts(
            comparison.official, comparison.official_sha256, comparison.official_problem
        ),
        "subject": _facts(comparison.seen, comparison.seen_sha256, comparison.seen_problem),
    }


def _facts(picture: Picture | None, sha256: str | None, problem: str | None) -> dict[str, object]:
    decoded: dict[str, object] = {"format": None, "width": None, "height": None, "phash": None}
    if picture is not None:
        decoded = {name: getattr(picture, name) for name in decoded}
    return {"sha256": sha256, "problem": problem, **decoded}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    format: str
    original: Image.Image  # RGBA
    image: Image.Image  # RGB over white


def _decode(content: bytes | None, what: str) -> tuple[_Decoded | None, str | None]:
    if content is None:
        return None, f"No {what} was at hand."
    try:
        with warnings.catch_warnings():
            # Pillow talks about odd palettes and metadata, which we drop anyway; only its
            # warning of a decompression bomb means stop.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                pixels = opened.width * opened.height
                if pixels > MAX_PIXELS:
                    return None, (
                        f"The {what} has {pixels / 1e6:.0f} million pixels, more than the "
                        f"{MAX_PIXELS // 1_000_000} million that are decoded."
                    )
                if not pixels:
                    return None, f"The {what} has no pixels."
                original = opened.convert("RGBA")
                kind = str(opened.format)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None, (
            f"The {what} has more pixels than the {MAX_PIXELS // 1_000_000} million "
            "that are decoded."
        )
    except _DECODER_FAULTS:
        return None, f"The {what} is damaged or is not a {', '.join(FORMATS)} picture."
    white = Image.new("RGBA", original.size, "white")
    image = Image.alpha_composite(white, original).convert("RGB")
    return _Decoded(format=kind, original=original, image=image), None


def _picture(decoded: _Decoded) -> Picture:
    thumbnail = decoded.image.copy()
    thumbnail.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.LANCZOS)
    return Picture(
        format=decoded.format,
        width=decoded.original.width,
        height=decoded.original.height,
        png=_png(decoded.original),
        thumbnail=_png(thumbnail),
        phash=str(imagehash.phash(decoded.image, HASH_SIDE)),
    )


def _png(image: Image.Image) -> bytes:
    # A fresh image: nothing that the decoder noted (profile, text chunks) is written along.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, format="PNG")
    return out.getvalue()


def _side_by_side(official: Image.Image, seen: Image.Image) -> bytes:
    size = (2 * _PANEL + 3 * _MARGIN, _PANEL + 2 * _MARGIN + _CAPTION)
    canvas = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size=20)
    for number, (image, caption) in enumerate(((official, "official"), (seen, "seen"))):
        left = _MARGIN + number * (_PANEL + _MARGIN)
        top = _MARGIN + _CAPTION
        draw.text((left, _MARGIN), caption, fill="black", font=font)
        draw.rectangle((left - 1, top - 1, left + _PANEL, top + _PANEL), outline="#b0b0b0")
        scale = _PANEL / max(image.size)
        # At least one pixel: a stranger's picture may be a line.
        shape = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        fitted = image.resize(shape, Image.Resampling.LANCZOS)
        inset = ((_PANEL - fitted.width) // 2, (_PANEL - fitted.height) // 2)
        canvas.paste(fitted, (left + inset[0], top + inset[1]))
    return _png(canvas)
