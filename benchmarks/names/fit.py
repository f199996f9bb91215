"""Fits the weights of names to the evaluation data, and to a user's own verdicts.

    python -m benchmarks.names fit --data DIR --version DATE                  detectors/tables
    python -m benchmarks.names fit --data DIR --version DATE --verdicts FILE

Writes name_weights.toml and learned.tsv. How: `fitting`. What the outcome is worth on families
it never saw: `python -m benchmarks.names quality --weights cross-fitted`.
FILE: CSV or Parquet with columns name (a host), brand_id (of DIR/brands.csv.gz) and verdict
(confirmed or dismissed).
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.measuring import say
from benchmarks.names.fitting import (
    Fitting,
    Pairs,
    evidence,
    learn_suffixes,
    learn_words,
)
from benchmarks.names.labelled import (
    Named,
    Registry,
    best_scores,
    look,
    names_of,
    new_names,
    phishing_names,
    read_families,
    right_family,
)
from detectors.names.calibration import calibrate
from detectors.names.features import FEATURES
from detectors.names.kernel import scan
from detectors.names.learned import Learned
from detectors.names.scorecard import CASE_TYPES, Scorecard, score, scorecard
from detectors.names.texts import read_column
from detectors.ordinary import ordinary_sample, ordinary_version
from namaak.records import Field

TABLES = Path(__file__).resolve().parents[2] / "detectors" / "tables"

#: Where the score of 4,000 alerts per million new names is put; any place would do.
_REVIEW_AT = 3.4
_TAIL_AT = tuple(round(0.5 * at, 1) for at in range(-8, 21))


def read_pairs(data: Path, verdicts: Path | None = None) -> Pairs:
    """data: the evaluation data, or other files of the same columns."""
    registry = read_families(data)
    named = phishing_names(data, registry, hosts=False)
    refused = [False] * len(named)
    for row in read_verdicts(verdicts) if verdicts else ():
        family = registry.family(row["brand_id"])
        if family is not None:
            named.append(Named(name=row["name"], family=family, kind="verdict"))
            refused.append(row["verdict"] == "dismissed")
    known = look(names_of(named), Field.HOST, registry)
    right = right_family(known, named)
    no = np.array(refused, np.bool_)[known.row]
    return Pairs(
        registry=registry,
        new=look(new_names(data), Field.HOST, registry),
        known=known,
        named=named,
        confirmed=right & ~no,
        dismissed=right & no,
    )


def read_verdicts(path: Path) -> Iterator[dict[str, str]]:
    """Rows of name, brand_id and verdict. Raises ValueError for another verdict than the two."""
    if path.suffix == ".parquet":
        rows: list[dict[str, str]] = pq.read_table(path).to_pylist()
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    for row in rows:
        if row["verdict"] not in ("confirmed", "dismissed"):
            said = row["verdict"]
            raise ValueError(f"{path}: a verdict is confirmed or dismissed, not {said}")
        yield row


def write_tables(pairs: Pairs, folder: Path, *, version: str, described: str) -> Scorecard:
    """Fits all families and writes the two tables; the scorecard that was written."""
    fitting = Fitting(pairs)
    models = {case: fitting.fit(None, case) for case in CASE_TYPES}
    final = fitting.tables(())
    new = evidence(pairs.new, pairs.registry, final)
    weights = {}
    for case, model in models.items():
        _, best = best_scores(pairs.new, score(new, model.weights))
        review = np.sort(best)[::-1][round(4000 * len(pairs.new.names) / 1e6)]
        model.weights[FEATURES.index("constant")] += round(_REVIEW_AT - float(review), 1)
        weights[case] = dict(zip(FEATURES, model.weights.round(1).tolist(), strict=True))
    _, best = best_scores(pairs.new, score(new, models["fraud"].weights))
    ranked = np.sort(best)[::-1]
    card = replace(
        scorecard(),
        version=version,
        described=described,
        weights={
            case: {name: round(one, 1) for name, one in column.items() if one}
            for case, column in weights.items()
        },
        thresholds={
            alerts: round(float(ranked[round(alerts * len(pairs.new.names) / 1e6)]), 2)
            for alerts in (1000, 4000, 10000)
        },
        tail_at=_TAIL_AT,
        tail=(0.0,) * len(_TAIL_AT),
    )
    card = replace(card, tail=_pooled_tail(pairs.registry, card, final))
    (folder / "name_weights.toml").write_text(_as_toml(card), encoding="utf-8")
    every = np.ones(len(fitting.known_rest.words), np.bool_)
    words, classes = learn_words(
        fitting.known_rest, every, fitting.new_rest, np.ones(len(fitting.new_rest.words), np.bool_)
    )
    suffixes = learn_suffixes(fitting.known_rest, every, pairs.new.names)
    lines = [
        f"# version: {version}",
        f"# {described}",
        "# Natural logarithms of how much oftener attacks have it than new names that resemble a",
        "# brand. Written by `python -m benchmarks.names fit`; never edited by hand.",
        *(f"class\t{name}\t{value}" for name, value in classes.items()),
        *(f"word\t{word}\t{value}" for word, value in words.items()),
        *(f"suffix\t{suffix}\t{value}" for suffix, value in suffixes.items()),
    ]
    (folder / "learned.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return card


def _pooled_tail(registry: Registry, card: Scorecard, tables: Learned) -> tuple[float, ...]:
    """Alerts that a brand of the registry makes in a million ordinary names, per score."""
    matcher, labels = registry.matcher, ordinary_sample()
    texts = read_column(labels, Field.HANDLE).texts
    calibration = calibrate(
        matcher.terms, matcher.columns, matcher.brands, labels, texts,
        scan(texts, matcher.anchors), sample=ordinary_version(), card=card, tables=tables,
    )  # fmt: skip
    mean = np.array(list(calibration.tails.values()), np.float64).mean(axis=0)
    return tuple(float(f"{one:.3g}") for one in mean * 1e6 / len(labels))


def _as_toml(card: Scorecard) -> str:
    lines = [
        "# Weights of what is measured of a lookalike name; natural-log odds. Terms and units:",
        "# detectors/names/features.py. Made by `python -m benchmarks.names fit`, never by hand.",
        f'version = "{card.version}"',
        f'described = "{card.described}"',
    ]
    for case, weights in card.weights.items():
        lines += ["", f"[weights.{case}]", *(f"{name} = {one}" for name, one in weights.items())]
    lines += ["", "# Scores that so many of a million new names reached, all brands together."]
    lines += ["[thresholds]", *(f"{alerts} = {at}" for alerts, at in card.thresholds.items())]
    lines += ["", "# Alerts that a brand makes in a million ordinary names, on average.", "[tail]"]
    lines += [f"score = {list(card.tail_at)}", f"per_million = {list(card.tail)}"]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.names fit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--verdicts", type=Path, help="CSV or Parquet: name, brand_id, verdict")
    parser.add_argument("--out", type=Path, default=TABLES, help="folder of the two tables")
    parser.add_argument("--version", required=True, help="a date; matches record it")
    given = parser.parse_args(argv)
    given.out.mkdir(parents=True, exist_ok=True)
    pairs = read_pairs(given.data, given.verdicts)
    families = len({one.family for one in pairs.named})
    described = (
        f"{len(pairs.named):,} names that posed as {families} families, "
        f"{len(pairs.new.names):,} newly registered names, "
        f"{len(pairs.registry.registered):,} brands"
    )
    say(f"Fitting on {described}.")
    card = write_tables(pairs, given.out, version=given.version, described=described)
    say(f"Thresholds: {card.thresholds}. Measure with `python -m benchmarks.names quality`.")
    return 0
