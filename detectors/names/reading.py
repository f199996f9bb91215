"""A name made ready for matching: what it reads as, and where its parts begin.

A plain name has one reading. Others have up to four, mildest first: as it stands, letters of
other scripts by their sound, signs for letters, turned and flipped text. Each is matched.
May import: namaak.records, detectors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from detectors import delivery
from detectors.folding import (
    LAYERS,
    Reading,
    is_foreign_letter,
    read_as_ascii,
    read_otherwise,
)
from detectors.names.turned import flipped, turned
from detectors.suffixes import suffix_list
from namaak.records import Field

#: Whatever separates words in a text that was read as ASCII.
SEPARATOR = re.compile(r"[^a-z0-9]")

#: The most readings of one value.
MOST_READINGS = 4

#: Signs that stand for letters, beside letters: "p@ypal", "$ephora", "appl!".
SIGNS = {"@": "a", "$": "s", "!": "i", "|": "l", "+": "t", "(": "c"}
_SIGN = re.compile(
    r"(?<=[A-Za-z0-9])[@$!|+(](?=[A-Za-z0-9])|[@$](?=[A-Za-z0-9])|(?<=[A-Za-z0-9])[!|]"
)


@dataclass(frozen=True, slots=True)
class ReadName:
    """One reading of one value of a column."""

    value: str  #: as people read it: U-labels for IDNs
    raw: str  #: ASCII, lower case; for hosts without the public suffix
    offsets: tuple[int, ...] | None  #: of raw in value; None when one to one
    label: int  #: hosts: where in raw the registrable label begins
    layers: tuple[str, ...]  #: folds that reading needed
    traits: tuple[str, ...]

    def in_value(self, start: int, end: int) -> tuple[int, int]:
        """A span of raw as a span of value; not empty. Turned text may span more than it reads."""
        if self.offsets is None:
            return start, end
        places = self.offsets[start:end]
        return min(places), max(places) + 1


def readings(value: str | None, field: Field) -> tuple[ReadName, ...]:
    """value: hosts as A-labels or U-labels, lower case. Empty for nothing to read.

    At most MOST_READINGS, each other than those before it; the first is `read_name`'s.
    """
    first = read_name(value, field)
    if first is None:
        return ()
    found = {first.raw: first}
    for other in _otherwise(first, field):
        if len(found) == MOST_READINGS:
            break
        if other.raw.strip():
            found.setdefault(other.raw, other)
    return tuple(found.values())


def read_name(value: str | None, field: Field) -> ReadName | None:
    """The first reading: as it stands. None for nothing to read."""
    if not value:
        return None
    if field is not Field.HOST:
        if value.isascii():
            return ReadName(value, value.lower(), None, 0, (), ())  # nearly all, and read at once
        reading = read_as_ascii(value)
        return ReadName(value, reading.text, reading.offsets, 0, reading.layers, reading.traits)
    split = suffix_list().split(value)
    traits: tuple[str, ...] = ("free-host",) if split.private else ()
    if delivery.is_delivery_name(value):
        traits += ("delivery",)
    end = split.name_end(value)
    if "xn--" not in value and value.isascii():
        return ReadName(value, value[:end].lower(), None, split.registrable, (), traits)
    shown = u_labels(value)
    labels = value[:end].count(".") + 1 if end else 0
    reading = read_as_ascii(_first_labels(shown, labels))
    below = value[: split.registrable].count(".")
    traits += ("punycode", *reading.traits)
    if _is_native(shown.split("."), labels):
        traits += ("native-script",)
    return ReadName(
        shown,
        reading.text,
        reading.offsets,
        _length_read(shown, below),
        reading.layers,
        traits,
    )


def _otherwise(first: ReadName, field: Field) -> Iterator[ReadName]:
    """Further readings of a name, mildest first; some may equal the first."""
    if field is Field.HOST:
        if first.offsets is not None:
            yield from _host_otherwise(first)
        return
    value = first.value
    if by_sound := read_otherwise(value):
        yield _reread(first, by_sound, trait="by-sound")
    if _SIGN.search(value):
        signed = _SIGN.sub(lambda sign: SIGNS[sign.group()], value)
        yield _reread(first, read_as_ascii(signed), layer="visual")
    if (order := turned(value)) is not None:
        shown = "".join(value[index] for index in order)
        yield _reread(first, read_as_ascii(shown), places=order, trait="bidi")
    for letters in flipped(value):
        shown = "".join(char for _, char in letters)
        places = tuple(index for index, _ in letters)
        yield _reread(first, read_as_ascii(shown), places=places, layer="visual", trait="flipped")


def _host_otherwise(first: ReadName) -> Iterator[ReadName]:
    """The same for the labels of an IDN before its suffix, each for itself."""
    below = first.raw[: first.label].count(".")
    labels = first.value.split(".")[: first.raw.count(".") + 1]
    shown = ".".join(labels)
    if by_sound := read_otherwise(shown):
        before = ".".join(labels[:below])
        second = read_otherwise(before) or read_as_ascii(before)
        again = _reread(first, by_sound, trait="by-sound")
        yield replace(again, label=len(second.text) + 1 if below else 0)
    ways = [flipped(label) for label in labels]
    if not any(ways):
        return
    for way in range(max(map(len, ways))):
        out: list[str] = []
        places: list[int] = []
        begins = 0
        for label, found in zip(labels, ways, strict=True):
            letters = found[min(way, len(found) - 1)] if found else tuple(enumerate(label))
            out.append("".join(char for _, char in letters))
            places += [begins + index for index, _ in letters]
            begins += len(label) + 1
            places.append(begins - 1)
        upright = read_as_ascii(".".join(out))
        length = len(read_as_ascii(".".join(out[:below])).text) + 1 if below else 0
        again = _reread(first, upright, places=places, layer="visual", trait="flipped")
        yield replace(again, label=length)


def _reread(
    first: ReadName,
    reading: Reading,
    *,
    places: Sequence[int] | None = None,
    layer: str = "",
    trait: str = "",
) -> ReadName:
    """places: index in the value of each character that `reading` read."""
    offsets = reading.offsets
    if places is not None:
        offsets = tuple(
            places[at] for at in (range(len(reading.text)) if offsets is None else offsets)
        )
    needed = {layer, *reading.layers}
    traits = (*first.traits, *reading.traits, trait) if trait else (*first.traits, *reading.traits)
    return replace(
        first,
        raw=reading.text,
        offsets=offsets,
        layers=tuple(name for name in LAYERS if name in needed),
        traits=tuple(dict.fromkeys(traits)),
    )


def _is_native(labels: Sequence[str], before_suffix: int) -> bool:
    """The registrable label is in the script of its suffix: Cyrillic under a Cyrillic one."""
    if labels[-1].isascii():
        return False
    own = {_script(char) for char in labels[max(before_suffix - 1, 0)] if is_foreign_letter(char)}
    suffix = {_script(char) for char in labels[-1] if is_foreign_letter(char)}
    return bool(own) and own <= suffix


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _first_labels(host: str, count: int) -> str:
    return ".".join(host.split(".")[:count])


def _length_read(shown: str, below: int) -> int:
    """How long the `below` first labels are when read, with the dot behind them."""
    return len(read_as_ascii(_first_labels(shown, below)).text) + 1 if below else 0


def u_labels(host: str) -> str:
    """host: A-labels. Each label decoded; one that is not valid punycode stays as it is."""
    labels = []
    for label in host.split("."):
        shown = from_punycode(label[4:]) if label.startswith("xn--") else label
        # A decoder that yields separators or controls would let a label fake its borders.
        if not shown or not shown.isprintable() or any(char in shown for char in "./ "):
            shown = label
        labels.append(shown)
    return ".".join(labels)


def from_punycode(encoded: str) -> str | None:
    """RFC 3492, section 6.2; None for what it cannot have encoded. encoded: without "xn--".

    A decoder of our own, because labels come by the thousand and the standard library's takes
    five times as long.

    >>> from_punycode("pypal-4ve")
    'pаypal'
    """
    basic, _, extended = encoded.rpartition("-")
    if not encoded.isascii():
        return None
    letters = list(basic)
    point, bias, at, place = 128, 72, 0, 0
    while at < len(extended):
        before, weight, threshold = place, 1, 36 - bias
        while True:
            digit = _DIGITS.get(extended[at : at + 1], -1)
            if digit < 0:
                return None
            at += 1
            place += digit * weight
            least = 1 if threshold < 1 else 26 if threshold > 26 else threshold
            if digit < least:
                break
            weight *= 36 - least
            threshold += 36
        count = len(letters) + 1
        delta = (place - before) // (700 if before == 0 else 2)
        delta += delta // count
        bias = 0
        while delta > 455:
            delta //= 35
            bias += 36
        bias += 36 * delta // (delta + 38)
        point += place // count
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            return None
        place %= count
        letters.insert(place, chr(point))
        place += 1
    return "".join(letters)


_DIGITS = {char: value for value, char in enumerate("abcdefghijklmnopqrstuvwxyz0123456789")}
_DIGITS |= {char.upper(): value for char, value in _DIGITS.items()}
