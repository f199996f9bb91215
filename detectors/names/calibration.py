"""What ordinary names say about a brand, measured once when it is enrolled.

Every term is looked for in the sample of ordinary names. That gives three things. How often
chance brings each class of match, which is the rarity that ranking weighs. Which of the term's
rules would alone bring more alerts than its budget, so that they are lowered. And how high
ordinary names score for the brand, so that a score can be told as "so many alerts in a million
ordinary names". Labels of the brand's own domains do not count.
May import: detectors.names, detectors.suffixes, namaak.brands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from detectors.names.features import TermColumns, measure
from detectors.names.learned import Learned
from detectors.names.rarity import ALL, CLASS_SHAPE, Rarity, count_matches
from detectors.names.scorecard import Scorecard, best_of_brands, score
from detectors.names.sightings import Sightings, Texts
from detectors.names.spans import PLACES, TOKEN, Spans, spelling_hash, take_apart
from detectors.names.terms import Rule, Term
from detectors.suffixes import suffix_list
from namaak.brands import Brand

#: Alerts per million ordinary names that one rule of one term may bring by itself. Measured on
#: 6,768 known lookalikes: at 1,000 one is lost and a seventh of all sightings goes; at 300 it
#: is 0.7 % and a third. What ranks high is the same.
BUDGET = 1000.0
#: A spelling met in fewer labels is not kept: it is rare, and that is all its count would say.
_SPELLING_LABELS = 2
#: Labels that the prior of a tail is worth, in expected alerts.
_PRIOR_ALERTS = 0.5
#: The ways in which a rule lets a term in, dearest first: see `_needed`.
_WAYS = ("token 2", "inside 2", "token 1", "inside 1", "inside 0", "edge")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRates:
    """One term in the sample. Numbers of labels."""

    classes: tuple[int, ...]  #: `rarity.CLASS_SHAPE`, by rows: matches at least as strong
    #: Written so (lower-case letters and digits of the span): as the brand, and at all.
    spellings: Mapping[str, tuple[int, int]]
    ways: tuple[int, ...]  #: by _WAYS: labels that no lesser rule of the term lets in


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Brands of a watch list against one sample of ordinary names."""

    sample: str  #: version of the sample
    weights: str  #: version of the weights that the tails were scored with
    labels: int  #: labels in the sample
    terms: Mapping[str, Mapping[str, TermRates]]  #: by brand id, then by raw term
    tails: Mapping[str, tuple[int, ...]]  #: by brand id: labels above each `Scorecard.tail_at`


def calibrate(
    terms: Sequence[Term],
    columns: TermColumns,
    brands: Mapping[str, Brand],
    labels: pa.LargeStringArray,
    texts: Texts,
    sightings: Sightings,
    *,
    sample: str,
    card: Scorecard,
    tables: Learned,
) -> Calibration:
    """terms: with their widest rules; sightings: of all of them in texts, which are of labels.

    brands: by id, for their own domains. About 3 microseconds a sighting.
    """
    spans = take_apart(texts, sightings, columns.raw)
    counted = ~_of_own_labels(terms, brands, labels, texts, sightings)
    rarity = count_matches(sightings, spans, counted, terms=len(terms), labels=len(labels))
    features = measure(texts, sightings, spans, columns, rarity, tables)
    scores = score(features, card.column("fraud"))
    dispute = np.array([brand.case_type == "dispute" for brand in brands.values()], np.bool_)
    if dispute.any():
        as_dispute = score(features, card.column("dispute"))
        scores = np.where(dispute[columns.brand[sightings.term]], as_dispute, scores)
    scores[~counted] = -np.inf
    best = best_of_brands(texts.row[sightings.text], columns.brand[sightings.term], scores)
    spellings = _spellings(texts, sightings, spans, counted, rarity, len(terms))
    ways = _ways(sightings, spans, counted, len(terms))
    rates: dict[str, dict[str, TermRates]] = {}
    tails: dict[str, tuple[int, ...]] = {}
    brand_of = columns.brand[sightings.term[best]]
    order = np.argsort(brand_of, kind="stable")
    scores_of = scores[best][order]
    edges = np.searchsorted(brand_of[order], np.arange(columns.brand.max(initial=-1) + 2))
    for index, term in enumerate(terms):
        rates.setdefault(term.brand_id, {})[term.raw] = TermRates(
            classes=tuple(rarity.classes[index].ravel().tolist()),
            spellings=spellings[index],
            ways=tuple(ways[index].tolist()),
        )
        if term.brand_id not in tails:
            number = columns.brand[index]
            mine = np.sort(scores_of[edges[number] : edges[number + 1]])
            above = len(mine) - np.searchsorted(mine, card.tail_at, side="left")
            tails[term.brand_id] = tuple(above.tolist())
    return Calibration(
        sample=sample, weights=card.version, labels=len(labels), terms=rates, tails=tails
    )


