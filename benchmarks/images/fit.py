"""Makes the detector's tables again: `descriptor.npz`, `picture_scores.toml`, `page_scores.toml`.

    python -m benchmarks.images fit --icons FOLDER --logos FILE [--only-pages]

--icons makes the first, --logos the other two.

The matrix: icons (see `icons`) are edited as impersonators edit logos; the differences between an
icon's regions before and after are what must count little (their covariance is whitened), the
differences between icons what must count much (linear discriminant analysis; Fukunaga,
"Introduction to Statistical Pattern Recognition", chapter 10). The crowd: regions of icons,
letters and shapes. The scores: likenesses of the logos that `fitted_on.txt` names, edited, and
of strangers, weighed by a logistic regression without negative weights; the log-likelihood
ratios by isotonic regression. About twenty minutes of one core. No logo that is tested is seen.
May import: benchmarks, detectors.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.images import crowd
from benchmarks.images.compositing import jpeg, unpacked
from benchmarks.images.edits import EDITS, canvas
from benchmarks.images.icons import Icon, read_icons
from benchmarks.measuring import say
from detectors.images import descriptor
from detectors.images.descriptor import raw
from detectors.images.gallery import variants_of
from detectors.images.picture import Frame
from detectors.images.regions import find_regions
from detectors.images.search import BITS

Floats = npt.NDArray[np.float32]

_SEED = 20261122
_EDITS_EACH = 8
#: Edits that the matrix is not made for: mirroring is enrolled, photographs have no regions.
_LEFT_OUT = frozenset({"photo background", "mirrored"})
_LEAST_ALIKE = 0.35  # cosine of a pair: below it the region shows something else
_SHRINKAGE = 0.1  # of all variance, added to the variance within an icon
_CROWD_EACH = 700
_TABLES = Path(descriptor.__file__).with_name("tables")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """One icon: raw descriptions before and after."""

    variants: Floats  #: (m, RAW)
    edited: Floats  #: (n, RAW)


def _described(icon: Icon) -> _Described | None:
    chosen = random.Random(zlib.crc32(f"{icon.name}/{_SEED}".encode()))  # noqa: S311
    given = canvas(icon.drawing, "fit")
    frame = Frame(pixels=unpacked(jpeg(given.picture, 85)))
    variants = [raw(one) for one in variants_of(frame)]
    names = chosen.sample([edit for edit in EDITS if edit not in _LEFT_OUT], _EDITS_EACH)
    edited = [
        raw(region)
        for name in names
        for region in find_regions(unpacked(EDITS[name](given, chosen))).regions
    ]
    if not variants or not edited:
        return None
    return _Described(variants=np.stack(variants), edited=np.stack(edited))


def _first_region(picture: npt.NDArray[np.uint8]) -> list[Floats]:
    return [raw(one) for one in find_regions(picture, extra=False).regions[:2]]


def discriminant(icons: Sequence[_Described]) -> tuple[Floats, Floats]:
    """(mean, matrix (RAW, BITS)) that turn raw descriptions into ones to take the signs of."""
    known = np.concatenate([icon.variants for icon in icons])
    mean = known.mean(axis=0)
    within = np.zeros((known.shape[1], known.shape[1]))
    pairs = 0
    for icon in icons:
        likeness = _unit(icon.edited - mean) @ _unit(icon.variants - mean).T
        nearest = likeness.argmax(axis=1)
        alike = likeness.max(axis=1) > _LEAST_ALIKE
        differ = (icon.edited - icon.variants[nearest])[alike]
        within += differ.T @ differ
        pairs += len(differ)
    total = np.cov(known.T)
    within = within / max(pairs, 1) + _SHRINKAGE * total
    within += 1e-3 * np.trace(within) / len(within) * np.eye(len(within))
    variances, directions = np.linalg.eigh(within)
    whitened = directions / np.sqrt(variances)
    between, axes = np.linalg.eigh(whitened.T @ total @ whitened)
    best = np.argsort(-between)[:BITS]
    matrix = whitened @ axes[:, best] / np.sqrt(between[best])
    return mean.astype(np.float32), matrix.astype(np.float32)


def _unit(rows: Floats) -> Floats:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def make_descriptor(folders: list[Path], jobs: int) -> None:
    """Writes descriptor.npz."""
    icons = list(read_icons(folders, _SEED))
    say(f"{len(icons):,} icons")
    with ProcessPoolExecutor(jobs) as pool:
        found = pool.map(_described, icons, chunksize=16)
        described = [one for one in found if one is not None]
        mean, matrix = discriminant(described)
        say(f"matrix from {len(described):,} icons")
        # As it will be read: what is rounded here is rounded for everybody.
        matrix16 = matrix.astype(np.float16)
        chosen = random.Random(_SEED)  # noqa: S311
        drawn = [crowd.letters(chosen) for _ in range(_CROWD_EACH)]
        drawn += [crowd.shapes(chosen) for _ in range(_CROWD_EACH)]
        marks = [one for rows in pool.map(_first_region, drawn, chunksize=64) for one in rows]
    marks += [icon.variants[0] for icon in described]
    signs = (np.stack(marks) - mean) @ matrix16.astype(np.float32) > 0
    words = np.packbits(signs, axis=1).view(">u8").astype(np.uint64)
    np.savez_compressed(_TABLES / "descriptor.npz", mean=mean, matrix=matrix16, crowd=words)
    say(f"descriptor.npz: a crowd of {len(words):,}")


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images fit")
    folder = "folder of iconify's sets, such as node_modules/@iconify-json"
    parser.add_argument("--icons", type=Path, action="append", default=[], help=folder)
    parser.add_argument("--logos", type=Path, help="logos file; its fit part gives the scores")
    parser.add_argument("--cache", type=Path, help="folder that keeps drawn pictures")
    parser.add_argument("--only-pages", action="store_true", help="of --logos, the last table")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args(arguments)
    if not given.icons and not given.logos:
        parser.error("give --icons, --logos or both")
    if given.icons:
        make_descriptor(given.icons, given.jobs)
    if given.logos:
        from benchmarks.images.fit_pages import make_pages
        from benchmarks.images.fit_scores import make_scores

        with tempfile.TemporaryDirectory() as folder:
            cache = given.cache or Path(folder)
            if not given.only_pages:
                make_scores(given.logos, cache, given.jobs, _TABLES / "picture_scores.toml")
            make_pages(given.logos, _TABLES / "page_scores.toml")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
