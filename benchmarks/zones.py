"""Zones: how fast one is read, compared with yesterday's, and transferred.

    python -m benchmarks.zones reading|diff|transfer [--lines N] [--names N] [--records N]

Made-up zones, the same in every run; works in a temporary folder and removes it. JSON lines:
- `unpacking`: the gz of a zone of a million lines in the form of the registries, unpacked and not
  looked at: what is left is the reader's.
- `reading`: the same file to the owners of its `ns` records. `reading-odd`: a zone as people write
  them (owners left out, comments, parentheses), every line through the tolerant reader.
- `measuring`: reading, fingerprints and the sorted file of them, as an edition is read first.
- `diff`: 20 million fingerprints against 20 million, of which 50,000 are new and 40,000 are gone.
- `transfer`: AXFR of a zone of 150,000 records from NSD on loopback (needs the program nsd).
May import: benchmarks, namaak, tests.peers.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.measuring import emit, measured, say
from namaak.sources.lists.opening import opened
from namaak.sources.zones.diffing import Fingerprints, compare
from namaak.sources.zones.measuring import measure
from namaak.sources.zones.reading import read_zone
from namaak.sources.zones.servers import Server
from namaak.sources.zones.transfer import Asked, transfer

_SEED = 20261122
_APEX = "test"
_SOA = f"{_APEX}.\t900\tin\tsoa\tns.{_APEX}. hostmaster.{_APEX}. 2026112200 1800 900 604800 300"
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_NEW, _GONE = 50_000, 40_000


def main(arguments: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zones")
    parser.add_argument("part", choices=("reading", "diff", "transfer"))
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=20_000_000)
    parser.add_argument("--records", type=int, default=150_000)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="zones-") as name:
        folder = Path(name)
        if given.part == "reading":
            measure_reading(folder, given.lines)
        elif given.part == "diff":
            measure_diff(folder, given.names)
        else:
            measure_transfer(folder, given.records)


def zone_lines(lines: int) -> Iterator[str]:
    """A zone in the form of the registries: delegations, some signed, some with glue."""
    draw = random.Random(_SEED)  # noqa: S311 - names need not be secret
    yield _SOA
    written = 2
    number = 0
    while written < lines:
        number += 1
        name = f"{''.join(draw.choices(_LETTERS, k=draw.randint(4, 20)))}{number}.{_APEX}."
        records = [
            f"{name}\t172800\tin\tns\tns{server}.hoster{draw.randint(1, 999)}.example."
            for server in range(1, draw.randint(3, 4))
        ]
        chance = draw.random()
        if chance < 0.06:
            digest = f"{draw.getrandbits(256):064x}"
            records.append(f"{name}\t86400\tin\tds\t{draw.randint(1, 65_535)} 13 2 {digest}")
            signature = f"{draw.getrandbits(380):095x}=="
            records.append(
                f"{name}\t86400\tin\trrsig\tds 13 2 86400 20261205000000 20261120000000 7 "
                f"{_APEX}. {signature}"
            )
        elif chance < 0.08:
            records.append(f"ns1.{name}\t172800\tin\ta\t192.0.2.{draw.randint(1, 254)}")
        yield from records[: lines - written]
        written += len(records[: lines - written])
    yield _SOA


def odd_lines(lines: int) -> Iterator[str]:
    """The same kind of zone as a person writes it."""
    yield f"$ORIGIN {_APEX}."
    yield "$TTL 1d"
    yield _SOA
    for number in range(max(0, lines - 4) // 3):
        yield f"Name{number:07d} IN ( 3600 ) NS ns1.hoster.example. ; the first"
        yield "\t\tNS ns2.hoster.example. ; the second"
        yield f'name{number:07d} TXT "to be; continued"'
    yield _SOA


def measure_reading(folder: Path, lines: int) -> None:
    """Unpacking, reading, and the first reading of an edition."""
    paths = {}
    for kind, made in (("reading", zone_lines(lines)), ("reading-odd", odd_lines(lines // 5))):
        paths[kind] = folder / f"{kind}.zone.gz"
        say(f"writing {paths[kind].name}")
        with gzip.open(paths[kind], "wt", 6, encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in made)
    usual = paths["reading"]
    with measured() as spent, opened(usual, member=None, max_bytes=1 << 40) as source:
        for _ in source.blocks():
            pass
    emit("unpacking", {"lines": lines, "lines_per_cpu_s": spent.per_cpu_s(lines),
                       **spent.columns()})  # fmt: skip
    for kind, path in paths.items():
        owners = refused = end = 0
        with measured() as spent, opened(path, member=None, max_bytes=1 << 40) as source:
            for stretch in read_zone(source.blocks(), _APEX):
                owners += len(stretch.owners)
                refused += len(stretch.rejects)
                end = stretch.end
        emit(kind, {"lines": end - 1, "owners": owners, "refused": refused,
                    "lines_per_cpu_s": spent.per_cpu_s(end - 1), **spent.columns()})  # fmt: skip
    with measured() as spent:
        facts = measure(usual, _APEX, key=bytes(16), names=folder / "names", max_bytes=1 << 40)
    emit("measuring", {"lines": facts.lines, "names": facts.names, "damage": facts.damage,
                       "lines_per_cpu_s": spent.per_cpu_s(facts.lines),
                       **spent.columns()})  # fmt: skip


def measure_diff(folder: Path, names: int) -> None:
    """Written by another process, so that making the files does not count as memory."""
    say(f"writing twice {names:,} fingerprints")
    child = os.fork()
    if child == 0:
        _write_fingerprints(folder, names)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("The fingerprints could not be written; free some space.")
    earlier, later = Fingerprints(folder / "earlier"), Fingerprints(folder / "later")
    with measured() as spent:
        found = compare(earlier, later, folder / "new")
    emit("diff", {"earlier": len(earlier), "later": len(later), "new": found.new,
                  "gone": found.gone, **spent.columns()})  # fmt: skip


def _write_fingerprints(folder: Path, names: int) -> None:
    rng = np.random.default_rng(_SEED)
    every = np.unique(rng.integers(0, 1 << 64, names + _NEW, dtype=np.uint64))
    fresh = np.zeros(len(every), bool)
    fresh[rng.choice(len(every), _NEW, replace=False)] = True
    every[~fresh].tofile(folder / "earlier")
    gone = np.zeros(len(every), bool)
    gone[rng.choice(np.flatnonzero(~fresh), min(_GONE, names // 2), replace=False)] = True
    every[~gone].tofile(folder / "later")


def measure_transfer(folder: Path, records: int) -> None:
    """Two `ns` records a name, from NSD."""
    # Only here, because who measures reading need not have the servers of the tests.
    from tests.peers import nsd
    from tests.peers.zones import soa

    names = max(1, (records - 3) // 2)
    text = soa(2026112200) + "".join(
        f"name{number:07d} NS ns1.hoster.example.\nname{number:07d} NS ns2.hoster.example.\n"
        for number in range(names)
    )
    with nsd({_APEX: text}, folder) as served:
        asked = Asked(
            zone=_APEX, server=Server(host=served.host, port=served.port), key=None,
            timeout_s=600.0, max_bytes=1 << 40,
        )  # fmt: skip
        path = folder / "transferred.zone.gz"
        with measured() as spent:
            serial = transfer(asked, path)
    with gzip.open(path, "rb") as file:
        got = sum(1 for _ in file)
    emit("transfer", {"records": got, "serial": serial, "bytes": path.stat().st_size,
                      "records_per_cpu_s": spent.per_cpu_s(got), **spent.columns()})  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
