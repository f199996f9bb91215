"""`namaak notice reply`, `mark`, `withdraw` and `propose`: what came of it, and what is next."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from namaak.cli.acting import acting_person
from namaak.cli.notices.rows import addressee, row_of, told
from namaak.cli.options import Json, WatchPath, actor_that, as_json
from namaak.cli.output import emit, say
from namaak.cli.writing import writing
from namaak.errors import UsageError

_STEP_COLUMNS = ("case_id", "subject", "rung", "provider", "address", "why")
_State = Literal["acknowledged", "info-requested", "accepted", "denied", "executed", "no-reply"]


def reply(
    action_id: str,
    *,
    state: _State | None = None,
    file: Path | None = None,
    text: str | None = None,
    channel: str = "mail",
    sender: str | None = None,
    provider_ref: str | None = None,
    actor: Annotated[str | None, actor_that("logs it")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Log what was answered to a notice; the answer is kept as it came.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    state
        What it means: acknowledged, info-requested, accepted, denied, executed; else nothing
        changes.
    file
        The answer as a file; a mail (.eml) also tells sender, time and subject.
    text
        The answer in your words, where there is no file.
    channel
        How it came: mail, form, telephone, ...
    sender
        Who answered, where the file does not say.
    provider_ref
        The provider's own number of the report.
    """
    from namaak.casework.actions import Reply
    from namaak.casework.notices.preparing import due_after
    from namaak.casework.notices.replies import read_answer
    from namaak.evidence_store import EvidenceStore
    from namaak.settings import environment_settings

    if (file is None) == (text is None):
        raise UsageError("Give the answer with --file or with --text, one of both.")
    settings = environment_settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    content = (text or "").encode(errors="replace") if file is None else _bytes_of(file)
    answer = read_answer(content, is_mail=file is not None and file.suffix.lower() == ".eml")
    row = row_of(settings, action_id)
    others = [one for one in answer.references if one != row["reference"]]
    if others:
        say(f"The subject of the answer names {', '.join(others)}; is it about another notice?")
    kept = Reply(
        received_at=answer.received_at or now, channel=channel, sender=sender or answer.sender,
        summary=answer.summary, provider_ref=provider_ref,
        content_sha256=EvidenceStore(settings.evidence).keep(content),
    )  # fmt: skip
    with writing(settings) as book:
        book.log_reply(
            row["action_id"], kept, made=_move_to(state, row["state"]), actor=who, now=now,
            due_at=due_after(row, now),
            outcome=answer.summary if state in ("denied", "executed") else None,
        )  # fmt: skip
    return told(settings, row["action_id"], json=json)


def mark(
    action_id: str,
    *,
    state: str,
    note: str,
    actor: Annotated[str | None, actor_that("says so")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Say what became of a notice that nobody answered: you saw that it was executed, say.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    state
        acknowledged, info-requested, accepted, denied, executed or no-reply.
    note
        How you know.
    """
    from namaak.casework.notices.preparing import due_after
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    row = row_of(settings, action_id)
    made = _move_to(state, row["state"])
    with writing(settings) as book:
        book.move_action(
            row["action_id"], made, actor=who, now=now, outcome=note, due_at=due_after(row, now)
        )
    return told(settings, row["action_id"], json=json)


def withdraw(
    action_id: str,
    *,
    reason: str,
    actor: Annotated[str | None, actor_that("withdraws")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Give a notice up, sent or not; write to the provider yourself where it went out.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    reason
        Why.
    """
    from namaak.casework.action_moves import ActionMove
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    row = row_of(settings, action_id)
    with writing(settings) as book:
        book.move_action(
            row["action_id"], ActionMove.WITHDRAW, actor=acting_person(actor),
            now=datetime.now(UTC), outcome=reason,
        )  # fmt: skip
    if row["sent_at"]:
        say(f"It went out; tell {addressee(row)} that it is withdrawn, with {row['reference']}.")
    return told(settings, row["action_id"], json=json)


def propose(
    *case_ids: str,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per step")] = False,
) -> int:
    """Say what to do next where a notice led nowhere: the next rung of the ladder, and why.

    Notices that nobody answered in time have the state no-reply from then on, and what is proposed
    stands in the history of the case. Nothing is drafted or sent.

    Parameters
    ----------
    case_ids
        These cases; else those with notices that are overdue or denied.
    """
    from namaak.casework.notices.proposing import (
        as_proposed,
        next_steps,
        not_yet_proposed,
        stuck_cases,
    )
    from namaak.casework.notices.reading import overdue_actions
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    now = datetime.now(UTC)
    # To write is to make everybody else wait: only where there is something.
    with open_snapshot(settings.casebook) as snapshot:
        overdue = [row["action_id"] for row in overdue_actions(snapshot, now)]
    if overdue:
        with writing(settings) as book:
            overdue = book.mark_overdue(now=now)
    if overdue:
        say(f"Not answered in time: {', '.join(overdue)}.")
    with open_snapshot(settings.casebook) as snapshot:
        wanted = case_ids or tuple(stuck_cases(snapshot))
        steps = next_steps(snapshot, wanted, watch=settings.watch, now=now)
        added = not_yet_proposed(snapshot, as_proposed(steps))
    if added:
        with writing(settings) as book:
            book.propose(added, now=now)
    rows = [
        {
            "case_id": step.case_id,
            "subject": step.subject,
            "rung": step.proposal.rung.id,
            "provider": step.proposal.contact.provider_name or step.proposal.contact.address,
            "address": step.proposal.contact.address,
            "why": step.proposal.why,
            "after": step.proposal.action_id,
            "due": step.proposal.due,
        }
        for step in steps
    ]
    emit(rows, _STEP_COLUMNS, as_json=json, empty="Nothing is due.")
    return 0


def _move_to(state: str | None, before: str) -> Any:
    """The move that leads to the state a person named; None for none."""
    from namaak.casework.action_moves import ActionMove

    if state is None:
        return None
    if state == "acknowledged" and before == "info-requested":
        return ActionMove.ANSWER_INFO
    moves = {
        "acknowledged": ActionMove.ACKNOWLEDGE, "info-requested": ActionMove.ASK_INFO,
        "accepted": ActionMove.ACCEPT, "denied": ActionMove.DENY,
        "executed": ActionMove.EXECUTE, "no-reply": ActionMove.GO_UNANSWERED,
    }  # fmt: skip
    if state not in moves:
        raise UsageError(f"There is no state {state!r} to mark; use one of {', '.join(moves)}.")
    return moves[state]


def _bytes_of(path: Path) -> bytes:
    from namaak.casework.notices.replies import MAX_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name another file.") from None
