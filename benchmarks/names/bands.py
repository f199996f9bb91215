"""The name detector: how fast, how much it finds, how often it calls for nothing.

    python -m benchmarks.names --data DIR          the real names, against 3,459 brands
    python -m benchmarks.names --examples          examples/data/labels.csv; needs no data

JSON lines, by `measure`:
- `throughput`: names per second of one core against 10, 100, 1,000 and all brands.
- `recall`: of phishing hosts that posed as a brand and whose name shows it (`resembles`, a rough
  guide made by machine), how many match a brand of the right family at all (`found`) and rank as
  a case of `review` or worse; `per_brand` is the mean over families with five rows or more.
  Hosts on private suffixes (shared_hosting) are lines of their own.
- `alerts`: pairs of name and brand per million newly registered names, by lowest band. These
  names hold real abuse: it is what a person would have to read, not a count of errors.
- `hard-negatives`: innocent names that would become a case; a brand's own site is left out for
  that brand.
- `examples`: per field and kind of labels.csv, the share that matches the brand it is about (any
  brand, where it is about none) and the share that would rank in a band or worse. High is good
  for lookalikes, low for innocents.
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.judging import Judged, judge
from benchmarks.labelled_examples import measure_examples
from benchmarks.measuring import emit, measured, per_million, say, share
from benchmarks.ordinary_names import mark_common, ordinary_labels, per_million_labels
from benchmarks.registry import Registered, brands_of, read_registry, rows_of
from detectors.names import compile_names, match_names
from detectors.observations import Watchlist, compile_watchlist
from namaak.records import Band, Field

_SEED = 20261121
_BANDS = (Band.WATCH, Band.REVIEW, Band.HIGH, Band.CRITICAL)
#: Names matched per number of brands: some seconds each.
_SIZES = ((10, 100_000), (100, 100_000), (1_000, 40_000), (None, 20_000))


def measure_throughput(registered: Mapping[str, Registered], hosts: list[str]) -> None:
    """hosts: of which a seeded sample is matched."""
    chosen = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
    brands = brands_of(registered)
    for count, names in _SIZES:
        ids = chosen.sample(sorted(brands), count) if count else list(brands)
        sample = pa.array(chosen.sample(hosts, min(names, len(hosts))), pa.string())
        with measured() as compiling:
            matcher = compile_names({brand_id: brands[brand_id] for brand_id in ids})
        with measured() as matching:
            hits = match_names(sample, Field.HOST, matcher)
        emit("throughput", {
            "brands": len(ids), "names": len(sample), "hits": len(hits),
            "names_per_cpu_s": matching.per_cpu_s(len(sample)),
            "compile_cpu_s": round(compiling.cpu_s, 2), **matching.columns(),
        })  # fmt: skip


def measure_recall(data: Path, registered: Mapping[str, Registered], watchlist: Watchlist) -> None:
    """Per class of resemblance, and over all of one kind of hosting."""
    rows = [
        row
        for row in pq.read_table(data / "domains_positive.parquet").to_pylist()
        if row["resembles"] != "none" and row["brand_id"] in registered
    ]
    families = [registered[row["brand_id"]].family for row in rows]
    with measured() as spent:
        best = best_of_family(
            judge([row["host"] for row in rows], Field.HOST, watchlist), families, registered
        )
    for shared in (False, True):
        kept = [at for at, row in enumerate(rows) if row["shared_hosting"] is shared]
        for kind in sorted({rows[at]["resembles"] for at in kept}):
            _emit_recall([at for at in kept if rows[at]["resembles"] == kind], best, families,
                         {"resembles": kind, "shared_hosting": shared})  # fmt: skip
        whole = [at for at in kept if not rows[at]["resembles"].startswith("sub_")]
        _emit_recall(kept, best, families, {"resembles": "any", "shared_hosting": shared,
                                            **spent.columns()})  # fmt: skip
        _emit_recall(whole, best, families, {"resembles": "any but sub_*",
                                             "shared_hosting": shared})  # fmt: skip


def best_of_family(
    found: Iterator[Judged], families: Sequence[str], registered: Mapping[str, Registered]
) -> dict[int, Judged]:
    """families: per row, whose brand the name posed as. Per row its highest score for those."""
    best: dict[int, Judged] = {}
    for one in found:
        right = registered[one.brand_id].family == families[one.row]
        if right and (one.row not in best or one.score > best[one.row].score):
            best[one.row] = one
    return best


def _emit_recall(
    rows: Sequence[int],
    best: Mapping[int, Judged],
    families: Sequence[str],
    about: Mapping[str, object],
) -> None:
    by_family: dict[str, list[int]] = {}
    for row in rows:
        by_family.setdefault(families[row], []).append(row)
    often = [members for members in by_family.values() if len(members) >= 5]

    def reached(members: Sequence[int], least: Band) -> float:
        return sum(row in best and best[row].reaches(least) for row in members) / len(members)

    emit("recall", {
        **about, "rows": len(rows), "found": share(sum(row in best for row in rows), len(rows)),
        **{str(band): round(reached(rows, band), 4) for band in _BANDS if rows},
        "families": len(often),
        "review_per_brand": round(fmean(reached(one, Band.REVIEW) for one in often), 4)
        if often else None,
    })  # fmt: skip


def measure_alerts(data: Path, watchlist: Watchlist) -> None:
    """Pairs of newly registered name and brand, by lowest band."""
    table = pq.read_table(
        data / "domains_bulk.parquet",
        columns=["host"],
        filters=[("tier", "=", "nrd"), ("label_conflict", "=", False)],
    )
    hosts = table["host"].to_pylist()
    pairs: Counter[Band] = Counter()
    suppressed = 0
    with measured() as spent:
        for one in judge(hosts, Field.HOST, watchlist):
            suppressed += one.suppressed is not None
            pairs.update(band for band in _BANDS if one.reaches(band))
    emit("alerts", {
        "tier": "nrd", "names": len(hosts), "brands": len(watchlist.brands),
        **{f"{band}_per_million": per_million(pairs[band], len(hosts)) for band in _BANDS},
        "suppressed": suppressed, **spent.columns(),
    })  # fmt: skip


def measure_hard_negatives(
    data: Path, registered: Mapping[str, Registered], watchlist: Watchlist
) -> None:
    """Share of innocent names that would become a case, per kind of innocence."""
    rows = list(rows_of(data / "domains_hard_negative.csv.gz"))
    reached: dict[Band, set[int]] = {band: set() for band in _BANDS}
    for one in judge([row["host"] for row in rows], Field.HOST, watchlist):
        owner = registered.get(rows[one.row]["brand_id"])
        if owner is not None and owner.family == registered[one.brand_id].family:
            continue
        for band in _BANDS:
            if one.reaches(band):
                reached[band].add(one.row)
    kinds = Counter(row["kind"] for row in rows)
    for kind in [*sorted(kinds), "any"]:
        members = {at for at, row in enumerate(rows) if kind in ("any", row["kind"])}
        emit("hard-negatives", {
            "kind": kind, "names": len(members),
            **{str(band): share(len(reached[band] & members), len(members)) for band in _BANDS},
        })  # fmt: skip


def measure_data(data: Path) -> None:
    """Everything that needs the real data."""
    registered = read_registry(data)
    rates = per_million_labels(registered, ordinary_labels(data))
    registered = mark_common(registered, rates)
    hosts = pq.read_table(data / "domains_bulk.parquet", columns=["host"])["host"].to_pylist()
    say("Throughput, half a minute.")
    measure_throughput(registered, hosts)
    watchlist = compile_watchlist(brands_of(registered), {})
    say("Recall, alerts and hard negatives, a minute.")
    measure_recall(data, registered, watchlist)
    measure_alerts(data, watchlist)
    measure_hard_negatives(data, registered, watchlist)


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument("--examples", action="store_true", help="measure examples/data too")
    given = parser.parse_args()
    if given.data is None and not given.examples:
        parser.error("give --data DIR, --examples, or both")
    if given.data is not None:
        measure_data(given.data)
    if given.examples:
        measure_examples()
    return 0


if __name__ == "__main__":
    sys.exit(main())
