"""What stands in the JSON of a platform: read as what it should be, or told as what it is not.

A platform's answer holds strangers' words in every field, and a field may be of any type: what is
not of the expected type is absent, never an exception far from here.
Pure. May import: namaak.errors, namaak.sources.base.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from namaak.errors import Failure, SourceError
from namaak.sources.base import excerpt
from namaak.sources.profiles.profile import Profile, Refused

#: Seconds since 1970 of the years 1970 to 9999.
_LAST_SECOND = 253_402_300_799
#: Levels of objects and lists in an answer; platforms use a dozen.
_DEEPEST = 100
_FRACTION = re.compile(r"(\.\d{6})\d+")


def parse_answer(body: bytes, *, who: str, where: str) -> Any:
    """The reply as JSON; bytes that are not UTF-8 become U+FFFD.

    who: the platform; where: what was asked, as in "a search for acme". Raises SourceError:
    transient when the reply is empty or breaks off, malformed when it is no JSON.
    """
    text = body.decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
        if _is_deep(answer):
            raise RecursionError
        return answer
    except json.JSONDecodeError as error:
        # What is wrong stands at the very end (in half a word or escape, where it began), or in a
        # string that never ends.
        at_the_end = error.pos >= len(text) - len("-Infinity")
        cut = not text or (text[0] in "[{" and (at_the_end or "Unterminated" in error.msg))
        if cut:
            raise SourceError(
                f"The answer of {who} to {where} breaks off after {len(body):,} bytes; the next "
                "run asks again.",
                Failure.TRANSIENT,
            ) from None
        raise SourceError(
            f"{who} answered {where} with what is no JSON ({excerpt(text[:60])}); nothing was "
            "taken from it."
        ) from None
    except (ValueError, RecursionError):
        # Numbers of thousands of digits, brackets nested thousands deep.
        raise SourceError(
            f"{who} answered {where} with JSON that nobody reads ({excerpt(text[:60])}); nothing "
            "was taken from it."
        ) from None


def _is_deep(answer: Any) -> bool:
    """Nested so that what is read here could not be written again elsewhere."""
    level = [answer]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        if not inner:
            return False
        level = inner
    return True


def entries(answer: Any, *path: str, who: str, where: str) -> list[Any]:
    """The list at `path` within the answer. Raises SourceError, malformed, where there is none."""
    found = answer
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, list):
        shown = excerpt(json.dumps(answer, ensure_ascii=False)[:60])
        raise SourceError(
            f"{who} answered {where} with JSON of another shape ({shown}); nothing was taken from "
            "it."
        )
    return found


def profiles(
    rows: Iterable[Any], read: Callable[[Mapping[str, Any]], Profile]
) -> tuple[Profile | Refused, ...]:
    """Each row read, or refused where it is no object or `read` raises ValueError."""
    found: list[Profile | Refused] = []
    for row in rows:
        if not isinstance(row, dict):
            found.append(Refused(reason="row: is no object", excerpt=str(row)[:200]))
            continue
        try:
            found.append(read(row))
        except ValueError as error:
            shown = json.dumps(row, ensure_ascii=False)[:200]
            found.append(Refused(reason=str(error), excerpt=shown))
    return tuple(found)


def text_of(row: Mapping[str, Any], *names: str) -> str | None:
    """The first of these fields that is text and not blank.

    >>> text_of({"name": " ", "title": "ACME"}, "name", "title")
    'ACME'
    """
    for name in names:
        value = row.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None


def id_of(row: Mapping[str, Any], name: str) -> str | None:
    """A permanent id, which platforms give as text or as a number.

    >>> id_of({"id": 12}, "id"), id_of({"id": True}, "id")
    ('12', None)
    """
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def count_of(row: Mapping[str, Any], name: str) -> int | None:
    """A count that is not negative; some platforms write it as text.

    >>> count_of({"n": "12"}, "n"), count_of({"n": -1}, "n"), count_of({"n": 1.5}, "n")
    (12, None, None)
    """
    value = row.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 2**63 else None
    return None


def moment_of(row: Mapping[str, Any], name: str) -> datetime | None:
    """A time as ISO 8601 (UTC where it does not say), or as seconds since 1970.

    >>> moment_of({"at": "2026-11-02T09:00:00.123456789Z"}, "at").isoformat()
    '2026-11-02T09:00:00.123456+00:00'
    """
    value = row.get(name)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC) if 0 <= value <= _LAST_SECOND else None
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def object_of(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object in this field; an empty one where there is none."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def as_raw(row: Mapping[str, Any]) -> str:
    """The row as JSON, for evidence: keys in their order, no spaces that were not there."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
