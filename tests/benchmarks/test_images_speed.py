"""What the speed benchmark feeds and prints."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.images.compositing import plain, png, unpacked
from benchmarks.images.speed import flipped, formats, measure_search, timed


def test_made_vectors_differ_from_a_real_one_in_a_quarter_of_their_bits() -> None:
    real = np.array([[1, 2, 3, 4]], np.uint64)
    made = flipped(real, 2_000, np.random.default_rng(1))
    assert made.shape == (2_000, 4)
    differ = np.bitwise_count(made ^ real).sum(axis=1)
    assert differ.mean() == pytest.approx(64, abs=2)


def test_pictures_come_in_the_forms_that_platforms_serve() -> None:
    made = formats([png(plain((10, 200, 30)))])
    assert unpacked(made["jpeg 256"][0]).shape == (256, 256, 3)
    assert unpacked(made["jpeg 400"][0]).shape == (400, 400, 3)
    assert made["as in the protocol"] == [png(plain((10, 200, 30)))]


def test_each_thing_is_timed_once_after_one_warm_up(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[int] = []
    timed("test", {"method": "none"}, seen.append, [1, 2, 3])
    assert seen == [1, 1, 2, 3]
    line = json.loads(capsys.readouterr().out)
    assert line["bench"] == "images-speed"
    assert line["pictures"] == 3
    assert line["pictures_per_cpu_s"] > 0


def test_the_search_says_how_many_comparisons_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    real = np.random.default_rng(2).integers(0, 2**64, (9, 4), np.uint64)
    measure_search(real, pictures=3, regions=2, variants=2)
    line = json.loads(capsys.readouterr().out)
    assert (line["pictures"], line["logos"], line["vectors_per_logo"]) == (3, 1_000, 2)
    assert line["comparisons_per_cpu_s"] > 0
