"""Which of many lookalikes are registered, and what the registered ones look like.

One question a name tells whether it exists; only those that do are looked at further. A zone that
answers for names that nobody made says nothing about any of them, so every parent of a name that
exists is asked about two such names too. Silence, refusals and failures are kept apart from
absence, and what was not asked stays unknown, also when a person stops the sweep.
May import: namaak.sweeping, namaak.errors, namaak.resolving, namaak.enriching, detectors.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from detectors.permutations import Candidate
from detectors.suffixes import suffix_list
from namaak.enriching import Finding
from namaak.errors import NamaakError
from namaak.resolving import Answer, Outcome, Resolver, Wildcard
from namaak.sweeping import memory
from namaak.sweeping.target import Target

#: Names that are looked at side by side; the fetcher's manners hold for each of their hosts.
_LOOKED_AT_ONCE = 20
#: What a killed sweep loses at most, seconds.
_CHECKPOINT_S = 60.0


class Looker(Protocol):
    """What looks at the registered names; `namaak.enriching.Enricher` does."""

    def enrich_many(
        self, hosts: Iterable[str], in_flight: int = ...
    ) -> AsyncIterator[list[Finding]]:
        """The findings of each host, as they come."""


class Stage(StrEnum):
    """What a sweep is doing."""

    ASKING = "asking"  #: which names exist
    LOOKING = "looking"  #: at those that do


class Standing(StrEnum):
    """What is known of a name when it was asked about."""

    REGISTERED = "registered"
    ABSENT = "absent"  #: NXDOMAIN
    NO_ANSWER = "no-answer"  #: failure, refusal, time-out: it may well be registered
    WILDCARD = "wildcard"  #: any name exists there, so that this one says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a sweep is."""

    stage: Stage
    done: int
    total: int
    registered: int
    unanswered: int


@dataclass(slots=True, kw_only=True)
class Sighting:
    """One name that was asked about."""

    candidate: Candidate
    standing: Standing
    answer: Answer
    doubt: str = ""  #: why nothing is told of a name for which an answer came
    news: memory.News | None = None  #: of a registered name
    findings: list[Finding] = field(default_factory=list)