def rarity_of(calibration: Calibration, terms: Sequence[Term]) -> Rarity:
    """The rates of these terms, in their order, as ranking takes them.

    Raises KeyError for a term that was not calibrated.
    """
    classes = np.zeros((len(terms), *CLASS_SHAPE), np.int32)
    spelled: dict[int, tuple[int, int]] = {}
    for index, term in enumerate(terms):
        rates = calibration.terms[term.brand_id][term.raw]
        classes[index] = np.array(rates.classes, np.int32).reshape(CLASS_SHAPE)
        raw = np.frombuffer(term.raw.encode("ascii"), np.uint8)
        for spelling, labels in rates.spellings.items():
            key = int(spelling_hash(raw, np.frombuffer(spelling.encode("ascii"), np.uint8)))
            # Two brands of one name may have different own labels; the rarer is nearer to chance.
            spelled[key] = min(labels, spelled.get(key, labels))
    keys = np.array(sorted(spelled), np.uint64)
    return Rarity(
        labels=calibration.labels,
        classes=classes,
        spellings=keys,
        spelling_labels=np.array([spelled[int(key)] for key in keys], np.int32).reshape(-1, 2),
    )


def rule_within(term: Term, rates: TermRates, labels: int, budget: float = BUDGET) -> Rule:
    """The term's rule, lowered until no way in brings more than `budget` alerts per million.

    Its own whole word is always looked for.
    """
    rule = term.rule
    dear = {
        way for way, count in zip(_WAYS, rates.ways, strict=True) if count * 1e6 > budget * labels
    }
    for edits in (2, 1):
        if rule.token_edits >= edits and f"token {edits}" in dear:
            rule = replace(rule, token_edits=edits - 1)
        if rule.inside_edits >= edits and f"inside {edits}" in dear:
            rule = replace(rule, inside_edits=edits - 1)
    if rule.inside_edits == 0 and "inside 0" in dear:
        rule = replace(rule, inside_edits=-1, edge=True)
    # Glued to a lure a short name is common abuse, and exact: the edge stays whatever it costs.
    return rule


def alerts_per_million(
    calibration: Calibration,
    brand_ids: Sequence[str],
    brand: npt.NDArray[np.int32],
    scored: npt.NDArray[np.float32],
    card: Scorecard,
) -> npt.NDArray[np.float64]:
    """How many of a million ordinary names would score at least so for the brand.

    brand: index into brand_ids, for each score. Its own count in the sample, drawn towards what
    brands have together, which alone speaks where the sample holds none. A score below the tail's
    lowest is told as the lowest.
    """
    at = np.searchsorted(card.tail_at, scored.astype(np.float64), side="right") - 1
    at = np.maximum(at, 0)
    numbers, which = np.unique(brand, return_inverse=True)
    tails = np.array([calibration.tails[brand_ids[number]] for number in numbers.tolist()])
    above = tails[which, at] if len(numbers) else np.zeros(0)
    millions = calibration.labels / 1e6
    pooled = np.maximum(np.asarray(card.tail)[at], 1e-3)
    return np.asarray((above + _PRIOR_ALERTS) / (millions + _PRIOR_ALERTS / pooled), np.float64)


