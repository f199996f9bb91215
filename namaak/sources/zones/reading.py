"""A zone file to the owners of its `ns` records: hundreds of thousands of lines a second.

What is usual goes through `columns`, what is odd through `tolerant`, and both share the origin
and the last owner, so that it makes no difference to the names which of the two read a line.
Lines count from 1. A line that is refused is told and costs nothing but itself; a zone that is
cut off or would need another file ends with what is wrong with it as a whole.
Pure but for the blocks that it is given. May import: namaak.errors, namaak.sources.*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from namaak.errors import SourceError
from namaak.sources.base import Reject
from namaak.sources.zones.columns import Columns, columns
from namaak.sources.zones.presentation import absolute
from namaak.sources.zones.tolerant import NO_OWNER, Soa, Tolerant, ZoneRefused

#: Octets of a line, without its end.
MAX_LINE: Final = 2 << 20
#: Where more lines of a block are odd, the columns cost more than they save.
_MOSTLY_ODD: Final = 0.05
#: Octets of a name less its first label: a plain first label of any size still fits.
_LONGEST_ORIGIN: Final = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Consecutive lines of a zone, understood."""

    end: int  #: every line before it was understood, in this stretch or an earlier one
    lines: npt.NDArray[np.int64]  #: of the `ns` records, ascending
    owners: Any  #: theirs: Arrow strings, see `presentation.absolute`
    soas: tuple[Soa, ...] = ()
    rejects: tuple[Reject, ...] = ()
    damage: str | None = None  #: what is wrong with the zone as a whole; nothing follows
    ends_with_soa: bool = False  #: the last record is a SOA; said of the last stretch


def read_zone(blocks: Iterable[bytes], apex: str) -> Iterator[Stretch]:
    """blocks: of the file, unpacked; may raise SourceError where it is damaged.

    apex: as `presentation.absolute` gives names. An owner that stands in several adjacent
    records is given once, at the first of them. The last stretch says how the zone ended.
    """
    reader = _Reader(apex)
    try:
        for block in _whole_lines(blocks, reader):
            inside = reader.tolerant.open_since is not None
            yield reader.slowly(block) if inside else reader.block(block)
        reader.tolerant.close()
    except ZoneRefused as refused:
        yield reader.taken(damage=str(refused))
    except SourceError as error:
        yield reader.taken(damage=f"line {reader.number}: {error}")
    else:
        yield reader.taken(ended=True)


