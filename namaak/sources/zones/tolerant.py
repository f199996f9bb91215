"""Zone files as people and programs of all kinds write them, a record at a time.

Understands $ORIGIN, $TTL, owners left out, parentheses, comments, quotes, escapes, and TTL and
class in either order or absent. Follows nothing: $INCLUDE names a file of whoever wrote the zone,
and a zone read without it would seem to have lost names, so the zone is refused. Slow;
`reading` sends here only the lines that its columns do not understand.
Pure. May import: namaak.errors, namaak.sources.*.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Final

from namaak.sources.base import Reject, excerpt
from namaak.sources.zones.presentation import Record, Scan, absolute

NO_OWNER: Final = "it has no owner, and none before it that could be understood"
#: A parenthesis not closed within so many lines is a stray one.
MAX_RECORD_LINES: Final = 200
#: Octets of one such record.
_MAX_RECORD_BYTES: Final = 1 << 20

#: Types that zones have been seen with; any other is written as TYPE and its number.
_TYPES: Final = (
    "a aaaa afsdb apl caa cdnskey cds cert cname csync dhcid dlv dname dnskey ds eui48 "
    "eui64 gpos hinfo hip https ipseckey isdn key kx l32 l64 loc lp mb mg minfo mr mx naptr "
    "nid ns nsap nsec nsec3 nsec3param null nxt openpgpkey ptr px rp rrsig rt sig smimea soa "
    "spf srv sshfp svcb talink tlsa txt uri wks x25 zonemd dsync wallet amtrelay doa avc rkey "
    "ta ninfo nsap-ptr sink eid nimloc atma resinfo"
)
TYPES: Final = frozenset(_TYPES.split())
_GENERIC_TYPE: Final = re.compile(r"type[0-9]{1,5}")
_TTL: Final = re.compile(r"[0-9]+|(?:[0-9]+[wdhms])+[0-9]*")
_CLASSES: Final = frozenset(("in", "class1"))
_OTHER_CLASSES: Final = frozenset(("ch", "hs", "cs", "none"))
#: Directives that would bring in records that do not stand in the file.
_INCLUDING: Final = frozenset(("$include", "$generate"))
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class ZoneRefused(ValueError):
    """The zone as a whole cannot be trusted to hold all of its names."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Soa:
    """A SOA record."""

    line: int
    owner: str
    serial: int


