"""Ranking: matches of one brand and subject in, score with reasons out.

Here and not in detectors/, because it weighs evidence of all kinds. Additive on the natural-log
odds scale: every term is named, weighted and shown; the gates then say what the sum may not do.
Pure: no database, no clock. Weights and gates: docs/explanation/ranking.md.
May import: namaak.records, namaak.casework.name_signals, picture_signals and site_signals,
detectors.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from detectors.names import scorecard
from detectors.words import word_table
from namaak.casework import name_signals as name_signals_module
from namaak.casework import picture_signals as picture_signals_module
from namaak.casework import site_signals as site_signals_module
from namaak.casework.name_signals import PRIOR, is_name, name_signals
from namaak.casework.picture_signals import (
    campaign_signals,
    picture_signals,
    shows_the_logo,
)
from namaak.casework.site_signals import held_above, not_there, site_signals, site_traits
from namaak.records import Band, Field, Place, Resemblance, Score, Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA

#: Lowest score of each band, worst first.
_BANDS = ((95, Band.CRITICAL), (80, Band.HIGH), (50, Band.REVIEW), (27, Band.WATCH))

_SECOND_FIELD = 0.5  # of what a further field of the same subject adds


#: Natural-log odds to one unit of the score's logistic: chosen so that `high` begins at the names
#: that 1,000 of a million new ones outrank, as `review` begins at 4,000.
_SPREAD = (scorecard.high_at() - scorecard.review_at()) / math.log(80 / 20)


#: From this sum on a case is worth watching.
_WATCHED = _SPREAD * math.log(_BANDS[-1][0] / (100 - _BANDS[-1][0]))


def _version(*parts: bytes) -> str:
    return "ranking-5." + hashlib.sha256(b"\0".join(parts)).hexdigest()[:8]


#: Changes with any weight, gate or table: what an older one weighed is then weighed again. The
#: sources themselves are taken, because a list of what decides would one day lack something.
VERSION = _version(
    Path(__file__).read_bytes(),
    Path(str(name_signals_module.__file__)).read_bytes(),
    Path(str(picture_signals_module.__file__)).read_bytes(),
    Path(str(site_signals_module.__file__)).read_bytes(),
    scorecard.version().encode(),
    word_table().version.encode(),
)


def score(matches: Sequence[Match]) -> Score:
    """matches: all of one brand and one subject, at least one not suppressed.

    The strongest match of each field counts, the best field fully and the others by half; then
    whether its picture is that of a campaign and what a look at its host gave, then the gates.
    Order of matches does not matter.
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
    # Of the subject and not of a field: the picture may show no logo at all.
    live = [match for match in matches if match["suppressed"] is None]
    kept.extend(campaign_signals(live))
    looks = site_signals(site_traits(live))
    kept.extend(held_above(looks, others=PRIOR + _total(kept), floor=_WATCHED))
    log_odds = PRIOR + _total(kept)
    points = round(100 / (1 + math.exp(-log_odds / _SPREAD)))
    band, gates = _gated(_band(points), matches)
    kept.sort(key=lambda signal: (-abs(signal.contribution), signal.name))
    return Score(score=points, band=band, signals=tuple(kept), gates=gates)


def least_score(band: Band) -> int:
    """From which score on a case is of this band, unless a gate says otherwise."""
    return next((least for least, one in _BANDS if one is band), 0)


def rank(brand_id: str, matches: list[dict[str, Any]]) -> Score:
    """`score` in the shape that the casebook calls. brand_id is in every match already."""
    return score(matches)


def _signals(match: Match) -> list[Signal]:
    return name_signals(match) if is_name(match) else picture_signals(match)


def _fact(match: Match, name: str, *, otherwise: int) -> int:
    """The number in the trait `name:number`."""
    for trait in match["traits"]:
        found, _, number = trait.partition(":")
        if found == name and number.isdigit():
            return int(number)
    return otherwise


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _band(points: int) -> Band:
    for least, band in _BANDS:
        if points >= least:
            return band
    return Band.NONE


_ORDER = tuple(Band)


#: Classes of words that ask people for something.
_ASKING = frozenset({"access", "money", "delivery"})


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
    lured = any(not lure.startswith("speech:") for match in live for lure in match["lures"])
    if kinds & {"account", "app"}:
        named = bool(fields & {Field.HANDLE, Field.DISPLAY_NAME, Field.APP})
        # What a picture shows is one element, as a drawing or as text.
        pictured = Field.IMAGE_TEXT in fields or any(map(shows_the_logo, live))
        if not (named and pictured):
            # Names are shared by many; name and picture together are what people fall for, and
            # what platforms ask for before they act.
            at_most(Band.REVIEW, "Not above review: only one element of identity is copied")
    if gone := not_there(site_traits(live)):
        at_most(Band.WATCH, gone)
    if all("delivery" in match["traits"] for match in live):
        at_most(Band.WATCH, "Not above watch: an alias at a delivery network, made by its customer")
    if all(match["resemblance"] == Resemblance.SAME_LABEL for match in live):
        at_most(Band.HIGH, "Not above high: the whole label is the brand's and may be its own")
    if fields == {Field.IMAGE_TEXT}:
        at_most(Band.REVIEW, "Not above review: only the text in a picture, read by a program")
    if kinds == {"image"}:
        at_most(Band.REVIEW, "Not above review: a picture alone, on no account or site")
    foreign = {"confusable", "visual", "diacritic", "pairs"}
    disguised = any(
        foreign & set(match["layers"]) for match in live if match["field"] != Field.IMAGE_TEXT
    )
    classes = {lure.partition(":")[0] for match in live for lure in match["lures"]}
    if "speech" in classes and not classes & _ASKING:
        at_most(Band.WATCH, "Not above watch: it speaks about the brand, as fans and critics do")
    if all("dot-inside" in (match["kinds"] or ()) for match in live):
        at_most(Band.REVIEW, "Not above review: a dot cuts the name, and may be there by chance")
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
