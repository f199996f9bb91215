"""Spellings that no edit reaches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.names.variants import HANDLE_LIMIT, MOST_VARIANTS, variants


@pytest.mark.parametrize(
    ("words", "spelling", "kind"),
    [
        (("acme", "bank"), "bankacme", "word-order"),
        (("bank", "of", "utrecht"), "utrechtbank", "word-order"),
        (("one", "two", "tree"), "twotreeone", "word-order"),
        (("4", "life"), "fourlife", "numeral"),
        (("4", "life"), "vierlife", "numeral"),
        (("seven", "eleven"), "7eleven", "numeral"),
        (("3m",), "drie" + "m", "numeral"),
        (("acme", "company"), "acmecompanies", "plural"),
        (("lefties",), "lefty", "plural"),
        (("philips",), "filips", "sound-alike"),
        (("dropbox",), "dropbocks", "sound-alike"),
        (("fijnhuis",), "feinhuis", "sound-alike"),
        (("acme", "customer", "banking"), "acmecustomerban", "truncation"),
    ],
)
def test_a_name_is_known_again_in_other_words(
    words: tuple[str, ...], spelling: str, kind: str
) -> None:
    assert (spelling, kind) in list(variants(words))


def test_a_plain_short_name_has_none() -> None:
    assert list(variants(("acme",))) == []
    assert list(variants(("fox",))) == []
    assert list(variants(("ebay",))) == []
    assert list(variants(("disney",))) == []


def test_a_digit_alone_is_no_name_to_look_for() -> None:
    assert list(variants(("four",))) == []


@given(st.lists(st.text("abfhiopqxy0246", min_size=1, max_size=9), max_size=6))
def test_spellings_are_few_and_each_another(words: list[str]) -> None:
    found = [spelling for spelling, _ in variants(words)]
    assert len(found) <= MOST_VARIANTS
    assert len(set(found)) == len(found)
    assert "".join(words) not in found
    assert all(found)


def test_what_a_platform_cuts_off_is_looked_for_from_three_letters_on() -> None:
    name = "a" * HANDLE_LIMIT
    assert list(variants((name + "bc",))) == []
    assert list(variants((name + "bcd",))) == [(name, "truncation")]
