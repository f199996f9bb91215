"""The lake: how fast observations are stored, and how fast a name is known to be old.

    python -m benchmarks.lake [--rows 1000000] [--hashes 10000000]

Synthetic, so that nothing but the lake is measured; works in a temporary folder and removes it.
`--data` is taken like elsewhere and not needed. JSON lines:
- `append`: batches of 100,000 new hosts through `Lake.append`: hashing, first-seen search, Parquet,
  flushing to the disk, manifest, merging of hash files. The index grows with every batch.
- `append-again`: the same names from another list: all are seen, none is new.
- `first-seen`: 100,000 names, half of them known, against an index of 10 million hashes in one
  file and in four; the search alone, hashes already made. The first call reads from the disk.
- `hashing`: names hashed per second of one core.
May import: benchmarks, namaak.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.measuring import emit, measured, say
from namaak import seen
from namaak.lake import Lake
from namaak.records import OBSERVATION_SCHEMA, SubjectKind, host_key
from namaak.sources.base import Batch

_SEED = 20261121
_BATCH = 100_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def host_batch(instance: str, start: int, rows: int, *, last: bool, first_name: int) -> Batch:
    """Made-up hosts, numbered on from first_name; the same number is the same host."""
    hosts = [f"name-{number:010d}.example" for number in range(first_name, first_name + rows)]
    columns = {
        "source": pa.repeat("files", rows),
        "instance": pa.repeat(instance, rows),
        "position": pa.array(range(start, start + rows), pa.int64()),
        "observed_at": pa.repeat(pa.scalar(_NOW, pa.timestamp("us", tz="UTC")), rows),
        "subject_kind": pa.repeat(str(SubjectKind.HOST), rows),
        "subject_key": pa.array([host_key(host) for host in hosts], pa.string()),
        "host": pa.array(hosts, pa.string()),
    }
    table = pa.table(
        [columns.get(kind.name, pa.nulls(rows, kind.type)) for kind in OBSERVATION_SCHEMA],
        schema=OBSERVATION_SCHEMA,
    )
    return Batch(
        instance_id=instance, start=start, end=start + rows, observations=table, rejects=(),
        skipped=0, images={}, last=last,
    )  # fmt: skip


def measure_append(folder: Path, rows: int) -> None:
    """The same names twice, from two lists. Making the batches is not counted."""
    with Lake(folder) as lake:
        for measure, instance in (("append", "first list"), ("append-again", "second list")):
            wall = cpu = 0.0
            stored = fresh = 0
            for start in range(0, rows, _BATCH):
                size = min(_BATCH, rows - start)
                batch = host_batch(instance, start, size, last=start + size >= rows,
                                   first_name=start)  # fmt: skip
                with measured() as spent:
                    counted = lake.append(batch, source="files", label=instance, gathered_at=_NOW)
                assert counted is not None
                wall, cpu = wall + spent.wall_s, cpu + spent.cpu_s
                stored, fresh = stored + counted.rows, fresh + counted.first_seen_rows
            emit(measure, {
                "rows": stored, "first_seen": fresh, "rows_per_s": round(stored / wall),
                "rows_per_cpu_s": round(stored / max(cpu, 1e-9)),
                **spent.columns(), "wall_s": round(wall, 2), "cpu_s": round(cpu, 2),
            })  # fmt: skip


def measure_first_seen(folder: Path, hashes: int) -> None:
    """An index of random hashes, as a lake of so many names would hold."""
    chosen = np.random.default_rng(_SEED)
    index = np.unique(chosen.integers(0, 1 << 64, hashes, dtype=np.uint64))
    fresh = chosen.integers(0, 1 << 64, _BATCH // 2, dtype=np.uint64)
    asked = np.concatenate([chosen.choice(index, _BATCH // 2, replace=False), fresh])
    chosen.shuffle(asked)
    for files in (1, 4):
        segments = []
        for number in range(files):
            path = folder / f"{files}-{number}.npy"
            seen.write_segment(path, index[number::files])
            segments.append(seen.open_segment(path))
        for call in ("first", "second"):
            with measured() as spent:
                found = seen.first_seen(asked, segments)
            emit("first-seen", {
                "hashes": len(index), "files": files, "call": call, "names": len(asked),
                "new": int(found.sum()), "names_per_s": round(len(asked) / spent.wall_s),
                **spent.columns(), "wall_s": round(spent.wall_s, 4),
                "cpu_s": round(spent.cpu_s, 4),
            })  # fmt: skip


def measure_hashing(names: int = 500_000) -> None:
    """Keyed BLAKE2b over names as the lake makes them."""
    made = [f"host:name-{number:010d}.example\0\0\0" for number in range(names)]
    with measured() as spent:
        seen.hash_names(made, b"k" * 32)
    emit("hashing", {"names": names, "names_per_cpu_s": spent.per_cpu_s(names), **spent.columns()})


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="not needed: everything here is synthetic")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows to store, twice")
    parser.add_argument("--hashes", type=int, default=10_000_000, help="hashes in the index")
    given = parser.parse_args()
    say("Half a minute.")
    with tempfile.TemporaryDirectory(prefix="namaak-lake-") as folder:
        (Path(folder) / "index").mkdir()
        measure_hashing()
        measure_append(Path(folder) / "lake", given.rows)
        measure_first_seen(Path(folder) / "index", given.hashes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
