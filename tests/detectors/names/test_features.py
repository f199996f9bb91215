"""What is measured of sightings: each column says what it promises."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from detectors.names.features import FEATURES, measure, term_columns
from detectors.names.kernel import scan
from detectors.names.learned import Learned, classes_of, learned, ratios_of, read_learned
from detectors.names.matcher import NameMatcher, compile_names
from detectors.names.spans import take_apart
from detectors.names.terms import compile_terms
from detectors.names.texts import read_column
from detectors.words import CLASSES
from namaak.brands import Brand
from namaak.records import Field

TABLES = Learned(
    version="test",
    words=ratios_of({"login": 1.5, "cake": -1.0}),
    classes=classes_of({"support": 0.5}),
    suffixes=ratios_of({"top": 1.2}),
)


@pytest.fixture(scope="module")
def matcher() -> NameMatcher:
    return compile_names(
        {
            "walder": Brand(name="Waldermond", domains=("waldermond.example",)),
            "kestrel": Brand(name="Kestrelbank"),
            "mond": Brand(name="Dermond"),
        }
    )


def measured(host: str, matcher: NameMatcher, brand_id: str = "walder") -> dict[str, float]:
    """Of the brand's best term: the one with the fewest edits."""
    texts = read_column(pa.array([host], pa.large_string()), Field.HOST).texts
    seen = scan(texts, matcher.anchors)
    spans = take_apart(texts, seen, matcher.columns.raw)
    matrix = measure(texts, seen, spans, matcher.columns, matcher.rarity, TABLES)
    number = matcher.brand_ids.index(brand_id)
    mine = np.flatnonzero(matcher.columns.brand[seen.term] == number)
    best = min(mine.tolist(), key=lambda at: (int(spans.edits[at]), at))
    return dict(zip(FEATURES, matrix[best].tolist(), strict=True))


def test_every_column_is_finite_and_the_constant_is_one(matcher: NameMatcher) -> None:
    found = measured("my-waldermond-login24.top", matcher)
    assert found["constant"] == 1
    assert all(np.isfinite(list(found.values())))


def test_the_rest_is_shared_out_among_words_letters_and_digits(matcher: NameMatcher) -> None:
    found = measured("waldermond-cake24.com", matcher)
    assert found["rest_words"] == pytest.approx(4 / 6)
    assert found["rest_digits"] == pytest.approx(2 / 6)
    assert found["rest_length"] == pytest.approx(0.6)
    assert measured("waldermond-xqzvk.com", matcher)["rest_random"] == 1
    assert measured("waldermond.com", matcher)["rest_length"] == 0


@pytest.mark.parametrize(
    ("host", "feature"),
    [
        ("waldermondlogin.com", "lure"),
        ("waldermond-brasil.com", "place_word"),
        ("waldermond-com.net", "web_word"),
        ("waldermond-boycott.com", "speech_word"),
        ("waldermond.com", "whole"),
        ("waldermondx.com", "one_letter_more"),
        ("waldermond-shop.com", "starts"),
        ("waldermond.evil.xyz", "sub_label"),
        ("waldermond.com.evil.xyz", "address_below"),
        ("waldermond.github.io", "free_host"),
        ("waldermond-kestrelbank.com", "other_brands"),
    ],
)
def test_a_sign_is_told_where_it_is_and_only_there(
    host: str, feature: str, matcher: NameMatcher
) -> None:
    assert measured(host, matcher)[feature] == 1
    assert measured("blue-waldermond-cake.com", matcher)[feature] == 0


def test_words_in_other_sub_labels_count_for_a_sub_label(matcher: NameMatcher) -> None:
    assert measured("login.waldermond.evil.xyz", matcher)["lure"] == 1
    assert measured("waldermond.login-evil.xyz", matcher)["lure"] == 0


def test_what_lies_within_another_brands_exact_name_is_covered(matcher: NameMatcher) -> None:
    assert measured("waldermond.com", matcher, "mond")["covered"] == 1
    assert measured("dermond.com", matcher, "mond")["covered"] == 0


def test_learned_ratios_come_from_the_table_given(matcher: NameMatcher) -> None:
    found = measured("waldermond-login.top", matcher)
    assert found["learned"] == pytest.approx(1.5)
    assert found["suffix"] == pytest.approx(1.2)
    assert measured("waldermond-help.com", matcher)["learned"] == pytest.approx(0.5)
    assert measured("waldermond-shop.com", matcher)["learned"] == 0


def test_a_name_never_seen_is_rarer_than_a_common_word(matcher: NameMatcher) -> None:
    common = compile_names({"spring": Brand(name="Spring")})
    assert measured("spring.top", common, "spring")["token_rate"] > 1.5
    assert measured("waldermond.top", matcher)["token_rate"] < 1


def test_sisters_are_known_by_a_domain_they_share() -> None:
    brands = {
        "a": Brand(name="Waldermond", domains=("waldermond.example",)),
        "b": Brand(name="Waldermond Pay", domains=("waldermond.example", "pay.example")),
        "c": Brand(name="Pay by Walder", domains=("pay.example",)),
        "d": Brand(name="Waldermond", domains=("other.example",)),
    }
    terms = compile_terms(brands)
    columns = term_columns(terms, brands)
    owner = {term.brand_id: columns.owner[at] for at, term in enumerate(terms)}
    assert owner["a"] == owner["b"] == owner["c"] != owner["d"]
    shared = {(term.brand_id, term.raw): int(columns.shared[at]) for at, term in enumerate(terms)}
    assert shared["a", "waldermond"] == 1


def test_hostile_titles_are_measured(matcher: NameMatcher) -> None:
    titles = ["waldermond " * 120, "x" * 5_000 + "waldermond", "waldermond\x00\x7f" + "-" * 900]
    texts = read_column(pa.array(titles, pa.large_string()), Field.APP).texts
    seen = scan(texts, matcher.anchors)
    spans = take_apart(texts, seen, matcher.columns.raw)
    matrix = measure(texts, seen, spans, matcher.columns, matcher.rarity, TABLES)
    assert set(texts.row[seen.text].tolist()) == {0, 1, 2}
    assert np.isfinite(matrix).all()


def test_the_shipped_ratios_are_read_and_know_no_brand() -> None:
    tables = learned()
    assert tables.version
    assert len(tables.words.keys) > 100
    assert np.abs(tables.words.values).max() < 8


def test_learned_lines_are_words_and_suffixes() -> None:
    tables = read_learned("# version: 7\nword\tlogin\t1.5\nclass\twork\t2\nsuffix\ttop\t-0.5\n")
    assert tables.version.startswith("7-")
    assert tables.words.values.tolist() == [1.5]
    assert tables.suffixes.values.tolist() == [-0.5]
    assert tables.classes[CLASSES.index("work")] == 2
