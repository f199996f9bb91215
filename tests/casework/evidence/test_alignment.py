"""Alignment: every code point is accounted for, and the edits are the fewest there can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from namaak.casework.evidence.alignment import (
    CONTEXT,
    MAX_CODE_POINTS,
    Operation,
    Step,
    a_labels,
    align,
    align_match,
    character_name,
    code_point,
    explain,
)

# Few letters, so that strings resemble each other; none folds to another.
LETTERS = st.text(alphabet="abcк1-", max_size=12)


def operations(steps: tuple[Step, ...]) -> list[str]:
    return [step.operation.value for step in steps]


def edits(steps: tuple[Step, ...]) -> int:
    kinds = [step.operation for step in steps]
    plain = (Operation.REPLACED, Operation.ADDED, Operation.MISSING)
    return sum(kind in plain for kind in kinds) + kinds.count(Operation.SWAPPED) // 2


def match(**changes: object) -> dict[str, object]:
    return {
        "field": "display-name",
        "value": "Acme",
        "term": "Acme",
        "span_start": 0,
        "span_end": 4,
    } | changes


def test_a_cyrillic_letter_is_replaced_and_both_letters_are_named() -> None:
    steps = align("аcme", "acme")
    assert operations(steps) == ["replaced", "same", "same", "same"]
    assert steps[0].value is not None and steps[0].term is not None
    assert character_name(steps[0].value) == "CYRILLIC SMALL LETTER A"
    assert character_name(steps[0].term) == "LATIN SMALL LETTER A"


def test_case_and_accents_are_told_apart_from_replacement() -> None:
    assert operations(align("ÄCme", "acme")) == ["folded", "case", "same", "same"]


def test_an_invisible_character_is_an_added_one() -> None:
    assert operations(align("ac\u200bme", "acme")) == ["same", "same", "added", "same", "same"]


def test_a_swap_is_two_columns_and_one_edit() -> None:
    alignment = align_match("amce", "acme", 0, 4)
    assert operations(alignment.steps) == ["same", "swapped", "swapped", "same"]
    assert alignment.edits == 1


def test_what_stands_beside_the_span_is_outside() -> None:
    alignment = align_match("my-acme-shop", "acme", 3, 7)
    assert operations(alignment.steps) == ["outside"] * 3 + ["same"] * 4 + ["outside"] * 5
    assert alignment.differences == ()
    assert alignment.edits == 0


def test_a_span_that_does_not_fit_stands_for_the_whole_value() -> None:
    assert align_match("acme", "acme", 3, 99).edits == 0
    assert align_match("acme", "acme", -1, -1).edits == 0
    assert align_match("", "acme", 0, 0).edits == 4


def test_a_foreign_host_is_also_given_as_the_name_system_writes_it() -> None:
    host = match(field="host", value="login.аcme.example", term="acme", span_start=6, span_end=10)
    facts = explain(host)
    assert facts is not None and facts["a_labels"] == "login.xn--cme-5cd.example"
    handle = explain(match(value="аcme"))
    assert handle is not None and handle["a_labels"] is None


@given(st.text(alphabet="ab1-ж中é", min_size=1, max_size=30))
def test_a_labels_decode_to_what_they_came_from(label: str) -> None:
    written = a_labels(f"{label}.example").removesuffix(".example")
    assert written.isascii()
    if written != label:
        assert written.removeprefix("xn--").encode().decode("punycode") == label


def test_a_book_of_a_name_is_cut_and_the_rest_is_counted() -> None:
    value = "x" * 5000
    alignment = align_match(value, "acme", 0, len(value))
    assert len(alignment.steps) <= MAX_CODE_POINTS + CONTEXT + 4
    told = sum(step.value is not None for step in alignment.steps)
    assert alignment.unaligned == len(value) - told > 0


def test_a_picture_has_no_characters_to_explain() -> None:
    assert explain(match(field="image", span_start=-1, span_end=-1)) is None


def test_the_explanation_gives_code_point_name_and_category_of_both_sides() -> None:
    facts = explain(match(value="Αcme"))
    assert facts is not None
    steps = facts["steps"]
    assert isinstance(steps, list)
    assert steps[0] == {
        "operation": "replaced",
        "value": {
            "index": 0,
            "character": "Α",
            "code_point": "U+0391",
            "name": "GREEK CAPITAL LETTER ALPHA",
            "category": "Lu",
        },
        "term": {
            "index": 0,
            "character": "A",
            "code_point": "U+0041",
            "name": "LATIN CAPITAL LETTER A",
            "category": "Lu",
        },
    }


@pytest.mark.parametrize(
    ("character", "written"), [("a", "U+0061"), ("\0", "U+0000"), ("\U0001f600", "U+1F600")]
)
def test_code_points_have_four_digits_or_more(character: str, written: str) -> None:
    assert code_point(character) == written


def test_a_control_character_has_no_name_but_a_category() -> None:
    assert character_name("\0") == "<no name, category Cc>"


@given(LETTERS, LETTERS)
def test_the_edits_are_those_of_rapidfuzz(value: str, term: str) -> None:
    assert edits(align(value, term)) == OSA.distance(value, term)


@given(st.text(max_size=30), st.text(max_size=30))
def test_both_texts_can_be_read_back_from_the_steps(value: str, term: str) -> None:
    steps = align(value, term)
    assert [step.value for step in steps if step.value_index is not None] == list(value)
    assert [step.term for step in steps if step.term_index is not None] == list(term)


@given(st.text(max_size=40), st.text(max_size=12), st.integers(-3, 45), st.integers(-3, 45))
def test_any_value_and_span_is_aligned_completely(
    value: str, term: str, start: int, end: int
) -> None:
    alignment = align_match(value, term, start, end)
    assert "".join(step.value or "" for step in alignment.steps) == value
    assert "".join(step.term or "" for step in alignment.steps) == term
    indices = [s.value_index for s in alignment.steps if s.value_index is not None]
    assert indices == list(range(len(value)))
    assert alignment.unaligned == 0
