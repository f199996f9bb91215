"""Accounts on the whole way that a run takes: matched by names and picture, profile read, ranked.

Nothing is stored. May import: detectors, namaak.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from detectors.images.picture import Picture, Undecodable
from detectors.observations import Watchlist, match_observations
from detectors.profiles.traits import profile_traits
from namaak.casework import ranking
from namaak.records import OBSERVATION_SCHEMA, Band, Score, SubjectKind, Trust, account_key

#: When everything was seen: after all that the labelled accounts say of themselves.
SEEN_AT = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as a source would give it."""

    platform: str
    handle: str | None = None
    display_name: str | None = None
    avatar: str | None = None  #: SHA-256 of the picture
    #: Further columns of OBSERVATION_SCHEMA; absent is unknown.
    facts: Mapping[str, Any] = field(default_factory=dict)


def judge(
    accounts: Sequence[Account],
    watchlist: Watchlist,
    pictures: Mapping[str, Picture | Undecodable],
) -> dict[tuple[int, str], Score | None]:
    """(place in accounts, brand id) to what the case would be; None where the brand owns it.

    An account that resembles no brand is left out.
    """
    table = observed(accounts)
    rows = table.to_pylist()

    def read(wanted: Sequence[str]) -> Iterator[tuple[str, Picture | Undecodable]]:
        return ((sha256, pictures[sha256]) for sha256 in wanted)

    found = match_observations(table, watchlist, read).matches
    by_case: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for match in found.to_pylist():
        by_case[match["position"], match["brand_id"]].append(match)
    judged: dict[tuple[int, str], Score | None] = {}
    for (place, brand_id), matches in by_case.items():
        if all(match["suppressed"] is not None for match in matches):
            judged[place, brand_id] = None
            continue
        traits = profile_traits(rows[place], watchlist.brands[brand_id], now=SEEN_AT)
        told = [asdict(trait) for trait in traits]
        judged[place, brand_id] = ranking.score([{**match, "profile": told} for match in matches])
    return judged


def observed(accounts: Sequence[Account]) -> pa.Table:
    """OBSERVATION_SCHEMA, position being the place in accounts."""
    rows = [
        {
            "source": "files",
            "instance": "benchmark",
            "position": place,
            "observed_at": SEEN_AT,
            "subject_kind": str(SubjectKind.ACCOUNT),
            "subject_key": account_key(one.platform, str(place), one.handle or ""),
            "platform": one.platform,
            "native_id": str(place),
            "trust": str(Trust.PLATFORM),
            "handle": one.handle,
            "display_name": one.display_name,
            "image_sha256": one.avatar,
            **one.facts,
        }
        for place, one in enumerate(accounts)
    ]
    return pa.Table.from_pylist(rows, schema=OBSERVATION_SCHEMA)


def band_of(score: Score | None) -> Band:
    """NONE for what the brand owns."""
    return score.band if score is not None else Band.NONE


def worst(scores: Iterable[Score | None]) -> Band:
    """The band that deserves most of a person's time; NONE of nothing."""
    order = tuple(Band)
    return max((band_of(one) for one in scores), key=order.index, default=Band.NONE)
