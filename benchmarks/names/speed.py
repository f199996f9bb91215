"""Names per second of one core, from Parquet to sightings, next to how others do it.

    python -m benchmarks.names speed --data DIR [--names 10000000] [--rules widest]

The real hosts of domains_bulk, then the same again and again with a letter replaced, put in or
left out, go into a temporary Parquet file (zstd). Each number of brands has a process of its
own, so that its peak memory is its own. JSON lines: stage "kernel" is the scan alone, texts in
memory; "end_to_end" is everything from the file on: decoding, suffixes, A-labels, scan. Both are
medians over batches, in CPU seconds of all threads, after compiling and building the tables.
Peers do less on the same names: "rapidfuzz cdist" and "rapidfuzz loop" compare the registrable
label with every term, one edit at most; "dnstwist set" looks it up among generated names.
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from benchmarks.measuring import say
from benchmarks.registry import brands_of, read_registry
from detectors.names.anchors import AnchorTables, build_tables
from detectors.names.kernel import count_grams, scan
from detectors.names.matcher import compile_names, forms_of
from detectors.names.terms import compile_terms
from detectors.names.texts import read_column
from detectors.ordinary import shipped_sample
from detectors.suffixes import split_column
from namaak.brands import Brand
from namaak.records import Field

_SEED = 20261122
_BRANDS = (10, 100, 1_000, 3_400)
_BATCH = 1 << 18
#: dnstwist needs a third of a second a brand to generate.
_MOST_PERMUTED = 100


def write_names(data: Path, names: int, path: Path) -> None:
    """The real hosts once, then mutants of them until there are enough; seeded."""
    hosts = pq.read_table(data / "domains_bulk.parquet", columns=["host"])["host"]
    hosts = hosts.combine_chunks().cast(pa.large_string())
    rng = np.random.default_rng(_SEED)
    schema = pa.schema([("host", pa.large_string())])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        left, column = names, hosts
        while left > 0:
            part = column.slice(0, min(left, len(column)))
            writer.write_table(pa.table({"host": part}, schema=schema), row_group_size=_BATCH)
            left -= len(part)
            column = mutated(hosts, rng)


def mutated(hosts: pa.Array, rng: np.random.Generator) -> pa.Array:
    """Each host with one letter before its suffix replaced, doubled by another, or left out."""
    buffer, begin, end = _bytes_of(hosts)
    room = split_column(buffer, begin, end).name_end
    place = begin + (rng.random(len(begin)) * room).astype(np.int64)
    kind = np.where(room > 1, rng.integers(0, 3, len(begin)), 3)
    letter = rng.integers(ord("a"), ord("z") + 1, len(begin)).astype(np.uint8)
    changed = buffer.copy()
    changed[place[kind == 0]] = letter[kind == 0]
    copies = np.ones(len(buffer), np.int64)
    copies[place[kind == 1]] = 2
    copies[place[kind == 2]] = 0
    written = np.repeat(changed, copies)
    ends = np.cumsum(copies)
    written[ends[place[kind == 1]] - 1] = letter[kind == 1]
    offsets = np.concatenate(([0], ends))[np.append(begin, end[-1:])].astype(np.int64)
    return pa.Array.from_buffers(
        pa.large_string(), len(begin), [None, pa.py_buffer(offsets), pa.py_buffer(written)]
    )


def _bytes_of(
    hosts: pa.Array,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    offsets = np.frombuffer(hosts.buffers()[1], np.int64, len(hosts) + 1, hosts.offset * 8)
    return np.frombuffer(hosts.buffers()[2], np.uint8), offsets[:-1], offsets[1:]


def batches(path: Path) -> Iterator[pa.Array]:
    """The column in batches, by pyarrow on one thread: for names that hardly repeat it decodes
    in half the time that DuckDB takes."""
    for batch in pq.ParquetFile(path).iter_batches(_BATCH, columns=["host"], use_threads=False):
        yield batch.column(0)


def tables_for(brands: Mapping[str, Brand], rules: str) -> AnchorTables:
    if rules == "calibrated":
        return compile_names(brands).anchors
    common = count_grams(read_column(shipped_sample().labels, Field.HANDLE).texts)
    return build_tables(forms_of(compile_terms(brands)), common)


def measure(data: Path, path: Path, count: int, rules: str) -> Iterator[dict[str, Any]]:
    """The two lines of one number of brands."""
    brands = _some_brands(data, count)
    started = time.process_time()
    tables = tables_for(brands, rules)
    build_s = time.process_time() - started
    scan(read_column(pa.array(["warm.example", "xn--4ca.example"]), Field.HOST).texts, tables)
    rates: dict[str, list[float]] = {"kernel": [], "end_to_end": []}
    names = sightings = 0
    started = time.process_time()
    for batch in batches(path):
        texts = read_column(batch, Field.HOST).texts
        before = time.process_time()
        sightings += len(scan(texts, tables).text)
        now = time.process_time()
        names += len(batch)
        if len(batch) * 2 > _BATCH or not rates["kernel"]:
            rates["kernel"].append(len(batch) / (now - before))
            rates["end_to_end"].append(len(batch) / (now - started))
        started = time.process_time()
    peak_mib = _peak_mib()
    for stage, found in rates.items():
        yield {
            "bench": "speed", "stage": stage, "brands": len(brands),
            "names_per_cpu_s": round(median(found)), "peak_mib": peak_mib,
            "names": names, "forms": len(tables.size), "sightings": sightings, "rules": rules,
            "build_cpu_s": round(build_s, 2),
        }  # fmt: skip


def _some_brands(data: Path, count: int) -> dict[str, Brand]:
    brands = brands_of(read_registry(data))
    chosen = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
    return {brand_id: brands[brand_id] for brand_id in chosen.sample(sorted(brands), count)}


def measure_peers(data: Path, path: Path, count: int) -> Iterator[dict[str, Any]]:
    """One line for each peer, on so many labels that it takes some seconds."""
    terms = sorted({term.raw for term in compile_terms(_some_brands(data, count))})
    labels = _labels(path)
    peers: list[tuple[str, int, Callable[[Sequence[str]], object]]] = [
        ("rapidfuzz cdist", 20_000_000, lambda some: cdist(
            some, terms, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)),
        ("rapidfuzz loop", 2_000_000, lambda some: [
            OSA.distance(label, term, score_cutoff=1) for label in some for term in terms]),
    ]  # fmt: skip
    if count <= _MOST_PERMUTED:
        permuted = _permutations(terms)
        if permuted:
            peers.append(("dnstwist set", count * 1_000_000, lambda some: [
                label for label in some if label in permuted]))  # fmt: skip
    else:
        say(f"dnstwist set: not at {count} brands, it would generate for many minutes")
    for peer, comparisons, compare in peers:
        some = labels[: max(100, min(len(labels), comparisons // len(terms)))]
        started = time.process_time()
        compare(some)
        spent = time.process_time() - started
        yield {
            "bench": "speed", "stage": peer, "brands": count,
            "names_per_cpu_s": round(len(some) / spent),
            "peak_mib": _peak_mib(),
            "names": len(some), "forms": len(terms),
        }  # fmt: skip


def _peak_mib() -> int:
    """Of this process alone; what getrusage says counts the parent that started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return round(int(found[1]) / 1024) if found else 0


