"""The casebook's writer for sending: a notice goes out as a person approved it, and once.

That a sending begins is written down before, what came of it after; what lies between is never
tried again by itself. Who hands a mail in may come back after a person settled the matter, or
after another sending was begun: its end is written down as well.
May import: namaak.casework.action_moves, action_rows, events, lifecycle and reading,
namaak.casework.notices.{composing, covering, sendings}, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from namaak.casework.action_moves import ActionMove, move
from namaak.casework.action_rows import (
    DEFAULT_WAIT,
    FRESH,
    OVER,
    ActionRows,
    Row,
    check_reason,
    refuse_decided,
    refuse_flow,
    refuse_while_sending,
)
from namaak.casework.events import utc_text
from namaak.casework.lifecycle import Decision, DecisionKind, Who, who_is
from namaak.casework.notices.composing import Outgoing, content_digest
from namaak.casework.notices.covering import provider_named
from namaak.casework.notices.sendings import Sending, sendings_in
from namaak.casework.reading import read_rows
from namaak.errors import UsageError
from namaak.records import ActionState, Workflow
from namaak.sqlfiles import statement

#: An approval older than this was of what stood there then.
APPROVAL_HOLDS = timedelta(hours=24)
#: Longer than a hand-in lasts by its own time limits.
HAND_IN_TAKES = timedelta(minutes=15)


class ActionSending(ActionRows):
    """What a writer does with notices on their way out."""

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
            refuse_flow(actor)
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
        left = [case for case, workflow in cases.items() if workflow in OVER]
        moved = [
            case for case, workflow in cases.items() if workflow not in (*OVER, Workflow.ENFORCING)
        ]
        self._take_down(moved, decision, actor=actor, now=now)
        return left

    def _check_approved(self, row: Row, *, actor: str) -> None:
        """It stands as a person approved it, by the row and by the history."""
        move(ActionState(row["state"]), ActionMove.SEND, who=who_is(actor))
        refuse_while_sending(row)
        digest = content_digest(row)
        if row["approved_sha256"] != digest or self._approved_in_history(row) != digest:
            raise UsageError(
                f"{row['action_id']} is not what was approved; draft it again with "
                f"`namaak notice revise {row['action_id']}` and have a person approve it."
            )
        self._refuse_otherwise(row)
        refuse_decided(row, self._cases(row["action_id"]))

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
            check_reason(although_down)
            return
        down = [case["case_id"] for case in self._cases(row["action_id"]) if case["down_since"]]
        if down:
            raise UsageError(
                f"{', '.join(down)} of {row['action_id']} is down by the last re-checks; withdraw "
                "the notice, or say why it goes out all the same, with --although-down."
            )
