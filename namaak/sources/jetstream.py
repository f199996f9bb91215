"""Bluesky's stream: profiles as they are written, handles as they change, accounts as they go.

The stream comes over a websocket, from a time on. A run listens until it has caught up with the
moment it began, then ends; the next goes on from the last event. A position is the time of an event
in microseconds, as the server saw it: each server has its own times, so each is an instance.
The cursor includes its own instant, and events are given at least once: what was told of the last
instant is known by its digest. Where a cursor is older than what a server keeps, it begins later
and does not say so; what lies between is a gap. Rows of profiles hold no handle: it is not in them.
It is off unless the table says otherwise.
API: bluesky-social/jetstream, "Legacy v1 JSON Payload (/subscribe)", read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

import pyarrow as pa
from pydantic import Field, StringConstraints

from namaak.errors import SourceError
from namaak.fetch import Fetcher, Limits
from namaak.records import SubjectKind
from namaak.sources.atproto.events import PROFILES, Event, microseconds, moment, read_event
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
)
from namaak.sources.profiles.profile import Pictured, Profile, Refused, observe

_EVENTS_A_BATCH = 2_000
#: Bytes of events, after which a batch ends as well: as text they take up to four times as much.
_BYTES_A_BATCH = 32 << 20
#: A stream that says nothing for so long has nothing further; the real one never rests.
_SILENCE_S = 15.0
#: Larger events are not sent: no profile is, and one must not end the stream for everybody else.
_LARGEST_SENT = 1 << 20
_LIMITS = Limits(max_bytes=8 << 20)
#: A time further ahead is a mistake, and to go on from it would skip all that comes until then.
_AHEAD = timedelta(days=1)


class JetstreamConfig(SourceConfig):
    """`[sources.jetstream]`."""

    #: Unlike other sources it must be switched on in so many words.
    enabled: bool = False
    url: Annotated[str, StringConstraints(pattern=r"^(wss?|https?)://[^\s?#]+$")] = (
        "wss://jetstream2.us-east.bsky.network/subscribe"
    )
    hours_back: Annotated[float, Field(ge=0, le=1_000)] = 1.0  #: of the first run
    kept_hours: Annotated[float, Field(gt=0)] = 36.0  #: how long the server keeps events
    seconds_per_run: Annotated[float, Field(gt=0)] = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """The last instant of which something was told."""

    time_us: int
    told: frozenset[str]  #: digests of the events of that instant

    @classmethod
    def load(cls, text: str) -> _State:
        kept = json.loads(text)
        return cls(time_us=kept["time_us"], told=frozenset(kept["told"]))

    def dump(self) -> str:
        return json.dumps({"time_us": self.time_us, "told": sorted(self.told)})

    def after(self, event: Event) -> _State:
        if event.time_us is None or event.time_us < self.time_us:
            return self
        if event.time_us > self.time_us:
            return _State(time_us=event.time_us, told=frozenset({event.digest}))
        return _State(time_us=self.time_us, told=self.told | {event.digest})


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """A batch in the making."""

    start: int
    last: int  #: the position of the last event; `start` before the first
    events: int = 0
    size: int = 0  #: of their text, bytes
    skipped: int = 0
    gaps: list[Gap] = field(default_factory=list)
    found: list[tuple[int, Profile | Refused, Pictured]] = field(default_factory=list)
    avatars: list[str | None] = field(default_factory=list)  #: of the profiles among them

    @property
    def is_full(self) -> bool:
        return self.events >= _EVENTS_A_BATCH or self.size >= _BYTES_A_BATCH

    def add(self, event: Event) -> None:
        # One whose time lies before the last one's has come later all the same.
        self.last = max(self.last, event.time_us or 0)
        self.events += 1
        self.size += event.size
        if event.entry is None:
            self.skipped += 1
            return
        self.found.append((self.last, event.entry, Pictured()))
        if isinstance(event.entry, Profile):
            self.avatars.append(event.avatar)


class Jetstream(Source[JetstreamConfig]):
    """Profiles, handles and ends of accounts, from Bluesky's stream."""

    name = "jetstream"
    platform = "bluesky"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "a public stream that anybody may listen to; Bluesky's terms of service"
    auth = None
    budget = "one connection of at most 5 minutes a run; about 1 kB for each changed profile"
    cursor = "the server's time of an event in microseconds, and what was told of that instant"
    Config: ClassVar = JetstreamConfig
    networked = True

    def __init__(
        self,
        config: JetstreamConfig,
        around: Surroundings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """clock: for `seconds_per_run` alone."""
        super().__init__(config, around)
        self._clock = clock

    def reads_anything(self) -> bool:
        """Off unless the table says `enabled = true`."""
        return self.config.enabled

    def faults(self) -> Iterator[str]:
        """A source that is off."""
        if not self.config.enabled:
            yield "enabled: the stream is off until it says true; write it or drop the table"

    def instances(self) -> Iterator[Instance]:
        """The one server; another one has other times."""
        if not self.config.enabled:
            return
        host = urlsplit(self.config.url).netloc
        label = (
            f"stream of Bluesky {host}, from {self.config.hours_back:g} hours before its first run"
        )
        yield Instance(id=host, label=label, kind=SubjectKind.ACCOUNT)

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. Until it has caught up, or for `seconds_per_run`."""
        return drive(self._listen(instance, start, observed_at, state), self.around.stop)

    async def _listen(
        self, instance: Instance, start: int, observed_at: datetime, state: str | None
    ) -> AsyncGenerator[Batch, None]:
        began = microseconds(observed_at)
        since = began - round(self.config.hours_back * 3.6e9)
        known = _State(time_us=since, told=frozenset()) if state is None else _State.load(state)
        joined, cursor = False, known.time_us
        forgotten = state is not None and began - cursor > self.config.kept_hours * 3.6e9
        made = _Gathered(start=start, last=start)
        latest_us = microseconds(observed_at + _AHEAD)
        end = self._clock() + self.config.seconds_per_run
        async with self.around.fetcher() as fetch:
            try:
                async with fetch.listen(self._url(cursor), limits=_LIMITS) as stream:
                    while (left := end - self._clock()) > 0:
                        message = await stream.message(min(left, _SILENCE_S))
                        if message is None:
                            break
                        event = read_event(message, latest_us=latest_us)
                        if not joined and event.time_us is not None:
                            if event.time_us < cursor:
                                continue
                            joined = True
                            if forgotten and event.time_us > max(start, cursor):
                                made.gaps.append(_forgotten(max(start, cursor), event.time_us))
                        if event.time_us == known.time_us and event.digest in known.told:
                            continue
                        known = known.after(event)
                        made.add(event)
                        if made.is_full:
                            yield self._batch(instance, made, observed_at, known, fetch)
                            made = _Gathered(start=made.last + 1, last=made.last + 1)
                        if event.time_us is not None and event.time_us >= began:
                            break
            except SourceError:
                # What came before is whole; it must not be asked for again.
                if made.events:
                    yield self._batch(instance, made, observed_at, known, fetch)
                raise
            if made.events:
                yield self._batch(instance, made, observed_at, known, fetch)

    def _url(self, cursor: int) -> str:
        asked = f"wantedCollections={PROFILES}&maxMessageSizeBytes={_LARGEST_SENT}&cursor={cursor}"
        return f"{self.config.url}?{asked}"

    def _batch(
        self,
        instance: Instance,
        made: _Gathered,
        observed_at: datetime,
        known: _State,
        fetch: Fetcher,
    ) -> Batch:
        rows, rejects = observe(
            made.found,
            source=self.name,
            instance=instance.id,
            platform=self.platform,
            observed_at=observed_at,
        )
        at = rows.schema.get_field_index("image_name")
        names = pa.array([cid and f"cid:{cid}" for cid in made.avatars], pa.string())
        return Batch(
            instance_id=instance.id,
            start=made.start,
            end=made.last + 1,
            observations=rows.set_column(at, rows.schema.field(at), names),
            rejects=tuple(rejects),
            skipped=made.skipped,
            images={},
            last=False,
            state=known.dump(),
            gaps=tuple(made.gaps),
            attempts=fetch.take_attempts(),
        )


def _forgotten(start: int, end: int) -> Gap:
    """In microseconds, as positions are."""
    return Gap(
        start=start,
        end=end,
        reason=f"the server keeps no events from before {moment(end).isoformat()} any more",
    )


_EVENTS = (
    {
        "did": "did:plc:w6niwkjgh24qf4qdqvucxhx5", "time_us": 1795258800000001, "cursor": 12345,
        "kind": "commit",
        "commit": {
            "rev": "3l3qo2vutsw2b", "operation": "create", "collection": "app.bsky.actor.profile",
            "rkey": "self", "cid": "bafyreidwaivazkwu67",
            "record": {
                "$type": "app.bsky.actor.profile",
                "avatar": {
                    "$type": "blob", "ref": {"$link": "bafkreifu7omdsdhayo"},
                    "mimeType": "image/png", "size": 204,
                },
                "createdAt": "2026-11-02T09:00:00.000Z",
                "description": "Help for ACME: acme-help.example/refund",
                "displayName": "ACME Support",
            },
        },
    },
    {
        "did": "did:plc:gfuphkifhq45nf7r5vhsjdlq", "time_us": 1795258800000002, "kind": "identity",
        "identity": {
            "did": "did:plc:gfuphkifhq45nf7r5vhsjdlq", "handle": "acme.waldermond.example",
            "seq": 1409752997, "time": "2026-11-21T11:00:00.000Z",
        },
    },
    {
        "did": "did:plc:o42kjrc4cgup3ycmw7hiqkj7", "time_us": 1795262400000000, "kind": "account",
        "account": {
            "active": False, "did": "did:plc:o42kjrc4cgup3ycmw7hiqkj7", "seq": 1409753013,
            "status": "takendown", "time": "2026-11-21T12:00:00.000Z",
        },
    },
)  # fmt: skip
_RAW = [json.dumps(event, separators=(",", ":")) for event in _EVENTS]
_RECORDED = "\n".join(_RAW).encode()
_HASHES = [hashlib.sha256(raw.encode()).hexdigest() for raw in _RAW]

Jetstream.examples = (
    Example(
        what="a new profile, a changed handle, and an account that was taken down",
        table={"enabled": True, "url": f"{RECORDED}/subscribe"},
        served=(Served(path="/subscribe", body=_RECORDED, status=101),),
        observations=(
            {
                "position": 1795258800000001, "subject_kind": "account", "platform": "bluesky",
                "subject_key": "account:bluesky:did:plc:w6niwkjgh24qf4qdqvucxhx5",
                "native_id": "did:plc:w6niwkjgh24qf4qdqvucxhx5",
                "display_name": "ACME Support",
                "bio": "Help for ACME: acme-help.example/refund",
                "url": "https://bsky.app/profile/did:plc:w6niwkjgh24qf4qdqvucxhx5",
                "source_time": "2026-11-21T11:00:00.000001+00:00",
                "links": ["https://acme-help.example/refund"],
                "image_name": "cid:bafkreifu7omdsdhayo", "trust": "platform",
                "raw": _RAW[0], "evidence_hash": _HASHES[0],
            },
            {
                "position": 1795258800000002, "subject_kind": "account", "platform": "bluesky",
                "subject_key": "account:bluesky:did:plc:gfuphkifhq45nf7r5vhsjdlq",
                "native_id": "did:plc:gfuphkifhq45nf7r5vhsjdlq",
                "handle": "acme.waldermond.example",
                "url": "https://bsky.app/profile/acme.waldermond.example",
                "source_time": "2026-11-21T11:00:00.000002+00:00",
                "trust": "unauthenticated", "raw": _RAW[1], "evidence_hash": _HASHES[1],
            },
            {
                "position": 1795262400000000, "subject_kind": "account", "platform": "bluesky",
                "subject_key": "account:bluesky:did:plc:o42kjrc4cgup3ycmw7hiqkj7",
                "native_id": "did:plc:o42kjrc4cgup3ycmw7hiqkj7",
                "url": "https://bsky.app/profile/did:plc:o42kjrc4cgup3ycmw7hiqkj7",
                "source_time": "2026-11-21T12:00:00+00:00", "state": "suspended",
                "trust": "platform", "raw": _RAW[2], "evidence_hash": _HASHES[2],
            },
        ),
    ),
)  # fmt: skip
