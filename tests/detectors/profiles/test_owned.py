"""What the brand says is its own: handles with a star, ids letter by letter, per platform."""

from __future__ import annotations

import pytest

from detectors.profiles.owned import is_handle, own_account, own_app, suppressed_as
from namaak.brands import Brand
from namaak.records import Trust

_CHANNEL = "UCabcDEF0123456789abcdef"
_DID = "did:plc:acmeacmeacmeacmeacmeacme"
_BRAND = Brand(
    name="ACME",
    accounts={"x": ("acme", "acme_*", "4711"), "youtube": (_CHANNEL, "acmestraße", "acmekiosk"),
              "bluesky": ("acme", _DID, "acme-*", "*.acme.example", "*"),
              "facebook": ("acme.utrecht",), "telegram": ("*", "a*"),
              "mastodon": ("acme_*", "acme@social.example", "*@acme.example"),
              "yelp": ("acme-utrecht",)},
    apps={"google-play": ("com.acme.App",)},
)  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "handle", "is_own"),
    [
        ("x", "ACME", True),
        ("x", "Acme_Utrecht", True),
        ("x", "acmeutrecht", False),
        ("x", "notacme_utrecht", False),
        ("instagram", "acme", False),
        ("bluesky", "acme.bsky.social", True),
        ("bluesky", "acme.evil.example", False),
        ("facebook", "AcmeUtrecht", True),
        ("facebook", "acme.utrecht2", False),
        ("bluesky", "acme-utrecht.bsky.social", True),
        ("bluesky", "acme-utrecht.evil.example", False),
        ("bluesky", "a.utrecht.acme.example", True),
        ("bluesky", "a.acme.example.evil.example", False),
        ("bluesky", "somebody.bsky.social", False),
        ("mastodon", "acme_utrecht@evil.example", False),
        ("mastodon", "desk@acme.example", True),
        ("mastodon", "acme@social.example", True),
        ("youtube", "AcmeStraße", True),
        ("youtube", "acmestrasse", False),
        ("youtube", "acme\u212aiosk", False),
    ],
)
def test_a_handle_is_own_as_its_platform_compares_it(
    platform: str, handle: str, is_own: bool
) -> None:
    assert (own_account(_BRAND, platform, handle, "1") is not None) is is_own


def test_an_id_is_compared_letter_by_letter() -> None:
    assert own_account(_BRAND, "youtube", "whatever", _CHANNEL)
    assert own_account(_BRAND, "youtube", "whatever", _CHANNEL.upper()) is None
    assert own_account(_BRAND, "yelp", None, "acme-utrecht")
    assert own_app(_BRAND, "google-play", "com.acme.App")
    assert own_app(_BRAND, "google-play", "com.acme.app") is None
    assert own_app(_BRAND, "google-play", None) is None


@pytest.mark.parametrize(
    ("platform", "handle", "native_id"),
    [("x", "4711", "1"), ("youtube", _CHANNEL, "UC" + "x" * 22), ("x", "somebody", "acme")],
)
def test_nobody_is_the_brand_by_taking_its_id_as_his_handle_or_the_other_way_round(
    platform: str, handle: str, native_id: str
) -> None:
    assert own_account(_BRAND, platform, handle, native_id) is None


def _seen(**columns: object) -> dict[str, object]:
    return {"host": None, "platform": "bluesky", "handle": None, "native_id": None, **columns}


@pytest.mark.parametrize("trust", [Trust.UNAUTHENTICATED, Trust.EXISTENCE])
def test_a_claimed_handle_makes_an_account_nobodys_own(trust: Trust) -> None:
    own = "the brand's own account on bluesky"
    claim = _seen(handle="acme.bsky.social", native_id="did:plc:stranger", trust=trust)
    assert suppressed_as(_BRAND, claim, None) is None
    assert suppressed_as(_BRAND, {**claim, "trust": Trust.PLATFORM}, None) == own
    assert suppressed_as(_BRAND, {**claim, "native_id": _DID}, None) == own
    assert suppressed_as(_BRAND, {**claim, "native_id": None}, None) == own


def test_a_claimed_handle_that_is_in_the_id_itself_is_believed() -> None:
    seen = _seen(platform="mastodon", handle="Acme@social.example", trust=Trust.UNAUTHENTICATED,
                 native_id="https://social.example/users/acme")  # fmt: skip
    assert suppressed_as(_BRAND, seen, None) == "the brand's own account on mastodon"
    for other in ("https://evil.example/users/acme", "https://social.example/users/evil"):
        assert suppressed_as(_BRAND, {**seen, "native_id": other}, None) is None


def test_a_claimed_handle_is_not_allowed_either() -> None:
    rule = {"asset": "bluesky:dealer.example", "reason": "dealer", "author": "desk",
            "until": "2027-01-01"}  # fmt: skip
    brand = Brand.model_validate({"name": "ACME", "allow": [rule]})
    claim = _seen(handle="dealer.example", native_id="did:plc:x", trust=Trust.UNAUTHENTICATED)
    assert suppressed_as(brand, claim, None) is None
    assert suppressed_as(brand, {**claim, "trust": Trust.PLATFORM}, None) is not None


def test_an_allowed_id_is_no_handle() -> None:
    rule = {"asset": f"youtube:{_CHANNEL}", "reason": "dealer", "author": "desk",
            "until": "2027-01-01"}  # fmt: skip
    brand = Brand.model_validate({"name": "ACME", "allow": [rule]})
    seen = _seen(platform="youtube", handle="acme", native_id=_CHANNEL)
    assert suppressed_as(brand, seen, None) is not None
    assert suppressed_as(brand, {**seen, "handle": _CHANNEL, "native_id": "UC1"}, None) is None


@pytest.mark.parametrize("handle", ["anybody", "acme", "abc"])
def test_a_star_with_hardly_a_letter_owns_nobody(handle: str) -> None:
    assert own_account(_BRAND, "telegram", handle, None) is None


def test_signs_of_an_entry_mean_themselves() -> None:
    assert not is_handle("acme.x*", "acmeZx1", "instagram")
    assert is_handle("acme.x*", "acme.x1", "instagram")


def test_many_stars_take_no_time() -> None:
    assert not is_handle("acme" + "*" * 500 + "!", "acme" + "a" * 5000, "x")


def test_an_allowed_handle_may_have_a_star_too() -> None:
    rule = {"asset": "instagram:acme_fans*", "reason": "fans we know", "author": "desk",
            "until": "2027-01-01"}  # fmt: skip
    brand = Brand.model_validate({"name": "ACME", "allow": [rule]})
    seen = {"host": None, "platform": "instagram", "handle": "Acme_Fans_NL", "native_id": "7"}
    assert suppressed_as(brand, seen, None) == "allowed until 2027-01-01 by desk: fans we know"
    assert suppressed_as(brand, {**seen, "platform": "x"}, None) is None
