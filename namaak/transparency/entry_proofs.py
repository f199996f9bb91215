"""That an entry stood in a log: the proof as it is kept, and what it proves.

A proof holds all that a stranger needs and nothing that must be believed: the leaf to the byte, its
place, the hashes up to the root, the head that the log signed, the log's key. `proved` recomputes
every step. Whose key it is, no proof can say: its digest is the log's id, which public lists name.
Pure. May import: namaak.transparency.*.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

import idna
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from namaak.transparency.heads import (
    HeadError,
    TreeHead,
    checkpoint_head,
    head_signature,
    log_id,
    sth_head,
    tree_head_bytes,
)
from namaak.transparency.leaves import Leaf, LeafError, merkle_tree_leaf
from namaak.transparency.merkle import MerkleError, inclusion_root, leaf_hash
from namaak.transparency.notes import canonical_base64
from namaak.transparency.sans import DerError, Names, certificate_names

#: Of a leaf in a proof. The largest certificates that are issued have some 100 kB.
MAX_LEAF_BYTES = 1 << 20
#: A tree of 2**63 entries has no longer path.
MAX_PATH = 63
_MAX_TEXT = 64 << 10
_MAX_KEY = 4 << 10

_Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Outcome(StrEnum):
    """What came of asking a log for the proof of an entry."""

    FOUND = "found"
    NOT_OFFERED = "not-offered"  #: the log does not answer such a question
    GONE = "log-gone"  #: the log is not served any more, or no list names it
    UNANSWERED = "unanswered"  #: busy, too slow, or refused by our own rules: ask again
    WRONG = "does-not-verify"  #: what was answered is not what was signed, or not what was seen
    UNASKED = "not-asked"  #: nobody asked


class ProofError(ValueError):
    """A proof that proves nothing; the message completes "the proof ..."."""


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ProofLog(_Part):
    """Which log it is."""

    log_id: _Hash  #: SHA-256 of the key
    key: Annotated[str, StringConstraints(max_length=_MAX_KEY)]  #: SPKI DER, base64
    kind: Literal["tiled", "rfc6962"]
    origin: Annotated[str, StringConstraints(max_length=2_000)] | None  #: tiled: of its checkpoints
    description: Annotated[str, StringConstraints(max_length=2_000)]  #: as a list of logs has it
    operator: Annotated[str, StringConstraints(max_length=2_000)]
    url: Annotated[str, StringConstraints(max_length=2_000)]  #: where it was asked


class EntryProof(_Part):
    """The proof of one entry, as JSON has it."""

    log: ProofLog
    leaf_index: Annotated[int, Field(ge=0, lt=2**63)]
    leaf: Annotated[str, StringConstraints(max_length=MAX_LEAF_BYTES * 4 // 3 + 4)]  #: base64
    path: Annotated[tuple[_Hash, ...], Field(max_length=MAX_PATH, strict=False)]  #: nearest first
    head: Annotated[str, StringConstraints(max_length=_MAX_TEXT)]  #: as the log gave it


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What a proof proves. Times are the log's own, UTC; names are as the certificate has them."""

    log: ProofLog
    key: bytes  #: SPKI DER
    leaf_index: int
    leaf_hash: bytes
    leaf: Leaf
    names: Names
    head: TreeHead
    signed: bytes  #: what the log signed
    signature: bytes  #: DER for ECDSA, the bare number for RSA: as OpenSSL takes it

    @property
    def in_log_by(self) -> datetime:
        """When the log signed a tree that holds the entry."""
        return _moment(self.head.timestamp_ms)

    @property
    def in_log_by_text(self) -> str:
        """The same for people, to the millisecond: rounded down it would claim too much."""
        return f"{self.in_log_by:%Y-%m-%d %H:%M:%S}.{self.head.timestamp_ms % 1000:03d} UTC"

    @property
    def taken_at(self) -> datetime | None:
        """When the log says that it took the entry; None where no calendar has it."""
        try:
            return _moment(self.leaf.timestamp_ms)
        except OverflowError:
            return None

    @property
    def valid_from(self) -> datetime | None:
        """Of the certificate; None where it is in no form of RFC 5280."""
        return _second(self.names.not_before_s)

    @property
    def valid_to(self) -> datetime | None:
        """Of the certificate, as `valid_from`."""
        return _second(self.names.not_after_s)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names, as text; bytes that are no UTF-8 are spelled out."""
        found = [name.decode("utf-8", "backslashreplace") for name in self.names.dns]
        if self.names.common_name is not None and not found:
            found.append(self.names.common_name.decode("utf-8", "backslashreplace"))
        return tuple(dict.fromkeys(found))

    def is_for(self, host: str) -> bool:
        """Whether the certificate names the host, or all hosts beneath it (`*.host`)."""
        return host in {_folded(name) for name in self.hosts}


def read_proof(document: Mapping[str, Any]) -> EntryProof:
    """The proof in a JSON object. Raises ProofError."""
    try:
        return EntryProof.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the whole"
        raise ProofError(f"is of another form ({where}: {fault['msg']})") from None


def proved(proof: EntryProof) -> Proved:
    """Recompute everything. Raises ProofError with the first step that does not hold."""
    log = proof.log
    key = _bytes("key", log.key)
    if log_id(key).hex() != log.log_id:
        raise ProofError("has a key that is not the one of its log")
    head = _head(proof, key)
    content = _bytes("leaf", proof.leaf)
    own_hash = leaf_hash(content)
    try:
        root = inclusion_root(
            proof.leaf_index, head.size, own_hash, [bytes.fromhex(one) for one in proof.path]
        )
    except MerkleError as error:
        raise ProofError(f"does not fit its head: the tree {error}") from None
    if root != head.root:
        raise ProofError("leads to another root than the one that the log signed")
    try:
        leaf = merkle_tree_leaf(content)
        names = certificate_names(leaf.certificate, tbs=leaf.entry_type == "precert")
    except LeafError as error:
        raise ProofError(f"is of an entry that cannot be read: {error}") from None
    except DerError as error:
        raise ProofError(f"is of a certificate that cannot be read: it {error}") from None
    if leaf.leaf_index not in (None, proof.leaf_index):
        raise ProofError(f"is of an entry that says it is number {leaf.leaf_index}")
    return Proved(
        log=log,
        key=key,
        leaf_index=proof.leaf_index,
        leaf_hash=own_hash,
        leaf=leaf,
        names=names,
        head=head,
        signed=tree_head_bytes(size=head.size, root=head.root, timestamp_ms=head.timestamp_ms),
        signature=head_signature(head.text.encode(), origin=log.origin, key=key),
    )


def base64_text(content: bytes) -> str:
    """Bytes as they stand in a proof."""
    return base64.b64encode(content).decode("ascii")


def _head(proof: EntryProof, key: bytes) -> TreeHead:
    log, text = proof.log, proof.head.encode("utf-8")
    try:
        if log.kind == "tiled":
            return checkpoint_head(text, origin=log.origin or "", key=key)
        if log.origin is not None:
            raise ProofError("names an origin of a log that has none")
        return sth_head(text, key=key)
    except HeadError as error:
        raise ProofError(f"has no good head: it {error}") from None


def _bytes(what: str, text: str) -> bytes:
    try:
        return canonical_base64(text)
    except ValueError as error:
        raise ProofError(f"has a {what} that {error}") from None


def _folded(name: str) -> str:
    """As hosts are written: A-labels, lower case, without wildcard and final dot."""
    name = name.strip().lower().removeprefix("*.").rstrip(".")
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return name


def _moment(timestamp_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=timestamp_ms)


def _second(since_1970: int | None) -> datetime | None:
    return None if since_1970 is None else _moment(since_1970 * 1_000)
