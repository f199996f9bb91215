"""What strangers wrote, made safe to look at in a terminal, a log or a table.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

import unicodedata

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
