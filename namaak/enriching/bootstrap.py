"""Whom to ask for registration data: IANA's lists of RDAP servers, kept for a day (RFC 9224).

A list that cannot be renewed is used on, however old: servers move once in years. The files lie
in a folder as they came, with the validators beside them, so that a new process asks for nothing.
May import: namaak.durable, namaak.errors, namaak.fetch.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from namaak import durable
from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Validators

Registry = Literal["dns", "ipv4", "ipv6"]

#: Where IANA publishes them.
IANA: Mapping[Registry, str] = {
    "dns": "https://data.iana.org/rdap/dns.json",
    "ipv4": "https://data.iana.org/rdap/ipv4.json",
    "ipv6": "https://data.iana.org/rdap/ipv6.json",
}
_GOOD_FOR = timedelta(days=1)
#: A list that could not be renewed is not tried again with every name.
_NEXT_TRY = timedelta(hours=1)
#: The largest, of domains, has about 100 kB.
_LIMITS = Limits(max_bytes=8 << 20)


class _List(BaseModel):
    """The part of RFC 9224's form that is needed: what is served, and where."""

    services: list[tuple[list[str], list[str]]]


class _Beside(BaseModel):
    """Our note beside a list."""

    url: str
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None


@dataclass(slots=True)
class _Loaded:
    services: Mapping[str, str]  #: key as in the list, lower case, to the base URL
    fetched_at: datetime
    tried_at: datetime


class Bootstrap:
    """The lists, read when first needed. For one event loop."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        urls: Mapping[Registry, str] = IANA,
    ) -> None:
        """folder: made when the first list comes. urls: where each list is."""
        self._folder = folder
        self._clock = clock
        self._urls = urls
        self._loaded: dict[Registry, _Loaded] = {}
        self._locks: dict[Registry, asyncio.Lock] = {}

    async def for_domain(self, fetch: Fetcher, domain: str) -> str | None:
        """Base URL, with a trailing slash; None where no server is listed. domain: A-labels.

        Raises SourceError where there is no list, neither there nor here.
        """
        services = await self._services(fetch, "dns")
        tail = domain
        while tail:
            if tail in services:
                return services[tail]
            tail = tail.partition(".")[2]
        return None

    async def for_address(self, fetch: Fetcher, address: str) -> str | None:
        """As `for_domain`, by the longest prefix. address: IPv4 or IPv6 as text."""
        wanted = ipaddress.ip_address(address)
        services = await self._services(fetch, "ipv4" if wanted.version == 4 else "ipv6")
        best: tuple[int, str] | None = None
        for key, url in services.items():
            try:
                network = ipaddress.ip_network(key, strict=False)
            except ValueError:
                continue
            if wanted in network and (best is None or network.prefixlen > best[0]):
                best = (network.prefixlen, url)
        return best[1] if best else None

    async def _services(self, fetch: Fetcher, registry: Registry) -> Mapping[str, str]:
        async with self._locks.setdefault(registry, asyncio.Lock()):
            loaded = self._loaded.get(registry) or self._read(registry)
            now = self._clock()
            if loaded is None or (
                now - loaded.fetched_at >= _GOOD_FOR and now - loaded.tried_at >= _NEXT_TRY
            ):
                loaded = await self._renewed(fetch, registry, loaded)
            self._loaded[registry] = loaded
            return loaded.services

    async def _renewed(self, fetch: Fetcher, registry: Registry, old: _Loaded | None) -> _Loaded:
        url, now = self._urls[registry], self._clock()
        beside = self._beside(registry) if old is not None else None
        validators = (
            Validators(etag=beside.etag, last_modified=beside.last_modified) if beside else None
        )
        try:
            reply = await fetch.get(url, limits=_LIMITS, validators=validators)
            if reply.not_modified and old is not None:
                services = old.services
            else:
                services = _read_list(reply.body, url)
        except SourceError:
            if old is None:
                raise
            old.tried_at = now
            return old
        self._folder.mkdir(parents=True, exist_ok=True)
        if not reply.not_modified:
            body = reply.body
            durable.replace(self._path(registry), lambda path: durable.write_bytes(path, body))
        kept = reply.validators if not reply.not_modified or validators is None else validators
        note = _Beside(
            url=url, fetched_at=now, etag=kept.etag, last_modified=kept.last_modified
        ).model_dump_json()
        durable.replace(self._note(registry), lambda path: durable.write_bytes(path, note.encode()))
        return _Loaded(services, now, now)

    def _read(self, registry: Registry) -> _Loaded | None:
        """What lies in the folder; a damaged or foreign file is as good as none."""
        beside = self._beside(registry)
        if beside is None or beside.url != self._urls[registry]:
            return None
        try:
            services = _read_list(self._path(registry).read_bytes(), beside.url)
        except (OSError, SourceError):
            return None
        return _Loaded(services, beside.fetched_at, beside.fetched_at)

    def _beside(self, registry: Registry) -> _Beside | None:
        try:
            return _Beside.model_validate_json(self._note(registry).read_bytes())
        except (OSError, ValidationError):
            return None

    def _path(self, registry: Registry) -> Path:
        return self._folder / f"{registry}.json"

    def _note(self, registry: Registry) -> Path:
        return self._folder / f"{registry}.note.json"


def _read_list(body: bytes, url: str) -> Mapping[str, str]:
    """Key to base URL. Of several URLs an encrypted one is taken (RFC 9224, section 3)."""
    try:
        read = _List.model_validate(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"The list of RDAP servers at {url} cannot be read ({type(error).__name__}); "
            "check the address that is set for it.",
            Failure.MALFORMED,
        ) from None
    services: dict[str, str] = {}
    for keys, urls in read.services:
        usable = sorted(
            (one for one in urls if one.startswith(("https://", "http://"))),
            key=lambda one: not one.startswith("https://"),
        )
        for key in keys if usable else ():
            services.setdefault(key.lower(), usable[0].rstrip("/") + "/")
    return services
