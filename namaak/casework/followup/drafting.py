"""From what was seen of one case to what is written down of it: events, standing, baseline, plan.

Pure: no database, no clock. May import: namaak.casework.events, lifecycle, loading and
subject_moves, namaak.casework.followup, namaak.records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from namaak.casework.events import Draft, EventKind, utc_text
from namaak.casework.followup.diff import Change, carried, changes, is_enough, table
from namaak.casework.followup.schedule import Pace, Plan, next_check
from namaak.casework.followup.verdict import (
    Back,
    Down,
    Followed,
    Resolved,
    Seen,
    Step,
    after,
    apart,
    awaits_a_second,
    lacks_a_place,
    not_looked_at,
    reopened,
    reservation,
    rounds_of,
    settle,
    state_seen,
)
from namaak.casework.followup.views import Round, Sight
from namaak.casework.lifecycle import FLOW_PREFIX, wakes_on_change
from namaak.casework.loading import standing_of
from namaak.casework.subject_moves import Sight as Told
from namaak.casework.subject_moves import moves
from namaak.records import SubjectState, Workflow

#: Of what re-checks write: nobody decides it, it is seen.
ACTOR = f"{FLOW_PREFIX}recheck"
ONE_PLACE = (
    "it looks gone from the only place that looks; name a second one in [[vantages]] before it "
    "can count as down"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What new rounds come to for one case."""

    case_id: str
    before: Followed
    after: Followed
    state: SubjectState  #: axis two, as it stands now
    drafts: tuple[Draft, ...]
    baseline: Mapping[str, Mapping[str, Any]]
    quiet_since: datetime
    plan: Plan
    says: str  #: what the last round saw, place by place
    found: tuple[Change, ...]  #: also what is too little to wake anybody


def weigh(
    row: Mapping[str, Any],
    sights: Sequence[Sight],
    fresh: Sequence[Round],
    *,
    pace: Pace,
    now: datetime,
) -> Weighed:
    """row: of cases_followed.sql. sights: all of the case, the fresh ones too. fresh: oldest first.

    Without a fresh round nothing is compared; what was judged before is judged the same.
    """
    stands = Followed(
        standing=standing_of(row), down_since=row["down_since"], relapses=row["relapses"]
    )
    followed, steps = settle(stands, sights, resolved_after=pace.resolved_after)
    is_back = any(isinstance(step, Back) for step in steps)
    baseline = json.loads(row["baseline"]) if row["baseline"] else {}
    compared = _Compared(baseline=baseline)
    for one in fresh:
        compared.take(one, is_told=is_back)
    telling = _Telling(case_id=row["case_id"], now=now)
    place = stands
    for step in steps:
        behind = after(place, step, resolved_after=pace.resolved_after)
        telling.of_step(step, place, behind, compared.found)
        place = behind
    if not is_back and is_enough(compared.found):
        followed = telling.of_change(followed, compared.found)
    rounds = rounds_of(sights)
    state = SubjectState(row["subject_state"])
    seen = state_seen(rounds, is_down=followed.down_since is not None) if fresh else None
    if seen is not None and moves(state, seen, Told.CHECK):
        telling.of_state(state, seen, rounds)
        state = seen
    quiet_since = now if telling.drafts else row["quiet_since"] or now
    return Weighed(
        case_id=row["case_id"],
        before=stands,
        after=followed,
        state=state,
        drafts=tuple(telling.drafts),
        baseline=compared.baseline,
        quiet_since=quiet_since,
        plan=next_check(
            pace,
            workflow=followed.standing.workflow,
            quiet_since=quiet_since,
            down_since=followed.down_since,
            unconfirmed=awaits_a_second(followed, rounds),
            apart_by=apart(followed.relapses),
            now=now,
        ),
        says=_in_words(rounds[-1]) if rounds else "",
        found=compared.found,
    )


@dataclass(slots=True, kw_only=True)
class _Compared:
    """The baseline, and what was otherwise."""

    baseline: dict[str, dict[str, Any]]
    found: tuple[Change, ...] = ()

    def take(self, one: Round, *, is_told: bool) -> None:
        self.baseline = carried(self.baseline, one.known, told=False)
        # How a thing looks says the place that sees it; where it is gone there is no look.
        seen = {view.vantage: view.aspects for view in one.views if not view.down}
        found = changes(self.baseline, seen)
        enough = is_enough(found)
        if enough or not is_enough(self.found):
            self.found = found
        self.baseline = carried(self.baseline, seen, told=is_told or enough)


