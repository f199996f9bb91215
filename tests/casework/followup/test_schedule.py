"""When it is looked at again: soon, then rarely; sooner after something happened; all in turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.followup.schedule import Pace, due_now, next_check, stirred
from namaak.records import Workflow

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PACE = Pace(first=6 * HOUR, slowest=14 * DAY, resolved_after=7 * DAY)


def plan(quiet: timedelta = 0 * DAY, workflow=Workflow.CONFIRMED, **other):
    given = {"down_since": None, "unconfirmed": False, "now": NOW} | other
    return next_check(PACE, workflow=workflow, quiet_since=NOW - quiet, **given)


def test_the_pause_grows_with_the_quiet_from_the_first_to_the_slowest():
    assert plan().interval == 6 * HOUR
    assert plan(4 * DAY).interval == DAY
    assert plan(365 * DAY).interval == 14 * DAY
    assert plan(4 * DAY).due_at == NOW + DAY


def test_what_nobody_works_at_is_looked_at_more_rarely():
    assert plan(workflow=Workflow.WATCHING).interval == DAY


def test_a_first_pause_longer_than_the_slowest_is_the_slowest():
    short = Pace(first=30 * DAY, slowest=2 * DAY, resolved_after=7 * DAY)
    found = next_check(
        short, workflow=Workflow.WATCHING, quiet_since=NOW, down_since=None, unconfirmed=False,
        now=NOW,
    )  # fmt: skip
    assert found.interval == 2 * DAY


def test_what_looks_down_once_is_looked_at_again_within_the_hour():
    assert plan(30 * DAY, unconfirmed=True).interval == HOUR


def test_while_it_is_down_it_is_seen_daily_and_when_the_days_are_over():
    found = plan(30 * DAY, down_since=NOW - 2 * DAY, unconfirmed=True)
    assert found.interval == DAY
    assert found.resolves_at == NOW + 5 * DAY
    assert plan(30 * DAY, down_since=NOW - 6.9 * DAY).due_at == NOW + 0.1 * DAY
    # What is resolved already is looked at as rarely as anything else.
    assert plan(30 * DAY, workflow=Workflow.RESOLVED, down_since=NOW - 20 * DAY).interval > 7 * DAY


def test_what_came_back_before_is_looked_at_when_a_second_round_can_count():
    assert plan(30 * DAY, unconfirmed=True, apart_by=3 * DAY).interval == 3 * DAY
    assert plan(unconfirmed=True, apart_by=3 * DAY).interval == 6 * HOUR


def test_what_is_down_is_looked_at_daily_however_long_the_time_until_it_is_resolved():
    long = Pace(first=6 * HOUR, slowest=14 * DAY, resolved_after=90 * DAY)
    found = next_check(
        long, workflow=Workflow.CONFIRMED, quiet_since=NOW - 30 * DAY, down_since=NOW - 2 * DAY,
        unconfirmed=False, now=NOW,
    )  # fmt: skip
    assert found.interval == DAY


@given(
    st.timedeltas(0 * DAY, 4000 * DAY),
    st.sampled_from(list(Workflow)),
    st.one_of(st.none(), st.timedeltas(0 * DAY, 400 * DAY)),
    st.booleans(),
)
def test_it_is_always_due_later_and_never_later_than_the_slowest(quiet, workflow, down, once):
    found = plan(quiet, workflow, down_since=None if down is None else NOW - down, unconfirmed=once)
    assert timedelta(seconds=1) <= found.interval <= PACE.slowest
    assert found.due_at == NOW + found.interval


@pytest.mark.parametrize(
    ("due", "happened", "expected"),
    [
        (10, None, 10),
        (10, -1, 10),  # before it was planned: the plan knows of it
        (10, 1, 1 + 0.25),
        (1.1, 1, 1.1),
    ],
)
def test_a_notice_that_went_out_since_brings_the_check_forward(due, happened, expected):
    found = stirred(
        NOW + due * DAY,
        planned_at=NOW,
        stirred_at=None if happened is None else NOW + happened * DAY,
        first=PACE.first,
    )
    assert found == NOW + expected * DAY


def test_what_was_never_checked_is_due_at_once():
    assert stirred(None, planned_at=None, stirred_at=NOW, first=PACE.first) is None


@dataclass(frozen=True)
class Case:
    name: int
    due_at: datetime | None


def test_the_worst_come_first_and_a_fifth_is_for_those_that_wait_longest():
    fresh = [Case(n, None) for n in range(20)]
    old = Case(99, NOW - 30 * DAY)
    later = Case(100, NOW + DAY)
    chosen = due_now([*fresh, Case(98, NOW - DAY), old, later], now=NOW, at_most=10)
    assert [one.name for one in chosen] == [0, 1, 2, 3, 4, 5, 6, 7, 98, 99]


def test_all_that_is_due_is_taken_where_the_budget_allows():
    cases = [Case(1, None), Case(2, NOW), Case(3, NOW + HOUR)]
    assert [one.name for one in due_now(cases, now=NOW, at_most=10)] == [1, 2]


def test_a_budget_of_one_is_kept():
    cases = [Case(1, None), Case(2, NOW - DAY)]
    assert [one.name for one in due_now(cases, now=NOW, at_most=1)] == [1]


def test_nobody_waits_for_ever_however_many_worse_ones_come():
    """The harmless one is chosen within few runs, though worse ones are always due."""
    waits = Case(0, NOW - DAY)
    worse = [Case(n, NOW - HOUR) for n in range(1, 50)]
    assert waits in due_now([*worse, waits], now=NOW, at_most=5)
