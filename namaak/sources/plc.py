"""The directory of DIDs: every handle of Bluesky's network on the day that it is first claimed.

Each account has one permanent id here, and each change of its handle is an operation with its date:
the cheapest complete feed of new handles, and the history of renamed accounts. The directory checks
who signed an operation, not whether the handle points back, so a handle here is a claim.

A first run starts `days_back` days before it, and what is older is not read; with `from_seq` it
starts at that number of the directory's own count, 0 being the beginning of everything, which only
newer directories have. A position is that number, or else the count of operations read.
API: spec did:plc 0.3, "Bulk Export", read 2026; the older form as the server of 2026 gives it
(tests/peers/bluesky), which gives again what it was asked to come after.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from urllib.parse import quote, urlsplit

import pyarrow as pa
from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Rate
from namaak.records import SubjectKind
from namaak.sources.atproto.operations import Operation, read_operation, refused
from namaak.sources.atproto.progress import STEP, ByTime, written
from namaak.sources.base import (
    RECORDED,
    Batch,
    Example,
    Gap,
    Instance,
    Served,
    Source,
    SourceConfig,
    Surroundings,
    drive,
    excerpt,
)
from namaak.sources.profiles.profile import Pictured, Profile, Refused, observe

#: Of one page, in lines; the directory gives no more.
_PAGE = 1_000
_PAGES_A_BATCH = 10
_LIMITS = Limits(max_bytes=32 << 20)
_RATE = Rate(per_second=1.5, burst=3)
#: A time further ahead is a mistake, and to follow it would skip all that comes until then.
_AHEAD = timedelta(days=1)

_Count = Annotated[int, Field(strict=True, ge=1)]


class PlcConfig(SourceConfig):
    """`[sources.plc]`."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = "https://plc.directory"
    days_back: Annotated[float, Field(ge=0, le=10_000)] = 1.0  #: of the first run
    from_seq: Annotated[int, Field(strict=True, ge=0)] | None = None
    pages_per_run: Annotated[_Count, Field(le=100_000)] = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    operations: tuple[Operation, ...]
    lines: int
    cut: bool  #: it breaks off in the midst of an operation

    @property
    def furthest(self) -> datetime | None:
        """The latest time in it."""
        return max((one.at for one in self.operations if one.at), default=None)


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """A batch in the making."""

    start: int
    end: int
    skipped: int = 0
    gaps: list[Gap] = field(default_factory=list)
    found: list[tuple[int, Profile | Refused, Pictured]] = field(default_factory=list)

    def add(self, position: int, operation: Operation) -> None:
        self.end = position + 1
        self.skipped += not operation.entries
        self.found += ((position, entry, Pictured()) for entry in operation.entries)


