"""Logos found somewhere on a page: recall by height, and false alarms a page.

    python -m benchmarks.images pages --logos FILE [--pages 210]

Half of the pages (1280 x 800, see `page_drawing`) show one watched logo anywhere, 24 to 200
pixels high, in its own colours, inverted, or on a bar of another colour; half show none, but
logos of strangers. 300 logos are watched, by one reference each. JSON lines:
- `recall`: per height, per treatment, compact logos and wordmarks, and `all`: the right brand
  was found where it is (the boxes' overlap is 30 % of their union or more). At the product's own
  threshold (`rule` "own"), and at the score that one page in a hundred without a logo reaches
  (`fpr`). `low`, `high`: Wilson's 95 % interval.
- `false-alarms`: share of the pages without a watched logo on which one was found, and how many.
- `speed`: CPU seconds a page, from its bytes.
May import: benchmarks, detectors.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from benchmarks.images.choosing import SEEDS, Chosen, Part, choose, seeded
from benchmarks.images.compositing import jpeg, png
from benchmarks.images.edits import canvas
from benchmarks.images.page_drawing import HEIGHTS, TREATMENTS, Page, draw_page, with_logo
from benchmarks.images.quality import threshold, wilson
from benchmarks.measuring import measured, say, share
from detectors.images.decoding import decode
from detectors.images.inside import find_inside
from detectors.images.keypoints import logo_keypoints
from detectors.images.picture import Undecodable
from detectors.images.pool import Pool, pool_of
from detectors.images.scoring import page_scores

FPR = 0.01
_OVERLAP = 0.3

Box = tuple[float, float, float, float]  #: left, top, right, bottom, pixels of the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A logo that a finder says is on the page."""

    logo: int  #: index of the reference
    score: float
    box: Box
    flagged: bool  #: by the finder's own threshold


class Finder(Protocol):
    """Enrolled once, asked per page."""

    def enrol(self, pictures: Sequence[bytes]) -> None:
        """The references, in the order that answers count them."""

    def find(self, page: bytes) -> list[Found]:
        """All that it finds, at any score."""


class Ours:
    """The product: its decoder and its search inside pictures."""

    def __init__(self) -> None:
        self._pool: Pool | None = None

    def enrol(self, pictures: Sequence[bytes]) -> None:
        made = [decode(one) for one in pictures]
        self._pool = pool_of([
            logo_keypoints(one.frames[0].pixels)
            for one in made if not isinstance(one, Undecodable)
        ])  # fmt: skip

    def find(self, page: bytes) -> list[Found]:
        picture = decode(page)
        if isinstance(picture, Undecodable) or picture.large is None or self._pool is None:
            return []
        limit = page_scores().match_from
        return [
            Found(logo=one.logo, score=one.score, box=one.box, flagged=one.score >= limit)
            for one in find_inside(picture.large, self._pool, least_score=0.0)
        ]


