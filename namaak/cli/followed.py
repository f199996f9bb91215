"""What became of a case, for `namaak case`: its three axes, notices, contacts, checks in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from namaak.cli.output import cell

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = Mapping[str, Any]
#: Of each kind; the others are counted, and JSON has them all.
_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Rows of the tables of the same names, of one case."""

    actions: Sequence[Row]
    contacts: Sequence[Row]
    contact_failures: Sequence[Row]
    checks: Sequence[Row]  #: oldest first
    captures: Sequence[Row]
    packs: Sequence[Row]  #: latest first

    def as_json(self) -> dict[str, Any]:
        """All of it, under the names of the tables."""
        return {
            "actions": list(self.actions),
            "contacts": list(self.contacts),
            "contact_failures": list(self.contact_failures),
            "checks": list(self.checks),
            "captures": list(self.captures),
            "packs": list(self.packs),
        }

    def lines(self) -> Iterator[str]:
        """Part by part, with a heading where there is anything."""
        if self.actions:
            yield "\nNotices"
        for row in self.actions[:_SHOWN]:
            to = cell(row["provider_name"] or row["address"] or row["scope"])
            due = f", due {cell(row['due_at'])}" if row["due_at"] else ""
            yield f"  {row['action_id']}  {row['state']:<14}  {row['route']} to {to}{due}"
        yield from _more(self.actions)
        if self.contacts or self.contact_failures:
            yield "\nWhom to write to"
        for row in self.contacts[:_SHOWN]:
            name = f" ({cell(row['provider_name'])})" if row["provider_name"] else ""
            yield f"  {row['scope']:<14}  {row['channel']:<5}  {cell(row['address'])}{name}"
        yield from _more(self.contacts)
        for row in self.contact_failures[:_SHOWN]:
            yield f"  {row['scope']:<14}  not found by {cell(row['source'])}: {cell(row['says'])}"
        if self.checks:
            yield "\nWhat re-checks saw"
        for row in self.checks[-_SHOWN:]:
            down = {True: "down", False: "up"}.get(row["down"], "cannot tell")
            yield (
                f"  {cell(row['checked_at'])}  {cell(row['vantage']):<10}  {row['state']:<12}  "
                f"{down}; {cell(row['says'])}"
            )
        if self.captures:
            yield "\nWhat was kept as evidence"
        for row in self.captures[:_SHOWN]:
            yield (
                f"  {cell(row['started_at'])}  {cell(row['vantage']):<10}  {row['outcome']:<8}  "
                f"{cell(row['url'])}"
            )
        if self.packs:
            yield "\nPacks that were made of it"
        for row in self.packs[:_SHOWN]:
            yield f"  {cell(row['made_at'])}  {row['profile']:<10}  {cell(row['path'])}"
        yield from _more(self.packs)


def _more(rows: Sequence[Row]) -> Iterator[str]:
    if len(rows) > _SHOWN:
        yield f"  and {len(rows) - _SHOWN} more"


def followed_of(snapshot: DuckDBPyConnection, case_id: str) -> Followed:
    """All of it for one case. case_id: a whole one."""
    from namaak.casework.capture_reading import captures_of, packs_of
    from namaak.casework.contacts.reading import contacts_of, failures_of
    from namaak.casework.followup.reading import checks_of
    from namaak.casework.notices.reading import actions_of

    return Followed(
        actions=actions_of(snapshot, case_id),
        contacts=contacts_of(snapshot, case_id),
        contact_failures=failures_of(snapshot, case_id),
        checks=checks_of(snapshot, case_id),
        captures=captures_of(snapshot, case_id),
        packs=packs_of(snapshot, case_id),
    )


def axes_lines(case: Row, actions: Sequence[Row]) -> Iterator[str]:
    """What people do with it, whether it is alive, and how its notices stand. case: its row."""
    owner = f", with {cell(case['assignee'])}" if case["assignee"] else ""
    reason = f" ({case['reason_code']})" if case["reason_code"] else ""
    yield f"state      {case['workflow']}{reason}{_sleep(case)}{owner}"
    alive = case["subject_state"]
    online = "whether it is still there is not known" if alive == "unknown" else f"it is {alive}"
    # Columns that the view may lack are asked for by name, so that an older one still shows.
    if case.get("down_since"):
        online += f", down since {cell(case['down_since'])}"
    if case.get("relapses"):
        times = case["relapses"]
        online += f"; it came back {'once' if times == 1 else f'{times} times'}"
    yield f"alive      {online}"
    counts: dict[str, int] = {}
    for action in actions:
        counts[action["state"]] = counts.get(action["state"], 0) + 1
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    yield f"notices    {told or 'none'}"
    if case.get("legal_hold"):
        yield "hold       under legal hold: nothing of it is deleted"


def _sleep(case: Row) -> str:
    if case["workflow"] != "snoozed":
        return ""
    ends = [f"until {cell(case['snooze_until'])}"] if case["snooze_until"] else []
    ends += ["until it changes"] if case["snooze_on_change"] else []
    return f" {' or '.join(ends)}"
