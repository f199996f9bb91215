"""One lesson: verdicts in, weights out, with what they are worth and which moved.

Pure; the same verdicts give the same version. May import: the rest of namaak.casework.learned.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from namaak.casework.learned.fitting import LEAST, LEAST_SEEN, MOST, Fit, check_enough, fit
from namaak.casework.learned.measuring import AtBand, Measured, compare, is_no_worse
from namaak.casework.learned.verdicts import Verdict, held_back, of_a_kind
from namaak.errors import UsageError

#: Fewer groups of copies of a kind measure nothing.
_LEAST_HELD_BACK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What verdicts taught."""

    version: str
    fitted_on: str  #: version of the ranking whose weights were multiplied
    taught: int  #: verdicts that did
    fit: Fit
    before: Measured  #: of the held-back verdicts
    after: Measured

    @property
    def better(self) -> bool:
        """The held-back verdicts fit no worse."""
        return is_no_worse(self.before, self.after)

    def report(self, left_out: Mapping[str, int]) -> dict[str, Any]:
        """All figures, as JSON has them."""
        return {
            "taught": self.taught,
            "held_back": self.after.verdicts,
            "left_out": dict(left_out),
            "before": _figures(self.before),
            "after": _figures(self.after),
            "moved": self._moved(),
            "too_seldom": sorted(
                name for name, (yes, no) in self.fit.seen.items() if yes + no < LEAST_SEEN
            ),
        }

    def row(self, *, actor: str, now: datetime, left_out: Mapping[str, int]) -> dict[str, Any]:
        """As `Casebook.keep_weights` takes it."""
        return {
            "version": self.version,
            "made_at": now,
            "actor": actor,
            "verdicts": self.taught + self.after.verdicts,
            "fitted_on": self.fitted_on,
            "weights": _weights(self.fit.multipliers),
            "report": json.dumps(self.report(left_out), sort_keys=True),
            "better": self.better,
            "updated_at": now,
        }

    def _moved(self) -> list[dict[str, Any]]:
        """Which weights would be others than until now, what moves most first."""
        until_now, now = self.fit.before, self.fit.multipliers
        rows = []
        for name in sorted(until_now.keys() | now.keys()):
            was, is_ = until_now.get(name, 1.0), now.get(name, 1.0)
            if was == is_:
                continue
            confirmed, dismissed = self.fit.seen.get(name, (0, 0))
            rows.append({"name": name, "was": was, "is": is_, "confirmed": confirmed,
                         "dismissed": dismissed, "at_its_limit": is_ in (LEAST, MOST)})  # fmt: skip
        return sorted(rows, key=lambda row: (-abs(row["is"] - row["was"]), row["name"]))


def learn_from(
    verdicts: Sequence[Verdict],
    *,
    before: Mapping[str, float],
    fitted_on: str,
    points: Callable[[float], int],
    bands: Mapping[str, int],
) -> Lesson:
    """before: multipliers that count until now. points, bands: see `measure`.

    What is shown is what would count: the weights are those that the held-back verdicts measured,
    and not fitted once more to all. Raises UsageError, one sentence, for too few verdicts.
    """
    check_enough(verdicts)
    # Their order must not matter: sums of floats depend on it.
    ordered = sorted(verdicts, key=lambda one: one.case_id)
    taught = [one for one in ordered if not held_back(one)]
    kept = [one for one in ordered if held_back(one)]
    if min(*of_a_kind(taught), *of_a_kind(kept)) < _LEAST_HELD_BACK:
        raise UsageError(
            f"Of {len(verdicts)} verdicts too few are of different campaigns to teach with some "
            "and measure with others; decide about more cases that are no copies of each other."
        )
    fitted = fit(taught, before=before)
    was, is_ = compare(kept, fitted, points=points, bands=bands)
    digest = hashlib.sha256(f"{fitted_on}\0{_weights(fitted.multipliers)}".encode()).hexdigest()
    return Lesson(
        version=f"w-{digest[:8]}", fitted_on=fitted_on, taught=len(taught), fit=fitted,
        before=was, after=is_,
    )  # fmt: skip


def _weights(multipliers: Mapping[str, float]) -> str:
    return json.dumps({name: f"{multipliers[name]:.2f}" for name in sorted(multipliers)})


def _figures(measured: Measured) -> dict[str, Any]:
    figures = asdict(measured)
    figures["bands"] = {name: _at_band(one) for name, one in measured.bands.items()}
    return figures


def _at_band(one: AtBand) -> dict[str, Any]:
    return {**asdict(one), "precision": one.precision, "recall": one.recall}
