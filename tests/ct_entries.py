"""Entries for a log of our own: certificates made here, most of them cheaply.

A cheap entry is a certificate by its form, with a signature of zeros: logs of thousands are
made in a second. A signed one is made and signed by `cryptography`, so that its form is not
our own idea of it. A raw one holds whatever a test wants to see refused.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FIRST_TIME = datetime(2026, 7, 1, tzinfo=UTC)
FIRST_TIME_MS = int(FIRST_TIME.timestamp()) * 1000
ISSUER = "Made-up Issuing CA 1"

_COMMON_NAME = b"\x06\x03\x55\x04\x03"
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_POISON = bytes.fromhex("3013060a2b06010401d6790204030101ff04020500")
_BASIC_CONSTRAINTS = bytes.fromhex("300c0603551d130101ff04023000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody submitted to a log, and what is in it."""

    timestamp_ms: int
    certificate: bytes  #: the certificate; of a precertificate its TBS without poison
    issuer_key_hash: bytes | None = None  #: None: not a precertificate
    submitted: bytes = b""  #: the precertificate as a whole
    chain: tuple[bytes, ...] = ()  #: certificates of the issuers
    names: tuple[bytes, ...] = ()
    common_name: bytes | None = None
    addresses: tuple[bytes, ...] = ()
    serial: int = 0
    not_before: datetime = field(default=FIRST_TIME)
    not_after: datetime = field(default=FIRST_TIME)


