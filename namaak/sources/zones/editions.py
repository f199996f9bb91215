"""One edition of a zone as batches: the registrations that the edition before it does not have.

Three steps, each of which leaves files from which the next goes on: the file is fetched, it is
read once (measuring) and compared with the base, and it is read again for the names that are new.
Positions are line numbers; the position behind the last line is the end of the zone. It is given
out alone, after everything before it was stored and the edition was made the base: whoever is
killed in between finds, at the next start, either the old base and rows still to give, or the new
base and nothing left to do.
May import: namaak.errors, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from namaak.errors import SourceError
from namaak.fetch import Attempt
from namaak.records import OBSERVATION_SCHEMA, SubjectKind, Trust, host_key
from namaak.sources.base import Batch, Gap, Reject, SourceConfig, excerpt
from namaak.sources.hosts import normalise_hosts
from namaak.sources.zones.comparing import check_comparable, check_later, check_whole
from namaak.sources.zones.delegations import Registry
from namaak.sources.zones.diffing import Fingerprints, compare
from namaak.sources.zones.measuring import measure, stretches
from namaak.sources.zones.serials import given_at
from namaak.sources.zones.siphash import Hashes, siphash
from namaak.sources.zones.snapshots import Change, Edition, Facts, ZoneFolder, secret_key

_UTC: Final = pa.timestamp("us", tz="UTC")
_NOTHING: Final = OBSERVATION_SCHEMA.empty_table()


class First(StrEnum):
    """What becomes of the names of the first edition that is read of a zone."""

    ALL = "all"  #: each is an observation
    BASELINE = "baseline"  #: they are only what the next edition is compared with


class ZonesConfig(SourceConfig):
    """What all sources of zones have in common."""

    first: First = First.ALL
    min_share: Annotated[float, Field(ge=0, le=1)] = 0.98
    rows_per_batch: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 50_000
    max_bytes: Annotated[int, Field(strict=True, ge=1)] = 200 << 30  #: of one zone, unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One edition, where it is kept, and as what it is told."""

    source: str
    instance: str
    edition: Edition
    folder: Path  #: of the source
    config: ZonesConfig
    dated: datetime | None  #: of the edition, where its serial names no day
    announced: int | None = None  #: the serial, where it was told beforehand
    evidence: bool = True  #: the file is as the source wrote it, and its hash says something
    #: Brings the file to this path, whole, and gives the attempts that failed. Raises SourceError.
    fetch: Callable[[Path], Sequence[Attempt]]

    def batches(self, start: int, *, observed_at: datetime, state: str | None) -> Iterator[Batch]:
        """See `Source.batches`."""
        zone = ZoneFolder(self.folder, self.edition.zone)
        with zone.locked():
            yield from self._batches(zone, start, observed_at, state)

    def _batches(
        self, zone: ZoneFolder, start: int, observed_at: datetime, state: str | None
    ) -> Iterator[Batch]:
        name = self.edition.name
        path = zone.file(name)
        if not path.exists():
            self._check_announced(zone)
            zone.tidy(name, *_latest(zone))
            attempts = tuple(self.fetch(path))
            zone.arrived(name, observed_at)
            if attempts:
                yield self._nothing(start, state=state, attempts=attempts)
        key = secret_key(self.folder)
        facts = zone.book().facts.get(name)
        if facts is None:
            facts = measure(
                path, self.edition.zone, key=key, names=zone.names(name).path,
                max_bytes=self.config.max_bytes,
            )  # fmt: skip
            zone.learn(name, facts)
        check_whole(self.edition.zone, facts, path)
        change = self._compared(zone, facts)
        state = self._state(facts, change, state)
        end = facts.lines + 1
        if start < end:
            if change.against is None and self.config.first is First.BASELINE:
                gap = Gap(start=start, end=end, reason=_BASELINE.format(facts.names))
                yield self._nothing(start, end, state=state, gaps=(gap,))
            else:
                batches = _Batches(reading=self, facts=facts, observed_at=observed_at, state=state)
                wanted = zone.names(name) if change.against is None else zone.new(name)
                yield from batches.cut(_NewNames(wanted, key, self.edition.zone), path, start, end)
        # Asked to go on: everything before is stored.
        if zone.book().base != name:
            zone.make_base(name)
        if start <= end:
            yield self._nothing(end, end + 1, state=state, last=True)

    def _check_announced(self, zone: ZoneFolder) -> None:
        """Raises SourceError where fetching is in vain: the serial that was told is not later."""
        book = zone.book()
        if self.announced is not None and book.base is not None and book.base != self.edition.name:
            earlier = book.facts[book.base].serial
            if earlier is not None:
                check_later(self.edition.zone, earlier, self.announced)

    def _compared(self, zone: ZoneFolder, facts: Facts) -> Change:
        """What this edition is compared with, the same whenever it is read."""
        name = self.edition.name
        book = zone.book()
        known = book.changes.get(name)
        if known is not None and (known.against is None or zone.new(name).path.exists()):
            return known
        against = book.base if known is None else known.against
        if against is None:
            change = Change(against=None, new=facts.names, gone=0)
        else:
            earlier = book.facts[against]
            check_comparable(
                self.edition.zone, earlier, facts, zone.file(name),
                min_share=self.config.min_share,
            )  # fmt: skip
            try:
                found = compare(zone.names(against), zone.names(name), zone.new(name).path)
            except OSError as error:
                raise SourceError(
                    f"The zone {self.edition.zone} cannot be compared with its edition {against} "
                    f"({error.strerror}); restore {zone.folder} from a backup, free some space, "
                    "or remove that folder to start the zone again."
                ) from None
            change = Change(against=against, new=found.new, gone=found.gone)
        zone.set_beside(name, change)
        return change

    def _state(self, facts: Facts, change: Change, state: str | None) -> str:
        """What the rows were drawn from. Raises SourceError when that has become another file."""
        now = {
            "sha256": facts.sha256,
            "serial": facts.serial,
            "names": facts.names,
            "against": change.against,
            "new": change.new,
            "gone": change.gone,
        }
        if state is not None:
            earlier = json.loads(state)
            if earlier["sha256"] != facts.sha256 or earlier["against"] != change.against:
                raise SourceError(
                    f"The edition {self.edition.name} of the zone {self.edition.zone} is not the "
                    "one of which the first names were stored; wait for the next edition, which "
                    "is compared with the last complete one."
                )
        return json.dumps(now)

    def _nothing(
        self,
        start: int,
        end: int | None = None,
        *,
        state: str | None,
        last: bool = False,
        gaps: tuple[Gap, ...] = (),
        attempts: tuple[Attempt, ...] = (),
    ) -> Batch:
        return Batch(
            instance_id=self.instance, start=start, end=start if end is None else end,
            observations=_NOTHING, rejects=(), skipped=1 if last else 0, images={}, last=last,
            state=state, gaps=gaps, attempts=attempts,
        )  # fmt: skip


