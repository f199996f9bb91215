"""The certificate that a host's server shows: taken as it comes, told as it is, never trusted.

One handshake, nothing asked behind it. Old protocols and weak ciphers are spoken on purpose: what
is wrong with a server is what we want to see.
May import: namaak.enriching, namaak.fetch, namaak.resolving.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from namaak.enriching.facts import CertificateFacts
from namaak.enriching.findings import Aspect, Finding, Outcome
from namaak.enriching.intervals import due_after
from namaak.enriching.plain import plain
from namaak.enriching.reach import Connect, Unreachable, checked_addresses, directly
from namaak.fetch import Allowed
from namaak.resolving import Resolver

RAW_TYPE = "application/pem-certificate-chain"
_DEADLINE_S = 12.0
_MAX_NAMES = 200
_MAX_CHAIN = 10
#: What cryptography raises on certificates that are not as they should be.
_FAULTS = (ValueError, TypeError, UnsupportedAlgorithm, x509.UnsupportedGeneralNameType,
           x509.DuplicateExtension, x509.InvalidVersion)  # fmt: skip


async def ask_certificate(
    resolver: Resolver,
    host: str,
    *,
    clock: Callable[[], datetime],
    port: int = 443,
    allow: Sequence[Allowed] = (),
    connect: Connect = directly,
) -> Finding:
    """Never raises for what a server says. allow: exceptions to the address check, for tests.

    connect: makes the socket to the address once that is checked.
    """
    asked_at = clock()
    address = ""

    def finding(outcome: Outcome, facts: CertificateFacts, raw: bytes | None = None) -> Finding:
        return Finding(
            host=host,
            aspect=Aspect.CERTIFICATE,
            asked_at=asked_at,
            vantage=f"{address or 'no address'} port {port}, TLS with the name {host}",
            outcome=outcome,
            facts=facts,
            raw=raw,
            raw_type=None if raw is None else RAW_TYPE,
            due_at=due_after(Aspect.CERTIFICATE, outcome, asked_at),
        )

    try:
        address = (await checked_addresses(resolver, host, port, ports=(port,), allow=allow))[0]
    except Unreachable as error:
        outcome = Outcome.POLICY if error.refused else Outcome.NO_ADDRESS
        return finding(outcome, CertificateFacts(reason=str(error)))
    where = CertificateFacts(address=address, port=port)
    try:
        async with asyncio.timeout(_DEADLINE_S):
            chain, version = await _handshake(address, port, host, connect)
    except TimeoutError:
        reason = f"no handshake within {_DEADLINE_S:g} s"
        return finding(Outcome.TIMEOUT, CertificateFacts(**where, reason=reason))
    except ssl.SSLError as error:
        reason = f"the handshake failed ({plain(error.reason, 100) or 'no reason given'})"
        return finding(Outcome.BROKEN, CertificateFacts(**where, reason=reason))
    except UnicodeError:
        reason = "the name cannot be asked for in TLS"
        return finding(Outcome.POLICY, CertificateFacts(**where, reason=reason))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return finding(Outcome.UNREACHABLE, CertificateFacts(**where, reason=reason))
    if not chain:
        reason = "the server showed no certificate"
        return finding(Outcome.EMPTY, CertificateFacts(**where, reason=reason))
    raw = b"".join(ssl.DER_cert_to_PEM_cert(der).encode() for der in chain)
    try:
        facts = certificate_facts(chain, host, now=asked_at)
    except _FAULTS as error:
        reason = f"the certificate cannot be read ({type(error).__name__})"
        return finding(Outcome.MALFORMED, CertificateFacts(**where, reason=reason), raw)
    facts.update(where)
    facts["tls_version"] = version
    return finding(Outcome.ANSWERED, facts, raw)


async def _handshake(
    address: str, port: int, host: str, connect: Connect
) -> tuple[list[bytes], str | None]:
    """DER of what the server sent, leaf first, and the protocol."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # looked at, not trusted
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    _, writer = await connect(address, port)
    try:
        await writer.start_tls(context, server_hostname=host)
        spoken: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return _sent_chain(spoken), spoken.version()
    finally:
        writer.transport.abort()
        # Let the loop close the socket before the caller closes the loop.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)


def _sent_chain(spoken: ssl.SSLObject) -> list[bytes]:
    """As sent, unverified: Python tells it in public only from 3.13 on."""
    public: Any = getattr(spoken, "get_unverified_chain", None)
    if public is not None:
        return [bytes(der) for der in public() or ()][:_MAX_CHAIN]
    own: Any = getattr(spoken, "_sslobj", None)
    if own is not None and hasattr(own, "get_unverified_chain"):
        import _ssl

        sent = own.get_unverified_chain() or ()
        return [one.public_bytes(_ssl.ENCODING_DER) for one in sent][:_MAX_CHAIN]
    leaf = spoken.getpeercert(binary_form=True)
    return [leaf] if leaf else []


def certificate_facts(chain: Sequence[bytes], host: str, *, now: datetime) -> CertificateFacts:
    """chain: DER, leaf first. Pure. Raises one of `_FAULTS` where the leaf cannot be read."""
    with warnings.catch_warnings():
        # About serial numbers and the like that standards no longer allow: seen, not judged.
        warnings.simplefilter("ignore")
        leaf = x509.load_der_x509_certificate(chain[0])
        names = _names(leaf)
        spki = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
        return CertificateFacts(
            sha256=hashlib.sha256(chain[0]).hexdigest(),
            spki_sha256=hashlib.sha256(spki).hexdigest(),
            names=names[:_MAX_NAMES],
            names_cut=len(names) > _MAX_NAMES,
            common_name=_of(leaf.subject, NameOID.COMMON_NAME),
            issuer=plain(leaf.issuer.rfc4514_string()),
            issuer_organisation=_of(leaf.issuer, NameOID.ORGANIZATION_NAME),
            serial=f"{leaf.serial_number:x}",
            valid_from=start.astimezone(UTC).isoformat(),
            valid_to=end.astimezone(UTC).isoformat(),
            expired=now > end,
            not_yet_valid=now < start,
            self_signed=_is_self_signed(leaf),
            mismatch=not any(_covers(name, host) for name in names),
            chain_length=len(chain),
            sends_chain=len(chain) > 1,
        )


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    found = (plain(name, 255) for name in names.get_values_for_type(x509.DNSName))
    return [name.lower() for name in found if name]


def _of(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    return next(
        (text for one in name.get_attributes_for_oid(oid) if (text := plain(one.value))), None
    )


def _is_self_signed(leaf: x509.Certificate) -> bool:
    if leaf.issuer != leaf.subject:
        return False
    try:
        leaf.verify_directly_issued_by(leaf)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _covers(name: str, host: str) -> bool:
    """RFC 6125: a star stands for one whole label, the left-most.

    >>> _covers("*.acme.example", "www.acme.example"), _covers("*.example", "a.b.example")
    (True, False)
    """
    if name.startswith("*."):
        return host.partition(".")[2] == name[2:]
    return name == host
