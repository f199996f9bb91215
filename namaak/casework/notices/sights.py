"""Whether each case of a notice was captured lately enough to approve it, and what went wrong.

Said when a notice is drafted, so that nobody reads it whole and is refused afterwards. Pure.
May import: namaak.casework.notices.fields and material.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from namaak.casework.notices.fields import as_line
from namaak.casework.notices.material import Material, last_capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """When a case was last captured, and what came of trying again since."""

    case_id: str
    captured_at: datetime | None
    failed: str | None  #: a sentence; None where the last capture shows the page

    def needs(self, *, since: datetime) -> str | None:
        """What keeps the notice from approval; None where the capture is of since then."""
        if self.captured_at is not None and self.captured_at >= since:
            return None
        last = "it has no capture"
        if self.captured_at is not None:
            last = f"its last capture is of {_minute(self.captured_at)}"
        return self.failed or last


def sight_of(one: Material) -> Sight:
    """What captures of a case there are."""
    shot = last_capture(one.captures)
    last = max(one.captures, key=lambda row: (row["ended_at"], row["capture_id"]), default=None)
    failed = None
    if last is not None and last["outcome"] != "ok":
        why = f" ({as_line(last['reason'])})" if last["reason"] else ""
        failed = f"its capture of {_minute(last['ended_at'])} ended {last['outcome']}{why}"
    return Sight(
        case_id=one.case["case_id"], captured_at=shot["ended_at"] if shot else None, failed=failed
    )  # fmt: skip


def _minute(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
