"""Ordinary words: what a label would say if no brand were in it.

Names are glued: "pineapplecake" holds no apple, "appleidlogin" does. Both are told apart by the
cheapest way to cut the letters into words, where a word costs -ln of how often it is met and
letters that form no word cost what a random name costs. Ranking compares that with the cost of the
same letters with the brand as one of the words; nothing is dropped for it.

Word costs: tables/words.parquet, made by make_words.py. Classes: tables/lures.toml.
Method: best path in a unigram model with an unknown-word state, one pass left to right.
May import: detectors.folding, detectors.lures.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from detectors.compiling import allocating
from detectors.folding import read_as_ascii
from detectors.lures import SHORTEST_GLUED, lexicon

#: Class of a piece by number: any other dictionary word, two that are no words, words that say
#: nothing about who is meant and lure nobody ("solutions", "gmbh"), and the lexicon's. Compiled
#: code keeps the numbers of the first ones, so no class may be put in front of them.
CLASSES = ("word", "letters", "digits", "generic", *lexicon().names)
LETTERS = 1
DIGITS = 2

#: A lexicon word costs no more than a word of this Zipf value, so that one which is rare in
#: running text ("klantenservice") is found in names, where it is not. Callers price a brand so too.
NAME_WORD_ZIPF = 4.2
NAME_WORD_COST = (9 - NAME_WORD_ZIPF) * math.log(10)

#: A run of digits costs a beginning and its digits, all equally likely.
_DIGITS_BEGIN = 3.0
_DIGIT = math.log(10)

_NEVER = np.float32(np.inf)

_Bytes = npt.NDArray[np.uint8]


class WordArrays(NamedTuple):
    """The table as compiled code takes it. Slots of an open-addressing hash, 2^n of them."""

    keys: npt.NDArray[np.uint64]  #: FNV-1a of the lower-case word; 0 is free
    costs: npt.NDArray[np.float32]  #: nats; inf: the word counts only as a whole token
    classes: npt.NDArray[np.uint8]  #: index into CLASSES
    zipfs: npt.NDArray[np.float32]  #: log10 per billion words, in the language that has most of it
    reach: npt.NDArray[np.uint8]  #: by the first four letters, base 26: longest word; 0 none
    letters: npt.NDArray[np.float32]  #: nats of each letter a-z inside an unknown word
    unknown: float  #: nats of beginning an unknown word


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTable:
    """The shipped words, their costs and classes."""

    version: str
    arrays: WordArrays


@cache
def word_table() -> WordTable:
    """The shipped table with the lexicon's classes laid over it, read once."""
    data = files("detectors.tables").joinpath("words.parquet").read_bytes()
    table = pq.read_table(pa.BufferReader(data))
    head = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    words, lexical = table["word"].combine_chunks(), lexicon()
    own = sorted({*lexical.classes, *lexical.generic})
    text = np.frombuffer(words.buffers()[2], np.uint8)
    ends = np.frombuffer(words.buffers()[1], np.int32)[: len(words) + 1].astype(np.int64)
    own_text = np.frombuffer("".join(own).encode("ascii"), np.uint8)
    own_ends = np.cumsum([0, *map(len, own)])
    own_classes = np.array(
        [CLASSES.index(lexical.classes.get(word, "generic")) for word in own], np.uint8
    )
    letters = np.array(head["letters"].split(), np.float32)
    size = 1 << (2 * (len(words) + len(own))).bit_length()
    arrays = WordArrays(
        keys=np.zeros(size, np.uint64),
        costs=np.full(size, _NEVER, np.float32),
        classes=np.zeros(size, np.uint8),
        zipfs=np.zeros(size, np.float32),
        reach=np.zeros(26**4, np.uint8),
        letters=letters,
        unknown=float(head["unknown"]),
    )
    # Steps as in make_words.py: tenths of a nat, thirtieths of a Zipf unit.
    costs = table["cost"].to_numpy().astype(np.float32) / np.float32(10)
    zipfs = table["zipf"].to_numpy().astype(np.float32) / np.float32(30)
    none = np.zeros(len(words), np.uint8)
    _insert(text, ends, costs, none, zipfs, arrays)
    glued = np.array([len(word) >= SHORTEST_GLUED and word.isalpha() for word in own])
    own_costs = np.where(glued, np.float32(NAME_WORD_COST), _NEVER).astype(np.float32)
    _insert(own_text, own_ends, own_costs, own_classes, np.zeros(len(own), np.float32), arrays)
    return WordTable(version=f"{head['version']}; lures {lexical.version}", arrays=arrays)


def word_frequency(token: str) -> float:
    """How common a word is: log10 per billion words, the most of eight languages; 0 if unknown.

    >>> word_frequency("the") > word_frequency("canopy") > 2
    True
    >>> word_frequency("qwxzkj")
    0.0
    """
    buffer = _bytes_of(read_as_ascii(token).text)
    arrays = word_table().arrays
    slot = _find(buffer, 0, len(buffer), arrays.keys) if len(buffer) else -1
    return round(float(arrays.zipfs[slot]), 2) if slot >= 0 else 0.0


