"""Lists of newly registered names from the web: one a day, or one that is replaced again and again.

A list of a day has that day in its address, so what there is to ask for is known and a day that is
missing is noticed: it is asked for again for some days, and then a gap says that it never came. A
list at one address is asked for with the validators of the last one, and read when it is another;
it is known by its content. Lists are read as `files` reads them, except that nothing in them is
taken for the path of a picture: they come from strangers.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from namaak.errors import SourceError
from namaak.fetch import Attempt
from namaak.records import OBSERVATION_SCHEMA, SubjectKind
from namaak.sources.base import (
    RECORDED,
    Batch,
    Example,
    Gap,
    Instance,
    Served,
    Source,
    SourceConfig,
)
from namaak.sources.daily.addresses import is_dated
from namaak.sources.daily.fetching import Fetching, NotThere
from namaak.sources.daily.keeping import ListFolder
from namaak.sources.daily.reading import Reading
from namaak.sources.daily.tables import RegistrationList

_Size = Annotated[int, Field(strict=True, ge=1)]


class RegistrationsConfig(SourceConfig):
    """`[sources.registrations]`."""

    lists: tuple[RegistrationList, ...] = ()
    #: At least, before a list is asked for again that is undated, or has not come.
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
    budget: ClassVar = (
        "one download a list and day; every hours_between a request for a day that has not come, "
        "and a conditional one for an undated list"
    )
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

        Days read within the last `retry_days` are named too: they cost nothing. Days that had not
        come when they were asked for are named again when `hours_between` have passed.
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
                held, attempts = self._fetching().of_day(folder, instance.given, instance.day)
            except NotThere as absent:
                yield self._not_there(folder, instance, absent, start, observed_at, state)
                return
            if attempts:
                yield _empty(instance, start, start, state=state, attempts=attempts)
        reading = Reading(
            source=self.name,
            instance=instance.id,
            label=instance.label,
            path=folder.folder / held.file,
            held=held,
            rows_per_batch=self.config.rows_per_batch,
            max_bytes=self.config.max_bytes,
        )
        reading.check_same(state)
        end = start
        for batch in reading.batches(start, observed_at):
            end = batch.end
            yield batch
        # Asked to go on: everything before is stored.
        folder.finish(instance.edition, held.sha256)
        yield _empty(instance, end, end + 1, state=reading.state, last=True)

    def _not_there(
        self,
        folder: ListFolder,
        instance: ListInstance,
        absent: NotThere,
        start: int,
        observed_at: datetime,
        state: str | None,
    ) -> Batch:
        """Nothing yet of a day that is merely late; a gap where it was asked for long enough."""
        given, day = instance.given, instance.day
        assert day is not None
        last = day + timedelta(days=given.delay_days + given.retry_days)
        if observed_at.astimezone(UTC).date() <= last:
            folder.not_there(instance.edition, observed_at)
            return _empty(instance, start, start, state=state, attempts=absent.attempts)
        folder.finish(instance.edition, "")
        gap = Gap(start=start, end=start + 1, reason=f"the list never came: {absent}")
        return _empty(
            instance, start, start + 1, state=state, gaps=(gap,), attempts=absent.attempts,
            last=True,
        )  # fmt: skip

    # -- which lists there are ----------------------------------------------------------------

    def _days(self, given: RegistrationList) -> Iterator[ListInstance]:
        folder = self._folder(given)
        now = self.around.now()
        today = now.astimezone(UTC).date()
        newest = today - timedelta(days=given.delay_days)
        shelf = folder.shelf()
        since = shelf.since
        if since is None:
            since = newest - timedelta(days=given.first_days)
            folder.change(since=since)
        recent = newest - timedelta(days=given.retry_days)
        for number in range((newest - since).days + 1):
            day = since + timedelta(days=number)
            if not self._rested(shelf.asked.get(day.isoformat()), now):
                continue
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
            if edition is None and self._rested(shelf.asked_at, self.around.now()):
                edition = self._fetching().newer(folder, given)
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

    def _rested(self, asked_at: datetime | None, now: datetime) -> bool:
        """Whether a server may be asked again."""
        pause = timedelta(hours=self.config.hours_between)
        return asked_at is None or now - asked_at >= pause

    def _fetching(self) -> Fetching:
        return Fetching(
            fetcher=self.around.fetcher,
            max_bytes=self.config.max_download_bytes,
            now=self.around.now,
        )

    def _folder(self, given: RegistrationList) -> ListFolder:
        return ListFolder(self.around.state_folder, given.name)


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
