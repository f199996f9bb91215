"""What strangers wrote, cut to size and fit to be stored: blanks made one, no half characters.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

from typing import Any

#: Names, titles, sentences of registries.
MAX_WORDS = 500


def plain(text: object, most: int = MAX_WORDS) -> str | None:
    """The text on one line, at most `most` code points; None where there is none.

    Half surrogates (JSON may hold them) would stop UTF-8 later; NUL stops some databases.

    >>> plain("  Acme\\n\\tRegistrar "), plain("\\ud800x"), plain(" "), plain(7)
    ('Acme Registrar', '?x', None, None)
    """
    if not isinstance(text, str):
        return None
    # Twice the length: folding blanks only shortens, and huge texts need not be folded whole.
    known = text[: 4 * most].encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    return " ".join(known.split())[:most] or None


def bounded(value: Any, *, depth: int = 12, items: int = 200, characters: int = 4_000) -> Any:
    """A JSON value no deeper, longer or wider than that; what is beyond is left out.

    For readers made by others, which trust that registries are brief.

    >>> bounded({"a": [1, [2, [3]]], "b": "xyz"}, depth=2, characters=2)
    {'a': [1], 'b': 'xy'}
    """
    match value:
        case str():
            return value[:characters].encode("utf-8", "replace").decode("utf-8")
        case list():
            return [
                bounded(part, depth=depth - 1, items=items, characters=characters)
                for part in value[:items]
                if depth > 1 or not isinstance(part, list | dict)
            ]
        case dict():
            return {
                str(key)[:200]: bounded(part, depth=depth - 1, items=items, characters=characters)
                for key, part in list(value.items())[:items]
                if depth > 1 or not isinstance(part, list | dict)
            }
    return value
