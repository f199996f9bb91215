"""The head of a server's plain HTTP answer, made ready for a browser that must not speak on.

A server may say that the connection stays open and then go on speaking: a browser would take that
for the answer to its next request, which was for somebody else. So each connection carries one
answer, cut where it ends.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Browsers take a bare line feed for the end of a line, too.
_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})\b")
_DROPPED = (b"connection", b"keep-alive", b"proxy-connection")


@dataclass(frozen=True, slots=True)
class Head:
    """One head, and what follows it in what was read so far."""

    sent_on: bytes  #: with `Connection: close`, ending in an empty line
    rest: bytes
    interim: bool  #: another head follows (1xx)
    length: int | None  #: bytes of body; None: as long as the server speaks


class Unreadable(ValueError):
    """No head of HTTP/1."""


def read_head(came: bytes, *, method: bytes) -> Head | None:
    """None while there is too little of it. Raises Unreadable."""
    end = _END.search(came)
    if end is None:
        return None
    line, *fields = re.split(rb"\r?\n", came[: end.start()])
    status = _STATUS.match(line)
    if status is None:
        raise Unreadable
    code = int(status[1])
    kept = [one for one in fields if one.partition(b":")[0].strip().lower() not in _DROPPED]
    interim = 100 <= code < 200
    if not interim:
        kept.append(b"Connection: close")
    if method == b"HEAD" or code in (204, 304):
        length: int | None = 0
    else:
        length = _length(kept)
    return Head(b"\r\n".join([line, *kept, b"", b""]), came[end.end() :], interim, length)


def _length(fields: list[bytes]) -> int | None:
    found = None
    for one in fields:
        name, _, value = one.partition(b":")
        name, value = name.strip().lower(), value.strip()
        if name == b"transfer-encoding":
            return None
        if name == b"content-length" and value.isdigit() and len(value) < 16:
            found = int(value)
    return found
