"""Thirty ways of posing as a brand by name, written apart from the rules that look for them.

Each way makes a handle, a display name, or both, of a brand's name and a seeded random source;
None where the way has nothing to make of that name. What only Unicode can do has no handle:
platforms take ASCII there. Nothing here imports a detector, so that a gap in one shows.
May import: benchmarks.names.styles.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.names.styles import STYLES

Make = Callable[[str, random.Random], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posing:
    """One way."""

    number: int
    name: str
    handle: Make | None = None
    display: Make | None = None


def glued(brand: str) -> str:
    """The letters and digits of a brand's name, lower case.

    >>> glued("ACME Bank")
    'acmebank'
    """
    return re.sub(r"[^a-z0-9]", "", brand.lower())


def _parts(brand: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", brand.lower())


def _at(text: str, chosen: random.Random, *, margin: int = 0) -> int:
    return chosen.randrange(margin, max(margin + 1, len(text) - margin))


def _cased(brand: str, chosen: random.Random) -> str | None:
    """I for l, l for I, 0 for O: one or all of a kind, in the case that shows them."""
    swaps = [(a, b) for a, b in (("l", "I"), ("i", "l"), ("o", "0")) if a in brand.lower()]
    if not swaps:
        return None
    old, new = chosen.choice(swaps)
    return "".join(new if char.lower() == old else char for char in brand)


def _cased_handle(brand: str, chosen: random.Random) -> str | None:
    made = _cased(brand, chosen)
    return None if made is None else re.sub(r"[^A-Za-z0-9]", "", made)


def _separated(brand: str, chosen: random.Random) -> str | None:
    mark = chosen.choice("_.-")
    parts = _parts(brand)
    if len(parts) > 1:
        return mark.join(parts)
    name = glued(brand)
    if chosen.random() < 0.3:
        return mark.join(name)
    at = chosen.randrange(2, max(3, len(name) - 1))
    return name[:at] + mark + name[at:]


def _spaced(brand: str, chosen: random.Random) -> str | None:
    """Between its words, or between its letters; of words never as they stand."""
    if " " in brand:
        return chosen.choice((" · ", "_", ".", " - ", "  ", "")).join(brand.split())
    return chosen.choice((" ", "_", ".", " - ")).join(brand)


def _edged(brand: str, chosen: random.Random) -> str:
    mark = chosen.choice(("_", "__", ".", "_", "-"))
    front = chosen.random() < 0.5
    return (mark if front else "") + glued(brand) + (mark if not front or len(mark) > 1 else "")


def _letter_more(brand: str, chosen: random.Random) -> str:
    name, letter = glued(brand), chosen.choice(string.ascii_lowercase)
    place = chosen.choice((0, len(name), len(name), _at(name, chosen)))
    return name[:place] + letter + name[place:]


def _digit_more(brand: str, chosen: random.Random) -> str:
    tail = chosen.choice((*string.digits, "24", "365", "247", "2026", "2025", "01", "123"))
    return glued(brand) + tail if chosen.random() < 0.8 else tail[:1] + glued(brand)


def _slip(brand: str, chosen: random.Random) -> str:
    name = glued(brand)
    at = _at(name, chosen)
    kind = chosen.choice(("omit", "swap", "double", "replace"))
    if kind == "omit":
        return name[:at] + name[at + 1 :]
    if kind == "swap" and name[at + 1 : at + 2] not in ("", name[at]):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == "double":
        return name[:at] + name[at] + name[at:]
    others = string.ascii_lowercase.replace(name[at], "")
    return name[:at] + chosen.choice(others) + name[at + 1 :]


def _letter_cut(brand: str, chosen: random.Random) -> str:
    name = glued(brand)
    at = _at(name, chosen, margin=1)
    return name[:at] + "_" + name[at + 1 :]


_DIGITS = {"a": "4", "e": "3", "i": "1", "l": "1", "o": "0", "s": "5", "t": "7", "b": "8",
           "g": "9"}  # fmt: skip


def _leet(brand: str, chosen: random.Random) -> str | None:
    possible = [letter for letter in dict.fromkeys(brand.lower()) if letter in _DIGITS]
    if not possible:
        return None
    some = set(chosen.sample(possible, chosen.randint(1, len(possible))))
    return "".join(_DIGITS[c.lower()] if c.lower() in some else c for c in brand)


def _leet_handle(brand: str, chosen: random.Random) -> str | None:
    made = _leet(brand, chosen)
    return None if made is None else glued(made)


def _shaped(brand: str, chosen: random.Random) -> str | None:
    name = brand.lower()
    possible = [
        (a, b) for a, b in (("m", "rn"), ("w", "vv"), ("d", "cl"), ("m", "nn")) if a in name
    ]
    if not possible:
        return None
    old, new = chosen.choice(possible)
    return name.replace(old, new, 1)


def _shaped_handle(brand: str, chosen: random.Random) -> str | None:
    made = _shaped(brand, chosen)
    return None if made is None else glued(made)


def _styled(*names: str) -> Make:
    def style(brand: str, chosen: random.Random) -> str | None:
        made = STYLES[chosen.choice(names)](brand.lower())
        return made if made != brand.lower() else None

    return style


def _few_foreign(brand: str, chosen: random.Random) -> str | None:
    """One or two letters of another script among Latin ones."""
    table = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "y": "у", "i": "і",
             "s": "ѕ", "h": "һ"}  # fmt: skip
    places = [at for at, char in enumerate(brand) if char in table]
    if not places:
        return None
    some = set(chosen.sample(places, min(len(places), chosen.randint(1, 2))))
    return "".join(table[char] if at in some else char for at, char in enumerate(brand))


def _either(*makes: Make) -> Make:
    return lambda brand, chosen: chosen.choice(makes)(brand, chosen)


def _hidden(brand: str, chosen: random.Random) -> str:
    mark = chosen.choice("\u200b\u200d\ufeff\u00ad\u3164\u2060\u2800")
    at = _at(brand, chosen, margin=1)
    return brand[:at] + mark + brand[at:]


def _turned_round(brand: str, chosen: random.Random) -> str:
    return "\u202e" + brand[::-1] + "\u202c"


def _decorated(brand: str, chosen: random.Random) -> str:
    mark = chosen.choice(("✅", "☑️", "🏦", "™", "®", "✔️", "🔵", "💎"))
    return chosen.choice((f"{brand} {mark}", f"{mark} {brand} {mark}", f"{brand}{mark}"))


_GLUE = ("{name}{word}", "{name}_{word}", "{word}{name}", "{word}_{name}", "{name}.{word}")


def _with_handle(words: Sequence[str]) -> Make:
    def made(brand: str, chosen: random.Random) -> str:
        form = chosen.choice(_GLUE)
        return form.format(name=glued(brand), word=chosen.choice(words))

    return made


def _with_display(words: Sequence[str]) -> Make:
    def made(brand: str, chosen: random.Random) -> str:
        word = chosen.choice(words)
        shown = word.upper() if len(word) <= 3 else word.capitalize()
        return chosen.choice((f"{brand} {shown}", f"{brand} | {shown}", f"{shown} {brand}"))

    return made


def _plural(brand: str, chosen: random.Random) -> str:
    name = glued(brand)
    return name[:-1] if name.endswith("s") else name + "s"


def _possessive(brand: str, chosen: random.Random) -> str:
    return chosen.choice((f"{brand}'s", f"{brand}s"))


def _other_order(brand: str, chosen: random.Random) -> str | None:
    parts = _parts(brand)
    return "".join(reversed(parts)) if len(parts) > 1 else None


def _abbreviated(brand: str, chosen: random.Random) -> str | None:
    """Vowels left out after the first letter; of two words the second's."""
    parts = _parts(brand)
    last = parts[-1][:1] + re.sub(r"[aeiou]", "", parts[-1][1:])
    made = "".join((*parts[:-1], last))
    return made if made != "".join(parts) and len(made) > 2 else None


