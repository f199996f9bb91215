"""The anchors miss nothing: against brute force with rapidfuzz under the same rules."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from detectors.names.anchors import build_anchors, scan

_LETTERS = "abcdel"


def _edited(term: str, edits: int, rng: random.Random) -> str:
    letters = list(term)
    for _ in range(edits):
        kind = rng.randrange(4)
        at = rng.randrange(len(letters))
        if kind == 0 and len(letters) > 2:
            del letters[at]
        elif kind == 1:
            letters.insert(at, rng.choice(_LETTERS))
        elif kind == 2:
            letters[at] = rng.choice(_LETTERS)
        elif at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


@pytest.mark.parametrize(("size", "edits"), [(3, 0), (5, 0), (8, 1), (9, 1), (12, 2), (15, 2)])
def test_every_text_that_holds_a_term_within_its_edits_is_a_candidate(
    size: int, edits: int
) -> None:
    rng = random.Random(size * 10 + edits)
    missed = []
    for _ in range(400):
        term = "".join(rng.choice(_LETTERS) for _ in range(size))
        inner = _edited(term, edits, rng)
        text = "".join(rng.choice(_LETTERS + ".") for _ in range(rng.randrange(5)))
        text += inner + "".join(rng.choice(_LETTERS + ".") for _ in range(rng.randrange(5)))
        if OSA.distance(inner, term) > edits:
            continue
        if not len(scan([text], build_anchors([(term, -1, edits)])).row):
            missed.append((term, text))
    assert not missed


@pytest.mark.parametrize(("size", "edits"), [(5, 1), (6, 1), (7, 1), (9, 1), (10, 2), (11, 2)])
def test_every_token_within_its_edits_is_a_candidate(size: int, edits: int) -> None:
    rng = random.Random(size * 100 + edits)
    missed = []
    for _ in range(400):
        term = "".join(rng.choice(_LETTERS) for _ in range(size))
        token = _edited(term, edits, rng)
        if OSA.distance(token, term) > edits:
            continue
        text = f"{rng.choice(['', 'ab.', 'c.'])}{token}{rng.choice(['', '.de', '.a'])}"
        if not len(scan([text], build_anchors([(term, edits, -1)])).row):
            missed.append((term, text))
    assert not missed


@settings(max_examples=60)
@given(
    st.lists(st.text(_LETTERS + ".", max_size=20), min_size=1, max_size=6),
    st.text(_LETTERS, min_size=2, max_size=9),
)
def test_exact_places_are_found_with_their_row_and_start(texts: list[str], term: str) -> None:
    found = scan(texts, build_anchors([(term, -1, 0)]))
    places = {
        (row, start)
        for row, start in zip(found.row.tolist(), found.start.tolist(), strict=True)
        if start >= 0 and texts[row].startswith(term, start)
    }
    expected = {
        (row, start)
        for row, text in enumerate(texts)
        for start in range(len(text))
        if text.startswith(term, start)
    }
    assert places == expected


def test_nothing_is_found_across_two_names() -> None:
    found = scan(["xxac", "mexx"], build_anchors([("acme", -1, 0)]))
    assert not len(found.row)


def test_candidates_come_once_each_in_order() -> None:
    table = build_anchors([("acmebank", 1, 1), ("bank", 0, 0)])
    found = scan(["acmebank.acmebank", "bank"], table)
    rows = list(zip(found.row.tolist(), found.form.tolist(), found.start.tolist(), strict=True))
    assert rows == sorted(set(rows))
    assert (1, 1, 0) in rows
