"""Meta's Graph API: what its errors mean, how near its limits are, and how its lists go on.

An error comes with an HTTP status that says little and a code that says all. How much of a limit is
used stands in two headers, in per cent; whoever goes on at a hundred is shut out for a while, so we
stop before. The token goes into a header: in an address it would be stored, and the API itself puts
it into the addresses of further pages, which are therefore never followed as they stand.
API: developers.facebook.com, Graph API, read 2026 (versions 25 and 26).
May import: namaak.errors, namaak.fetch, namaak.sources.*.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher
from namaak.sources.base import excerpt
from namaak.sources.profiles.answers import count_of, object_of, parse_answer, text_of
from namaak.sources.profiles.keyed import ask_with_key, refusal

GRAPH = "https://graph.facebook.com/v25.0"
#: The limits of an app, a user, a page, and of custom rates.
_TOO_FAST = frozenset({4, 17, 32, 613})
#: The limits of the business use cases (80000 to 80014).
_BUSINESS = range(80_000, 80_015)
#: No session, no such permission, a token that is expired or revoked, a feature not approved.
_NO_RIGHT = frozenset({3, 10, 102, 104, 190, 294, 463, 467})
_PERMISSIONS = range(200, 300)
_NOT_NOW = frozenset({1, 2})
#: The account is blocked for what it did: a person must look.
_BLOCKED = frozenset({368})
#: Per cent of a limit at which we stop by ourselves.
_ENOUGH = 90
#: The limits roll over an hour (read 2026).
_HOUR = timedelta(hours=1)


class GraphError(SourceError):
    """An error of the API, with its own code."""

    def __init__(self, message: str, failure: Failure, *, code: int, subcode: int) -> None:
        super().__init__(message, failure)
        self.code = code
        self.subcode = subcode


class Graph:
    """The API as one token sees it."""

    def __init__(
        self, url: str, token: str, *, key: str, who: str, now: Callable[[], datetime]
    ) -> None:
        """key: the variable that holds the token; who: the platform, as in "Instagram"."""
        self._url = url
        self._token = token
        self._key = key
        self._who = who
        self._now = now
        self._used = 0
        self._free_again: datetime | None = None

    async def get(
        self, fetch: Fetcher, path: str, asked: Mapping[str, str], *, where: str
    ) -> Mapping[str, Any]:
        """An object of the API. Raises SourceError, GraphError where the API says what is wrong."""
        if self._free_again is not None and self._now() < self._free_again:
            raise self._enough()
        reply = await ask_with_key(
            fetch,
            f"{self._url}/{path}?{urlencode(asked)}",
            {"Authorization": f"Bearer {self._token}"},
        )
        self._used, wait = used(reply.headers)
        if self._used >= _ENOUGH:
            self._free_again = self._now() + max(wait, _HOUR)
        told = _error_in(reply.body)
        if told:
            raise self._error(told, wait, where)
        if (error := refusal(reply, who=self._who, where=where, key=self._key)) is not None:
            raise error
        answer = parse_answer(reply.body, who=self._who, where=where)
        if not isinstance(answer, dict):
            raise SourceError(
                f"{self._who} answered {where} with JSON of another shape; nothing was taken."
            )
        return answer

    def in_words(self) -> str | None:
        """How much of the limits the last answer said to be used."""
        return f"{self._used} % of the hour's calls used" if self._used else None

    def _enough(self) -> SourceError:
        return SourceError(
            f"{self._used} % of what {self._who} allows in an hour is used; from "
            f"{self._free_again:%d %b %H:%M} UTC on a run goes on where this one stopped.",
            Failure.THROTTLED,
        )

    def _error(self, error: Mapping[str, Any], wait: timedelta, where: str) -> GraphError:
        code, subcode = count_of(error, "code") or 0, count_of(error, "error_subcode") or 0
        said = excerpt(text_of(error, "message") or "")
        told = f"error {code}" + (f".{subcode}" if subcode else "") + (f": {said}" if said else "")
        failure = _failure(code)
        if failure is Failure.THROTTLED:
            self._free_again = again = self._now() + (wait or _HOUR)
            says = (
                f"{self._who} asks for fewer questions ({told}); from {again:%d %b %H:%M} UTC on a "
                "run goes on where this one stopped."
            )
        elif failure is Failure.AUTH:
            says = (
                f"{self._who} does not accept the token in {self._key} for {where} ({told}); make "
                "a new one, with the permissions and features that the docs name."
            )
        elif failure is Failure.POLICY:
            says = (
                f"{self._who} has blocked the account of {self._key} ({told}); a person must look "
                "into it before anything more is asked."
            )
        elif failure is Failure.TRANSIENT:
            says = f"{self._who} cannot answer {where} now ({told}); the next run asks again."
        else:
            says = f"{self._who} refuses to answer {where} ({told}); nothing was taken from it."
        return GraphError(says, failure, code=code, subcode=subcode)


def next_page(answer: Mapping[str, Any]) -> str | None:
    """What a list goes on with; None on its last page, which has a cursor but no next address."""
    paging = object_of(answer, "paging")
    return text_of(object_of(paging, "cursors"), "after") if text_of(paging, "next") else None


def used(headers: Mapping[str, str]) -> tuple[int, timedelta]:
    """Per cent of the fullest limit, and how long until it is free again (zero: not said).

    >>> used({"x-app-usage": '{"call_count":28,"total_time":91,"total_cputime":2}'})
    (91, datetime.timedelta(0))
    """
    most, wait = 0, timedelta()
    for name, value in headers.items():
        if name.lower() == "x-app-usage":
            limits = [_loaded(value)]
        elif name.lower() == "x-business-use-case-usage":
            by_business = _loaded(value)
            each = by_business.values() if isinstance(by_business, dict) else ()
            limits = [one for listed in each if isinstance(listed, list) for one in listed]
        else:
            continue
        for limit in limits:
            if isinstance(limit, dict):
                for count in ("call_count", "total_time", "total_cputime"):
                    most = max(most, min(count_of(limit, count) or 0, 1_000))
                minutes = count_of(limit, "estimated_time_to_regain_access") or 0
                wait = max(wait, timedelta(minutes=min(minutes, 1_440)))
    return most, wait


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _error_in(body: bytes) -> Mapping[str, Any]:
    answer = _loaded(body.decode("utf-8", "replace"))
    return object_of(answer, "error") if isinstance(answer, dict) else {}


def _failure(code: int) -> Failure:
    if code in _TOO_FAST or code in _BUSINESS:
        return Failure.THROTTLED
    if code in _NO_RIGHT or code in _PERMISSIONS:
        return Failure.AUTH
    if code in _BLOCKED:
        return Failure.POLICY
    return Failure.TRANSIENT if code in _NOT_NOW else Failure.MALFORMED
