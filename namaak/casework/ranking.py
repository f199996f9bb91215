"""Ranking: matches of one brand and subject in, score with reasons out.

Here and not in detectors/, because it weighs evidence of all kinds. Additive on the natural-log
odds scale: every term is named, weighted and shown; the gates then say what the sum may not do.
Pure: no database, no clock. Weights and gates: docs/explanation/ranking.md.
May import: namaak.records, namaak.casework.name_signals, picture_signals, site_signals,
account_signals and gates, detectors.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from detectors.names import scorecard
from detectors.words import word_table
from namaak.casework import account_signals as account_signals_module
from namaak.casework import gates as gates_module
from namaak.casework import name_signals as name_signals_module
from namaak.casework import picture_signals as picture_signals_module
from namaak.casework import site_signals as site_signals_module
from namaak.casework.account_signals import (
    account_signals,
    profile_traits,
)
from namaak.casework.gates import gated
from namaak.casework.name_signals import PRIOR, is_name, name_signals
from namaak.casework.picture_signals import (
    campaign_signals,
    picture_signals,
    shows_the_logo,
)
from namaak.casework.site_signals import held_above, site_signals, site_traits
from namaak.records import Band, Field, Score, Signal

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
    return "ranking-6." + hashlib.sha256(b"\0".join(parts)).hexdigest()[:8]


#: Changes with any weight, gate or table: what an older one weighed is then weighed again. The
#: sources themselves are taken, because a list of what decides would one day lack something.
VERSION = _version(
    Path(__file__).read_bytes(),
    Path(str(name_signals_module.__file__)).read_bytes(),
    Path(str(picture_signals_module.__file__)).read_bytes(),
    Path(str(site_signals_module.__file__)).read_bytes(),
    Path(str(account_signals_module.__file__)).read_bytes(),
    Path(str(gates_module.__file__)).read_bytes(),
    scorecard.version().encode(),
    word_table().version.encode(),
)


def score(matches: Sequence[Match]) -> Score:
    """matches: all of one brand and one subject, at least one not suppressed.

    The strongest match of each field counts, the best field fully and the others by half, a text
    about itself never more than half; then whether its picture is that of a campaign, what a look
    at its host gave and what its profile says, then the gates. Order of matches does not matter.
    """
    by_field: dict[str, list[Signal]] = {}
    for match in sorted(matches, key=lambda m: str(m["match_id"])):
        if match["suppressed"] is not None:
            continue
        signals = _signals(match)
        standing = by_field.get(match["field"])
        if standing is None or _total(signals) > _total(standing):
            by_field[match["field"]] = signals
    ranked = sorted(
        by_field.items(), key=lambda item: (item[0] == Field.BIO, -_total(item[1]), item[0])
    )
    kept: list[Signal] = []
    for position, (field, signals) in enumerate(ranked):
        # Many name a brand in a text about themselves, and mean no more than that.
        if position == 0 and field != Field.BIO:
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
    looks += account_signals(profile_traits(live), fields=_shown_in(live), seen=_name_traits(live))
    kept.extend(held_above(looks, others=PRIOR + _total(kept), floor=_WATCHED))
    log_odds = PRIOR + _total(kept)
    points = round(100 / (1 + math.exp(-log_odds / _SPREAD)))
    band, gates = gated(_band(points), matches)
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


def _shown_in(live: Sequence[Match]) -> set[str]:
    """Fields in which the brand is; of pictures only those that surely show the logo."""
    return {str(match["field"]) for match in live if is_name(match) or shows_the_logo(match)}


def _name_traits(live: Sequence[Match]) -> set[str]:
    return {trait for match in live if is_name(match) for trait in match["traits"]}


def _band(points: int) -> Band:
    for least, band in _BANDS:
        if points >= least:
            return band
    return Band.NONE


def _total(signals: Iterable[Signal]) -> float:
    return sum(signal.contribution for signal in signals)


def _scaled(signal: Signal, share: float) -> Signal:
    return Signal(
        name=signal.name, says=signal.says, raw=signal.raw, weight=signal.weight,
        contribution=round(signal.contribution * share, 3), detector=signal.detector,
    )  # fmt: skip