def _labels(path: Path) -> list[str]:
    """Registrable labels of the first batch."""
    hosts = next(iter(batches(path))).cast(pa.large_string())
    buffer, begin, end = _bytes_of(hosts)
    split = split_column(buffer, begin, end)
    return [
        host[start : max(stop, start)]
        for host, start, stop in zip(
            hosts.to_pylist(), split.registrable.tolist(), split.name_end.tolist(), strict=True
        )
    ]


def _permutations(terms: Sequence[str]) -> set[str]:
    """Labels that dnstwist makes of the terms; none, with a word why, where it is not there."""
    try:
        from dnstwist import Fuzzer  # type: ignore[import-untyped]
    except ImportError:
        say("dnstwist set: dnstwist is not installed")
        return set()
    made: set[str] = set()
    for term in terms:
        fuzzer = Fuzzer(f"{term}.com")
        fuzzer.generate()
        made.update(one["domain"].rpartition(".")[0] for one in fuzzer.domains)
    return made


def main(argv: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.names speed")
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--names", type=int, default=10_000_000)
    parser.add_argument("--rules", choices=("calibrated", "widest"), default="calibrated")
    parser.add_argument("--brands", type=int, nargs="+", default=_BRANDS)
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)  # a process of its own
    parser.add_argument("--peer-process", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    if given.file:
        (count,) = given.brands
        lines = (
            measure_peers(given.data, given.file, count)
            if given.peer_process
            else measure(given.data, given.file, count, given.rules)
        )
        for line in lines:
            print(json.dumps(line), flush=True)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.parquet"
        say(f"Writing {given.names:,} names.")
        write_names(given.data, given.names, path)
        for count in given.brands:
            for peer in ([], ["--peer-process"])[: 1 + given.peers]:
                subprocess.run(
                    [sys.executable, "-m", "benchmarks.names", "speed", "--data", given.data,
                     "--file", path, "--brands", str(count), "--rules", given.rules, *peer],
                    check=True,
                )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
