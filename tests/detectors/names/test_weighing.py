"""A column weighed: of each name and brand the best, alike for few names and many."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from detectors.names import weighing
from detectors.names.matcher import compile_names
from detectors.names.matching import match_names
from detectors.names.weighing import negative_word, weigh
from namaak.brands import Brand
from namaak.records import Field

_BRANDS = {
    "acme": Brand(name="Acmebank", negative_words=("acmebanket",)),
    "volta": Brand(name="Volta Bank", case_type="dispute"),
    "jo": Brand(name="Zeilmaker", executives=({"name": "Josefien Zeilmaker"},)),
}
_MATCHER = compile_names(_BRANDS)
_HOSTS = ["acmebank-login.com", "unrelated.com", "acmebank-acmebank.nl", "voltabank-acmebank.de"]


def pairs(hosts: list[str], field: Field = Field.HOST) -> list[tuple[int, str, float]]:
    return [
        (weighed.first_row + int(row), _MATCHER.brand_ids[brand], float(score))
        for weighed in weigh(pa.array(hosts), field, _MATCHER)
        for row, brand, score in zip(weighed.row, weighed.brand, weighed.score, strict=True)
    ]


def test_each_name_and_brand_is_weighed_once_in_order() -> None:
    found = [(row, brand) for row, brand, _ in pairs(_HOSTS)]
    assert found == [(0, "acme"), (2, "acme"), (3, "acme"), (3, "volta")]


def test_slices_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = _HOSTS * 20
    whole = pairs(hosts)
    monkeypatch.setattr(weighing, "_AT_ONCE", 7)
    assert pairs(hosts) == whole


def test_people_are_looked_for_where_people_are_named() -> None:
    name = ["josefienzeilmaker"]
    terms = {}
    for field in (Field.HOST, Field.HANDLE):
        (weighed,) = weigh(pa.array(name), field, _MATCHER)
        terms[field] = {_MATCHER.terms[term].person for term in weighed.sightings.term.tolist()}
    assert terms == {Field.HOST: {False}, Field.HANDLE: {True}}


def test_a_dispute_is_weighed_by_its_own_column() -> None:
    as_fraud = compile_names({"volta": Brand(name="Volta Bank")})
    host = pa.array(["voltabank-login.top"])
    (dispute,) = weigh(host, Field.HOST, _MATCHER)
    (fraud,) = weigh(host, Field.HOST, as_fraud)
    assert np.array_equal(dispute.evidence[0], fraud.evidence[0])
    assert dispute.score[0] != fraud.score[0]
    (hit,) = match_names(host, Field.HOST, _MATCHER).hits.to_pylist()
    assert "dispute" in hit["traits"]


@pytest.mark.parametrize(
    ("raw", "span", "word"),
    [
        ("acmebanket-recepten", (0, 8), "Acmebanket"),
        ("acmebank-acmebanket", (0, 8), None),
        ("acmebank-acmebanket", (9, 17), "Acmebanket"),
        ("acmebank", (0, 8), None),
        ("mullerei-recepten", (0, 4), "Müllerei"),
        ("hetacmebanket", (3, 11), "Acme Banket"),
    ],
)
def test_a_negative_word_holds_the_span_or_it_does_not(
    raw: str, span: tuple[int, int], word: str | None
) -> None:
    words = tuple(filter(None, {word, "Acmebanket"})) if word != "Acme Banket" else (word,)
    assert negative_word(raw, span, words) == word


def test_nothing_at_all_gives_nothing() -> None:
    assert pairs([]) == []
    assert pairs([""]) == []
