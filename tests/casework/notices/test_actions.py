"""The life of a notice: what leads where, and that nothing goes out that nobody approved."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from namaak.casework.action_moves import ACTION_TRANSITIONS, ActionMove
from namaak.casework.actions import Proposed, Reply
from namaak.casework.lifecycle import Decision
from namaak.casework.notices.composing import content_digest
from namaak.casework.notices.reading import actions_of, replies_of, resolve_action_id
from namaak.errors import UsageError
from namaak.records import ActionState
from tests.casework.notices.world import (
    ANNA,
    BRAM,
    HOUR,
    LOGIN,
    LOGIN_ID,
    NOW,
    PAY_ID,
    capture,
    contact,
)

DAY = 24 * HOUR


def test_a_complete_notice_goes_from_draft_over_approval_to_sent_and_its_case_is_enforced(world):
    action = world.draft()
    row = world.row(action)
    assert (row["state"], row["missing"], row["template"]) == ("draft", "[]", "phishing-host")
    world.approve(action)
    with world.writing() as book:
        book.sent_by_hand(action, actor=ANNA, now=NOW, due_at=NOW + 2 * DAY)
    row = world.row(action)
    assert (row["state"], row["sent_how"], row["sent_by"]) == ("sent", "by-hand", ANNA)
    assert row["due_at"] == NOW + 2 * DAY
    assert world.case(LOGIN_ID)["workflow"] == "enforcing"
    assert [event["to"] for event in world.told(LOGIN_ID)] == ["draft", "approved", "sent"]
    first = world.told(LOGIN_ID)[0]
    assert {"action_id", "route", "provider", "template", "from"} <= first.keys()
    (enforced,) = world.told(LOGIN_ID, "enforced")
    assert enforced["action_id"] == action


def test_a_draft_that_lacks_something_is_kept_and_cannot_be_approved(world):
    with world.writing() as book:
        book.record_contacts(
            LOGIN_ID, [contact("host", "a@host.example", 1)], (), actor=ANNA, now=NOW
        )
    world.watch = world.watch.model_copy(update={"organisation": None})
    action = world.draft()
    lacking = {one["field"] for one in json.loads(world.row(action)["missing"])}
    assert lacking == {"organisation"}
    with pytest.raises(UsageError, match="lacks organisation"):
        world.approve(action)
    assert world.row(action)["state"] == "draft"


def test_no_flow_drafts_approves_sends_or_answers(world):
    actor = "flow:follow-up"
    with pytest.raises(UsageError, match="A flow cannot"):
        world.draft(actor=actor)
    action = world.draft()
    with pytest.raises(UsageError, match="A flow cannot approve"):
        world.approve(action, actor=actor)
    world.approve(action)
    reply = Reply(received_at=NOW, channel="mail", content_sha256="0" * 64)
    with world.writing() as book:
        for act in (
            lambda: book.begin_sending(action, actor=actor, now=NOW),
            lambda: book.sent_by_hand(action, actor=actor, now=NOW),
            lambda: book.log_reply(action, reply, made=None, actor=actor, now=NOW),
            lambda: book.move_action(action, ActionMove.WITHDRAW, actor=actor, now=NOW),
            lambda: book.settle_sending(action, went_out=True, actor=actor, now=NOW),
        ):
            with pytest.raises(UsageError, match=r"flow"):
                act()
    assert world.row(action)["state"] == "approved"


def test_a_draft_is_not_sent(world):
    action = world.draft()
    with world.writing() as book:
        for send in (book.begin_sending, book.sent_by_hand):
            with pytest.raises(UsageError, match="cannot send an action whose state is draft"):
                send(action, actor=ANNA, now=NOW)
    assert world.case(LOGIN_ID)["workflow"] == "confirmed"


def test_drafted_anew_an_approved_notice_must_be_approved_again(world):
    action = world.draft()
    world.approve(action)
    world.revise(action, given={"asked_action": ["Take it down, please."]})
    row = world.row(action)
    assert (row["state"], row["approved_at"], row["approved_sha256"]) == ("draft", None, None)
    with world.writing() as book, pytest.raises(UsageError, match="state is draft"):
        book.begin_sending(action, actor=ANNA, now=NOW)


def test_only_what_the_person_saw_is_approved(world):
    action = world.draft()
    seen = world.row(action)["content_sha256"]
    world.revise(action, given={"asked_action": ["Something else."]})
    with pytest.raises(UsageError, match="was changed after you looked at it"):
        world.approve(action, content_sha256=seen)


def test_every_statement_must_be_confirmed(world):
    action = world.draft()
    with pytest.raises(UsageError, match="states accuracy"):
        world.approve(action, confirmed=["seen"])


@pytest.mark.parametrize("forged", [False, True])
def test_a_row_that_was_changed_behind_the_program_is_not_sent(world, forged):
    """Also where whoever changed it made the digests of the row fit again."""
    action = world.draft()
    world.approve(action)
    before = world.row(action)
    with world.writing() as book:
        for column in ("text_sha256", "eml_sha256", "xarf_sha256", "address", "subject_line",
                       "message_id"):  # fmt: skip
            book._put(before | {column: "x@y.example"})
            if forged:
                digest = content_digest(book._row(action))
                book._con.execute(
                    "update actions set content_sha256 = ?, approved_sha256 = ?", [digest, digest]
                )
            for send in (book.begin_sending, book.sent_by_hand):
                with pytest.raises(UsageError, match="is not what was approved"):
                    send(action, actor=ANNA, now=NOW)


def test_a_state_set_behind_the_program_does_not_pass_for_an_approval(world):
    action = world.draft()
    with world.writing() as book:
        book._con.execute(
            "update actions set state = 'approved', approved_sha256 = content_sha256, "
            "approved_at = ?, approved_by = 'nobody'", [NOW],
        )  # fmt: skip
        with pytest.raises(UsageError, match="is not what was approved"):
            book.begin_sending(action, actor=ANNA, now=NOW)


def test_a_capture_older_than_a_day_is_no_evidence_and_a_reason_without_one_is_kept(world):
    action = world.draft()
    late = NOW + 24 * HOUR
    with pytest.raises(UsageError, match="no capture of the last 24 hours"):
        world.approve(action, now=late)
    with pytest.raises(UsageError, match="reason is empty"):
        world.approve(action, now=late, without_capture=" ")
    world.approve(action, now=late, without_capture="the page is geo-blocked here")
    assert world.row(action)["without_capture"] == "the page is geo-blocked here"
    assert world.told(LOGIN_ID)[-1]["without_capture"] == "the page is geo-blocked here"


def test_a_new_capture_and_a_new_draft_make_it_fresh(world):
    action = world.draft()
    late = NOW + 48 * HOUR
    with world.writing() as book:
        book.record_capture(capture(LOGIN_ID, LOGIN, world.store, late - HOUR))
    world.revise(action, now=late)
    world.approve(action, now=late)
    assert world.row(action)["captured_at"] == late - HOUR


def test_an_approval_is_good_for_a_day(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book, pytest.raises(UsageError, match="more than 24 hours ago"):
        book.begin_sending(action, actor=ANNA, now=NOW + 25 * HOUR)


def test_nothing_goes_out_about_a_case_that_was_dismissed_meanwhile(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        book.decide(LOGIN_ID, Decision(kind="dismiss", reason_code="licensed"), actor=BRAM, now=NOW)
        for send in (book.begin_sending, book.sent_by_hand):
            with pytest.raises(UsageError, match="is dismissed; re-open it"):
                send(action, actor=ANNA, now=NOW)


def test_a_mail_that_went_out_stays_sent_whatever_was_decided_in_between(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        began = book.begin_sending(action, actor=ANNA, now=NOW)
        book.decide(LOGIN_ID, Decision(kind="dismiss", reason_code="licensed"), actor=BRAM, now=NOW)
        book.end_sending(action, sending=began.sending, taken=True, says="250 ok", actor=ANNA,
                         now=NOW)  # fmt: skip
    assert world.row(action)["state"] == "sent"
    assert world.case(LOGIN_ID)["workflow"] == "dismissed"
    assert world.told(LOGIN_ID)[-1]["not_enforced"] == [LOGIN_ID]


def test_a_sending_whose_end_nobody_knows_blocks_everything_until_a_person_looked(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        outgoing = book.begin_sending(action, actor=ANNA, now=NOW)
        assert outgoing.eml_sha256 == world.row(action)["eml_sha256"]
    # As after a kill: nothing was written since.
    with pytest.raises(UsageError, match="may have gone out"):
        world.revise(action)
    with world.writing() as book:
        for act in (book.begin_sending, book.sent_by_hand):
            with pytest.raises(UsageError, match="--it-went-out"):
                act(action, actor=BRAM, now=NOW + HOUR)
        with pytest.raises(UsageError, match="may have gone out"):
            book.move_action(action, ActionMove.WITHDRAW, actor=BRAM, now=NOW)
        book.settle_sending(action, went_out=True, actor=BRAM, now=NOW + HOUR)
        with pytest.raises(UsageError, match="No sending of"):
            book.settle_sending(action, went_out=True, actor=BRAM, now=NOW + HOUR)
    row = world.row(action)
    assert (row["state"], row["sent_at"], row["sent_how"]) == ("sent", NOW, "smtp")
    assert world.case(LOGIN_ID)["workflow"] == "enforcing"


def test_what_did_not_go_out_may_be_sent_again(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        book.begin_sending(action, actor=ANNA, now=NOW)
        book.end_sending(action, sending=1, taken=None, says="cut", actor=ANNA, now=NOW,
                         sent_sha256="a" * 64)  # fmt: skip
        assert book._row(action)["sending_at"] == NOW
        book.settle_sending(action, went_out=False, actor=BRAM, now=NOW)
        assert book._row(action)["sent_sha256"] is None
        book.begin_sending(action, actor=ANNA, now=NOW)
        book.end_sending(action, sending=2, taken=False, says="550 no", actor=ANNA, now=NOW)
        assert book._row(action)["state"] == "approved"
        book.begin_sending(action, actor=ANNA, now=NOW)
    kinds = [event.get("sending") for event in world.told(LOGIN_ID)[2:]]
    assert kinds == ["begun", "unknown", "refused", "begun", "refused", "begun"]


def test_a_capture_too_old_when_it_is_sent_keeps_it_back_unless_a_reason_stands(world):
    action = world.draft()
    world.approve(action)
    late = NOW + 23 * HOUR + HOUR / 2
    with world.writing() as book, pytest.raises(UsageError, match="more than 24 hours old by now"):
        book.begin_sending(action, actor=ANNA, now=late)
    world.revise(action)
    world.approve(action, without_capture="the page is geo-blocked here")
    with world.writing() as book:
        assert book.begin_sending(action, actor=ANNA, now=late).sending == 1


def test_nothing_goes_out_about_a_case_that_is_down_unless_a_person_says_why(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        book._con.execute("update cases set down_since = ? where case_id = ?", [NOW, LOGIN_ID])
        with pytest.raises(UsageError, match=f"{LOGIN_ID} of {action} is down"):
            book.begin_sending(action, actor=ANNA, now=NOW)
        with pytest.raises(UsageError, match="reason is empty"):
            book.begin_sending(action, actor=ANNA, now=NOW, although_down=" ")
        book.begin_sending(action, actor=ANNA, now=NOW, although_down="it comes and goes")
    assert world.told(LOGIN_ID)[-1]["although_down"] == "it comes and goes"


def test_a_sending_that_may_be_under_way_is_settled_by_nobody(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        book.begin_sending(action, actor=ANNA, now=NOW)
        for went_out in (True, False):
            with pytest.raises(UsageError, match="may still be under way"):
                book.settle_sending(action, went_out=went_out, actor=BRAM, now=NOW + HOUR / 6)
        book.settle_sending(action, went_out=False, actor=BRAM, now=NOW + HOUR / 4)


def _settled_too_soon(world):
    """Anna's hand-in hangs; Bram says that it did not go out, and begins another."""
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        first = book.begin_sending(action, actor=ANNA, now=NOW).sending
        book.settle_sending(action, went_out=False, actor=BRAM, now=NOW + HOUR)
        second = book.begin_sending(action, actor=BRAM, now=NOW + HOUR).sending
    return action, first, second


