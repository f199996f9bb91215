"""Alive, parked, gone or unknown: what the findings of one host say together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.enriching import Aspect, Finding, Outcome
from namaak.enriching.intervals import due_after
from namaak.enriching.standing import state_of
from namaak.records import SubjectState
from tests.enriching.world import NOW


def finding(aspect, outcome=Outcome.ANSWERED, *, ago=0, **facts):
    return Finding(
        host="a.test", aspect=aspect, asked_at=NOW - timedelta(hours=ago), vantage="here",
        outcome=outcome, facts=facts,
    )  # fmt: skip


THERE = finding(Aspect.DNS, exists=True, registered=True, answers=True)
GONE = finding(Aspect.DNS, Outcome.ABSENT, exists=False, answers=False)


@pytest.mark.parametrize(
    ("findings", "state"),
    [
        ([], None),
        ([finding(Aspect.CERTIFICATE)], None),
        ([finding(Aspect.DNS, Outcome.TIMEOUT)], SubjectState.UNKNOWN),
        ([THERE, finding(Aspect.PAGE, kind="content")], SubjectState.LIVE),
        ([THERE, finding(Aspect.PAGE, kind="error")], SubjectState.LIVE),
        ([THERE, finding(Aspect.PAGE, kind="for-sale")], SubjectState.PARKED),
        ([THERE, finding(Aspect.PAGE, kind="default-server")], SubjectState.PARKED),
        ([THERE, finding(Aspect.PAGE, kind="suspended")], SubjectState.LIVE),
        ([THERE, finding(Aspect.PAGE, kind="suspended", recognised="a panel")],
         SubjectState.SUSPENDED),
        ([THERE, finding(Aspect.PAGE, kind="suspended", recognised="a panel", off_site=True)],
         SubjectState.LIVE),
        ([THERE, finding(Aspect.PAGE, Outcome.BLOCKED)], SubjectState.BLOCKED_VIEW),
        ([THERE, finding(Aspect.PAGE, Outcome.TIMEOUT)], SubjectState.UNREACHABLE),
        ([THERE, finding(Aspect.PAGE, Outcome.THROTTLED)], SubjectState.REGISTERED),
        ([finding(Aspect.DNS, Outcome.TIMEOUT), finding(Aspect.PAGE, Outcome.TIMEOUT)],
         SubjectState.UNKNOWN),
        ([THERE], SubjectState.REGISTERED),
        ([finding(Aspect.DNS, registered=True, exists=True, parking=[{}])], SubjectState.PARKED),
        ([GONE], SubjectState.UNKNOWN),
        ([GONE, finding(Aspect.RDAP, Outcome.ABSENT)], SubjectState.UNREGISTERED),
        ([GONE, finding(Aspect.RDAP, Outcome.NO_RDAP)], SubjectState.UNREGISTERED),
        ([GONE, finding(Aspect.RDAP, Outcome.TIMEOUT)], SubjectState.UNKNOWN),
        ([GONE, finding(Aspect.RDAP)], SubjectState.REGISTERED),
        ([GONE, finding(Aspect.RDAP, on_hold=True)], SubjectState.SUSPENDED),
        ([finding(Aspect.DNS, Outcome.BROKEN), finding(Aspect.RDAP, Outcome.ABSENT)],
         SubjectState.UNKNOWN),
    ],
)  # fmt: skip
def test_states(findings, state):
    assert state_of(findings) is state


def test_of_one_aspect_the_latest_counts():
    old = finding(Aspect.PAGE, kind="for-sale", ago=5)
    new = finding(Aspect.PAGE, kind="content")
    assert state_of([new, old]) is state_of([old, new]) is SubjectState.LIVE


@given(
    st.lists(
        st.builds(
            finding, st.sampled_from(Aspect), st.sampled_from(Outcome), ago=st.integers(0, 99)
        ),
        max_size=6,
    )
)
def test_without_facts_nothing_is_ever_unregistered_or_suspended(findings):
    assert state_of(findings) not in (SubjectState.UNREGISTERED, SubjectState.SUSPENDED)


@given(st.sampled_from(Aspect), st.sampled_from(Outcome))
def test_what_was_not_answered_is_never_good_for_longer_than_an_answer(aspect, outcome):
    due, good = due_after(aspect, outcome, NOW), due_after(aspect, Outcome.ANSWERED, NOW)
    assert good is not None
    if outcome in (Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.BROKEN, Outcome.MALFORMED):
        assert NOW < due < good
    # Pages of one host at most once in an hour, whatever came of it.
    assert due is None or due >= NOW + timedelta(hours=1)


@pytest.mark.parametrize("outcome", [Outcome.NO_BROWSER, Outcome.POLICY])
def test_what_asking_cannot_change_is_asked_by_people_only(outcome):
    assert due_after(Aspect.PAGE, outcome, NOW) is None
