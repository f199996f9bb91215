"""Lists of newly registered names from the web: one a day, or one that is replaced again and again.

A list of a day has that day in its address, so what there is to ask for is known and a day that is
missing is noticed: it is asked for again for some days, and then a gap says that it never came. A
list at one address is asked for with the validators of the last one, and read when it is another;
it is known by its content. Lists are read as `files` reads them, except that nothing in them is
taken for the path of a picture: they come from strangers.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

import pyarrow as pa
from pydantic import AfterValidator, Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt, Downloaded, FetchError, Limits, Validators
from namaak.records import OBSERVATION_SCHEMA, SubjectKind, Trust
from namaak.sources.base import (
    RECORDED,
    Batch,
    Example,
    Gap,
    Instance,
    Served,
    Source,
    SourceConfig,
    Table,
)
from namaak.sources.daily.addresses import address, check_pattern, is_dated
from namaak.sources.daily.keeping import Held, ListFolder
from namaak.sources.lists.batching import cut_batches
from namaak.sources.lists.facts import Gathering
from namaak.sources.lists.listing import Listing
from namaak.sources.lists.opening import format_of, members
from namaak.sources.lists.pictures import Pictures

_UTC: Final = pa.timestamp("us", tz="UTC")
_Days = Annotated[int, Field(strict=True, ge=0, le=365)]
_Size = Annotated[int, Field(strict=True, ge=1)]
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"


class RegistrationList(Table):
    """One `[[sources.registrations.lists]]`."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    url: Annotated[
        str, StringConstraints(min_length=8, max_length=4_000), AfterValidator(check_pattern)
    ]
    format: Literal["txt", "csv", "jsonl", "parquet"] | None = None  #: else by the address's ending
    first_days: _Days = 1  #: days before today that a new list begins with
    delay_days: _Days = 1  #: after how many days a day's list is to be expected
    retry_days: _Days = 7  #: for how many more days it is asked for
    missing: tuple[Annotated[int, Field(ge=400, le=499)], ...] = (404, 410)  #: statuses: no list


class RegistrationsConfig(SourceConfig):
    """`[sources.registrations]`."""

    lists: tuple[RegistrationList, ...] = ()
    hours_between: Annotated[float, Field(ge=0, le=1_000)] = 6.0
    rows_per_batch: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 50_000
    max_download_bytes: _Size = 1 << 30
    max_bytes: _Size = 4 << 30  #: of one list, unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInstance(Instance):
    """A list of one day, or of one content."""

    given: RegistrationList
    edition: str  #: the day, or the beginning of the SHA-256
    day: date | None
    fault: SourceError | None = None


