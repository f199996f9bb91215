"""Text in the order and the posture in which people see it: bidi overrides, letters upside down.

A right-to-left override shows "lapyap" as "paypal"; "ɐɔɹɐ" stands on its head and is read from
the other end. Both give back the places of what they turned, so that spans can be shown.
May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping

_OVERRIDE = "\u202e"  # right to left, whatever the letters are
_OPENING = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
_CLOSING = frozenset("\u202c\u2069")

#: As written to as read, for text turned by 180 degrees; the rest reads alike from both ends.
_ROTATED = {
    "ɐ": "a", "ɒ": "a", "ᗺ": "b", "ɔ": "c", "ↄ": "c", "ǝ": "e", "ə": "e", "ɟ": "f", "ⅎ": "f",
    "ƃ": "g", "ᵷ": "g", "ɓ": "g", "ɥ": "h", "ᴉ": "i", "ı": "i", "ɾ": "j", "ɿ": "j", "ſ": "j",
    "ʞ": "k", "ʃ": "l", "ן": "l", "ꞁ": "l", "ɯ": "m", "ɹ": "r", "ʇ": "t", "ʌ": "v", "ʍ": "w",
    "ʎ": "y", "∀": "a", "Ɔ": "c", "Ↄ": "c", "ᗡ": "d", "Ǝ": "e", "∃": "e", "Ⅎ": "f", "⅁": "g",
    "פ": "g", "Ʞ": "k", "˥": "l", "⅂": "l", "Ꞁ": "l", "∩": "u", "Ɯ": "m", "Ԁ": "p", "ԁ": "p",
    "Ό": "q", "ᴚ": "r", "Ʇ": "t", "┴": "t", "⊥": "t", "Λ": "v", "Ʌ": "v", "⅄": "y",
    "b": "q", "q": "b", "d": "p", "p": "d", "n": "u", "u": "n", "m": "w", "w": "m", "M": "w",
    "W": "m", "6": "9", "9": "6", "Ɩ": "1", "⇂": "1", "ᄅ": "2", "Ɛ": "3", "ㄣ": "4", "ϛ": "5",
    "ㄥ": "7",
}  # fmt: skip
#: The same for text seen in a mirror.
_MIRRORED = {
    "ɒ": "a", "ɔ": "c", "ↄ": "c", "ɘ": "e", "ɿ": "r", "ꟻ": "f", "ǫ": "g", "ᴎ": "n", "ᴙ": "r",
    "ƨ": "s", "Ɔ": "c", "Ↄ": "c", "Ǝ": "e", "∃": "e", "Я": "r", "я": "r", "И": "n", "и": "n",
    "Ƨ": "s", "ꟼ": "p", "ᗺ": "b", "ᗡ": "d", "⅃": "l", "ꞁ": "j", "ꙅ": "s", "ʞ": "k", "ϱ": "g",
    "ƚ": "t", "ʇ": "f", "ʜ": "h", "ʏ": "y",
    "b": "d", "d": "b", "p": "q", "q": "p",
}  # fmt: skip
#: What only stands in text that was flipped: the letters that stand for others upright are none.
_UPRIGHT = frozenset("bdpqnumwMW69ıſʃפןΛԁʌᄅㄣㄥƐЯяИиʏϛɿϱ")
_MARKS = tuple(frozenset(table) - _UPRIGHT for table in (_ROTATED, _MIRRORED))
_ANY_MARK = _MARKS[0] | _MARKS[1]


def turned(text: str) -> tuple[int, ...] | None:
    """The order in which text is shown, as indices into it; None when it holds no override.

    Only overrides turn Latin letters; embeddings and isolates leave them left to right.

    >>> "".join("\\u202elapyap"[at] for at in turned("\\u202elapyap"))
    'paypal'
    """
    if _OVERRIDE not in text:
        return None
    # Units keep their inner order when what is around them turns.
    open_runs: list[tuple[bool, list[list[int]]]] = [(False, [])]
    for index, char in enumerate(text):
        if char in _OPENING:
            open_runs.append((char == _OVERRIDE, []))
        elif char in _CLOSING:
            if len(open_runs) > 1:
                _close(open_runs)
        else:
            open_runs[-1][1].append([index])
    while len(open_runs) > 1:
        _close(open_runs)
    return tuple(index for unit in open_runs[0][1] for index in unit)


def _close(open_runs: list[tuple[bool, list[list[int]]]]) -> None:
    override, units = open_runs.pop()
    ordered = reversed(units) if override else iter(units)
    open_runs[-1][1].append([index for unit in ordered for index in unit])


def flipped(text: str) -> tuple[tuple[tuple[int, str], ...], ...]:
    """What text reads as from its other end: (index, character) each; empty when upright.

    It stands on its head or in a mirror, whichever more of its letters tell; one reading for
    each when they do not.

    >>> ["".join(char for _, char in reading) for reading in flipped("ɯoɔ˙ǝɯɔɐ")]
    ['acme˙com']
    """
    if _ANY_MARK.isdisjoint(text):
        return ()
    found = [sum(char in marks for char in text) for marks in _MARKS]
    most = max(found)
    tables: tuple[Mapping[str, str], ...] = (_ROTATED, _MIRRORED)
    return tuple(
        tuple((at, table.get(text[at], text[at])) for at in range(len(text) - 1, -1, -1))
        for table, many in zip(tables, found, strict=True)
        if many and many == most
    )
