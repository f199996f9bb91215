"""Ranking: matches of one brand and subject in, score with reasons out.

Here and not in detectors/, because it weighs evidence of all kinds. Additive on the natural-log
odds scale: every term is named, weighted and shown; the gates then say what the sum may not do.
The weights are the shipped ones, or these times what the verdicts of a casebook's people taught.
Pure: no database, no clock. Weights and gates: docs/explanation/ranking.md.
May import: namaak.records, namaak.casework.weights, name_signals, picture_signals, site_signals,
account_signals, tie_signals, gates and learned, detectors.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from detectors.names import scorecard
from detectors.words import word_table
from namaak.casework import account_signals as account_signals_module
from namaak.casework import gates as gates_module
from namaak.casework import name_signals as name_signals_module
from namaak.casework import picture_signals as picture_signals_module
from namaak.casework import site_signals as site_signals_module
from namaak.casework import tie_signals as tie_signals_module
from namaak.casework import weights as weights_module
from namaak.casework.account_signals import (
    account_signals,
    profile_traits,
)
from namaak.casework.gates import gated
from namaak.casework.learned.reading import Learned
from namaak.casework.name_signals import PRIOR, is_name, name_signals
from namaak.casework.picture_signals import (
    campaign_signals,
    picture_signals,
    shows_the_logo,
)
from namaak.casework.site_signals import held_above, site_signals, site_traits
from namaak.casework.tie_signals import tie_signals
from namaak.casework.weights import group, meaning, number, severity_of
from namaak.records import Axis, Band, Field, Score, Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA

#: Lowest score of each band, worst first.
_BANDS = tuple((least, Band(name)) for name, least in group("scale.bands").items())

_SECOND_FIELD = number("scale.second_field")  # of what a further field of the same subject adds


#: Natural-log odds to one unit of the score's logistic: chosen so that `high` begins at the names
#: that 1,000 of a million new ones outrank, as `review` begins at 4,000.
_SPREAD = (scorecard.high_at() - scorecard.review_at()) / math.log(80 / 20)


#: From this sum on a case is worth watching.
_WATCHED = _SPREAD * math.log(_BANDS[-1][0] / (100 - _BANDS[-1][0]))


def _version(*parts: bytes) -> str:
    return "ranking-7." + hashlib.sha256(b"\0".join(parts)).hexdigest()[:8]


#: Changes with any weight, gate or table: what an older one weighed is then weighed again. The
#: sources themselves are taken, because a list of what decides would one day lack something.
VERSION = _version(
    Path(__file__).read_bytes(),
    Path(str(name_signals_module.__file__)).read_bytes(),
    Path(str(picture_signals_module.__file__)).read_bytes(),
    Path(str(site_signals_module.__file__)).read_bytes(),
    Path(str(account_signals_module.__file__)).read_bytes(),
    Path(str(tie_signals_module.__file__)).read_bytes(),
    Path(str(gates_module.__file__)).read_bytes(),
    Path(str(weights_module.__file__)).read_bytes(),
    weights_module.version().encode(),
    scorecard.version().encode(),
    word_table().version.encode(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The ranking with the weights that were learned, or as it is shipped."""

    learned: str = ""  #: version of the weights; empty: the shipped ones
    #: Name of a signal to what it is multiplied by, above 0: no sign ever changes sides.
    multipliers: Mapping[str, float] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Changes with any weight, gate or table, and with what was learned."""
        return f"{VERSION}+{self.learned}" if self.learned else VERSION

    def rank(self, brand_id: str, matches: list[dict[str, Any]]) -> Score:
        """`score` in the shape that the casebook calls. brand_id is in every match already."""
        return self.score(matches)

    def score(self, matches: Sequence[Match]) -> Score:
        """matches: all of one brand and one subject, at least one not suppressed.

        The strongest match of each field counts, the best field fully and the others by half, a
        text about itself never more than half; then whether its picture is that of a campaign,
        what ties it to confirmed cases, what a look at its host gave and what its profile says,
        then the gates. Order of matches does not matter.
        """
        live = [match for match in matches if match["suppressed"] is None]
        kept = self._learned(_of_fields(live))
        # Of the subject and not of a field: the picture may show no logo at all.
        kept += self._learned([*campaign_signals(live), *tie_signals(live)])
        looks = site_signals(site_traits(live))
        looks += account_signals(
            profile_traits(live), fields=_shown_in(live), seen=_name_traits(live)
        )
        kept += held_above(self._learned(looks), others=PRIOR + _total(kept), floor=_WATCHED)
        log_odds = PRIOR + _total(kept)
        points = _points(log_odds)
        band, gates = gated(_band(points), matches)
        kept.sort(key=lambda signal: (-abs(signal.contribution), signal.name))
        told = tuple(map(_told, kept))
        sure = _total(signal for signal in told if signal.axis is Axis.CONFIDENCE)
        harm = _total(signal for signal in told if signal.axis is Axis.SEVERITY)
        return Score(
            score=points, band=band, signals=told, gates=gates,
            confidence=_points(PRIOR + sure), severity=severity_of(harm),
        )  # fmt: skip

    def _learned(self, signals: Iterable[Signal]) -> list[Signal]:
        return [
            replace(
                signal,
                weight=round(signal.weight * times, 3),
                contribution=round(signal.contribution * times, 3),
            )
            if (times := self.multipliers.get(signal.name, 1.0)) != 1.0
            else signal
            for signal in signals
        ]


def ranking_with(learned: Learned) -> Ranking:
    """The ranking of a casebook; see `Casebook.learned`."""
    return Ranking(learned=learned.version, multipliers=learned.multipliers)


#: As it is shipped.
SHIPPED = Ranking()
score = SHIPPED.score
rank = SHIPPED.rank


def _of_fields(live: Sequence[Match]) -> list[Signal]:
    by_field: dict[str, list[Signal]] = {}
    for match in sorted(live, key=lambda m: str(m["match_id"])):
        signals = _signals(match)
        standing = by_field.get(match["field"])
        if standing is None or _total(signals) > _total(standing):
            by_field[match["field"]] = signals
    ranked = sorted(
        by_field.items(), key=lambda item: (item[0] == Field.BIO, -_total(item[1]), item[0])
    )
    kept: list[Signal] = []
    for position, (field_, signals) in enumerate(ranked):
        # Many name a brand in a text about themselves, and mean no more than that.
        if position == 0 and field_ != Field.BIO:
            kept.extend(signals)
            continue
        if _total(signals) > 0:
            kept.extend(_scaled(signal, _SECOND_FIELD) for signal in signals)
    return kept


def least_score(band: Band) -> int:
    """From which score on a case is of this band, unless a gate says otherwise."""
    return next((least for least, one in _BANDS if one is band), 0)


def points_of(log_odds: float) -> int:
    """The score that so much evidence beside the prior comes to."""
    return _points(PRIOR + log_odds)


def _points(log_odds: float) -> int:
    return round(100 / (1 + math.exp(-log_odds / _SPREAD)))


def _told(signal: Signal) -> Signal:
    found = meaning(signal.name)
    return replace(signal, axis=found.axis, would_change=found.would_change)


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
    return replace(signal, contribution=round(signal.contribution * share, 3))
