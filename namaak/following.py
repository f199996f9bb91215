"""Following sources that grow: every instance is asked again and again until somebody says stop.

One thread for each instance, because they mostly wait, and because one that fails, is slow or was
stopped must not hold up the others. How often one host is asked is kept by the manners that all
share; here it is how often an instance is looked at: with jitter, so that not all are asked in the
same second, and less and less often while it fails. What is there to follow is listed again every
few hours: logs come and go.
Nothing is lost when it ends at any moment: what was read is counted batch by batch.
May import: namaak.errors, namaak.gathering, namaak.sources.base, namaak.visible.
"""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from namaak.errors import Failure, NamaakError, SourceError, UsageError
from namaak.gathering import Gathered, gather_instance
from namaak.sources.base import Instance, Source
from namaak.visible import visible

#: Public logs ask not to be polled faster.
LEAST_POLL_S = 30.0
RELIST_S = 6 * 3600.0
#: How long threads have to leave; they are in a wait or in a request, both of which end at once.
_LEAVE_S = 8.0
#: One that fails for long is asked once an hour, or at its own interval where that is longer.
_MOST_BACKOFF_S = 3600.0
_JITTER = 0.2

Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What following one instance gave until it ended."""

    source: str
    label: str
    runs: int
    rows: int
    first_seen_rows: int
    failures: int
    stopped: str | None  #: why it is not read any more


def can_be_followed(source: Source[Any]) -> bool:
    """Whether the source grows: it says in `poll_s` how often it is looked at."""
    return source.networked and getattr(source.config, "poll_s", None) is not None


@contextlib.contextmanager
def stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    """SIGINT and SIGTERM set `stop`; a second SIGINT interrupts as ever. Main thread only."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def follow(
    sources: Iterable[Source[Any]],
    folder: Path,
    *,
    now: Callable[[], datetime],
    stop: threading.Event,
    tell: Tell,
    gathered: Callable[[Gathered], None] = lambda _: None,
    least_poll_s: float = LEAST_POLL_S,
    relist_s: float = RELIST_S,
    jitter: Callable[[], float] = random.random,
) -> list[Followed]:
    """Read all instances of the sources, over and over, until `stop` is set.

    folder: the lake's. tell: takes a label and a sentence, from any thread, with nothing in them
    that moves a cursor, though both quote strangers. gathered: is given
    what every run brought, from any thread; what it raises ends everything. jitter: 0 to 1.
    Returns what each instance gave. Raises what is a defect of ours, after all have left.
    """
    following = _Following(
        folder=folder, now=now, stop=stop, gathered=gathered,
        tell=lambda label, says: tell(visible(label), visible(says)),
        least_poll_s=least_poll_s, relist_s=relist_s, jitter=jitter,
    )  # fmt: skip
    return following.run([source for source in sources if can_be_followed(source)])


def follow_until_stopped(
    sources: Iterable[Source[Any]], folder: Path, *, tell: Callable[[str], None]
) -> int:
    """`follow` for a person or a service manager: until SIGINT or SIGTERM. Main thread only.

    tell: takes a line. Returns the exit code: 0, and 1 when an instance was stopped. Raises
    UsageError where nothing grows.
    """
    growing = [source for source in sources if can_be_followed(source)]
    if not growing:
        raise UsageError(
            "No source that is switched on grows; switch on [sources.ct], or use `namaak run`."
        )
    stop = threading.Event()
    with stopping_on_signals(stop):
        done = follow(
            growing,
            folder,
            now=lambda: datetime.now(UTC),
            stop=stop,
            tell=lambda label, says: tell(f"{datetime.now(UTC):%H:%M:%S}  {label}: {says}"),
        )
    stopped = [one for one in done if one.stopped is not None]
    tell(
        f"{sum(one.rows for one in done):,} rows of {len(done)} instances were stored, "
        f"{sum(one.first_seen_rows for one in done):,} of them never seen before; "
        f"{len(stopped)} were stopped."
    )
    return 1 if stopped else 0


@dataclass(slots=True)
class _Count:
    runs: int = 0
    rows: int = 0
    first_seen_rows: int = 0
    failures: int = 0
    stopped: str | None = None


