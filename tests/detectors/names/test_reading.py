"""What a name reads as: every way in which a person could read it, the mildest first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.names.styles import STYLES
from detectors.folding import shape
from detectors.names.reading import MOST_READINGS, from_punycode, readings, u_labels
from detectors.names.turned import flipped, turned
from namaak.records import Field

NAME, HOST = Field.DISPLAY_NAME, Field.HOST


def read(value: str, field: Field = NAME) -> list[str]:
    return [name.raw for name in readings(value, field)]


@pytest.mark.parametrize("value", ["acme", "acme bank", "ACME", "a-b.c", "50% off", "a (b) @c d!"])
def test_a_plain_name_has_one_reading(value: str) -> None:
    assert read(value)[0] == value.lower()
    assert len(read("acme")) == 1
    (name,) = readings("acme", NAME)
    assert name.offsets is None


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("brand", ["acme", "paypal", "microsoft", "wellsfargo"])
def test_a_styled_name_is_read_as_the_name(style: str, brand: str) -> None:
    assert shape(brand) in [shape(raw).strip(".") for raw in read(STYLES[style](brand))]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("вol", ["bol", "vol"]),
        ("p@ypal", ["p@ypal", "paypal"]),
        ("$ephora", ["$ephora", "sephora"]),
        ("appl!", ["appl!", "appli"]),
        ("\u202elapyap", ["lapyap", "paypal"]),
        ("ǝɯɔɐ", ["ewca", "emoa", "acme"]),
        ("ƎMƆA", ["emca", "emoa", "acwe", "acme"]),
    ],
)
def test_a_name_with_several_readings_has_them_mildest_first(value: str, wanted: list[str]) -> None:
    assert read(value) == wanted


def test_what_was_done_to_a_name_is_told() -> None:
    traits = {raw: name.traits for name in readings("\u202elapyap", NAME) for raw in [name.raw]}
    assert "bidi" in traits["paypal"]
    assert "flipped" in readings("ǝɯɔɐ", NAME)[-1].traits
    assert "fake-tick" in readings("ACME ✅", NAME)[0].traits


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202elapyap", "paypal"),
        ("pay\u202elap", "paypal"),
        ("\u202elap\u202cyap", "palyap"),
        ("\u202elap\u202dpay", "paypal"),
        ("\u202b\u202elap\u2069\u202c\u202c", "pal"),
    ],
)
def test_an_override_turns_what_stands_within_it(text: str, shown: str) -> None:
    order = turned(text)
    assert order is not None
    assert "".join(text[index] for index in order) == shown


def test_text_without_an_override_stays_as_it_is() -> None:
    assert turned("pay\u202bpal\u202c") is None
    assert flipped("upright") == ()


def test_a_span_of_turned_text_covers_what_was_written() -> None:
    name = readings("x \u202elapyap", NAME)[1]
    at = name.raw.index("paypal")
    start, end = name.in_value(at, at + 6)
    assert name.value[start:end] == "lapyap"


@pytest.mark.parametrize(
    ("host", "raw", "label"),
    [
        ("login.xn--80ak6aa92e.com", "login.appie", 6),
        ("вв.вol.com", "vv.vol", 3),
        ("æ.ǝɯɔɐ.nl", "ae.acme", 3),
        ("paypal.github.io", "paypal", 0),
    ],
)
def test_of_a_host_the_labels_before_the_suffix_are_read(host: str, raw: str, label: int) -> None:
    assert (raw, label) in [(name.raw, name.label) for name in readings(host, HOST)]


def test_a_label_in_the_script_of_its_suffix_is_marked() -> None:
    label = "xn--80ak6aa92e"
    assert "native-script" in readings(f"{label}.xn--p1ai", HOST)[0].traits
    assert "native-script" not in readings(f"{label}.com", HOST)[0].traits
    assert "native-script" not in readings("paypal.xn--p1ai", HOST)[0].traits


def test_an_a_label_and_its_u_label_read_alike() -> None:
    assert read("xn--pypal-4ve.com", HOST) == read("pаypal.com", HOST)


def test_nothing_has_no_reading() -> None:
    assert readings(None, HOST) == ()
    assert readings("", NAME) == ()


_HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\u202e\u202c\u2069\u202d\u200b\u3164ɐɔǝɹbdpqвнр@$!|aA1.- \U000e0061✅"),
    ),
    max_size=60,
)


@settings(max_examples=150)
@given(_HOSTILE, st.sampled_from([HOST, NAME, Field.HANDLE]))
def test_every_reading_is_ascii_and_every_place_lies_in_the_value(value: str, field: Field) -> None:
    found = readings(value, field)
    assert len(found) <= MOST_READINGS
    assert len({name.raw for name in found}) == len(found)
    for name in found:
        assert name.raw.isascii()
        assert name.raw == name.raw.lower()
        assert 0 <= name.label <= len(name.raw)
        if name.offsets is not None:
            assert len(name.offsets) == len(name.raw)
        for at in range(len(name.raw)):
            start, end = name.in_value(at, at + 1)
            assert 0 <= start < end <= len(name.value)


@given(st.text(max_size=40))
def test_turning_keeps_every_character_but_the_marks(text: str) -> None:
    order = turned("\u202e" + text)
    assert order is not None
    assert len(set(order)) == len(order)
    marks = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069"
    assert len(order) == sum(char not in marks for char in text)


def test_a_decoded_label_cannot_fake_a_border() -> None:
    fake = "xn--" + "pay.pal".encode("punycode").decode()
    assert u_labels(f"{fake}.com") == f"{fake}.com"


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30))
def test_what_was_encoded_is_decoded(label: str) -> None:
    assert from_punycode(label.encode("punycode").decode("ascii")) == label


@given(st.text("abz019-A é", max_size=30))
def test_a_label_decodes_as_the_standard_library_decodes_it_or_not_at_all(encoded: str) -> None:
    found = from_punycode(encoded)
    try:
        expected = encoded.encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return
    assert found in (expected, None)
    if found is None:
        assert any(0xD800 <= ord(char) <= 0xDFFF for char in expected)
