"""What was found in pictures as rows: of what each is, and of which logo it resembles.

May import: namaak.records, detectors.images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detectors.images.explaining import explain
from detectors.images.matching import VERSION, Fingerprint, FramePrint, ImageHit
from detectors.images.picture import Picture, Undecodable
from detectors.images.scoring import at_even_odds
from detectors.images.search import NOTHING, WORDS, Words
from namaak.records import Field, PictureOutcome, Place, Resemblance

_NO_WORDS = dict.fromkeys(
    f"{hashed}_{word}" for hashed in ("phash", "region", "dct") for word in range(WORDS)
)


def undecodable_row(sha256: str, refused: Undecodable) -> dict[str, object]:
    """The one row of PICTURE_SCHEMA of a picture that nobody could read."""
    return {
        "image_sha256": sha256, "detector": VERSION,
        "format": None, "width": None, "height": None, "notes": [],
        "outcome": str(PictureOutcome.UNDECODABLE), "reason": refused.reason,
        "frame": None, "region": -1, **_NO_PLACE, **_NO_WORDS,
    }  # fmt: skip


_BOX = ("box-x", "box-y", "box-w", "box-h")
_NO_PLACE = dict.fromkeys(("region_kind", "box_x", "box_y", "box_w", "box_h"))


def picture_rows(sha256: str, picture: Picture, made: Fingerprint) -> Iterator[dict[str, object]]:
    """Rows of PICTURE_SCHEMA: each frame whole, then its regions."""
    outcome = PictureOutcome.GATED if made.gated else PictureOutcome.HASHED
    common = {
        "image_sha256": sha256, "detector": VERSION,
        "format": picture.format, "width": picture.width, "height": picture.height,
        "notes": sorted(picture.notes), "outcome": str(outcome), "reason": made.gated,
    }  # fmt: skip
    for one in made.frames:
        frame = {**common, "frame": one.frame.role}
        yield {**frame, "region": -1, **_NO_PLACE, **_NO_WORDS, **_words("phash", one.phash)}
        for number, region in enumerate(one.regions):
            x, y, width, height = region.box
            yield {
                **frame, **_NO_WORDS, "region": number, "region_kind": region.kind,
                "box_x": x, "box_y": y, "box_w": width, "box_h": height,
                **_words("region", one.vectors.signs[number]),
                **_words("dct", one.cosines[number]),
            }  # fmt: skip


def _words(name: str, bits: Words) -> dict[str, int]:
    return {f"{name}_{number}": int(word) for number, word in enumerate(bits)}


def match_row(hit: ImageHit, made: Fingerprint) -> dict[str, object]:
    """A hit in the columns of MATCH_SCHEMA; `value`, `suppressed` and provenance lack."""
    found = hit.candidate
    one = made.frames[found.frame]
    edits: tuple[str, ...] = ()
    evidence = {"llr": found.llr, "score": found.score}
    if found.region is not None and found.region_bits < NOTHING:
        evidence["region-distance"] = found.region_bits
    if found.agreement is not None:
        evidence["inliers"] = found.agreement.inliers
        evidence["keypoints"] = found.agreement.score
    if hit.resemblance is Resemblance.LOGO_INSIDE:
        box, edits = _on_page(hit, made)
        evidence |= box
    elif not hit.same_file:
        box, agreed, edits = _explained(hit, one)
        evidence |= {"agreement": agreed, **box}
    return {
        "brand_id": hit.brand_id,
        "field": str(Field.IMAGE),
        "term": hit.logo.name,
        "resemblance": str(hit.resemblance),
        "place": str(Place.WHOLE),
        "distance": 0 if hit.same_file else found.whole_bits,
        "strength": round(at_even_odds(found.llr), 3),
        "span_start": -1,
        "span_end": -1,
        "layers": list(edits),
        "lures": [],
        "traits": [],
        "kinds": None,
        "evidence": evidence,
        "detector": VERSION,
        "tables": "",
    }


def _on_page(hit: ImageHit, made: Fingerprint) -> tuple[Mapping[str, float], tuple[str, ...]]:
    """(box as fractions of the page, edits); what lies around a logo there is the page itself."""
    found = hit.candidate.agreement
    if found is None or made.large is None:
        return {}, ()
    height, width = made.large.shape[:2]
    left, top, right, bottom = found.box
    sizes = left / width, top / height, (right - left) / width, (bottom - top) / height
    edits = (("mirrored", found.mirrored), ("inverted", found.negative))
    return (
        {name: round(size, 4) for name, size in zip(_BOX, sizes, strict=True)},
        tuple(edit for edit, is_so in edits if is_so),
    )


def _explained(
    hit: ImageHit, one: FramePrint
) -> tuple[Mapping[str, float], float, tuple[str, ...]]:
    """(box as fractions of the frame, agreement, edits)."""
    height, width = one.frame.pixels.shape[:2]
    found = hit.candidate
    box = (0.0, 0.0, float(width), float(height))
    if found.region is not None:
        x, y, wide, high = one.regions[found.region].box
        box = (x * width, y * height, wide * width, high * height)
    transform = None if found.agreement is None else found.agreement.transform
    said = explain(hit.logo.frame, one.frame, transform=transform, box=box)
    x, y, wide, high = said.box
    sizes = x / width, y / height, wide / width, high / height
    place = {name: round(size, 4) for name, size in zip(_BOX, sizes, strict=True)}
    return place, said.agreement, said.edits