class Plc(Source[PlcConfig]):
    """Handles of Bluesky's network, from the directory in which they are claimed."""

    name = "plc"
    platform = "bluesky"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "a public directory that anybody may copy; handles there are claims"
    auth = None
    budget = "one request for 1,000 operations, some hundreds a day; at most 3 in 2 seconds"
    cursor = "the directory's number of an operation, or its time and what was told around it"
    Config: ClassVar = PlcConfig
    networked = True

    def __init__(self, config: PlcConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def instances(self) -> Iterator[Instance]:
        """The one directory; read by number it is another instance than read by time."""
        host = urlsplit(self.config.url).netloc
        since, how = f"{self.config.days_back:g} days before its first run", ""
        if self.config.from_seq is not None:
            since, how = f"operation {self.config.from_seq}", "#numbered"
        label = f"directory of DIDs {host}, from {since} on"
        yield Instance(id=f"{host}{how}", label=label, kind=SubjectKind.ACCOUNT)

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. A batch of ten pages, to the end or for `pages_per_run`."""
        reading = (
            self._by_time(instance, start, observed_at, state)
            if self.config.from_seq is None
            else self._by_number(instance, start, observed_at, state)
        )
        return drive(reading, self.around.stop)

    async def _by_time(
        self, instance: Instance, start: int, observed_at: datetime, state: str | None
    ) -> AsyncGenerator[Batch, None]:
        since = observed_at - timedelta(days=self.config.days_back)
        progress = ByTime.starting(since) if state is None else ByTime.load(state)
        made = _Gathered(start=start, end=start)
        asked = progress.beginning()
        crowded: datetime | None = None
        async with self.around.fetcher() as fetch:
            for number in range(1, self.config.pages_per_run + 1):
                try:
                    page = await self._page(fetch, written(asked), latest=observed_at + _AHEAD)
                    new = _told(page, progress, made)
                    if not new and page.cut:
                        raise self._breaks_off()
                except SourceError:
                    # What came before is whole; it must not be asked for again.
                    if made.end > made.start:
                        yield self._batch(instance, made, observed_at, progress.dump(), fetch)
                    raise
                progress = progress.told_of(new)
                if not new and page.lines < _PAGE:
                    break
                following = progress.following(asked, page.furthest or asked)
                if not new and following == asked:
                    if crowded != progress.last:
                        crowded = progress.last
                        made.add(made.end, _left_behind(crowded, page.lines))
                    following = asked + STEP
                asked = following
                if number % _PAGES_A_BATCH == 0 and made.end > made.start:
                    yield self._batch(instance, made, observed_at, progress.dump(), fetch)
                    made = _Gathered(start=made.end, end=made.end)
            if made.end > made.start:
                yield self._batch(instance, made, observed_at, progress.dump(), fetch)

    async def _by_number(
        self, instance: Instance, start: int, observed_at: datetime, state: str | None
    ) -> AsyncGenerator[Batch, None]:
        first = self.config.from_seq or 0
        after = first if state is None else int(json.loads(state)["seq"])
        made = _Gathered(start=start, end=start)
        if state is None and first:
            made.gaps.append(Gap(start=start, end=first + 1, reason="up to `from_seq`"))
            made.end = first + 1
        async with self.around.fetcher() as fetch:
            for number in range(1, self.config.pages_per_run + 1):
                try:
                    page = await self._page(fetch, str(after), latest=None)
                    last = self._numbers(page, after, made)
                except SourceError:
                    if made.end > made.start:
                        yield self._numbered(instance, made, observed_at, after, fetch)
                    raise
                if last == after:
                    break
                after = last
                if number % _PAGES_A_BATCH == 0:
                    yield self._numbered(instance, made, observed_at, after, fetch)
                    made = _Gathered(start=made.end, end=made.end)
            if made.end > made.start:
                yield self._numbered(instance, made, observed_at, after, fetch)

    def _numbers(self, page: _Page, after: int, made: _Gathered) -> int:
        """Takes the operations of a page; gives the number of the last. Raises SourceError."""
        last, nameless = after, []
        for operation in page.operations:
            if operation.seq is None:
                nameless.append(operation)
            elif operation.seq > last:
                last = operation.seq
                # The count of the directory has holes of its own.
                made.skipped += last - made.end
                for one in (*nameless, operation):
                    made.add(last, one)
                nameless = []
        if last == after and nameless:
            raise SourceError(
                f"The directory {self.config.url} does not number its operations; drop `from_seq` "
                "from [sources.plc], so that it is read by time."
            )
        if last == after and page.cut:
            raise self._breaks_off()
        return last

    def _breaks_off(self) -> SourceError:
        return SourceError(
            f"The answer of the directory {self.config.url} breaks off in an operation; the next "
            "run asks again.",
            Failure.TRANSIENT,
        )

    async def _page(self, fetch: Fetcher, after: str, *, latest: datetime | None) -> _Page:
        url = f"{self.config.url.rstrip('/')}/export?count={_PAGE}&after={quote(after, safe='')}"
        reply = await fetch.get(url, limits=_LIMITS, headers={"Accept": "application/jsonlines"})
        lines = [line for line in reply.body.split(b"\n") if line.strip()]
        if lines and not lines[0].lstrip().startswith(b"{"):
            raise SourceError(
                f"The directory {self.config.url} answered with what is no list of operations "
                f"({excerpt(lines[0][:60])}); nothing was taken from it."
            )
        return _read_page(lines, latest)

    def _numbered(
        self, instance: Instance, made: _Gathered, observed_at: datetime, after: int, fetch: Fetcher
    ) -> Batch:
        return self._batch(instance, made, observed_at, json.dumps({"seq": after}), fetch)

    def _batch(
        self,
        instance: Instance,
        made: _Gathered,
        observed_at: datetime,
        state: str,
        fetch: Fetcher,
    ) -> Batch:
        rows, rejects = observe(
            made.found,
            source=self.name,
            instance=instance.id,
            platform=self.platform,
            observed_at=observed_at,
        )
        at = rows.schema.get_field_index("entry_type")
        kinds = pa.array(["plc"] * rows.num_rows, pa.string())
        return Batch(
            instance_id=instance.id,
            start=made.start,
            end=made.end,
            observations=rows.set_column(at, rows.schema.field(at), kinds),
            rejects=tuple(rejects),
            skipped=made.skipped,
            images={},
            last=False,
            state=state,
            gaps=tuple(made.gaps),
            attempts=fetch.take_attempts(),
        )


def _read_page(lines: Sequence[bytes], latest: datetime | None) -> _Page:
    """latest: operations of a later time are refused."""
    operations: list[Operation] = []
    for line in lines:
        operation = read_operation(line)
        if operation is None:
            operation = refused(line, "operation: is no JSON")
        elif latest is not None and operation.at is not None and operation.at > latest:
            operation = refused(line, "createdAt: lies in the future")
        operations.append(operation)
    # What is no JSON at the very end may be half of an operation that comes whole next time.
    cut = bool(lines) and read_operation(lines[-1]) is None
    return _Page(
        operations=tuple(operations[:-1] if cut else operations), lines=len(lines), cut=cut
    )


def _told(page: _Page, progress: ByTime, made: _Gathered) -> list[tuple[datetime, str]]:
    """Takes what a page gives for the first time: time and digest of each operation."""
    known, new = set(progress.known()), []
    at = progress.last
    for operation in page.operations:
        # A line without a time is known by the moment around which it was told.
        at = operation.at or at
        if operation.digest not in known:
            known.add(operation.digest)
            made.add(made.end, operation)
            new.append((at, operation.digest))
    return new


def _left_behind(at: datetime, lines: int) -> Operation:
    why = f"more than {lines:,} operations at {written(at)}: the directory gives no further ones"
    return refused(why.encode(), why)


_RECORDED = b"""
{"did":"did:plc:w6niwkjgh24qf4qdqvucxhx5","operation":{"sig":"PQRoLwQe","prev":null,"type":"plc_operation","services":{"atproto_pds":{"type":"AtprotoPersonalDataServer","endpoint":"http://localhost:41169"}},"alsoKnownAs":["at://acme-support.test"],"rotationKeys":["did:key:zQ3shNPC"],"verificationMethods":{"atproto":"did:key:zQ3shcXB"}},"cid":"bafyreihgeux6v45o","nullified":false,"createdAt":"2026-11-21T11:15:33.063Z"}
{"did":"did:plc:gfuphkifhq45nf7r5vhsjdlq","operation":{"sig":"0RfekfpW","prev":"bafyreihbvu4fcxx2","type":"plc_operation","services":{},"alsoKnownAs":["at://waldermond2.test","https://waldermond.example"],"rotationKeys":[],"verificationMethods":{}},"cid":"bafyreigq3dtuc3nk","nullified":false,"createdAt":"2026-11-21T11:15:38.631Z"}
{"did":"did:plc:o42kjrc4cgup3ycmw7hiqkj7","operation":{"sig":"hzsZisaQ","prev":null,"type":"plc_operation","services":{},"alsoKnownAs":["at://acme-gone.test"],"rotationKeys":[],"verificationMethods":{}},"cid":"bafyreid55mzllw2t","nullified":true,"createdAt":"2026-11-21T11:15:38.700Z"}
{"did":"did:plc:ykmio4y5mbqtnqmr7dtqbhrx","operation":{"sig":"iyIqqdDB","prev":"bafyreic6g74cl5f2","type":"plc_tombstone"},"cid":"bafyreiggig67ysg7","nullified":false,"createdAt":"2026-11-21T11:15:39.001Z"}"""

Plc.examples = (
    Example(
        what="a new account, a renamed one, an operation that was nullified, and a tombstone",
        table={"url": RECORDED},
        served=(Served(path="/export", body=_RECORDED),),
        observations=(
            {
                "position": 0, "subject_kind": "account", "platform": "bluesky",
                "subject_key": "account:bluesky:did:plc:w6niwkjgh24qf4qdqvucxhx5",
                "native_id": "did:plc:w6niwkjgh24qf4qdqvucxhx5", "handle": "acme-support.test",
                "url": "https://bsky.app/profile/acme-support.test",
                "created_at": "2026-11-21T11:15:33.063000+00:00",
                "source_time": "2026-11-21T11:15:33.063000+00:00",
                "trust": "unauthenticated", "entry_type": "plc",
            },
            {
                "position": 1, "subject_kind": "account", "platform": "bluesky",
                "subject_key": "account:bluesky:did:plc:gfuphkifhq45nf7r5vhsjdlq",
                "native_id": "did:plc:gfuphkifhq45nf7r5vhsjdlq", "handle": "waldermond2.test",
                "url": "https://bsky.app/profile/waldermond2.test",
                "source_time": "2026-11-21T11:15:38.631000+00:00",
                "trust": "unauthenticated", "entry_type": "plc",
            },
            {
                "position": 3, "subject_kind": "account", "platform": "bluesky",
                "subject_key": "account:bluesky:did:plc:ykmio4y5mbqtnqmr7dtqbhrx",
                "native_id": "did:plc:ykmio4y5mbqtnqmr7dtqbhrx",
                "url": "https://bsky.app/profile/did:plc:ykmio4y5mbqtnqmr7dtqbhrx",
                "source_time": "2026-11-21T11:15:39.001000+00:00", "state": "removed",
                "trust": "unauthenticated", "entry_type": "plc",
            },
        ),
        rejects=(
            (1, "alsoKnownAs: is no handle of this network"),
            (2, "operation: was nullified by a later one"),
        ),
    ),
)  # fmt: skip
