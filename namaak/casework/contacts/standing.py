"""The contacts of a case as they stand now: what is known, with what was looked up before.

What somebody asked for stays until it is asked again, unless the case has moved away from it: an
answer about an address that it no longer has leads to the wrong door.
Pure. May import: namaak.casework.contacts, namaak.casework.reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from namaak.casework.contacts.contact import Found, contact_of, failure_of
from namaak.casework.contacts.facts import CaseFacts
from namaak.casework.contacts.finding import NOBODY_ASKED, known_contacts
from namaak.casework.contacts.ranking import ranked
from namaak.casework.contacts.scopes import Source

_ASKED = frozenset({Source.LOOKUP, Source.SECURITY_TXT})


def standing(
    facts: CaseFacts,
    contacts: Iterable[Mapping[str, Any]],
    failures: Iterable[Mapping[str, Any]],
    *,
    now: datetime,
) -> Found:
    """In order, each once. contacts, failures: rows as they are stored."""
    known = _subjects(facts)
    asked = Found(
        contacts=tuple(
            contact_of(row) for row in contacts if row["source"] in _ASKED and _still(row, known)
        ),
        failures=tuple(
            failure_of(row) for row in failures if row["source"] in _ASKED and _still(row, known)
        ),
    )
    return with_answers(facts, asked, now=now)


def with_answers(facts: CaseFacts, asked: Found, *, now: datetime) -> Found:
    """The same right after asking: what was just answered takes the place of what stood."""
    known = known_contacts(facts, now=now)
    about = {one.subject for one in asked.contacts} | {one.subject for one in asked.failures}
    subjects = {part for subject in about for part in subject.split(", ")}
    # That nobody was asked is no longer so.
    failures = tuple(
        one
        for one in known.failures
        if not (one.subject in subjects and one.says.startswith(NOBODY_ASKED))
    )
    return ranked(facts, replace(known, failures=failures) + asked, now=now)


def _subjects(facts: CaseFacts) -> frozenset[str]:
    """Everything that may have been asked about."""
    numbers = (f"AS{number}" for number in facts.as_numbers)
    hops = (text for hop in facts.hops for text in (hop.host, hop.domain, *hop.addresses))
    return frozenset((facts.subject, *numbers, *hops))


def _still(row: Mapping[str, Any], known: frozenset[str]) -> bool:
    return not known.isdisjoint(row["subject"].split(", "))
