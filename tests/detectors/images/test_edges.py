import numpy as np
import pytest

from detectors.images.edges import edge_likeness, edge_map
from detectors.images.keypoints import resized

from .drawings_of_marks import mark, placed

LOGO = resized(placed(mark(0)), 96)[..., 0].copy()
AS_IT_IS = np.array([[1.0, 0, 0], [0, 1, 0]])


def test_edges_are_like_themselves_whichever_side_is_lighter():
    for picture in (LOGO, 255 - LOGO, 100 + LOGO // 4):
        assert edge_likeness(edge_map(picture), LOGO, AS_IT_IS) > 0.9


@pytest.mark.parametrize("away", [(10, 0), (0, 10), (-8, 8)])
def test_edges_at_the_wrong_place_are_not_alike(away):
    moved = AS_IT_IS + np.array([[0, 0, away[0]], [0, 0, away[1]]])
    assert edge_likeness(edge_map(LOGO), LOGO, moved) < 0.5


def test_edges_across_one_another_count_against():
    bars = np.zeros((96, 96), np.uint8)
    bars[:, ::16] = bars[:, 1::16] = bars[:, 2::16] = 255
    assert edge_likeness(edge_map(bars.T.copy()), bars, AS_IT_IS) < 0


def test_a_flat_picture_is_like_nothing():
    flat = np.full((96, 96), 77, np.uint8)
    assert edge_likeness(edge_map(flat), LOGO, AS_IT_IS) == 0
    assert edge_likeness(edge_map(LOGO), flat, AS_IT_IS) == 0
