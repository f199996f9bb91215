"""Fits the weights of names, and what is learned of words and suffixes beside a brand.

    python -m benchmarks.names fit --data DIR                      writes detectors/tables
    python -m benchmarks.names fit --data DIR --verdicts FILE      with a user's own verdicts

Logistic regression with signs fixed beforehand: what ought to speak against a name may weigh
nothing, never for it. Negatives are the best sightings of newly registered names, real attacks
among them; positives weigh 1 / sqrt(rows of their family), or two families would decide. A sum of
one family's best sighting depends on the weights, so fitting and choosing take turns.
`cross_fit` scores every family with weights and tables that never saw it: the honest figures.

FILE: CSV or Parquet with columns name (a host), brand_id (of DIR/brands.csv.gz) and verdict
(confirmed or dismissed).
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import csv
import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from scipy.optimize import minimize

from benchmarks.measuring import say
from benchmarks.names.labelled import (
    Looked,
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
from detectors.names.features import FEATURES, measure
from detectors.names.kernel import scan
from detectors.names.learned import Learned, ratios_of
from detectors.names.scorecard import CASE_TYPES, Scorecard, score, scorecard
from detectors.names.texts import read_column
from detectors.ordinary import ordinary_sample, ordinary_version
from detectors.suffixes import suffix_list
from detectors.words import DIGITS, LETTERS, segment, word_table
from namaak.records import Field

TABLES = Path(__file__).resolve().parents[2] / "detectors" / "tables"

_ANY = (None, None)
_FOR, _AGAINST = (0.0, None), (None, 0.0)
#: Bounds of what is fitted; a feature that is missing here is not.
BOUNDS: Mapping[str, tuple[float | None, float | None]] = {
    "constant": _ANY,
    "class_rate": _AGAINST, "edited_rate": _AGAINST, "token_rate": _AGAINST,
    "spelling_rate": _AGAINST, "zipf_short": _AGAINST, "zipf_long": _AGAINST,
    # A longer term gains more when it is cut out of a label, and that is weighed already.
    "length": _ANY,
    # Hygiene of the registry, of which attacked brands have more; capped, or it decides alone.
    "generic": (-1.5, 0.0), "shared": (-1.0, 0.0), "variant": (-2.0, 0.0),
    "edits": _AGAINST, "edit_share": _AGAINST, "first_changed": _AGAINST, "replaced": _AGAINST,
    "added": _FOR, "edited_token": _AGAINST, "breaks": _AGAINST,
    "whole": _FOR, "token": _FOR, "inside": _AGAINST, "left": _FOR, "right": _FOR,
    "starts": _FOR, "one_letter_more": _FOR,
    "gain": _FOR, "loss": _AGAINST, "lure": _FOR, "place_word": _FOR, "web_word": _FOR,
    "rest_words": _AGAINST, "rest_random": _FOR, "rest_digits": _FOR, "rest_length": _AGAINST,
    "rest_cost": _FOR, "hyphens": _FOR, "many_hyphens": _AGAINST,
    "covered": _AGAINST, "rival": _AGAINST, "other_brands": _AGAINST,
    # Foreign letters are weighed by their layer in ranking, on top of this.
    "punycode": (0.0, 1.2),
    "suffix": _FOR, "learned": _FOR,
}  # fmt: skip
#: What no list of new registrable names can weigh, because it has none of it.
BY_HAND = {
    # Whoever holds any domain may put a brand in front of it, and honest services do so daily.
    "sub_label": -1.0,
    # "paypal.com." in front of something else is made to be cut off on a small screen.
    "address_below": 1.5,
    # People who speak of a brand name it; they lure nobody.
    "speech_word": -1.0,
}
#: Learned from past attacks: left out where people fight over names, not over logins.
_LEARNED = ("learned", "suffix")
#: Where the score of 4,000 alerts per million new names is put; any place would do.
_REVIEW_AT = 3.4

FOLDS = 8
_ROUNDS = 4
_RIDGE = 1e-4
#: Rows of evidence that nothing is worth, in each list of words.
_WORD_PRIOR = 3.0
_SUFFIX_PRIOR = 20.0
_SUFFIX_CAPS = (-1.2, 2.0)
_TAIL_AT = tuple(round(0.5 * at, 1) for at in range(-8, 21))

_Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """New names and labelled ones, looked through with one registry."""

    registry: Registry
    new: Looked
    known: Looked
    named: Sequence[Named]
    confirmed: npt.NDArray[np.bool_]  #: per sighting of `known`: of the family it posed as
    dismissed: npt.NDArray[np.bool_]  #: per sighting of `known`: a person said it is no case


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Words beside the brand in the best sighting of each pair of one list."""

    family: npt.NDArray[np.int32]
    words: Sequence[frozenset[str]]
    suffix: Sequence[str]
    weight: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was fitted on some families."""

    weights: _Matrix  #: in the order of FEATURES
    tables: Learned


def read_pairs(data: Path, verdicts: Path | None = None) -> Pairs:
    """data: the evaluation data, or other files of the same columns."""
    registry = read_families(data)
    named = phishing_names(data, registry, hosts=False)
    refused: list[bool] = [False] * len(named)
    for row in _rows(verdicts) if verdicts else ():
        family = registry.family(row["brand_id"])
        if row["verdict"] not in ("confirmed", "dismissed"):
            raise ValueError(
                f"{verdicts}: a verdict is confirmed or dismissed, not {row['verdict']}"
            )
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


def _rows(path: Path) -> Sequence[dict[str, str]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, str]] = pq.read_table(path).to_pylist()
        return rows
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fold_of(families: Sequence[str]) -> npt.NDArray[np.int64]:
    """0 to FOLDS - 1 by a hash of the family's name."""
    return np.array([zlib.crc32(f"family:{name}".encode()) % FOLDS for name in families], np.int64)