#: Letter by letter, as Russian writes foreign names.
_RUSSIAN = {"a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х",
            "i": "и", "j": "дж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п",
            "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "кс",
            "y": "и", "z": "з"}  # fmt: skip


def _transliterated(brand: str, chosen: random.Random) -> str:
    return "".join(_RUSSIAN.get(char, char) for char in brand.lower()).title()


def _split_handle(brand: str, chosen: random.Random) -> str:
    word = chosen.choice(("support", "help", "service", "refund", "claims"))
    return f"{word}_{chosen.choice(('24x7', '24', 'desk', 'center'))}"


def _plain(brand: str, chosen: random.Random) -> str:
    return brand


def _domain_handle(brand: str, chosen: random.Random) -> str:
    form = chosen.choice(("{name}.bsky.social", "{dashed}.example", "{name}-support.example"))
    return form.format(name=glued(brand), dashed="-".join(_parts(brand)))


def _cut_word(brand: str, chosen: random.Random) -> str | None:
    name = glued(brand)
    word = chosen.choice(("customerservice", "officialsupport", "klantenservice"))
    return (name + word)[:15] if len(name) <= 11 else None


_STYLED = ("fullwidth", "bold", "bold italic", "bold script", "bold fraktur", "double-struck",
           "sans-serif bold", "monospace", "circled", "negative circled", "squared",
           "negative squared", "parenthesised", "regional letters", "small capitals",
           "superscript")  # fmt: skip
