"""Ranking: what the sum may do, what it may not, and that every point of it is explained."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detectors.lures import lexicon
from detectors.names import scorecard
from detectors.names.features import FEATURES
from namaak.casework import name_signals, picture_signals, ranking
from namaak.casework.name_signals import BY_HAND, PRIOR, QUESTIONS
from namaak.casework.ranking import rank, score
from namaak.records import Band, Field, Place, Resemblance, Score

ORDER = list(Band)
IMAGES = tuple(picture_signals.LIKENESS)
NAMES = tuple(kind for kind in Resemblance if kind not in IMAGES)
LURED = ["access:login"]

#: What weighs most of what a name is measured by: enough of it gives any score.
_HEAVIEST = max(scorecard.weights(), key=lambda name: scorecard.weights()[name])

some = settings(max_examples=40, deadline=None)


def worth(log_odds: float) -> dict[str, float]:
    """Evidence that a ranking without anything else adds up to."""
    return {_HEAVIEST: (log_odds + scorecard.review_at()) / scorecard.weights()[_HEAVIEST]}


def match(**changes: Any) -> dict[str, Any]:
    """A host that carries a long brand as a word of its own; a person should look at it."""
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
        "kinds": [],
        "evidence": worth(0.7),
        "suppressed": None,
        "detector": "names-2",
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
        "evidence": worth(3.5),
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
        "account": [Field.HANDLE, Field.DISPLAY_NAME, Field.IMAGE, Field.IMAGE_TEXT],
        "app": [Field.APP, Field.IMAGE, Field.IMAGE_TEXT],
        "image": [Field.IMAGE, Field.IMAGE_TEXT],
    }[subject_kind]
    found = []
    for number in range(draw(st.integers(least, 5))):
        field = draw(st.sampled_from(fields))
        shown = field is Field.IMAGE
        lures = draw(st.lists(st.sampled_from(["access", "unheard-of"]), max_size=3))
        traits = draw(st.lists(st.sampled_from([*BY_HAND, "unheard-of", "letters:3"]), max_size=4))
        measured = st.floats(-5, 25, allow_nan=False, width=32)
        evidence = draw(st.dictionaries(st.sampled_from(FEATURES), measured, max_size=8))
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
                layers=draw(
                    st.lists(st.sampled_from(["inverted", "mirrored", "badge", "confusable"]))
                ),
                lures=[] if shown else [f"{name}:word{at}" for at, name in enumerate(lures)],
                traits=[] if shown else traits,
                kinds=None if shown else draw(st.lists(st.just("transposition"), max_size=1)),
                evidence=draw(st.sampled_from([None, {"llr": draw(st.floats(-50, 50, width=32))}]))
                if shown
                else draw(st.sampled_from([evidence, [*evidence.items()]])),
                suppressed=draw(st.sampled_from([None, None, "the brand's own domain"])),
            )
        )
    assume(any(row["suppressed"] is None for row in found))
    return found


def log_odds(made: Score) -> float:
    return PRIOR + sum(signal.contribution for signal in made.signals)


@some
@given(rows())
def test_whatever_matches_come_the_score_is_within_its_range_and_explained(
    matches: list[dict[str, Any]],
) -> None:
    made = score(matches)
    assert 0 <= made.score <= 100
    for signal in made.signals:
        assert signal.says and signal.detector
        assert math.isfinite(signal.contribution)
    assert all(gate.startswith("Not above ") for gate in made.gates)


@some
@given(rows())
def test_the_prior_and_the_contributions_shown_add_up_to_the_score(
    matches: list[dict[str, Any]],
) -> None:
    made = score(matches)
    assert made.score == round(100 / (1 + math.exp(-log_odds(made) / ranking._SPREAD)))


@some
@given(rows(least=2), st.randoms())
def test_the_order_of_matches_does_not_matter(
    matches: list[dict[str, Any]], chance: random.Random
) -> None:
    shuffled = matches.copy()
    chance.shuffle(shuffled)
    assert score(shuffled) == score(matches)


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
    bands = {score([match(evidence=worth(odds))]).band for odds in (-6, -0.5, 0.5, 3, 7)}
    assert bands == set(Band)


def test_a_name_that_4000_new_ones_of_a_million_outrank_is_where_review_begins() -> None:
    just = score([match(evidence=worth(0.0))])
    assert (just.score, just.band) == (50, Band.REVIEW)
    assert score([match(evidence=worth(-0.1))]).band is Band.WATCH


@pytest.mark.parametrize("kind", NAMES)
def test_every_resemblance_of_a_name_has_words(kind: Resemblance) -> None:
    signals = {one.name: one for one in score([match(resemblance=str(kind))]).signals}
    assert "Acme Bank" in signals["host.resemblance"].says


@pytest.mark.parametrize("kind", IMAGES)
def test_every_resemblance_of_a_picture_has_a_weight_and_words(kind: Resemblance) -> None:
    (signal,) = score([picture(resemblance=str(kind))]).signals
    assert signal.name == f"image.{kind}"
    assert signal.contribution > 0


def test_every_feature_of_the_scorecard_belongs_to_one_question() -> None:
    asked = [feature for features in QUESTIONS.values() for feature in features]
    assert sorted(asked) == sorted(FEATURES)


@pytest.mark.parametrize("feature", [name for name in FEATURES if scorecard.weights().get(name)])
def test_whatever_a_name_is_measured_by_counts_by_its_weight(feature: str) -> None:
    before = worth(0.3)
    after = {**before, feature: before.get(feature, 0.0) + 0.5}
    moved = log_odds(score([match(evidence=after)])) - log_odds(score([match(evidence=before)]))
    assert moved == pytest.approx(0.5 * scorecard.weights()[feature], abs=0.005)


def test_a_dispute_is_weighed_without_what_phishing_taught() -> None:
    evidence = {**worth(0.3), "learned": 3.0}
    fraud = score([match(evidence=evidence)])
    dispute = score([match(evidence=evidence, traits=["dispute"])])
    assert log_odds(dispute) < log_odds(fraud)


@pytest.mark.parametrize("trait", sorted(set(BY_HAND) - set(name_signals._LAYERS)))
def test_a_rare_sign_is_added_by_hand(trait: str) -> None:
    weight, _ = BY_HAND[trait]
    signals = {one.name: one for one in score([match(traits=[trait])]).signals}
    assert signals[f"host.{trait}"].contribution == weight


def test_every_class_that_lures_beside_a_short_name_is_in_the_lexicon() -> None:
    assert name_signals.LURED_SHORT.keys() <= set(lexicon().names)


@pytest.mark.parametrize(
    ("evidence", "counts"),
    [
        ({"length": 3.0, "token": 1.0}, True),
        ({"length": 5.0, "gain": 0.2}, True),
        ({"length": 6.0, "token": 1.0}, False),
        ({"length": 3.0}, False),
        ({"length": 3.0, "token": 1.0, "rest_words": 0.3}, False),
        ({"length": 3.0, "token": 1.0, "rest_random": 0.2}, False),
    ],
    ids=str,
)
def test_a_short_name_among_nothing_but_lures_is_lifted(
    evidence: dict[str, float], counts: bool
) -> None:
    row = match(lures=["place:nl", "money:pay"], evidence=evidence)
    signals = {one.name: one for one in score([row]).signals}
    assert ("host.lured" in signals) is counts
    if counts:
        assert signals["host.lured"].raw == "money"


def test_a_disguise_counts_once_however_many_folds_it_needed() -> None:
    homograph = match(resemblance="homograph")
    once = score([homograph | {"layers": ["confusable"]}])
    assert log_odds(once) > log_odds(score([homograph]))
    assert score([homograph | {"layers": ["diacritic", "confusable", "styled"]}]) == once


def test_marks_on_letters_that_differ_anyway_are_no_disguise() -> None:
    typo = match(resemblance="typosquat")
    assert score([typo | {"layers": ["diacritic"]}]) == score([typo])


def test_the_words_beside_the_brand_and_the_kinds_are_told() -> None:
    evidence = {**worth(0.3), "learned": 2.0}
    row = match(lures=["access:login"], kinds=["transposition", "plural"], evidence=evidence)
    signals = {one.name: one.says for one in score([row]).signals}
    assert "“login” (access)" in signals["host.lure"]
    assert "transposition, plural" in signals["host.resemblance"]


def test_a_match_that_an_older_version_stored_is_weighed_as_if_nothing_were_known() -> None:
    assert score([match(evidence=None, kinds=None)]).band is Band.NONE


def test_of_one_field_only_the_strongest_match_counts() -> None:
    weak = match(match_id="01", evidence=worth(-1.0))
    assert score([weak, match()]) == score([match()])


def test_a_second_field_adds_but_less_than_alone() -> None:
    alone = {row["field"]: log_odds(score([row])) for row in (account(), account("display-name"))}
    both = log_odds(score([account(), account("display-name")]))
    assert max(alone.values()) < both < sum(alone.values()) - PRIOR


def test_a_second_field_that_speaks_against_the_case_is_left_out() -> None:
    against = account("display-name", evidence=worth(-4.0), lures=[])
    assert log_odds(score([against])) < PRIOR
    assert score([account(), against]) == score([account()])


def test_the_strongest_reasons_come_first() -> None:
    made = score([match(evidence={**worth(0.5), "edits": 1.0}, traits=["bidi", "common-word"])])
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


def test_text_in_the_picture_is_the_picture_s_element_of_identity_and_not_the_name_s() -> None:
    text = account("image-text", value="ACME BANK")
    assert score([text]).band is score([text, picture()]).band is Band.REVIEW
    assert ORDER.index(score([account(), text]).band) > ORDER.index(Band.REVIEW)


@pytest.mark.parametrize("kind", ["host", "image"])
def test_text_in_a_picture_alone_is_not_above_review(kind: str) -> None:
    made = score([account("image-text", subject_kind=kind)])
    assert made.band is Band.REVIEW
    assert made.gates == ("Not above review: only the text in a picture, read by a program",)


def test_what_a_picture_reads_is_told_as_read_there() -> None:
    row = account("image-text", value="ACME BANK", term="Acme Bank", resemblance="same-name")
    says = [signal.says for signal in score([row]).signals if "resemblance" in signal.name]
    assert says == ["The picture reads “ACME BANK”, which is the name “Acme Bank”"]


def test_letters_read_wrong_are_no_disguise() -> None:
    given = {"value": "ACME 8ANK", "resemblance": "homograph", "layers": ["visual"]}
    text = score([account("image-text", **given)])
    plain = score([account("image-text", **given | {"layers": []})])
    assert text.evidence == plain.evidence
    assert score([account(**given)]).evidence > plain.evidence
    word = {**given, "traits": ["common-word"], "lures": []}
    assert score([account("image-text", **word)]).band is Band.WATCH


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
    monkeypatch.setitem(picture_signals.LIKENESS, Resemblance.SAME_IMAGE, (9.0, 9.0, 9.0))
    made = score([picture(subject_kind="image")])
    assert made.band is Band.REVIEW
    assert made.gates == ("Not above review: a picture alone, on no account or site",)


def test_an_ordinary_word_with_nothing_beside_it_stays_at_watch() -> None:
    row = match(place="whole", traits=["common-word", "invisible"])
    made = score([row])
    assert made.band is Band.WATCH
    assert made.gates == ("Not above watch: an ordinary word, and nothing beside it",)
    lured = score([row | {"lures": ["access:login"]}])
    assert ORDER.index(lured.band) > ORDER.index(Band.WATCH) and lured.gates == ()


def test_a_short_name_among_other_words_stays_at_watch() -> None:
    row = match(term="ABN", place="token", traits=["invisible", "bidi"])
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
    made = score([match(traits=["delivery"], lures=LURED, evidence=worth(3.0))])
    assert made.band is Band.WATCH
    assert any("delivery network" in gate for gate in made.gates)


def test_the_brands_own_label_is_never_critical_by_its_name_alone() -> None:
    made = score([match(resemblance="same-label", place="whole", evidence=worth(5.0))])
    assert made.band is Band.HIGH
    assert any("may be its own" in gate for gate in made.gates)


def test_the_version_names_the_weights() -> None:
    assert ranking.VERSION.startswith("ranking-")
    assert len(ranking.VERSION.partition(".")[2]) == 8
