"""Whether two editions of a zone may be compared, and the sentence where they may not.

Refusing costs a day; comparing with half a zone costs the trust of everybody who reads the cases.
What was refused stays where it is, the earlier edition stays the base, and so the next good one
still tells everything that is new since then.
Pure. May import: namaak.errors, namaak.sources.zones.
"""

from __future__ import annotations

from pathlib import Path

from namaak.errors import Failure, SourceError
from namaak.sources.zones.serials import moved
from namaak.sources.zones.snapshots import Facts


def check_whole(zone: str, facts: Facts, path: Path) -> None:
    """Raises SourceError for an edition that is not the whole zone."""
    if facts.damage is not None:
        raise SourceError(
            f"The zone {zone} was not taken: {facts.damage}; its file is kept as {path}, "
            "the next edition is compared with the last good one.",
            Failure.MALFORMED,
        )


def check_later(zone: str, earlier: int, later: int) -> None:
    """Raises SourceError where a serial is no step forward."""
    if not moved(earlier, later):
        raise SourceError(
            f"The zone {zone} was not compared: its serial is {later} and was {earlier} before, "
            "which is no step forward; the next edition is looked at again.",
            Failure.STALE,
        )


def check_comparable(
    zone: str, earlier: Facts, later: Facts, path: Path, *, min_share: float
) -> None:
    """Raises SourceError where the later edition is not later, or lacks too much. path: its file.

    min_share: of the earlier edition's names that the later one must have at least, as a number.
    """
    if earlier.serial is None or later.serial is None:
        raise AssertionError("an edition without a serial is never whole")
    check_later(zone, earlier.serial, later.serial)
    if later.names < min_share * earlier.names:
        raise SourceError(
            f"The zone {zone} was not compared: it has {later.names} names where it had "
            f"{earlier.names} before, less than {min_share:.0%}; its file is kept as {path}. Where "
            "the registry really dropped so many, lower min_share for one run.",
            Failure.MALFORMED,
        )
