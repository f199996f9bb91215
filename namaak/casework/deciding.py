"""The casebook's writer for decisions: of people, and the few that flows may take.

The rules are in lifecycle; here they are taken down, for one case or several at once, each with its
event. Other writings that decide by the way (a notice that is sent, a rule that allows) do it in
their own transaction with `_take_down`.
May import: namaak.casework.working, events, lifecycle, loading and reading, namaak.records,
sqlfiles and errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from namaak.casework.events import Draft
from namaak.casework.lifecycle import (
    Decision,
    Standing,
    decide,
    particulars,
    who_is,
)
from namaak.casework.loading import standing_of
from namaak.casework.reading import read_rows, resolve_case_id
from namaak.casework.working import Working
from namaak.errors import UsageError
from namaak.records import Band
from namaak.sqlfiles import statement


class Deciding(Working):
    """What a writer does with decisions."""

    def decide(self, case_id: str, decision: Decision, *, actor: str, now: datetime) -> None:
        """Take down a decision about one case; see `decide_all`."""
        self.decide_all([case_id], decision, actor=actor, now=now)

    def decide_all(
        self, case_ids: Iterable[str], decision: Decision, *, actor: str, now: datetime
    ) -> None:
        """Take down one decision about several cases with its events: about all, or none.

        case_ids: as `resolve_case_id` takes them. Raises UsageError for an unknown case, or a
        decision that is not possible from where a case stands (the message says which are).
        """
        with self._transaction():
            self._take_down(case_ids, decision, actor=actor, now=now)

    def _take_down(
        self, case_ids: Iterable[str], decision: Decision, *, actor: str, now: datetime
    ) -> None:
        """`decide_all` within a transaction that other writings share."""
        who = who_is(actor)
        drafts, decided = [], []
        if decision.duplicate_of is not None:
            other = resolve_case_id(self._con, decision.duplicate_of)
            decision = replace(decision, duplicate_of=other)
        standings = self._standings(case_ids)
        for case, before in standings.items():
            if case == decision.duplicate_of:
                raise UsageError(f"{case} is no duplicate of itself; name the other case.")
            try:
                after, kind = decide(before, decision, who=who, now=now)
            except UsageError as error:
                if len(standings) == 1:
                    raise
                raise UsageError(f"{case}: {error} Nothing was decided.") from None
            decided.append(
                {
                    "case_id": case,
                    "workflow": str(after.workflow),
                    "reason_code": after.reason_code and str(after.reason_code),
                    "assignee": after.assignee,
                    "snooze_until": after.snooze_until,
                    "snooze_on_change": after.snooze_on_change,
                    "updated_at": now,
                }
            )
            data = particulars(before, after, decision)
            drafts.append(Draft(case_id=case, kind=kind, actor=actor, happened_at=now, data=data))
        self._apply("decide_cases", incoming_decisions=self._table("cases", decided))
        self._append(drafts)

    def _standings(self, case_ids: Iterable[str]) -> dict[str, Standing]:
        """Of each case the part that is decided; one that is named twice is there once.

        case_ids: as `resolve_case_id` takes them, as for errors.
        """
        typed = list(dict.fromkeys(case_ids))
        known = self._standings_of_whole(typed)
        meant = [one if one in known else resolve_case_id(self._con, one) for one in typed]
        if others := [case for case in meant if case not in known]:
            known |= self._standings_of_whole(others)
        return {case: known[case] for case in meant}

    def _standings_of_whole(self, cases: list[str]) -> dict[str, Standing]:
        wanted = pa.table({"case_id": pa.array(cases, pa.string())})
        with self._registered(wanted_cases=wanted):
            found = list(read_rows(self._con, statement("casebook/standings_of_cases")))
        return {
            row["case_id"]: replace(standing_of(row), has_evidence=row["band"] != Band.NONE)
            for row in found
        }
