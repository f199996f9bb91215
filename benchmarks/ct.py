"""Certificate logs: how fast proved entries come from a web server into the lake.

    python -m benchmarks.ct --tiles DIR [--entries 131072] [--trust verified|names]

nginx serves, packed, a log that is made of the real tiles in DIR (`tile/data`, `tile/0` and for
`--trust names` `tile/names`): the same entries again and again under new numbers, with tiles of
hashes and a checkpoint that fit, signed by a key of its own. They are read by the source as it
is, every batch proved, and stored by `Lake.append`. Only how often the server is asked is not
limited. One JSON line; CPU seconds are those of this process with all its threads, nginx is
another one.
May import: benchmarks, namaak, tests.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.measuring import measured, say
from namaak.brands import Brand
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.lake import Lake
from namaak.records import Trust
from namaak.sources.base import Surroundings
from namaak.sources.ct import CertificateLogs, CtConfig
from namaak.transparency.merkle import CompactRange, tile_hashes
from namaak.transparency.tile_paths import (
    TILE_WIDTH,
    data_tile_path,
    hash_tile_path,
    names_tile_path,
)
from tests.ct_log import CtLog, log_list
from tests.peers import nginx

_NOW = datetime(2026, 11, 1, tzinfo=UTC)
_NOW_MS = int(_NOW.timestamp()) * 1000
_CONTACT = "abuse@acme.example"


def build_log(log: CtLog, tiles: Path, entries: int, *, names: bool) -> int:
    """Write a tiled log of at least so many entries; returns how many."""
    kinds = {"data": data_tile_path, "names": names_tile_path}
    wanted = ["data", "names"] if names else ["data"]
    real = sorted(path.name for path in (tiles / "tile/0").iterdir() if path.is_file())
    for kind in wanted:
        for name in real:
            content = (tiles / "tile" / kind / name).read_bytes()
            packed = log.folder / f"{kind}-{name}.gz"
            packed.write_bytes(gzip.compress(content, mtime=0))
    leaves = [tile_hashes((tiles / "tile/0" / name).read_bytes(), TILE_WIDTH) for name in real]
    roots = []
    for hashes in leaves:
        tile = CompactRange()
        tile.extend(hashes)
        roots.append(tile.root())
    count = -(-entries // TILE_WIDTH)
    levels = [[roots[number % len(roots)] for number in range(count)]]
    for number in range(count):
        _put(log.folder / hash_tile_path(0, number), b"".join(leaves[number % len(real)]))
        for kind in wanted:
            target = log.folder / f"{kinds[kind](number)}.gz"
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(log.folder / f"{kind}-{real[number % len(real)]}.gz", target)
    whole = CompactRange()
    whole.extend(levels[0], 8)
    level = 1
    while levels[-1]:
        row, above = levels[-1], []
        for at in range(0, len(row), TILE_WIDTH):
            part = row[at : at + TILE_WIDTH]
            path = hash_tile_path(level, at // TILE_WIDTH, len(part))
            _put(log.folder / path, b"".join(part))
            if len(part) == TILE_WIDTH:
                tile = CompactRange()
                tile.extend(part)
                above.append(tile.root())
        levels.append(above)
        level += 1
    head = log.checkpoint(count * TILE_WIDTH, root=whole.root(), timestamp_ms=_NOW_MS)
    (log.folder / "checkpoint").write_bytes(head)
    return count * TILE_WIDTH


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def measure(tiles: Path, entries: int, trust: str, tiles_per_batch: int) -> dict[str, object]:
    """From the web server to the lake, once."""
    with tempfile.TemporaryDirectory(prefix="ct-") as name:
        folder = Path(name)
        served = folder / "log"
        served.mkdir()
        log = CtLog(served, origin="log.example/benchmark")
        size = build_log(log, tiles, entries, names=trust == "names")
        # Only the packed files are there, as on a busy log's disk.
        with nginx(served, locations="gzip_static always; gunzip off;") as server:
            listed = log_list(log.list_entry(f"{server.url}/"))
            (folder / "logs.json").write_bytes(listed)
            return {"bench": "ct", "trust": trust, "tiles_per_batch": tiles_per_batch} | _read(
                folder, size, trust, tiles_per_batch, Allowed("127.0.0.0/8", server.port)
            )


def _read(
    folder: Path, size: int, trust: str, tiles_per_batch: int, allowed: Allowed
) -> dict[str, object]:
    manners = Manners(default=Rate(per_second=100_000, burst=10_000))
    around = Surroundings(
        folder=folder,
        state_folder=folder / "state",
        contact=_CONTACT,
        brands={"acme": Brand(name="ACME")},
        environ={},
        fetcher=partial(Fetcher, contact=_CONTACT, manners=manners, allow=[allowed]),
        # Another one: the source would keep it to the rate that real logs are promised.
        manners=Manners(),
        now=lambda: _NOW,
    )
    table = {
        "log_list": "logs.json",
        "start": "beginning",
        "trust": trust,
        "tiles_per_batch": tiles_per_batch,
    }
    source = CertificateLogs(CtConfig.model_validate(table), around)
    (instance,) = source.instances()
    names = verified = rejected = at = 0
    with Lake(folder / "lake") as lake, measured() as spent:
        for batch in source.batches(instance, observed_at=_NOW):
            counted = lake.append(batch, source="ct", label=instance.label, gathered_at=_NOW)
            assert counted is not None
            names += counted.rows
            rejected += counted.rejected
            at = batch.end
            if batch.end > batch.start and source.config.trust == Trust.VERIFIED:
                verified = at
    if at != size:
        raise SystemExit(f"Only {at} of {size} entries were read; that is a defect.")
    return {
        "entries": size,
        "entries_per_cpu_s": spent.per_cpu_s(size),
        "entries_per_wall_s": round(size / spent.wall_s),
        "names": names,
        "verified": verified,
        "rejected": rejected,
        **spent.columns(),
    }


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiles", type=Path, help="folder with tile/data and tile/0 of a real log")
    parser.add_argument("--data", type=Path, help="folder of the real data; has ct/navigli2025h2")
    parser.add_argument("--entries", type=int, default=131_072)
    parser.add_argument("--trust", choices=("verified", "names"), default="verified")
    parser.add_argument("--tiles-per-batch", type=int, default=32)
    given = parser.parse_args()
    tiles = given.tiles or (given.data and given.data / "ct" / "navigli2025h2")
    if tiles is None or not (tiles / "tile" / "0").is_dir():
        say(f"There are no tiles in {tiles}: give --tiles DIR, a folder with tile/data and tile/0.")
        return 1
    # Debian installs it where only root looks.
    if not (shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")):
        say("nginx is not installed: it serves the log; install it and try again.")
        return 1
    print(json.dumps(measure(tiles, given.entries, given.trust, given.tiles_per_batch)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
