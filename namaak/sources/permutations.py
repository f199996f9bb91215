"""Names that somebody might have registered to pose as a brand: asked whether they exist.

What is generable is known beforehand; what costs is asking. So the names of all brands are put
in order, the likeliest first, and each run asks as many as it may, going on where the last one
stopped; when all were asked and `every_days` have passed, it starts anew. What a zone says about
how long an answer holds is kept to. Silence, refusal and broken delegations are no absence: such
names are refused rows with the reason, and are asked again sooner.
May import: namaak.brands, namaak.errors, namaak.records, namaak.resolving,
namaak.sources.permuting, detectors.permutations.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

import pyarrow as pa
from pydantic import AfterValidator, Field

from detectors.permutations import KINDS, Kind, origins, permutations, registrable, version
from namaak.brands import to_a_label
from namaak.errors import Failure, SourceError
from namaak.records import OBSERVATION_SCHEMA, SubjectKind, Trust, host_key
from namaak.resolving import Examined, Existence, Inquiry, Resolver, parse_server
from namaak.sources.base import (
    RECORDED,
    Batch,
    Example,
    Instance,
    Reject,
    Source,
    SourceConfig,
    drive,
)
from namaak.sources.permuting.memory import Memory, Plan
from namaak.sources.permuting.order import ordered, read_order, write_order

_NAMES_PER_BATCH = 1_000
#: Of a batch, so that names of which nobody tells never crowd out those not asked yet.
_RETRIES_PER_BATCH = 250
#: Of the domain that a brand's bare name would have, which others may hold by right.
_NAMESAKE = 0.05
#: Suffixes asked for names that nobody made, so that one registry that is down stops no run.
_CONTROLS = 3


def _server(text: str) -> str:
    parse_server(text)
    return text


def _suffix(text: str) -> str:
    return to_a_label(f"name.{text.removeprefix('.')}").removeprefix("name.")


class PermutationsConfig(SourceConfig):
    """`[sources.permutations]`."""

    #: Whom to ask: a resolver of one's own, or one whose owner agrees to many questions.
    resolvers: tuple[Annotated[str, AfterValidator(_server)], ...] = Field(min_length=1)
    names_per_run: Annotated[int, Field(strict=True, ge=1, le=10_000_000)] = 2_000
    names_per_domain: Annotated[int, Field(strict=True, ge=1, le=100_000)] = 5_000
    queries_per_second: Annotated[float, Field(gt=0, le=100_000)] = 100
    every_days: Annotated[int, Field(strict=True, ge=1, le=366)] = 7
    kinds: tuple[Kind, ...] = Field(KINDS, min_length=1)
    #: Other suffixes to ask, the likeliest first; else those shipped.
    suffixes: tuple[Annotated[str, AfterValidator(_suffix)], ...] | None = None
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 3
    tries: Annotated[int, Field(strict=True, ge=1, le=10)] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How far the names were asked; the source's state in the lake."""

    cycle: int = 0  #: counted from 1
    started: str = ""  #: ISO time
    fingerprint: str = ""  #: of the names and their order
    index: int = 0  #: the next name of the order

    @classmethod
    def read(cls, state: str | None) -> Rotation:
        """What an earlier batch has left, or the state before the first."""
        return cls(**json.loads(state)) if state else cls()

    def written(self) -> str:
        """As `read` reads it."""
        return json.dumps(asdict(self))

    def on(self, day: datetime, *, fingerprint: str, many: int, every_days: int) -> Rotation:
        """Itself, or a new cycle: when other names are wanted, or all were asked and it is time."""
        other = fingerprint != self.fingerprint
        over = self.index >= many and (
            not self.started
            or day - datetime.fromisoformat(self.started) >= timedelta(days=every_days)
        )
        if other or over:
            return Rotation(
                cycle=self.cycle + 1, started=day.isoformat(), fingerprint=fingerprint, index=0
            )
        return self


