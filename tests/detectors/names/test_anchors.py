"""The tables: what they refuse, what they promise of their keys."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, LCSseq

from detectors.folding import PAIRS, SHAPE
from detectors.names.anchors import CODES, LETTER_AT, Form, _cuts, _pieces, alphabet, build_tables

_LETTERS = "abcd"


def form(text: str, token: int = 0, inside: int = -1, *, edge: bool = False) -> Form:
    return Form(text, token, inside, edge, 0, False)


@pytest.mark.parametrize("text", ["a", "a" * 61, "", "pay-pal", "zażółć", "a b"])
def test_a_text_that_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2 to 60 ASCII letters and digits"):
        build_tables([form(text)])


@pytest.mark.parametrize("edits", [(-2, 0), (3, 0), (0, 3), (0, -2)])
def test_edits_outside_the_range_are_refused(edits: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="edits go from -1"):
        build_tables([form("paypal", *edits)])


def test_no_forms_make_tables_that_find_nothing() -> None:
    tables = build_tables([])
    assert tables.n_terms == 0
    assert not tables.inside.bits.any()


def test_codes_tell_apart_what_the_fold_tells_apart_and_nothing_else() -> None:
    for left, right in itertools.product(range(256), repeat=2):
        assert (CODES[left] == CODES[right]) == (SHAPE[left] == SHAPE[right])
    assert CODES[ord("-")] == CODES[200] == CODES[0] == 0


def test_every_pair_of_the_fold_is_looked_for() -> None:
    known = alphabet()
    for pair, letter in PAIRS.items():
        for written in (pair, pair.upper()):
            left, right = (int(known.of_byte[byte]) >> LETTER_AT for byte in written.encode())
            assert known.of_pair[left << 5 | right] == ord(letter)
    assert np.count_nonzero(known.of_pair) == len(PAIRS)


def _edit(text: str, edits: list[tuple[int, int, str]]) -> str:
    for kind, at, letter in edits:
        place = at % (len(text) + 1)
        if kind == 0:
            text = text[:place] + text[place + 1 :]
        elif kind == 1:
            text = text[:place] + letter + text[place:]
        elif kind == 2:
            text = text[:place] + letter + text[place + 1 :]
        else:
            text = text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + (
                text[place + 2 :])  # fmt: skip
    return text


_edits = st.tuples(st.integers(0, 3), st.integers(0, 40), st.sampled_from(_LETTERS))


@given(st.text(_LETTERS, min_size=1, max_size=12), st.lists(_edits, max_size=2))
def test_within_k_edits_prefixes_share_all_but_k_letters_in_order(
    text: str, edits: list[tuple[int, int, str]]
) -> None:
    other = _edit(text, edits)
    distance = OSA.distance(text, other)
    for letters in range(1, len(text) + 1):
        shared = LCSseq.similarity(text[:letters], other[:letters])
        assert shared >= letters - distance


@given(st.text(_LETTERS, min_size=6, max_size=16), st.lists(_edits, max_size=2))
def test_within_k_edits_some_piece_is_intact(text: str, edits: list[tuple[int, int, str]]) -> None:
    other = _edit(text, edits)
    most = OSA.distance(text, other)
    if not 1 <= most <= 2:
        return
    codes = tuple(text.encode())
    cuts = _cuts(codes_of(text), most, np.ones(1 << 20, np.float32))
    pieces = [bytes(piece) for piece, _ in _pieces(codes, cuts)]
    assert any(piece in other.encode() for piece in pieces)


def codes_of(text: str) -> tuple[int, ...]:
    return tuple(int(code) for code in CODES[list(text.encode())])


def test_pieces_are_cut_where_their_letters_are_rare() -> None:
    rarity = np.ones(1 << 20, np.float32)
    rare = 0
    for code in codes_of("zyxw"):
        rare = rare << 5 | code
    rarity[rare] = 0
    assert _cuts(codes_of("aaaazyxwaaaa"), 1, rarity) in ((4,), (8,))
