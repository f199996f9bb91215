"""Hosts that a matcher easily gets wrong, group by group: what must be found and what must not.

Brands here are public examples of a kind (a word, three letters, an accent); no rule knows them.
What depends on ranking goes through `asks` and `score` alone, so that a change of weights is
felt here and only here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from benchmarks.judging import at_least, judged
from detectors.observations import Watchlist, compile_watchlist, match_values
from namaak.brands import AllowRule, Brand
from namaak.records import Band, Field

_BRANDS = {
    "paypal": Brand(
        name="PayPal",
        domains=("paypal.com", "paypal-corp.com"),
        allow=(
            AllowRule(
                asset="paypal-community.net",
                reason="users' forum, agreed in writing",
                author="j.jansen",
                until=date(2026, 12, 31),
            ),
        ),
    ),
    "ing": Brand(name="ING"),
    "bol": Brand(name="bol", aliases=("bol.com",)),
    "apple": Brand(name="Apple", common_word=True),
    "loreal": Brand(name="L'Oréal"),
    "microsoft": Brand(name="Microsoft"),
    "target": Brand(name="Target", common_word=True),
    "wise": Brand(name="Wise", common_word=True),
    "orange": Brand(name="Orange", common_word=True),
    "shell": Brand(name="Shell", common_word=True),
    "chase": Brand(name="Chase", common_word=True),
    "dragon": Brand(name="Vault Dragon"),
    "amnic": Brand(name="AMNIC"),
    "wellpoint": Brand(name="WellPoint"),
    "ebay": Brand(name="eBay"),
}

#: An innocent name is at most watched; a case is shown at least there, and ranks above it.
_INNOCENT_AT_MOST = Band.WATCH
_CASE_AT_LEAST = Band.WATCH


@pytest.fixture(scope="module")
def watchlist() -> Watchlist:
    return compile_watchlist(_BRANDS, {})


@pytest.fixture(scope="module")
def seen(watchlist: Watchlist) -> Any:
    """(host, brand) to the hit, or None."""

    def look(host: str, brand: str) -> dict[str, Any] | None:
        hits = match_values([host], Field.HOST, watchlist)
        return next((hit for hit in hits if hit["brand_id"] == brand), None)

    return look


def score(hit: dict[str, Any] | None) -> int:
    return -1 if hit is None else judged(hit, row=0).score


def asks(hit: dict[str, Any] | None, least: Band = Band.REVIEW) -> bool:
    """The name alone asks for a person's time."""
    return hit is not None and judged(hit, row=0).reaches(least)


def _tells_apart(seen: Any, brand: str, cases: tuple[str, ...], innocents: tuple[str, ...]) -> None:
    """Cases are shown, innocents are not, and no innocent ranks above a case."""
    for host in innocents:
        hit = seen(host, brand)
        band = Band.NONE if hit is None else judged(hit, row=0).band
        assert at_least(_INNOCENT_AT_MOST, band), host
    for host in cases:
        assert asks(seen(host, brand), _CASE_AT_LEAST), host
    worst = min((cases), key=lambda host: score(seen(host, brand)))
    best = max(innocents, key=lambda host: score(seen(host, brand)))
    assert score(seen(worst, brand)) > score(seen(best, brand)), (worst, best)


def test_01_fruit_and_green_are_not_apple_but_its_app_is(seen: Any) -> None:
    _tells_apart(
        seen, "apple", ("yourappleapp.xyz", "apple-it.online"),
        ("applebees.com", "pineapple.com", "mapplegreen.info", "snapple.com"),
    )  # fmt: skip


def test_02_the_ending_ing_is_not_the_bank(seen: Any) -> None:
    _tells_apart(
        seen, "ing", ("ing-bankieren.online", "mijning-verificatie.nl"),
        ("ingenieur.nl", "stream-ing.xyz", "booking.com", "shopping.nl"),
    )  # fmt: skip


def test_03_three_letters_within_a_word_are_not_the_shop(seen: Any) -> None:
    _tells_apart(
        seen, "bol", ("bol-com.shop", "wwwbol.com"), ("symbol.com", "bolivia.com"),
    )  # fmt: skip


def test_04_an_i_for_an_l_inside_a_word_is_not_a_disguise(seen: Any) -> None:
    _tells_apart(
        seen, "loreal", ("l0real-beauty.shop", "xn--loral-sale-d7a.com"), ("exploreai.cloud",),
    )  # fmt: skip
    assert "idn-homograph" not in seen("loréal-sale.com", "loreal")["kinds"]


def test_05_what_is_owned_or_allowed_is_suppressed_with_the_reason(
    seen: Any, watchlist: Watchlist
) -> None:
    for host in ("paypal-corp.com", "www.paypal.com", "a.b.paypal.com"):
        assert "own domain" in seen(host, "paypal")["suppressed"]
    assert "forum" in seen("paypal-community.net", "paypal")["suppressed"]
    assert seen("paypal-community.org", "paypal")["suppressed"] is None
    later = {"paypal": _BRANDS["paypal"].on(date(2027, 1, 1))}
    (hit,) = match_values(["paypal-community.net"], Field.HOST, compile_watchlist(later, {}))
    assert hit["suppressed"] is None


def test_06_on_a_hosting_service_the_customers_label_counts(seen: Any) -> None:
    for host in ("paypal.github.io", "paypal.web.app", "paypal.blogspot.com",
                 "foo.paypal.workers.dev"):  # fmt: skip
        hit = seen(host, "paypal")
        assert hit["resemblance"] == "free-host", host
        assert "free-host" in hit["kinds"]
        assert asks(hit, _CASE_AT_LEAST), host
    for host in ("github.io", "alice.github.io", "s3.amazonaws.com"):
        assert seen(host, "paypal") is None


