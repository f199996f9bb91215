"""Weights from verdicts, the pure part: what teaches, what is fitted, what is measured."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.casework import ranking
from namaak.casework.learned.fitting import (
    LEAST,
    LEAST_GROUPS,
    LEAST_OF_A_KIND,
    LEAST_SEEN,
    LEAST_VERDICTS,
    MOST,
    check_enough,
    fit,
)
from namaak.casework.learned.learning import Lesson, learn_from
from namaak.casework.learned.measuring import compare, is_no_worse, measure
from namaak.casework.learned.verdicts import Verdict, gather, held_back, of_a_kind, shares
from namaak.errors import UsageError

BANDS = {"review": 50, "high": 80}
SIGNALS = {"host.resemblance": 1.5, "host.rarity": -1.0, "host.lure": 1.2, "page.title-brand": 2.0,
           "rdap.old": -1.5, "dns.mail-capable": 0.8}  # fmt: skip
#: Verdicts that tell them apart, in pure chance otherwise.
PLANTED = {"host.lure": 2.0, "page.title-brand": 2.0, "dns.mail-capable": 0.3, "rdap.old": 0.4}


def made(number: int, *, seed: int = 1, planted: Mapping[str, float] = PLANTED) -> list[Verdict]:
    """Verdicts as chance gives them where the signals weigh so many times the shipped weights."""
    chance = random.Random(seed)
    found = []
    for place in range(number):
        evidence = {name: weight * chance.uniform(0.5, 1.5) for name, weight in SIGNALS.items()
                    if chance.random() < 0.5}  # fmt: skip
        odds = -0.8 + sum(planted.get(name, 1.0) * value for name, value in evidence.items())
        found.append(
            Verdict(
                case_id=f"NK-{place:06}",
                poses=chance.random() < 1 / (1 + math.exp(-odds)),
                group=f"NK-{place:06}",
                evidence=evidence,
            )
        )
    return found


def lesson(verdicts: list[Verdict], **before: float) -> Lesson:
    return learn_from(
        verdicts, before=before, fitted_on="ranking-7.0", points=ranking.points_of, bands=BANDS
    )


def test_planted_multipliers_are_found_again_up_to_a_common_factor() -> None:
    found = fit(made(4000)).multipliers
    scale = found.get("host.resemblance", 1.0)
    for name in SIGNALS:
        assert found.get(name, 1.0) / scale == pytest.approx(
            PLANTED.get(name, 1.0), rel=0.35, abs=0.15
        )


def test_verdicts_as_the_shipped_weights_foretell_them_move_little() -> None:
    found = fit(made(2000, planted={})).multipliers
    assert all(abs(times - 1) < 0.25 for times in found.values())


def test_few_verdicts_move_less_than_many() -> None:
    few, many = fit(made(210)).multipliers, fit(made(4000)).multipliers
    assert abs(few.get("page.title-brand", 1.0) - 1) < abs(many["page.title-brand"] - 1)


def test_learned_weights_fit_held_back_verdicts_better_where_there_is_something_to_learn() -> None:
    found = lesson(made(1500))
    assert found.better and found.after.log_loss < found.before.log_loss - 0.005
    assert found.taught + found.after.verdicts == 1500
    moved = {row["name"]: row for row in found.report({})["moved"]}
    assert moved["dns.mail-capable"]["is"] < 1 < moved["page.title-brand"]["is"]
    assert moved["page.title-brand"]["confirmed"] > moved["page.title-brand"]["dismissed"] > 0


def test_what_is_worse_on_held_back_verdicts_is_said_to_be() -> None:
    taught, kept = made(600), made(600, seed=2, planted=dict.fromkeys(SIGNALS, 1.0))
    upside_down = fit([
        Verdict(case_id=one.case_id, poses=not one.poses, group=one.group, evidence=one.evidence)
        for one in taught
    ])  # fmt: skip
    before, after = compare(kept, upside_down, points=ranking.points_of, bands=BANDS)
    assert not is_no_worse(before, after)


def test_the_weights_that_count_until_now_are_what_it_is_compared_with() -> None:
    verdicts = made(1500)
    first = lesson(verdicts)
    again = lesson(verdicts, **first.fit.multipliers)
    assert again.version == first.version
    assert again.before.log_loss == pytest.approx(first.after.log_loss, abs=1e-3)
    assert again.report({})["moved"] == []


evidences = st.dictionaries(
    st.sampled_from(sorted(SIGNALS)), st.floats(-4, 4, allow_nan=False).map(lambda x: round(x, 3)),
    max_size=6,
)  # fmt: skip
some_verdicts = st.lists(st.tuples(evidences, st.booleans(), st.integers(0, 30)), min_size=2,
                         max_size=80).map(
    lambda rows: [
        Verdict(case_id=f"NK-{place}", poses=poses, group=f"g{group}", evidence=evidence)
        for place, (evidence, poses, group) in enumerate(rows)
    ]
)  # fmt: skip


@given(some_verdicts)
@settings(deadline=None, max_examples=60)
def test_no_verdicts_make_a_sign_change_sides(verdicts: list[Verdict]) -> None:
    found = fit(verdicts)
    assert all(LEAST <= times <= MOST for times in found.multipliers.values())
    assert found.slope > 0 and found.before_slope > 0
    assert all(math.isfinite(one) for one in (found.intercept, found.slope))


@given(some_verdicts, evidences, st.sampled_from(sorted(SIGNALS)), st.floats(0, 4))
@settings(deadline=None, max_examples=60)
def test_more_evidence_for_a_case_never_lowers_what_was_learned_of_it(
    verdicts: list[Verdict], evidence: dict[str, float], name: str, more: float
) -> None:
    times = fit(verdicts).multipliers
    less = {**evidence, name: min(evidence.get(name, 0.0), 0.0)}
    greater = {**less, name: less[name] + more}

    def total(of: dict[str, float]) -> float:
        return sum(value * times.get(name, 1.0) for name, value in of.items())

    assert total(greater) >= total(less)


@given(some_verdicts, st.randoms())
@settings(deadline=None, max_examples=30)
def test_a_signal_that_is_seldom_met_stays_as_it_is_shipped(verdicts, rng) -> None:
    found = fit(verdicts)
    for name, (confirmed, dismissed) in found.seen.items():
        if confirmed + dismissed < LEAST_SEEN:
            assert name not in found.multipliers


def test_the_same_verdicts_in_another_order_give_the_same_version() -> None:
    verdicts = made(600)
    shuffled = random.Random(3).sample(verdicts, len(verdicts))
    assert lesson(verdicts) == lesson(shuffled)


@pytest.mark.parametrize(
    ("number", "poses", "lacks"),
    [
        (199, lambda place: place % 2 == 0, "1 more in all"),
        (300, lambda place: place < 39, "1 more confirmed"),
        (300, lambda place: place >= 10, "30 more dismissed"),
        (
            0,
            lambda _: True,
            "200 more in all, 120 more that are no copies, 40 more confirmed, 40 more dismissed",
        ),
    ],
)
def test_too_few_verdicts_are_refused_with_how_many_lack(number, poses, lacks) -> None:
    verdicts = [Verdict(case_id=str(place), poses=poses(place), group=str(place), evidence={"a": 1})
                for place in range(number)]  # fmt: skip
    with pytest.raises(UsageError, match=lacks):
        check_enough(verdicts)
    assert (LEAST_VERDICTS, LEAST_GROUPS, LEAST_OF_A_KIND) == (200, 120, 40)


def test_copies_of_one_campaign_count_once_towards_what_is_needed() -> None:
    copies = [Verdict(case_id=str(place), poses=True, group="one", evidence={"a": 1.0})
              for place in range(500)]  # fmt: skip
    others = [Verdict(case_id=f"n{place}", poses=False, group=f"n{place}", evidence={"a": 1.0})
              for place in range(100)]  # fmt: skip
    with pytest.raises(UsageError, match="39 more confirmed"):
        check_enough(copies + others)
    assert of_a_kind(copies + others) == (1, 100)
    assert shares(copies + others)[0] == pytest.approx(500**-0.5)
    assert shares(copies + others)[-1] == 1.0


def test_copies_of_one_campaign_make_no_number_that_others_would_have_to() -> None:
    copies = [Verdict(case_id=f"z{place}", poses=True, group="one", evidence={"a": 1.0})
              for place in range(1000)]  # fmt: skip
    others = [Verdict(case_id=f"y{place}", poses=place % 2 == 0, group=f"q{place}",
                      evidence={"a": 1.0}) for place in range(118)]  # fmt: skip
    with pytest.raises(UsageError, match=r"decide about 1 more that are no copies\.$"):
        check_enough(copies + others)
    check_enough([*copies, *others, replace(others[1], case_id="x", group="x")])


def test_what_is_held_back_to_measure_teaches_nothing() -> None:
    verdicts = made(1000)
    turned = [replace(one, poses=one.poses != held_back(one)) for one in verdicts]
    assert lesson(turned).fit == lesson(verdicts).fit
    assert lesson(turned).after != lesson(verdicts).after


def test_about_a_third_is_held_back_and_copies_are_never_on_both_sides() -> None:
    kept = [held_back(one) for one in made(2000)]
    assert 0.25 < sum(kept) / len(kept) < 0.35
    copies = [Verdict(case_id=str(n), poses=True, group="same", evidence={}) for n in range(50)]
    assert len({held_back(one) for one in copies}) == 1


# -- which decisions are verdicts


def said(case_id: str, word: str = "confirmed", reason: str | None = None, **more: Any) -> dict:
    row = {"case_id": case_id, "word": word, "reason_code": reason, "brand_id": "acme",
           "series": None, "domain": None, "campaign_id": None}  # fmt: skip
    return row | more


def signal(case_id: str, name: str = "host.rarity", contribution: float = 1.0,
           rank_version: str = "ranking-7.0") -> dict:  # fmt: skip
    return {"case_id": case_id, "name": name, "contribution": contribution,
            "rank_version": rank_version}  # fmt: skip


def gathered(rows: list[dict], signals: list[dict] | None = None, **multipliers: dict):
    signals = [signal(row["case_id"]) for row in rows] if signals is None else signals
    known = {name.replace("_", "-"): one for name, one in multipliers.items()}
    return gather(
        rows, signals, multipliers=known,
        learnable=lambda name: not name.startswith("campaign."),
    )  # fmt: skip


def test_only_words_about_likeness_are_verdicts_and_the_others_are_counted() -> None:
    found = gathered([
        said("a"), said("b", "enforced"), said("c", "dismissed", "unrelated"),
        said("d", "dismissed", "weak-match"), said("e", "dismissed", "fan-parody"),
        said("f", "dismissed", "own-asset"), said("g", "dismissed", "licensed"),
        said("h", "dismissed", "duplicate"), said("i", "reopened"), said("j", "watched"),
    ])  # fmt: skip
    assert {one.case_id: one.poses for one in found.verdicts} == {
        "a": True, "b": True, "c": False, "d": False, "e": False,
    }  # fmt: skip
    assert found.left_out == {
        "dismissed as own-asset": 1, "dismissed as licensed": 1, "dismissed as duplicate": 1,
        "undecided again": 2,
    }  # fmt: skip


def test_a_verdict_without_evidence_is_left_out_and_counted() -> None:
    assert gathered([said("a")], []).left_out == {"no evidence kept": 1}
    only_ties = [signal("a", "campaign.confirmed")]
    assert gathered([said("a")], only_ties).verdicts == ()


def test_copies_share_a_group_over_series_domain_and_campaign() -> None:
    found = gathered([
        said("a", series="acmelogin"), said("b", series="acmelogin", domain="x.test"),
        said("c", domain="x.test"), said("d", campaign_id="NK-1"), said("e", campaign_id="NK-1"),
        said("f", series="acmelogin", brand_id="peer"), said("g"),
    ])  # fmt: skip
    groups = {one.case_id: one.group for one in found.verdicts}
    assert groups["a"] == groups["b"] == groups["c"]
    assert groups["d"] == groups["e"]
    assert len(set(groups.values())) == 4


def test_what_was_shown_with_learned_weights_is_told_as_the_shipped_ones_had_it() -> None:
    found = gathered(
        [said("a")], [signal("a", contribution=3.0, rank_version="ranking-7.0+w-1")],
        w_1={"host.rarity": 1.5},
    )  # fmt: skip
    assert found.verdicts[0].evidence == {"host.rarity": 2.0}


# -- what is measured


def test_the_figures_of_a_band_are_counted() -> None:
    verdicts = [
        Verdict(case_id=str(n), poses=poses, group=str(n), evidence={"x": total})
        for n, (poses, total) in enumerate([(True, 9.0), (True, 0.0), (False, 9.0), (False, 0.0)])
    ]
    found = measure(verdicts, multipliers={}, intercept=0.0, slope=1.0, points=ranking.points_of,
                    bands=BANDS)  # fmt: skip
    assert (found.bands["high"].shown, found.bands["high"].right) == (2, 1)
    assert found.bands["high"].precision == found.bands["high"].recall == 0.5
    assert found.verdicts == 4 == sum(part.verdicts for part in found.calibration)
    assert measure([], multipliers={}, intercept=0, slope=1, points=ranking.points_of,
                   bands=BANDS).bands["high"].precision is None  # fmt: skip
    half = -(math.log(1 / (1 + math.exp(-9))) + math.log(0.5) * 2 + math.log(1 / (1 + math.exp(9))))
    assert found.log_loss == pytest.approx(half / 4)
