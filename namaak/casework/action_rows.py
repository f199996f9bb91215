"""A takedown action as the casebook keeps it: its row, its cases, and each change in their history.

What its moves and its sending have in common; nothing here decides where it goes.
May import: namaak.casework.action_moves, deciding, events, lifecycle, reading and rowdigest,
namaak.casework.notices.covering, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from namaak.casework.action_moves import ActionMove, move
from namaak.casework.deciding import Deciding
from namaak.casework.events import Draft, EventKind, utc_text
from namaak.casework.lifecycle import MAX_NOTE_CHARACTERS, Who, who_is
from namaak.casework.notices.covering import provider_named
from namaak.casework.reading import read_rows
from namaak.casework.rowdigest import row_digest
from namaak.errors import UsageError
from namaak.records import ActionState, Workflow
from namaak.sqlfiles import statement

Row = dict[str, Any]

#: A capture older than this shows what may be gone: nothing is asserted on it.
FRESH = timedelta(hours=24)
#: Until an answer is overdue, where neither ladder nor provider says otherwise.
DEFAULT_WAIT = timedelta(days=7)
#: Decided or done: nothing more goes out about it before somebody re-opens it.
OVER = frozenset({Workflow.DISMISSED, Workflow.CLOSED, Workflow.RESOLVED})


class ActionRows(Deciding):
    """What a writer reads and writes of an action, whatever becomes of it."""

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
        # Of the row as it is kept, not as it was meant: an audit reads it from there.
        told = {**data, "row_sha256": row_digest(self._row(action_id))}
        self._append(
            [
                Draft(case_id=case["case_id"], kind=kind, actor=actor, happened_at=now, data=told)
                for case in self._cases(action_id)
            ]
        )

    def _refuse_otherwise(self, row: Row) -> None:
        """Nothing is approved or sent on the word of a row that its history did not write."""
        bound = {"action_id": row["action_id"]}
        events = list(read_rows(self._con, statement("casebook/last_of_action"), bound))
        says = json.loads(events[-1]["data"]).get("row_sha256") if events else None
        # Null: written by a version that named none.
        if says is not None and says != row_digest(row):
            raise UsageError(
                f"{row['action_id']} is not as it was written down last: somebody changed it in "
                "the file; draft it again with `namaak notice revise`, and see `namaak audit`."
            )


def refuse_unready(
    row: Mapping[str, Any],
    cases: Iterable[Mapping[str, Any]],
    *,
    who: Who,
    now: datetime,
    without_capture: str | None,
) -> ActionState:
    """The state that approval leads to. row: of actions; cases: those that it is about.

    Asked before a person reads it, and again when it is written. Raises UsageError for what nobody
    may approve, whatever he says to its words.
    """
    to = move(ActionState(row["state"]), ActionMove.APPROVE, who=who)
    action_id, missing = row["action_id"], json.loads(row["missing"])
    if missing:
        names = ", ".join(item["field"] for item in missing)
        raise UsageError(
            f"{action_id} lacks {names}; `namaak notice show {action_id}` says what to do."
        )
    if without_capture is not None:
        check_reason(without_capture)
    elif row["captured_at"] is None or now - row["captured_at"] > FRESH:
        raise UsageError(
            f"{action_id} has no capture of the last 24 hours for each of its cases; make "
            "them with `namaak capture` and draft it again with `namaak notice revise`, or "
            "say why it goes without, with --without-capture."
        )
    refuse_decided(row, cases)
    return to


def refuse_decided(row: Mapping[str, Any], cases: Iterable[Mapping[str, Any]]) -> None:
    """Nothing goes out about a case that a person put away, or that is over."""
    for case in cases:
        if case["workflow"] in OVER:
            raise UsageError(
                f"{case['case_id']} is {case['workflow']}; re-open it with `namaak triage` "
                f"before anything is sent about it, or withdraw {row['action_id']}."
            )


def refuse_flow(actor: str) -> None:
    if who_is(actor) is Who.FLOW:
        raise UsageError(f"{actor} is no person; only people say what becomes of a notice.")


def refuse_while_sending(row: Mapping[str, Any]) -> None:
    if row["sending_at"] is None:
        return
    begun = f"{utc_text(row['sending_at'])[:16]}Z by {row['sending_by']}"
    raise UsageError(
        f"A sending of {row['action_id']} was begun at {begun}, and the mail may have gone out "
        f"({row['sending_says'] or 'no result is known'}); look for Message-ID {row['message_id']} "
        f"in the sent mail or the server's log, then say `namaak notice send {row['action_id']} "
        "--it-went-out` or `--it-did-not`."
    )


def check_reason(text: str) -> None:
    if not text.strip() or len(text) > MAX_NOTE_CHARACTERS:
        raise UsageError("The reason is empty or too long; say it in a sentence.")
