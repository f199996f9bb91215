"""What weights are worth: how they rank verdicts that did not teach them.

Figures are of the cases that were shown and decided; of those that nobody saw no verdict tells.
Pure. May import: namaak.casework.learned.verdicts and fitting.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from namaak.casework.learned.fitting import Fit
from namaak.casework.learned.verdicts import Verdict, shares

#: Chances are compared with what came in so many equal parts.
_PARTS = 5
#: Log losses nearer than this are the same.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class AtBand:
    """Of the verdicts whose score reaches a band, and of all that were confirmed."""

    shown: int  #: reach the band
    right: int  #: of these confirmed
    confirmed: int  #: of all

    @property
    def precision(self) -> float | None:
        """None where nothing reaches the band."""
        return self.right / self.shown if self.shown else None

    @property
    def recall(self) -> float | None:
        """None where nothing was confirmed."""
        return self.right / self.confirmed if self.confirmed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Verdicts of similar chances: what was foretold and what came."""

    verdicts: int
    foretold: float
    came: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One set of weights on one set of verdicts."""

    verdicts: int
    log_loss: float  #: a verdict, natural log; copies count less, as in fitting
    bands: Mapping[str, AtBand]
    calibration: tuple[Part, ...]
    off_by: float  #: mean difference between foretold and came, weighted by verdicts


def measure(
    verdicts: Sequence[Verdict],
    *,
    multipliers: Mapping[str, float],
    intercept: float,
    slope: float,
    points: Callable[[float], int],
    bands: Mapping[str, int],
) -> Measured:
    """points: sum of log odds -> score. bands: name to the least score. Gates are not applied."""
    sums = [
        sum(value * multipliers.get(name, 1.0) for name, value in verdict.evidence.items())
        for verdict in verdicts
    ]
    chances = [_chance(intercept + slope * total) for total in sums]
    share = shares(verdicts)
    loss = sum(
        weight * -math.log(chance if verdict.poses else 1 - chance)
        for verdict, chance, weight in zip(verdicts, chances, share, strict=True)
    )
    confirmed = sum(verdict.poses for verdict in verdicts)
    at_bands = {}
    for name, least in bands.items():
        reach = [v for v, total in zip(verdicts, sums, strict=True) if points(total) >= least]
        at_bands[name] = AtBand(
            shown=len(reach), right=sum(v.poses for v in reach), confirmed=confirmed
        )
    parts = _calibration(verdicts, chances)
    off = sum(part.verdicts * abs(part.foretold - part.came) for part in parts)
    return Measured(
        verdicts=len(verdicts),
        log_loss=loss / sum(share) if share else 0.0,
        bands=at_bands,
        calibration=parts,
        off_by=off / len(verdicts) if verdicts else 0.0,
    )


def compare(
    verdicts: Sequence[Verdict], fitted: Fit, *, points: Callable[[float], int],
    bands: Mapping[str, int],
) -> tuple[Measured, Measured]:  # fmt: skip
    """Those that count until now, and the fitted ones, each with its line from what was taught."""
    before = measure(
        verdicts, multipliers=fitted.before, intercept=fitted.before_intercept,
        slope=fitted.before_slope,
        points=points, bands=bands,
    )  # fmt: skip
    after = measure(
        verdicts, multipliers=fitted.multipliers, intercept=fitted.intercept, slope=fitted.slope,
        points=points, bands=bands,
    )  # fmt: skip
    return before, after


def is_no_worse(before: Measured, after: Measured) -> bool:
    """Whether the verdicts that were held back fit the second at least as well."""
    return after.log_loss <= before.log_loss + _SAME


def _calibration(verdicts: Sequence[Verdict], chances: Sequence[float]) -> tuple[Part, ...]:
    ordered = sorted(zip(chances, (v.poses for v in verdicts), strict=True))
    size = len(ordered)
    parts = []
    for number in range(_PARTS):
        some = ordered[number * size // _PARTS : (number + 1) * size // _PARTS]
        if some:
            parts.append(
                Part(
                    verdicts=len(some),
                    foretold=sum(chance for chance, _ in some) / len(some),
                    came=sum(poses for _, poses in some) / len(some),
                )
            )
    return tuple(parts)


def _chance(odds: float) -> float:
    # Away from 0 and 1, of which no logarithm can be taken.
    return min(max(1 / (1 + math.exp(-min(max(odds, -60.0), 60.0))), 1e-9), 1 - 1e-9)
