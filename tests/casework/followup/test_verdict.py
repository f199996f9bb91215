"""What looks mean together: never down from silence, never resolved too early, never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.followup.verdict import (
    APART,
    LEAST_ROUNDS,
    NOT_LOOKED_AT,
    ONE_ADDRESS,
    SAME_RESOLVERS,
    Back,
    Down,
    Followed,
    Resolved,
    Says,
    apart,
    awaits_a_second,
    lacks_a_place,
    longest_hole,
    not_looked_at,
    reservation,
    rounds_of,
    says,
    settle,
)
from namaak.casework.followup.views import PLATFORM, RestsOn, Sight
from namaak.casework.lifecycle import ReasonCode, Standing
from namaak.records import Workflow

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def sights(hours: float, **seen: bool | None) -> list[Sight]:
    at = NOW + timedelta(hours=hours)
    return [Sight(checked_at=at, vantage=place, down=down) for place, down in seen.items()]


def both(hours: float, down: bool | None) -> list[Sight]:
    return sights(hours, here=down, far=down)


def confirmed(**other) -> Followed:
    return Followed(standing=Standing(workflow=Workflow.CONFIRMED), **other)


def settled(followed: Followed, *rounds: list[Sight], after: timedelta = WEEK):
    return settle(followed, [one for some in rounds for one in some], resolved_after=after)


def test_it_is_down_after_two_rounds_that_all_places_saw_so():
    once, steps = settled(confirmed(), both(0, False), both(6, True))
    assert (once.down_since, steps) == (None, ())
    twice, (down,) = settled(confirmed(), both(0, False), both(6, True), both(7, True))
    assert twice.down_since == NOW + 6 * HOUR
    assert isinstance(down, Down)
    assert down.last_up.at == NOW
    assert (down.first.at, down.second.at) == (NOW + 6 * HOUR, NOW + 7 * HOUR)
    assert twice.standing.workflow is Workflow.CONFIRMED


def test_two_rounds_close_together_may_be_one_outage():
    _, steps = settled(confirmed(), both(6, True), both(6.9, True))
    assert steps == ()


@pytest.mark.parametrize("other", [None, False])
def test_one_place_that_does_not_see_it_gone_is_enough_for_not_down(other):
    seen = [sights(hours, here=True, far=other) for hours in range(20)]
    after, steps = settled(confirmed(), *seen)
    assert (after.down_since, steps) == (None, ())


def test_with_one_place_nothing_is_ever_down_and_that_can_be_told():
    seen = [sights(hours, here=True) for hours in range(300)]
    assert settled(confirmed(), *seen)[1] == ()
    assert lacks_a_place(seen[0])
    assert not lacks_a_place(both(0, True))


def test_only_what_looks_down_and_is_not_yet_waits_for_a_second_round():
    once = rounds_of([*both(0, False), *both(6, True)])
    watched = Followed(standing=Standing(workflow=Workflow.WATCHING))
    assert awaits_a_second(confirmed(), once) and awaits_a_second(watched, once)
    assert not awaits_a_second(watched, rounds_of(both(0, True)))
    assert not awaits_a_second(confirmed(down_since=NOW), once)
    assert not awaits_a_second(confirmed(), rounds_of(both(0, None)))


def test_the_platforms_own_word_stands_for_all_places():
    seen = [sights(hours, **{PLATFORM: True}) for hours in (0, 24)]
    after, _ = settled(confirmed(), *seen)
    assert after.down_since == NOW
    assert not lacks_a_place(seen[0])


def seen_by(**places: tuple[str | None, str | None, str | None]) -> list[Sight]:
    """By place: what it rests on, by which resolvers, from which address; all of them say down."""
    return [
        Sight(
            checked_at=NOW,
            vantage=place,
            down=True,
            rests_on=RestsOn(rests_on) if rests_on else None,
            names_by=names_by,
            pages_by=pages_by,
        )
        for place, (rests_on, names_by, pages_by) in places.items()
    ]


@pytest.mark.parametrize(
    ("here", "far", "told"),
    [
        (("page", "a", "us"), ("page", "b", "us"), ONE_ADDRESS),
        (("page", "a", "us"), ("page", "a", "proxy"), None),
        (("names", "a", "us"), ("names", "b", "us"), None),
        (("names", "a", "us"), ("names", "a", "proxy"), SAME_RESOLVERS),
        (("registry", "a", "us"), ("registry", "a", "proxy"), None),
        (("names", "a", "us"), ("page", "b", "us"), None),
        ((None, None, None), (None, None, None), None),  # kept before this was written down
    ],
)
def test_places_that_share_their_eyes_count_with_a_reservation(here, far, told):
    sights_of_both = seen_by(here=here, far=far)
    assert says(sights_of_both) is Says.DOWN
    assert reservation(sights_of_both) == told


def test_pages_that_were_not_looked_at_limit_what_pages_say_and_not_what_names_say():
    page, names = (seen_by(here=(kind, "a", "us"), far=(kind, "b", "them"))
                   for kind in ("page", "names"))  # fmt: skip
    assert not_looked_at(page) is None
    told = [replace(one, left_out=place) for place, one in enumerate(page, start=2)]
    assert not_looked_at(told) == f"{NOT_LOOKED_AT}: 3"
    assert not_looked_at([replace(one, down=None) for one in told]) is None
    assert not_looked_at([replace(one, left_out=2) for one in names]) is None


def test_what_is_not_down_has_no_reservation():
    (here, far) = seen_by(here=("page", "a", "us"), far=("page", "b", "us"))
    assert reservation([here]) is None
    assert reservation([here, replace(far, down=None)]) is None


def test_silence_between_two_rounds_neither_ends_nor_confirms():
    _, steps = settled(confirmed(), both(0, True), both(2, None))
    assert steps == ()
    _, (down,) = settled(confirmed(), both(0, True), both(2, None), both(4, True))
    assert down.second.at == NOW + 4 * HOUR


def test_one_look_that_sees_it_begins_the_count_again():
    seen = [both(0, True), sights(1, here=True, far=False), both(2, True)]
    assert settled(confirmed(), *seen)[1] == ()


def test_what_is_watched_and_was_never_there_did_not_go_away():
    watched = Followed(standing=Standing(workflow=Workflow.WATCHING))
    assert settled(watched, both(0, True), both(6, True))[1] == ()
    after, _ = settled(watched, both(0, False), both(6, True), both(12, True))
    assert after.down_since == NOW + 6 * HOUR


def days_down(days: float, start: float = 0) -> list[list[Sight]]:
    return [both(start + 24 * part / 2, True) for part in range(int(days * 2) + 1)]


def test_it_is_resolved_when_it_was_down_for_all_the_days():
    early, steps = settled(confirmed(), *days_down(6.5))
    assert [type(step) for step in steps] == [Down]
    assert early.standing.workflow is Workflow.CONFIRMED
    done, steps = settled(confirmed(), *days_down(7))
    assert [type(step) for step in steps] == [Down, Resolved]
    assert done.standing.workflow is Workflow.RESOLVED
    assert steps[1].last.at - steps[1].first.at >= WEEK


def test_days_when_nobody_looked_do_not_count():
    seen = [both(0, True), both(2, True), both(24 * 8, True)]
    after, steps = settled(confirmed(), *seen)
    assert [type(step) for step in steps] == [Down]
    assert after.down_since == NOW


def test_a_few_looks_among_many_that_could_not_tell_resolve_nothing():
    seen = [both(hours, True) for hours in (0, 2, 80, 160, 169)]
    seen += [both(hours, None) for hours in range(24, 169, 24)]
    assert [type(step) for step in settled(confirmed(), *seen)[1]] == [Down]


def test_days_behind_a_hole_of_more_than_two_pauses_begin_anew():
    holed = [*days_down(3), *days_down(5, start=24 * 3 + 52)]
    assert [type(step) for step in settled(confirmed(), *holed)[1]] == [Down]
    nearly = [*days_down(3), *days_down(5, start=24 * 3 + 50)]
    assert [type(step) for step in settled(confirmed(), *nearly)[1]] == [Down, Resolved]


def test_rounds_that_could_not_tell_must_be_the_lesser_part():
    seen = days_down(7)
    silent = [both(1 + 8 * number, None) for number in range(20)]
    assert len(silent) > len(seen)
    assert [type(step) for step in settled(confirmed(), *seen, *silent)[1]] == [Down]
    fewer = settled(confirmed(), *seen, *silent[: len(seen) - 1])[1]
    assert [type(step) for step in fewer] == [Down, Resolved]


@pytest.mark.parametrize("after", [timedelta(minutes=30), HOUR, timedelta(days=2)])
def test_however_short_the_time_some_rounds_must_have_told(after):
    """They stand close enough together to be one run."""
    pause = min(after / 2, HOUR)
    few = [both((pause / HOUR) * number, True) for number in range(LEAST_ROUNDS - 1)]
    _, steps = settled(confirmed(down_since=NOW), *few, after=after)
    assert steps == ()


def test_a_long_time_still_needs_a_look_a_day_or_two():
    month = timedelta(days=30)
    weekly = [both(24 * 7 * number, True) for number in range(6)]
    assert [type(one) for one in settled(confirmed(), *weekly, after=month)[1]] == [Down]
    daily = [both(24 * number, True) for number in range(31)]
    assert [type(one) for one in settled(confirmed(), *daily, after=month)[1]] == [Down, Resolved]


@pytest.mark.parametrize("hours", [2, 5, 24, 26, 48, 50])
def test_a_page_that_is_switched_on_and_off_is_told_of_ever_more_rarely(hours):
    """For a month: each time it is away for `hours`, and back in the next round."""
    followed, seen, steps, at = confirmed(), [], [], 0
    while at < 24 * 30:
        seen += [both(at, True), both(at + hours - 1, True)]
        followed, more = settled(followed, *seen)
        steps += more
        seen.append(both(at + hours, False))
        followed, more = settled(followed, *seen)
        steps += more
        assert followed.down_since is None  # one round that sees it is enough
        at += hours + 1
    assert len(steps) <= 14
    # What goes for good is down, however often it came back.
    for number in range(9):
        seen.append(both(at + 24 * number, True))
    followed, (*_, last) = settled(followed, *seen)
    assert isinstance(last, Down | Resolved)
    assert followed.down_since == NOW + timedelta(hours=at)


@given(st.integers(0, 30))
def test_what_came_back_more_often_must_stay_away_no_shorter(relapses):
    assert APART <= apart(relapses) <= apart(relapses + 1) <= 7 * 24 * HOUR


def test_what_nobody_enforced_is_not_resolved():
    snoozed = Followed(standing=Standing(workflow=Workflow.SNOOZED, snooze_on_change=True))
    after, steps = settled(snoozed, both(-6, False), *days_down(9))
    assert [type(step) for step in steps] == [Down]
    assert after.standing.workflow is Workflow.SNOOZED


def test_resolved_and_back_is_reopened_and_counted():
    done, _ = settled(confirmed(), *days_down(7))
    back, (step,) = settled(done, *days_down(7), sights(24 * 9, here=None, far=False))
    assert isinstance(step, Back) and step.reopened
    assert back.standing.workflow is Workflow.REOPENED
    assert (back.down_since, back.relapses) == (None, 1)


def test_back_while_it_is_enforced_stays_enforced():
    enforced = Followed(standing=Standing(workflow=Workflow.ENFORCING), down_since=NOW)
    after, (step,) = settled(enforced, both(0, True), both(5, False))
    assert not step.reopened
    assert after == Followed(standing=Standing(workflow=Workflow.ENFORCING), relapses=1)


def test_what_was_dismissed_for_good_stays_dismissed_though_it_is_back():
    standing = Standing(workflow=Workflow.DISMISSED, reason_code=ReasonCode.LICENSED)
    after, _ = settled(Followed(standing=standing, down_since=NOW), both(5, False))
    assert after.standing == standing


def test_a_second_life_can_end_too():
    seen = [*days_down(7), both(24 * 9, False), both(24 * 10, True), both(24 * 11, True)]
    after, steps = settled(confirmed(), *seen)
    assert [type(step) for step in steps] == [Down]  # of the second life; the first was not told
    done, _ = settled(confirmed(), *seen[:15])
    after, steps = settled(done, *seen)
    assert [type(step) for step in steps] == [Back, Down]
    assert after.down_since == NOW + 24 * 10 * HOUR


places = st.sampled_from(["here", "far", "third"])
downs = st.sampled_from([True, True, False, None])
one_sight = st.builds(
    lambda hours, place, down: Sight(
        checked_at=NOW + timedelta(hours=hours), vantage=place, down=down
    ),
    st.integers(0, 24 * 30),
    places,
    downs,
)
histories = st.lists(one_sight, max_size=40, unique_by=lambda one: (one.checked_at, one.vantage))
#: Dense enough for whole weeks of being down.
weeks = st.lists(st.sampled_from([True, True, True, True, None, False]), max_size=60).map(
    lambda seen: [one for place, down in enumerate(seen) for one in both(12 * place, down)]
)
anything = st.one_of(histories, weeks)
standings = st.sampled_from(
    [
        Standing(workflow=Workflow.CONFIRMED),
        Standing(workflow=Workflow.ENFORCING),
        Standing(workflow=Workflow.WATCHING),
        Standing(workflow=Workflow.RESOLVED),
        Standing(workflow=Workflow.REOPENED),
        Standing(workflow=Workflow.SNOOZED, snooze_on_change=True),
        Standing(workflow=Workflow.DISMISSED, reason_code=ReasonCode.WEAK_MATCH),
    ]
)


@given(anything, standings, st.randoms())
def test_the_order_in_which_checks_are_read_changes_nothing(seen, standing, random):
    mixed = list(seen)
    random.shuffle(mixed)
    before = Followed(standing=standing)
    assert settle(before, seen, resolved_after=WEEK) == settle(before, mixed, resolved_after=WEEK)


@given(anything, standings)
def test_what_was_settled_is_settled(seen, standing):
    after, _ = settle(Followed(standing=standing), seen, resolved_after=WEEK)
    assert settle(after, seen, resolved_after=WEEK) == (after, ())


@given(anything, standings, st.integers(0, 40))
def test_a_run_that_stopped_halfway_comes_to_where_a_whole_one_does(seen, standing, place):
    """Down and the workflow; what happened in between may be told or not."""
    part = sorted(seen, key=lambda one: one.checked_at)
    cut = [one for one in part if one.checked_at <= NOW + timedelta(hours=12 * place)]
    halfway, _ = settle(Followed(standing=standing), cut, resolved_after=WEEK)
    then, _ = settle(halfway, part, resolved_after=WEEK)
    again, steps = settle(then, part, resolved_after=WEEK)
    assert (again, steps) == (then, ())
    if then.down_since is not None:
        assert not [
            one for one in rounds_of(part) if one.says is Says.UP and one.at > then.down_since
        ]


@given(anything, standings)
def test_it_is_never_down_from_what_nobody_could_tell(seen, standing):
    veiled = [
        Sight(checked_at=one.checked_at, vantage=one.vantage, down=one.down and None)
        for one in seen
    ]
    after, steps = settle(Followed(standing=standing), veiled, resolved_after=WEEK)
    assert (after.down_since, steps) == (None, ())


@given(anything, standings)
def test_it_is_down_only_by_two_whole_rounds_with_nothing_seen_between(seen, standing):
    _, steps = settle(Followed(standing=standing), seen, resolved_after=WEEK)
    for step in steps:
        if isinstance(step, Down):
            assert step.second.at - step.first.at >= APART
            for one in (step.first, step.second):
                assert len({sight.vantage for sight in one.sights}) >= 2
                assert all(sight.down is True for sight in one.sights)
            between = [one for one in rounds_of(seen) if step.first.at <= one.at <= step.second.at]
            assert all(one.says is not Says.UP for one in between)


@given(weeks, st.floats(0.5, 20))
def test_it_is_never_resolved_before_the_time(seen, days):
    needed = timedelta(days=days)
    _, steps = settle(confirmed(), seen, resolved_after=needed)
    for step in steps:
        if isinstance(step, Resolved):
            assert step.last.at - step.first.at >= needed
            run = [one for one in rounds_of(seen) if step.first.at <= one.at <= step.last.at]
            assert all(one.says is not Says.UP for one in run)
            told = [one.at for one in run if one.says is Says.DOWN]
            assert all(later - earlier <= longest_hole(needed) for earlier, later in pairwise(told))
            assert step.rounds == len(told) >= LEAST_ROUNDS
            assert len(told) > len(run) - len(told)
            last = [one for one in rounds_of(seen) if one.says is not Says.UNCLEAR][-1]
            assert last.says is Says.DOWN


@given(st.lists(one_sight, min_size=1, max_size=4))
def test_a_round_says_one_thing(seen):
    word = says(seen)
    if any(one.down is False for one in seen):
        assert word is Says.UP
    elif any(one.down is None for one in seen):
        assert word is Says.UNCLEAR
