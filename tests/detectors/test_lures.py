"""What stands beside the brand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.lures import lexicon, read_rest


@pytest.mark.parametrize(
    ("rest", "lures"),
    [
        ("login", ("access:login",)),
        ("klantenservice ", ("support:klantenservice",)),
        ("securelogin", ("access:secure", "access:login")),
        ("rechnung-de", ("money:rechnung", "place:de")),
        ("qwxz", ()),
    ],
)
def test_words_are_found_alone_glued_and_in_every_language(
    rest: str, lures: tuple[str, ...]
) -> None:
    assert read_rest(rest)[0] == lures


def test_letters_that_form_no_word_are_counted() -> None:
    assert read_rest("qwxz-login")[1] == ("letters:4",)
    assert read_rest("klantenservicejan")[1] == ("letters:3",)


def test_digits_are_told() -> None:
    assert "digits" in read_rest("login24")[1]


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-. ", max_size=40))
def test_no_rest_breaks_it(rest: str) -> None:
    lures, _ = read_rest(rest)
    assert all(lure.partition(":")[2] in lexicon().classes for lure in lures)
