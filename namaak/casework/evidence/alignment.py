"""Alignment: which character of a seen name stands for which character of the brand's.

A registrar or a judge must see that the `a` is Cyrillic, not be told so: every code point of
both texts gets its number, its Unicode name and what became of it. This explains a match
that was found elsewhere; it decides nothing, so it folds with Unicode's own decomposition
and keeps no table of lookalikes (a lookalike letter shows as replaced, with both names).
Pure: no I/O, no clock.
May import: nothing of ours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

#: Code points of either text that are aligned; the work grows with their product.
MAX_CODE_POINTS = 512

#: Code points told on either side of the resemblance: a display name can be a book.
CONTEXT = 128

#: The version of the Unicode data behind every name given here.
UNICODE_VERSION = unicodedata.unidata_version


class Operation(StrEnum):
    """What became of one character, told from the brand's name to the seen one."""

    SAME = "same"
    CASE = "case"  #: the same letter in another case
    FOLDED = "folded"  #: the same letter with an accent, full width or otherwise styled
    REPLACED = "replaced"
    ADDED = "added"  #: seen, and not in the brand's name
    MISSING = "missing"  #: in the brand's name, and not seen
    SWAPPED = "swapped"  #: seen in the place of its neighbour
    OUTSIDE = "outside"  #: beside the resemblance: other words, labels, the suffix


#: What counts as one edit; a swap is two steps and one edit.
_EDITS = frozenset({Operation.REPLACED, Operation.ADDED, Operation.MISSING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One column of an alignment; indices count code points, null where a side has none."""

    operation: Operation
    value: str | None
    term: str | None
    value_index: int | None
    term_index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """All steps in reading order."""

    value: str
    term: str
    steps: tuple[Step, ...]
    edits: int  #: OSA edits between the resembling part and the term, folds being free
    unaligned: int  #: code points of both texts that have no step, being too many

    @property
    def differences(self) -> tuple[Step, ...]:
        """The steps that are neither the same character nor beside the resemblance."""
        alike = (Operation.SAME, Operation.OUTSIDE)
        return tuple(step for step in self.steps if step.operation not in alike)


def align(value: str, term: str) -> tuple[Step, ...]:
    """Fewest OSA edits from end to end; among these, the fewest folds, then case changes.

    Both texts whole; the work is len(value) x len(term), so bound them before.

    >>> [step.operation.value for step in align("amce", "acme")]
    ['same', 'swapped', 'swapped', 'same']
    """
    costs = _costs(value, term)
    steps: list[Step] = []
    row, column = len(value), len(term)
    while row or column:
        operation, up, left = _last_step(costs, value, term, row, column)
        for back in range(max(up, left)):
            at_value = row - 1 - back if back < up else None
            at_term = column - 1 - back if back < left else None
            steps.append(_step(operation, value, term, at_value, at_term))
        row, column = row - up, column - left
    return tuple(reversed(steps))


def align_match(value: str, term: str, span_start: int, span_end: int) -> Alignment:
    """Align the matched span of a seen value with the brand's term.

    span_start, span_end: code points into value, as a match has them; a span that does not
    fit stands for the whole value.
    """
    fits = 0 <= span_start < span_end <= len(value)
    start, end = (span_start, span_end) if fits else (0, len(value))
    end = min(end, start + MAX_CODE_POINTS)
    name = term[:MAX_CODE_POINTS]
    low, high = max(0, start - CONTEXT), min(len(value), end + CONTEXT)
    inner = (
        replace(step, value_index=None if step.value_index is None else step.value_index + start)
        for step in align(value[start:end], name)
    )
    before = (_step(Operation.OUTSIDE, value, name, index, None) for index in range(low, start))
    after = (_step(Operation.OUTSIDE, value, name, index, None) for index in range(end, high))
    steps = (*before, *inner, *after)
    return Alignment(
        value=value,
        term=term,
        steps=steps,
        edits=_edits(steps),
        unaligned=len(value) - (high - low) + len(term) - len(name),
    )


def a_labels(host: str) -> str:
    """A host as the name system and a registrar write it: foreign labels in Punycode.

    Not IDNA: the label was decoded as it stood, also where IDNA's rules forbid it, and must
    come back as it stood.

    >>> a_labels("login.аcme.example")
    'login.xn--cme-5cd.example'
    """
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in host.split(".")
    )


def code_point(character: str) -> str:
    """`U+0430` for one character.

    >>> code_point("а")
    'U+0430'
    """
    return f"U+{ord(character):04X}"


def character_name(character: str) -> str:
    """Unicode's name; control characters and unassigned code points have none but a category."""
    return unicodedata.name(character, f"<no name, category {unicodedata.category(character)}>")


def explain(match: Mapping[str, object]) -> dict[str, object] | None:
    """The alignment of a match (columns of MATCH_SCHEMA) as JSON-ready facts.

    None for pictures, which have no characters.
    """
    if match["field"] == "image":
        return None
    alignment = aligned(match)
    return {
        "unicode_version": UNICODE_VERSION,
        "a_labels": a_labels(alignment.value) if match["field"] == "host" else None,
        "term": alignment.term,
        "edits": alignment.edits,
        "unaligned_code_points": alignment.unaligned,
        "steps": [
            {
                "operation": step.operation.value,
                "value": _facts(step.value, step.value_index),
                "term": _facts(step.term, step.term_index),
            }
            for step in alignment.steps
        ],
    }


def aligned(match: Mapping[str, object]) -> Alignment:
    """The alignment of a match (columns of MATCH_SCHEMA) that is not of a picture."""
    return align_match(
        str(match["value"]),
        str(match["term"]),
        int(str(match["span_start"])),
        int(str(match["span_end"])),
    )


def _facts(character: str | None, index: int | None) -> dict[str, object] | None:
    if character is None:
        return None
    return {
        "index": index,
        "character": character,
        "code_point": code_point(character),
        "name": character_name(character),
        "category": unicodedata.category(character),
    }


# Edits, folds and case changes in one integer, in this order of importance: over
# MAX_CODE_POINTS characters nothing outweighs one edit.
_EDIT, _FOLD, _CASE = 1 << 24, 1 << 12, 1


def _folded(character: str) -> str:
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) != "Mn"
    )
    return bare.casefold() or character


