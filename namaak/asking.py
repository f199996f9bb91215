"""Asking about the hosts of cases, within what the watch file allows, and keeping what comes back.

What came is stored every few hosts: whoever stops it loses at most those, and asks nobody twice.
May import: namaak.answers, namaak.brands, namaak.casework, namaak.decoding, namaak.enriching,
namaak.errors, namaak.fetch, namaak.records, namaak.resolving, namaak.settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from namaak.answers import Answers, Asked
from namaak.brands import Brand, Enrichment
from namaak.casework.ranking import least_score
from namaak.casework.reading import hosts_to_ask, open_snapshot
from namaak.enriching.due import Candidate, Wanted, due_hosts
from namaak.enriching.findings import Aspect, Finding
from namaak.enriching.keeping import keep
from namaak.errors import UsageError
from namaak.records import Band
from namaak.settings import Settings

if TYPE_CHECKING:
    from namaak.enriching import Enricher

#: Opens what asks for these aspects; see `enricher_for`.
Opened = Callable[[frozenset[Aspect]], AbstractAsyncContextManager["Enricher"]]

#: Hosts between two times of storing: what a power cut would have asked again.
_STORED_EVERY = 20
_STORED_EVERY_S = 15.0

#: Whom each aspect is asked of, and what they learn by that.
ASKED_OF = {
    "dns": "{resolvers} for servers, addresses, mail and policy of each host; they see every name",
    "rdap": "the registry and registrar of each domain, at most one request a second each; they "
    "see the domain and this machine's address",
    "network": "the regional registry of each address, for who runs it and where abuse is reported",
    "certificate": "the host itself on port 443; its owner sees this machine's address",
    "page": "the host itself, as a browser would, at most five redirects far; its owner sees this "
    "machine's address and {contact}",
    "screenshot": "the host itself and whatever its page loads, in a browser without access to "
    "anything private; its owner sees this machine's address",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of asking."""

    hosts: int = 0
    findings: int = 0
    in_vain: int = 0  #: findings that say nothing about their host

    def in_words(self) -> str:
        """For the person waiting."""
        if not self.hosts:
            return "no host is due"
        vain = f", {self.in_vain:,} of them in vain" if self.in_vain else ""
        return f"{self.hosts:,} hosts looked at, {self.findings:,} answers{vain}"


def would_ask(enrichment: Enrichment, *, contact: str) -> list[str]:
    """A line for each aspect: of whom it is asked, and what they learn."""
    resolvers = ", ".join(enrichment.resolvers) or "the resolvers you name"
    return [
        f"{aspect}: {ASKED_OF[aspect].format(resolvers=resolvers, contact=contact)}"
        for aspect in enrichment.aspects
    ]


def check_is_on(settings: Settings) -> None:
    """Raises UsageError, saying what would be asked of whom, where the watch file has it off."""
    watch = settings.watch
    if watch.enrichment.enabled:
        return
    lines = would_ask(watch.enrichment, contact=watch.watch.contact)
    raise UsageError(
        "\n".join(
            (
                f"Enrichment is off in {settings.watch_path}, so nobody was asked anything; with "
                "`enabled = true` and `resolvers` in its table [enrichment] this would ask:",
                *(f"  - {line}" for line in lines),
            )
        )
    )


def due_now(
    settings: Settings, asked: Mapping[str, Mapping[str, Asked]], *, now: datetime
) -> list[Wanted]:
    """Whom to ask now, in order. asked: see Answers. Raises CasebookError where there is none."""
    enrichment = settings.watch.enrichment
    with open_snapshot(settings.casebook) as snapshot:
        rows = hosts_to_ask(snapshot, least_score=least_score(Band(enrichment.from_band)))
    return due_hosts(
        (
            Candidate(
                subject_key=row["subject_key"],
                host=row["host"],
                urgency=(row["score"], row["evidence"]),
            )
            for row in rows
        ),
        asked,
        aspects=tuple(map(Aspect, enrichment.aspects)),
        now=now,
        at_most=enrichment.hosts_per_run,
        not_sooner=timedelta(days=enrichment.again_after_days),
    )


