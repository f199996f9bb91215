"""Asking a platform question by question and page by page, so that nothing is lost or double.

One batch a page: its profiles and pictures, and in the same transaction how far the round is. A
question that fails holds up no other; it is told at the end of the run and asked again by the next.
May import: namaak.brands, namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, FetchError
from namaak.records import SubjectKind
from namaak.sources.base import Batch, Instance, Source, SourceConfig, drive
from namaak.sources.profiles.pictures import (
    PICTURE_S,
    Fetched,
    PictureMemory,
    fetch_pictures,
    is_spent,
)
from namaak.sources.profiles.profile import Pictured, Profile, Refused, observe
from namaak.sources.profiles.questions import Question, Way
from namaak.sources.profiles.rounds import MOST_FAILURES, Round, Unfinished

_Count = Annotated[int, Field(strict=True, ge=1)]
#: The platform will say the same to any further question of this run.
_ENDS_THE_RUN = frozenset({Failure.THROTTLED, Failure.AUTH, Failure.POLICY})
#: A platform that answers nothing any more is left in peace.
_MOST_IN_A_ROW = 5


class PolledConfig(SourceConfig):
    """What every table of a polled platform may say."""

    every_hours: Annotated[float, Field(gt=0, le=8_760)] = 24.0  #: a round begins no sooner
    pages_per_run: Annotated[_Count, Field(le=1_000_000)] = 200  #: of one instance
    pages_per_question: Annotated[_Count, Field(le=10_000)] = 10
    pictures: bool = True  #: fetch avatars, banners and icons


ConfigT = TypeVar("ConfigT", bound=PolledConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of a platform to one question."""

    entries: tuple[Profile | Refused, ...]  #: in the platform's order
    next: str | None = None  #: what to ask the following page with; None: this was the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Instance):
    """One way of asking one platform, or one server of it."""

    way: Way
    server: str = ""  #: base address, where a platform has many


@dataclass(slots=True, kw_only=True)
class _Trouble:
    """What went wrong in one run."""

    failed: list[tuple[Question, SourceError]] = field(default_factory=list)
    in_a_row: int = 0

    def add(self, question: Question, error: SourceError) -> None:
        self.failed.append((question, error))
        self.in_a_row += 1

    def error(self, who: str, questions: int) -> SourceError:
        question, first = self.failed[0]
        if len(self.failed) == 1:
            return SourceError(f"{who} gave no answer to {question}: {first}", first.failure)
        return SourceError(
            f"{who} gave no answer to {len(self.failed)} of {questions} questions, the first of "
            f"them {question}: {first}",
            first.failure,
        )


