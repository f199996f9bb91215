"""Weights, and what is learned of words and suffixes, fitted to names with a verdict.

Logistic regression with signs fixed beforehand: what ought to speak against a name may weigh
nothing, never for it. Negatives are the best sightings of newly registered names, real attacks
among them; positives weigh 1 / sqrt(rows of their family), or two families would decide. Which
sighting of a name is its best depends on the weights, so fitting and choosing take turns.
A fold's model never saw the families of the fold, nor what was learned from them: the honest
figures come from those.
May import: benchmarks, detectors.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.names.labelled import Looked, Named, Registry, best_scores
from detectors.lures import lexicon
from detectors.names.features import FEATURES, measure
from detectors.names.learned import Learned, classes_of, ratios_of
from detectors.names.scorecard import score, scorecard
from detectors.suffixes import suffix_list
from detectors.words import DIGITS, LETTERS, segment, word_table

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
    "added": _FOR, "alike": (0.6, None), "edited_token": _AGAINST, "breaks": _AGAINST,
    "whole": _FOR, "token": _FOR, "inside": _AGAINST, "left": _FOR, "right": _FOR,
    "starts": _FOR, "one_letter_more": _FOR,
    "gain": _FOR, "loss": _AGAINST, "lure": _FOR, "trade_word": _FOR, "place_word": _FOR,
    "web_word": _FOR,
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
    "sub_label": -0.5,
    # "paypal.com." in front of something else is made to be cut off on a small screen.
    "address_below": 1.5,
    # People who speak of a brand name it; they lure nobody.
    "speech_word": -1.0,
}
#: Learned from past attacks: left out where people fight over names, not over logins.
_LEARNED = ("learned", "suffix")
#: What is learned of each word by itself need not be weighed by its class as well.
_UNLEARNED = ("lure", "trade_word")

FOLDS = 8
_ROUNDS = 4
_RIDGE = 1e-4
#: Rows of evidence that nothing is worth, in each list of words.
_WORD_PRIOR = 3.0
_FAMILIES = 2
_SUFFIX_PRIOR = 20.0
_SUFFIX_CAPS = (-1.2, 2.0)

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


def fold_of(families: Iterable[str]) -> npt.NDArray[np.int64]:
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
        self.folds = range(FOLDS)
        self.fold = fold_of(pairs.registry.families)
        nothing = Learned(
            version="", words=ratios_of({}), classes=classes_of({}), suffixes=ratios_of({})
        )
        self.new = evidence(pairs.new, pairs.registry, nothing)
        self.known = evidence(pairs.known, pairs.registry, nothing)
        rows = Counter(one.family for one in pairs.named)
        self.weight_of = {family: 1 / math.sqrt(count) for family, count in rows.items()}
        #: A brand beside a brand is measured by itself, and no table may know one.
        self.brand_words = {term.raw for term in pairs.registry.matcher.terms}
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
            words=[words - self.brand_words for words in _words_beside(looked, best)],
            suffix=[_suffix(looked.names[row]) for row in looked.row[best].tolist()],
            weight=weight,
        )

    def tables(self, without: tuple[int, ...]) -> Learned:
        """Learned from the families of all folds but these."""
        if without not in self._tables:
            kept_known = ~np.isin(self.fold[self.known_rest.family], without)
            kept_new = ~np.isin(self.fold[self.new_rest.family], without)
            words, classes = learn_words(self.known_rest, kept_known, self.new_rest, kept_new)
            suffixes = learn_suffixes(self.known_rest, kept_known, self.pairs.new.names)
            self._tables[without] = Learned(
                version="",
                words=ratios_of(words),
                classes=classes_of(classes),
                suffixes=ratios_of(suffixes),
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
        left_out = _UNLEARNED if case_type == "fraud" else _LEARNED
        names = [name for name in BOUNDS if name not in left_out]
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
) -> tuple[dict[str, float], dict[str, float]]:
    """Log ratios of how often a word stands beside the brand: (by word, by class of words).

    Where few rows speak a word is drawn to 0. A word that one family alone met says who was
    attacked, not how. Words that no row speaks of count as their class, if that is for them.
    """
    yes: dict[str, float] = defaultdict(float)
    met: dict[str, set[int]] = defaultdict(set)
    no = Counter[str]()
    for at in np.flatnonzero(kept_known).tolist():
        for word in known.words[at]:
            yes[word] += known.weight[at]
            met[word].add(int(known.family[at]))
    for at in np.flatnonzero(kept_new).tolist():
        no.update(new.words[at])
    rows_yes, rows_no = float(known.weight[kept_known].sum()), int(kept_new.sum())

    def log_ratio(positive: float, negative: float) -> float:
        return math.log((positive + 0.5) / (rows_yes + 1) / ((negative + 0.5) / (rows_no + 1)))

    class_of = lexicon().classes
    told = sorted({*yes, *no})
    in_yes: dict[str, float] = defaultdict(float)
    in_no: dict[str, float] = defaultdict(float)
    for word in told:
        if word in class_of and len(met[word]) != 1:
            in_yes[class_of[word]] += yes[word]
            in_no[class_of[word]] += no[word]
    classes = {
        name: round(ratio, 2)
        for name in sorted(in_no)
        if (ratio := log_ratio(in_yes[name], in_no[name])) > 0
    }
    words = {}
    for word in told:
        speaking = yes[word] + no[word] * rows_yes / rows_no
        ratio = log_ratio(yes[word], no[word])
        value = round(ratio * speaking / (speaking + _WORD_PRIOR), 2)
        if 0 < len(met[word]) < _FAMILIES:
            value = 0.0
        if abs(value) >= 0.2 or word in class_of:
            words[word] = value
    return words, classes


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
