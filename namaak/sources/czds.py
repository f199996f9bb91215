"""Zones of generic top-level domains from ICANN's CZDS: every day the names that are new.

Nothing is asked about a zone that was fetched less than a day before. From then on it is a list and
a HEAD for each zone, at most every three hours, until there is another edition, and then one GET. A
zone that is not approved (any more) is told, asked about as seldom, and costs the others nothing.
Terms and limits: czds.icann.org, terms and conditions, and its API description 1.0.9.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt
from namaak.records import SubjectKind
from namaak.sources.base import RECORDED, Batch, Example, Instance, Served, Source, Surroundings
from namaak.sources.zones.asked import LIST, AskedFile, Said
from namaak.sources.zones.czds_api import (
    Account,
    Announced,
    CzdsApi,
    NotApproved,
    TokenFile,
    http_date,
)
from namaak.sources.zones.editions import Reading, ZonesConfig
from namaak.sources.zones.snapshots import Edition, Latest, ZoneFolder

_Url = Annotated[str, StringConstraints(pattern=r"(?i)^https?://[^/?#@\s]+$", to_lower=True)]
_NAME: Final = r"(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}"
_Zone = Annotated[str, StringConstraints(pattern=rf"(?i)^(?:\*|{_NAME})$", to_lower=True)]

_EDITION: Final = re.compile(r"([0-9]{8}T[0-9]{6}Z)-[0-9]+")
_STAMP: Final = "%Y%m%dT%H%M%SZ"
#: Editions come daily, at no fixed hour: soon enough to miss none, and eight times a day at most.
_ASKED_AGAIN: Final = timedelta(hours=3)

_ZONE_FILE: Final = gzip.compress(
    b"test.\t900\tin\tsoa\tns.test. hostmaster.test. 2026112200 1800 900 604800 86400\n"
    b"test.\t86400\tin\tns\tns.test.\n"
    b"acme-login.test.\t86400\tin\tns\tns1.hoster.example.\n"
    b"acme-login.test.\t86400\tin\tns\tns2.hoster.example.\n"
    b"ns1.acme-login.test.\t86400\tin\ta\t192.0.2.1\n"
    b"signed.test.\t86400\tin\tds\t1 13 2 00\n"
    b"un_sound!.test.\t86400\tin\tns\tns1.hoster.example.\n"
    b"test.\t900\tin\tsoa\tns.test. hostmaster.test. 2026112200 1800 900 604800 86400\n",
    mtime=0,
)


class CzdsConfig(ZonesConfig):
    """`[sources.czds]`."""

    zones: tuple[_Zone, ...] = ()  #: "com", "net", ..., or "*" for all that are approved
    accounts_url: _Url = "https://account-api.icann.org"
    api_url: _Url = "https://czds-api.icann.org"
    download_url: _Url = "https://czds-download-api.icann.org"
    hours_between: Annotated[float, Field(ge=1, le=1_000)] = 23.0
    max_download_bytes: Annotated[int, Field(strict=True, ge=1)] = 64 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class CzdsInstance(Instance):
    """A zone on one day."""

    zone: str
    edition: str  #: "20261122T013000Z-4513" of Last-Modified and length; "" where there is a fault
    url: str = ""  #: "": nothing will be downloaded, the edition is here
    fault: SourceError | None = None


class Czds(Source[CzdsConfig]):
    """Zones of the Centralized Zone Data Service."""

    name: ClassVar = "czds"
    kinds: ClassVar = frozenset({SubjectKind.HOST})
    terms: ClassVar = "ICANN's for CZDS: yours after approval by each registry, not to be passed on"
    auth: ClassVar = "CZDS_USERNAME and CZDS_PASSWORD"
    budget: ClassVar = (
        "a GET a zone, at most once a day; a list and a HEAD a zone every three hours where its "
        "next edition is due"
    )
    cursor: ClassVar = "the line in the edition of a zone; a finished edition is never read again"
    networked: ClassVar = True
    Config: ClassVar = CzdsConfig
    examples: ClassVar = (
        Example(
            what="the first edition of a zone",
            table={
                "zones": ["test"],
                "accounts_url": RECORDED,
                "api_url": RECORDED,
                "download_url": RECORDED,
            },
            environ={"CZDS_USERNAME": "operator@acme.example", "CZDS_PASSWORD": "not-secret"},
            served=(
                Served(path="/api/authenticate", method="POST", body=b'{"accessToken": "a.b.c"}'),
                Served(
                    path="/czds/downloads/links",
                    body=f'["{RECORDED}/czds/downloads/test.zone"]'.encode(),
                ),
                Served(
                    path="/czds/downloads/test.zone",
                    body=_ZONE_FILE,
                    headers={"Last-Modified": "Sun, 22 Nov 2026 01:30:00 GMT"},
                ),
            ),
            observations=(
                {
                    "position": 3,
                    "subject_kind": "host",
                    "subject_key": "host:acme-login.test",
                    "host": "acme-login.test",
                    "source_time": "2026-11-22T00:00:00+00:00",
                    "entry_type": "ns",
                    "trust": "unauthenticated",
                    "evidence_hash": hashlib.sha256(_ZONE_FILE).hexdigest(),
                },
            ),
            rejects=((7, "host: has a character"),),
        ),
    )

    def __init__(self, config: CzdsConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._token = TokenFile(around.state_folder / "token")
        self._asked = AskedFile(around.state_folder / "asked.json", pause=_ASKED_AGAIN)

    def reads_anything(self) -> bool:
        """Whether any zone is named."""
        return bool(self.config.zones)

    def instances(self) -> Iterator[CzdsInstance]:
        """Each zone with its newest edition, or the one of today where it was fetched already.

        Raises SourceError where the list of zones cannot be had.
        """
        return iter(asyncio.run(self._instances()))

    async def _instances(self) -> list[CzdsInstance]:
        now = self.around.now()
        said = self._asked.recent(now)
        named = list(dict.fromkeys(zone for zone in self.config.zones if zone != LIST))
        every = LIST in self.config.zones
        if not every or LIST in said:
            zones = sorted({*said[LIST].zones, *named}) if every else named
            known = [one for zone in zones if (one := self._known(zone, said)) is not None]
            if len(known) == len(zones):
                return known
        found: list[CzdsInstance] = []
        async with self.around.fetcher() as fetch:
            api = CzdsApi(fetch, self._account(), self._token)
            links = await api.links()
            heard = {LIST: Said(at=now, zones=tuple(links))}
            for zone in sorted({*links, *named}) if every else named:
                instance = self._known(zone, said)
                if instance is None or instance.fault is not None:
                    # One that was refused may be among the zones by now.
                    instance = (
                        await self._announced(api, zone, links[zone])
                        if zone in links
                        else self._faulty(zone, _not_approved(zone))
                    )
                    if (nothing := self._nothing(instance, now)) is not None:
                        heard[zone] = nothing
                found.append(instance)
        self._asked.keep(heard, now)
        return found

    def _known(self, zone: str, said: Mapping[str, Said]) -> CzdsInstance | None:
        """What need not be asked of a zone, because it was fetched or asked about lately."""
        latest = self._latest(zone)
        if latest is not None:
            age = self.around.now() - latest.fetched_at
            if age < timedelta(hours=self.config.hours_between):
                return self._instance(zone, latest.edition)
        if zone not in said:
            return None
        refusal = said[zone].refusal
        if refusal is not None:
            return self._faulty(zone, NotApproved(refusal))
        return None if latest is None else self._instance(zone, latest.edition)

    def _nothing(self, instance: CzdsInstance, now: datetime) -> Said | None:
        """What the service said of a zone, where that was nothing to download."""
        if instance.fault is not None:
            refused = isinstance(instance.fault, NotApproved)
            return Said(at=now, refusal=str(instance.fault)) if refused else None
        latest = self._latest(instance.zone)
        same = latest is not None and latest.edition == instance.edition
        return Said(at=now) if same else None

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`."""
        if not isinstance(instance, CzdsInstance):
            raise TypeError(f"{instance!r} is no instance of the source {self.name}")
        if instance.fault is not None:
            raise instance.fault
        reading = Reading(
            source=self.name,
            instance=instance.id,
            edition=Edition(zone=instance.zone, name=instance.edition),
            folder=self.around.state_folder,
            config=self.config,
            dated=_dated(instance.edition),
            fetch=lambda path: asyncio.run(self._fetch(instance, path)),
        )
        yield from reading.batches(start, observed_at=observed_at, state=state)

    async def _fetch(self, instance: CzdsInstance, path: Path) -> Sequence[Attempt]:
        if not instance.url:
            raise SourceError(
                f"The file {path} of today is not there any more; the zone {instance.zone} is "
                "fetched again when a day has gone by."
            )
        async with self.around.fetcher() as fetch:
            api = CzdsApi(fetch, self._account(), self._token)
            downloaded = await api.download(
                instance.zone, instance.url, path, max_bytes=self.config.max_download_bytes
            )
            came = _edition(
                Announced(
                    modified=http_date(downloaded.validators.last_modified),
                    length=downloaded.size,
                    validators=downloaded.validators,
                )
            )
            if came != instance.edition:
                path.unlink()
                raise SourceError(
                    f"The zone {instance.zone} changed while it was fetched; the next run takes "
                    "the newer edition.",
                    Failure.TRANSIENT,
                )
            return fetch.take_attempts()

    async def _announced(self, api: CzdsApi, zone: str, url: str) -> CzdsInstance:
        try:
            announced = await api.announced(zone, url)
        except SourceError as error:
            return self._faulty(zone, error)
        return self._instance(zone, _edition(announced), url)

    def _instance(self, zone: str, edition: str, url: str = "") -> CzdsInstance:
        return CzdsInstance(
            id=f"{zone}/{edition}",
            label=f"{zone} of {edition.partition('T')[0]}",
            kind=SubjectKind.HOST,
            zone=zone,
            edition=edition,
            url=url,
        )

    def _faulty(self, zone: str, fault: SourceError) -> CzdsInstance:
        return CzdsInstance(
            id=f"{zone}/", label=zone, kind=SubjectKind.HOST, zone=zone, edition="", fault=fault
        )

    def _latest(self, zone: str) -> Latest | None:
        """The edition of this zone that was fetched last, and when."""
        return ZoneFolder(self.around.state_folder, zone).book().latest

    def _account(self) -> Account:
        """Raises SourceError where name or password is missing."""
        environ: Mapping[str, str] = self.around.environ
        missing = [key for key in self.auth.split(" and ") if not environ.get(key)]
        if missing:
            raise SourceError(
                f"The source czds needs {' and '.join(missing)} in the environment; give those "
                "of your account at czds.icann.org.",
                Failure.AUTH,
            )
        return Account(
            username=environ["CZDS_USERNAME"],
            password=environ["CZDS_PASSWORD"],
            accounts_url=self.config.accounts_url,
            api_url=self.config.api_url,
            download_url=self.config.download_url,
        )


def _not_approved(zone: str) -> NotApproved:
    return NotApproved(
        f"The zone {zone} is not among those that CZDS lets you have: it was never asked for, its "
        "approval is pending, was denied or has expired; see your CZDS account, or drop it from "
        "`zones`."
    )


def _edition(announced: Announced) -> str:
    return f"{announced.modified.strftime(_STAMP)}-{announced.length}"


def _dated(edition: str) -> datetime | None:
    found = _EDITION.fullmatch(edition)
    if found is None:
        return None
    return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)
