"""What finding logos costs: pictures per CPU second, the search, the second look.

    python -m benchmarks.images speed --logos FILE [--pictures 400] [--searched 100000]

One thread; CPU seconds, so that a busy machine does not show. JSON lines, `stage`:
- `decode + hashes`, per method: from the bytes of a picture to all that is stored of it. `format`:
  the protocol's own pictures (PNG, most of 256 x 256), the same as JPEG of quality 85, and as
  JPEG of 400 x 400, as platforms serve them.
- `answer`: the product's whole way, search and second look at keypoints (where it takes one)
  against the protocol's references included.
- `decode`, `gate`, `phash`, `regions`, `descriptors`, `keypoints`: parts of the product's way.
- `verify`: keypoints of a picture against those of all references.
- `search`: regions of `--searched` pictures against the vectors of 1,000 logos, exact. Vectors
  are real hashes with random bits flipped; time hangs on their number alone.
May import: benchmarks, detectors.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.images.choosing import seeded
from benchmarks.images.compositing import jpeg, unpacked
from benchmarks.images.methods import METHODS, present
from benchmarks.images.protocol import Protocol, build
from benchmarks.images.quality import add_protocol_arguments
from benchmarks.measuring import Spent, measured, say
from detectors.images.agreement import verify
from detectors.images.decoding import decode
from detectors.images.descriptor import cosines, describe
from detectors.images.gate import gate
from detectors.images.keypoints import MOST_OF_LOGO, keypoints_of
from detectors.images.perceptual import phash
from detectors.images.picture import Frame, Undecodable
from detectors.images.pool import pool_of
from detectors.images.regions import find_regions
from detectors.images.search import Vectors, nearest

_SEED = 20261123
_LOGOS = 1_000
_WORDS = 4
_MOST_HANDICAP = 30  # bits; of made vectors

Thing = TypeVar("Thing")
Words = npt.NDArray[np.uint64]


def emit(stage: str, columns: Mapping[str, object]) -> None:
    """One line of results."""
    line = {"bench": "images-speed", "stage": stage, **columns}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def rate(count: int, spent: Spent) -> dict[str, object]:
    """How long one takes, and how many a second of one core holds."""
    seconds = max(spent.cpu_s, 1e-9)
    return {
        "pictures": count, "pictures_per_cpu_s": round(count / seconds, 1),
        "ms_per_picture": round(1e3 * seconds / max(count, 1), 3),
    }  # fmt: skip


def timed(
    stage: str, columns: Mapping[str, object], work: Callable[[Thing], object], on: Sequence[Thing]
) -> None:
    """One line: the work on each thing once; on the first once more before, to compile."""
    work(on[0])
    with measured() as spent:
        for one in on:
            work(one)
    emit(stage, {**columns, **rate(len(on), spent)})


def sample(protocol: Protocol, count: int) -> list[bytes]:
    """Queries and distractors, mixed, the same ones every time."""
    every = [one.picture for one in protocol.queries()]
    every += [one.picture for one in protocol.distractors()]
    seeded(_SEED, "sample").shuffle(every)
    return every[:count]


def formats(pictures: Sequence[bytes]) -> dict[str, list[bytes]]:
    """The pictures as they are, and in the two forms that platforms serve."""
    plain = [unpacked(one) for one in pictures]
    larger = [cv2.resize(one, (400, 400), interpolation=cv2.INTER_CUBIC) for one in plain]
    return {
        "as in the protocol": list(pictures),
        "jpeg 256": [jpeg(one, 85) for one in plain],
        "jpeg 400": [jpeg(np.asarray(one, np.uint8), 85) for one in larger],
    }


def measure_hashes(pictures: Mapping[str, Sequence[bytes]], methods: Sequence[str]) -> None:
    """Every method, every format."""
    for name in methods:
        method = METHODS[name]()
        for form, some in pictures.items():
            timed("decode + hashes", {"method": name, "format": form}, method.hashed, some)


def decoded(pictures: Sequence[bytes]) -> list[Frame]:
    """The frame that is shown of each that can be read."""
    made = [decode(one) for one in pictures]
    return [one.frames[0] for one in made if not isinstance(one, Undecodable)]


def measure_stages(pictures: Sequence[bytes], references: Sequence[bytes]) -> None:
    """Parts of the product's way, each on what the one before leaves."""
    product = METHODS["ours"]()
    product.enrol(references)
    timed("answer", {"references": len(references)}, product.answer, pictures)
    frames = decoded(pictures)
    regions = [find_regions(one.pixels).regions for one in frames]
    points = [keypoints_of(one.pixels) for one in frames]
    known = decoded(references)
    pool = pool_of([keypoints_of(one.pixels, most=MOST_OF_LOGO) for one in known])
    timed("decode", {}, decode, pictures)
    timed("gate", {}, gate, frames)
    timed("phash", {}, lambda one: phash(one.pixels), frames)
    timed("regions", {}, lambda one: find_regions(one.pixels), frames)
    timed("descriptors", {"regions_per_picture": round(sum(map(len, regions)) / len(regions), 2)},
          lambda some: (describe(some), [cosines(one) for one in some]), regions)  # fmt: skip
    timed("keypoints", {}, lambda one: keypoints_of(one.pixels), frames)
    timed("verify", {"references": len(known)}, lambda one: verify(one, pool), points)


