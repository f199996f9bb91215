"""A list that is here, as batches of registrations.

May import: namaak.errors, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from namaak.errors import SourceError
from namaak.records import OBSERVATION_SCHEMA, SubjectKind, Trust
from namaak.sources.base import Batch
from namaak.sources.daily.keeping import Held
from namaak.sources.lists.batching import cut_batches
from namaak.sources.lists.facts import Gathering
from namaak.sources.lists.listing import Listing
from namaak.sources.lists.opening import members
from namaak.sources.lists.pictures import Pictures

_UTC: Final = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One list, and as what it is told."""

    source: str
    instance: str
    label: str
    path: Path
    held: Held
    rows_per_batch: int
    max_bytes: int  #: unpacked

    @property
    def state(self) -> str:
        """What the rows were drawn from."""
        return json.dumps({"sha256": self.held.sha256})

    def check_same(self, state: str | None) -> None:
        """Raises SourceError where the first rows were drawn from another file."""
        if state is not None and json.loads(state)["sha256"] != self.held.sha256:
            raise SourceError(
                f"The list {self.label} is not the one of which the first rows were stored; its "
                f"file is kept in {self.path.parent}."
            )

    def batches(self, start: int, observed_at: datetime) -> Iterator[Batch]:
        """From native position `start` to the last row."""
        listing = Listing(
            path=self.path, member=self._member(), where=self.label, platform=None,
            max_bytes=self.max_bytes,
        )  # fmt: skip
        kind = listing.recognised(SubjectKind.HOST)
        gathering = Gathering(
            source=self.source, instance=self.instance, kind=SubjectKind.HOST, platform=None,
            observed_at=observed_at,
        )  # fmt: skip
        for batch in cut_batches(
            listing.chunks(kind, start=start),
            gathering,
            start=start,
            rows_per_batch=self.rows_per_batch,
            # Lists come from strangers: nothing in them is the path of a picture.
            pictures=lambda rows: Pictures(digests=[None] * rows.num_rows),
        ):
            told = self._as_registrations(batch.observations)
            yield replace(batch, observations=told, last=False, state=self.state)

    def _member(self) -> str | None:
        """The list inside of a zip. Raises SourceError where there is none, or are several."""
        if self.path.suffix != ".zip":
            return None
        try:
            lists, refused = members(self.path)
        except SourceError as error:
            raise SourceError(
                f"The list {self.label} was not taken: {error}; {self.path} is kept."
            ) from None
        if len(lists) != 1:
            why = f"; {refused[0][1]}" if refused else ""
            raise SourceError(
                f"The archive of the list {self.label} holds {len(lists)} lists where one "
                f"belongs{why}; {self.path} is kept."
            )
        return lists[0]

    def _as_registrations(self, observations: pa.Table) -> pa.Table:
        """With what all rows of the list have in common."""
        count = observations.num_rows
        common = {
            "source_time": pa.repeat(pa.scalar(self.held.dated, _UTC), count),
            "entry_type": pa.repeat("new", count),
            "trust": pa.repeat(Trust.UNAUTHENTICATED.value, count),
            "evidence_hash": pa.repeat(self.held.sha256, count),
        }
        arrays = [
            common.get(column.name, observations[column.name]) for column in OBSERVATION_SCHEMA
        ]
        return pa.table(arrays, schema=OBSERVATION_SCHEMA).combine_chunks()
