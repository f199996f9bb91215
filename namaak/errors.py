"""The few errors a person may see. Each message is one sentence: what, where, what to do.

Anything else that escapes is a defect of ours and keeps its traceback.
May import: nothing of ours.
"""

from enum import StrEnum


class NamaakError(Exception):
    """Could not do it. The command line prints the sentence and exits with `exit_code`."""

    exit_code = 1


class UsageError(NamaakError):
    """The person asked for something that does not exist or does not fit."""

    exit_code = 2


class WatchFileError(UsageError):
    """The watch file has faults; `problems` holds all of them, so it is mended once."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join((message, *(f"  - {problem}" for problem in problems))))
        self.problems = problems


class Failure(StrEnum):
    """Why one attempt at a source failed. Only the first two are worth another attempt."""

    TRANSIENT = "transient"  #: time-out, reset connection, 5xx
    THROTTLED = "throttled"  #: 429, or 503 with Retry-After: the bucket of that host is slowed
    GONE = "gone"  #: 410, or 404 of what a signed head promises
    EXPECTED_ABSENT = "expected-absent"  #: 404 where that is an answer: partial tiles, RDAP
    MALFORMED = "malformed"  #: bad structure, JSON or compression: kept aside, cursor stays
    INTEGRITY = "integrity"  #: bad signature, other root, smaller tree: that log is stopped
    STALE = "stale"  #: a head older than its log promises
    POLICY = "policy"  #: refused by us: private address, too large, too many hops
    AUTH = "auth"  #: 401 or 403: the key is missing, expired or not enough
    GAP = "gap"  #: a range left out on purpose

    @property
    def worth_retrying(self) -> bool:
        """Whether the same request may well succeed a little later."""
        return self in (Failure.TRANSIENT, Failure.THROTTLED)


class SourceError(NamaakError):
    """An input or a public source could not be read (to its end)."""

    def __init__(self, message: str, failure: Failure = Failure.MALFORMED) -> None:
        super().__init__(message)
        self.failure = failure


class LakeError(NamaakError):
    """The store of everything observed cannot be written or is damaged."""


class CasebookError(NamaakError):
    """The casebook cannot be opened, written, or was changed outside namaak."""


class CasebookLocked(CasebookError):
    """Another process is writing; the message names its PID."""
