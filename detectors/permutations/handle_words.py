"""Which words are put beside a brand in a handle, by kind, the likeliest first.

The words are the lexicon's (detectors/tables/lures.toml); what is ours is which of its classes a
handle of that kind draws on, and the few words that all lists of such accounts begin with.
May import: detectors.lures, detectors.permutations.handle_kinds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from detectors.permutations.handle_kinds import HandleKind

#: Kind, the class of the lexicon, and the words that come before the others.
_SOURCES: Mapping[HandleKind, tuple[str | None, tuple[str, ...]]] = {
    HandleKind.SUPPORT: (
        "support",
        ("support", "help", "service", "care", "helpdesk", "team", "customercare"),
    ),
    HandleKind.AUTHORITY: ("authority", ("official", "real", "hq", "the", "admin", "inc")),
    HandleKind.MONEY: (
        "money",
        ("giveaway", "airdrop", "promo", "refund", "gift", "bonus", "pay", "invest", "claim"),
    ),
    HandleKind.WORK: ("work", ("jobs", "careers", "hr", "recruitment", "hiring")),
    HandleKind.ACCESS: ("access", ("verify", "security", "login", "account")),
    HandleKind.PRODUCT: (
        None,
        ("app", "shop", "store", "com", "wallet", "online", "outlet", "sale", "web", "mobile",
         "card", "net", "info", "hub", "chat", "tech", "link"),
    ),
    HandleKind.VERB: (None, ("get", "my", "join", "go", "try", "use")),
    HandleKind.PLACE: (
        None,
        ("uk", "usa", "us", "nl", "de", "fr", "es", "india", "africa", "global", "nederland",
         "espana", "deutschland", "france"),
    ),
}  # fmt: skip
#: A word's place in its list counts: the tenth has half of the first.
_HALF = 9
#: Words so far down a list are nobody's first thought.
_LONGEST_LIST = 60


@cache
def _lexicon() -> dict[str, dict[str, list[str]]]:
    text = files("detectors.tables").joinpath("lures.toml").read_text(encoding="utf-8")
    classes: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return classes


def handle_words(kind: HandleKind, languages: Sequence[str]) -> dict[str, float]:
    """Word and weight, the likeliest first; empty for a kind that puts no word beside the name.

    A language other than English comes with its own words, as likely as the English ones.

    >>> list(handle_words(HandleKind.SUPPORT, ["nl"]))[:4]
    ['support', 'klantenservice', 'help', 'klantservice']
    """
    if kind not in _SOURCES:
        return {}
    table, first = _SOURCES[kind]
    weights = {word: 1 / (1 + place / _HALF) for place, word in enumerate(first)}
    by_language = _lexicon()[table] if table else {}
    for language in dict.fromkeys((*languages, "en")):
        further = [word for word in by_language.get(language, ()) if word not in first]
        offset = len(first) if language == "en" else 0
        for place, word in enumerate(_singular_first(further)[:_LONGEST_LIST], offset):
            weights.setdefault(word, 1 / (1 + place / _HALF))
    return dict(sorted(weights.items(), key=lambda item: -item[1]))


def _singular_first(words: Sequence[str]) -> list[str]:
    """Plurals and adverbs of a word that stands there too come last: they add little."""
    all_words = set(words)
    derived = [word.removesuffix("s") in all_words and word.endswith("s") for word in words]
    return [word for word, late in sorted(zip(words, derived, strict=True), key=lambda two: two[1])]
