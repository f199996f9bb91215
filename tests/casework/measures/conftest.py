"""A casebook whose times are known, so that every measure can be worked out by hand."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest


@dataclass
class Desk:
    """Rows put in by hand."""

    con: duckdb.DuckDBPyConnection
    #: Of the test: a whole run takes longer than some of the ages that are told.
    now: datetime
    seq: int = 0
    seqs: dict[str, int] = field(default_factory=dict)

    def ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def put(self, table: str, **row: Any) -> None:
        columns = ", ".join(row)
        places = ", ".join("?" for _ in row)
        self.con.execute(f"insert into {table} ({columns}) values ({places})", [*row.values()])

    def case(self, case_id: str, *, brand: str = "acme", band: str = "high",
             workflow: str = "new", opened: float = 0, **other: Any) -> str:  # fmt: skip
        row: dict[str, Any] = {
            "case_id": case_id, "brand_id": brand, "brand_name": brand.title(),
            "subject_key": f"host:{case_id.lower()}.example", "subject_kind": "host",
            "subject": f"{case_id.lower()}.example", "kind": "combosquat", "score": 80,
            "band": band, "workflow": workflow, "subject_state": "unknown",
            "snooze_on_change": False, "gates": [], "opened_at": self.ago(opened),
            "updated_at": self.ago(opened), "first_observed_at": self.ago(opened),
            "last_observed_at": self.ago(opened), "rank_version": "r", "revision": 1,
        } | other  # fmt: skip
        self.put("cases", **row)
        self.event(case_id, "opened", opened, actor="flow:load")
        return case_id

    def event(self, case_id: str, kind: str, hours_ago: float, *, actor: str = "Jo",
              data: str = "{}") -> None:  # fmt: skip
        self.seq += 1
        self.seqs[case_id] = self.seqs.get(case_id, 0) + 1
        self.put(
            "events", seq=self.seq, case_id=case_id, case_seq=self.seqs[case_id],
            happened_at=self.ago(hours_ago), actor=actor, kind=kind, data=data, previous_hash="",
            hash=f"hash-{self.seq}", chain_hash="",
        )  # fmt: skip

    def action(self, action_id: str, case_id: str, *, sent: float, route: str = "registrar",
               provider: str = "Registrar One", state: str = "sent", attempt: int = 1,
               acknowledged: float | None = None, ended: float | None = None,
               due: float | None = None) -> None:  # fmt: skip
        def moment(hours: float | None) -> datetime | None:
            return None if hours is None else self.ago(hours)

        self.put(
            "actions", action_id=action_id, route=route, provider_name=provider, scope=route,
            channel="mail", template="phishing-registrar", template_version="1", language="en",
            state=state, attempt=attempt, reference="R", subject_line="S", message_id="M",
            fields="{}", given="{}", missing="[]", statements="[]",
            text_sha256="0" * 64, content_sha256="0" * 64,
            drafted_at=self.ago(sent), drafted_by="Jo", sent_at=self.ago(sent), sent_by="Jo",
            acknowledged_at=moment(acknowledged), ended_at=moment(ended), due_at=moment(due),
            updated_at=self.ago(sent), revision=1,
        )  # fmt: skip
        self.put("action_cases", action_id=action_id, case_id=case_id, updated_at=self.ago(sent))

    def rows(self, query: str) -> list[dict[str, Any]]:
        found = self.con.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture
def desk(migrated_once, tmp_path):
    now = datetime.now(UTC).replace(microsecond=0)
    with duckdb.connect(shutil.copyfile(migrated_once, tmp_path / "desk.duckdb")) as con:
        con.execute("set timezone = 'UTC'")
        con.execute(
            "insert into brands values ('acme', 'Acme', 'f', false, now()), "
            "('peer', 'Peer', 'f', false, now())"
        )
        yield Desk(con, now)
