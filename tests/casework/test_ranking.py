"""Ranking: what the sum may do, what it may not, and that every point of it is explained."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detectors.lures import lexicon
from namaak.casework import ranking
from namaak.casework.ranking import rank, score
from namaak.records import Band, Field, Place, Resemblance, Score

ORDER = list(Band)
IMAGES = (Resemblance.SAME_IMAGE, Resemblance.NEAR_IMAGE)
NAMES = tuple(kind for kind in Resemblance if kind not in IMAGES)
CLASSES = sorted(set(lexicon().classes.values()))
TRAITS = sorted(ranking._TRAITS)

some = settings(max_examples=40, deadline=None)


def match(**changes: Any) -> dict[str, Any]:
    """A host that carries a long brand as a word of its own, and nothing else."""
    row = {
        "match_id": "00",
        "brand_id": "acme-bank",
        "subject_key": "host:acmebank-x.example",
        "subject_kind": "host",
        "source": "files",
        "instance": "hosts.txt",
        "position": 1,
        "observed_at": None,
        "field": "host",
        "value": "acmebank-x.example",
        "term": "Acme Bank",
        "resemblance": "combosquat",
        "place": "token",
        "distance": 0,
        "strength": 0.5,
        "span_start": 0,
        "span_end": 8,
        "layers": [],
        "lures": [],
        "traits": [],
        "suppressed": None,
        "detector": "names-1",
        "tables": "",
    }
    return row | changes


def account(field: str = "handle", **changes: Any) -> dict[str, Any]:
    """An account that bears the brand's very name, and asks for help."""
    given = {
        "match_id": f"account {field}",
        "subject_key": "account:x:1",
        "subject_kind": "account",
        "field": field,
        "value": "AcmeBank",
        "resemblance": "same-name",
        "place": "whole",
        "lures": ["support:help", "access:login"],
    }
    return match(**(given | changes))


def picture(**changes: Any) -> dict[str, Any]:
    """The logo itself, worn by the same account."""
    given = {
        "value": "f" * 64,
        "term": "logo.png",
        "resemblance": "same-image",
        "detector": "images-1",
        "lures": [],
        "span_start": -1,
        "span_end": -1,
    }
    return account("image", **(given | changes))


@st.composite
def rows(draw: st.DrawFn, *, kind: str | None = None, least: int = 1) -> list[dict[str, Any]]:
    """Matches of one brand and subject as detectors may make them, not all suppressed."""
    subject_kind = kind or draw(st.sampled_from(["host", "account", "app", "image"]))
    fields = {
        "host": [Field.HOST],
        "account": [Field.HANDLE, Field.DISPLAY_NAME, Field.IMAGE],
        "app": [Field.APP, Field.IMAGE],
        "image": [Field.IMAGE],
    }[subject_kind]
    found = []
    for number in range(draw(st.integers(least, 5))):
        field = draw(st.sampled_from(fields))
        shown = field is Field.IMAGE
        lures = draw(st.lists(st.sampled_from([*CLASSES, "unheard-of"]), max_size=5))
        traits = draw(st.lists(st.sampled_from([*TRAITS, "unheard-of", "letters:3"]), max_size=4))
        found.append(
            match(
                match_id=f"{number:02}",
                subject_kind=subject_kind,
                field=str(field),
                value=draw(st.text(max_size=20)),
                term="logo.png" if shown else draw(st.text(min_size=1, max_size=20)),
                resemblance=str(draw(st.sampled_from(IMAGES if shown else NAMES))),
                place=str(draw(st.sampled_from(list(Place)))),
                distance=draw(st.integers(0, 256 if shown else 4)),
                layers=draw(st.lists(st.sampled_from(["inverted", "shape", "confusable"]))),
                lures=[] if shown else [f"{name}:word{at}" for at, name in enumerate(lures)],
                traits=[] if shown else traits,
                suppressed=draw(st.sampled_from([None, None, "the brand's own domain"])),
            )
        )
    assume(any(row["suppressed"] is None for row in found))
    return found


def log_odds(made: Score) -> float:
    return ranking._PRIOR + sum(signal.contribution for signal in made.signals)


@some
@given(rows())
def test_whatever_matches_come_the_score_is_within_its_range_and_explained(
    matches: list[dict[str, Any]],
) -> None:
    made = score(matches)
    assert 0 <= made.score <= 100
    for signal in made.signals:
        assert signal.says and signal.contribution and signal.detector
        assert math.isfinite(signal.contribution)
    assert all(gate.startswith("Not above ") for gate in made.gates)


@some
@given(rows())
def test_the_prior_and_the_contributions_shown_add_up_to_the_score(
    matches: list[dict[str, Any]],
) -> None:
    made = score(matches)
    assert made.score == round(100 / (1 + math.exp(-log_odds(made))))


@some
@given(rows(least=2), st.randoms())
def test_the_order_of_matches_does_not_matter(
    matches: list[dict[str, Any]], chance: random.Random
) -> None:
    shuffled = matches.copy()
    chance.shuffle(shuffled)
    assert score(shuffled) == score(matches)


