"""A zone from a name server, whole or not at all: AXFR over TCP (RFC 5936), signed by TSIG or not.

The stream goes to a zone file as it comes, so that a zone of any size needs the memory of one
message. It is taken only when it ends with the SOA record that it began with; a stream that stops
before, changes its serial, or is not signed as it should be, leaves nothing behind.
The messages are read by `wire`; asking, and checking signatures, is dnspython's.
May import: namaak.durable, namaak.errors, namaak.sources.zones.
"""

from __future__ import annotations

import base64
import gzip
import io
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tsig

from namaak import durable
from namaak.errors import Failure, SourceError
from namaak.sources.zones.servers import Server
from namaak.sources.zones.tolerant import TYPES
from namaak.sources.zones.wire import AAAA, NS, SOA, TSIG, A, Message, WireError, WireRecord

#: Messages that a server may leave unsigned in a row (RFC 8945, section 5.3.1).
_MAX_UNSIGNED: Final = 99
_MAX_MESSAGE: Final = 65_535
_IDLE_S: Final = 30.0
_OPT: Final = 41


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A TSIG key. Its repr does not show the secret."""

    name: str
    algorithm: str  #: "hmac-sha256"
    secret: str = field(repr=False)  #: base64

    def tsig(self) -> dns.tsig.Key:
        """Raises ValueError where the secret is no base64."""
        try:
            secret = base64.b64decode(self.secret, validate=True)
            return dns.tsig.Key(self.name, secret, f"{self.algorithm}.")
        except (ValueError, dns.exception.DNSException):
            # What the library says could repeat the secret.
            raise ValueError(f"the secret of the TSIG key {self.name} is no base64") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom to ask for which zone."""

    zone: str
    server: Server
    key: Key | None
    timeout_s: float  #: for a whole transfer
    max_bytes: int  #: of the zone file, unpacked
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time  #: signatures are good for minutes


def serial_of(asked: Asked) -> int:
    """The serial that the server has now. Raises SourceError."""
    query = _query(asked, "SOA")
    for address in asked.server.addresses():
        try:
            reply = dns.query.tcp(query, address, port=asked.server.port, timeout=_IDLE_S)
        except (OSError, dns.exception.DNSException) as error:
            last = _unreachable(asked, error)
            continue
        if reply.rcode() != dns.rcode.NOERROR:
            raise _refused(asked, reply.rcode())
        for rrset in reply.answer:
            if rrset.rdtype == dns.rdatatype.SOA and rrset.name == _origin(asked):
                return int(rrset[0].serial)
        raise SourceError(
            f"The name server {asked.server} has no SOA record of the zone {_shown(asked)}; check "
            "the names in the watch file."
        )
    raise last


def transfer(asked: Asked, path: Path) -> int:
    """Bring the zone to the file `path`, gzipped. Returns its serial. Raises SourceError."""
    for address in asked.server.addresses():
        try:
            stream = socket.create_connection((address, asked.server.port), timeout=_IDLE_S)
        except OSError as error:
            last = _unreachable(asked, error)
            continue
        with stream:
            return _kept(asked, stream, path)
    raise last


def _kept(asked: Asked, stream: socket.socket, path: Path) -> int:
    serial = 0

    def write(part: Path) -> None:
        nonlocal serial
        serial = _receive(asked, stream, part)

    try:
        durable.replace(path, write)
    except (TimeoutError, ConnectionError) as error:
        raise _cut_short(asked, _in_words(error)) from None
    except OSError as error:
        raise SourceError(
            f"The zone {_shown(asked)} cannot be written to {path} ({error.strerror}); free some "
            "space."
        ) from None
    return serial


def _receive(asked: Asked, stream: socket.socket, path: Path) -> int:
    query = _query(asked, "AXFR")
    octets = query.to_wire()
    stream.sendall(len(octets).to_bytes(2, "big") + octets)
    messages = _messages(asked, stream, asked.clock() + asked.timeout_s)
    signed = _Signed(asked, query)
    zone = _Zone(asked, query.id)
    with path.open("wb") as raw:
        # No name and no time in it: the same zone is the same file.
        with gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:
            for octets in messages:
                text = zone.text(octets, signed)
                packed.write(text.encode("ascii"))
                if zone.closed:
                    break
        raw.flush()
        os.fsync(raw.fileno())
    signed.close()
    assert zone.serial is not None
    return zone.serial


