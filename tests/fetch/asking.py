"""What the tests of this room share: a fetcher that may ask loopback, and time that is made up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from namaak.fetch import Allowed, Fetcher, FetchError, Manners, Rate, Reply

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONTACT = "abuse@waldermond.example"


class Time:
    """A clock that only moves when somebody sleeps by it."""

    def __init__(self) -> None:
        self.at = 1_000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


def unhurried(time: Time | None = None) -> Manners:
    rate = Rate(per_second=10_000, burst=10_000)
    return Manners(default=rate) if time is None else Manners(default=rate, clock=time.clock)


def fetcher(*ports: int, time: Time | None = None, **further: Any) -> Fetcher:
    """May ask these ports of 127.0.0.1; sleeps by `time` where one is given."""
    if time is not None:
        further.setdefault("sleep", time.sleep)
    further.setdefault("manners", unhurried(time))
    further.setdefault("allow", [Allowed("127.0.0.1/32", port) for port in ports])
    return Fetcher(**{"contact": CONTACT, "now": lambda: NOW, **further})


def get(url: str, made: Fetcher | None = None, /, **how: Any) -> Reply:
    """One GET; without a fetcher of its own, one that may ask the port of the URL."""

    async def run() -> Reply:
        async with made or fetcher(int(url.split(":")[2].split("/")[0])) as fetch:
            return await fetch.get(url, **how)

    return asyncio.run(run())


def refused(url: str, made: Fetcher | None = None, /, **how: Any) -> FetchError:
    """One GET that must fail. Retries nothing unless told to."""
    how.setdefault("retries", 0)
    how.setdefault("deadline_s", 10)
    with pytest.raises(FetchError) as caught:
        get(url, made, **how)
    return caught.value
