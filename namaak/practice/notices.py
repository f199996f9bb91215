"""`[notices]`: who writes to providers, through which mail server, in which language.

May import: namaak.practice.strict.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from namaak.practice.strict import Mailbox, Strict, Text


class Notices(Strict):
    """Nothing is ever sent by itself: a person approves each notice, and sends it."""

    sender: Mailbox | None = None  #: a role mailbox; else the contact of [watch]
    #: Mail server for sending after approval; without it notices are sent by a person's own hand.
    #: User and password: NAMAAK_SMTP_USER, NAMAAK_SMTP_PASSWORD.
    smtp_host: Text | None = None
    smtp_port: Annotated[int, Field(strict=True, ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    language: Literal["en", "nl"] = "en"
    signature: Text | None = None  #: name that stands under a notice
