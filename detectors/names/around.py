"""A term found in a name, and what the name has around it: place, words beside it, company.

Half of a sighting's description; the other half, the letters of the span itself, is
`resemblance`'s. What stands before a span and what stands behind it come back in other names, so
each is read once.
May import: namaak.records, detectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from detectors.lures import Rest, both, read_part
from detectors.lures import traits_of as rest_traits
from detectors.names.kinds import (
    FAMILIAR_SUFFIXES,
    affix_kinds,
    company_kinds,
    kinds_before,
    kinds_behind,
)
from detectors.names.reading import ReadName
from detectors.names.sightings import ReadingFlag
from detectors.names.terms import Term
from namaak.records import Field, Place, Resemblance


@dataclass(frozen=True, slots=True)
class Sighting:
    """A term, found at a place of a name."""

    name: ReadName
    field: Field
    term: Term
    start: int  #: in name.raw
    end: int
    edits: int  #: OSA edits of the folded text
    reading: ReadingFlag  #: how the text had to be read

    @property
    def pairs(self) -> bool:
        """Found after letter pairs were merged."""
        return ReadingFlag.PAIRS in self.reading

    @property
    def joined(self) -> bool:
        """Found after separators were taken out."""
        return ReadingFlag.JOINED in self.reading

    @property
    def text(self) -> str:
        """The span as read."""
        return self.name.raw[self.start : self.end]

    @property
    def bounded(self) -> tuple[bool, bool]:
        """Whether a word begins at the span's start, and ends at its end."""
        raw = self.name.raw
        return (
            self.start == 0 or not raw[self.start - 1].isalnum(),
            self.end == len(raw) or not raw[self.end].isalnum(),
        )

    @property
    def in_sub_label(self) -> bool:
        """In a host's label below the registrable one."""
        return self.field is Field.HOST and self.end <= self.name.label

    @property
    def shown(self) -> str:
        """The span as it is written."""
        start, end = self.name.in_value(self.start, self.end)
        return self.name.value[start:end]

    @property
    def unit(self) -> tuple[int, int]:
        """Where in raw the label begins and ends that the span is in; no host: all of it."""
        raw, label = self.name.raw, self.name.label
        if self.in_sub_label:
            following = raw.find(".", self.end - 1)
            return raw.rfind(".", 0, self.start) + 1, following if following >= 0 else len(raw)
        return min(label, self.start), len(raw)


class Around(NamedTuple):
    """What a span has around it in its name."""

    place: Place
    more: tuple[str, str] | None  #: on either side, where all there is is one letter more
    below: bool  #: see `Sighting.in_sub_label`
    address: bool  #: the brand's whole address stands in front of another
    lures: tuple[str, ...]
    traits: tuple[str, ...]
    kinds: tuple[str, ...]


class Side(NamedTuple):
    """What a name has before or behind a span, up to the name's end."""

    bounded: bool  #: no letter touches the span
    letters: bool  #: there are some
    rest: Rest
    kinds: tuple[str, ...]


@lru_cache(maxsize=65_536)
def before_span(text: str) -> Side:
    """text: of a name that is no host, as read, before the span."""
    bounded = not text or not text[-1].isalnum()
    letters = not bounded or any(map(str.isalnum, text))
    return Side(bounded, letters, read_part(text), kinds_before(text))


@lru_cache(maxsize=65_536)
def behind_span(text: str) -> Side:
    """The same for what stands behind it."""
    bounded = not text or not text[0].isalnum()
    letters = not bounded or any(map(str.isalnum, text))
    return Side(bounded, letters, read_part(text), kinds_behind(text))


def between(before: str, after: str, *, one_more: bool) -> Around:
    """What a name that is no host has before and behind a span; one_more: see `Written.whole`."""
    left, right = before_span(before), behind_span(after)
    rest = both(left.rest, right.rest)
    traits = rest_traits(rest.digits, rest.letters)
    if one_more and (more := _one_more(before, after)):
        return Around(_place_of(left, right), more, False, False, rest.lures, traits, ())
    kinds = left.kinds + right.kinds + affix_kinds(rest.lures)
    if left.letters or right.letters:
        kinds = (_COMBOSQUAT, *kinds)
    return Around(_place_of(left, right), None, False, False, rest.lures, traits, kinds)


def _place_of(left: Side, right: Side) -> Place:
    if not (left.bounded and right.bounded):
        return Place.EDGE if left.bounded or right.bounded else Place.INSIDE
    return Place.TOKEN if left.letters or right.letters else Place.WHOLE


def _one_more(before: str, after: str) -> tuple[str, str] | None:
    """The label, handle or name is the span and a single letter before or behind it."""
    if len(before) + len(after) == 1 and (before + after).isalpha():
        return before, after
    return None


def around_of(seen: Sighting, *, one_more: bool) -> Around:
    """What stands around the span; one_more: see `Written.whole`."""
    raw = seen.name.raw
    if seen.field is not Field.HOST:
        return between(raw[: seen.start], raw[seen.end :], one_more=one_more)
    below = seen.in_sub_label
    begins, ends = unit = seen.unit
    before, after = raw[begins : seen.start], raw[seen.end : ends]
    more = _one_more(before, after) if one_more and not below else None
    # "acmee" is a misspelling with one letter too many, not a word beside the brand.
    place = Place.WHOLE if more else _place(seen, unit)
    lures, traits = _beside(seen, place, unit)
    kinds: tuple[str, ...] = ()
    if not more:
        kinds = company_kinds(before, after, lures)
        if any(map(str.isalnum, before + after)):
            kinds = (_COMBOSQUAT, *kinds)
    return Around(place, more, below, below and _is_address(seen), lures, traits, kinds)


_COMBOSQUAT = str(Resemblance.COMBOSQUAT)


def _place(seen: Sighting, unit: tuple[int, int]) -> Place:
    """Of a span in a host."""
    left, right = seen.bounded
    if not (left and right):
        return Place.EDGE if left or right else Place.INSIDE
    return Place.WHOLE if (seen.start, seen.end) == unit else Place.TOKEN


def _beside(
    seen: Sighting, place: Place, unit: tuple[int, int]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(lures, traits) of what stands beside the brand in a host.

    Lures count wherever they stand in the name; letters that form no word count against it only
    where they are in the same label.
    """
    raw, label = seen.name.raw, seen.name.label
    begins, ends = unit
    own = both(read_part(raw[begins : seen.start]), read_part(raw[seen.end : ends]))
    traits = rest_traits(own.digits, own.letters)
    # Whoever holds the brand's very label names what is below it; most often that is the brand.
    own_label = place is Place.WHOLE and not seen.in_sub_label
    if own_label and "free-host" not in seen.name.traits:
        return (), traits
    # A foreign registrable label says nothing about the brand in front of it.
    ends = label if seen.in_sub_label else len(raw)
    return both(read_part(raw[: seen.start]), read_part(raw[seen.end : ends])).lures, traits


def _is_address(seen: Sighting) -> bool:
    """The brand's whole address stands in front of another."""
    _, value_end = seen.name.in_value(seen.start, seen.end)
    following = seen.name.value[value_end:].split(".")
    # ".com." and two more labels
    return len(following) > 3 and not following[0] and following[1] in FAMILIAR_SUFFIXES
