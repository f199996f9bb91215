"""Cases that a person opened: what somebody said counts as evidence of a kind of its own.

A row of it stands among those that the ranking weighs (casebook/rows_to_rank.sql), so that such a
case is refreshed like any other when something is found of it later, and is never withdrawn because
nothing was. What it weighs: as much as lifts the case to the beginning of `review`, where people
look at it, and not a grain more; that somebody asked says nothing about how sure it is.
Pure. May import: namaak.casework.loading, name_signals and ranking, namaak.records.
"""

from __future__ import annotations

from dataclasses import replace

from namaak.casework.loading import Rank, Row
from namaak.casework.name_signals import PRIOR
from namaak.casework.ranking import least_score
from namaak.records import Band, Score, Signal

#: Of the field, and of the way of resembling, where nothing but a person says so.
BY_HAND = "by-hand"
SIGNAL = "case.by-hand"
#: Natural-log odds from what ranking begins at to even odds, where `review` begins.
WEIGHT = -PRIOR
_DETECTOR = "by-hand-1"
_BANDS = list(Band)


def with_hand(rank: Rank) -> Rank:
    """The same ranking, which knows what to do with a person's word."""

    def ranked(brand_id: str, rows: list[Row]) -> Score:
        said = [row for row in rows if row["field"] == BY_HAND]
        if not said:
            return rank(brand_id, rows)
        found = [row for row in rows if row["field"] != BY_HAND]
        return _lifted(rank(brand_id, found) if found else None, said[0])

    return ranked


def _lifted(score: Score | None, said: Row) -> Score:
    """The score with the person's word. A gate that needs more than was found does not bind it."""
    floor = least_score(Band.REVIEW)
    lacking = WEIGHT - (score.evidence if score else 0.0)
    word = Signal(
        name=SIGNAL,
        says=f"{said['instance']} asked for a case: {said['value']}",
        raw=str(said["value"]),
        weight=WEIGHT,
        contribution=round(max(0.0, lacking), 3),
        detector=_DETECTOR,
        would_change="That a person dismisses it; a ranking never takes it away.",
    )
    if score is None:
        return Score(score=floor, band=Band.REVIEW, signals=(word,), gates=())
    lifted = _BANDS.index(score.band) < _BANDS.index(Band.REVIEW)
    return replace(
        score,
        score=max(score.score, floor),
        band=Band.REVIEW if lifted else score.band,
        signals=(*score.signals, word),
        gates=() if lifted else score.gates,
    )
