"""What a profile weighs, and what its gates allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.casework import account_signals as weights
from namaak.casework.account_signals import account_signals, weighed_names
from namaak.casework.ranking import score
from namaak.records import Band, Field, Score
from tests.casework.test_ranking import account, picture, worth

ORDER = list(Band)


def known(**raws: str) -> list[dict[str, str]]:
    """Rows of a profile: `profile(young="3")` and the like; underscores stand for hyphens."""
    names = {f"profile.{name.replace('_', '-')}": raw for name, raw in raws.items()}
    return [{"name": name, "raw": raw, "says": f"It says {name}"} for name, raw in names.items()]


def told(*matches: dict[str, Any], **raws: str) -> Score:
    return score([{**match, "profile": known(**raws)} for match in matches or (account(),)])


def by_name(**raws: str) -> Mapping[str, dict[str, str]]:
    return {trait["name"]: trait for trait in known(**raws)}


def test_every_trait_that_weighs_moves_the_sum_by_its_weight() -> None:
    for table in (weights.IDENTITY, weights.INTENT, weights.PROVENANCE, weights.VERDICTS,
                  *weights.AGAINST.values()):  # fmt: skip
        for name, weight in table.items():
            (signal,) = account_signals(by_name(**{name.removeprefix("profile."): ""}))
            assert (signal.name, signal.weight, signal.contribution) == (name, weight, weight)
    assert all(not account_signals({name: {"name": name, "raw": "", "says": ""}})
               for name in weights.WEIGHTLESS)  # fmt: skip


@pytest.mark.parametrize(("days", "weight"), [("0", 1.4), ("30", 1.4), ("31", 0.7), ("180", 0.7)])
def test_a_younger_account_weighs_more(days: str, weight: float) -> None:
    (signal,) = account_signals(by_name(young=days))
    assert signal.contribution == weight


@given(st.sets(st.sampled_from(sorted(weighed_names()))))
@settings(deadline=None, max_examples=150)
def test_whatever_a_profile_says_each_group_keeps_its_limit(names: set[str]) -> None:
    found = account_signals({name: {"name": name, "raw": "3", "says": "so"} for name in names})
    for table, most in (
        (weights.IDENTITY, weights.IDENTITY_MOST),
        (weights.INTENT, weights.INTENT_MOST),
        ({**weights.PROVENANCE, "profile.young": 0}, weights.PROVENANCE_MOST),
        (weights.VERDICTS, 2.0),
    ):
        assert sum(s.contribution for s in found if s.name in table) <= most + 1e-9
    for table in weights.AGAINST.values():
        assert sum(1 for signal in found if signal.name in table) <= 1


@given(st.sets(st.sampled_from(sorted(weighed_names()))))
@settings(deadline=None, max_examples=60)
def test_what_a_profile_says_of_itself_takes_no_case_out_of_sight(names: set[str]) -> None:
    rows = [{"name": name, "raw": "3", "says": "so"} for name in sorted(names)]
    made = score([{**account(), "profile": rows}])
    owned = set(weights.OWNED) & names
    assert (made.band is Band.NONE) is bool(owned)
    assert made.score >= 27


def test_the_official_picture_counts_little_where_the_logo_was_seen_in_it() -> None:
    (alone,) = account_signals(by_name(avatar_official="a" * 64))
    (again,) = account_signals(by_name(avatar_official="a" * 64), fields=[Field.IMAGE])
    assert again.contribution < alone.contribution / 2


def test_a_tick_that_the_name_was_weighed_for_is_not_weighed_again() -> None:
    assert account_signals(by_name(fake_tick="x"), seen=["fake-tick"]) == []


def test_an_old_age_excuses_nothing_that_leads_people_away_or_was_renamed() -> None:
    old = account_signals(by_name(older_than_brand="2009"))
    assert [signal.contribution for signal in old] == [-3.4]
    for more in ({"contact_messenger": "t.me"}, {"renamed": "cats > acme"}):
        found = account_signals(by_name(older_than_brand="2009", **more))
        assert all(signal.contribution > 0 for signal in found)


@pytest.mark.parametrize(
    "name",
    ["contact_direct", "shares_contact", "pays_bank", "flag_scam", "flag_spam", "avatar_official",
     "bio_copied", "claims_official"],
)  # fmt: skip
@pytest.mark.parametrize("age", ["older_than_brand", "older_than_official", "steady"])
def test_an_old_age_excuses_no_single_way_out_mark_or_copy(name: str, age: str) -> None:
    assert account_signals(by_name(**{name: "x", age: "x"})) == account_signals(
        by_name(**{name: "x"})
    )


def test_beside_the_logo_an_old_age_takes_little_away() -> None:
    for field in (Field.IMAGE, Field.BANNER):
        (signal,) = account_signals(by_name(older_than_brand="2009"), fields=[field])
        assert signal.contribution == -weights.AGE_BESIDE_LOGO


@pytest.mark.parametrize("name", ["fan", "parody", "unofficial", "complaint", "flag_parody",
                                  "flag_fan", "employee"])  # fmt: skip
@pytest.mark.parametrize("act", ["contact_messenger", "pays_handle", "flag_spam"])
def test_own_words_lower_nothing_that_acts_otherwise(name: str, act: str) -> None:
    assert account_signals(by_name(**{name: "x", act: "x"})) == account_signals(
        by_name(**{act: "x"})
    )


def test_fans_may_offer_help_unless_they_wear_the_brands_picture() -> None:
    helpful = {"fan": "x", "words_support": "help"}
    assert told(account(), **helpful).band is Band.WATCH
    assert told(account(), picture(), fan="x").band is Band.WATCH
    for dressed in (
        told(account(), picture(), **helpful),
        told(account(), avatar_official="x", **helpful),
    ):
        assert ORDER.index(dressed.band) > ORDER.index(Band.REVIEW)


@pytest.mark.parametrize("name", sorted(one for one in weighed_names() if one.endswith("-claimed")))
def test_a_claim_changes_nothing(name: str) -> None:
    claimed = told(account(), picture(), **{name.removeprefix("profile."): "x"})
    plain = score([account(), picture()])
    assert (claimed.score, claimed.band) == (plain.score, plain.band)


@pytest.mark.parametrize(
    "raws",
    [{"bio_copied": "x"}, {"claims_official": "x"}, {"links_lookalike": "x"},
     {"avatar_official": "x"}, {"banner_official": "x"}, {"flag_impersonation": "x"},
     {"flag_scam": "x"}],
)  # fmt: skip
def test_a_name_and_a_second_element_rise_above_review(raws: dict[str, str]) -> None:
    assert ORDER.index(told(**raws).band) > ORDER.index(Band.REVIEW)


@pytest.mark.parametrize(
    "raws", [{}, {"contact_messenger": "x"}, {"young": "1"}, {"renamed": "x"}, {"flag_spam": "x"}]
)
def test_a_name_alone_stays_at_review_whatever_it_wants(raws: dict[str, str]) -> None:
    made = told(**raws)
    assert made.band is Band.REVIEW
    assert "only one element" in made.gates[0]


@pytest.mark.parametrize("name", ["fan", "parody", "unofficial", "complaint", "flag_parody"])
def test_who_speaks_about_the_brand_is_watched_unless_he_leads_people_away(name: str) -> None:
    assert told(account(), picture(), **{name: "x"}).band is Band.WATCH
    for lifts in ("contact_messenger", "pays_crypto", "flag_scam"):
        made = told(account(), picture(), **{name: "x", lifts: "x"})
        assert ORDER.index(made.band) > ORDER.index(Band.WATCH)


def test_a_fan_s_name_is_lifted_by_a_way_off_the_platform_too() -> None:
    fans = account(lures=["speech:fans"])
    assert told(fans).band is Band.WATCH
    assert told(fans, contact_messenger="t.me").band is Band.REVIEW


@pytest.mark.parametrize("name", ["domain_handle", "proved_link", "brand_links_back"])
def test_what_is_proved_the_brands_own_is_no_case_and_says_why(name: str) -> None:
    made = told(account(), picture(), **{name: "https://acme.example/"})
    assert made.band is Band.NONE
    assert made.gates[-1].startswith("No case: proved to be the brand's own (it says")
    assert told(account(), picture(), proved_below="x").band is not Band.NONE


def test_what_is_gone_is_watched() -> None:
    made = told(account(), picture(), gone="suspended")
    assert made.band is Band.WATCH
    assert made.gates[-1].startswith("Not above watch: it says")


def test_existence_alone_opens_no_case() -> None:
    taken = account(traits=["existence-only"])
    assert score([taken]).band is Band.NONE
    assert score([taken, account("display-name")]).band is Band.REVIEW


def test_a_text_about_itself_alone_is_watched_and_never_counts_fully() -> None:
    bio = account("bio", evidence=worth(9))
    made = score([bio])
    assert made.band is Band.WATCH
    assert all(signal.contribution == pytest.approx(signal.weight / 2, abs=1e-3)
               for signal in made.signals)  # fmt: skip
    named = score([account(), bio])
    assert named.evidence > score([account()]).evidence


@pytest.mark.parametrize("lures", [[], ["support:help"]])
def test_an_ordinary_word_needs_a_picture_or_link_of_the_brand(lures: list[str]) -> None:
    word = account(traits=["common-word"], lures=lures)
    both = [word, account("display-name", traits=["common-word"], lures=lures)]
    assert score(both).band is Band.WATCH
    assert ORDER.index(score([*both, picture()]).band) > ORDER.index(Band.WATCH)
    assert ORDER.index(told(*both, links_lookalike="x").band) > ORDER.index(Band.WATCH)


def test_a_person_s_name_needs_the_brand_or_the_photo_beside_it() -> None:
    person = account("display-name", traits=["person"], lures=[])
    assert score([person]).band is Band.WATCH
    assert ORDER.index(told(person, bio_brand="CEO of ACME Bank").band) > ORDER.index(Band.WATCH)
    photo = picture(term="ceo.jpg", traits=["photo-of-person"])
    made = score([person, photo])
    assert ORDER.index(made.band) > ORDER.index(Band.REVIEW)
    assert any("shows the photo ceo.jpg" in signal.says for signal in made.signals)


def test_a_banner_with_the_logo_is_the_picture_beside_the_name() -> None:
    banner = {**picture(), "field": "banner", "match_id": "banner"}
    made = score([account(), banner])
    assert ORDER.index(made.band) > ORDER.index(Band.REVIEW)
    assert any(signal.says.startswith("The banner shows the logo") for signal in made.signals)


@pytest.mark.parametrize(("days", "says"), [
    ("0", "It was made on the day it was last seen"),
    ("1", "It was made 1 day before it was last seen"),
    ("28", "It was made 28 days before it was last seen"),
])  # fmt: skip
def test_an_age_is_told_with_what_it_is_measured_from(days: str, says: str) -> None:
    (signal,) = account_signals(by_name(young=days))
    assert signal.says == says


@pytest.mark.parametrize(("passed", "weight"), [("1000", 0.2), ("10000", 0.4), ("100000", 0.6)])
def test_more_followers_make_it_more_harmful_and_not_surer(passed: str, weight: float) -> None:
    (signal,) = account_signals(by_name(reach=passed))
    assert signal.contribution == weight
    bare, heard = told(), told(reach=passed)
    assert heard.confidence == bare.confidence
    assert heard.severity is not None and bare.severity is not None
    assert heard.severity > bare.severity


def test_a_number_of_followers_that_cannot_be_read_weighs_nothing() -> None:
    assert account_signals(by_name(reach="many")) == []
    assert account_signals(by_name(reach="999")) == []
