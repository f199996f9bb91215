"""The weight of what was measured: a sum of log odds, each term of it nameable.

A signed, additive card of some thirty terms ranks lookalike names as well as any model whose
reasons nobody can read; so it is one. Weights are data with a date: tables/name_weights.toml,
made by `python -m benchmarks.names fit`, refittable on a user's own verdicts.
Pure. May import: detectors.names.features.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from detectors.names.features import FEATURES

FILE = "name_weights.toml"
#: What people do with the cases. Disputes are about names that lure nobody to a login, so what
#: phishing taught of words and suffixes does not count there.
CASE_TYPES = ("fraud", "dispute")

_Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Weights per case type, and what scores are worth. Natural-log odds throughout."""

    version: str
    described: str  #: the names it was fitted on, a sentence
    weights: Mapping[str, Mapping[str, float]]  #: by case type, then by feature; absent is 0
    #: Score that so many of a million new names reach with the registry it was fitted on:
    #: {1000: ..., 4000: ..., 10000: ...} alerts.
    thresholds: Mapping[int, float]
    tail_at: tuple[float, ...]  #: ascending scores
    tail: tuple[float, ...]  #: per score: alerts a brand makes in a million ordinary names

    def column(self, case_type: str = "fraud") -> npt.NDArray[np.float32]:
        """The weights in the order of FEATURES. Raises KeyError for a case type it has not."""
        weights = self.weights[case_type]
        return np.array([weights.get(name, 0.0) for name in FEATURES], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One term of one score."""

    feature: str
    value: float
    weight: float
    points: float  #: value x weight
    says: str  #: for people


def read_scorecard(text: str) -> Scorecard:
    """text: TOML as in tables/name_weights.toml.

    Raises ValueError with a sentence when it lacks something or weighs what nobody measures.
    """
    try:
        table = tomllib.loads(text)
        card = Scorecard(
            version=f"{table['version']}-{hashlib.sha256(text.encode()).hexdigest()[:6]}",
            described=str(table["described"]),
            weights={case: dict(table["weights"][case]) for case in CASE_TYPES},
            thresholds={int(alerts): float(at) for alerts, at in table["thresholds"].items()},
            tail_at=tuple(map(float, table["tail"]["score"])),
            tail=tuple(map(float, table["tail"]["per_million"])),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as why:
        raise ValueError(f"the weights of names cannot be read ({why}): fit them again") from why
    weighed = {name for one in card.weights.values() for name in one}
    if unknown := weighed - set(FEATURES):
        raise ValueError(f"the weights name features nobody measures: {', '.join(sorted(unknown))}")
    if len(card.tail_at) != len(card.tail) or list(card.tail_at) != sorted(card.tail_at):
        raise ValueError("the tail of the weights needs as many rates as ascending scores")
    return card


@cache
def scorecard() -> Scorecard:
    """The shipped one, read once."""
    return read_scorecard(files("detectors.tables").joinpath(FILE).read_text(encoding="utf-8"))


def version() -> str:
    """Of the shipped weights, for the record."""
    return scorecard().version


def weights(case_type: str = "fraud") -> Mapping[str, float]:
    """The shipped weights by feature; what is absent weighs nothing."""
    return scorecard().weights[case_type]


def review_at() -> float:
    """The score from which a name deserves a person: 4,000 of a million new names reach it."""
    return scorecard().thresholds[4000]


def high_at() -> float:
    """The score from which a name cannot wait: 1,000 of a million new names reach it."""
    return scorecard().thresholds[1000]


def score(features: npt.NDArray[np.float32], column: npt.NDArray[np.float32]) -> _Scores:
    """features: k x FEATURES; column: `Scorecard.column`. k sums, alike on every machine.

    Added one feature after the other: a matrix product may add in any order, and a score that
    differs in its last bit between machines would order cases differently.
    """
    total = np.zeros(len(features), np.float32)
    for at, weight in enumerate(column):
        if weight:
            total += features[:, at] * weight
    return total


def best_of_brands(
    rows: npt.NDArray[np.int64], brands: npt.NDArray[np.int32], scores: _Scores
) -> npt.NDArray[np.int64]:
    """Index of the best sighting of each (row, brand), ascending by row, then brand.

    Of equal scores the earlier sighting is taken.
    """
    order = np.lexsort((np.arange(len(rows)), -scores, brands, rows))
    rows, brands = rows[order], brands[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (rows[1:] != rows[:-1]) | (brands[1:] != brands[:-1])
    return order[first]


def contributions(
    features: npt.NDArray[np.float32], case_type: str = "fraud", card: Scorecard | None = None
) -> list[Contribution]:
    """features: one row. Its terms that weigh something, weightiest first; they add up to it."""
    card = card or scorecard()
    column = card.column(case_type)
    parts = [
        Contribution(
            feature=name,
            value=float(value),
            weight=float(weight),
            points=float(value * weight),
            says=_sentence(name, float(value)),
        )
        for name, value, weight in zip(FEATURES, features, column, strict=True)
        if value * weight
    ]
    return sorted(parts, key=lambda part: (-abs(part.points), part.feature))


#: For people; {value} is what was measured, in the unit of the sentence.
_SENTENCES: Mapping[str, str] = {
    "constant": "it resembles the brand somehow",
    "class_rate": "{value} of a million ordinary names hold a match as strong",
    "edited_rate": "{value} of a million ordinary names are as near to the brand by chance",
    "token_rate": "{value} of a million ordinary names resemble this name of the brand",
    "spelling_rate": "{value} of a million ordinary names hold it spelled so",
    "zipf_short": "the brand's short name is a word of common speech ({value} of 8)",
    "zipf_long": "the brand's name is a word of common speech ({value} of 8)",
    "length": "the name looked for has {value} letters, or more",
    "generic": "the name looked for is a word of many firms",
    "shared": "{value} other owners have the same name",
    "variant": "it is the brand's name in other words or order",
    "edits": "{value} letters differ",
    "edit_share": "of every six letters {value} differ",
    "first_changed": "the first letter differs, which people notice",
    "replaced": "a letter is replaced by another that does not look alike",
    "added": "a letter is added, repeated or swapped",
    "alike": "{value} of the letters that differ look alike",
    "edited_token": "a misspelt word may be another word",
    "breaks": "{value} separators cut the name",
    "whole": "it is all there is",
    "token": "it is a word of its own",
    "inside": "it stands in the middle of other letters",
    "left": "a word begins with it",
    "right": "a word ends with it",
    "starts": "it stands first",
    "one_letter_more": "there is one letter more and nothing else",
    "gain": "the letters read better with the brand as a word (by {value} nats)",
    "loss": "the letters rather belong to other words (by {value} nats)",
    "lure": "a word beside it asks to act or trust",
    "place_word": "a place stands beside it",
    "web_word": "a piece of an address stands beside it",
    "trade_word": "a word of the brand's trade stands beside it",
    "speech_word": "people who speak about the brand use the word beside it",
    "learned": "attacks have the words beside it more often than other names ({value})",
    "rest_words": "{value} % of what stands beside it are words about other things",
    "rest_random": "{value} % of what stands beside it are letters of no word",
    "rest_digits": "{value} % of what stands beside it are digits",
    "rest_length": "{value} letters and digits stand beside it",
    "rest_cost": "what stands beside it is no common phrase ({value} nats)",
    "hyphens": "hyphens part it from the rest",
    "many_hyphens": "there are more than two hyphens",
    "covered": "another brand's exact name holds it",
    "rival": "another brand's name is nearer",
    "other_brands": "other brands stand beside it",
    "punycode": "it is written with letters beyond ASCII",
    "suffix": "attacks have this suffix more often than other names ({value})",
    "sub_label": "it stands in front of a foreign domain",
    "free_host": "it is a customer's name at a hosting service",
    "address_below": "it is followed by what ends an address, in front of another",
}

#: Features that are logarithms to base ten of what the sentence tells.
_LOGARITHMS = frozenset({"class_rate", "edited_rate", "token_rate", "spelling_rate"})
#: Shares of the rest, told per cent.
_SHARES = frozenset({"rest_words", "rest_random", "rest_digits"})
_TENTHS = frozenset({"gain", "loss", "rest_length", "rest_cost"})


def _sentence(feature: str, value: float) -> str:
    if feature in _LOGARITHMS:
        value = 10**value
    elif feature in _SHARES:
        value *= 100
    elif feature in _TENTHS:
        value *= 10
    shown = f"{value:.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.1f}"
    return _SENTENCES[feature].format(value=shown)
