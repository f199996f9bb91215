"""Innocents that a matcher easily takes for impostors, with what their profiles say.

The fifteen that are told of in the field, each with the band that it may reach at most; and beside
most of them the impostor that is its neighbour, which must not be lost with it.
May import: benchmarks.accounts.judged, namaak.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from benchmarks.accounts.judged import Account
from namaak.brands import AllowRule, Brand
from namaak.records import Band, Flag, Verified

LOGO = "the logo of ACME Bank"  #: stands for its SHA-256 until the pictures are drawn

BRANDS = {
    "ing": Brand(name="ING"),
    "bol": Brand(name="bol", aliases=("bol.com",), domains=("bol.example",)),
    "apple": Brand(name="Apple", common_word=True),
    "visa": Brand(name="Visa", common_word=True),
    "target": Brand(name="Target", common_word=True),
    "ford": Brand(name="Ford", common_word=True),
    "walmart": Brand(name="Walmart"),
    "acme": Brand(
        name="ACME Bank",
        domains=("acmebank.example",),
        accounts={"x": ("acmebank", "acmebank_jobs", "acmebank_utrecht")},
        allow=(
            AllowRule(asset="x:acme_dealer_utrecht", reason="authorised dealer",
                      author="brand protection", until=date(2027, 12, 31)),
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tricky:
    """One account, and what it may become."""

    number: int
    what: str
    brand_id: str
    account: Account
    most: Band = Band.REVIEW
    least: Band = Band.NONE
    innocent: bool = True


def _on_x(handle: str, name: str | None = None, avatar: str | None = None, **facts: Any) -> Account:
    return Account(platform="x", handle=handle, display_name=name, avatar=avatar, facts=facts)


def _born(year: int) -> datetime:
    return datetime(year, 5, 1, tzinfo=UTC)


_WATCH = Band.WATCH

CASES: tuple[Tricky, ...] = (
    Tricky(number=1, what="a girl's name holds a short brand", brand_id="ing",
           account=_on_x("ingrid_draws", "Ingrid", bio="watercolours", created_at=_born(2016))),
    Tricky(number=1, what="trading holds a short brand", brand_id="ing",
           account=_on_x("trading_floor", "Trading floor", created_at=_born(2019))),
    Tricky(number=1, what="the short brand with a country", brand_id="ing", innocent=False,
           most=Band.CRITICAL, least=_WATCH, account=_on_x("ing_nederland_", "ING Nederland")),
    Tricky(number=2, what="a football page holds a short brand", brand_id="bol",
           account=_on_x("futbol_total", "Futbol Total", followers=20_000)),
    Tricky(number=2, what="the short brand's address with support", brand_id="bol", innocent=False,
           most=Band.CRITICAL, least=_WATCH, account=_on_x("bolcom_x", "bol.com klantenservice")),
    Tricky(number=3, what="recipes under a common word", brand_id="apple",
           account=_on_x("applepie_recipes", "Apple pie recipes", bio="cakes and pies")),
    Tricky(number=4, what="help with visas for travellers", brand_id="visa",
           account=_on_x("visahelp_uk", "Visa help UK", bio="We fill in your travel papers",
                         links=["https://travel-papers.example/"])),
    Tricky(number=4, what="a job board with a common word", brand_id="target",
           account=_on_x("target_jobs", "Target jobs", bio="vacancies in archery")),
    Tricky(number=5, what="fans who say so", brand_id="acme",
           account=_on_x("acmebank_fans", "ACME Bank fans", created_at=_born(2018),
                         bio="Unofficial fan page, not affiliated with ACME Bank")),
    Tricky(number=5, what="fans who say so, with the logo", brand_id="acme",
           account=_on_x("acmebankfanclub", "ACME Bank Fan Club", LOGO, created_at=_born(2018),
                         bio="Unofficial fan page, not affiliated with ACME Bank")),
    Tricky(number=6, what="a parody that the platform labels", brand_id="acme",
           account=_on_x("NotAcmeBank", "ACME Bank (parody)", LOGO, bio="Parody. We lose money.",
                         flags=[Flag.PARODY], created_at=_born(2020))),
    Tricky(number=7, what="an employee", brand_id="acme",
           account=_on_x("jan_1984", "Jan @ ACME Bank", bio="Analyst at ACME Bank. Views my own.",
                         created_at=_born(2014), followers=310, posts=4_000)),
    Tricky(number=8, what="an authorised dealer, not yet allowed", brand_id="acme",
           account=_on_x("acme_bank_dealer", "ACME Bank authorised dealer Utrecht",
                         links=["https://dealer-utrecht.example/"], created_at=_born(2017))),
    Tricky(number=8, what="a dealer that a rule allows", brand_id="acme", most=Band.NONE,
           account=_on_x("acme_dealer_utrecht", "ACME Bank authorised dealer Utrecht")),
    Tricky(number=9, what="a true branch on the list of own accounts", brand_id="acme",
           most=Band.NONE, account=_on_x("AcmeBank_Utrecht", "ACME Bank Utrecht", LOGO)),
    Tricky(number=9, what="a true branch that proves the brand's domain", brand_id="acme",
           account=Account(platform="mastodon", handle="acmebank_espana",
                           display_name="ACME Bank España", avatar=LOGO,
                           facts={"proved_links": ["https://acmebank.example/es"],
                                  "links": ["https://acmebank.example/es"],
                                  "created_at": _born(2022)})),
    Tricky(number=9, what="a branch whose handle is below the brand's domain", brand_id="acme",
           account=Account(platform="bluesky", handle="es.acmebank.example",
                           display_name="ACME Bank España", avatar=LOGO,
                           facts={"verified": Verified.DOMAIN})),
    Tricky(number=10, what="an official sub-account on the list", brand_id="acme", most=Band.NONE,
           account=_on_x("acmebank_jobs", "ACME Bank Careers", LOGO)),
    Tricky(number=11, what="an old unrelated holder of the name", brand_id="acme",
           account=_on_x("acmebank1", "Acme Bank & Sons", created_at=_born(2008), posts=12,
                         followers=40, bio="family archive")),
    Tricky(number=12, what="an aged account renamed to the brand, with its logo", brand_id="acme",
           innocent=False, most=Band.CRITICAL, least=Band.REVIEW,
           account=_on_x("acmebank_help", "ACME Bank Help", LOGO, created_at=_born(2009),
                         followers=88_000, bio="DM us or WhatsApp +31 6 0000 0000")),
    Tricky(number=13, what="a random handle under name and logo", brand_id="acme", innocent=False,
           most=Band.CRITICAL, least=Band.REVIEW,
           account=_on_x("qx81kz0v", "ACME Bank", LOGO, bio="Official support, message us")),
    Tricky(number=14, what="a newspaper that shows the logo", brand_id="acme",
           account=_on_x("utrecht_courant", "Utrechts Nieuws", LOGO, created_at=_born(2011),
                         followers=45_000, posts=30_000, bio="News from Utrecht")),
    Tricky(number=15, what="letters that only nearly fold", brand_id="walmart",
           account=_on_x("walart_gallery", "Wal-Art gallery", bio="murals")),
    Tricky(number=15, what="I for l", brand_id="walmart", innocent=False, most=Band.CRITICAL,
           least=_WATCH, account=_on_x("WaImart_help", "WaImart")),
    Tricky(number=15, what="a digit, a tick", brand_id="acme", innocent=False, most=Band.CRITICAL,
           least=Band.REVIEW, account=_on_x("acrnebank", "ACME B4NK ✅", LOGO)),
    Tricky(number=16, what="a surname", brand_id="ford",
           account=_on_x("harriet_ford", "Harriet Ford", created_at=_born(2013))),
    Tricky(number=17, what="victims who warn each other", brand_id="acme",
           account=_on_x("acmebank_scam", "ACME Bank scam victims", created_at=_born(2024),
                         bio="Did you lose money? Share your story", followers=900)),
)  # fmt: skip
