"""What of a case goes to other programs, and what of it stays with us.

Two profiles, as of evidence packs: `full` is for one's own tools; `notice` is for others and leaves
out who reported and decided, and what an account says of people. Ids are made from the case's own,
so that a case that is exported again takes the place of itself.
May import: namaak.casework.reading, contacts.facts and notices.reading, namaak.records.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

import duckdb

from namaak.casework.contacts.facts import ends_at_brand, host_of, is_below
from namaak.casework.notices.reading import actions_of
from namaak.casework.reading import CaseFile, campaign_of_case, read_case
from namaak.records import SubjectState, Workflow

Profile = Literal["full", "notice"]
#: Made once for this purpose, and never again: every id of an export hangs on it.
_NAMESPACE = uuid.UUID("6d0d3c2e-6f0a-5d0e-9a55-3c1b7f2e9a41")
#: Drafts and approvals are ours: nobody was asked for anything yet.
_ASKED = frozenset(
    {
        "sent", "acknowledged", "info-requested", "accepted", "denied", "no-reply", "executed",
    }
)  # fmt: skip
#: Nothing answers there any more.
_DOWN = frozenset({SubjectState.REMOVED, SubjectState.SUSPENDED, SubjectState.UNREGISTERED})
_SURE = frozenset({Workflow.CONFIRMED, Workflow.ENFORCING, Workflow.RESOLVED, Workflow.CLOSED})
#: Signals that quote what an account says of people: mailboxes, telephones, its own text.
_PERSONAL = ("contact", "bio", "phone", "mail")


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0 (FIRST, August 2022)."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExport:
    """One case with what hangs on it."""

    file: CaseFile
    owned: Collection[str]  #: domains of the brands that are watched
    actions: Sequence[Mapping[str, Any]] = ()
    campaign_id: str | None = None

    @property
    def case_id(self) -> str:
        """Of the case."""
        return str(self.file.case["case_id"])

    @property
    def confidence(self) -> int:
        """0 to 100: how sure it is; of cases of before that was told apart, the whole score."""
        told = self.file.case["confidence"]
        return int(self.file.case["score"] if told is None else told)

    @property
    def is_sure(self) -> bool:
        """Whether a person confirmed it."""
        return self.file.case["workflow"] in _SURE

    @property
    def is_dismissed(self) -> bool:
        """Whether a person said that there is nothing in it."""
        return bool(self.file.case["workflow"] == Workflow.DISMISSED)

    @property
    def modified(self) -> datetime:
        """When anything that is exported last changed."""
        times = [self.file.case["updated_at"], *(one["updated_at"] for one in self.actions)]
        times += [row["happened_at"] for row in self.file.events]
        times += [row["asked_at"] for row in self.file.enrichments]
        newest: datetime = max(times)
        return newest.astimezone(UTC)

    @property
    def opened(self) -> datetime:
        """When it became a case."""
        opened: datetime = self.file.case["opened_at"]
        return opened.astimezone(UTC)

    @property
    def returned(self) -> tuple[datetime, ...]:
        """Each time that it was there again after it had been gone."""
        kinds = ("relapsed", "returned")
        rows = self.file.events
        return tuple(row["happened_at"].astimezone(UTC) for row in rows if row["kind"] in kinds)

    @property
    def down(self) -> datetime | None:
        """Since when it is gone; None while it is there, or nobody knows."""
        if self.file.case["subject_state"] not in _DOWN:
            return None
        rows = self.file.events
        seen = [row["happened_at"] for row in rows if row["kind"] in ("down", "state-changed")]
        moment: datetime = max(seen, default=self.file.case["updated_at"])
        return moment.astimezone(UTC)

    def facts(self, aspect: str) -> Mapping[str, Any]:
        """What was last known of an aspect of its host; of its page what is not the brand's own.

        Whoever takes an export over may block what stands in it.
        """
        rows = [one for one in self.file.enrichments if one["aspect"] == aspect and one["known"]]
        last = max(rows, key=lambda one: one["asked_at"], default=None)
        facts = json.loads(last["facts"]) if last is not None and last["facts"] else {}
        facts = facts if isinstance(facts, dict) else {}
        return self._own_page(facts) if aspect == "page" else facts

    def _own_page(self, page: Mapping[str, Any]) -> Mapping[str, Any]:
        own = str(self.file.case["subject_key"]).removeprefix("host:")
        hops = page.get("hops")
        kept = [
            hop
            for hop in (hops if isinstance(hops, list) else ())
            if isinstance(hop, dict)
            and ((host := host_of(hop.get("url"))) in (None, own) or not is_below(host, self.owned))
        ]
        shown = {} if ends_at_brand(self.file.case, page, self.owned) else page
        return {**shown, "hops": kept}

    @property
    def version(self) -> Mapping[str, Any]:
        """The newest version of an account's or app's profile; empty where there is none."""
        rows: Sequence[Mapping[str, Any]] = self.file.profile
        return max(rows, key=lambda row: row["version"], default={})

    @property
    def asked(self) -> tuple[Mapping[str, Any], ...]:
        """Takedown actions that somebody was asked for, the first first."""
        sent = (row for row in self.actions if row["state"] in _ASKED and row["sent_at"])
        return tuple(sorted(sent, key=lambda row: (row["sent_at"], row["action_id"])))

    def reasons(self, profile: Profile) -> tuple[str, ...]:
        """Sentences: why it is a case, what speaks most for it first."""
        return tuple(
            row["says"]
            for row in self.file.signals
            if profile == "full" or not any(word in row["name"] for word in _PERSONAL)
        )

    def pictures(self) -> tuple[tuple[str, str], ...]:
        """(SHA-256, what it is) of pictures that the subject is or wears, each once."""
        case = self.file.case
        own = str(case["subject_key"]).removeprefix("image:")
        found = {own: "the picture itself"} if case["subject_kind"] == "image" else {}
        for name, what in (("image_sha256", "its picture"), ("banner_sha256", "its banner")):
            if sha256 := self.version.get(name):
                found.setdefault(sha256, what)
        for match in self.file.matches:
            if match["field"] in ("image", "banner") and match["suppressed"] is None:
                found.setdefault(match["value"], f"like {match['term']}")
        return tuple(found.items())


def export_of(
    con: duckdb.DuckDBPyConnection, case_id: str, *, owned: Collection[str]
) -> CaseExport:
    """All that goes out of a case. case_id: see `resolve_case_id`, as for errors."""
    file = read_case(con, case_id)
    found = file.case["case_id"]
    return CaseExport(
        file=file,
        owned=owned,
        actions=actions_of(con, found),
        campaign_id=campaign_of_case(con, found),
    )


def export_id(*parts: str) -> str:
    """A UUIDv5 that is the same whenever the same thing of the same case is exported.

    >>> export_id("NK-9FNBGW9JXTVS", "note") == export_id("NK-9FNBGW9JXTVS", "note")
    True
    """
    return str(uuid.uuid5(_NAMESPACE, "\0".join(parts)))


def time_of(text: object) -> datetime | None:
    """A time of facts, in UTC; None for what is none, and where no zone was told.

    >>> time_of("2026-11-01T01:00:00+01:00"), time_of("soon")
    (datetime.datetime(2026, 11, 1, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        moment = datetime.fromisoformat(str(text))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
