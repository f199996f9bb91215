"""How much a picture's likeness to a logo says: one score, and what it is worth as evidence.

Four likenesses, each 0 where chance would bring as much, are weighed and added; none can lower
the sum, so more likeness is never less evidence. A fitted table of steps then says, for each
score, how much oftener the logo's edited pictures reach it than strangers' do: a log-likelihood
ratio, to which the caller adds whatever prior fits its source.
`python -m benchmarks.images fit` makes the table.
May import: nothing of ours.
"""

from __future__ import annotations

import functools
import hashlib
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: In the order of `likenesses`.
LIKENESSES = ("region", "waves", "whole", "keypoints")
_HALF = 128.0  # of 256 bits differ by chance
#: Agreement by which two unrelated drawings' cosine hashes, and whole pictures, still meet.
_WAVES_BY_CHANCE, _WHOLE_BY_CHANCE = 0.2, 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The fitted table."""

    weights: Floats  #: of LIKENESSES
    steps: Floats  #: scores, ascending
    ratios: Floats  #: natural-log likelihood ratio at each step, ascending
    keypoints_from: float  #: score from which keypoints are worth asking
    match_from: float  #: log-likelihood ratio from which a picture is a match
    logos: int  #: among so many the likest of a stranger's picture was taken
    version: str


@functools.cache
def scores() -> Scores:
    """From the package."""
    data = Path(__file__).with_name("tables").joinpath("picture_scores.toml").read_bytes()
    stored = tomllib.loads(data.decode())
    return Scores(
        weights=np.array([stored["weights"][name] for name in LIKENESSES]),
        steps=np.array(stored["ratios"]["score"]),
        ratios=np.array(stored["ratios"]["llr"]),
        keypoints_from=stored["limits"]["keypoints_from"],
        match_from=stored["limits"]["match_from"],
        logos=stored["limits"]["logos"],
        version=hashlib.sha256(data).hexdigest()[:8],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScores:
    """What a logo found somewhere on a page is worth; one step, as pages are dear to make."""

    match_from: float  #: score of `inside.find_inside` that pages without the logo do not reach
    llr: float  #: natural-log likelihood ratio of a find above it
    version: str


@functools.cache
def page_scores() -> PageScores:
    """From the package."""
    data = Path(__file__).with_name("tables").joinpath("page_scores.toml").read_bytes()
    version = hashlib.sha256(data).hexdigest()[:8]
    return PageScores(**tomllib.loads(data.decode()), version=version)


def likenesses(
    region: npt.ArrayLike, waves: npt.ArrayLike, whole: npt.ArrayLike, keypoints: npt.ArrayLike
) -> Floats:
    """(n, 4), each 0 or more.

    region: bits that differ, with handicaps. waves, whole: bits that differ. keypoints: the
    agreement's score, 0 where there was none. One number or n of each.

    >>> likenesses(0, 0, 0, 0).round(2).tolist()
    [[1.0, 0.8, 0.55, 0.0]]
    """
    columns = (
        1 - np.asarray(region) / _HALF,
        1 - np.asarray(waves) / _HALF - _WAVES_BY_CHANCE,
        1 - np.asarray(whole) / _HALF - _WHOLE_BY_CHANCE,
        np.log1p(np.asarray(keypoints, np.float64)),
    )
    stacked = np.stack(np.broadcast_arrays(*map(np.atleast_1d, columns)), axis=1)
    made: Floats = np.maximum(stacked, 0.0).astype(np.float64)
    return made


def score(likeness: Floats) -> Floats:
    """(n, 4) to (n,)."""
    weighed: Floats = likeness @ scores().weights
    return weighed


def ratio(value: float) -> float:
    """Natural-log likelihood ratio of a score, never less for more."""
    table = scores()
    return float(np.interp(value, table.steps, table.ratios))


def at_even_odds(llr: float) -> float:
    """Probability where logo and stranger were equally likely before.

    >>> at_even_odds(0.0)
    0.5
    """
    return 1 / (1 + math.exp(-llr))
