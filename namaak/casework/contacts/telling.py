"""What a history says of whom to write to: a digest over all of it, and what came and went.

With the digest an audit tells whether anybody touched the rows since. When a source was last looked
at is in neither: looked at again with the same answer, nothing happened to the case.
Pure. May import: namaak.casework.events, namaak.casework.contacts.contact.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from namaak.casework.events import canonical_json

Row = Mapping[str, Any]
#: Where a contact stands, and all that is said of it. Both lists are those of the tables.
_CONTACT = (
    "rank", "scope", "channel", "address", "source", "provider_id", "provider_name", "curated",
    "guess", "subject", "hop", "why", "note",
)  # fmt: skip
_FAILURE = ("scope", "source", "subject", "says")
#: Of what came, and of what went; the others are counted.
_MOST_NAMED = 20
_MOST_CHARACTERS = 300


def contacts_digest(contacts: Iterable[Row], failures: Iterable[Row]) -> str:
    """SHA-256 over both, whatever their order. Rows of contacts and of contact_failures."""
    both = [_sorted(contacts, _CONTACT), _sorted(failures, _FAILURE)]
    return hashlib.sha256(canonical_json(both)).hexdigest()


def as_found(
    contacts: Iterable[Row], failures: Iterable[Row], *, before: Iterable[Row]
) -> dict[str, Any]:
    """Particulars of the event. before: the rows of contacts that make way."""
    contacts, failures = list(contacts), list(failures)
    now, then = set(map(_in_words, contacts)), set(map(_in_words, before))
    data = {
        "contacts_sha256": contacts_digest(contacts, failures),
        "contacts": len(contacts),
        "in_vain": len(failures),
        "scopes": dict(sorted(Counter(str(row["scope"]) for row in contacts).items())),
    }
    for name, words in (("added", sorted(now - then)), ("removed", sorted(then - now))):
        data[name] = words[:_MOST_NAMED]
        if len(words) > _MOST_NAMED:
            data[f"more_{name}"] = len(words) - _MOST_NAMED
    return data


def _in_words(row: Row) -> str:
    who = f" of {row['provider_name']}" if row["provider_name"] else ""
    words = f"{row['scope']}: {row['channel']} {row['address']}{who}, by {row['source']}"
    return words[:_MOST_CHARACTERS]


def _sorted(rows: Iterable[Row], columns: tuple[str, ...]) -> list[list[Any]]:
    return sorted(([row[name] for name in columns] for row in rows), key=canonical_json)


#: Of a case for which nobody ever looked.
NOTHING_FOUND = contacts_digest((), ())
