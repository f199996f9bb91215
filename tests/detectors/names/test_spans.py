"""What stands where a term was seen: how it is written, where, and whether letters make it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from detectors.names.sightings import Sightings, TextFlag, Texts
from detectors.names.spans import KINDS, PLACES, Spans, raw_terms, spelling_hash, take_apart


def apart(text: str, span: tuple[int, int], term: str, *, label: int = 0, edits: int = 0) -> Spans:
    """One sighting in one host without suffix."""
    texts = Texts(
        buffer=np.frombuffer(text.encode(), np.uint8),
        begin=np.array([0]), end=np.array([len(text)]), label=np.array([label], np.int32),
        suffix=np.zeros(1, np.int32), flags=np.array([TextFlag.HOST], np.uint8), row=np.array([0]),
    )  # fmt: skip
    seen = Sightings(
        text=np.array([0]), term=np.zeros(1, np.int32), start=np.array([span[0]], np.int32),
        end=np.array([span[1]], np.int32), edits=np.array([edits], np.uint8),
        reading=np.zeros(1, np.uint8),
    )  # fmt: skip
    return take_apart(texts, seen, raw_terms([term]))


def whole(text: str, term: str, *, edits: int = 0) -> Spans:
    return apart(text, (0, len(text)), term, edits=edits)


@pytest.mark.parametrize(
    ("text", "span", "place"),
    [
        ("acme", (0, 4), "whole"),
        ("my-acme-shop", (3, 7), "token"),
        ("acmeshop", (0, 4), "start"),
        ("my-acmeshop", (3, 7), "start"),
        ("myacme-shop", (2, 6), "end"),
        ("myacmeshop", (2, 6), "inside"),
    ],
)
def test_the_place_is_told_by_separators(text: str, span: tuple[int, int], place: str) -> None:
    assert PLACES[apart(text, span, "acme").place[0]] == place


def test_a_sub_label_is_a_unit_of_its_own() -> None:
    spans = apart("login.acme.example", (6, 10), "acme", label=11)
    assert PLACES[spans.place[0]] == "whole"
    assert (spans.unit_begin[0], spans.unit_end[0]) == (6, 10)


@pytest.mark.parametrize(
    ("written", "term", "edits", "replaced", "added"),
    [
        ("waldermond", "waldermond", 0, 0, 0),
        ("Waldermond", "waldermond", 0, 0, 0),
        ("wa1dermond", "waldermond", 1, 0, 0),  # a glyph swap is an edit, but no replacement
        ("walderrnond", "waldermond", 1, 0, 0),  # a merged pair as well
        ("waldexmond", "waldermond", 1, 1, 0),
        ("wallderrmond", "waldermond", 2, 0, 2),
        ("wladermond", "waldermond", 1, 0, 1),
        ("wadermond", "waldermond", 1, 0, 0),
        ("walder-mond", "waldermond", 0, 0, 0),
    ],
)
def test_edits_are_counted_as_written(
    written: str, term: str, edits: int, replaced: int, added: int
) -> None:
    spans = whole(written, term)
    assert (spans.edits[0], spans.replaced[0], spans.added[0]) == (edits, replaced, added)


def test_kinds_go_by_the_folded_distance_once_letters_differ() -> None:
    kinds = [
        KINDS[whole(text, "waldermond", edits=edits).kind[0]]
        for text, edits in (
            ("waldermond", 0),
            ("wa1dermond", 0),
            ("waldexmond", 1),
            ("aldexmond", 2),
        )
    ]
    assert kinds == list(KINDS)


def test_a_changed_first_letter_is_told_and_a_lookalike_is_none() -> None:
    assert whole("xaldermond", "waldermond").first_changed[0]
    assert not whole("1caro", "lcaro").first_changed[0]
    assert not whole("vvise", "wise").first_changed[0]
    assert not whole("modern", "rnodern").first_changed[0]


def test_letters_that_look_alike_are_told_apart_from_typing_errors() -> None:
    assert whole("vva1dermond", "waldermond").alike[0] == 2
    assert whole("waldxmond", "waldermond").alike[0] == 0


def test_a_brand_within_another_word_loses_and_one_beside_a_word_gains() -> None:
    assert apart("pineapple", (4, 9), "apple").gain[0] < 0
    assert apart("applelogin", (0, 5), "apple").gain[0] > 2


def test_a_misspelling_that_is_a_word_itself_gains_nothing() -> None:
    assert whole("hair", "habr", edits=1).gain[0] < 0 < whole("hqbr", "habr", edits=1).gain[0]


def test_one_spelling_of_one_term_has_one_number() -> None:
    assert whole("wal-dermond", "waldermond").spelling == whole("waldermond", "waldermond").spelling
    assert whole("waldermont", "waldermond").spelling != whole("waldermond", "waldermond").spelling
    letters = np.frombuffer(b"waldermond", np.uint8)
    assert whole("waldermond", "waldermond").spelling[0] == spelling_hash(letters, letters)


def test_a_term_too_long_to_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="65 letters"):
        raw_terms(["a" * 65])


@given(
    st.text("abdeghkmopqtuxyz", min_size=1, max_size=60),
    st.text("abdeghkmopqtuxyz", min_size=2, max_size=60),
)
def test_without_pairs_the_distance_is_osa(written: str, term: str) -> None:
    assert whole(written, term).edits[0] == OSA.distance(written, term)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_any_bytes_are_taken_apart(name: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start, len(name)))
    texts = Texts(
        buffer=np.frombuffer(name, np.uint8), begin=np.array([0]), end=np.array([len(name)]),
        label=np.zeros(1, np.int32), suffix=np.zeros(1, np.int32), flags=np.zeros(1, np.uint8),
        row=np.array([0]),
    )  # fmt: skip
    seen = Sightings(
        text=np.array([0]), term=np.zeros(1, np.int32), start=np.array([start], np.int32),
        end=np.array([end], np.int32), edits=np.zeros(1, np.uint8), reading=np.zeros(1, np.uint8),
    )  # fmt: skip
    spans = take_apart(texts, seen, raw_terms(["waldermond"]))
    assert np.isfinite(spans.gain[0])
    assert spans.unit_begin[0] == 0
    assert spans.unit_end[0] == len(name)
