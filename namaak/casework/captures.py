"""The casebook's writer for captures of pages, and packs that were made.

May import: namaak.casework.working, events, reading, retelling and rowdigest, namaak.records,
sqlfiles and errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from namaak.casework.events import Draft, EventKind
from namaak.casework.reading import resolve_case_id
from namaak.casework.retelling import CAPTURED, PACKED
from namaak.casework.rowdigest import row_digest
from namaak.casework.working import Working
from namaak.sqlfiles import statement


class Captures(Working):
    """What a writer does with captures of pages."""

    def record_capture(self, row: Mapping[str, Any]) -> None:
        """Keep a capture, with an event that names its digests; kept before, nothing changes.

        row: the columns of captures, `case_id` a whole one. The bytes are in the store of
        evidence before. Raises UsageError for a case that is not there.
        """
        self._record("capture", row, EventKind.CAPTURED, CAPTURED, row["operator"], "ended_at")

    def record_pack(self, row: Mapping[str, Any]) -> None:
        """Write down that a pack was made, with its event; written before, nothing changes.

        row: the columns of packs. Raises UsageError for a case that is not there.
        """
        self._record("pack", row, EventKind.PACKED, PACKED, row["actor"], "made_at")

    def _record(
        self,
        what: str,
        row: Mapping[str, Any],
        kind: EventKind,
        told: tuple[str, ...],
        actor: str,
        when: str,
    ) -> None:
        happened_at: datetime = row[when]
        identity = [row[f"{what}_id"]]
        with self._transaction():
            case = resolve_case_id(self._con, row["case_id"])
            if self._con.execute(statement(f"casebook/find_{what}"), identity).fetchone():
                return
            incoming = self._table(f"{what}s", [{**row, "case_id": case}])
            self._apply(f"insert_{what}s", **{f"incoming_{what}s": incoming})
            self._con.execute(
                statement("casebook/touch_case"), {"now": happened_at, "case_id": case}
            )
            data = {name: row.get(name) for name in told if row.get(name) is not None}
            # Over every column: what is not named here is vouched for as well.
            data["row_sha256"] = row_digest(incoming.to_pylist()[0])
            self._append(
                [Draft(case_id=case, kind=kind, actor=actor, happened_at=happened_at, data=data)]
            )
