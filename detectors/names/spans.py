"""What stands in a name where a term was seen: how it differs from the term, and where it is.

The kernel says that a term stands within its rule; here every sighting is taken apart once, for
counting (`rarity`) and weighing (`features`) alike. Distances here are of letters as written, so
a glyph swap (l for i, rn for m) costs one edit that the kernel's folded distance does not see.
Whether the letters make the brand at all is told by cutting the label into words with the brand
as one of them and without: "pineapple" is cheaper without.
May import: detectors.folding, detectors.words, detectors.names.sightings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.compiling import allocating, spread
from detectors.folding import PAIRS, SHAPE
from detectors.names.sightings import Sightings, TextFlag, Texts
from detectors.words import NAME_WORD_COST, segment_cost, word_table

#: How the span is written, strongest first.
KINDS = ("exact", "glyphs", "one edit", "two edits")
#: Where it stands in its label, strongest first.
PLACES = ("whole", "token", "start", "end", "inside")
WHOLE, TOKEN, START, END, INSIDE = range(len(PLACES))

#: Longest term, and longest span of one: its pairs and two letters more.
_TERM_MAX = 64
_SPAN_MAX = 2 * _TERM_MAX + 4

_SHAPE = np.frombuffer(SHAPE, np.uint8)
_LOWER = np.array([ord(chr(byte).lower()) if byte < 128 else byte for byte in range(256)], np.uint8)
_PAIR_TABLE = np.array(
    [(ord(pair[0]), ord(pair[1]), ord(letter)) for pair, letter in PAIRS.items()], np.uint8
)
_HOST = int(TextFlag.HOST)
_DOT = 46

#: Bytes to either side of a span that are looked at; a label has 63 at most, a title any number.
REACH = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTerms:
    """t terms as written, in one buffer: lower-case ASCII letters and digits, at most 60 each."""

    letters: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int64]  #: t + 1: term i is letters[first[i]:first[i + 1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """What each of k sightings looks like. Columns of k."""

    kind: npt.NDArray[np.uint8]  #: index into KINDS
    place: npt.NDArray[np.uint8]  #: index into PLACES
    edits: npt.NDArray[np.uint8]  #: OSA distance as written; a glyph swap or merged pair is one
    replaced: npt.NDArray[np.uint8]  #: of these, letters replaced by ones of another shape
    added: npt.NDArray[np.uint8]  #: of these, letters added, repeated or swapped
    alike: npt.NDArray[np.uint8]  #: of these, letters or pairs that look like what they replace
    first_changed: npt.NDArray[np.bool_]  #: it does not begin with what looks like the first letter
    unit_begin: npt.NDArray[np.int32]  #: the label it stands in (no host: the whole text), in bytes
    unit_end: npt.NDArray[np.int32]
    spelling: npt.NDArray[np.uint64]  #: hash of the term and of the letters of the span
    #: Nats that the label's cheapest cut into words costs less with the brand as one of them;
    #: negative where the letters belong to other words.
    gain: npt.NDArray[np.float32]
    rest_cost: npt.NDArray[np.float32]  #: nats of what stands beside it in the label


def raw_terms(raws: Sequence[str]) -> RawTerms:
    """raws: terms as lower-case ASCII letters and digits; at most 60 letters each."""
    lengths = np.fromiter(map(len, raws), np.int64, len(raws))
    if len(raws) and lengths.max() > _TERM_MAX:
        raise ValueError(f"a term has {lengths.max()} letters; at most {_TERM_MAX} are measured")
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return RawTerms(letters=np.frombuffer("".join(raws).encode("ascii"), np.uint8), first=first)


def take_apart(texts: Texts, sightings: Sightings, terms: RawTerms) -> Spans:
    """One row per sighting, in their order."""
    count = len(sightings.text)
    spans = Spans(
        kind=np.empty(count, np.uint8),
        place=np.empty(count, np.uint8),
        edits=np.empty(count, np.uint8),
        replaced=np.empty(count, np.uint8),
        added=np.empty(count, np.uint8),
        alike=np.empty(count, np.uint8),
        first_changed=np.empty(count, np.bool_),
        unit_begin=np.empty(count, np.int32),
        unit_end=np.empty(count, np.int32),
        spelling=np.empty(count, np.uint64),
        gain=np.empty(count, np.float32),
        rest_cost=np.empty(count, np.float32),
    )
    _take_apart(
        texts.buffer, texts.begin, texts.end, texts.label, texts.flags,
        sightings.text, sightings.term, sightings.start, sightings.end, sightings.edits,
        terms.letters, terms.first, _SHAPE, _LOWER, _PAIR_TABLE,
        spans.kind, spans.place, spans.edits, spans.replaced, spans.added, spans.alike,
        spans.first_changed,
        spans.unit_begin, spans.unit_end, spans.spelling,
    )  # fmt: skip
    _fit(
        texts.buffer, texts.begin, sightings.text, sightings.start, sightings.end, spans.edits,
        spans.unit_begin, spans.unit_end, word_table().arrays, NAME_WORD_COST,
        spans.gain, spans.rest_cost,
    )  # fmt: skip
    return spans


@allocating
def _take_apart(  # type: ignore[no-untyped-def]
    buffer, begin, end, label, flags, text, term, start, stop, folded_edits,
    letters, first, shape, lower, pairs,
    kind, place, edits, replaced, added, alike, first_changed, unit_begin, unit_end, spelling,
):  # fmt: skip
    span = np.empty(_SPAN_MAX, np.uint8)
    cost = np.empty((_SPAN_MAX + 1, _TERM_MAX + 1), np.int32)
    for row in range(len(text)):
        low = begin[text[row]]
        size = end[text[row]] - low
        left, right = start[row], stop[row]
        written = 0
        for at in range(low + left, low + right):
            if shape[buffer[at]] != _DOT and written < _SPAN_MAX:
                span[written] = lower[buffer[at]]
                written += 1
        wanted = letters[first[term[row]] : first[term[row] + 1]]
        distance, plain, more, like = _compare(span, written, wanted, shape, pairs, cost)
        edits[row], replaced[row], added[row], alike[row] = distance, plain, more, like
        first_changed[row] = not _begins_alike(span[:written], wanted, pairs, shape)
        if distance == 0:
            kind[row] = 0
        else:
            kind[row] = 1 + min(folded_edits[row], 2)
        unit_low, unit_high = _unit(buffer, low, size, label, flags, text[row], left, right)
        unit_begin[row], unit_end[row] = unit_low, unit_high
        opens = left == 0 or shape[buffer[low + left - 1]] == _DOT
        closes = right == size or shape[buffer[low + right]] == _DOT
        if left == unit_low and right == unit_high:
            place[row] = WHOLE
        elif opens and closes:
            place[row] = TOKEN
        elif opens:
            place[row] = START
        elif closes:
            place[row] = END
        else:
            place[row] = INSIDE
        spelling[row] = spelling_hash(wanted, span[:written])


@allocating
def _fit(  # type: ignore[no-untyped-def]
    buffer, begin, text, start, stop, edits, unit_begin, unit_end, words, name_cost,
    gain, rest_cost,
):  # fmt: skip
    for row in range(len(text)):
        low = begin[text[row]]
        left, right = low + start[row], low + stop[row]
        opens = max(low + unit_begin[row], left - REACH)
        closes = min(low + unit_end[row], right + REACH)
        rest = segment_cost(buffer, opens, left, words, 0, 0)
        rest += segment_cost(buffer, right, closes, words, 0, 0)
        # A brand that is a word in itself is none here; a misspelling of it may well be another.
        barred = (left, right) if edits[row] == 0 else (0, 0)
        whole = segment_cost(buffer, opens, closes, words, barred[0], barred[1])
        gain[row] = whole - rest - name_cost
        rest_cost[row] = rest


@spread
def _unit(buffer, low, size, label, flags, text, left, right):  # type: ignore[no-untyped-def]
    """The label, or the labels, in which the span lies; the whole text where it is no host."""
    if not flags[text] & _HOST:
        return 0, size
    unit_low = left
    floor = label[text] if left >= label[text] else 0
    while unit_low > floor and buffer[low + unit_low - 1] != _DOT:
        unit_low -= 1
    unit_high = right
    while unit_high < size and buffer[low + unit_high] != _DOT:
        unit_high += 1
    return unit_low, unit_high


@allocating
def _compare(span, written, wanted, shape, pairs, cost):  # type: ignore[no-untyped-def]
    """(distance, letters replaced by others of another shape, added or swapped, looking alike).

    OSA where a pair that reads as one letter may stand for it, at one edit. The way back through
    the table prefers replacements, so the counts are those of one cheapest way.
    """
    wide = len(wanted)
    for column in range(wide + 1):
        cost[0, column] = column
    for row in range(1, written + 1):
        cost[row, 0] = row
        for column in range(1, wide + 1):
            same = span[row - 1] == wanted[column - 1]
            best = cost[row - 1, column - 1] + (0 if same else 1)
            best = min(best, cost[row - 1, column] + 1, cost[row, column - 1] + 1)
            if _swapped(span, row, wanted, column):
                best = min(best, cost[row - 2, column - 2] + 1)
            if row > 1 and _is_pair(span, row, wanted[column - 1], pairs, shape):
                best = min(best, cost[row - 2, column - 1] + 1)
            if column > 1 and _is_pair(wanted, column, span[row - 1], pairs, shape):
                best = min(best, cost[row - 1, column - 2] + 1)
            cost[row, column] = best
    row, column = written, wide
    plain = more = like = 0
    while row > 0 or column > 0:
        here = cost[row, column]
        if row > 0 and column > 0:
            same = span[row - 1] == wanted[column - 1]
            if cost[row - 1, column - 1] + (0 if same else 1) == here:
                if not same:
                    if shape[span[row - 1]] == shape[wanted[column - 1]]:
                        like += 1
                    else:
                        plain += 1
                row, column = row - 1, column - 1
                continue
            if _swapped(span, row, wanted, column) and cost[row - 2, column - 2] + 1 == here:
                more += 1
                row, column = row - 2, column - 2
                continue
            if (
                row > 1
                and _is_pair(span, row, wanted[column - 1], pairs, shape)
                and cost[row - 2, column - 1] + 1 == here
            ):
                row, column, like = row - 2, column - 1, like + 1
                continue
            if (
                column > 1
                and _is_pair(wanted, column, span[row - 1], pairs, shape)
                and cost[row - 1, column - 2] + 1 == here
            ):
                row, column, like = row - 1, column - 2, like + 1
                continue
        if row > 0 and cost[row - 1, column] + 1 == here:
            more += 1
            row -= 1
        else:
            column -= 1
    return min(cost[written, wide], 255), min(plain, 255), min(more, 255), min(like, 255)


@spread
def _begins_alike(span, wanted, pairs, shape):  # type: ignore[no-untyped-def]
    if len(span) == 0:
        return False
    if shape[span[0]] == shape[wanted[0]]:
        return True
    if len(span) > 1 and _is_pair(span, 2, wanted[0], pairs, shape):
        return True
    return len(wanted) > 1 and _is_pair(wanted, 2, span[0], pairs, shape)


@spread
def _swapped(span, row, wanted, column):  # type: ignore[no-untyped-def]
    return (
        row > 1
        and column > 1
        and span[row - 1] == wanted[column - 2]
        and span[row - 2] == wanted[column - 1]
    )


@spread
def _is_pair(text, end, letter, pairs, shape):  # type: ignore[no-untyped-def]
    """The two letters before `end` read as `letter`."""
    for index in range(len(pairs)):
        if (
            text[end - 2] == pairs[index, 0]
            and text[end - 1] == pairs[index, 1]
            and shape[letter] == shape[pairs[index, 2]]
        ):
            return True
    return False


@allocating
def spelling_hash(term, span):  # type: ignore[no-untyped-def]
    """FNV-1a of two runs of lower-case letters: one number for one spelling of one term."""
    value = np.uint64(14695981039346656037)
    prime = np.uint64(1099511628211)
    for at in range(len(term)):
        value = (value ^ np.uint64(term[at])) * prime
    value *= prime
    for at in range(len(span)):
        value = (value ^ np.uint64(span[at])) * prime
    return value
