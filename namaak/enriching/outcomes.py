"""How a request that failed is told as an outcome: in one place, so that probes never disagree.

Pure. May import: namaak.enriching.findings, namaak.errors, namaak.fetch.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import aiohttp

from namaak.enriching.findings import Outcome
from namaak.errors import Failure, SourceError
from namaak.fetch import FetchError
from namaak.fetch.connecting import NameFailure
from namaak.fetch.proxies import ProxyFailure

_BY_FAILURE = {
    Failure.TRANSIENT: Outcome.UNREACHABLE,
    Failure.THROTTLED: Outcome.THROTTLED,
    Failure.GONE: Outcome.ABSENT,
    Failure.EXPECTED_ABSENT: Outcome.ABSENT,
    Failure.MALFORMED: Outcome.MALFORMED,
    Failure.INTEGRITY: Outcome.MALFORMED,
    Failure.STALE: Outcome.BROKEN,
    Failure.POLICY: Outcome.POLICY,
    Failure.AUTH: Outcome.REFUSED,
    Failure.GAP: Outcome.POLICY,
}


def outcome_of(error: SourceError) -> Outcome:
    """What a failed request says: only an explicit 404 or 410 is absence."""
    if isinstance(error, FetchError) and error.status is not None:
        return Outcome.BROKEN if error.status >= 500 else _BY_FAILURE[error.failure]
    for cause in _causes(error):
        if isinstance(cause, ProxyFailure):
            return Outcome.POLICY  # our own way there failed, which says nothing of the host
        if isinstance(cause, ssl.SSLError | ssl.CertificateError | aiohttp.ClientSSLError):
            return Outcome.BROKEN
        if isinstance(cause, NameFailure):
            gone = cause.failure is Failure.GONE
            return Outcome.NO_ADDRESS if gone else Outcome.TIMEOUT
        if isinstance(cause, TimeoutError):
            return Outcome.TIMEOUT
    return _BY_FAILURE[error.failure]


def proxy_reached_nobody(error: SourceError) -> bool:
    """Whether a proxy says that nobody answers at that port; at another one somebody may."""
    return any(isinstance(cause, ProxyFailure) and cause.reached_nobody for cause in _causes(error))


def reason_of(error: SourceError) -> str:
    """A few words, without the advice that an error message ends with."""
    return error.says if isinstance(error, FetchError) else str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, at most ten deep."""
    step: BaseException | None = error
    for _ in range(10):
        if step is None:
            return
        yield step
        # aiohttp keeps what the socket said beside its own error.
        beside = getattr(step, "os_error", None)
        step = beside if isinstance(beside, BaseException) else step.__cause__