@some
@given(rows(), st.data(), st.sampled_from(CLASSES))
def test_a_further_lure_never_lowers_score_or_band(
    matches: list[dict[str, Any]], data: st.DataObject, kind: str
) -> None:
    before = score(matches)
    at = data.draw(st.integers(0, len(matches) - 1))
    lured = matches.copy()
    lured[at] = matches[at] | {"lures": [*matches[at]["lures"], f"{kind}:more"]}
    after = score(lured)
    assert log_odds(after) >= log_odds(before) - 1e-9
    assert after.score >= before.score
    assert ORDER.index(after.band) >= ORDER.index(before.band)


@some
@given(rows(), rows())
def test_suppressed_matches_add_nothing(
    matches: list[dict[str, Any]], own: list[dict[str, Any]]
) -> None:
    suppressed = [
        row | {"match_id": f"own {at}", "suppressed": "the brand's own domain"}
        for at, row in enumerate(own)
    ]
    assert score([*suppressed, *matches]) == score(matches)


@some
@given(rows(kind="host"), rows(kind="host"))
def test_a_higher_score_never_stands_in_a_lower_band(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    low, high = sorted((score(one), score(other)), key=log_odds)
    assume(not low.gates and not high.gates)
    assert ORDER.index(low.band) <= ORDER.index(high.band)


def test_every_band_can_be_reached() -> None:
    bands = {
        score([match(resemblance=str(kind), place=str(place), lures=lures, traits=traits)]).band
        for kind in NAMES
        for place in Place
        for lures in ([], ["access:login"], ["access:login", "money:pay"])
        for traits in ([], ["letters:9"], ["invisible"])
    }
    assert bands == set(Band)


@pytest.mark.parametrize("kind", Resemblance)
def test_every_resemblance_has_a_weight_and_words(kind: Resemblance) -> None:
    row = picture(resemblance=str(kind)) if kind in IMAGES else match(resemblance=str(kind))
    (signal,) = [one for one in score([row]).signals if one.name.endswith(f".{kind}")]
    assert signal.contribution > 0
    assert signal.says


def test_a_place_nearer_to_the_whole_name_never_counts_less() -> None:
    places = (Place.INSIDE, Place.EDGE, Place.TOKEN, Place.WHOLE)
    assert set(places) == set(Place)
    odds = [log_odds(score([match(place=str(place))])) for place in places]
    assert odds == sorted(set(odds))


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_of_the_lexicon_has_a_weight(kind: str) -> None:
    signals = {one.name: one for one in score([match(lures=[f"{kind}:word"])]).signals}
    assert signals[f"host.lure.{kind}"].contribution > 0
    assert "“word”" in signals[f"host.lure.{kind}"].says


def test_no_weight_is_kept_for_a_class_that_the_lexicon_does_not_have() -> None:
    assert set(ranking._LURES) == set(CLASSES)


@pytest.mark.parametrize("first", CLASSES)
@pytest.mark.parametrize("second", CLASSES)
def test_a_lure_of_another_class_adds_whatever_stands_there_already(
    first: str, second: str
) -> None:
    one = log_odds(score([match(lures=[f"{first}:a"])]))
    two = log_odds(score([match(lures=[f"{first}:a", f"{second}:b"])]))
    three = log_odds(score([match(lures=[f"{first}:a", f"{second}:b", "web:c", "place:d"])]))
    assert (two > one) == (first != second)
    assert three >= two


def test_two_lures_of_one_class_say_what_one_says() -> None:
    once = score([match(lures=["access:login"])])
    twice = score([match(lures=["access:login", "access:verify"])])
    assert once == twice


def test_an_edit_and_letters_without_meaning_count_against_a_name() -> None:
    plain = log_odds(score([match(resemblance="typosquat")]))
    assert log_odds(score([match(resemblance="typosquat", distance=1)])) < plain
    assert log_odds(score([match(resemblance="typosquat", traits=["letters:4"])])) < plain
    more = log_odds(score([match(resemblance="typosquat", traits=["letters:8"])]))
    assert more < log_odds(score([match(resemblance="typosquat", traits=["letters:4"])]))


def test_a_shorter_name_never_counts_more() -> None:
    odds = [log_odds(score([match(term="a" * letters)])) for letters in range(1, 20)]
    assert odds == sorted(odds)
    assert odds[0] < odds[-1]


def test_of_one_field_only_the_strongest_match_counts() -> None:
    weak = match(match_id="01", resemblance="combo-typosquat", distance=2)
    assert score([weak, match()]) == score([match()])


def test_a_second_field_adds_but_less_than_alone() -> None:
    alone = {row["field"]: log_odds(score([row])) for row in (account(), account("display-name"))}
    both = log_odds(score([account(), account("display-name")]))
    assert max(alone.values()) < both < sum(alone.values()) - ranking._PRIOR


def test_a_second_field_that_speaks_against_the_case_is_left_out() -> None:
    against = account("display-name", place="inside", traits=["letters:9", "common-word"], lures=[])
    assert log_odds(score([against])) < ranking._PRIOR
    assert score([account(), against]) == score([account()])


def test_the_strongest_reasons_come_first() -> None:
    made = score([match(lures=["access:login", "web:online"], traits=["letters:2", "digits"])])
    sizes = [abs(signal.contribution) for signal in made.signals]
    assert sizes == sorted(sizes, reverse=True)


def test_rank_is_score() -> None:
    assert rank("acme-bank", [match()]) == score([match()])


# The gates: each lowers, and says why


def test_one_element_of_identity_stays_at_review() -> None:
    made = score([account()])
    assert made.band is Band.REVIEW
    assert made.gates == ("Not above review: only one element of identity is copied",)
    assert ranking._band(made.score) in (Band.HIGH, Band.CRITICAL)


@pytest.mark.parametrize("name", ["handle", "display-name"])
def test_name_and_picture_together_lift_an_account_above_review(name: str) -> None:
    made = score([account(name), picture()])
    assert ORDER.index(made.band) > ORDER.index(Band.REVIEW)
    assert made.gates == ()


def test_handle_and_display_name_are_one_element_of_identity() -> None:
    assert score([account(), account("display-name")]).band is Band.REVIEW


def test_an_app_needs_two_elements_of_identity_too() -> None:
    title = account("app", subject_kind="app")
    icon = picture(subject_kind="app")
    assert score([title]).band is score([icon]).band is Band.REVIEW
    assert ORDER.index(score([title, icon]).band) > ORDER.index(Band.REVIEW)


def test_a_second_element_that_is_the_brand_s_own_does_not_count() -> None:
    own = picture(suppressed="the brand's own account on x")
    assert score([account(), own]).band is Band.REVIEW


def test_a_picture_on_no_account_stays_at_review(monkeypatch: pytest.MonkeyPatch) -> None:
    # A weight that would do for more, whatever the weights of the day are.
    monkeypatch.setitem(ranking._RESEMBLANCE, Resemblance.SAME_IMAGE, (9.0, "The logo"))
    made = score([picture(subject_kind="image")])
    assert made.band is Band.REVIEW
    assert made.gates == ("Not above review: a picture alone, on no account or site",)


def test_an_ordinary_word_with_nothing_beside_it_stays_at_watch() -> None:
    row = match(resemblance="homograph", place="whole", traits=["common-word", "invisible"])
    made = score([row])
    assert made.band is Band.WATCH
    assert made.gates == ("Not above watch: an ordinary word, and nothing beside it",)
    lured = score([row | {"lures": ["access:login"]}])
    assert ORDER.index(lured.band) > ORDER.index(Band.WATCH) and lured.gates == ()


def test_a_short_name_among_other_words_stays_at_watch() -> None:
    row = match(term="ABN", resemblance="homograph", place="token", traits=["invisible", "bidi"])
    made = score([row])
    assert made.band is Band.WATCH
    assert made.gates == ("Not above watch: a short name among other words",)
    for lifted in ({"lures": ["access:login"]}, {"place": "whole"}, {"term": "Acme Bank"}):
        above = score([row | lifted])
        assert ORDER.index(above.band) > ORDER.index(Band.WATCH) and above.gates == ()


@some
@given(rows())
def test_gates_only_lower_and_say_so_if_they_do(matches: list[dict[str, Any]]) -> None:
    made = score(matches)
    ungated = ranking._band(made.score)
    assert ORDER.index(made.band) <= ORDER.index(ungated)
    assert (made.band is not ungated) == bool(made.gates)


def test_an_alias_at_a_delivery_network_is_watched_at_most() -> None:
    made = score([match(traits=["delivery"], lures=["access:login"])])
    assert made.band is Band.WATCH
    assert any("delivery network" in gate for gate in made.gates)


def test_the_brands_own_label_is_never_critical_by_its_name_alone() -> None:
    lures = ["access:login", "support:help", "money:pay"]
    made = score([match(resemblance="same-label", place="whole", lures=lures)])
    assert made.band is Band.HIGH
    assert any("may be its own" in gate for gate in made.gates)


def test_the_version_names_the_weights() -> None:
    assert ranking.VERSION.startswith("ranking-")
    assert len(ranking.VERSION.partition(".")[2]) == 8


def test_letters_that_only_look_different_cost_nothing() -> None:
    plain = match(resemblance="combo-typosquat", traits=["edits:1"], distance=1)
    disguised = match(resemblance="combo-typosquat", traits=["edits:1"], distance=6)
    assert score([disguised]).score == score([plain]).score


def test_the_spelling_that_matched_is_weighed_and_not_the_whole_name() -> None:
    short = match(term="The Sky Inc", traits=["size:3"], place="whole", resemblance="same-label")
    assert score([short]).score < score([match(resemblance="same-label", place="whole")]).score
    assert any("3 letters" in signal.says for signal in score([short]).signals)
