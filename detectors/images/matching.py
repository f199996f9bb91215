"""The way of a picture through all stages: hashed, searched, checked, weighed.

`fingerprint` says what a picture is, `rank` how like each logo it is, `match` which of these are
worth a person's time. Everything here works on decoded arrays (`picture.Picture`); nothing is
decoded, nothing is fetched.
May import: namaak.records, detectors.images.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detectors.images import scoring
from detectors.images.agreement import Agreement, verify, verify_against
from detectors.images.descriptor import cosines, describe, table
from detectors.images.gallery import Gallery, Logo, logo_of
from detectors.images.gate import gate, unfit
from detectors.images.inside import find_inside
from detectors.images.keypoints import keypoints_of
from detectors.images.perceptual import BITS, distance, phash
from detectors.images.picture import Frame, Picture, Pixels, Undecodable
from detectors.images.regions import Region, find_regions
from detectors.images.reproducible import reproducible
from detectors.images.search import NOTHING, WORDS, Vectors, Words, nearest
from namaak.records import Resemblance

#: Bits of pHash(16) within which a picture is the logo file itself, saved otherwise.
SAME_BITS = 12
#: What that is worth at least: no stranger's picture among thousands came so near to a logo.
_SAME_LLR = 6.0
#: Logos whose keypoints are compared where the regions leave it open.
_CANDIDATES = 10
#: Pixels of the longer side, and aspect, from which a logo is looked for inside.
_PAGE_SIDE, _BANNER_SIDE, _BANNER_ASPECT = 800, 400, 1.5


def _version() -> str:
    """Changes with any source or table of this room."""
    tables = table().version, scoring.scores().version, scoring.page_scores().version
    digest = hashlib.sha256(" ".join(tables).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return f"images-2.{digest.hexdigest()[:8]}"


VERSION = _version()


@dataclass(frozen=True, slots=True, kw_only=True)
class FramePrint:
    """One frame, hashed."""

    frame: Frame
    phash: Words  #: (4,)
    regions: tuple[Region, ...]
    vectors: Vectors  #: a row for each region
    cosines: Words  #: (n, 4)
    plain: bool  #: one background all round


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """A picture, as far as matching needs it."""

    frames: tuple[FramePrint, ...]
    large: Pixels | None  #: where a logo may stand somewhere inside: a page, a banner
    gated: str | None  #: why it is never matched on the picture alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """How like one logo a picture is."""

    logo: int  #: index in the gallery
    frame: int  #: index in the fingerprint
    region: int | None  #: of the frame that is most like it; None where it has none
    region_bits: int  #: with handicaps; NOTHING without a region
    cosine_bits: int
    whole_bits: int  #: pHash, the nearer polarity
    negative: bool  #: that polarity was the negative
    agreement: Agreement | None  #: of keypoints, where they were asked and found
    score: float  #: of `scoring.score`; inside a page, of its keypoints alone
    llr: float  #: natural-log likelihood ratio: edited logo against a stranger's picture


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHit:
    """The most like logo of one brand.

    Of a logo inside a page, `candidate.agreement` is in pixels of the fingerprint's `large`.
    """

    brand_id: str
    logo: Logo
    resemblance: Resemblance
    candidate: Candidate
    same_file: bool


@reproducible()
def enrol(brand_id: str, name: str, sha256: str, picture: Picture) -> Logo | Undecodable:
    """A logo of the watch file as a reference; refused where it would match at random."""
    frame = picture.frames[0]
    why = unfit(frame)
    if why:
        return Undecodable(why)
    return logo_of(brand_id, name, sha256, frame, gated=gate(frame) is not None)


@reproducible()
def fingerprint(picture: Picture) -> Fingerprint:
    """All frames; gated only where every frame is."""
    reasons = [gate(frame) for frame in picture.frames]
    return Fingerprint(
        frames=tuple(_print(frame) for frame in picture.frames),
        large=picture.large if _is_page(picture) else None,
        gated=None if None in reasons else reasons[0],
    )


def _is_page(picture: Picture) -> bool:
    """Larger or longer than what anybody uploads as a portrait."""
    longer, shorter = max(picture.width, picture.height), min(picture.width, picture.height)
    return longer >= _PAGE_SIDE or (longer >= _BANNER_SIDE and longer >= _BANNER_ASPECT * shorter)


def _print(frame: Frame) -> FramePrint:
    found = find_regions(frame.pixels)
    return FramePrint(
        frame=frame,
        phash=phash(frame.pixels),
        regions=found.regions,
        vectors=describe(found.regions),
        cosines=np.array([cosines(one) for one in found.regions], np.uint64).reshape(-1, WORDS),
        plain=found.plain,
    )


@reproducible()
def rank(made: Fingerprint, gallery: Gallery, *, ask_always: bool = False) -> list[Candidate]:
    """The most like logos, most like first, without any threshold; at most a dozen or so, but
    every logo that it is a near copy of: many brands may use one picture.

    ask_always: keypoints of every picture, for fitting what they are worth.
    """
    if not gallery.logos:
        return []
    best: dict[int, Candidate] = {}
    for number, one in enumerate(made.frames):
        for candidate in _rank_frame(number, one, gallery, ask_always):
            standing = best.get(candidate.logo)
            if standing is None or _worth(candidate) > _worth(standing):
                best[candidate.logo] = candidate
    return sorted(best.values(), key=lambda found: (-found.score, found.logo))


def _worth(found: Candidate) -> tuple[float, float]:
    return found.llr, found.score


def _rank_frame(
    number: int, made: FramePrint, gallery: Gallery, ask_always: bool
) -> list[Candidate]:
    near = nearest(made.vectors, gallery.vectors, gallery.starts)
    waves = np.full(len(gallery.logos), BITS // 2)
    compared = near.bits < NOTHING
    if compared.any():
        pairs = made.cosines[near.asked[compared]] ^ gallery.cosines[near.known[compared]]
        waves[compared] = np.bitwise_count(pairs).sum(axis=1)
    straight = np.bitwise_count(gallery.phashes ^ made.phash).sum(axis=1).astype(np.int32)
    whole = np.minimum(straight, BITS - straight)
    base = scoring.score(scoring.likenesses(near.bits, waves, whole, 0.0))
    first = np.argsort(-base, kind="stable")[:_CANDIDATES]
    # The ratios were fitted on the likest of so many logos; more have more chances.
    dearer = math.log(max(1.0, len(gallery.logos) / scoring.scores().logos))
    agreements: dict[int, Agreement] = {}
    if ask_always or not made.plain or base[first[0]] >= scoring.scores().keypoints_from:
        agreements = _agreements(made, gallery, first.tolist())
    near_copies = straight <= SAME_BITS
    logos = dict.fromkeys([*first.tolist(), *agreements, *np.flatnonzero(near_copies).tolist()])
    found = []
    for logo in logos:
        agreement = agreements.get(logo)
        likeness = scoring.likenesses(
            near.bits[logo], waves[logo], whole[logo], agreement.score if agreement else 0.0
        )
        value = float(scoring.score(likeness)[0])
        found.append(
            Candidate(
                logo=logo,
                frame=number,
                region=int(near.asked[logo]) if compared[logo] else None,
                region_bits=int(near.bits[logo]),
                cosine_bits=int(waves[logo]),
                whole_bits=int(whole[logo]),
                negative=bool(straight[logo] > BITS - straight[logo]),
                agreement=agreement,
                score=value,
                llr=max(
                    scoring.ratio(value) - dearer,
                    _SAME_LLR if near_copies[logo] else -math.inf,
                ),
            )
        )
    return found


def _agreements(made: FramePrint, gallery: Gallery, first: Sequence[int]) -> dict[int, Agreement]:
    """Of keypoints, which cost more than all the rest: asked only where they can decide.

    Where the background is no plain one the regions may be wrong: then all logos are asked.
    Where some logo is likely but not certain: those that are likest so far.
    """
    here = keypoints_of(made.frame.pixels)
    asked = verify_against(here, gallery.pool, first) if made.plain else verify(here, gallery.pool)
    agreements: dict[int, Agreement] = {}
    for one in asked:
        if one.logo not in agreements or one.score > agreements[one.logo].score:
            agreements[one.logo] = one
    return agreements


@reproducible()
def match(sha256: str, made: Fingerprint, gallery: Gallery) -> list[ImageHit]:
    """The most like logo of each brand that is worth a person's time, most like first.

    The very file of a logo always is. A gated picture is not otherwise, but as a near copy of a
    logo that would be gated itself.
    """
    hits: dict[str, ImageHit] = {}
    for candidate in rank(made, gallery):
        logo = gallery.logos[candidate.logo]
        same_file = logo.sha256 == sha256
        near = candidate.whole_bits <= SAME_BITS and not candidate.negative
        # A logo that says nothing by itself (a letter, a disc) is known by its own copies alone.
        if made.gated and not same_file and not (near and logo.gated):
            continue
        if not same_file and candidate.llr < scoring.scores().match_from:
            continue
        same = same_file or near
        hit = ImageHit(
            brand_id=logo.brand_id,
            logo=logo,
            resemblance=Resemblance.SAME_IMAGE if same else Resemblance.NEAR_IMAGE,
            candidate=candidate,
            same_file=same_file,
        )
        standing = hits.get(logo.brand_id)
        if standing is None or (same_file and not standing.same_file):
            hits[logo.brand_id] = hit
    if made.large is not None and not made.gated:
        # Of a brand that the whole picture shows already, nothing more is asked.
        hits = _inside(made, gallery) | hits
    return sorted(hits.values(), key=lambda hit: (-hit.candidate.llr, hit.brand_id))


def _inside(made: Fingerprint, gallery: Gallery) -> dict[str, ImageHit]:
    """Per brand the surest logo on a page; by keypoints alone."""
    hits: dict[str, ImageHit] = {}
    if made.large is None or not gallery.logos:
        return hits
    known = scoring.page_scores()
    for found in find_inside(made.large, gallery.pool, least_score=known.match_from):
        logo = gallery.logos[found.logo]
        if logo.brand_id in hits:
            continue
        whole, negative = distance(logo.phash, made.frames[0].phash)
        hits[logo.brand_id] = ImageHit(
            brand_id=logo.brand_id,
            logo=logo,
            resemblance=Resemblance.LOGO_INSIDE,
            candidate=Candidate(
                logo=found.logo,
                frame=0,
                region=None,
                region_bits=NOTHING,
                cosine_bits=BITS // 2,
                whole_bits=whole,
                negative=negative,
                agreement=found,
                score=found.score,
                llr=known.llr,
            ),
            same_file=False,
        )
    return hits