class Permutations(Source[PermutationsConfig]):
    """Which of the names that a brand should fear exist."""

    name: ClassVar = "permutations"
    kinds: ClassVar = frozenset({SubjectKind.HOST})
    terms: ClassVar = "public DNS; the resolver is yours, or its owner agreed to bulk questions"
    auth: ClassVar = None
    budget: ClassVar = "names_per_run names, two to six questions each, queries_per_second at most"
    cursor: ClassVar = "names asked since the beginning; the state says how far the rotation is"
    networked: ClassVar = True
    Config: ClassVar = PermutationsConfig
    examples: ClassVar = (
        Example(
            what="of four names one exists, one has no address, one is refused",
            table={
                "resolvers": [RECORDED.removeprefix("http://") + ":53"],
                "kinds": ["omission"],
            },
            now=datetime(2026, 11, 20, tzinfo=UTC),
            zones={
                "com": "ace IN A 192.0.2.1\nacm IN TXT x\n",
                "cme.com": "@ IN MX 10 mail\n",
            },
            observations=(
                {
                    "position": 1,
                    "subject_kind": "host",
                    "subject_key": "host:ace.com",
                    "host": "ace.com",
                    "source_time": "2026-11-20T00:00:00+00:00",
                    "entry_type": "resolved",
                    "trust": "unauthenticated",
                },
                {
                    "position": 2,
                    "subject_kind": "host",
                    "subject_key": "host:acm.com",
                    "host": "acm.com",
                    "source_time": "2026-11-20T00:00:00+00:00",
                    "entry_type": "registered",
                    "trust": "unauthenticated",
                },
                {
                    "position": 4,
                    "subject_kind": "host",
                    "subject_key": "host:cme.com",
                    "host": "cme.com",
                    "source_time": "2026-11-20T00:00:00+00:00",
                    "entry_type": "registered",
                    "trust": "unauthenticated",
                },
            ),
        ),
    )

    def faults(self) -> Iterator[str]:
        """Brands of which no name can be made."""
        for brand_id, brand in self.around.brands.items():
            if not origins(brand):
                yield (
                    f"brands.{brand_id}: no domain name can be made of it; add `domains`, or an "
                    "alias in Latin letters"
                )

    def instances(self) -> Iterator[Instance]:
        """One: all names of all brands in one order, because they share one budget."""
        yield Instance(
            id="permutations",
            label=f"names like those of {len(self.around.brands)} brands",
            kind=SubjectKind.HOST,
        )

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. As many names as a run may ask, then it ends until the next."""
        return drive(self._run(instance, start, observed_at, state), self.around.stop)

    async def _run(
        self, instance: Instance, start: int, observed_at: datetime, state: str | None
    ) -> AsyncGenerator[Batch, None]:
        fingerprint = self._fingerprint()
        order = self._order(fingerprint)
        every_days = self.config.every_days
        rotation = Rotation.read(state).on(
            observed_at, fingerprint=fingerprint, many=len(order), every_days=every_days
        )
        left = self.config.names_per_run
        path = self.around.state_folder / "memory.sqlite"
        with Memory(path, longest=timedelta(days=every_days)) as memory:
            async with self._resolver() as resolver:
                while left > 0:
                    plan = memory.pending(start, fingerprint)
                    if plan is None:
                        if rotation.index == 0:
                            memory.forget(observed_at)
                        many = min(left, _NAMES_PER_BATCH)
                        hosts = memory.unanswered(observed_at, min(many, _RETRIES_PER_BATCH))
                        further = order[rotation.index :][: many - len(hosts)].to_pylist()
                        if not hosts and not further:
                            return
                        after = replace(rotation, index=rotation.index + len(further))
                        plan = memory.plan(
                            start,
                            [*hosts, *further],
                            fingerprint=fingerprint,
                            state=after.written(),
                            now=observed_at,
                        )
                    # What names share is known as long as a batch, or a long run would only grow.
                    async with Inquiry(resolver) as inquiry:
                        examined = await self._examine(plan, memory, inquiry, observed_at)
                    if any(_untold(one, plan, observed_at) for one in examined):
                        await self._check_that_anybody_answers(plan, resolver)
                    _keep_unknown(examined, plan, memory, observed_at)
                    yield self._batch(instance, plan, examined, observed_at)
                    rotation = Rotation.read(plan.state)
                    start += len(plan.hosts)
                    left -= len(plan.hosts)

    async def _examine(
        self, plan: Plan, memory: Memory, inquiry: Inquiry, now: datetime
    ) -> list[Examined]:
        """Every name of the plan, in its order; what is known and not due is not asked."""

        # A few names at a time, so that a run that is killed has finished those it began with.
        places = asyncio.Semaphore(self._names_at_once())

        async def one(host: str) -> Examined:
            async with places:
                return await known_or_asked(host)

        async def known_or_asked(host: str) -> Examined:
            found = plan.holds(host, now)
            if found is None:
                found = await inquiry.examine(host, registrable(host))
                if found.existence is not Existence.UNKNOWN:
                    memory.keep(found)
            return found

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(host)) for host in plan.hosts]
        except* SourceError as failed:
            # The disk is full for all alike: one sentence will do.
            raise SourceError(str(failed.exceptions[0])) from None
        return [task.result() for task in tasks]

    def _names_at_once(self) -> int:
        """Enough to use the allowed rate where a resolver takes half a second for each question."""
        return round(min(max(self.config.queries_per_second / 2, 5), 500))

    async def _check_that_anybody_answers(self, plan: Plan, resolver: Resolver) -> None:
        """A resolver that is down must not turn a batch into rows that say nothing.

        Asked are names that nobody made, so that none of them is answered from a memory on the
        way: of registries that work each gives an answer. Raises SourceError where none does.
        """
        own = (domain for brand in self.around.brands.values() for domain in brand.domains)
        suffixes = dict.fromkeys(host.rpartition(".")[2] for host in (*own, *plan.hosts))
        controls = await asyncio.gather(
            *(resolver.wildcard(suffix, type="NS") for suffix in list(suffixes)[:_CONTROLS])
        )
        silent = [one.outcome for one in controls if one and one.answers_for_all is None]
        if len(silent) == len(controls):
            servers = ", ".join(resolver.servers)
            raise SourceError(
                f"The resolver {servers} does not answer ({silent[0]}); start it, see whether it "
                "reaches the net, or mend `resolvers` under [sources.permutations].",
                Failure.TRANSIENT,
            )

    def _batch(
        self,
        instance: Instance,
        plan: Plan,
        examined: Sequence[Examined],
        observed_at: datetime,
    ) -> Batch:
        placed = list(enumerate(examined, plan.start))
        there = [(position, one) for position, one in placed if one.existence.is_there]
        rejects = tuple(
            Reject(position=position, reason=f"host: {one.reason}", excerpt=one.host)
            for position, one in placed
            if one.existence in (Existence.UNKNOWN, Existence.WILDCARD)
        )
        return Batch(
            instance_id=instance.id,
            start=plan.start,
            end=plan.start + len(placed),
            observations=self._observations(instance, there, observed_at),
            rejects=rejects,
            skipped=len(placed) - len(there) - len(rejects),
            images={},
            last=False,
            state=plan.state,
        )

    def _observations(
        self, instance: Instance, there: Sequence[tuple[int, Examined]], observed_at: datetime
    ) -> pa.Table:
        many = len(there)
        hosts = [one.host for _, one in there]
        entries = [
            "resolved" if one.existence is Existence.ADDRESSED else "registered" for _, one in there
        ]
        kind = OBSERVATION_SCHEMA.field("observed_at").type
        columns = {
            "source": pa.repeat(self.name, many),
            "instance": pa.repeat(instance.id, many),
            "position": pa.array([position for position, _ in there], pa.int64()),
            "observed_at": pa.repeat(pa.scalar(observed_at, kind), many),
            "subject_kind": pa.repeat(str(SubjectKind.HOST), many),
            "subject_key": pa.array([host_key(host) for host in hosts], pa.string()),
            "host": pa.array(hosts, pa.string()),
            "source_time": pa.array([one.asked_at for _, one in there], kind),
            "entry_type": pa.array(entries, pa.string()),
            "trust": pa.repeat(str(Trust.UNAUTHENTICATED), many),
        }
        return pa.table(
            [columns.get(field.name, pa.nulls(many, field.type)) for field in OBSERVATION_SCHEMA],
            schema=OBSERVATION_SCHEMA,
        )

    def _resolver(self) -> Resolver:
        return Resolver(
            servers=self.config.resolvers,
            timeout_s=self.config.timeout_s,
            tries=self.config.tries,
            per_second=self.config.queries_per_second,
            clock=self.around.now,
        )

    def _order(self, fingerprint: str) -> pa.ChunkedArray:
        """All names, as the first run with this watch file put them."""
        order = read_order(self.around.state_folder, fingerprint)
        if order is None:
            hosts = ordered(self._names())
            write_order(self.around.state_folder, fingerprint, hosts)
            order = pa.chunked_array([hosts], pa.string())
        return order

    def _names(self) -> Iterator[tuple[str, float]]:
        owned = {domain for brand in self.around.brands.values() for domain in brand.domains}
        for brand in self.around.brands.values():
            for domain in origins(brand):
                if domain not in owned:
                    yield domain, _NAMESAKE
                candidates = permutations(
                    domain,
                    kinds=self.config.kinds,
                    suffixes=self.config.suffixes,
                    languages=brand.languages,
                )
                for candidate in candidates[: self.config.names_per_domain]:
                    if candidate.host not in owned:
                        yield candidate.host, candidate.priority

    def _fingerprint(self) -> str:
        """Of everything that decides which names are asked, and in which order."""
        brands = [
            (brand_id, brand.names, brand.domains, brand.languages)
            for brand_id, brand in sorted(self.around.brands.items())
        ]
        config = self.config
        material = (version(), brands, config.kinds, config.suffixes, config.names_per_domain)
        return hashlib.sha256(repr(material).encode()).hexdigest()[:16]


def _untold(examined: Examined, plan: Plan, now: datetime) -> bool:
    """Whether the name was asked for this batch and nobody told."""
    return examined.existence is Existence.UNKNOWN and plan.holds(examined.host, now) is None


def _keep_unknown(examined: Iterable[Examined], plan: Plan, memory: Memory, now: datetime) -> None:
    """Only when the batch is whole: a resolver that was down is no reason to wait for an hour."""
    for one in examined:
        if _untold(one, plan, now):
            known = plan.known.get(one.host)
            memory.keep(one, failures=known.failures if known else 0)
