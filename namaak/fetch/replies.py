"""What a request may cost, and what came back.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

#: A validator longer than this is not sent back: it was made to be a burden.
_MAX_VALIDATOR = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one answer may weigh. What goes over it is refused, not cut off."""

    max_bytes: int = 2 << 20  #: of the body, decoded; of a download: as sent
    max_ratio: float = 200.0  #: decoded bytes for each byte sent; counts from 64 KiB on
    max_header_bytes: int = 32_768  #: names and values of all header fields together


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What tells one version of a resource from another; as the server wrote it."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect that was followed."""

    url: str  #: what was asked
    status: int
    location: str  #: where it pointed, made absolute
    address: str  #: the IP address that answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, read to its end."""

    status: int
    url: str  #: of the last request, behind all redirects
    hops: tuple[Hop, ...]  #: the redirects before it, in order
    headers: Mapping[str, str]  #: names in any case; the first of several values
    body: bytes  #: content coding undone
    sent_bytes: int  #: of the body, as it came over the network
    validators: Validators
    address: str  #: the IP address that answered
    not_modified: bool  #: 304: `body` is empty, what the caller has still holds
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A file that is whole and on the disk, or was not modified since."""

    path: Path
    url: str  #: behind all redirects
    size: int  #: bytes
    sha256: str  #: lower-case hex, of the file as it is
    resumed_from: int  #: bytes that an earlier run had already
    validators: Validators
    content_encoding: str | None  #: where the server coded the bytes in the file
    not_modified: bool  #: the file at `path` was left as it was
    received_at: datetime


def validators_of(etag: str | None, last_modified: str | None) -> Validators:
    """The validators of an answer, without those that are no header values."""
    return Validators(etag=_clean(etag), last_modified=_clean(last_modified))


def _clean(value: str | None) -> str | None:
    if value and len(value) <= _MAX_VALIDATOR and value.isascii() and value.isprintable():
        return value
    return None
