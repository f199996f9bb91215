"""More likeness is never less evidence; nothing below chance counts against anybody."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.images import scoring

_BITS = st.integers(0, 256)
_SCORE = st.floats(0, 100)


@given(_BITS, _BITS, _BITS, _SCORE)
def test_the_score_is_monotone_in_every_likeness(
    region: int, waves: int, whole: int, keypoints: float
) -> None:
    here = scoring.score(scoring.likenesses(region, waves, whole, keypoints))[0]
    for nearer in (
        (region - 1, waves, whole, keypoints),
        (region, waves - 1, whole, keypoints),
        (region, waves, whole - 1, keypoints),
        (region, waves, whole, keypoints + 1),
    ):
        assert scoring.score(scoring.likenesses(*nearer))[0] >= here


@given(_BITS, _BITS, _BITS, _SCORE)
def test_no_likeness_is_negative(region: int, waves: int, whole: int, keypoints: float) -> None:
    assert (scoring.likenesses(region, waves, whole, keypoints) >= 0).all()


def test_the_shipped_table_rises_and_every_likeness_has_weight() -> None:
    table = scoring.scores()
    assert (np.diff(table.steps) > 0).all() and (np.diff(table.ratios) >= 0).all()
    assert (table.weights >= 0).all() and table.weights[0] > 0 and table.weights[3] > 0
    assert table.ratios[0] < 0 < table.match_from < table.ratios[-1]


def test_ratios_between_steps_lie_between_them() -> None:
    table = scoring.scores()
    for low, high in itertools.pairwise(table.steps):
        assert scoring.ratio(low) <= scoring.ratio((low + high) / 2) <= scoring.ratio(high)
