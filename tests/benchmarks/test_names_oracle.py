"""The oracle itself: a brute force that saw nothing would find nothing missed."""

from __future__ import annotations

import random

import pytest

from benchmarks.names.oracle import Wanted, attacked, compare, expected, folded, merged, rule_of
from detectors.folding import merge_pairs, shape
from detectors.names.terms import compile_terms
from namaak.brands import Brand


@pytest.mark.parametrize(
    ("name", "edits"),
    [("paypal", 0), ("xpaypaIx", 0), ("pay-pal", 0), ("pypl", 2), ("xpyplx", None),
     ("paypa7", 0), ("papyal", 1), ("unrelated", None)],
)  # fmt: skip
def test_it_knows_the_rules(name: str, edits: int | None) -> None:
    assert expected([name], [Wanted(raw="paypal", variant=False)]).get((0, 0)) == edits


def test_it_merges_pairs_on_both_sides() -> None:
    terms = [Wanted(raw="learnify", variant=False), Wanted(raw="microsoft", variant=False)]
    assert expected(["leamify", "rnicrosoft"], terms) == {(0, 0): 0, (1, 1): 0}


def test_a_variant_is_looked_for_exactly() -> None:
    assert rule_of(Wanted(raw="bankalliance", variant=True)) == (0, 0, False)


def test_its_own_folds_agree_with_the_matchers() -> None:
    for text in ("RNicro5oft-vvv", "clclc", "lcl", "0123456789", "a_b~c"):
        assert folded(text) == shape(text)
        theirs = merge_pairs(text.lower())
        assert merged(text.lower()) == (theirs[0] if theirs else text.lower())


def test_a_comparison_counts_pairs_and_finds_none_wrong() -> None:
    terms = compile_terms({name: Brand(name=name) for name in ("Waldermond", "Learnify", "KPN")})
    names = attacked([term.raw for term in terms], 300, random.Random(1))
    line = compare("attacked", names, terms)
    assert (line["bench"], line["rows"]) == ("oracle", 300)
    assert isinstance(line["pairs"], int) and line["pairs"] > 150
    assert line["missed"] == line["extra"] == line["other_edits"] == 0
