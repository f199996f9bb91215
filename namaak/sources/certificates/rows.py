"""From leaves to rows: one observation for each DNS name of a leaf, in whole columns.

A common name counts where it is a host that the certificate does not list anyway: old habits put
it there, and browsers look at it no more. Addresses in a certificate are no names; a leaf with
nothing else says nothing to us. What is refused is kept with the leaf's position and the reason:
the leaf itself was read and hashed, so reading goes on behind it.
Pure. May import: namaak.records, namaak.transparency, namaak.sources.base, namaak.sources.hosts,
namaak.sources.certificates.*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from namaak.records import OBSERVATION_SCHEMA, SubjectKind, Trust
from namaak.sources.base import Reject, excerpt
from namaak.sources.hosts import normalise_hosts
from namaak.transparency.leaves import Leaf
from namaak.transparency.sans import DerError, certificate_names

#: What a calendar of four digits can say, in seconds since 1970. Logs and certificates are
#: written by strangers, and what lies outside of it no reader of the lake could show.
_FIRST_S, _LAST_S = -62_135_596_800, 253_402_300_799
_SHOWN_BYTES = 100  # of a certificate that cannot be read
#: No authority is known to put more than 2,000 into one certificate; a leaf has room for millions.
MOST_NAMES = 2_500


@dataclass(slots=True)
class LeafColumns:
    """What was found in leaves, column by column, one value for each leaf unless it says else."""

    positions: list[int] = field(default_factory=list)
    timestamps_ms: list[int] = field(default_factory=list)
    entry_types: list[str | None] = field(default_factory=list)
    hashes: list[bytes | None] = field(default_factory=list)
    valid_from_s: list[int | None] = field(default_factory=list)
    valid_to_s: list[int | None] = field(default_factory=list)
    issuer_key_hashes: list[bytes | None] = field(default_factory=list)
    serials: list[bytes | None] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)  #: of names
    names: list[bytes] = field(default_factory=list)  #: of all leaves, one behind the other
    common_names: list[int] = field(default_factory=list)  #: which of `names` are no SANs
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0  #: leaves without any name

    @property
    def weight(self) -> int:
        """Rows and rejects that these will be, at most."""
        return len(self.names) + len(self.rejects)

    def add_leaves(self, first: int, leaves: Sequence[Leaf], hashes: Sequence[bytes]) -> None:
        """Leaves from position `first` on, and what their certificates say.

        A certificate that cannot be read is refused; its leaf was hashed all the same.
        """
        for position, (leaf, leaf_hash) in enumerate(zip(leaves, hashes, strict=True), first):
            try:
                found = certificate_names(leaf.certificate, tbs=leaf.entry_type == "precert")
            except DerError as error:
                self.refuse(position, f"certificate: {error}", leaf.certificate, leaf_hash)
                continue
            count = self._add_names(position, found.dns, found.common_name)
            if not count:
                self.skipped += 1
                continue
            self.positions.append(position)
            self.timestamps_ms.append(leaf.timestamp_ms)
            self.entry_types.append(leaf.entry_type)
            self.hashes.append(leaf_hash)
            self.valid_from_s.append(found.not_before_s)
            self.valid_to_s.append(found.not_after_s)
            self.issuer_key_hashes.append(leaf.issuer_key_hash)
            self.serials.append(found.serial)
            self.counts.append(count)

    def refuse(self, position: int, reason: str, content: bytes, leaf_hash: bytes) -> None:
        """A leaf that says nothing readable. content: what could not be read."""
        self.rejects.append(
            Reject(
                position=position,
                reason=f"{reason}; leaf hash {leaf_hash.hex()}",
                excerpt=excerpt(content[:_SHOWN_BYTES].hex()),
            )
        )

    def add_said(
        self, position: int, timestamp_ms: int, dns: Sequence[bytes], common_name: bytes | None
    ) -> None:
        """What a log says about a leaf without showing it."""
        count = self._add_names(position, dns, common_name)
        if not count:
            self.skipped += 1
            return
        self.positions.append(position)
        self.timestamps_ms.append(timestamp_ms)
        self.counts.append(count)
        for column in (
            self.entry_types, self.hashes, self.valid_from_s, self.valid_to_s,
            self.issuer_key_hashes, self.serials,
        ):  # fmt: skip
            column.append(None)

    def _add_names(self, position: int, dns: Sequence[bytes], common_name: bytes | None) -> int:
        if len(dns) > MOST_NAMES:
            reason = f"{len(dns) - MOST_NAMES:,} names too many"
            self.rejects.append(
                Reject(position=position, reason=reason, excerpt=excerpt(dns[MOST_NAMES]))
            )
            dns = dns[:MOST_NAMES]
        self.names += dns
        # Names of organisations and people stand there too; those are no hosts, and no fault.
        if (
            common_name is None
            or b"." not in common_name
            or b" " in common_name
            or common_name in dns
        ):
            return len(dns)
        self.common_names.append(len(self.names))
        self.names.append(common_name)
        return len(dns) + 1


def observations_of(
    leaves: LeafColumns, *, source: str, instance: str, observed_at: datetime, trust: Trust
) -> tuple[pa.Table, tuple[Reject, ...]]:
    """(OBSERVATION_SCHEMA, rejects), both by ascending position; a name once for each leaf."""
    text, undecodable = _decoded(leaves.names)
    hosts, reasons = normalise_hosts(text)
    reasons |= undecodable
    for index in leaves.common_names:
        reasons.pop(index, None)
    leaf_of = np.repeat(np.arange(len(leaves.counts)), leaves.counts)
    rows, wildcard = _first_of_each(leaf_of, hosts, pc.starts_with(text, "*."))
    found = leaf_of[rows]
    hosts = hosts.take(pa.array(rows))
    size = len(rows)
    columns = {
        "source": pa.repeat(source, size),
        "instance": pa.repeat(instance, size),
        "position": pa.array(np.array(leaves.positions, np.int64)[found]),
        "observed_at": pa.repeat(pa.scalar(observed_at, pa.timestamp("us", tz="UTC")), size),
        "subject_kind": pa.repeat(str(SubjectKind.HOST), size),
        "subject_key": pc.binary_join_element_wise("host:", hosts, ""),
        "host": hosts,
        "source_time": _times(leaves.timestamps_ms, 1_000).take(found),
        "entry_type": pa.array(leaves.entry_types, pa.string()).take(found),
        "trust": pa.repeat(str(trust), size),
        "evidence_hash": _hex(leaves.hashes).take(found),
        "wildcard": pa.array(wildcard),
        "valid_from": _times(leaves.valid_from_s, 1_000_000).take(found),
        "valid_to": _times(leaves.valid_to_s, 1_000_000).take(found),
        "issuer_key_hash": _hex(leaves.issuer_key_hashes).take(found),
        "serial": _hex(leaves.serials).take(found),
    }
    table = pa.table(
        [columns.get(kind.name, pa.nulls(size, kind.type)) for kind in OBSERVATION_SCHEMA],
        schema=OBSERVATION_SCHEMA,
    )
    refused = [
        Reject(
            position=leaves.positions[leaf_of[index]],
            reason=f"name: {reason}",
            excerpt=excerpt(leaves.names[index]),
        )
        for index, reason in sorted(reasons.items())
    ]
    rejects = sorted(leaves.rejects + refused, key=lambda reject: reject.position)
    return table, tuple(rejects)


def _decoded(names: list[bytes]) -> tuple[pa.Array, dict[int, str]]:
    """Names as text, null with a reason where they are none."""
    try:
        return pa.array(names, pa.binary()).cast(pa.string()), {}
    except pa.ArrowInvalid:
        pass  # at least one is not UTF-8
    reasons: dict[int, str] = {}
    decoded: list[str | None] = []
    for index, name in enumerate(names):
        try:
            decoded.append(name.decode())
        except UnicodeDecodeError:
            decoded.append(None)
            reasons[index] = "is not UTF-8"
    return pa.array(decoded, pa.string()), reasons


def _first_of_each(
    leaf_of: npt.NDArray[np.int64], hosts: pa.Array, wildcard: pa.Array
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Rows in which a leaf names a host first, and whether it names it as `*.host` anywhere."""
    encoded = hosts.dictionary_encode()
    given = np.flatnonzero(hosts.is_valid().to_numpy(zero_copy_only=False))
    codes = encoded.indices.fill_null(0).to_numpy().astype(np.int64)[given]
    keys = leaf_of[given] * max(len(encoded.dictionary), 1) + codes
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    starred = wildcard.fill_null(False).to_numpy(zero_copy_only=False)[given]
    any_starred = np.bincount(group, weights=starred, minlength=len(first)) > 0
    order = np.argsort(first)
    return given[first[order]], any_starred[order]


def _times(values: Sequence[int | None], microseconds: int) -> pa.Array:
    """values: so many microseconds each, since 1970; null where no calendar has them."""
    first, last = (edge * 1_000_000 // microseconds for edge in (_FIRST_S, _LAST_S))
    kept = [value if value is not None and first <= value <= last else None for value in values]
    return pc.multiply(pa.array(kept, pa.int64()), microseconds).cast(pa.timestamp("us", tz="UTC"))


def _hex(values: Sequence[bytes | None]) -> pa.Array:
    return pa.array([None if value is None else value.hex() for value in values], pa.string())
