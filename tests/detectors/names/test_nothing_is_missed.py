"""The scan against brute force on made names: nothing missed, nothing extra, same edits.

The brute force is the one of `benchmarks.names.oracle`, with folds and rules of its own; here on
few letters, so that repetitions, swaps at every place, pairs and lookalikes all come up often.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from benchmarks.names.oracle import Wanted, as_texts, attacked, expected, folded, merged, rule_of
from detectors.names.anchors import Form, build_tables
from detectors.names.kernel import scan


def found_by_scan(names: list[str], forms: list[Form]) -> dict[tuple[int, int], int]:
    seen = scan(as_texts(name.encode() for name in names), build_tables(forms))
    best: dict[tuple[int, int], int] = {}
    for text, term, edits in zip(
        seen.text.tolist(), seen.term.tolist(), seen.edits.tolist(), strict=True
    ):
        best[text, term] = min(edits, best.get((text, term), edits))
    return best


def forms_of(terms: list[Wanted]) -> list[Form]:
    made = []
    for at, term in enumerate(terms):
        spelled = {folded(term.raw): False}
        if merged(term.raw) != term.raw:
            spelled[folded(merged(term.raw))] = True
        made += [Form(text, *rule_of(term), at, pairs) for text, pairs in spelled.items()]
    return made


@pytest.mark.parametrize("alphabet", ["abc", "abcdelrnv1", "abcdefghijklmnopqrstuvwxyz0123456789"])
@pytest.mark.parametrize("seed", range(4))
def test_every_pair_within_the_rules_is_found_and_no_other(seed: int, alphabet: str) -> None:
    chosen = random.Random(seed)
    terms = [
        Wanted(raw="".join(chosen.choice(alphabet) for _ in range(size)), variant=size == 9)
        for size in (2, 3, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 11, 12, 12, 13, 16, 22)
    ]
    names = attacked([term.raw for term in terms], 250, chosen)
    right = expected(names, terms)
    assert len(right) > 100
    assert found_by_scan(names, forms_of(terms)) == right


_texts = st.text("abl1-", max_size=24)
_rules = st.tuples(st.integers(-1, 2), st.integers(-1, 2), st.booleans())


@settings(max_examples=300)
@given(st.text("abl", min_size=2, max_size=16), _rules, st.lists(_texts, min_size=1, max_size=6))
def test_any_rule_of_any_term_is_kept_to_the_letter(
    term: str, rule: tuple[int, int, bool], names: list[str]
) -> None:
    """Rules that no default has, too: they are what calibration may make."""
    right = {}
    for row, name in enumerate(names):
        edits = least_edits(folded(name), term, *rule)
        if edits is not None:
            right[row, 0] = edits
    assert found_by_scan(names, [Form(term, *rule, 0, False)]) == right


def least_edits(text: str, term: str, token: int, inside: int, edge: bool) -> int | None:
    """The rule in a few loops; None when nothing is within it."""
    words = [word for word in text.split(".") if word]
    fits = [OSA.distance(word, term) for word in words if OSA.distance(word, term) <= token]
    for word in words:
        for start in range(len(word)):
            for end in range(start + 1, len(word) + 1):
                distance = OSA.distance(word[start:end], term, score_cutoff=2)
                if distance <= inside:
                    fits.append(distance)
        if inside < 0 and edge and (word.startswith(term) or word.endswith(term)):
            fits.append(0)
    if len(term) > 2 and (max(token, inside) >= 0 or edge):
        for start in range(len(words)):
            for end in range(start + 2, len(words) + 1):
                if "".join(words[start:end]) == term:
                    fits.append(0)
    if len(term) >= 5 and token > 0:
        for many in (2, 3):
            for start in range(len(words) - many + 1):
                distance = OSA.distance("".join(words[start : start + many]), term)
                if distance <= 1:
                    fits.append(distance)
    return min(fits, default=None)


_any_text = st.text(st.sampled_from("ab1l-._AéΑ\u200b\u202e\x00\n😀"), max_size=20)


@given(st.lists(_any_text, min_size=1, max_size=5))
def test_text_beyond_ascii_is_a_separator_and_hides_nothing(names: list[str]) -> None:
    term = Wanted(raw="abba", variant=False)
    right = expected([name.encode().decode("latin-1") for name in names], [term])
    assert found_by_scan(names, forms_of([term])) == right
