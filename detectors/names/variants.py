"""Other spellings of a name that no edit or fold reaches: order of words, numerals, sound.

Few on purpose, because each is a term to look for in every name. What lies within an edit of the
name is left out: the matcher finds it anyhow, and `kinds` names it.
May import: nothing of ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

#: The most spellings of one name, mildest kinds first.
MOST_VARIANTS = 24

#: Names of more words keep their order: nobody would know them again.
_MOST_WORDS_MOVED = 3
#: They say nothing once the words around them have moved.
_JOINING = frozenset({"of", "and", "the", "for", "en", "van", "von", "und", "et", "de", "y"})

#: Shorter names would sound like half of the dictionary.
_SHORTEST_SOUND = 6

#: Of shorter ones too little would be left.
_SHORTEST_PLURAL = 5

#: English, Dutch, German, French, Spanish; the first is what a digit is written out as first.
NUMERALS = {
    "0": ("zero", "nul", "null", "cero"),
    "1": ("one", "een", "eins", "un", "uno"),
    "2": ("two", "twee", "zwei", "deux", "dos"),
    "3": ("three", "drie", "drei", "trois", "tres"),
    "4": ("four", "vier", "quatre", "cuatro"),
    "5": ("five", "vijf", "fuenf", "cinq", "cinco"),
    "6": ("six", "zes", "sechs", "seis"),
    "7": ("seven", "zeven", "sieben", "sept", "siete"),
    "8": ("eight", "acht", "huit", "ocho"),
    "9": ("nine", "negen", "neun", "neuf", "nueve"),
    "10": ("ten", "tien", "zehn", "dix", "diez"),
    "24": ("twentyfour",),
}  # fmt: skip
_DIGITS_OF = {word: digits for digits, words in NUMERALS.items() for word in words}

#: Spelled one way, said like the other, in the languages above. One way only where the other
#: would fit every second name.
SOUNDS = (
    ("ph", "f"), ("f", "ph"), ("x", "cks"), ("x", "ks"), ("cks", "x"), ("ks", "x"), ("qu", "kw"),
    ("kw", "qu"), ("oo", "u"), ("ei", "ij"), ("ij", "ei"), ("eau", "o"),
    ("ight", "ite"), ("ite", "ight"), ("tion", "shun"), ("and", "n"),
)  # fmt: skip

#: The shortest longest handle (X; Reddit 20, TikTok 24, Instagram and YouTube 30): what is cut
#: off at a later letter begins with it too.
HANDLE_LIMIT = 15
#: A name that is longer by less is within edits of its beginning.
_CUT_OFF = 3


def variants(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """words: of one name, lower-case ASCII letters and digits. (spelling, kind), each once.

    Kinds: word-order, plural, numeral, sound-alike, truncation. At most MOST_VARIANTS.

    >>> list(variants(("blue", "bird")))
    [('birdblue', 'word-order')]
    >>> list(variants(("motel", "6")))[:2]
    [('6motel', 'word-order'), ('motelsix', 'numeral')]
    """
    name = "".join(words)
    found = {name}
    makers = (
        ("word-order", _in_other_order(words)),
        ("plural", _plural(name)),
        ("numeral", _with_numerals(words)),
        ("sound-alike", _sounding_alike(name)),
        ("truncation", _cut_off(name)),
    )
    for kind, spellings in makers:
        for spelling in spellings:
            if spelling in found:
                continue
            if len(found) > MOST_VARIANTS:
                return
            found.add(spelling)
            yield spelling, kind


def _in_other_order(words: Sequence[str]) -> Iterator[str]:
    """Two words swapped; of three, the last in front or the first behind."""
    moved = [word for word in words if word not in _JOINING]
    if len(moved) <= _MOST_WORDS_MOVED:
        for first in range(1, len(moved)):
            yield "".join((*moved[first:], *moved[:first]))


def _plural(name: str) -> Iterator[str]:
    """Other endings than a mere s, which is an edit: "company", "companies"."""
    if len(name) >= _SHORTEST_PLURAL:
        if name.endswith("ies"):
            yield f"{name[:-3]}y"
        elif name.endswith("y") and name[-2] not in "aeiou":
            yield f"{name[:-1]}ies"


def _with_numerals(words: Sequence[str]) -> Iterator[str]:
    """Number words as digits and digits in words, one word of the name at a time."""
    for position, word in enumerate(words):
        before, after = "".join(words[:position]), "".join(words[position + 1 :])
        for other in _numeral(word):
            if before or after or len(other) > 1:
                yield f"{before}{other}{after}"


def _numeral(word: str) -> Iterator[str]:
    if word in _DIGITS_OF:
        yield _DIGITS_OF[word]
    # A digit that begins or ends a word of letters is said as a word too: "4life".
    digits = "".join(itertools.takewhile(str.isdigit, word))
    if digits in NUMERALS:
        yield from (f"{spoken}{word[len(digits) :]}" for spoken in NUMERALS[digits])
    last = "".join(itertools.takewhile(str.isdigit, reversed(word)))[::-1]
    if last in NUMERALS and last != word:
        yield from (f"{word[: -len(last)]}{spoken}" for spoken in NUMERALS[last])


def _sounding_alike(name: str) -> Iterator[str]:
    if len(name) < _SHORTEST_SOUND:
        return
    for written, said in SOUNDS:
        spelling = name.replace(written, said)
        if OSA.distance(spelling, name) > 1:
            yield spelling


def _cut_off(name: str) -> Iterator[str]:
    if len(name) >= HANDLE_LIMIT + _CUT_OFF:
        yield name[:HANDLE_LIMIT]
