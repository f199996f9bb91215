"""What went wrong with a request, told once: as an error for the caller and as a row to keep.

A status is sorted here and nowhere else, so that two sources never disagree about what a 403 is.
Pure. May import: namaak.errors, namaak.visible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from namaak.errors import Failure, SourceError
from namaak.fetch.replies import Hop
from namaak.visible import visible

#: Longest text of strangers that is repeated in a message or a row, in code points.
_MAX_SAYS = 300
_MAX_URL = 500
#: Failed attempts kept one by one between two calls of `Attempts.take`.
_MAX_KEPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt that failed, also when a later one succeeded."""

    url: str  #: empty where it stands for several (`Failure.GAP`)
    failure: Failure
    status: int | None  #: None where no answer came
    says: str
    at: datetime


class FetchError(SourceError):
    """A request that gave no answer that may be used. `hops` are those followed until then."""

    def __init__(
        self,
        says: str,
        failure: Failure,
        *,
        url: str,
        status: int | None = None,
        hops: tuple[Hop, ...] = (),
    ) -> None:
        """says: what happened, behind "The answer of URL ": "did not come within 60 s"."""
        self.says = visible(says[:_MAX_SAYS])
        self.url = visible(url[:_MAX_URL])
        super().__init__(f"{self.url}: {self.says}; {_WHAT_TO_DO[failure]}.", failure)
        self.status = status
        self.hops = hops


_WHAT_TO_DO = {
    Failure.TRANSIENT: "the next run tries again",
    Failure.THROTTLED: "the next run tries again; lower the rate of this host if it stays",
    Failure.GONE: "look whether its address has changed",
    Failure.EXPECTED_ABSENT: "that is an answer too",
    Failure.MALFORMED: "nothing of it was used",
    Failure.INTEGRITY: "nothing of it was used; a person must look",
    Failure.STALE: "the next run looks again",
    Failure.POLICY: "it was refused by our own rules",
    Failure.AUTH: "check the key, its expiry and its rights",
    Failure.GAP: "it was left out on purpose",
}

#: Answers that say "not now" without asking for fewer requests: RFC 9110, RFC 8470.
_NOT_NOW = frozenset({408, 425})
_NOT_YOU = frozenset({401, 403, 407})
#: 451: withheld by law; no key opens it.
_NOT_HERE = frozenset({404, 410, 451})


def failure_of(status: int, *, retry_after: bool, absent: Collection[int] = ()) -> Failure:
    """The class of a status of 400 or more. retry_after: whether the answer had that header.

    >>> failure_of(503, retry_after=True), failure_of(404, retry_after=False, absent=(404,))
    (<Failure.THROTTLED: 'throttled'>, <Failure.EXPECTED_ABSENT: 'expected-absent'>)
    """
    if status in absent:
        return Failure.EXPECTED_ABSENT
    if status == 429 or (status == 503 and retry_after):
        return Failure.THROTTLED
    if status >= 500 or status in _NOT_NOW:
        return Failure.TRANSIENT
    if status in _NOT_YOU:
        return Failure.AUTH
    if status in _NOT_HERE:
        return Failure.GONE
    return Failure.MALFORMED


class Attempts:
    """Failed attempts until somebody takes them; bounded, and what did not fit is counted."""

    def __init__(self, limit: int = _MAX_KEPT) -> None:
        self._limit = limit
        self._kept: list[Attempt] = []
        self._left_out: Counter[Failure] = Counter()
        self._last: Attempt | None = None

    def add(self, attempt: Attempt) -> None:
        self._last = attempt
        if len(self._kept) < self._limit:
            self._kept.append(attempt)
        else:
            self._left_out[attempt.failure] += 1

    def take(self) -> tuple[Attempt, ...]:
        """Those kept, oldest first, and one of class `gap` that counts the others by class."""
        kept = self._kept
        if self._left_out and self._last is not None:
            counts = ", ".join(f"{name} {n}" for name, n in sorted(self._left_out.items()))
            says = f"{self._left_out.total()} further failed attempts were not kept: {counts}"
            kept.append(
                Attempt(url="", failure=Failure.GAP, status=None, says=says, at=self._last.at)
            )
        self._kept, self._left_out = [], Counter()
        return tuple(kept)