class _Following:
    def __init__(
        self,
        *,
        folder: Path,
        now: Callable[[], datetime],
        stop: threading.Event,
        tell: Tell,
        gathered: Callable[[Gathered], None],
        least_poll_s: float,
        relist_s: float,
        jitter: Callable[[], float],
    ) -> None:
        self._folder = folder
        self._now = now
        self._stop = stop
        self._tell = tell
        self._gathered = gathered
        self._least_poll_s = least_poll_s
        self._relist_s = relist_s
        self._jitter = jitter
        self._lock = threading.Lock()
        self._threads: dict[tuple[str, str], threading.Thread] = {}
        self._listed: dict[tuple[str, str], Instance] = {}
        self._counts: dict[tuple[str, str], _Count] = {}
        self._labels: dict[tuple[str, str], str] = {}
        self._defects: list[BaseException] = []

    def run(self, sources: list[Source[Any]]) -> list[Followed]:
        for source in sources:
            self._start((source.name, ""), self._list, source)
        # In steps, so that signals are served on every platform.
        while sources and not self._stop.wait(1.0):
            pass
        for source in sources:
            source.around.stop.set()
        self._leave()
        if self._defects:
            raise self._defects[0]
        with self._lock:
            return [
                Followed(
                    source=key[0], label=self._labels[key], runs=count.runs, rows=count.rows,
                    first_seen_rows=count.first_seen_rows, failures=count.failures,
                    stopped=count.stopped,
                )
                for key, count in self._counts.items()
            ]  # fmt: skip

    def _start(
        self, key: tuple[str, str], work: Callable[..., None], *given: Source[Any] | str
    ) -> None:
        # Daemons: one that hangs in somebody's name server must not keep the process alive.
        thread = threading.Thread(
            target=self._guarded, args=(work, *given), name=f"follow {key[0]} {key[1]}", daemon=True
        )
        with self._lock:
            self._threads[key] = thread
        thread.start()

    def _guarded(self, work: Callable[..., None], *given: Source[Any] | str) -> None:
        try:
            work(*given)
        except BaseException as defect:  # told by the main thread, where somebody sees it
            with self._lock:
                self._defects.append(defect)
            self._stop.set()

    def _leave(self) -> None:
        end = time.monotonic() + _LEAVE_S
        with self._lock:
            threads = dict(self._threads)
        for thread in threads.values():
            thread.join(max(0.0, end - time.monotonic()))
        late = [thread.name for thread in threads.values() if thread.is_alive()]
        if late:
            self._tell("follow", f"left without waiting for {len(late)}: {', '.join(late[:5])}")

    # -- what there is -----------------------------------------------------------------------

    def _list(self, source: Source[Any]) -> None:
        if (lack := source.lacks()) is not None:
            self._tell(source.name, lack)
            return
        failures = 0
        while not self._stop.is_set():
            try:
                found = list(source.instances())
            except SourceError as error:
                failures += 1
                self._tell(source.name, str(error))
                wait = self._backoff(source, failures)
            else:
                failures = 0
                wait = self._relist_s
                self._take(source, found)
            self._stop.wait(self._spread(wait))

    def _take(self, source: Source[Any], found: list[Instance]) -> None:
        """Follow what is new; what is listed no more ends by itself."""
        listed = {(source.name, instance.id): instance for instance in found}
        with self._lock:
            for key in [key for key in self._listed if key[0] == source.name]:
                if key not in listed:
                    del self._listed[key]
            self._listed |= listed
            for key, instance in listed.items():
                self._counts.setdefault(key, _Count())
                self._labels[key] = instance.label
            idle = [
                key
                for key in listed
                if key not in self._threads or not self._threads[key].is_alive()
            ]
        for key in idle:
            self._start(key, self._follow, source, key[1])

    # -- one instance ------------------------------------------------------------------------

    def _follow(self, source: Source[Any], instance_id: str) -> None:
        key = (source.name, instance_id)
        count = self._counts[key]
        failures, told = 0, ""
        while not self._stop.is_set():
            with self._lock:
                # A listing may have changed what is known of it: its state, its address.
                instance = self._listed.get(key)
            if instance is None:
                self._tell(self._labels[key], "is not listed any more; it is left")
                return
            began = time.monotonic()
            try:
                done = gather_instance(source, instance, self._folder, now=self._now)
            except NamaakError as error:
                integrity = isinstance(error, SourceError) and error.failure is Failure.INTEGRITY
                if count.stopped is None or not integrity:
                    count.failures += 1
                    failures += 1
                    if str(error) != told:
                        told = str(error)
                        self._tell(instance.label, told)
                if integrity:
                    # From here on asked of the lake alone, until a person lets it go on.
                    count.stopped = count.stopped or told
                    self._stop.wait(self._spread(self._poll(source)))
                    continue
                self._stop.wait(self._spread(self._backoff(source, failures)))
                continue
            if told or done.batches or not count.runs:
                self._tell(instance.label, done.in_words())
            failures, told, count.stopped = 0, "", None
            count.runs += 1
            count.rows += done.rows
            count.first_seen_rows += done.first_seen_rows
            self._gathered(done)
            # A run that took longer than the interval is behind: it goes on at once.
            left = self._spread(self._poll(source)) - (time.monotonic() - began)
            self._stop.wait(max(0.0, left))

    def _poll(self, source: Source[Any]) -> float:
        return max(self._least_poll_s, float(source.config.poll_s))

    def _backoff(self, source: Source[Any], failures: int) -> float:
        poll = self._poll(source)
        longer: float = poll * 2 ** min(failures, 16)
        return max(poll, min(longer, _MOST_BACKOFF_S))

    def _spread(self, seconds: float) -> float:
        """The interval and up to a fifth of it: never less, so that a promise is kept."""
        return seconds * (1 + _JITTER * self._jitter())