def _messages(asked: Asked, stream: socket.socket, end: float) -> Iterator[bytes]:
    """Message after message. Raises SourceError where the stream ends, or takes too long."""
    buffered = io.BufferedReader(_Reader(asked, stream, end), _MAX_MESSAGE + 2)
    while True:
        prefix = buffered.read(2)
        size = int.from_bytes(prefix, "big")
        octets = buffered.read(size) if len(prefix) == 2 else b""
        if len(prefix) < 2 or len(octets) < size:
            raise _cut_short(asked, "the server closed the connection")
        yield octets


class _Reader(io.RawIOBase):
    """A socket with a deadline over everything that is read from it."""

    def __init__(self, asked: Asked, stream: socket.socket, end: float) -> None:
        self._asked = asked
        self._stream = stream
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._end - self._asked.clock()
        if left <= 0:
            raise self._late()
        self._stream.settimeout(min(left, _IDLE_S))
        try:
            return self._stream.recv_into(buffer)
        except TimeoutError:
            if left > _IDLE_S:
                raise _cut_short(self._asked, f"nothing came for {_IDLE_S:g} s") from None
            raise self._late() from None

    def _late(self) -> SourceError:
        return _cut_short(self._asked, f"it takes longer than {self._asked.timeout_s:g} s")


class _Signed:
    """Whether the stream is signed as it should be (RFC 8945, section 5.3)."""

    def __init__(self, asked: Asked, query: dns.message.QueryMessage) -> None:
        self._asked = asked
        self._key = None if asked.key is None else asked.key.tsig()
        self._mac = query.mac
        self._context: Any = None
        self._unsigned = 0

    def check(self, message: Message, last: WireRecord | None) -> None:
        """last: the last record of the message. Raises SourceError."""
        if self._key is None:
            return
        if last is None or last.type != TSIG:
            self._unsigned += 1
            if self._context is None or self._unsigned > _MAX_UNSIGNED:
                raise self._wrong("a part of the transfer is not signed")
            self._context.update(message.octets)
            return
        size = last.end - last.data
        try:
            rdata = dns.rdata.from_wire(
                dns.rdataclass.ANY, dns.rdatatype.TSIG, message.octets, last.data, size
            )
            self._context = dns.tsig.validate(  # type: ignore[no-untyped-call]
                message.octets, self._key, dns.name.from_text(last.owner), rdata,
                int(self._asked.now()), self._mac, last.begin, self._context, True,
            )  # fmt: skip
        except dns.exception.DNSException as error:
            raise self._wrong(str(error) or type(error).__name__) from None
        self._unsigned = 0

    def close(self) -> None:
        """The stream has ended. Raises SourceError where its end is not signed."""
        if self._unsigned:
            raise self._wrong("its end is not signed")

    def _wrong(self, what: str) -> SourceError:
        return SourceError(
            f"The signature of {self._asked.server} over the zone {_shown(self._asked)} does not "
            f"hold ({what}); check the TSIG key and the clock. Nothing was taken.",
            Failure.AUTH,
        )