def evidence(looked: Looked, registry: Registry, tables: Learned) -> _Matrix:
    """A row of FEATURES per sighting."""
    matcher = registry.matcher
    return measure(
        looked.texts, looked.sightings, looked.spans, matcher.columns, matcher.rarity, tables
    )


class Fitting:
    """One set of pairs, measured once; only learned columns change from fold to fold."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self.fold = fold_of(pairs.registry.families)
        nothing = Learned(version="", words=ratios_of({}), suffixes=ratios_of({}))
        self.new = evidence(pairs.new, pairs.registry, nothing)
        self.known = evidence(pairs.known, pairs.registry, nothing)
        rows = Counter(one.family for one in pairs.named)
        self.weight_of = {family: 1 / math.sqrt(count) for family, count in rows.items()}
        start = scorecard().column()
        self.new_rest = self._rest(pairs.new, score(self.new, start), None)
        self.known_rest = self._rest(pairs.known, score(self.known, start), pairs.confirmed)
        self._tables: dict[tuple[int, ...], Learned] = {}
        self._columns: dict[tuple[int, ...], tuple[_Matrix, _Matrix]] = {}

    def _rest(self, looked: Looked, scores: _Matrix, counted: npt.NDArray[np.bool_] | None) -> Rest:
        best, _ = best_scores(looked, scores, counted)
        family = looked.family[best]
        weight = np.ones(len(best))
        if counted is not None:
            weight = np.array([self.weight_of[one] for one in family.tolist()])
            weight *= len(best) / weight.sum()
        return Rest(
            family=family,
            words=_words_beside(looked, best),
            suffix=[_suffix(looked.names[row]) for row in looked.row[best].tolist()],
            weight=weight,
        )

    def tables(self, without: tuple[int, ...]) -> Learned:
        """Learned from the families of all folds but these."""
        if without not in self._tables:
            kept_known = ~np.isin(self.fold[self.known_rest.family], without)
            kept_new = ~np.isin(self.fold[self.new_rest.family], without)
            words = learn_words(self.known_rest, kept_known, self.new_rest, kept_new)
            suffixes = learn_suffixes(self.known_rest, kept_known, self.pairs.new.names)
            self._tables[without] = Learned(
                version="", words=ratios_of(words), suffixes=ratios_of(suffixes)
            )
        return self._tables[without]

    def matrices(self, fold: int | None) -> tuple[_Matrix, _Matrix]:
        """(new, known) for a fit without `fold`: no row is told what was learned from itself."""
        new, known = self.new.copy(), self.known.copy()
        columns = [FEATURES.index(name) for name in _LEARNED]
        for other in range(FOLDS):
            without = tuple(sorted({other} if fold is None else {other, fold}))
            if without not in self._columns:
                tables = self.tables(without)
                self._columns[without] = (
                    evidence(self.pairs.new, self.pairs.registry, tables)[:, columns],
                    evidence(self.pairs.known, self.pairs.registry, tables)[:, columns],
                )
            for matrix, looked, learned in (
                (new, self.pairs.new, self._columns[without][0]),
                (known, self.pairs.known, self._columns[without][1]),
            ):
                mine = self.fold[looked.family] == other
                matrix[np.ix_(mine, columns)] = learned[mine]
        return new, known

    def fit(self, fold: int | None, case_type: str = "fraud") -> Model:
        """The weights without one fold's families, or of all."""
        new, known = self.matrices(fold)
        pairs = self.pairs
        in_new = self.fold[pairs.new.family] != fold
        in_known = self.fold[pairs.known.family] != fold
        names = [name for name in BOUNDS if case_type == "fraud" or name not in _LEARNED]
        weights = scorecard().column(case_type)
        for _ in range(_ROUNDS):
            no, _ = best_scores(pairs.new, score(new, weights), in_new)
            yes, _ = best_scores(pairs.known, score(known, weights), in_known & pairs.confirmed)
            refused, _ = best_scores(pairs.known, score(known, weights), in_known & pairs.dismissed)
            positive = [self.weight_of[one] for one in pairs.known.family[yes].tolist()]
            weights = _regression(
                np.concatenate([new[no], known[refused], known[yes]]),
                np.repeat([0.0, 1.0], [len(no) + len(refused), len(yes)]),
                np.concatenate([np.ones(len(no) + len(refused)), positive]),
                names,
                weights,
            )
        for name, weight in BY_HAND.items():
            weights[FEATURES.index(name)] = weight
        without = () if fold is None else (fold,)
        return Model(weights=np.round(weights, 1), tables=self.tables(without))


