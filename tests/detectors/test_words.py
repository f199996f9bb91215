"""Ordinary words: cutting glued names, and what the cut costs."""

from __future__ import annotations

import hashlib
import math
from functools import cache
from itertools import pairwise, product

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.lures import lexicon
from detectors.tables import make_words
from detectors.words import (
    CLASSES,
    DIGITS,
    LETTERS,
    NAME_WORD_COST,
    cost_of,
    segment,
    segment_cost,
    word_frequency,
    word_table,
    words_of,
)

NAMES = st.text("abcdefghijklmnopqrstuvwxyzAZ0189-. _", max_size=60)


def cost(text: str, barred: str = "") -> float:
    buffer = np.frombuffer(text.encode(), np.uint8)
    start = text.index(barred)
    return float(
        segment_cost(buffer, 0, len(buffer), word_table().arrays, start, start + len(barred))
    )


def gain(text: str, brand: str) -> float:
    """What is saved by reading the brand in the text, as ranking measures it."""
    left, _, right = text.partition(brand)
    return cost(text, barred=brand) - (cost_of(left) + NAME_WORD_COST + cost_of(right))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("securelogin", [("secure", "access"), ("login", "access")]),
        ("mijnpakketvolgen", [("mijn", "access"), ("pakket", "delivery"), ("volgen", "delivery")]),
        ("sicherheit", [("sicherheit", "access")]),
        ("espaceclientsecure", [("espaceclient", "access"), ("secure", "access")]),
        ("tiendaoficial", [("tienda", "shop"), ("oficial", "authority")]),
        ("applepie", [("apple", "word"), ("pie", "word")]),
        ("pineapple", [("pineapple", "word")]),
        ("expertsexchange", [("experts", "word"), ("exchange", "industry")]),
        ("Login-2024", [("login", "access"), ("2024", "digits")]),
        ("qwxzkd", [("qwxzkd", "letters")]),
        ("solutions", [("solutions", "generic")]),
        ("www2", [("www2", "address")]),
        ("", []),
        ("-._", []),
    ],
)
def test_glued_names_are_cut_into_words_with_their_class(
    text: str, pieces: list[tuple[str, str]]
) -> None:
    assert words_of(text) == pieces


def test_a_short_word_of_the_lexicon_counts_only_where_it_stands_alone() -> None:
    assert words_of("login-nl") == [("login", "access"), ("nl", "place")]
    assert "place" not in dict(words_of("loginnl")).values()


@pytest.mark.parametrize("brand", ["ing", "bol", "visa", "apple", "chase", "kpmg"])
def test_a_brand_beside_a_lure_gains_whether_or_not_it_is_a_word(brand: str) -> None:
    assert gain(f"{brand}klantenservice", brand) > 0
    assert gain(f"mijn{brand}", brand) > 0


@pytest.mark.parametrize(
    ("name", "brand"),
    [
        ("trading", "ing"), ("ingrid", "ing"), ("bolivia", "bol"), ("pineapple", "apple"),
        ("groups", "ups"), ("advisable", "visa"), ("purchase", "chase"),
    ],
)  # fmt: skip
def test_a_brand_whose_letters_belong_to_other_words_loses(name: str, brand: str) -> None:
    assert gain(name, brand) < 0


def test_barring_a_span_takes_only_the_word_that_fills_it() -> None:
    assert cost("appletree", barred="apple") > cost("appletree")
    assert cost("appletree", barred="pplet") == cost("appletree")


@given(NAMES)
def test_pieces_cover_every_letter_and_digit_once_in_order(name: str) -> None:
    assert "".join(piece for piece, _ in words_of(name)) == "".join(
        char for char in name.lower() if char.isalnum()
    )


