"""Sending an approved notice: intent before, result after, and in between one attempt.

Should this program end between the two, the intent stands, and nothing sends again until a person
has found out.
May import: the rest of namaak.casework.notices, namaak.evidence_store, namaak.errors.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from namaak.casework.notices.composing import Outgoing
from namaak.casework.notices.mail import Promised, dated, mail_problem, mailbox
from namaak.casework.notices.preparing import due_after
from namaak.casework.notices.sending import Handed, MailServer, Taken, hand_in
from namaak.errors import UsageError
from namaak.evidence_store import EvidenceStore


class Book(Protocol):
    """The part of the casebook's writer that sending needs."""

    def begin_sending(
        self, action_id: str, *, actor: str, now: datetime, although_down: str | None = None
    ) -> Outgoing:
        """See ActionSending."""

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
        """See ActionSending."""


def send_approved(
    row: Mapping[str, Any],
    *,
    writing: Callable[[], AbstractContextManager[Book]],
    store: EvidenceStore,
    server: MailServer,
    sender: str,
    actor: str,
    clock: Callable[[], datetime],
    context: ssl.SSLContext | None = None,
    although_down: str | None = None,
) -> Handed:
    """Hand in the mail of a notice; what came of it is written down.

    row: of actions. writing: opens the casebook. although_down: why it goes out though a case of it
    is down. Raises UsageError for what may not be sent, with nothing sent, and LakeError where the
    stored mail is not what it was.
    """
    # Read first: a mail that is lost must not leave a sending open.
    unsent = store.read(row["eml_sha256"]) if row["eml_sha256"] else None
    if unsent is None and row["eml_sha256"]:
        raise UsageError(
            f"The mail of {row['action_id']} is not in the evidence store any more; draft it again "
            "with `namaak notice revise`."
        )
    recipient = mailbox(row["address"]) if row["channel"] == "mail" and row["address"] else ""
    if unsent is not None and recipient:
        _check_readable(unsent, row, recipient)
    began = clock()
    with writing() as book:
        outgoing = book.begin_sending(
            row["action_id"], actor=actor, now=began, although_down=although_down
        )
    if unsent is None or outgoing.eml_sha256 != row["eml_sha256"]:
        handed = Handed(taken=Taken.NO, says="it was changed meanwhile; look at it again")
        sent_sha256 = None
    else:
        mail = dated(unsent, began)
        sent_sha256 = store.keep(mail)
        handed = hand_in(
            mail, sender=mailbox(sender), recipient=recipient, server=server, context=context
        )
    now = clock()
    taken = {Taken.YES: True, Taken.NO: False, Taken.UNKNOWN: None}[handed.taken]
    with writing() as book:
        book.end_sending(
            row["action_id"], sending=outgoing.sending, taken=taken, says=handed.says,
            actor=actor, now=now, sent_sha256=sent_sha256, due_at=due_after(row, now),
        )  # fmt: skip
    return handed


def _check_readable(unsent: bytes, row: Mapping[str, Any], recipient: str) -> None:
    """Whatever wrote the mail, whoever receives it reads what was approved."""
    promised = Promised(
        to=recipient, subject=row["subject_line"], message_id=row["message_id"],
        text_sha256=row["text_sha256"],
        attached=[row[part] for part in ("xarf_sha256", "pack_sha256") if row[part]],
    )  # fmt: skip
    problem = mail_problem(unsent, promised)
    if problem is not None:
        raise UsageError(
            f"The mail of {row['action_id']} would not be read as it was approved ({problem}); "
            "draft it again with `namaak notice revise`."
        )