class _Zone:
    """The records of a transfer as lines of a zone file."""

    def __init__(self, asked: Asked, query_id: int) -> None:
        self.closed = False
        self.serial: int | None = None
        self._asked = asked
        self._id = query_id
        self._left = asked.max_bytes

    def text(self, octets: bytes, signed: _Signed) -> str:
        """The lines of one message. Raises SourceError."""
        try:
            message = Message(octets)
            header = message.header
            if not header.response or header.id != self._id or header.truncated:
                raise WireError("a message is no answer to what was asked")
            records = list(message.records())
            signed.check(message, records[-1] if records else None)
            if header.rcode:
                raise _refused(self._asked, header.rcode)
            lines = [self._line(message, record) for record in records[: header.answers]]
        except WireError as error:
            raise SourceError(
                f"The name server {self._asked.server} does not speak DNS ({error}); nothing of "
                f"the zone {_shown(self._asked)} was taken."
            ) from None
        text = "".join(lines)
        self._left -= len(text)
        if self._left < 0:
            raise SourceError(
                f"The zone {_shown(self._asked)} is larger than {self._asked.max_bytes} bytes; "
                "raise max_bytes if that is to be expected. Nothing was taken.",
                Failure.POLICY,
            )
        return text

    def _line(self, message: Message, record: WireRecord) -> str:
        if self.closed:
            raise WireError("records follow the closing SOA record")
        if record.rr_class != 1:
            raise WireError("a record is not of class IN")
        kind = record.type
        if self.serial is None and kind != SOA:
            raise WireError("the transfer does not begin with a SOA record")
        head = f"{record.owner}.\t{record.ttl}\tin\t"
        if kind == NS:
            return f"{head}ns\t{message.ns_target(record)}.\n"
        if kind == SOA:
            server, mailbox, numbers = message.soa(record)
            self._at_soa(record, numbers[0])
            return f"{head}soa\t{server}. {mailbox}. {' '.join(map(str, numbers))}\n"
        content = message.octets[record.data : record.end]
        if kind == A and len(content) == 4:
            return f"{head}a\t{socket.inet_ntop(socket.AF_INET, content)}\n"
        if kind == AAAA and len(content) == 16:
            return f"{head}aaaa\t{socket.inet_ntop(socket.AF_INET6, content)}\n"
        # Any other as RFC 3597 writes what it does not know: nothing of it is lost.
        data = f" {content.hex()}" if content else ""
        return f"{head}{_type_name(kind)}\t\\# {len(content)}{data}\n"

    def _at_soa(self, record: WireRecord, serial: int) -> None:
        if record.owner != self._asked.zone:
            raise WireError("the SOA record is of another zone")
        if self.serial is None:
            self.serial = serial
        elif serial == self.serial:
            self.closed = True
        else:
            raise WireError(f"the zone changed from serial {self.serial} to {serial} meanwhile")


def _type_name(kind: int) -> str:
    name = _NAMES.get(kind)
    if name is None:
        known = dns.rdatatype.to_text(dns.rdatatype.RdataType.make(kind)).lower()
        name = _NAMES[kind] = known if known in TYPES else f"type{kind}"
    return name


_NAMES: dict[int, str] = {}


def _query(asked: Asked, kind: str) -> dns.message.QueryMessage:
    """Raises SourceError where the key is none."""
    query = dns.message.make_query(_origin(asked), kind)
    query.flags &= ~dns.flags.RD
    if asked.key is not None:
        try:
            query.use_tsig(asked.key.tsig())
        except ValueError as error:
            raise SourceError(f"{error}; mend the environment.", Failure.AUTH) from None
    return query


def _origin(asked: Asked) -> dns.name.Name:
    return dns.name.from_text(asked.zone or ".")


def _shown(asked: Asked) -> str:
    return asked.zone or "."


def _refused(asked: Asked, rcode: int) -> SourceError:
    word = dns.rcode.to_text(dns.rcode.Rcode(rcode))
    barred = rcode in (dns.rcode.REFUSED, dns.rcode.NOTAUTH)
    return SourceError(
        f"The name server {asked.server} does not give the zone {_shown(asked)} ({word}); check "
        "that it is open to your address, and the TSIG key.",
        Failure.AUTH if barred else Failure.TRANSIENT,
    )


_KEY_TROUBLE: Final = (
    dns.tsig.PeerError,
    dns.tsig.BadSignature,
    dns.tsig.BadTime,
    dns.tsig.BadKey,
    dns.tsig.BadAlgorithm,
    dns.message.UnknownTSIGKey,
)


def _unreachable(asked: Asked, error: Exception) -> SourceError:
    if isinstance(error, _KEY_TROUBLE):
        return SourceError(
            f"The name server {asked.server} and namaak do not agree on the TSIG key "
            f"({_in_words(error)}); check its name, algorithm and secret, and the clock.",
            Failure.AUTH,
        )
    return SourceError(
        f"The name server {asked.server} did not answer for the zone {_shown(asked)} "
        f"({_in_words(error)}); the next run tries again.",
        Failure.TRANSIENT,
    )


def _cut_short(asked: Asked, why: str) -> SourceError:
    return SourceError(
        f"The transfer of the zone {_shown(asked)} from {asked.server} was cut short ({why}); "
        "nothing of it was taken, the next run tries again.",
        Failure.TRANSIENT,
    )


def _in_words(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error) or type(error).__name__
