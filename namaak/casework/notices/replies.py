"""What a provider answered: a mail as a file, or a person's words; with its sender, time and gist.

Whatever it is, its bytes are kept; what cannot be read of it is left out. It comes from strangers.
Pure. May import: namaak.casework.notices.fields, namaak.errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import parseaddr, parsedate_to_datetime

from namaak.casework.notices.fields import as_line
from namaak.errors import UsageError

MAX_BYTES = 25_000_000
_REFERENCE = re.compile(r"\bNA-[0-9A-HJKMNP-TV-Z]{12}\b", re.IGNORECASE)
#: Where a mail's header ends, if it has one that soon.
_MAX_HEADER = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What can be told of a reply. None: it does not say."""

    sender: str | None
    received_at: datetime | None
    summary: str | None
    references: tuple[str, ...]  #: ids of notices in its subject


def read_answer(content: bytes, *, is_mail: bool) -> Answer:
    """Never raises for what is in it. Raises UsageError for one that is too large, or empty."""
    if len(content) > MAX_BYTES:
        raise UsageError(
            f"The reply has {len(content):,} bytes; keep what is larger than {MAX_BYTES:,} "
            "elsewhere, and log what it says with --text."
        )
    if not content.strip():
        raise UsageError("The reply is empty; give what was answered.")
    if not is_mail:
        first = content.decode("utf-8", "replace").strip().split("\n", 1)[0]
        return Answer(sender=None, received_at=None, summary=as_line(first), references=())
    head = message_from_bytes(content[:_MAX_HEADER], policy=policy.compat32)
    subject = _decoded(head.get("Subject"))
    return Answer(
        sender=_sender(_decoded(head.get("From"))),
        received_at=_moment(head.get("Date")),
        summary=as_line(subject) or None,
        references=tuple(found.upper() for found in _REFERENCE.findall(subject)),
    )


def _decoded(value: object) -> str:
    text = str(value or "")
    try:
        parts = decode_header(text)
        return "".join(
            part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part
            for part, charset in parts
        )
    # A charset that nobody knows, base64 that is none.
    except (HeaderParseError, LookupError, ValueError):
        return text


def _sender(text: str) -> str | None:
    _, address = parseaddr(as_line(text))
    return address or None


def _moment(value: object) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(value or ""))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    # IndexError and TypeError: what the parser does with dates that are none, by version.
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
