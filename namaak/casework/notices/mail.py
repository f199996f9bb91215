"""A notice as a mail: bytes that are the same whenever they are made, but for the Date.

What a person approves has no Date; sending puts one before it and changes nothing else, so that
whoever has both can see that they are one. Headers refuse line ends; the text is quoted-printable,
so that no line of it is too long or begins a header.
RFC 5322, 2045 to 2047, 2183. Pure. May import: namaak.casework.notices.fields, namaak.errors.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import idna

from namaak.casework.notices.fields import as_line
from namaak.errors import UsageError

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_MAX_LOCAL = 64
_MAX_MAILBOX = 254
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
    """One mailbox, its domain in A-labels. Raises UsageError for anything else.

    >>> mailbox("Abuse@Bücher.example")
    'Abuse@xn--bcher-kva.example'
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        host = idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        host = ""
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(host) and len(local) <= _MAX_LOCAL):
        raise UsageError(
            f"{as_line(text)!r} is no mail address that this program can write to; choose another "
            "contact, or send it by your own hand."
        )
    found = f"{local}@{host}"
    if len(found) > _MAX_MAILBOX:
        raise UsageError(f"The mail address {found[:60]}... is too long; choose another contact.")
    return found


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
    """The mail without a Date. message_id, references: without angle brackets, earliest first."""
    mail = EmailMessage(policy=_POLICY)
    own = mailbox(sender)
    mail["From"] = Address(display_name=as_line(sender_name or ""), addr_spec=own)
    mail["To"] = Address(addr_spec=mailbox(to))
    mail["Subject"] = as_line(subject)
    mail["Message-ID"] = f"<{message_id}>"
    if references:
        mail["In-Reply-To"] = f"<{references[-1]}>"
        mail["References"] = " ".join(f"<{one}>" for one in references)
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
