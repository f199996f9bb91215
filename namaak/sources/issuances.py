"""Certificates as search services describe them, made observations of the hosts they name.

Both look-ups answer in JSON of their own shape; what a certificate is to us is the same. Whoever
obtained a certificate chose its names, so a name that is no host is refused by itself, with its
reason, and the other names of the certificate are kept.
Pure. May import: namaak.errors, namaak.records, namaak.sources.base and hosts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from namaak.errors import Failure, SourceError
from namaak.records import OBSERVATION_SCHEMA, SubjectKind, Trust, host_key
from namaak.sources.base import Reject, excerpt
from namaak.sources.hosts import normalise_host

#: A certificate may name thousands; the largest ones that are issued hold some 2,000.
MAX_NAMES = 5_000
#: Positions are 64-bit signed numbers in every table.
MAX_POSITION = 2**63 - 2
_HEX = re.compile(r"[0-9a-f]{1,128}")
_REPLACED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuance:
    """One certificate, or the pair of it and its precertificate."""

    position: int
    names: tuple[str, ...]  #: as written; hosts, and whatever else stands there
    seen_at: datetime | None = None  #: when it was logged or found, as the service says
    entry_type: str | None = None  #: "x509" or "precert"; None where the service does not tell
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    serial: str | None = None  #: hex


@dataclass(slots=True, kw_only=True)
class Answer:
    """What one reply held."""

    issuances: list[Issuance] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def parse_json(body: bytes, *, who: str, where: str) -> Any:
    """The reply as JSON; bytes that are not UTF-8 become U+FFFD, which no host may hold.

    Raises SourceError: transient when the reply breaks off, malformed when it is no JSON.
    """
    text = body.decode("utf-8", "replace").strip()
    if not text:
        raise SourceError(
            f"{who} answered {where} with nothing, as it does when it is overloaded; the next "
            "run asks again.",
            Failure.TRANSIENT,
        )
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if text[0] in "[{" and _breaks_off(error, text):
            raise SourceError(
                f"The answer of {who} to {where} breaks off after {len(body):,} bytes; the next "
                "run asks again.",
                Failure.TRANSIENT,
            ) from None
        raise SourceError(
            f"{who} answered {where} with what is no JSON ({excerpt(text[:60])}); nothing was "
            "taken from it."
        ) from None
    except (ValueError, RecursionError):
        # Numbers of thousands of digits, brackets nested thousands deep.
        raise SourceError(
            f"{who} answered {where} with JSON that no program makes; nothing was taken from it."
        ) from None


def _breaks_off(error: json.JSONDecodeError, text: str) -> bool:
    """Whether more text could have mended it: nothing of the rest stands behind the fault."""
    if error.msg.startswith("Unterminated string"):
        return True
    # A word, number or escape that was cut is reported where it begins.
    return re.fullmatch(r"[-+.0-9a-zA-Z\\]{0,6}", text[error.pos :]) is not None


def moment(value: object) -> datetime | None:
    """ISO 8601, as UTC where no zone is given. Raises ValueError; None and "" are None."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("is no time")
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no time") from None


def hex_number(value: object) -> str | None:
    """Lower-case hex digits. Raises ValueError; None and "" are None."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _HEX.fullmatch(value.lower()):
        raise ValueError("is no hexadecimal number")
    return value.lower()


def observe(
    issuances: Iterable[Issuance], *, source: str, instance: str, observed_at: datetime
) -> tuple[pa.Table, list[Reject]]:
    """OBSERVATION_SCHEMA, a row for each host that a certificate names, and the refused names.

    issuances: ascending positions. A host named both by itself and as `*.host` is one row.
    """
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for issuance in issuances:
        hosts: dict[str, bool] = {}
        for name in issuance.names[:MAX_NAMES]:
            try:
                host = _host(name)
            except ValueError as error:
                rejects.append(_reject(issuance.position, f"name {error}", name))
            else:
                # The host itself says more than the wildcard above it.
                hosts[host] = hosts.get(host, True) and name.strip().startswith("*.")
        if len(issuance.names) > MAX_NAMES:
            left = len(issuance.names) - MAX_NAMES
            rejects.append(_reject(issuance.position, f"{left:,} names too many", ""))
        rows.extend(
            {
                "source": source, "instance": instance, "position": issuance.position,
                "observed_at": observed_at, "subject_kind": str(SubjectKind.HOST),
                "subject_key": host_key(host), "host": host, "source_time": issuance.seen_at,
                "entry_type": issuance.entry_type, "trust": str(Trust.UNAUTHENTICATED),
                "wildcard": wildcard, "valid_from": issuance.valid_from,
                "valid_to": issuance.valid_to, "serial": issuance.serial,
            }
            for host, wildcard in hosts.items()
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=OBSERVATION_SCHEMA), rejects


def in_order(rejects: Iterable[Reject]) -> tuple[Reject, ...]:
    """Ascending positions; those of one position as they came."""
    return tuple(sorted(rejects, key=lambda reject: reject.position))


def field_reject(position: int, name: str, error: ValueError, value: object) -> Reject:
    """A field that could not be taken; its row is kept without it."""
    return _reject(position, f"{name} {error}", value)


def row_reject(number: int, reason: str, row: object) -> Reject:
    """A row that cannot be placed has the position of the answer as a whole."""
    return _reject(0, f"row {number}: {reason}", row)


def _reject(position: int, reason: str, value: object) -> Reject:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return Reject(position=position, reason=reason, excerpt=excerpt(text[:1000]))


def _host(name: str) -> str:
    """Raises ValueError with the reason; `normalise_host` alone takes more than certificates may
    hold, because lists are written by people."""
    if _REPLACED in name:
        raise ValueError("is not UTF-8")
    if "@" in name:
        raise ValueError("is a mail address, not a host")
    if any(char in "/:\\?# \t" for char in name.strip()):
        raise ValueError("has a character that no host name may hold")
    return normalise_host(name)


def names_of(value: object) -> Sequence[str]:
    """The names in a JSON list; raises ValueError when it is no list of texts."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError("is no list of texts")
    return value
