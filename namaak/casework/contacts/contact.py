"""A contact, and a place where one was looked for in vain.

Pure. May import: namaak.casework.contacts.scopes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from namaak.casework.contacts.scopes import Channel, Scope, Source

_WORDS = {"scope": Scope, "channel": Channel, "source": Source}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to one door. Key within a case: scope, channel, address and source."""

    scope: Scope
    channel: Channel
    address: str  #: the mailbox; or the URL of a form or interface
    source: Source
    subject: str  #: what it is about: hosts, addresses, AS numbers, an account
    checked_at: datetime  #: when the source was last looked at
    provider_id: str | None = None
    provider_name: str | None = None
    curated: bool = False
    guess: bool = False
    hop: int = 0  #: step of the redirects; 0 is the case's own host
    note: str = ""
    rank: int = 0  #: from 1, over the whole case; 0: not ranked yet
    why: str = ""  #: why it ranks there

    @property
    def named_only(self) -> bool:
        """Whether nothing but the name of a range leads to this provider."""
        return self.guess and self.source is Source.TABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFailure:
    """Where nothing was found, or what was found must not be used."""

    scope: Scope
    source: Source
    subject: str
    says: str
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one way of looking gave."""

    contacts: tuple[Contact, ...] = ()
    failures: tuple[ContactFailure, ...] = ()

    def __add__(self, other: Found) -> Found:
        return Found(
            contacts=self.contacts + other.contacts, failures=self.failures + other.failures
        )


def contact_of(row: Mapping[str, Any]) -> Contact:
    """A row of contacts as it was before it was stored."""
    return Contact(**_values(row, Contact))


def failure_of(row: Mapping[str, Any]) -> ContactFailure:
    """The same of a row of contact_failures."""
    return ContactFailure(**_values(row, ContactFailure))


def _values(row: Mapping[str, Any], kind: type[Contact] | type[ContactFailure]) -> dict[str, Any]:
    names = [field.name for field in fields(kind)]
    return {name: _WORDS[name](row[name]) if name in _WORDS else row[name] for name in names}