def _of_own_labels(
    terms: Sequence[Term],
    brands: Mapping[str, Brand],
    labels: pa.LargeStringArray,
    texts: Texts,
    sightings: Sightings,
) -> npt.NDArray[np.bool_]:
    """Per sighting: the label is that of a domain of the term's brand."""
    own = [(brand_id, _label(domain)) for brand_id, one in brands.items() for domain in one.domains]
    at = pc.index_in(pa.array([label for _, label in own], pa.large_string()), labels).to_pylist()
    rows: dict[str, list[int]] = {}
    for (brand_id, _), row in zip(own, at, strict=True):
        if row is not None:
            rows.setdefault(brand_id, []).append(row)
    # One number for a term and a row; few of them, so that a sorted search is cheap.
    mine = [
        index * len(labels) + row
        for index, term in enumerate(terms)
        for row in rows.get(term.brand_id, ())
    ]
    seen = sightings.term.astype(np.int64) * len(labels) + texts.row[sightings.text]
    return np.isin(seen, np.array(mine, np.int64))


def _label(domain: str) -> str:
    split = suffix_list().split(domain)
    return domain[split.registrable : max(split.suffix - 1, split.registrable)]


def _spellings(
    texts: Texts,
    sightings: Sightings,
    spans: Spans,
    counted: npt.NDArray[np.bool_],
    rarity: Rarity,
    terms: int,
) -> list[dict[str, tuple[int, int]]]:
    """Per term the spellings met in several labels, and in how many."""
    often = np.flatnonzero(rarity.spelling_labels[:, ALL] >= _SPELLING_LABELS)
    rows = np.flatnonzero(counted)
    keys, first = np.unique(spans.spelling[rows], return_index=True)
    found: list[dict[str, tuple[int, int]]] = [{} for _ in range(terms)]
    for at in often.tolist():
        # Two terms of one spelling share a number; what was counted holds for both.
        row = rows[first[np.searchsorted(keys, rarity.spellings[at])]]
        low = texts.begin[sightings.text[row]]
        span = texts.buffer[low + sightings.start[row] : low + sightings.end[row]].tobytes()
        spelled = "".join(map(chr, span)).lower()
        spelled = "".join(char for char in spelled if char.isascii() and char.isalnum())
        fits, labels = rarity.spelling_labels[at].tolist()
        found[sightings.term[row]][spelled] = fits, labels
    return found


def _ways(
    sightings: Sightings, spans: Spans, counted: npt.NDArray[np.bool_], terms: int
) -> npt.NDArray[np.int64]:
    """Per term and way in: labels whose easiest way in it is."""
    bounded = spans.place <= TOKEN
    edge = spans.place < len(PLACES) - 1
    edits = np.minimum(sightings.edits, 2)
    # By index into _WAYS, the dearer the smaller; what a whole word shows exactly is free.
    way = np.select(
        [
            bounded & (edits == 0), edge & (edits == 0), edits == 0,
            ~bounded & (edits == 1), bounded & (edits == 1), ~bounded & (edits == 2),
        ],
        [6, 5, 4, 3, 2, 1],
        default=0,
    )  # fmt: skip
    rows = np.flatnonzero(counted)
    pair = sightings.text[rows] * terms + sightings.term[rows]
    order = np.lexsort((-way[rows], pair))
    pair, rows = pair[order], rows[order]
    first = np.ones(len(rows), np.bool_)
    first[1:] = pair[1:] != pair[:-1]
    rows = rows[first]
    counts = np.zeros((terms, len(_WAYS) + 1), np.int64)
    np.add.at(counts, (sightings.term[rows], way[rows]), 1)
    return counts[:, : len(_WAYS)]
