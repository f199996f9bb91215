"""Looking at names through the DNS alone, for people who name nobody to write to.

The DNS is asked through a resolver, which its owner answers for; everything else asks servers of
strangers, and those must know whom to write to.
May import: namaak.enriching, namaak.resolving.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime

from namaak.enriching import Finding
from namaak.enriching.dns import ask_dns
from namaak.resolving import Resolver


class DnsOnly:
    """In place of an Enricher; for one event loop, inside the resolver's own."""

    def __init__(self, resolver: Resolver, *, clock: Callable[[], datetime]) -> None:
        self._resolver = resolver
        self._clock = clock

    async def enrich_many(
        self, hosts: Iterable[str], in_flight: int = 8
    ) -> AsyncIterator[list[Finding]]:
        """The one finding of each host, as they come; so many hosts at once."""
        waiting = iter(hosts)
        found: asyncio.Queue[Finding | None] = asyncio.Queue(in_flight)

        async def work() -> None:
            for host in waiting:
                await found.put(await ask_dns(self._resolver, host, clock=self._clock))

        async def work_all() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(in_flight):
                        group.create_task(work())
            finally:
                await found.put(None)

        workers = asyncio.create_task(work_all())
        try:
            while (finding := await found.get()) is not None:
                yield [finding]
            await workers
        finally:
            workers.cancel()
            await asyncio.gather(workers, return_exceptions=True)