#: By the names that results bear.
FINDERS: Mapping[str, Callable[[], Finder]] = {"ours": Ours}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page and what is on it."""

    page: Page
    logo: int  #: index of the reference; -1 for none
    height: int = 0
    treatment: str = ""
    compact: bool = True


def shown_pages(chosen: Chosen, part: Part, count: int) -> Iterator[Shown]:
    """Every other page with a logo: heights and treatments in turn, brands in random order."""
    strangers = [one.logo for one in chosen.strangers]
    keys = list(chosen.gallery)
    order = list(range(len(keys)))
    seeded(SEEDS[part], "pages").shuffle(order)
    for number in range(count):
        random = seeded(SEEDS[part], "page", number)
        page = draw_page(strangers, part, random)
        if number % 2:
            yield Shown(page=page, logo=-1)
            continue
        turn = number // 2
        logo = order[turn % len(order)]
        drawing = chosen.gallery[keys[logo]]
        height = HEIGHTS[turn % len(HEIGHTS)]
        treatment = TREATMENTS[turn // len(HEIGHTS) % len(TREATMENTS)]
        yield Shown(
            page=with_logo(page, drawing.logo, height, treatment, random), logo=logo,
            height=height, treatment=treatment, compact=drawing.compact,
        )  # fmt: skip


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0 to 1.

    >>> overlap((0, 0, 2, 2), (1, 0, 3, 2))
    0.3333333333333333
    """
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    both = wide * high
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / (areas - both)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a finder made of one page."""

    shown: Shown
    right: float  #: best score of the right logo where it is; -inf for none
    right_flagged: bool
    wrong: float  #: best score of anything else
    alarms: int  #: things flagged that are not there


def judge(shown: Shown, found: Sequence[Found]) -> Outcome:
    """Tells what is there from what is not."""
    right: list[Found] = []
    wrong: list[Found] = []
    for one in found:
        box = shown.page.box
        hit = one.logo == shown.logo and box is not None and overlap(one.box, box) >= _OVERLAP
        (right if hit else wrong).append(one)
    return Outcome(
        shown=shown,
        right=max((one.score for one in right), default=-math.inf),
        right_flagged=any(one.flagged for one in right),
        wrong=max((one.score for one in wrong), default=-math.inf),
        alarms=sum(one.flagged for one in wrong),
    )


def emit(finder: str, measure: str, columns: Mapping[str, object]) -> None:
    """One line of results."""
    line = {"bench": "images-pages", "method": finder, "measure": measure, **columns}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def report(finder: str, outcomes: Sequence[Outcome]) -> None:
    """Recall and false alarms of one finder."""
    without = [one for one in outcomes if one.shown.logo < 0]
    with_one = [one for one in outcomes if one.shown.logo >= 0]
    limit = threshold(np.array([one.wrong for one in without]), FPR)
    groups: list[tuple[str, list[Outcome]]] = [("all", with_one)]
    groups += [(f"{height} px", [one for one in with_one if one.shown.height == height])
               for height in HEIGHTS]  # fmt: skip
    groups += [(treatment, [one for one in with_one if one.shown.treatment == treatment])
               for treatment in TREATMENTS]  # fmt: skip
    groups += [("compact", [one for one in with_one if one.shown.compact]),
               ("wordmarks", [one for one in with_one if not one.shown.compact])]  # fmt: skip
    for name, mine in groups:
        for rule, hits in (
            ({"rule": "own"}, sum(one.right_flagged for one in mine)),
            ({"fpr": FPR}, sum(one.right > limit for one in mine)),
        ):
            low, high = wilson(hits, len(mine)) or (None, None)
            emit(finder, "recall", {"of": name, **rule, "recall": share(hits, len(mine)),
                                    "low": low, "high": high, "pages": len(mine)})  # fmt: skip
    alarmed = sum(one.alarms > 0 for one in without)
    low, high = wilson(alarmed, len(without)) or (None, None)
    emit(finder, "false-alarms", {
        "pages": len(without), "pages_with_alarm": share(alarmed, len(without)),
        "low": low, "high": high, "alarms": sum(one.alarms for one in without),
    })  # fmt: skip


def measure(chosen: Chosen, part: Part, pages: int, finders: Sequence[str]) -> None:
    """All lines of all finders."""
    references = [jpeg(canvas(one.logo, part).picture, 85) for one in chosen.gallery.values()]
    for name in finders:
        finder = FINDERS[name]()
        finder.enrol(references)
        outcomes = []
        seconds = 0.0
        for shown in shown_pages(chosen, part, pages):
            packed = png(shown.page.pixels)
            with measured() as spent:
                found = finder.find(packed)
            seconds += spent.cpu_s
            outcomes.append(judge(shown, found))
        report(name, outcomes)
        emit(name, "speed", {
            "pages": len(outcomes), "logos": len(references),
            "cpu_s_per_page": round(seconds / max(len(outcomes), 1), 3),
        })  # fmt: skip


def main(argv: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images pages")
    parser.add_argument("--logos", type=Path, required=True, help="a file like logos.parquet")
    parser.add_argument("--part", choices=("test", "fit"), default="test",
                        help="keys that nothing was fitted on, or those alone")  # fmt: skip
    parser.add_argument("--pages", type=int, default=420, help="half of them without a logo")
    parser.add_argument("--methods", nargs="+", choices=tuple(FINDERS), default=tuple(FINDERS))
    given = parser.parse_args(argv)
    cv2.setNumThreads(1)
    say("Drawing the logos.")
    measure(choose(given.logos, given.part), given.part, given.pages, given.methods)
    return 0
