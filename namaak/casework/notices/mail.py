"""A notice as a mail: bytes that are the same whenever they are made, but for the Date.

What a person approves has no Date; sending puts one before it and changes nothing else, so that
whoever has both can see that they are one. The headers are written here, because the library's
writer decodes and folds anew what it is given; the text is quoted-printable, so that no line of it
is too long or begins a header. Each mail is read again before it is given out or sent: whoever
receives it must read what was approved, and nothing else.
RFC 5322, 2045 to 2047, 2183. Pure. May import: namaak.casework.notices.{fields, headers},
namaak.errors, namaak.mailbox.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

from namaak.casework.notices.fields import as_line
from namaak.casework.notices.headers import header, header_line, tokens_of
from namaak.errors import UsageError
from namaak.mailbox import to_mailbox

_MESSAGE_ID = re.compile(r"[A-Za-z0-9._-]+@[a-z0-9.-]+")
#: A name before an address that needs no quotes.
_ATOMS = re.compile(r"[A-Za-z0-9&'+/_-]+( [A-Za-z0-9&'+/_-]+)*")
_HEADER = re.compile(rb"([A-Za-z-]+):[ -~]*\Z")
_FOLD = re.compile(rb"\r\n(?= )")
_LINE_END = re.compile(r"\r\n|\r")
_SHOWN = 300
#: Only ASCII and lines of at most 998: no server between here and there need be asked.
_POLICY = policy.SMTP.clone(cte_type="7bit", raise_on_defect=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes along."""

    name: str
    maintype: str
    subtype: str
    content: bytes


def mailbox(text: str) -> str:
    """As `to_mailbox`, for somebody who writes to it now. Raises UsageError.

    >>> mailbox("Abuse@Bücher.example")
    'Abuse@xn--bcher-kva.example'
    """
    try:
        return to_mailbox(text)
    except ValueError as error:
        raise UsageError(
            f"{as_line(text)[:_SHOWN]!r} is no mail address that this program can write to "
            f"({error}); choose another contact, or send it by your own hand."
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What a mail must say to whoever reads it, and to whom."""

    to: str
    subject: str
    message_id: str
    text_sha256: str
    attached: Sequence[str] = ()  #: SHA-256 of each attachment, in their order
    reply: bool | None = None  #: whether it names mails before it; None: it may


def unsent_mail(
    *,
    sender: str,
    sender_name: str | None,
    to: str,
    subject: str,
    text: str,
    message_id: str,
    references: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The mail without a Date. message_id, references: without angle brackets, earliest first.

    Raises UsageError for a mail that would not be read as it was meant.
    """
    own, other = mailbox(sender), mailbox(to)
    for one in (message_id, *references):
        if not _MESSAGE_ID.fullmatch(one):
            raise UsageError(f"{as_line(one)!r} is no Message-ID; draft the notice again.")
    line = header_line(subject)
    name = tokens_of(header_line(sender_name or ""), _ATOMS)
    head = [
        header("From", [*name, f"<{own}>"] if name else [own]),
        header("To", [other]),
        header("Subject", tokens_of(line)),
        header("Message-ID", [f"<{message_id}>"]),
    ]
    if references:
        head.append(header("In-Reply-To", [f"<{references[-1]}>"]))
        head.append(header("References", [f"<{one}>" for one in references]))
    lines = _LINE_END.sub("\n", text)
    whole = lines if lines.endswith("\n") else lines + "\n"
    mail = b"".join(head) + _content(whole, message_id, attachments)
    problem = mail_problem(
        mail,
        Promised(
            to=other, subject=line, message_id=message_id, text_sha256=_sha256(whole.encode()),
            attached=[_sha256(one.content) for one in attachments], reply=bool(references),
        ),
    )  # fmt: skip
    if problem is not None:
        raise UsageError(
            f"This mail to {other} would not be read everywhere as it is written here ({problem}); "
            "send it by your own hand."
        )
    return mail


def mail_problem(mail: bytes, promised: Promised) -> str | None:
    """How a mail without its Date differs from what was promised, as others read it; None: not."""
    head, _, _ = mail.partition(b"\r\n\r\n")
    names = [_HEADER.match(line) for line in _FOLD.sub(b" ", head).split(b"\r\n")]
    parsed = message_from_bytes(mail, policy=policy.default)
    reply = "References" in parsed if promised.reply is None else promised.reply
    due = {"From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type"}
    due |= {"In-Reply-To", "References"} if reply else set()
    due |= set() if promised.attached else {"Content-Transfer-Encoding"}
    written = [found.group(1).decode() if found else "" for found in names]
    if sorted(written) != sorted(due) or sorted(parsed.keys()) != sorted(due):
        return "its headers are not those of a notice"
    if [one.addr_spec for one in parsed["To"].addresses] != [promised.to]:
        return "it is to somebody else"
    if len(parsed["From"].addresses) != 1:
        return "it is not from one sender"
    if str(parsed["Subject"]) != promised.subject:
        return "its subject reads otherwise"
    if str(parsed["Message-ID"]) != f"<{promised.message_id}>":
        return "its Message-ID is another"
    return _content_problem(parsed, promised)


def _content_problem(parsed: EmailMessage, promised: Promised) -> str | None:
    parts = list(parsed.iter_parts()) if parsed.is_multipart() else [parsed]
    if len(parts) != 1 + len(promised.attached) or any(one.is_multipart() for one in parts):
        return "it has other parts"
    contents = [one.get_payload(decode=True) for one in parts]
    found = [content if isinstance(content, bytes) else b"" for content in contents]
    text = found[0].replace(b"\r\n", b"\n")
    if parts[0].get_content_type() != "text/plain" or _sha256(text) != promised.text_sha256:
        return "its text reads otherwise"
    if [_sha256(one) for one in found[1:]] != list(promised.attached):
        return "something else is attached"
    return None


def _content(text: str, message_id: str, attachments: Sequence[Attachment]) -> bytes:
    """Headers of the content, and the content: nothing of a stranger's is in these headers."""
    mail = EmailMessage(policy=_POLICY)
    mail.set_content(text, cte="quoted-printable")
    for one in attachments:
        mail.add_attachment(
            one.content, maintype=one.maintype, subtype=one.subtype, filename=one.name
        )
    if attachments:
        # Neither quoted-printable nor base64 can hold "=_": it ends nothing before its time.
        mark = hashlib.sha256(message_id.encode()).hexdigest()[:24]
        mail.set_boundary(f"=_{mark}")
    return mail.as_bytes()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def dated(unsent: bytes, now: datetime) -> bytes:
    """The mail as it goes out."""
    date = format_datetime(now.astimezone(UTC).replace(microsecond=0))
    return f"Date: {date}\r\n".encode("ascii") + unsent


def message_id_for(action_id: str, sender: str) -> str:
    """Of a notice, the same for ever; without angle brackets.

    >>> message_id_for("NA-0123456789AB", "desk@acme.example")
    'na-0123456789ab@acme.example'
    """
    return f"{action_id.lower()}@{mailbox(sender).rpartition('@')[2]}"
