"""Which words are put beside a brand, in its customers' languages, the likeliest first.

The words are the lexicon's (detectors/tables/lures.toml). Of its classes those are used that
lure somebody into something; names of places, talk about the brand and pieces of addresses are
other kinds or no lure.
May import: detectors.lures.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from detectors.lures import SHORTEST_GLUED

#: Akamai (2022) names "support" the word most seen; the others are ours, in the order in which
#: case reports name them.
_CLASSES = {
    "access": 1.0,
    "support": 1.0,
    "money": 0.8,
    "authority": 0.6,
    "delivery": 0.6,
    "shop": 0.5,
    "industry": 0.4,
    "work": 0.3,
}
#: Forms of a combination, {name} and {word}, and how likely each is.
FORMS = {"{name}-{word}": 1.0, "{name}{word}": 1.0, "{word}-{name}": 0.7, "{word}{name}": 0.6}
#: A word's place in its list counts: the tenth has half of the first.
_HALF = 9


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    text = files("detectors.tables").joinpath("lures.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {name: table[name] for name in _CLASSES if name in table}


def lure_words(languages: Sequence[str]) -> dict[str, float]:
    """Word and weight, the heaviest first. Words too short to be told from chance are left out.

    >>> list(lure_words(["en"]))[:2]
    ['login', 'support']
    """
    weights: dict[str, float] = {}
    for name, by_language in _words().items():
        for language in dict.fromkeys(languages):
            for place, word in enumerate(by_language.get(language, ())):
                if len(word) >= SHORTEST_GLUED:
                    weight = _CLASSES[name] / (1 + place / _HALF)
                    weights[word] = max(weight, weights.get(word, 0.0))
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))
