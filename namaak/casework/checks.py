"""The casebook's writer for re-checks: what a look again showed, and what that means.

Checks, what they mean, its events and the next plan are one transaction: killed anywhere, a round
counts whole or was never there, and a round that comes twice is one.
May import: namaak.casework.working, events, reading and rowdigest, namaak.casework.followup,
namaak.sqlfiles.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa

from namaak.casework.events import EventKind, canonical_json
from namaak.casework.followup.drafting import Weighed, weigh
from namaak.casework.followup.reading import sight_of
from namaak.casework.followup.schedule import Pace
from namaak.casework.followup.views import Round, Sight, View
from namaak.casework.reading import read_rows
from namaak.casework.rowdigest import row_digest
from namaak.casework.working import Working
from namaak.sqlfiles import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a check came to, for whoever waits."""

    case_id: str
    #: Events, oldest first; none: nothing happened. That its state is another one goes with them.
    kinds: tuple[EventKind, ...]
    says: str  #: what the last round saw, place by place
    changed: tuple[str, ...]  #: in words; also what is too little to wake anybody
    due_at: datetime
    ended: tuple[str, ...]  #: actions that asked for it, and got it


class Checks(Working, ABC):
    """What a writer does with re-checks."""

    def record_checks(self, rounds: Iterable[Round], *, pace: Pace, now: datetime) -> list[Told]:
        """Keep what was seen, and do what it means: down, resolved, back, changed. One transaction.

        Done again with the same rounds, it changes nothing but when they are due next. Rounds of
        cases that are not there are left out. Raises CasebookError.
        """
        given = sorted(rounds, key=lambda one: (one.case_id, one.checked_at))
        ids = sorted({one.case_id for one in given})
        wanted = pa.table({"case_id": pa.array(ids, pa.string())})
        with self._transaction(), self._registered(wanted_cases=wanted):
            fresh = self._not_kept(given)
            rows = [row for one in fresh for row in _rows(one)]
            self._apply("insert_checks", incoming_checks=self._table("checks", rows))
            known = list(read_rows(self._con, statement("casebook/cases_followed")))
            sights = self._sights()
            weighed = [
                weigh(
                    row,
                    sights.get(row["case_id"], []),
                    [one for one in fresh if one.case_id == row["case_id"]],
                    pace=pace,
                    now=now,
                )
                for row in known
            ]
            for case in weighed:
                self._keep_standing(case, now)
            plans = [_plan_row(case, now) for case in weighed]
            incoming = self._table("check_plans", plans)
            self._apply("upsert_check_plans", incoming_check_plans=incoming)
            self._append([draft for case in weighed for draft in case.drafts])
            # Behind the rest: what ends an action looks at where its cases stand now.
            return [_told(case, self._ended_actions(case, now)) for case in weighed]

    @abstractmethod
    def _execute_by_check(self, case_id: str, now: datetime) -> list[str]:
        """Ends the actions that asked for what was seen, within an open transaction; their ids.

        The writer of notices knows which these are. Abstract, so that no casebook can exist in
        which a page is seen to be gone and its notices wait for ever.
        """

    def _ended_actions(self, case: Weighed, now: datetime) -> tuple[str, ...]:
        if not any(draft.kind is EventKind.DOWN for draft in case.drafts):
            return ()
        return tuple(self._execute_by_check(case.case_id, now))

    def _keep_standing(self, case: Weighed, now: datetime) -> None:
        if case.after == case.before and not case.drafts:
            return
        standing = case.after.standing
        bound = {
            "workflow": str(standing.workflow),
            "reason_code": standing.reason_code and str(standing.reason_code),
            "assignee": standing.assignee,
            "snooze_until": standing.snooze_until,
            "snooze_on_change": standing.snooze_on_change,
            "down_since": case.after.down_since,
            "relapses": case.after.relapses,
            "subject_state": str(case.state),
            "now": now,
            "case_id": case.case_id,
        }
        self._con.execute(statement("casebook/follow_case"), bound)

    def _not_kept(self, given: Sequence[Round]) -> list[Round]:
        """Each round once, and none that is kept: what was compared is not compared again."""
        kept = {
            (case_id, sight.checked_at)
            for case_id, found in self._sights().items()
            for sight in found
        }
        one_each = {(one.case_id, one.checked_at): one for one in given}
        return [one for place, one in one_each.items() if place not in kept]

    def _sights(self) -> dict[str, list[Sight]]:
        rows = list(read_rows(self._con, statement("casebook/sights_of_cases")))
        return {
            case_id: [sight_of(row) for row in group]
            for case_id, group in groupby(rows, key=itemgetter("case_id"))
        }


def _rows(one: Round) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "case_id": one.case_id,
            "checked_at": one.checked_at,
            "vantage": view.vantage,
            "state": str(view.state),
            "down": view.down,
            "dns": view.dns,
            "http_status": view.http_status,
            "final_url": view.final_url,
            "title": view.title,
            "facts": canonical_json(dict(view.aspects)).decode(),
            "content_sha256": view.content_sha256,
            "says": view.says,
            "rests_on": view.rests_on and str(view.rests_on),
            "names_by": view.names_by,
            "pages_by": view.pages_by,
            "addresses": _addresses_text(view),
            "left_out": view.left_out,
        }
        for view in one.views
    ]
    return [{**row, "row_sha256": row_digest(row)} for row in rows]


def _addresses_text(view: View) -> str | None:
    told = [
        {
            "url": one.url,
            "state": str(one.state),
            "down": one.down,
            "says": one.says,
            "final_url": one.final_url,
            "http_status": one.http_status,
            "asks": one.asks,
        }
        for one in view.addresses
    ]
    return canonical_json(told).decode() if told else None


def _plan_row(case: Weighed, now: datetime) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "due_at": case.plan.due_at,
        "interval_s": int(case.plan.interval.total_seconds()),
        "quiet_since": case.quiet_since,
        "baseline": canonical_json(dict(case.baseline)).decode(),
        "resolves_at": case.plan.resolves_at,
        "updated_at": now,
    }


def _told(case: Weighed, ended: tuple[str, ...]) -> Told:
    return Told(
        case_id=case.case_id,
        kinds=tuple(
            draft.kind for draft in case.drafts if draft.kind is not EventKind.STATE_CHANGED
        ),
        says=case.says,
        changed=tuple(one.in_words() for one in case.found),
        due_at=case.plan.due_at,
        ended=ended,
    )