class _Reader:
    """What is known between two blocks."""

    def __init__(self, apex: str) -> None:
        self.number = 1  #: of the next line
        self.tolerant = Tolerant(apex)
        self.ends_with_soa = False
        self._lines: list[npt.NDArray[np.int64]] = []
        self._owners: list[Any] = []
        self._last_given: str | None = None

    def slowly(self, block: bytes) -> Stretch:
        """All lines of a block one by one."""
        for line in block[:-1].split(b"\n"):
            self._feed(line.removesuffix(b"\r"))
        return self.taken()

    def block(self, block: bytes) -> Stretch:
        """block: whole lines, the first of them outside of parentheses."""
        found = columns(block)
        odd = np.flatnonzero(found.odd)
        if len(odd) > _MOSTLY_ODD * len(found) or len(self.tolerant.origin) > _LONGEST_ORIGIN:
            return self.slowly(block)
        done = 0
        for line in [*odd.tolist(), len(found)]:
            if line < done:
                continue  # it stood within the parentheses of an earlier one
            self._run(found, done, line)
            done = line
            while done < len(found):
                self._feed(found.line(done))
                done += 1
                if self.tolerant.open_since is None:
                    break
        return self.taken()

    def refuse(self, reason: str, line: bytes) -> None:
        """The next line is left out."""
        self.tolerant.refuse(self.number, reason, line)
        if self.tolerant.open_since is None:
            self.tolerant.last_owner = None
            self.number += 1
        else:
            self._feed(b"")  # the lines of an open parenthesis are counted

    def taken(self, *, damage: str | None = None, ended: bool = False) -> Stretch:
        """What was understood since the last time."""
        self._collect()
        tolerant = self.tolerant
        lines = np.concatenate([*self._lines, np.empty(0, np.int64)])
        owners = pa.concat_arrays([*self._owners, pa.array([], pa.string())])
        self._lines, self._owners = [], []
        lines, owners = self._once(lines, owners)
        tolerant.rejects.sort(key=lambda reject: reject.position)
        stretch = Stretch(
            end=tolerant.open_since or self.number,
            lines=lines,
            owners=owners,
            soas=tuple(tolerant.soas),
            rejects=tuple(tolerant.rejects),
            damage=damage,
            ends_with_soa=ended and tolerant.last_type == "soa",
        )
        tolerant.soas, tolerant.rejects = [], []
        return stretch

    def _feed(self, line: bytes) -> None:
        self.tolerant.feed(self.number, line)
        self.number += 1

    def _collect(self) -> None:
        """Move over what the tolerant reader found, so that lines stay in their order."""
        found = self.tolerant.delegated
        if found:
            self._lines.append(np.array([line for line, _ in found], np.int64))
            self._owners.append(pa.array([owner for _, owner in found], pa.string()))
            self.tolerant.delegated = []

    def _once(self, lines: npt.NDArray[np.int64], owners: Any) -> tuple[npt.NDArray[np.int64], Any]:
        """Without those owners that stood directly before."""
        if not len(owners):
            return lines, owners
        again = np.zeros(len(owners), bool)
        again[0] = owners[0].as_py() == self._last_given
        again[1:] = pc.equal(owners[1:], owners[:-1]).to_numpy(zero_copy_only=False)
        self._last_given = owners[-1].as_py()
        return lines[~again], owners.filter(pa.array(~again)) if again.any() else owners

    def _run(self, found: Columns, low: int, high: int) -> None:
        """Lines [low, high) of a block, none of them odd."""
        self._collect()
        places = np.flatnonzero(found.delegates[low:high]) + low
        owned = np.flatnonzero(found.owned[low:high]) + low
        if self.tolerant.last_owner is None:
            known = int(owned[0]) if len(owned) else high
            self._orphans(found, low, known)
            places = places[places >= known]
        if len(places):
            # Which owner each of them belongs to: the last at or before it.
            belongs = np.searchsorted(owned, places, side="right") - 1
            first = np.append(True, belongs[1:] != belongs[:-1])
            places, belongs = places[first], belongs[first]
            if belongs[0] < 0:
                self._inherit(self.number - low + int(places[0]))
                places, belongs = places[1:], belongs[1:]
            self._lines.append(self.number - low + places)
            self._owners.append(self._absolute(found.owners(owned[belongs])))
        self.number += high - low
        if high > low:
            self._leave(found, low, high, owned)

    def _inherit(self, number: int) -> None:
        """An `ns` record whose owner stood before the run."""
        self._lines.append(np.array([number], np.int64))
        self._owners.append(pa.array([self.tolerant.last_owner], pa.string()))

    def _orphans(self, found: Columns, low: int, high: int) -> None:
        """Lines that belong to no owner."""
        for place in (np.flatnonzero(~found.empty[low:high]) + low).tolist():
            self.tolerant.refuse(self.number - low + place, NO_OWNER, found.line(place))

    def _absolute(self, written: Any) -> Any:
        """As `presentation.absolute`, for names in which nothing is odd."""
        owners = pc.ascii_lower(written)
        complete = pc.ends_with(owners, ".")
        trimmed = pc.ascii_rtrim(owners, characters=".")
        if pc.all(complete).as_py() or not self.tolerant.origin:
            return trimmed
        longer = pc.binary_join_element_wise(trimmed, pa.scalar(self.tolerant.origin), ".")
        return pc.if_else(complete, trimmed, longer)

    def _leave(self, found: Columns, low: int, high: int, owned: npt.NDArray[np.int64]) -> None:
        """What the lines after a run must know of it."""
        if len(owned):
            owner = found.owner(int(owned[-1])).decode("ascii")
            self.tolerant.last_owner = absolute(owner, self.tolerant.origin)
        if not found.empty[low:high].all():
            # SOA records are odd, so this run ended in something else.
            self.tolerant.last_type = None


def _whole_lines(blocks: Iterable[bytes], reader: _Reader) -> Iterator[bytes]:
    """The blocks cut at line ends. A line that never ends is refused, not gathered."""
    carry = b""
    dropping = False
    for block in blocks:
        if dropping:
            _, newline, block = block.partition(b"\n")
            if not newline:
                continue
            dropping = False
        whole, newline, carry = (carry + block).rpartition(b"\n")
        if newline:
            yield from _bounded(whole + newline, reader)
        if len(carry) > MAX_LINE:
            reader.refuse(f"it is longer than {MAX_LINE} octets", carry[:1_000])
            carry, dropping = b"", True
    if carry:
        yield from _bounded(carry + b"\n", reader)


def _bounded(whole: bytes, reader: _Reader) -> Iterator[bytes]:
    """whole: complete lines; those that are too long are refused here."""
    if len(whole) <= MAX_LINE:
        yield whole
        return
    done = 0
    data = np.frombuffer(whole, np.uint8)
    ends = np.flatnonzero(data == ord("\n")) + 1
    sizes = np.diff(ends, prepend=0)
    for line in np.flatnonzero(sizes > MAX_LINE + 1).tolist():
        begin, end = int(ends[line] - sizes[line]), int(ends[line])
        if begin > done:
            yield whole[done:begin]
        reader.refuse(f"it is longer than {MAX_LINE} octets", whole[begin : begin + 1_000])
        done = end
    if done < len(whole):
        yield whole[done:]
