"""Terms: every spelling people use, and how far each may be stretched."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.names.terms import MAX_TERM, Rule, Term, compile_terms, rule_for
from namaak.brands import Brand


def terms_of(name: str, **brand: Any) -> tuple[Term, ...]:
    return compile_terms({"acme": Brand.model_validate({"name": name, **brand})})


def raws(name: str, **brand: Any) -> list[str]:
    return [term.raw for term in terms_of(name, **brand)]


# Rules by length


@pytest.mark.parametrize(
    ("lengths", "token_edits", "inside_edits", "edge"),
    [
        (range(2, 3), 0, -1, False),
        (range(3, 4), 0, -1, True),
        (range(4, 6), 1, 0, False),
        (range(6, 12), 2, 1, False),
        (range(12, MAX_TERM + 1), 2, 2, False),
    ],
)
def test_a_longer_name_may_be_stretched_further(
    lengths: range, token_edits: int, inside_edits: int, edge: bool
) -> None:
    rule = Rule(token_edits=token_edits, inside_edits=inside_edits, edge=edge)
    assert {rule_for(length, common_word=False) for length in lengths} == {rule}


@pytest.mark.parametrize("person", [False, True])
@pytest.mark.parametrize("common_word", [False, True])
def test_no_rule_becomes_stricter_with_length(common_word: bool, person: bool) -> None:
    rules = [
        rule_for(length, common_word=common_word, person=person) for length in range(2, MAX_TERM)
    ]
    for shorter, longer in itertools.pairwise(rules):
        assert longer.token_edits >= shorter.token_edits
        assert longer.inside_edits >= shorter.inside_edits


@pytest.mark.parametrize("length", [4, 7, 12, 40])
def test_an_ordinary_word_is_never_stretched(length: int) -> None:
    rule = rule_for(length, common_word=True)
    assert (rule.token_edits, rule.inside_edits) == (0, 0)


@pytest.mark.parametrize("common", [True, False])
def test_a_short_name_inside_a_word_is_not_looked_for_but_three_letters_at_its_edge(
    common: bool,
) -> None:
    assert rule_for(2, common_word=common) == Rule(token_edits=0, inside_edits=-1, edge=False)
    assert rule_for(3, common_word=common) == Rule(token_edits=0, inside_edits=-1, edge=True)


def test_a_person_is_looked_for_exactly_or_from_ten_letters_on_within_one_edit() -> None:
    for length in range(2, 40):
        rule = rule_for(length, common_word=False, person=True)
        assert rule.token_edits == rule.inside_edits == (1 if length >= 10 else 0)


def test_the_rule_goes_by_the_folded_letters() -> None:
    term, *_ = terms_of("Acme Bank")
    assert term.rule == rule_for(8, common_word=False)


def test_a_variant_is_looked_for_exactly_or_not_at_all() -> None:
    variants = [term for term in terms_of("Acme Bank Holland") if term.variant]
    assert variants
    assert {(term.rule.token_edits, term.rule.inside_edits) for term in variants} == {(0, 0)}


@pytest.mark.parametrize(
    ("name", "variant", "kind"),
    [
        ("Volta Bank", "bankvolta", "word-order"),
        ("Fysio Vier", "fysio4", "numeral"),
        ("Phonexpert", "fonexpert", "sound-alike"),
        ("Kwikstra Insurance", "kwikstra", "short-form"),
    ],
)
def test_a_name_is_looked_for_in_other_words_and_sounds(name: str, variant: str, kind: str) -> None:
    assert (variant, kind) in [(term.raw, term.variant) for term in terms_of(name)]


def test_without_its_trade_a_name_must_still_name_somebody() -> None:
    assert "green" not in raws("Green Insurance")
    assert "kpi" not in raws("KPI Insurance")


def test_what_a_name_spells_as_given_is_no_variant() -> None:
    terms = terms_of("Volta Bank", aliases=("Bank Volta",))
    assert {term.raw: term.variant for term in terms}["bankvolta"] == ""


def test_the_text_of_a_word_mark_is_looked_for_like_an_alias() -> None:
    marks = [
        {"office": "BOIP", "number": "1", "text": "VOLTAPAY"},
        {"office": "BOIP", "number": "2", "text": "A sun", "kind": "figurative"},
    ]
    spelled = raws("Volta Bank", marks=marks)
    assert "voltapay" in spelled
    assert "asun" not in spelled


# Spellings


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("Acme Bank", ["acmebank"]),
        ("acme-bank", ["acmebank"]),
        ("acme_bank", ["acmebank"]),
        ("The Acme Bank N.V.", ["theacmebanknv", "acmebanknv"]),
        ("Acme Bank Limited", ["acmebanklimited", "acmebank"]),
        ("De Gouden Reaal BV", ["degoudenreaalbv", "goudenreaal"]),
        ("Brouwer & Zoon", ["brouwerandzoon", "brouwerzoon"]),
        ("L'Étoile", ["letoile"]),
        ("Søren Brød", ["sorenbrod"]),
        ("Straße 9", ["strasse9"]),
        ("ＡＣＭＥ", ["acme"]),
        ("7-Up", ["7up"]),
        ("The", ["the"]),
        ("日本", []),
        ("X", []),
        ("!", []),
    ],
)
def test_a_name_is_looked_for_joined_and_without_its_empty_words(
    name: str, spellings: list[str]
) -> None:
    assert [term.raw for term in terms_of(name) if not term.variant] == spellings


def test_empty_words_are_only_whole_words() -> None:
    assert raws("Theatre Delta")[0] == "theatredelta"
    assert "atredelta" not in raws("Theatre Delta")


def test_aliases_and_executives_come_after_the_name() -> None:
    terms = terms_of("Acme Bank", aliases=("AB Direct",), executives=({"name": "Jo van Doe"},))
    assert [(term.raw, term.name, term.person) for term in terms if not term.variant] == [
        ("acmebank", "Acme Bank", False),
        ("abdirect", "AB Direct", False),
        ("jovandoe", "Jo van Doe", True),
    ]


def test_one_spelling_is_one_term_and_the_first_name_keeps_it() -> None:
    terms = terms_of("Acme Bank", aliases=("ACME-BANK", "Acm3 Bank", "The Acme Bank"))
    assert [(term.raw, term.name) for term in terms if not term.variant] == [
        ("acmebank", "Acme Bank"),
        ("theacmebank", "The Acme Bank"),
    ]


def test_two_brands_may_share_a_spelling() -> None:
    brands = {name: Brand(name="Acme") for name in ("first", "second")}
    assert [term.brand_id for term in compile_terms(brands)] == ["first", "second"]


def test_a_brand_that_is_a_person_s_name_too_stays_a_brand() -> None:
    term, *_ = terms_of("Jo Doe", executives=({"name": "Jo Doe"},))
    assert (term.raw, term.person) == ("jodoe", False)


@pytest.mark.parametrize("name", ["Pear", "The Pear", "Pear & Co", "Pear_Tree", "Le Pré"])
def test_every_spelling_of_an_ordinary_word_is_one(name: str) -> None:
    terms = terms_of(name, common_word=True)
    assert terms and all(term.common_word for term in terms)
    assert all((term.rule.token_edits, term.rule.inside_edits) == (0, 0) for term in terms)


def test_an_alias_and_a_person_are_no_ordinary_words_because_the_name_is_one() -> None:
    terms = terms_of(
        "Pear", common_word=True, aliases=("Peartronics",), executives=({"name": "Jo van Doe"},)
    )
    common = {term.raw: term.common_word for term in terms if not term.variant}
    assert common == {"pear": True, "peartronics": False, "jovandoe": False}


def test_the_letters_as_written_and_the_breaks_between_words_are_kept() -> None:
    term, *_ = terms_of("Crédit du Lac")
    assert (term.raw, term.written) == ("creditdulac", "créditdulac")
    assert term.breaks == {6, 8, 11}


def test_pairs_that_read_as_one_letter_are_kept_merged() -> None:
    merged, *_ = terms_of("Barnes")
    plain, *_ = terms_of("Acme")
    assert (merged.merged, plain.merged) == ("bames", None)


def test_a_name_as_long_as_a_book_is_found_by_its_first_letters() -> None:
    term, *_ = terms_of("abc" * 100)
    assert len(term.raw) == MAX_TERM
    assert term.raw == ("abc" * 100)[:MAX_TERM]


@settings(max_examples=80, deadline=None)
@given(st.text(min_size=1, max_size=80).filter(str.strip), st.booleans())
def test_any_name_gives_terms_of_letters_and_digits_or_none(name: str, common: bool) -> None:
    for term in terms_of(name, common_word=common, aliases=(name[::-1] or "x",)):
        assert 2 <= len(term.raw) <= MAX_TERM
        assert term.raw.isascii() and term.raw.isalnum() and term.raw == term.raw.lower()
        assert len(term.folded) == len(term.raw)
        widest = rule_for(len(term.raw), common_word=term.common_word)
        assert term.rule.token_edits <= widest.token_edits
        assert term.rule.inside_edits <= widest.inside_edits