class Tolerant:
    """Feed lines, then `close`; what was understood gathers in the lists until `take`."""

    def __init__(self, origin: str) -> None:
        """origin: the zone, as `presentation.absolute` gives names."""
        self.origin = origin
        self.last_owner: str | None = None  #: what a line without owner belongs to
        self.delegated: list[tuple[int, str]] = []  #: line and owner of each `ns` record
        self.soas: list[Soa] = []
        self.rejects: list[Reject] = []
        self.last_type: str | None = None  #: of the last line that is not empty
        self._pending: deque[str] = deque()
        self._first = 0  #: number of the first pending line
        self._scan = Scan()  #: of the record that begins with the first pending line
        self._scanned = 0  #: pending lines that it has seen
        self._bytes = 0

    @property
    def open_since(self) -> int | None:
        """The line of the record whose parenthesis is still open."""
        return self._first if self._pending else None

    def feed(self, number: int, line: bytes) -> None:
        """The next line, without its end. Raises ZoneRefused."""
        if not self._pending:
            self._first = number
        # Octets and code points one to one: what an octet means is said by escapes alone.
        self._pending.append(line.decode("latin-1"))
        self._bytes += len(line)
        self._drain(final=False)

    def close(self) -> None:
        """No line follows. Raises ZoneRefused."""
        self._drain(final=True)

    def refuse(self, number: int, reason: str, line: bytes | str) -> None:
        """A line that is left out, told."""
        self.last_type = None
        self.rejects.append(Reject(position=number, reason=reason, excerpt=excerpt(line)))

    def _too_long(self) -> bool:
        return len(self._pending) >= MAX_RECORD_LINES or self._bytes > _MAX_RECORD_BYTES

    def _drain(self, *, final: bool) -> None:
        while self._pending:
            line = self._pending[0]
            used = 1
            try:
                found = self._record()
                if found is None and not final and not self._too_long():
                    return
                if found is None:
                    self.last_owner = None
                    raise ValueError("a parenthesis is opened and never closed")
                used = found.lines
                self._understand(self._first, found.tokens, owned=found.owned)
            except ZoneRefused:
                raise
            except ValueError as error:
                self.refuse(self._first, f"{error}", line)
            self._scan, self._scanned = Scan(), 0
            for _ in range(used):
                self._bytes -= len(self._pending.popleft())
            self._first += used

    def _record(self) -> Record | None:
        """The record that begins with the first pending line; None where more lines belong to it.

        Raises ValueError.
        """
        if not self._scanned and _NO_TEXT.search(self._pending[0]):
            raise ValueError("it holds control characters: it is no text")
        found = None
        while found is None and self._scanned < min(len(self._pending), MAX_RECORD_LINES):
            self._scanned += 1
            found = self._scan.add(self._pending[self._scanned - 1])
        return found

    def _understand(self, number: int, tokens: tuple[str, ...], *, owned: bool) -> None:
        if not tokens:
            return
        if owned and tokens[0].startswith("$"):
            self._directive(number, tokens)
            return
        if owned:
            self.last_owner = None  # what follows without an owner must not join another's
            self.last_owner = absolute(tokens[0], self.origin)
        owner = self.last_owner
        if owner is None:
            raise ValueError(NO_OWNER)
        kind, content = _typed(tokens[1:] if owned else tokens)
        if kind == "ns":
            if len(content) != 1:
                raise ValueError(f"an ns record names one server, not {len(content)}")
            self.delegated.append((number, owner))
        elif kind == "soa":
            self.soas.append(Soa(line=number, owner=owner, serial=_serial(content)))
        self.last_type = kind

    def _directive(self, number: int, tokens: tuple[str, ...]) -> None:
        name = tokens[0].lower()
        if name in _INCLUDING:
            raise ZoneRefused(
                number, f"{name.upper()} stands for records that are not in the file and is never "
                "followed",
            )  # fmt: skip
        if name not in ("$origin", "$ttl"):
            raise ValueError("it is no directive that namaak knows")
        if len(tokens) != 2:
            raise ValueError(f"{name.upper()} has {len(tokens) - 1} values where one belongs")
        if name == "$origin":
            try:
                self.origin = absolute(tokens[1], self.origin)
            except ValueError as error:
                # Every relative name below would be another name.
                raise ZoneRefused(number, f"$ORIGIN is no name: {error}") from None


def _typed(tokens: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The type of a record and what follows it. tokens: behind the owner."""
    ttl = classed = False
    for place, token in enumerate(tokens):
        word = token.lower()
        if word in TYPES or _GENERIC_TYPE.fullmatch(word):
            return {"type2": "ns", "type6": "soa"}.get(word, word), tokens[place + 1 :]
        if not classed and word in _CLASSES:
            classed = True
        elif word in _OTHER_CLASSES:
            raise ValueError("its class is not IN")
        elif not ttl and _TTL.fullmatch(word):
            ttl = True
        else:
            raise ValueError(f"{excerpt(token)[:40]!r} is neither TTL, class nor type")
    raise ValueError("it has no type")


def _serial(content: tuple[str, ...]) -> int:
    if len(content) != 7:
        raise ValueError(f"a SOA record has 7 values, not {len(content)}")
    digits = content[2]
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10):
        raise ValueError("the serial of the SOA record is no number")
    if int(digits) >= 1 << 32:
        raise ValueError("the serial of the SOA record has more than 32 bits")
    return int(digits)