def test_the_late_end_of_a_sending_that_was_settled_is_kept_and_so_is_that_of_the_next(world):
    action, first, second = _settled_too_soon(world)
    with world.writing() as book:
        book.end_sending(action, sending=first, taken=True, says="250 one", actor=ANNA,
                         now=NOW + HOUR, sent_sha256="a" * 64)  # fmt: skip
        assert book._row(action)["sent_by"] == ANNA
        book.end_sending(action, sending=second, taken=True, says="250 two", actor=BRAM,
                         now=NOW + HOUR, sent_sha256="b" * 64)  # fmt: skip
        for ended in (first, second, 3):
            with pytest.raises(UsageError, match=f"No sending {ended} of"):
                book.end_sending(action, sending=ended, taken=True, says="", actor=ANNA, now=NOW)
    row = world.row(action)
    assert (row["state"], row["sent_sha256"]) == ("sent", "a" * 64)
    ends = [event for event in world.told(LOGIN_ID) if event.get("sending") == "taken"]
    assert [(one["number"], one["says"], one["sent_sha256"], one["late"]) for one in ends] == [
        (1, "250 one", "a" * 64, True), (2, "250 two", "b" * 64, True)]  # fmt: skip


def test_the_late_refusal_of_one_sending_leaves_the_next_open(world):
    action, first, second = _settled_too_soon(world)
    with world.writing() as book:
        book.end_sending(action, sending=first, taken=False, says="550 no", actor=ANNA, now=NOW)
        row = book._row(action)
        assert (row["sending_by"], row["sending_says"]) == (BRAM, None)
        book.end_sending(action, sending=second, taken=True, says="250 ok", actor=BRAM, now=NOW)
    assert (world.row(action)["state"], world.row(action)["sent_by"]) == ("sent", BRAM)
    assert "550 no" in {event.get("says") for event in world.told(LOGIN_ID)}


