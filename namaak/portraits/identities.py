"""Which account a handle was, so that one account seen in two ways is one subject.

A list or a person knows an account by its handle, a platform by its permanent id. At one time a
handle belongs to one account: where the platform showed exactly one account under it, what is known
of the handle is that account's. Where several may have held it, or where nobody but the account
itself says so, nothing is folded, and that is told: else anybody could take over another's case.
May import: namaak.portraits.asking, namaak.lake, records, sqlfiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from namaak.lake import Lake
from namaak.portraits.asking import observations
from namaak.records import MATCH_SCHEMA, match_id
from namaak.sqlfiles import statement

#: Of accounts that say that a handle is theirs; one sentence names no more.
_MOST_NAMED = 5
#: For ever, as far as any clock of ours goes.
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_FOR_EVER = datetime(2999, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)
_UTC = pa.timestamp("us", tz="UTC")
ALIAS_SCHEMA = pa.schema(
    [
        ("alias_key", pa.string()), ("subject_key", pa.string()), ("held_from", _UTC),
        ("held_to", _UTC), ("outcome", pa.string()), ("says", pa.string()),
    ]
)  # fmt: skip
_OF_A_MATCH = ("brand_id", "subject_key", "field", "value", "term", "resemblance")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time, and whose a handle was in it. subject_key None: it cannot be told."""

    held_from: datetime
    held_to: datetime  #: exclusive
    subject_key: str | None
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """What is known of accounts that some source knows by their handle only."""

    #: Handle-only key -> stretches of time, ascending, none over another.
    stretches: Mapping[str, Sequence[Stretch]] = field(default_factory=dict)

    def account(self, key: str, at: datetime) -> str:
        """The subject that `key` was then: itself unless it is the handle of another."""
        for stretch in self.stretches.get(key, ()):
            if stretch.held_from <= at < stretch.held_to:
                return stretch.subject_key or key
        return key

    def fold(self, matches: pa.Table) -> pa.Table:
        """The matches (MATCH_SCHEMA), those of handles given to their accounts."""
        apart = pc.is_in(matches["subject_key"], pa.array(list(self.stretches), pa.string()))
        if not pc.any(apart).as_py():
            return matches
        rows = [moved(row, self.account) for row in matches.filter(apart).to_pylist()]
        folded = pa.Table.from_pylist(rows, schema=MATCH_SCHEMA)
        return pa.concat_tables([matches.filter(pc.invert(apart)), folded])

    def fold_worn(self, worn: pa.Table) -> pa.Table:
        """The pictures of `wearing.worn_pictures`, each subject's once. Of no time: of today."""
        apart = pc.is_in(worn["subject_key"], pa.array(list(self.stretches), pa.string()))
        if not pc.any(apart).as_py():
            return worn
        latest = _FOR_EVER - _MOMENT
        kept = worn.filter(pc.invert(apart))
        key = itemgetter("brand_id", "subject_key", "image_sha256")
        known = {
            key(row) for row in kept.select(["brand_id", "subject_key", "image_sha256"]).to_pylist()
        }
        moved_rows = {}
        for row in worn.filter(apart).to_pylist():
            row["subject_key"] = self.account(row["subject_key"], latest)
            if key(row) not in known:
                moved_rows[key(row)] = row
        folded = pa.Table.from_pylist([moved_rows[one] for one in sorted(moved_rows)], worn.schema)
        return pa.concat_tables([kept, folded])

    def table(self) -> pa.Table:
        """ALIAS_SCHEMA, the columns of the casebook's subject_aliases."""
        rows = [
            {
                "alias_key": alias_key,
                "subject_key": stretch.subject_key,
                "held_from": stretch.held_from,
                "held_to": stretch.held_to,
                "outcome": "same" if stretch.subject_key else "ambiguous",
                "says": stretch.says,
            }
            for alias_key, found in sorted(self.stretches.items())
            for stretch in found
        ]
        return pa.Table.from_pylist(rows, schema=ALIAS_SCHEMA)


