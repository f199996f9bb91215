"""Questions to the resolvers that somebody named, many at once, each answered truthfully.

c-ares asks (it reads six times as many answers a second as a reader in Python); dnspython asks
for the types that c-ares does not know. A name is asked exactly as it stands: no search domains,
no hosts file. Silence is asked again, after a pause that differs each time, and ends as TIMEOUT,
never as absence. A server's failure or refusal is taken to the next server, if there is one.
Within one resolver c-ares answers a repeated question from memory while its TTL lasts.
May import: namaak.resolving.*.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import re
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from namaak.resolving.answers import Answer, Outcome
from namaak.resolving.channels import Channel
from namaak.resolving.records import Told
from namaak.resolving.servers import parse_server, written_server
from namaak.resolving.wildcards import Wildcard, random_label, told_wildcard

#: Labels as they are found in public zones; what else is allowed by RFC 2181 nobody registers.
_ASKABLE = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
#: Before a silent server is asked again, seconds; doubled each time, and between half and whole.
_FIRST_PAUSE_S = 0.2
#: Told of the server, not of the name: another server may know more.
_ANOTHER_SERVER = frozenset({Outcome.BROKEN, Outcome.REFUSED, Outcome.MALFORMED, Outcome.TIMEOUT})


class Resolver:
    """Asks a few servers. An asynchronous context manager, for one event loop.

    servers: addresses as `parse_server` reads them; asked in turn. timeout_s: of one try.
    tries: of one question as long as nobody answers. in_flight: questions at the same time.
    per_second: questions, None for no limit. Raises ValueError for a server that is none.
    """

    def __init__(
        self,
        *,
        servers: Sequence[str],
        timeout_s: float = 3.0,
        tries: int = 3,
        in_flight: int = 200,
        per_second: float | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        rng: random.Random | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if not servers:
            raise ValueError("no name server is named; give one, as in 127.0.0.1:53")
        if tries < 1 or in_flight < 1 or timeout_s <= 0 or (per_second or 1) <= 0:
            raise ValueError("tries, in_flight, timeout_s and per_second must be above zero")
        named = dict.fromkeys(written_server(*parse_server(server)) for server in servers)
        self.servers = tuple(named)
        self.in_flight = in_flight
        #: What was sent: tries, and what came of each, for people and benchmarks.
        self.tries_by_outcome: Counter[Outcome] = Counter()
        self._timeout_s = timeout_s
        self._tries = tries
        self._interval_s = 1 / per_second if per_second else 0.0
        self._clock = clock
        # Spreads load in time, decides nothing: an ordinary generator is enough.
        self._rng = rng or random.Random()  # noqa: S311
        self._sleep = sleep
        self._channels: list[Channel] = []
        self._turn = 0
        self._next_at = 0.0

    async def __aenter__(self) -> Self:
        self._places = asyncio.Semaphore(self.in_flight)
        self._channels = [Channel(server, timeout_s=self._timeout_s) for server in self.servers]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        channels, self._channels = self._channels, []
        for channel in channels:
            await channel.close()

    async def ask(self, name: str, type: str = "A") -> Answer:
        """name: a full name, A-labels; a trailing dot makes no difference. Never raises for a name.

        A name is called ABSENT only when a second question says the same, because whoever wants
        to be overlooked can deny the types that only we ask for. NXDOMAIN of an address may be of
        the last name of a chain (RFC 6604): an alias of nothing is EMPTY, with its `aliases`. Of
        any other type the address is asked for: with one, the name is there and EMPTY of that
        type. An alias of nothing that is asked for such a type only is taken for absent.
        """
        wanted = name.lower().removesuffix(".")
        if not _ASKABLE.fullmatch(wanted):
            return self._answer(
                name, type, Told(Outcome.MALFORMED, says="is no name that can be asked"), "", 0
            )
        answer = await self._asked(wanted, type)
        if answer.outcome is not Outcome.ABSENT:
            return answer
        proof = await self._asked(wanted, "CNAME" if type == "A" else "A")
        attempts = answer.attempts + proof.attempts
        if proof.outcome is Outcome.ABSENT:
            return dataclasses.replace(answer, attempts=attempts)
        aliases, says = proof.aliases, proof.says
        if proof.type == "CNAME" and proof.values:
            aliases, says = proof.values, "is an alias of a name that does not exist"
        elif proof.outcome.exists:
            says = f"its server denies the name for {type} and knows it for {proof.type}"
        told = Told(
            Outcome.EMPTY if proof.outcome.exists else proof.outcome,
            aliases=aliases, ttl=proof.ttl, says=says,
        )  # fmt: skip
        return self._answer(wanted, type, told, proof.resolver, attempts, proof.asked_at)

    async def ask_many(self, questions: Iterable[tuple[str, str]]) -> AsyncGenerator[Answer, None]:
        """(name, type) each; answers as they come. Questions are taken only as fast as answered."""
        waiting = iter(questions)
        ready: deque[Answer] = deque()
        some, room = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            for name, type_ in waiting:
                ready.append(await self.ask(name, type_))
                some.set()
                if len(ready) >= self.in_flight:
                    room.clear()
                    await room.wait()

        async def work_all() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(self.in_flight):
                        group.create_task(work())
            finally:
                some.set()

        workers = asyncio.create_task(work_all())
        try:
            while ready or not workers.done():
                some.clear()
                while ready:
                    yield ready.popleft()
                room.set()
                if not workers.done():
                    await some.wait()
            await workers
        finally:
            workers.cancel()
            await asyncio.gather(workers, return_exceptions=True)

    async def wildcard(
        self, parent: str, *, rng: random.Random | None = None, type: str = "A"
    ) -> Wildcard | None:
        """Whether any name exists below `parent`; None where only what was made does.

        rng: chooses the two names asked. Where no server tells, the outcome of the result says
        why: that is no proof of either.
        """
        chosen = rng or self._rng
        first, second = await asyncio.gather(
            *(self.ask(f"{random_label(chosen)}.{parent}", type) for _ in range(2))
        )
        return told_wildcard(parent, first, second)

    async def _asked(self, name: str, type_: str) -> Answer:
        """Servers in turn and silence again, until something is told of the name."""
        many = len(self._channels)
        place = self._turn = (self._turn + 1) % many
        failed: set[int] = set()
        silent = attempts = 0
        while True:
            await self._places.acquire()
            try:
                if self._interval_s:
                    await self._pace()
                asked_at = self._clock()
                told = await self._channels[place].ask(name, type_)
            finally:
                self._places.release()
            outcome = told.outcome
            self.tries_by_outcome[outcome] += 1
            attempts += 1
            if outcome is Outcome.ANSWERED or outcome not in _ANOTHER_SERVER:
                break
            if outcome is Outcome.TIMEOUT:
                silent += 1
            else:
                failed.add(place)
            if silent >= self._tries or len(failed) == many:
                break
            if outcome is Outcome.TIMEOUT:
                await self._sleep(_FIRST_PAUSE_S * 2 ** (silent - 1) * self._rng.uniform(0.5, 1.0))
            place = next(
                at % many for at in range(place + 1, place + 1 + many) if at % many not in failed
            )
        return self._answer(name, type_, told, self.servers[place], attempts, asked_at)

    async def _pace(self) -> None:
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_at)
        self._next_at = at + self._interval_s
        if at > now:
            await self._sleep(at - now)

    def _answer(
        self,
        name: str,
        type_: str,
        told: Told,
        server: str,
        attempts: int,
        asked_at: datetime | None = None,
    ) -> Answer:
        return Answer(
            name=name,
            type=type_,
            outcome=told.outcome,
            values=told.values,
            ttl=told.ttl,
            asked_at=asked_at or self._clock(),
            resolver=server,
            attempts=attempts,
            aliases=told.aliases,
            says=told.says,
        )
