"""Messages of a zone transfer, read as they come (RFC 1035, section 4; RFC 5936).

Only what a transfer needs: a million records a minute go through here, which a general parser
does ten times more slowly. Every length and every pointer is a stranger's and is checked; anything
that does not fit is a WireError and ends the transfer.
Pure. May import: namaak.sources.zones.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from namaak.sources.zones.presentation import MAX_LABEL, MAX_WIRE_NAME, written

A, NS, SOA, AAAA, TSIG = 1, 2, 6, 28, 250
_IN: Final = 1
_POINTER: Final = 0xC0
#: Names remembered within one message, so that a pointer costs nothing.
_MAX_POINTERS: Final = 127


class WireError(ValueError):
    """The octets are no DNS message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first twelve octets."""

    id: int
    response: bool
    truncated: bool
    rcode: int
    questions: int
    answers: int
    others: int  #: authority and additional records


@dataclass(frozen=True, slots=True)
class WireRecord:
    """One resource record."""

    owner: str  #: as `presentation.absolute` gives names
    type: int
    rr_class: int
    ttl: int
    begin: int  #: of the record in the message
    data: int  #: of its data in the message
    end: int


class Message:
    """One message; its names share their tails."""

    def __init__(self, octets: bytes) -> None:
        if len(octets) < 12:
            raise WireError("a message is shorter than its header")
        self.octets = octets
        number, flags, *counts = struct.unpack_from("!6H", octets)
        self.header = Header(
            id=number,
            response=bool(flags & 0x8000),
            truncated=bool(flags & 0x0200),
            rcode=flags & 0xF,
            questions=counts[0],
            answers=counts[1],
            others=counts[2] + counts[3],
        )
        self._names: dict[int, tuple[str, int]] = {}

    def records(self) -> Iterator[WireRecord]:
        """Those of all sections, in their order. Raises WireError."""
        octets = self.octets
        place = 12
        for _ in range(self.header.questions):
            _, place = self.name(place)
            place += 4
        unpack = struct.Struct("!HHIH").unpack_from
        for _ in range(self.header.answers + self.header.others):
            begin = place
            owner, place = self.name(place)
            data = place + 10
            if data > len(octets):
                raise WireError("a record is cut off")
            kind, rr_class, ttl, size = unpack(octets, place)
            place = data + size
            if place > len(octets):
                raise WireError("the data of a record are cut off")
            yield WireRecord(owner, kind, rr_class, ttl, begin, data, place)
        if place != len(octets):
            raise WireError("a message is longer than its records")

    def name(self, place: int) -> tuple[str, int]:
        """The name at `place`, and where it ends. Raises WireError."""
        known = self._names.get(place)
        if known is not None:
            return known
        octets = self.octets
        labels: list[bytes] = []
        tail = ""
        start, size = place, 1
        end: int | None = None
        jumps = 0
        lowest = place
        while True:
            if place >= len(octets):
                raise WireError("a name is cut off")
            length = octets[place]
            if length >= _POINTER:
                if place + 1 >= len(octets):
                    raise WireError("a name is cut off")
                target = (length & 0x3F) << 8 | octets[place + 1]
                if end is None:
                    end = place + 2
                # Only backwards, so that no chain of pointers is a circle.
                if target >= lowest or jumps == _MAX_POINTERS:
                    raise WireError("a name points forwards, or in a circle")
                jumps += 1
                place = lowest = target
                found = self._names.get(target)
                if found is not None:
                    tail = found[0]
                    size += len(tail) + 1 if tail else 0
                    break
            elif length > MAX_LABEL:
                raise WireError("a label has a length that none can have")
            elif length == 0:
                if end is None:
                    end = place + 1
                break
            else:
                label = octets[place + 1 : place + 1 + length]
                if len(label) < length:
                    raise WireError("a name is cut off")
                labels.append(label)
                size += length + 1
                place += length + 1
                if size > MAX_WIRE_NAME:
                    raise WireError("a name is too long")
        # A tail with escapes is counted longer than it is: such names are not met in registries.
        if size > MAX_WIRE_NAME and "\\" not in tail:
            raise WireError("a name is too long")
        head = _text(labels)
        name = f"{head}.{tail}" if head and tail else head or tail
        self._names[start] = name, end
        return name, end

    def ns_target(self, record: WireRecord) -> str:
        """The server that an `ns` record names."""
        return self._whole(record, self.name(record.data))

    def soa(self, record: WireRecord) -> tuple[str, str, tuple[int, ...]]:
        """Both names and the five numbers of a SOA record, the serial first."""
        server, place = self.name(record.data)
        mailbox, place = self.name(place)
        if place + 20 != record.end:
            raise WireError("a SOA record has not the length of one")
        return server, mailbox, struct.unpack_from("!5I", self.octets, place)

    @staticmethod
    def _whole(record: WireRecord, found: tuple[str, int]) -> str:
        if found[1] != record.end:
            raise WireError("the data of a record have not the length of a name")
        return found[0]


def _text(labels: list[bytes]) -> str:
    """As `presentation.written`, quickly for what is usual."""
    joined = b".".join(labels).lower()
    # One dot fewer than labels: a dot inside of a label would be one more.
    if joined.translate(None, _USUAL) == b"" and joined.count(b".") == max(0, len(labels) - 1):
        return joined.decode("ascii")
    return written(labels)


_USUAL: Final = b"abcdefghijklmnopqrstuvwxyz0123456789-_*."