@dataclass(slots=True, kw_only=True)
class _Telling:
    """Events of one case, as they are written."""

    case_id: str
    now: datetime
    drafts: list[Draft] = field(default_factory=list)

    def of_step(
        self, step: Step, before: Followed, behind: Followed, found: tuple[Change, ...]
    ) -> None:
        workflow = str(before.standing.workflow)
        data: dict[str, Any]
        match step:
            case Down():
                data = {
                    "since": utc_text(step.first.at),
                    "confirmed_at": utc_text(step.second.at),
                    "last_up": _evidence(step.last_up) if step.last_up else None,
                    "first": _evidence(step.first),
                    "second": _evidence(step.second),
                    "addresses": _addresses(step.second, down=True),
                    "reservations": _reservations(step.first, step.second),
                }
                self._draft(EventKind.DOWN, data)
            case Resolved():
                data = {
                    "from": workflow,
                    "to": str(behind.standing.workflow),
                    "down_since": utc_text(step.first.at),
                    "until": utc_text(step.last.at),
                    "rounds": step.rounds,
                    "why": f"it was seen down in all of {step.rounds} rounds that told",
                    "looks": [_digests(one) for one in step.seen],
                }
                self._draft(EventKind.RESOLVED, data)
            case Back():
                data = {
                    "was": workflow,
                    "down_since": utc_text(step.down_since),
                    "seen_at": utc_text(step.seen.at),
                    "says": _in_words(step.seen),
                    "seen": _evidence(step.seen),
                    "addresses": _addresses(step.seen, down=False),
                    "changes": [_change(one) for one in found],
                    "relapses": behind.relapses,
                }
                self._draft(EventKind.RELAPSED, data)
                if step.reopened:
                    self._reopen(workflow, "it is there again")

    def of_state(self, before: SubjectState, to: SubjectState, rounds: Sequence[Seen]) -> None:
        data = {"from": str(before), "to": str(to), "why": _in_words(rounds[-1])}
        self._draft(EventKind.STATE_CHANGED, data)

    def of_change(self, followed: Followed, found: tuple[Change, ...]) -> Followed:
        data = {
            "changes": [_change(one) for one in found],
            "points": sum(one.points for one in found),
            "threshold": table().threshold,
            "table": table().version,
        }
        self._draft(EventKind.CHANGED, data)
        if not wakes_on_change(followed.standing):
            return followed
        self._reopen(
            str(followed.standing.workflow),
            "it changed: " + "; ".join(one.in_words() for one in found),
        )
        return Followed(
            standing=reopened(followed.standing, now=self.now),
            down_since=followed.down_since,
            relapses=followed.relapses,
        )

    def _reopen(self, workflow: str, why: str) -> None:
        data = {"from": workflow, "to": str(Workflow.REOPENED), "why": why}
        self._draft(EventKind.REOPENED, data)

    def _draft(self, kind: EventKind, data: Mapping[str, Any]) -> None:
        self.drafts.append(
            Draft(case_id=self.case_id, kind=kind, actor=ACTOR, happened_at=self.now, data=data)
        )


def _change(one: Change) -> dict[str, Any]:
    return {
        "aspect": one.name,
        "says": one.in_words(),
        "before": one.before,
        "after": one.after,
        "points": one.points,
        "vantage": one.vantage,
        "address": one.address,
    }


def _evidence(seen: Seen) -> dict[str, Any]:
    """Where to find it among the checks, and what it said."""
    return {"checked_at": utc_text(seen.at), "views": list(_views(seen))}


def _digests(seen: Seen) -> dict[str, Any]:
    """The same without words, for a step that rests on many rounds."""
    views = [{"vantage": sight.vantage, "row_sha256": sight.row_sha256} for sight in seen.sights]
    return {"checked_at": utc_text(seen.at), "views": views}


def _reservations(*rounds: Seen) -> list[str]:
    told = {test(seen.sights) for seen in rounds for test in (reservation, not_looked_at)}
    return sorted(one for one in told if one is not None)


def _addresses(seen: Seen, *, down: bool) -> list[str]:
    """Pages that were seen so; none where the name alone told."""
    views = (view for sight in seen.sights for view in sight.addresses)
    return list(dict.fromkeys(view.place for view in views if view.down is down))


def _views(seen: Seen) -> Iterator[dict[str, str | None]]:
    for sight in seen.sights:
        yield {
            "vantage": sight.vantage,
            "state": str(sight.state),
            "says": sight.says,
            # Whether it was down, at which addresses, and by whose eyes: all of the row.
            "row_sha256": sight.row_sha256,
        }


def _in_words(seen: Seen) -> str:
    lines = [f"{sight.vantage}: {sight.says}" for sight in seen.sights]
    if lacks_a_place(seen.sights):
        lines.append(ONE_PLACE)
    lines += _reservations(seen)
    return "; ".join(lines)
