"""Names tiles: what Sunlight logs serve for people like us, one JSON object a line.

A twentieth of the bytes of the entries, but nothing in them is signed: what is read here has
the trust `names`, never `verified`.
May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_LINES = 256


class NamedEntry(NamedTuple):
    """What a names tile says of one entry."""

    timestamp_ms: int  #: since 1970, UTC
    common_name: str | None
    dns: list[str]  #: in the order of the certificate; bytes that are no UTF-8 became U+FFFD
    addresses: int  #: how many iPAddress entries there are


class NamesTileError(ValueError):
    """A line that is not in its form; index: its number in the tile, from 0."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(f"line {index} {reason}")
        self.index = index
        self.reason = reason


class _Subject(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    CommonName: str | None = None


class _Line(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    Timestamp: Annotated[int, Field(ge=0, le=2**63 - 1)]
    Subject: _Subject | None = None
    DNS: list[str] | None = None
    IP: list[str] | None = None


def names_tile(content: bytes) -> Iterator[NamedEntry]:
    """The entries of a names tile, in order. Raises NamesTileError at the first wrong line.

    content: without compression. The caller knows how many lines there must be.
    """
    lines = content.split(b"\n")
    # Objects end with a newline. What follows the last one was cut off; the lines before it
    # are whole, so they come first.
    cut_off = bool(lines.pop())
    validate = _Line.__pydantic_validator__.validate_json
    for index, line in enumerate(lines):
        if index == MAX_LINES:
            raise NamesTileError(index, f"is more than the {MAX_LINES} a tile holds")
        try:
            entry = validate(line)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, fault["loc"])) or "JSON"
            raise NamesTileError(index, f"is out of form: {where}: {fault['msg']}") from None
        yield NamedEntry(
            entry.Timestamp,
            (entry.Subject.CommonName or None) if entry.Subject else None,
            entry.DNS or [],
            len(entry.IP or ()),
        )
    if cut_off:
        raise NamesTileError(len(lines), "is cut short")
