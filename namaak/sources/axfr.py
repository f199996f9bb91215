"""Zones by transfer from the registries that allow it: every day the names that are new.

The SOA serial is asked first, and where it has not moved nothing else is. Servers are tried in
their order until one answers. A transfer is kept as a zone file of our own writing, so no hash of
it is told as evidence: the registry never wrote that file.
Open in 2026: .se and .nu, .ch and .li (with a TSIG key that everybody may use), .ee; read the
registry's terms before you switch one on.
May import: namaak.errors, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt
from namaak.records import SubjectKind
from namaak.sources.base import RECORDED, Batch, Example, Instance, Source, Table
from namaak.sources.zones.editions import Reading, ZonesConfig
from namaak.sources.zones.serials import given_at
from namaak.sources.zones.servers import Server, parse_server
from namaak.sources.zones.snapshots import Edition, ZoneFolder
from namaak.sources.zones.transfer import Asked, Key, serial_of, transfer

_EDITION: Final = "serial-"


def _a_server(text: str) -> str:
    return str(parse_server(text))


_ServerText = Annotated[
    str, StringConstraints(min_length=1, max_length=300), AfterValidator(_a_server)
]
_Zone = Annotated[
    str,
    StringConstraints(pattern=r"(?i)^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?$", to_lower=True),
    AfterValidator(lambda name: name.removesuffix(".")),
]


class TsigKey(Table):
    """`key` of a zone: what a transfer is signed with."""

    name: _Zone
    algorithm: Literal["hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"] = (
        "hmac-sha256"
    )
    secret_env: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")]


class AxfrZone(Table):
    """One `[[sources.axfr.zones]]`."""

    zone: _Zone
    servers: Annotated[tuple[_ServerText, ...], Field(min_length=1, max_length=10)]
    key: TsigKey | None = None


class AxfrConfig(ZonesConfig):
    """`[sources.axfr]`."""

    zones: tuple[AxfrZone, ...] = ()
    hours_between: Annotated[float, Field(ge=0, le=1_000)] = 23.0
    timeout_s: Annotated[float, Field(gt=0, le=86_400)] = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AxfrInstance(Instance):
    """A zone at one serial."""

    zone: AxfrZone
    serial: int
    server: Server | None = None  #: that told the serial; None: the edition is here
    fault: SourceError | None = None


class Axfr(Source[AxfrConfig]):
    """Zones by AXFR."""

    name: ClassVar = "axfr"
    kinds: ClassVar = frozenset({SubjectKind.HOST})
    terms: ClassVar = "each registry's own; most want no more than one transfer a day"
    auth: ClassVar = None
    budget: ClassVar = "one SOA query a zone, and a transfer where the serial has moved"
    cursor: ClassVar = "the line in the edition of a zone; a finished edition is never read again"
    networked: ClassVar = True
    Config: ClassVar = AxfrConfig
    examples: ClassVar = (
        Example(
            what="a zone transferred for the first time",
            table={
                "zones": [{"zone": "test", "servers": [f"{RECORDED.removeprefix('http://')}:53"]}]
            },
            zones={
                "test": "@ 3600 IN SOA ns.test. hostmaster.test. 2026112200 1800 900 604800 300\n"
                "@ NS ns.test.\nns A 192.0.2.53\nacme-login NS ns1.hoster.invalid.\n"
                "acme-login NS ns2.hoster.invalid.\nwww.deep NS ns1.hoster.invalid.\n"
            },
            observations=(
                {
                    "position": 3,
                    "subject_kind": "host",
                    "subject_key": "host:acme-login.test",
                    "host": "acme-login.test",
                    "source_time": "2026-11-22T00:00:00+00:00",
                    "entry_type": "ns",
                    "trust": "unauthenticated",
                },
            ),
            rejects=((5, "ns: its owner stands below a registration"),),
        ),
    )

    def reads_anything(self) -> bool:
        """Whether any zone is named."""
        return bool(self.config.zones)

    def faults(self) -> Iterator[str]:
        """Keys whose secret is nowhere."""
        for number, zone in enumerate(self.config.zones):
            if zone.key is not None and not self.around.environ.get(zone.key.secret_env):
                yield (
                    f"zones[{number}].key.secret_env: {zone.key.secret_env} is not in the "
                    "environment; set it to the key's secret in base64"
                )

    def instances(self) -> Iterator[AxfrInstance]:
        """Each zone at the serial that its server has now, or at today's that was fetched."""
        for zone in {zone.zone: zone for zone in self.config.zones}.values():
            try:
                serial = self._fetched_today(zone.zone)
                server = None
                if serial is None:
                    serial, server = self._served(zone)
            except SourceError as error:
                yield AxfrInstance(
                    id=f"{zone.zone}/", label=zone.zone, kind=SubjectKind.HOST, zone=zone,
                    serial=0, fault=error,
                )  # fmt: skip
            else:
                yield AxfrInstance(
                    id=f"{zone.zone}/{serial}", label=f"{zone.zone} at serial {serial}",
                    kind=SubjectKind.HOST, zone=zone, serial=serial, server=server,
                )  # fmt: skip

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`."""
        if not isinstance(instance, AxfrInstance):
            raise TypeError(f"{instance!r} is no instance of the source {self.name}")
        if instance.fault is not None:
            raise instance.fault
        reading = Reading(
            source=self.name,
            instance=instance.id,
            edition=Edition(zone=instance.zone.zone, name=f"{_EDITION}{instance.serial}"),
            folder=self.around.state_folder,
            config=self.config,
            dated=given_at(instance.serial),
            announced=instance.serial,
            evidence=False,
            fetch=lambda path: self._transferred(instance, path),
        )
        yield from reading.batches(start, observed_at=observed_at, state=state)

    def _transferred(self, instance: AxfrInstance, path: Path) -> Sequence[Attempt]:
        if instance.server is None:
            raise SourceError(
                f"The file {path} of today is not there any more; the zone "
                f"{instance.zone.zone} is transferred again when a day has gone by."
            )
        serial = transfer(self._asked(instance.zone, instance.server), path)
        if serial != instance.serial:
            path.unlink()
            raise SourceError(
                f"The zone {instance.zone.zone} moved to serial {serial} while it was asked for; "
                "the next run takes that one.",
                Failure.TRANSIENT,
            )
        return ()

    def _served(self, zone: AxfrZone) -> tuple[int, Server]:
        """The serial, and who told it. Raises the SourceError of the last server."""
        errors: list[SourceError] = []
        for text in zone.servers:
            server = parse_server(text)
            try:
                return serial_of(self._asked(zone, server)), server
            except SourceError as error:
                errors.append(error)
        raise errors[-1]

    def _asked(self, zone: AxfrZone, server: Server) -> Asked:
        """Raises SourceError where the secret of the key is missing."""
        key = None
        if zone.key is not None:
            secret = self.around.environ.get(zone.key.secret_env)
            if not secret:
                raise SourceError(
                    f"The zone {zone.zone} needs {zone.key.secret_env} in the environment: the "
                    "secret of its TSIG key in base64.",
                    Failure.AUTH,
                )
            key = Key(name=zone.key.name, algorithm=zone.key.algorithm, secret=secret)
        return Asked(
            zone=zone.zone, server=server, key=key, timeout_s=self.config.timeout_s,
            max_bytes=self.config.max_bytes,
        )  # fmt: skip

    def _fetched_today(self, zone: str) -> int | None:
        """The serial that was transferred less than a day ago."""
        latest = ZoneFolder(self.around.state_folder, zone).book().latest
        if latest is None:
            return None
        age = self.around.now() - latest.fetched_at
        found = re.fullmatch(rf"{_EDITION}([0-9]{{1,10}})", latest.edition)
        recent = age < timedelta(hours=self.config.hours_between)
        return int(found[1]) if found and recent else None
