"""A zone's editions written in tests, read through `Reading`, and stored as the lake would."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from namaak.sources.zones.editions import Reading, ZonesConfig
from namaak.sources.zones.snapshots import Edition

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SERIAL = 2026112200


def soa(serial):
    return f"test.\t900\tin\tsoa\tns.test. hostmaster.test. {serial} 1 2 3 4\n"


def zone_text(names, serial=SERIAL, *, extra="", closing=True):
    """A zone in the form of the registries; each name has two servers and a glue record."""
    lines = [soa(serial), "test.\t900\tin\tns\tns.test.\n"]
    for name in names:
        lines += (f"{name}.test.\t900\tin\tns\tns{number}.{name}.test.\n" for number in (1, 2))
        lines.append(f"ns1.{name}.test.\t900\tin\ta\t192.0.2.1\n")
    return "".join([*lines, extra, soa(serial) if closing else ""])


def packed(text):
    return gzip.compress(text.encode(), 1, mtime=0)


def reading(folder: Path, octets: bytes, name: str, **config) -> Reading:
    """An edition that is fetched by writing it down."""

    def fetch(path: Path):
        with (folder / "fetched").open("a") as file:
            file.write(f"{name}\n")
        path.write_bytes(octets)
        return ()

    return Reading(
        source="czds",
        instance=f"test/{name}",
        edition=Edition(zone="test", name=name),
        folder=folder,
        config=ZonesConfig(**config),
        dated=None,
        fetch=fetch,
    )


@dataclass
class Store:
    """What a lake keeps of one instance: rows, cursor and state, changed all at once."""

    path: Path

    def load(self):
        if not self.path.exists():
            return {"position": 0, "state": None, "complete": False, "rows": [], "rejects": []}
        return json.loads(self.path.read_text())

    def commit(self, batch):
        kept = self.load()
        assert batch.start == kept["position"] and not kept["complete"]
        kept["position"], kept["state"] = batch.end, batch.state
        kept["complete"] = batch.last
        kept["rows"] += [[row["position"], row["host"]] for row in batch.observations.to_pylist()]
        kept["rejects"] += [[one.position, one.reason] for one in batch.rejects]
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps(kept))
        temporary.rename(self.path)

    def gather(self, given: Reading):
        """Read on from the cursor to the end. Returns the batches."""
        kept = self.load()
        batches = []
        if not kept["complete"]:
            for batch in given.batches(kept["position"], observed_at=NOW, state=kept["state"]):
                self.commit(batch)
                batches.append(batch)
        return batches

    @property
    def rows(self):
        return [tuple(row) for row in self.load()["rows"]]

    @property
    def hosts(self):
        return [host for _, host in self.rows]