def cross_fit(pairs: Pairs, case_type: str = "fraud") -> tuple[list[Model], npt.NDArray[np.int64]]:
    """(a model per fold that never saw its families, the fold of each family)."""
    fitting = Fitting(pairs)
    return [fitting.fit(fold, case_type) for fold in range(FOLDS)], fitting.fold


def _regression(
    rows: _Matrix,
    positive: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    names: Sequence[str],
    start: _Matrix,
) -> _Matrix:
    """Weighted logistic regression within BOUNDS; features scaled to one spread for the ridge."""
    columns = [FEATURES.index(name) for name in names]
    spread = rows[:, columns].std(axis=0).astype(np.float64)
    spread[spread == 0] = 1.0
    scaled = rows[:, columns] / spread
    sign = 2 * positive - 1
    weight = weight / weight.sum()

    def loss(at: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (scaled @ at)
        slope = -sign * weight / (1 + np.exp(np.clip(margin, -500, 500)))
        value = (weight * np.logaddexp(0, -margin)).sum() + _RIDGE * (at * at).sum() / 2
        return float(value), scaled.T @ slope + _RIDGE * at

    bounds = [
        tuple(None if edge is None else edge * one for edge in BOUNDS[name])
        for name, one in zip(names, spread, strict=True)
    ]
    low = np.array([-np.inf if one[0] is None else one[0] for one in bounds])
    high = np.array([np.inf if one[1] is None else one[1] for one in bounds])
    found = minimize(
        loss, np.clip(start[columns] * spread, low, high), jac=True, method="L-BFGS-B",
        bounds=bounds, options={"maxiter": 400, "ftol": 1e-10},
    )  # fmt: skip
    weights = np.zeros(len(FEATURES), np.float32)
    weights[columns] = found.x / spread
    return weights


def learn_words(
    known: Rest, kept_known: npt.NDArray[np.bool_], new: Rest, kept_new: npt.NDArray[np.bool_]
) -> dict[str, float]:
    """Log ratios of how often a word stands beside the brand, drawn to 0 where few rows speak."""
    yes: dict[str, float] = defaultdict(float)
    no = Counter[str]()
    for at in np.flatnonzero(kept_known).tolist():
        for word in known.words[at]:
            yes[word] += known.weight[at]
    for at in np.flatnonzero(kept_new).tolist():
        no.update(new.words[at])
    rows_yes, rows_no = float(known.weight[kept_known].sum()), int(kept_new.sum())
    ratios = {}
    for word in sorted({*yes, *no}):
        ratio = math.log((yes[word] + 0.5) / (rows_yes + 1) / ((no[word] + 0.5) / (rows_no + 1)))
        speaking = yes[word] + no[word] * rows_yes / rows_no
        value = round(ratio * speaking / (speaking + _WORD_PRIOR), 2)
        if abs(value) >= 0.2:
            ratios[word] = value
    return ratios


def learn_suffixes(
    known: Rest, kept: npt.NDArray[np.bool_], new: Sequence[str]
) -> dict[str, float]:
    """Log ratios of generic suffixes; of country suffixes the lists of new names say nothing."""
    yes: dict[str, float] = defaultdict(float)
    for at in np.flatnonzero(kept).tolist():
        yes[known.suffix[at]] += known.weight[at]
    rows = float(known.weight[kept].sum())
    no = Counter(map(_suffix, new))
    ratios = {}
    for suffix in sorted({*yes, *no}):
        if "." in suffix or len(suffix) == 2:
            continue
        share = no[suffix] / len(new)
        drawn = (yes[suffix] + _SUFFIX_PRIOR * share) / (rows + _SUFFIX_PRIOR)
        ratio = math.log((drawn + 1e-4) / (share + 1e-4))
        value = round(min(max(ratio, _SUFFIX_CAPS[0]), _SUFFIX_CAPS[1]), 2)
        if abs(value) >= 0.1:
            ratios[suffix] = value
    return ratios


def _suffix(host: str) -> str:
    return host[suffix_list().split(host).suffix :]


def _words_beside(looked: Looked, chosen: npt.NDArray[np.int64]) -> list[frozenset[str]]:
    """Dictionary words of the label beside each of these spans."""
    arrays = word_table().arrays
    begins, ends = np.empty(4096, np.int64), np.empty(4096, np.int64)
    classes = np.empty(4096, np.uint8)
    texts, seen, spans = looked.texts, looked.sightings, looked.spans
    found = []
    for at in chosen.tolist():
        low = int(texts.begin[seen.text[at]])
        words = set()
        for left, right in (
            (spans.unit_begin[at], seen.start[at]), (seen.end[at], spans.unit_end[at]),
        ):  # fmt: skip
            many = segment(texts.buffer, low + left, low + right, arrays, begins, ends, classes)
            words |= {
                texts.buffer[begins[one] : ends[one]].tobytes().decode("ascii").lower()
                for one in range(many)
                if classes[one] not in (LETTERS, DIGITS)
            }
        found.append(frozenset(words))
    return found


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
    words = learn_words(
        fitting.known_rest, every, fitting.new_rest, np.ones(len(fitting.new_rest.words), np.bool_)
    )
    suffixes = learn_suffixes(fitting.known_rest, every, pairs.new.names)
    lines = [
        f"# version: {version}",
        f"# {described}",
        "# Natural logarithms of how much oftener attacks have it than new names that resemble a",
        "# brand. Written by `python -m benchmarks.names fit`; never edited by hand.",
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
