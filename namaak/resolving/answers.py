"""What came of one question, in words that keep absence, silence and refusal apart.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What a question gave. Only `ABSENT` says that a name does not exist."""

    ANSWERED = "answered"  #: records of the type asked for
    EMPTY = "empty"  #: the name exists and has no such record: registered but idle
    ABSENT = "absent"  #: NXDOMAIN, and again when asked for another type
    BROKEN = "broken"  #: SERVFAIL: lame delegation or bad signature, often a registered name
    REFUSED = "refused"  #: the resolver would not; says nothing of the name
    TIMEOUT = "timeout"  #: nobody answered in time, after every try
    MALFORMED = "malformed"  #: no name that can be asked, or an answer that cannot be read

    @property
    def exists(self) -> bool | None:
        """Whether the name exists; None where the outcome does not tell.

        >>> Outcome.EMPTY.exists, Outcome.ABSENT.exists, Outcome.TIMEOUT.exists
        (True, False, None)
        """
        if self in (Outcome.ANSWERED, Outcome.EMPTY):
            return True
        return False if self is Outcome.ABSENT else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    r"""One question and what it gave."""

    name: str  #: as asked: A-labels, lower case, no trailing dot
    type: str  #: "A", "AAAA", "NS", "MX", "TXT", "CAA", "SOA", "CNAME", ...
    outcome: Outcome
    #: In presentation form, sorted, each once. Names are lower case without trailing dot (the
    #: root is "."), MX is "10 mail.example", the strings of a TXT are joined; bytes beyond
    #: printable ASCII are written `\DDD`.
    values: tuple[str, ...]
    ttl: int | None  #: seconds, the smallest of all records used; None without records
    asked_at: datetime  #: when the last try was sent; aware
    resolver: str  #: the server that the last try went to; empty when nothing was asked
    attempts: int  #: tries of ours until then; 0 for a name that cannot be asked
    aliases: tuple[str, ...] = ()  #: the CNAMEs passed on the way, first to last
    says: str = ""  #: a few words of what went wrong
