"""Does a name exist, or does its zone merely answer for any name?

The registrable domain is asked first: one question settles most names, and all below it. Only a
name that is there costs more: whether its parent answers for everything, and whether it has an
address. What the zones say is kept as long as the inquiry lasts.
May import: namaak.resolving.*.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from namaak.resolving.answers import Answer, Outcome
from namaak.resolving.resolver import Resolver
from namaak.resolving.wildcards import Wildcard


class Existence(StrEnum):
    """What is known of a name."""

    ADDRESSED = "addressed"  #: exists and has an address
    REGISTERED = "registered"  #: exists; no address was seen
    ABSENT = "absent"  #: does not exist
    WILDCARD = "wildcard"  #: its parent answers for any name: nothing is told of this one
    UNKNOWN = "unknown"  #: no server told

    @property
    def is_there(self) -> bool:
        """Somebody made that name."""
        return self in (Existence.ADDRESSED, Existence.REGISTERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One name and what is known of it."""

    host: str
    existence: Existence
    asked_at: datetime  #: when the deciding question was sent; aware
    ttl: int | None  #: seconds that it holds, by the zone's own word; None: it says nothing
    reason: str = ""  #: why nothing is told


#: For people; a name is in another field.
_REASONS = {
    Outcome.BROKEN: "broken delegation or signature (SERVFAIL), often of a registered name",
    Outcome.REFUSED: "the resolver refused to answer",
    Outcome.TIMEOUT: "nobody answered in time",
    Outcome.MALFORMED: "the answer cannot be read",
}
_ANY_NAME = "its parent zone answers for any name"


class Inquiry:
    """Examines names through one resolver; an asynchronous context manager.

    rng: chooses the names that nobody made.
    """

    def __init__(self, resolver: Resolver, *, rng: random.Random | None = None) -> None:
        self._resolver = resolver
        self._rng = rng
        self._kept: dict[Hashable, asyncio.Future[Any]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Questions still open are given up."""
        for kept in self._kept.values():
            kept.cancel()
        await asyncio.gather(*self._kept.values(), return_exceptions=True)

    async def examine(self, host: str, registrable: str) -> Examined:
        """host: A-labels; registrable: the domain that somebody registers, host or its parent."""
        name_servers = await self._ask(registrable, "NS")
        if name_servers.outcome is Outcome.ABSENT:
            parent = registrable.partition(".")[2]
            return _examined(host, Existence.ABSENT, name_servers, await self.negative_ttl(parent))
        if name_servers.outcome.exists is None:
            return _unknown(host, name_servers)
        if not name_servers.values:
            # Not delegated: either a name in its parent's own zone, or made up on the spot.
            wildcard = await self._wildcard(registrable.partition(".")[2], "NS")
            if wildcard is not None:
                return _by_wildcard(host, name_servers, wildcard)
        address = await self._ask(host, "A")
        if host != registrable:
            if address.outcome is Outcome.ABSENT:
                ttl = await self.negative_ttl(registrable)
                return _examined(host, Existence.ABSENT, address, ttl)
            if address.outcome.exists is None:
                return _unknown(host, address)
            wildcard = await self._wildcard(host.partition(".")[2], "A")
            if wildcard is not None and (
                wildcard.answers_for_all is None or wildcard.explains(address)
            ):
                return _by_wildcard(host, address, wildcard)
        if not address.values:
            other = await self._ask(host, "AAAA")
            address = other if other.values else address
        existence = Existence.ADDRESSED if address.values else Existence.REGISTERED
        told = [answer.ttl for answer in (name_servers, address) if answer.ttl is not None]
        return _examined(host, existence, name_servers, min(told, default=None))

    async def negative_ttl(self, zone: str) -> int | None:
        """How long a name that is absent from the zone stays so (RFC 2308, section 5)."""
        answer = await self._ask(zone, "SOA")
        if answer.outcome is not Outcome.ANSWERED or answer.ttl is None:
            return None
        return min(answer.ttl, int(answer.values[0].split()[-1]))

    async def _ask(self, name: str, type_: str) -> Answer:
        answer: Answer = await self._once((name, type_), lambda: self._resolver.ask(name, type_))
        return answer

    async def _wildcard(self, parent: str, type_: str) -> Wildcard | None:
        found: Wildcard | None = await self._once(
            (parent, type_, "wildcard"),
            lambda: self._resolver.wildcard(parent, rng=self._rng, type=type_),
        )
        return found

    async def _once(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Of questions that many names have in common the first is asked, the others wait."""
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = asyncio.ensure_future(ask())
        return await asyncio.shield(kept)


def _examined(host: str, existence: Existence, answer: Answer, ttl: int | None) -> Examined:
    return Examined(host=host, existence=existence, asked_at=answer.asked_at, ttl=ttl)


def _unknown(host: str, answer: Answer) -> Examined:
    return Examined(
        host=host,
        existence=Existence.UNKNOWN,
        asked_at=answer.asked_at,
        ttl=None,
        reason=_REASONS[answer.outcome],
    )


def _by_wildcard(host: str, answer: Answer, wildcard: Wildcard) -> Examined:
    """The name's parent answers for any name, or it could not be told whether it does."""
    told = wildcard.answers_for_all
    return Examined(
        host=host,
        existence=Existence.WILDCARD if told else Existence.UNKNOWN,
        asked_at=answer.asked_at,
        ttl=answer.ttl,
        reason=_ANY_NAME if told else f"whether {_ANY_NAME}: {_REASONS[wildcard.outcome]}",
    )
