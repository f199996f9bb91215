"""JSON as the files of a pack have it: the same value gives the same bytes, safe to print.

Not the canonical JSON that events are hashed in (namaak.casework.events): this one is for people.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

#: Categories of characters that a terminal obeys or does not show.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def canonical_json(value: object, *, indent: int | None = 2) -> bytes:
    """Sorted keys, UTF-8, one newline at the end; moments as ISO 8601 in UTC with `Z`.

    Characters that a terminal obeys or does not show are escaped, so that a pack can be read
    with `cat`. A number that JSON cannot say (nan, inf) is told as text.
    """
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, indent=indent)
    # Line breaks outside strings are ours; inside, json has already escaped them.
    escaped = "".join(
        _json_escape(c) if c != "\n" and unicodedata.category(c) in UNSEEN else c for c in text
    )
    return escaped.encode("utf-8") + b"\n"


def lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """JSON Lines: a row, a line."""
    return b"".join(canonical_json(row, indent=None) for row in rows)


def parsed(text: object) -> object:
    """What a column that holds JSON says; the text itself where it is none."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def _plain(value: object) -> object:
    match value:
        case datetime():
            aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return aware.isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case float() if not math.isfinite(value):
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(name): _plain(entry) for name, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
    return value
