"""One exchange: turns, redirects, retries, and the deadline over all of them.

Each hop is tried until it answers or the class of its failure, the number of retries or the
deadline says stop; only then does the next hop begin. Clock, chance and sleep are given.
May import: namaak.errors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from namaak.errors import Failure
from namaak.fetch.budgets import Budget
from namaak.fetch.connecting import Answer, Connector
from namaak.fetch.failures import Attempt, Attempts, FetchError, failure_of
from namaak.fetch.manners import Manners
from namaak.fetch.receiving import Receiver
from namaak.fetch.replies import Hop
from namaak.fetch.requesting import Request, answered
from namaak.fetch.retrying import backoff_s, retry_after_s
from namaak.fetch.urls import UrlRefused, joined

T = TypeVar("T")

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: A clock may wake us this much early; that is no reason to queue again.
_SLACK_S = 0.05
#: A download that got this much further starts to count its retries again.
_PROGRESS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one exchange may do, all hops and attempts together."""

    redirects: int
    retries: int
    url_ports: Collection[int]  #: that a URL may name; which addresses, is for the socket
    absent: Collection[int] = ()
    any_status: bool = False
    allow_downgrade: bool = False
    conditional: bool = False
    wants_range: bool = False


class _Deadline:
    """Seconds left. Our own queue does not count: it is no fault of the host."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        return self._end - self._clock()

    def extend(self, seconds: float) -> None:
        self._end += seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanger:
    """What all exchanges of one fetcher share."""

    connector: Connector
    user_agent: str
    manners: Manners
    budget: Budget
    attempts: Attempts
    clock: Callable[[], float]
    now: Callable[[], datetime]
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]

    async def exchange(
        self, request: Request, rules: Rules, receiver: Receiver[T], deadline_s: float
    ) -> T:
        """Ask until the receiver has its answer. Raises FetchError."""
        deadline = _Deadline(self.clock, deadline_s)
        failed, reached = 0, receiver.progress
        asked = {(request.method, request.target)}
        while True:
            try:
                await self._turn(request, deadline)
                outcome = await self._attempt(request, rules, receiver, deadline)
            except _Refusal as refusal:
                error = refusal.error
                self.keep(error)
                if receiver.progress - reached >= _PROGRESS:
                    failed, reached = 0, receiver.progress
                pause = self._pause_after(request, refusal, failed)
                again = receiver.failed(error) or error.failure.worth_retrying
                if refusal.final or not again or failed >= rules.retries:
                    raise error from error.__cause__
                if pause >= deadline.left():
                    raise error from error.__cause__
                if error.failure is not Failure.THROTTLED:
                    await self.sleep(pause)
                failed += 1
                continue
            if not isinstance(outcome, _Redirect):
                return outcome
            try:
                request = self._next(request, rules, outcome)
                if (request.method, request.target) in asked:
                    raise request.error("redirects in a circle", Failure.POLICY, outcome.status)
            except FetchError as error:
                self.keep(error)
                raise
            asked.add((request.method, request.target))

    async def admit(self, request: Request, deadline_s: float) -> None:
        """Wait for a turn at the host and spend one request, for what is no exchange.

        Raises FetchError, which is noted down.
        """
        try:
            await self._turn(request, _Deadline(self.clock, deadline_s))
        except _Refusal as refusal:
            self.keep(refusal.error)
            raise refusal.error from None
        if (reason := self.budget.request()) is not None:
            error = request.error(f"was not asked for: {reason}", Failure.POLICY)
            self.keep(error)
            raise error

    async def _turn(self, request: Request, deadline: _Deadline) -> None:
        """Wait until this host may be asked. Raises _Refusal where that is after the deadline."""
        host = request.target.host
        while True:
            pause = self.manners.pause_left(host)
            if pause > max(_SLACK_S, deadline.left()):
                error = request.error(
                    f"must wait: its host asked for {pause:.0f} s more, beyond the deadline",
                    Failure.THROTTLED,
                )
                raise _Refusal(error, final=True)
            wait = self.manners.turn(host)
            if wait > 0:
                before = self.clock()
                await self.sleep(wait)
                deadline.extend(max(0.0, self.clock() - before - pause))
            if self.manners.pause_left(host) <= _SLACK_S:
                return

    async def _attempt(
        self, request: Request, rules: Rules, receiver: Receiver[T], deadline: _Deadline
    ) -> T | _Redirect:
        if (reason := self.budget.request()) is not None:
            raise _Refusal(request.error(f"was not asked for: {reason}", Failure.POLICY))
        headers = {"User-Agent": self.user_agent, **receiver.headers()}
        retry_after: float | None = None
        try:
            async with answered(
                self.connector, request, headers, within_s=deadline.left()
            ) as answer:
                retry_after = retry_after_s(
                    answer.headers.get("Retry-After"),
                    date=answer.headers.get("Date"),
                    now=self.now(),
                )
                if (outcome := self._sorted(request, rules, answer, retry_after)) is not None:
                    return outcome
                taken, status = await receiver.take(request, answer), answer.status
        except FetchError as error:
            raise _Refusal(error, retry_after=retry_after) from error
        if status < 400:
            self.manners.answered(request.target.host)
        return taken

    def _sorted(
        self, request: Request, rules: Rules, answer: Answer, retry_after: float | None
    ) -> _Redirect | None:
        """None where the answer is to be read. Raises FetchError where it is none."""
        status = answer.status
        if status == 304:
            if rules.conditional:
                return None
            raise request.error("says 304 unasked", Failure.MALFORMED, status)
        if status in _REDIRECTS and not (rules.any_status and rules.redirects == 0):
            places = set(answer.headers.getall("Location", ()))
            if len(places) == 1:
                return _Redirect(status=status, location=places.pop(), address=answer.peer)
            if not rules.any_status:
                says = "redirects to several places" if places else "redirects to nowhere"
                raise request.error(says, Failure.MALFORMED, status)
        if status >= 400:
            told = "Retry-After" in answer.headers
            failure = failure_of(status, retry_after=told, absent=rules.absent)
            if not rules.any_status:
                raise request.error(f"has status {status}", failure, status)
            if failure is Failure.THROTTLED:
                self.manners.slow_down(request.target.host, retry_after or 0.0)
            return None
        if rules.any_status and status >= 200:
            return None
        if not 200 <= status < 300 or (status == 206 and not rules.wants_range):
            raise request.error(f"has status {status}, unasked", Failure.MALFORMED, status)
        return None

    def _next(self, request: Request, rules: Rules, redirect: _Redirect) -> Request:
        """Raises FetchError (POLICY) where the redirect is not followed."""
        if len(request.hops) >= rules.redirects:
            raise request.error(
                f"redirects more than {rules.redirects} times", Failure.POLICY, redirect.status
            )
        try:
            place = joined(request.target, redirect.location, ports=rules.url_ports)
        except UrlRefused as error:
            raise request.error(
                f"redirects to a URL that {error}: {redirect.location!r}",
                Failure.POLICY,
                redirect.status,
            ) from error
        if (request.target.scheme, place.scheme) == ("https", "http") and not rules.allow_downgrade:
            raise request.error(
                f"redirects from https to {place.text}", Failure.POLICY, redirect.status
            )
        hop = Hop(
            url=request.target.text,
            status=redirect.status,
            location=place.text,
            address=redirect.address,
        )
        return request.redirected(place, hop)

    def _pause_after(self, request: Request, refusal: _Refusal, failed: int) -> float:
        """Seconds before the next attempt; a host that refused is left alone so long by all."""
        pause = backoff_s(failed, self.random())
        pause += refusal.retry_after or 0.0
        if refusal.error.failure is Failure.THROTTLED and not refusal.final:
            # The wait itself is part of the next turn at this host, whoever takes it.
            self.manners.slow_down(request.target.host, pause)
        return pause

    def keep(self, error: FetchError) -> None:
        """Note down an attempt that failed."""
        self.attempts.add(
            Attempt(
                url=error.url,
                failure=error.failure,
                status=error.status,
                says=error.says,
                at=self.now(),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Redirect:
    status: int
    location: str
    address: str


class _Refusal(Exception):
    """An attempt that failed, on its way to whoever decides about the next one."""

    def __init__(
        self, error: FetchError, *, retry_after: float | None = None, final: bool = False
    ) -> None:
        super().__init__(error)
        self.error = error
        self.retry_after = retry_after
        self.final = final  #: not to be tried again in this exchange
