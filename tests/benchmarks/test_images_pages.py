"""Pages that never were, and what is made of what a finder says of them."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from benchmarks.images import pages
from benchmarks.images.compositing import Rgba
from benchmarks.images.page_drawing import (
    HEIGHT,
    HEIGHTS,
    TREATMENTS,
    WIDTH,
    Page,
    draw_page,
    with_logo,
)
from benchmarks.images.pages import Found, Shown, judge, overlap, report

pytest.importorskip("skimage", reason="photographs come with scikit-image")


def logo(wide: int = 256, high: int = 128) -> Rgba:
    made = np.zeros((high, wide, 4), np.uint8)
    made[:, : wide // 2] = (20, 90, 200, 255)
    made[high // 2 :] = (20, 90, 200, 255)
    return made


def test_a_page_is_the_same_every_time_and_no_two_are_alike() -> None:
    one, same, other = (draw_page([logo()], "test", random.Random(seed)) for seed in (1, 1, 2))
    assert one.pixels.shape == (HEIGHT, WIDTH, 3)
    assert (one.pixels == same.pixels).all()
    assert (one.pixels != other.pixels).any()
    assert one.box is None


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("height", HEIGHTS)
def test_a_logo_lies_whole_on_the_page_where_its_box_says(height: int, treatment: str) -> None:
    page = draw_page([], "test", random.Random(height))
    before = page.pixels.copy()
    made = with_logo(page, logo(), height, treatment, random.Random(height))
    assert (page.pixels == before).all()
    assert made.box is not None
    left, top, right, bottom = made.box
    assert bottom - top == height
    assert right - left == 2 * height
    assert left >= 0 and top >= 0 and right <= WIDTH and bottom <= HEIGHT
    inside = made.pixels[top:bottom, left:right]
    # The drawing's upper right quarter is empty, its lower half full.
    assert (inside[-3, height // 2] != inside[2, -3]).any()
    if treatment == "own colours":
        assert tuple(inside[height * 3 // 4, height]) == (20, 90, 200)


def test_a_very_wide_logo_is_no_wider_than_600() -> None:
    page = draw_page([], "test", random.Random(1))
    made = with_logo(page, logo(256, 32), 200, "own colours", random.Random(1))
    assert made.box is not None
    assert made.box[2] - made.box[0] == 600


def shown(index: int) -> Shown:
    box = (100, 100, 200, 150) if index >= 0 else None
    page = Page(pixels=np.zeros((8, 8, 3), np.uint8), box=box)
    return Shown(page=page, logo=index, height=48, treatment=TREATMENTS[0])


def found(index: int, score: float, left: float = 100) -> Found:
    return Found(logo=index, score=score, box=(left, 100, left + 100, 150), flagged=score > 3)


def test_the_right_logo_in_the_wrong_place_is_a_false_alarm() -> None:
    right = judge(shown(7), [found(7, 5), found(2, 1)])
    assert (right.right, right.wrong, right.alarms, right.right_flagged) == (5, 1, 0, True)
    elsewhere = judge(shown(7), [found(7, 5, left=170)])
    assert elsewhere.right == -np.inf
    assert elsewhere.alarms == 1
    assert judge(shown(-1), [found(7, 5)]).alarms == 1


def test_recall_and_false_alarms_are_counted_apart(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [judge(shown(1), [found(1, 5)]), judge(shown(1), [found(1, 2)])]
    outcomes += [judge(shown(-1), [found(1, score)]) for score in (1, *([0] * 99))]
    report("test", outcomes)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["bench"] for line in lines} == {"images-pages"}
    every = [line for line in lines if line.get("of") == "all"]
    assert [(line.get("rule"), line["recall"]) for line in every] == [("own", 0.5), (None, 1.0)]
    assert [line["recall"] for line in lines if line.get("of") == "48 px"] == [0.5, 1.0]
    assert [line["pages"] for line in lines if line.get("of") == "24 px"] == [0, 0]
    (alarms,) = (line for line in lines if line["measure"] == "false-alarms")
    assert alarms["pages_with_alarm"] == 0
    assert alarms["pages"] == 100


def test_boxes_that_do_not_meet_overlap_by_nothing() -> None:
    assert overlap((0, 0, 1, 1), (1, 0, 2, 1)) == 0
    assert overlap((0, 0, 4, 4), (0, 0, 4, 4)) == 1


def test_every_finder_has_a_name() -> None:
    assert "ours" in pages.FINDERS
