"""Makes folds.tsv: which characters people read as which ASCII letters, and why.

Run by a person when Unicode or our own list changes: `python -m detectors.tables.make_folds`
with PyICU installed; never at run time, so that a case does not depend on the ICU of the
machine it was found on. Layers, mildest first; a character gets the mildest that fits:

styled      compatibility forms and letter-like symbols (fullwidth, mathematical, circled)
diacritic   a base letter with marks, strokes, hooks or tails; the letters of European languages
confusable  UTS #39 skeleton
visual      ours: looks alike in running text though UTS #39 does not say so
sound       CLDR transliteration: what a letter of another script stands for

A letter that looks like one and sounds like another ("в": b, v) has the second as `also`.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import re
import string
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("folds.tsv")

#: Pairs seen in lookalike names that UTS #39 leaves out, and letters that ICU's
#: whole-script check misses (palochka in the Cyrillic spelling of "apple").
VISUAL = {
    "в": "b", "н": "h", "к": "k", "м": "m", "т": "t", "п": "n", "и": "u", "г": "r", "з": "3",
    "ч": "4", "ь": "b", "ъ": "b", "б": "6", "ӏ": "l", "ԁ": "d", "ԛ": "q", "ԝ": "w", "ш": "w",
    "щ": "w", "ԍ": "g", "ғ": "f", "ҽ": "e", "ҿ": "e", "ф": "o", "я": "r", "л": "n", "д": "a",
    "ц": "u", "э": "3", "є": "e", "ї": "i", "ґ": "r", "ћ": "h", "ђ": "h", "џ": "u", "ҍ": "b",
    "α": "a", "β": "b", "γ": "y", "δ": "d", "ε": "e", "ζ": "z", "η": "n", "θ": "o", "ι": "i",
    "κ": "k", "μ": "u", "ν": "v", "ξ": "e", "π": "n", "ρ": "p", "ς": "c", "σ": "o", "τ": "t",
    "υ": "u", "φ": "o", "χ": "x", "ω": "w", "λ": "a", "ϲ": "c", "ϝ": "f",
    "ß": "b", "þ": "p", "ð": "d", "æ": "ae", "œ": "oe", "ŋ": "n", "ƒ": "f", "ʃ": "s", "ɑ": "a",
    "ɡ": "g", "ɩ": "i", "ʋ": "u", "ʏ": "y", "ʟ": "l", "ʀ": "r", "ɴ": "n", "ʜ": "h", "ɪ": "i",
    "ʙ": "b", "ɢ": "g", "ǀ": "l", "ı": "i", "ȷ": "j", "ĸ": "k", "ƨ": "s", "ƽ": "s", "ɛ": "e",
    "ə": "e", "ɔ": "c", "ʒ": "3", "ȝ": "3", "ƅ": "b", "ƿ": "p", "ɣ": "y", "ʊ": "u", "ǁ": "ll",
    "ǃ": "i", "ɂ": "2", "ȸ": "db", "ȹ": "qp", "ʌ": "a", "ɸ": "o", "ɷ": "w", "ʘ": "o", "ɦ": "h",
    "ɐ": "a", "ɒ": "a", "ǝ": "e", "ɘ": "e", "ɯ": "w", "ʍ": "m", "ɥ": "u", "ʎ": "y", "ʞ": "k",
    "ʇ": "t", "ɹ": "r", "ᴉ": "i", "ⅎ": "f", "ꟻ": "f", "ꟼ": "p", "ↄ": "c", "ᴎ": "n", "ᴙ": "r",
    "€": "e", "£": "l", "¥": "y", "₿": "b", "©": "c", "®": "r", "∀": "a", "∂": "d", "∃": "e",
    "∅": "o", "∩": "n", "∪": "u", "√": "v", "×": "x", "✕": "x", "✖": "x", "❌": "x", "⭕": "o",
    "○": "o", "●": "o", "◯": "o", "⟨": "c", "†": "t", "∑": "e", "⅁": "g",
    "տ": "s", "ո": "n", "օ": "o", "ս": "u", "հ": "h", "ց": "g", "ք": "p", "յ": "j", "ե": "t",
    "ა": "a", "ѵ": "v", "һ": "h", "ѕ": "s", "і": "i", "ј": "j",
}  # fmt: skip

#: Alphabets of styled text made of letters of other scripts and signs, each for a to z as far as
#: it has letters; what looks like them is their only meaning there.
_BORROWED = (
    "卂乃匚 乇千 卄丨  ㄥ爪几ㄖ卩 尺丂ㄒㄩ 山乂ㄚ乙",
    "ค๒ς๔    เ  ɭ๓ภ๏ק  รՇย ฬאץ ",
    "ᗩᗷᑕᗪ ᖴ ᕼ ᒍ ᒪᗰᑎ ᑭᑫᖇᔕ ᑌᐯᗯ᙭ ᘔ",
    "₳฿₵ĐɆ₣₲Ⱨ  ₭Ⱡ₥₦Ø₱ Ɽ₴₮Ʉ ₩ӾɎⱫ",
    "ᏗᏰፈᎴᏋᎦᎶᏂᎥᏠᏦᏝᎷᏁᎧᎮᎤᏒᏕᏖᏬᏉᏇጀᎩፚ",
    "ልጌርዕቿቻኗዘጎጋጕረጠክዐየዒዪነፕሁሀሠሸሃጊ",
)
BORROWED = {
    char: letter
    for alphabet in _BORROWED
    for char, letter in zip(alphabet, string.ascii_lowercase, strict=True)
    if char != " "
}

#: A second thing that a letter of the Latin script looks like.
ALSO = {"ə": "a", "ʒ": "z", "ɔ": "o", "ɯ": "m", "ʍ": "w", "ɥ": "h", "ʌ": "v", "ɣ": "g"}

#: Trade mark and service mark signs would read as the letters "tm" and "sm" glued to a name.
_SIGNS = {0x2120, 0x2122}

#: Assigned after the ICU of 2022, with compatibility mappings like those of older styles.
_OUTLINED = {
    **{0x1CCD6 + place: letter for place, letter in enumerate(string.ascii_lowercase)},
    **{0x1CCF0 + place: digit for place, digit in enumerate(string.digits)},
}

#: Latin-1 Supplement and Latin Extended-A: what stands there is how people spell, as in "straße",
#: and no more a disguise than an accent.
_EUROPEAN = range(0xC0, 0x180)

#: Scripts whose letters get the reading by sound. Of the others a name is one unknown word.
_TRANSLITERATED = ("Cyrl", "Grek", "Armn", "Geor", "Hira", "Kana", "Hebr", "Arab")

_SMALL_CAPITAL = re.compile(
    r"^(?:LATIN|MODIFIER) (?:LETTER )?SMALL CAPITAL (?:LETTER )?(?:BARRED )?([A-Z])(?: WITH .*)?$"
)
_WITH = re.compile(r"^LATIN (?:SMALL|CAPITAL) LETTER (?:DOTLESS )?([A-Z]) (?:WITH |BAR$)")
_SQUARED = re.compile(
    r"^(?:NEGATIVE |CROSSED NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])$"
    r"|^REGIONAL INDICATOR SYMBOL LETTER ([A-Z])$"
    r"|^PARENTHESIZED LATIN (?:SMALL|CAPITAL) LETTER ([A-Z])$"
)
_DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
_ENCLOSED_DIGIT = re.compile(
    rf"(?:CIRCLED|PARENTHESIZED).* DIGIT ({'|'.join(_DIGITS)})$"
    r"|^DIGIT (\w+) (?:FULL STOP|COMMA)$"
)
#: Turned and historical shapes of a letter, named after it.
_NAMED_AFTER = re.compile(
    r"^(?:LATIN|MODIFIER)(?: SUBSCRIPT| EPIGRAPHIC)? (?:LETTER )?(?:(?:SMALL|CAPITAL) )*"
    r"(?:LETTER )?"
    r"(?:(?:TURNED|REVERSED|INVERTED|SIDEWAYS|SCRIPT|INSULAR|BARRED|BROKEN|HALF|STIRRUP|DOTLESS|"
    r"SMALL|CAPITAL|CLOSED|STRETCHED|ARCHAIC|ANGLICANA|VISIGOTHIC|OLD POLISH|MIDDLE SCOTS|SIGMOID|"
    r"MIDDLE-WELSH|LONG|TAILLESS|GLOTTAL|ROTUNDA) )*"
    r"([A-Z])(?: (?:WITH .*|BAR|BAR WITH .*|ROTUNDA|LONGA))?$"
)


def ascii_only(text: str) -> str | None:
    """Lower-case ASCII letters and digits of text, or None when something else remains."""
    lowered = text.lower()
    fits = lowered and all(c.isascii() and c.isalnum() for c in lowered)
    return lowered if fits and len(lowered) <= 4 else None


def rows() -> list[tuple[int, str, str, str]]:
    """(code point, layer, ASCII, also), ascending by code point; all beyond ASCII."""
    import icu

    nfkd = icu.Normalizer2.getNFKDInstance()
    bare = _without_marks(icu)
    skeleton = icu.SpoofChecker()
    sound = _sounds(icu)
    found = []
    for point in range(0x80, 0x110000):
        if point in _SIGNS or 0xD800 <= point <= 0xDFFF:
            continue
        char = chr(point)
        lower = char.lower()
        name = icu.Char.charName(char) or ""
        named_after = _NAMED_AFTER.match(name)
        alike = ascii_only(bare(skeleton.getSkeleton(0, char)))
        choices = (
            ("styled", ascii_only(nfkd.normalize(char)) or _OUTLINED.get(point)),
            ("styled", _enclosed(name)),
            ("diacritic", ascii_only(bare(nfkd.normalize(char)))),
            ("diacritic", match.group(1).lower() if (match := _WITH.match(name)) else None),
            # UTS #39 writes m as rn, its prototype; people read it as m again.
            ("confusable", alike.replace("rn", "m") if alike else None),
            ("visual", VISUAL.get(lower) or VISUAL.get(bare(nfkd.normalize(char)).lower())),
            ("visual", BORROWED.get(char)),
            ("visual", named_after.group(1).lower() if named_after else None),
            ("sound", sound(char)),
        )
        layer, reads_as = next(((layer, read) for layer, read in choices if read), ("", ""))
        if not reads_as:
            continue
        also = ""
        if layer in ("confusable", "visual"):
            also = ALSO.get(lower) or sound(char) or ""
            if point in _EUROPEAN and char.isalpha():
                layer = "diacritic"
            elif _is_right_to_left(icu, char) and also:
                # Whole words of these look like nothing Latin, though "ا" alone is a stroke.
                layer, reads_as, also = "sound", also, reads_as
        found.append((point, layer, reads_as, also if also != reads_as else ""))
    return found


def _is_right_to_left(icu: Any, char: str) -> bool:
    return icu.Script.getScript(char).getShortName() in ("Arab", "Hebr")


def _enclosed(name: str) -> str | None:
    """The letter or digit that a symbol encloses, by the symbol's Unicode name."""
    for pattern in (_SQUARED, _SMALL_CAPITAL):
        if match := pattern.match(name):
            return next(group for group in match.groups() if group).lower()
    if match := _ENCLOSED_DIGIT.search(name):
        word = match.group(1) or match.group(2)
        return str(_DIGITS.index(word)) if word in _DIGITS else None
    return None


