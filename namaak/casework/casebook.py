"""The casebook's one writer: loads matches, takes down decisions, publishes.

What all writings have in common is in namaak.casework.working. People and programs that only read
use namaak.casework.reading.
May import: the rest of namaak.casework, namaak.brands, records, sqlfiles and errors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import duckdb
import pyarrow as pa

from namaak.brands import Brand
from namaak.casework.action_sending import ActionSending
from namaak.casework.actions import Actions
from namaak.casework.captures import Captures
from namaak.casework.checks import Checks
from namaak.casework.contact_book import ContactBook
from namaak.casework.desk import Desk
from namaak.casework.identity import Identities
from namaak.casework.lastpublished import LastPublished, read_last
from namaak.casework.learning import Learning
from namaak.casework.lifecycle import FLOW_PREFIX
from namaak.casework.loading import (
    Changes,
    Names,
    Rank,
    Row,
    Seen,
)
from namaak.casework.migrations import migrate, refresh_views
from namaak.casework.profiles import Profiles
from namaak.casework.publishing import (
    log_is_enough,
    open_working,
    publish,
    publish_log,
    remove_leftovers,
    restore,
    unpublished_mark,
    writer_lock,
)
from namaak.casework.reading import chain_head, open_snapshot, read_rows
from namaak.casework.telling import Telling
from namaak.casework.working import LoadSummary as LoadSummary
from namaak.casework.working import touch, worth_telling
from namaak.errors import CasebookError
from namaak.records import MATCH_SCHEMA
from namaak.sqlfiles import sql_files, statement


class Named(Protocol):
    """A match file of the lake, as far as it matters here."""

    @property
    def name(self) -> str:
        """Its name in the lake, the same for ever."""


_File = TypeVar("_File", bound=Named)


class Casebook(
    Profiles,
    Identities,
    Desk,
    Captures,
    Actions,
    ActionSending,
    Checks,
    ContactBook,
    Learning,
    Telling,
):
    """The open working casebook. Get one from `writing`; it is good within that block only."""

    @classmethod
    @contextmanager
    def writing(cls, *, working: Path, published: Path, wait_s: float = 30.0) -> Iterator[Casebook]:
        """Hold the lock, open, bring up to date; publish when the block ends well.

        After an error nothing is published; what the block's calls had finished stays in the
        working file and goes out with the next publishing. Raises CasebookLocked when another
        process writes for all of wait_s seconds, CasebookError when it cannot be opened or
        published.
        """
        mark = unpublished_mark(working)
        with writer_lock(working, wait_s=wait_s):
            remove_leftovers(working, published)
            last = read_last(working)
            if not working.exists():
                if published.exists():
                    # Decisions live in the casebook alone: never begin a new one beside them.
                    restore(published, working)
                else:
                    touch(mark)
            con = open_working(working)
            try:
                migrated = migrate(con, sql_files("migrations"), now=datetime.now(UTC))
                _check_continues(con, published, last)
                if migrated:
                    touch(mark)
                refreshed = refresh_views(con, [*sql_files("views"), *sql_files("macros")])
                if refreshed:
                    touch(mark)
                book = cls(con, mark=mark)
                if migrated:
                    book.tell_of_all_cases()
                yield book
                head = chain_head(con)
                changed = mark.exists() or not last.is_there(published)
                # Of much, readers should not have to replay each row.
                much = bool(migrated) or refreshed or book.wrote_much
                small = not much and log_is_enough(working, published, last)
                if changed and not small:
                    _checkpoint(con, working)
            finally:
                con.close()
            if changed:
                if small:
                    publish_log(working, published, head)
                else:
                    publish(working, published, head)
                mark.unlink(missing_ok=True)

    def load_matches(
        self,
        matches: pa.Table,
        *,
        file: str,
        rank: Rank,
        brand_names: Mapping[str, str],
        subjects: Mapping[str, str],
        now: datetime,
        rank_version: str,
        domains: Mapping[str, str] | None = None,
        batch_id: str = "",
        brands: Sequence[str] = (),
        faint: Mapping[str, int] | None = None,
    ) -> LoadSummary:
        """Load one match file, once per ranking: loaded again, it changes nothing.

        matches: MATCH_SCHEMA. file: its name in the lake. rank: see loading.Rank. subjects:
        subject_key -> text for people; missing ones are derived. domains: subject_key -> the
        host's registrable domain. batch_id, brands: what was matched; stored matches of theirs
        that are not in the file any more are withdrawn. faint: brand_id -> names too faintly
        like it to be in the file; counted. One transaction. Raises CasebookError
        for other columns.
        """
        if self._con.execute(statement("casebook/find_load"), [file, rank_version]).fetchone():
            return LoadSummary(file=file)
        changes = Changes(
            actor=f"{FLOW_PREFIX}load",
            now=now,
            rank_version=rank_version,
            names=Names(brands=brand_names, subjects=subjects, domains=domains or {}),
        )
        with (
            self._transaction(),
            self._registered(incoming_matches=_as_matches(matches, file)),
        ):
            covered = {"batch_id": batch_id, "brands": list(brands)}
            self._con.execute(statement("casebook/stage_withdrawals"), covered)
            self._con.execute(statement("casebook/stage_incoming_pairs"))
            self._con.execute(statement("casebook/stage_incoming_matches"))
            self._weigh_and_write(changes, rank, batch_id=batch_id)
            for brand_id, pairs in (faint or {}).items():
                changes.tallies.setdefault(brand_id, Counter())["faint"] = pairs
            counts = self._count_load(file, changes)
        return LoadSummary(
            file=file,
            **counts,
            opened=worth_telling(changes),
            moved=tuple(changes.moved),
        )

    def record_worn_pictures(
        self,
        worn: pa.Table,
        *,
        rank: Rank,
        brand_names: Mapping[str, str],
        now: datetime,
        rank_version: str,
    ) -> LoadSummary:
        """Take over how widely pictures are worn; weigh again the pairs for which that changed.

        worn: the columns of worn_pictures, all rows of today. Call it before loading: matches
        that come in are weighed by what stands here. One transaction; done again, it changes
        nothing.
        """
        changes = Changes(
            actor=f"{FLOW_PREFIX}load",
            now=now,
            rank_version=rank_version,
            names=Names(brands=brand_names),
        )
        with self._transaction(), self._registered(incoming_worn_pictures=worn):
            self._rewrote = True
            steps = ("stage_worn_pairs", "stage_no_matches", "delete_worn_pictures",
                     "insert_worn_pictures")  # fmt: skip
            for step in steps:
                self._con.execute(statement(f"casebook/{step}"))
            self._weigh_and_write(changes, rank)
        tally = sum(changes.tallies.values(), Counter[str]())
        return LoadSummary(
            file="worn pictures",
            cases_opened=tally["cases_opened"],
            cases_refreshed=tally["cases_refreshed"],
            opened=worth_telling(changes),
            moved=tuple(changes.moved),
        )

    def pairs_to_read(
        self, asked: Mapping[str, datetime], readers: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        """(brand_id, subject_key) of cases whose answers `record_enrichments` should take (again).

        asked: subject_key -> the latest answer about it. readers: brand_id -> version of what
        reads answers for that brand.
        """
        given = {
            "incoming_asked": self._table(
                "site_traits", ({"subject_key": key, "asked_at": at} for key, at in asked.items())
            ),
            "incoming_readers": self._table(
                "site_traits",
                ({"brand_id": brand, "reader": reader} for brand, reader in readers.items()),
            ),
        }
        with self._registered(**given):
            found = self._con.execute(statement("casebook/pairs_to_read")).fetchall()
        return [(brand_id, subject_key) for brand_id, subject_key in found]

    def record_enrichments(
        self,
        enrichments: Iterable[Row],
        traits: Iterable[Row],
        seen: Mapping[str, Seen],
        *,
        rank: Rank,
        brand_names: Mapping[str, str],
        now: datetime,
        rank_version: str,
    ) -> LoadSummary:
        """Take over what looks at hosts gave; weigh again the pairs of which it says something new.

        enrichments: rows of the table, all of the hosts they are about. traits: rows of
        site_traits. seen: subject_key -> the state a look found it in. One transaction; done
        again, it changes nothing.
        """
        changes = Changes(
            actor=f"{FLOW_PREFIX}enrich",
            now=now,
            rank_version=rank_version,
            names=Names(brands=brand_names),
            seen=seen,
        )
        told = {key: str(one.state) for key, one in seen.items() if one.is_known}
        states = pa.table(
            {
                "subject_key": pa.array(told.keys(), pa.string()),
                "state": pa.array(told.values(), pa.string()),
            }
        )
        incoming = {
            "incoming_enrichments": self._table("enrichments", enrichments),
            "incoming_site_traits": self._table("site_traits", traits),
            "incoming_states": states,
        }
        steps = ("stage_looked_at_pairs", "stage_no_matches", "delete_enrichments",
                 "insert_enrichments", "delete_site_traits", "insert_site_traits")  # fmt: skip
        with self._transaction(), self._registered(**incoming):
            for step in steps:
                self._con.execute(statement(f"casebook/{step}"))
            self._weigh_and_write(changes, rank)
        tally = sum(changes.tallies.values(), Counter[str]())
        return LoadSummary(
            file="looks at hosts",
            cases_refreshed=tally["cases_refreshed"],
            moved=tuple(changes.moved),
        )

    def not_yet_loaded(self, files: Iterable[_File], *, rank_version: str) -> list[_File]:
        """Those of the match files that this ranking has not weighed yet, in the order given.

        After the ranking changed that is all of them: cases move, and say why, and what was
        too weak may become a case.
        """
        found = self._con.execute(statement("casebook/loaded_files"), [rank_version])
        loaded = {row[0] for row in found.fetchall()}
        return [file for file in files if file.name not in loaded]

    def record_coverage(
        self,
        batches: pa.Table,
        rejects: pa.Table,
        *,
        instances: pa.Table | None = None,
        gaps: pa.Table | None = None,
        heads: pa.Table | None = None,
        attempts: pa.Table | None = None,
    ) -> None:
        """Replace the copy of the lake's account. Columns: those of the tables, by name.

        instances, gaps, heads, attempts: the tables instances, coverage_gaps, log_heads and
        fetch_attempts; what is not given is left as it stood.
        """
        account = {
            "batches": batches,
            "rejects": rejects,
            "instances": instances,
            "coverage_gaps": gaps,
            "log_heads": heads,
            "fetch_attempts": attempts,
        }
        given = {name: table for name, table in account.items() if table is not None}
        with self._transaction():
            for name, table in given.items():
                self._con.execute(statement(f"casebook/delete_{name}"))
                self._apply(f"insert_{name}", **{f"incoming_{name}": table})

    def wanted_pictures(self) -> list[str]:
        """SHA-256 of the pictures that subjects of cases wear, or that are cases; ascending."""
        found = self._con.execute(statement("casebook/wanted_pictures")).fetchall()
        return [row[0] for row in found]

    def record_pictures(self, pictures: pa.Table, outcomes: pa.Table) -> None:
        """Copy hashes from the lake. pictures: PICTURE_SCHEMA, all that are wanted and no others.

        outcomes: the columns of picture_outcomes, of all pictures of the lake.
        """
        with (
            self._transaction(),
            self._registered(incoming_pictures=pictures, incoming_picture_outcomes=outcomes),
        ):
            steps = ("delete_pictures", "insert_pictures", "delete_picture_outcomes",
                     "insert_picture_outcomes")  # fmt: skip
            for step in steps:
                self._con.execute(statement(f"casebook/{step}"))

    def record_brands(
        self, brands: Mapping[str, Brand], fingerprints: Mapping[str, str], *, now: datetime
    ) -> None:
        """Write down the watch file's brands. fingerprints: brand_id -> brand_fingerprint."""
        rows = [
            {
                "brand_id": brand_id,
                "name": brand.name,
                "fingerprint": fingerprints[brand_id],
                "common_word": brand.common_word,
            }
            for brand_id, brand in brands.items()
        ]
        with self._transaction(), self._registered(incoming_brands=self._table("brands", rows)):
            self._con.execute(statement("casebook/upsert_brands"), {"now": now})
            self._con.execute(statement("casebook/rename_brands_in_cases"), {"now": now})

    def _count_load(self, file: str, changes: Changes) -> dict[str, int]:
        columns = ("faint", "below_watch", "cases_opened", "cases_refreshed")
        tallies = [
            {"brand_id": brand_id, **{column: tally[column] for column in columns}}
            for brand_id, tally in changes.tallies.items()
        ]
        with self._registered(incoming_tallies=self._table("loads", tallies)):
            self._con.execute(statement("casebook/delete_loads"), [file])
            bound = {
                "match_file": file,
                "loaded_at": changes.now,
                "rank_version": changes.rank_version,
            }
            self._con.execute(statement("casebook/insert_loads"), bound)
        return next(read_rows(self._con, statement("casebook/loaded_counts"), [file]))


