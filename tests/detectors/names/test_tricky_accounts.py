"""Accounts that a matcher easily gets wrong, case by case: what their names may and may not do.

Evidence of other kinds (picture, age, links, platform's labels) is weighed elsewhere; here stands
what name evidence must do with such accounts: find them, and never rank them too high alone.
What depends on ranking goes through `band` and `score`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.judging import at_least
from detectors.observations import Watchlist, compile_watchlist, match_observations
from namaak.brands import AllowRule, Brand
from namaak.casework import ranking
from namaak.records import OBSERVATION_SCHEMA, Band

_BRANDS = {
    "ing": Brand(name="ING"),
    "bol": Brand(name="bol", aliases=("bol.com",)),
    "apple": Brand(name="Apple", common_word=True),
    "target": Brand(name="Target", common_word=True),
    "shell": Brand(name="Shell", common_word=True),
    "orange": Brand(name="Orange", common_word=True),
    "visa": Brand(name="Visa", common_word=True),
    "ford": Brand(name="Ford", common_word=True),
    "walmart": Brand(name="Walmart"),
    "acmebank": Brand(
        name="ACME Bank",
        accounts={"x": ("acmebank", "acmebank_utrecht", "acmebank_jobs")},
        allow=(
            AllowRule(asset="x:acmebank_dealer", reason="authorised dealer", author="j.jansen",
                      until=date(2026, 12, 31)),
        ),
    ),
    "acme": Brand(name="Acme"),
}  # fmt: skip


@pytest.fixture(scope="module")
def watchlist() -> Watchlist:
    return compile_watchlist(_BRANDS, {})


@pytest.fixture(scope="module")
def look(watchlist: Watchlist) -> Any:
    """Matches of one account with one brand; names as the platform shows them."""

    def matches(
        brand: str, handle: str | None = None, name: str | None = None, **facts: object
    ) -> list[dict[str, Any]]:
        row = {
            "source": "files", "instance": "i", "position": 0,
            "observed_at": datetime(2026, 1, 1, tzinfo=UTC), "subject_kind": "account",
            "subject_key": "account:x:1", "platform": "x", "native_id": "1",
            "handle": handle, "display_name": name, **facts,
        }  # fmt: skip
        table = pa.Table.from_pylist([row], schema=OBSERVATION_SCHEMA)
        found = match_observations(table, watchlist, lambda _: ()).matches.to_pylist()
        return [match for match in found if match["brand_id"] == brand]

    return matches


def live(matches: list[dict[str, Any]]) -> bool:
    return any(match["suppressed"] is None for match in matches)


def band(matches: list[dict[str, Any]]) -> Band:
    return ranking.score(matches).band if live(matches) else Band.NONE


def score(matches: list[dict[str, Any]]) -> int:
    return ranking.score(matches).score if live(matches) else -1


def kinds(matches: list[dict[str, Any]]) -> set[str]:
    return {kind for match in matches for kind in match["kinds"]}


def shown(matches: list[dict[str, Any]]) -> bool:
    return at_least(band(matches), Band.WATCH)


def asks(matches: list[dict[str, Any]]) -> bool:
    """The names alone ask for a person's time."""
    return at_least(band(matches), Band.REVIEW)


def high(matches: list[dict[str, Any]]) -> bool:
    return at_least(band(matches), Band.HIGH)


def test_01_three_letters_count_as_a_word_and_not_inside_one(look: Any) -> None:
    assert shown(look("ing", name="ING Nederland"))
    for name in ("ingrid", "trading", "king"):
        assert not asks(look("ing", handle=name)), name
        assert score(look("ing", handle=name)) < score(look("ing", name="ING Nederland"))


def test_02_a_short_shop_is_found_by_its_address_and_affix(look: Any) -> None:
    assert shown(look("bol", name="bol.com klantenservice"))
    for name in ("bolivia", "symbol", "futbol"):
        assert not asks(look("bol", handle=name)), name


def test_03_a_common_word_in_a_longer_one_is_no_case(look: Any) -> None:
    for handle in ("applepie_recipes", "snapple"):
        assert not asks(look("apple", handle=handle)), handle


@pytest.mark.parametrize(
    ("brand", "name"),
    [("visa", "visa help uk"), ("target", "target jobs"), ("shell", "shell support"),
     ("orange", "orange travel")],
)  # fmt: skip
def test_04_a_common_word_with_an_affix_is_weaker_than_a_coined_name_with_it(
    look: Any, brand: str, name: str
) -> None:
    weak = look(brand, name=name)
    strong = look("walmart", name=f"Walmart {name.partition(' ')[2]}")
    assert not high(weak)
    assert score(weak) < score(strong)


