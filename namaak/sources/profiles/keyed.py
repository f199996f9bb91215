"""Asking a platform with a key: where the key may go, and what a refusal of the platform means.

A key goes into a header, over TLS or to this very machine, and nowhere else: addresses are stored
and shown, headers are not, and nobody who redirects gets it. A status is told in one sentence that
names the variable of the key and, where the platform says so, when it may be asked again.
May import: namaak.errors, namaak.fetch, namaak.sources.*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Reply
from namaak.sources.base import excerpt
from namaak.sources.profiles.answers import count_of, moment_of, object_of, text_of

#: Nobody on the way can read what is sent there: by TLS, or because there is no way.
KeyedUrl = Annotated[
    str,
    StringConstraints(
        pattern=r"^(https://[^\s?#@]+|http://(127\.0\.0\.1|\[::1\])(:[0-9]+)?(/[^\s?#@]*)?)$"
    ),
]
_LIMITS = Limits(max_bytes=8 << 20)
_DEADLINE_S = 60.0
#: When the platform may be asked again, in the words of several: seconds since 1970, or ISO 8601.
_RESETS = ("x-rate-limit-reset", "ratelimit-reset", "ratelimit-resettime")


async def ask_with_key(
    fetch: Fetcher,
    url: str,
    headers: Mapping[str, str],
    *,
    retries: int = 2,
    method: str = "GET",
    body: bytes | None = None,
) -> Reply:
    """The answer, whatever its status: the body of a refusal says more than its number.

    headers: with the key. Raises FetchError where none came.
    """
    return await fetch.get(
        url,
        limits=_LIMITS,
        headers={"Accept": "application/json", **headers},
        redirects=0,
        retries=retries,
        deadline_s=_DEADLINE_S,
        any_status=True,
        method=method,
        body=body,
    )


def refusal(reply: Reply, *, who: str, where: str, key: str) -> SourceError | None:
    """What a status means that is no answer; None where it is one.

    who: the platform; where: what was asked; key: the variable that holds what it was asked with.
    """
    status = reply.status
    if 200 <= status < 300:
        return None
    told = f"status {status}" + (f": {words}" if (words := words_of(reply.body)) else "")
    if status == 429:
        again = asked_again(reply.headers)
        when = f"from {again:%d %b %H:%M} UTC on" if again else "later"
        return SourceError(
            f"{who} asks for fewer questions ({told}); {when} a run goes on where it stopped.",
            Failure.THROTTLED,
        )
    if status == 401:
        return SourceError(
            f"{who} does not accept what {key} holds ({told}); it is expired, revoked or wrong: "
            "make a new one.",
            Failure.AUTH,
        )
    if status in (402, 403):
        return SourceError(
            f"{who} does not answer {where} with the key in {key} ({told}); look into its console "
            "which rights, plan and credit the key has.",
            Failure.AUTH,
        )
    if status >= 500 or status in (408, 425):
        return SourceError(
            f"{who} cannot answer {where} now ({told}); the next run asks again.",
            Failure.TRANSIENT,
        )
    if 300 <= status < 400:
        return SourceError(
            f"{who} sends {where} elsewhere ({told}), where no key is taken; check `url` of its "
            "table.",
            Failure.POLICY,
        )
    return SourceError(f"{who} refuses to answer {where} ({told}); nothing was taken from it.")


def key_in(environ: Mapping[str, str], name: str) -> str:
    """The key in this variable; empty where there is none that a header may hold."""
    key = environ.get(name, "").strip()
    return key if key.isascii() and key.isprintable() and " " not in key else ""


def words_of(body: bytes) -> str:
    """What the platform itself says of its refusal, inert; empty where it says nothing."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    error: Mapping[str, Any] = object_of(answer, "error") or answer
    return excerpt(text_of(error, "message", "detail", "description", "title", "error") or "")


def asked_again(headers: Mapping[str, str]) -> datetime | None:
    """When the platform says that it may be asked again; None where it does not say."""
    told = {name.lower(): value for name, value in headers.items()}
    for name in _RESETS:
        if (seconds := count_of(told, name)) is not None:
            return moment_of({"at": seconds}, "at")
        if (at := moment_of(told, name)) is not None:
            return at.astimezone(UTC)
    return None
