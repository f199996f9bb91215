"""Handles come from every way of making one, likeliest first, and only where they are possible."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.permutations.handle_kinds import SHARES, HandleKind
from detectors.permutations.handle_words import handle_words
from detectors.permutations.handles import handle_permutations


def takes(pattern):
    compiled = re.compile(pattern)
    return lambda handle: compiled.fullmatch(handle) is not None


ON_X = takes(r"[a-z0-9_]{4,15}")
ANYWHERE = takes(r"[a-z0-9._-]{1,60}")


def made(*names, allows=ANYWHERE, most=100_000, **options):
    return list(handle_permutations(names, allows=allows, most=most, **options))


def of_kind(kind, *names, **options):
    return {one.handle for one in made(*names, **options) if one.kind is kind}


@pytest.mark.parametrize(
    ("kind", "some", "none"),
    [
        (HandleKind.NAMESAKE, {"waldermondbank"}, {"waldermond-bank"}),
        (HandleKind.SEPARATOR, {"waldermond_bank", "waldermond.bank", "waldermond-bank",
                                "w_a_l_d_e_r_m_o_n_d_b_a_n_k"}, set()),
        (HandleKind.EDGE_SEPARATOR, {"waldermondbank_", "__waldermondbank__"}, set()),
        (HandleKind.LETTER, {"waldermondbankx", "xwaldermondbank"}, {"waldermondxbank"}),
        (HandleKind.DIGIT, {"waldermondbank7", "7waldermondbank"}, set()),
        (HandleKind.TAIL, {"waldermondbank2026", "waldermondbank24", "waldermondbank_365"}, set()),
        (HandleKind.OMISSION, {"waldermndbank"}, set()),
        (HandleKind.TRANSPOSITION, {"wladermondbank"}, set()),
        (HandleKind.REPETITION, {"walldermondbank"}, set()),
        (HandleKind.REPLACEMENT, {"walfermondbank"}, {"walpermondbank"}),
        (HandleKind.LETTER_TO_SEPARATOR, {"wal_ermondbank"}, {"_aldermondbank"}),
        (HandleKind.LEET, {"w41d3rm0nd84nk", "w4lderm0ndbank".replace("0", "o")}, set()),
        (HandleKind.HOMOGLYPH, {"walderrnondbank", "waldermonclbank"}, set()),
        (HandleKind.SUPPORT, {"waldermondbanksupport", "help_waldermondbank"}, set()),
        (HandleKind.AUTHORITY, {"waldermondbank_official", "realwaldermondbank"}, set()),
        (HandleKind.MONEY, {"waldermondbankairdrop"}, set()),
        (HandleKind.WORK, {"waldermondbank.jobs"}, set()),
        (HandleKind.PRODUCT, {"waldermondbankcom", "waldermondbankapp"}, set()),
        (HandleKind.VERB, {"getwaldermondbank"}, set()),
        (HandleKind.PLACE, {"waldermondbank_uk"}, set()),
        (HandleKind.PLURAL, {"waldermondbanks"}, set()),
    ],
)  # fmt: skip
def test_a_kind_makes_what_it_is_called_after(kind, some, none):
    found = of_kind(kind, "Waldermond Bank", year=2026)
    everything = {one.handle for one in made("Waldermond Bank", year=2026)}
    assert found
    assert some <= everything
    assert some & found
    assert not none & found


def test_every_kind_is_made_of_a_long_name_on_a_platform_with_short_handles():
    assert {one.kind for one in made("ACME Bank", allows=ON_X, year=2026)} == set(HandleKind)


def test_the_likeliest_come_first_and_each_once():
    found = made("ACME Bank", allows=ON_X)
    weights = [one.weight for one in found]
    assert weights == sorted(weights, reverse=True)
    assert len({one.handle for one in found}) == len(found)
    assert sum(weights) <= sum(SHARES.values()) + 1e-9


def test_a_small_budget_is_a_mixture_of_slips_and_words():
    first = {one.kind for one in made("ACME Bank", allows=ON_X, most=60)}
    assert {HandleKind.NAMESAKE, HandleKind.DIGIT, HandleKind.LETTER, HandleKind.SUPPORT,
            HandleKind.TAIL, HandleKind.SEPARATOR} <= first  # fmt: skip


def test_a_handle_that_is_too_long_is_cut_where_the_platform_ends_it():
    cut = of_kind(HandleKind.TRUNCATED, "ACME Bank", allows=ON_X)
    assert "acmebankcustome" in cut
    assert all(len(handle) <= 15 and handle.startswith("acmebank") for handle in cut)
    assert not of_kind(HandleKind.TRUNCATED, "ACME Bank", allows=ANYWHERE)


def test_of_a_short_name_no_single_character_is_varied():
    kinds = {one.kind for one in made("Peer")}
    assert HandleKind.SUPPORT in kinds
    assert not {HandleKind.LETTER, HandleKind.OMISSION, HandleKind.HOMOGLYPH} & kinds


def test_words_of_the_customers_language_are_used():
    dutch = of_kind(HandleKind.SUPPORT, "ACME", languages=["nl"])
    assert "acmeklantenservice" in dutch
    assert "acmesupport" in dutch
    assert "acmeklantenservice" not in of_kind(HandleKind.SUPPORT, "ACME", languages=["de"])


def test_a_second_name_is_asked_after_the_first():
    found = made("Waldermond", "Peer Bank")
    places = {one.handle: place for place, one in enumerate(found)}
    assert places["waldermond"] < places["peerbank"]


def test_of_a_name_without_letters_that_can_be_written_nothing_is_made():
    assert made("株式会社") == []


def test_words_that_lure_are_in_the_order_of_the_lists_of_such_accounts():
    assert next(iter(handle_words(HandleKind.SUPPORT, ["en"]))) == "support"
    assert next(iter(handle_words(HandleKind.AUTHORITY, ["en"]))) == "official"
    assert handle_words(HandleKind.LETTER, ["en"]) == {}


@given(st.text(max_size=40), st.integers(0, 300))
def test_whatever_the_name_only_what_the_platform_takes_comes_and_never_more_than_asked(name, most):
    found = list(handle_permutations([name], allows=ON_X, most=most))
    assert len(found) <= most
    assert all(ON_X(one.handle) and one.weight > 0 for one in found)
    assert found == list(handle_permutations([name], allows=ON_X, most=most))
