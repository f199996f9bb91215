"""What past cases teach of words and suffixes: how much oftener abuse has them than new names.

Logarithms of ratios, small, capped and dated, kept as data because they age: what phishing
prefers this year it leaves next year. A case type may leave them out (`scorecard`).
Tables: detectors/tables/learned.tsv, made by `python -m benchmarks.names fit`.
A word that past cases say nothing of counts as the others of its class do.
May import: detectors.words, detectors.names.spans.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from detectors.compiling import allocating
from detectors.names.spans import spelling_hash
from detectors.words import CLASSES

FILE = "learned.tsv"
_NOTHING = np.zeros(0, np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """Natural logarithms of ratios, by hash of a lower-case ASCII word."""

    keys: npt.NDArray[np.uint64]  #: ascending
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The tables and where they come from."""

    version: str
    words: Ratios  #: what stands beside a brand
    classes: npt.NDArray[np.float32]  #: by index into words.CLASSES: of words not listed
    suffixes: Ratios  #: public suffixes, no leading dot


def ratios_of(values: Mapping[str, float]) -> Ratios:
    """values: by lower-case ASCII word."""
    keys = np.array([hash_of(word) for word in values], np.uint64)
    order = np.argsort(keys)
    return Ratios(keys=keys[order], values=np.array(list(values.values()), np.float32)[order])


def hash_of(word: str) -> int:
    """word: lower-case ASCII."""
    return int(spelling_hash(_NOTHING, np.frombuffer(word.encode("ascii"), np.uint8)))


def read_learned(text: str) -> Learned:
    """text: lines "# version: ...", then "word", "class" or "suffix", the name, and the value.

    Tabs part them. A class that words no longer have is passed over.
    """
    version = ""
    found: dict[str, dict[str, float]] = {"word": {}, "class": {}, "suffix": {}}
    for line in text.splitlines():
        if line.startswith("#"):
            version = version or line.partition("version: ")[2]
            continue
        kind, word, value = line.split("\t")
        found[kind][word] = float(value)
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return Learned(
        version=f"{version}-{digest}",
        words=ratios_of(found["word"]),
        classes=classes_of(found["class"]),
        suffixes=ratios_of(found["suffix"]),
    )


def classes_of(values: Mapping[str, float]) -> npt.NDArray[np.float32]:
    """values: by name of a class of words; absent is 0."""
    return np.array([values.get(name, 0.0) for name in CLASSES], np.float32)


@cache
def learned() -> Learned:
    """The shipped tables, read once."""
    return read_learned(files("detectors.tables").joinpath(FILE).read_text(encoding="utf-8"))


@allocating
def ratio(buffer, start, end, keys, values, otherwise):  # type: ignore[no-untyped-def]
    """The value of the word buffer[start:end], upper case as lower; `otherwise` if not listed."""
    value = np.uint64(14695981039346656037)
    prime = np.uint64(1099511628211)
    value *= prime
    for at in range(start, end):
        byte = buffer[at]
        if 65 <= byte <= 90:
            byte |= 32
        value = (value ^ np.uint64(byte)) * prime
    found = np.searchsorted(keys, value)
    if found < len(keys) and keys[found] == value:
        return values[found]
    return np.float32(otherwise)
