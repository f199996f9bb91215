"""That one entry stands in a log: asked of the log, and held against a head that it signed.

While a log is read no path is kept: which entries become evidence is known later, and then the log
can still show it. Older logs are asked for the path; of tiled ones it is put together from tiles.
Best is the first head that the lake holds: it was signed soonest after the entry came. Where the
log does not prove that one any more, its head of now is taken. Nothing is believed that the log
says of itself but what it signed.
Form: RFC 6962, 4.5 and 4.6; C2SP static-ct-api.
May import: namaak.errors, namaak.fetch, namaak.transparency, namaak.sources.certificates.*.
"""

from __future__ import annotations

import base64
import binascii
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from namaak.errors import Failure, SourceError
from namaak.fetch import FetchError
from namaak.sources.certificates.doors import Door
from namaak.sources.certificates.entries import (
    MAX_ENTRIES_BYTES,
    MAX_PROOF_BYTES,
    Entries,
    EntriesLog,
    answer_of,
    fetched,
)
from namaak.sources.certificates.log_list import Log, LogKind
from namaak.sources.certificates.tiles import TiledLog, TileProofs, data_tiles
from namaak.transparency.entry_proofs import (
    MAX_LEAF_BYTES,
    MAX_PATH,
    EntryProof,
    Outcome,
    ProofError,
    base64_text,
    proved,
    read_proof,
)
from namaak.transparency.heads import HeadError, TreeHead
from namaak.transparency.merkle import MerkleError, leaf_hash

