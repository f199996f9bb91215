"""Signed tree heads: how large a log says it is, and what it then held.

Tiled logs send a checkpoint (a signed note), older ones JSON; both carry the same RFC 6962
signature over the same bytes, so one verifier serves both. An RFC 6962 signature does not
cover the origin: that is compared here.
May import: namaak.transparency.notes.
"""

from __future__ import annotations

import functools
import hashlib
import re
import struct
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from namaak.transparency.notes import Note, NoteError, canonical_base64, read_note

#: Of an answer to get-sth, which real logs keep below 300 bytes.
MAX_HEAD_BYTES = 64 << 10
#: Sizes are unsigned 64-bit on the wire; nothing of ours stores more than signed.
MAX_NUMBER = 2**63 - 1
#: The last millisecond of the year 9999, where calendars end.
MAX_TIME_MS = 253_402_300_799_999
#: Leaf indices of tiled logs have 40 bits.
MAX_TILED_SIZE = 2**40

_SIGNATURE_TYPE = b"\x05"
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_SHA256_HASH = 4
_ECDSA, _RSA = 3, 1
_MIN_RSA_BITS = 2048
#: Before the signature in a line of a checkpoint, and in a digitally-signed struct.
_TIME_BYTES, _ALGORITHMS_BYTES = 8, 4

PublicKey: TypeAlias = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
Kind: TypeAlias = Literal["malformed", "bad-signature", "unknown-key", "wrong-origin"]


class HeadError(ValueError):
    """A tree head that cannot be believed; the message completes "the tree head ..."."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """What a log signed: at this time it held this many entries, with this root."""

    size: int
    root: bytes  #: 32 bytes
    timestamp_ms: int  #: since 1970, UTC
    text: str  #: as received


def log_id(key: bytes) -> bytes:
    """key: SPKI DER. The 32 bytes by which logs are named."""
    return hashlib.sha256(key).digest()


def checkpoint_key_id(origin: str, key: bytes) -> bytes:
    """The 4 bytes with which a log's own signature lines begin. key: SPKI DER."""
    claimed = origin.encode() + b"\n" + _SIGNATURE_TYPE + log_id(key)
    return hashlib.sha256(claimed).digest()[:4]


def tree_head_bytes(*, size: int, root: bytes, timestamp_ms: int) -> bytes:
    """What a log signs (RFC 6962, 3.5): version 1, type tree head, time, size, root."""
    return struct.pack(">BBQQ32s", 0, 1, timestamp_ms, size, root)


@functools.lru_cache(maxsize=512)
def public_key(key: bytes) -> PublicKey:
    """The key of a log. key: SPKI DER. Raises ValueError, saying what the key is not."""
    try:
        loaded = load_der_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is not a public key in DER") from None
    if isinstance(loaded, ec.EllipticCurvePublicKey):
        if isinstance(loaded.curve, ec.SECP256R1):
            return loaded
        raise ValueError("is on another curve than P-256")
    if isinstance(loaded, rsa.RSAPublicKey):
        if loaded.key_size >= _MIN_RSA_BITS:
            return loaded
        raise ValueError(f"is an RSA key of fewer than {_MIN_RSA_BITS} bits")
    raise ValueError("is neither ECDSA nor RSA")


def checkpoint_head(text: bytes, *, origin: str, key: bytes) -> TreeHead:
    """The head of a checkpoint that the log's own key has signed. Raises HeadError.

    Lines of other names or other key ids are passed over, also under the log's own name:
    they have no part in what was verified, and a change in them is not noticed.
    origin: submission prefix without scheme and final slash. key: SPKI DER.
    """
    try:
        note = read_note(text)
    except NoteError as error:
        raise HeadError("malformed", str(error)) from None
    lines = note.text.removesuffix("\n").split("\n")
    if lines[0] != origin:
        raise HeadError("wrong-origin", f"is of another log than {origin}")
    # The signature covers no further line, so whoever passes it on could write one.
    if len(lines) != 3:
        raise HeadError("malformed", "has not just origin, size and root in its text")
    size, root = _size(lines[1]), _root(lines[2])
    own = _own_lines(note, origin, key)
    if not own:
        raise HeadError("unknown-key", "has no signature line of this log's key")
    times = [_verified_time(body, size=size, root=root, key=key) for body in own]
    return TreeHead(size=size, root=root, timestamp_ms=times[0], text=text.decode("utf-8"))


