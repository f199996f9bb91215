"""The accounts benchmark makes what it says, judges it on the whole way and counts honestly."""

from __future__ import annotations

import json
import random

import pytest

from benchmarks.accounts import quality, speed, tricky
from benchmarks.accounts.brands import build
from benchmarks.accounts.judged import Account, band_of, judge, observed
from benchmarks.accounts.labelled import impostors
from benchmarks.accounts.posing import POSINGS, glued
from namaak.platforms import platform
from namaak.records import OBSERVATION_SCHEMA, Band


@pytest.fixture(scope="module")
def world():
    return build(None, many=3, chosen=random.Random(1))


@pytest.fixture(scope="module")
def made(world):
    return impostors(world, random.Random(2), each=1)


def test_every_way_but_the_executives_has_a_number_of_its_own():
    numbers = [one.number for one in POSINGS]
    assert sorted(numbers) == [number for number in range(1, 31) if number != 28]


@pytest.mark.parametrize("posing", POSINGS, ids=lambda one: one.name)
def test_a_way_changes_the_name_and_is_the_same_for_the_same_seed(posing):
    for make in filter(None, (posing.handle, posing.display)):
        made = {make("Waldermond Bank", random.Random(seed)) for seed in range(12)}
        again = {make("Waldermond Bank", random.Random(seed)) for seed in range(12)}
        assert made == again
        if posing.number != 27:
            assert "Waldermond Bank" not in made
        if make is posing.handle:
            assert glued("Waldermond Bank") not in made


def test_impostors_of_every_way_are_made_with_and_without_the_logo(made):
    labelled, pictures, _ = made
    assert {one.posing.number for one in labelled} >= set(range(1, 31)) - {9}
    assert {one.logo for one in labelled} == {True, False}
    assert all((one.account.avatar in pictures) == one.logo for one in labelled)


def test_no_impostor_has_a_handle_that_its_platform_refuses(made):
    labelled, _, _ = made
    for one in labelled:
        assert platform(one.account.platform).can_hold(one.account.handle)


def test_the_same_seed_makes_the_same_accounts(world, made):
    again, _, _ = impostors(world, random.Random(2), each=1)
    assert [one.account for one in again] == [one.account for one in made[0]]


def test_rows_hold_what_the_accounts_say(world):
    table = observed([Account(platform="x", handle="acme", facts={"followers": 7})])
    assert table.schema == OBSERVATION_SCHEMA
    assert table["followers"].to_pylist() == [7]
    assert table["bio"].to_pylist() == [None]


def test_an_own_account_is_no_case_and_a_bystander_none_at_all(world):
    accounts = [
        Account(platform="x", handle="waldermond", display_name="Waldermond"),
        Account(platform="x", handle="blueheron77", display_name="blue heron"),
        Account(platform="x", handle="waldermond_support", display_name="Waldermond"),
    ]
    found = judge(accounts, world.watchlist, {})
    assert found[0, "waldermond"] is None
    assert not [place for place, _ in found if place == 1]
    assert band_of(found[2, "waldermond"]) is Band.REVIEW


def test_tricky_innocents_stay_below_what_they_may_be_and_their_neighbours_are_found(capsys):
    assert quality.report_tricky(random.Random(3)) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(tricky.CASES) + 1
    assert lines[-1]["lost"] == 0


@pytest.mark.long
def test_recall_where_logo_or_display_name_agrees_is_as_wanted(world, made, capsys):
    labelled, pictures, _ = made
    judgements = quality.judged([one.account for one in labelled], world.watchlist, pictures)
    quality.report_impostors(labelled, judgements)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (agreeing,) = [line for line in lines if line.get("where") == "logo or display name agrees"]
    assert agreeing["n"] > 40
    assert agreeing["recall_review"] >= quality.WANTED_RECALL


def test_precision_counts_each_band_by_itself(capsys):
    quality.report_precision([Band.HIGH, Band.HIGH, Band.WATCH], [Band.HIGH, Band.NONE])
    lines = {line["band"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert lines["high"]["precision"] == 0.6667
    assert lines["watch"]["precision"] == 1.0
    assert lines["critical"]["precision"] is None


def test_speed_makes_as_many_handles_as_asked_and_says_both_stages(capsys):
    every, real = speed.handles(None, 500)
    assert (len(every), real) == (500, 0)
    assert every == speed.handles(None, 500)[0]
    assert speed.main(["--handles", "3000", "--brands", "20"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    stages = {line["stage"]: line for line in lines if line["measure"] == "speed"}
    assert set(stages) == {"names", "observations"}
    assert stages["names"]["hits"] == stages["observations"]["hits"]