def enricher_for(
    settings: Settings, brands: Mapping[str, Brand], *, clock: Callable[[], datetime]
) -> Opened:
    """Opens what asks, as the watch file has it: one resolver, one door to the network."""
    # The network libraries are loaded by whoever asks, not by whoever only reads answers.
    from namaak.decoding.workers import Decoders
    from namaak.enriching import Enricher
    from namaak.enriching.bootstrap import Bootstrap
    from namaak.enriching.screenshot import Screenshots
    from namaak.fetch import Fetcher, Manners
    from namaak.resolving import Resolver

    manners = Manners()

    @asynccontextmanager
    async def opened(aspects: frozenset[Aspect]) -> AsyncIterator[Enricher]:
        watch = settings.watch
        resolvers = watch.enrichment.resolvers
        async with AsyncExitStack() as stack:
            decoders = stack.enter_context(Decoders())
            resolver = await stack.enter_async_context(Resolver(servers=resolvers))
            fetcher = await stack.enter_async_context(
                Fetcher(contact=watch.watch.contact, manners=manners, nameservers=resolvers)
            )
            screenshots = None
            if Aspect.SCREENSHOT in aspects:
                screenshots = Screenshots(resolver, clock=clock, decoders=decoders)
            yield Enricher(
                resolver,
                fetcher,
                aspects=aspects,
                brands=brands,
                clock=clock,
                bootstrap=Bootstrap(settings.data / "rdap", clock=clock),
                decoders=decoders,
                screenshots=screenshots,
            )

    return opened


def look_at(
    wanted: Sequence[Wanted],
    folder: Path,
    opened: Opened,
    *,
    clock: Callable[[], datetime],
    in_flight: int,
    told: Callable[[list[Finding]], None] = lambda findings: None,
) -> Looked:
    """Ask about these hosts, in this order, and store what comes. folder: the lake's.

    told: called with the findings of each host, once they are stored. Raises LakeError when
    nothing can be stored; what was stored before stays.
    """
    with Answers(folder) as answers:
        return asyncio.run(
            _look_at(wanted, answers, opened, clock=clock, in_flight=in_flight, told=told)
        )


async def _look_at(
    wanted: Sequence[Wanted],
    answers: Answers,
    opened: Opened,
    *,
    clock: Callable[[], datetime],
    in_flight: int,
    told: Callable[[list[Finding]], None],
) -> Looked:
    hosts = findings = in_vain = 0
    waiting: list[list[Finding]] = []

    def store() -> None:
        keep([finding for found in waiting for finding in found], answers, at=clock())
        for found in waiting:
            told(found)
        waiting.clear()

    loop = asyncio.get_running_loop()
    try:
        for aspects, names in _by_aspects(wanted):
            async with opened(aspects) as enricher:
                stored_at = loop.time()
                async for found in enricher.enrich_many(names, in_flight):
                    waiting.append(found)
                    hosts += 1
                    findings += len(found)
                    in_vain += sum(not one.outcome.says_something for one in found)
                    if len(waiting) >= _STORED_EVERY or loop.time() - stored_at > _STORED_EVERY_S:
                        store()
                        stored_at = loop.time()
    finally:
        # Also when it is stopped or something breaks: what was answered is not asked again.
        store()
    return Looked(hosts=hosts, findings=findings, in_vain=in_vain)


def _by_aspects(wanted: Iterable[Wanted]) -> list[tuple[frozenset[Aspect], list[str]]]:
    """Hosts together that the same is asked about, in the order of the worst of each group."""
    groups: dict[frozenset[Aspect], list[str]] = {}
    for one in wanted:
        groups.setdefault(one.aspects, []).append(one.host)
    return list(groups.items())
