"""The fold table: what people read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import folding
from detectors.folding import (
    PAIRS,
    fold_table,
    merge_pairs,
    read_as_ascii,
    read_otherwise,
    shape,
)


@given(st.text(max_size=60))
def test_reading_is_ascii_and_reading_it_again_changes_nothing(text: str) -> None:
    reading = read_as_ascii(text)
    assert reading.text.isascii()
    assert read_as_ascii(reading.text).text == reading.text


@given(st.text(max_size=60))
def test_every_character_read_has_its_place_in_the_source(text: str) -> None:
    reading = read_as_ascii(text)
    if reading.offsets is None:
        assert len(reading.text) == len(text)
    else:
        assert len(reading.offsets) == len(reading.text)
        assert list(reading.offsets) == sorted(reading.offsets)
        assert all(0 <= offset < len(text) for offset in reading.offsets)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=60))
def test_shape_keeps_the_length_and_is_idempotent(text: str) -> None:
    assert len(shape(text)) == len(text)
    assert shape(shape(text)) == shape(text)


@pytest.mark.parametrize(
    ("written", "read", "layer"),
    [
        ("раураl", "paypal", "confusable"),
        ("аррӏе", "appie", "confusable"),  # palochka: shape then joins i and l
        ("ｐａｙｐａｌ", "paypal", "styled"),
        ("𝓹𝓪𝔂𝓹𝓪𝓵", "paypal", "styled"),
        ("🅟🅐🅨", "pay", "styled"),
        ("ᴘᴀʏ", "pay", "styled"),
        ("páÿpäł", "paypal", "diacritic"),
        ("вank", "bank", "visual"),
        ("pǝypal", "peypal", "visual"),
        ("⒫⒜⒴", "pay", "styled"),
        ("❶②⑶", "123", "styled"),
        ("卂匚爪乇", "acme", "visual"),
        ("₳₵₥Ɇ", "acme", "diacritic"),
        ("𝚨𝛡", "an", "visual"),
        ("アクメ", "akume", "sound"),
        ("жук", "zyk", "sound"),
    ],
)
def test_styles_marks_and_lookalikes_are_read_and_named(
    written: str, read: str, layer: str
) -> None:
    reading = read_as_ascii(written)
    assert reading.text == read
    assert layer in reading.layers


@pytest.mark.parametrize(
    ("text", "trait"),
    [("Pay\u200bPal", "invisible"), ("\u202elapyap", "bidi"), ("PayPal ✅", "fake-tick"),
     ("Pаypal", "mixed-script"), ("Pay\U000e0061pal", "invisible")],
)  # fmt: skip
def test_what_hides_in_a_name_is_told(text: str, trait: str) -> None:
    assert trait in read_as_ascii(text).traits


def test_scripts_are_mixed_within_a_word_and_not_between_words() -> None:
    assert "mixed-script" not in read_as_ascii("PayPal Москва").traits
    assert "mixed-script" not in read_as_ascii("PayPayカード").traits
    assert "mixed-script" not in read_as_ascii("PayPalไทย").traits
    assert "mixed-script" not in read_as_ascii("straße").traits


@pytest.mark.parametrize(
    ("written", "looks", "sounds"),
    [("вol", "bol", "vol"), ("рнс", "phc", "rns"), ("straße", "strabe", "strasse")],
)
def test_a_letter_that_looks_like_one_and_sounds_like_another_has_both(
    written: str, looks: str, sounds: str
) -> None:
    assert read_as_ascii(written).text == looks
    second = read_otherwise(written)
    assert second is not None
    assert second.text == sounds


@pytest.mark.parametrize("plain", ["paypal", "ｐａｙ", ""])
def test_a_text_without_such_letters_has_no_second_reading(plain: str) -> None:
    assert read_otherwise(plain) is None


def test_every_row_of_the_table_reads_as_ascii_letters_and_digits() -> None:
    table = fold_table()
    for point, (layer, text) in table.reads_as.items():
        assert point > 0x7F
        assert layer in folding.LAYERS
        assert text.isascii()
        assert text.isalnum()
        assert text == text.lower()
    for point, text in table.also.items():
        assert text.isascii()
        assert text.isalnum()
        assert table.reads_as[point][1] != text


def test_pairs_are_two_small_letters_that_become_one() -> None:
    assert all(len(pair) == 2 and len(letter) == 1 for pair, letter in PAIRS.items())


def test_trade_mark_signs_are_no_letters() -> None:
    assert read_as_ascii("Acme™").text.strip() == "acme"


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        ("rnicrosoft", "microsoft"),
        ("vvise", "wise"),
        ("clhl", "dhl"),
        ("cornpany", "company"),
        ("faceboolc", "facebook"),
    ],
)
def test_pairs_that_look_like_one_letter_become_it(text: str, merged: str) -> None:
    found = merge_pairs(text)
    assert found is not None
    assert found[0] == merged
    assert next(text[offset] for offset in found[1]) == text[0]


def test_a_name_without_such_pairs_is_left_alone() -> None:
    assert merge_pairs("paypal") is None


def test_the_table_says_where_it_comes_from() -> None:
    table = Path(folding.__file__).with_name("tables") / "folds.tsv"
    head = [line for line in table.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    for what in ("version:", "source:", "licence:", "input:"):
        assert any(what in line for line in head), what
    assert folding.fold_table().version


@pytest.mark.peer
def test_the_table_is_what_its_script_makes() -> None:
    pytest.importorskip("icu", reason="PyICU is needed to make the table again")
    from detectors.tables import make_folds

    made = make_folds.render()
    assert made == make_folds.TABLE.read_text(encoding="utf-8")


def test_the_script_says_what_it_needs_when_icu_is_absent() -> None:
    if shutil.which("true") is None or _has_icu():
        pytest.skip("PyICU is installed here")
    done = subprocess.run(
        [sys.executable, "-m", "detectors.tables.make_folds"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert "icu" in done.stderr


def _has_icu() -> bool:
    try:
        import icu  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "reads"),
    [("PayPal®", "paypal "), ("Acme© Bank", "acme  bank"), ("©oinbase", "coinbase")],
)
def test_the_sign_of_an_owner_is_no_letter_but_before_letters(text: str, reads: str) -> None:
    assert read_as_ascii(text).text == reads
