"""Pictures of nobody."""

from __future__ import annotations

import pytest

from benchmarks.images.avatars import DEFAULTS, DISTRACTORS
from benchmarks.images.choosing import seeded


@pytest.mark.parametrize("kind", sorted({**DISTRACTORS, **DEFAULTS}))
def test_they_are_the_same_every_time_and_differ_by_seed(kind: str) -> None:
    draw, _ = {**DISTRACTORS, **DEFAULTS}[kind]
    one, same, other = (draw(seeded(seed, kind)) for seed in (1, 1, 2))
    assert one.shape == (256, 256, 3)
    assert (one == same).all()
    assert (one != other).any()


def test_there_are_a_thousand_of_the_platforms() -> None:
    assert sum(count for _, count in DEFAULTS.values()) == 1_000


def test_tiles_are_symmetric() -> None:
    picture = DEFAULTS["tiles"][0](seeded(3, "tiles"))
    inside = picture[24:230, 24:230]
    assert (inside[:, 10] == inside[:, -11]).mean() > 0.95
