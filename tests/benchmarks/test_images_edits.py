"""Edits of logos: the same every time, and each does what its name says."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.images.compositing import (
    DARK,
    SIDE,
    WHITE,
    Rgb,
    Rgba,
    contrasting,
    jpeg,
    own_ground,
    place,
    plain,
    png,
    unlike,
    unpacked,
    within_disc,
)
from benchmarks.images.edits import EDITS, Canvas, canvas, is_one_colour
from benchmarks.images.photographs import photo_crop

pytest.importorskip("skimage", reason="photographs come with scikit-image")


def logo(colour: tuple[int, int, int] = (200, 30, 60)) -> Rgba:
    """A flag on a pole: neither symmetric nor square."""
    made = np.zeros((256, 200, 4), np.uint8)
    made[:, :40] = made[:110] = (*colour, 255)
    made[30:80, 70:170, 3] = 0
    return made


def edited(name: str, seed: int = 1, drawing: Rgba | None = None) -> Rgb:
    return unpacked(
        EDITS[name](canvas(logo() if drawing is None else drawing), random.Random(seed))
    )


def box(picture: Rgb) -> tuple[int, int, int, int]:
    """left, top, right, bottom of what is not white."""
    seen = picture.min(axis=2) < 200
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def test_there_are_29_edits() -> None:
    assert len(EDITS) == 29
    assert next(iter(EDITS)) == "unchanged"


@pytest.mark.parametrize("name", EDITS)
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    twice = [EDITS[name](canvas(logo()), random.Random(7)) for _ in range(2)]
    assert twice[0] == twice[1]


@pytest.mark.parametrize("name", [name for name in EDITS if name != "unchanged"])
def test_every_edit_changes_the_picture(name: str) -> None:
    made = edited(name)
    plain_one = edited("unchanged")
    assert made.shape != plain_one.shape or (made != plain_one).any()


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_takes_wide_tall_and_light_logos(name: str) -> None:
    for drawing in (logo()[:40], logo()[:, :30], logo((250, 250, 250))):
        assert edited(name, drawing=drawing).shape[2] == 3


def test_a_light_logo_stands_on_a_dark_ground() -> None:
    assert own_ground(logo((250, 250, 240))) == DARK
    assert own_ground(logo()) == WHITE
    assert tuple(edited("unchanged", drawing=logo((250, 250, 240)))[0, 0]) == DARK


@pytest.mark.parametrize(("name", "least", "most"), [
    ("unchanged", 0.69, 0.71), ("shrunk to 40 %", 0.39, 0.41), ("moved", 0.44, 0.61),
    ("85-100 % of frame", 0.84, 1.0),
])  # fmt: skip
def test_the_logo_has_the_size_that_the_edit_promises(name: str, least: float, most: float) -> None:
    for seed in range(10):
        left, top, right, bottom = box(edited(name, seed))
        assert least <= max(right - left, bottom - top) / SIDE <= most


def test_a_moved_logo_is_whole_and_elsewhere() -> None:
    places = {box(edited("moved", seed))[:2] for seed in range(10)}
    assert len(places) == 10
    for seed in range(10):
        left, top, right, bottom = box(edited("moved", seed))
        assert (right - left) / (bottom - top) == pytest.approx(200 / 256, abs=0.03)


def test_mirrored_twice_is_unchanged() -> None:
    assert (edited("mirrored")[:, ::-1] == edited("unchanged")).all()


def test_greyscale_has_no_colour() -> None:
    assert np.ptp(edited("greyscale"), axis=2).max() == 0


def test_a_logo_of_one_colour_is_inverted_to_white_on_its_colour() -> None:
    made = edited("inverted")
    assert tuple(made[0, 0]) == (200, 30, 60)
    assert (made > 250).all(axis=2).any()


def test_a_logo_of_several_colours_is_inverted_to_its_negative() -> None:
    drawing = logo()
    drawing[:60, :, :3] = (10, 200, 40)
    assert not is_one_colour(drawing)
    assert (edited("inverted", drawing=drawing) == 255 - edited("unchanged", drawing=drawing)).all()


@pytest.mark.parametrize(("name", "side"), [("48 px", 48), ("64 px", 64), ("128 px", 128)])
def test_shrunk_pictures_have_their_size(name: str, side: int) -> None:
    assert edited(name).shape == (side, side, 3)


def test_a_caption_covers_the_foot_alone() -> None:
    made, whole = edited("text banner"), edited("unchanged")
    foot = round(SIDE * 0.75)
    assert (made[:foot] == whole[:foot]).all()
    assert (made[-5:] != 255).any()


def test_a_badge_covers_the_lower_right_corner_alone() -> None:
    changed = (edited("check badge") != edited("unchanged")).any(axis=2)
    corner = round(SIDE * 0.67)
    assert changed[corner:, corner:].any()
    assert not changed[:corner].any() and not changed[:, :corner].any()


def test_a_frame_covers_the_edges_alone() -> None:
    changed = (edited("frame") != edited("unchanged")).any(axis=2)
    width = round(SIDE * 0.09) + 1
    assert changed[0].all() and changed[:, -1].all()
    assert not changed[width:-width, width:-width].any()


def test_a_crop_shows_84_percent_of_each_side() -> None:
    # Black left half and grey right half: the share that is left of each tells the window.
    drawing = np.full((200, 200, 4), 255, np.uint8)
    drawing[:, :100, :3], drawing[:, 100:, :3] = 0, 128
    shares = {round(168 * float((edited("crop to 70 %", seed, drawing) < 60).mean()), -1)
              for seed in range(10)}  # fmt: skip
    assert shares == {100, 70}


def test_a_disc_has_one_colour_in_its_corners() -> None:
    for name in ("circle crop", "circle, own colour"):
        made = edited(name)
        assert len({tuple(made[y, x]) for y in (0, -1) for x in (0, -1)}) == 1
        assert (made[0, 0] != made[SIDE // 2, 3]).any()


def test_a_photograph_lies_behind_and_differs_between_parts() -> None:
    made = edited("photo background")
    assert len(np.unique(made[:30].reshape(-1, 3), axis=0)) > 50
    given_fit = Canvas(logo=logo(), ground=WHITE, part="fit")
    other = unpacked(EDITS["photo background"](given_fit, random.Random(1)))
    assert (made != other).any()


def test_windows_of_photographs_have_the_size_asked_for() -> None:
    for seed in range(20):
        assert photo_crop("test", random.Random(seed), 190, 130).shape == (130, 190, 3)


def test_recompression_is_jpeg_and_the_rest_loses_nothing() -> None:
    made = {name: EDITS[name](canvas(logo()), random.Random(3)) for name in EDITS}
    assert {name for name, data in made.items() if data[:2] == b"\xff\xd8"} == {
        "jpeg 30-70", "combo",
    }  # fmt: skip
    assert (unpacked(png(edited("unchanged"))) == edited("unchanged")).all()
    assert len(jpeg(edited("unchanged"), 30)) < len(jpeg(edited("unchanged"), 90))


@given(
    share=st.floats(0.02, 1.5), x=st.floats(-0.5, 1.5), y=st.floats(-0.5, 1.5),
    angle=st.sampled_from([0.0, 7.0, -45.0, 180.0]),
)  # fmt: skip
def test_a_logo_may_stick_out_anywhere_and_leaves_the_ground_alone(
    share: float, x: float, y: float, angle: float
) -> None:
    ground = plain((255, 255, 255), 64)
    made = place(logo()[::4, ::4], ground, share, centre=(x, y), angle=angle)
    assert made.shape == ground.shape
    assert (ground == 255).all()


def test_a_contrasting_colour_hides_nothing_and_an_unlike_one_is_seen() -> None:
    for seed in range(30):
        colour = contrasting(logo(), random.Random(seed))
        assert np.linalg.norm(np.subtract(colour, (200, 30, 60))) >= 70
        assert np.linalg.norm(np.subtract(unlike(WHITE, random.Random(seed)), WHITE)) >= 140


def test_a_disc_reaches_the_edges_and_not_the_corners() -> None:
    made = within_disc(plain((255, 0, 0), 100), (0, 0, 255))
    assert tuple(made[50, 1]) == tuple(made[1, 50]) == (255, 0, 0)
    assert tuple(made[5, 5]) == (0, 0, 255)
