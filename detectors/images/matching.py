"""Pictures that resemble a brand's logo: imagehash's pHash(16), both polarities.

The base and the explanation: it finds the logo file resized, recompressed, recoloured or
inverted, and is blind to a logo moved, cropped or mirrored. Pictures that carry no information
(flat colours, default silhouettes, one letter) are gated out: hashed, they match everything.
Everything decoded here comes from strangers: size is checked before a pixel is decoded.
May import: namaak.records.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from namaak.records import Resemblance

VERSION = "images-1"
#: 25 megapixels: ten times the largest avatar any platform serves.
MAX_PIXELS = 25_000_000
MAX_BYTES = 25_000_000
HASH_BITS = 256
#: Of 1,075 unrelated pictures 0.4 % come this near to one of 279 logos (both polarities); at 64
#: bits it was 3.2 % of 900. `python -m benchmarks.images` prints the first.
NEAR_BITS = 50
SAME_BITS = 12

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "ICO", "AVIF", "TIFF")
_SIDE = 256


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why a picture could not be hashed; `reason` is a sentence for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A decoded picture, as far as matching needs it."""

    bits: npt.NDArray[np.uint64]  #: pHash(16), four words
    gated: str | None  #: why it is never matched on the picture alone


@dataclass(frozen=True, slots=True)
class Logo:
    """One reference picture of one brand."""

    brand_id: str
    name: str  #: its path in the watch file
    sha256: str
    bits: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class ImageHit:
    """The nearest logo of one brand."""

    brand_id: str
    logo: str
    resemblance: Resemblance
    distance: int  #: Hamming bits of 256
    strength: float
    layers: tuple[str, ...]  #: ("inverted",) when the complement was nearer


def decode(data: bytes) -> Image.Image | Undecodable:
    """data: original bytes of one picture. Returns RGB on white (dark if the picture is light).

    First frame of animations, EXIF orientation applied. Never raises for any bytes.
    """
    if len(data) > MAX_BYTES:
        return Undecodable(f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        with warnings.catch_warnings():
            # Pillow warns of oddities in damaged files; what it can decode is what counts.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                width, height = opened.size
                if width * height > MAX_PIXELS:
                    return Undecodable(f"{width} x {height} pixels are over the limit")
                if width < 8 or height < 8:
                    return Undecodable(f"{width} x {height} pixels are too few")
                # JPEG decodes at a fraction of its size when only a thumbnail is wanted.
                opened.draft("RGB", (_SIDE * 2, _SIDE * 2))
                opened.seek(0)
                oriented = ImageOps.exif_transpose(opened)
                return _on_plain_ground(oriented)
    except UnidentifiedImageError:
        return Undecodable("not a picture in a format that is read")
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError,
            ZeroDivisionError, OverflowError, RuntimeError, MemoryError,
            Image.DecompressionBombError) as error:  # fmt: skip
        # Pillow's decoders raise all of these on damaged or hostile files.
        return Undecodable(f"damaged ({type(error).__name__})")


def _on_plain_ground(image: Image.Image) -> Image.Image:
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    pixels = np.asarray(rgba, dtype=np.float32)
    cover = pixels[..., 3:] / 255
    seen = float(cover.sum())
    # A white logo on a transparent ground would vanish on white.
    lightness = float((pixels[..., :3].mean(axis=2, keepdims=True) * cover).sum()) / max(seen, 1.0)
    ground = 32 if lightness > 208 else 255
    plain = Image.new("RGBA", rgba.size, (ground, ground, ground, 255))
    return Image.alpha_composite(plain, rgba).convert("RGB")


def fingerprint(data: bytes) -> Fingerprint | Undecodable:
    """data: original bytes. Decodes, gates, hashes; never raises."""
    image = decode(data)
    if isinstance(image, Undecodable):
        return image
    square = np.packbits(imagehash.phash(image, hash_size=16).hash.ravel())
    return Fingerprint(square.view(">u8").astype(np.uint64), gate(image))