_WORDS: Mapping[int, tuple[str, tuple[str, ...]]] = {
    17: ("affix: support", ("support", "help", "helpdesk", "care", "service", "klantenservice",
                            "kundenservice", "soporte", "assist")),
    18: ("affix: authority", ("official", "real", "the", "verified", "hq", "team", "admin", "inc",
                              "ltd", "bv", "gmbh")),
    19: ("affix: money bait", ("airdrop", "giveaway", "promo", "bonus", "reward", "gift",
                               "voucher", "claim", "refund", "cashback", "invest", "trade", "earn",
                               "donate", "fund")),
    20: ("affix: work", ("jobs", "careers", "hr", "recruitment", "hiring")),
    21: ("affix: place", ("nl", "uk", "usa", "africa", "espana")),
    22: ("affix: product", ("app", "wallet", "pay", "card", "mobile", "shop", "store", "outlet",
                            "sale", "com", "net", "online", "web")),
    23: ("verb in front", ("get", "try", "go", "my", "join", "use")),
}  # fmt: skip

POSINGS: tuple[Posing, ...] = (
    Posing(number=1, name="case that looks alike", handle=_cased_handle, display=_cased),
    Posing(number=2, name="separators", handle=_separated, display=_spaced),
    Posing(number=3, name="separators at the edge", handle=_edged),
    Posing(number=4, name="one letter more", handle=_letter_more),
    Posing(number=5, name="digits more", handle=_digit_more),
    Posing(number=6, name="omission, swap, doubling, replacement", handle=_slip, display=_slip),
    Posing(number=7, name="separator for a letter", handle=_letter_cut),
    Posing(number=8, name="leet", handle=_leet_handle, display=_leet),
    Posing(number=9, name="letter pairs", handle=_shaped_handle, display=_shaped),
    Posing(number=10, name="other scripts",
           display=_either(_few_foreign, _few_foreign, _styled("cyrillic", "greek", "cherokee",
                                                               "lisu"))),
    Posing(number=11, name="styled Unicode", display=_styled(*_STYLED)),
    Posing(number=12, name="marks and strokes",
           display=_styled("struck through", "enclosing keycaps", "marks above and below",
                           "variation selectors")),
    Posing(number=13, name="invisible characters",
           display=_either(_hidden, _styled("zero-width spaces", "fillers and tags"))),
    Posing(number=14, name="right-to-left override", display=_turned_round),
    Posing(number=15, name="emoji beside it", display=_decorated),
    Posing(number=16, name="upside down, mirrored", display=_styled("upside down", "mirrored")),
    *(
        Posing(
            number=number, name=name, handle=_with_handle(words), display=_with_display(words)
        )
        for number, (name, words) in _WORDS.items()
    ),
    Posing(number=24, name="plural, possessive", handle=_plural, display=_possessive),
    Posing(number=25, name="word order, abbreviation", handle=_either(_other_order, _abbreviated)),
    Posing(number=26, name="transliteration", display=_transliterated),
    Posing(number=27, name="split over both names", handle=_split_handle, display=_plain),
    Posing(number=29, name="word cut by the platform", handle=_cut_word),
    Posing(number=30, name="domain as a handle", handle=_domain_handle),
)  # fmt: skip
#: 28 poses as a person and is made where the brand has one, see `labelled`.
EXECUTIVE = 28