def flipped(real: Words, count: int, rng: np.random.Generator) -> Words:
    """(count, 4): real vectors again and again, a quarter of the bits of each at random."""
    chosen = real[rng.integers(0, len(real), count)]
    # The meet of two random words has each bit with one half times one half.
    noise = np.full((count, _WORDS), ~np.uint64(0))
    for _ in range(2):
        noise &= rng.integers(0, 2**64, (count, _WORDS), np.uint64)
    return np.asarray(chosen ^ noise, np.uint64)


def measure_search(real: Words, pictures: int, regions: int, variants: int) -> None:
    """Every picture's regions against every logo's vectors."""
    rng = np.random.default_rng(_SEED)
    count = _LOGOS * variants
    known = Vectors(
        signs=np.ascontiguousarray(flipped(real, count, rng).T),
        handicaps=rng.integers(0, _MOST_HANDICAP, count, np.int32),
    )
    starts = np.arange(_LOGOS + 1, dtype=np.int64) * variants
    handicaps = rng.integers(0, _MOST_HANDICAP, regions, np.int32)
    asked = [
        Vectors(signs=one, handicaps=handicaps)
        for one in flipped(real, pictures * regions, rng).reshape(pictures, regions, _WORDS)
    ]
    nearest(asked[0], known, starts)
    with measured() as spent:
        for one in asked:
            nearest(one, known, starts)
    emit("search", {
        **rate(pictures, spent), "logos": _LOGOS, "regions_per_picture": regions,
        "vectors_per_logo": variants, "cpu_s": round(spent.cpu_s, 2),
        "comparisons_per_cpu_s": spent.per_cpu_s(pictures * regions * _LOGOS * variants),
    })  # fmt: skip


def main(argv: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images speed")
    add_protocol_arguments(parser)
    parser.add_argument("--pictures", type=int, default=400, help="hashed; default 400")
    parser.add_argument("--searched", type=int, default=100_000, help="searched; default 100,000")
    parser.add_argument("--regions", type=int, default=4, help="of a searched picture; default 4")
    parser.add_argument("--variants", type=int, default=16, help="of a logo; default 16")
    parser.add_argument("--methods", nargs="+", choices=tuple(METHODS), default=present())
    given = parser.parse_args(argv)
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        protocol = build(given.logos, given.cache or Path(folder), given.part, given.share)
        pictures = sample(protocol, given.pictures)
        references = [one.picture for one in protocol.references]
    measure_hashes(formats(pictures), given.methods)
    measure_stages(pictures, references)
    say(f"Searching {given.searched:,} pictures.")
    real = np.stack([phash(one.pixels) for one in decoded(references)])
    measure_search(real, given.searched, given.regions, given.variants)
    return 0
