"""Certificate logs: every name for which a certificate was issued, read from where it is logged.

An instance is one log. Both kinds are read, and proved against the heads they sign; which proof,
and what is asked for it, lies in `certificates.reading`. See docs/explanation/certificate-logs.md.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.transparency, namaak.sources.*.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from namaak.errors import Failure, SourceError
from namaak.fetch import Rate
from namaak.records import OBSERVATION_SCHEMA, SubjectKind
from namaak.sources.base import (
    Batch,
    Example,
    Instance,
    Reject,
    Source,
    SourceConfig,
    Surroundings,
    drive,
    excerpt,
)
from namaak.sources.certificates.doors import Door, FolderDoor, WebDoor
from namaak.sources.certificates.examples import EXAMPLES
from namaak.sources.certificates.inclusion import Found, Unproved, Wanted, prove_entry
from namaak.sources.certificates.listing import Listed, fetch_list, read_list
from namaak.sources.certificates.log_list import (
    STATES,
    Fault,
    Log,
    LogKind,
    LogListError,
    read_log_list,
    worth_reading,
)
from namaak.sources.certificates.progress import Progress
from namaak.sources.certificates.reading import LogReading, Terms
from namaak.sources.certificates.ways import WantedTrust, Ways
from namaak.transparency.entry_proofs import Outcome
from namaak.transparency.tile_paths import TILE_WIDTH

#: What browsers accept; others are in all_logs_list.json beside it.
LOG_LIST = "https://www.gstatic.com/ct/log_list/v3/log_list.json"
#: Answers to get-entries are made for each who asks; tiles are files.
_ENTRIES_RATE = 1.0
#: What single operators bear, by the end of the host name; they answer 429 beyond it.
_SLOW_HOSTS = {"digicert.com": 0.15}

_Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
#: What came of asking for one proof.
Asked: TypeAlias = Found | Unproved
_Count = Annotated[int, Field(strict=True, ge=1)]


def _known_state(state: str) -> str:
    if state not in STATES:
        raise ValueError(f"{state!r} is no state of a log; use one of {', '.join(STATES)}")
    return state


_State = Annotated[str, AfterValidator(_known_state)]


class CtConfig(SourceConfig):
    """`[sources.ct]`."""

    log_list: _Text = LOG_LIST  #: address or path of a log list v3
    logs: tuple[_Text, ...] = ()  #: only these: part of a description or origin, or a log id
    operators: tuple[_Text, ...] = ()  #: only theirs: part of a name
    states: tuple[_State, ...] = ("qualified", "usable", "readonly", "retired")
    start: Literal["head", "beginning"] = "head"  #: where a log is joined that was never read
    backlog: Annotated[int, Field(strict=True, ge=0)] = 5_120  #: entries before the head
    trust: WantedTrust = "verified"  #: auto: by names where a log offers them
    entries_per_run: _Count | None = None  #: of one log; None: to the head
    seconds_per_run: Annotated[float, Field(gt=0)] | None = 900  #: of one log
    tiles_per_batch: Annotated[_Count, Field(le=256)] = 32
    partial_tile_after_s: Annotated[int, Field(ge=60)] = 3_600
    poll_s: Annotated[int, Field(ge=30)] = 60  #: while following: how often a log is asked
    requests_per_second: Annotated[float, Field(gt=0, le=50)] = 4.0  #: of a host; of tiles
    certificate_days: Annotated[int, Field(ge=1)] = 398  #: how long new certificates may live
    mirror: _Text | None = None  #: folder of copies of tiled logs, each under its log id


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInstance(Instance):
    """A log, or the list of logs where something is to be told about it."""

    log: Log | None = None
    fault: str | None = None  #: why the list is not the latest
    faults: tuple[Fault, ...] = ()  #: entries of the list that are left out


class CertificateLogs(Source[CtConfig]):
    """Names in certificates, from certificate transparency logs."""

    name: ClassVar = "ct"
    kinds: ClassVar = frozenset({SubjectKind.HOST})
    terms: ClassVar = "public logs, made to be read by anybody who says how to reach them"
    auth: ClassVar = None
    budget: ClassVar = (
        "4 requests a second and host for tiles, 1 for get-entries, 0.15 where that is the limit; "
        "0.4 kB an entry packed, 2.6 kB from get-entries, 0.02 kB from tiles of names"
    )
    cursor: ClassVar = "the leaf index; what was read before it is proved to begin every new head"
    Config: ClassVar = CtConfig
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    networked: ClassVar = True

    def __init__(
        self,
        config: CtConfig,
        around: Surroundings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """clock: for `seconds_per_run` alone."""
        super().__init__(config, around)
        self._clock = clock
        self._logs: dict[str, Log] | None = None  #: by id in hex, for `prove` alone

    def faults(self) -> Iterator[str]:
        """Paths that are not there."""
        folder = self.around.folder
        if not _is_url(self.config.log_list) and not (folder / self.config.log_list).is_file():
            yield f"log_list: there is no {self.config.log_list}; mend the path or drop the key"
        if self.config.mirror is not None and not (folder / self.config.mirror).is_dir():
            yield f"mirror: there is no {self.config.mirror}; mend the path or drop the key"

    def instances(self) -> Iterator[LogInstance]:
        """The logs of the list that are worth reading. Raises SourceError when there is none."""
        listed = self._listed()
        try:
            logs, faults = read_log_list(listed.content)
        except LogListError as error:
            raise SourceError(
                f"The log list {self.config.log_list} {error}; nothing was read."
            ) from None
        if listed.fault is not None:
            yield LogInstance(id="log-list", label="list of logs", kind=None, fault=listed.fault)
        if faults:
            told = hashlib.sha256(repr(faults).encode()).hexdigest()
            yield LogInstance(id=f"log-list:{told}", label="list of logs", kind=None, faults=faults)
        wanted = [log for log in logs if self._wanted(log)]
        if not wanted:
            raise SourceError(
                f"No log of {self.config.log_list} is wanted; mend `logs`, `operators` or `states`."
            )
        for log in wanted:
            yield LogInstance(
                id=log.log_id.hex(),
                label=excerpt(log.description or log.origin or log.read_url),
                kind=SubjectKind.HOST,
                log=log,
            )

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. instance: one of `instances`, of this or an earlier run."""
        if not isinstance(instance, LogInstance):
            raise TypeError(f"{instance!r} is no instance of the source {self.name}")
        if instance.fault is not None:
            raise SourceError(instance.fault, Failure.TRANSIENT)
        if instance.log is None:
            yield _told_faults(instance)
            return
        progress = _progress(state, instance)
        reading = self._read(instance.log, start, progress, observed_at)
        yield from drive(reading, self.around.stop)

    def prove(self, log_id: str, wanted: Sequence[Wanted], *, seconds: float) -> list[Asked]:
        """Ask one log for proofs of entries: of each a proof, or why there is none.

        log_id: hex. seconds: for all of them together, and for the list of logs.
        """
        return asyncio.run(self._prove(log_id, wanted, seconds)) if wanted else []

    async def _prove(self, log_id: str, wanted: Sequence[Wanted], seconds: float) -> list[Asked]:
        asked: list[Asked] = []
        try:
            async with asyncio.timeout(seconds), self._door(await self._log(log_id)) as door:
                for one in wanted:
                    try:
                        asked.append(await prove_entry(door, await self._log(log_id), one))
                    except Unproved as why:
                        asked.append(why)
        except Unproved as why:
            asked += [why] * (len(wanted) - len(asked))
        except TimeoutError:
            late = Unproved(
                Outcome.UNANSWERED, f"It took longer than the {seconds:.0f} seconds that were left."
            )
            asked += [late] * (len(wanted) - len(asked))
        return asked

    async def _log(self, log_id: str) -> Log:
        """By the list, which is asked for once. Raises Unproved where it does not name the log."""
        if self._logs is None:
            given = self.config.log_list
            try:
                listed = await self._fetched_list(given) if _is_url(given) else self._listed()
                logs, _ = read_log_list(listed.content)
            except (SourceError, LogListError) as error:
                says = f"The list of logs was not to be had: {error}"
                raise Unproved(Outcome.UNANSWERED, says) from None
            self._logs = {log.log_id.hex(): log for log in logs}
        if log_id not in self._logs:
            says = f"{self.config.log_list} does not name the log any more."
            raise Unproved(Outcome.GONE, says)
        return self._logs[log_id]

    @contextlib.asynccontextmanager
    async def _door(self, log: Log, *, in_tiles: bool = False) -> AsyncGenerator[Door, None]:
        """Where the files of a log come from. in_tiles: an older log that serves tiles too."""
        if self.config.mirror is not None:
            yield FolderDoor(self.around.folder / self.config.mirror / log.log_id.hex())
            return
        async with self.around.fetcher() as fetch:
            self._keep_manners(log, in_tiles=in_tiles)
            yield WebDoor(fetch, log.read_url)

    async def _read(
        self, log: Log, start: int, progress: Progress, observed_at: datetime
    ) -> AsyncGenerator[Batch, None]:
        if self.config.mirror is not None and log.kind is not LogKind.TILED:
            return
        async with (
            self._door(log, in_tiles=progress.has_tiles is True) as door,
            aclosing(self._batches(log, door, start, progress, observed_at)) as batches,
        ):
            async for batch in batches:
                yield batch

    async def _batches(
        self, log: Log, door: Door, start: int, progress: Progress, observed_at: datetime
    ) -> AsyncGenerator[Batch, None]:
        config = self.config
        reading = LogReading(
            log,
            Ways(door, log, config.trust, progress),
            Terms(
                backlog=config.backlog if config.start == "head" else None,
                entries_per_batch=config.tiles_per_batch * TILE_WIDTH,
                entries_per_run=config.entries_per_run,
                seconds_per_run=config.seconds_per_run,
                partial_after=timedelta(seconds=config.partial_tile_after_s),
            ),
            source=self.name,
            start=start,
            progress=progress,
            observed_at=observed_at,
            clock=self._clock,
        )
        async with aclosing(reading.batches()) as batches:
            async for batch in batches:
                yield batch

    def _keep_manners(self, log: Log, *, in_tiles: bool) -> None:
        host = urlsplit(log.read_url).hostname or ""
        rate = self.config.requests_per_second
        if log.kind is LogKind.RFC6962 and not in_tiles:
            rate = min(rate, _ENTRIES_RATE)
        for ending, limit in _SLOW_HOSTS.items():
            if f".{host}".endswith(f".{ending}"):
                rate = min(rate, limit)
        self.around.manners.set_rate(host, Rate(per_second=rate, burst=max(1, round(rate))))

    def _listed(self) -> Listed:
        given = self.config.log_list
        if _is_url(given):
            return asyncio.run(self._fetched_list(given))
        return read_list(self.around.folder / given)

    async def _fetched_list(self, url: str) -> Listed:
        async with self.around.fetcher() as fetch:
            return await fetch_list(url, self.around.state_folder, fetch)

    def _wanted(self, log: Log) -> bool:
        config = self.config
        if self.config.mirror is not None and log.kind is not LogKind.TILED:
            return False
        if config.operators and not any(
            part.casefold() in log.operator.casefold() for part in config.operators
        ):
            return False
        if config.logs:
            # Named by a person, it is wanted whatever its certificates' dates are.
            said = (log.description.casefold(), (log.origin or log.read_url).casefold())
            return any(
                part.casefold() == log.log_id.hex() or any(part.casefold() in text for text in said)
                for part in config.logs
            )
        horizon = timedelta(days=config.certificate_days)
        return worth_reading(log, now=self.around.now(), states=config.states, horizon=horizon)


def _is_url(text: str) -> bool:
    return text.startswith(("https://", "http://"))


def _progress(state: str | None, instance: Instance) -> Progress:
    if state is None:
        return Progress()
    try:
        return Progress.model_validate_json(state)
    except ValidationError as error:
        raise SourceError(
            f"What the lake keeps of {instance.label} cannot be read ({error.errors()[0]['msg']}); "
            "it was written by another version of namaak, or is damaged."
        ) from None


def _told_faults(instance: LogInstance) -> Batch:
    """Entries of the list that are left out, once for each list of them."""
    rejects = tuple(
        Reject(position=0, reason=fault.reason, excerpt=excerpt(fault.where))
        for fault in instance.faults
    )
    return Batch(
        instance_id=instance.id,
        start=0,
        end=1,
        observations=OBSERVATION_SCHEMA.empty_table(),
        rejects=rejects,
        skipped=0,
        images={},
        last=True,
    )
