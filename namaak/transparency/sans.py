"""The names a certificate is for, by a walk through its DER.

Not by a library: those refuse odd certificates that logs hold all the same, and take ten
times as long. Not by searching for the OID: whoever orders a certificate can plant one in
another field. The walk goes where RFC 5280 says the fields are, one step a field, and every
length is held against what encloses it. Names come out as the bytes they are; whether they
are hosts is for `namaak.sources.hosts`.
May import: nothing of ours.
"""

from __future__ import annotations

import functools
from datetime import datetime, timedelta
from typing import NamedTuple

_INTEGER, _OCTET_STRING = 0x02, 0x04
_SEQUENCE, _SET, _BOOLEAN = 0x30, 0x31, 0x01
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_VERSION, _ISSUER_ID, _SUBJECT_ID, _EXTENSIONS = 0xA0, 0x81, 0x82, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_WIDE = {0x1E: "utf-16-be", 0x1C: "utf-32-be"}  # BMPString and UniversalString

_COMMON_NAME = b"\x06\x03\x55\x04\x03"
_ALTERNATIVE_NAMES = b"\x06\x03\x55\x1d\x11"
#: Of every TBSCertificate after its version: serial, algorithm, issuer, validity, subject, key.
_LAYOUT = (_INTEGER, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE)
#: Tags and lengths of the times of RFC 5280: to the second, in UTC.
_UTC_FORM, _GENERALIZED_FORM = b"\x17\x0d", b"\x18\x0f"
_EPOCH = datetime(1970, 1, 1)
_SECONDS = {b"%02dZ" % second: second for second in range(60)}


class DerError(ValueError):
    """Bytes that are no certificate; the message completes "the certificate ..."."""


class Names(NamedTuple):
    """What a certificate says. A named tuple, since hundreds of thousands are made a second."""

    dns: list[bytes]  #: every dNSName, in order, as it stands: any bytes, any length
    addresses: int  #: how many iPAddress entries there are
    others: int  #: how many other entries: mail, URI, directory names ...
    common_name: bytes | None  #: the last one of the subject; UTF-8 where it was UTF-16 or -32
    serial: bytes  #: content of the INTEGER, with its leading zero if it has one
    not_before_s: int | None  #: since 1970, UTC; None where it is in no form of RFC 5280
    not_after_s: int | None
    issuer: bytes  #: the Name in DER, to compare


def certificate_names(der: bytes, *, tbs: bool) -> Names:
    """The names in a certificate, or with `tbs` in a bare TBSCertificate. Raises DerError.

    Where the extension comes twice, which RFC 5280 forbids, the names of both are returned.
    """
    try:
        return _walk(der, tbs)
    except IndexError:
        # A header that begins at the very end. Contents are checked before they are used.
        raise DerError("ends within a field") from None


def _walk(der: bytes, tbs: bool) -> Names:
    at, end = _field(der, 0, len(der), _SEQUENCE)
    if end != len(der):
        raise DerError("is followed by something else")
    if not tbs:
        at, end = _field(der, at, end, _SEQUENCE)
    if der[at] == _VERSION:
        at = _field(der, at, end, _VERSION)[1]
    # Here and among the extensions headers are read in place: a call takes as long again.
    marks: list[int] = []
    for tag in _LAYOUT:
        start, length = at + 2, der[at + 1]
        if length >= 0x80:
            start, length = _long_length(der, start, length)
        if der[at] != tag or start + length > end:
            raise _misfit(der, at, tag)
        at = start + length
        marks += (start, at)
    serial, serial_end, _, issuer, _, issuer_end, start, stop, subject, subject_end, _, _ = marks
    not_before, start = _time(der, start, stop)
    not_after, start = _time(der, start, stop)
    # Not the search the module warns of: where the OID stands at all, the walk decides.
    common_name = None
    if der.find(_COMMON_NAME, subject, subject_end) >= 0:
        common_name = _subject_common_name(der, subject, subject_end)
    dns: list[bytes] = []
    addresses = others = 0
    while at < end:
        tag = der[at]
        start, at = _field(der, at, end, tag)
        if tag == _EXTENSIONS:
            found = _alternative_names(der, start, at, dns)
            addresses, others = addresses + found[0], others + found[1]
        elif tag & 0xDF not in (_ISSUER_ID, _SUBJECT_ID):
            raise DerError("has an unknown field after its public key")
    return Names(
        dns,
        addresses,
        others,
        common_name,
        der[serial:serial_end],
        not_before,
        not_after,
        der[issuer:issuer_end],
    )


