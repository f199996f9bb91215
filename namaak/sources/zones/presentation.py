"""Names and tokens as zone files write them (RFC 1035, section 5.1; RFC 4343).

Names come out in one form: lower case, absolute, no final dot, the root as "". What a host name
does not hold is escaped as DNS software commonly prints it, so that two spellings of one name
are one text.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: RFC 1035, section 2.3.4, in octets.
MAX_LABEL: Final = 63
MAX_WIRE_NAME: Final = 255

_ESCAPED: Final = frozenset(b'"().;\\@$')
_PLAIN: Final = re.compile(r"(?:[a-z0-9_*-]{1,63}\.)*[a-z0-9_*-]{1,63}\.?")
_TOKEN: Final = re.compile(
    r'(?P<space>[ \t\r]+)|(?P<comment>;.*)|(?P<bracket>[()])|(?P<quoted>"(?:[^"\\]|\\.)*")'
    r'|(?P<word>(?:[^ \t\r"();\\]|\\.)+)'
)
#: What gives white space and semicolons another meaning, or lines.
_SPECIAL: Final = re.compile(r'["()\\]')
_WORDS: Final = re.compile(r"[^ \t\r]+")


def absolute(text: str, origin: str) -> str:
    """text: a name as written, its code points octets. origin: as this function gives names.

    Raises ValueError with the reason.

    >>> absolute("WWW", "example"), absolute("a\\\\.b.example.", "x"), absolute("@", "example")
    ('www.example', 'a\\\\.b.example', 'example')
    """
    if text == "@":
        return origin
    if text == ".":
        return ""
    folded = text.lower()
    if _PLAIN.fullmatch(folded):
        name = folded[:-1] if folded.endswith(".") else f"{folded}.{origin}" if origin else folded
        if len(name) <= MAX_WIRE_NAME - 2:
            return name
        raise ValueError(f"its owner is longer than {MAX_WIRE_NAME} octets")
    labels, ends_in_dot = _labels(text)
    name = written(labels)
    size = sum(len(label) + 1 for label in labels) + 1
    if not ends_in_dot and origin:
        name = f"{name}.{origin}"
        size += _wire_size(origin)
    if size > MAX_WIRE_NAME:
        raise ValueError(f"its owner is longer than {MAX_WIRE_NAME} octets")
    return name


def written(labels: Sequence[bytes]) -> str:
    """The one form of a name: from its labels, the root's left out."""
    return ".".join("".join(map(_shown, label.lower())) for label in labels)


def _shown(octet: int) -> str:
    if octet in _ESCAPED:
        return f"\\{chr(octet)}"
    return chr(octet) if 0x21 <= octet <= 0x7E else f"\\{octet:03d}"


def _wire_size(name: str) -> int:
    """Octets of a name in the one form, without the root's."""
    return sum(len(label) + 1 for label in _labels(name)[0])


def _labels(text: str) -> tuple[list[bytes], bool]:
    """The labels of a name, and whether it says that it is absolute."""
    labels: list[bytes] = []
    label = bytearray()
    place = 0
    while place < len(text):
        character = text[place]
        place += 1
        if character == ".":
            _close(label, labels)
        elif character == "\\":
            octet, place = _escape(text, place)
            label.append(octet)
        elif ord(character) > 255:
            raise ValueError("its owner is no text of octets")
        else:
            label.append(ord(character))
    ends_in_dot = bool(labels) and not label
    if not ends_in_dot:
        _close(label, labels)
    return labels, ends_in_dot


def _close(label: bytearray, labels: list[bytes]) -> None:
    if not label:
        raise ValueError("its owner has an empty label")
    if len(label) > MAX_LABEL:
        raise ValueError(f"its owner has a label longer than {MAX_LABEL} octets")
    labels.append(bytes(label))
    label.clear()


def _escape(text: str, place: int) -> tuple[int, int]:
    """The octet that is escaped at `place`, behind the backslash, and where it ends."""
    digits = text[place : place + 3]
    if digits[:1].isdigit():
        if len(digits) == 3 and digits.isascii() and digits.isdecimal() and int(digits) < 256:
            return int(digits), place + 3
        raise ValueError("its owner has an escape that is no octet")
    if not digits or ord(digits[0]) > 255:
        raise ValueError("its owner ends in a backslash")
    return ord(digits[0]), place + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The tokens of one record, or directive, perhaps of several lines."""

    lines: int  #: that it takes
    tokens: tuple[str, ...]
    owned: bool  #: its first token stands in the first column


class Scan:
    """One record, line by line, each of them looked at once however many follow.

    Parentheses do not nest: RFC 1035 uses them to go over the end of a line, once. So of the
    lines that wait behind a stray one, none opens another, and reading them again costs little.

    >>> scan = Scan()
    >>> scan.add("a in soa b c (1 ; serial"), scan.add(" 2 3 4 5)").tokens
    (None, ('a', 'in', 'soa', 'b', 'c', '1', '2', '3', '4', '5'))
    """

    def __init__(self) -> None:
        self._tokens: list[str] = []
        self._lines = 0
        self._open = False
        self._owned = False

    def add(self, line: str) -> Record | None:
        """The record, where it ends with this line. Raises ValueError with the reason."""
        if not self._lines:
            self._owned = bool(line) and line[0] not in " \t\r"
        self._lines += 1
        # Most lines need no more than this.
        plain = not _SPECIAL.search(line)
        if plain:
            self._tokens += _WORDS.findall(line.partition(";")[0])
        place = len(line) if plain else 0
        while place < len(line):
            found = _TOKEN.match(line, place)
            if found is None:
                quote = line[place] == '"'
                raise ValueError(
                    "a quote is opened and never closed" if quote else "it ends in a backslash"
                )
            place = found.end()
            if found.lastgroup == "bracket":
                opens = found.group() == "("
                if opens == self._open:
                    raise ValueError(
                        "a parenthesis is opened within another"
                        if opens
                        else "a parenthesis is closed that was never opened"
                    )
                self._open = opens
            elif found.lastgroup in ("quoted", "word"):
                self._tokens.append(found.group())
        if self._open:
            return None
        return Record(lines=self._lines, tokens=tuple(self._tokens), owned=self._owned)
