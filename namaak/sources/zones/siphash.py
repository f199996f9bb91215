"""64-bit fingerprints of names, by the column: SipHash-2-4 written with numpy.

A zone is compared with yesterday's by fingerprints, so they must be the same for ever, must not
be foreseeable by whoever registers names (a name that collides with an old one would never be
seen as new), and must cost far less than reading the line. SipHash-2-4 is all three: a published
function with a 128-bit key (Aumasson and Bernstein, 2012, appendix A has its test vectors). A
Python call for each name costs ten times as much as this.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]
_Words = npt.NDArray[np.uint64]

KEY_BYTES: Final = 16
#: Names worked on at a time: fewer would pay more for the calls than for the work.
_STEP: Final = 65_536
_INITIAL: Final = (
    0x736F6D6570736575,
    0x646F72616E646F6D,
    0x6C7967656E657261,
    0x7465646279746573,
)


def siphash(column: pa.Array, key: bytes) -> Hashes:
    """column: Arrow string or binary of n values, no nulls. key: 16 bytes. n uint64."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    if column.null_count:
        raise ValueError("a null has no fingerprint")
    hashes = np.empty(len(column), np.uint64)
    for first in range(0, len(column), _STEP):
        part = column.slice(first, _STEP)
        hashes[first : first + len(part)] = _some(part, key)
    return hashes


def _some(column: pa.Array, key: bytes) -> Hashes:
    wide = pa.types.is_large_string(column.type) or pa.types.is_large_binary(column.type)
    stored = np.frombuffer(column.buffers()[1], np.int64 if wide else np.int32)
    offsets: npt.NDArray[np.int64] = stored[column.offset : column.offset + len(column) + 1].astype(
        np.int64
    )
    starts, lengths = offsets[:-1], offsets[1:] - offsets[:-1]
    first, last = int(offsets[0]), int(offsets[-1])
    # Eight bytes more, because a word is read whole where the last name has only its beginning.
    text = np.zeros(last - first + 8, np.uint8)
    if last > first:
        text[:-8] = np.frombuffer(column.buffers()[2], np.uint8)[first:last]
    starts = starts - first
    hashes = np.empty(len(column), np.uint64)
    words = lengths >> 3
    for count in np.unique(words).tolist():
        rows = np.flatnonzero(words == count)
        hashes[rows] = _of_words(_read(text, starts[rows], lengths[rows], count), key)
    return hashes


def _read(
    text: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    count: int,
) -> list[_Words]:
    """`count` whole words of each name and one that ends in its length, little-endian."""
    # A word at every byte: the same memory, seen in steps of one.
    windows = np.ndarray((len(text) - 7,), "<u8", buffer=text, strides=(1,))
    words = [windows[starts + 8 * number] for number in range(count + 1)]
    used = (lengths & 7).astype(np.uint64) * np.uint64(8)
    kept = (np.uint64(1) << used) - np.uint64(1)
    words[-1] = (words[-1] & kept) | (lengths.astype(np.uint64) << np.uint64(56))
    return words


def _of_words(words: list[_Words], key: bytes) -> Hashes:
    low, high = (int.from_bytes(part, "little") for part in (key[:8], key[8:]))
    mixed = zip(_INITIAL, (low, high, low, high), strict=True)
    a, b, c, d = (np.full(len(words[0]), initial ^ half, np.uint64) for initial, half in mixed)
    scratch = np.empty_like(a)
    for word in words:
        d ^= word
        _round(a, b, c, d, scratch)
        _round(a, b, c, d, scratch)
        a ^= word
    c ^= np.uint64(0xFF)
    for _ in range(4):
        _round(a, b, c, d, scratch)
    a ^= b
    c ^= d
    a ^= c
    return a


def _round(a: _Words, b: _Words, c: _Words, d: _Words, scratch: _Words) -> None:
    """One SipRound, in place."""
    a += b
    _rotate(b, 13, scratch)
    b ^= a
    _rotate(a, 32, scratch)
    c += d
    _rotate(d, 16, scratch)
    d ^= c
    a += d
    _rotate(d, 21, scratch)
    d ^= a
    c += b
    _rotate(b, 17, scratch)
    b ^= c
    _rotate(c, 32, scratch)


def _rotate(word: _Words, bits: int, scratch: _Words) -> None:
    np.right_shift(word, np.uint64(64 - bits), out=scratch)
    np.left_shift(word, np.uint64(bits), out=word)
    np.bitwise_or(word, scratch, out=word)
