"""What one place saw of one case at one time, and what all places saw in one round.

Pure. May import: namaak.casework.subject_moves, namaak.records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from namaak.casework.subject_moves import may_be_down
from namaak.records import SubjectState

#: The place of accounts and apps: the platform's own word, which looks the same from everywhere.
PLATFORM = "platform"


class RestsOn(StrEnum):
    """What a look's word rests on."""

    NAMES = "names"  #: the DNS
    REGISTRY = "registry"  #: the DNS, and the registry's own word
    PAGE = "page"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressView:
    """What one place saw at one address of a host. `down` as of View."""

    url: str  #: that was asked
    state: SubjectState
    down: bool | None
    says: str
    final_url: str | None = None  #: where it ended; None: no page came
    http_status: int | None = None
    asks: bool = False  #: whether it asks for a password or a card

    @property
    def place(self) -> str:
        """The address that counts: two that end at one are one page."""
        return self.final_url or self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One place's look. `down` None: it cannot be told, which is neither there nor gone."""

    vantage: str
    state: SubjectState
    down: bool | None
    says: str  #: a sentence for people; quotes of strangers in it are visible and short
    dns: str | None = None
    http_status: int | None = None
    final_url: str | None = None
    title: str | None = None
    #: What is compared with the next look; an aspect that could not be told is not in it.
    #: Of further pages they stand under `pages`, by address.
    aspects: Mapping[str, Any] = field(default_factory=dict)
    #: Each that was asked, the front page first; none where the name leads nowhere.
    addresses: tuple[AddressView, ...] = ()
    left_out: int = 0  #: known addresses that were not looked at
    content_sha256: str | None = None
    rests_on: RestsOn | None = None
    names_by: str | None = None  #: resolvers that were asked
    pages_by: str | None = None  #: whose address the page saw

    def __post_init__(self) -> None:
        # A defect of ours that would close a case: better a traceback than that.
        if self.down and not may_be_down(self.state):
            raise ValueError(f"what is {self.state} cannot be down")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """All places that looked at one case at one time."""

    case_id: str
    checked_at: datetime
    views: tuple[View, ...]
    #: What was known before anybody checked, place by place; only the first round brings it.
    known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The part of a stored check by which it is judged."""

    checked_at: datetime
    vantage: str
    down: bool | None
    state: SubjectState = SubjectState.UNKNOWN
    says: str = ""
    rests_on: RestsOn | None = None
    names_by: str | None = None
    pages_by: str | None = None
    addresses: tuple[AddressView, ...] = ()
    left_out: int = 0
    row_sha256: str | None = None  #: over the whole row; None: an older version wrote it
