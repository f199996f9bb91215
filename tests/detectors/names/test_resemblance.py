"""A sighting in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.names.across import beside
from detectors.names.reading import readings
from detectors.names.resemblance import Described, Sighting, describe
from detectors.names.sightings import ReadingFlag
from detectors.names.terms import compile_terms
from namaak.brands import Brand
from namaak.records import Field, Place

_TERMS = {
    (term.brand_id, term.raw): term
    for term in compile_terms(
        {
            "paypal": Brand(name="PayPal"),
            "boa": Brand(name="Bank of America"),
            "acme": Brand(name="Acme", common_word=True),
            "ceo": Brand(name="Zq", executives=[{"name": "Willemijn Vosteen"}]),
        }
    )
}


_PLAIN = ReadingFlag(0)


def see(
    value: str, span: str, brand: tuple[str, str] = ("paypal", "paypal"), *,
    field: Field = Field.HOST, edits: int = 0, reading: ReadingFlag = _PLAIN,
) -> Described:  # fmt: skip
    """The first place where `span` stands in any reading of value."""
    name = next(name for name in readings(value, field) if span in name.raw)
    start = name.raw.index(span)
    term = _TERMS[brand]
    return describe(Sighting(name, field, term, start, start + len(span), edits, reading))


@pytest.mark.parametrize(
    ("host", "resemblance", "kinds"),
    [
        ("paypal.net", "same-label", ["same-label"]),
        ("paypal.github.io", "free-host", ["free-host"]),
        ("login.paypal.com.evil.xyz", "level-squat", ["level-squat", "affix-access"]),
        ("paypal-login.com", "combosquat", ["combosquat", "affix-access"]),
        ("wwwpaypal.com", "combosquat", ["combosquat", "www-glued"]),
        ("paypalcom.xyz", "combosquat", ["combosquat", "joined-suffix"]),
        ("2fpaypal.com", "combosquat", ["combosquat", "url-encoded"]),
        ("com-paypal-id.top", "combosquat", ["combosquat", "com-label", "affix-access"]),
        ("paypal24.com", "combosquat", ["combosquat", "digit-tail"]),
        ("paypals.com", "typosquat", ["plural"]),
        ("paypall.com", "typosquat", ["repetition"]),
        ("xn--pypal-4ve.com", "homograph", ["idn-homograph", "mixed-script"]),
    ],
)
def test_an_exact_or_disguised_name_is_named_by_its_place(
    host: str, resemblance: str, kinds: list[str]
) -> None:
    found = see(host, "paypal")
    assert (found.resemblance, found.kinds) == (resemblance, kinds)


def test_a_cut_name_says_by_what_it_is_cut() -> None:
    found = see("pay-pal.com", "pay-pal", reading=ReadingFlag.JOINED)
    assert (found.resemblance, found.kinds) == ("split-name", ["hyphen-inside"])
    assert found.place is Place.WHOLE


def test_a_break_that_the_name_itself_has_cuts_nothing() -> None:
    found = see("bank-of-america.nl", "bank-of-america", ("boa", "bankofamerica"),
                reading=ReadingFlag.JOINED)  # fmt: skip
    assert found.resemblance == "same-label"
    assert found.distance == 0


def test_another_order_of_words_is_named() -> None:
    found = see("americabank.com", "americabank", ("boa", "americabank"))
    assert found.kinds == ["word-order", "same-label"]


def test_a_sign_for_a_letter_is_a_disguise() -> None:
    found = see("p@ypal help", "paypal", field=Field.DISPLAY_NAME)
    assert found.resemblance == "combo-homograph"
    assert "leet" in found.kinds


def test_a_turned_name_is_a_disguise() -> None:
    found = see("\u202elapyap", "paypal", field=Field.DISPLAY_NAME)
    assert (found.resemblance, found.kinds) == ("homograph", ["bidi-reversed"])


def test_a_tick_and_an_executive_are_named() -> None:
    found = see("Willemijn Vosteen ✅", "willemijn vosteen", ("ceo", "willemijnvosteen"),
                field=Field.DISPLAY_NAME)  # fmt: skip
    assert found.kinds == ["fake-tick", "same-name", "executive"]


def test_every_sighting_is_described_however_weak() -> None:
    found = see("xacmey.com", "acme", ("acme", "acme"))
    assert found.place is Place.INSIDE
    assert 0 < found.strength < 0.3
    assert "common-word" in found.traits


def test_small_letters_that_only_look_alike_in_capitals_are_a_misspelling() -> None:
    assert see("paypai.com", "paypai").resemblance == "typosquat"
    assert see("PaypaI", "paypai", field=Field.HANDLE).resemblance == "homograph"


def test_the_other_name_of_an_account_adds_its_lures() -> None:
    found = beside("support_24x7", "acmebank")
    assert found.lures == ("support:support",)
    assert found.traits == ("split-names",)
    assert beside("support_24x7", "acmebank", known=("support:support",)).lures == ()
    assert beside(None, "acmebank").lures == ()


def test_the_brands_own_words_in_the_other_name_are_no_lure() -> None:
    assert beside("acmebank", "acmebank").lures == ()


def test_a_name_in_another_language_is_no_disguise() -> None:
    found = see("паипал", "paipal", field=Field.DISPLAY_NAME, edits=1)
    assert found.layers == ["sound"]
    assert "transliteration" in found.kinds
    assert not {"homoglyph", "whole-script"} & set(found.kinds)


def test_only_folds_of_the_span_itself_count() -> None:
    found = see("Größe PayPаl", "paypal", field=Field.DISPLAY_NAME)
    assert found.layers == ["confusable"]
    assert see("Größe PayPal", "paypal", field=Field.DISPLAY_NAME).layers == []


_HOSTILE = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from("paypl1-._ \u202e\u200b\u0336аɐǝв$@!✅"),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=150)
@given(_HOSTILE, st.sampled_from([Field.HOST, Field.DISPLAY_NAME]), st.data())
def test_any_span_of_any_name_has_a_description(
    value: str, field: Field, data: st.DataObject
) -> None:
    for name in readings(value, field):
        if not name.raw:
            continue
        start = data.draw(st.integers(0, len(name.raw) - 1))
        end = data.draw(st.integers(start + 1, len(name.raw)))
        reading = ReadingFlag(data.draw(st.integers(0, 15)))
        edits = data.draw(st.integers(0, 2))
        found = describe(
            Sighting(name, field, _TERMS["paypal", "paypal"], start, end, edits, reading)
        )
        assert found.kinds
        assert len(set(found.kinds)) == len(found.kinds)
        assert 0 < found.strength <= 1
        assert 0 <= found.span_start < found.span_end <= len(name.value)
        assert found.distance >= 0