def gate(image: Image.Image) -> str | None:
    """Why a picture says nothing about anybody, or None.

    Flat and near-flat pictures, gradients, and the two-tone silhouettes and single letters that
    platforms draw for people without a picture.
    """
    small = np.asarray(image.convert("RGB").resize((64, 64), Image.Resampling.BOX), np.float32)
    spread = small.reshape(-1, 3).std(axis=0).max()
    if spread < 6:
        return "flat: one colour"
    grey = small.mean(axis=2)
    steps = np.abs(np.diff(grey, axis=0)).max(), np.abs(np.diff(grey, axis=1)).max()
    if max(steps) < 12:
        return "flat: a gradient"
    ground = np.median(np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]]), axis=0)
    ink = np.abs(small - ground).max(axis=2) > 40
    share = float(ink.mean())
    if share < 0.02:
        return "flat: hardly anything on it"
    colours = _tones(small)
    if colours <= 2 and _is_silhouette(ink):
        return "default: a silhouette"
    if colours <= 2 and _is_letter(ink, share):
        return "default: one letter or a simple shape"
    return None


def _tones(small: npt.NDArray[np.float32]) -> int:
    """How many colours cover 1 % or more, at 8 levels a channel; edges are blends and are few."""
    coarse = (small // 64).astype(np.int32)
    codes, counts = np.unique(coarse @ np.array([16, 4, 1]), return_counts=True)
    return int((counts >= 0.04 * 64 * 64).sum()) if len(codes) else 0


def _is_silhouette(ink: npt.NDArray[np.bool_]) -> bool:
    """A head over shoulders: symmetric, narrow above, wide below, touching the lower edge."""
    if not ink[-2:].any():
        return False
    agreement = float((ink == ink[:, ::-1]).mean())
    widths = ink.sum(axis=1)
    upper, lower = widths[12:32].max(initial=0), widths[48:].max(initial=0)
    return agreement > 0.95 and 0 < upper < 0.75 * lower and lower > 24


def _is_letter(ink: npt.NDArray[np.bool_], share: float) -> bool:
    """One small blob in the middle with wide margins, as drawn for initials."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows) or not len(columns):
        return False
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    margins = min(rows[0], columns[0], 63 - rows[-1], 63 - columns[-1])
    return margins >= 14 and max(height, width) <= 36 and share < 0.2


def enrol(brand_id: str, name: str, data: bytes) -> Logo | Undecodable:
    """A logo of the watch file as a reference. A gated logo would match at random: refused."""
    made = fingerprint(data)
    if isinstance(made, Undecodable):
        return made
    if made.gated and made.gated.startswith("flat"):
        return Undecodable(f"too plain to recognise ({made.gated})")
    return Logo(brand_id, name, hashlib.sha256(data).hexdigest(), made.bits)


def match_image(sha256: str, made: Fingerprint, logos: Sequence[Logo]) -> list[ImageHit]:
    """The nearest logo of each brand within NEAR_BITS, nearest first; exact files always."""
    if not logos:
        return []
    words = np.stack([logo.bits for logo in logos])
    straight = np.bitwise_count(words ^ made.bits).sum(axis=1).astype(int)
    # The DC term aside, a negative is the complement: every other bit flips.
    flipped = HASH_BITS - straight
    best: dict[str, ImageHit] = {}
    for logo, plain, inverse in zip(logos, straight.tolist(), flipped.tolist(), strict=True):
        same_file = logo.sha256 == sha256
        distance = 0 if same_file else min(plain, inverse)
        if distance > NEAR_BITS or (made.gated and not same_file):
            continue
        hit = ImageHit(
            brand_id=logo.brand_id,
            logo=logo.name,
            resemblance=Resemblance.SAME_IMAGE if distance <= SAME_BITS else Resemblance.NEAR_IMAGE,
            distance=distance,
            strength=round(_strength(distance), 3),
            layers=("inverted",) if inverse < plain and not same_file else (),
        )
        if logo.brand_id not in best or distance < best[logo.brand_id].distance:
            best[logo.brand_id] = hit
    return sorted(best.values(), key=lambda hit: (hit.distance, hit.brand_id))


def _strength(distance: int) -> float:
    """1 for the file itself, falling to 0.3 at the limit."""
    return 0.98 - 0.68 * max(0, distance - SAME_BITS) / (NEAR_BITS - SAME_BITS)


def as_hex(bits: npt.NDArray[np.uint64]) -> str:
    """64 hex digits, as stored and as imagehash prints them."""
    return "".join(f"{int(word):016x}" for word in bits)
