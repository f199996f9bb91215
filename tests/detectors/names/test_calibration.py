"""What a sample of ordinary names says about a brand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from detectors.names import scorecard
from detectors.names.anchors import build_tables
from detectors.names.calibration import (
    Calibration,
    TermRates,
    alerts_per_million,
    calibrate,
    rarity_of,
    rule_within,
)
from detectors.names.features import term_columns
from detectors.names.kernel import scan
from detectors.names.learned import learned
from detectors.names.matcher import compile_names, forms_of
from detectors.names.rarity import ALL, FITS, LEVELS
from detectors.names.spans import PLACES, WHOLE
from detectors.names.terms import Rule, Term, compile_terms
from detectors.names.texts import read_column
from namaak.brands import Brand
from namaak.records import Field

BRANDS = {
    "walder": Brand(name="Waldermond", domains=("waldermond.example", "waldermond-bank.example")),
    "ring": Brand(name="Rings"),
}
LABELS = [
    "waldermond", "waldermond-bank", "waldermondhuis", "de-waldermond", "waldermont",
    "earrings", "ringsaver", "springsteen", "rings", "unrelated", "strings-attached",
]  # fmt: skip


def calibrated() -> tuple[Calibration, tuple[Term, ...]]:
    terms = compile_terms(BRANDS)
    labels = pa.array(LABELS, pa.large_string())
    texts = read_column(labels, Field.HANDLE).texts
    seen = scan(texts, build_tables(forms_of(terms)))
    found = calibrate(
        terms, term_columns(terms, BRANDS), BRANDS, labels, texts, seen,
        sample="test", card=scorecard.scorecard(), tables=learned(),
    )  # fmt: skip
    return found, terms


def of(term: str, found: Calibration, terms: tuple[Term, ...]) -> np.ndarray:
    index = next(at for at, one in enumerate(terms) if one.raw == term)
    return rarity_of(found, terms).classes[index]


def test_labels_of_the_brands_own_domains_do_not_count() -> None:
    found, terms = calibrated()
    exact = of("waldermond", found, terms)[0]
    # "waldermond" and "waldermond-bank" are its own; "de-waldermond" and "waldermondhuis" not.
    assert exact[WHOLE, ALL] == 0
    assert exact[PLACES.index("token"), ALL] == 1
    assert exact[-1, ALL] == 2


def test_a_class_counts_what_is_at_least_as_strong_and_edits_apart_from_exact_spellings() -> None:
    found, terms = calibrated()
    classes = of("waldermond", found, terms)
    assert classes[LEVELS.index("one edit"), -1, ALL] == 1  # waldermont
    assert classes[LEVELS.index("any"), -1, ALL] == 3
    assert (np.diff(classes, axis=1) >= 0).all()
    assert (classes[:, :, FITS] <= classes[:, :, ALL]).all()


def test_letters_that_belong_to_other_words_do_not_count_as_the_brand() -> None:
    found, terms = calibrated()
    exact = of("rings", found, terms)[0]
    assert exact[-1, ALL] == 5
    assert 1 <= exact[-1, FITS] < 4


def test_a_rule_is_lowered_only_where_it_brings_too_much_and_the_whole_word_stays() -> None:
    term = replace(
        compile_terms({"a": Brand(name="Examplon")})[0],
        rule=Rule(token_edits=2, inside_edits=1, edge=False),
    )

    def lowered(ways: tuple[int, ...]) -> Rule:
        return rule_within(term, TermRates(classes=(), spellings={}, ways=ways), 1_000_000, 10.0)

    assert lowered((0, 0, 0, 0, 0, 0)) == term.rule
    assert lowered((11, 0, 0, 0, 0, 0)) == Rule(token_edits=1, inside_edits=1, edge=False)
    assert lowered((0, 0, 0, 11, 0, 0)) == Rule(token_edits=2, inside_edits=0, edge=False)
    assert lowered((11, 11, 11, 11, 11, 11)) == Rule(token_edits=0, inside_edits=-1, edge=True)


def test_a_higher_score_is_never_told_as_commoner() -> None:
    found, _ = calibrated()
    card = scorecard.scorecard()
    scores = np.arange(-20, 50, dtype=np.float32) / 4
    rates = alerts_per_million(found, ["ring"], np.zeros(len(scores), np.int32), scores, card)
    assert rates.tolist() == sorted(rates.tolist(), reverse=True)
    assert rates[-1] > 0


def test_a_brand_with_more_ordinary_names_above_a_score_expects_more_alerts() -> None:
    found, _ = calibrated()
    card = scorecard.scorecard()
    many = replace(found, tails={**found.tails, "ring": tuple(9 for _ in card.tail_at)})
    both = np.array([0, 1], np.int32)
    three = np.full(2, 3.0, np.float32)
    ring, walder = alerts_per_million(many, ["ring", "walder"], both, three, card)
    assert ring > walder


def test_a_dispute_is_told_by_its_own_weights() -> None:
    brand = Brand(name="Ring")
    tails = [
        compile_names({"ring": given}).calibration.tails["ring"]
        for given in (brand, brand.model_copy(update={"case_type": "dispute"}))
    ]
    assert tails[0] != tails[1]


def test_a_term_that_was_not_calibrated_is_named() -> None:
    found, _ = calibrated()
    with pytest.raises(KeyError):
        rarity_of(found, compile_terms({"walder": Brand(name="Other")}))
