"""The casebook's writer for whom to write to about a case, and what could not be found out.

May import: namaak.casework.working, events and lifecycle, namaak.casework.contacts, namaak.records,
sqlfiles and errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from namaak.casework.contacts.contact import Contact, ContactFailure
from namaak.casework.contacts.reading import contacts_of, failures_of
from namaak.casework.contacts.telling import as_found, contacts_digest
from namaak.casework.events import Draft, EventKind
from namaak.casework.reading import resolve_case_id
from namaak.casework.working import Working
from namaak.sqlfiles import statement


class ContactBook(Working):
    """What a writer does with whom to write to about a case."""

    def record_contacts(
        self,
        case_id: str,
        contacts: Iterable[Contact],
        failures: Iterable[ContactFailure],
        *,
        actor: str,
        now: datetime,
    ) -> None:
        """Put these in the place of what stood for the case. One transaction.

        contacts: of `ranked`. actor: who looked. An event says what came and went; where they are
        what they were, but for when they were looked up, nothing happened to the case and there is
        none. Raises UsageError for an unknown case.
        """
        with self._transaction():
            case = resolve_case_id(self._con, case_id)
            own = {"case_id": case, "updated_at": now}
            rows = [{**asdict(one), **own} for one in contacts]
            lacking = [{**asdict(one), **own} for one in failures]
            before = contacts_of(self._con, case)
            stood = contacts_digest(before, failures_of(self._con, case))
            for table in ("contacts", "contact_failures"):
                self._con.execute(statement(f"casebook/delete_{table}"), [case])
            self._apply("insert_contacts", incoming_contacts=self._table("contacts", rows))
            self._apply(
                "insert_contact_failures",
                incoming_contact_failures=self._table("contact_failures", lacking),
            )
            found = as_found(rows, lacking, before=before)
            if found["contacts_sha256"] != stood:
                kind = EventKind.CONTACTS_FOUND
                self._append(
                    [Draft(case_id=case, kind=kind, actor=actor, happened_at=now, data=found)]
                )
