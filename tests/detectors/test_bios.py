"""The brand in what an account says of itself: whole words, and those around them alone."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.bios import MOST_READ, match_bios
from detectors.names.matcher import compile_names
from namaak.brands import Brand, Executive

_MATCHER = compile_names(
    {
        "acme": Brand(name="ACME Bank", executives=(Executive(name="Willemijn Vosteen"),)),
        "peer": Brand(name="Peer"),
        "wald": Brand(name="Waldermond", aliases=("\u0412\u0430\u043b\u044c\u0434",)),
    }
)


def found(*texts: str | None) -> list[dict[str, Any]]:
    return match_bios(pa.chunked_array([pa.array(texts, pa.string())]), _MATCHER).to_pylist()


@pytest.mark.parametrize(
    "text",
    [
        "Official support of ACME Bank. DM us",
        "we love acmebank",
        "we are @acme_bank now",
        "A.C.M.E. Bank",
        "see https://acme-bank-help.example/login",
        "\u0410\u0421ME B\u0430nk helpdesk",
        "".join(chr(0x1D400 + ord(char) - 65) if char.isalpha() else char for char in "ACME BANK"),
        "\u00c1CME B\u00e1nk fan",
        "AC\u200bME Bank",
        "A\u0336C\u0336M\u0336E\u0336 Bank",
    ],
)
def test_the_brand_is_found_as_words_however_it_is_written(text: str) -> None:
    (hit,) = found(text)
    assert (hit["brand_id"], hit["row"]) == ("acme", 0)
    assert hit["value"] in text


@pytest.mark.parametrize(
    "text",
    ["pioneer and career", "acmebanking", "acme banc", "peerless", "a bank in Acmeville",
     "I admire Willemijn Vosteen", "", "   "],
)  # fmt: skip
def test_parts_of_words_misspellings_and_people_are_not(text: str) -> None:
    assert found(text) == []


def test_only_the_words_around_the_brand_are_kept() -> None:
    (hit,) = found("one two three four ACME Bank five six seven eight")
    assert hit["value"] == "three four ACME Bank five six"
    assert hit["value"][hit["span_start"] : hit["span_end"]] == "ACME Bank"


def test_a_word_beside_it_that_is_no_word_is_left_out() -> None:
    (hit,) = found(f"ACME Bank help {'x' * 300}")
    assert hit["value"] == "ACME Bank help"


def test_each_brand_of_each_text_is_found_once_in_order() -> None:
    hits = found(None, "Waldermond and ACME Bank, Waldermond", "nothing", "Peer")
    assert [(hit["row"], hit["brand_id"]) for hit in hits] == [
        (1, "acme"), (1, "wald"), (3, "peer")
    ]  # fmt: skip


def test_what_people_do_not_see_at_once_is_not_read() -> None:
    filler = "word " * (MOST_READ // 5)
    assert found(filler + "ACME Bank") == []
    assert found(filler[:-20] + "ACME Bank")


def test_words_that_lure_beside_it_are_told() -> None:
    (hit,) = found("ACME Bank klantenservice")
    assert hit["lures"] == ["support:klantenservice"]


def test_a_column_of_nulls_gives_nothing() -> None:
    assert found(None, None) == []


@given(st.lists(st.one_of(st.none(), st.text(max_size=60)), max_size=5))
@settings(deadline=None, max_examples=60)
def test_any_text_is_read(texts: list[str | None]) -> None:
    for hit in found(*texts):
        assert hit["value"] in (texts[hit["row"]] or "")


@given(st.text(max_size=30), st.text(max_size=30))
@settings(deadline=None, max_examples=60)
def test_a_brand_between_any_two_texts_is_found(before: str, after: str) -> None:
    # Whatever stands apart by a line.
    hits = found(f"{before}\n-\nWaldermond\n-\n{after}")
    assert "wald" in {hit["brand_id"] for hit in hits}
