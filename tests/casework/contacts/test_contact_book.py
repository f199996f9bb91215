"""The contacts of a case as they are stored: all of what stands now, and nothing of before."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.audit import audit
from namaak.casework.casebook import Casebook
from namaak.casework.contacts.contact import Found, contact_of, failure_of
from namaak.casework.contacts.facts import case_facts
from namaak.casework.contacts.finding import known_contacts
from namaak.casework.contacts.ranking import ranked
from namaak.casework.contacts.reading import contacts_of, failures_of
from namaak.casework.contacts.scopes import Channel, Scope, Source
from namaak.casework.contacts.telling import as_found, contacts_digest
from namaak.casework.history import in_words
from namaak.casework.migrations import migrate
from namaak.casework.reading import open_snapshot, read_case
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
        book.record_contacts(case, found.contacts, found.failures, actor="anna", now=NOW)


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


def events(settings: Settings) -> list[dict[str, Any]]:
    """Of this kind, with their particulars; the chain and the rows hold."""
    with open_snapshot(settings.casebook) as snapshot:
        found = audit(snapshot)
        assert found.is_sound, found
        told = read_case(snapshot, CASE).events
    kept = [event for event in told if event["kind"] == "contacts-found"]
    return [{**event, "data": json.loads(event["data"])} for event in kept]


def test_what_was_found_is_told_and_found_again_it_is_not(settings: Settings, found: Found) -> None:
    record(settings, Found())
    assert events(settings) == [], "nothing was found, as before"
    record(settings, found)
    later = [replace(one, checked_at=NOW + timedelta(days=9)) for one in found.contacts]
    record(settings, replace(found, contacts=tuple(later)))
    (event,) = events(settings)
    assert (event["actor"], event["happened_at"]) == ("anna", NOW)
    data = event["data"]
    assert data["contacts"] == len(found.contacts) == sum(data["scopes"].values())
    assert data["in_vain"] == len(found.failures)
    assert (len(data["added"]), data["removed"]) == (len(found.contacts), [])
    assert stored(settings).contacts == tuple(later), "when it was looked up is kept all the same"


def test_what_came_and_what_went_is_told_in_words(settings: Settings, found: Found) -> None:
    record(settings, found)
    gone, *others = found.contacts
    box = replace(gone, address="abuse@else.example", provider_name="Else B.V.")
    record(settings, replace(found, contacts=(box, *others)))
    event = events(settings)[-1]
    assert event["data"]["added"] == [
        f"{box.scope}: {box.channel} abuse@else.example of Else B.V., by {box.source}"
    ]
    (removed,) = event["data"]["removed"]
    assert gone.address in removed
    said = in_words({"kind": event["kind"], "data": json.dumps(event["data"])})
    assert said.startswith(f"whom to write to was looked up: {len(found.contacts)} contacts (")
    assert "; new: " in said and "; gone: " in said


def test_another_order_and_another_failure_are_told_too(settings: Settings, found: Found) -> None:
    record(settings, found)
    turned = tuple(
        replace(one, rank=rank) for rank, one in enumerate(reversed(found.contacts), start=1)
    )
    record(settings, replace(found, contacts=turned))
    record(settings, Found(contacts=turned))
    digests = {event["data"]["contacts_sha256"] for event in events(settings)}
    assert len(digests) == 3
    assert events(settings)[-1]["data"]["added"] == events(settings)[-1]["data"]["removed"] == []


def test_of_very_many_some_are_named_and_the_others_counted() -> None:
    rows = [
        {
            "rank": number, "scope": "host", "channel": "mail", "source": "rdap", "why": "",
            "address": f"abuse-{number:03}@{'x' * 300}.example", "provider_id": None, "hop": 0,
            "provider_name": None, "curated": False, "guess": False, "subject": "a", "note": "",
        }
        for number in range(1, 34)
    ]  # fmt: skip
    data = as_found(rows, (), before=())
    assert (len(data["added"]), data["more_added"], data["contacts"]) == (20, 13, 33)
    assert max(map(len, data["added"])) == 300
    assert "; and 28 more" in in_words({"kind": "contacts-found", "data": json.dumps(data)})


@given(st.permutations(range(4)), st.permutations(range(3)))
def test_the_digest_does_not_depend_on_the_order_of_rows(contacts, failures) -> None:
    one = {
        "scope": "host", "channel": "mail", "source": "rdap", "why": "w", "address": "a@b.example",
        "provider_id": None, "hop": 0, "provider_name": None, "curated": False, "guess": False,
        "subject": "a", "note": "",
    }  # fmt: skip
    vain = {"scope": "host", "source": "rdap", "subject": "a"}
    assert contacts_digest(
        [{**one, "rank": rank} for rank in contacts], [{**vain, "says": str(n)} for n in failures]
    ) == contacts_digest(
        [{**one, "rank": rank} for rank in range(4)], [{**vain, "says": str(n)} for n in range(3)]
    )


def test_a_contact_changed_by_hand_is_found_by_the_audit(settings: Settings, found: Found) -> None:
    record(settings, found)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        for sql in (
            "update contacts set address = 'eve@else.example' where rank = 1",
            "update contacts set provider_name = 'Else'",
            "update contacts set rank = rank + 1",
            "delete from contacts where rank = 1",
            "delete from contacts",
            "insert into contacts by name select * replace ('eve@else.example' as address) "
            "from contacts where rank = 1",
            "update contact_failures set says = 'nobody answered'",
            "delete from contact_failures",
        ):
            book._con.execute("begin")
            book._con.execute(sql)
            ((case, what),) = audit(book._con).unlike
            book._con.execute("rollback")
            assert case == CASE
            assert "whom to write to is not what its history says was found last" in what, sql
        book._con.execute("begin")
        book._con.execute(
            "insert into contacts by name select * replace ('NK-NONE' as case_id) from contacts"
        )
        assert audit(book._con).unlike == (("NK-NONE", "it has no history"),)
        book._con.execute("rollback")


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
