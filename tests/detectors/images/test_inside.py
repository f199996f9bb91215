import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from detectors.images.inside import MOST_BOXES, candidate_boxes, find_inside
from detectors.images.keypoints import logo_keypoints
from detectors.images.pool import pool_of

from .drawings_of_marks import busy_ground, mark, placed

MARKS = [mark(seed) for seed in range(6)]
POOL = pool_of([logo_keypoints(placed(cut)) for cut in MARKS])
TEXT = "sign in to your account and enter the code that was sent to you by mail today again"


def page(cut: Image.Image | None = None, side: int = 48, at: tuple[int, int] = (40, 16)):
    """1280 x 800: a header, lines of text, two fields and a button; perhaps a mark."""
    drawn = Image.new("RGB", (1280, 800), (255, 255, 255))
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 0, 1280, 80), fill=(238, 240, 244))
    for line in range(12):
        words = TEXT[3 * (line % 5) : 40 + line]
        pen.text((60, 200 + 26 * line), words, fill=(40, 40, 40), font=ImageFont.load_default(15))
    for top in (540, 600):
        pen.rectangle((60, top, 460, top + 44), outline=(120, 120, 120))
    pen.rounded_rectangle((60, 670, 460, 714), 8, fill=(30, 120, 80))
    if cut is not None:
        small = cut.resize((side, side), Image.Resampling.LANCZOS)
        drawn.paste(small, at, small)
    return np.asarray(drawn)


def overlap(one, other):
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    common = max(wide, 0) * max(high, 0)
    return common / (sum(areas) - common)


@pytest.mark.parametrize("side", [36, 140])
def test_a_logo_on_a_page_is_found_where_it_stands(side):
    (one,) = find_inside(page(MARKS[2], side, (600, 100)), POOL)
    assert one.logo == 2
    assert overlap(one.box, (600, 100, 600 + side, 100 + side)) > 0.7


def test_a_page_of_text_and_fields_shows_no_logo():
    assert find_inside(page(), POOL) == []


def test_a_logo_twice_on_a_page_is_found_twice():
    twice = page(MARKS[1], 60, (40, 10)).copy()
    twice[400:460, 900:960] = page(MARKS[1], 60, (900, 400))[400:460, 900:960]
    assert [one.logo for one in find_inside(twice, POOL)] == [1, 1]


def test_a_logo_on_a_photograph_in_a_page_is_found():
    with_photo = page().copy()
    photo = placed(MARKS[4], side=150, at=(50, 50), ground=busy_ground(3))
    with_photo[200:456, 800:1056] = photo
    found = find_inside(with_photo, POOL)
    assert [one.logo for one in found] == [4]
    assert overlap(found[0].box, (850, 250, 1000, 400)) > 0.6


def test_what_stands_by_itself_is_among_the_boxes_with_some_ground():
    boxes = candidate_boxes(page(MARKS[0], 40, (40, 20)))
    assert max(overlap(box, (34, 14, 86, 66)) for box in boxes) > 0.8


def test_a_page_full_of_things_gives_no_more_boxes_than_allowed():
    crowd = np.full((800, 1200, 3), 255, np.uint8)
    for top in range(10, 780, 40):
        for left in range(10, 1180, 40):
            crowd[top : top + 20, left : left + 20] = 0
    boxes = candidate_boxes(crowd)
    assert 0 < len(boxes) <= MOST_BOXES
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= 1200 and 0 <= top < bottom <= 800


@pytest.mark.parametrize("shape", [(8, 8, 3), (8, 1600, 3), (900, 9, 3)])
def test_pages_of_any_shape_are_looked_at(shape):
    noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert find_inside(noise, POOL) == []
    assert find_inside(np.zeros(shape, np.uint8), POOL) == []
