"""The casebook's writer for who was told of what, and for what was deleted when its time was over.

May import: namaak.casework.alerts, events, reading and working, namaak.sqlfiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from namaak.casework.alerts import Alert
from namaak.casework.events import Draft, EventKind
from namaak.casework.reading import read_rows
from namaak.casework.working import Working
from namaak.sqlfiles import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What ended or came before these moments is kept no longer."""

    captures_before: datetime
    notices_before: datetime
    answers_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """What a casebook says of the evidence whose time is over, and of what must stay."""

    files: tuple[Mapping[str, Any], ...]  #: rows of retention/evidence_due
    #: subject_key -> whether nothing but a legal hold keeps the answers about it.
    subjects_kept: Mapping[str, bool]


def over_by(con: duckdb.DuckDBPyConnection, terms: Terms) -> Over:
    """As it stands now in the casebook that is open here, for reading or for writing."""
    con.execute(statement("retention/cases_over"))
    bound = {"captures_before": terms.captures_before, "notices_before": terms.notices_before}
    files = tuple(read_rows(con, statement("retention/evidence_due"), bound))
    before = {"before": terms.answers_before}
    kept = {
        row["subject_key"]: bool(row["only_held"])
        for row in read_rows(con, statement("retention/subjects_kept"), before)
    }
    return Over(files=files, subjects_kept=kept)


class Telling(Working):
    """What a writer does with alerts and deletions."""

    def record_alerts(
        self, alerts: Iterable[Alert], *, now: datetime, failure: str | None = None
    ) -> None:
        """Write down that people were told of these, or, with the reason, could not be."""
        rows = [
            {
                "alert_id": one.alert_id,
                "kind": one.kind,
                "case_id": one.case_id,
                "brand_id": one.brand_id,
                "summary": one.summary,
                "outcome": "failed" if failure else "told",
                "says": failure,
            }
            for one in alerts
        ]
        if rows:
            table = self._table("alerts", rows)
            with self._transaction(), self._registered(incoming_alerts=table):
                self._con.execute(statement("casebook/upsert_alerts"), {"now": now})

    def over_by(self, terms: Terms) -> Over:
        """What is over by what stands here now: nobody holds or opens a case until the lock goes.

        What a reader found before may not hold any more; only this is a ground to delete anything.
        """
        return over_by(self._con, terms)

    def record_deletions(
        self,
        deletions: Iterable[Mapping[str, Any]],
        thinned: Mapping[str, Mapping[str, int]],
        *,
        actor: str,
        now: datetime,
    ) -> None:
        """Write down what is about to be deleted: rows of `deletions`, and how much of each case.

        Called before the bytes go: killed between, the log says more than happened, and the next
        pass deletes the rest; the other way round something would be gone without a word.
        thinned: case_id -> class -> items.
        """
        rows = [{**row, "deleted_at": now, "actor": actor} for row in deletions]
        drafts = [
            Draft(
                case_id=case_id,
                kind=EventKind.THINNED,
                actor=actor,
                happened_at=now,
                data=dict(sorted(classes.items())),
            )
            for case_id, classes in sorted(thinned.items())
        ]
        with self._transaction():
            self._apply("insert_deletions", incoming_deletions=self._table("deletions", rows))
            self._append(drafts)
