"""Which decisions lead where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from namaak.casework.action_moves import (
    ACTION_TRANSITIONS,
    ActionMove,
    in_words,
    move,
    possible_moves,
)
from namaak.casework.events import EventKind
from namaak.casework.followup.views import View
from namaak.casework.lifecycle import (
    BY_HAND,
    TRANSITIONS,
    Decision,
    DecisionKind,
    ReasonCode,
    Standing,
    Who,
    decide,
    possible,
    wakes,
    wakes_on_change,
    who_is,
)
from namaak.casework.loading import Changes, Seen
from namaak.casework.profiles import SeenAgain
from namaak.casework.subject_moves import (
    SUBJECT_STATES,
    Sight,
    is_surely_down,
    may_be_down,
    moves,
)
from namaak.errors import UsageError
from namaak.records import ActionState, SubjectState, Workflow

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
#: A complete decision of each kind.
COMPLETE = {
    DecisionKind.DISMISS: {"reason_code": ReasonCode.UNRELATED},
    DecisionKind.SNOOZE: {"until": LATER},
    DecisionKind.ASSIGN: {"assignee": "bob"},
    DecisionKind.NOTE: {"note": "seen"},
    DecisionKind.ENFORCE: {"action_id": "NA-1"},
    DecisionKind.RESOLVE: {"down_since": NOW - timedelta(days=7)},
}
PERSON, FLOW = frozenset({Who.PERSON}), frozenset(Who)
NEW, TRIAGE, REOPENED = Workflow.NEW, Workflow.TRIAGE, Workflow.REOPENED
CONFIRMED, ENFORCING, RESOLVED = Workflow.CONFIRMED, Workflow.ENFORCING, Workflow.RESOLVED
WATCHING, SNOOZED = Workflow.WATCHING, Workflow.SNOOZED
DISMISSED, CLOSED = Workflow.DISMISSED, Workflow.CLOSED
#: The plan, written down a second time: who may decide what from where, and where that leads.
PLAN: dict[DecisionKind, tuple[set[Workflow], Workflow | None, frozenset[Who]]] = {
    DecisionKind.TRIAGE: ({NEW, REOPENED, WATCHING, SNOOZED}, TRIAGE, PERSON),
    DecisionKind.CONFIRM: ({NEW, TRIAGE, REOPENED, WATCHING, SNOOZED}, CONFIRMED, PERSON),
    DecisionKind.DISMISS: (
        {NEW, TRIAGE, REOPENED, WATCHING, SNOOZED, CONFIRMED, ENFORCING}, DISMISSED, PERSON,
    ),
    DecisionKind.WATCH: ({NEW, TRIAGE, REOPENED, CONFIRMED, SNOOZED}, WATCHING, PERSON),
    DecisionKind.SNOOZE: (
        {NEW, TRIAGE, REOPENED, CONFIRMED, WATCHING, SNOOZED}, SNOOZED, PERSON,
    ),
    DecisionKind.REOPEN: ({WATCHING, SNOOZED, DISMISSED, RESOLVED, CLOSED}, REOPENED, FLOW),
    DecisionKind.CLOSE: (
        {NEW, TRIAGE, REOPENED, CONFIRMED, ENFORCING, DISMISSED, RESOLVED, WATCHING}, CLOSED,
        PERSON,
    ),
    DecisionKind.ENFORCE: (
        {NEW, TRIAGE, REOPENED, WATCHING, SNOOZED, CONFIRMED, ENFORCING}, ENFORCING, PERSON,
    ),
    DecisionKind.RESOLVE: ({CONFIRMED, ENFORCING, WATCHING}, RESOLVED, FLOW),
    DecisionKind.ASSIGN: (set(Workflow) - {CLOSED}, None, PERSON),
    DecisionKind.NOTE: (set(Workflow), None, FLOW),
}  # fmt: skip


_WAITING = {ActionState.SENT, ActionState.ACKNOWLEDGED, ActionState.INFO_REQUESTED,
            ActionState.NO_REPLY}  # fmt: skip
ACTION_PLAN: dict[ActionMove, tuple[set[ActionState], ActionState, frozenset[Who]]] = {
    ActionMove.APPROVE: ({ActionState.DRAFT}, ActionState.APPROVED, PERSON),
    ActionMove.REVISE: ({ActionState.DRAFT, ActionState.APPROVED}, ActionState.DRAFT, PERSON),
    ActionMove.SEND: ({ActionState.APPROVED}, ActionState.SENT, PERSON),
    ActionMove.ACKNOWLEDGE: (
        {ActionState.SENT, ActionState.NO_REPLY}, ActionState.ACKNOWLEDGED, PERSON,
    ),
    ActionMove.ASK_INFO: (_WAITING, ActionState.INFO_REQUESTED, PERSON),
    ActionMove.ANSWER_INFO: ({ActionState.INFO_REQUESTED}, ActionState.ACKNOWLEDGED, PERSON),
    ActionMove.ACCEPT: (_WAITING, ActionState.ACCEPTED, PERSON),
    ActionMove.DENY: ({*_WAITING, ActionState.ACCEPTED}, ActionState.DENIED, PERSON),
    ActionMove.GO_UNANSWERED: (
        {ActionState.SENT, ActionState.ACKNOWLEDGED}, ActionState.NO_REPLY, FLOW,
    ),
    ActionMove.EXECUTE: ({*_WAITING, ActionState.ACCEPTED}, ActionState.EXECUTED, FLOW),
    ActionMove.WITHDRAW: (
        {*_WAITING, ActionState.DRAFT, ActionState.APPROVED, ActionState.ACCEPTED},
        ActionState.WITHDRAWN, PERSON,
    ),
}  # fmt: skip


def complete(kind: DecisionKind) -> Decision:
    return Decision(kind=kind, **COMPLETE.get(kind, {}))


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("kind", DecisionKind)
@pytest.mark.parametrize("start", Workflow)
def test_every_move_of_the_plan_is_possible_and_no_other(start, kind, who):
    starts, to, people = PLAN[kind]
    standing = Standing(workflow=start, has_evidence=False)
    if start in starts and who in people:
        assert kind in possible(start, who)
        after, event = decide(standing, complete(kind), who=who, now=NOW)
        assert after.workflow is (to or start)
        assert event is next(row.event for row in TRANSITIONS if row.decision is kind)
    else:
        assert kind not in possible(start, who)
        with pytest.raises(UsageError, match="possible from here"):
            decide(standing, complete(kind), who=who, now=NOW)


@pytest.mark.parametrize("start", [NEW, TRIAGE, REOPENED])
def test_an_undecided_case_is_closed_only_when_no_evidence_is_left(start):
    close = complete(DecisionKind.CLOSE)
    with pytest.raises(UsageError, match="only when no evidence is left"):
        decide(Standing(workflow=start), close, who=Who.PERSON, now=NOW)
    after, _ = decide(Standing(workflow=start, has_evidence=False), close, who=Who.PERSON, now=NOW)
    assert after.workflow is CLOSED


def test_a_decided_case_is_closed_whatever_speaks_for_it():
    for start in (CONFIRMED, ENFORCING, DISMISSED, RESOLVED, WATCHING):
        decide(Standing(workflow=start), complete(DecisionKind.CLOSE), who=Who.PERSON, now=NOW)


def test_a_case_is_enforced_by_a_notice_that_was_sent_and_by_nothing_else():
    with pytest.raises(UsageError, match="by sending a notice"):
        decide(
            Standing(workflow=CONFIRMED),
            Decision(kind=DecisionKind.ENFORCE),
            who=Who.PERSON,
            now=NOW,
        )
    assert DecisionKind.ENFORCE not in BY_HAND
    assert {*BY_HAND, DecisionKind.ENFORCE} == set(DecisionKind)


@pytest.mark.parametrize(
    ("down_since", "down_for", "may"),
    [
        (None, timedelta(days=7), False),
        (NOW - timedelta(days=7) + timedelta(seconds=1), timedelta(days=7), False),
        (NOW - timedelta(days=7), timedelta(days=7), True),
        (NOW - timedelta(days=2), timedelta(days=2), True),
        (NOW + timedelta(days=8), timedelta(days=7), False),
    ],
)
def test_a_flow_resolves_only_what_was_down_long_enough(down_since, down_for, may):
    resolve = Decision(kind=DecisionKind.RESOLVE, down_since=down_since, down_for=down_for)
    for start in PLAN[DecisionKind.RESOLVE][0]:
        if may:
            after, _ = decide(Standing(workflow=start), resolve, who=Who.FLOW, now=NOW)
            assert after.workflow is RESOLVED
        else:
            with pytest.raises(UsageError, match="A flow resolves a case that was down for"):
                decide(Standing(workflow=start), resolve, who=Who.FLOW, now=NOW)
        decide(Standing(workflow=start), resolve, who=Who.PERSON, now=NOW)


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


@pytest.mark.parametrize("has_evidence", [True, False])
@pytest.mark.parametrize("start", Workflow)
def test_a_refusal_lists_what_a_person_can_type_and_nothing_that_is_refused_then(
    start, has_evidence
):
    standing = Standing(workflow=start, has_evidence=has_evidence)
    refused = 0
    for kind in DecisionKind:
        try:
            decide(standing, complete(kind), who=Who.PERSON, now=NOW)
        except UsageError as error:
            refused += 1
            listed = str(error).rpartition("possible from here: ")[2].rstrip(".").split(", ")
            assert listed
            for word in listed:
                assert word in BY_HAND
                decide(standing, complete(DecisionKind(word)), who=Who.PERSON, now=NOW)
    assert refused


@pytest.mark.parametrize("state", ActionState)
def test_a_refused_move_of_a_notice_lists_words_of_its_commands(state):
    commands = {"approve", "revise", "send", "withdraw"}
    for made in set(ActionMove) - set(possible_moves(state, Who.PERSON)):
        with pytest.raises(UsageError, match="possible from here: ") as refused:
            move(state, made, who=Who.PERSON)
        listed = str(refused.value).rpartition("from here: ")[2].rstrip(".").split(", ")
        assert len(set(listed)) == len(listed)
        for word in listed:
            marked = word.removeprefix("mark --state ")
            assert word in commands | {"nothing"} or (marked != word and ActionState(marked))
    assert {in_words(made) for made in possible_moves(ActionState.SENT, Who.PERSON)} == {
        "mark --state acknowledged", "mark --state info-requested", "mark --state accepted",
        "mark --state denied", "mark --state no-reply", "mark --state executed", "withdraw",
    }  # fmt: skip


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


@pytest.mark.parametrize(
    "name",
    ["Flow:recheck", " flow:recheck", "FLOW:auto", "flow :auto", "\uff46low\uff1ax",
     "\ufb02ow:auto", "fl\u043ew:auto", "flow\u2236auto", "fl\u00f6w:auto"],
)  # fmt: skip
def test_a_name_that_reads_like_a_flow_s_is_nobody_s(name):
    with pytest.raises(UsageError, match="reads like that of a flow"):
        who_is(name)


@pytest.mark.parametrize(
    "name", ["Flo Weber", "flow", "Flora: desk", "Anna (flow:auto)", "Zo\u00eb"]
)
def test_a_name_that_only_holds_the_word_is_a_person_s(name):
    assert who_is(name) is Who.PERSON


@pytest.mark.parametrize(
    "name", ["an\u202ena", "anna\n", "an\u200bna", "an\x00na", "flow:\u2066x", "an\u2028na"]
)
def test_a_name_that_shows_otherwise_than_it_is_is_refused(name):
    with pytest.raises(UsageError, match=r"invisible character U\+"):
        who_is(name)
    assign = Decision(kind=DecisionKind.ASSIGN, assignee=name)
    with pytest.raises(UsageError, match=r"name of the person holds the invisible character"):
        decide(Standing(workflow=CONFIRMED), assign, who=Who.PERSON, now=NOW)


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
        ({"kind": "snooze"}, r"Say until when .* with --until .*, or with --on-change"),
        ({"kind": "snooze", "until": NOW}, "is past"),
        ({"kind": "snooze", "until": datetime(2027, 1, 1)}, "time zone"),
        ({"kind": "watch", "until": LATER}, "goes with snooze"),
        ({"kind": "confirm", "assignee": "bob"}, "goes with assign"),
        ({"kind": "assign", "assignee": " "}, "is empty"),
        ({"kind": "note"}, "is empty"),
        ({"kind": "note", "note": " \n"}, "is empty"),
        ({"kind": "note", "note": "x" * 10_001}, "shorten it to 10000"),
        ({"kind": "note", "note": "caf\udce9"}, "not UTF-8"),
        (
            {"kind": "dismiss", "reason_code": "licensed", "duplicate_of": "NK-1"},
            "goes with the reason duplicate",
        ),
        (
            {"kind": "dismiss", "reason_code": "unrelated", "rule_id": "NR-1"},
            "goes with the reason licensed",
        ),
        ({"kind": "confirm", "action_id": "NA-1"}, "goes with enforce"),
        ({"kind": "confirm", "down_since": NOW}, "goes with resolve"),
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


@pytest.mark.parametrize("workflow", Workflow)
@pytest.mark.parametrize("reason", [None, *ReasonCode])
@pytest.mark.parametrize("on_change", [True, False])
def test_a_change_wakes_what_is_watched_left_open_or_was_gone(workflow, reason, on_change):
    standing = Standing(workflow=workflow, reason_code=reason, snooze_on_change=on_change)
    expected = (
        workflow in (WATCHING, RESOLVED)
        or (workflow is SNOOZED and on_change)
        or (workflow is DISMISSED and reason is ReasonCode.WEAK_MATCH)
    )
    assert wakes_on_change(standing) is expected


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("made", ActionMove)
@pytest.mark.parametrize("state", ActionState)
def test_every_move_of_an_action_is_possible_from_the_planned_states_and_no_others(
    state, made, who
):
    starts, to, people = ACTION_PLAN[made]
    if state in starts and who in people:
        assert made in possible_moves(state, who)
        assert move(state, made, who=who) is to
    else:
        assert made not in possible_moves(state, who)
        with pytest.raises(UsageError, match="possible from here"):
            move(state, made, who=who)


def test_nothing_is_sent_that_no_person_approved():
    ways = [row for row in ACTION_TRANSITIONS if row.to is ActionState.SENT]
    assert [way.start for way in ways] == [{ActionState.APPROVED}]
    for row in ACTION_TRANSITIONS:
        if row.to in (ActionState.APPROVED, ActionState.SENT):
            assert row.who == {Who.PERSON}


@pytest.mark.parametrize("sight", Sight)
@pytest.mark.parametrize("to", SubjectState)
@pytest.mark.parametrize("state", SubjectState)
def test_only_who_can_know_a_state_moves_a_subject_there(state, to, sight):
    told_by = {
        Sight.LOOK: {"unregistered", "registered", "parked", "live", "blocked-view",
                     "unreachable", "suspended"},
        Sight.CHECK: {"unregistered", "registered", "parked", "live", "blocked-view",
                      "unreachable", "suspended", "removed"},
        Sight.PLATFORM: {"unknown", "live", "removed", "suspended"},
    }  # fmt: skip
    expected = state is not to and state != "transferred" and to in told_by[sight]
    assert moves(state, to, sight) is expected


@pytest.mark.parametrize("sight", [Sight.LOOK, Sight.PLATFORM])
@pytest.mark.parametrize("to", SubjectState)
@pytest.mark.parametrize("state", SubjectState)
def test_the_casebook_moves_subjects_as_the_table_says(state, to, sight):
    """What nobody can tell in this way does not come in."""
    told = SeenAgain if sight is Sight.PLATFORM and to is SubjectState.UNKNOWN else Seen
    changes = Changes(
        actor="flow:test", now=NOW, rank_version="1", seen={"host:a": told(state=to, why="so")}
    )
    case = {"subject_state": str(state), "workflow": "new", "reason_code": None}
    changes._note_state({"case_id": "NK-1", "subject_key": "host:a", **case}, case)
    if sight in next(row for row in SUBJECT_STATES if row.state is to).told_by:
        assert (case["subject_state"] == to) is (state is to or moves(state, to, sight))
        assert bool(changes.drafts) is moves(state, to, sight)


def test_every_state_has_one_row_and_says_what_it_means():
    assert [row.state for row in SUBJECT_STATES] == list(SubjectState)
    assert all(row.means for row in SUBJECT_STATES)


@pytest.mark.parametrize(
    ("state", "may", "surely"),
    [
        ("unknown", True, False),
        ("unregistered", True, True),
        ("registered", True, False),
        ("parked", True, False),
        ("live", False, False),
        ("blocked-view", False, False),
        ("unreachable", False, False),
        ("removed", True, True),
        ("suspended", True, True),
        ("transferred", True, True),
    ],
)
def test_what_may_count_as_down(state, may, surely):
    assert may_be_down(SubjectState(state)) is may
    assert is_surely_down(SubjectState(state)) is surely


@pytest.mark.parametrize("state", [one for one in SubjectState if not may_be_down(one)])
def test_no_view_of_what_is_there_silent_or_blocked_goes_into_a_verdict_as_down(state):
    with pytest.raises(ValueError, match="cannot be down"):
        View(vantage="here", state=state, down=True, says="")
