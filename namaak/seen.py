"""Which names were seen before: sorted 64-bit hashes in files, searched where they lie.

A name new to us is matched; one seen a thousand times is counted and left alone. The hash is
keyed BLAKE2b, and the key is made with the lake and kept there: without it nobody can register
a harmless name whose hash hides a harmful one later. Two of 160 million names share a hash with
a probability of about 1 in 1,400; the later one would then wait until anything else about it
is new. Files are written once, merged when several of one size have gathered, and count only
when the manifest names them.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

_MERGE_AT = 4  # files of one size before they become one
_CHUNK = 4_000_000  # hashes held in memory while merging: 32 MB a file


def hash_names(names: Iterable[str], key: bytes) -> Hashes:
    """One 64-bit hash per name, in order. key: 16 to 64 bytes, the same for ever in one lake."""
    blake = hashlib.blake2b
    digests = b"".join(blake(name.encode(), digest_size=8, key=key).digest() for name in names)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def open_segment(path: Path) -> Hashes:
    """A file of sorted hashes, mapped, not read."""
    mapped: Hashes = np.load(path, mmap_mode="r", allow_pickle=False)
    return mapped


def write_segment(path: Path, hashes: Hashes) -> None:
    """hashes: ascending, each once. On disk when this returns."""
    with path.open("wb") as file:
        np.save(file, hashes, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def first_seen(hashes: Hashes, segments: Sequence[Hashes]) -> npt.NDArray[np.bool_]:
    """Per hash: in no segment, and not earlier in `hashes` itself."""
    fresh = np.zeros(len(hashes), dtype=bool)
    unique, where = np.unique(hashes, return_index=True)
    known = np.zeros(len(unique), dtype=bool)
    for segment in segments:
        if not len(segment):
            continue
        # Ascending queries walk the mapped file from front to back.
        found = np.searchsorted(segment, unique)
        found[found == len(segment)] = len(segment) - 1
        known |= segment[found] == unique
    fresh[where[~known]] = True
    return fresh


def among(hashes: Hashes, segments: Sequence[Hashes]) -> npt.NDArray[np.bool_]:
    """Per hash: in some segment."""
    unique, back = np.unique(hashes, return_inverse=True)
    known: npt.NDArray[np.bool_] = ~first_seen(unique, segments)
    return known[back]


def due_for_merge(sizes: Sequence[int]) -> list[int]:
    """Indices of segments to merge into one now; empty when none are due.

    Segments within a factor of four count as one size, so every hash is copied only a
    logarithmic number of times.
    """
    tiers: dict[int, list[int]] = {}
    for index, size in enumerate(sizes):
        tiers.setdefault(max(size, 1).bit_length() // 2, []).append(index)
    due = [members for members in tiers.values() if len(members) >= _MERGE_AT]
    return due[0] if due else []


def merge_segments(segments: Sequence[Hashes], path: Path) -> int:
    """Merge ascending segments into one file, in bounded memory. Returns how many hashes.

    Hashes are uniform, so equal slices of the number range hold about equally many.
    """
    total = sum(len(segment) for segment in segments)
    slices = max(1, -(-total // _CHUNK))
    edges = [index * (1 << 64) // slices for index in range(1, slices)]
    starts = [0] * len(segments)
    header = {"descr": "<u8", "fortran_order": False, "shape": (total,)}
    # Written, not mapped: a full disk is then an error and not a signal that kills the process.
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for edge in [*edges, None]:
            ends = [
                len(segment) if edge is None else int(np.searchsorted(segment, np.uint64(edge)))
                for segment in segments
            ]
            part = np.concatenate(
                [segment[a:b] for segment, a, b in zip(segments, starts, ends, strict=True)]
            )
            part.sort()
            file.write(part.astype("<u8", copy=False).tobytes())
            starts = ends
        file.flush()
        os.fsync(file.fileno())
    return total
