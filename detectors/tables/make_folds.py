"""Makes folds.tsv: which characters people read as which ASCII letters, and why.

Run by a person when Unicode or our own list changes: `python -m detectors.tables.make_folds`
with PyICU installed; never at run time, so that a case does not depend on the ICU of the
machine it was found on. Layers, mildest first; a character gets the mildest that fits:

styled      compatibility forms and letter-like symbols (fullwidth, mathematical, circled)
diacritic   a base letter with marks, strokes, hooks or tails
confusable  UTS #39 skeleton
visual      ours: looks alike in running text though UTS #39 does not say so
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

TABLE = Path(__file__).with_name("folds.tsv")

#: Pairs seen in lookalike names that UTS #39 leaves out, and letters that ICU's
#: whole-script check misses (palochka in the Cyrillic spelling of "apple").
VISUAL = {
    "в": "b", "н": "h", "к": "k", "м": "m", "т": "t", "п": "n", "и": "u", "г": "r", "з": "3",
    "ч": "4", "ь": "b", "б": "6", "ӏ": "l", "ԁ": "d", "ԛ": "q", "ԝ": "w", "ш": "w", "щ": "w",
    "ф": "o", "я": "r", "л": "n", "д": "a", "ц": "u", "э": "3", "є": "e", "ї": "i", "ґ": "r",
    "α": "a", "β": "b", "γ": "y", "δ": "d", "ε": "e", "ζ": "z", "η": "n", "θ": "o", "ι": "i",
    "κ": "k", "μ": "u", "ν": "v", "ξ": "e", "π": "n", "ρ": "p", "σ": "o", "τ": "t", "υ": "u",
    "χ": "x", "ω": "w", "λ": "a",
    "ß": "b", "þ": "p", "ð": "d", "æ": "ae", "œ": "oe", "ŋ": "n", "ƒ": "f", "ʃ": "s", "ɑ": "a",
    "ɡ": "g", "ɩ": "i", "ʋ": "u", "ʏ": "y", "ʟ": "l", "ʀ": "r", "ɴ": "n", "ʜ": "h", "ɪ": "i",
    "ʙ": "b", "ɢ": "g", "ǀ": "l", "ı": "i", "ȷ": "j", "ĸ": "k", "ƨ": "s", "ƽ": "s", "ɛ": "e",
    "$": "s", "€": "e", "£": "l", "¥": "y", "@": "a", "!": "i", "|": "l",
    "տ": "s", "ո": "n", "օ": "o", "ս": "u", "հ": "h", "ց": "g", "ք": "p", "յ": "j", "ե": "t",
    "ა": "a", "ѵ": "v", "һ": "h", "ѕ": "s", "і": "i", "ј": "j",
}  # fmt: skip

#: Trade mark and service mark signs would read as the letters "tm" and "sm" glued to a name.
_SIGNS = {0x2120, 0x2122}

_SMALL_CAPITAL = re.compile(r"^LATIN (?:LETTER )?SMALL CAPITAL (?:LETTER )?([A-Z])$")
_WITH = re.compile(r"^LATIN (?:SMALL|CAPITAL) LETTER (?:DOTLESS )?([A-Z]) WITH ")
_SQUARED = re.compile(
    r"^(?:NEGATIVE |CROSSED NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])$"
    r"|^REGIONAL INDICATOR SYMBOL LETTER ([A-Z])$"
)


def ascii_only(text: str) -> str | None:
    """Lower-case ASCII letters and digits of text, or None when something else remains."""
    lowered = text.lower()
    fits = lowered and all(c.isascii() and c.isalnum() for c in lowered)
    return lowered if fits and len(lowered) <= 4 else None


def rows() -> list[tuple[int, str, str]]:
    """(code point, layer, ASCII), ascending by code point; all but ASCII letters and digits."""
    import icu

    nfd = icu.Normalizer2.getNFDInstance()
    nfkd = icu.Normalizer2.getNFKDInstance()
    spoof = icu.SpoofChecker()

    def without_marks(text: str) -> str:
        return "".join(c for c in nfd.normalize(text) if icu.Char.charType(c) not in _MARKS)

    _MARKS = {icu.UCharCategory.NON_SPACING_MARK, icu.UCharCategory.ENCLOSING_MARK}
    found = []
    for point in range(0x21, 0x110000):
        char = chr(point)
        if (char.isascii() and char.isalnum()) or point in _SIGNS:
            continue
        if 0xD800 <= point <= 0xDFFF:
            continue
        name = icu.Char.charName(char) or ""
        row = None
        compatible = ascii_only(nfkd.normalize(char))
        squared = _SQUARED.match(name)
        small_capital = _SMALL_CAPITAL.match(name)
        stroke = _WITH.match(name)
        if compatible and point > 0x7F:
            row = ("styled", compatible)
        elif squared or small_capital:
            letter = next(
                group
                for match in (squared, small_capital)
                if match
                for group in match.groups()
                if group
            )
            row = ("styled", letter.lower())
        elif point > 0x7F and (bare := ascii_only(without_marks(nfkd.normalize(char)))):
            row = ("diacritic", bare)
        elif stroke:
            row = ("diacritic", stroke.group(1).lower())
        elif point > 0x7F and (skeleton := ascii_only(without_marks(spoof.getSkeleton(0, char)))):
            # UTS #39 writes m as rn, its prototype; people read it as m again.
            row = ("confusable", skeleton.replace("rn", "m"))
        lower = char.lower()
        if row is None:
            bare_lower = without_marks(lower)
            visual = VISUAL.get(lower) or VISUAL.get(bare_lower)
            if visual:
                row = ("visual", visual)
        if row:
            found.append((point, *row))
    return found


def render() -> str:
    """The whole file as text."""
    import icu

    ours = hashlib.sha256(repr(sorted(VISUAL.items())).encode()).hexdigest()[:16]
    body = rows()
    version = f"{icu.UNICODE_VERSION}-{ours[:6]}"
    head = [
        "# Characters people read as ASCII letters. Made by make_folds.py; never edited by hand.",
        f"# version: {version}",
        f"# source: Unicode {icu.UNICODE_VERSION} by ICU {icu.ICU_VERSION}; visual layer ours",
        "# licence: Unicode-3.0 (data derived from UTS #39 and the UCD); visual layer Apache-2.0",
        f"# input: visual list sha256 {ours}",
        "# columns: code point (hex), layer, reads as",
    ]
    return "\n".join([*head, *(f"{p:04X}\t{layer}\t{text}" for p, layer, text in body), ""])


if __name__ == "__main__":
    TABLE.write_text(render(), encoding="utf-8")
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    print(
        f"{TABLE.name}: {sum(not line.startswith('#') for line in lines)} characters",
        file=sys.stderr,
    )
