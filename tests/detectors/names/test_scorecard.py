"""Weights are data; a score is their sum, and can be told term by term."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.names.features import FEATURES
from detectors.names.scorecard import (
    CASE_TYPES,
    best_of_brands,
    contributions,
    read_scorecard,
    review_at,
    score,
    scorecard,
    weights,
)

TEXT = """
version = "7"
described = "two names"
[weights.fraud]
constant = 1.0
gain = 2.0
[weights.dispute]
constant = 0.5
[thresholds]
4000 = 3.0
[tail]
score = [0.0, 1.0]
per_million = [2.0, 0.5]
"""


def row(**values: float) -> np.ndarray:
    features = np.zeros(len(FEATURES), np.float32)
    for name, value in values.items():
        features[FEATURES.index(name)] = value
    return features


def test_a_score_is_the_sum_of_weighed_features() -> None:
    card = read_scorecard(TEXT)
    rows = np.stack([row(constant=1, gain=1.5), row(constant=1)])
    assert score(rows, card.column()).tolist() == [4.0, 1.0]
    assert score(rows, card.column("dispute")).tolist() == [0.5, 0.5]


def test_contributions_add_up_to_the_score_weightiest_first() -> None:
    features = row(constant=1, gain=0.7, edits=2, rest_random=0.5, token_rate=1.2)
    parts = contributions(features)
    assert sum(part.points for part in parts) == pytest.approx(
        float(score(features[None], scorecard().column())[0]), abs=1e-4
    )
    assert [abs(part.points) for part in parts] == sorted(
        (abs(part.points) for part in parts), reverse=True
    )


def test_every_feature_has_a_sentence_and_none_is_left_with_a_hole() -> None:
    card = read_scorecard(
        TEXT.replace("gain = 2.0", "\n".join(f"{n} = 1.0" for n in FEATURES if n != "constant"))
    )
    features = np.full(len(FEATURES), 0.5, np.float32)
    said = {part.feature: part.says for part in contributions(features, card=card)}
    assert set(said) == set(FEATURES)
    assert all(text and "{" not in text for text in said.values())


def test_rates_are_told_as_numbers_of_names_not_as_logarithms() -> None:
    (part,) = (one for one in contributions(row(token_rate=2.0)) if one.feature == "token_rate")
    assert part.says.startswith("100 of a million")


def test_shipped_weights_speak_in_the_direction_their_features_ought_to() -> None:
    fraud = weights()
    assert all(fraud.get(name, 0) <= 0 for name in ("edits", "token_rate", "loss", "covered"))
    assert all(fraud.get(name, 0) >= 0 for name in ("gain", "whole", "left", "learned"))
    assert not {"learned", "suffix"} & set(weights("dispute"))
    assert scorecard().thresholds[1000] > review_at() > scorecard().thresholds[10000]
    assert set(scorecard().weights) == set(CASE_TYPES)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("version = ", "cannot be read"),
        (TEXT.replace("gain = 2.0", "wisdom = 2.0"), "wisdom"),
        (TEXT.replace("[0.0, 1.0]", "[1.0, 0.0]"), "ascending"),
        (TEXT.replace("[weights.dispute]", "[weights.other]"), "dispute"),
    ],
)
def test_broken_weights_are_refused_with_a_sentence(broken: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_scorecard(broken)


def test_of_each_name_and_brand_the_best_sighting_is_taken_and_of_equals_the_first() -> None:
    rows = np.array([1, 0, 1, 1, 0])
    brands = np.array([0, 0, 0, 1, 0], np.int32)
    scores = np.array([1.0, 2.0, 3.0, 0.5, 2.0], np.float32)
    assert best_of_brands(rows, brands, scores).tolist() == [1, 2, 3]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(-3, 3)), max_size=30))
def test_the_best_of_brands_is_what_a_loop_finds(found: list[tuple[int, int, int]]) -> None:
    best: dict[tuple[int, int], int] = {}
    for at, (name, brand, points) in enumerate(found):
        if (name, brand) not in best or points > found[best[name, brand]][2]:
            best[name, brand] = at
    columns = [np.array(column) for column in zip(*found, strict=True)] or [np.zeros(0)] * 3
    taken = best_of_brands(
        columns[0].astype(np.int64), columns[1].astype(np.int32), columns[2].astype(np.float32)
    )
    assert taken.tolist() == [best[key] for key in sorted(best)]
