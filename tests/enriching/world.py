"""What the tests of this room share: loopback as the internet, and a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.resolving import Resolver

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONTACT = "abuse@waldermond.example"
T = TypeVar("T")


def clock() -> datetime:
    return NOW


def allowed(*ports: int) -> tuple[Allowed, ...]:
    return tuple(Allowed("127.0.0.1/32", port) for port in ports)


@asynccontextmanager
async def asking(
    nameserver: str, *ports: int, **further: Any
) -> AsyncIterator[tuple[Resolver, Fetcher]]:
    """A resolver that asks this server, and a fetcher that may ask these ports of loopback."""
    rate = Rate(per_second=10_000, burst=10_000)
    async with (
        Resolver(servers=[nameserver], timeout_s=0.5, tries=2) as resolver,
        Fetcher(
            contact=CONTACT, manners=Manners(default=rate), nameservers=[nameserver], retries=0,
            allow=allowed(*ports), now=clock, **further,
        ) as fetch,
    ):  # fmt: skip
        yield resolver, fetch


def asked(
    nameserver: str,
    ask: Callable[[Resolver, Fetcher], Awaitable[T]],
    *,
    ports: Sequence[int] = (),
    **further: Any,
) -> T:
    """What `ask` gives, in an event loop of its own."""

    async def run() -> T:
        async with asking(nameserver, *ports, **further) as (resolver, fetch):
            return await ask(resolver, fetch)

    return asyncio.run(run())