#: A log that does not do what is asked, and did not say that it is only busy.
_NOT_OFFERED = (Failure.MALFORMED, Failure.AUTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An entry that was observed."""

    position: int
    host: str  #: that its certificate names
    leaf_hash: bytes | None  #: None where the log was read by names alone
    first_head: str | None  #: the first head in the lake that covers it, as it was received


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A proof that holds."""

    proof: EntryProof
    note: str | None  #: why it is not under the head that was wanted, as a sentence


class Unproved(ValueError):
    """Why there is no proof, as a sentence."""

    def __init__(self, outcome: Outcome, says: str) -> None:
        super().__init__(says)
        self.outcome = outcome


class _Way(Protocol):
    """How a log shows an entry. All raise SourceError where it does not."""

    async def fetch_head(self) -> bytes: ...
    def read_head(self, content: bytes) -> TreeHead: ...
    async def leaf(self, position: int, head: TreeHead) -> bytes: ...
    async def path(self, position: int, leaf: bytes, size: int, head: TreeHead) -> list[bytes]:
        """In the tree of the first `size` entries. head: the one of now."""


async def prove_entry(door: Door, log: Log, wanted: Wanted) -> Found:
    """Ask the log and verify what it says. Raises Unproved."""
    way: _Way = _Tiled(door, log) if log.kind is LogKind.TILED else _Older(door, log)
    now = await _head_of_now(way, log)
    if wanted.position >= now.size:
        return await _behind(way, log, wanted, now)
    try:
        content = await way.leaf(wanted.position, now)
    except SourceError as error:
        raise _unproved(error, "shows the entry") from None
    _is_wanted(content, wanted)
    note = None
    first = _readable(way, wanted, now)
    if first is not None and first.size != now.size:
        try:
            return Found(proof=await _under(way, log, wanted, content, first, now), note=None)
        except Unproved as error:
            note = f"Under the first head that was kept it could not be proved: {error}"
    return Found(proof=await _under(way, log, wanted, content, now, now), note=note)


async def _behind(way: _Way, log: Log, wanted: Wanted, now: TreeHead) -> Found:
    """Where the head of now does not reach the entry: mostly a copy of the log that is late.

    Nothing that was signed says otherwise but a head that is later and smaller than one in the
    lake. Such a copy may hold what the lake's head covers: files come before the head over them.
    """
    short = (
        f"The head that the log serves has {now.size} entries, and the one observed is number "
        f"{wanted.position}"
    )
    first = _read_first(way, wanted)
    if first is None:
        says = f"{short}: what serves it is behind; capture again later."
        raise Unproved(Outcome.UNANSWERED, says)
    if now.timestamp_ms > first.timestamp_ms:
        raise Unproved(
            Outcome.WRONG, f"{short}: the log had signed one of {first.size} entries before that."
        )
    late = f"{short}: what serves it is behind the head that was kept, of {first.size} entries"
    try:
        content = await way.leaf(wanted.position, first)
        _is_wanted(content, wanted)
        return Found(proof=await _under(way, log, wanted, content, first, first), note=f"{late}.")
    except SourceError as error:
        says = f"{late}; capture again later. {error}"
        raise Unproved(Outcome.UNANSWERED, says) from None
    except Unproved as error:
        if error.outcome is Outcome.WRONG:
            raise
        says = f"{late}; capture again later. {error}"
        raise Unproved(Outcome.UNANSWERED, says) from None


async def _head_of_now(way: _Way, log: Log) -> TreeHead:
    try:
        return way.read_head(await way.fetch_head())
    except HeadError as error:
        raise Unproved(Outcome.WRONG, f"The tree head that was served {error}.") from None
    except SourceError as error:
        if log.state in ("retired", "rejected"):
            says = f"The log is {log.state}, and answers no more: {error}"
            raise Unproved(Outcome.GONE, says) from None
        if error.failure is Failure.GONE:
            raise Unproved(Outcome.GONE, f"The log is not there any more: {error}") from None
        raise _unproved(error, "signs a head") from None


def _readable(way: _Way, wanted: Wanted, now: TreeHead) -> TreeHead | None:
    """The first head in the lake, where it can be read and the log is not behind it."""
    head = _read_first(way, wanted)
    return head if head is not None and head.size <= now.size else None


def _read_first(way: _Way, wanted: Wanted) -> TreeHead | None:
    """The first head in the lake, where it can be read and covers the entry."""
    if wanted.first_head is None:
        return None
    try:
        head = way.read_head(wanted.first_head.encode())
    except HeadError:
        return None
    return head if wanted.position < head.size else None


def _is_wanted(content: bytes, wanted: Wanted) -> None:
    if len(content) > MAX_LEAF_BYTES:
        raise Unproved(
            Outcome.WRONG, f"The entry has {len(content)} bytes, more than any certificate needs."
        )
    if wanted.leaf_hash not in (None, leaf_hash(content)):
        raise Unproved(
            Outcome.WRONG,
            "The log now shows another entry at that place than the one that was observed.",
        )


async def _under(
    way: _Way, log: Log, wanted: Wanted, content: bytes, head: TreeHead, now: TreeHead
) -> EntryProof:
    """The proof under this head. now: the head that says which tiles there are."""
    try:
        path = await way.path(wanted.position, leaf_hash(content), head.size, now)
    except MerkleError as error:
        raise Unproved(Outcome.WRONG, f"The log's tree {error}.") from None
    except SourceError as error:
        raise _unproved(error, "proves the entry") from None
    told = {
        "log": {
            "log_id": log.log_id.hex(),
            "key": base64_text(log.key),
            "kind": "tiled" if log.kind is LogKind.TILED else "rfc6962",
            "origin": log.origin,
            "description": log.description,
            "operator": log.operator,
            "url": log.read_url,
        },
        "leaf_index": wanted.position,
        "leaf": base64_text(content),
        "path": [one.hex() for one in path],
        "head": head.text,
    }
    try:
        proof = read_proof(told)
        found = proved(proof)
    except ProofError as error:
        raise Unproved(Outcome.WRONG, f"The proof that the log gave {error}.") from None
    if not found.is_for(wanted.host):
        raise Unproved(
            Outcome.WRONG,
            f"The certificate at that place does not name {wanted.host} in so many letters.",
        )
    return proof


def _unproved(error: SourceError, what: str) -> Unproved:
    if error.failure is Failure.GONE or (
        isinstance(error, FetchError) and error.failure in _NOT_OFFERED
    ):
        return Unproved(Outcome.NOT_OFFERED, f"It is not offered that the log {what}: {error}")
    if error.failure is Failure.MALFORMED:
        return Unproved(Outcome.WRONG, str(error))
    return Unproved(Outcome.UNANSWERED, str(error))


class _Tiled(TiledLog):
    """A tiled log: the path out of its tiles."""

    async def leaf(self, position: int, head: TreeHead) -> bytes:
        async with aclosing(data_tiles(self._door, position, position + 1, head.size)) as tiles:
            first, leaves = await anext(tiles)
        return leaves[position - first].merkle_leaf

    async def path(self, position: int, leaf: bytes, size: int, head: TreeHead) -> list[bytes]:
        # Tiles are those of the head of now: a partial one of an earlier head may be gone.
        return await TileProofs(self._door, head).audit_path(position, size)


class _Inclusion(BaseModel):
    """An answer to get-proof-by-hash (RFC 6962, 4.5)."""

    model_config = ConfigDict(strict=True, extra="ignore")

    leaf_index: int
    audit_path: list[str] = Field(max_length=MAX_PATH)


class _Older(EntriesLog):
    """A log of RFC 6962: it gives the path itself."""

    async def leaf(self, position: int, head: TreeHead) -> bytes:
        asked = f"ct/v1/get-entries?start={position}&end={position}"
        # Some logs give a whole page whatever is asked for.
        content = await fetched(self._door, asked, MAX_ENTRIES_BYTES)
        entries = answer_of(Entries, content, f"get-entries from {position}").entries
        if not entries:
            raise SourceError(f"The log gave no entry {position}.", Failure.TRANSIENT)
        return _decoded(entries[0].leaf_input, f"entry {position}")

    async def path(self, position: int, leaf: bytes, size: int, head: TreeHead) -> list[bytes]:
        named = quote(base64.b64encode(leaf), safe="")
        asked = f"ct/v1/get-proof-by-hash?hash={named}&tree_size={size}"
        content = await fetched(self._door, asked, MAX_PROOF_BYTES)
        answer = answer_of(_Inclusion, content, f"get-proof-by-hash for entry {position}")
        if answer.leaf_index != position:
            raise MerkleError(f"has that entry at {answer.leaf_index}, not at {position}")
        return [_decoded(one, "a proof") for one in answer.audit_path]


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SourceError(f"The log gave {what} that is not base64; it was not used.") from None
