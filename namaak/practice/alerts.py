"""`[alerts]`: who is told of what, and when not. Addresses are secrets: NAMAAK_ALERT_URLS.

May import: namaak.practice.strict.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import StringConstraints

from namaak.practice.strict import Strict, Text

Hours = Annotated[str, StringConstraints(pattern=r"^[0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d$")]


class Alerts(Strict):
    """Off unless it says otherwise."""

    enabled: bool = False
    from_band: Literal["watch", "review", "high", "critical"] = "high"  #: told at once
    quiet_hours: Hours | None = None  #: as in 22:00-07:00; what happens then is told after
    time_zone: Text = "UTC"  #: of quiet hours and digest, as in Europe/Amsterdam
    digest_at: time | None = None  #: once a day what happened since the last
