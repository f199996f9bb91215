"""Reading a source as a run does: batch by batch, each run going on where the last one stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from namaak.brands import Brand
from namaak.errors import SourceError
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.sources.base import Batch, Instance, Known, Source, Surroundings
from tests.surroundings import CONTACT, around

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def given(
    folder: Path, *ports: int, known: Sequence[Known] = (), names: Sequence[str] = ("ACME",)
) -> Surroundings:
    """What a source is given, to ask these ports of loopback at once and without retries."""
    manners = Manners(default=Rate(per_second=1e5, burst=1000))
    manners.set_rate = lambda host, rate: None  # type: ignore[method-assign]
    fetcher = partial(
        Fetcher,
        contact=CONTACT,
        manners=manners,
        allow=tuple(Allowed(network="127.0.0.0/8", port=port) for port in ports),
        retries=1,
        deadline_s=5.0,
        random=lambda: 0.0,
    )
    brands = {name.lower().replace(" ", "-"): Brand(name=name) for name in names}
    made = around(folder, brands=brands, fetcher=fetcher, now=NOW)
    return replace(made, manners=manners, known=lambda _platform: known)


@dataclass(slots=True)
class Run:
    """What one instance gave, over several runs."""

    source: Source[Any]
    instance: Instance
    position: int = 0
    state: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    error: SourceError | None = None

    def on(self, at: datetime = NOW, *, most: int | None = None) -> list[dict[str, Any]]:
        """One run; its rows alone. most: batches, after which it is killed."""
        new: list[dict[str, Any]] = []
        self.error = None
        found = self.source.batches(self.instance, self.position, observed_at=at, state=self.state)
        try:
            for number, batch in enumerate(found, 1):
                self._check(batch)
                self.batches.append(batch)
                self.position = batch.end
                self.state = batch.state if batch.state is not None else self.state
                new += batch.observations.to_pylist()
                self.rejects += [(one.position, one.reason) for one in batch.rejects]
                if number == most:
                    found.close()  # type: ignore[attr-defined]
                    break
        except SourceError as error:
            self.error = error
        self.rows += new
        return new

    def _check(self, batch: Batch) -> None:
        assert (batch.instance_id, batch.start) == (self.instance.id, self.position)
        positions = batch.observations["position"].to_pylist()
        told = [one.position for one in batch.rejects]
        for sorted_ in (positions, told):
            assert sorted_ == sorted(sorted_)
        assert all(batch.start <= one < batch.end for one in [*positions, *told])
        if batch.start == batch.end:
            assert not positions and not told


def run_of(source: Source[Any], wanted: str | None = None) -> Run:
    """Of its only instance, or of that with this id."""
    (instance,) = [one for one in source.instances() if wanted in (None, one.id)]
    return Run(source, instance)
