"""Raw rows to observations: every cell becomes a fact, is cut, or is rejected with a reason.

A column of ASCII host names goes through without a Python object per row; the rest is
done on what is filled only. A row loses its place only when it has no subject.
Pure: no I/O, no clock. May import: namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from namaak.platforms import fold_platform
from namaak.records import (
    OBSERVATION_SCHEMA,
    Flag,
    SubjectKind,
    Verified,
    account_key,
    app_key,
    host_key,
    image_key,
)
from namaak.sources.base import Reject, excerpt
from namaak.sources.hosts import normalise_hosts
from namaak.sources.lists.columns import COUNTS, IDENTIFYING, LIMITS, LISTED
from namaak.sources.lists.pictures import Pictures

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BETWEEN = re.compile(r"[\s;|]+|,\s")
_FLAGS = frozenset(str(flag) for flag in Flag)
_MOST_LISTED = 50
_DIGITS = re.compile(r"[0-9]{9,17}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What all rows of a batch share."""

    source: str
    instance: str
    kind: SubjectKind
    platform: str | None  #: where a row names none
    observed_at: datetime


def observe(
    rows: pa.Table, pictures: Pictures, gathering: Gathering
) -> tuple[pa.Table, list[Reject]]:
    """rows: `position` and string columns named after fields; pictures: of these rows.

    Returns observations (records.OBSERVATION_SCHEMA) and the rejects, ascending.
    """
    draft = _Draft(rows=rows, rejects=list(pictures.rejects))
    if gathering.kind is SubjectKind.IMAGE:
        refused = {reject.position for reject in pictures.rejects}
        positions = enumerate(rows["position"].to_pylist())
        draft.lost.update(row for row, position in positions if position in refused)
    columns = {
        name: draft.text(name)
        for name in rows.column_names
        if name not in ("position", "host", "created_at", "source_time", "verified", *COUNTS)
    }
    columns["image_name"] = columns.pop("image", draft.empty)
    columns["image_sha256"] = pa.array(pictures.digests, pa.string())
    if "platform" in columns or gathering.platform is not None:
        columns["platform"] = draft.platforms(columns.get("platform"), gathering.platform)
    if "handle" in columns:
        columns["handle"] = draft.handles(columns["handle"])
    if gathering.kind is SubjectKind.HOST:
        columns["host"] = draft.hosts()
        columns["url"] = draft.addresses(columns.get("url"))
    for name in COUNTS:
        columns[name] = draft.parsed(name, parse_count, pa.int64())
    for name in LISTED:
        if name in columns:
            columns[name] = draft.listed(name, columns[name])
    columns["verified"] = draft.parsed("verified", parse_verified, pa.string())
    for name, parse in (("created_at", parse_time), ("source_time", parse_sighting)):
        columns[name] = draft.parsed(name, parse, pa.timestamp("us", tz="UTC"))
    columns["subject_key"] = draft.keys(columns, gathering.kind)
    return draft.finished(columns, gathering), sorted(draft.rejects, key=lambda r: r.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """The rows of one batch while their facts are drawn from them."""

    rows: pa.Table
    rejects: list[Reject] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)  #: rows that have no subject

    @property
    def empty(self) -> pa.Array:
        return pa.nulls(self.rows.num_rows, pa.string())

    def raw(self, name: str) -> pa.Array:
        """One contiguous string column; nulls where the list has no such column."""
        if name not in self.rows.column_names:
            return self.empty
        column = self.rows[name].combine_chunks()
        return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column

    def note(self, row: int, reason: str, shown: str, *, loses: bool = False) -> None:
        position = self.rows["position"][row].as_py()
        self.rejects.append(Reject(position=position, reason=reason, excerpt=excerpt(shown)))
        if loses:
            self.lost.add(row)

    def text(self, name: str) -> pa.Array:
        column = pc.utf8_trim_whitespace(self.raw(name))
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
        for row in _where(pc.match_substring(column, "\0")):
            self.note(row, f"{name}: held a NUL character; shown as U+FFFD", column[row].as_py())
        column = pc.replace_substring(column, "\0", "\ufffd")
        limit = LIMITS[name]
        for row in _where(pc.greater(pc.utf8_length(column), limit)):
            loses = name in IDENTIFYING
            reason = f"{name}: is longer than {limit}" if loses else f"{name}: cut to {limit}"
            self.note(row, reason, column[row].as_py(), loses=loses)
        return pc.utf8_slice_codeunits(column, start=0, stop=limit)

    def platforms(self, column: pa.Array | None, default: str | None) -> pa.Array:
        folded = self.empty if column is None else _each_once(column, fold_platform)
        return folded if default is None else pc.fill_null(folded, fold_platform(default))

    def handles(self, column: pa.Array) -> pa.Array:
        bare = pc.utf8_trim_whitespace(pc.utf8_ltrim(column, characters="@"))
        return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)

    def hosts(self) -> pa.Array:
        written = self.raw("host")
        hosts, reasons = normalise_hosts(written)
        for row, reason in reasons.items():
            self.note(row, f"host: {reason}", written[row].as_py(), loses=True)
        return hosts

    def addresses(self, urls: pa.Array | None) -> pa.Array:
        """The address as it was listed in place of a host is kept: its path is a fact."""
        written = self.raw("host")
        whole = pc.if_else(pc.match_substring(written, "://"), written, self.empty)
        whole = pc.utf8_slice_codeunits(whole, start=0, stop=LIMITS["url"])
        return whole if urls is None else pc.coalesce(urls, whole)

    def parsed(self, name: str, parse: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
        """Null, with a reject, where `parse` raises ValueError."""
        if name not in self.rows.column_names:
            return pa.nulls(self.rows.num_rows, kind)
        values: list[Any] = []
        for row, text in enumerate(self.raw(name).to_pylist()):
            value = None
            if text:
                try:
                    value = parse(text.strip())
                except ValueError as error:
                    self.note(row, f"{name}: {error}; taken as absent", text)
            values.append(value)
        return pa.array(values, kind)

    def listed(self, name: str, cells: pa.Array) -> pa.Array:
        """Cells of several values; flags that namaak does not know are noted and left out."""
        rows: list[list[str] | None] = []
        for row, text in enumerate(cells.to_pylist()):
            values = list(dict.fromkeys(_BETWEEN.split(text))) if text else []
            values = [value for value in values if value]
            if name == "flags":
                values = [value.casefold() for value in values]
                for value in set(values) - _FLAGS:
                    self.note(row, "flags: is none that namaak knows; left out", value)
                values = sorted(_FLAGS.intersection(values))
            for value in values[_MOST_LISTED:]:
                self.note(row, f"{name}: more than {_MOST_LISTED}; left out", value)
            rows.append(values[:_MOST_LISTED] or None)
        return pa.array(rows, pa.list_(pa.string()))

    def keys(self, columns: dict[str, pa.Array], kind: SubjectKind) -> pa.Array:
        """The subject of each row; rows without one are noted and lost."""
        if kind is SubjectKind.HOST:
            keys = pc.binary_join_element_wise(pa.scalar(host_key("")), columns["host"], "")
        elif kind is SubjectKind.IMAGE:
            prefix = pa.scalar(image_key(""))
            keys = pc.binary_join_element_wise(prefix, columns["image_sha256"], "")
        else:
            keys = pa.array(
                [
                    _key(kind, *names)
                    for names in zip(
                        *(
                            columns.get(name, self.empty).to_pylist()
                            for name in ("platform", "native_id", "handle")
                        ),
                        strict=True,
                    )
                ],
                pa.string(),
            )
        for row in _where(pc.is_null(keys)):
            if row not in self.lost:
                self.note(row, _MISSING[kind], "", loses=True)
        return keys

    def finished(self, columns: dict[str, pa.Array], gathering: Gathering) -> pa.Table:
        count = self.rows.num_rows
        columns |= {
            "source": _constant(gathering.source, count),
            "instance": _constant(gathering.instance, count),
            "position": self.rows["position"],
            "observed_at": pa.repeat(
                pa.scalar(gathering.observed_at, pa.timestamp("us", tz="UTC")), count
            ),
            "subject_kind": _constant(gathering.kind.value, count),
        }
        arrays = [
            columns.get(wanted.name, pa.nulls(count, wanted.type)) for wanted in OBSERVATION_SCHEMA
        ]
        table = pa.Table.from_arrays(arrays, names=OBSERVATION_SCHEMA.names)
        if self.lost:
            keep = np.ones(count, bool)
            keep[sorted(self.lost)] = False
            table = table.filter(pa.array(keep))
        return table.cast(OBSERVATION_SCHEMA).combine_chunks()


_MISSING = {
    SubjectKind.HOST: "host: is missing",
    SubjectKind.ACCOUNT: "has neither handle nor id, or no platform",
    SubjectKind.APP: "has no id, or no store",
    SubjectKind.IMAGE: "has no picture that could be read",
}


def _key(
    kind: SubjectKind, platform: str | None, native_id: str | None, handle: str | None
) -> str | None:
    if platform is None or not (native_id or (handle and kind is SubjectKind.ACCOUNT)):
        return None
    if kind is SubjectKind.ACCOUNT:
        return account_key(platform, native_id, handle or "")
    return app_key(platform, native_id or "")


def parse_count(text: str) -> int:
    """A count of people. Raises ValueError.

    >>> parse_count("1200"), parse_count("12.0")
    (1200, 12)
    """
    try:
        count = int(text) if text.isdecimal() else float(text)
    except ValueError:
        raise ValueError("is not a number") from None
    if not 0 <= count < 2**63 or count != int(count):
        raise ValueError("is no whole number of people")
    return int(count)


#: Of a list that tells that there is a badge and not which.
_YES_OR_NO = dict.fromkeys(("no", "false", "0"), str(Verified.NONE)) | dict.fromkeys(
    ("yes", "true", "1"), str(Verified.NOTABLE)
)


def parse_verified(text: str) -> str:
    """In which way the platform vouches for an account. Raises ValueError.

    >>> parse_verified("Paid"), parse_verified("no")
    ('paid', 'none')
    """
    word = _YES_OR_NO.get(text.casefold(), text.casefold())
    if word not in frozenset(Verified):
        raise ValueError(f"is none of {', '.join(Verified)}")
    return word


def parse_time(text: str) -> datetime:
    """ISO 8601 (UTC unless it says otherwise) or seconds, milli- or microseconds since 1970.

    Raises ValueError.

    >>> parse_time("2026-11-02T09:00:00+01:00").isoformat()
    '2026-11-02T08:00:00+00:00'
    >>> parse_time("1767225600000").isoformat()
    '2026-01-01T00:00:00+00:00'
    """
    try:
        if _DIGITS.fullmatch(text):
            ticks = float(text)
            # Seconds reach 1e11 in the year 5138, so larger numbers are of a finer unit.
            seconds = ticks / (1 if ticks < 1e11 else 1e3 if ticks < 1e14 else 1e6)
            return _EPOCH + timedelta(seconds=seconds)
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is neither ISO 8601 nor seconds since 1970") from None


def parse_sighting(text: str) -> datetime:
    """As `parse_time`, of when somebody saw it. Raises ValueError.

    >>> parse_sighting("2026-11-02").isoformat()
    '2026-11-02T00:00:00+00:00'
    """
    when = parse_time(text)
    if when < _EPOCH:
        raise ValueError("is before there was anything to see")
    return when


def _where(mask: pa.Array) -> list[int]:
    """Rows where the mask is true; null counts as false."""
    if not pc.any(mask).as_py():
        return []
    return list(np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False)).tolist())


def _each_once(column: pa.Array, fold: Callable[[str], str]) -> pa.Array:
    """`fold` applied to each different value once."""
    encoded = column.dictionary_encode()
    folded = [fold(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(folded, pa.string()).take(encoded.indices)


def _constant(value: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string()), count)