def _alternative_names(der: bytes, at: int, end: int, dns: list[bytes]) -> tuple[int, int]:
    """Adds to `dns` from the extensions in [at, end); returns counts: addresses, others."""
    addresses = others = 0
    at, stop = _field(der, at, end, _SEQUENCE)
    if stop != end:
        raise DerError("has something after its extensions")
    while at < end:
        start, length = at + 2, der[at + 1]
        if length >= 0x80:
            start, length = _long_length(der, start, length)
        stop = start + length
        if der[at] != _SEQUENCE or stop > end:
            raise _misfit(der, at, _SEQUENCE)
        if der.startswith(_ALTERNATIVE_NAMES, start):
            found = _general_names(der, start + len(_ALTERNATIVE_NAMES), stop, dns)
            addresses, others = addresses + found[0], others + found[1]
        at = stop
    return addresses, others


def _general_names(der: bytes, at: int, end: int, dns: list[bytes]) -> tuple[int, int]:
    """Adds to `dns` from an extension whose OID ends at `at`; returns counts as above."""
    addresses = others = 0
    if der[at] == _BOOLEAN:
        at = _field(der, at, end, _BOOLEAN)[1]
    at, stop = _field(der, at, end, _OCTET_STRING)
    at, inner = _field(der, at, stop, _SEQUENCE)
    if not inner == stop == end:
        raise DerError("has something after its alternative names")
    while at < end:
        tag, length = der[at], der[at + 1]
        at += 2
        if length >= 0x80:
            at, length = _long_length(der, at, length)
        stop = at + length
        if stop > end:
            raise DerError("has a name that is longer than what encloses it")
        if tag == _DNS_NAME:
            dns.append(der[at:stop])
        elif tag == _IP_ADDRESS:
            addresses += 1
        elif tag & 0x1F == 0x1F:
            raise DerError("has a name whose tag takes several bytes, which no name has")
        else:
            others += 1
        at = stop
    return addresses, others


def _field(der: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Where the content of the field at `at` begins and ends. It must lie before `end`."""
    start, length = at + 2, der[at + 1]
    if length >= 0x80:
        start, length = _long_length(der, start, length)
    if der[at] != tag or start + length > end:
        raise _misfit(der, at, tag)
    return start, start + length


def _long_length(der: bytes, at: int, first: int) -> tuple[int, int]:
    """Where the content begins, and its length, which takes more than one byte."""
    if first == 0x82:
        length = der[at] << 8 | der[at + 1]
        if length >= 0x100:
            return at + 2, length
    elif first == 0x81:
        if der[at] >= 0x80:
            return at + 1, der[at]
    elif first == 0x83:
        length = der[at] << 16 | der[at + 1] << 8 | der[at + 2]
        if length >= 0x10000:
            return at + 3, length
    else:
        # 0x80 is indefinite; with four bytes and more it is beyond the 16 MB that a log can hold.
        raise DerError("has an indefinite or huge length, which DER or logs do not allow")
    raise DerError("has a length that is written longer than DER allows")


def _misfit(der: bytes, at: int, tag: int) -> DerError:
    if der[at] != tag:
        return DerError(f"has a field of tag {der[at]:#04x} where {tag:#04x} belongs")
    return DerError("has a field that is longer than what encloses it")


def _subject_common_name(der: bytes, at: int, end: int) -> bytes | None:
    """The last common name among the attributes of a Name whose content is [at, end)."""
    found = None
    while at < end:
        entry, at = _field(der, at, end, _SET)
        while entry < at:
            start, entry = _field(der, entry, at, _SEQUENCE)
            if not der.startswith(_COMMON_NAME, start):
                continue
            value = start + len(_COMMON_NAME)
            content, stop = _field(der, value, entry, der[value])
            found = der[content:stop]
            if der[value] in _WIDE:
                found = _utf8(found, _WIDE[der[value]])
    return found


def _utf8(wide: bytes, encoding: str) -> bytes:
    try:
        return wide.decode(encoding).encode()
    except UnicodeError:
        return wide


def _time(der: bytes, at: int, end: int) -> tuple[int | None, int]:
    """The time at `at` in seconds since 1970, and where it ends."""
    tag, length = der[at], der[at + 1]
    stop = at + 2 + length
    if (tag != _UTC_TIME and tag != _GENERALIZED_TIME) or length > 0x7F or stop > end:
        raise DerError("has a validity that is no time")
    minute = _minute(der[at : stop - 3])
    second = _SECONDS.get(der[stop - 3 : stop])
    return (None if minute is None or second is None else minute + second), stop


@functools.lru_cache(maxsize=16384)
def _minute(header: bytes) -> int | None:
    """Tag, length and the digits to the minute, in seconds since 1970; None where there is none.

    Kept, since certificates that are logged together begin and end in few minutes.
    """
    form, digits = header[:2], header[2:]
    if form not in (_UTC_FORM, _GENERALIZED_FORM):
        return None
    if form == _UTC_FORM:
        # Two digits of a year are of 1950 to 2049 (RFC 5280, 4.1.2.5.1).
        digits = (b"20" if digits < b"5" else b"19") + digits
    try:
        moment = datetime.strptime(digits.decode("ascii"), "%Y%m%d%H%M")
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(seconds=1)
