"""Kinds of resemblance, by the published tricky cases: what must be found and as what."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.names.matcher import compile_names
from detectors.names.matching import HIT_SCHEMA, match_names
from detectors.names.reading import u_labels
from namaak.brands import Brand
from namaak.records import Field

_BRANDS = {
    "paypal": Brand(name="PayPal"),
    "ing": Brand(name="ING"),
    "bol": Brand(name="bol", aliases=("bol.com",)),
    "apple": Brand(name="Apple", common_word=True),
    "target": Brand(name="Target", common_word=True),
    "loreal": Brand(name="L'Oréal"),
    "boa": Brand(name="Bank of America"),
    "microsoft": Brand(name="Microsoft"),
    "wellpoint": Brand(name="WellPoint", executives=[{"name": "Willemijn Vosteen"}]),
    "ebay": Brand(name="eBay"),
}
_MATCHER = compile_names(_BRANDS)


def _hits(value: str, field: Field = Field.HOST) -> dict[str, dict[str, Any]]:
    table = match_names(pa.array([value]), field, _MATCHER).hits
    return {row["brand_id"]: row for row in table.to_pylist()}


@pytest.mark.parametrize(
    ("host", "brand", "resemblance"),
    [
        ("paypal.com.br", "paypal", "same-label"),
        ("bol-com.shop", "bol", "same-label"),
        ("paypal.github.io", "paypal", "free-host"),
        ("foo.paypal.workers.dev", "paypal", "free-host"),
        ("paypal-login.web.app", "paypal", "free-host"),
        ("ing-bankieren.online", "ing", "combosquat"),
        ("mijning-verificatie.nl", "ing", "combosquat"),
        ("wwwbol.com", "bol", "combosquat"),
        ("paypalcom.xyz", "paypal", "combosquat"),
        ("2fpaypal.com", "paypal", "combosquat"),
        ("com-paypal-id.top", "paypal", "combosquat"),
        ("bank-of-america-login.com", "boa", "combosquat"),
        ("apple-it.online", "apple", "combosquat"),
        ("yourappleapp.xyz", "apple", "combosquat"),
        ("papyal.com", "paypal", "typosquat"),
        ("payal.studio", "paypal", "typosquat"),
        ("paypall.nl", "paypal", "typosquat"),
        ("xpaypal.nl", "paypal", "typosquat"),
        ("microsfot-support.de", "microsoft", "combo-typosquat"),
        ("l0real-beauty.shop", "loreal", "combo-homograph"),
        ("rnicros0ft-secure.com", "microsoft", "combo-homograph"),
        ("we11point.com", "wellpoint", "homograph"),
        ("bankofamerlca.com", "boa", "typosquat"),
        ("bankofamer1ca.com", "boa", "homograph"),
        ("xn--80ak6aa92e.com", "apple", "homograph"),
        ("login.paypal.com.evil-host.xyz", "paypal", "level-squat"),
        ("pay-pal-erhalten-de.cyou", "paypal", "split-name"),
        ("pay.pal.com", "paypal", "split-name"),
    ],
)
def test_a_lookalike_host_is_found_and_its_kind_is_named(
    host: str, brand: str, resemblance: str
) -> None:
    assert _hits(host)[brand]["resemblance"] == resemblance


@pytest.mark.parametrize(
    ("host", "brand"),
    [
        ("applebees.com", "apple"),
        ("pineapple.com", "apple"),
        ("mapplegreen.info", "apple"),
        ("snapple.com", "apple"),
        ("ingenieur.nl", "ing"),
        ("booking.com", "ing"),
        ("shopping.nl", "ing"),
        ("symbol.com", "bol"),
        ("bolivia.com", "bol"),
        ("github.io", "paypal"),
        ("s3.amazonaws.com", "ing"),
        ("581.cc", "ing"),
    ],
)
def test_an_innocent_word_around_a_short_or_common_name_is_none(host: str, brand: str) -> None:
    assert brand not in _hits(host)


@pytest.mark.parametrize(
    ("value", "field", "brand", "resemblance"),
    [
        ("ING Nederland", Field.DISPLAY_NAME, "ing", "combosquat"),
        ("bol.com klantenservice", Field.DISPLAY_NAME, "bol", "combosquat"),
        ("PayPaI", Field.DISPLAY_NAME, "paypal", "homograph"),
        ("PayPal", Field.DISPLAY_NAME, "paypal", "same-name"),
        ("𝐏𝐚𝐲𝐏𝐚𝐥", Field.DISPLAY_NAME, "paypal", "homograph"),
        ("Pay\u200bPal", Field.DISPLAY_NAME, "paypal", "homograph"),
        ("Bank of America", Field.DISPLAY_NAME, "boa", "same-name"),
        ("paypal_help", Field.HANDLE, "paypal", "combosquat"),
        ("paypal2026", Field.HANDLE, "paypal", "combosquat"),
        ("Microsoft Outlook Pro", Field.APP, "microsoft", "combosquat"),
    ],
)
def test_names_of_accounts_and_apps_are_read_the_same_way(
    value: str, field: Field, brand: str, resemblance: str
) -> None:
    assert _hits(value, field)[brand]["resemblance"] == resemblance


def test_executives_are_looked_for_in_names_and_not_in_hosts() -> None:
    assert "person" in _hits("Willemijn Vosteen", Field.DISPLAY_NAME)["wellpoint"]["traits"]
    assert not _hits("willemijnvosteen.nl")


def test_two_brands_in_one_name_are_two_matches() -> None:
    assert set(_hits("paypal-ebay-refund.com")) == {"paypal", "ebay"}


def test_a_name_and_its_a_label_form_are_one_thing() -> None:
    hit = _hits("xn--pypal-4ve.com")["paypal"]
    assert hit["value"] == "pаypal.com"
    assert (hit["span_start"], hit["span_end"]) == (0, 6)
    assert hit["distance"] == 1
    assert "confusable" in hit["layers"]


def test_the_span_shows_where_the_brand_stands() -> None:
    hit = _hits("secure-rnicrosoft-login.com")["microsoft"]
    assert hit["value"][hit["span_start"] : hit["span_end"]] == "rnicrosoft"


def test_what_spells_another_brand_is_marked() -> None:
    matcher = compile_names({"apple": Brand(name="Apple"), "appie": Brand(name="Appie")})
    hits = match_names(pa.array(["appleid.com"]), Field.HOST, matcher).hits.to_pylist()
    covered = {row["brand_id"]: dict(row["evidence"]).get("covered", 0) for row in hits}
    # What another brand's exact name explains may be too faint to be told at all.
    assert covered.get("appie", 1) > 0
    assert covered["apple"] == 0


def test_lures_beside_the_brand_are_named_with_their_class() -> None:
    assert _hits("ing-bankieren.online")["ing"]["lures"] == ["industry:bankieren"]
    assert "support:klantenservice" in _hits("klantenservicepaypal.nl")["paypal"]["lures"]


def test_words_below_the_brands_own_label_are_no_lures() -> None:
    assert _hits("login.paypal.net")["paypal"]["lures"] == []
    assert _hits("login.paypal.web.app")["paypal"]["lures"] == ["access:login"]


def test_a_pair_elsewhere_in_the_name_does_not_make_a_homograph() -> None:
    hit = _hits("client.paypal-shop.com")["paypal"]
    assert (hit["resemblance"], hit["layers"]) == ("combosquat", [])


def test_small_letters_that_only_look_alike_in_capitals_are_a_misspelling() -> None:
    assert _hits("paypai.com")["paypal"]["resemblance"] == "typosquat"
    assert _hits("PaypaI", Field.HANDLE)["paypal"]["resemblance"] == "homograph"


def test_names_that_delivery_networks_give_are_marked() -> None:
    assert "delivery" in _hits("www.paypal.com.edgekey.net")["paypal"]["traits"]
    assert "delivery" not in _hits("www.paypal.com.evil.net")["paypal"]["traits"]


def test_nulls_and_empty_columns_give_nothing() -> None:
    nothing = match_names(pa.array([None, ""], pa.string()), Field.HOST, _MATCHER)
    assert nothing.hits.num_rows == 0
    assert nothing.hits.schema == HIT_SCHEMA
    assert nothing.faint == {}


_ANY_TEXT = st.text(max_size=80)
_NAMELIKE = st.text("paypl1-. \u200bаео✅rnvw", max_size=40)


@settings(max_examples=150)
@given(st.lists(st.one_of(_ANY_TEXT, _NAMELIKE), max_size=5), st.sampled_from(list(Field)[:4]))
def test_no_name_whatever_breaks_the_matcher(values: list[str], field: Field) -> None:
    table = match_names(pa.array(values, pa.string()), field, _MATCHER).hits
    for hit in table.to_pylist():
        assert 0 <= hit["span_start"] < hit["span_end"] <= len(hit["value"])
        assert 0 < hit["strength"] <= 1
        assert hit["distance"] >= 0


@given(st.lists(st.sampled_from(["paypal", "login", "ing", "xyz", "mijn"]), min_size=1, max_size=4))
def test_a_name_is_matched_alike_alone_and_among_others(parts: list[str]) -> None:
    host = "-".join(parts) + ".com"
    alone = match_names(pa.array([host]), Field.HOST, _MATCHER).hits.drop(["row"])
    among = match_names(pa.array(["abc.nl", host, None, "paypal.nl"]), Field.HOST, _MATCHER)
    rows = [row for row in among.hits.to_pylist() if row.pop("row") == 1]
    assert rows == alone.to_pylist()


@pytest.mark.parametrize(
    "host", ["xn--a.com", "xn--.com", "xn--99999999.nl", "_dmarc.paypal.com", "a" * 63 + ".com"]
)
def test_broken_labels_are_kept_as_they_are(host: str) -> None:
    assert isinstance(u_labels(host), str)
    match_names(pa.array([host]), Field.HOST, _MATCHER)


def test_a_decoded_label_cannot_fake_a_border() -> None:
    # Punycode that decodes to a label with a dot inside.
    fake = "xn--" + "pay.pal".encode("punycode").decode()
    assert u_labels(f"{fake}.com") == f"{fake}.com"