def test_what_went_out_before_it_was_drafted_anew_is_not_sent_a_second_time(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        first = book.begin_sending(action, actor=ANNA, now=NOW).sending
        book.settle_sending(action, went_out=False, actor=BRAM, now=NOW + HOUR)
    world.revise(action, given={"asked_action": ["Something else."]})
    with world.writing() as book:
        book.end_sending(action, sending=first, taken=True, says="250 ok", actor=ANNA, now=NOW)
    assert world.row(action)["state"] == "draft"
    world.approve(action)
    with world.writing() as book, pytest.raises(UsageError, match="went out already"):
        book.begin_sending(action, actor=ANNA, now=NOW)


def test_a_reply_came_between_the_notice_and_now_whatever_date_it_bears(world):
    action = world.sent()
    with world.writing() as book:
        for claimed in (NOW - 365 * DAY, NOW + 365 * DAY, NOW + HOUR):
            reply = Reply(
                received_at=claimed, channel="mail", content_sha256="0" * 64, summary="Re"
            )
            book.log_reply(action, reply, made=None, actor=ANNA, now=NOW + 2 * HOUR)
    with world.snapshot() as con:
        kept = replies_of(con, action)
    assert [one["received_at"] for one in kept] == [NOW, NOW + 2 * HOUR, NOW + HOUR]
    assert [one["summary"] for one in kept] == [
        "Re (dated 2025-11-22T09:00:00Z by its sender)",
        "Re (dated 2027-11-22T09:00:00Z by its sender)", "Re"]  # fmt: skip


def test_one_notice_per_provider_and_campaign(world):
    world.tie()
    action = world.draft(LOGIN_ID)
    made = world.prepare(PAY_ID)
    assert made.added_to
    assert made.row["action_id"] == action
    assert world.draft(PAY_ID) == action
    with world.snapshot() as con:
        assert [row["action_id"] for row in actions_of(con, PAY_ID)] == [action]
    text = world.store.read(world.row(action)["text_sha256"]).decode()
    assert "<https://acme-pay.example/sign-in>" in text
    assert "<https://acme-login.example/sign-in>" in text
    world.approve(action)
    with world.writing() as book:
        book.sent_by_hand(action, actor=ANNA, now=NOW)
    assert world.case(PAY_ID)["workflow"] == "enforcing"
    with pytest.raises(UsageError, match=rf"{action} \(sent\).*covers this campaign"):
        world.prepare(PAY_ID)


def test_two_who_draft_at_once_make_one_notice(world):
    """The second prepared before the first was written."""
    world.tie()
    one, other = world.prepare(LOGIN_ID), world.prepare(PAY_ID, now=NOW + HOUR)
    with world.writing() as book:
        book.draft_action(one.row, one.case_ids, actor=ANNA, now=NOW)
        with pytest.raises(UsageError, match="covers this campaign"):
            book.draft_action(other.row, other.case_ids, actor=BRAM, now=NOW)


def test_cases_without_a_campaign_have_notices_of_their_own(world):
    assert world.draft(LOGIN_ID) != world.draft(PAY_ID)


def test_a_second_attempt_counts_cites_the_first_and_stays_in_its_thread(world):
    first = world.sent()
    with world.writing() as book:
        book.move_action(first, ActionMove.GO_UNANSWERED, actor=ANNA, now=NOW, outcome="silence")
    second = world.draft(now=NOW + 3 * HOUR)
    row = world.row(second)
    assert (row["attempt"], row["reference"]) == (2, first)
    text = world.store.read(row["text_sha256"]).decode()
    assert f"{first} to Hosting Example B.V.; no-reply" in text
    mail = world.store.read(row["eml_sha256"]).decode()
    assert f"References: <{world.row(first)['message_id']}>" in mail
    assert f"[{first}]" in row["subject_line"]


def test_a_withdrawn_draft_is_no_attempt(world):
    action = world.draft()
    with world.writing() as book:
        book.move_action(action, ActionMove.WITHDRAW, actor=ANNA, now=NOW, outcome="wrong host")
    assert world.row(world.draft(now=NOW + HOUR))["attempt"] == 1
    assert world.row(action)["outcome"] == "wrong host"


def test_replies_are_kept_and_lead_on(world):
    action = world.sent()
    sha256 = world.store.keep(b"we got it")
    reply = Reply(received_at=NOW + HOUR, channel="mail", content_sha256=sha256,
                  sender="a@hosting.example", summary="ticket 1", provider_ref="T-1")  # fmt: skip
    with world.writing() as book:
        book.log_reply(action, reply, made=ActionMove.ACKNOWLEDGE, actor=ANNA, now=NOW + HOUR)
        book.log_reply(action, reply, made=ActionMove.ASK_INFO, actor=ANNA, now=NOW + 2 * HOUR)
        assert book._row(action)["due_at"] is None
        book.log_reply(action, reply, made=ActionMove.ANSWER_INFO, actor=ANNA, now=NOW + 3 * HOUR)
        book.log_reply(action, reply, made=None, actor=ANNA, now=NOW + 4 * HOUR)
        with pytest.raises(UsageError, match="step of its own"):
            book.move_action(action, ActionMove.APPROVE, actor=ANNA, now=NOW)
    row = world.row(action)
    assert (row["state"], row["acknowledged_at"]) == ("acknowledged", NOW + HOUR)
    assert (row["answered_at"], row["provider_ref"]) == (NOW + 2 * HOUR, "T-1")
    assert row["due_at"] == NOW + 3 * HOUR + timedelta(days=7)
    with world.snapshot() as con:
        kept = replies_of(con, action)
    assert [one["position"] for one in kept] == [1, 2, 3, 4]
    assert [one["state_after"] for one in kept[:3]] == ["acknowledged", "info-requested",
                                                         "acknowledged"]  # fmt: skip
    assert world.told(LOGIN_ID, "replied")[0]["content_sha256"] == sha256


def test_what_nobody_answers_in_time_has_no_reply_and_keeps_the_date_it_was_due(world):
    action = world.sent()
    due_at = world.row(action)["due_at"]
    with world.writing() as book:
        assert book.mark_overdue(now=due_at - HOUR) == []
        assert book.mark_overdue(now=due_at) == [action]
        assert book.mark_overdue(now=due_at + DAY) == []
    row = world.row(action)
    assert (row["state"], row["due_at"]) == ("no-reply", due_at)
    assert world.told(LOGIN_ID)[-1]["actor"] == "flow:follow-up"


def test_a_proposal_is_written_down_once(world):
    step = Proposed(case_id=LOGIN_ID, rung="registrar", why="no answer", after_action="NA-X")
    with world.writing() as book:
        assert book.propose([step], now=NOW) == [step]
        assert book.propose([step], now=NOW + DAY) == []
    assert len(world.told(LOGIN_ID, "proposed")) == 1


def test_where_nothing_is_due_nothing_is_published(world):
    action = world.sent()
    step = Proposed(case_id=LOGIN_ID, rung="registrar", why="no answer", after_action=action)
    with world.writing() as book:
        assert book.propose([step, step], now=NOW) == [step]
    world.publish()
    due_at, before = world.row(action)["due_at"], world.files()
    with world.writing() as book:
        assert book.mark_overdue(now=due_at - HOUR) == []
        assert book.propose([step], now=NOW + DAY) == []
        assert book.propose([], now=NOW + DAY) == []
    world.publish()
    assert world.files() == before
    with world.writing() as book:
        assert book.mark_overdue(now=due_at) == [action]
    world.publish()
    assert world.files() != before


def test_a_check_that_finds_it_down_executes_the_notices_once_all_their_cases_are_down(world):
    world.tie()
    action = world.draft(LOGIN_ID)
    world.draft(PAY_ID)
    world.approve(action)
    with world.writing() as book:
        book.sent_by_hand(action, actor=ANNA, now=NOW)
        assert book.execute_by_check(LOGIN_ID, NOW + HOUR) == []
        book._con.execute("update cases set down_since = ? where case_id = ?", [NOW, PAY_ID])
        assert book.execute_by_check(LOGIN_ID, NOW + HOUR) == [action]
        assert book.execute_by_check(LOGIN_ID, NOW + HOUR) == []
    row = world.row(action)
    assert (row["state"], row["ended_at"], row["due_at"]) == ("executed", NOW + HOUR, None)
    assert world.told(PAY_ID)[-1]["actor"] == "flow:recheck"


def test_a_check_executes_no_draft(world):
    action = world.draft()
    with world.writing() as book:
        assert book.execute_by_check(LOGIN_ID, NOW) == []
    assert world.row(action)["state"] == "draft"


def _reach(book, action, state):
    """Bring a sent notice into a state by the moves of people."""
    ways = {
        "sent": [], "acknowledged": ["acknowledge"], "info-requested": ["ask-info"],
        "accepted": ["accept"], "denied": ["deny"], "no-reply": ["go-unanswered"],
        "executed": ["execute"], "withdrawn": ["withdraw"],
    }  # fmt: skip
    for made in ways[state]:
        book.move_action(action, ActionMove(made), actor=ANNA, now=NOW, outcome="so")


def test_every_move_is_possible_or_refused_as_the_table_says(world):
    action = world.sent()
    sent = world.row(action)
    others = [row for row in ACTION_TRANSITIONS if row.move not in ("approve", "send")]
    with world.writing() as book:
        for state in ActionState:
            if state in ("draft", "approved"):
                continue
            book._put(sent)
            _reach(book, action, state)
            before = book._row(action)
            for row in others:
                if state in row.start:
                    book.move_action(action, row.move, actor=ANNA, now=NOW, outcome="so")
                    assert book._row(action)["state"] == row.to
                    book._put(before)
                else:
                    with pytest.raises(UsageError, match="possible from here"):
                        book.move_action(action, row.move, actor=ANNA, now=NOW, outcome="so")


def test_what_needs_a_person_is_listed_with_what_to_do(world):
    action = world.draft()
    assert [row["what"] for row in world.ask("from due_actions")] == ["approve it"]
    world.approve(action)
    assert [row["what"] for row in world.ask("from due_actions")] == ["send it"]
    with world.writing() as book:
        book.begin_sending(action, actor=ANNA, now=NOW)
    (row,) = world.ask("from due_actions")
    assert row["what"] == "find out whether it went out"


def test_an_id_may_be_shortened_and_typed_carelessly(world):
    action = world.draft()
    with world.snapshot() as con:
        assert resolve_action_id(con, action.lower()[:9]) == action
        for wrong, says in (("NA-", "too short"), ("NA-0000", "There is no notice")):
            with pytest.raises(UsageError, match=says):
                resolve_action_id(con, wrong)