def words_of(text: str) -> list[tuple[str, str]]:
    """text: ASCII. What it is made of, from left to right: (piece, class).

    >>> words_of("securelogin-2024")
    [('secure', 'access'), ('login', 'access'), ('2024', 'digits')]
    >>> words_of("pineapple")
    [('pineapple', 'word')]
    """
    buffer = _bytes_of(text)
    begins, ends = np.empty(len(buffer), np.int64), np.empty(len(buffer), np.int64)
    classes = np.empty(len(buffer), np.uint8)
    many = segment(buffer, 0, len(buffer), word_table().arrays, begins, ends, classes)
    return [(text[begins[at] : ends[at]].lower(), CLASSES[classes[at]]) for at in range(many)]


def cost_of(text: str) -> float:
    """text: ASCII. Nats of its cheapest cut."""
    buffer = _bytes_of(text)
    return float(segment_cost(buffer, 0, len(buffer), word_table().arrays, 0, 0))


def _bytes_of(text: str) -> _Bytes:
    # One byte a character: what is not ASCII becomes a separator and offsets stay.
    return np.frombuffer(text.encode("ascii", "replace"), np.uint8)


@allocating
def _letter(byte: int) -> int:
    """0..25, or -1."""
    at = (byte | 32) - 97
    return at if 0 <= at < 26 else -1


