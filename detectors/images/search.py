"""Exact search: every region of a picture against every reference, in bits that differ.

No index: ten million comparisons take some twenty milliseconds, and up to hundreds of millions of
pictures hashing costs more than searching. Vectors that resemble much of everything (rings,
drops, stars) carry a handicap, counted in bits on top of the distance.
May import: detectors.compiling.
"""

# Compiled functions have the types that they are called with, and intrinsics one parameter less.
# mypy: disallow-untyped-decorators=False, disable-error-code="call-arg", warn-unreachable=False

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba.core import types
from numba.extending import intrinsic

from detectors.compiling import compiled

Words = npt.NDArray[np.uint64]  #: (n, 4): 256 bits a row
Bits = npt.NDArray[np.int32]

BITS = 256
WORDS = BITS // 64
#: More than any distance: nothing to compare with.
NOTHING = 4 * BITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """Described regions of one or many pictures, a row each."""

    signs: Words
    handicaps: Bits  #: (n,), bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """Per reference (logo), what of it is nearest to anything of the picture."""

    bits: Bits  #: (logos,), distance with both handicaps; NOTHING where there was nothing
    asked: Bits  #: (logos,), the row of the picture's vectors
    known: Bits  #: (logos,), the row of the references' vectors


@intrinsic
def _ones(_typing: Any, _number: Any) -> Any:
    """How many bits are set: the processor's own instruction."""

    def generate(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.ctpop(values[0])

    return types.uint64(types.uint64), generate


@compiled
def _scan(
    asked: Any, asked_more: Any, known: Any, known_more: Any, starts: Any,
    bits: Any, row: Any, column: Any,
) -> None:  # fmt: skip
    for logo in range(starts.size - 1):
        least = bits[logo]
        for i in range(asked.shape[0]):
            a, b, c, d = asked[i, 0], asked[i, 1], asked[i, 2], asked[i, 3]
            for j in range(starts[logo], starts[logo + 1]):
                differ = np.int32(
                    _ones(a ^ known[0, j])
                    + _ones(b ^ known[1, j])
                    + _ones(c ^ known[2, j])
                    + _ones(d ^ known[3, j])
                )
                differ += asked_more[i] + known_more[j]
                if differ < least:
                    least = differ
                    row[logo] = i
                    column[logo] = j
        bits[logo] = least


def nearest(asked: Vectors, known: Vectors, starts: npt.NDArray[np.int64]) -> Nearest:
    """asked: of one picture. known: of all logos, those of a logo side by side, transposed.

    known.signs: (4, m), so that neighbours in memory are compared with the same region.
    starts: (logos + 1,), where each logo's columns begin.
    """
    logos = starts.size - 1
    found = Nearest(
        bits=np.full(logos, NOTHING, np.int32),
        asked=np.zeros(logos, np.int32),
        known=np.zeros(logos, np.int32),
    )
    _scan(
        np.ascontiguousarray(asked.signs), asked.handicaps,
        known.signs, known.handicaps, starts,
        found.bits, found.asked, found.known,
    )  # fmt: skip
    return found


@compiled
def _crowding(asked: Any, crowd: Any, top: Any, out: Any) -> None:
    """out: sums of the top.size least distances of each row to the crowd."""
    for i in range(asked.shape[0]):
        a, b, c, d = asked[i, 0], asked[i, 1], asked[i, 2], asked[i, 3]
        top[:] = BITS
        for j in range(crowd.shape[1]):
            differ = np.int32(
                _ones(a ^ crowd[0, j])
                + _ones(b ^ crowd[1, j])
                + _ones(c ^ crowd[2, j])
                + _ones(d ^ crowd[3, j])
            )
            if differ < top[top.size - 1]:
                k = top.size - 1
                while k > 0 and top[k - 1] > differ:
                    top[k] = top[k - 1]
                    k -= 1
                top[k] = differ
        total = 0
        for k in range(top.size):
            total += top[k]
        out[i] = total


def crowding(signs: Words, crowd: Words, count: int) -> npt.NDArray[np.float32]:
    """(n,): mean distance in bits to the `count` nearest of the crowd, (4, m)."""
    out = np.zeros(len(signs), np.int32)
    _crowding(np.ascontiguousarray(signs), crowd, np.zeros(count, np.int32), out)
    return (out / np.float32(count)).astype(np.float32)