def test_05_a_fan_account_ranks_below_a_support_account(look: Any) -> None:
    fan, support = look("acmebank", handle="acmebank_fans"), look("acmebank", "acmebank_support")
    assert not high(fan)
    assert score(fan) < score(support)


def test_06_a_parody_is_kept_and_never_high_by_its_name(look: Any) -> None:
    matches = look("acmebank", handle="NotAcmeBank", name="ACME Bank (parody)")
    assert matches
    assert not high(matches)


def test_07_an_employee_who_names_the_bank_is_never_high(look: Any) -> None:
    assert not high(look("acmebank", handle="jan_1984", name="Jan @ ACME Bank"))


def test_08_a_dealer_is_suppressed_by_an_allow_rule_and_never_high_without(look: Any) -> None:
    allowed = look("acmebank", "acmebank_dealer", "ACME Bank authorised dealer")
    assert allowed
    assert all("authorised dealer" in match["suppressed"] for match in allowed)
    assert not high(look("acmebank", "acmebankdealers", "ACME Bank authorised dealer Utrecht"))


def test_09_true_branches_are_suppressed_by_the_list_of_own_accounts(look: Any) -> None:
    own = look("acmebank", handle="AcmeBank_Utrecht")
    assert own
    assert not live(own)
    assert live(look("acmebank", handle="acmebank_espana"))


def test_10_official_sub_accounts_are_suppressed_in_every_field(look: Any) -> None:
    own = look("acmebank", handle="acmebank_jobs", name="ACME Bank Careers")
    assert {match["field"] for match in own} == {"handle", "display-name"}
    assert not live(own)


def test_11_an_old_holder_of_the_name_is_never_high_by_its_name(look: Any) -> None:
    old = look("acme", handle="acme", created_at=datetime(2009, 1, 1, tzinfo=UTC))
    assert old
    assert not high(old)


def test_12_a_renamed_account_is_matched_by_its_new_name(look: Any, watchlist: Watchlist) -> None:
    old = datetime(2009, 1, 1, tzinfo=UTC)
    assert not look("acmebank", handle="cat_pictures", created_at=old)
    renamed = look("acmebank", handle="acmebank_help", created_at=old)
    fresh = look("acmebank", handle="acmebank_help")
    assert score(renamed) == score(fresh)


def test_13_a_random_handle_does_not_hide_the_display_name(look: Any) -> None:
    hidden = look("acmebank", handle="qx81kz0v", name="ACME Bank")
    assert {match["field"] for match in hidden} == {"display-name"}
    assert shown(hidden)
    assert not high(hidden)


def test_14_a_newspaper_with_the_logo_has_no_name_evidence(look: Any) -> None:
    assert not look("acmebank", handle="utrecht_courant", name="Utrechts Nieuws")


@pytest.mark.parametrize(
    ("brand", "name", "wanted"),
    [
        ("walmart", "WaImart", {"homoglyph"}),
        ("acmebank", "acrnebank", {"pair-homoglyph"}),
        ("acmebank", "аcmebank", {"homoglyph", "mixed-script"}),
        ("acmebank", "ACME B4NK ✅", {"leet", "fake-tick"}),
    ],
)
def test_15_lookalike_letters_fold_to_the_brand(
    look: Any, brand: str, name: str, wanted: set[str]
) -> None:
    matches = look(brand, name=name)
    assert wanted <= kinds(matches)
    assert shown(matches)


def test_15_letters_that_only_nearly_fold_do_not(look: Any) -> None:
    assert not asks(look("walmart", name="Wal-Art gallery"))


def test_16_a_surname_is_never_high(look: Any) -> None:
    assert not high(look("ford", handle="harrison_ford", name="Harrison Ford"))


def test_17_speech_about_the_brand_is_never_high(look: Any) -> None:
    assert not high(look("acmebank", "acmebank_scam", "acmebank scam victims"))


def test_18_a_name_split_over_handle_and_display_name_is_joined(look: Any) -> None:
    alone = look("acmebank", handle="x9", name="ACME Bank")
    lured = look("acmebank", handle="support_24x7", name="ACME Bank")
    assert any("support:support" in match["lures"] for match in lured)
    assert score(lured) > score(alone)
    halves = look("acmebank", handle="acme", name="bank")
    assert any("split-names" in match["traits"] for match in halves)