@given(st.binary(max_size=300))
def test_no_bytes_break_the_cut(data: bytes) -> None:
    buffer = np.frombuffer(data, np.uint8)
    begins, ends = np.empty(len(data), np.int64), np.empty(len(data), np.int64)
    classes = np.empty(len(data), np.uint8)
    arrays = word_table().arrays
    many = segment(buffer, 0, len(buffer), arrays, begins, ends, classes)
    covered = b"".join(data[begins[at] : ends[at]] for at in range(many))
    assert covered == bytes(byte for byte in data if chr(byte).isascii() and chr(byte).isalnum())
    assert math.isfinite(segment_cost(buffer, 0, len(buffer), arrays, 0, 0))


@given(NAMES, NAMES)
def test_separated_names_cost_what_they_cost_apart(left: str, right: str) -> None:
    assert cost_of(f"{left}.{right}") == pytest.approx(cost_of(left) + cost_of(right), rel=1e-5)


@given(st.text("aeginlot", min_size=3, max_size=8))
def test_the_cut_is_the_cheapest_of_all(run: str) -> None:
    """Against every way to cut, each piece priced by itself as a word or as an unknown word."""
    arrays = word_table().arrays
    shipped = _shipped()
    lexical = {*lexicon().classes, *lexicon().generic}

    def price(piece: str) -> float:
        unknown = arrays.unknown + sum(arrays.letters[ord(char) - 97] for char in piece)
        word = shipped.get(piece, math.inf)
        if piece in lexical and len(piece) > 2:
            word = min(word, NAME_WORD_COST)
        return float(min(unknown, word))

    cuts = (
        [0, *(at for at, cut in zip(range(1, len(run)), gaps, strict=True) if cut), len(run)]
        for gaps in product((False, True), repeat=len(run) - 1)
    )
    least = min(sum(price(run[a:b]) for a, b in pairwise(cut)) for cut in cuts)
    assert cost_of(run) == pytest.approx(least, abs=1e-3)


@cache
def _shipped() -> dict[str, float]:
    rows = pq.read_table(make_words.TABLE).to_pydict()
    return dict(zip(rows["word"], (cost / 10 for cost in rows["cost"]), strict=True))


def test_frequency_is_of_the_language_that_has_most_of_the_word() -> None:
    assert 7 < word_frequency("the") < 8
    assert word_frequency("München") == word_frequency("munchen") > 4
    assert word_frequency("rekening") > 4
    assert word_frequency("qwxzkj") == word_frequency("") == word_frequency("new york") == 0


def test_every_word_of_the_lexicon_is_found_with_its_class() -> None:
    for word, kind in lexicon().classes.items():
        assert words_of(word) == [(word, kind)], word


def test_classes_end_with_what_is_no_word() -> None:
    assert CLASSES[0] == "word"
    assert (CLASSES[LETTERS], CLASSES[DIGITS]) == ("letters", "digits")
    assert len(CLASSES) == len(set(CLASSES)) < 256


def test_the_table_says_where_it_comes_from_and_holds_what_was_written() -> None:
    table = pq.read_table(make_words.TABLE)
    head = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    for what in ("version", "source", "licence", "input"):
        assert head[what], what
    columns = [table[name].to_pylist() for name in ("word", "cost", "zipf")]
    model = {"unknown": head["unknown"], "letters": head["letters"]}
    content = hashlib.sha256(repr((*columns, model)).encode()).hexdigest()
    assert head["content_sha256"] == content
    assert head["version"] in word_table().version
    assert lexicon().version in word_table().version


def test_umlauts_are_typed_in_both_ways_and_other_scripts_in_none() -> None:
    assert make_words.spellings("münchen", "de") == {"munchen", "muenchen"}
    assert make_words.spellings("straße", "de") == {"strasse"}
    assert make_words.spellings("банк", "en") == set()
    assert make_words.spellings("don't", "en") == set()


@pytest.mark.peer
def test_the_table_is_what_its_script_makes() -> None:
    pytest.importorskip("wordfreq", reason="wordfreq is needed to make the table again")
    pytest.importorskip("pymispwarninglists", reason="the list of names is in this package")
    made, shipped = make_words.render(), pq.read_table(make_words.TABLE)
    assert made.equals(shipped.cast(made.schema))
    assert made.schema.metadata == shipped.schema.metadata
