"""Which brands are watched and which drawings are strangers, from a logos file and a seed.

A key is a brand; its drawings by several hands lie in several sets. `fitted_on.txt` names the
keys that anything in the detector was fitted to: part "test" leaves them out everywhere, part
"fit" has nothing but them.
May import: benchmarks.images.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.images.compositing import Rgba, own_ground, place, plain
from benchmarks.images.rendering import Source, aspect_of, opaque_share, read_sources, render

Part = Literal["test", "fit"]

FITTED_ON = Path(__file__).parent / "fitted_on.txt"
SEEDS: Mapping[Part, int] = {"test": 20261121, "fit": 20261119}

GALLERY = 300
_COLOURED = 130
_WORDMARKS = 20

_COLOUR_SETS = ("gilbarbara-logos", "devicon", "super-tiny-icons")
_WORDMARK_SETS = ("gilbarbara-logos-full",)
_PLAIN_SETS = ("simple-icons",)
_LEAST_ENDING = 4
#: Side of the maps in which drawings are compared, and their correlation when they are the same.
_MAP = 64
_SAME = 0.995


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A rendered row of the logos file."""

    source: Source
    logo: Rgba

    @property
    def compact(self) -> bool:
        return 0.5 <= aspect_of(self.logo) <= 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The file, divided."""

    part: Part
    gallery: Mapping[str, Drawing]  #: key to the drawing of its reference, by key
    others: Mapping[str, Sequence[Drawing]]  #: drawings of the same keys by other hands
    strangers: Sequence[Drawing]  #: of keys that are no watched brand's, nor perhaps the same
    counts: Mapping[str, int]  #: rows, and what was left out


def choose(file: Path, part: Part) -> Chosen:
    """Renders the part's drawings, which takes half a minute, and divides them."""
    every = read_sources(file)
    fitted = read_fitted_on()
    mine = [one for one in every if (one.key in fitted) == (part == "fit")]
    drawings: dict[str, list[Drawing]] = {}
    for source in mine:
        logo = render(source)
        if logo is not None:
            drawings.setdefault(source.key, []).append(Drawing(source=source, logo=logo))
    gallery = _gallery(drawings, SEEDS[part])
    others = {
        key: [one for one in drawings[key] if one.source.set != watched.source.set]
        for key, watched in gallery.items()
    }
    unrelated = [one for key, drawn in drawings.items() if not related(key, gallery)
                 for one in drawn]  # fmt: skip
    same = same_drawing(
        [one.logo for one in unrelated], [one.logo for one in gallery.values()]
    ).tolist()
    # All drawings of a brand go when one of them is a watched one.
    twice = {one.source.key for one, is_same in zip(unrelated, same, strict=True) if is_same}
    strangers = [one for one in unrelated if one.source.key not in twice]
    rendered = sum(map(len, drawings.values()))
    return Chosen(
        part=part, gallery=gallery, others=others, strangers=strangers,
        counts={
            "rows of the file": len(every), "rows of this part": len(mine),
            "rows that could not be drawn": len(mine) - rendered,
            "drawings of watched or related keys": rendered - len(unrelated),
            "drawings of watched ones under another key": len(unrelated) - len(strangers),
        },
    )  # fmt: skip


def read_fitted_on(path: Path = FITTED_ON) -> frozenset[str]:
    """Keys, one a line; lines that begin with # are remarks. None where there is no file."""
    if not path.exists():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def related(key: str, others: Collection[str]) -> bool:
    """The key is one of the others, or begins or ends another, or the other way round: perhaps
    the same brand. An ending counts from four letters on.

    >>> related("acmepay", {"acme"}), related("ac", {"acme"}), related("cme", {"acme"})
    (True, True, False)
    >>> related("foundationacme", {"acme"}), related("acmedotio", {"acme-io"})
    (True, True)
    """
    mine = _spelt(key)
    for other in map(_spelt, others):
        short, long = sorted((mine, other), key=len)
        if long.startswith(short) or (len(short) >= _LEAST_ENDING and long.endswith(short)):
            return True
    return False


def _spelt(key: str) -> str:
    """Without signs, whether they stand there or are written out, as one of the sets does."""
    return re.sub(r"[^a-z0-9]|dot|plus|and", "", key) or key


def shape_maps(logos: Sequence[Rgba]) -> npt.NDArray[np.float32]:
    """(n, 4096): how far each pixel is from the drawing's own ground, whatever the colours;
    mean 0, length 1, tight at the drawing."""
    made = np.empty((len(logos), _MAP * _MAP), np.float32)
    for at, logo in enumerate(logos):
        ground = own_ground(logo)
        picture = cv2.resize(place(logo, plain(ground), 1.0), (_MAP, _MAP),
                             interpolation=cv2.INTER_AREA)  # fmt: skip
        far = np.abs(picture.astype(np.float32) - ground).max(axis=2).ravel()
        far -= far.mean()
        made[at] = far / max(float(np.linalg.norm(far)), 1e-6)
    return made


def same_drawing(logos: Sequence[Rgba], watched: Sequence[Rgba]) -> npt.NDArray[np.bool_]:
    """(logos,): that is one of the watched, to the pixel but for its colours. A brand that the
    file holds under two names is no stranger, and no method could tell."""
    if not logos or not watched:
        return np.zeros(len(logos), np.bool_)
    alike = shape_maps(logos) @ shape_maps(watched).T
    return np.asarray(alike.max(axis=1) > _SAME, np.bool_)


def seeded(seed: int, *names: object) -> random.Random:
    """A random source of its own for each thing: adding one changes none of the others."""
    text = "/".join(map(str, (*names, seed)))
    return random.Random(zlib.crc32(text.encode()))  # noqa: S311 - reproducible


def _gallery(drawings: Mapping[str, Sequence[Drawing]], seed: int) -> dict[str, Drawing]:
    """Wordmarks, coloured logos, and the rest of one colour; at most half of the keys."""
    total = min(GALLERY, len(drawings) // 2)
    chosen: dict[str, Drawing] = {}

    def take(sets: Sequence[str], wanted: int, fits: Callable[[Drawing], bool]) -> None:
        keys = sorted(drawings.keys() - chosen.keys())
        seeded(seed, "order", sets).shuffle(keys)
        for key in keys:
            fitting = [one for one in drawings[key] if one.source.set in sets and fits(one)]
            if fitting and wanted > 0:
                chosen[key] = seeded(seed, "drawing", key).choice(fitting)
                wanted -= 1

    take(_WORDMARK_SETS, round(total * _WORDMARKS / GALLERY),
         lambda one: 2 <= aspect_of(one.logo) <= 6)  # fmt: skip
    take(_COLOUR_SETS, round(total * _COLOURED / GALLERY),
         lambda one: one.compact and opaque_share(one.logo) < 0.97)  # fmt: skip
    take(_PLAIN_SETS, total - len(chosen), lambda one: one.compact)
    return dict(sorted(chosen.items()))
