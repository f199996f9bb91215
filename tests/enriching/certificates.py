"""Certificates made for a test, and a server that shows them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.enriching.world import NOW
from tests.peers import nginx

DAY = timedelta(days=1)


def made(names, *, start: datetime = NOW - DAY, end: datetime = NOW + DAY, issuer=None):
    """(certificate, key): issued by itself, or by an issuer of the same kind."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0] if names else "x")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(0xABCDEF)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def der(certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


@contextmanager
def shown(folder, chain, key):
    """nginx that shows this chain."""
    pem = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
    (folder / "chain.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    with nginx(
        folder, listen_extra="ssl",
        locations=f"ssl_certificate {folder}/chain.pem; ssl_certificate_key {folder}/key.pem;",
    ) as served:  # fmt: skip
        yield served
