"""What the brand says is its own: handles with a star, ids letter by letter, per platform."""

from __future__ import annotations

import pytest

from detectors.profiles.owned import is_handle, own_account, own_app, suppressed_as
from namaak.brands import Brand

_BRAND = Brand(
    name="ACME",
    accounts={"x": ("acme", "acme_*"), "youtube": ("UCabcDEF",), "bluesky": ("acme",),
              "facebook": ("acme.utrecht",), "telegram": ("*", "a*")},
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
    ],
)
def test_a_handle_is_own_as_its_platform_compares_it(
    platform: str, handle: str, is_own: bool
) -> None:
    assert (own_account(_BRAND, platform, handle, "1") is not None) is is_own


def test_an_id_is_compared_letter_by_letter() -> None:
    assert own_account(_BRAND, "youtube", "whatever", "UCabcDEF")
    assert own_account(_BRAND, "youtube", "whatever", "UCABCDEF") is None
    assert own_app(_BRAND, "google-play", "com.acme.App")
    assert own_app(_BRAND, "google-play", "com.acme.app") is None
    assert own_app(_BRAND, "google-play", None) is None


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
