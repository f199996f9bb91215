"""What to do next about cases whose notices led nowhere: the next rung of the ladder, with reasons.

Reads an open snapshot; proposes, and drafts nothing.
May import: namaak.casework.contacts, events and reading, namaak.casework.notices.reading,
namaak.brands, namaak.sqlfiles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from namaak.brands import WatchFile
from namaak.casework.contacts.facts import case_facts
from namaak.casework.contacts.ladder import Proposal, next_rungs
from namaak.casework.contacts.reading import contacts_of
from namaak.casework.contacts.standing import standing
from namaak.casework.events import canonical_json
from namaak.casework.notices.reading import actions_near
from namaak.casework.reading import read_case, read_rows
from namaak.sqlfiles import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A next step for a person, as the history keeps it."""

    case_id: str
    rung: str
    why: str
    after_action: str | None = None
    contact: str | None = None

    def particulars(self) -> dict[str, str]:
        """Of its event; what nobody knows is left out."""
        data = {
            "rung": self.rung, "why": self.why, "action_id": self.after_action,
            "contact": self.contact,
        }  # fmt: skip
        return {name: value for name, value in data.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A proposal and the case that it is for."""

    case_id: str
    subject: str
    proposal: Proposal


def next_steps(
    con: duckdb.DuckDBPyConnection, case_ids: Iterable[str], *, watch: WatchFile, now: datetime
) -> list[NextStep]:
    """Of each case, in the ladder's order. case_ids: as `resolve_case_id` takes them."""
    steps = []
    for typed in case_ids:
        found = read_case(con, typed)
        case_id = str(found.case["case_id"])
        brand = watch.brands.get(found.case["brand_id"])
        facts = case_facts(found, official=watch.owned_domains)
        # Where nobody ever looked contacts up, what is known of the case tells some.
        known = contacts_of(con, case_id) or standing(facts, (), (), now=now).contacts
        proposals = next_rungs(
            facts, known, actions_near(con, case_id), now=now,
            has_mark=bool(brand and brand.marks),
        )  # fmt: skip
        steps += [
            NextStep(case_id=case_id, subject=found.case["subject"], proposal=one)
            for one in proposals
        ]
    return steps


def as_proposed(steps: Iterable[NextStep]) -> list[Proposed]:
    """As `Actions.propose` writes them into the history."""
    return [
        Proposed(
            case_id=step.case_id,
            rung=step.proposal.rung.id,
            why=step.proposal.why,
            after_action=step.proposal.action_id,
            contact=step.proposal.contact.address,
        )
        for step in steps
    ]


def not_yet_proposed(
    con: duckdb.DuckDBPyConnection, proposals: Iterable[Proposed]
) -> list[Proposed]:
    """Those that the history of their case does not hold, each once."""
    found = []
    for one in dict.fromkeys(proposals):
        rows = read_rows(con, statement("casebook/proposed_events"), [one.case_id])
        if canonical_json(one.particulars()).decode() not in {row["data"] for row in rows}:
            found.append(one)
    return found


def stuck_cases(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Cases with a notice that was denied or not answered, the longest stuck first."""
    found = con.execute(statement("casebook/stuck_cases")).fetchall()
    return [row[0] for row in found]
