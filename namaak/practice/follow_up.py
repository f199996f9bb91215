"""`[follow_up]`: how often confirmed cases are looked at again, and when one counts as down.

May import: namaak.practice.strict.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from namaak.practice.strict import Strict


class FollowUp(Strict):
    """Off unless it says otherwise: looking at a page shows its owner that somebody looks."""

    enabled: bool = False
    first_hours: Annotated[float, Field(gt=0, le=720)] = 6.0  #: between the first checks
    slowest_days: Annotated[float, Field(gt=0, le=365)] = 14.0  #: between the last
    resolved_after_days: Annotated[float, Field(gt=0, le=365)] = 7.0  #: down all that time
    cases_per_run: Annotated[int, Field(strict=True, ge=1, le=100_000)] = 500
