"""Bringing a large file home in as many attempts and runs as it takes.

What is there is continued only where the server says that it still has the same version, by
If-Range in front and by its validators behind; otherwise it starts again at the first byte.
May import: namaak.errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from namaak.errors import Failure
from namaak.fetch.budgets import Budget
from namaak.fetch.connecting import Answer
from namaak.fetch.failures import FetchError
from namaak.fetch.parts import PartFile, Version
from namaak.fetch.receiving import check_length, conditions, validators_in
from namaak.fetch.replies import Validators
from namaak.fetch.requesting import Request
from namaak.fetch.retrying import http_date

_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
#: A file that changed this short a time before it was sent may change again within one second
#: of its Last-Modified (RFC 9110, section 8.8.2.2).
_SETTLED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The part is whole, or the file that was there before still holds."""

    url: str
    validators: Validators
    encoding: str | None
    not_modified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InFile:
    """Appends answers to a part until it is whole."""

    part: PartFile
    validators: Validators  #: of the whole file that was there before
    budget: Budget

    @property
    def progress(self) -> int:
        return self.part.length

    def headers(self) -> Mapping[str, str]:
        headers = {"Accept-Encoding": "identity", **conditions(self.validators)}
        version = self.part.version
        if self.part.length and version is not None and version.if_range is not None:
            headers["Range"] = f"bytes={self.part.length}-"
            headers["If-Range"] = version.if_range
        return headers

    def failed(self, error: FetchError) -> bool:
        """True where another attempt helps because it starts at the first byte."""
        if error.status not in (206, 416) or error.failure is not Failure.MALFORMED:
            return False
        had = self.part.length > 0
        self.part.discard()
        return had

    async def take(self, request: Request, answer: Answer) -> Arrived:
        validators = validators_in(answer)
        if answer.status == 304:
            return Arrived(
                url=request.target.text, validators=validators or self.validators, encoding=None,
                not_modified=True,
            )  # fmt: skip
        end: int | None = None
        total = answer.content_length
        if answer.status == 206:
            end, total = self._continued(request, answer)
        elif answer.status == 200:
            self.part.discard()
            check_length(request, answer)
            self.part.start(_version(answer))
        else:
            raise request.error(
                f"has status {answer.status}, which is no file", Failure.MALFORMED, answer.status
            )
        await self._append(request, answer, end)
        version = self.part.version
        assert version is not None
        if total is not None and self.part.length < total:
            raise request.error(
                f"gave {self.part.length} of {total} bytes", Failure.TRANSIENT, answer.status
            )
        return Arrived(
            url=request.target.text, validators=version.validators, encoding=version.encoding,
            not_modified=False,
        )  # fmt: skip

    def _continued(self, request: Request, answer: Answer) -> tuple[int, int]:
        """The position behind the last byte promised, and the length of the whole file.

        Raises FetchError where they do not fit. A server that keeps the length to itself does not
        fit either: nobody could tell when the file is whole.
        """
        told = answer.headers.get("Content-Range", "")
        parts = _CONTENT_RANGE.fullmatch(told)
        version = self.part.version
        if parts is None or version is None or not self.part.length:
            raise self._unfit(request, f"names a range that was not asked for ({told!r})")
        start, last, total = int(parts[1]), int(parts[2]), int(parts[3])
        if start != self.part.length or last < start or last >= total:
            raise self._unfit(request, f"names a range that was not asked for ({told!r})")
        if version.total is not None and total != version.total:
            raise self._unfit(request, "is a part of a file of another length")
        if _changed(version, validators_in(answer)) or _encoding(answer) != version.encoding:
            raise self._unfit(request, "is a part of another version")
        if total > request.limits.max_bytes:
            self.part.discard()
            raise request.error(
                f"is larger than the {request.limits.max_bytes} bytes that are taken",
                Failure.POLICY,
                answer.status,
            )
        return last + 1, total

    async def _append(self, request: Request, answer: Answer, end: int | None) -> None:
        """end: the position that the answer itself names as its end."""
        async for piece in answer.content.iter_any():
            reached = self.part.length + len(piece)
            if reached > request.limits.max_bytes:
                self.part.discard()
                raise request.error(
                    f"is larger than the {request.limits.max_bytes} bytes that are taken",
                    Failure.POLICY,
                    answer.status,
                )
            if end is not None and reached > end:
                raise self._unfit(request, "is longer than the range that it names")
            self.part.append(piece)
            if (reason := self.budget.received(len(piece))) is not None:
                raise request.error(f"was not read on: {reason}", Failure.POLICY, answer.status)

    def _unfit(self, request: Request, says: str) -> FetchError:
        return request.error(says, Failure.MALFORMED, 206)


def _version(answer: Answer) -> Version:
    validators = validators_in(answer)
    return Version(
        etag=validators.etag,
        last_modified=validators.last_modified,
        if_range=_if_range(validators, answer.headers.get("Date")),
        total=answer.content_length,
        encoding=_encoding(answer),
    )


def _if_range(validators: Validators, date: str | None) -> str | None:
    """A validator that tells two versions apart byte for byte; None where there is none."""
    if validators.etag is not None and validators.etag.startswith('"'):
        return validators.etag
    modified, sent = http_date(validators.last_modified), http_date(date)
    if modified is not None and sent is not None and sent - modified >= _SETTLED:
        return validators.last_modified
    return None


def _changed(version: Version, now: Validators) -> bool:
    """Whether a partial answer names another version; If-Range should have kept it away."""
    return any(
        new is not None and new != old
        for old, new in (
            (version.etag, now.etag),
            (version.last_modified, now.last_modified),
        )
    )


def _encoding(answer: Answer) -> str | None:
    named = ", ".join(answer.headers.getall("Content-Encoding", ())).strip().lower()
    return None if named in ("", "identity") else named[:100]
