"""Where the public suffix of a host begins: a walk over the bundled Public Suffix List.

`SuffixList.split` walks one host, `split_column` millions, compiled, with the same answers.
The list is the snapshot inside the tldextract package (private section included), read once;
its extraction is forty times slower than matching, so only its data are used.
Algorithm: publicsuffix.org, "Format", read 2026; an unknown top-level domain is a suffix.
May import: detectors.compiling.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import idna
import numpy as np
import numpy.typing as npt

from detectors.compiling import compiled

# What is known of a right part of a host, as bits.
_RULE, _RULE_PRIVATE, _WILD, _WILD_PRIVATE, _EXCEPTION, _LONGER = 1, 2, 4, 8, 16, 32
_FACTOR = np.uint64(0x100000001B3)


@dataclass(frozen=True, slots=True)
class Split:
    """Positions in the host. host[registrable:suffix] is the label people register."""

    registrable: int  #: start of the registrable domain; 0 <= registrable <= suffix
    suffix: int  #: start of the public suffix; 0 when the host is itself a suffix
    private: bool  #: the suffix is a hosting service's (github.io), not a registry's

    def name_end(self, host: str) -> int:
        """The part that somebody chose is host[:name_end], as in `SplitColumn`."""
        if self.suffix:
            return self.suffix - 1
        dot = host.rfind(".")
        return dot if dot >= 0 else len(host)


class SuffixList:
    """Rules as A-labels. `walk` holds every right part of a rule, so a walk knows when to stop."""

    def __init__(self, text: str) -> None:
        found = re.search(r"^// VERSION: (\S+)", text, re.MULTILINE)
        self.version = found.group(1) if found else "unknown"
        self._rules: dict[str, bool] = {}
        self._exceptions: set[str] = set()
        self._wild: dict[str, bool] = {}
        private = False
        for line in text.splitlines():
            if "===BEGIN PRIVATE DOMAINS" in line:
                private = True
            rule = line.split(" ")[0].strip().lower()
            if not rule or rule.startswith("//"):
                continue
            if rule.startswith("!"):
                self._exceptions.add(_a_labels(rule[1:]))
            elif rule.startswith("*."):
                self._wild[_a_labels(rule[2:])] = private
            else:
                self._rules[_a_labels(rule)] = private
        self._walk: set[str] = set()
        for rule in (*self._rules, *self._wild, *self._exceptions):
            labels = rule.split(".")
            self._walk.update(".".join(labels[start:]) for start in range(len(labels)))

    def right_parts(self) -> dict[str, int]:
        """Every right part of a rule, and what it is as bits: a rule, a wildcard, a step."""
        known = dict.fromkeys(self._walk, 0)
        for rule, private in self._rules.items():
            known[rule] |= _RULE_PRIVATE if private else _RULE
        for rule, private in self._wild.items():
            known[rule] |= (_WILD_PRIVATE if private else _WILD) | _LONGER
        for rule in self._exceptions:
            known[rule] |= _EXCEPTION
        for rule in self._walk:
            above = rule.partition(".")[2]
            if above:
                known[above] |= _LONGER
        return known

    def split(self, host: str) -> Split:
        """host: A-labels, lower case, no trailing dot.

        >>> suffix_list().split("login.acme.co.uk")
        Split(registrable=6, suffix=11, private=False)
        >>> suffix_list().split("acme.github.io").private
        True
        """
        # Start of the suffix found so far, of the label left of it, and of the tail walked.
        suffix = host.rfind(".") + 1
        private = False
        start = suffix
        while True:
            tail = host[start:]
            if tail in self._exceptions:
                suffix = host.find(".", start) + 1
                break
            if tail in self._rules:
                suffix, private = start, self._rules[tail]
            if start == 0 or tail not in self._walk:
                break
            above = host.rfind(".", 0, start - 1) + 1
            if tail in self._wild and host[above:] not in self._exceptions:
                suffix, private = above, self._wild[tail]
            start = above
        if suffix == 0:
            return Split(0, 0, private)
        return Split(host.rfind(".", 0, suffix - 1) + 1, suffix, private)


def registrable_domain(host: str) -> str:
    """The domain somebody registered; the host itself when it is a public suffix.

    >>> registrable_domain("login.acme.co.uk")
    'acme.co.uk'
    """
    return host[suffix_list().split(host).registrable :]


@cache
def suffix_list() -> SuffixList:
    """The bundled list, parsed once (about 60 ms)."""
    text = files("tldextract").joinpath(".tld_set_snapshot").read_text(encoding="utf-8")
    return SuffixList(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitColumn:
    """`Split` of n hosts, and where the name of each ends. Positions count from its first byte."""

    registrable: npt.NDArray[np.int32]
    suffix: npt.NDArray[np.int32]
    private: npt.NDArray[np.bool_]
    #: The part that somebody chose is host[:name_end]: all before the suffix. A host that is
    #: itself a suffix ("evil.ck" under *.ck, "github.io") was chosen by somebody all the same:
    #: there it is all before the last dot, and of a single label the whole.
    name_end: npt.NDArray[np.int32]


def split_column(
    buffer: npt.NDArray[np.uint8],
    begin: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    rules: SuffixList | None = None,
) -> SplitColumn:
    """Host i is buffer[begin[i]:end[i]], as `SuffixList.split` wants it; other bytes do no harm.

    rules: the bundled list when None. Most hosts end in a plain top-level domain: two look-ups.
    """
    registrable = np.empty(len(begin), np.int32)
    suffix, name_end = np.empty_like(registrable), np.empty_like(registrable)
    private = np.empty(len(begin), np.bool_)
    table = _suffix_table(rules or suffix_list())
    _split_rows(buffer, begin, end, table, registrable, suffix, private, name_end)
    return SplitColumn(registrable=registrable, suffix=suffix, private=private, name_end=name_end)


class _SuffixTable(NamedTuple):
    """Right parts of rules by hash, open addressing; texts reversed, as the walk reads them."""

    hashes: npt.NDArray[np.uint64]
    known: npt.NDArray[np.uint8]  # 0: free
    first: npt.NDArray[np.int32]  # in text
    size: npt.NDArray[np.int32]
    text: npt.NDArray[np.uint8]


@cache
def _suffix_table(rules: SuffixList) -> _SuffixTable:
    known = rules.right_parts()
    slots = 1 << (4 * len(known) + 4).bit_length()
    table = _SuffixTable(
        hashes=np.zeros(slots, np.uint64),
        known=np.zeros(slots, np.uint8),
        first=np.zeros(slots, np.int32),
        size=np.zeros(slots, np.int32),
        text=np.frombuffer("".join(part[::-1] for part in known).encode("ascii"), np.uint8),
    )
    first = 0
    for part, bits in known.items():
        value = 0
        for byte in reversed(part.encode("ascii")):
            value = ((value ^ byte) * int(_FACTOR)) % (1 << 64)
        slot = (value ^ value >> 32) % slots
        while table.known[slot]:
            slot = (slot + 1) % slots
        table.hashes[slot], table.known[slot] = value, bits
        table.first[slot], table.size[slot] = first, len(part)
        first += len(part)
    return table


@compiled
def _split_rows(buffer, begin, end, table, registrable, suffix, private, name_end):
    """The walk of `SuffixList.split`, label by label from the right."""
    for row in range(len(begin)):
        low, high = begin[row], end[row]
        found, of_service = high, False
        # Of the walk: start of the tail; a wildcard above it waits for the next, longer tail.
        place, value = high, np.uint64(0)
        tail_known, first_tail = _LONGER, True
        last_dot = low - 1
        while True:
            dot = place - 1
            while dot >= low and buffer[dot] != 46:
                value = (value ^ np.uint64(buffer[dot])) * _FACTOR
                dot -= 1
            tail = dot + 1
            wild = tail_known & (_WILD | _WILD_PRIVATE)
            tail_known = _known(buffer, tail, high, value, table)
            if first_tail:
                found, last_dot, first_tail = tail, dot, False
            elif wild and not tail_known & _EXCEPTION:
                found, of_service = tail, (wild & _WILD_PRIVATE) != 0
            if tail_known & _EXCEPTION:
                found = tail
                while found < high and buffer[found] != 46:
                    found += 1
                found = found + 1 if found < high else low
                break
            if tail_known & (_RULE | _RULE_PRIVATE):
                found, of_service = tail, (tail_known & _RULE_PRIVATE) != 0
            if dot < low or not tail_known & _LONGER:
                break
            value = (value ^ np.uint64(46)) * _FACTOR
            place = dot
        private[row] = of_service
        suffix[row] = found - low
        if found > low:
            start = found - 1
            while start > low and buffer[start - 1] != 46:
                start -= 1
            registrable[row] = start - low
            name_end[row] = found - 1 - low
        else:
            registrable[row] = 0
            name_end[row] = last_dot - low if last_dot >= low else high - low


def _a_labels(rule: str) -> str:
    return rule if rule.isascii() else idna.encode(rule, uts46=True).decode("ascii")


@compiled
def _known(buffer, low, high, value, table):
    """What is known of buffer[low:high], whose hash from the right is `value`."""
    mask = len(table.known) - 1
    slot = np.int64(value ^ (value >> np.uint64(32))) & mask
    while table.known[slot]:
        if table.hashes[slot] == value and table.size[slot] == high - low:
            first = table.first[slot]
            same = True
            for back in range(high - low):
                same = same and table.text[first + back] == buffer[high - 1 - back]
            if same:
                return np.int64(table.known[slot])
        slot = (slot + 1) & mask
    return np.int64(0)
