"""The casebook's writer for who was told of what, and for what was deleted when its time was over.

May import: namaak.casework.alerts, events and working, namaak.sqlfiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from namaak.casework.alerts import Alert
from namaak.casework.events import Draft, EventKind
from namaak.casework.working import Working
from namaak.sqlfiles import statement


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
