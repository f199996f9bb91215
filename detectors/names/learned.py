"""What past cases teach of words and suffixes: how much oftener abuse has them than new names.

Logarithms of ratios, small, capped and dated, kept as data because they age: what phishing
prefers this year it leaves next year. A case type may leave them out (`scorecard`).
Tables: detectors/tables/learned.tsv, made by `python -m benchmarks.names fit`.
May import: detectors.names.spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from numba import njit

from detectors.names.spans import spelling_hash

FILE = "learned.tsv"
_NOTHING = np.zeros(0, np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """Natural logarithms of ratios, by hash of a lower-case ASCII word."""

    keys: npt.NDArray[np.uint64]  #: ascending
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The two tables and where they come from."""

    version: str
    words: Ratios  #: what stands beside a brand
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
    """text: lines "# version: ...", then "word<TAB>..." or "suffix<TAB>..." with the value."""
    version = ""
    found: dict[str, dict[str, float]] = {"word": {}, "suffix": {}}
    for line in text.splitlines():
        if line.startswith("#"):
            version = version or line.partition("version: ")[2]
            continue
        kind, word, value = line.split("\t")
        found[kind][word] = float(value)
    return Learned(
        version=version, words=ratios_of(found["word"]), suffixes=ratios_of(found["suffix"])
    )


@cache
def learned() -> Learned:
    """The shipped tables, read once."""
    return read_learned(files("detectors.tables").joinpath(FILE).read_text(encoding="utf-8"))


@njit(cache=True, nogil=True)
def ratio(buffer, start, end, keys, values):  # type: ignore[no-untyped-def]
    """The value of the word buffer[start:end], upper case as lower; 0 for one not listed."""
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
    return np.float32(0.0)
