"""What is new since yesterday: two files of sorted fingerprints, merged.

Joining names as text costs gigabytes for a large zone; fingerprints in order cost eight bytes a
name on the disk and next to nothing in memory, because both files are walked side by side, a
slice of the number range at a time. Fingerprints are uniform, so equal slices hold about equally
many. Of two names in 160 million, one is hidden by the other's fingerprint with a probability of
about 1 in 1,400; whoever registers names cannot choose it (see siphash).
May import: namaak.durable, namaak.sources.zones.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import numpy as np

from namaak import durable
from namaak.sources.zones.siphash import Hashes

#: Fingerprints sorted in memory at a time: 32 MB.
_RUN: Final = 4_000_000
#: Fingerprints of all files together that are merged at a time.
_SLICE: Final = 2_000_000
_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """A file of ascending fingerprints, each once."""

    path: Path

    def __len__(self) -> int:
        return self.path.stat().st_size // _BYTES

    def mapped(self) -> Hashes:
        """All of them, mapped and not read, to look up a few."""
        if not len(self):
            return np.empty(0, np.uint64)
        found: Hashes = np.memmap(self.path, "<u8", mode="r")
        return found

    def part(self, start: int, end: int) -> Hashes:
        """Some of them, read: a mapping walked from end to end would count as memory in use."""
        return np.fromfile(self.path, "<u8", count=end - start, offset=start * _BYTES)

    def below(self, edge: int) -> int:
        """How many are smaller than `edge`."""
        with self.path.open("rb", 0) as file:

            def at(place: int) -> int:
                file.seek(place * _BYTES)
                return int.from_bytes(file.read(_BYTES), "little")

            return bisect_left(range(len(self)), edge, key=at)


class HashFile:
    """Fingerprints in any order become one file in which each stands once, ascending."""

    def __init__(self, path: Path) -> None:
        """path: appears with `close`, whole. Its runs lie beside it until then."""
        self._path = path
        self._waiting: list[Hashes] = []
        self._count = 0
        self._runs: list[Path] = []

    def add(self, hashes: Hashes) -> None:
        """Any number of them."""
        self._waiting.append(hashes)
        self._count += len(hashes)
        if self._count >= _RUN:
            self._spill()

    def close(self) -> int:
        """Returns how many there are. Raises OSError where the disk is full."""
        try:
            if not self._runs:
                found = self._sorted()
                durable.replace(self._path, lambda path: durable.write_bytes(path, _raw(found)))
                return len(found)
            self._spill()
            runs = [Fingerprints(run) for run in self._runs]
            durable.replace(self._path, lambda path: _merge(runs, path))
        finally:
            self.discard()
        return self._path.stat().st_size // _BYTES

    def discard(self) -> None:
        """Forget the runs."""
        for run in self._runs:
            run.unlink(missing_ok=True)
        self._runs, self._waiting, self._count = [], [], 0

    def _sorted(self) -> Hashes:
        found: Hashes = np.unique(np.concatenate([np.empty(0, np.uint64), *self._waiting]))
        self._waiting, self._count = [], 0
        return found

    def _spill(self) -> None:
        run = self._path.with_name(f"{self._path.name}.{os.getpid()}.run-{len(self._runs)}")
        self._runs.append(run)
        found = self._sorted()
        with run.open("wb") as file:
            file.write(_raw(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two editions of a zone."""

    new: int  #: names that the earlier one does not have
    gone: int  #: names that the later one does not have


def compare(earlier: Fingerprints, later: Fingerprints, new: Path) -> Compared:
    """Write the fingerprints that only `later` has to the file `new`, ascending.

    Raises OSError where the disk is full.
    """
    counts = [0, 0]

    def write(path: Path) -> None:
        with path.open("wb") as file:
            for old, now in _slices([earlier, later]):
                fresh = now[~_found(now, old)]
                counts[0] += len(fresh)
                counts[1] += len(old) - (len(now) - len(fresh))
                file.write(_raw(fresh))
            _flush(file)

    durable.replace(new, write)
    return Compared(new=counts[0], gone=counts[1])


def _found(wanted: Hashes, among: Hashes) -> np.ndarray:
    """Which of `wanted` stand in `among`. Both ascending."""
    if not len(among):
        return np.zeros(len(wanted), bool)
    places = np.searchsorted(among, wanted)
    places[places == len(among)] = len(among) - 1
    same: np.ndarray = among[places] == wanted
    return same


def _merge(runs: Sequence[Fingerprints], path: Path) -> None:
    with path.open("wb") as file:
        for parts in _slices(runs):
            file.write(_raw(np.unique(np.concatenate(parts))))
        _flush(file)


def _slices(files: Sequence[Fingerprints]) -> Iterator[list[Hashes]]:
    """The same slice of the number range of each, in memory, from the lowest to the highest."""
    sizes = [len(file) for file in files]
    count = max(1, -(-sum(sizes) // _SLICE))
    starts = [0] * len(files)
    for number in range(1, count + 1):
        ends = sizes
        if number < count:
            ends = [file.below(number * (1 << 64) // count) for file in files]
        yield [file.part(start, end) for file, start, end in zip(files, starts, ends, strict=True)]
        starts = ends


def _raw(hashes: Hashes) -> bytes:
    return hashes.astype("<u8", copy=False).tobytes()


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
