"""`namaak notice`: takedown notices, from draft to answer."""

from __future__ import annotations

import json as jsonlib
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from namaak.cli.acting import acting_person
from namaak.cli.options import Flag, Json, WatchPath, actor_that, as_json
from namaak.cli.output import cell, emit, say
from namaak.errors import UsageError
from namaak.visible import visible, visible_lines

if TYPE_CHECKING:
    from namaak.casework.casebook import Casebook
    from namaak.casework.notices.packing import Packed
    from namaak.casework.notices.preparing import Prepared
    from namaak.settings import Settings

_COLUMNS = ("action_id", "state", "route", "provider", "template", "subjects", "due_at")
_DUE_COLUMNS = ("action_id", "what", "state", "provider", "subjects", "due_at")
_STEP_COLUMNS = ("case_id", "subject", "rung", "provider", "address", "why")
#: A field that a person may say, of every case.
_EXAMPLE = "deadline=2026-12-31"
_PARTS = {
    "text": "text_sha256",
    "eml": "eml_sha256",
    "xarf": "xarf_sha256",
    "fields": "form_sha256",
}
_State = Literal["acknowledged", "info-requested", "accepted", "denied", "executed", "no-reply"]


def register(app: App) -> None:
    """Add the commands."""
    notice = App(
        name="notice",
        help="Takedown notices: draft, approve, send, follow. Nothing goes out by itself.",
        help_format="plaintext",
    )
    for command in (draft, revise, show, approve, send, reply, mark, withdraw, list_, propose):
        notice.command(command, name=command.__name__.rstrip("_"))
    app.command(notice)


