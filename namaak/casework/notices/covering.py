"""One notice per provider and campaign: which one stands in the way of another.

Pure. May import: namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from namaak.records import ActionState

#: As long as one of these stands, its provider is not written to about the same campaign again.
OPEN = frozenset(
    {
        ActionState.DRAFT, ActionState.APPROVED, ActionState.SENT, ActionState.ACKNOWLEDGED,
        ActionState.INFO_REQUESTED, ActionState.ACCEPTED,
    }
)  # fmt: skip


def covering_action(
    near: Iterable[Mapping[str, Any]], *, provider_id: str | None, address: str | None
) -> Mapping[str, Any] | None:
    """The open notice at this provider among those near a case; None where there is none."""
    here = at_provider(near, provider_id=provider_id, address=address)
    return next((row for row in here if row["state"] in OPEN), None)


def at_provider(
    near: Iterable[Mapping[str, Any]], *, provider_id: str | None, address: str | None
) -> list[Mapping[str, Any]]:
    """Those at this provider; one that no table has is known by its address."""
    return [
        row
        for row in near
        if (
            row["provider_id"] == provider_id
            if provider_id is not None
            else address is not None and (row["address"] or "").lower() == address.lower()
        )
    ]


def covered_sentence(row: Mapping[str, Any]) -> str:
    """Which notice stands in the way of another."""
    return (
        f"{row['action_id']} ({row['state']}) to {provider_named(row)} covers this campaign: one "
        "notice per provider and campaign; log its answers there, or draft another with --again."
    )


def provider_named(row: Mapping[str, Any]) -> str:
    """Who is written to, as people read it."""
    return str(row["provider_name"] or row["address"] or row["scope"])