def moved(row: dict[str, Any], account: Any) -> dict[str, Any]:
    """A match with the subject that its handle was at that time, and the id of that match."""
    subject_key = account(row["subject_key"], row["observed_at"])
    if subject_key == row["subject_key"]:
        return row
    found = {**row, "subject_key": subject_key}
    return {**found, "match_id": match_id([found[name] for name in _OF_A_MATCH])}


def known_identities(lake: Lake) -> Identities:
    """Of the whole lake, where a handle or its account ever resembled a brand.

    The rest stays in DuckDB, which writes to disk what memory does not hold. Raises LakeError when
    a file is missing or damaged.
    """
    with observations(lake, lake.observation_files()) as con:
        con.register("no_matches", MATCH_SCHEMA.empty_table())
        found = con.table("no_matches")
        if paths := [str(path) for path in lake.all_match_files()]:
            con.read_parquet(paths, union_by_name=True).create_view("match_rows")
            found = con.table("match_rows")
        found.filter("subject_kind = 'account'").select("subject_key").distinct().create_view(
            "resembling"
        )
        bound = {"most_claims": _MOST_NAMED}
        held = con.execute(statement("portraits/handle_holders"), bound)
        rows = held.to_arrow_table().to_pylist()
    by_alias = groupby(rows, key=itemgetter("alias_key"))
    return Identities(stretches={alias: tuple(_stretches(group)) for alias, group in by_alias})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """Sightings under one handle without another account between them; holders: whose."""

    first_at: datetime
    last_at: datetime
    holders: frozenset[str]
    opens: datetime | None  #: since when it may have been so; None: it was renamed to it
    closes: datetime | None


def _stretches(rows: Iterable[Row]) -> list[Stretch]:
    """rows: of one handle, of handle_holders.sql; claims only where there is nothing else."""
    rows = list(rows)
    if any(row["is_claim"] for row in rows):
        return [_only_claimed(row["subject_key"] for row in rows)]
    held = _together(rows)
    found: list[Stretch] = []
    for place, one in enumerate(held):
        first = one.first_at
        if place == 0 and one.opens is not None:
            first = min(one.opens, first)
        after = one.last_at + _MOMENT
        if place == len(held) - 1 and one.closes is not None:
            after = one.closes
        found.append(_told(first, after, one.holders))
        if place + 1 < len(held) and (gap := held[place + 1]).first_at > after:
            either = one.holders | gap.holders
            if len(either) > 1:
                found.append(_told(after, gap.first_at, either))
    return found


def _together(rows: Iterable[Row]) -> list[_Held]:
    """Stretches of sightings, those that overlap as one."""
    held: list[_Held] = []
    for row in rows:
        opens = None if row["renamed_before"] else row["created_at"] or _ALWAYS
        one = _Held(
            first_at=row["first_at"], last_at=row["last_at"],
            holders=frozenset({row["subject_key"]}), opens=opens,
            closes=None if row["renamed_after"] else _FOR_EVER,
        )  # fmt: skip
        if held and one.first_at <= held[-1].last_at:
            before = held.pop()
            one = _Held(
                first_at=before.first_at, last_at=max(before.last_at, one.last_at),
                holders=before.holders | one.holders, opens=before.opens,
                closes=_FOR_EVER if before.closes or one.closes else None,
            )  # fmt: skip
        held.append(one)
    return held


def _told(first: datetime, after: datetime, holders: frozenset[str]) -> Stretch:
    if len(holders) == 1:
        (only,) = holders
        says = f"it was seen as {only} under this handle, and nobody else was at that time"
        return Stretch(held_from=first, held_to=after, subject_key=only, says=says)
    names = " or ".join(sorted(holders)[:_MOST_NAMED])
    return Stretch(
        held_from=first, held_to=after, subject_key=None,
        says=f"the handle may have been that of {names} at that time, so they stay apart",
    )  # fmt: skip


def _only_claimed(subjects: Iterable[str]) -> Stretch:
    names = " or ".join(sorted(subjects))
    return Stretch(
        held_from=_ALWAYS, held_to=_FOR_EVER, subject_key=None,
        says=f"{names} says that the handle is theirs, which the platform did not confirm, so they "
        "stay apart",
    )  # fmt: skip