class Registrations(Source[RegistrationsConfig]):
    """Lists of new registrations."""

    name: ClassVar = "registrations"
    kinds: ClassVar = frozenset({SubjectKind.HOST})
    terms: ClassVar = "those of whoever publishes the list; read them before you switch it on"
    auth: ClassVar = None
    budget: ClassVar = "one download a list and day, and a conditional request for an undated list"
    cursor: ClassVar = "the line or row in a list; a finished list is never read again"
    networked: ClassVar = True
    Config: ClassVar = RegistrationsConfig
    examples: ClassVar = (
        Example(
            what="the list of a day",
            table={
                "lists": [{"name": "new", "url": f"{RECORDED}/new/{{date}}.txt", "first_days": 0}]
            },
            now=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
            served=(
                Served(path="/new/2026-11-21.txt", body=b"# names\nacme-pay.test\n192.0.2.1\n"),
            ),
            observations=(
                {
                    "position": 2,
                    "subject_kind": "host",
                    "subject_key": "host:acme-pay.test",
                    "host": "acme-pay.test",
                    "source_time": "2026-11-21T00:00:00+00:00",
                    "entry_type": "new",
                    "trust": "unauthenticated",
                    "evidence_hash": hashlib.sha256(
                        b"# names\nacme-pay.test\n192.0.2.1\n"
                    ).hexdigest(),
                },
            ),
            rejects=((3, "host: is an IP address"),),
        ),
    )

    def reads_anything(self) -> bool:
        """Whether any list is named."""
        return bool(self.config.lists)

    def faults(self) -> Iterator[str]:
        """Lists that share a name, under which what is kept of them would mix."""
        names = [given.name for given in self.config.lists]
        for number, name in enumerate(names):
            if name in names[:number]:
                yield f"lists[{number}].name: {name} is the name of another list; give it its own"

    def instances(self) -> Iterator[ListInstance]:
        """Every day of every dated list that was not read yet, and undated lists as they are now.

        Days read within the last `retry_days` are named too: they cost nothing.
        """
        for given in {given.name: given for given in self.config.lists}.values():
            if is_dated(given.url):
                yield from self._days(given)
            else:
                yield self._undated(given)

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`."""
        if not isinstance(instance, ListInstance):
            raise TypeError(f"{instance!r} is no instance of the source {self.name}")
        if instance.fault is not None:
            raise instance.fault
        folder = self._folder(instance.given)
        with folder.reading(instance.edition):
            yield from self._batches(folder, instance, start, observed_at, state)

    def _batches(
        self,
        folder: ListFolder,
        instance: ListInstance,
        start: int,
        observed_at: datetime,
        state: str | None,
    ) -> Iterator[Batch]:
        shelf = folder.shelf()
        read = shelf.read.get(instance.edition)
        if read is not None and start > 0:
            # Marked as read, so every row before `start` is stored, and there is none after it.
            yield _empty(instance, start, start + 1, state=state, last=True)
            return
        held = shelf.held.get(instance.edition)
        if held is None:
            if instance.day is None:
                raise SourceError(
                    f"The list {instance.label} was read to its end before and is not kept; remove "
                    f"{folder.folder} to fetch it again."
                )
            try:
                held, attempts = self._fetched(folder, instance.given, instance.day)
            except SourceError as error:
                if not self._never_came(instance, error, observed_at):
                    raise
                folder.finish(instance.edition, "")
                gap = Gap(start=start, end=start + 1, reason=f"the list never came: {error}")
                yield _empty(instance, start, start + 1, state=state, gaps=(gap,), last=True)
                return
            if attempts:
                yield _empty(instance, start, start, state=state, attempts=attempts)
        if state is not None and json.loads(state)["sha256"] != held.sha256:
            raise SourceError(
                f"The list {instance.label} is not the one of which the first rows were stored; "
                f"its file is kept in {folder.folder}."
            )
        end = start
        for batch in self._read(folder, instance, held, start, observed_at):
            end = batch.end
            yield batch
        # Asked to go on: everything before is stored.
        folder.finish(instance.edition, held.sha256)
        yield _empty(instance, end, end + 1, state=_state(held), last=True)

    def _read(
        self,
        folder: ListFolder,
        instance: ListInstance,
        held: Held,
        start: int,
        observed_at: datetime,
    ) -> Iterator[Batch]:
        path = folder.folder / held.file
        listing = Listing(
            path=path, member=_member(path, instance.label), where=instance.label, platform=None,
            max_bytes=self.config.max_bytes,
        )  # fmt: skip
        kind = listing.recognised(SubjectKind.HOST)
        gathering = Gathering(
            source=self.name, instance=instance.id, kind=SubjectKind.HOST, platform=None,
            observed_at=observed_at,
        )  # fmt: skip
        for batch in cut_batches(
            listing.chunks(kind, start=start),
            gathering,
            start=start,
            rows_per_batch=self.config.rows_per_batch,
            pictures=lambda rows: Pictures(digests=[None] * rows.num_rows),
        ):
            told = _as_registrations(batch.observations, held)
            yield replace(batch, observations=told, last=False, state=_state(held))

    # -- which lists there are ----------------------------------------------------------------

    def _days(self, given: RegistrationList) -> Iterator[ListInstance]:
        folder = self._folder(given)
        today = self.around.now().astimezone(UTC).date()
        newest = today - timedelta(days=given.delay_days)
        shelf = folder.shelf()
        since = shelf.since
        if since is None:
            since = newest - timedelta(days=given.first_days)
            folder.change(since=since)
        recent = newest - timedelta(days=given.retry_days)
        for number in range((newest - since).days + 1):
            day = since + timedelta(days=number)
            if day.isoformat() not in shelf.read or day >= recent:
                yield ListInstance(
                    id=f"{given.name}/{day}", label=f"{given.name} of {day}",
                    kind=SubjectKind.HOST, given=given, edition=day.isoformat(), day=day,
                )  # fmt: skip

    def _undated(self, given: RegistrationList) -> ListInstance:
        """The list that is being read, or the one that the server has now."""
        folder = self._folder(given)
        try:
            shelf = folder.shelf()
            edition = next(iter(shelf.held), None)
            now = self.around.now()
            rested = shelf.asked_at is None or (
                now - shelf.asked_at >= timedelta(hours=self.config.hours_between)
            )
            if edition is None and rested:
                edition = self._refreshed(folder, given, now)
            edition = edition or next(reversed(shelf.read), None)
            if edition is None:
                raise SourceError(f"{given.url} gave no list that could be kept; ask again.")
        except SourceError as error:
            return ListInstance(
                id=f"{given.name}/", label=given.name, kind=SubjectKind.HOST, given=given,
                edition="", day=None, fault=error,
            )  # fmt: skip
        return ListInstance(
            id=f"{given.name}/{edition}", label=f"{given.name}, content {edition[:8]}",
            kind=SubjectKind.HOST, given=given, edition=edition, day=None,
        )  # fmt: skip

    def _refreshed(self, folder: ListFolder, given: RegistrationList, now: datetime) -> str | None:
        """The edition that the server has, where it is a new one."""
        shelf = folder.shelf()
        # The file itself is gone once it was read, so the server is asked with its validators.
        known = Validators(etag=shelf.etag, last_modified=shelf.last_modified)
        path = folder.folder / "latest.part-list"
        path.parent.mkdir(parents=True, exist_ok=True)
        if known:
            path.touch()
        try:
            downloaded, _ = asyncio.run(self._download(given.url, path, known))
        except SourceError:
            path.unlink(missing_ok=True)
            raise
        if downloaded.not_modified:
            path.unlink()
            folder.change(asked_at=now)
            return None
        edition = downloaded.sha256[:32]
        if edition in shelf.read:
            path.unlink(missing_ok=True)
        else:
            folder.hold(edition, _held(path, given, edition, downloaded))
        folder.change(
            asked_at=now,
            etag=downloaded.validators.etag,
            last_modified=downloaded.validators.last_modified,
        )
        return None if edition in shelf.read else edition

    # -- bringing them here -------------------------------------------------------------------

    def _fetched(
        self, folder: ListFolder, given: RegistrationList, day: date
    ) -> tuple[Held, Sequence[Attempt]]:
        """The list of a day. Raises SourceError where it is not there."""
        url = address(given.url, day)
        path = folder.folder / f"{day}.part-list"
        downloaded, attempts = asyncio.run(
            self._download(url, path, Validators(), absent=given.missing)
        )
        same = [
            one
            for one, sha256 in folder.shelf().read.items()
            if sha256 == downloaded.sha256 and one != day.isoformat()
        ]
        if same:
            path.unlink()
            raise SourceError(
                f"{url} gives the very list of {same[-1]}; that of {day} is asked for again.",
                Failure.EXPECTED_ABSENT,
            )
        held = _held(path, given, day.isoformat(), downloaded)
        dated = datetime.combine(day, time(), UTC)
        held = held.model_copy(update={"dated": dated})
        folder.hold(day.isoformat(), held)
        return held, attempts

    async def _download(
        self, url: str, path: Path, known: Validators, *, absent: Collection[int] = ()
    ) -> tuple[Downloaded, tuple[Attempt, ...]]:
        async with self.around.fetcher() as fetch:
            limits = Limits(max_bytes=self.config.max_download_bytes)
            try:
                downloaded = await fetch.download(
                    url, path, limits=limits, validators=known or None, absent=absent
                )
            except FetchError as error:
                if error.failure is not Failure.EXPECTED_ABSENT:
                    raise
                raise SourceError(
                    f"{error.url} has no list (status {error.status}); it is asked for again.",
                    Failure.EXPECTED_ABSENT,
                ) from None
            except OSError as error:
                raise SourceError(
                    f"{path} cannot be written ({error.strerror}); free some space."
                ) from None
            return downloaded, fetch.take_attempts()

    def _never_came(
        self, instance: ListInstance, error: SourceError, observed_at: datetime
    ) -> bool:
        """Whether a day was asked for long enough; a fault of the network is no answer."""
        given, day = instance.given, instance.day
        if day is None or error.failure is not Failure.EXPECTED_ABSENT:
            return False
        last = day + timedelta(days=given.delay_days + given.retry_days)
        return observed_at.astimezone(UTC).date() > last

    def _folder(self, given: RegistrationList) -> ListFolder:
        return ListFolder(self.around.state_folder, given.name)


def _held(path: Path, given: RegistrationList, edition: str, downloaded: Downloaded) -> Held:
    """Give a file the name by which lists are told apart. A name never comes from the server."""
    with path.open("rb") as file:
        magic = file.read(4)
    ending = given.format or _ending(given.url)
    if magic[:2] == _GZIP:
        ending += ".gz"
    elif magic == _ZIP and ending != "parquet":
        ending = "zip"
    target = path.with_name(f"{edition}.{ending}")
    path.replace(target)
    return Held(
        file=target.name,
        sha256=downloaded.sha256,
        dated=_moment(downloaded.validators.last_modified),
    )


def _ending(url: str) -> str:
    """txt, csv, jsonl or parquet, by the address; txt where it says nothing."""
    found = format_of(urlsplit(url).path.rpartition("/")[2].lower().removesuffix(".zip"))
    return "txt" if found is None else found.value


def _member(path: Path, label: str) -> str | None:
    """The list inside of a zip. Raises SourceError where there is none, or are several."""
    if path.suffix != ".zip":
        return None
    try:
        lists, refused = members(path)
    except SourceError as error:
        raise SourceError(f"The list {label} was not taken: {error}; {path} is kept.") from None
    if len(lists) != 1:
        why = f"; {refused[0][1]}" if refused else ""
        raise SourceError(
            f"The archive of the list {label} holds {len(lists)} lists where one belongs{why}; "
            f"{path} is kept."
        )
    return lists[0]


def _moment(last_modified: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(last_modified).astimezone(UTC) if last_modified else None
    except (ValueError, OverflowError):
        return None


def _as_registrations(observations: pa.Table, held: Held) -> pa.Table:
    """With what all rows of the list have in common."""
    count = observations.num_rows
    common = {
        "source_time": pa.repeat(pa.scalar(held.dated, _UTC), count),
        "entry_type": pa.repeat("new", count),
        "trust": pa.repeat(Trust.UNAUTHENTICATED.value, count),
        "evidence_hash": pa.repeat(held.sha256, count),
    }
    arrays = [common.get(column.name, observations[column.name]) for column in OBSERVATION_SCHEMA]
    return pa.table(arrays, schema=OBSERVATION_SCHEMA).combine_chunks()


def _state(held: Held) -> str:
    return json.dumps({"sha256": held.sha256})


def _empty(
    instance: ListInstance,
    start: int,
    end: int,
    *,
    state: str | None,
    gaps: tuple[Gap, ...] = (),
    attempts: Sequence[Attempt] = (),
    last: bool = False,
) -> Batch:
    return Batch(
        instance_id=instance.id, start=start, end=end,
        observations=OBSERVATION_SCHEMA.empty_table(), rejects=(),
        skipped=1 if last and not gaps else 0, images={}, last=last, state=state, gaps=gaps,
        attempts=tuple(attempts),
    )  # fmt: skip
