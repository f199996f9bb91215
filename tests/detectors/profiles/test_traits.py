"""What one profile says about posing as one brand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.pages import Trait
from detectors.profiles.traits import profile_traits, version
from namaak.brands import Brand
from namaak.casework.account_signals import weighed_names
from namaak.records import Flag, Trust, Verified

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ACME = Brand(name="ACME Bank", domains=("acmebank.example",), founded=2015)
OFFICIAL = {
    "platform": "x", "subject_kind": "account", "handle": "acmebank", "display_name": "ACME Bank",
    "bio": "ACME Bank, the bank of Waldermond since 2015. Open an account in five minutes.",
    "followers": 100_000, "created_at": datetime(2015, 3, 1, tzinfo=UTC),
    "image_sha256": "a" * 64, "banner_sha256": "b" * 64,
}  # fmt: skip


def traits(
    *, official: tuple[Any, ...] = (OFFICIAL,), history: tuple[Any, ...] = (), **columns: Any
) -> dict[str, Trait]:
    profile = {"platform": "x", "subject_kind": "account", "trust": "platform", **columns}
    found = profile_traits(profile, ACME, official=official, history=history, now=NOW)
    assert len({trait.name for trait in found}) == len(found)
    return {trait.name.removeprefix("profile."): trait for trait in found}


def test_what_is_unknown_gives_no_trait() -> None:
    assert traits(handle="acmebank_help") == {}
    assert traits(**dict.fromkeys(("bio", "links", "followers", "created_at", "flags"))) == {}


@pytest.mark.parametrize(
    "bio",
    [
        "ACME Bank, the bank of Waldermond since 2015. Open an account in five minutes.",
        "ACME Bank - the bank of Waldermond since 2015! Open an account in 5 minutes",
        "\u0410CME Bank, the bank of Waldermond since 2015. Open an account in five minutes \u2705",
    ],
)
def test_a_copied_text_is_found_however_it_is_dressed(bio: str) -> None:
    assert "bio-copied" in traits(bio=bio)


@pytest.mark.parametrize(
    "bio",
    [
        "The bank of Utrecht since 1970. Open a shop in ten minutes.",
        "ACME Bank",
        "I open accounts for a living and write about the bank of Waldermond",
        "",
    ],
)
def test_a_text_of_the_same_trade_is_no_copy(bio: str) -> None:
    assert "bio-copied" not in traits(bio=bio)


def test_the_very_files_of_the_official_account_are_found_on_any_platform() -> None:
    found = traits(platform="telegram", image_sha256="a" * 64, banner_sha256="b" * 64)
    assert {"avatar-official", "banner-official"} <= found.keys()
    assert "avatar-official" not in traits(image_sha256="b" * 64)


@pytest.mark.parametrize(
    ("bio", "claims"),
    [
        ("The official support of ACME Bank", True),
        ("Officieel account van ACME Bank", True),
        ("Not the official ACME Bank", False),
        ("Unofficial account about ACME Bank", False),
        ("The official page of my cat", False),
    ],
)
def test_who_claims_to_be_the_brand_is_told_from_who_denies_it(bio: str, *, claims: bool) -> None:
    assert ("claims-official" in traits(bio=bio)) is claims


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"handle": "acmebank_fans"}, "fan"),
        ({"handle": "acmeBankFans"}, "fan"),
        ({"bio": "Fan page about ACME Bank"}, "fan"),
        ({"bio": "Von Fans gemacht"}, "fan"),
        ({"display_name": "ACME Bank (parody)"}, "parody"),
        ({"bio": "Non officiel"}, "unofficial"),
        ({"bio": "Niet verbonden aan ACME Bank"}, "unofficial"),
        ({"handle": "acmebank_scam_victims"}, "complaint"),
        ({"bio": "Boycott ACME Bank"}, "complaint"),
        ({"bio": "Estafados por ACME Bank"}, "complaint"),
    ],
)
def test_fans_and_critics_are_heard_in_five_languages(columns: dict[str, str], name: str) -> None:
    assert name in traits(**columns)


@pytest.mark.parametrize(
    "columns",
    [{"handle": "fanny_acme"}, {"display_name": "Stanley"}, {"bio": "Fantastic offers of ACME"},
     {"bio": "Beware of scams. We never ask for your password."}],
)  # fmt: skip
def test_words_that_only_hold_such_a_word_say_nothing(columns: dict[str, str]) -> None:
    assert not {"fan", "parody", "unofficial", "complaint"} & traits(**columns).keys()


@pytest.mark.parametrize(
    ("columns", "is_employee"),
    [
        ({"display_name": "Jan @ ACME Bank"}, True),
        ({"display_name": "Jan Vosteen", "bio": "I work at the ACME Bank"}, True),
        ({"display_name": "Jan Vosteen", "bio": "Werkt bij acmebank"}, True),
        ({"display_name": "Support @ ACME Bank", "bio": "works at ACME Bank"}, False),
        ({"display_name": "Jan Vosteen", "bio": "I bank at ACME Bank"}, False),
        ({"display_name": "Jan Vosteen", "bio": "Works at another bank, not ACME Bank"}, False),
        ({"bio": "Works at ACME Bank"}, False),
    ],
)
def test_an_employee_has_a_name_of_their_own_and_says_where_they_work(
    columns: dict[str, str], *, is_employee: bool
) -> None:
    assert ("employee" in traits(**columns)) is is_employee


@pytest.mark.parametrize(
    ("days", "young"), [(0, True), (29, True), (180, True), (181, False), (-2, False)]
)
def test_young_is_up_to_half_a_year_and_never_from_the_future(days: int, *, young: bool) -> None:
    found = traits(created_at=NOW - timedelta(days=days))
    assert ("young" in found) is young
    if young:
        assert found["young"].raw == str(days)


def test_an_account_from_before_the_brand_is_older() -> None:
    found = traits(handle="acme", created_at=datetime(2009, 5, 1, tzinfo=UTC))
    assert {"older-than-brand", "older-than-official"} <= found.keys()
    later = traits(handle="acme", created_at=datetime(2015, 5, 1, tzinfo=UTC))
    assert not {"older-than-brand", "older-than-official"} & later.keys()
    assert "younger-than-official" in later


@pytest.mark.parametrize("trust", [Trust.UNAUTHENTICATED, Trust.EXISTENCE, None])
def test_an_old_age_that_its_platform_does_not_tell_is_a_claim(trust: Trust | None) -> None:
    old, new = datetime(2009, 5, 1, tzinfo=UTC), NOW - timedelta(days=3)
    claimed = traits(handle="acme", created_at=old, trust=trust)
    assert claimed.keys() == {"age-claimed"}
    assert {"young", "younger-than-official"} <= traits(created_at=new, trust=trust).keys()


@pytest.mark.parametrize(
    ("by", "believed"), [("directory", True), ("platform", True), ("claim", False)]
)
def test_who_told_an_age_counts_where_the_casebook_knows_it(by: str, *, believed: bool) -> None:
    old = datetime(2009, 5, 1, tzinfo=UTC)
    for trust in (Trust.PLATFORM, Trust.UNAUTHENTICATED):
        found = traits(handle="acme", created_at=old, created_by=by, trust=trust)
        assert ("older-than-brand" in found) is believed
        assert ("age-claimed" in found) is not believed


def test_only_accounts_of_one_platform_are_compared_in_age_and_reach() -> None:
    created = datetime(2026, 5, 1, tzinfo=UTC)
    here, elsewhere = (
        traits(platform=platform, followers=10, created_at=created) for platform in ("x", "bluesky")
    )
    assert {"younger-than-official", "few-followers"} <= here.keys()
    assert not {"younger-than-official", "few-followers"} & elsewhere.keys()


@pytest.mark.parametrize(
    ("followers", "following", "posts", "names"),
    [
        (999, 10, 5, {"few-followers"}),
        (1000, 10, 5, set()),
        (0, 500, 0, {"few-followers", "follows-many", "no-posts"}),
        (None, 5000, None, set()),
        (2000, 20_000, 1, {"follows-many"}),
    ],
)
def test_reach_is_weighed_only_where_both_numbers_are_known(
    followers: int | None, following: int, posts: int | None, names: set[str]
) -> None:
    found = traits(followers=followers, following=following, posts=posts).keys()
    assert found & {"few-followers", "follows-many", "no-posts"} == names


def _seen(days: int, handle: str, picture: str = "c" * 64) -> dict[str, Any]:
    return {"handle": handle, "display_name": handle.title(), "image_sha256": picture,
            "first_seen": NOW - timedelta(days=days), "trust": "platform"}  # fmt: skip


def test_an_account_that_took_the_brands_name_lately_was_renamed() -> None:
    found = traits(
        handle="acmebank_help", image_sha256="d" * 64,
        history=(_seen(20, "acmebank_help", "d" * 64), _seen(400, "funny_cats")),
    )  # fmt: skip
    assert found["renamed"].raw == "Funny_Cats > acmebank_help"
    assert "with another picture" in found["renamed"].says


@pytest.mark.parametrize(
    "history",
    [
        (_seen(200, "acmebank_help"), _seen(400, "funny_cats")),
        (_seen(20, "acmebank_support"), _seen(400, "acmebank")),
        (),
    ],
)
def test_a_name_that_was_long_the_brands_is_not_renamed(history: tuple[Any, ...]) -> None:
    assert "renamed" not in traits(handle="acmebank_help", history=history)


def test_a_name_worn_for_years_is_steady() -> None:
    assert "steady" in traits(handle="acmebank_art", history=(_seen(900, "acmebank_art"),))
    assert "steady" not in traits(handle="acmebank_art", history=(_seen(90, "acmebank_art"),))
    claimed = {**_seen(900, "acmebank_art"), "trust": Trust.UNAUTHENTICATED}
    assert "steady" not in traits(handle="acmebank_art", history=(claimed,))
    assert "steady" not in traits(handle="acmebank_art", history=(_seen(900, "acmebank_art"),),
                                  trust=Trust.UNAUTHENTICATED)  # fmt: skip


def test_a_domain_as_handle_is_proof_only_where_the_platform_checked_it() -> None:
    checked = traits(handle="utrecht.acmebank.example", verified=Verified.DOMAIN)
    assert "domain-handle" in checked
    claimed = traits(handle="utrecht.acmebank.example")
    assert "domain-handle" not in claimed
    assert "domain-handle-claimed" in claimed
    assert "domain-handle" not in traits(handle="notacmebank.example", verified=Verified.DOMAIN)
    for trust in (Trust.UNAUTHENTICATED, None):
        found = traits(handle="acmebank.example", verified=Verified.DOMAIN, trust=trust)
        assert found.keys() == {"domain-handle-claimed"}


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://acmebank.example/", "proved-link"),
        ("https://www.acmebank.example/about", "proved-link"),
        ("https://forum.acmebank.example/", "proved-below"),
        ("https://acmebank.example/members/7", "proved-below"),
        ("https://notacmebank.example/", None),
        ("https://acmebank.example.evil.example/", None),
        ("https://acmebank.example@evil.example/", None),
    ],
)
def test_a_link_back_proves_only_where_nobody_else_can_write(link: str, name: str | None) -> None:
    found = traits(proved_links=[link]).keys() & {"proved-link", "proved-below"}
    assert found == ({name} if name else set())


def test_what_somebody_says_for_himself_proves_nothing_and_is_told_as_a_claim() -> None:
    said: dict[str, Any] = {
        "proved_links": ["https://acmebank.example/"], "verified": Verified.TRUSTED,
        "state": "removed",
    }  # fmt: skip
    found = traits(**said, trust=Trust.UNAUTHENTICATED)
    assert found.keys() == {"proved-link-claimed", "verified-claimed", "gone-claimed"}
    # The casebook keeps no such claim: there it is the platform's, whoever spoke last.
    kept = traits(**said, trust=Trust.UNAUTHENTICATED, created_by=None)
    assert kept.keys() == {"proved-link", "vouched", "gone"}


@pytest.mark.parametrize(
    ("verified", "name"),
    [(Verified.TRUSTED, "vouched"), (Verified.ORGANISATION, "checked"),
     (Verified.PAID, "paid-badge"), (Verified.NONE, None), (Verified.NOTABLE, None)],
)  # fmt: skip
def test_each_way_of_vouching_is_its_own_trait(verified: Verified, name: str | None) -> None:
    assert set(traits(handle="acmebank_x", verified=str(verified))) == ({name} if name else set())


def test_flags_and_what_became_of_it_are_told() -> None:
    found = traits(flags=["scam", "bot", "parody", "unheard-of"], state="suspended")
    assert {"flag-scam", "flag-parody", "gone"} == found.keys()


def test_an_app_of_another_publisher_is_noticed() -> None:
    own = {"platform": "google-play", "subject_kind": "app", "native_id": "example.acmebank.app",
           "developer": "ACME Bank N.V."}  # fmt: skip
    app = {"platform": "google-play", "subject_kind": "app"}
    foreign = traits(official=(own,), **app | {"developer": "Fun Apps", "native_id": "fun.x.y"})
    assert "other-developer" in foreign
    assert "publisher-prefix" not in foreign
    same = traits(official=(own,), **app | {"developer": "acme bank nv"})
    assert "other-developer" not in same
    alike = traits(official=(own,), **app | {"native_id": "example.acmebank.loan"})
    assert "publisher-prefix" in alike
    assert "other-developer" not in traits(official=(), **app | {"developer": "Fun Apps"})


def test_hidden_characters_and_drawn_ticks_are_seen_in_name_and_text() -> None:
    assert "fake-tick" in traits(display_name="ACME Bank \u2705")
    assert "invisible" in traits(bio="ACME\u200bBank")
    assert "bidi" in traits(bio="\u202eknaB EMCA")


def test_money_is_asked_for_in_text_and_links() -> None:
    assert "pays-handle" in traits(links=["https://paypal.me/acmehelp"])
    found = traits(bio="send 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    assert found["pays-crypto"].raw == "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"


def test_links_to_the_brands_own_site_are_told() -> None:
    assert traits(links=["https://login.acmebank.example/"])["links-brand"].raw == (
        "login.acmebank.example"
    )
    assert "links-brand" not in traits(links=["https://acmebank.example.evil.example"])


_texts = st.one_of(st.none(), st.text(max_size=80))
_times = st.one_of(st.none(), st.datetimes(timezones=st.just(UTC)))
_counts = st.one_of(st.none(), st.integers(0, 2**63 - 1))
_listed = st.one_of(st.none(), st.lists(st.text(max_size=30), max_size=4))
_profiles = st.fixed_dictionaries(
    {},
    optional={
        "platform": st.sampled_from(["x", "bluesky"]), "subject_kind": st.just("app"),
        "handle": _texts, "display_name": _texts, "bio": _texts, "developer": _texts,
        "native_id": _texts, "image_sha256": _texts, "banner_sha256": _texts,
        "created_at": _times, "first_seen": _times, "followers": _counts, "following": _counts,
        "posts": _counts, "links": _listed, "proved_links": _listed, "contacts": _listed,
        "flags": st.lists(st.sampled_from([*Flag, "unheard-of"]), max_size=3),
        "verified": st.sampled_from([*Verified, None]),
        "state": st.sampled_from(["live", "removed"]),
        "trust": st.sampled_from([*Trust, None]),
        "created_by": st.sampled_from(["directory", "platform", "claim", None]),
    },
)  # fmt: skip


@given(_profiles, st.lists(_profiles, max_size=2), st.lists(_profiles, max_size=3))
@settings(deadline=None, max_examples=150)
def test_any_profile_is_read_and_every_trait_is_one_that_ranking_knows(
    profile: dict[str, Any], official: list[dict[str, Any]], history: list[dict[str, Any]]
) -> None:
    found = profile_traits(profile, ACME, official=official, history=history, now=NOW)
    assert {trait.name for trait in found} <= set(weighed_names())
    assert all(trait.says and len(trait.raw) <= 300 for trait in found)


def test_the_version_names_what_was_read() -> None:
    assert version().startswith("profiles-1.")
