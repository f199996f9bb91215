"""From where a page is looked at, as the watch file and the environment say it.

May import: namaak.brands, namaak.practice.vantages, namaak.errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from namaak.brands import WatchFile
from namaak.errors import UsageError
from namaak.practice.vantages import HERE, credentials_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One vantage, ready to be used."""

    name: str
    resolvers: tuple[str, ...]
    proxy: str | None = None  #: URL of an HTTP proxy, without any password
    credentials: str | None = field(default=None, repr=False)  #: user:password of the proxy
    address: str | None = None  #: that others see; None where nobody told
    user_agent: str | None = None  #: None is the browser's own
    locale: str = "en-GB"


def places(watch: WatchFile, environ: Mapping[str, str]) -> tuple[Place, ...]:
    """All of them, the one that needs no table first. A resolver may be wanting; see `usable`."""
    usual = watch.enrichment.resolvers
    return (
        Place(name=HERE, resolvers=usual),
        *(
            Place(
                name=one.name,
                resolvers=one.resolvers or usual,
                proxy=one.proxy,
                credentials=credentials_of(one, environ),
                address=one.address,
                user_agent=one.user_agent,
                locale=one.locale,
            )
            for one in watch.vantages
        ),
    )


def place_named(watch: WatchFile, name: str, environ: Mapping[str, str]) -> Place:
    """Raises UsageError where there is no such place, or nobody whom it may ask for names."""
    known = {place.name: place for place in places(watch, environ)}
    place = known.get(name)
    if place is None:
        raise UsageError(
            f"The watch file has no vantage {name!r}; use one of {', '.join(known)}, or add it as "
            "[[vantages]]."
        )
    return usable(place)


def usable(place: Place) -> Place:
    """The place itself. Raises UsageError where it has nobody to ask for names."""
    if not place.resolvers:
        raise UsageError(
            f'The vantage "{place.name}" names no resolver; add resolvers = ["127.0.0.1:53"] to '
            "[enrichment], for one on this machine, or to the vantage's own table."
        )
    return place
