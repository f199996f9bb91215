"""Comparison: the brand's logo and a stranger's picture, side by side and in figures.

The stranger's bytes are kept as evidence but never shown: what a person looks at is
decoded here under limits, full size, and encoded anew, without metadata. The figures are the
detector's own: the same preparation and hash as when the match was found, so that a pack never
tells another distance than its match.
Pure: bytes in, bytes and facts out; no I/O, no clock.
May import: detectors.images.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from detectors.images import matching as images

MAX_PIXELS = 25_000_000
#: Few decoders, much smaller surface: what the platforms serve and the watch file allows.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
HASH_BITS = images.HASH_BITS
METHOD = (
    f"{images.VERSION}: first frame, turned as EXIF says, at most 256 pixels a side, transparency "
    "over white, or over dark grey where what is opaque is light; perceptual hash of 16 x 16 DCT "
    "coefficients (ImageHash phash, hash_size=16); distance in bits of 256, the smaller of the "
    "seen picture's hash as it is and with every bit turned (its negative)"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHash:
    """What the detector makes of the original bytes."""

    phash: str | None  #: 64 hex digits
    problem: str | None  #: why there is none, in a few words
    gated: str | None  #: why such a picture is never matched unless it is the very file


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both pictures, or a sentence for each that is not there."""

    official: Picture | None
    seen: Picture | None
    official_sha256: str | None  #: of the original bytes, also of those that do not decode
    seen_sha256: str | None
    official_hash: PictureHash | None  #: also of formats that are not shown; None without bytes
    seen_hash: PictureHash | None
    side_by_side: bytes | None  #: PNG, the official one left
    distance: int | None  #: Hamming, bits of 256
    polarity: str | None  #: "same" or "inverted": which form of the seen one is nearer
    official_problem: str | None
    seen_problem: str | None


def compare(logo: bytes | None, seen: bytes | None) -> Comparison:
    """logo, seen: the original bytes, or None where there are none. Never raises on bad bytes."""
    left, left_problem = _decode(logo, "official logo")
    right, right_problem = _decode(seen, "seen picture")
    side_by_side = None
    if left is not None and right is not None:
        side_by_side = _side_by_side(left.image, right.image)
    prints = [None if data is None else images.fingerprint(data) for data in (logo, seen)]
    distance, polarity = _distance(*prints)
    return Comparison(
        official=None if left is None else _picture(left),
        seen=None if right is None else _picture(right),
        official_sha256=None if logo is None else hashlib.sha256(logo).hexdigest(),
        seen_sha256=None if seen is None else hashlib.sha256(seen).hexdigest(),
        official_hash=_picture_hash(prints[0]),
        seen_hash=_picture_hash(prints[1]),
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
        "official": {
            "sha256": comparison.official_sha256,
            "problem": comparison.official_problem,
            **_facts(comparison.official, comparison.official_hash),
        },
        "subject": {
            "sha256": comparison.seen_sha256,
            "problem": comparison.seen_problem,
            **_facts(comparison.seen, comparison.seen_hash),
        },
    }


def _facts(picture: Picture | None, hashed: PictureHash | None) -> dict[str, object]:
    shown = ("format", "width", "height")
    return {
        **{name: None if picture is None else getattr(picture, name) for name in shown},
        "phash": None if hashed is None else hashed.phash,
        "phash_problem": None if hashed is None else hashed.problem,
        "gated": None if hashed is None else hashed.gated,
    }


_Print = images.Fingerprint | images.Undecodable | None


def _picture_hash(made: _Print) -> PictureHash | None:
    if made is None:
        return None
    if isinstance(made, images.Undecodable):
        return PictureHash(phash=None, problem=made.reason, gated=None)
    return PictureHash(phash=images.as_hex(made.bits), problem=None, gated=made.gated)


def _distance(official: _Print, seen: _Print) -> tuple[int | None, str | None]:
    """Bits and polarity as `images.match_image` counts them, without its limit."""
    if not isinstance(official, images.Fingerprint) or not isinstance(seen, images.Fingerprint):
        return None, None
    bits = int(np.bitwise_count(official.bits ^ seen.bits).sum())
    return min((bits, "same"), (HASH_BITS - bits, "inverted"), key=lambda found: found[0])


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
                kind = str(opened.format)
                # The tag that turns a picture is dropped with all others when it is encoded anew.
                original = ImageOps.exif_transpose(opened).convert("RGBA")
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
