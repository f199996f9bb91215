"""What quality prints: thresholds, recall, intervals, calibration; methods one by one."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from benchmarks.images import quality
from benchmarks.images.compositing import png
from benchmarks.images.edits import EDITS, canvas
from benchmarks.images.methods import METHODS, Answer, Method, on_white, present, words
from benchmarks.images.quality import Answers, Asked, calibration_error, threshold, wilson


def logos(count: int = 6) -> list[bytes]:
    """Random blocks, 4 x 4, as pictures; no two alike."""
    made = []
    for seed in range(count):
        cells = np.random.default_rng(seed).integers(0, 2, (4, 4), np.uint8)
        picture = np.kron(cells, np.ones((48, 48), np.uint8)) * 200
        framed = np.full((256, 256, 3), 255, np.uint8)
        framed[32:224, 32:224] = 255 - picture[..., None]
        made.append(png(framed))
    return made


@pytest.mark.parametrize("name", present())
def test_every_method_knows_its_references_again(name: str) -> None:
    method = METHODS[name]()
    method.enrol(logos())
    answers = [method.answer(one) for one in logos()]
    assert [one.best for one in answers] == list(range(6))
    assert all(math.isfinite(one.score) for one in answers)


@pytest.mark.parametrize("name", present())
def test_every_method_answers_to_one_colour(name: str) -> None:
    method = METHODS[name]()
    method.enrol(logos())
    answer = method.answer(png(np.full((256, 256, 3), 90, np.uint8)))
    assert -1 <= answer.best < 6
    assert not math.isnan(answer.score)


@pytest.mark.skipif("pdq" not in present(), reason="pdqhash is not installed")
def test_pdq_in_all_ways_sees_mirrored_and_inverted_logos() -> None:
    method = METHODS["pdq-dihedral-polarity"]()
    method.enrol(logos())
    pixels = np.asarray(on_white(logos()[2]))
    for changed in (255 - pixels, pixels[:, ::-1], pixels[::-1]):
        answer = method.answer(png(np.ascontiguousarray(changed)))
        assert answer.best == 2
        assert answer.score > -40


def test_transparency_is_white_for_classical_hashes() -> None:
    layer = np.zeros((8, 8, 4), np.uint8)
    assert np.asarray(on_white(png(layer))).min() == 255


def test_bits_become_words_first_bit_highest() -> None:
    assert words([1] + [0] * 63 + [0] * 63 + [1]).tolist() == [1 << 63, 1]


def test_ties_at_the_threshold_do_not_pass() -> None:
    scores = np.array([9.0, 5.0, 5.0, 5.0, *([1.0] * 96)])
    at = threshold(scores, 0.02)
    assert at == 5.0
    assert (scores > at).sum() == 1
    assert threshold(scores, 0.05) == 1.0
    assert (scores > threshold(scores, 0.0)).sum() == 0


def test_nothing_passes_where_nothing_is_compared() -> None:
    assert threshold(np.full(10, -math.inf), 0.1) == -math.inf
    assert not (np.full(10, -math.inf) > threshold(np.full(10, -math.inf), 0.1)).any()


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe 1998, table I: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 0) is None


def test_calibration_error_is_the_gap_between_claim_and_truth() -> None:
    claimed = np.array([0.2] * 160 + [0.9] * 140)
    right = np.concatenate([np.tile([True] + [False] * 4, 32), np.tile([True] * 9 + [False], 14)])
    even = np.full(300, 1 / 300)
    wrong = (0.6 * 160 + 0.8 * 140) / 300
    assert calibration_error(claimed, right, even) == pytest.approx(0, abs=1e-9)
    assert calibration_error(claimed, ~right, even) == pytest.approx(wrong)
    # Twice as many of the low claims, each weighing half: nothing changes.
    doubled = np.concatenate([claimed[:160], claimed]), np.concatenate([~right[:160], ~right])
    weight = np.repeat([1 / 600, 1 / 300], [320, 140])
    assert calibration_error(*doubled, weight) == pytest.approx(wrong)


def answers(best: Sequence[int], score: Sequence[float], **more: Any) -> Answers:
    return Answers.of([Answer(best=one, score=value, **more)
                       for one, value in zip(best, score, strict=True)])  # fmt: skip


def lines(captured: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.splitlines()]


def test_recall_needs_the_right_brand_first_and_above_the_threshold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    edits = list(EDITS)[:2]
    asked = Asked(
        truth=np.array([0, 1, 2, 3]), edit=np.array([edits[0], edits[0], edits[1], edits[1]]),
        compact=np.array([True, True, True, False]), cross_truth=np.array([0]),
        cross_compact=np.array([True]), kind=np.array(["logo"] * 100),
        avatar=np.array(["flat"] * 10),
    )  # fmt: skip
    quality.report(
        "test", asked,
        queries=answers([0, 1, 0, 3], [9, 0.5, 9, 9], probability=0.5, flagged=True),
        cross=answers([0], [9], probability=0.5, flagged=False),
        strangers=answers([0] * 100, [2, *([1] * 99)], probability=0.0, flagged=False),
        avatars=answers([0] * 10, [0] * 10, probability=0.0, flagged=False),
    )  # fmt: skip
    made = lines(capsys.readouterr().out)
    assert {line["bench"] for line in made} == {"images-quality"}
    assert {line["method"] for line in made} == {"test"}

    def recall(edit: str, **rule: object) -> Mapping[str, Any]:
        return next(line for line in made if line.get("edit") == edit
                    and rule.items() <= line.items())  # fmt: skip

    # The threshold is 1 at one in a hundred: the second query stays below it.
    assert recall(edits[0], fpr=0.01)["recall"] == 0.5
    assert recall(edits[0], fpr=0.01)["rank1"] == 1.0
    assert recall("all", fpr=0.01)["recall"] == pytest.approx(1 / 3, abs=1e-4)
    assert recall("all", fpr=0.01)["pictures"] == 3
    assert recall("all, wordmarks", fpr=0.01)["recall"] == 1.0
    assert recall("all", rule="own")["recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert recall("cross-drawn", rule="own")["recall"] == 0.0
    false = [
        line for line in made if line["measure"] == "false-positives" and line["kind"] == "all"
    ]
    assert [line["flagged"] for line in false] == [1, 0, 0]
    assert sum(line["measure"] == "calibration" for line in made) == 1


def test_a_method_without_probability_or_rule_gets_no_such_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = answers([0], [1])
    asked = Asked(
        truth=np.array([0]), edit=np.array(["jpeg 30-70"]), compact=np.array([True]),
        cross_truth=np.array([0]), cross_compact=np.array([True]), kind=np.array(["logo"]),
        avatar=np.array(["flat"]),
    )  # fmt: skip
    quality.report("test", asked, one, one, one, one)
    made = lines(capsys.readouterr().out)
    assert not any("rule" in line or line["measure"] == "calibration" for line in made)


def test_chance_separates_logos_from_pictures_of_nobody() -> None:
    """The whole way of one method: an edit that pHash sees through beats what it never saw."""
    method: Method = METHODS["phash16"]()
    method.enrol(logos())
    drawing = np.dstack([np.asarray(on_white(logos()[3])), np.full((256, 256), 255, np.uint8)])
    known = EDITS["jpeg 30-70"](canvas(drawing[32:224, 32:224]), random.Random(1))
    strange = logos(20)[10:]
    assert method.answer(known).best == 3
    assert method.answer(known).score > max(method.answer(one).score for one in strange)
