"""Whose lookalikes are wanted."""

from __future__ import annotations

from datetime import date

import pytest

from namaak.brands import parse_watch_file
from namaak.errors import UsageError
from namaak.sweeping import find_target

DAY = date(2026, 11, 1)
WATCH = parse_watch_file("""
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
aliases = ["Walder & Co"]
domains = ["waldermond.test", "shop.waldermond.co.uk"]
[[brands.waldermond.allow]]
asset = "fans-of-waldermond.test"
reason = "a fan club"
author = "anna"
until = 2026-10-31
[[brands.waldermond.allow]]
asset = "waldermond-dealer.test"
reason = "a dealer"
author = "anna"
until = 2026-12-31
[brands.boll]
name = "Boll"
domains = ["boll.test"]
""")


def test_without_a_watch_file_the_brand_is_the_domains_own_label():
    target = find_target("Acme-Bank.co.uk.", watch=None, day=DAY)
    assert (target.domain, target.brand.name) == ("acme-bank.co.uk", "acme bank")
    assert target.brand.domains == target.owned == ("acme-bank.co.uk",)


@pytest.mark.parametrize("written", ["bücher.test", "xn--bcher-kva.test", "BÜCHER.test"])
def test_a_domain_beyond_ascii_is_known_by_its_letters(written):
    target = find_target(written, watch=None, day=DAY)
    assert (target.domain, target.brand.name) == ("xn--bcher-kva.test", "bücher")


def test_a_host_counts_as_the_domain_above_it():
    assert find_target("www.login.acme.nl", watch=None, day=DAY).domain == "acme.nl"


@pytest.mark.parametrize(
    "written",
    ["co.uk", "github.io", "acme", "", "https://acme.nl/", "a b.nl", "-.nl", "x" * 64 + ".nl",
     "192.0.2.1.", "acme..nl", "\x1b[2J.nl"],
)  # fmt: skip
def test_what_nobody_could_own_is_refused_in_one_sentence(written):
    with pytest.raises(UsageError) as caught:
        find_target(written, watch=None, day=DAY)
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("written", ["waldermond.test", "www.waldermond.test", "waldermond.co.uk"])
def test_with_a_watch_file_the_brand_that_owns_the_domain_counts(written):
    target = find_target(written, watch=WATCH, day=DAY)
    assert target.brand_id == "waldermond"
    assert target.brand.aliases == ("Walder & Co",)
    assert [rule.author for rule in target.brand.allow] == ["anna"], "what ended is left out"


def test_everything_that_any_brand_owns_is_nobodys_lookalike():
    target = find_target("waldermond.test", watch=WATCH, day=DAY)
    assert target.owns("boll.test")
    assert target.owns("a.b.boll.test")
    assert not target.owns("xboll.test")
    stranger = find_target("walderman.test", watch=WATCH, day=DAY)
    assert stranger.brand_id == "sweep"
    assert stranger.owns("waldermond.test")
    assert stranger.owns("walderman.test")
