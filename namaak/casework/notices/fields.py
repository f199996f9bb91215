"""The one register of what a notice may hold: name, kind, origin, and what to do where it lacks.

Templates draw on it, and the pages of the documentation are compared with it. Values come from
strangers and from people; here they become one safe line each, and addresses stay exact.
Pure but for the shipped table, which is read once. May import: namaak.errors, namaak.visible.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from namaak.errors import UsageError
from namaak.visible import visible

MAX_LINE = 500
MAX_TEXT = 5_000
MAX_ITEMS = 200
_MAX_URL = 4_000
#: What may stand in an address as it is; all else is written as its UTF-8 in per cent.
_IN_A_URL = "%/:?#[]@!$&'()*+,;=-._~"

_HOST = re.compile(r"[A-Za-z0-9._:-]+")


class Kind(StrEnum):
    """What a field holds."""

    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    URLS = "urls"
    TIME = "time"
    COPIED = "copied"
    EVIDENCE = "evidence"
    EARLIER = "earlier"

    @property
    def is_list(self) -> bool:
        """Whether it may hold several."""
        return self not in (Kind.LINE, Kind.TEXT, Kind.TIME)


class Origin(StrEnum):
    """Where a field comes from."""

    CASE = "case"
    LOOK = "look"
    BRAND = "brand"
    MARK = "mark"
    ORGANISATION = "organisation"
    NOTICES = "notices"
    ACTION = "action"
    TEMPLATE = "template"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One row of the register."""

    name: str
    kind: Kind
    source: Origin
    person: bool  #: a person may say it in place of what was found
    labels: Mapping[str, str]  #: by language
    do: str  #: what to do where it is missing


@cache
def fields() -> Mapping[str, Field]:
    """All of them, by name, in the order of the table."""
    path = Path(__file__).with_name("fields.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Field(
            name=name,
            kind=Kind(row["kind"]),
            source=Origin(row["source"]),
            person=row.get("person", False),
            labels={"en": row["en"], "nl": row["nl"]},
            do=row["do"],
        )
        for name, row in table.items()
    }


def given_fields(given: Mapping[str, Sequence[str]], *, now: datetime) -> dict[str, Any]:
    """What a person said, as values of the fields.

    Raises UsageError for what cannot be said so, or not yet: a time after now.
    """
    said: dict[str, Any] = {}
    for name, values in given.items():
        field = fields().get(name)
        if field is None or not field.person:
            known = ", ".join(one.name for one in fields().values() if one.person)
            raise UsageError(f"A person cannot say the field {name!r}; use one of {known}.")
        if not field.kind.is_list and len(values) > 1:
            raise UsageError(f"The field {name} holds one value; say it once.")
        said[name] = _said(field, values)
        if field.kind is Kind.TIME and said[name] > now:
            raise UsageError(
                f"{values[0]!r} is yet to come, so it cannot be {name}; write a time that has "
                "been, in UTC."
            )
    return said


def _said(field: Field, values: Sequence[str]) -> Any:
    if any(not value.strip() for value in values):
        raise UsageError(f"The field {field.name} is empty; fill it in or leave it out.")
    if field.kind is Kind.COPIED:
        return [{"code": "said", "value": as_line(value), "term": ""} for value in values]
    if field.kind is Kind.URLS:
        found = [exact_url(value) for value in values]
        if None in found:
            wrong = values[found.index(None)]
            raise UsageError(f"{wrong!r} is no address; write it whole, as in https://a.example/b.")
        return found
    if field.kind is Kind.TIME:
        try:
            moment = datetime.fromisoformat(values[0])
        except ValueError:
            raise UsageError(
                f"{values[0]!r} is no time; write the field {field.name} as 2026-01-31T09:05Z."
            ) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return list(values) if field.kind.is_list else values[0]


def sound(name: str, value: Any) -> Any:
    """A value as notices may carry it: bounded, one line where it is a line; None where empty."""
    field = fields()[name]
    if value is None:
        return None
    if field.kind is Kind.TIME:
        return value.astimezone(UTC) if isinstance(value, datetime) else None
    if field.kind is Kind.TEXT:
        return as_text(str(value)) or None
    if field.kind is Kind.LINE:
        return as_line(str(value)) or None
    items: list[Any] = [value] if isinstance(value, str) else list(value)
    if field.kind is Kind.URLS:
        return list(dict.fromkeys(url for url in map(exact_url, items) if url))[:MAX_ITEMS]
    if field.kind is Kind.LINES:
        lines = (as_line(str(item)) for item in items if item is not None)
        return list(dict.fromkeys(line for line in lines if line))[:MAX_ITEMS]
    kept = [
        {key: as_line(str(part)) for key, part in item.items() if part is not None}
        for item in items[:MAX_ITEMS]
    ]
    return [item for at, item in enumerate(kept) if item not in kept[:at]]


def as_line(text: str) -> str:
    """One line without anything that hides or moves, at most MAX_LINE characters.

    >>> as_line(" Acme\\r\\nBcc: x@y.example \\u202e")
    'Acme Bcc: x@y.example \\\\u202e'
    """
    line = visible(" ".join(text.split()))
    return line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…"


def as_text(text: str) -> str:
    """A person's lines, each as `as_line` but of any length; at most MAX_TEXT characters."""
    lines = "\n".join(visible(" ".join(line.split())) for line in text.strip().split("\n"))
    return lines if len(lines) <= MAX_TEXT else lines[: MAX_TEXT - 1] + "…"


def exact_url(text: str) -> str | None:
    """The address, the same to a server, with nothing in it that ends a line or a bracket.

    None for what is no address of the web.

    >>> exact_url("https://acme-login.example/a b?x=<é>")
    'https://acme-login.example/a%20b?x=%3C%C3%A9%3E'
    """
    stripped = text.strip()
    if len(stripped) > _MAX_URL:
        return None
    try:
        parts = urlsplit(stripped)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    # A host of empty labels, a port that is no number, brackets that do not close.
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return None
    shown = f"[{host}]" if ":" in host else host
    rest = stripped[stripped.index("//") + 2 :]
    cut = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    # A name before the host is never needed to see a page, and is there to deceive.
    return f"{parts.scheme}://{shown}{port}" + quote(rest[cut:], safe=_IN_A_URL)
