"""Addresses with the day in them.

`{date}` becomes 2026-11-22, `{date:%d%m%Y}` 22112026, and `{base64:%Y-%m-%d.zip}` the base64 of
2026-11-22.zip, which is how one well-known list names its files.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import base64
import re
from datetime import date
from typing import Final

_PLACE: Final = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")
_KINDS: Final = ("date", "base64")
_DAY: Final = "%Y-%m-%d"


def check_pattern(text: str) -> str:
    """The same text. Raises ValueError where it is no address, or says of a day what is unknown."""
    if not re.match(r"https?://[^/\s]+", text, re.IGNORECASE):
        raise ValueError("is neither http:// nor https://")
    for kind, form in _PLACE.findall(text):
        if kind not in _KINDS:
            raise ValueError(f"has {{{kind}}}; known are {{date}}, {{date:...}} and {{base64:...}}")
        if not date(2026, 11, 22).strftime(form or _DAY).isprintable():
            raise ValueError(f"gives no text for {{{kind}:{form}}}")
    if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
        raise ValueError("has a brace that is not closed, or not opened")
    return text


def is_dated(pattern: str) -> bool:
    """Whether each day has an address of its own."""
    return _PLACE.search(pattern) is not None


def address(pattern: str, day: date) -> str:
    """The address of a day's list.

    >>> address("https://lists.example/{base64:%Y-%m-%d.zip}/{date:%Y}", date(2026, 11, 22))
    'https://lists.example/MjAyNi0xMS0yMi56aXA=/2026'
    """

    def filled(found: re.Match[str]) -> str:
        text = day.strftime(found[2] or _DAY)
        return base64.b64encode(text.encode()).decode() if found[1] == "base64" else text

    return _PLACE.sub(filled, pattern)