def _check_continues(con: duckdb.DuckDBPyConnection, published: Path, last: LastPublished) -> None:
    """The history goes on from the published one; a cut or forged one is never published.

    Raises CasebookError. A published file that cannot be opened is no reason to stop: it is
    made again.
    """
    if not published.exists():
        return
    known = last.head
    if not last.is_there(published):
        try:
            with open_snapshot(published) as snapshot:
                known = chain_head(snapshot)
        except (CasebookError, duckdb.Error):
            return
    held = con.execute(statement("casebook/chain_hash_at"), [known.seq]).fetchone()
    if known.seq and (held is None or held[0] != known.chain_hash):
        raise CasebookError(
            f"The working casebook does not hold the published history up to event {known.seq}: it "
            "was cut or changed; move it and its log (.wal) away, and it is made again from "
            f"{published}."
        )


def _as_matches(matches: pa.Table, file: str) -> pa.Table:
    try:
        return matches.select(MATCH_SCHEMA.names).cast(MATCH_SCHEMA)
    except (KeyError, ValueError) as error:
        raise CasebookError(
            f"The match file {file} does not have the columns of matches ({error}); "
            "remove it and run `namaak run` to match again."
        ) from error


def _checkpoint(con: duckdb.DuckDBPyConnection, working: Path) -> None:
    try:
        con.checkpoint()
    except duckdb.Error as error:
        raise CasebookError(
            f"The casebook {working} could not be brought up to date "
            f"({str(error).splitlines()[0]}); nothing is lost: free disk space and run again."
        ) from error
