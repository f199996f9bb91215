"""Profiles in the casebook: what accounts and apps said of themselves, and what that does to cases.

Profiles come in first and are weighed after: killed between, the next run finds what is not read.
May import: namaak.casework.working, account_signals, loading, lifecycle and reading,
namaak.sqlfiles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from namaak.casework.account_signals import REACH
from namaak.casework.lifecycle import FLOW_PREFIX
from namaak.casework.loading import Changes, Names, Rank, Row, Seen
from namaak.casework.reading import read_rows
from namaak.casework.working import LoadSummary, Working, worth_telling
from namaak.sqlfiles import statement

#: Of those that changes of profiles write.
ACTOR = f"{FLOW_PREFIX}profiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRead:
    """A pair whose profile should be read (again)."""

    brand_id: str
    subject_key: str
    told_at: datetime | None  #: the sighting up to which it was read; None: never


class SeenAgain(Seen):
    """What was gone shows new things and nobody said how: what was known holds no longer."""

    __slots__ = ()

    @property
    def is_known(self) -> bool:
        """That it is unknown is known, and replaces what was."""
        return True


class Profiles(Working):
    """What a writer does with profiles."""

    def wanted_profiles(self, pairs: pa.Table, aliases: pa.Table) -> pa.Table:
        """subject_key, fresh (nothing was read of it), misplaced (stands under the wrong key).

        pairs: brand_id, subject_key, own (null: nobody could say), of matches that are about to be
        loaded. aliases: the
        columns of subject_aliases.
        """
        given = {"incoming_profile_subjects": pairs, "incoming_aliases": aliases}
        with self._registered(**given):
            return self._con.execute(statement("casebook/wanted_profiles")).to_arrow_table()

    def known_profiles(self, wanted: pa.Table) -> pa.Table:
        """The versions that are kept of the wanted, see `wanted_profiles`."""
        with self._registered(incoming_wanted=wanted):
            return self._con.execute(statement("casebook/known_profiles")).to_arrow_table()

    def read_batches(self) -> frozenset[str]:
        """Batches of the lake whose profiles were taken over."""
        found = self._con.execute(statement("casebook/read_profile_batches")).fetchall()
        return frozenset(row[0] for row in found)

    def record_profiles(
        self,
        versions: pa.Table,
        ties: Iterable[Row],
        *,
        pairs: pa.Table,
        wanted: pa.Table,
        batches: Collection[str],
        now: datetime,
    ) -> None:
        """Keep profiles; nothing is weighed yet. Done again, it changes nothing.

        versions: the columns of profiles, all versions of each subject. ties: rows of
        profile_ties, of these subjects. pairs, wanted: see `wanted_profiles`. batches: those that
        were read.
        """
        given = {
            "incoming_profiles": versions,
            "incoming_wanted": wanted,
            "incoming_profile_subjects": pairs,
            "incoming_profile_ties": self._table("profile_ties", ties),
            "incoming_profile_batches": pa.table({"batch_id": pa.array(batches, pa.string())}),
        }
        steps = ("delete_profiles", "insert_profiles", "delete_profile_ties", "insert_profile_ties",
                 "insert_profile_subjects")  # fmt: skip
        with self._transaction(), self._registered(**given):
            for step in steps:
                self._con.execute(statement(f"casebook/{step}"))
            self._con.execute(statement("casebook/insert_profile_batches"), {"now": now})

    def profiles_to_read(self, readers: Mapping[str, str]) -> list[ToRead]:
        """Pairs whose profile `record_profile_traits` should take (again), by subject.

        readers: brand_id -> version of what reads profiles for that brand.
        """
        rows = ({"brand_id": brand, "reader": reader} for brand, reader in readers.items())
        with self._registered(incoming_readers=self._table("profile_traits", rows)):
            found = list(read_rows(self._con, statement("casebook/profiles_to_read")))
        return [ToRead(**row) for row in found]

    def own_profiles(self) -> dict[str, list[Row]]:
        """brand_id -> the latest profiles of its own accounts and apps."""
        own: dict[str, list[Row]] = {}
        for row in read_rows(self._con, statement("casebook/own_profiles")):
            own.setdefault(row.pop("brand_id"), []).append(row)
        return own

    def versions_of(self, subjects: Collection[str]) -> dict[str, list[Row]]:
        """subject_key -> all versions of its profile, oldest first."""
        wanted = pa.table({"subject_key": pa.array(sorted(subjects), pa.string())})
        versions: dict[str, list[Row]] = {}
        with self._registered(incoming_subjects=wanted):
            for row in read_rows(self._con, statement("casebook/versions_of")):
                versions.setdefault(row["subject_key"], []).append(row)
        return versions

    def record_profile_traits(
        self,
        traits: Iterable[Row],
        seen: Mapping[str, Seen],
        *,
        rank: Rank,
        brand_names: Mapping[str, str],
        now: datetime,
        rank_version: str,
    ) -> LoadSummary:
        """Take over what profiles say; weigh again the pairs of which they say something new.

        traits: rows of profile_traits without `ties`. seen: subject_key -> its state, and those it
        passed through since it was read before. One transaction; done again, it changes nothing.
        """
        changes = Changes(
            actor=ACTOR, now=now, rank_version=rank_version, names=Names(brands=brand_names),
            seen=seen,
        )  # fmt: skip
        states = pa.table(
            {
                "subject_key": pa.array(seen.keys(), pa.string()),
                "state": pa.array([str(one.state) for one in seen.values()], pa.string()),
                "moved": pa.array([bool(one.passed) for one in seen.values()], pa.bool_()),
            }
        )
        incoming = {
            "incoming_profile_traits": self._table("profile_traits", traits),
            "incoming_states": states,
        }
        steps = ("stage_profiled_pairs", "stage_no_matches", "upsert_profile_traits")
        with self._transaction(), self._registered(**incoming):
            for step in steps:
                self._con.execute(statement(f"casebook/{step}"))
            self._weigh_and_write(changes, rank)
        return summed("profiles", changes)

    def record_ties(
        self, *, rank: Rank, brand_names: Mapping[str, str], now: datetime, rank_version: str
    ) -> LoadSummary:
        """Find what profiles share with our other cases; weigh again where that changed.

        Call it after loading: it compares cases with cases. One transaction; done again, it
        changes nothing.
        """
        changes = Changes(
            actor=ACTOR, now=now, rank_version=rank_version, names=Names(brands=brand_names)
        )
        with self._transaction():
            bound = {"steps": [least for least, _ in REACH]}
            self._con.execute(statement("casebook/stage_ties"), bound)
            for step in ("stage_tied_pairs", "stage_no_matches", "update_ties"):
                self._con.execute(statement(f"casebook/{step}"))
            self._weigh_and_write(changes, rank)
        return summed("ties", changes)


def summed(what: str, changes: Changes) -> LoadSummary:
    """What came of weighing what was known already."""
    tally: Counter[str] = sum(changes.tallies.values(), Counter[str]())
    return LoadSummary(
        file=what,
        cases_opened=tally["cases_opened"],
        cases_refreshed=tally["cases_refreshed"],
        opened=worth_telling(changes),
        moved=tuple(changes.moved),
    )


def plain(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows of profiles as a detector takes them: with observed_at and first_seen."""
    return [
        {**row, "observed_at": row["last_seen_at"], "first_seen": row["first_seen_at"]}
        for row in rows
    ]
