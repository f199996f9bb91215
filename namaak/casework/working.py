"""The open working casebook: transactions, Arrow tables for statements, weighing, the history.

What every kind of writing stands on; the kinds themselves are in profiles, identity, campaigns and
casebook. All writes are whole batches through Arrow, each in one transaction: in DuckDB a row at a
time is a thousand times slower.
May import: namaak.casework.events, lifecycle, loading and reading, namaak.records, sqlfiles and
errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from namaak.casework.events import Draft, EventKind, chain
from namaak.casework.lifecycle import FLOW_PREFIX
from namaak.casework.loading import Changes, Moved, Rank, Row, pair_by_pair
from namaak.casework.reading import chain_head, read_rows
from namaak.errors import CasebookError
from namaak.records import Band
from namaak.sqlfiles import statement

_VERDICTS = frozenset({EventKind.CONFIRMED, EventKind.ENFORCED, EventKind.DISMISSED})
_WORTH_TELLING = frozenset({Band.HIGH, Band.CRITICAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSummary:
    """What a match file came to. All zero when it was loaded before."""

    file: str
    cases_opened: int = 0
    cases_refreshed: int = 0
    matches: int = 0  #: rows of the file
    suppressed: int = 0  #: of these, evidence for no case
    faint: int = 0  #: names too faintly like a brand to be in the file
    below_watch: int = 0  #: subjects too weak to be a case
    opened: tuple[tuple[str, Band], ...] = ()  #: new cases of band high and critical
    moved: tuple[Moved, ...] = ()  #: known cases whose score or band changed


class Working:
    """The connection of the one writer, and what its writings have in common."""

    def __init__(self, con: duckdb.DuckDBPyConnection, *, mark: Path) -> None:
        self._con = con
        self._mark = mark
        #: Whether more was written than decisions: signals, matches, whole tables.
        self.wrote_much = False
        self._decided: set[str] = set()  #: cases of this transaction that something happened to
        self._reweighed: set[str] = set()  #: those of which the signals may be others
        self._rewrote = False  #: pictures may be worn by other cases

    def _weigh_and_write(self, changes: Changes, rank: Rank, *, batch_id: str = "") -> None:
        """Weigh the staged pairs and write what comes of it.

        batch_id: of the matches that came in; most steps of a run have none, and most of those have
        no pair to weigh either: then nothing is asked and nothing written.
        """
        self.wrote_much = True
        staged = self._con.execute(statement("casebook/anything_staged")).fetchone()
        if staged is not None and staged[0]:
            self._weigh_staged(changes, rank)
            self._write(changes, batch_id)

    def _weigh_staged(self, changes: Changes, rank: Rank) -> None:
        known = {
            (row["brand_id"], row["subject_key"]): row
            for row in read_rows(self._con, statement("casebook/known_pairs"))
        }
        rows = read_rows(self._con, statement("casebook/rows_to_rank"))
        for pair, matches in pair_by_pair(rows):
            changes.weigh(known.pop(pair), matches, rank)
        # Pairs of which every match was withdrawn.
        for row in known.values():
            changes.weigh(row, [], rank)

    def tell_of_all_cases(self) -> None:
        """Fill anew what cases hold for the lists of the desk."""
        with self._transaction():
            self.wrote_much = self._rewrote = True
            found = self._con.execute(statement("casebook/all_case_ids")).fetchall()
            self._reweighed.update(row[0] for row in found)

    def _tell(self) -> None:
        """Bring along what cases hold for the lists of the desk, see 0013_casework.sql."""
        self._apply("tell_reasons", touched_cases=_ids(self._reweighed))
        if self._rewrote:
            self._con.execute(statement("casebook/tell_same_pictures"))
        self._apply("tell_inbox", touched_cases=_ids(self._reweighed | self._decided))

    def _write(self, changes: Changes, batch_id: str) -> None:
        self.wrote_much = self._rewrote = True
        for rows in (changes.opened, changes.refreshed):
            self._reweighed.update(row["case_id"] for row in rows)
        weighed = pa.table({"case_id": pa.array(changes.weighed, pa.string())})
        self._apply("delete_signals", weighed_cases=weighed)
        self._apply("insert_cases", incoming_cases=self._table("cases", changes.opened))
        self._apply("update_cases", incoming_cases=self._table("cases", changes.refreshed))
        self._apply("insert_signals", incoming_signals=self._table("signals", changes.signals))
        self._con.execute(statement("casebook/delete_matches"))
        self._con.execute(statement("casebook/insert_matches"), {"batch_id": batch_id})
        self._con.execute(statement("casebook/adopt_matches"))
        self._append(changes.drafts)

    def _append(self, drafts: list[Draft]) -> None:
        self._decided.update(draft.case_id for draft in drafts)
        wanted = pa.table({"case_id": pa.array({draft.case_id for draft in drafts}, pa.string())})
        with self._registered(wanted_cases=wanted):
            ends = {
                row["case_id"]: (row["case_seq"], row["hash"])
                for row in read_rows(self._con, statement("casebook/last_events"))
            }
        rows = list(chain(drafts, ends=ends, head=chain_head(self._con)))
        incoming = self._table("events", rows)
        self._apply("insert_events", incoming_events=incoming)
        # Whatever happened to a case, a person sees of it something new.
        self._apply("date_cases", incoming_events=incoming)
        self._keep_judged(drafts)

    def _keep_judged(self, drafts: Iterable[Draft]) -> None:
        """What verdicts of people were about: weights are learned from that, not from what is
        seen later."""
        judged = {
            draft.case_id: draft.happened_at
            for draft in drafts
            if draft.kind in _VERDICTS and not draft.actor.startswith(FLOW_PREFIX)
        }
        rows = [{"case_id": case, "judged_at": when} for case, when in judged.items()]
        table = self._table("judged_signals", rows)
        self._apply("delete_judged_signals", incoming_judged=table)
        self._apply("insert_judged_signals", incoming_judged=table)

    def _table(self, name: str, rows: Iterable[Row]) -> pa.Table:
        """Rows as Arrow with the types of a table; columns they lack are null."""
        schema = self._con.table(name).limit(0).to_arrow_table().schema
        return pa.Table.from_pylist(list(rows), schema=schema)

    def _apply(self, step: str, **tables: pa.Table) -> None:
        """Run a statement that reads these tables, unless there is nothing in them."""
        if any(table.num_rows for table in tables.values()):
            with self._registered(**tables):
                self._con.execute(statement(f"casebook/{step}"))

    @contextmanager
    def _registered(self, **tables: pa.Table) -> Iterator[None]:
        """Arrow tables that statements may read by these names."""
        for name, table in tables.items():
            self._con.register(name, table)
        try:
            yield
        finally:
            for name in tables:
                self._con.unregister(name)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. A failing disk becomes a CasebookError."""
        touch(self._mark)
        self._decided.clear()
        self._reweighed.clear()
        self._rewrote = False
        self._con.begin()
        try:
            yield
            self._tell()
            self._con.commit()
        except BaseException as error:
            # An aborted transaction may refuse the rollback; the first error is the one to tell.
            with suppress(duckdb.Error):
                self._con.rollback()
            # A commit that cannot be written is a TransactionException to DuckDB.
            if isinstance(
                error,
                duckdb.IOException | duckdb.OutOfMemoryException | duckdb.TransactionException,
            ):
                raise CasebookError(
                    f"The casebook could not be written ({str(error).splitlines()[0]}); nothing of "
                    "this step was kept: free space and run again."
                ) from error
            raise


def _ids(cases: set[str]) -> pa.Table:
    return pa.table({"case_id": pa.array(sorted(cases), pa.string())})


def worth_telling(changes: Changes) -> tuple[tuple[str, Band], ...]:
    opened = ((case["case_id"], Band(case["band"])) for case in changes.opened)
    return tuple(case for case in opened if case[1] in _WORTH_TELLING)


def touch(mark: Path) -> None:
    try:
        mark.touch()
    except OSError as error:
        raise CasebookError(
            f"The folder {mark.parent} cannot be written ({error.strerror}); free it and run again."
        ) from error
