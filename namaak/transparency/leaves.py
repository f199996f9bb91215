"""Entries of a log: what a tile of them, or an answer to get-entries, is made of.

Only lengths are read here, so that a leaf whose certificate is nonsense is still hashed and
counted. A tile that is cut short gives the leaves before the cut, then the error.
Forms: RFC 6962, 3.4 and 4.6; C2SP static-ct-api, log entries.
May import: nothing of ours.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

EntryType: TypeAlias = Literal["x509", "precert"]

MAX_LEAVES = 256
FINGERPRINT_BYTES = 32

#: MerkleTreeLeaf begins with version 1 and type timestamped entry.
_LEAF_HEAD = b"\0\0"
#: Time, entry type, then in a precertificate the issuer's key hash, then a length of 24 bits.
_X509 = struct.Struct(">QHBH")
_PRECERT = struct.Struct(">QH32sBH")
_TYPE_AT = 8
#: Extensions of a tiled log: the leaf index in 40 bits and nothing else.
_INDEXED = struct.Struct(">HBHBI")
_LENGTH24 = struct.Struct(">BH")


class Leaf(NamedTuple):
    """One entry. A named tuple, since hundreds of thousands are made a second."""

    timestamp_ms: int  #: when the log promised to take it, since 1970, UTC
    entry_type: EntryType
    certificate: bytes  #: x509: the certificate; precert: its TBSCertificate without poison
    issuer_key_hash: bytes | None  #: precert: SHA-256 of the issuer's key
    leaf_index: int | None  #: as the log signed it (static-ct-api), None where it did not
    merkle_leaf: bytes  #: the MerkleTreeLeaf: what `merkle.leaf_hash` takes


class LeafError(ValueError):
    """A leaf that is not in its form; the message says which and why.

    index: its number in the tile (0 in an answer to get-entries); rest: from there on.
    """

    def __init__(self, index: int, reason: str, rest: bytes) -> None:
        super().__init__(f"leaf {index} {reason}")
        self.index = index
        self.reason = reason
        self.rest = rest


def tile_leaves(tile: bytes) -> Iterator[Leaf]:
    """The leaves of a tile of entries, in order. Raises LeafError at the first that is wrong.

    The caller knows how many there must be.
    """
    at, end = 0, len(tile)
    index = 0
    while at < end:
        if index == MAX_LEAVES:
            raise LeafError(index, f"is more than the {MAX_LEAVES} a tile holds", tile[at:])
        try:
            leaf, behind = _entry(tile, at)
            if leaf.issuer_key_hash is not None:
                high, low = _LENGTH24.unpack_from(tile, behind)
                behind += 3 + (high << 16) + low
            chain = tile[behind] << 8 | tile[behind + 1]
            behind += 2 + chain
        except (struct.error, IndexError):
            raise LeafError(index, "is cut short", tile[at:]) from None
        except _OutOfForm as error:
            raise LeafError(index, str(error), tile[at:]) from None
        if behind > end:
            raise LeafError(index, "is cut short", tile[at:])
        if chain % FINGERPRINT_BYTES:
            raise LeafError(index, "has a chain that is not made of fingerprints", tile[at:])
        yield leaf
        at = behind
        index += 1


def entry_leaf(leaf_input: bytes, extra_data: bytes) -> Leaf:
    """The leaf in one item of an answer to get-entries. Raises LeafError.

    The hash of `leaf_input` does not depend on its form: a reader counts a leaf that is
    refused here into the tree all the same.
    """
    leaf = merkle_tree_leaf(leaf_input)
    try:
        chain = _skip24(extra_data, 0) if leaf.entry_type == "precert" else 0
        if _skip24(extra_data, chain) != len(extra_data):
            raise _OutOfForm("is not followed by just its chain")
    except (struct.error, IndexError):
        raise LeafError(0, "is cut short", leaf_input) from None
    except _OutOfForm as error:
        raise LeafError(0, str(error), leaf_input) from None
    return leaf


def merkle_tree_leaf(content: bytes) -> Leaf:
    """The leaf in a MerkleTreeLeaf, which is what is hashed. Raises LeafError."""
    try:
        if content[:2] != _LEAF_HEAD:
            raise _OutOfForm("is of an unknown version or type")
        leaf, behind = _entry(content, 2)
        if behind > len(content):
            raise IndexError
        if behind < len(content):
            raise _OutOfForm("is followed by something else")
    except (struct.error, IndexError):
        raise LeafError(0, "is cut short", content) from None
    except _OutOfForm as error:
        raise LeafError(0, str(error), content) from None
    return leaf


class _OutOfForm(ValueError):
    """Why a leaf cannot be read; `LeafError` adds where it stands."""


def _entry(content: bytes, at: int) -> tuple[Leaf, int]:
    """The TimestampedEntry at `at`, and where it ends, which may lie beyond the content."""
    kind = content[at + _TYPE_AT] << 8 | content[at + _TYPE_AT + 1]
    issuer_key_hash: bytes | None
    entry_type: EntryType
    if kind == 1:
        timestamp_ms, _, issuer_key_hash, high, low = _PRECERT.unpack_from(content, at)
        start = at + _PRECERT.size
        entry_type = "precert"
    elif kind == 0:
        timestamp_ms, _, high, low = _X509.unpack_from(content, at)
        start = at + _X509.size
        entry_type = "x509"
        issuer_key_hash = None
    else:
        raise _OutOfForm(f"is of the unknown entry type {kind}")
    stop = start + (high << 16) + low
    length = content[stop] << 8 | content[stop + 1]
    behind = stop + 2 + length
    leaf_index: int | None = None
    if length:
        leaf_index = _leaf_index(content, stop, behind)
    return Leaf(
        timestamp_ms,
        entry_type,
        content[start:stop],
        issuer_key_hash,
        leaf_index,
        _LEAF_HEAD + content[at:behind],
    ), behind


def _leaf_index(content: bytes, at: int, end: int) -> int | None:
    """The leaf index among the extensions in [at, end); None where none can be told.

    RFC 6962 gives extensions no form, so what cannot be read is no fault.
    """
    if end - at == _INDEXED.size:
        _, kind, length, high, low = _INDEXED.unpack_from(content, at)
        return (high << 32) + low if kind == 0 and length == 5 else None
    at += 2
    found = None
    while at + 3 <= end <= len(content):
        kind = content[at]
        stop = at + 3 + (content[at + 1] << 8 | content[at + 2])
        if kind == 0:
            if found is not None or stop != at + 8:
                return None
            found = int.from_bytes(content[at + 3 : stop], "big")
        at = stop
    return found if at == end else None


def _skip24(content: bytes, at: int) -> int:
    """Where the vector at `at` ends whose length has 24 bits."""
    high, low = _LENGTH24.unpack_from(content, at)
    return at + 3 + int(high << 16) + int(low)
