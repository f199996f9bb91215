"""The contacts of a case as they are stored: all of what stands now, and nothing of before."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest

from namaak.casework.casebook import Casebook
from namaak.casework.contacts.contact import Found, contact_of, failure_of
from namaak.casework.contacts.facts import case_facts
from namaak.casework.contacts.finding import known_contacts
from namaak.casework.contacts.ranking import ranked
from namaak.casework.contacts.reading import contacts_of, failures_of
from namaak.casework.contacts.scopes import Channel, Scope, Source
from namaak.casework.migrations import migrate
from namaak.casework.reading import open_snapshot, verify_history
from namaak.errors import UsageError
from namaak.records import case_id
from namaak.settings import Settings
from namaak.sqlfiles import sql_files
from tests.casework.contacts.cases import NOW, dns, host_case, page, rdap
from tests.enriching.cases import host_match, made

HOST = "waldermond-login.test"
CASE = case_id("waldermond", f"host:{HOST}")


@pytest.fixture
def settings(tmp_path) -> Settings:
    return made(tmp_path, "", [host_match(HOST)])


@pytest.fixture
def found() -> Found:
    facts = case_facts(host_case(rdap(domain=HOST), dns(), page(host=HOST), host=HOST), official=())
    return ranked(facts, known_contacts(facts, now=NOW), now=NOW)


def record(settings: Settings, found: Found, case: str = CASE) -> None:
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.record_contacts(case, found.contacts, found.failures, now=NOW)


def stored(settings: Settings) -> Found:
    with open_snapshot(settings.casebook) as snapshot:
        return Found(
            contacts=tuple(map(contact_of, contacts_of(snapshot, CASE))),
            failures=tuple(map(failure_of, failures_of(snapshot, CASE))),
        )


def test_what_is_stored_is_what_was_found_in_its_order(settings: Settings, found: Found) -> None:
    record(settings, found, CASE[:9])
    kept = stored(settings)
    assert kept.contacts == found.contacts
    assert set(kept.failures) == set(found.failures)
    assert kept.failures


def test_what_stood_before_is_gone_with_the_next_record(settings: Settings, found: Found) -> None:
    record(settings, found)
    fewer = Found(contacts=(replace(found.contacts[0], note="x"),))
    record(settings, fewer)
    assert stored(settings) == fewer


def test_recording_twice_is_recording_once_and_writes_no_event(
    settings: Settings, found: Found
) -> None:
    with open_snapshot(settings.casebook) as snapshot:
        before = snapshot.execute("select count(*) from events").fetchone()
    record(settings, found)
    record(settings, found)
    with open_snapshot(settings.casebook) as snapshot:
        assert snapshot.execute("select count(*) from events").fetchone() == before
        assert verify_history(snapshot) is None
        assert len(contacts_of(snapshot, CASE)) == len(found.contacts)


def test_contacts_of_another_case_are_left_alone(settings: Settings, found: Found) -> None:
    record(settings, found)
    with pytest.raises(UsageError, match="There is no case"):
        record(settings, Found(), "NK-ZZZZZZZZZZZZ")
    assert stored(settings).contacts == found.contacts


def test_two_contacts_of_one_key_are_refused_and_nothing_is_lost(
    settings: Settings, found: Found
) -> None:
    record(settings, found)
    twice = Found(contacts=(found.contacts[0], replace(found.contacts[0], rank=2)))
    with pytest.raises(duckdb.ConstraintException):
        record(settings, twice)
    assert stored(settings).contacts == found.contacts


def test_an_address_of_an_old_look_keeps_when_it_was_looked_at(
    settings: Settings, found: Found
) -> None:
    old = replace(found.contacts[0], checked_at=NOW - timedelta(days=300))
    record(settings, Found(contacts=(old,)))
    assert stored(settings).contacts[0].checked_at == old.checked_at


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("contacts", "scope", Scope),
        ("contacts", "channel", Channel),
        ("contacts", "source", Source),
        ("contact_failures", "scope", Scope),
        ("contact_failures", "source", Source),
    ],
)
def test_checks_in_sql_and_words_in_python_agree(table, column, words) -> None:
    with duckdb.connect(":memory:") as con:
        migrate(con, sql_files("migrations"), now=NOW)
        checks = con.execute(
            "select constraint_text from duckdb_constraints() where constraint_type = 'CHECK' "
            "and table_name = ? and constraint_column_names = [?]",
            [table, column],
        ).fetchall()
    assert set(re.findall(r"'([^']+)'", checks[0][0])) == set(words)


def test_the_view_for_staff_shows_them_with_their_case(settings: Settings, found: Found) -> None:
    record(settings, found)
    with open_snapshot(settings.casebook) as snapshot:
        rows = snapshot.execute(
            "select rank, subject, address from whom_to_write_to order by rank"
        ).fetchall()
    assert [row[2] for row in rows] == [one.address for one in found.contacts]
    assert {row[1] for row in rows} == {HOST}
