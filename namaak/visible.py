"""What strangers wrote, made safe to look at in a terminal, a log, a table or a spreadsheet.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

import unicodedata
from typing import Any

#: What spreadsheets take for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def visible(text: str) -> str:
    """Characters that move a cursor, turn the reading direction or hide, as escapes.

    >>> visible("a\\x1b[2Jb\\u202e")
    'a\\\\x1b[2Jb\\\\u202e'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _HIDDEN
        else char
        for char in text
    )


def visible_lines(text: str) -> str:
    """The same of a text of several lines, which stay lines.

    >>> visible_lines("two problems:\\n- a\\x1bb")
    'two problems:\\n- a\\\\x1bb'
    """
    return "\n".join(map(visible, text.split("\n")))


def inert(value: Any) -> Any:
    """A quote in front keeps a spreadsheet from running what a stranger wrote."""
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
