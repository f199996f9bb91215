"""What the scorecard of names weighed, gathered into the few signals that a person reads.

The scorecard adds some forty small numbers. A person asks a few questions: in which way does it
resemble the brand, how far is it off, how often is that met by chance, do the letters make
these words, what stands beside the brand, and what else is known. Each becomes one signal, the
sum of its numbers; a handful of rare signs that no data set can weigh are added by hand.
Pure. Weights: docs/reference/weights.md.
May import: namaak.records, namaak.casework.weights, detectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from detectors.folding import letters_of
from detectors.names import scorecard
from detectors.names.features import FEATURES
from detectors.words import word_frequency
from namaak.casework import weights
from namaak.records import Field, Resemblance, Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA, of a name

#: Log odds before any evidence: of what resembles a brand somehow, little deserves a person.
PRIOR: float = weights.number("scale.prior")

#: Every feature of the scorecard belongs to one question.
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "resemblance": (
        "constant", "whole", "token", "inside", "left", "right", "starts",
        "sub_label", "free_host", "address_below", "one_letter_more",
    ),
    "edits": ("edits", "first_changed", "replaced", "added", "alike", "edited_token", "edit_share",
              "breaks"),
    "rarity": (
        "class_rate", "token_rate", "spelling_rate", "zipf_short", "zipf_long", "generic", "shared",
        "edited_rate", "variant",
    ),
    # The longer the name the more it gains by being one, whatever it means.
    "words": ("gain", "loss", "length"),
    "beside": (
        "lure", "place_word", "web_word", "rest_words", "rest_random", "rest_digits",
        "rest_length", "hyphens", "learned", "speech_word", "rest_cost", "many_hyphens",
        "trade_word",
    ),
    "suffix": ("suffix", "punycode"),
    "others": ("covered", "rival", "other_brands"),
}  # fmt: skip

_SAYS = {
    Resemblance.SAME_LABEL: "“{value}” is “{term}” under another suffix",
    Resemblance.SAME_NAME: "“{value}” is the name “{term}”",
    Resemblance.FREE_HOST: "“{value}” puts “{term}” on a free hosting service",
    Resemblance.LEVEL_SQUAT: "“{value}” puts “{term}” in front of a foreign domain",
    Resemblance.HOMOGRAPH: "“{value}” reads as “{term}” but is written otherwise",
    Resemblance.COMBO_HOMOGRAPH: "“{value}” holds what reads as “{term}”",
    Resemblance.SPLIT: "“{value}” is “{term}” cut by a hyphen, dot or space",
    Resemblance.COMBOSQUAT: "“{value}” holds “{term}” and more",
    Resemblance.TYPOSQUAT: "“{value}” is a misspelling of “{term}”",
    Resemblance.COMBO_TYPO: "“{value}” holds a misspelling of “{term}”",
}

#: Signs too rare in any list of names to be weighed by data; set by hand: weight and words.
BY_HAND: Mapping[str, tuple[float, str]] = {
    name: (sign["weight"], sign["shown"])
    for name, sign in weights.group("names.by_hand")["signs"].items()
}
#: Beside a short or ordinary name, spelled exactly, and only where every letter beside it belongs
#: to such words, by lure class.
LURED_SHORT: Mapping[str, float] = weights.group("names.lured_short")["weights"]
#: The share of the rarity that is given back there, and of that for a name that is merely short.
LURED_RARITY: float = weights.number("names.lured_short.rarity")
LURED_MERELY_SHORT: float = weights.number("names.lured_short.merely_short")
_SHORT = 5
#: Zipf scale: a label that is itself such a word ("stream-ing") is a play on the word.
_WORD = 2.0

#: A disguise is one sign however many layers it needed: the strongest counts.
_LAYERS = ("confusable", "visual", "diacritic", "styled")

_KINDS_SHOWN = 2

#: What of the words beside the brand tells harm and not only likeness: they ask for something.
_ASKED_FOR = frozenset({"lure", "learned"})
#: The classes of such words.
ASKING = frozenset({"access", "support", "money", "delivery"})


def name_signals(match: Match) -> list[Signal]:
    """The signals of one match of a name; contributions add up to its score."""
    field, detector = str(match["field"]), str(match["detector"])
    evidence = dict(match["evidence"] or ())
    measured = np.array([evidence.get(name, 0.0) for name in FEATURES], np.float32)
    # What phishing taught of words and suffixes is of hosts.
    taught = field == Field.HOST and "dispute" not in match["traits"]
    case_type = "fraud" if taught else "dispute"
    parts = scorecard.contributions(measured, case_type)
    found: list[Signal] = []

    def add(name: str, says: str, raw: object, contribution: float) -> None:
        contribution = round(contribution, 3)
        if contribution:
            found.append(
                Signal(name=f"{field}.{name}", says=says, raw=str(raw), weight=contribution,
                       contribution=contribution, detector=detector)
            )  # fmt: skip

    for question, features in QUESTIONS.items():
        answers = [part for part in parts if part.feature in features]
        total = sum(part.points for part in answers)
        if question == "resemblance":
            # The scorecard counts from where review begins, the ranking from its prior.
            total -= PRIOR + scorecard.review_at()
        if question == "beside" and (asked := _asked_for(match, answers)):
            # Rounded first, so that both together are what the question came to.
            part = round(sum(one.points for one in asked), 3)
            add("lure", _beside(match, evidence), _raw(asked), part)
            answers = [one for one in answers if one not in asked]
            total = round(total, 3) - part
            add(question, "What else stands beside the brand", _raw(answers), total)
            continue
        add(question, _sentence(question, match, evidence, total), _raw(answers), total)
    disguised = match["resemblance"] in (Resemblance.HOMOGRAPH, Resemblance.COMBO_HOMOGRAPH)
    # A program that reads a picture takes an O for a 0: nobody disguised that.
    disguised = disguised and field != Field.IMAGE_TEXT
    lured = _lured_short(match, evidence)
    layers = [name for name in _LAYERS if disguised and name in match["layers"]]
    # Beside nothing but lures a word is not met by chance.
    traits = [t for t in match["traits"] if t in BY_HAND and not (lured and t == "common-word")]
    for name in (*layers[:1], *traits):
        weight, says = BY_HAND[name]
        if name in _LAYERS:
            says = f"The name is written with {says}"
        elif name == "common-word":
            says = says.capitalize()
        else:
            says = f"The name {says}"
        add(name, says, name, weight)
    if lured is not None:
        rarity = sum(part.points for part in parts if part.feature in QUESTIONS["rarity"])
        says = "A short or ordinary name, and every word beside it lures"
        weight = LURED_SHORT[lured] - LURED_RARITY * min(rarity, 0.0)
        if "common-word" not in match["traits"]:
            weight *= LURED_MERELY_SHORT
        add("lured", says, lured, weight)
    return found


def _raw(answers: Iterable[scorecard.Contribution]) -> str:
    return "; ".join(f"{part.says} {part.points:+.2f}" for part in answers)


def _asked_for(
    match: Match, answers: Iterable[scorecard.Contribution]
) -> list[scorecard.Contribution]:
    """Of what stands beside the brand the part that asks for something; empty if nothing does."""
    classes = {lure.partition(":")[0] for lure in match["lures"]}
    found = [part for part in answers if part.feature in _ASKED_FOR]
    return found if classes & ASKING and sum(part.points for part in found) > 0 else []


def _lured_short(match: Match, evidence: Mapping[str, float]) -> str | None:
    """The weightiest lure class beside a short or ordinary name that nothing else stands beside."""
    short = evidence.get("length", _SHORT + 1) <= _SHORT
    if "common-word" in match["traits"]:
        # Accounts are about ordinary words all the time: "target jobs" means no shop.
        short = match["field"] == Field.HOST
    fits = evidence.get("token", 0.0) or evidence.get("gain", 0.0)
    else_beside = evidence.get("rest_words") or evidence.get("rest_random")
    edited = match["resemblance"] in (Resemblance.TYPOSQUAT, Resemblance.COMBO_TYPO)
    if not short or not fits or else_beside or edited or _is_word(match):
        return None
    classes = {lure.partition(":")[0] for lure in match["lures"]} & LURED_SHORT.keys()
    return max(classes, key=lambda name: (LURED_SHORT[name], name), default=None)


def _is_word(match: Match) -> bool:
    """The label it stands in, hyphens aside, is a word of some language."""
    value, start = str(match["value"]), max(int(match["span_start"]), 0)
    begin = value.rfind(".", 0, start) + 1
    return bool(word_frequency(letters_of(value[begin:].partition(".")[0])) >= _WORD)


def _sentence(
    question: str, match: Match, evidence: Mapping[str, float], contribution: float
) -> str:
    if question == "resemblance":
        says = _SAYS[Resemblance(match["resemblance"])]
        if match["field"] == Field.BIO:
            says = says.replace("“{value}”", "The text about itself says “{value}”, which", 1)
        if match["field"] == Field.IMAGE_TEXT:
            says = says.replace("“{value}”", "The picture reads “{value}”, which", 1)
        kinds = _kinds(match["kinds"] or ())
        return says.format(value=match["value"], term=match["term"]) + kinds
    if question == "edits":
        edits = round(evidence.get("edits", 0))
        what = "One letter is" if edits == 1 else f"{edits} letters are"
        return f"{what} different from “{match['term']}”"
    if question == "rarity":
        return _rarity(match, evidence)
    if question == "words":
        if contribution > 0:
            return "The letters make the brand and whole words beside it"
        return "The letters rather belong to other words"
    if question == "beside":
        return _beside(match, evidence)
    if question == "suffix":
        often = "more often" if contribution > 0 else "less often"
        return f"Names under its suffix are abused {often} than others"
    return "Another brand of the watch file explains the name better"


#: Kinds that the sentence says already.
_SAID = frozenset({*_SAYS, "combosquat", "split-names"})


def _kinds(kinds: Iterable[str]) -> str:
    shown = [kind for kind in kinds if kind not in _SAID][:_KINDS_SHOWN]
    return f" ({', '.join(shown)})" if shown else ""


def _rarity(match: Match, evidence: Mapping[str, float]) -> str:
    like_this = _times(10 ** evidence.get("class_rate", 0.0))
    anyhow = 10 ** evidence.get("token_rate", 0.0)
    says = f"Matches like this are met {like_this} in a million ordinary names"
    if anyhow >= 2:
        says += f", “{match['term']}” in some way {_times(anyhow)}"
    return says


def _times(rate: float) -> str:
    return "hardly ever" if rate < 2 else f"{rate:,.0f} times"


def _beside(match: Match, evidence: Mapping[str, float]) -> str:
    words = [
        f"“{word}” ({kind})" for kind, _, word in (lure.partition(":") for lure in match["lures"])
    ][:3]
    if words:
        return f"Beside the brand stands {', '.join(words)}"
    if evidence.get("rest_random", 0) > 0.5:
        return "Beside the brand stand letters that make no word"
    if evidence.get("rest_digits", 0) > 0.5:
        return "Beside the brand stand digits"
    return "What stands beside the brand"


def is_name(match: Match) -> bool:
    """Whether the scorecard weighed it; pictures have weights of their own."""
    return match["field"] not in (Field.IMAGE, Field.BANNER)
