"""Time stamps (RFC 3161): an authority says that these bytes existed at a time.

Here are the question, the reading of the reply, and its checking by two readers: rfc3161-client,
and OpenSSL as a program. The first refuses replies whose set of certificates is not in the order
of DER, which public authorities send (InvalidSetOrdering); so what it cannot read is not called
wrong before OpenSSL has looked at it too. The reply is kept as it came in any case.
Asks nobody: the caller passes who asks. Starts openssl, without a shell.
May import: namaak.errors.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import rfc3161_client
from cryptography import x509

from namaak.errors import NamaakError

MEDIA_TYPES = ("application/timestamp-query", "application/timestamp-reply")
CHAIN = "tsa-chain.pem"
MAX_REPLY = 256 << 10
_DEADLINE_S = 30.0
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)

Ask = Callable[[bytes], bytes]  #: the question in DER to the reply as it came


class NoStamp(Exception):
    """There is no time stamp; the text is one sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A reply, and what is known of it."""

    reply: bytes  #: as it came
    made_at: datetime | None  #: what it says; None where it cannot be read
    doubt: str | None  #: why it could not be checked, as a sentence; None where it holds


def ask_for_stamp(content: bytes, ask: Ask, *, chain: bytes | None) -> Stamp:
    """Have the content stamped. chain: certificates of the authority, PEM, root last.

    Raises NoStamp where no reply came, the authority refused, or the reply is about other bytes.
    """
    asked = rfc3161_client.TimestampRequestBuilder(
        data=content, hash_algorithm=rfc3161_client.HashAlgorithm.SHA256
    )
    question = asked.build()
    try:
        reply = ask(question.as_bytes())
    except NamaakError as error:
        raise NoStamp(f"The time-stamp authority gave no answer: {error}") from error
    read = _read(reply)
    if read is not None and read.status not in _GRANTED:
        said = "; ".join(read.status_string)[:200]
        raise NoStamp(f"The time-stamp authority refused ({said or read.status}).")
    if read is not None and not _is_about(read, content):
        raise NoStamp("The time-stamp authority answered about other bytes; its reply is no use.")
    problem = stamp_problem(content, reply, chain)
    if read is None and problem is not None:
        raise NoStamp(f"What the time-stamp authority sent is no time stamp: {problem}.")
    return Stamp(
        reply=reply,
        made_at=time_of(reply),
        doubt=None if problem is None else f"The time stamp is kept and not confirmed: {problem}.",
    )


def stamp_problem(content: bytes, reply: bytes, chain: bytes | None) -> str | None:
    """Why this is no good time stamp of the content; None where it is one.

    Good is what OpenSSL or rfc3161-client confirms under the chain, at the time that the stamp
    itself says: a certificate that has expired since was good then.
    """
    read = _read(reply)
    if read is not None:
        if read.status not in _GRANTED:
            return "the authority refused"
        if not _is_about(read, content):
            return "it is about other bytes"
        if read.as_bytes() != reply:
            return "it is not written as DER, so somebody changed it"
    if not chain:
        return "there are no certificates of its authority to check it with"
    said = _by_openssl(content, reply, chain)
    if said is _NO_PROGRAM:
        return _by_client(content, read, chain)
    return said


def checker() -> str:
    """What `stamp_problem` checks with on this machine."""
    return "rfc3161-client" if shutil.which("openssl") is None else "OpenSSL"


def time_of(reply: bytes) -> datetime | None:
    """When the reply says that the content existed; None where it cannot be read."""
    read = _read(reply)
    if read is not None:
        return read.tst_info.gen_time.astimezone(UTC)
    with tempfile.TemporaryDirectory(prefix="namaak-") as folder:
        path = Path(folder, "reply")
        path.write_bytes(reply)
        done = _openssl("ts", "-reply", "-in", str(path), "-text")
    if done is None or done.returncode:
        return None
    found = re.search(r"^Time stamp: (.+?)(?:\.\d+)?( \d{4}) GMT$", done.stdout, re.MULTILINE)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1] + found[2], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None


_GRANTED = (0, 1)  # granted, granted with changes
_NO_PROGRAM = "there is no openssl"


def _read(reply: bytes) -> rfc3161_client.TimeStampResponse | None:
    if len(reply) > MAX_REPLY:
        return None
    try:
        read = rfc3161_client.decode_timestamp_response(reply)
        # Set only when asked for; a refusal has none.
        if read.status in _GRANTED:
            _ = read.tst_info.gen_time
    except ValueError:
        return None
    return read


def _is_about(read: rfc3161_client.TimeStampResponse, content: bytes) -> bool:
    return bool(read.tst_info.message_imprint.message == hashlib.sha256(content).digest())


def _by_openssl(content: bytes, reply: bytes, chain: bytes) -> str | None:
    with tempfile.TemporaryDirectory(prefix="namaak-") as folder:
        data, answer, trusted = (Path(folder, name) for name in ("content", "reply", "chain"))
        data.write_bytes(content)
        answer.write_bytes(reply)
        trusted.write_bytes(chain)
        at = time_of(reply)
        when = () if at is None else ("-attime", str(int(at.timestamp())))
        done = _openssl(
            "ts", "-verify", "-data", str(data), "-in", str(answer), "-CAfile", str(trusted), *when
        )
    if done is None:
        return _NO_PROGRAM
    if done.returncode == 0 and "Verification: OK" in done.stdout:
        return None
    said = re.findall(r"(?:reason\((\d+)\)|:([a-z][^:]+):\.\.)", done.stderr)
    words = next((text for _, text in said if text), "openssl ts -verify refuses it")
    return "".join(c if c.isprintable() else " " for c in words)[:200]


def _by_client(
    content: bytes, read: rfc3161_client.TimeStampResponse | None, chain: bytes
) -> str | None:
    if read is None:
        return "it cannot be read, and there is no openssl on the PATH to read it in its way"
    try:
        known = [x509.load_pem_x509_certificate(pem) for pem in _PEM.findall(chain)]
        builder = rfc3161_client.VerifierBuilder()
        for certificate in known:
            root = certificate.issuer == certificate.subject
            add = builder.add_root_certificate if root else builder.add_intermediate_certificate
            builder = add(certificate)
        builder.build().verify_message(read, content)
    except (ValueError, rfc3161_client.VerificationError) as error:
        return "".join(c if c.isprintable() else " " for c in str(error))[:200]
    return None


def _openssl(*options: str) -> subprocess.CompletedProcess[str] | None:
    """None where there is no openssl."""
    program = shutil.which("openssl")
    if program is None:
        return None
    try:
        return subprocess.run(  # noqa: S603 - no shell; options and files are ours
            [program, *options],
            capture_output=True, text=True, errors="replace", timeout=_DEADLINE_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NamaakError(f"openssl gave no answer within {_DEADLINE_S:g} s.") from None
