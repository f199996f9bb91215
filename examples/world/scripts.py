"""The same word in other letters: shapes, scripts, styles, marks and invisible characters.

Pure functions on text; the names of the styles are those that stand in labels.csv.
May import: the standard library.
"""

from __future__ import annotations

from typing import Final

#: Letter groups that look like one letter, or a digit like a letter.
SHAPES: Final = (("m", "rn"), ("m", "nn"), ("w", "vv"), ("d", "cl"), ("o", "0"), ("l", "1"))
LEET: Final = str.maketrans("aeiost", "431057")
#: Only the letters that both names use and that Cyrillic draws alike.
CYRILLIC: Final = str.maketrans("aeopr", "аеорг")
GREEK: Final = str.maketrans("o", "ο")
_LISU: Final = str.maketrans("ABDEKLMNOPRW", "ꓮꓐꓓꓰꓗꓡꓟꓠꓳꓑꓣꓪ")
_SMALL_CAPS: Final = str.maketrans("abdeklmnoprw", "ᴀʙᴅᴇᴋʟᴍɴᴏᴘʀᴡ")
_UPSIDE_DOWN: Final = str.maketrans("abdeklmnoprw ", "ɐqpǝʞlɯuodɹʍ ")


def a_label(label: str) -> str:
    """One label as DNS carries it. No mapping and no validity test: attackers skip those too.

    >>> a_label("bücher")
    'xn--bcher-kva'
    """
    if label.isascii():
        return label
    return "xn--" + label.encode("punycode").decode("ascii")


def shift(text: str, *, capital: int, small: int) -> str:
    """Latin letters moved into a styled alphabet that runs A to Z without a gap."""
    return "".join(
        chr(capital + ord(c) - ord("A"))
        if "A" <= c <= "Z"
        else chr(small + ord(c) - ord("a"))
        if "a" <= c <= "z"
        else c
        for c in text
    )


def styled(text: str) -> dict[str, str]:
    """text in every fancy style, by the style's name."""
    upper = text.upper()
    return {
        "mathematical bold": shift(text, capital=0x1D400, small=0x1D41A),
        "mathematical bold script": shift(text, capital=0x1D4D0, small=0x1D4EA),
        "mathematical bold fraktur": shift(text, capital=0x1D56C, small=0x1D586),
        "monospace": shift(text, capital=0x1D670, small=0x1D68A),
        "fullwidth": shift(text, capital=0xFF21, small=0xFF41),
        "circled": shift(text, capital=0x24B6, small=0x24D0),
        "squared": shift(upper, capital=0x1F130, small=0),
        "negative squared": shift(upper, capital=0x1F170, small=0),
        # A space between, or a reader would see the flags of countries.
        "regional indicators": " ".join(shift(upper, capital=0x1F1E6, small=0)),
        "small capitals": text.lower().translate(_SMALL_CAPS),
        "Lisu letters": upper.translate(_LISU),
        "upside-down": text.lower().translate(_UPSIDE_DOWN)[::-1],
        "struck through": "".join(c + "\u0336" for c in text),
        "zero-width spaces": "\u200b".join(text),
        "soft hyphens": "\u00ad".join(text),
        "right-to-left override": "\u202e" + text[::-1] + "\u202c",
        "Cyrillic letters among Latin": text.translate(CYRILLIC),
        "Greek letters among Latin": text.translate(GREEK),
    }
