"""The records of a block of lines as columns, for all lines that hold nothing odd.

A zone of a registry has hundreds of millions of lines that are all alike: owner, TTL, class,
type, data. Here they are told apart by arithmetic on whole blocks of bytes, never by a Python
object for each line; a line that is not of that shape is only marked as odd, and `tolerant` reads
it. Nothing is understood here that `tolerant` would understand otherwise.
Pure. May import: namaak.sources.zones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from namaak.sources.zones.presentation import MAX_LABEL
from namaak.sources.zones.tolerant import TYPES

_Bytes = npt.NDArray[np.uint8]
_Bits = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.int64]
_Words = npt.NDArray[np.uint64]

_USUAL, _ODD, _BACKSLASH, _SPACE, _NEWLINE = range(5)


def _kinds() -> bytes:
    kinds = bytearray([_ODD]) * 256
    for octet in range(0x21, 0x7F):
        kinds[octet] = _USUAL
    for octet in b'"();$@':
        kinds[octet] = _ODD
    for octet in b" \t\r":
        kinds[octet] = _SPACE
    kinds[ord("\\")] = _BACKSLASH
    kinds[ord("\n")] = _NEWLINE
    return bytes(kinds)


_KINDS: Final = _kinds()
#: All letters of a word become small ones; digits and hyphens stay.
_SMALL: Final = np.uint64(0x2020202020202020)


def _word(text: str) -> int:
    return int.from_bytes(text.encode()[:8].ljust(8, b"\0"), "little")


_IN, _NS, _SOA = (np.uint64(_word(text)) for text in ("in", "ns", "soa"))
#: Types of up to eight letters, and the one of ten that large zones hold.
_LONG_TYPE: Final = "nsec3param"
_KNOWN: Final = np.array(
    sorted(_word(name) for name in TYPES if len(name) <= 8 or name == _LONG_TYPE), np.uint64
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Lines of a block; arrays are one value a line unless said otherwise."""

    block: bytes
    starts: _Places  #: of the lines; one more at the end
    odd: _Bits  #: is not understood here
    empty: _Bits  #: holds nothing
    owned: _Bits  #: has an owner of its own in its first column
    delegates: _Bits  #: is an `ns` record
    owner_ends: _Places  #: where owned

    def __len__(self) -> int:
        return len(self.odd)

    def line(self, number: int) -> bytes:
        """One line without its end."""
        line = self.block[int(self.starts[number]) : int(self.starts[number + 1]) - 1]
        return line.removesuffix(b"\r")

    def owner(self, number: int) -> bytes:
        """The owner of an owned line, as written."""
        return self.block[int(self.starts[number]) : int(self.owner_ends[number])]

    def owners(self, lines: _Places) -> Any:
        """lines: owned, ascending, each once. Arrow strings, as written."""
        offsets = np.empty(2 * len(lines) + 1, np.int32)
        offsets[0:-1:2] = self.starts[lines]
        offsets[1::2] = self.owner_ends[lines]
        offsets[-1] = len(self.block)
        # Owners and what lies between them, side by side over the block itself.
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self.block)]
        both = pa.Array.from_buffers(pa.string(), 2 * len(lines), buffers)
        return both.take(pa.array(np.arange(0, 2 * len(lines), 2)))


def columns(block: bytes) -> Columns:
    """block: whole lines, a newline behind each, fewer than 2 GiB."""
    translated = block.translate(_KINDS)
    kinds = np.frombuffer(translated, np.uint8)
    starts = np.append(0, np.flatnonzero(kinds == _NEWLINE) + 1)
    count = len(starts) - 1
    begins, ends = _tokens(kinds)
    first = np.searchsorted(begins, starts)
    tokens = np.diff(first)
    owned = kinds[starts[:-1]] < _SPACE
    text = np.frombuffer(block + bytes(8), np.uint8)
    windows = np.ndarray((len(text) - 7,), "<u8", buffer=text, strides=(1,))
    shape = _Shape(
        windows=windows, begins=begins, ends=ends,
        last=np.maximum(first[1:] - 1, 0), empty=tokens == 0,
    )  # fmt: skip
    place, kind, odd = shape.types(first[:-1] + owned)
    delegates = kind == _NS
    odd |= delegates & (first[1:] - place != 2)
    odd |= kind == _SOA
    owner_ends = np.zeros(count, np.int64)
    if len(begins):
        owner_ends = ends[np.minimum(first[:-1], len(ends) - 1)]
        odd |= owned & (owner_ends - starts[:-1] > MAX_LABEL)
    _mark(block, translated, starts, odd, begins, place)
    odd &= ~shape.empty
    return Columns(
        block=block, starts=starts, odd=odd, empty=shape.empty, owned=owned & ~shape.empty,
        delegates=delegates & ~odd & ~shape.empty, owner_ends=owner_ends,
    )  # fmt: skip


