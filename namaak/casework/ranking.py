"""Ranking: matches of one brand and subject in, score with reasons out.

Here and not in detectors/, because it weighs evidence of all kinds. Additive on the natural-log
odds scale: every term is named, weighted and shown; the gates then say what the sum may not do.
Pure: no database, no clock. Weights and gates: docs/explanation/ranking.md.
May import: namaak.records.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from namaak.records import Band, Field, Place, Resemblance, Score, Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA

#: Log odds before any evidence: of the names that resemble a brand somehow, few deserve a person.
_PRIOR = -2.6

#: Lowest score of each band, worst first.
_BANDS = ((95, Band.CRITICAL), (80, Band.HIGH), (50, Band.REVIEW), (27, Band.WATCH))

#: What a resemblance says by itself. Combosquatting is the commonest abuse and skeleton-equal
#: names have no innocent reason; a lone typo is mostly parked; published shares in the docs.
_RESEMBLANCE = {
    Resemblance.SAME_LABEL: (2.6, "“{value}” is “{term}” under another suffix"),
    Resemblance.SAME_NAME: (2.4, "“{value}” is the name “{term}”"),
    Resemblance.FREE_HOST: (2.6, "“{value}” puts “{term}” on a free hosting service"),
    Resemblance.LEVEL_SQUAT: (2.4, "“{value}” puts “{term}” in front of a foreign domain"),
    Resemblance.HOMOGRAPH: (3.8, "“{value}” reads as “{term}” but is written otherwise"),
    Resemblance.COMBO_HOMOGRAPH: (2.6, "“{value}” holds what reads as “{term}”"),
    Resemblance.SPLIT: (1.8, "“{value}” is “{term}” cut by a hyphen, dot or space"),
    Resemblance.COMBOSQUAT: (1.6, "“{value}” holds “{term}” and more"),
    Resemblance.TYPOSQUAT: (1.8, "“{value}” is a misspelling of “{term}”"),
    Resemblance.COMBO_TYPO: (0.6, "“{value}” holds a misspelling of “{term}”"),
    Resemblance.SAME_IMAGE: (3.4, "The picture shows the logo {term}"),
    Resemblance.NEAR_IMAGE: (2.4, "The picture comes close to the logo {term}"),
}

_PLACE = {
    Place.WHOLE: (0.4, "the whole name"),
    Place.TOKEN: (0.3, "a word of its own"),
    Place.EDGE: (-0.3, "glued to other letters"),
    Place.INSIDE: (-1.6, "in the middle of other letters"),
}

#: By class of tables/lures.toml. Access, support and money words are what victims act on.
_LURES = {
    "access": 2.4,
    "support": 2.2,
    "money": 1.9,
    "delivery": 1.7,
    "authority": 1.0,
    "work": 1.5,
    "industry": 1.2,
    "shop": 1.2,
    "place": 0.8,
    "web": 0.7,
    "address": 1.6,
}

_TRAITS = {
    "invisible": (1.6, "holds invisible characters"),
    "bidi": (1.6, "holds characters that turn the reading direction"),
    "fake-tick": (1.4, "wears a drawn verification tick"),
    "mixed-script": (1.2, "mixes scripts within one name"),
    "brand-domain": (1.2, "spells the brand's whole address in front"),
    "digits": (0.2, "has digits beside the brand"),
    "first-letter": (-0.6, "differs in its first letter, which people notice"),
    "other-brand": (-2.4, "spells another brand of the watch file exactly"),
    "common-word": (-1.0, "the brand is an ordinary word"),
    "person": (-0.6, "is a person's, who may share it with others"),
}

#: A name of three letters is found everywhere, one of ten hardly by chance.
_LENGTH = {2: -2.6, 3: -1.7, 4: -1.1, 5: -0.5, 6: -0.2, 7: 0.0, 8: 0.2, 9: 0.4}
_LENGTH_MOST = 0.6

_CHANCE_BESIDE_LURE = 0.3
_EDIT = -0.5  # each edit that does not merely look alike
_SECOND_FIELD = 0.5  # of what a further field of the same subject adds


#: Changes with any weight: what an older one weighed is then weighed again.
VERSION = "ranking-2." + hashlib.sha256(
    repr((_PRIOR, _BANDS, _RESEMBLANCE, _PLACE, _LURES, _TRAITS, _LENGTH, _LENGTH_MOST,
          _CHANCE_BESIDE_LURE, _EDIT, _SECOND_FIELD)).encode()
).hexdigest()[:8]  # fmt: skip


def score(matches: Sequence[Match]) -> Score:
    """matches: all of one brand and one subject, at least one not suppressed.

    The strongest match of each field counts, the best field fully and the others by half; then
    the gates. Order of matches does not matter.
    """
    by_field: dict[str, list[Signal]] = {}
    for match in sorted(matches, key=lambda m: str(m["match_id"])):
        if match["suppressed"] is not None:
            continue
        signals = _signals(match)
        standing = by_field.get(match["field"])
        if standing is None or _total(signals) > _total(standing):
            by_field[match["field"]] = signals
    ranked = sorted(by_field.items(), key=lambda item: (-_total(item[1]), item[0]))
    kept: list[Signal] = []
    for position, (_, signals) in enumerate(ranked):
        if position == 0:
            kept.extend(signals)
            continue
        gain = _total(signals)
        if gain <= 0:
            continue
        kept.extend(_scaled(signal, _SECOND_FIELD) for signal in signals)
    log_odds = _PRIOR + _total(kept)
    points = round(100 / (1 + math.exp(-log_odds)))
    band, gates = _gated(_band(points), matches)
    kept.sort(key=lambda signal: (-abs(signal.contribution), signal.name))
    return Score(score=points, band=band, signals=tuple(kept), gates=gates)


def rank(brand_id: str, matches: list[dict[str, Any]]) -> Score:
    """`score` in the shape that the casebook calls. brand_id is in every match already."""
    return score(matches)


def _signals(match: Match) -> list[Signal]:
    field = str(match["field"])
    detector = str(match["detector"])
    resemblance = Resemblance(match["resemblance"])
    value, term = str(match["value"]), str(match["term"])
    found: list[Signal] = []

    def add(name: str, says: str, raw: object, weight: float) -> None:
        if weight:
            found.append(
                Signal(name=f"{field}.{name}", says=says, raw=str(raw), weight=weight,
                       contribution=weight, detector=detector)
            )  # fmt: skip

    weight, sentence = _RESEMBLANCE[resemblance]
    says = sentence.format(value=value, term=term)
    if field == Field.IMAGE:
        distance = int(match["distance"])
        add(resemblance, f"{says} ({distance} of 256 bits differ)", distance, weight)
        if "inverted" in match["layers"]:
            add("inverted", "The logo's colours are inverted", "inverted", 0.3)
        return found
    spelled = f", with {_in_words(match['layers'])}" if match["layers"] else ""
    add(resemblance, says + spelled, resemblance, weight)
    place_weight, where = _PLACE[Place(match["place"])]
    add("place", f"The brand stands as {where}", match["place"], place_weight)
    letters = _fact(match, "size", otherwise=_letters(term))
    rarity = _LENGTH.get(letters, _LENGTH_MOST if letters > 9 else _LENGTH[2])
    if rarity < 0 and match["lures"]:
        # Short names stand in many words, but seldom beside a word that lures.
        rarity = round(rarity * _CHANCE_BESIDE_LURE, 2)
    if "common-word" in match["traits"]:
        # The trait says already that the name is met everywhere, and says it better.
        rarity = 0.0
    add(
        "length",
        f"A name of {letters} letters is found by chance {_how_often(letters)}",
        letters,
        rarity,
    )
    # Letters that only look different are a disguise, not an edit that tells the names apart.
    edits = _fact(match, "edits", otherwise=int(match["distance"])) if resemblance in _EDITED else 0
    if edits:
        word = "One letter is" if edits == 1 else f"{edits} letters are"
        add("edits", f"{word} different from “{term}”", edits, _EDIT * edits)
    lures: dict[str, str] = {}
    for lure in match["lures"]:
        kind, _, word = lure.partition(":")
        lures.setdefault(kind, word)
    # Two lures of one class say what one says; a third class adds little.
    for position, kind in enumerate(sorted(lures, key=lambda kind: -_LURES.get(kind, 0.0))[:3]):
        weight = round(_LURES.get(kind, 0.0) * (1.0, 0.4, 0.2)[position], 2)
        add(
            f"lure.{kind}", f"Beside the brand stands “{lures[kind]}” ({kind})", lures[kind], weight
        )
    for trait in match["traits"]:
        name, _, many = trait.partition(":")
        if name == "letters":
            weight = -round(min(0.12 * int(many), 1.2), 2)
            add("rest", f"{many} letters beside the brand form no lure word", many, weight)
        elif name in _TRAITS:
            trait_weight, says = _TRAITS[name]
            add(name, f"The name {says}" if name != "common-word" else says.capitalize(), name,
                trait_weight)  # fmt: skip
    return found


_EDITED = (Resemblance.TYPOSQUAT, Resemblance.COMBO_TYPO)

_LAYER_WORDS = {
    "styled": "styled letters",
    "diacritic": "letters with marks",
    "shape": "look-alike digits or letters",
    "pairs": "letter pairs that read as one",
    "confusable": "letters of another script",
    "visual": "letters of another script",
}


def _fact(match: Match, name: str, *, otherwise: int) -> int:
    """The number in the trait `name:number`."""
    for trait in match["traits"]:
        found, _, number = trait.partition(":")
        if found == name and number.isdigit():
            return int(number)
    return otherwise


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _in_words(layers: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(_LAYER_WORDS.get(layer, layer) for layer in layers))


def _how_often(letters: int) -> str:
    if letters <= 4:
        return "very often"
    if letters <= 6:
        return "now and then"
    return "rarely"


def _band(points: int) -> Band:
    for least, band in _BANDS:
        if points >= least:
            return band
    return Band.NONE


_ORDER = tuple(Band)


def _gated(band: Band, matches: Sequence[Match]) -> tuple[Band, tuple[str, ...]]:
    """The band after the gates, and a sentence for each gate that lowered it."""
    live = [match for match in matches if match["suppressed"] is None]
    gates = []

    def at_most(ceiling: Band, why: str) -> None:
        nonlocal band
        if _ORDER.index(band) > _ORDER.index(ceiling):
            band = ceiling
            gates.append(why)

    fields = {match["field"] for match in live}
    kinds = {match["subject_kind"] for match in live}
    lured = any(match["lures"] for match in live)
    if kinds & {"account", "app"}:
        named = bool(fields & {Field.HANDLE, Field.DISPLAY_NAME, Field.APP})
        if not (named and Field.IMAGE in fields):
            # Names are shared by many; name and picture together are what people fall for, and
            # what platforms ask for before they act.
            at_most(Band.REVIEW, "Not above review: only one element of identity is copied")
    if all("delivery" in match["traits"] for match in live):
        at_most(Band.WATCH, "Not above watch: an alias at a delivery network, made by its customer")
    if all(match["resemblance"] == Resemblance.SAME_LABEL for match in live):
        at_most(Band.HIGH, "Not above high: the whole label is the brand's and may be its own")
    if kinds == {"image"}:
        at_most(Band.REVIEW, "Not above review: a picture alone, on no account or site")
    foreign = {"confusable", "visual", "diacritic", "pairs"}
    disguised = any(foreign & set(match["layers"]) for match in live)
    common = all("common-word" in match["traits"] for match in live)
    if common and not lured and not disguised:
        at_most(Band.WATCH, "Not above watch: an ordinary word, and nothing beside it")
    short = all(
        match["field"] != Field.IMAGE
        and _fact(match, "size", otherwise=_letters(str(match["term"]))) <= 4
        for match in live
    )
    if short and not lured and all(match["place"] != Place.WHOLE for match in live):
        at_most(Band.WATCH, "Not above watch: a short name among other words")
    return band, tuple(gates)


def _total(signals: Iterable[Signal]) -> float:
    return sum(signal.contribution for signal in signals)


def _scaled(signal: Signal, share: float) -> Signal:
    return Signal(
        name=signal.name, says=signal.says, raw=signal.raw, weight=signal.weight,
        contribution=round(signal.contribution * share, 3), detector=signal.detector,
    )  # fmt: skip
