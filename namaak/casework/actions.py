"""The casebook's writer for takedown actions: drafted, approved, sent, answered.

What goes out is what a person approved, to the byte: approval covers a digest over everything, the
history keeps it, and whatever differs is refused. A sending is written down before it begins and
after it ended; what lies between is never tried again by itself.
May import: namaak.casework.deciding, events, lifecycle, action_moves and reading,
namaak.casework.notices.{composing, covering, proposing, sendings}, namaak.records, sqlfiles and
errors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from namaak.casework.action_moves import ActionMove, move
from namaak.casework.deciding import Deciding
from namaak.casework.events import Draft, EventKind, canonical_json, utc_text
from namaak.casework.lifecycle import (
    FLOW_PREFIX,
    MAX_NOTE_CHARACTERS,
    Decision,
    DecisionKind,
    Who,
    who_is,
)
from namaak.casework.notices.composing import Outgoing, content_digest, reply_words_digest
from namaak.casework.notices.covering import covered_sentence, covering_action, provider_named
from namaak.casework.notices.proposing import Proposed
from namaak.casework.notices.sendings import Sending, sendings_in
from namaak.casework.reading import read_rows
from namaak.errors import UsageError
from namaak.records import ActionState, Workflow
from namaak.sqlfiles import statement

Row = dict[str, Any]

#: A capture older than this shows what may be gone: nothing is asserted on it.
FRESH = timedelta(hours=24)
#: An approval older than this was of what stood there then.
APPROVAL_HOLDS = timedelta(hours=24)
#: Longer than a hand-in lasts by its own time limits.
HAND_IN_TAKES = timedelta(minutes=15)
#: Until an answer is overdue, where neither ladder nor provider says otherwise.
DEFAULT_WAIT = timedelta(days=7)
_AWAITED = frozenset({ActionState.SENT, ActionState.ACKNOWLEDGED})
_ENDED = frozenset({ActionState.EXECUTED, ActionState.DENIED, ActionState.WITHDRAWN})
_SUBSTANCE = frozenset(
    {ActionState.INFO_REQUESTED, ActionState.ACCEPTED, ActionState.DENIED, ActionState.EXECUTED}
)
#: Decided or done: nothing more goes out about it before somebody re-opens it.
_OVER = frozenset({Workflow.DISMISSED, Workflow.CLOSED, Workflow.RESOLVED})
_BY_CHECK = f"{FLOW_PREFIX}recheck"
_BY_CALENDAR = f"{FLOW_PREFIX}follow-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Something that was answered."""

    received_at: datetime
    channel: str
    content_sha256: str  #: in the evidence store
    sender: str | None = None
    summary: str | None = None
    provider_ref: str | None = None


