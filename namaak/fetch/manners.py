"""How often a host may be asked: one token bucket a host, for all threads of the process.

Sources run side by side and several of them ask the same host; the promise made to that host
holds for all of them together. Whoever asks gets a turn at once and is told how long to wait
for it, so nothing here sleeps. A host that says "too many" is asked later and, until it answers
again, less often.
May import: nothing of ours.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: No host makes us wait longer than a day, whatever its Retry-After says.
_MAX_PAUSE_S = 86_400.0
#: A host that keeps refusing is asked at most this many times more slowly.
_MAX_STRAIN = 64.0
#: Of the slowness, what is left after an answer: back to the old rate in some 30 answers.
_RECOVERY = 0.87
#: Hosts remembered; beyond it, those whose bucket is full again are forgotten.
_MAX_HOSTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Requests a second in the long run, and how many may come at once after a rest."""

    per_second: float
    burst: int = 1

    def __post_init__(self) -> None:
        if not (0 < self.per_second < 1e6 and 1 <= self.burst <= 1e6):
            raise ValueError(f"{self} is no rate: both must be above 0 and below a million")


@dataclass(slots=True)
class _Bucket:
    #: When the bucket would be full but for the burst (the "theoretical arrival time" of GCRA).
    due: float
    not_before: float  #: the host asked us to wait until then
    strain: float = 1.0


class Manners:
    """The buckets of all hosts; shared by all fetchers of a process."""

    def __init__(
        self,
        default: Rate | None = None,
        hosts: Mapping[str, Rate] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """hosts: rates that differ from the default, by host name or IP address."""
        self._default = Rate(per_second=1.0, burst=2) if default is None else default
        self._rates = {host.lower().rstrip("."): rate for host, rate in (hosts or {}).items()}
        self.clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}
        self._tidy_at = _MAX_HOSTS

    def set_rate(self, host: str, rate: Rate) -> None:
        """What is known of a host that the default does not fit; from the next turn on."""
        with self._lock:
            self._rates[host.lower().rstrip(".")] = rate

    def turn(self, host: str) -> float:
        """Take the next turn at this host; gives the seconds to wait before using it."""
        with self._lock:
            now = self.clock()
            bucket = self._bucket(host, now)
            rate = self._rate(host)
            interval = bucket.strain / rate.per_second
            start = max(now, bucket.due - (rate.burst - 1) * interval)
            bucket.due = max(bucket.due, start) + interval
            return start - now

    def pause_left(self, host: str) -> float:
        """Seconds until the host may be asked again at all, by its own word; mostly 0."""
        with self._lock:
            now = self.clock()
            bucket = self._buckets.get(host)
            return 0.0 if bucket is None else max(0.0, bucket.not_before - now)

    def slow_down(self, host: str, seconds: float) -> None:
        """The host refused: nothing for so long, then no burst, and half as often as before."""
        with self._lock:
            now = self.clock()
            bucket = self._bucket(host, now)
            rate = self._rate(host)
            bucket.strain = min(_MAX_STRAIN, bucket.strain * 2)
            until = now + min(max(seconds, 0.0), _MAX_PAUSE_S)
            bucket.not_before = max(bucket.not_before, until)
            burst = (rate.burst - 1) * bucket.strain / rate.per_second
            bucket.due = max(bucket.due, bucket.not_before + burst)

    def answered(self, host: str) -> None:
        """The host gave an answer: a step back towards its own rate."""
        with self._lock:
            bucket = self._buckets.get(host)
            if bucket is not None and bucket.strain > 1:
                bucket.strain = max(1.0, bucket.strain * _RECOVERY)

    def _rate(self, host: str) -> Rate:
        return self._rates.get(host, self._default)

    def _bucket(self, host: str, now: float) -> _Bucket:
        bucket = self._buckets.get(host)
        if bucket is None:
            if len(self._buckets) >= self._tidy_at:
                self._forget_rested(now)
            bucket = self._buckets[host] = _Bucket(due=now, not_before=now)
        return bucket

    def _forget_rested(self, now: float) -> None:
        """A bucket that is full and unstrained says nothing that a new one would not."""
        self._buckets = {
            host: bucket
            for host, bucket in self._buckets.items()
            if bucket.due > now or bucket.not_before > now or bucket.strain > 1
        }
        # Where few could be forgotten, the next look is worth as much as this one.
        self._tidy_at = max(_MAX_HOSTS, 2 * len(self._buckets))
