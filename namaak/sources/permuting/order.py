"""In which order names are asked: written down once, so that every run of a cycle has the same.

Millions of names for hundreds of brands, of which a run needs a slice.
May import: namaak.durable.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from namaak import durable

_SCHEMA = pa.schema([pa.field("host", pa.string(), nullable=False)])


def ordered(names: Iterable[tuple[str, float]]) -> list[str]:
    """(host, priority) each, perhaps several times: each host once, the highest priority first.

    >>> ordered([("b.example", 0.2), ("a.example", 0.1), ("a.example", 0.3)])
    ['a.example', 'b.example']
    """
    best: dict[str, float] = {}
    for host, priority in names:
        best[host] = max(priority, best.get(host, 0.0))
    return sorted(best, key=lambda host: (-best[host], host))


def write_order(folder: Path, fingerprint: str, hosts: Iterable[str]) -> None:
    """The order of one watch file; those of others are deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.table([pa.array(hosts, pa.string())], schema=_SCHEMA)
    path = _path(folder, fingerprint)
    durable.replace(path, lambda part: pq.write_table(table, part, compression="zstd"))
    for other in folder.glob("order-*.parquet"):
        if other != path:
            other.unlink(missing_ok=True)


def read_order(folder: Path, fingerprint: str) -> pa.ChunkedArray | None:
    """The hosts, or None where they must be written (again)."""
    try:
        return pq.read_table(_path(folder, fingerprint), schema=_SCHEMA).column("host")
    except (OSError, pa.ArrowInvalid):
        # Absent or damaged: made anew from the watch file, it is the same.
        return None


def _path(folder: Path, fingerprint: str) -> Path:
    return folder / f"order-{fingerprint}.parquet"
