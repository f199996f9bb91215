"""How far the directory's export was read, in a way that neither skips nor repeats.

Read by time, the export has three traps. It is asked for what comes after an instant, and many
operations share one; it tells milliseconds but keeps finer time, so that what was given comes
again; and an operation may show up a little later than its own time says. So it is asked again from
a moment before the last one, and what was told lately is known by its digest. Read by number
(`after` an integer, in newer directories), none of this is needed.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: How much later than its own time an operation may show up; between two runs.
_LATE = timedelta(seconds=30)
#: The export's own unit; what it tells is cut to it.
STEP = timedelta(milliseconds=1)
#: Digests that are kept; where more came within `_LATE`, less is asked again. Half of a page, so
#: that no run is filled with what is known already.
_MOST_TOLD = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTime:
    """Told up to `last`; all that bears a time from `since` on is in `told`."""

    last: datetime
    since: datetime
    told: tuple[tuple[datetime, str], ...] = ()  #: time and digest, ascending

    @classmethod
    def starting(cls, at: datetime) -> ByTime:
        """Before the first page: what is older than `at` is not wanted."""
        return cls(last=at, since=at)

    @classmethod
    def load(cls, state: str) -> ByTime:
        """What `dump` wrote."""
        kept = json.loads(state)
        return cls(
            last=_moment(kept["last"]),
            since=_moment(kept["since"]),
            told=tuple((_moment(at), digest) for at, digest in kept["told"]),
        )

    def dump(self) -> str:
        """Times in milliseconds since 1970."""
        told = [(_milliseconds(at), digest) for at, digest in self.told]
        return json.dumps(
            {"last": _milliseconds(self.last), "since": _milliseconds(self.since), "told": told},
            separators=(",", ":"),
        )

    def beginning(self) -> datetime:
        """From where a run asks: late ones may have come since the last.

        What comes bears that time or a later one, as the directory cuts off what is finer.
        """
        return max(self.last - _LATE - STEP, self.since)

    def following(self, asked: datetime, furthest: datetime) -> datetime:
        """From where the next page is asked. furthest: the latest time in this one."""
        return max(asked, furthest - STEP, self.since)

    def known(self) -> frozenset[str]:
        """Digests of what was told lately."""
        return frozenset(digest for _, digest in self.told)

    def told_of(self, new: Iterable[tuple[datetime, str]]) -> ByTime:
        """new: time and digest of what a page gave for the first time."""
        # Two operations a moment apart may come in either order.
        told = sorted((*self.told, *((_cut(at), digest) for at, digest in new)))
        last = max(self.last, told[-1][0]) if told else self.last
        since = max(min(self.since, last), last - _LATE)
        if len(told) > _MOST_TOLD:
            # Of the instant at the cut some are forgotten, so none of it is asked again; but the
            # last one is, and the directory gives what bears the time before it as well.
            since = min(max(since, told[-_MOST_TOLD][0] + STEP), last - STEP)
        return ByTime(last=last, since=since, told=tuple(one for one in told if one[0] >= since))


def _cut(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1_000 * 1_000)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1_000, UTC)


def written(at: datetime) -> str:
    """As the directory writes times.

    >>> written(datetime(2026, 11, 22, 12, 0, 0, 123_999, tzinfo=UTC))
    '2026-11-22T12:00:00.123Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