@allocating
def _slot(key: np.uint64, keys: npt.NDArray[np.uint64]) -> int:
    """Where the key is or would be."""
    mask = len(keys) - 1
    # FNV mixes short words badly: without this their slots lie in long rows.
    mixed = (key ^ (key >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    slot = int(mixed >> np.uint64(32)) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@allocating
def _step(key: np.uint64, byte: int) -> np.uint64:
    """FNV-1a with one more byte, upper case as lower."""
    if 65 <= byte <= 90:
        byte |= 32
    return (key ^ np.uint64(byte)) * np.uint64(0x100000001B3)


@allocating
def _find(buffer: _Bytes, start: int, end: int, keys: npt.NDArray[np.uint64]) -> int:
    """Slot of the word buffer[start:end], or -1."""
    key = np.uint64(0xCBF29CE484222325)
    for at in range(start, end):
        key = _step(key, buffer[at])
    slot = _slot(key, keys)
    return slot if keys[slot] == key else -1


@allocating
def _insert(
    text: _Bytes,
    ends: npt.NDArray[np.int64],
    costs: npt.NDArray[np.float32],
    classes: _Bytes,
    zipfs: npt.NDArray[np.float32],
    arrays: WordArrays,
) -> None:
    """Adds words; of a word that is there already the lower cost and the higher values stay."""
    for word in range(len(ends) - 1):
        key = np.uint64(0xCBF29CE484222325)
        prefix, length, glued = 0, ends[word + 1] - ends[word], True
        for at in range(ends[word], ends[word + 1]):
            key = _step(key, text[at])
            letter = _letter(text[at])
            glued = glued and letter >= 0
            if at < ends[word] + 4:
                prefix = prefix * 26 + letter
        slot = _slot(key, arrays.keys)
        arrays.keys[slot] = key
        arrays.costs[slot] = min(arrays.costs[slot], costs[word])
        arrays.classes[slot] = max(arrays.classes[slot], classes[word])
        arrays.zipfs[slot] = max(arrays.zipfs[slot], zipfs[word])
        if glued and length >= 4:
            arrays.reach[prefix] = max(arrays.reach[prefix], length)


@allocating
def _best_path(
    buffer: _Bytes,
    start: int,
    end: int,
    arrays: WordArrays,
    barred_start: int,
    barred_end: int,
    best: npt.NDArray[np.float32],
    inside: npt.NDArray[np.float32],
    came: npt.NDArray[np.int64],
    since: npt.NDArray[np.int64],
) -> float:
    """Cost of one run of letters. The four arrays hold end - start + 1 or more.

    best[i]: cheapest way to i; inside[i]: the same, but within an unknown word begun at since[i];
    came[i]: start of the last piece of best[i], ~start when it is an unknown word.
    """
    length = end - start
    best[: length + 1] = np.inf
    inside[: length + 1] = np.inf
    best[0] = 0.0
    for at in range(length):
        letter = _letter(buffer[start + at])
        so_far = best[at]
        begun = so_far + np.float32(arrays.unknown)
        if begun < inside[at]:
            inside[at], since[at] = begun, at
        inside[at + 1] = inside[at] + arrays.letters[letter]
        since[at + 1] = since[at]
        if inside[at + 1] < best[at + 1]:
            best[at + 1], came[at + 1] = inside[at + 1], ~since[at]
        key = np.uint64(0xCBF29CE484222325)
        prefix = 0
        longest = min(3, length - at)
        size = 0
        while size < longest:
            byte = buffer[start + at + size]
            key = _step(key, byte)
            size += 1
            if size <= 4:
                prefix = prefix * 26 + _letter(byte)
                if size == 3 and at + 4 <= length:
                    following = prefix * 26 + _letter(buffer[start + at + 3])
                    longest = max(3, min(int(arrays.reach[following]), length - at))
            if size == 1:
                continue
            slot = _slot(key, arrays.keys)
            if arrays.keys[slot] == key:
                cost = so_far + arrays.costs[slot]
                if cost < best[at + size] and not (
                    start + at == barred_start and start + at + size == barred_end
                ):
                    best[at + size], came[at + size] = cost, at
    return float(best[length])


@allocating
def _token_end(buffer: _Bytes, at: int, end: int) -> tuple[int, bool]:
    """Where the letters and digits that begin at `at` end, and whether a digit is among them."""
    digits = False
    while at < end:
        byte = buffer[at]
        if 48 <= byte <= 57:
            digits = True
        elif _letter(byte) < 0:
            break
        at += 1
    return at, digits


@allocating
def _run_end(buffer: _Bytes, at: int, end: int) -> int:
    """Where the letters, or the digits, that begin at `at` end."""
    letters = _letter(buffer[at]) >= 0
    while at < end and (_letter(buffer[at]) >= 0) == letters:
        at += 1
    return at


@allocating
def segment_cost(
    buffer: _Bytes, start: int, end: int, arrays: WordArrays, barred_start: int, barred_end: int
) -> float:
    """Nats of the cheapest cut of buffer[start:end]; separators are free, case is ignored.

    No word may be exactly buffer[barred_start:barred_end], so that a brand that is itself a word
    can be priced as if it were none; equal positions bar nothing.
    """
    if end <= start:
        return 0.0
    best = np.empty(end - start + 1, np.float32)
    inside = np.empty(end - start + 1, np.float32)
    came = np.empty(end - start + 1, np.int64)
    since = np.empty(end - start + 1, np.int64)
    total, at = 0.0, start
    while at < end:
        token, digits = _token_end(buffer, at, end)
        if token == at:
            at += 1
            continue
        whole = -1
        if token - at < SHORTEST_GLUED or digits:
            whole = _find(buffer, at, token, arrays.keys)
        barred = at == barred_start and token == barred_end
        if whole >= 0 and arrays.classes[whole] and not barred:
            total += min(arrays.costs[whole], np.float32(NAME_WORD_COST))
            at = token
            continue
        while at < token:
            run = _run_end(buffer, at, token)
            if _letter(buffer[at]) < 0:
                total += _DIGITS_BEGIN + _DIGIT * (run - at)
            else:
                total += _best_path(
                    buffer, at, run, arrays, barred_start, barred_end, best, inside, came, since
                )
            at = run
    return total


@allocating
def segment(
    buffer: _Bytes,
    start: int,
    end: int,
    arrays: WordArrays,
    begins: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    classes: _Bytes,
) -> int:
    """Cuts buffer[start:end] the cheapest way and returns the number of pieces.

    The last three arrays take each piece's place in the buffer and its class, left to right; they
    must hold end - start. Pieces cover every letter and digit; LETTERS are letters of no word.
    A lexicon word between separators stays whole whatever it costs; one of fewer than
    SHORTEST_GLUED letters has its class only there.
    """
    if end <= start:
        return 0
    best = np.empty(end - start + 1, np.float32)
    inside = np.empty(end - start + 1, np.float32)
    came = np.empty(end - start + 1, np.int64)
    since = np.empty(end - start + 1, np.int64)
    many, at = 0, start
    while at < end:
        token, _ = _token_end(buffer, at, end)
        if token == at:
            at += 1
            continue
        whole = _find(buffer, at, token, arrays.keys)
        if whole >= 0 and arrays.classes[whole]:
            begins[many], ends[many], classes[many] = at, token, arrays.classes[whole]
            many, at = many + 1, token
            continue
        while at < token:
            run = _run_end(buffer, at, token)
            if _letter(buffer[at]) < 0:
                begins[many], ends[many], classes[many] = at, run, DIGITS
                many, at = many + 1, run
                continue
            _best_path(buffer, at, run, arrays, 0, 0, best, inside, came, since)
            first, here = many, run - at
            while here > 0:
                before = came[here]
                ends[many] = at + here
                if before < 0:
                    before = ~before
                    classes[many] = LETTERS
                elif here - before < SHORTEST_GLUED:
                    classes[many] = 0
                else:
                    slot = _find(buffer, at + before, at + here, arrays.keys)
                    classes[many] = arrays.classes[slot]
                begins[many] = at + before
                many, here = many + 1, before
            begins[first:many] = begins[first:many][::-1].copy()
            ends[first:many] = ends[first:many][::-1].copy()
            classes[first:many] = classes[first:many][::-1].copy()
            at = run
    return many
