"""The casebook's writer for what people do beside deciding.

Opening a case by hand, allowing what bears a brand with good reason, tying cases together or
keeping them apart, holding them for a court, and saving the lists that they look at. Whatever
happens to a case is an event of it, with the person who did it.
May import: namaak.casework.allowing, by_hand, campaigns, deciding, events, lifecycle, loading,
naming, reading, rowdigest, ties, views and working, namaak.brands, records, sqlfiles and errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from namaak.brands import AllowRule
from namaak.casework.allowing import Preview, brand_named, preview, refuse_covered, rule_id_of
from namaak.casework.by_hand import with_hand
from namaak.casework.campaigns import Campaigns
from namaak.casework.deciding import Deciding
from namaak.casework.events import Draft, EventKind
from namaak.casework.lifecycle import (
    FLOW_PREFIX,
    MAX_NOTE_CHARACTERS,
    Decision,
    DecisionKind,
    ReasonCode,
    Who,
    check_text,
    who_is,
)
from namaak.casework.loading import Changes, Names, Rank, Row
from namaak.casework.naming import Named
from namaak.casework.reading import campaign_of_case, read_rows, resolve_case_id
from namaak.casework.rowdigest import row_digest
from namaak.casework.ties import said_of_case, several, still_tied
from namaak.casework.views import CaseQuery, check_name
from namaak.errors import UsageError
from namaak.records import CaseId, SubjectKey, SubjectKind, case_id
from namaak.sqlfiles import statement

_WAKE = f"{FLOW_PREFIX}wake"


class Desk(Campaigns, Deciding):
    """What a writer does at a person's word."""

    # Opening by hand

    def open_case(
        self,
        brand: str,
        subject: Named,
        *,
        reason: str,
        actor: str,
        now: datetime,
        rank: Rank,
        rank_version: str,
        domain: str | None = None,
    ) -> tuple[CaseId, bool]:
        """A case because a person asks for one; its id, and whether it is new.

        What is a case already stays that case and notes the reason; what is found of it later
        refreshes it, and nothing withdraws it. brand: id or name. domain: registrable domain of a
        host. Raises UsageError for an unknown brand, no reason, or a handle that is several
        accounts'.
        """
        _check_person(actor)
        check_text(reason, "reason", MAX_NOTE_CHARACTERS)
        brand_id, brand_name = brand_named(self._con, brand)
        key = self._account_of(subject, now)
        identity = case_id(brand_id, key)
        changes = Changes(
            actor=actor,
            now=now,
            rank_version=rank_version,
            names=Names(
                brands={brand_id: brand_name},
                subjects={key: subject.text},
                domains={key: domain} if domain else {},
            ),
        )
        said = {"reason": reason, "url": subject.url, "actor": actor, "now": now}
        pair = {"brand_id": brand_id, "subject_key": key}
        with self._transaction():
            self._con.execute(
                statement("casebook/upsert_hand_opened"), {"case_id": identity, **pair, **said}
            )
            staged = {**pair, "subject_kind": str(subject.kind), "now": now}
            self._con.execute(statement("casebook/stage_hand_pair"), staged)
            self._con.execute(statement("casebook/stage_no_matches"))
            self._weigh_staged(changes, rank)
            # An answer to the question whether it was there, not to a wish of ours.
            new = bool(changes.opened)
            note = {"note": reason, "by_hand": True}
            if subject.url:
                note["url"] = subject.url
            changes.drafts.append(
                Draft(
                    case_id=identity, kind=EventKind.NOTED, actor=actor, happened_at=now, data=note
                )
            )
            self._write(changes, "")
        return identity, new

    def _weigh_staged(self, changes: Changes, rank: Rank) -> None:
        # Whatever weighs a case, what a person said of it counts with the rest.
        super()._weigh_staged(changes, with_hand(rank))

    def _account_of(self, subject: Named, now: datetime) -> SubjectKey:
        """The key of the account that a handle is, where the casebook can tell."""
        kind, _, rest = subject.subject_key.partition(":")
        platform, _, native = rest.partition(":")
        if kind != SubjectKind.ACCOUNT or not native.startswith("@"):
            return subject.subject_key
        bound = {
            "alias_key": subject.subject_key,
            "platform": platform,
            "handle": native[1:],
            "now": now,
        }
        found = self._con.execute(statement("casebook/account_of_handle"), bound).fetchall()
        if len(found) > 1:
            keys = ", ".join(row[0] for row in found[:5])
            raise UsageError(f"Several accounts show that handle; name one by its key: {keys}.")
        return SubjectKey(found[0][0]) if found else subject.subject_key

    # Allowing

    def allow(self, brand: str, rule: AllowRule, *, now: datetime) -> tuple[str, Preview]:
        """Write a rule down and dismiss the open cases that it covers; its id, and which.

        The next run matches the brand again, and what the rule covers is suppressed. rule: of
        `rule_of`. Raises UsageError for an unknown brand, a flow that would allow, or an asset
        that a rule covers already.
        """
        _check_person(rule.author)
        hidden = preview(self._con, brand, rule)
        refuse_covered(self._con, hidden.brand_id, rule, today=now.astimezone(UTC).date())
        rule_id = rule_id_of(hidden.brand_id, rule, now)
        bound = {
            "rule_id": rule_id,
            "brand_id": hidden.brand_id,
            "asset": rule.asset,
            "reason": rule.reason,
            "author": rule.author,
            "until": rule.until,
            "now": now,
        }
        dismiss = Decision(
            kind=DecisionKind.DISMISS,
            reason_code=ReasonCode.LICENSED,
            rule_id=rule_id,
            rule_sha256=row_digest(bound | {"made_at": now}, but=("now",)),
            note=f"allowed until {rule.until}: {rule.reason}",
        )
        with self._transaction():
            self._con.execute(statement("casebook/insert_allow_rule"), bound)
            cases = [row["case_id"] for row in hidden.open_cases]
            self._take_down(cases, dismiss, actor=rule.author, now=now)
        return rule_id, hidden

    def withdraw_rule(self, rule_id: str, *, actor: str, now: datetime) -> list[str]:
        """Take a rule back and re-open what it dismissed; the ids of these cases.

        Raises UsageError where there is no such rule, or it was withdrawn before.
        """
        _check_person(actor)
        with self._transaction():
            rule_id = rule_id.strip().upper()
            bound = {"rule_id": rule_id, "actor": actor, "now": now}
            found = self._con.execute(statement("casebook/withdraw_allow_rule"), bound).fetchone()
            if found is None:
                raise UsageError(
                    f"No allow rule {rule_id!r} stands; `namaak allow --list` shows them."
                )
            freed = self._rules_over(now)
            self._wake_allowed(freed, actor=actor, now=now)
            self._note_withdrawn(rule_id, freed, actor=actor, now=now)
        return [row["case_id"] for row in freed]

    def _note_withdrawn(self, rule_id: str, freed: list[Row], *, actor: str, now: datetime) -> None:
        """What it hid once and stays as it is names the withdrawal too: else no event tells of it,
        and one by hand would look the same."""
        opened = {row["case_id"] for row in freed if row["rule_id"] == rule_id}
        hidden = self._con.execute(statement("casebook/cases_of_rule"), {"rule_id": rule_id})
        data = {"note": f"the allow rule {rule_id} was withdrawn", "rule": rule_id}
        self._append(
            [
                Draft(case_id=case, kind=EventKind.NOTED, actor=actor, happened_at=now, data=data)
                for (case,) in hidden.fetchall()
                if case not in opened
            ]
        )

    def wake_snoozed(self, *, now: datetime) -> list[str]:
        """Re-open what waited for a day that has come; the ids of these cases.

        Snoozed until then, or dismissed under an allow rule whose last day is past.
        """
        due = [
            row["case_id"]
            for row in read_rows(self._con, statement("casebook/snoozes_over"), [now])
        ]
        allowed = self._rules_over(now)
        if not due and not allowed:
            # A transaction is a reason to publish, and nothing happened.
            return []
        with self._transaction():
            over = "the time it was snoozed for is over"
            reopen = Decision(kind=DecisionKind.REOPEN, note=over)
            self._take_down(due, reopen, actor=_WAKE, now=now)
            self._wake_allowed(allowed, actor=_WAKE, now=now)
        return [*due, *(row["case_id"] for row in allowed)]

    def _rules_over(self, now: datetime) -> list[Row]:
        """Cases that a rule dismissed which is over, with the rule."""
        bound = {"today": now.astimezone(UTC).date()}
        return list(read_rows(self._con, statement("casebook/cases_of_rules_over"), bound))

    def _wake_allowed(self, rows: list[Row], *, actor: str, now: datetime) -> None:
        for rule_id, withdrawn in sorted({(row["rule_id"], row["withdrawn"]) for row in rows}):
            over = "was withdrawn" if withdrawn else "is past its last day"
            reopen = Decision(kind=DecisionKind.REOPEN, note=f"the allow rule {rule_id} {over}")
            cases = [row["case_id"] for row in rows if row["rule_id"] == rule_id]
            self._take_down(cases, reopen, actor=actor, now=now)

    # Campaigns by hand

    def merge(
        self, case_ids: Sequence[str], *, actor: str, now: datetime, note: str | None = None
    ) -> str:
        """Say that cases belong together; the id of the campaign that they are in.

        Raises UsageError for fewer than two cases.
        """
        _check_person(actor)
        _check_note(note)
        cases = several(self._con, case_ids)
        first, *others = cases
        with self._transaction():
            self._say([(first, other) for other in others], "together", actor, note, now)
            drafts = []
            for case in cases:
                told = {"with": [one for one in cases if one != case]}
                drafts.append(_draft(case, EventKind.MERGED, actor, now, {**told, "note": note}))
            self._changed_campaigns(cases, drafts, now)
        campaign = campaign_of_case(self._con, first)
        if campaign is None:
            raise UsageError(
                "What was said is kept, but no campaign came of it: at least one of them is "
                "dismissed, and what is dismissed is in no campaign."
            )
        return campaign

    def split(
        self,
        typed: str,
        *,
        actor: str,
        now: datetime,
        apart_from: Sequence[str] = (),
        note: str | None = None,
    ) -> list[CaseId]:
        """Say that a case is not of the hand that others are of; from which it is kept apart now.

        apart_from: nothing that it shares with these ties it to them; they stay in one campaign
        where other cases tie both. None: it stands alone, whatever it shares, until somebody
        merges it again, and is itself the answer. What changes nothing is not written down: empty
        where nothing did. Raises UsageError for a case named apart from itself.
        """
        _check_person(actor)
        _check_note(note)
        case = resolve_case_id(self._con, typed)
        others = list(dict.fromkeys(resolve_case_id(self._con, one) for one in apart_from))
        if case in others:
            raise UsageError(f"{case} cannot be kept apart from itself; name other cases.")
        campaign = campaign_of_case(self._con, case)
        said = said_of_case(self._con, case)
        alone = said.get(case) == "apart" and "together" not in said.values()
        kept = still_tied(self._con, case, others)
        if (others and not kept) or (not others and alone):
            # A transaction is a reason to publish, and nothing happened.
            return []
        others = kept
        with self._transaction():
            if not others:
                self._con.execute(statement("casebook/untie_case"), {"case_id": case})
            pairs = [(case, other) for other in others] or [(case, case)]
            self._say(pairs, "apart", actor, note, now)
            told = {"apart_from": others or None, "campaign": campaign, "note": note}
            drafts = [_draft(case, EventKind.SPLIT, actor, now, told)]
            drafts += [
                _draft(one, EventKind.SPLIT, actor, now, {"apart_from": [case], "note": note})
                for one in others
            ]
            self._changed_campaigns([case, *others], drafts, now)
        return others or [case]

    def _say(
        self, pairs: Sequence[tuple[str, str]], verdict: str, actor: str, note: str | None,
        now: datetime,
    ) -> None:  # fmt: skip
        rows = [
            {
                "one_case_id": min(pair), "other_case_id": max(pair), "verdict": verdict,
                "actor": actor, "note": note, "tied_at": now, "updated_at": now,
            }
            for pair in pairs
        ]  # fmt: skip
        self._apply("upsert_manual_ties", incoming_ties=self._table("manual_ties", rows))

    def _changed_campaigns(self, cases: Sequence[str], drafts: list[Draft], now: datetime) -> None:
        wanted = pa.table({"case_id": pa.array(cases, pa.string())})
        with self._registered(wanted_cases=wanted):
            self._con.execute(statement("casebook/touch_cases"), {"now": now})
        self._tie_again()
        self._append(drafts)

    # Holding

    def hold(
        self, case_ids: Sequence[str], *, reason: str, actor: str, now: datetime
    ) -> list[CaseId]:
        """Put cases under legal hold, all or none: nothing of them is deleted until released.

        Raises UsageError for one that is held already.
        """
        return self._hold(case_ids, held=True, reason=reason, actor=actor, now=now)

    def release(
        self, case_ids: Sequence[str], *, reason: str, actor: str, now: datetime
    ) -> list[CaseId]:
        """End the legal hold of cases, of all or of none."""
        return self._hold(case_ids, held=False, reason=reason, actor=actor, now=now)

    def _hold(
        self, case_ids: Sequence[str], *, held: bool, reason: str, actor: str, now: datetime
    ) -> list[CaseId]:
        _check_person(actor)
        check_text(reason, "reason", MAX_NOTE_CHARACTERS)
        cases = list(dict.fromkeys(resolve_case_id(self._con, typed) for typed in case_ids))
        kind = EventKind.HELD if held else EventKind.RELEASED
        with self._transaction():
            for case in cases:
                bound = {"legal_hold": held, "now": now, "case_id": case}
                if self._con.execute(statement("casebook/set_hold"), bound).fetchone() is None:
                    raise UsageError(f"{case} is {'' if held else 'not '}under legal hold already.")
            self._append([_draft(case, kind, actor, now, {"note": reason}) for case in cases])
        return cases

    # Views

    def save_view(self, name: str, query: CaseQuery, *, author: str, now: datetime) -> str:
        """Save a list under a name, in the place of one that has it; the name as it is kept.

        Raises UsageError for a name nobody could type, or a query that no list can be asked.
        """
        _check_person(author)
        found = check_name(name)
        query.arguments(now=now)
        bound = {"name": found, "author": author, "query": query.to_json(), "now": now}
        with self._transaction():
            self._con.execute(statement("casebook/save_view"), bound)
        return found

    def delete_view(self, name: str) -> str:
        """Forget a saved list. Raises UsageError where there is none of that name."""
        found = check_name(name)
        with self._transaction():
            if self._con.execute(statement("casebook/delete_view"), [found]).fetchone() is None:
                raise UsageError(f"There is no view {found!r}; `namaak views list` shows them.")
        return found


def _draft(
    case: str, kind: EventKind, actor: str, now: datetime, data: Mapping[str, object]
) -> Draft:
    told = {name: value for name, value in data.items() if value is not None}
    return Draft(case_id=case, kind=kind, actor=actor, happened_at=now, data=told)


def _check_person(actor: str) -> None:
    if who_is(actor) is not Who.PERSON:
        raise UsageError(f"{actor} is a flow; only a person may do that.")


def _check_note(note: str | None) -> None:
    if note is not None:
        check_text(note, "note", MAX_NOTE_CHARACTERS)
