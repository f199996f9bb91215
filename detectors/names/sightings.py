"""The two shapes that pass through the name detector: texts to scan, and what was seen in them.

Columns of numpy arrays, because millions pass; `texts` makes the first, `kernel` the second,
`features` measures them and `resemblance` puts the few that rank into words.
May import: nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt


class TextFlag(IntFlag):
    """What is known of a text before anything is looked for in it. One byte."""

    HOST = 1  #: a host without its public suffix; else a handle, a name, a title, a package
    FREE_HOST = 2  #: the suffix is a hosting service's, not a registry's
    PUNYCODE = 4  #: some label was an A-label
    REREAD = 8  #: one of several readings of its row (decoded, styled, turned, ...)


class ReadingFlag(IntFlag):
    """How the text had to be read for the term to stand there. One byte."""

    PAIRS = 1  #: letter pairs merged: rn m, vv w, cl d, nn m
    JOINED = 2  #: separators taken out
    DIGITS = 4  #: digits read in their second way: 6 g, 7 l, 9 q
    TOKEN = 8  #: seen by the rule for whole words, not by the one for parts of words


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """n texts in one buffer. ASCII as written, upper case allowed; hosts end before the suffix."""

    buffer: npt.NDArray[np.uint8]
    begin: npt.NDArray[np.int64]  #: text i is buffer[begin[i]:end[i]]
    end: npt.NDArray[np.int64]
    label: npt.NDArray[np.int32]  #: hosts: where in the text the registrable label begins; else 0
    suffix: npt.NDArray[np.int32]  #: hosts: length in bytes of the suffix after `end`, no dot
    flags: npt.NDArray[np.uint8]  #: TextFlag
    row: npt.NDArray[np.int64]  #: row of the column it came from; several texts may share one


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """k places where a term stands in a text within its rule; ascending by text."""

    text: npt.NDArray[np.int64]
    term: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]  #: span in the text as it stands: bytes [start, end)
    end: npt.NDArray[np.int32]
    edits: npt.NDArray[np.uint8]  #: OSA distance of the folded span from the folded term
    reading: npt.NDArray[np.uint8]  #: ReadingFlag

    def take(self, which: npt.NDArray[np.int64]) -> Sightings:
        """The sightings of these indices, in their order."""
        return Sightings(
            text=self.text[which], term=self.term[which], start=self.start[which],
            end=self.end[which], edits=self.edits[which], reading=self.reading[which],
        )  # fmt: skip