@lru_cache(maxsize=4096)
def _likeness(seen: str, meant: str) -> tuple[Operation, int]:
    if seen == meant:
        return Operation.SAME, 0
    if seen.casefold() == meant.casefold():
        return Operation.CASE, _CASE
    if _folded(seen) == _folded(meant):
        return Operation.FOLDED, _FOLD
    return Operation.REPLACED, _EDIT


def _swap_cost(value: str, term: str, row: int, column: int) -> int | None:
    """What swapping the two characters before (row, column) costs; None if it is no swap."""
    if row < 2 or column < 2:
        return None
    first = _likeness(value[row - 1], term[column - 2])
    second = _likeness(value[row - 2], term[column - 1])
    if Operation.REPLACED in (first[0], second[0]):
        return None
    return _EDIT + first[1] + second[1]


def _costs(value: str, term: str) -> list[list[int]]:
    """The table of optimal string alignment: costs[i][j] for value[:i] and term[:j]."""
    costs = [[column * _EDIT for column in range(len(term) + 1)]]
    for row, seen in enumerate(value, start=1):
        line = [row * _EDIT]
        above = costs[row - 1]
        for column, meant in enumerate(term, start=1):
            best = min(
                above[column - 1] + _likeness(seen, meant)[1],
                above[column] + _EDIT,
                line[column - 1] + _EDIT,
            )
            swap = _swap_cost(value, term, row, column)
            if swap is not None:
                best = min(best, costs[row - 2][column - 2] + swap)
            line.append(best)
        costs.append(line)
    return costs


def _last_step(
    costs: list[list[int]], value: str, term: str, row: int, column: int
) -> tuple[Operation, int, int]:
    """The operation that led to (row, column), and how far it goes back on either side."""
    here = costs[row][column]
    if row and column:
        operation, cost = _likeness(value[row - 1], term[column - 1])
        if costs[row - 1][column - 1] + cost == here:
            return operation, 1, 1
        swap = _swap_cost(value, term, row, column)
        if swap is not None and costs[row - 2][column - 2] + swap == here:
            return Operation.SWAPPED, 2, 2
    if row and costs[row - 1][column] + _EDIT == here:
        return Operation.ADDED, 1, 0
    return Operation.MISSING, 0, 1


def _step(
    operation: Operation, value: str, term: str, at_value: int | None, at_term: int | None
) -> Step:
    return Step(
        operation=operation,
        value=None if at_value is None else value[at_value],
        term=None if at_term is None else term[at_term],
        value_index=at_value,
        term_index=at_term,
    )


def _edits(steps: tuple[Step, ...]) -> int:
    swaps = sum(step.operation is Operation.SWAPPED for step in steps) // 2
    return swaps + sum(step.operation in _EDITS for step in steps)
