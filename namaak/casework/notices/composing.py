"""A draft as what goes out: text, mail, XARF report, what to paste where; and one digest over all.

Whoever approves approves the digest: changed in anything, it is another notice.
Pure: stored bytes come from the caller. May import: the rest of namaak.casework.notices but
sending, namaak.casework.events, namaak.errors.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from namaak.casework.events import canonical_json
from namaak.casework.notices.drafting import Draft
from namaak.casework.notices.mail import Attachment, message_id_for, unsent_mail
from namaak.casework.notices.templates import Template
from namaak.casework.notices.xarf import Exhibit, fitting_type, xarf_report
from namaak.errors import UsageError

#: What a provider takes in one mail or report, where it says nothing else.
DEFAULT_MAX_BYTES = 5_000_000
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a notice goes."""

    scope: str
    channel: str
    address: str | None = None
    provider_id: str | None = None
    provider_name: str | None = None
    rung: str | None = None
    required: Sequence[str] = ()  #: fields that the provider wants
    max_bytes: int = DEFAULT_MAX_BYTES
    days: int | None = None  #: until an answer is overdue

    @property
    def route(self) -> str:
        """What measures are told by."""
        return self.rung or self.scope

    @property
    def name(self) -> str:
        """For people."""
        return self.provider_name or self.address or self.scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """What ties a notice to those before it."""

    action_id: str
    reference: str
    attempt: int
    message_ids: Sequence[str] = ()  #: of the notices before, earliest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What goes out, once approved. None: there is none."""

    draft: Draft
    door: Door
    thread: Thread
    message_id: str
    text: bytes
    mail: bytes | None
    xarf: bytes | None
    form: bytes | None
    pack: bytes | None

    def digests(self) -> dict[str, str | None]:
        """SHA-256 of each part, by the names of the columns."""
        parts = {
            "text_sha256": self.text, "eml_sha256": self.mail, "xarf_sha256": self.xarf,
            "form_sha256": self.form, "pack_sha256": self.pack,
        }  # fmt: skip
        return {
            name: None if part is None else hashlib.sha256(part).hexdigest()
            for name, part in parts.items()
        }

    def parts(self) -> list[bytes]:
        """All that must be kept."""
        everything = (self.text, self.mail, self.xarf, self.form, self.pack)
        return [part for part in everything if part is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What may be sent now, and nothing else."""

    action_id: str
    address: str
    eml_sha256: str  #: of the mail without its Date, in the evidence store
    content_sha256: str
    sending: int  #: which sending of this notice it is; its end must name it


def content_digest(row: Mapping[str, Any]) -> str:
    """Over all that would go out and to whom. row: the columns of actions."""
    covered = ("action_id", "channel", "address", "template", "template_version", "language",
               "subject_line", "message_id", "text_sha256", "eml_sha256", "xarf_sha256",
               "form_sha256", "pack_sha256", "statements")  # fmt: skip
    return hashlib.sha256(canonical_json({name: row[name] for name in covered})).hexdigest()


def reply_words_digest(row: Mapping[str, Any]) -> str:
    """Over what stands beside the bytes of an answer. row: the columns of action_replies."""
    words = {name: row[name] for name in ("sender", "summary")}
    return hashlib.sha256(canonical_json(words)).hexdigest()


def action_id(*parts: str) -> str:
    """NA- and 60 bits over these: who is written to, about what, and when it was first drafted.

    >>> action_id("NK-9FNBGW9JXTVS", "host", "abuse@host.example", "2026-11-22T09:00:00Z")
    'NA-TSB3ZH5NMWQC'
    """
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    bits = int.from_bytes(digest[:8], "big") >> 4
    return "NA-" + "".join(_CROCKFORD[(bits >> shift) & 31] for shift in range(55, -1, -5))


def compose(
    draft: Draft,
    template: Template,
    *,
    door: Door,
    thread: Thread,
    sender: str,
    sender_name: str | None = None,
    confidence: int | None = None,
    exhibits: Sequence[Exhibit] = (),
    pack: bytes | None = None,
) -> Composed:
    """Everything that goes out. pack: a zip. Raises UsageError for what is too large there."""
    xarf = _xarf(draft, template, door, thread, confidence, exhibits)
    if pack is not None and _encoded(pack) > door.max_bytes:
        raise UsageError(
            f"The pack is {len(pack):,} bytes, with which a mail is larger than the "
            f"{door.max_bytes:,} that {door.name} takes; make it with the profile notice, or name "
            "none and send it on request."
        )
    mail = None
    message_id = message_id_for(thread.action_id, sender)
    if door.channel == "mail" and door.address:
        attached = [] if xarf is None else [_json_file("xarf.json", xarf)]
        if pack is not None:
            name = f"{thread.action_id}-evidence.zip"
            attached.append(Attachment(name=name, maintype="application", subtype="zip",
                                       content=pack))  # fmt: skip
        mail = unsent_mail(
            sender=sender, sender_name=sender_name, to=door.address, subject=draft.subject,
            text=draft.text, message_id=message_id, references=thread.message_ids,
            attachments=attached,
        )  # fmt: skip
        if len(mail) > door.max_bytes:
            raise UsageError(
                f"The mail is {len(mail):,} bytes, more than the {door.max_bytes:,} that "
                f"{door.name} takes; leave the pack out and send it on request."
            )
    return Composed(
        draft=draft, door=door, thread=thread, message_id=message_id, text=draft.text.encode(),
        mail=mail, xarf=xarf, form=_form(draft, template, door), pack=pack,
    )  # fmt: skip


def _xarf(
    draft: Draft,
    template: Template,
    door: Door,
    thread: Thread,
    confidence: int | None,
    exhibits: Sequence[Exhibit],
) -> bytes | None:
    kind = fitting_type(template.xarf, draft.fields)
    if kind is None:
        return None
    # Beside it in a mail there is a text, and each line of base64 has an end.
    room = door.max_bytes * 2 // 3
    report = xarf_report(
        kind, draft.fields, action_id=thread.action_id, confidence=confidence, exhibits=exhibits,
        max_bytes=room,
    )  # fmt: skip
    return json.dumps(report, indent=2, ensure_ascii=True, sort_keys=False).encode() + b"\n"


def _form(draft: Draft, template: Template, door: Door) -> bytes | None:
    """What to paste where; None for a mail, and for templates without a form."""
    if door.channel not in ("form", "api") or not template.form:
        return None
    boxes = {
        name: draft.text if box.text
        else box.value if box.field is None
        else plain(draft.fields.get(box.field))
        for name, box in template.form.items()
    }  # fmt: skip
    variant = template.variant(draft.fields.get("platform"))
    told = {
        "where": door.address,
        "note": variant.note if variant else None,
        "fields": {name: value for name, value in boxes.items() if value is not None},
        "empty": [name for name, value in boxes.items() if value is None],
        "statements": dict(draft.statements),
    }
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"


def plain(value: Any) -> Any:
    """A field's value as JSON holds it: times as text, no floats."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _json_file(name: str, content: bytes) -> Attachment:
    return Attachment(name=name, maintype="application", subtype="json", content=content)


def _encoded(content: bytes) -> int:
    """Bytes of it as base64 in a mail."""
    return len(base64.b64encode(content)) * 78 // 76
