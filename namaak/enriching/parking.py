"""Signs in the DNS that a domain is parked, by the names of the services that do it.

Names come from tables/parking.toml, which says where they were measured.
May import: namaak.enriching.facts.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from namaak.enriching.facts import ParkingSign

#: Key of the table, and what a sign of it is called.
_PLACES = {
    "name_servers": "name-server",
    "aliases": "alias",
    "pages": "page",
}


@dataclass(frozen=True, slots=True)
class ParkingTable:
    """Suffix of a host to (service, kind), by where it stands."""

    version: str
    suffixes: Mapping[str, Mapping[str, tuple[str, str]]]

    def sign(self, by: str, host: str) -> ParkingSign | None:
        """by: a place of `_PLACES`. host: lower case, no trailing dot."""
        tail = host
        while tail:
            if tail in self.suffixes[by]:
                service, kind = self.suffixes[by][tail]
                return ParkingSign(by=by, value=host, pattern=tail, service=service, kind=kind)
            tail = tail.partition(".")[2]
        return None


@cache
def parking_table() -> ParkingTable:
    """The shipped names, read once."""
    text = files("namaak.enriching").joinpath("tables/parking.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    suffixes: dict[str, dict[str, tuple[str, str]]] = {by: {} for by in _PLACES.values()}
    for service in table["service"]:
        for key, by in _PLACES.items():
            for suffix in service.get(key, ()):
                suffixes[by][suffix] = (service["name"], service["kind"])
    return ParkingTable(
        f"{table['version']}-{hashlib.sha256(text.encode()).hexdigest()[:6]}", suffixes
    )


def parking_signs(*, name_servers: Iterable[str], aliases: Iterable[str]) -> list[ParkingSign]:
    """What in the names of a domain belongs to a parking service, in the order given.

    Mail servers are no sign: one more of them costs nothing and changes nothing.

    >>> [sign["service"] for sign in
    ...  parking_signs(name_servers=["ns1.sedoparking.com"], aliases=[])]
    ['Sedo']
    """
    table = parking_table()
    found = (
        table.sign(by, host)
        for by, hosts in (
            ("name-server", name_servers),
            ("alias", aliases),
        )
        for host in hosts
    )
    return [sign for sign in found if sign is not None]
