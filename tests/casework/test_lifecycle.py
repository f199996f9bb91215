"""Which decisions lead where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.events import EventKind
from namaak.casework.lifecycle import (
    TRANSITIONS,
    Decision,
    DecisionKind,
    ReasonCode,
    Standing,
    Who,
    decide,
    possible,
    wakes,
    who_is,
)
from namaak.errors import UsageError
from namaak.records import Workflow

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
#: A complete decision of each kind.
COMPLETE = {
    DecisionKind.DISMISS: {"reason_code": ReasonCode.UNRELATED},
    DecisionKind.SNOOZE: {"until": LATER},
    DecisionKind.ASSIGN: {"assignee": "bob"},
    DecisionKind.NOTE: {"note": "seen"},
}


def complete(kind: DecisionKind) -> Decision:
    return Decision(kind=kind, **COMPLETE.get(kind, {}))


@given(st.sampled_from(Workflow), st.sampled_from(DecisionKind), st.sampled_from(Who))
def test_exactly_the_possible_decisions_are_possible(workflow, kind, who):
    standing = Standing(workflow=workflow)
    if kind in possible(workflow, who):
        decide(standing, complete(kind), who=who, now=NOW)
    else:
        with pytest.raises(UsageError, match="possible from here"):
            decide(standing, complete(kind), who=who, now=NOW)


def test_every_decision_has_one_row_in_the_table():
    assert sorted(t.decision for t in TRANSITIONS) == sorted(DecisionKind)


@pytest.mark.parametrize(
    ("start", "kind", "to"),
    [
        (Workflow.NEW, DecisionKind.TRIAGE, Workflow.TRIAGE),
        (Workflow.TRIAGE, DecisionKind.CONFIRM, Workflow.CONFIRMED),
        (Workflow.REOPENED, DecisionKind.DISMISS, Workflow.DISMISSED),
        (Workflow.NEW, DecisionKind.WATCH, Workflow.WATCHING),
        (Workflow.WATCHING, DecisionKind.SNOOZE, Workflow.SNOOZED),
        (Workflow.DISMISSED, DecisionKind.REOPEN, Workflow.REOPENED),
        (Workflow.CONFIRMED, DecisionKind.CLOSE, Workflow.CLOSED),
        (Workflow.ENFORCING, DecisionKind.NOTE, Workflow.ENFORCING),
    ],
)
def test_decisions_lead_where_the_plan_says(start, kind, to):
    after, _ = decide(Standing(workflow=start), complete(kind), who=Who.PERSON, now=NOW)
    assert after.workflow is to


def test_an_illegal_move_says_which_moves_there_are():
    with pytest.raises(UsageError, match=r"closed; possible from here: reopen, note\."):
        decide(
            Standing(workflow=Workflow.CLOSED),
            Decision(kind=DecisionKind.CONFIRM),
            who=Who.PERSON,
            now=NOW,
        )


def test_a_flow_may_reopen_but_not_confirm():
    assert who_is("flow:wake") is Who.FLOW
    assert who_is("ann") is Who.PERSON
    snoozed = Standing(workflow=Workflow.SNOOZED, snooze_until=NOW)
    after, event = decide(snoozed, complete(DecisionKind.REOPEN), who=Who.FLOW, now=NOW)
    assert (after.workflow, after.snooze_until, event) == (
        Workflow.REOPENED,
        None,
        EventKind.REOPENED,
    )
    with pytest.raises(UsageError, match="A flow cannot confirm"):
        decide(snoozed, complete(DecisionKind.CONFIRM), who=Who.FLOW, now=NOW)


def test_moving_on_forgets_reason_and_snooze_but_not_the_assignee():
    start = Standing(workflow=Workflow.DISMISSED, reason_code=ReasonCode.LICENSED, assignee="bob")
    after, _ = decide(start, complete(DecisionKind.REOPEN), who=Who.PERSON, now=NOW)
    assert after == Standing(workflow=Workflow.REOPENED, assignee="bob")
    closed, _ = decide(start, complete(DecisionKind.CLOSE), who=Who.PERSON, now=NOW)
    assert closed.reason_code is ReasonCode.LICENSED


@pytest.mark.parametrize(
    ("decision", "says"),
    [
        ({"kind": "dismiss"}, "Say why"),
        ({"kind": "confirm", "reason_code": "licensed"}, "goes with dismiss"),
        ({"kind": "snooze"}, "Say until when"),
        ({"kind": "snooze", "until": NOW}, "is past"),
        ({"kind": "snooze", "until": datetime(2027, 1, 1)}, "time zone"),
        ({"kind": "watch", "until": LATER}, "goes with snooze"),
        ({"kind": "confirm", "assignee": "bob"}, "goes with assign"),
        ({"kind": "assign", "assignee": " "}, "is empty"),
        ({"kind": "note"}, "is empty"),
        ({"kind": "note", "note": " \n"}, "is empty"),
        ({"kind": "note", "note": "x" * 10_001}, "shorten it to 10000"),
        ({"kind": "note", "note": "caf\udce9"}, "not UTF-8"),
    ],
)
def test_an_incomplete_decision_says_what_it_lacks(decision, says):
    with pytest.raises(UsageError, match=says):
        decide(Standing(workflow=Workflow.NEW), Decision(**decision), who=Who.PERSON, now=NOW)


@pytest.mark.parametrize("words", [{"kind": "explode"}, {"kind": "dismiss", "reason_code": "meh"}])
def test_unknown_words_are_refused_with_the_known_ones(words):
    with pytest.raises(UsageError, match="use one of"):
        Decision(**words)


@pytest.mark.parametrize(
    ("standing", "wakes_up"),
    [
        (Standing(workflow=Workflow.SNOOZED, snooze_on_change=True), True),
        (Standing(workflow=Workflow.SNOOZED, snooze_until=LATER), False),
        (Standing(workflow=Workflow.DISMISSED, reason_code=ReasonCode.WEAK_MATCH), True),
        (Standing(workflow=Workflow.DISMISSED, reason_code=ReasonCode.LICENSED), False),
        (Standing(workflow=Workflow.CONFIRMED), False),
        (Standing(workflow=Workflow.CLOSED), False),
    ],
)
def test_only_what_a_person_left_open_wakes_when_the_band_rises(standing, wakes_up):
    assert wakes(standing, rank_before=2, rank_after=3) is wakes_up
    assert not wakes(standing, rank_before=3, rank_after=3)
    assert not wakes(standing, rank_before=3, rank_after=2)
