"""The drawing is found whatever lies behind it, and looks the same whatever its colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detectors.images.regions import SIDE, find_drawings, find_regions

Rgb = np.ndarray


def _drawn(ground: Rgb, ink: tuple[int, int, int], at: tuple[int, int] = (128, 128)) -> Rgb:
    """An arrow of 100 x 80 pixels."""
    picture = ground.copy()
    arrow = np.array([(-50, -15), (10, -15), (10, -40), (50, 0), (10, 40), (10, 15), (-50, 15)])
    cv2.fillPoly(picture, [(arrow + np.array(at)).astype(np.int32)], ink, cv2.LINE_AA)
    return picture


def _plain(colour: tuple[int, int, int]) -> Rgb:
    return np.full((256, 256, 3), colour, np.uint8)


def _gradient() -> Rgb:
    steps = np.linspace(0, 1, 256)[:, None, None]
    row = (1 - steps) * np.array([250, 230, 120]) + steps * np.array([90, 160, 240])
    return np.broadcast_to(row, (256, 256, 3)).astype(np.uint8).copy()


def _alike(one: Rgb, other: Rgb) -> float:
    first, second = (find_regions(picture).regions[0].contrast for picture in (one, other))
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


_REFERENCE = _drawn(_plain((255, 255, 255)), (20, 40, 160))


@pytest.mark.parametrize(
    "picture",
    [
        _drawn(_plain((20, 40, 160)), (255, 255, 255)),
        _drawn(_plain((240, 200, 40)), (20, 20, 20)),
        _drawn(_gradient(), (120, 10, 60)),
        _drawn(_plain((255, 255, 255)), (20, 40, 160), at=(80, 190)),
        cv2.resize(_REFERENCE, (64, 64), interpolation=cv2.INTER_AREA),
    ],
    ids=["inverted", "recoloured", "on a gradient", "moved", "small"],
)
def test_a_drawing_has_the_same_contrast_on_any_ground(picture: Rgb) -> None:
    assert _alike(_REFERENCE, picture) > 0.95


def test_the_box_is_tight_and_in_fractions() -> None:
    x, y, width, height = find_regions(_REFERENCE).regions[0].box
    assert (x * 256, y * 256) == pytest.approx((78, 88), abs=5)
    assert (width * 256, height * 256) == pytest.approx((100, 80), abs=6)


def test_what_is_on_a_plate_is_a_region_of_its_own() -> None:
    plate = _plain((255, 255, 255))
    cv2.rectangle(plate, (48, 48), (208, 208), (20, 40, 160), -1)
    picture = _drawn(plate, (255, 255, 255))
    found = find_regions(picture).regions
    inner = next(one for one in found if one.kind == "on-plate")
    reference = find_regions(_REFERENCE).regions[0]
    assert np.corrcoef(inner.contrast.ravel(), reference.contrast.ravel())[0, 1] > 0.95


def test_a_picture_cropped_round_is_seen_without_its_corners() -> None:
    rows, columns = np.mgrid[:256, :256]
    picture = _drawn(_plain((240, 200, 40)), (20, 20, 20))
    picture[np.hypot(rows - 127.5, columns - 127.5) > 128] = 255
    assert _alike(_REFERENCE, picture) > 0.95


def test_a_badge_in_the_corner_can_be_left_out() -> None:
    picture = _REFERENCE.copy()
    cv2.circle(picture, (222, 222), 30, (29, 155, 240), -1)
    found = find_regions(picture).regions
    reference = find_regions(_REFERENCE).regions[0].contrast.ravel()
    likeness = {one.kind: np.corrcoef(one.contrast.ravel(), reference)[0, 1] for one in found}
    assert likeness["without-corner"] > 0.95 > likeness["drawing"]


@pytest.mark.parametrize("level", [0, 128, 255])
def test_nothing_stands_out_of_one_colour(level: int) -> None:
    assert find_regions(_plain((level, level, level))).regions == ()


def test_noise_has_no_plain_ground() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (256, 256, 3), np.uint8)
    assert not find_regions(noise).plain
    assert find_regions(_REFERENCE).plain


@pytest.mark.parametrize("shape", [(8, 8), (8, 200), (200, 8), (1, 40), (256, 31)])
def test_odd_shapes_give_sound_regions(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(5).integers(0, 2, (*shape, 3)).astype(np.uint8) * 255
    found = find_regions(noise)
    assert len(found.regions) <= 6
    for one in found.regions:
        assert one.contrast.shape == one.lightness.shape == (SIDE, SIDE)
        assert (
            np.isfinite(one.contrast).all() and 0 <= one.contrast.min() <= one.contrast.max() <= 1
        )


def test_parts_are_left_out_only_for_strangers() -> None:
    kinds = {one.kind for one in find_drawings(_REFERENCE, extra=False)[0]}
    assert kinds <= {"drawing", "on-plate"}
