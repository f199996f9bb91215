"""What a mailbox is, wherever somebody names one: in the watch file, a registry's answer, a mail.

A dot-atom and a domain (RFC 5322, 3.4.1) of the lengths of RFC 5321, 4.5.3.1, in ASCII only: what
every mail server takes, every header holds and nobody misreads. Quoted local parts and domains in
brackets are mailboxes too; who asks to be written to has no need of them.
Pure. May import: namaak.platforms.table.
"""

from __future__ import annotations

import re

import idna

from namaak.platforms.table import MAX_HOST, is_host

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MAX_LOCAL = 64
#: Longest path of SMTP without its brackets.
_MAX_MAILBOX = 254


def to_mailbox(text: str) -> str:
    """One mailbox, its domain in A-labels; what is before the @ stays as it is.

    Raises ValueError with a few words for anything else.

    >>> to_mailbox("Abuse@Bücher.example")
    'Abuse@xn--bcher-kva.example'
    """
    local, _, domain = text.strip().rpartition("@")
    # "=?" begins an encoded word to programs that look for them everywhere.
    if not _LOCAL.fullmatch(local) or "=?" in local or len(local) > _MAX_LOCAL:
        raise ValueError("what stands before the @ is no plain name of a mailbox")
    try:
        host = idna.encode(domain[: MAX_HOST + 1], uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        host = ""
    if not is_host(host):
        raise ValueError("what stands after the @ is no domain")
    found = f"{local}@{host}"
    if len(found) > _MAX_MAILBOX:
        raise ValueError("it is too long")
    return found
