"""What re-checks found of whether it is gone, for the report: by which looks, and what limits it.

A pack may lie before a court: whoever reads that something is down reads there, too, what that
rests on and what nobody looked at. Taken from the history, which says it as it was found.
Pure. May import: namaak.casework.events, namaak.casework.followup.verdict.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from namaak.casework.events import EventKind
from namaak.casework.followup.verdict import NOT_LOOKED_AT, ONE_ADDRESS, SAME_RESOLVERS

#: In English and in Dutch.
_MEANS = {
    ONE_ADDRESS: (
        "All pages were asked for from one address; a page can show a 404 to that address and "
        "itself to everybody else.",
        "Alle pagina's zijn vanaf één adres opgevraagd; een pagina kan dat adres een 404 tonen en "
        "alle anderen zichzelf.",
    ),
    SAME_RESOLVERS: (
        "All places asked the same name servers, and the registry did not say so itself.",
        "Alle plaatsen vroegen dezelfde naamservers, en het register zei het zelf niet.",
    ),
    NOT_LOOKED_AT: (
        "Known addresses were not looked at, and nobody knows whether they are gone",
        "Bekende adressen zijn niet bekeken, en niemand weet of ze weg zijn",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one place saw in one round."""

    round: str  #: "first" or "second"
    checked_at: str
    vantage: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDown:
    """That it is down, as the history has it. Times as they stand there: ISO 8601, UTC."""

    since: str
    confirmed_at: str
    looks: Sequence[Looked]
    addresses: Sequence[str]  #: pages that were seen to be gone; none where the name told
    limits: Sequence[tuple[str, str]]  #: what limits the finding, in English and in Dutch


def found_down(events: Iterable[Mapping[str, object]]) -> FoundDown | None:
    """The finding that stands. events: of one case, oldest first. None: it is not down."""
    found: Mapping[str, Any] | None = None
    for event in events:
        if event["kind"] == EventKind.RELAPSED:
            found = None
        elif event["kind"] == EventKind.DOWN:
            found = _data(event["data"])
    if found is None:
        return None
    return FoundDown(
        since=str(found.get("since") or ""),
        confirmed_at=str(found.get("confirmed_at") or ""),
        looks=[
            Looked(
                round=name,
                checked_at=str(_data(found.get(name)).get("checked_at") or ""),
                vantage=str(_data(view).get("vantage") or ""),
                says=str(_data(view).get("says") or ""),
            )
            for name in ("first", "second")
            for view in _list(_data(found.get(name)).get("views"))
        ],
        addresses=[str(one) for one in _list(found.get("addresses"))],
        limits=[_in_words(str(one)) for one in _list(found.get("reservations"))],
    )


def _in_words(reservation: str) -> tuple[str, str]:
    name, _, count = reservation.partition(": ")
    english, dutch = _MEANS.get(name, (reservation, reservation))
    return (f"{english}: {count}.", f"{dutch}: {count}.") if count else (english, dutch)


def _data(given: object) -> Mapping[str, Any]:
    """An object of JSON, or of what was read of it; else nothing."""
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, Mapping) else {}


def _list(given: object) -> Sequence[Any]:
    return given if isinstance(given, list) else ()