def draft(
    case_id: str,
    *,
    route: str | None = None,
    provider: str | None = None,
    template: str | None = None,
    language: str | None = None,
    field: list[str] | None = None,
    pack: Path | None = None,
    again: Flag = False,
    actor: Annotated[str | None, actor_that("drafts")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Draft a notice about a case; what it lacks is named, and nothing is sent.

    Contact and template are chosen by the case: the first contact of `namaak contacts`, and the
    template that fits it and what the evidence shows. Where a draft for the same provider and
    campaign lies ready, the case is added to it.

    Parameters
    ----------
    case_id
        Its id, or the beginning of it.
    route
        Whose door: host, network, cdn, registrar, registry, platform, store, blocklist, ...
    provider
        The provider's id, name or mail address.
    template
        Name of the template; see the reference.
    language
        en or nl, where the template is written in it.
    field
        What you say yourself, as in urls=https://acme-login.example/a; may be repeated.
    pack
        An evidence pack of the case, of the profile notice, folder or zip, to attach to the mail.
    again
        Another one, although a notice for this provider and campaign is open.
    """
    from namaak.casework.notices.choosing import Wanted
    from namaak.casework.notices.preparing import prepare
    from namaak.casework.reading import open_snapshot
    from namaak.evidence_store import EvidenceStore

    settings = _settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    wanted = Wanted(
        template=template, scope=route, provider=provider, language=language,
        given=_given(field), pack=_packed(pack), again=again,
    )  # fmt: skip
    store = EvidenceStore(settings.evidence)
    with open_snapshot(settings.casebook) as snapshot:
        made = prepare(
            snapshot, case_id, wanted, watch=settings.watch, read=store.read, now=now
        )  # fmt: skip
    return _keep(settings, made, who=who, now=now, again=again, json=json)


def revise(
    action_id: str,
    *,
    language: str | None = None,
    field: list[str] | None = None,
    pack: Path | None = None,
    actor: Annotated[str | None, actor_that("drafts")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Draft a notice anew from what is known today; an approved one is a draft again.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    language
        en or nl, where the template is written in it.
    field
        What you say yourself, as in urls=https://acme-login.example/a; may be repeated. What you
        said before is said again.
    pack
        An evidence pack of the profile notice to attach in place of the one before.
    """
    from namaak.casework.notices.preparing import prepare_again
    from namaak.casework.reading import open_snapshot
    from namaak.evidence_store import EvidenceStore

    settings = _settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    store = EvidenceStore(settings.evidence)
    with open_snapshot(settings.casebook) as snapshot:
        made = prepare_again(
            snapshot, action_id, watch=settings.watch, read=store.read, now=now,
            given=_given(field), pack=_packed(pack), language=language,
        )  # fmt: skip
    return _keep(settings, made, who=who, now=now, again=True, json=json)


def show(
    action_id: str,
    *,
    as_: Annotated[Literal["text", "eml", "xarf", "fields"] | None, Parameter(name="--as")] = None,
    output: Path | None = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("with all of it")] = False,
) -> int:
    """Show a notice: where it stands, what it lacks, its exact text and what was answered.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    as_
        Only one part: text, eml (the mail), xarf (the report), fields (what to paste where).
    output
        Write that part into a file, byte for byte, in place of the screen.
    """
    from namaak.casework.notices.reading import cases_of, read_action, replies_of
    from namaak.casework.reading import open_snapshot

    settings = _settings(watch)
    with open_snapshot(settings.casebook) as snapshot:
        row = read_action(snapshot, action_id)
        about = cases_of(snapshot, row["action_id"])
        replies = replies_of(snapshot, row["action_id"])
    if as_ is not None or output is not None:
        return _part(settings, row, as_ or "text", output)
    text = _stored(settings, row["text_sha256"]).decode()
    if json:
        parsed = {
            name: jsonlib.loads(row[name]) for name in ("fields", "given", "missing", "statements")
        }
        emit([{**row, **parsed, "text": text, "cases": about, "replies": replies}], (),
             as_json=True, empty="")  # fmt: skip
        return 0
    _show(row, about, replies)
    print(f"\n{'-' * 72}\nSubject: {cell(row['subject_line'])}\n\n{visible_lines(text)}{'-' * 72}")
    return 0


def approve(
    action_id: str,
    *,
    yes: Flag = False,
    without_capture: str | None = None,
    actor: Annotated[str | None, actor_that("approves")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Approve exactly the notice that is shown, and make the statements in it. Sends nothing.

    Changed in anything afterwards, it is a draft again. At a terminal you are asked; in a pipe
    --yes says that you have read it and make its statements.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    yes
        Approve without being asked.
    without_capture
        Why it may go although not every case was captured in the last 24 hours; kept for ever.
    """
    from namaak.casework.notices.reading import read_action
    from namaak.casework.reading import open_snapshot

    settings = _settings(watch)
    who = acting_person(actor)
    with open_snapshot(settings.casebook) as snapshot:
        row = read_action(snapshot, action_id)
    text = _stored(settings, row["text_sha256"]).decode()
    statements = jsonlib.loads(row["statements"])
    say(f"{row['action_id']} by {row['channel']} to {_to(row)}")
    say(f"Subject: {cell(row['subject_line'])}\n\n{visible_lines(text)}")
    for part in ("pack_sha256", "xarf_sha256"):
        if row[part]:
            say(f"With it goes {part.partition('_')[0]}, SHA-256 {row[part]}")
    say("Whoever approves this states:" if statements else "It makes no statements.")
    for statement in statements.values():
        say(f"  - {statement}")
    if not yes and not _agreed():
        say("Not approved.")
        return 1
    with _writing(settings)() as book:
        book.approve_action(
            row["action_id"], content_sha256=row["content_sha256"], confirmed=list(statements),
            without_capture=without_capture, actor=who, now=datetime.now(UTC),
        )  # fmt: skip
    return _told(settings, row["action_id"], json=json)


def send(
    action_id: str,
    *,
    by_hand: Flag = False,
    it_went_out: Flag = False,
    it_did_not: Flag = False,
    although_down: str | None = None,
    actor: Annotated[str | None, actor_that("sends")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Send an approved notice through your mail server, once; or say that you sent it yourself.

    Should the connection break after the whole mail was handed over, nobody knows whether it went
    out: it is never sent again by itself, and you are asked to find out.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    by_hand
        You sent exactly what was approved: into a form, by your own mail program, by post.
    it_went_out
        You found out: the sending whose end nobody knew did go out.
    it_did_not
        You found out: it did not; it may be sent again.
    although_down
        Why it goes out although a re-check found one of its cases down; kept for ever.
    """
    from namaak.casework.notices.preparing import due_after
    from namaak.casework.notices.reading import read_action
    from namaak.casework.reading import open_snapshot

    if by_hand + it_went_out + it_did_not > 1:
        raise UsageError("Say one of --by-hand, --it-went-out and --it-did-not.")
    if although_down is not None and (by_hand or it_went_out or it_did_not):
        raise UsageError("--although-down is for a mail that namaak sends; leave it out here.")
    settings = _settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    with open_snapshot(settings.casebook) as snapshot:
        row = read_action(snapshot, action_id)
    one = row["action_id"]
    if not (by_hand or it_went_out or it_did_not):
        code = _send(settings, row, who, although_down)
        _told(settings, one, json=json)
        return code
    with _writing(settings)() as book:
        due_at = due_after(row, now)
        if by_hand:
            book.sent_by_hand(one, actor=who, now=now, due_at=due_at)
        else:
            book.settle_sending(one, went_out=it_went_out, actor=who, now=now, due_at=due_at)
    return _told(settings, one, json=json)


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
    from namaak.casework.notices.reading import read_action
    from namaak.casework.notices.replies import read_answer
    from namaak.casework.reading import open_snapshot
    from namaak.evidence_store import EvidenceStore

    if (file is None) == (text is None):
        raise UsageError("Give the answer with --file or with --text, one of both.")
    settings = _settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    content = (text or "").encode(errors="replace") if file is None else _bytes_of(file)
    answer = read_answer(content, is_mail=file is not None and file.suffix.lower() == ".eml")
    with open_snapshot(settings.casebook) as snapshot:
        row = read_action(snapshot, action_id)
    others = [one for one in answer.references if one != row["reference"]]
    if others:
        say(f"The subject of the answer names {', '.join(others)}; is it about another notice?")
    kept = Reply(
        received_at=answer.received_at or now, channel=channel, sender=sender or answer.sender,
        summary=answer.summary, provider_ref=provider_ref,
        content_sha256=EvidenceStore(settings.evidence).keep(content),
    )  # fmt: skip
    with _writing(settings)() as book:
        book.log_reply(
            row["action_id"], kept, made=_move_to(state, row["state"]), actor=who, now=now,
            due_at=due_after(row, now),
            outcome=answer.summary if state in ("denied", "executed") else None,
        )  # fmt: skip
    return _told(settings, row["action_id"], json=json)


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
    from namaak.casework.notices.reading import read_action
    from namaak.casework.reading import open_snapshot

    settings = _settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    with open_snapshot(settings.casebook) as snapshot:
        row = read_action(snapshot, action_id)
    made = _move_to(state, row["state"])
    with _writing(settings)() as book:
        book.move_action(
            row["action_id"], made, actor=who, now=now, outcome=note, due_at=due_after(row, now)
        )
    return _told(settings, row["action_id"], json=json)


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
    from namaak.casework.notices.reading import read_action
    from namaak.casework.reading import open_snapshot

    settings = _settings(watch)
    with open_snapshot(settings.casebook) as snapshot:
        row = read_action(snapshot, action_id)
    with _writing(settings)() as book:
        book.move_action(
            row["action_id"], ActionMove.WITHDRAW, actor=acting_person(actor),
            now=datetime.now(UTC), outcome=reason,
        )  # fmt: skip
    if row["sent_at"]:
        say(f"It went out; tell {_to(row)} that it is withdrawn, with {row['reference']}.")
    return _told(settings, row["action_id"], json=json)


def list_(
    case_id: str | None = None,
    *,
    due: Flag = False,
    state: str | None = None,
    limit: int = 50,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per notice")] = False,
) -> int:
    """List notices, what changed last first.

    Parameters
    ----------
    case_id
        Only those about this case.
    due
        Only those that need a person, and what to do about them.
    state
        Only those in this state, as in draft, approved, sent, no-reply.
    limit
        At most so many; 0 for all.
    """
    from namaak.casework.notices.reading import find_actions, find_due_actions
    from namaak.casework.reading import open_snapshot

    if limit < 0:
        raise UsageError(f"A limit of {limit} notices makes no sense; give 0 or more.")
    if due and (state or case_id):
        raise UsageError("--due lists what needs a person, whatever the case; leave the rest out.")
    with open_snapshot(_settings(watch).casebook) as snapshot:
        if due:
            rows = find_due_actions(snapshot, limit=limit or None)
        else:
            rows = find_actions(snapshot, state=state, case_id=case_id, limit=limit or None)
    columns = _DUE_COLUMNS if due else _COLUMNS
    emit(rows, columns, as_json=json, empty="No notice fits.")
    return 0


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

    settings = _settings(watch)
    now = datetime.now(UTC)
    # To write is to make everybody else wait: only where there is something.
    with open_snapshot(settings.casebook) as snapshot:
        overdue = [row["action_id"] for row in overdue_actions(snapshot, now)]
    if overdue:
        with _writing(settings)() as book:
            overdue = book.mark_overdue(now=now)
    if overdue:
        say(f"Not answered in time: {', '.join(overdue)}.")
    with open_snapshot(settings.casebook) as snapshot:
        wanted = case_ids or tuple(stuck_cases(snapshot))
        steps = next_steps(snapshot, wanted, watch=settings.watch, now=now)
        added = not_yet_proposed(snapshot, as_proposed(steps))
    if added:
        with _writing(settings)() as book:
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


def _settings(watch: Path | None) -> Settings:
    from namaak.settings import environment_settings

    return environment_settings(watch)


def _writing(settings: Settings) -> Callable[[], AbstractContextManager[Casebook]]:
    from namaak.casework.casebook import Casebook

    return lambda: Casebook.writing(
        working=settings.working_casebook, published=settings.casebook
    )  # fmt: skip


def _keep(
    settings: Settings, made: Prepared, *, who: str, now: datetime, again: bool, json: bool
) -> int:
    from namaak.evidence_store import EvidenceStore

    made.keep(EvidenceStore(settings.evidence).keep)
    with _writing(settings)() as book:
        book.draft_action(made.row, made.case_ids, actor=who, now=now, again=again)
    if made.added_to:
        say(f"The case was added to {made.row['action_id']}, which is about its campaign.")
    _say_missing(made, now)
    return _told(settings, made.row["action_id"], json=json)


def _say_missing(made: Prepared, now: datetime) -> None:
    from namaak.casework.action_rows import FRESH

    one = made.row["action_id"]
    missing = jsonlib.loads(made.row["missing"])
    needs = {
        sight.case_id: need for sight in made.sights if (need := sight.needs(since=now - FRESH))
    }
    if not missing and not needs:
        say(f"Complete; read it and approve it with `namaak notice approve {one}`.")
        return
    if missing:
        say(f"{one} is kept, and cannot be approved before this is mended:")
    for gap in missing:
        say(f"  {gap['field']}: {gap['do']}")
    if needs:
        say(f"{one} {'also ' if missing else ''}needs a capture of the last 24 hours of each case:")
        for case_id, need in needs.items():
            say(f"  {case_id}: {visible(need)}; capture it with `namaak capture {case_id}`")
        say(
            f"Then draft it anew with `namaak notice revise {one}`; or say why it goes without: "
            f"`namaak notice approve {one} --without-capture REASON`."
        )


def _told(settings: Settings, action_id: str, *, json: bool) -> int:
    from namaak.casework.notices.reading import find_actions, read_action
    from namaak.casework.reading import open_snapshot

    with open_snapshot(settings.casebook) as snapshot:
        state = read_action(snapshot, action_id)["state"]
        rows = [row for row in find_actions(snapshot, state=state) if row["action_id"] == action_id]
    emit(rows, _COLUMNS, as_json=json, empty="")
    return 0


def _send(settings: Settings, row: dict[str, Any], who: str, although_down: str | None) -> int:
    from namaak.casework.notices.outbox import send_approved
    from namaak.casework.notices.sending import MailServer, Taken
    from namaak.evidence_store import EvidenceStore

    ours = settings.watch.notices
    if row["channel"] != "mail":
        raise UsageError(_by_hand(row))
    if ours.smtp_host is None:
        raise UsageError(
            "The watch file names no mail server (smtp_host in [notices]); send it by your own "
            f"hand (`namaak notice show {row['action_id']} --as eml --output FILE`), then say so "
            "with --by-hand."
        )
    server = MailServer(
        host=ours.smtp_host, port=ours.smtp_port, security=ours.smtp_security,
        user=os.environ.get("NAMAAK_SMTP_USER") or None,
        password=os.environ.get("NAMAAK_SMTP_PASSWORD") or None,
    )  # fmt: skip
    handed = send_approved(
        row, writing=_writing(settings), store=EvidenceStore(settings.evidence), server=server,
        sender=ours.sender or settings.watch.watch.contact, actor=who,
        clock=lambda: datetime.now(UTC), although_down=although_down,
    )  # fmt: skip
    if handed.taken is Taken.YES:
        say(f"The mail server took it: {handed.says}")
        return 0
    if handed.taken is Taken.NO:
        state = _state_of(settings, row["action_id"])
        if state == "approved":
            say(f"It was not sent: {handed.says}. It is still approved; mend that and send it "
                "again.")  # fmt: skip
        else:
            say(f"This one was not sent: {handed.says}. The notice is {state} by now.")
        return 1
    say(
        f"It is not known whether it went out: {handed.says}. Look for Message-ID "
        f"{row['message_id']} in the sent mail or the server's log, then say `namaak notice send "
        f"{row['action_id']} --it-went-out` or `--it-did-not`; until then it is not sent again."
    )
    return 1


def _state_of(settings: Settings, action_id: str) -> str:
    from namaak.casework.notices.reading import read_action
    from namaak.casework.reading import open_snapshot

    with open_snapshot(settings.casebook) as snapshot:
        return str(read_action(snapshot, action_id)["state"])


def _by_hand(row: dict[str, Any]) -> str:
    """What to do with a notice that no mail server can take."""
    one, channel = row["action_id"], row["channel"]
    part = "text" if row["form_sha256"] is None else "fields"
    if channel == "api" and row["xarf_sha256"]:
        part = "xarf"
    ways = {
        "form": f"paste what `namaak notice show {one} --as {part}` says into it",
        "api": f"hand it what `namaak notice show {one} --as {part} --output FILE` writes",
        "post": f"print what `namaak notice show {one} --as {part} --output FILE` writes",
    }
    where = f" to {cell(row['address'])}" if row["address"] else ""
    approved = "" if row["approved_at"] else "once it is approved, "
    return (
        f"{one} goes by {channel}{where}, which you do yourself: {approved}{ways[channel]}, then "
        f"say so with `namaak notice send {one} --by-hand`."
    )


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


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("Nobody can be asked here; read the notice above, and say --yes.")
    say("Type yes to approve exactly this, and to make these statements:")
    return sys.stdin.readline().strip().lower() == "yes"


def _given(field: list[str] | None) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for one in field or ():
        name, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"{one!r} is no field; write name=value, as in {_EXAMPLE}.")
        said.setdefault(name.strip().replace("-", "_"), []).append(value)
    return said


def _packed(pack: Path | None) -> Packed | None:
    from namaak.casework.notices.packing import read_pack

    return None if pack is None else read_pack(pack)


def _bytes_of(path: Path) -> bytes:
    from namaak.casework.notices.replies import MAX_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name another file.") from None


def _stored(settings: Settings, sha256: str) -> bytes:
    from namaak.evidence_store import EvidenceStore

    found = EvidenceStore(settings.evidence).read(sha256)
    if found is None:
        raise UsageError(
            f"The part {sha256} of this notice is not in the evidence store any more; restore it "
            "from a backup, or draft the notice again with `namaak notice revise`."
        )
    return found


def _part(settings: Settings, row: dict[str, Any], part: str, output: Path | None) -> int:
    sha256 = row[_PARTS[part]]
    # What went out says more than what was approved: it has a Date.
    if part == "eml" and row["state"] not in ("draft", "approved"):
        sha256 = row["sent_sha256"] or sha256
    if sha256 is None:
        emit([], (), as_json=False, empty=f"{row['action_id']} has no {part}.")
        return 1
    content = _stored(settings, sha256)
    if output is None:
        print(visible_lines(content.decode().replace("\r\n", "\n")), end="")
        return 0
    try:
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written ({error.strerror}); name another file."
        ) from None
    say(f"{len(content):,} bytes are in {output}, SHA-256 {sha256}.")
    return 0


def _to(row: dict[str, Any]) -> str:
    named = [cell(part) for part in (row["provider_name"], row["address"]) if part]
    return " ".join((*named[:1], *(f"<{part}>" for part in named[1:]))) or str(row["scope"])


def _show(row: dict[str, Any], about: list[dict[str, Any]], replies: list[dict[str, Any]]) -> None:
    print(f"{row['action_id']}  {row['state']}, {row['channel']} to {_to(row)}")
    named = "; ".join(f"{one['case_id']} {cell(one['subject'])}" for one in about)
    print(f"  about      {named}")
    print(f"  template   {row['template']} {row['template_version']}, {row['language']}, "
          f"attempt {row['attempt']}, reference {row['reference']}")  # fmt: skip
    told = (("drafted", "drafted_at", "drafted_by"), ("approved", "approved_at", "approved_by"),
            ("sent", "sent_at", "sent_by"), ("ended", "ended_at", None))  # fmt: skip
    for name, when, by in told:
        if row[when]:
            print(f"  {name:<10} {cell(row[when])}" + (f" by {cell(row[by])}" if by else ""))
    if row["sending_at"]:
        print(f"  sending    begun {cell(row['sending_at'])}, no result is known")
    if row["due_at"]:
        print(f"  due        {cell(row['due_at'])}")
    for name in ("without_capture", "provider_ref", "outcome"):
        if row[name]:
            print(f"  {name.replace('_', ' '):<10} {cell(row[name])}")
    missing = jsonlib.loads(row["missing"])
    if missing:
        print("  lacks")
    for one in missing:
        print(f"    {one['field']}: {one['do']}")
    for one in replies:
        print(f"  answered   {cell(one['received_at'])}  {one['state_after']}  "
              f"{cell(one['sender'])}  {cell(one['summary'])}")  # fmt: skip
