"""Wide drawings of a picture are cut out to be read, likeliest first, and not more than two."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from detectors.images.matching import Fingerprint, fingerprint
from detectors.images.picture import Frame, Picture, Pixels
from detectors.wordmarks import MOST_REGIONS, text_in, wide_drawings

SHADE = 70  # of the drawing; its ground is 255


def picture_of(box: tuple[int, int], *, enlarged: int = 1, side: int = 256) -> Picture:
    """A bar of so many pixels in width and height, in the middle of a square; dotted if wide."""
    left, top = (side - box[0]) // 2, (side - box[1]) // 2
    image = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, left + box[0], top + box[1]), fill=(SHADE, 0, 0))
    dotted = box[0] > 2 * box[1]
    for x in range(left + 8, left + box[0] - 8, 16) if dotted else ():
        draw.ellipse((x, top + box[1] // 4, x + 8, top + box[1] // 2), fill="white")
    large = image.resize((enlarged * side, enlarged * side))
    return Picture(
        frames=(Frame(pixels=np.asarray(image)),),
        large=np.asarray(large) if enlarged > 1 else None,
        format="PNG", width=large.width, height=large.height, notes=frozenset(),
    )  # fmt: skip


def crops_of(picture: Picture) -> list[Pixels]:
    return list(wide_drawings(picture, fingerprint(picture)))


class Reader:
    """Says what it is told to, one after the other, and then nothing."""

    def __init__(self, *says: str | None) -> None:
        self.says, self.asked = list(says), 0

    def __call__(self, pixels: Pixels) -> str | None:
        self.asked += 1
        return self.says.pop(0) if self.says else None


def test_a_wide_drawing_is_cut_out_with_a_little_ground() -> None:
    first = crops_of(picture_of((200, 50)))[0]
    height, width = first.shape[:2]
    assert 50 < height < 80 and 200 < width < 235
    assert (first[0] > 200).all() and (first[:, 0] > 200).all()
    assert (first[..., 0] < 2 * SHADE).mean() > 0.4


@pytest.mark.parametrize("box", [(100, 100), (110, 70), (50, 200)])
def test_a_drawing_that_is_not_wide_is_nothing_to_read(box: tuple[int, int]) -> None:
    assert crops_of(picture_of(box)) == []


def test_a_larger_form_is_read_where_there_is_one() -> None:
    small, large = (crops_of(picture_of((200, 50), enlarged=by))[0] for by in (1, 3))
    assert large.shape[0] == pytest.approx(3 * small.shape[0], rel=0.1)
    assert large.shape[1] == pytest.approx(3 * small.shape[1], rel=0.1)


def test_the_first_drawing_that_says_anything_is_the_text() -> None:
    picture = picture_of((200, 50))
    made = fingerprint(picture)
    assert len(list(wide_drawings(picture, made))) >= 2
    reader = Reader(None, "Acmebank", "not asked")
    assert text_in(picture, made, reader) == "Acmebank"
    assert reader.asked == 2


def test_no_more_drawings_are_read_than_two() -> None:
    picture = picture_of((200, 50))
    made = fingerprint(picture)
    many = Fingerprint(frames=made.frames * 9, large=None, gated=None)
    reader = Reader()
    assert text_in(picture, many, reader) is None
    assert reader.asked == MOST_REGIONS == 2


def test_a_gated_picture_is_not_read() -> None:
    picture = picture_of((200, 50))
    made = fingerprint(picture)
    gated = Fingerprint(frames=made.frames, large=None, gated="one colour")
    reader = Reader("Acmebank")
    assert text_in(picture, gated, reader) is None
    assert reader.asked == 0
