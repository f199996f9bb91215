"""Names judged as a run would judge them: matched, suppressed where owned, ranked into a band.

One row per name and brand; nothing is stored.
May import: detectors, namaak.casework.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.observations import Watchlist, match_values
from namaak.casework import ranking
from namaak.records import Band, Field

_AT_ONCE = 20_000
_SUBJECTS = {Field.HANDLE: "account", Field.DISPLAY_NAME: "account"}
_ORDER = list(Band)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One name resembles one brand."""

    row: int  #: index of the name
    brand_id: str
    resemblance: str
    score: int
    band: Band  #: of this evidence alone
    suppressed: str | None  #: why it would be no case; the band is what it would be otherwise

    def reaches(self, least: Band) -> bool:
        """It would become a case of this band or a worse one."""
        return self.suppressed is None and at_least(self.band, least)


def at_least(band: Band, least: Band) -> bool:
    """band is `least` or deserves more of a person's time."""
    return _ORDER.index(band) >= _ORDER.index(least)


def judge(values: Sequence[str], field: Field, watchlist: Watchlist) -> Iterator[Judged]:
    """values: hosts as A-labels, or handles and names as shown. Ascending by row."""
    for start in range(0, len(values), _AT_ONCE):
        for hit in match_values(values[start : start + _AT_ONCE], field, watchlist):
            yield judged(hit, row=start + int(hit["row"]))  # type: ignore[call-overload]


def judged(hit: dict[str, Any], *, row: int) -> Judged:
    """hit: columns of HIT_SCHEMA with `field`, `detector` and `suppressed`."""
    field = Field(hit["field"])
    kind = _SUBJECTS.get(field, str(field))
    score = ranking.score([{**hit, "suppressed": None, "match_id": "", "subject_kind": kind}])
    return Judged(
        row=row,
        brand_id=hit["brand_id"],
        resemblance=hit["resemblance"],
        score=score.score,
        band=score.band,
        suppressed=hit["suppressed"],
    )