def _without_marks(icu: Any) -> Callable[[str], str]:
    nfd = icu.Normalizer2.getNFDInstance()
    marks = {icu.UCharCategory.NON_SPACING_MARK, icu.UCharCategory.ENCLOSING_MARK}

    def without_marks(text: str) -> str:
        return "".join(c for c in nfd.normalize(text) if icu.Char.charType(c) not in marks)

    return without_marks


def _sounds(icu: Any) -> Callable[[str], str | None]:
    """What a letter of a transliterated script, or a Latin one, is written as in plain letters."""
    to_latin = icu.Transliterator.createInstance("Any-Latin; Latin-ASCII")
    nfkd = icu.Normalizer2.getNFKDInstance()
    marks = {icu.UCharCategory.NON_SPACING_MARK, icu.UCharCategory.ENCLOSING_MARK}

    def sound(char: str) -> str | None:
        script = icu.Script.getScript(char).getShortName()
        if script not in _TRANSLITERATED and script != "Latn":
            return None
        if icu.Char.charType(char) in marks or len(nfkd.normalize(char)) > 1:
            return None  # said by its base letter; ligatures of Arabic are no letters of a name
        plain = "".join(c for c in to_latin.transliterate(char) if c.isascii() and c.isalnum())
        return ascii_only(plain)

    return sound


def render() -> str:
    """The whole file as text."""
    import icu

    ours = hashlib.sha256(
        repr([sorted(one.items()) for one in (VISUAL, BORROWED, ALSO)]).encode()
    ).hexdigest()
    version = f"{icu.UNICODE_VERSION}-{ours[:6]}"
    head = [
        "# Characters people read as ASCII letters. Made by make_folds.py; never edited by hand.",
        f"# version: {version}",
        f"# source: Unicode {icu.UNICODE_VERSION} and CLDR by ICU {icu.ICU_VERSION}; visual ours",
        "# licence: Unicode-3.0 (from UTS #39, the UCD and CLDR); visual layer Apache-2.0",
        f"# input: visual list sha256 {ours[:16]}",
        "# columns: code point (hex), layer, reads as, also read as (may be absent)",
    ]
    body = ("\t".join((f"{point:04X}", *rest)).rstrip("\t") for point, *rest in rows())
    return "\n".join([*head, *body, ""])


if __name__ == "__main__":
    TABLE.write_text(render(), encoding="utf-8")
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    print(
        f"{TABLE.name}: {sum(not line.startswith('#') for line in lines)} characters",
        file=sys.stderr,
    )
