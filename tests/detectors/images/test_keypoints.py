import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from detectors.images.agreement import verify, verify_against
from detectors.images.flatness import flat_maps
from detectors.images.forms import PERMUTATIONS, SIGNS, parts
from detectors.images.keypoints import keypoints_of, logo_keypoints
from detectors.images.pool import pool_of

from .drawings_of_marks import busy_ground, mark, placed

MARKS = [mark(seed) for seed in range(8)]
POOL = pool_of([logo_keypoints(placed(cut)) for cut in MARKS])
WANTED = 3


def found(picture):
    agreements = verify(keypoints_of(picture), POOL)
    assert agreements, "nothing was found"
    assert agreements[0].logo == WANTED
    return agreements[0]


def test_the_logo_itself_is_found_where_it_is():
    one = found(placed(MARKS[WANTED]))
    assert one.scale == pytest.approx(1, abs=0.03)
    assert one.rotation == pytest.approx(0, abs=1.5)
    assert not one.mirrored and not one.negative
    assert np.allclose(one.transform, [[1, 0, 0], [0, 1, 0]], atol=2.5)
    assert one.box == pytest.approx((40, 40, 216, 216), abs=6)


def test_a_logo_that_is_turned_and_moved_is_found_there():
    one = found(placed(MARKS[WANTED], side=120, at=(70, 20), turn=30))
    assert one.rotation == pytest.approx(30, abs=3)
    assert one.scale == pytest.approx(120 / 176, abs=0.05)


def test_a_mirrored_logo_is_found_and_said_to_be_mirrored():
    one = found(placed(MARKS[WANTED])[:, ::-1].copy())
    assert one.mirrored and not one.negative
    # The mark's left edge lies at the right.
    assert one.transform[0, 0] == pytest.approx(-1, abs=0.05)


def test_a_negative_is_found_and_said_to_be_negative():
    one = found(255 - placed(MARKS[WANTED]))
    assert one.negative and not one.mirrored


def test_a_stretched_logo_is_found_with_its_own_width_and_height():
    wide = Image.fromarray(placed(MARKS[WANTED])).resize((307, 256)).crop((25, 0, 281, 256))
    one = found(np.asarray(wide))
    assert one.transform[0, 0] / one.transform[1, 1] == pytest.approx(1.2, abs=0.05)


def test_a_logo_on_a_busy_ground_of_the_same_lightness_is_found_by_its_colour():
    cut = mark(WANTED, ink=(190, 90, 110))
    picture = placed(cut, side=150, at=(60, 60), ground=busy_ground(5))
    by_lightness = verify(keypoints_of(picture, colours=0), POOL)
    one = found(picture)
    best = max((each.score for each in by_lightness if each.logo == WANTED), default=0.0)
    assert one.score > 2 * best


def test_other_marks_score_far_below_the_logo():
    own = found(placed(MARKS[WANTED], side=140, turn=20)).score
    for seed in range(100, 110):
        others = verify(keypoints_of(placed(mark(seed), side=140, turn=20)), POOL)
        assert all(other.score < own / 4 for other in others)


def test_only_the_logos_asked_about_are_answered():
    query = keypoints_of(placed(MARKS[WANTED], turn=20))
    assert verify_against(query, POOL, [WANTED, 0])[0].logo == WANTED
    assert all(one.logo in (0, 1) for one in verify_against(query, POOL, [0, 1]))
    assert verify_against(query, POOL, []) == []


def test_the_same_picture_gives_the_same_answer():
    picture = placed(MARKS[WANTED], turn=25, ground=busy_ground(1))
    first, second = (verify(keypoints_of(picture), POOL) for _ in range(2))
    assert [(one.logo, one.score, one.inliers, one.box) for one in first] == [
        (one.logo, one.score, one.inliers, one.box) for one in second
    ]


def test_likeness_to_all_forms_comes_from_the_parts():
    chance = np.random.default_rng(0)
    some, others = (chance.integers(0, 256, (n, 128), dtype=np.uint8) for n in (3, 5))
    left, right = parts(some), parts(others)
    for form, order in enumerate(PERMUTATIONS):
        plain, formed = some.astype(float), others[:, order].astype(float)
        cosines = plain @ formed.T
        cosines /= np.outer(np.linalg.norm(plain, axis=1), np.linalg.norm(formed, axis=1))
        summed = sum(SIGNS[form, part] * left[part] @ right[part].T for part in range(4))
        assert np.allclose(cosines, summed, atol=1e-5)


@pytest.mark.parametrize("form", [1, 2, 3], ids=["negative", "mirrored", "both"])
def test_a_form_of_descriptors_is_what_that_form_of_the_picture_gives(form):
    picture = placed(MARKS[0], turn=10)
    changed = 255 - picture if form % 2 else picture
    changed = changed[:, ::-1].copy() if form >= 2 else changed
    plain, other = keypoints_of(picture, colours=0), keypoints_of(changed, colours=0)
    width = plain.views[0].shape[1]
    expected = plain.descriptors[:, PERMUTATIONS[form]].astype(float)
    close = 0
    for row, place in enumerate(plain.places):
        x = width - 1 - place[0] if form >= 2 else place[0]
        near = np.hypot(other.places[:, 0] - x, other.places[:, 1] - place[1]) < 1.5
        away = np.linalg.norm(other.descriptors[near] - expected[row], axis=1)
        close += bool(len(away)) and away.min() < 0.2 * np.linalg.norm(expected[row])
    assert close > 0.8 * len(plain)


def test_flat_colours_show_a_mark_of_one_colour_alone():
    picture = placed(mark(1, ink=(190, 90, 110)), ground=busy_ground(2))
    inside = np.all(np.abs(picture.astype(int) - (190, 90, 110)) < 4, axis=2)
    shown = flat_maps(picture, 1)[0]
    assert shown[inside].mean() < 20 < 120 < shown[~inside].mean()


def test_a_picture_without_keypoints_agrees_with_nothing():
    flat = np.full((64, 64, 3), 128, np.uint8)
    assert len(keypoints_of(flat)) == 0
    assert verify(keypoints_of(flat), POOL) == []
    assert verify_against(keypoints_of(flat), POOL, [0]) == []
    nothing = pool_of([logo_keypoints(flat)])
    assert verify(keypoints_of(placed(MARKS[0])), nothing) == []
    assert verify_against(keypoints_of(placed(MARKS[0])), nothing, [0]) == []


def test_noise_gives_no_more_keypoints_than_allowed():
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert 50 < len(keypoints_of(noise, most=100, colours=0)) <= 100
    assert len(keypoints_of(noise)) <= 500


@settings(max_examples=12, deadline=None)
@given(
    arrays.arrays(
        np.uint8, st.tuples(st.integers(8, 40), st.integers(8, 40), st.just(3)),
        elements=st.integers(0, 255),
    ),
    st.integers(1, 9),
)  # fmt: skip
def test_no_picture_is_too_strange(small, times):
    picture = small.repeat(times, axis=0)[:256]
    for one in verify(keypoints_of(picture), POOL):
        assert np.isfinite(one.transform).all() and one.score > 0