class PolledSource(Source[ConfigT]):
    """A platform that is asked. A source of one file: what to ask, and how to read the answer."""

    networked: ClassVar[bool] = True
    #: The address of a picture stays when the picture behind it is replaced.
    pictures_change: ClassVar[bool] = False
    ways: ClassVar[tuple[Way, ...]]

    @abstractmethod
    def questions(self, instance: Asked) -> Sequence[Question]:
        """What to ask in this way, the worthiest first; may be other ones in each run."""

    @abstractmethod
    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """One page. cursor: None for the first, else `Page.next` of the one before.

        Raises SourceError: throttled, auth and a policy of the source's own end the run (any
        further question would be answered the same), all else fails this question alone.
        """

    def chosen(
        self, instance: Asked, waiting: Sequence[Question]
    ) -> tuple[Sequence[Question], str | None]:
        """Which of them this run asks, and why not the others; all of them, as a rule.

        waiting: without an answer in this round, in their order. Where a source leaves some out,
        a round ends with its time, and what it did not come to is first in the next one.
        """
        return waiting, None

    def rounds_in_full(self, instance: Asked) -> bool:
        """Whether a round lasts until all is answered; not where `chosen` leaves some out."""
        return True

    def picture_s(self, instance: Asked) -> float:
        """Seconds for each picture, with all that is tried for it."""
        return PICTURE_S

    def instances(self) -> Iterator[Asked]:
        """One for each way in which there is something to ask."""
        for way in self.ways:
            instance = self.instance(way)
            if self.questions(instance):
                yield instance

    def instance(self, way: Way, server: str = "") -> Asked:
        """The instance of one way of asking; server: where a platform has many."""
        at = f"@{server}" if server else ""
        label = f"{self.platform} {way}{at}"
        kind = next(iter(self.kinds)) if len(self.kinds) == 1 else SubjectKind.ACCOUNT
        return Asked(id=f"{way}{at}", label=label, kind=kind, way=way, server=server)

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. A batch a page; none before the next round is due."""
        if not isinstance(instance, Asked):
            raise TypeError(f"not an instance of this source: {instance!r}")
        return drive(self._read(instance, start, observed_at, state), self.around.stop)

    async def _read(
        self, instance: Asked, start: int, observed_at: datetime, state: str | None
    ) -> AsyncGenerator[Batch, None]:
        questions = self.questions(instance)
        standing = Round.read(state).on(
            observed_at,
            [question.key for question in questions],
            every=timedelta(hours=self.config.every_hours),
            in_full=self.rounds_in_full(instance),
        )
        waiting = [question for question in questions if not standing.is_finished(question.key)]
        waiting.sort(key=lambda question: standing.turn(question.key))
        chosen, why = self.chosen(instance, waiting)
        writer = _Writer(self, instance, observed_at, start)
        trouble = _Trouble()
        pages = 0
        async with self.around.fetcher() as fetch:
            if why is not None:
                yield await writer.batch(fetch, (Refused(reason=why),), standing, told=())
            for question in chosen:
                if standing.is_finished(question.key):
                    continue  # the same was among them twice
                at: Unfinished | None = standing.resumed(question.key)
                while at is not None and pages < self.config.pages_per_run:
                    pages += 1
                    try:
                        page = await self.ask(fetch, instance, question, at.cursor)
                    except SourceError as error:
                        if _ends_the_run(error):
                            if error.failure is Failure.AUTH:
                                # One that is refused alone must not bar the way to all others.
                                standing = standing.put_off(question.key)
                            # With the attempts until then, which the error does not hold.
                            yield await writer.batch(fetch, (), standing, told=())
                            raise
                        trouble.add(question, error)
                        standing, given_up = standing.after_failure(question.key)
                        told_of = (_given_up(question, error),) if given_up else ()
                        yield await writer.batch(fetch, told_of, standing, told=())
                        break
                    trouble.in_a_row = 0
                    cursor, entries = self._within_bounds(question, at, page)
                    told = tuple(one.digest() for one in entries if isinstance(one, Profile))
                    standing = standing.after_page(at, cursor=cursor, told=told)
                    yield await writer.batch(fetch, entries, standing, told=at.told)
                    # Whoever iterates on has stored it.
                    writer.stored()
                    at = standing.unfinished if cursor is not None else None
                if trouble.in_a_row >= _MOST_IN_A_ROW:
                    break
        if trouble.failed:
            raise trouble.error(str(self.platform), len(chosen))

    def _within_bounds(
        self, question: Question, at: Unfinished, page: Page
    ) -> tuple[str | None, tuple[Profile | Refused, ...]]:
        """How to go on, and what the page gave; a question that is cut short says so in a row."""
        if page.next is None:
            return None, page.entries
        if page.next == at.cursor:
            why = f"{question}: the platform gives one page again and again; the rest is not known"
        elif at.pages + 1 >= self.config.pages_per_question:
            why = (
                f"{question}: there is more than the {at.pages + 1} pages that "
                "pages_per_question allows; the rest was not asked for"
            )
        else:
            return page.next, page.entries
        return None, (*page.entries, Refused(reason=why))


def _ends_the_run(error: SourceError) -> bool:
    """Whether any further question would be answered in the same way.

    Our own rules refuse single answers too: one that is too large, one that leads elsewhere.
    """
    if isinstance(error, FetchError) and error.failure is Failure.POLICY:
        return is_spent(error)
    return error.failure in _ENDS_THE_RUN


def _given_up(question: Question, error: SourceError) -> Refused:
    return Refused(
        reason=f"{question}: failed in {MOST_FAILURES} runs and is left out until the next round",
        excerpt=str(error),
    )


class _Writer:
    """Pages to batches: positions counted on, repeated profiles left out, pictures fetched."""

    def __init__(
        self, source: PolledSource[Any], instance: Asked, observed_at: datetime, start: int
    ) -> None:
        self._source = source
        self._instance = instance
        self._observed_at = observed_at
        self._start = start
        self._told: set[str] = set()
        self._fetched: Mapping[str, str] = {}
        self._memory = PictureMemory(source.around.state_folder, changing=source.pictures_change)

    async def batch(
        self,
        fetch: Fetcher,
        entries: Sequence[Profile | Refused],
        standing: Round,
        *,
        told: Iterable[str],
    ) -> Batch:
        """told: digests of what earlier pages of the question gave, also in earlier runs."""
        known = self._told | set(told)
        new: list[tuple[int, Profile | Refused]] = []
        for position, entry in enumerate(entries, self._start):
            if isinstance(entry, Profile):
                digest = entry.digest()
                if digest in known:
                    continue
                known.add(digest)
                self._told.add(digest)
            new.append((position, entry))
        fetched = await self._pictures(fetch, [one for _, one in new if isinstance(one, Profile)])
        rows, rejects = observe(
            [(position, entry, _pictured(entry, fetched)) for position, entry in new],
            source=self._source.name,
            instance=self._instance.id,
            platform=str(self._source.platform),
            observed_at=self._observed_at,
        )
        end = self._start + len(entries)
        batch = Batch(
            instance_id=self._instance.id,
            start=self._start,
            end=end,
            observations=rows,
            rejects=tuple(rejects),
            skipped=len(entries) - len(new),
            images=fetched.images,
            last=False,
            state=standing.written(),
            attempts=fetch.take_attempts(),
        )
        self._start = end
        return batch

    def stored(self) -> None:
        """The last batch is in the lake, with its pictures."""
        if self._fetched:
            self._memory.keep(self._fetched, self._observed_at)
        self._fetched = {}

    async def _pictures(self, fetch: Fetcher, profiles: Sequence[Profile]) -> Fetched:
        urls = [
            url for one in profiles for url in (one.avatar_url, one.banner_url) if url
        ] if self._source.config.pictures else []  # fmt: skip
        if not urls:
            return Fetched(digests={}, images={}, faults={})
        known = self._memory.known(urls, self._observed_at)
        within_s = self._source.picture_s(self._instance)
        fetched = await fetch_pictures(fetch, urls, known, within_s=within_s)
        # What was known keeps its date: it would never be looked at again otherwise.
        self._fetched = {url: digest for url, digest in fetched.digests.items() if url not in known}
        return fetched


def _pictured(entry: Profile | Refused, fetched: Fetched) -> Pictured:
    if isinstance(entry, Refused):
        return Pictured()
    urls = [url for url in (entry.avatar_url, entry.banner_url) if url]
    return Pictured(
        avatar=fetched.digests.get(entry.avatar_url or ""),
        banner=fetched.digests.get(entry.banner_url or ""),
        faults=tuple(fetched.faults[url] for url in urls if url in fetched.faults),
    )
