"""One account, one subject: a handle that turns out to be an account's joins it, case and all.

What people decided goes along where nobody decided about the account yet. The case of the handle is
closed as a duplicate and says where it went, unless a person decided about it: that one stays as it
is, for a person to close. Both histories tell it, so it can be undone by hand.
May import: namaak.casework.working, profiles, events, lifecycle, loading and reading,
namaak.records, sqlfiles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from namaak.casework.events import Draft, EventKind, utc_text
from namaak.casework.lifecycle import FLOW_PREFIX, ReasonCode
from namaak.casework.loading import Changes, Names, Rank, Row
from namaak.casework.profiles import summed
from namaak.casework.reading import read_rows
from namaak.casework.working import LoadSummary, Working
from namaak.records import Workflow, match_id
from namaak.sqlfiles import statement

_ACTOR = f"{FLOW_PREFIX}identity"
_OF_A_MATCH = ("brand_id", "subject_key", "field", "value", "term", "resemblance")
#: Before any decision; what is further no flow closes.
_UNDECIDED = frozenset({Workflow.NEW, Workflow.TRIAGE})
_DECIDED = ("workflow", "reason_code", "assignee", "snooze_until", "snooze_on_change")


class Identities(Working):
    """What a writer does with handles and the accounts that they are."""

    def join_accounts(
        self,
        aliases: pa.Table,
        *,
        rank: Rank,
        brand_names: Mapping[str, str],
        now: datetime,
        rank_version: str,
    ) -> LoadSummary:
        """Give what is known of handles to the accounts that they were, and join their cases.

        aliases: the columns of subject_aliases. Call it before loading. One transaction; done
        again, it changes nothing.
        """
        with self._transaction(), self._registered(incoming_aliases=aliases):
            for step in ("delete_subject_aliases", "insert_subject_aliases"):
                self._con.execute(statement(f"casebook/{step}"))
            moves = [_move(row) for row in self._rows("matches_to_move")]
            changes = Changes(
                actor=_ACTOR, now=now, rank_version=rank_version, names=Names(brands=brand_names),
                continued=frozenset((row["brand_id"], row["account_key"]) for row in moves),
            )  # fmt: skip
            if moves:
                self._move(moves, changes, rank)
            joined = list(self._rows("cases_to_join"))
            taken: set[str] = set()
            drafts: list[Draft] = []
            for row in joined:
                drafts += self._join(row, now, untouched=row["account_case_id"] not in taken)
                taken.add(row["account_case_id"])
            self._append(drafts)
        return summed("identities", changes)

    def _move(self, moves: list[Row], changes: Changes, rank: Rank) -> None:
        schema = pa.schema([(name, pa.string()) for name in moves[0]])
        table = pa.Table.from_pylist(moves, schema=schema)
        with self._registered(incoming_moves=table):
            for step in ("stage_moved_matches", "delete_moved_matches", "insert_moved_matches",
                         "stage_joined_pairs", "stage_no_matches"):  # fmt: skip
                self._con.execute(statement(f"casebook/{step}"))
            self._weigh_and_write(changes, rank)

    def _join(self, row: Row, now: datetime, *, untouched: bool) -> Iterator[Draft]:
        """Let what was decided go on in the account's case; close the handle's if nobody did."""
        mine = {name: row[name] for name in _DECIDED}
        decided = mine["workflow"] != Workflow.NEW or mine["assignee"] is not None
        free = row["account_workflow"] == Workflow.NEW and row["account_assignee"] is None
        carried = decided and free and untouched
        if carried:
            self._decide(row["account_case_id"], mine, now)
        closes = mine["workflow"] in _UNDECIDED
        if closes:
            reason = str(ReasonCode.DUPLICATE)
            gone = {**mine, "workflow": str(Workflow.CLOSED), "reason_code": reason}
            self._decide(row["case_id"], gone, now)
        yield Draft(
            case_id=row["case_id"], kind=EventKind.JOINED, actor=_ACTOR, happened_at=now,
            data={
                "into": row["account_case_id"],
                "subject": row["account_subject"],
                "subject_key": row["account_key"],
                **(
                    {
                        "from": row["workflow"],
                        "to": str(Workflow.CLOSED),
                        "reason_code": str(ReasonCode.DUPLICATE),
                    }
                    if closes
                    else {"kept": row["workflow"]}
                ),
                "why": row["says"],
            },
        )  # fmt: skip
        standing = _told(mine)
        yield Draft(
            case_id=row["account_case_id"], kind=EventKind.JOINED, actor=_ACTOR, happened_at=now,
            data={
                "joined": row["case_id"],
                "subject": row["subject"],
                "subject_key": row["subject_key"],
                "why": row["says"],
                **({"carried" if carried else "not_carried": standing} if decided else {}),
                **({"from": row["account_workflow"], "to": mine["workflow"]} if carried else {}),
            },
        )  # fmt: skip

    def _decide(self, case: str, standing: Mapping[str, Any], now: datetime) -> None:
        bound = {**standing, "now": now, "case_id": case}
        self._con.execute(statement("casebook/decide_case"), bound)

    def _rows(self, name: str) -> Iterator[Row]:
        # Read to the end before anything else is asked of the connection.
        return iter(list(read_rows(self._con, statement(f"casebook/{name}"))))


def _move(row: Row) -> Row:
    """From which match to which."""
    key = [row["account_key"] if name == "subject_key" else row[name] for name in _OF_A_MATCH]
    return {
        "match_id": row["match_id"],
        "new_match_id": match_id(key),
        "brand_id": row["brand_id"],
        "account_key": row["account_key"],
    }


def _told(standing: Mapping[str, Any]) -> Row:
    """Of a standing what is so, as an event says it."""
    until = standing["snooze_until"]
    told = {**standing, "snooze_until": utc_text(until) if until else None}
    return {name: value for name, value in told.items() if value}
