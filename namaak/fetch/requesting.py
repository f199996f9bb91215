"""One request and the beginning of its answer; whatever goes wrong becomes a FetchError.

The client has some thirty exceptions and several ways to say "time-out". They are sorted here
and nowhere else, by whether asking again can help.
May import: namaak.errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import aiohttp
from aiohttp import http_exceptions
from yarl import URL

from namaak.errors import Failure
from namaak.fetch.connecting import Answer, Connector, Doorway, NameFailure, doorway
from namaak.fetch.failures import FetchError
from namaak.fetch.proxies import ProxyFailure
from namaak.fetch.replies import Hop, Limits
from namaak.fetch.urls import Target

METHODS = frozenset({"GET", "HEAD", "POST"})
#: What the client decides itself; a caller that sets these would break framing or honesty.
_OURS = frozenset(
    {
        "accept-encoding", "connection", "content-length", "cookie", "expect", "host", "te",
        "trailer", "transfer-encoding", "upgrade", "user-agent",
    }
)  # fmt: skip
#: What may follow a redirect to another origin: all else can be a key.
_HARMLESS = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of one URL; a redirect makes the next one of it."""

    target: Target
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    limits: Limits
    ports: Collection[int]
    hops: tuple[Hop, ...] = ()  #: followed until here

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method {self.method!r} is none of {sorted(METHODS)}")
        for name, value in self.headers.items():
            if name.lower() in _OURS:
                raise ValueError(f"header {name!r} is not the caller's to set")
            if not (name.isascii() and name.isprintable() and value.isprintable()):
                raise ValueError(f"header {name!r} has characters that no header may hold")

    def error(self, says: str, failure: Failure, status: int | None = None) -> FetchError:
        return FetchError(says, failure, url=self.target.text, status=status, hops=self.hops)

    def redirected(self, target: Target, hop: Hop) -> Request:
        """The request that a redirect asks for. Raises FetchError (POLICY)."""
        method, body = self.method, self.body
        # 303 always means GET; 301 and 302 of a POST are taken so by everybody (RFC 9110, 15.4).
        if hop.status == 303 or (method == "POST" and hop.status in (301, 302)):
            method, body = ("HEAD" if method == "HEAD" else "GET"), None
        headers = self.headers
        if target.origin != self.target.origin:
            if body is not None:
                raise self.error(
                    "redirects what was posted to another origin", Failure.POLICY, hop.status
                )
            headers = {name: value for name, value in headers.items() if name.lower() in _HARMLESS}
        return replace(
            self, target=target, method=method, body=body, headers=headers, hops=(*self.hops, hop)
        )


@contextlib.asynccontextmanager
async def answered(
    connector: Connector, request: Request, headers: Mapping[str, str], *, within_s: float
) -> AsyncIterator[Answer]:
    """Send a request; the answer's header is checked, its body is read by the caller inside.

    headers: ours, beside those of the request. within_s: for all of it, body included.
    Raises FetchError, also for what goes wrong while the caller reads.
    """
    try:
        async with asyncio.timeout(max(0.0, within_s)) as limit:
            with doorway(request.ports) as door, told(request, door):
                async with connector.session.request(
                    request.method,
                    URL(request.target.text, encoded=True),
                    headers={**request.headers, **headers},
                    data=request.body,
                    allow_redirects=False,
                    max_line_size=request.limits.max_header_bytes,
                    max_field_size=request.limits.max_header_bytes,
                ) as answer:
                    assert isinstance(answer, Answer)
                    try:
                        _check_header(request, answer)
                        yield answer
                    except BaseException:
                        # What is left of the body is not worth waiting for.
                        answer.close()
                        raise
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise request.error(
            f"did not come whole before its deadline ({within_s:.0f} s were left)",
            Failure.TRANSIENT,
        ) from error


def _check_header(request: Request, answer: Answer) -> None:
    size = sum(len(name) + len(value) for name, value in answer.raw_headers)
    if size > request.limits.max_header_bytes:
        raise request.error(
            f"has {size} bytes of header, more than {request.limits.max_header_bytes}",
            Failure.POLICY,
            answer.status,
        )


@contextlib.contextmanager
def told(request: Request, door: Doorway) -> Iterator[None]:
    """The client's exceptions as ours."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        reason = getattr(error.certificate_error, "verify_message", "") or "not trusted"
        raise request.error(
            f"comes with a certificate that is not accepted ({reason})", Failure.POLICY
        ) from error
    except aiohttp.ClientConnectorError as error:
        raise _of_connecting(request, door, error) from error
    except aiohttp.ServerTimeoutError as error:
        raise request.error("did not come in time", Failure.TRANSIENT) from error
    except aiohttp.ClientResponseError as error:
        raise _of_header(request, error) from error
    except aiohttp.ClientPayloadError as error:
        raise _of_body(request, error) from error
    except (aiohttp.ClientError, ConnectionError) as error:
        raise request.error(
            f"broke off ({type(error).__name__}: {error})", Failure.TRANSIENT
        ) from error


def _of_connecting(
    request: Request, door: Doorway, error: aiohttp.ClientConnectorError
) -> FetchError:
    cause = error.os_error
    if isinstance(cause, NameFailure):
        return request.error(str(cause), cause.failure)
    if isinstance(cause, ProxyFailure):
        return request.error(f"was not asked for: {cause}", cause.failure)
    if door.refused and not door.opened:
        reasons = ", ".join(dict.fromkeys(door.refused))
        return request.error(
            f"would come from where namaak never asks ({reasons}); public servers only are asked, "
            "so where the watch file names this one, name another",
            Failure.POLICY,
        )
    if isinstance(cause, ssl.SSLError):
        return request.error(f"speaks no TLS that we do ({cause.reason})", Failure.MALFORMED)
    return request.error(f"cannot be asked for ({cause.strerror or cause})", Failure.TRANSIENT)


def _of_header(request: Request, error: aiohttp.ClientResponseError) -> FetchError:
    for cause in _causes(error):
        # The client has no class for too many fields, only words.
        if isinstance(cause, http_exceptions.LineTooLong) or "Too many headers" in str(cause):
            return request.error(
                f"has a header of more than {request.limits.max_header_bytes} bytes, or of too "
                "many fields",
                Failure.POLICY,
            )
    return request.error(f"is no HTTP ({error.message})", Failure.MALFORMED)


def _of_body(request: Request, error: aiohttp.ClientPayloadError) -> FetchError:
    for cause in _causes(error):
        # Broken framing and an early end share their classes; the end says what it missed.
        ended_early = "Not enough data" in str(cause)
        if isinstance(cause, http_exceptions.BadHttpMessage) and not ended_early:
            return request.error(f"has a body that is no HTTP ({cause})", Failure.MALFORMED)
    return request.error("broke off in its body", Failure.TRANSIENT)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__