class Actions(Deciding):
    """What a writer does with takedown actions."""

    def draft_action(
        self,
        row: Mapping[str, Any],
        case_ids: Sequence[str],
        *,
        actor: str,
        now: datetime,
        again: bool = False,
    ) -> str:
        """Keep a draft, or a draft drafted anew; its id.

        row: the columns that drafting decides (see notices.preparing). case_ids: whole ones.
        Drafted anew, an approved one is a draft again. again: a person wants one beside another
        that is open at that provider. Raises UsageError where there is such another, and for one
        that went out.
        """
        with self._transaction():
            before = self._row_or_none(row["action_id"])
            who = who_is(actor)
            if before is None:
                move(ActionState.DRAFT, ActionMove.REVISE, who=who)
                if not again:
                    self._refuse_second(row, case_ids)
                was, attempts = "new", 1
            else:
                move(ActionState(before["state"]), ActionMove.REVISE, who=who)
                _refuse_while_sending(before)
                was, attempts = before["state"], before["revision"] + 1
            after: Row = {
                **dict.fromkeys(self._con.table("actions").columns),
                **row,
                "state": str(ActionState.DRAFT),
                "drafted_at": now,
                "drafted_by": actor,
                "updated_at": now,
                "revision": attempts,
            }
            after["content_sha256"] = content_digest(after)
            self._put(after)
            rows = [
                {"action_id": row["action_id"], "case_id": case_id, "updated_at": now}
                for case_id in case_ids
            ]
            self._apply("put_action_cases", incoming_action_cases=self._table("action_cases", rows))
            self._write_down(
                after, was, actor=actor, now=now, content_sha256=after["content_sha256"]
            )
        return str(row["action_id"])

    def approve_action(
        self,
        action_id: str,
        *,
        content_sha256: str,
        confirmed: Iterable[str],
        actor: str,
        now: datetime,
        without_capture: str | None = None,
    ) -> None:
        """A person approves exactly what has this digest, and makes the statements it carries.

        confirmed: names of the statements. without_capture: why, where no capture is fresh.
        Raises UsageError where anything is missing, or it changed since the person saw it.
        """
        with self._transaction():
            row = self._row(action_id)
            to = move(ActionState(row["state"]), ActionMove.APPROVE, who=who_is(actor))
            missing = json.loads(row["missing"])
            if missing:
                names = ", ".join(item["field"] for item in missing)
                raise UsageError(
                    f"{action_id} lacks {names}; `namaak notice show {action_id}` says what to do."
                )
            if content_sha256 != row["content_sha256"] or content_digest(row) != content_sha256:
                raise UsageError(
                    f"{action_id} was changed after you looked at it; look at it again with "
                    f"`namaak notice show {action_id}`."
                )
            unconfirmed = sorted(set(json.loads(row["statements"])) - set(confirmed))
            if unconfirmed:
                raise UsageError(
                    f"{action_id} states {', '.join(unconfirmed)}; whoever approves it must "
                    "confirm each."
                )
            if without_capture is not None:
                _check_reason(without_capture)
            elif row["captured_at"] is None or now - row["captured_at"] > FRESH:
                raise UsageError(
                    f"{action_id} has no capture of the last 24 hours for each of its cases; make "
                    "them with `namaak capture` and draft it again with `namaak notice revise`, or "
                    "say why it goes without, with --without-capture."
                )
            self._refuse_decided(row)
            after = row | {
                "state": str(to),
                "approved_at": now,
                "approved_by": actor,
                "approved_sha256": content_sha256,
                "without_capture": without_capture,
            }
            self._change(
                after, row["state"], actor=actor, now=now, content_sha256=content_sha256,
                statements=sorted(json.loads(row["statements"])), without_capture=without_capture,
            )  # fmt: skip

    def begin_sending(
        self, action_id: str, *, actor: str, now: datetime, although_down: str | None = None
    ) -> Outgoing:
        """Write down that a person has it sent now; what may be sent.

        although_down: why it goes out though a case of it is down. Raises UsageError unless exactly
        this was approved, lately, of pages seen lately that are up, and no sending of it is open.
        """
        with self._transaction():
            row = self._row(action_id)
            self._check_approved(row, actor=actor)
            earlier = self._sendings(action_id)
            if any(one.taken for one in earlier):
                raise UsageError(
                    f"A mail of {action_id} went out already ({row['sending_says']}); withdraw "
                    "this one, and draft another with --again if more must be said."
                )
            if now - row["approved_at"] > APPROVAL_HOLDS:
                raise UsageError(
                    f"{action_id} was approved more than 24 hours ago; look again whether all of "
                    "it still holds, with `namaak notice revise`, and approve it again."
                )
            if row["channel"] != "mail" or row["eml_sha256"] is None or not row["address"]:
                raise UsageError(
                    f"{action_id} goes by {row['channel']}, which you do yourself "
                    f"(`namaak notice show {action_id} --as fields`); then say so with "
                    "--by-hand."
                )
            self._refuse_unseen(row, now=now, although_down=although_down)
            number = 1 + max((one.number for one in earlier), default=0)
            after = row | {"sending_at": now, "sending_by": actor, "sending_says": None}
            self._change(
                after, row["state"], actor=actor, now=now, sending="begun", number=number,
                content_sha256=row["content_sha256"], although_down=although_down,
            )  # fmt: skip
        return Outgoing(
            action_id=action_id,
            address=row["address"],
            eml_sha256=row["eml_sha256"],
            content_sha256=row["content_sha256"],
            sending=number,
        )

    def end_sending(
        self,
        action_id: str,
        *,
        sending: int,
        taken: bool | None,
        says: str,
        actor: str,
        now: datetime,
        sent_sha256: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        """What came of a sending that was begun. taken: None where nobody can tell.

        sending: which one, as `begin_sending` said. sent_sha256: of the mail with its Date. An
        unknown one stays open until a person says what became of it, with `settle_sending`. What
        comes after a person settled it is written down as well: the server's word is the truth.
        """
        with self._transaction():
            row = self._row(action_id)
            known = self._sendings(action_id)
            ours = next((one for one in known if one.number == sending), None)
            if ours is None or ours.ended:
                raise UsageError(f"No sending {sending} of {action_id} is open; nothing ends.")
            late = None if row["sending_at"] is not None and ours is known[-1] else True
            # Else it counts as sent already, or was drafted anew: the row is of something else.
            of_this = (
                row["state"] == ActionState.APPROVED
                and ours.content_sha256 == row["content_sha256"]
            )
            if taken and of_this:
                self._sent(row, how="smtp", says=says, sent_sha256=sent_sha256, due_at=due_at,
                           actor=actor, now=now, sending="taken", number=sending,
                           late=late)  # fmt: skip
                return
            if late:
                self._came_late(row, ours, taken=taken, says=says, sent_sha256=sent_sha256,
                                actor=actor, now=now)  # fmt: skip
                return
            # Not taken, it may be sent again; of an unknown one the sending stays open.
            open_still = {} if taken is None else {"sending_at": None, "sending_by": None}
            after = row | {"sending_says": says, **open_still}
            if taken is None:
                after["sent_sha256"] = sent_sha256
            self._change(
                after, row["state"], actor=actor, now=now, says=says, number=sending,
                sending="unknown" if taken is None else "refused",
            )  # fmt: skip

    def _came_late(
        self,
        row: Row,
        ours: Sending,
        *,
        taken: bool | None,
        says: str,
        sent_sha256: str | None,
        actor: str,
        now: datetime,
    ) -> None:
        """The end of a sending that somebody settled, where it does not change the state."""
        after = dict(row)
        if taken and row["sent_how"] == "smtp" and row["sent_sha256"] is None:
            after["sent_sha256"] = sent_sha256
        # The result of one that is open now is still to come, and belongs there.
        if row["sending_at"] is None:
            after["sending_says"] = f"sending {ours.number}, after it was settled: {says}"
        words = {True: "taken", False: "refused", None: "unknown"}
        self._change(
            after, row["state"], actor=actor, now=now, says=says, sending=words[taken],
            number=ours.number, late=True, sent_sha256=sent_sha256,
            content_sha256=ours.content_sha256,
        )  # fmt: skip

    def settle_sending(
        self,
        action_id: str,
        *,
        went_out: bool,
        actor: str,
        now: datetime,
        due_at: datetime | None = None,
    ) -> None:
        """A person found out what became of a sending that nobody knew of."""
        with self._transaction():
            row = self._row(action_id)
            _refuse_flow(actor)
            if row["sending_at"] is None:
                raise UsageError(f"No sending of {action_id} is open; there is nothing to settle.")
            known = self._sendings(action_id)
            number = known[-1].number if known else None
            # Without a result it may be under way: then nobody can have found out.
            if row["sending_says"] is None and now - row["sending_at"] < HAND_IN_TAKES:
                until = utc_text(row["sending_at"] + HAND_IN_TAKES)[:16]
                raise UsageError(
                    f"The sending of {action_id} that {row['sending_by']} began may still be under "
                    f"way; wait for its end, or say what became of it after {until}Z."
                )
            says = f"{actor} looked: it {'went out' if went_out else 'did not go out'}"
            if went_out:
                self._sent(
                    row, how="smtp", says=says, sent_sha256=row["sent_sha256"], due_at=due_at,
                    actor=actor, now=row["sending_at"], told_at=now, number=number, settled=True,
                )  # fmt: skip
                return
            after = row | {"sending_at": None, "sending_by": None, "sent_sha256": None,
                           "sending_says": says}  # fmt: skip
            self._change(after, row["state"], actor=actor, now=now, sending="refused", says=says,
                         number=number, settled=True)  # fmt: skip

    def sent_by_hand(
        self, action_id: str, *, actor: str, now: datetime, due_at: datetime | None = None
    ) -> None:
        """A person sent what was approved: pasted it into a form, mailed or posted it."""
        with self._transaction():
            row = self._row(action_id)
            self._check_approved(row, actor=actor)
            self._sent(row, how="by-hand", says=None, sent_sha256=None, due_at=due_at,
                       actor=actor, now=now)  # fmt: skip

    def log_reply(
        self,
        action_id: str,
        reply: Reply,
        *,
        made: ActionMove | None,
        actor: str,
        now: datetime,
        due_at: datetime | None = None,
        outcome: str | None = None,
    ) -> None:
        """Keep an answer, and where it leads. made: None keeps the state.

        One dated before the notice or after now came then; its own date stands in the summary.
        Raises UsageError where nothing went out that could be answered.
        """
        with self._transaction():
            row = self._row(action_id)
            _refuse_flow(actor)
            _refuse_while_sending(row)
            _refuse_unsent(row)
            after = self._moved(row, made, actor=actor, now=now, due_at=due_at, outcome=outcome)
            if reply.provider_ref:
                after["provider_ref"] = reply.provider_ref
            replies = read_rows(self._con, statement("casebook/replies_of_action"), [action_id])
            position = 1 + len(list(replies))
            # The sender dates it; what hangs on the date must not be theirs to choose.
            earliest = row["sent_at"] or row["drafted_at"]
            received_at = min(max(reply.received_at, earliest), now)
            summary = reply.summary
            if received_at != reply.received_at:
                says = f"(dated {utc_text(reply.received_at)[:19]}Z by its sender)"
                summary = f"{summary} {says}" if summary else says
            kept = {
                "action_id": action_id, "position": position, "received_at": received_at,
                "channel": reply.channel, "sender": reply.sender, "summary": summary,
                "content_sha256": reply.content_sha256, "state_after": after["state"],
                "logged_by": actor, "logged_at": now, "updated_at": now,
            }  # fmt: skip
            table = self._table("action_replies", [kept])
            self._apply("insert_action_replies", incoming_action_replies=table)
            self._put(after | {"updated_at": now, "revision": row["revision"] + 1})
            self._history(
                action_id, EventKind.REPLIED, actor=actor, now=now,
                data={
                    "action_id": action_id, "position": position, "channel": reply.channel,
                    "content_sha256": reply.content_sha256, "from": row["state"],
                    "to": after["state"], "provider": provider_named(row),
                    "received_at": utc_text(received_at),
                    "words_sha256": reply_words_digest(kept),
                },
            )  # fmt: skip

    def move_action(
        self,
        action_id: str,
        made: ActionMove,
        *,
        actor: str,
        now: datetime,
        outcome: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        """A person says what became of it. Approving and sending have ways of their own."""
        if made in (ActionMove.APPROVE, ActionMove.SEND):
            raise UsageError(f"To {made} a notice is a step of its own, never a word about it.")
        with self._transaction():
            row = self._row(action_id)
            _refuse_flow(actor)
            after = self._moved(row, made, actor=actor, now=now, due_at=due_at, outcome=outcome)
            self._change(after, row["state"], actor=actor, now=now, note=outcome)

    def mark_overdue(self, *, now: datetime) -> list[str]:
        """Those that nobody answered in time have no reply now; their ids."""
        with self._transaction():
            overdue = list(read_rows(self._con, statement("casebook/actions_overdue"), [now]))
            for row in overdue:
                # Its due date stays: since then it is overdue.
                due_at = row["due_at"]
                to = move(ActionState(row["state"]), ActionMove.GO_UNANSWERED, who=Who.FLOW)
                self._change(
                    row | {"state": str(to)}, row["state"], actor=_BY_CALENDAR, now=now,
                    why=f"no answer until {utc_text(due_at)[:10]}",
                )  # fmt: skip
        return [row["action_id"] for row in overdue]

    def propose(self, proposals: Iterable[Proposed], *, now: datetime) -> list[Proposed]:
        """Write next steps into the history, each once; those that were not there before."""
        added = []
        with self._transaction():
            drafts = []
            for one in proposals:
                data = {
                    "rung": one.rung, "why": one.why, "action_id": one.after_action,
                    "contact": one.contact,
                }  # fmt: skip
                data = {name: value for name, value in data.items() if value is not None}
                rows = read_rows(self._con, statement("casebook/proposed_events"), [one.case_id])
                if canonical_json(data).decode() in {row["data"] for row in rows}:
                    continue
                added.append(one)
                drafts.append(
                    Draft(case_id=one.case_id, kind=EventKind.PROPOSED, actor=_BY_CALENDAR,
                          happened_at=now, data=data)
                )  # fmt: skip
            self._append(drafts)
        return added

    def execute_by_check(self, case_id: str, now: datetime) -> list[str]:
        """Notices about a case that is down now are executed, once all their cases are; ids."""
        with self._transaction():
            return self._execute_by_check(case_id, now)

    def _execute_by_check(self, case_id: str, now: datetime) -> list[str]:
        """The same within a transaction, after cases.down_since was set there."""
        done = []
        for row in list(read_rows(self._con, statement("casebook/actions_of_case"), [case_id])):
            state = ActionState(row["state"])
            if state not in (*_AWAITED, ActionState.INFO_REQUESTED, ActionState.NO_REPLY,
                             ActionState.ACCEPTED):  # fmt: skip
                continue
            cases = self._cases(row["action_id"])
            if any(one["down_since"] is None for one in cases if one["case_id"] != case_id):
                continue
            after = self._moved(row, ActionMove.EXECUTE, actor=_BY_CHECK, now=now)
            why = "a re-check shows it down" if len(cases) == 1 else "all its cases are down"
            after["outcome"] = row["outcome"] or why
            self._change(after, row["state"], actor=_BY_CHECK, now=now, why=why)
            done.append(row["action_id"])
        return done

    # What the moves have in common

    def _moved(
        self,
        row: Row,
        made: ActionMove | None,
        *,
        actor: str,
        now: datetime,
        due_at: datetime | None = None,
        outcome: str | None = None,
    ) -> Row:
        """The row after a move, with the times that follow from it."""
        _refuse_while_sending(row)
        if made is None:
            return dict(row)
        to = move(ActionState(row["state"]), made, who=who_is(actor))
        after = row | {"state": str(to)}
        if outcome is not None:
            _check_reason(outcome)
            after["outcome"] = outcome
        if made is ActionMove.REVISE:
            after |= dict.fromkeys(("approved_at", "approved_by", "approved_sha256",
                                    "without_capture"))  # fmt: skip
        if to is ActionState.ACKNOWLEDGED:
            after["acknowledged_at"] = row["acknowledged_at"] or now
        if to in _SUBSTANCE:
            after["answered_at"] = row["answered_at"] or now
        if to in _ENDED:
            after["ended_at"] = now
        # Whoever is at work is given time again; who asks us waits for us.
        if to is not ActionState.NO_REPLY:
            after["due_at"] = (due_at or now + DEFAULT_WAIT) if to in _AWAITED else None
        return after

    def _sent(
        self,
        row: Row,
        *,
        how: str,
        says: str | None,
        sent_sha256: str | None,
        due_at: datetime | None,
        actor: str,
        now: datetime,
        told_at: datetime | None = None,
        **particulars: Any,
    ) -> None:
        """It went out at `now`; its cases are being enforced from then on.

        particulars: further ones for the history.
        """
        to = move(ActionState(row["state"]), ActionMove.SEND, who=who_is(actor))
        after = row | {
            "state": str(to), "sent_at": now, "sent_by": actor, "sent_how": how,
            "sent_sha256": sent_sha256, "sending_at": None, "sending_by": None,
            "sending_says": says, "due_at": due_at or now + DEFAULT_WAIT,
        }  # fmt: skip
        written = told_at or now
        left = self._enforce(row, actor=actor, now=written)
        self._change(
            after, row["state"], actor=actor, now=written, how=how, says=says,
            content_sha256=row["content_sha256"], sent_sha256=sent_sha256,
            not_enforced=left or None, **particulars,
        )  # fmt: skip

    def _enforce(self, row: Row, *, actor: str, now: datetime) -> list[str]:
        """Move its cases to enforcing; those that somebody decided otherwise meanwhile stay."""
        decision = Decision(
            kind=DecisionKind.ENFORCE,
            note=f"notice {row['action_id']} to {provider_named(row)}",
            action_id=row["action_id"],
        )
        cases = {
            case["case_id"]: Workflow(case["workflow"]) for case in self._cases(row["action_id"])
        }
        # The mail is out: that stays true, whatever was decided about the case meanwhile.
        left = [case for case, workflow in cases.items() if workflow in _OVER]
        moved = [
            case for case, workflow in cases.items() if workflow not in (*_OVER, Workflow.ENFORCING)
        ]
        self._take_down(moved, decision, actor=actor, now=now)
        return left

    def _check_approved(self, row: Row, *, actor: str) -> None:
        """It stands as a person approved it, by the row and by the history."""
        move(ActionState(row["state"]), ActionMove.SEND, who=who_is(actor))
        _refuse_while_sending(row)
        digest = content_digest(row)
        if row["approved_sha256"] != digest or self._approved_in_history(row) != digest:
            raise UsageError(
                f"{row['action_id']} is not what was approved; draft it again with "
                f"`namaak notice revise {row['action_id']}` and have a person approve it."
            )
        self._refuse_decided(row)

    def _approved_in_history(self, row: Row) -> str | None:
        """The digest that the last approval in the chain names."""
        bound = {"action_id": row["action_id"]}
        found = None
        for event in read_rows(self._con, statement("casebook/action_events"), bound):
            data = json.loads(event["data"])
            if (
                data.get("to") == ActionState.APPROVED
                and data.get("from") == ActionState.DRAFT
                and who_is(event["actor"]) is Who.PERSON
            ):
                found = data.get("content_sha256")
        return found

    def _sendings(self, action_id: str) -> list[Sending]:
        bound = {"action_id": action_id}
        return sendings_in(read_rows(self._con, statement("casebook/action_events"), bound))

    def _refuse_unseen(self, row: Row, *, now: datetime, although_down: str | None) -> None:
        """What a notice says of its pages was seen lately, and none of them is known to be down."""
        seen_at = row["captured_at"]
        if row["without_capture"] is None and (seen_at is None or now - seen_at > FRESH):
            raise UsageError(
                f"The captures of {row['action_id']} are more than 24 hours old by now; make new "
                "ones with `namaak capture`, draft it again with `namaak notice revise`, and have "
                "it approved again."
            )
        if although_down is not None:
            _check_reason(although_down)
            return
        down = [case["case_id"] for case in self._cases(row["action_id"]) if case["down_since"]]
        if down:
            raise UsageError(
                f"{', '.join(down)} of {row['action_id']} is down by the last re-checks; withdraw "
                "the notice, or say why it goes out all the same, with --although-down."
            )

    def _refuse_decided(self, row: Row) -> None:
        """Nothing goes out about a case that a person put away, or that is over."""
        for case in self._cases(row["action_id"]):
            if case["workflow"] in _OVER:
                raise UsageError(
                    f"{case['case_id']} is {case['workflow']}; re-open it with `namaak triage` "
                    f"before anything is sent about it, or withdraw {row['action_id']}."
                )

    def _refuse_second(self, row: Mapping[str, Any], case_ids: Sequence[str]) -> None:
        """One notice per provider and campaign; checked here too, because two may draft at once."""
        for case_id in case_ids:
            near = read_rows(self._con, statement("casebook/actions_near"), {"case_id": case_id})
            covering = covering_action(
                list(near), provider_id=row["provider_id"], address=row["address"]
            )
            if covering is not None:
                raise UsageError(covered_sentence(covering))

    def _cases(self, action_id: str) -> list[Row]:
        return list(read_rows(self._con, statement("casebook/cases_of_action"), [action_id]))

    def _row_or_none(self, action_id: str) -> Row | None:
        return next(read_rows(self._con, statement("casebook/action_row"), [action_id]), None)

    def _row(self, action_id: str) -> Row:
        row = self._row_or_none(action_id)
        if row is None:
            raise UsageError(f"There is no notice {action_id!r}; `namaak notice list` lists them.")
        return row

    def _put(self, row: Row) -> None:
        self._apply("put_actions", incoming_actions=self._table("actions", [row]))

    def _change(
        self, after: Row, was: str, *, actor: str, now: datetime, **particulars: Any
    ) -> None:
        row = after | {"updated_at": now, "revision": after["revision"] + 1}
        self._put(row)
        self._write_down(row, was, actor=actor, now=now, **particulars)

    def _write_down(
        self, row: Row, was: str, *, actor: str, now: datetime, **particulars: Any
    ) -> None:
        data = {
            "action_id": row["action_id"], "from": was, "to": row["state"],
            "route": row["route"], "provider": provider_named(row), "template": row["template"],
            **particulars,
        }  # fmt: skip
        told = {name: value for name, value in data.items() if value is not None}
        self._history(row["action_id"], EventKind.ACTION_CHANGED, actor=actor, now=now, data=told)

    def _history(
        self, action_id: str, kind: EventKind, *, actor: str, now: datetime, data: dict[str, Any]
    ) -> None:
        self._append(
            [
                Draft(case_id=case["case_id"], kind=kind, actor=actor, happened_at=now, data=data)
                for case in self._cases(action_id)
            ]
        )


def _refuse_flow(actor: str) -> None:
    if who_is(actor) is Who.FLOW:
        raise UsageError(f"{actor} is no person; only people say what becomes of a notice.")


def _refuse_while_sending(row: Mapping[str, Any]) -> None:
    if row["sending_at"] is None:
        return
    begun = f"{utc_text(row['sending_at'])[:16]}Z by {row['sending_by']}"
    raise UsageError(
        f"A sending of {row['action_id']} was begun at {begun}, and the mail may have gone out "
        f"({row['sending_says'] or 'no result is known'}); look for Message-ID {row['message_id']} "
        f"in the sent mail or the server's log, then say `namaak notice send {row['action_id']} "
        "--it-went-out` or `--it-did-not`."
    )


def _refuse_unsent(row: Mapping[str, Any]) -> None:
    if row["sent_at"] is None:
        raise UsageError(
            f"{row['action_id']} is {row['state']} and was never sent, so nobody answered it; "
            f"where you sent it yourself, say so first with `namaak notice send {row['action_id']} "
            "--by-hand`."
        )


def _check_reason(text: str) -> None:
    if not text.strip() or len(text) > MAX_NOTE_CHARACTERS:
        raise UsageError("The reason is empty or too long; say it in a sentence.")
