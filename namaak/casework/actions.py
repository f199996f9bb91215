"""The casebook's writer for takedown actions: drafted, approved, answered, ended.

What goes out is what a person approved, to the byte: approval covers a digest over everything, the
history keeps it, and whatever differs is refused. How it goes out is in action_sending.
May import: namaak.casework.action_moves, action_rows, events, lifecycle and reading,
namaak.casework.notices.{composing, covering, proposing, reading}, namaak.records, sqlfiles and
errors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from namaak.casework.action_moves import ActionMove, move
from namaak.casework.action_rows import (
    DEFAULT_WAIT,
    ActionRows,
    Row,
    check_reason,
    refuse_flow,
    refuse_unready,
    refuse_while_sending,
)
from namaak.casework.events import Draft, EventKind, utc_text
from namaak.casework.lifecycle import FLOW_PREFIX, Who, who_is
from namaak.casework.notices.composing import content_digest, reply_words_digest
from namaak.casework.notices.covering import covered_sentence, covering_action, provider_named
from namaak.casework.notices.proposing import Proposed, not_yet_proposed
from namaak.casework.notices.reading import overdue_actions
from namaak.casework.reading import read_rows
from namaak.errors import UsageError
from namaak.records import ActionState
from namaak.sqlfiles import statement

_AWAITED = frozenset({ActionState.SENT, ActionState.ACKNOWLEDGED})
_ENDED = frozenset({ActionState.EXECUTED, ActionState.DENIED, ActionState.WITHDRAWN})
_SUBSTANCE = frozenset(
    {ActionState.INFO_REQUESTED, ActionState.ACCEPTED, ActionState.DENIED, ActionState.EXECUTED}
)
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


class Actions(ActionRows):
    """What a writer does with takedown actions but sending them."""

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
                refuse_while_sending(before)
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
            to = refuse_unready(
                row, self._cases(action_id), who=who_is(actor), now=now,
                without_capture=without_capture,
            )  # fmt: skip
            self._refuse_otherwise(row)
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
            refuse_flow(actor)
            refuse_while_sending(row)
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
            refuse_flow(actor)
            after = self._moved(row, made, actor=actor, now=now, due_at=due_at, outcome=outcome)
            self._change(after, row["state"], actor=actor, now=now, note=outcome)

    def mark_overdue(self, *, now: datetime) -> list[str]:
        """Those that nobody answered in time have no reply now; their ids."""
        overdue = overdue_actions(self._con, now)
        if not overdue:
            # A transaction is a reason to publish, and nothing happened.
            return []
        with self._transaction():
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
        added = not_yet_proposed(self._con, proposals)
        if not added:
            return []
        with self._transaction():
            self._append(
                [
                    Draft(case_id=one.case_id, kind=EventKind.PROPOSED, actor=_BY_CALENDAR,
                          happened_at=now, data=one.particulars())
                    for one in added
                ]
            )  # fmt: skip
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
        refuse_while_sending(row)
        if made is None:
            return dict(row)
        to = move(ActionState(row["state"]), made, who=who_is(actor))
        after = row | {"state": str(to)}
        if outcome is not None:
            check_reason(outcome)
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

    def _refuse_second(self, row: Mapping[str, Any], case_ids: Sequence[str]) -> None:
        """One notice per provider and campaign; checked here too, because two may draft at once."""
        for case_id in case_ids:
            near = read_rows(self._con, statement("casebook/actions_near"), {"case_id": case_id})
            covering = covering_action(
                list(near), provider_id=row["provider_id"], address=row["address"]
            )
            if covering is not None:
                raise UsageError(covered_sentence(covering))


def _refuse_unsent(row: Mapping[str, Any]) -> None:
    if row["sent_at"] is None:
        raise UsageError(
            f"{row['action_id']} is {row['state']} and was never sent, so nobody answered it; "
            f"where you sent it yourself, say so first with `namaak notice send {row['action_id']} "
            "--by-hand`."
        )