def der(tag: int, *parts: bytes) -> bytes:
    """A DER field of these contents."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def name(common_name: bytes | None) -> bytes:
    """A Name in DER with at most a common name, in UTF-8."""
    if common_name is None:
        return der(0x30)
    return der(0x30, der(0x31, der(0x30, _COMMON_NAME, der(0x0C, common_name))))


def alternative_names(names: Sequence[bytes], addresses: Sequence[bytes] = ()) -> bytes:
    """The extension in DER: dNSName entries, then iPAddress entries."""
    entries = [der(0x82, one) for one in names] + [der(0x87, one) for one in addresses]
    return der(0x30, b"\x06\x03\x55\x1d\x11", der(0x04, der(0x30, *entries)))


def tbs_certificate(
    *,
    serial: int = 1,
    subject: bytes = b"\x30\x00",
    extensions: Sequence[bytes] = (),
    not_before: datetime = FIRST_TIME,
    not_after: datetime = FIRST_TIME + timedelta(days=90),
    validity: bytes | None = None,
    more: bytes = b"",
) -> bytes:
    """A TBSCertificate in DER. validity: both times, in DER; more: what follows the key."""
    return der(
        0x30,
        b"\xa0\x03\x02\x01\x02",
        der(0x02, serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
        _ECDSA_SHA256,
        name(ISSUER.encode()),
        der(0x30, _time(not_before) + _time(not_after) if validity is None else validity),
        subject,
        _issuer_key(),
        more,
        der(0xA3, der(0x30, *extensions)) if extensions else b"",
    )


def certificate(tbs: bytes) -> bytes:
    """A certificate of that form, with a signature of zeros."""
    return der(0x30, tbs, _ECDSA_SHA256, der(0x03, bytes(71)))


def cheap_entry(
    names: Sequence[str | bytes],
    *,
    number: int,
    precert: bool = True,
    common_name: str | bytes | None = None,
    addresses: Sequence[str] = (),
    serial: int | None = None,
    not_after: datetime | None = None,
) -> Entry:
    """An entry by its form alone. number: says when it came, and its serial where none is given."""
    raw = tuple(_bytes(one) for one in names)
    packed = tuple(ip_address(one).packed for one in addresses)
    subject = None if common_name is None else _bytes(common_name)
    begins = FIRST_TIME + timedelta(seconds=number)
    ends = not_after or begins + timedelta(days=90)
    extensions = [_BASIC_CONSTRAINTS]
    if raw or packed:
        extensions.append(alternative_names(raw, packed))
    number_or_serial = number + 1 if serial is None else serial

    def tbs(*more: bytes) -> bytes:
        return tbs_certificate(
            serial=number_or_serial,
            subject=name(subject),
            extensions=[*extensions, *more],
            not_before=begins,
            not_after=ends,
        )

    return Entry(
        timestamp_ms=FIRST_TIME_MS + number * 1000,
        certificate=tbs() if precert else certificate(tbs()),
        issuer_key_hash=_issuer_key_hash() if precert else None,
        submitted=certificate(tbs(_POISON)) if precert else b"",
        chain=(issuer_certificate(),),
        names=raw,
        common_name=subject,
        addresses=packed,
        serial=number_or_serial,
        not_before=begins,
        not_after=ends,
    )


def signed_entry(
    names: Sequence[str], *, number: int, precert: bool = True, common_name: str | None = None
) -> Entry:
    """An entry whose certificate `cryptography` made, signed by the made-up CA."""
    begins = FIRST_TIME + timedelta(seconds=number)
    ends = begins + timedelta(days=90)
    subject = x509.Name(
        [] if common_name is None else [_attribute(x509.NameOID.COMMON_NAME, common_name)]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_issuer_name())
        .public_key(_issuer_private_key().public_key())
        .serial_number(number + 1)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False
        )
    )
    final = builder.sign(_issuer_private_key(), SHA256())
    submitted = b""
    if precert:
        poisoned = builder.add_extension(x509.PrecertPoison(), critical=True)
        submitted = poisoned.sign(_issuer_private_key(), SHA256()).public_bytes(Encoding.DER)
    return Entry(
        timestamp_ms=FIRST_TIME_MS + number * 1000,
        certificate=final.tbs_certificate_bytes if precert else final.public_bytes(Encoding.DER),
        issuer_key_hash=_issuer_key_hash() if precert else None,
        submitted=submitted,
        chain=(issuer_certificate(),),
        names=tuple(one.encode() for one in names),
        common_name=None if common_name is None else common_name.encode(),
        serial=number + 1,
        not_before=begins,
        not_after=ends,
    )


def raw_entry(content: bytes, *, number: int, precert: bool = False) -> Entry:
    """An entry whose certificate is any bytes at all."""
    return Entry(
        timestamp_ms=FIRST_TIME_MS + number * 1000,
        certificate=content,
        issuer_key_hash=_issuer_key_hash() if precert else None,
        submitted=content if precert else b"",
        chain=(issuer_certificate(),),
    )


def some_entries(count: int, *, start: int = 0, suffix: str = "shop.example") -> list[Entry]:
    """Entries numbered from `start`: one in 50 signed, every fourth a final certificate.

    Their names are `n<number>.<suffix>` and, every third, `*.n<number>.<suffix>` besides.
    """
    made = []
    for number in range(start, start + count):
        first = f"n{number}.{suffix}"
        names = [first, f"*.{first}"] if number % 3 == 0 else [first]
        common_name = first if number % 2 else None
        make = signed_entry if number % 50 == 7 else cheap_entry
        made.append(make(names, number=number, precert=number % 4 != 3, common_name=common_name))
    return made


@functools.cache
def issuer_certificate() -> bytes:
    """The made-up CA's own certificate, in DER."""
    key = _issuer_private_key()
    return (
        x509.CertificateBuilder()
        .subject_name(_issuer_name())
        .issuer_name(_issuer_name())
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(FIRST_TIME - timedelta(days=365))
        .not_valid_after(FIRST_TIME + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )


@functools.cache
def _issuer_private_key() -> ec.EllipticCurvePrivateKey:
    # From a fixed number: logs made twice are the same.
    return ec.derive_private_key(0x5EED, ec.SECP256R1())


@functools.cache
def _issuer_key() -> bytes:
    public = _issuer_private_key().public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@functools.cache
def _issuer_key_hash() -> bytes:
    return hashlib.sha256(_issuer_key()).digest()


def _issuer_name() -> x509.Name:
    return x509.Name([_attribute(x509.NameOID.COMMON_NAME, ISSUER)])


def _attribute(oid: x509.ObjectIdentifier, text: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(oid, text)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _time(moment: datetime) -> bytes:
    if moment.year < 2050:
        return der(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return der(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())
