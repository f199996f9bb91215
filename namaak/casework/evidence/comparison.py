"""Comparison: the brand's logo and a stranger's picture, side by side and in figures.

The stranger's bytes are kept as evidence but never shown: what a person looks at is what the
decoder gave back, plain pixels, encoded anew. The figures are the detector's own, from the same
frames and by the same hash as when the match was found, so that a pack never tells another
distance than its match.
Pure: bytes in, bytes and facts out; no I/O, no clock; the caller passes the decoder.
May import: detectors.images, namaak.records, namaak.casework.overlay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

from detectors.images.edits import EDITS, in_words
from detectors.images.explaining import VERSION as EXPLAINING
from detectors.images.explaining import Explanation, explain
from detectors.images.gate import gate
from detectors.images.perceptual import BITS, Words, as_hex, distance, pdq, phash
from detectors.images.picture import FRAME_SIDE, Frame, Pixels, Undecodable
from detectors.images.picture import Picture as Decoded
from detectors.images.regions import find_regions
from detectors.images.reproducible import reproducible
from namaak.casework.overlay import laid_over, png, shrunk, side_by_side
from namaak.records import Resemblance

HASH_BITS = BITS
METHOD = (
    "Decoded under limits, turned as EXIF says, at most 256 pixels a side, transparency over "
    "white, or over dark grey where what is opaque is light. Perceptual hash of 16 x 16 DCT "
    "coefficients (ImageHash phash, hash_size=16); distance in bits of 256, the smaller of the "
    "seen picture's hash as it is and with every bit turned (its negative); of an animation the "
    "nearest frame. `explanation`: an affine map that lays the official picture over the seen "
    "one, found by the correlation of their edges whatever their colours; `agreement` is that "
    "correlation, 0 to 1; `edits` are measured on the two pictures laid over one another. Of a "
    "logo inside a page the part around it is looked at: `part`, fractions of the page."
)

Decode = Callable[[bytes], Decoded | Undecodable]

#: Agreement from which two pictures are said to show one drawing though no match says so.
_SURE = 0.8
#: Bits by which another frame of an animation must be nearer than the one that is shown.
_NEARER = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One decoded picture, encoded anew."""

    format: str  #: of the original, as Pillow names it
    width: int  #: pixels of the original
    height: int  #: pixels of the original
    notes: tuple[str, ...]  #: what the decoder noticed, sorted
    png: bytes  #: as people see it, at most LARGE_SIDE pixels a side, no metadata
    thumbnail: bytes  #: PNG, at most 360 pixels a side


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHash:
    """What the detector makes of one frame."""

    phash: str  #: 64 hex digits
    frame: str  #: which of the file's pictures it is of
    gated: str | None  #: why such a picture is never matched unless it is the very file
    pdq: str | None  #: PDQ, 64 hex digits, which platforms ask for; None without the extra `pdq`
    pdq_quality: int | None  #: 0 to 100; below 50 its bits mean little


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both pictures, or a sentence for each that is not there."""

    official: Picture | None
    seen: Picture | None
    official_sha256: str | None  #: of the original bytes, also of those that do not decode
    seen_sha256: str | None
    official_hash: PictureHash | None
    seen_hash: PictureHash | None
    side_by_side: bytes | None  #: PNG, the official one left
    overlay: bytes | None  #: PNG: the logo outlined on the seen picture, and laid over it
    explanation: Explanation | None  #: None where nothing says that one shows the other
    frame: tuple[int, int] | None  #: width and height, pixels, that `explanation` speaks of
    part: tuple[float, float, float, float]  #: of the seen picture that this shows: x, y, w, h
    distance: int | None  #: Hamming, bits of 256
    polarity: str | None  #: "same" or "inverted": which form of the seen one is nearer
    match: Mapping[str, object] | None  #: the match's own figures, as stored with it
    official_problem: str | None
    seen_problem: str | None

    @property
    def edits(self) -> tuple[tuple[str, str], ...]:
        """Each edit in English and in Dutch."""
        if self.explanation is None:
            return ()
        said = self.explanation.edits, self.explanation.measures
        return tuple(zip(in_words(*said), in_words(*said, dutch=True), strict=True))


def compare(
    logo: bytes | None,
    seen: bytes | None,
    *,
    decode: Decode,
    match: Mapping[str, object] | None = None,
) -> Comparison:
    """logo, seen: the original bytes, or None where there are none. Never raises on bad bytes.

    decode: what turns bytes into pixels, under limits. match: the row of MATCH_SCHEMA by which
    these two were found to resemble each other, if one was.
    """
    left, left_problem = _decoded(logo, "official logo", decode)
    right, right_problem = _decoded(seen, "seen picture", decode)
    both = None
    if left is not None and right is not None:
        with reproducible():
            both = _pair(left, right, match)
    return Comparison(
        official=None if left is None else _picture(left),
        seen=None if right is None else _picture(right),
        official_sha256=None if logo is None else hashlib.sha256(logo).hexdigest(),
        seen_sha256=None if seen is None else hashlib.sha256(seen).hexdigest(),
        official_hash=None if left is None else _hash(left.frames[0]),
        seen_hash=None if right is None else _hash(both.frame if both else right.frames[0]),
        side_by_side=None if both is None else both.side_by_side,
        overlay=None if both is None else both.overlay,
        explanation=None if both is None else both.explanation,
        frame=None if both is None else _size(both.looked_at.pixels),
        part=_WHOLE if both is None else both.part,
        distance=None if both is None else both.distance,
        polarity=None if both is None else both.polarity,
        match=None if match is None else _match_facts(match),
        official_problem=left_problem,
        seen_problem=right_problem,
    )


def hash_facts(comparison: Comparison) -> dict[str, object]:
    """What hashes.json says."""
    return {
        "method": METHOD,
        "versions": {
            "explaining": EXPLAINING,
            "imagehash": version("imagehash"),
            "pillow": version("pillow"),
        },
        "bits": HASH_BITS,
        "distance": comparison.distance,
        "polarity": comparison.polarity,
        "explanation": _explanation_facts(comparison),
        "match": comparison.match,
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
    shown = ("format", "width", "height", "notes")
    hashes = ("phash", "frame", "gated", "pdq", "pdq_quality")
    return {
        **{name: None if picture is None else getattr(picture, name) for name in shown},
        **{name: None if hashed is None else getattr(hashed, name) for name in hashes},
    }


def _explanation_facts(comparison: Comparison) -> dict[str, object] | None:
    found = comparison.explanation
    if found is None or found.transform is None or comparison.frame is None:
        return None
    width, height = comparison.frame
    x, y, wide, high = found.box
    return {
        "agreement": found.agreement,
        "transform": [[round(float(value), 5) for value in row] for row in found.transform],
        "transform_of": "pixels of the official picture to pixels of the seen one, both at most "
        "256 a side, the centre of the first at 0, 0",
        "frame": {"width": width, "height": height},
        "part": dict(zip(("x", "y", "width", "height"), comparison.part, strict=True)),
        "region": {
            "x": round(x / width, 4),
            "y": round(y / height, 4),
            "width": round(wide / width, 4),
            "height": round(high / height, 4),
        },
        "edits": [
            {
                "edit": edit,
                "measure": found.measures[edit],
                "measured": EDITS[edit].measure,
                "says": english,
                "says_nl": dutch,
            }
            for edit, (english, dutch) in zip(found.edits, comparison.edits, strict=True)
        ],
    }


def _match_facts(match: Mapping[str, object]) -> dict[str, object]:
    """The figures of a match, as far as the row has them."""
    evidence = match.get("evidence") or {}
    # A map column is read as a mapping or as pairs, depending on the reader.
    figures = dict(evidence.items() if isinstance(evidence, Mapping) else evidence)  # type: ignore[call-overload]
    told = ("resemblance", "distance", "strength", "layers", "detector", "tables")
    return {
        **{name: match[name] for name in told if match.get(name) is not None},
        # Stored as 32 bits, whose sixth digit and later are noise.
        "evidence": {
            str(name): float(f"{float(str(value)):.6g}") for name, value in sorted(figures.items())
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    frame: Frame  #: of the seen picture, the one that was hashed
    looked_at: Frame  #: what is explained: the frame, or the part of a page with the logo in it
    part: tuple[float, float, float, float]  #: of the picture that `looked_at` shows, 0..1
    distance: int
    polarity: str
    explanation: Explanation | None
    side_by_side: bytes
    overlay: bytes | None


def _pair(official: Decoded, seen: Decoded, match: Mapping[str, object] | None) -> _Pair:
    reference = official.frames[0]
    told = None if match is None else match.get("distance")
    frame, bits, negative = _frame_of(phash(reference.pixels), seen, told)
    shown = _shown(seen) if frame is seen.frames[0] else frame.pixels
    looked_at, closely, part, box = frame, shown, _WHOLE, _box(frame.pixels, match)
    if match is not None and match.get("resemblance") == Resemblance.LOGO_INSIDE:
        closely, part, box = _around(shown, _box(shown, match))
        looked_at = Frame(pixels=shrunk(closely, FRAME_SIDE))
        smaller = max(looked_at.pixels.shape[:2]) / max(closely.shape[:2])
        box = box[0] * smaller, box[1] * smaller, box[2] * smaller, box[3] * smaller
    found = explain(reference, looked_at, box=box)
    sure = match is not None or found.agreement >= _SURE
    explanation = found if sure and found.transform is not None else None
    overlay = None
    if explanation is not None and explanation.transform is not None:
        overlay = laid_over(reference, looked_at, closely, explanation.transform)
    return _Pair(
        frame=frame,
        looked_at=looked_at,
        part=part,
        distance=bits,
        polarity="inverted" if negative else "same",
        explanation=explanation,
        side_by_side=side_by_side(_shown(official), shown),
        overlay=overlay,
    )


_WHOLE = (0.0, 0.0, 1.0, 1.0)
#: Of a logo's longer side, that is shown around it.
_AROUND = 0.5


def _around(
    page: Pixels, box: tuple[float, float, float, float]
) -> tuple[Pixels, tuple[float, float, float, float], tuple[float, float, float, float]]:
    """The part of the page around the box, which part that is (0..1), and the box in it."""
    width, height = _size(page)
    x, y, wide, high = box
    margin = _AROUND * max(wide, high)
    left, top = max(int(x - margin), 0), max(int(y - margin), 0)
    right, bottom = min(int(x + wide + margin), width), min(int(y + high + margin), height)
    if right - left < 8 or bottom - top < 8:
        return page, _WHOLE, box
    part = left / width, top / height, (right - left) / width, (bottom - top) / height
    return page[top:bottom, left:right].copy(), part, (x - left, y - top, wide, high)


def _frame_of(reference: Words, seen: Decoded, told: object) -> tuple[Frame, int, bool]:
    """(frame, bits, whether its negative was nearer): the frame that the match is of.

    told: the match's own distance. Without one the first, unless another is far nearer.
    """
    found = [(frame, *distance(reference, phash(frame.pixels))) for frame in seen.frames]
    for one in found:
        if one[1] == told:
            return one
    nearest = min(found, key=lambda one: one[1])
    return nearest if nearest[1] < found[0][1] - _NEARER else found[0]


def _box(pixels: Pixels, match: Mapping[str, object] | None) -> tuple[float, float, float, float]:
    """Where to look for the logo, in pixels: where the match found it, or what stands out."""
    width, height = _size(pixels)
    evidence = _match_facts(match)["evidence"] if match is not None else {}
    assert isinstance(evidence, dict)
    x, y, wide, high = (float(evidence.get(f"box-{side}", 0.0)) for side in ("x", "y", "w", "h"))
    if not (wide > 0 and high > 0):
        regions = find_regions(pixels, extra=False).regions
        x, y, wide, high = regions[0].box if regions else (0.0, 0.0, 1.0, 1.0)
    return x * width, y * height, wide * width, high * height


def _size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _decoded(content: bytes | None, what: str, decode: Decode) -> tuple[Decoded | None, str | None]:
    if content is None:
        return None, f"No {what} was at hand."
    made = decode(content)
    if isinstance(made, Undecodable):
        return None, f"The {what} is not shown: {made.reason}."
    return made, None


def _shown(picture: Decoded) -> Pixels:
    return picture.frames[0].pixels if picture.large is None else picture.large


def _picture(decoded: Decoded) -> Picture:
    pixels = _shown(decoded)
    return Picture(
        format=decoded.format,
        width=decoded.width,
        height=decoded.height,
        notes=tuple(sorted(decoded.notes)),
        png=png(pixels),
        thumbnail=png(shrunk(pixels)),
    )


def _hash(frame: Frame) -> PictureHash:
    made = pdq(frame.pixels)
    return PictureHash(
        phash=as_hex(phash(frame.pixels)),
        frame=frame.role,
        gated=gate(frame),
        pdq=None if made is None else as_hex(made[0]),
        pdq_quality=None if made is None else made[1],
    )
