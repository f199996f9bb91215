"""What is known of one case that a notice is about, as rows, and what of it proves a sight.

A list that somebody handed in says that a thing is there; it saw nothing. What counts as seen is a
capture that shows the page, an answer to a look, a check that found it, and the platform's own word
about its account. May import: namaak.records. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from namaak.records import SubjectState, Trust

Row = Mapping[str, Any]

#: A sighting by a program of ours, and by a person; in the words of XARF.
BY_PROGRAM = "automated_crawler"
BY_PERSON = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that is known of one case, as rows."""

    case: Row  #: of case_detail
    matches: Sequence[Row] = ()
    enrichments: Sequence[Row] = ()
    profile: Sequence[Row] = ()  #: of account_history, oldest first
    captures: Sequence[Row] = ()  #: of captures, any order
    checks: Sequence[Row] = ()  #: of checks, any order
    related: Sequence[Row] = ()  #: other cases of its campaign: subject, subject_kind
    abuse: Sequence[str] = ()  #: what its evidence supports
    ends_at_brand: bool = False  #: its visitors are sent on to the brand


def last_capture(captures: Iterable[Row]) -> Row | None:
    """The last capture that shows the page itself."""
    shown = [row for row in captures if row["outcome"] == "ok"]
    return max(shown, key=lambda row: (row["ended_at"], row["capture_id"]), default=None)


def verified_at(one: Material) -> datetime | None:
    """When it was last seen to be there; None where nobody of ours and no platform saw it."""
    times = [row["ended_at"] for row in one.captures if row["outcome"] == "ok"]
    times += [
        row["asked_at"]
        for row in one.enrichments
        if row["aspect"] in ("page", "screenshot") and row["outcome"] == "answered"
    ]
    # False is evidence that it is there; None could tell nothing.
    times += [row["checked_at"] for row in one.checks if row["down"] is False]
    told = [row for row in one.profile if row["trust"] == Trust.PLATFORM][-1:]
    times += [row["last_seen_at"] for row in told if row["state"] in (None, SubjectState.LIVE)]
    # What was seen before the case began verifies nothing of what it is about.
    return max((at for at in times if at >= one.case["first_observed_at"]), default=None)


def own_page(one: Material) -> dict[str, Any]:
    """What its page showed. Empty where that was the brand's own: it says nothing of the case."""
    return {} if one.ends_at_brand else known(one, "page") or {}


def known(one: Material, aspect: str) -> dict[str, Any] | None:
    """The last answer of a look, whatever came of later ones."""
    rows = [row for row in one.enrichments if row["aspect"] == aspect and row["facts"]]
    answered = [row for row in rows if row["outcome"] == "answered"]
    if not answered:
        return None
    facts = max(answered, key=lambda row: row["asked_at"])["facts"]
    told = json.loads(facts) if isinstance(facts, str) else facts
    return told if isinstance(told, dict) else None
