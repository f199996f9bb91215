"""The matcher against brute force: every name with every brand, by rapidfuzz, same rules.

Letters without pairs or lookalikes, so that folds play no part; those have tests of their own.
"""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from rapidfuzz.distance import OSA

from detectors.folding import shape
from detectors.names.matcher import compile_names
from detectors.names.matching import match_names
from detectors.names.terms import Term
from namaak.brands import Brand
from namaak.records import Field

_LETTERS = "abdefghjkmopqtuxz"


def _edited(text: str, edits: int, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(edits):
        at, kind = rng.randrange(len(letters)), rng.randrange(4)
        if kind == 0:
            del letters[at]
        elif kind == 1:
            letters.insert(at, rng.choice(_LETTERS[:5]))
        elif kind == 2:
            letters[at] = rng.choice(_LETTERS[:5])
        elif at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def _fits(folded: str, term: Term) -> bool:
    """By the rule's own words: some token, or some stretch within a token, is near enough."""
    size, inside = len(term.folded), term.rule.inside_edits
    for token in folded.split("."):
        if token and OSA.distance(token, term.folded) <= term.rule.token_edits:
            return True
        for start in range(len(token)):
            ends = range(start + max(1, size - inside), min(len(token), start + size + inside) + 1)
            if any(OSA.distance(token[start:end], term.folded) <= inside for end in ends):
                return True
    return False


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_name_within_the_rules_of_a_brand_is_matched_with_it(seed: int) -> None:
    rng = random.Random(seed)
    expected = missed = 0
    for _ in range(6):
        alphabet = _LETTERS[: rng.choice([4, 8, 17])]
        names = [
            "".join(rng.choice(alphabet) for _ in range(rng.randrange(5, 18))) for _ in range(8)
        ]
        matcher = compile_names({f"b{n}": Brand(name=name) for n, name in enumerate(names)})
        values = []
        for _ in range(150):
            inner = _edited(rng.choice(names), rng.randrange(4), rng)
            around = ["".join(rng.choice(_LETTERS[:6] + "-") for _ in range(rng.randrange(6)))
                      for _ in range(2)]  # fmt: skip
            values.append(around[0] + inner + around[1])
        found: dict[int, set[str]] = {}
        for hit in match_names(pa.array(values), Field.HANDLE, matcher).to_pylist():
            found.setdefault(hit["row"], set()).add(hit["brand_id"])
        for row, value in enumerate(values):
            for term in matcher.terms:
                if _fits(shape(value), term):
                    expected += 1
                    missed += term.brand_id not in found.get(row, set())
    assert expected > 500
    assert missed == 0


@pytest.mark.parametrize(
    ("brand", "host", "span"),
    [
        ("Learnify", "leamify-login.nl", "leamify"),
        ("Learnify", "my-learnify.nl", "learnify"),
        ("Cloudnine", "doudnine.com", "doudnine"),
        ("Microsoft", "xx-rnicrosoft-yy.com", "rnicrosoft"),
        ("Wiseman", "a-vviseman-b.com", "vviseman"),
        ("KPN", "k-pn.nl", "k-pn"),
        ("DHL", "d-h-l-tracking.com", "d-h-l"),
    ],
)
def test_pairs_and_separators_are_seen_through_and_spans_fit(
    brand: str, host: str, span: str
) -> None:
    hits = match_names(pa.array([host]), Field.HOST, compile_names({"b": Brand(name=brand)}))
    spans = [hit["value"][hit["span_start"] : hit["span_end"]] for hit in hits.to_pylist()]
    assert spans == [span]
