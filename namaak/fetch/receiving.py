"""What is done with the answer at the end of the redirects: read into memory, within limits.

May import: namaak.errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from multidict import CIMultiDict, CIMultiDictProxy

from namaak.errors import Failure
from namaak.fetch.budgets import Budget
from namaak.fetch.coding import Body, CodingError, coding_of
from namaak.fetch.connecting import Answer
from namaak.fetch.failures import FetchError
from namaak.fetch.replies import Reply, Validators, validators_of
from namaak.fetch.requesting import Request

T_co = TypeVar("T_co", covariant=True)


class Receiver(Protocol[T_co]):
    """Takes the final answer of an exchange; asked anew for each attempt."""

    def headers(self) -> Mapping[str, str]:
        """What the next attempt asks beside what the caller wants."""

    @property
    def progress(self) -> int:
        """Bytes that are kept for good, whatever becomes of the attempt."""

    def failed(self, error: FetchError) -> bool:
        """Told of each failed attempt; True where another one helps though its class says no."""

    async def take(self, request: Request, answer: Answer) -> T_co:
        """Read the body. Raises FetchError. The status is 2xx, or 304 where that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InMemory:
    """Makes a Reply."""

    validators: Validators
    budget: Budget
    now: Callable[[], datetime]
    progress: int = 0

    def headers(self) -> Mapping[str, str]:
        return {"Accept-Encoding": "gzip, deflate", **conditions(self.validators)}

    def failed(self, error: FetchError) -> bool:
        return False

    async def take(self, request: Request, answer: Answer) -> Reply:
        no_body = request.method == "HEAD" or answer.status in (204, 304)
        body, sent = (b"", 0) if no_body else await self._body(request, answer)
        return Reply(
            status=answer.status,
            url=request.target.text,
            hops=request.hops,
            headers=clean_headers(answer),
            body=body,
            sent_bytes=sent,
            validators=validators_in(answer),
            address=answer.peer,
            not_modified=answer.status == 304,
            received_at=self.now(),
        )

    async def _body(self, request: Request, answer: Answer) -> tuple[bytes, int]:
        """The body, decoded, and how many bytes it was."""
        check_length(request, answer)
        try:
            body = Body(coding_of(answer.headers.getall("Content-Encoding", ())), request.limits)
            async for piece in answer.content.iter_any():
                if (reason := self.budget.received(len(piece))) is not None:
                    raise request.error(f"was not read on: {reason}", Failure.POLICY, answer.status)
                body.feed(piece)
            return body.whole(), body.sent
        except CodingError as error:
            raise request.error(str(error), error.failure, answer.status) from error


def conditions(validators: Validators) -> dict[str, str]:
    """The headers that ask for the answer only if it is another one."""
    headers = {}
    if validators.etag is not None:
        headers["If-None-Match"] = validators.etag
    if validators.last_modified is not None:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def validators_in(answer: Answer) -> Validators:
    return validators_of(answer.headers.get("ETag"), answer.headers.get("Last-Modified"))


def clean_headers(answer: Answer) -> Mapping[str, str]:
    """The header fields as text that can be stored: bytes that are no UTF-8 become escapes."""
    return CIMultiDictProxy(
        CIMultiDict(
            (
                name.decode("ascii", "backslashreplace"),
                value.decode("utf-8", "backslashreplace"),
            )
            for name, value in answer.raw_headers
        )
    )


def check_length(request: Request, answer: Answer) -> None:
    """Refuse at once what says itself that it is too large."""
    size = answer.content_length
    if size is not None and size > request.limits.max_bytes:
        raise request.error(
            f"says that it has {size} bytes, more than the {request.limits.max_bytes} that are "
            "taken",
            Failure.POLICY,
            answer.status,
        )
