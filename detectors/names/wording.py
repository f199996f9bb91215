"""Sightings in words by the ten thousand, as columns.

A description has two halves, the letters of the span and what stands around it, and each comes
back far oftener than both together. So each is made once, the two are put together by a few
look-ups, and Arrow gets every distinct value once, with a number for each row.
May import: detectors.names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from detectors.names.around import Around, Sighting, around_of, between
from detectors.names.reading import ReadName
from detectors.names.resemblance import Told, Written, kinds_of, tell, written_as
from detectors.names.sightings import ReadingFlag, Sightings
from detectors.names.terms import Term
from namaak.records import Field

#: By number: making a flag of a number takes longer than all that is then asked of it.
FLAGS = tuple(ReadingFlag(number) for number in range(max(ReadingFlag) << 1))

#: What is remembered of one call at most, in entries: some hundred megabytes.
_MOST_KEPT = 1 << 18

_TEXT, _TEXTS = pa.string(), pa.list_(pa.string())
_Numbers = npt.NDArray[np.int64]


class Wording:
    """Describes the sightings of one column, slice by slice; not for several threads."""

    def __init__(self, terms: Sequence[Term], field: Field, dispute: Iterable[str]) -> None:
        """terms: what the sightings count in; dispute: ids of brands whose matches say so."""
        self._terms = terms
        self._field = field
        self._dispute = frozenset(dispute)
        self._seen = 0
        self._written: dict[tuple[object, ...], tuple[int, Written]] = {}
        self._told: dict[tuple[object, ...], tuple[int, Told]] = {}

    def columns(self, names: Sequence[ReadName], seen: Sightings) -> dict[str, pa.Array]:
        """What `describe` says of each sighting, and "dispute"; names: one for each sighting.

        Arrays by the names of `matching.HIT_SCHEMA`, all that describe.
        """
        if len(self._written) + len(self._told) > _MOST_KEPT:
            self._written.clear()
            self._told.clear()
        lures, traits, kinds = _Lists(), _Lists(), _Lists()
        numbers: list[int] = []
        tolds: list[tuple[Written, Told]] = []
        starts: list[int] = []
        ends: list[int] = []
        host = self._field is Field.HOST
        for name, term, start, end, edits, reading in zip(
            names, seen.term.tolist(), seen.start.tolist(), seen.end.tolist(),
            seen.edits.tolist(), seen.reading.tolist(), strict=True,
        ):  # fmt: skip
            number, written = self._written_as(name, term, start, end, edits, reading)
            one_more = written.whole
            if host:
                sighting = self._sighting(name, term, start, end, edits, reading)
                around = around_of(sighting, one_more=one_more)
            else:
                raw = name.raw
                around = between(raw[:start], raw[end:], one_more=one_more)
            number, told = self._tell(number, written, around)
            numbers.append(number)
            tolds.append((written, told))
            lures.add(around.lures)
            traits.add(around.traits + told.traits)
            kinds.add(kinds_of(around, told, written.term))
            if name.offsets is not None:
                start, end = name.in_value(start, end)
            starts.append(start)
            ends.append(end)
        _, first, which = np.unique(
            np.array(numbers, np.int64), return_index=True, return_inverse=True
        )
        distinct = [tolds[at] for at in first.tolist()]
        return {
            "value": pa.array([name.value for name in names], _TEXT),
            "term": _taken([written.term.name for written, _ in distinct], _TEXT, which),
            "resemblance": _taken([told.resemblance for _, told in distinct], _TEXT, which),
            "place": _taken([told.place for _, told in distinct], _TEXT, which),
            "distance": _taken([told.distance for _, told in distinct], pa.int32(), which),
            "strength": _taken([told.strength for _, told in distinct], pa.float32(), which),
            "span_start": pa.array(starts, pa.int32()),
            "span_end": pa.array(ends, pa.int32()),
            "layers": _taken([written.layers for written, _ in distinct], _TEXTS, which),
            "lures": lures.taken(),
            "traits": traits.taken(),
            "kinds": kinds.taken(),
        }

    def _written_as(
        self, name: ReadName, term: int, start: int, end: int, edits: int, reading: int
    ) -> tuple[int, Written]:
        """(a number of its own, the letters of the span beside the term's)."""
        key: tuple[object, ...] | None = None
        if not name.layers and name.offsets is None:
            # Nothing else of the name counts where it is read as it stands.
            text = name.value[start:end]
            key = (term, text, name.raw[start:end], edits, reading, name.traits)
            found = self._written.get(key)
            if found is not None:
                return found
        self._seen += 1
        sighting = self._sighting(name, term, start, end, edits, reading)
        made = self._seen, written_as(sighting)
        if key is not None:
            self._written[key] = made
        return made

    def _tell(self, number: int, written: Written, around: Around) -> tuple[int, Told]:
        """(a number of its own, what both make of it); number: of `written`."""
        place, more, below, address, lures, _, _ = around
        lured = bool(lures)
        key = (number, place, more, below, address, lured)
        found = self._told.get(key)
        if found is None:
            told = tell(written, place, more, below=below, address=address, lured=lured)
            if written.term.brand_id in self._dispute:
                told = told._replace(traits=(*told.traits, "dispute"))
            self._seen += 1
            found = self._told[key] = self._seen, told
        return found

    def _sighting(
        self, name: ReadName, term: int, start: int, end: int, edits: int, reading: int
    ) -> Sighting:
        return Sighting(name, self._field, self._terms[term], start, end, edits, FLAGS[reading])


class _Lists:
    """A column of short lists, of which few are distinct."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, ...], int] = {}
        self._rows: list[int] = []

    def add(self, some: tuple[str, ...]) -> None:
        """The next row."""
        self._rows.append(self._numbers.setdefault(some, len(self._numbers)))

    def taken(self) -> pa.ListArray:
        """The rows; of each list every text once."""
        distinct = [list(dict.fromkeys(some)) for some in self._numbers]
        return _taken(distinct, _TEXTS, np.array(self._rows, np.int64))


def _taken(distinct: list[Any], kind: pa.DataType, which: _Numbers) -> pa.Array:
    return pa.array(distinct, kind).take(pa.array(which))
