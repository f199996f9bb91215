"""Thirty ways in which people style a name, written from Unicode's charts, not from our table.

Each takes lower-case ASCII letters and digits; a letter that a style lacks stays as it is.
May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Style = Callable[[str], str]

_SMALL = "abcdefghijklmnopqrstuvwxyz"


def _alphabet(first: int, *, capitals: bool = False) -> Style:
    """26 letters in a row, from the code point of the first."""
    table = {letter: chr(first + place) for place, letter in enumerate(_SMALL)}
    return _spelled(table, capitals=capitals)


def _spelled(table: Mapping[str, str], *, capitals: bool = False) -> Style:
    def style(name: str) -> str:
        plain = name.upper() if capitals else name
        return "".join(table.get(char.lower(), char) for char in plain)

    return style


def _table(letters: str) -> dict[str, str]:
    """26 characters or spaces; a space: the style lacks that letter."""
    return {a: b for a, b in zip(_SMALL, letters, strict=True) if b != " "}


def _after_each(mark: str) -> Style:
    return lambda name: "".join(char + mark for char in name.upper())


def _between(mark: str) -> Style:
    return lambda name: mark.join(name)


def _backwards(table: Mapping[str, str]) -> Style:
    return lambda name: "".join(table.get(char, char) for char in reversed(name))


def _diaeresis(name: str) -> str:
    return "".join(char + "\u0308\u0323" if char.isalpha() else char for char in name)


#: A style's name to what it does.
STYLES: Mapping[str, Style] = {
    "fullwidth": _alphabet(0xFF41),
    "bold": _alphabet(0x1D41A),
    "bold italic": _alphabet(0x1D482),
    "bold script": _alphabet(0x1D4EA),
    "bold fraktur": _alphabet(0x1D586),
    "double-struck": _alphabet(0x1D552),
    "sans-serif bold": _alphabet(0x1D5EE),
    "monospace": _alphabet(0x1D68A),
    "circled": _alphabet(0x24D0),
    "negative circled": _alphabet(0x1F150, capitals=True),
    "squared": _alphabet(0x1F130, capitals=True),
    "negative squared": _alphabet(0x1F170, capitals=True),
    "parenthesised": _alphabet(0x249C),
    "regional letters": _alphabet(0x1F1E6, capitals=True),
    "small capitals": _spelled(_table("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡ ʏᴢ")),
    "superscript": _spelled(_table("ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖ ʳˢᵗᵘᵛʷˣʸᶻ")),
    "cyrillic": _spelled(_table("аЬсԁе ԍһіјкӏм орԛ ѕт ѵԝху ")),
    "greek": _spelled(_table("ΑΒϹ Ε  ΗΙ Κ ΜΝΟΡ   Τ   ΧΥΖ"), capitals=True),
    "cherokee": _spelled(_table("ᎪᏴᏟᎠᎬ ᏀᎻᎥᎫᏦᏞᎷ ᎾᏢ ᎡᏚᎢ ᏙᎳ ᎩᏃ"), capitals=True),
    "lisu": _spelled(_table("ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑ ꓣꓢꓔꓴꓦꓪꓫꓬꓜ"), capitals=True),
    "struck through": _after_each("\u0336"),
    "enclosing keycaps": _after_each("\u20e3"),
    "marks above and below": _diaeresis,
    "variation selectors": _after_each("\ufe0f"),
    "zero-width spaces": _between("\u200b"),
    "fillers and tags": _between("\u3164\U000e0061"),
    "right-to-left override": lambda name: "\u202e" + name[::-1] + "\u202c",
    "leet": _spelled({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"}),
    "upside down": _backwards(_table("ɐqɔpǝɟƃɥᴉɾʞןɯuodbɹsʇnʌʍxʎz")),
    "mirrored": _backwards(_table("ɒdɔbɘʇǫʜiꞁʞlmnoqpɿꙅƚuvwxʏz")),
}