def test_07_the_brands_address_before_a_foreign_domain_is_a_level_squat(seen: Any) -> None:
    hit = seen("login.paypal.com.evil-host.xyz", "paypal")
    assert hit["resemblance"] == "level-squat"
    assert hit["kinds"][0] == "level-squat"
    assert asks(hit, _CASE_AT_LEAST)
    assert seen("paypal.com.br", "paypal")["resemblance"] == "same-label"


def test_08_a_homograph_is_one_case_in_either_form_and_milder_at_home(seen: Any) -> None:
    hit = seen("xn--80ak6aa92e.com", "apple")
    assert hit["resemblance"] == "homograph"
    assert {"idn-homograph", "whole-script"} <= set(hit["kinds"])
    assert asks(hit)
    assert score(seen("xn--80ak6aa92e.xn--p1ai", "apple")) < score(hit)
    shown = {
        key: value
        for key, value in seen("microsoftonlinė.live", "microsoft").items()
        if key != "input"
    }
    encoded = "xn--microsoftonlin-e4b.live"
    assert encoded.encode().decode("idna") == "microsoftonlinė.live"
    found = {key: v for key, v in seen(encoded, "microsoft").items() if key != "input"}
    assert found == shown


@pytest.mark.parametrize(
    "host",
    ["xn--.com", "xn--a.com", "xn--99999999.nl", "paypal.com.", "PAYPAL-LOGIN.COM",
     "*.paypal-login.com", "_dmarc.paypal-login.com", "a" * 63 + ".com", "", ".", "..",
     "192.0.2.1", "2001:db8::1", "pay\u200bpal.com", "paypal\x00.com", "paypal login.com",
     "-.-", "xn--80ak6aa92e", "\u202epaypal.com", "x" * 253, "é" * 60 + ".nl", "com", "co.uk"],
)  # fmt: skip
def test_09_broken_input_is_read_as_far_as_it_goes_and_never_breaks(
    host: str, watchlist: Watchlist
) -> None:
    hits = match_values([host, "paypal-login.com"], Field.HOST, watchlist)
    assert any(hit["input"] == "paypal-login.com" for hit in hits)
    if "paypal-login" in host.lower():
        assert any(hit["input"] == host for hit in hits)


def test_09_what_hides_in_a_broken_name_is_told(seen: Any) -> None:
    hit = seen("pay\u200bpal.com", "paypal")
    assert "invisible" in hit["kinds"]


def test_10_a_transposition_is_one_edit_and_a_given_name_ranks_low(seen: Any) -> None:
    swapped, omitted = seen("papyal.com", "paypal"), seen("payal.studio", "paypal")
    assert (swapped["distance"], swapped["kinds"]) == (1, ["transposition"])
    assert asks(swapped, _CASE_AT_LEAST)
    assert omitted is not None
    assert not asks(omitted, Band.HIGH)


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("pay-pal-erhalten-de.cyou", "hyphen-inside"),
        ("paypalcom.xyz", "joined-suffix"),
        ("2fpaypal.com", "url-encoded"),
        ("com-paypal-id.top", "com-label"),
        ("wwwpaypal.net", "www-glued"),
    ],
)
def test_11_pieces_of_an_address_around_or_in_the_name_are_named(
    seen: Any, host: str, kind: str
) -> None:
    hit = seen(host, "paypal")
    assert kind in hit["kinds"]
    assert asks(hit, _CASE_AT_LEAST)


@pytest.mark.parametrize(
    ("brand", "innocent", "lured"),
    [
        ("target", "target-practice.org", "target-giftcard-claim.org"),
        ("wise", "wisewoman.net", "wise-login.net"),
        ("orange", "orangejuice.com", "orange-facture.com"),
        ("shell", "shellfish.nl", "shell-betaling.nl"),
        ("chase", "chasebliss.com", "chase-verify-account.com"),
    ],
)
def test_12_an_ordinary_word_is_no_case_without_a_lure(
    seen: Any, brand: str, innocent: str, lured: str
) -> None:
    assert not asks(seen(innocent, brand))
    assert asks(seen(lured, brand), _CASE_AT_LEAST)
    assert score(seen(lured, brand)) > score(seen(innocent, brand))


def test_13_a_namesake_is_never_critical_by_its_name(seen: Any) -> None:
    assert not asks(seen("amnic.net", "amnic"), Band.CRITICAL)
    assert seen("amnic.net", "amnic")["kinds"] == ["same-label"]


def test_14_a_name_split_by_a_dot_is_never_high_by_its_name(seen: Any) -> None:
    """Such names answer by wildcard DNS for any label; only content can make them a case."""
    hit = seen("vaultd.ragon.com", "dragon")
    assert hit is None or "dot-inside" in hit["kinds"]
    assert not asks(hit, Band.HIGH)


def test_15_two_brands_in_one_name_are_two_matches(seen: Any) -> None:
    for brand in ("paypal", "ebay"):
        hit = seen("paypal-ebay-refund.com", brand)
        assert hit["resemblance"] == "combosquat"
        assert asks(hit, _CASE_AT_LEAST)


@pytest.mark.parametrize(
    ("host", "brand", "kinds"),
    [
        ("rnicros0ft-secure.com", "microsoft", {"pair-homoglyph", "leet", "affix-access"}),
        ("vvise-pay.com", "wise", {"pair-homoglyph", "affix-money"}),
        ("we11point.com", "wellpoint", {"leet"}),
    ],
)
def test_16_several_lookalike_letters_are_seen_through_at_once(
    seen: Any, host: str, brand: str, kinds: set[str]
) -> None:
    hit = seen(host, brand)
    assert kinds <= set(hit["kinds"])
    assert asks(hit, _CASE_AT_LEAST)
