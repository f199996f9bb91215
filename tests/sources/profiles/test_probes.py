"""What a platform is asked whether it exists: in turn for each brand, and only what it allows."""

from __future__ import annotations

import pytest

from namaak.brands import Brand
from namaak.sources.profiles.probes import probes

ACME = Brand(name="ACME Bank", accounts={"x": ("AcmeBank",)})
WALDERMOND = Brand(name="Waldermond", languages=("nl",))
BOTH = {"acme": ACME, "waldermond": WALDERMOND}


def test_each_brand_gets_its_share_and_they_take_turns():
    found = probes(BOTH, platform="x", most=20)
    assert len(found) == 40
    assert [("acme" in handle, "walder" in handle) for handle in found[:6]] == [
        (True, False), (False, True)] * 3  # fmt: skip


def test_what_a_brand_owns_on_the_platform_is_not_asked():
    assert "acmebank" not in probes(BOTH, platform="x", most=500)
    assert "acmebank" in probes(BOTH, platform="github", most=500)


def test_the_account_of_one_brand_is_not_asked_for_another():
    partner = Brand(name="ACME", accounts={"x": ("acme_support",)})
    found = probes({"acme": partner, "bank": Brand(name="ACME Support")}, platform="x", most=500)
    assert "acme_support" not in found


def test_of_brands_that_share_handles_each_is_asked_once():
    twice = probes({"one": ACME, "two": ACME}, platform="x", most=50)
    assert len(twice) == len(set(twice)) == 50


@pytest.mark.parametrize(
    ("platform", "made", "not_made"),
    [
        ("x", "acme_bank", "acme-bank"),
        ("github", "acme-bank", "acme_bank"),
        ("instagram", "acme.bank", "acme-bank"),
        ("telegram", "acmebanksupport", "1acmebank"),
        ("bluesky", "acme-bank.bsky.social", "acme.bank"),
        ("bluesky", "acmebanksupport.bsky.social", "acmebank_.bsky.social"),
    ],
)
def test_only_what_the_platform_allows_is_asked(platform, made, not_made):
    brand = Brand(name="ACME Bank")
    found = probes({"acme": brand}, platform=platform, most=3000)
    assert made in found
    assert not_made not in found


def test_the_same_watch_file_asks_the_same():
    assert probes(BOTH, platform="x", most=99) == probes(dict(BOTH), platform="x", most=99)


def test_a_budget_of_none_asks_nothing():
    assert probes(BOTH, platform="x", most=0) == []


def test_an_own_handle_under_the_platforms_host_is_not_asked_either():
    own = Brand(name="ACME Bank", accounts={"bluesky": ("acmebank.bsky.social",)})
    found = probes({"acme": own}, platform="bluesky", most=300)
    assert "acmebank.bsky.social" not in found
    assert "acme-bank.bsky.social" in found


def test_what_a_platform_takes_for_the_same_handle_is_asked_once():
    found = probes({"acme": Brand(name="ACME Bank")}, platform="facebook", most=500)
    assert "acmebank" in found
    assert not [handle for handle in found if "." in handle]


def test_a_platform_that_nobody_described_is_an_error_and_no_guess():
    with pytest.raises(KeyError):
        probes(BOTH, platform="nowhere", most=5)
