"""From verdicts to multipliers: a logistic regression that is held to the shipped weights.

Each signal has one multiplier of its shipped weight, within LEAST and MOST: positive, so that no
sign ever changes sides, and an attacker who adds what speaks for a case never gains. The penalty
pulls every multiplier to 1, so that few verdicts move little. What a whole verdict is worth on the
scale of the score, and how many of the cases shown are confirmed, are fitted beside them and
thrown away: bands mean how many names of a million, and verdicts know only what was shown.
Pure; the same verdicts give the same weights. May import: namaak.casework.learned.verdicts,
namaak.errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namaak.casework.learned.verdicts import Verdict, of_a_kind, shares
from namaak.errors import UsageError

_Vector = npt.NDArray[np.float64]

#: Fewer verdicts, or groups of copies, in all or of either kind, teach nothing that holds. Whoever
#: puts up a hundred copies of one page has people decide a hundred times, and taught one thing.
LEAST_VERDICTS = 200
LEAST_GROUPS = 120
LEAST_OF_A_KIND = 40
#: A signal that fewer groups of copies have stays as it is shipped.
LEAST_SEEN = 10
LEAST, MOST = 0.25, 2.5
#: Standard deviation of the belief that the shipped weight is right.
DOUBT = 0.5
_SLOPES = (0.05, 20.0)  # of the score among verdicts: never 0, never turned round
_ROUNDS = 200
_STILL = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What was fitted."""

    multipliers: dict[str, float]  #: name of a signal to its multiplier, to two decimals; not 1
    intercept: float  #: log odds of a verdict at a sum of 0, with these multipliers
    slope: float  #: of log odds of a verdict to those of the score
    before: dict[str, float]  #: the multipliers it is compared with
    before_intercept: float  #: the same with those
    before_slope: float
    seen: dict[str, tuple[int, int]]  #: name to groups confirmed and dismissed that have it


def check_enough(verdicts: Sequence[Verdict]) -> None:
    """Raises UsageError, one sentence that says how many verdicts there are and how many lack."""
    confirmed, dismissed = of_a_kind(verdicts)
    lacks = [
        f"{least - have} more {what}"
        for have, least, what in (
            (len(verdicts), LEAST_VERDICTS, "in all"),
            (confirmed + dismissed, LEAST_GROUPS, "that are no copies"),
            (confirmed, LEAST_OF_A_KIND, "confirmed"),
            (dismissed, LEAST_OF_A_KIND, "dismissed"),
        )
        if have < least
    ]
    if lacks:
        raise UsageError(
            f"There are {len(verdicts)} verdicts, {confirmed} confirmed and {dismissed} dismissed "
            f"when copies of one campaign count once; weights are learned from {LEAST_VERDICTS}, "
            f"{LEAST_GROUPS} of them no copies of others and {LEAST_OF_A_KIND} of each kind: "
            f"decide about {', '.join(lacks)}."
        )


def fit(verdicts: Sequence[Verdict], *, before: Mapping[str, float] | None = None) -> Fit:
    """Multipliers from verdicts, of which there are at least one of each kind.

    before: multipliers that count until now; only compared with, never learned from.
    """
    seen = _seen(verdicts)
    names = sorted(name for name, (yes, no) in seen.items() if yes + no >= LEAST_SEEN)
    place = {name: number for number, name in enumerate(names)}
    signals = np.zeros((len(verdicts), len(names)))
    rest = np.zeros(len(verdicts))  # what no multiplier moves
    for row, verdict in enumerate(verdicts):
        for name, contribution in verdict.evidence.items():
            if name in place:
                signals[row, place[name]] = contribution
            else:
                rest[row] += contribution
    poses = np.array([verdict.poses for verdict in verdicts], float)
    share = np.array(shares(verdicts))
    times = np.ones(len(names))
    line = _line(signals @ times + rest, poses, share)
    known = dict(before or {})
    until_now = [
        sum(value * known.get(name, 1.0) for name, value in verdict.evidence.items())
        for verdict in verdicts
    ]
    line_before = _line(np.array(until_now), poses, share)
    for _ in range(_ROUNDS):
        moved = _step(signals, rest, poses, share, times, line)
        line = _line(signals @ moved + rest, poses, share)
        still = float(np.abs(moved - times).max(initial=0.0)) < _STILL
        times = moved
        if still:
            break
    rounded = {name: round(float(times[place[name]]), 2) for name in names}
    return Fit(
        multipliers={name: value for name, value in rounded.items() if value != 1.0},
        intercept=line[0], slope=line[1], before=known, before_intercept=line_before[0],
        before_slope=line_before[1], seen=seen,
    )  # fmt: skip


def _step(
    signals: _Vector, rest: _Vector, poses: _Vector, share: _Vector, times: _Vector,
    line: tuple[float, float],
) -> _Vector:  # fmt: skip
    """One round over the multipliers, each moved to where it fits best with the others as they are.

    Along one multiplier the loss is convex, so Newton's step from a bound on its curvature never
    overshoots, and the bounds hold by cutting.
    """
    intercept, slope = line
    moved = times.copy()
    odds = intercept + slope * (signals @ moved + rest)
    for column in range(len(moved)):
        value = slope * signals[:, column]
        chance = _chance(odds)
        gradient = share @ ((chance - poses) * value) + (moved[column] - 1) / DOUBT**2
        curve = share @ (0.25 * value**2) + 1 / DOUBT**2
        new = float(np.clip(moved[column] - gradient / curve, LEAST, MOST))
        odds += value * (new - moved[column])
        moved[column] = new
    return moved


def _line(score: _Vector, poses: _Vector, share: _Vector) -> tuple[float, float]:
    """Intercept and slope that fit the verdicts best; a little held to 0 and 1."""
    beta = np.array([0.0, 1.0])
    columns = np.column_stack([np.ones_like(score), score])
    held = np.array([1e-3, 1e-3])
    for _ in range(50):
        chance = _chance(columns @ beta)
        gradient = columns.T @ (share * (chance - poses)) + held * (beta - [0.0, 1.0])
        spread = share * np.maximum(chance * (1 - chance), 1e-6)
        curve = (columns * spread[:, None]).T @ columns + np.diag(held)
        step = np.linalg.solve(curve, gradient)
        # Newton overshoots where all chances are near 0 or 1.
        step *= min(1.0, 2.0 / float(np.abs(step).max(initial=1e-12)))
        beta = beta - step
        if float(np.abs(step).max()) < _STILL:
            break
    return float(beta[0]), float(np.clip(beta[1], *_SLOPES))


def _chance(odds: _Vector) -> _Vector:
    made: _Vector = 1 / (1 + np.exp(-np.clip(odds, -60, 60)))
    return made


def _seen(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, int]]:
    """Of each signal how many groups of copies with it were confirmed, and dismissed."""
    by_name: dict[str, set[tuple[str, bool]]] = {}
    for verdict in verdicts:
        for name, contribution in verdict.evidence.items():
            if contribution:
                by_name.setdefault(name, set()).add((verdict.group, verdict.poses))
    return {
        name: (sum(poses for _, poses in groups), sum(not poses for _, poses in groups))
        for name, groups in sorted(by_name.items())
    }
