"""The fetcher itself: what sources and probes call.

One fetcher belongs to one event loop; all fetchers of a process share one Manners and one Budget.
May import: namaak.errors.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import namaak
from namaak.errors import Failure, UsageError
from namaak.fetch.addresses import Allowed
from namaak.fetch.budgets import Budget
from namaak.fetch.connecting import Connector
from namaak.fetch.downloading import InFile
from namaak.fetch.exchanging import Exchanger, Rules
from namaak.fetch.failures import Attempt, Attempts, FetchError
from namaak.fetch.listening import Listener, listening
from namaak.fetch.manners import Manners
from namaak.fetch.parts import PartFile
from namaak.fetch.proxies import Proxy
from namaak.fetch.receiving import InMemory
from namaak.fetch.replies import Downloaded, Limits, Reply, Validators
from namaak.fetch.requesting import Request
from namaak.fetch.urls import UrlRefused, target

_MAX_CONTACT = 200
_NOTHING = Validators()


class Fetcher:
    """The door to the network for one event loop: `async with Fetcher(...) as fetch`."""

    def __init__(
        self,
        *,
        contact: str,
        manners: Manners,
        budget: Budget | None = None,
        allow: Iterable[Allowed] = (),
        nameservers: Sequence[str] = (),
        retries: int = 4,
        deadline_s: float = 60.0,
        connect_s: float = 10.0,
        idle_s: float = 20.0,
        tls: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
        clock: Callable[[], float] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """contact: an e-mail address or URL by which a server's operator reaches a person.

        allow: exceptions to the address rule, for peers on loopback; nothing else makes any.
        nameservers: "192.0.2.53" or "192.0.2.53:5353"; the system's where none are given.
        connect_s, idle_s: for a connection, and between two pieces of an answer; both end one
        attempt, deadline_s ends all. proxy: makes every connection, to addresses that were
        resolved and checked here. clock: that of the manners; sleep must move it on.
        """
        self.user_agent = _user_agent(contact)  #: as whom every request asks
        self._allow = tuple(allow)
        self.budget = Budget() if budget is None else budget
        self._retries = retries
        self._deadline_s = deadline_s
        self._now = now
        self._attempts = Attempts()
        # A session belongs to a running loop, which there may not be yet.
        self._connect = partial(
            Connector,
            allow=self._allow,
            nameservers=tuple(nameservers),
            connect_s=connect_s,
            idle_s=idle_s,
            tls=tls,
            proxy=proxy,
        )
        self._with = partial(
            Exchanger,
            user_agent=self.user_agent,
            manners=manners,
            budget=self.budget,
            attempts=self._attempts,
            clock=manners.clock if clock is None else clock,
            now=now,
            random=random,
            sleep=sleep,
        )
        self._open: Exchanger | None = None

    async def __aenter__(self) -> Self:
        self._open = self._with(connector=self._connect())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            await opened.connector.close()

    async def get(
        self,
        url: str,
        *,
        limits: Limits | None = None,
        headers: Mapping[str, str] | None = None,
        validators: Validators | None = None,
        absent: Collection[int] = (),
        redirects: int = 5,
        retries: int | None = None,
        deadline_s: float | None = None,
        method: str = "GET",
        body: bytes | None = None,
        ports: Collection[int] = (80, 443),
        any_status: bool = False,
        allow_downgrade: bool = False,
    ) -> Reply:
        """Ask for a URL and read the answer. Raises FetchError.

        validators: of what the caller has; the reply may then be `not_modified`. absent: statuses
        that are an answer, as EXPECTED_ABSENT. redirects, retries: how many at most. deadline_s:
        for everything but waiting for our own turn. body: of a POST that may be sent again.
        any_status: 4xx, 5xx and redirects to nowhere are replies, and none is tried again.
        allow_downgrade: follow from https to http.
        """
        wanted = {} if headers is None else dict(headers)
        rules = Rules(
            url_ports=self._url_ports(ports),
            redirects=redirects,
            retries=self._retries if retries is None else retries,
            absent=absent,
            any_status=any_status,
            allow_downgrade=allow_downgrade,
            conditional=bool(validators),
            wants_range=any(name.lower() == "range" for name in wanted),
        )
        request = self._request(
            url, method=method, headers=wanted, body=body, ports=ports, limits=limits or Limits()
        )
        receiver = InMemory(validators=validators or _NOTHING, budget=self.budget, now=self._now)
        return await self._exchanger.exchange(
            request, rules, receiver, deadline_s or self._deadline_s
        )

    async def download(
        self,
        url: str,
        path: Path,
        *,
        limits: Limits | None = None,
        headers: Mapping[str, str] | None = None,
        validators: Validators | None = None,
        absent: Collection[int] = (),
        redirects: int = 5,
        retries: int | None = None,
        deadline_s: float = 6 * 3600.0,
        ports: Collection[int] = (80, 443),
    ) -> Downloaded:
        """Bring a URL to a file, as the bytes are sent. Raises FetchError and OSError.

        What an earlier call left in `path` + ".part" is continued if the server still has that
        very version, and thrown away otherwise. `path` appears, or is replaced, once it is whole.
        validators: of the file at `path`; ignored where there is none. limits: only `max_bytes`
        and `max_header_bytes` count; 64 GiB without.
        """
        request = self._request(
            url, method="GET", headers=dict(headers or {}), body=None, ports=ports,
            limits=limits or Limits(max_bytes=64 << 30),
        )  # fmt: skip
        had = validators if validators and path.exists() else _NOTHING
        rules = Rules(
            url_ports=self._url_ports(ports),
            redirects=redirects,
            retries=self._retries if retries is None else retries,
            absent=absent,
            conditional=bool(had),
            wants_range=True,
        )
        with PartFile(path, request.target.text) as part:
            receiver = InFile(part=part, validators=had, budget=self.budget)
            arrived = await self._exchanger.exchange(request, rules, receiver, deadline_s)
            if arrived.not_modified:
                digest = await part.sha256_of_file()
            else:
                digest = await part.finish()
            return Downloaded(
                path=path,
                url=arrived.url,
                size=path.stat().st_size,
                sha256=digest,
                resumed_from=0 if arrived.not_modified else part.inherited,
                validators=arrived.validators,
                content_encoding=arrived.encoding,
                not_modified=arrived.not_modified,
                received_at=self._now(),
            )

    @asynccontextmanager
    async def listen(
        self,
        url: str,
        *,
        limits: Limits | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
        heartbeat_s: float = 30.0,
        ports: Collection[int] = (80, 443),
    ) -> AsyncIterator[Listener]:
        """Open a websocket (ws, wss, http or https) to hear what comes. Raises FetchError.

        Nothing is sent, nothing is tried twice, no redirect is followed. limits: `max_bytes` of one
        message. deadline_s: until the server has agreed; how long to listen is the caller's to
        say. heartbeat_s: how often a silent server is asked whether it is there.
        """
        request = self._request(
            _over_http(url), method="GET", headers=dict(headers or {}), body=None, ports=ports,
            limits=limits or Limits(),
        )  # fmt: skip
        async with listening(
            self._exchanger,
            request,
            within_s=deadline_s or self._deadline_s,
            heartbeat_s=heartbeat_s,
        ) as listener:
            yield listener

    def take_attempts(self) -> tuple[Attempt, ...]:
        """The attempts that failed since the last call, oldest first; also of what then worked."""
        return self._attempts.take()

    def _request(
        self,
        url: str,
        *,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None,
        ports: Collection[int],
        limits: Limits,
    ) -> Request:
        try:
            gated = target(url, ports=self._url_ports(ports))
        except UrlRefused as error:
            refused = FetchError(str(error), Failure.POLICY, url=url)
            self._exchanger.keep(refused)
            raise refused from error
        return Request(
            target=gated, method=method, headers=headers, body=body, ports=ports, limits=limits
        )

    @property
    def _exchanger(self) -> Exchanger:
        if self._open is None:
            raise RuntimeError("a Fetcher asks only inside its own `async with`")
        return self._open

    def _url_ports(self, ports: Collection[int]) -> Collection[int]:
        """Ports that a URL may name: an exception brings its own; the socket checks both again."""
        return {*ports, *(exception.port for exception in self._allow)}


def _over_http(url: str) -> str:
    """The URL by which the gate knows a websocket: it begins as an HTTP request (RFC 6455, 3).

    >>> _over_http("WSS://stream.example/subscribe")
    'https://stream.example/subscribe'
    """
    scheme, mark, rest = url.partition("://")
    return {"ws": "http", "wss": "https"}.get(scheme.lower(), scheme) + mark + rest


def _user_agent(contact: str) -> str:
    """Raises UsageError: operators throttle or block whom they cannot write to."""
    contact = contact.strip()
    reachable = "@" in contact or contact.startswith(("https://", "http://"))
    plain = contact.isascii() and contact.isprintable() and not set(contact) & set(' ()\\"<>')
    if not (reachable and plain and len(contact) <= _MAX_CONTACT):
        raise UsageError(
            f"The contact {contact[:_MAX_CONTACT]!r} cannot be told to the servers that are asked; "
            "give an e-mail address or a web page as `contact` of the watch file."
        )
    return f"namaak/{namaak.__version__} (+{contact})"
