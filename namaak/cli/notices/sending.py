"""`namaak notice send`: out of the house, once, or said to be so by whoever sent it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from namaak.cli.acting import acting_person
from namaak.cli.notices.rows import row_of, told
from namaak.cli.options import Flag, Json, WatchPath, actor_that
from namaak.cli.output import cell, say
from namaak.cli.writing import writing
from namaak.errors import UsageError

if TYPE_CHECKING:
    from namaak.settings import Settings


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
    from namaak.settings import environment_settings

    if by_hand + it_went_out + it_did_not > 1:
        raise UsageError("Say one of --by-hand, --it-went-out and --it-did-not.")
    if although_down is not None and (by_hand or it_went_out or it_did_not):
        raise UsageError("--although-down is for a mail that namaak sends; leave it out here.")
    settings = environment_settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    row = row_of(settings, action_id)
    one = row["action_id"]
    if not (by_hand or it_went_out or it_did_not):
        code = _send(settings, row, who, although_down)
        told(settings, one, json=json)
        return code
    with writing(settings) as book:
        due_at = due_after(row, now)
        if by_hand:
            book.sent_by_hand(one, actor=who, now=now, due_at=due_at)
        else:
            book.settle_sending(one, went_out=it_went_out, actor=who, now=now, due_at=due_at)
    return told(settings, one, json=json)


def _send(settings: Settings, row: dict[str, Any], who: str, although_down: str | None) -> int:
    from namaak.casework.notices.outbox import send_approved
    from namaak.casework.notices.sending import MailServer, Taken
    from namaak.evidence_store import EvidenceStore

    ours = settings.watch.notices
    if row["channel"] != "mail":
        raise UsageError(by_hand_says(row))
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
        row, writing=lambda: writing(settings), store=EvidenceStore(settings.evidence),
        server=server, sender=ours.sender or settings.watch.watch.contact,
        actor=who, clock=lambda: datetime.now(UTC), although_down=although_down,
    )  # fmt: skip
    if handed.taken is Taken.YES:
        say(f"The mail server took it: {handed.says}")
        return 0
    if handed.taken is Taken.NO:
        state = row_of(settings, row["action_id"])["state"]
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


def by_hand_says(row: dict[str, Any]) -> str:
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