def _tokens(kinds: _Bytes) -> tuple[_Places, _Places]:
    """Where tokens begin and end."""
    blank = np.empty(len(kinds) + 1, bool)
    blank[0] = True
    np.greater_equal(kinds, _SPACE, out=blank[1:])
    begins = np.flatnonzero(blank[:-1] > blank[1:])
    ends = np.flatnonzero(blank[1:] > blank[:-1])
    return begins, ends


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    windows: _Words  #: the eight octets at every place
    begins: _Places  #: of tokens
    ends: _Places
    last: _Places  #: token of each line
    empty: _Bits  #: lines without a token

    def types(self, place: _Places) -> tuple[_Places, _Words, _Bits]:
        """Token that is the type of each line, its word, and lines where there is none.

        place: the token behind the owner.
        """
        if not len(self.begins):
            nothing = np.zeros(len(place), np.uint64)
            return place, nothing, np.zeros(len(place), bool)
        ttl = np.zeros(len(place), bool)
        classed = np.zeros(len(place), bool)
        word, size = self._word(place)
        for _ in range(2):
            is_ttl = ~ttl & self._is_number(word, size)
            is_class = ~classed & (word == _IN)
            ttl |= is_ttl
            classed |= is_class
            place = place + (is_ttl | is_class)
            word, size = self._word(place)
        known = np.minimum(np.searchsorted(_KNOWN, word), len(_KNOWN) - 1)
        odd = (_KNOWN[known] != word) | (place > self.last)
        odd |= (size > 8) & ((word != np.uint64(_word(_LONG_TYPE))) | (size != len(_LONG_TYPE)))
        return place, word, odd

    def _word(self, place: _Places) -> tuple[_Words, _Places]:
        """The first eight octets of tokens in small letters, and the tokens' sizes."""
        within = np.minimum(place, self.last)
        begins = self.begins[within]
        size = self.ends[within] - begins
        used = np.minimum(size, 8).astype(np.uint64) * np.uint64(8)
        # A shift by 64 is undefined, so the mask is made from the other side.
        mask = ~np.uint64(0) >> (np.uint64(64) - used)
        return (self.windows[begins] | _SMALL) & mask, size

    @staticmethod
    def _is_number(word: _Words, size: _Places) -> _Bits:
        """TTLs in seconds: eight digits are three years. Longer ones and units are odd."""
        # Octets from 0x30 to 0x39: the high half is 3, and six more does not carry out of the low.
        used = np.minimum(size, 8).astype(np.uint64) * np.uint64(8)
        mask = ~np.uint64(0) >> (np.uint64(64) - used)
        high = np.uint64(0xF0F0F0F0F0F0F0F0)
        three = np.uint64(0x3030303030303030) & mask
        carried = word + (np.uint64(0x0606060606060606) & mask)
        digits = ((word & high) == three) & ((carried & high) == three)
        found: _Bits = digits & (size <= 8)
        return found


def _mark(
    block: bytes, translated: bytes, starts: _Places, odd: _Bits, begins: _Places, place: _Places
) -> None:
    """Mark lines that hold octets with a meaning of their own."""
    kinds = np.frombuffer(translated, np.uint8)
    found = [np.flatnonzero(kinds == _ODD)] if bytes([_ODD]) in translated else []
    # A name of labels that are empty.
    if b".." in block:
        text = np.frombuffer(block, np.uint8)
        found.append(np.flatnonzero((text[1:] == ord(".")) & (text[:-1] == ord("."))))
    leading = np.frombuffer(block, np.uint8)[starts[:-1]] == ord(".")
    odd |= leading
    if b"\\" in block:
        # In the data of a record it can only hide what is odd by itself, and white space.
        escapes = np.flatnonzero(kinds == _BACKSLASH)
        lines = np.searchsorted(starts, escapes, side="right") - 1
        types = begins[np.minimum(place[lines], len(begins) - 1)]
        found.append(escapes[(escapes <= types) | (kinds[escapes + 1] >= _SPACE)])
    for places in found:
        if len(places):
            odd[np.searchsorted(starts, places, side="right") - 1] = True