_BASELINE: Final = (
    'first = "baseline": the {} names of the first edition are only what the next is compared with'
)


def _latest(zone: ZoneFolder) -> tuple[str, ...]:
    """The edition that was read last: it may have been refused, and somebody may want to look."""
    return tuple(zone.book().facts)[-1:]


class _NewNames:
    """Which delegations are new, each once, at the first line where it stands."""

    def __init__(self, wanted: Fingerprints, key: bytes, apex: str) -> None:
        self._wanted: Hashes = wanted.mapped()
        self._given = np.zeros(len(wanted), bool)
        self._key = key
        self.registry = Registry(apex)

    def of(self, names: Any) -> npt.NDArray[np.int64]:
        """Rows of `names` that are new and were not given before."""
        if not len(self._wanted) or not len(names):
            return np.empty(0, np.int64)
        hashes = siphash(names, self._key)
        # Ascending questions walk the mapped file from front to back.
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        places = np.searchsorted(self._wanted, ordered)
        places[places == len(self._wanted)] = len(self._wanted) - 1
        fresh = (self._wanted[places] == ordered) & ~self._given[places]
        fresh[1:] &= ordered[1:] != ordered[:-1]
        self._given[places[fresh]] = True
        rows: npt.NDArray[np.int64] = np.sort(order[fresh])
        return rows


