"""The audit beside the rows of cases: captures, packs, notices and answers follow from events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from namaak.casework.action_moves import ActionMove
from namaak.casework.actions import Reply
from namaak.casework.audit import Audit, audit
from namaak.casework.working import Working
from namaak.errors import UsageError
from tests.casework.notices.world import ANNA, HOUR, LOGIN_ID, NOW, PAY_ID, World

PACK = {
    "pack_id": "NP-1", "case_id": LOGIN_ID, "made_at": NOW, "actor": ANNA, "profile": "notice",
    "path": "kept/packs/np-1", "tagmanifest_sha256": "a" * 64, "signed": False, "stamped": False,
}  # fmt: skip


def audited(world: World) -> Audit:
    with world.snapshot() as con:
        return audit(con)


def answered(world: World) -> str:
    """A notice that was drafted anew, approved, sent and answered, and a pack."""
    world.revise(world.draft())
    with world.snapshot() as con:
        ((action,),) = con.execute("select action_id from actions").fetchall()
    world.approve(action)
    with world.writing() as book:
        book.sent_by_hand(action, actor=ANNA, now=NOW)
        reply = Reply(received_at=NOW, channel="mail", content_sha256=world.store.keep(b"done"))
        book.log_reply(action, reply, made=ActionMove.EXECUTE, actor=ANNA, now=NOW + HOUR)
        book.record_pack(PACK)
    return action


def test_a_notice_is_sound_at_every_step_of_its_way(world):
    action = world.draft()
    assert audited(world).is_sound
    world.approve(action)
    assert audited(world).is_sound
    with world.writing() as book:
        first = book.begin_sending(action, actor=ANNA, now=NOW).sending
        assert audited(world).is_sound
        book.end_sending(action, sending=first, taken=False, says="550", actor=ANNA, now=NOW)
        assert audited(world).is_sound
        second = book.begin_sending(action, actor=ANNA, now=NOW + HOUR).sending
        assert audited(world).is_sound
        book.settle_sending(action, went_out=True, actor=ANNA, now=NOW + 5 * HOUR)
        assert world.row(action)["sent_at"] == NOW + HOUR
        assert audited(world).is_sound
        book.end_sending(action, sending=second, taken=True, says="250", actor=ANNA,
                         now=NOW + 6 * HOUR, sent_sha256="b" * 64)  # fmt: skip
        assert audited(world).unlike == ()
        book.mark_overdue(now=world.row(action)["due_at"])
        assert audited(world).is_sound
        book.move_action(action, ActionMove.WITHDRAW, actor=ANNA, now=NOW + 900 * HOUR, outcome="x")
    assert audited(world).unlike == ()


def test_a_sending_that_did_not_go_out_and_a_draft_made_anew_are_sound(world):
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        sending = book.begin_sending(action, actor=ANNA, now=NOW).sending
        book.end_sending(action, sending=sending, taken=None, says="lost", actor=ANNA, now=NOW,
                         sent_sha256="b" * 64)  # fmt: skip
        assert audited(world).unlike == ()
        book.settle_sending(action, went_out=False, actor=ANNA, now=NOW + HOUR)
        book.move_action(action, ActionMove.REVISE, actor=ANNA, now=NOW + HOUR, outcome="again")
    assert audited(world).unlike == ()
    world.revise(action, now=NOW + HOUR)
    assert audited(world).unlike == ()


TAMPERED = [
    ("update actions set state = 'withdrawn'", "has state withdrawn, and its history says"),
    ("update actions set address = 'else@host.example'", "or to whom, is not what was drafted"),
    ("update actions set provider_name = 'Else'", "has provider Else"),
    ("update actions set sent_at = sent_at - interval 9 day", "has sent_at 2026-11-13"),
    ("update actions set ended_at = null", "has ended_at nothing"),
    ("update actions set approved_by = 'eve'", "has approved_by eve"),
    ("update actions set sent_sha256 = repeat('0', 64)", "has sent_sha256 0000"),
    ("delete from actions", "the notice NA-"),
    ("delete from action_cases", "is gone, and its history names it"),
    ("delete from action_cases; delete from actions; delete from action_replies",
     "is gone, and its history names it"),
    ("insert into actions by name select * replace ('NA-FORGED' as action_id) from actions",
     "no case is named for this notice"),
    ("insert into action_cases by name select 'NA-FORGED' as action_id, case_id, updated_at "
     "from action_cases; insert into actions by name select * replace ('NA-FORGED' as action_id) "
     "from actions", "the notice NA-FORGED is in no event of it"),
    ("update action_replies set content_sha256 = repeat('0', 64)", "1 has content_sha256 0000"),
    ("delete from action_replies", "the answer NA-"),
    ("update action_replies set summary = 'they refused'", "1 has words_sha256"),
    ("update action_replies set received_at = received_at - interval 1 hour",
     "1 has received_at 2026-11-22T08"),
    ("update captures set wacz_sha256 = repeat('0', 64)", "has wacz_sha256 0000"),
    ("update captures set full_sha256 = repeat('0', 64)", "and its history says nothing"),
    ("update captures set ct_sha256 = repeat('0', 64)", "has ct_sha256 0000"),
    ("update captures set url = 'https://innocent.example/'", "has url https://innocent.example/"),
    ("update captures set ended_at = ended_at + interval 1 day", "has told_at"),
    ("delete from captures", "is gone, and its history names it"),
    ("insert into captures by name select * replace ('NC-FORGED' as capture_id) from captures "
     "limit 1", "the capture NC-FORGED is in no event of it"),
    ("insert into captures by name select * replace ('NC-FORGED' as capture_id, 'NK-NONE' as "
     "case_id) from captures limit 1", "it has no history"),
    ("update packs set tagmanifest_sha256 = repeat('0', 64)", "has tagmanifest_sha256 0000"),
    ("delete from packs", "the pack NP-1 is gone"),
    *(
        (f"update captures set {change}", "was changed: its row is not the one that its history")
        for change in (
            "page_kind = 'parked'", "started_at = started_at - interval 1 day",
            "address = '192.0.2.99'", "tools = '[7]'", "title = 'Else'", "refused = refused + 1",
        )
    ),
    *(
        (f"update actions set {change}", "was changed: its row is not the one that its history")
        for change in (
            "captured_at = captured_at + interval 1 day", "without_capture = 'no need'",
            "missing = '[\"x\"]'", "given = '{\"x\":1}'", "fields = '{}'", "attempt = 9",
            "campaign_id = 'NC-ELSE'", "reference = 'NA-ELSE'", "scope = 'cdn'",
            "rung = 'upstream'",
            "acknowledged_at = now()", "answered_at = now()", "sending_says = 'taken'",
            "provider_id = 'else'", "provider_ref = '7'", "outcome = 'refused'", "due_at = now()",
            "revision = 99",
        )
    ),
    ("update cases set subject = 'innocent.example' where subject_kind = 'host'",
     "subject is innocent.example"),
    ("update cases set subject = 'x/@innocent' where subject_kind = 'account'",
     "subject is x/@innocent, and its history says x/@acme_help"),
    ("update cases set domain = 'innocent.example'", "domain is innocent.example"),
    ("update cases set kind = 'typosquat'", "kind is typosquat, and its history says"),
    ("update cases set subject_kind = 'app' where subject_kind = 'account'",
     "subject_kind is app, and its history says account"),
    ("update cases set subject_state = 'removed'", "subject_state is removed"),
    ("update cases set confidence = 1, severity = 2", "confidence is 1, and its history says"),
    ("update cases set opened_at = opened_at + interval 1 day", "opened_at is 2026-11-22"),
    ("update cases set brand_id = 'else'", "its id is not that of this brand and subject"),
    ("update cases set down_since = now()", "down_since is"),
]  # fmt: skip


def test_whatever_is_changed_added_or_deleted_by_hand_is_named(world, monkeypatch):
    monkeypatch.setattr("namaak.casework.audit.CASES_A_PART", 1)
    answered(world)
    assert audited(world).unlike == ()
    with world.writing() as book:
        for sql, what in TAMPERED:
            book._con.execute("begin")
            book._con.execute(sql)
            found = audit(book._con)
            book._con.execute("rollback")
            assert found.broken is None
            assert not found.is_sound, sql
            assert what in "; ".join(says for _, says in found.unlike), (sql, found.unlike)


@pytest.mark.parametrize(
    "change",
    ["captured_at = '{late}'", "captured_at = '{late}', missing = '[]', revision = 7"],
)
def test_what_gates_a_notice_cannot_be_set_by_hand(world, change):
    """Captures are sixty days old by then, and the row says otherwise."""
    late = NOW + 60 * 24 * HOUR
    action = world.draft()
    with world.writing() as book:
        book._con.execute(f"update actions set {change.format(late=late)}")
        book._mark.touch()
    with pytest.raises(UsageError, match="is not as it was written down last"):
        world.approve(action, now=late)
    assert world.row(action)["state"] == "draft"


def test_an_approved_notice_that_was_changed_by_hand_is_not_sent(world):
    late = NOW + 23 * HOUR
    action = world.draft()
    world.approve(action)
    with world.writing() as book:
        book._con.execute(
            f"update actions set captured_at = '{late}', approved_at = '{late}', due_at = null"
        )
        with pytest.raises(UsageError, match="is not as it was written down last"):
            book.begin_sending(action, actor=ANNA, now=late + 20 * HOUR)
        with pytest.raises(UsageError, match="is not as it was written down last"):
            book.sent_by_hand(action, actor=ANNA, now=late)


def test_rows_of_an_older_version_are_sound_and_counted_as_not_told(world, monkeypatch):
    """Its events name no digest of a row: nothing of it is held against one, or refused."""
    append = Working._append

    def of_before(book, drafts):
        def without(data):
            return {name: value for name, value in data.items() if name != "row_sha256"}

        append(book, [replace(one, data=without(one.data)) for one in drafts])

    assert audited(world).untold_cases == 0
    with monkeypatch.context() as patched:
        patched.setattr(Working, "_append", of_before)
        action = world.draft()
    before = audited(world)
    assert (before.unlike, before.untold_cases) == ((), 1)
    world.approve(action)
    after = audited(world)
    assert (after.unlike, after.untold_cases) == ((), 0)


def test_an_event_that_is_cut_off_shows_in_what_it_told(world):
    answered(world)
    with world.writing() as book:
        book._con.execute("delete from events where seq = (select max(seq) from events)")
        found = audit(book._con)
    assert found.broken is None and found.cut is None
    assert found.unlike == ((LOGIN_ID, "the pack NP-1 is in no event of it"),)


def test_a_program_that_only_reads_like_a_flow_approves_nothing(world):
    action = world.draft(PAY_ID)
    for name in ("Flow:auto", " flow:auto", "flow:auto"):
        with pytest.raises(UsageError):
            world.approve(action, actor=name)
    assert world.row(action)["state"] == "draft"
