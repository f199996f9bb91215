"""Platforms: one spelling each, so that an owned account is found to be owned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.platforms import fold_platform


@pytest.mark.parametrize("name", ["X", "x", " Twitter ", "twitter.com", "X.com", "TWITTER"])
def test_every_name_of_x_is_x(name: str) -> None:
    assert fold_platform(name) == "x"


@pytest.mark.parametrize("name", ["Google Play", "google-play", "GOOGLE  PLAY", "google\tplay"])
def test_letter_case_and_spaces_do_not_tell_platforms_apart(name: str) -> None:
    assert fold_platform(name) == "google-play"


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold_platform(fold_platform(name)) == fold_platform(name)