@dataclass(slots=True, kw_only=True)
class _Batches:
    """Rows and rejects of an edition, cut after so many rows, counted from the batch's start."""

    reading: Reading
    facts: Facts
    observed_at: datetime
    state: str
    lines: list[npt.NDArray[np.int64]] = field(default_factory=list)
    owners: list[Any] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def cut(self, new: _NewNames, path: Path, start: int, end: int) -> Iterator[Batch]:
        """Batches over [start, end)."""
        reading = self.reading
        if start == 0:
            self.rejects += (
                Reject(position=0, reason=note, excerpt="") for note in self.facts.notes
            )
        waiting = 0
        rows_per_batch = reading.config.rows_per_batch
        for stretch in stretches(path, reading.edition.zone, max_bytes=reading.config.max_bytes):
            if stretch.damage is not None:
                raise SourceError(
                    f"The file {path} was damaged after it was read once ({stretch.damage}); "
                    "remove it to have it fetched again."
                )
            found = new.registry.delegations(stretch.owners)
            rows = new.of(found.names)
            lines = stretch.lines[found.rows[rows]]
            owners = stretch.owners.take(pa.array(found.rows[rows]))
            late = int(np.searchsorted(lines, start))
            self.lines.append(lines[late:])
            self.owners.append(owners.slice(late))
            self.rejects += (
                reject
                for reject in sorted(
                    (
                        *stretch.rejects,
                        *(
                            Reject(
                                position=int(stretch.lines[row]), reason=f"ns: {reason}",
                                excerpt=excerpt(stretch.owners[row].as_py()),
                            )
                            for row, reason in found.refused.items()
                        ),
                    ),
                    key=lambda reject: reject.position,
                )
                if reject.position >= start
            )  # fmt: skip
            waiting += len(self.lines[-1])
            while waiting > rows_per_batch:
                batch = self._batch(start, rows_per_batch, None)
                yield batch
                start = batch.end
                waiting -= rows_per_batch
        yield self._batch(start, waiting, end)

    def _batch(self, start: int, rows: int, end: int | None) -> Batch:
        """The first `rows` rows waiting. end: None directly behind the last of them."""
        lines = np.concatenate(self.lines)
        owners = pa.concat_arrays(self.owners)
        self.lines, self.owners = [lines[rows:]], [owners.slice(rows)]
        lines, owners = lines[:rows], owners.slice(0, rows)
        end = int(lines[-1]) + 1 if end is None else end
        told = [reject for reject in self.rejects if reject.position < end]
        self.rejects = [reject for reject in self.rejects if reject.position >= end]
        hosts, reasons = normalise_hosts(owners)
        # What is read leniently from lists, such as the host of an address, is no owner.
        other = pc.fill_null(pc.not_equal(hosts, owners), False)
        for row in np.flatnonzero(other.to_numpy(zero_copy_only=False)).tolist():
            reasons[row] = "has a character that no host name may hold"
        hosts = pc.if_else(other, pa.scalar(None, pa.string()), hosts)
        told += (
            Reject(
                position=int(lines[row]), reason=f"host: {reason}",
                excerpt=excerpt(owners[row].as_py()),
            )
            for row, reason in reasons.items()
        )  # fmt: skip
        told.sort(key=lambda reject: reject.position)
        valid = pc.is_valid(hosts)
        lines, hosts = lines[valid.to_numpy(zero_copy_only=False)], hosts.filter(valid)
        silent = {reject.position for reject in told if reject.position} - {*lines.tolist()}
        return Batch(
            instance_id=self.reading.instance,
            start=start,
            end=end,
            observations=self._observations(lines, hosts),
            rejects=tuple(told),
            skipped=end - max(start, 1) - len(lines) - len(silent),
            images={},
            last=False,
            state=self.state,
        )

    def _observations(self, lines: npt.NDArray[np.int64], hosts: Any) -> pa.Table:
        count = len(lines)
        facts = self.facts
        assert facts.serial is not None
        columns = {
            "source": pa.repeat(self.reading.source, count),
            "instance": pa.repeat(self.reading.instance, count),
            "position": pa.array(lines, pa.int64()),
            "observed_at": pa.repeat(pa.scalar(self.observed_at, _UTC), count),
            "subject_kind": pa.repeat(SubjectKind.HOST.value, count),
            "subject_key": pc.binary_join_element_wise(pa.scalar(host_key("")), hosts, ""),
            "host": hosts,
            "source_time": pa.repeat(
                pa.scalar(given_at(facts.serial) or self.reading.dated, _UTC), count
            ),
            "entry_type": pa.repeat("ns", count),
            "trust": pa.repeat(Trust.UNAUTHENTICATED.value, count),
            "evidence_hash": pa.repeat(
                pa.scalar(facts.sha256 if self.reading.evidence else None, pa.string()), count
            ),
        }
        arrays = [
            columns.get(wanted.name, pa.nulls(count, wanted.type)) for wanted in OBSERVATION_SCHEMA
        ]
        return pa.Table.from_arrays(arrays, schema=OBSERVATION_SCHEMA)
