"""A name made ready for matching: what it reads as, and where its parts begin.

May import: namaak.records, detectors.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass

from detectors import delivery
from detectors.folding import read_as_ascii
from detectors.suffixes import suffix_list
from namaak.records import Field

#: Whatever separates words in a text that was read as ASCII.
SEPARATOR = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class ReadName:
    """One value of a column, as a person reads it."""

    value: str  #: as people read it: U-labels for IDNs
    raw: str  #: ASCII, lower case; for hosts without the public suffix
    offsets: tuple[int, ...] | None  #: of raw in value; None when one to one
    label: int  #: hosts: where in raw the registrable label begins
    layers: tuple[str, ...]  #: folds that reading needed
    traits: tuple[str, ...]

    def in_value(self, start: int, end: int) -> tuple[int, int]:
        """A span of raw as a span of value; not empty."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def read_name(value: str | None, field: Field) -> ReadName | None:
    """value: hosts as A-labels or U-labels, lower case. None for nothing to read."""
    if not value:
        return None
    if field is not Field.HOST:
        reading = read_as_ascii(value)
        return ReadName(value, reading.text, reading.offsets, 0, reading.layers, reading.traits)
    split = suffix_list().split(value)
    traits: tuple[str, ...] = ("free-host",) if split.private else ()
    if delivery.is_delivery_name(value):
        traits += ("delivery",)
    end = max(split.suffix - 1, 0)
    if "xn--" not in value and value.isascii():
        return ReadName(value, value[:end], None, split.registrable, (), traits)
    shown = u_labels(value)
    labels = value[:end].count(".") + 1 if end else 0
    reading = read_as_ascii(".".join(shown.split(".")[:labels]))
    below = value[: split.registrable].count(".")
    label = len(read_as_ascii(".".join(shown.split(".")[:below])).text) + 1 if below else 0
    traits += ("punycode", *reading.traits)
    return ReadName(shown, reading.text, reading.offsets, label, reading.layers, traits)


def u_labels(host: str) -> str:
    """host: A-labels. Each label decoded; one that is not valid punycode stays as it is."""
    labels = []
    for label in host.split("."):
        shown = label
        if label.startswith("xn--"):
            with contextlib.suppress(UnicodeError):
                shown = label[4:].encode("ascii").decode("punycode")
            # A decoder that yields separators or controls would let a label fake its borders.
            if not shown.isprintable() or any(c in shown for c in ". /") or not shown:
                shown = label
        labels.append(shown)
    return ".".join(labels)
