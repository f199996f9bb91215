"""The table of providers as it lies in `files/`, one TOML file for each.

A file that does not fit is an error here, at once: a route that is half read would send a notice
to nowhere. The version names the whole table, so that a stored contact says by which it was found.
Pure, but for those files, which are read once. May import: namaak.casework.contacts.scopes.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from namaak.casework.contacts.scopes import Abuse, Channel, Scope

Confidence = Literal["documented", "general-knowledge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to a provider, for one thing that it can do."""

    id: str  #: unique within its provider, together with the scope
    scope: Scope
    channel: Channel
    address: str  #: the mailbox; or the URL of a form or interface, which may hold {server}
    accepts: frozenset[Abuse]  #: what it acts upon
    required: tuple[str, ...] = ()  #: what a notice must say; words of docs/reference/providers.md
    languages: tuple[str, ...] = ("en",)
    max_bytes: int | None = None  #: of a notice with all that is enclosed
    days: int | None = None  #: after which no answer is one
    template: str | None = None  #: of the notice
    terms: str = ""  #: what whoever reports agrees to, or must observe
    source: str = ""  #: where it says so
    confidence: Confidence = "general-knowledge"
    checked: date = date.min
    note: str = ""

    @property
    def documented(self) -> bool:
        """Whether somebody published it; else it is what people of the trade know."""
        return self.confidence == "documented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """By what it is known that a case leads to this provider."""

    asn: frozenset[int] = frozenset()
    rdap_names: tuple[str, ...] = ()  #: words of holders, networks and registrars, folded
    registrar_iana_ids: frozenset[str] = frozenset()
    host_suffixes: tuple[str, ...] = ()  #: below which it gives hosts to whoever comes
    ns_suffixes: tuple[str, ...] = ()
    mx_suffixes: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()  #: ids of namaak/platforms
    tlds: tuple[str, ...] = ()
    always: bool = False  #: concerns every case whose claims it accepts


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A company or body that can do something about a case."""

    id: str
    name: str
    routes: tuple[Route, ...]
    marks: Marks
    other_names: tuple[str, ...] = ()
    country: str | None = None  #: ISO 3166
    domains: tuple[str, ...] = ()  #: its own
    note: str = ""

    def route(self, channel: str, address: str, scope: str | None = None) -> Route | None:
        """The way that a stored contact or notice names."""
        return next(
            (
                one
                for one in self.routes
                if one.channel == channel
                and _same_address(one.address, address)
                and scope in (None, one.scope)
            ),
            None,
        )


def providers() -> tuple[Provider, ...]:
    """All, by id."""
    return tuple(_table().values())


def provider(provider_id: str) -> Provider | None:
    """One by its id.

    >>> provider("cloudflare").name, provider("nobody")
    ('Cloudflare', None)
    """
    return _table().get(provider_id)


def route_of(
    provider_id: str | None, channel: str, address: str, scope: str | None = None
) -> Route | None:
    """The way that a row of contacts or actions names; None where no table has it."""
    found = None if provider_id is None else provider(provider_id)
    return None if found is None else found.route(channel, address, scope)


@cache
def table_version() -> str:
    """The newest date on which a route was looked at, and a digest over all files."""
    newest = max(route.checked for one in providers() for route in one.routes)
    digest = hashlib.sha256("\0".join(text for _, text in _files()).encode())
    return f"{newest:%Y.%m}+{digest.hexdigest()[:8]}"


def read_provider(text: str) -> Provider:
    """One file. Raises tomllib.TOMLDecodeError, ValueError, KeyError and TypeError."""
    row = tomllib.loads(text)
    routes = [route for one in row.pop("route") for route in _routes(one)]
    marks = row.pop("matches", {})
    return Provider(
        **{**row, **_tuples(row, "other_names", "domains")},
        routes=tuple(routes),
        marks=_marks(marks),
    )


def _routes(row: dict[str, Any]) -> list[Route]:
    """One for each thing that can be done by this way."""
    scopes = row.pop("scopes")
    same = {
        **row,
        **_tuples(row, "required", "languages"),
        "channel": Channel(row["channel"]),
        "accepts": frozenset(map(Abuse, row["accepts"])),
    }
    return [Route(**same, scope=Scope(scope)) for scope in scopes]


def _marks(row: dict[str, Any]) -> Marks:
    sets: dict[str, Any] = {
        name: frozenset(row[name]) for name in ("asn", "registrar_iana_ids") if name in row
    }
    lists = _tuples(
        row, "rdap_names", "host_suffixes", "ns_suffixes", "mx_suffixes", "platforms", "tlds"
    )
    return Marks(**{**row, **sets, **lists})


def _tuples(row: Mapping[str, Any], *names: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(row[name]) for name in names if name in row}


def _same_address(template: str, address: str) -> bool:
    """A form may be one per server: what stands for {server} says nothing of the way."""
    before, brace, after = template.partition("{server}")
    if not brace:
        return template == address
    return address.startswith(before) and address.endswith(after)


@cache
def _files() -> tuple[tuple[str, str], ...]:
    folder = files("namaak.casework.contacts.providers").joinpath("files")
    found = [one for one in folder.iterdir() if one.name.endswith(".toml")]
    return tuple(
        (one.name, one.read_text(encoding="utf-8")) for one in sorted(found, key=lambda f: f.name)
    )


@cache
def _table() -> Mapping[str, Provider]:
    rows = [read_provider(text) for _, text in _files()]
    return MappingProxyType({row.id: row for row in sorted(rows, key=lambda row: row.id)})