def head_signature(text: bytes, *, origin: str | None, key: bytes) -> bytes:
    """The bare signature of a head that was verified: DER for ECDSA, a number for RSA.

    It is over `tree_head_bytes`. origin: of a tiled log; None of an answer to get-sth.
    """
    if origin is None:
        signed = canonical_base64(_Answer.model_validate_json(text).tree_head_signature)
    else:
        signed = _own_lines(read_note(text), origin, key)[0][_TIME_BYTES:]
    return signed[_ALGORITHMS_BYTES:]


def checkpoint_origin(text: bytes) -> str:
    """The log a checkpoint says it is of; not verified. Raises HeadError."""
    try:
        return read_note(text).text.partition("\n")[0]
    except NoteError as error:
        raise HeadError("malformed", str(error)) from None


class _Answer(BaseModel):
    """An answer to get-sth (RFC 6962, 4.3)."""

    model_config = ConfigDict(strict=True, extra="ignore")

    tree_size: int = Field(ge=0, le=MAX_NUMBER)
    timestamp: int = Field(ge=0, le=MAX_TIME_MS)
    sha256_root_hash: str
    tree_head_signature: str


def sth_head(body: bytes, *, key: bytes) -> TreeHead:
    """The head in an answer to get-sth that the log's key has signed. Raises HeadError.

    key: SPKI DER.
    """
    if len(body) > MAX_HEAD_BYTES:
        raise HeadError("malformed", f"is longer than {MAX_HEAD_BYTES} bytes")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise HeadError("malformed", "is not UTF-8") from None
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "JSON"
        raise HeadError("malformed", f"is no answer to get-sth: {where}: {fault['msg']}") from None
    root = _root(answer.sha256_root_hash)
    try:
        signature = canonical_base64(answer.tree_head_signature)
    except ValueError as error:
        raise HeadError("malformed", f"has a signature that {error}") from None
    _verify(
        signature,
        tree_head_bytes(size=answer.tree_size, root=root, timestamp_ms=answer.timestamp),
        key,
    )
    return TreeHead(
        size=answer.tree_size,
        root=root,
        timestamp_ms=answer.timestamp,
        text=text,
    )


def _own_lines(note: Note, origin: str, key: bytes) -> list[bytes]:
    """Bodies of the lines that claim to be of this log's key."""
    key_id = checkpoint_key_id(origin, key)
    return [
        signature.body
        for signature in note.signatures
        if signature.name == origin and signature.key_id == key_id
    ]


def _size(line: str) -> int:
    if not _DECIMAL.fullmatch(line) or int(line) > MAX_TILED_SIZE:
        raise HeadError("malformed", "has a size that is no decimal number up to 2**40")
    return int(line)


def _root(encoded: str) -> bytes:
    try:
        root = canonical_base64(encoded)
    except ValueError as error:
        raise HeadError("malformed", f"has a root that {error}") from None
    if len(root) != 32:
        raise HeadError("malformed", "has a root that is not 32 bytes long")
    return root


def _verified_time(body: bytes, *, size: int, root: bytes, key: bytes) -> int:
    """body: of one of the log's own lines. The time it states, in ms; raises HeadError."""
    if len(body) < 8:
        raise HeadError("malformed", "has a signature line too short to hold its time")
    timestamp_ms = int.from_bytes(body[:8], "big")
    if timestamp_ms > MAX_TIME_MS:
        raise HeadError("malformed", "states a time beyond the year 9999")
    _verify(body[8:], tree_head_bytes(size=size, root=root, timestamp_ms=timestamp_ms), key)
    return timestamp_ms


def _verify(digitally_signed: bytes, signed: bytes, key: bytes) -> None:
    """digitally_signed: hash, algorithm, 16-bit length, signature (RFC 5246, 4.7)."""
    try:
        loaded = public_key(key)
    except ValueError as error:
        raise HeadError("unknown-key", f"cannot be verified: the log's key {error}") from None
    if len(digitally_signed) < 4:
        raise HeadError("malformed", "has a signature that is cut short")
    hash_algorithm, algorithm, length = struct.unpack_from(">BBH", digitally_signed)
    signature = digitally_signed[4:]
    if length != len(signature):
        raise HeadError("malformed", "has a signature of another length than it says")
    wanted = _ECDSA if isinstance(loaded, ec.EllipticCurvePublicKey) else _RSA
    if (hash_algorithm, algorithm) != (_SHA256_HASH, wanted):
        raise HeadError("bad-signature", "is signed by another algorithm than the log's key has")
    try:
        if isinstance(loaded, ec.EllipticCurvePublicKey):
            loaded.verify(signature, signed, ec.ECDSA(SHA256()))
        else:
            loaded.verify(signature, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise HeadError("bad-signature", "does not carry a signature of this log") from None
