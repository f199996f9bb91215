"""Exact: the compiled search finds what comparing everything in Python finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.images.search import BITS, NOTHING, Vectors, crowding, nearest


def _vectors(count: int, seed: int, *, transposed: bool = False) -> Vectors:
    chosen = np.random.default_rng(seed)
    signs = chosen.integers(0, 2**64, (count, 4), np.uint64)
    handicaps = chosen.integers(0, 40, count).astype(np.int32)
    return Vectors(
        signs=np.ascontiguousarray(signs.T) if transposed else signs, handicaps=handicaps
    )


@given(st.integers(0, 4), st.lists(st.integers(0, 5), max_size=6), st.integers(0, 1000))
def test_the_least_distance_of_every_logo_is_found(
    asked_count: int, sizes: list[int], seed: int
) -> None:
    asked, known = _vectors(asked_count, seed), _vectors(sum(sizes), seed + 1, transposed=True)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    found = nearest(asked, known, starts)
    for logo in range(len(sizes)):
        costs = [
            int(np.bitwise_count(asked.signs[i] ^ known.signs[:, j]).sum())
            + int(asked.handicaps[i] + known.handicaps[j])
            for i in range(asked_count)
            for j in range(starts[logo], starts[logo + 1])
        ]
        assert found.bits[logo] == min(costs, default=NOTHING)


def test_the_row_and_column_of_the_least_are_told() -> None:
    asked, known = _vectors(3, 1), _vectors(9, 2, transposed=True)
    known.signs[:, 7] = asked.signs[2]
    asked.handicaps[:] = known.handicaps[:] = 0
    found = nearest(asked, known, np.array([0, 5, 9]))
    assert (found.bits[1], found.asked[1], found.known[1]) == (0, 2, 7)


def test_crowding_is_the_mean_distance_to_the_nearest_few() -> None:
    asked = _vectors(4, 3).signs
    crowd = _vectors(50, 4).signs
    distances = np.bitwise_count(asked[:, None, :] ^ crowd[None, :, :]).sum(axis=2)
    expected = np.sort(distances, axis=1)[:, :5].mean(axis=1)
    assert np.allclose(crowding(asked, np.ascontiguousarray(crowd.T), 5), expected)
    assert expected.max() < BITS / 2
