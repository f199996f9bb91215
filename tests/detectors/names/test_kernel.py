"""The scan: what it tells of a place, in which reading, and that nothing hostile disturbs it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.names.oracle import as_texts
from detectors.names import kernel
from detectors.names.anchors import AnchorTables, Form, build_tables
from detectors.names.kernel import count_grams, scan
from detectors.names.sightings import ReadingFlag

Sighting = tuple[str, int, int]  # span as written, edits, flags


def forms(*texts: str, token: int = 2, inside: int = 1, edge: bool = False) -> AnchorTables:
    return build_tables([Form(t, token, inside, edge, at, False) for at, t in enumerate(texts)])


def seen(name: str | bytes, tables: AnchorTables) -> list[Sighting]:
    raw = name.encode() if isinstance(name, str) else name
    found = scan(as_texts([raw]), tables)
    return [
        (raw[start:end].decode("latin-1"), edits, flags)
        for start, end, edits, flags in zip(
            found.start.tolist(), found.end.tolist(), found.edits.tolist(),
            found.reading.tolist(), strict=True,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "span", "edits"),
    [
        ("paypal", "paypal", 0),
        ("PAYPA1", "PAYPA1", 0),
        ("xpaypalx", "paypal", 0),
        ("paypaal", "paypaal", 1),
        ("xpaypoalx", "paypoal", 1),
        ("xpaypax", "paypax", 1),
        ("myp4yal-login", "p4yal", 1),
        ("papyal", "papyal", 1),
        ("apypal", "apypal", 1),
    ],
)
def test_the_best_place_is_told_with_its_edits(name: str, span: str, edits: int) -> None:
    assert seen(name, forms("paypal"))[0][:2] == (span, edits)


def test_every_exact_place_is_told() -> None:
    found = seen("paypalpaypal-paypal", forms("paypal"))
    assert [span for span, *_ in found] == ["paypal"] * 3


def test_a_whole_word_may_have_more_edits_than_a_part_and_says_so() -> None:
    tables = forms("paypal")
    assert seen("pypl", tables) == [("pypl", 2, int(ReadingFlag.TOKEN))]
    assert seen("xpyplx", tables) == []
    assert seen("paypal", tables)[0][2] == 0


@pytest.mark.parametrize(
    ("name", "found"),
    [("dhl", True), ("dhlparcel", True), ("mydhl", True), ("xdhlx", False), ("a-dhl.b", True)],
)
def test_an_edge_term_stands_at_the_beginning_or_end_of_a_word(name: str, found: bool) -> None:
    assert bool(seen(name, forms("dhl", token=0, inside=-1, edge=True))) is found


def test_a_term_of_two_letters_is_a_whole_word() -> None:
    tables = forms("hp", token=0, inside=-1)
    assert [span for span, *_ in seen("hp-hpx-xhp.hp", tables)] == ["hp", "hp"]


def test_a_term_with_all_rules_off_is_never_told() -> None:
    assert seen("paypal pay-pal", forms("paypal", token=-1, inside=-1)) == []


@pytest.mark.parametrize(
    ("name", "span"),
    [("pay-pal", "pay-pal"), ("x.p.a.y--pal.y", "p.a.y--pal"), ("xpay-pal", None),
     ("pay-palx", None)],
)  # fmt: skip
def test_separators_are_taken_out_between_whole_words(name: str, span: str | None) -> None:
    exact = forms("paypal", token=0, inside=0)
    spans = [one for one, _, flags in seen(name, exact) if flags & ReadingFlag.JOINED]
    assert spans == ([span] if span else [])


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("login-acme-bnak-nl", "acme-bnak"),
        ("ac-me-bank", "ac-me-bank"),
        ("acme-bankk", "acme-bankk"),
        ("ac_ebank", "ac_ebank"),
        ("cme-bank", "cme-bank"),
        ("acme-bnkk-x", None),
        ("ac-me-b-nak", None),
    ],
)
def test_two_or_three_words_may_be_one_edit_from_a_term_together(
    name: str, span: str | None
) -> None:
    tables = forms("acmebank", token=1, inside=-1)
    spans = [one for one, _, flags in seen(name, tables) if flags & ReadingFlag.JOINED]
    assert spans == ([span] if span else [])


@pytest.mark.parametrize(
    ("name", "span"),
    [("rnicrosoft", "rnicrosoft"), ("x-rnicrosoft-y", "rnicrosoft"), ("myrNicrosoft", "rNicrosoft"),
     ("mi-crosoft", "mi-crosoft"), ("rni-crosoft", "rni-crosoft")],
)  # fmt: skip
def test_pairs_are_merged_and_spans_are_those_of_the_name_as_written(name: str, span: str) -> None:
    exact = {one for one, edits, _ in seen(name, forms("microsoft")) if edits == 0}
    assert exact == {span}


def test_a_merged_form_is_for_merged_names_and_its_term_is_told_once() -> None:
    tables = build_tables(
        [Form("learnlfy", 2, 1, False, 7, False), Form("leamlfy", 2, 1, False, 7, True)]
    )
    assert seen("leamify", tables) == [("leamify", 0, int(ReadingFlag.PAIRS))]
    assert seen("learnify", tables) == [("learnify", 0, 0)]


@pytest.mark.parametrize(
    ("name", "found"), [("6oo6le", True), ("6006le", True), ("6-006-le", False), ("6006", False)]
)
def test_digits_have_a_second_reading_beside_letters(name: str, found: bool) -> None:
    second = [one for one in seen(name, forms("google")) if one[2] & ReadingFlag.DIGITS]
    assert [one[:2] for one in second] == ([(name, 0)] if found else [])


def test_a_better_reading_of_the_same_place_takes_the_place_of_the_first() -> None:
    found = seen("rnicrosoft", forms("mlcrosoft", token=2, inside=-1))
    assert found == [("rnicrosoft", 0, int(ReadingFlag.PAIRS | ReadingFlag.TOKEN))]


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_no_bytes_disturb_the_scan(names: list[bytes]) -> None:
    tables = forms("paypal", "dhl", "hsbc", "bankofamerica", inside=1)
    found = scan(as_texts(names), tables)
    for text, start, end in zip(
        found.text.tolist(), found.start.tolist(), found.end.tolist(), strict=True
    ):
        assert 0 <= start < end <= len(names[text])


@given(
    st.binary(max_size=80).map(lambda junk: junk + b"-"),
    st.binary(max_size=80).map(lambda junk: b"." + junk),
)
def test_no_bytes_around_a_name_hide_it(before: bytes, after: bytes) -> None:
    found = seen(before + b"paypal" + after, forms("paypal"))
    assert ("paypal", 0) in {one[:2] for one in found}


def test_names_of_any_length_are_scanned_to_their_end() -> None:
    tables = forms("paypal", "deutschetelekom")
    for name in ("x" * 253, "-" * 1_000, "a." * 5_000, "paypal" * 2_000, "1" * 100_000):
        found = [one[:2] for one in seen(name + ".deutschetelekom", tables)]
        assert ("deutschetelekom", 0) in found


def test_terms_of_sixty_letters_are_found_with_two_edits() -> None:
    term = "abcdefghjkmnopqrstuvwxyz26" * 2 + "abcdefgh"
    spans = seen(f"x{term[:20]}{term[21:40]}q{term[40:]}y", forms(term, inside=2))
    assert [edits for _, edits, _ in spans] == [2]


def test_nothing_is_found_across_two_names() -> None:
    assert not len(scan(as_texts([b"xxpay", b"palxx", b"", b"pay"]), forms("paypal")).text)


def test_no_names_give_no_sightings() -> None:
    found = scan(as_texts([]), forms("paypal"))
    assert [len(column) for column in (found.text, found.term, found.edits)] == [0, 0, 0]


def test_output_that_outgrows_its_room_is_all_there(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [b"paypal-" * count for count in (1, 9, 3, 40, 2)] * 3
    tables = forms("paypal", "paypa", inside=0)
    whole = scan(as_texts(names), tables)
    monkeypatch.setattr(kernel, "_CAPACITY", 4)
    parts = scan(as_texts(names), tables)
    for column in ("text", "term", "start", "end", "edits", "reading"):
        assert np.array_equal(getattr(whole, column), getattr(parts, column))


def test_threads_share_tables() -> None:
    tables = forms("paypal", "amazon", "microsoft")
    names = as_texts([b"paypal-login", b"amaz0n", b"rnicrosoft"] * 500)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: scan(names, tables).start.tolist(), range(8)))
    assert all(one == found[0] for one in found)


def test_what_is_common_changes_speed_and_not_what_is_found() -> None:
    rows: Sequence[bytes] = [b"internationalbank", b"myinternationlabank.x", b"internationbank"]
    terms = [
        Form("internationalbank", 2, 2, False, 0, False),
        Form("nation", 2, 1, False, 1, False),
    ]
    plain = scan(as_texts(rows), build_tables(terms))
    tuned = scan(as_texts(rows), build_tables(terms, count_grams(as_texts(rows * 50))))
    assert plain.start.tolist() == tuned.start.tolist()
    assert len(plain.start) > 3
