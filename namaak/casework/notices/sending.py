"""The one door by which notices leave: SMTP to the operator's own mail server, once.

A mail that may have been taken is never offered again by itself: until the final dot nothing
counts as taken (RFC 5321, 4.1.1.4), after it everything but an answer is unknown, and a person is
asked. Certificates are verified; no password goes over an unencrypted line to another machine.
What may be sent is for namaak.casework.action_sending to say.
May import: namaak.casework.notices.fields and mail, namaak.errors.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from namaak.casework.notices.fields import as_line
from namaak.errors import UsageError

_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"(?m)^\.")
_TIMEOUT_S = 60.0


class Taken(StrEnum):
    """Whether the server has the mail now."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  #: it may: only a person can find out


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    timeout_s: float = _TIMEOUT_S

    def __post_init__(self) -> None:
        if bool(self.user) != bool(self.password):
            raise UsageError(
                "Of NAMAAK_SMTP_USER and NAMAAK_SMTP_PASSWORD one is missing; set both or neither."
            )
        if self.user and self.security == "none" and not _is_here(self.host):
            raise UsageError(
                f"The mail server {self.host} would get the password unencrypted; set "
                'smtp_security = "starttls" or "tls" in [notices].'
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What came of handing in a mail."""

    taken: Taken
    says: str  #: what the server said, or what went wrong; one line


def hand_in(
    mail: bytes,
    *,
    sender: str,
    recipient: str,
    server: MailServer,
    context: ssl.SSLContext | None = None,
) -> Handed:
    """Hand in one mail to one recipient, once. Never raises for what server or network do.

    context: for the certificate; else the system's authorities.
    """
    try:
        smtp = _connect(server, sender, context or ssl.create_default_context())
    except (OSError, smtplib.SMTPException) as error:
        return Handed(taken=Taken.NO, says=_told(error))
    try:
        return _transfer(smtp, mail, sender=sender, recipient=recipient)
    finally:
        smtp.close()


def _connect(server: MailServer, sender: str, context: ssl.SSLContext) -> smtplib.SMTP:
    name = sender.rpartition("@")[2]
    smtp: smtplib.SMTP
    if server.security == "tls":
        smtp = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=name, timeout=server.timeout_s,
            context=context,
        )  # fmt: skip
    else:
        smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=server.timeout_s)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if server.user and server.password:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _transfer(smtp: smtplib.SMTP, mail: bytes, *, sender: str, recipient: str) -> Handed:
    content = _DOT.sub(b"..", _LINE_END.sub(b"\r\n", mail))
    end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    try:
        code, reply = smtp.mail(sender)
        if code == 250:
            code, reply = smtp.rcpt(recipient)
        # 251: not here, but it passes the mail on.
        if code in (250, 251):
            code, reply = smtp.docmd("DATA")
        if code != 354:
            return Handed(taken=Taken.NO, says=_reply(code, reply))
        smtp.send(content)
    except (OSError, smtplib.SMTPException) as error:
        # Without its end a mail is not taken.
        return Handed(taken=Taken.NO, says=_told(error))
    try:
        smtp.send(end)
        code, reply = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Handed(
            taken=Taken.UNKNOWN,
            says=f"the connection ended before the server answered to the whole mail "
            f"({_told(error)})",
        )
    if 400 <= code < 600:
        return Handed(taken=Taken.NO, says=_reply(code, reply))
    if code != 250:
        says = f"the server's answer to the whole mail is none ({_reply(code, reply)})"
        return Handed(taken=Taken.UNKNOWN, says=says)
    with suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    return Handed(taken=Taken.YES, says=_reply(code, reply))


def _reply(code: int, text: bytes) -> str:
    return as_line(f"{code} {text.decode('utf-8', 'replace')}")


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said if isinstance(said, bytes) else str(said).encode()
        return _reply(error.smtp_code, text)
    if isinstance(error, ssl.SSLCertVerificationError):
        return as_line(f"the server's certificate was not accepted: {error.verify_message}")
    return as_line(str(error) or type(error).__name__)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