class Sweep:
    """One sweep around one domain. What it has learned can be read at any time, also when stopped.

    resolver: entered. enricher: None where nothing but the one question is asked. clock: aware.
    memory_path: None to remember nothing.
    """

    def __init__(
        self,
        target: Target,
        candidates: Sequence[Candidate],
        *,
        resolver: Resolver,
        enricher: Looker | None,
        clock: Callable[[], datetime],
        memory_path: Path | None,
        told: Callable[[Progress], None] = lambda progress: None,
    ) -> None:
        self.target = target
        self.candidates = candidates
        self.started = clock()
        self.sightings: dict[str, Sighting] = {}
        self.whole = False  #: True when every candidate was asked about and looked at
        self.forgotten: str | None = None  #: why what was found could not be remembered
        self.before = memory.Memory(domain=target.domain)
        if memory_path is not None:
            self.before = memory.load(memory_path, target.domain)
        self._memory_path = memory_path
        self._resolver = resolver
        self._enricher = enricher
        self._told = told
        self._wildcards: dict[tuple[str, str], asyncio.Task[Wildcard | None]] = {}
        self._looked = 0

    async def run(self) -> None:
        """Ask, look, remember.

        Raises NamaakError at once when it will not be able to remember, or when the resolver says
        that the domain's own suffix does not exist: then it would call every name absent.
        """
        self._remember()
        await self._check_resolver()
        try:
            await self._ask()
            await self._look()
            self.whole = True
        finally:
            for task in self._wildcards.values():
                task.cancel()
            await asyncio.gather(*self._wildcards.values(), return_exceptions=True)
            self._judge()
            self._remember_late()

    def of(self, standing: Standing) -> list[Sighting]:
        """The names of that standing, in the order in which they were answered."""
        return [one for one in self.sightings.values() if one.standing is standing]

    @property
    def wildcards(self) -> tuple[str, ...]:
        """Parents under which any name exists."""
        found = {
            parent
            for (_, parent), wildcard in self._settled().items()
            if wildcard is not None and wildcard.answers_for_all
        }
        return tuple(sorted(found))

    async def _check_resolver(self) -> None:
        top = self.target.domain.rpartition(".")[2]
        answer = await self._resolver.ask(top, "NS")
        if answer.outcome is Outcome.ABSENT:
            raise NamaakError(
                f"The resolver {answer.resolver} says that there is no .{top} at all, so that its "
                "answers are not believed; is there a network? Name another with --resolver."
            )

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        waiting: dict[str, Candidate] = {}
        unanswered = registered = 0
        saved_at = loop.time()

        def questions() -> Iterator[tuple[str, str]]:
            for candidate in self.candidates:
                waiting[candidate.host] = candidate
                yield candidate.host, question(candidate.host)[0]

        async for answer in self._resolver.ask_many(questions()):
            candidate = waiting.pop(answer.name)
            standing = _standing(answer)
            unanswered += standing is Standing.NO_ANSWER
            if standing is Standing.REGISTERED:
                registered += 1
                self._ask_wildcard(candidate.host)
            self.sightings[candidate.host] = Sighting(
                candidate=candidate, standing=standing, answer=answer
            )
            self._told(
                Progress(
                    stage=Stage.ASKING,
                    done=len(self.sightings),
                    total=len(self.candidates),
                    registered=registered,
                    unanswered=unanswered,
                )
            )
            if loop.time() - saved_at > _CHECKPOINT_S:
                saved_at = loop.time()
                self._remember_late()
        if self._wildcards:
            await asyncio.wait(self._wildcards.values())
        self._judge()
        self._remember_late()

    def _ask_wildcard(self, host: str) -> None:
        asked = type_, parent = question(host)
        if asked not in self._wildcards:
            self._wildcards[asked] = asyncio.create_task(
                self._resolver.wildcard(parent, type=type_)
            )

    def _settled(self) -> dict[tuple[str, str], Wildcard | None]:
        """What asking for two names that nobody made has shown of each parent, so far."""
        return {
            asked: task.result()
            for asked, task in self._wildcards.items()
            if task.done() and not task.cancelled()
        }

    def _judge(self) -> None:
        """Take back what a wildcard explains, or may explain; tell what is new of the rest.

        Nothing more will be told of parents: one that is not settled never will be.
        """
        settled = self._settled()
        for sighting in self.of(Standing.REGISTERED):
            asked = question(sighting.candidate.host)
            wildcard = settled.get(asked)
            untold = "not asked"
            if asked in settled:
                silent = wildcard is not None and wildcard.answers_for_all is None
                untold = str(wildcard.outcome) if wildcard is not None and silent else ""
            if wildcard is not None and wildcard.explains(sighting.answer):
                sighting.standing = Standing.WILDCARD
            elif untold and not _is_delegated(sighting.answer):
                sighting.standing = Standing.NO_ANSWER
                sighting.doubt = f"whether any name exists there: {untold}"
            else:
                sighting.news = self.before.news(sighting.candidate.host)

    async def _look(self) -> None:
        registered = self.of(Standing.REGISTERED)
        if self._enricher is None or not registered:
            return
        unanswered = len(self.of(Standing.NO_ANSWER))
        # The likeliest first: of a sweep that is stopped those are known that matter most.
        hosts = [
            sighting.candidate.host
            for sighting in sorted(registered, key=lambda one: -one.candidate.priority)
        ]
        async for findings in self._enricher.enrich_many(hosts, _LOOKED_AT_ONCE):
            if findings:
                self.sightings[findings[0].host].findings = findings
            self._looked += 1
            self._told(
                Progress(
                    stage=Stage.LOOKING,
                    done=self._looked,
                    total=len(hosts),
                    registered=len(hosts),
                    unanswered=unanswered,
                )
            )

    def _remember_late(self) -> None:
        """What was found must not be lost because it cannot be remembered any more."""
        try:
            self._remember()
        except NamaakError as error:
            self.forgotten = str(error)
        else:
            self.forgotten = None

    def _remember(self) -> None:
        if self._memory_path is None:
            return
        settled = self._settled()
        # Before its parent was asked about, an answer may be a wildcard's.
        registered = [
            host
            for sighting in self.of(Standing.REGISTERED)
            if question(host := sighting.candidate.host) in settled
        ]
        memory.remember(
            self._memory_path,
            self.target.domain,
            at=self.started,
            registered=registered,
            absent=[sighting.candidate.host for sighting in self.of(Standing.ABSENT)],
            ran=memory.Ran(
                at=self.started,
                whole=self.whole,
                asked=len(self.sightings),
                registered=len(registered),
                unanswered=len(self.of(Standing.NO_ANSWER)),
            ),
        )


def question(host: str) -> tuple[str, str]:
    """The type to ask for, and the parent whose wildcard would answer too.

    What is registered at a registry has name servers; what hangs below somebody else's domain,
    or at a hosting service, has an address or is an alias.

    >>> question("acme.co.uk"), question("ac.me.example"), question("acme.github.io")
    (('NS', 'co.uk'), ('A', 'me.example'), ('A', 'github.io'))
    """
    split = suffix_list().split(host)
    if split.registrable:
        return "A", host[split.registrable :]
    return "A" if split.private else "NS", host[split.suffix :]


def _standing(answer: Answer) -> Standing:
    if answer.outcome is Outcome.ABSENT:
        return Standing.ABSENT
    return Standing.REGISTERED if answer.outcome.exists else Standing.NO_ANSWER


def _is_delegated(answer: Answer) -> bool:
    """Somebody has that name, whatever its parent says: no wildcard delegates."""
    return answer.type == "NS" and bool(answer.values)
