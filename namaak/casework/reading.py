"""Reading the published casebook: for the command line, the console and evidence packs.

Every opening gets a database of its own. A plain second `duckdb.connect` to the same path
would, while an older connection in this process is still open, quietly show that one's old
snapshot.
May import: namaak.casework.events, lastpublished, migrations and publishing, namaak.records,
namaak.sqlfiles, namaak.errors.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from namaak.casework.events import BrokenLink, ChainHead, verify_chain
from namaak.casework.lastpublished import State, log_of, read_last
from namaak.casework.migrations import check_current
from namaak.casework.publishing import unopened
from namaak.errors import CasebookError, UsageError
from namaak.records import Band, CaseId, Resemblance, Workflow
from namaak.sqlfiles import sql_files, statement

#: Fewer characters of an id are too few to mean one case for long.
_SHORTEST_PREFIX = len("NK-") + 4
#: Crockford's base32 leaves out what is easily misread; people type it anyway.
_MISREAD = str.maketrans("ILO", "110")
_ROWS_A_BATCH = 10_000
#: A publishing replaces files within milliseconds; several in a row are rare.
_MOST_ATTEMPTS = 20
_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """All the casebook holds of one case. Rows have the columns of the tables; times are UTC.

    An event's `data` stays the text that was hashed, so that `verify_events` takes the rows.
    """

    case: dict[str, Any]  #: a row of the view case_detail
    signals: list[dict[str, Any]]  #: what speaks most for it first
    matches: list[dict[str, Any]]  #: the strongest first, suppressed ones last
    events: list[dict[str, Any]]  #: oldest first
    #: What looks at its host gave: of each aspect the last, and the last that said something.
    enrichments: list[dict[str, Any]]
    profile: list[dict[str, Any]]  #: rows of account_history, oldest first; none for hosts
    edges: list[dict[str, Any]]  #: what ties it to other cases
    joined: list[dict[str, Any]]  #: cases that came into it, or the one it went into
    aliases: list[dict[str, Any]]  #: whose handle it was, and when; rows of subject_aliases


def open_snapshot(published: Path, *, any_version: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the published casebook read-only, without access to any other file or the network.

    any_version: also one that an older namaak published, which lacks tables and columns.
    Raises CasebookError when there is none, it is damaged or an older namaak published it. Close
    it soon: it shows the moment of opening for as long as it is open.
    """
    for attempt in range(_MOST_ATTEMPTS):
        before = _lying_there(published)
        if before[0] is None:
            raise CasebookError(f"There is no casebook at {published} yet; run `namaak run`.")
        try:
            con = _attach(published, any_version=any_version)
        except CasebookError:
            # Its two files are replaced one after the other: it may be the old one with the log
            # of the new, which DuckDB refuses.
            if _lying_there(published) == before or attempt == _MOST_ATTEMPTS - 1:
                raise
        else:
            try:
                behind = _is_behind(con, published, before)
                # With the log already gone and the new file not there yet, it shows what was
                # before the log.
                settled = _lying_there(published) == before
            except (CasebookError, duckdb.Error):
                con.close()
                raise
            if settled and behind:
                con.close()
                raise CasebookError(
                    f"The log {log_of(published)} is missing, or not the one that was published, "
                    "and without it the casebook lacks what was decided last; put it back, or run "
                    "`namaak run`, which publishes it again."
                )
            if settled or attempt == _MOST_ATTEMPTS - 1:
                return con
            con.close()
        time.sleep(_PAUSE_S)
    raise AssertionError("the last attempt returns or raises")


def _is_behind(
    con: duckdb.DuckDBPyConnection, published: Path, found: tuple[State | None, State | None]
) -> bool:
    """Whether the log that was found holds less than the one that was published.

    A log that is cut, replaced or taken away DuckDB passes over, and shows what was before it. A
    log only grows, and is remembered after it was put there: what is found may be newer.
    """
    last = read_last(published)
    if last.published != found[0] or last.log == found[1] or last.log is None:
        return False
    if found[1] is None or found[1].size < last.log.size:
        return True
    return chain_head(con).seq < last.head.seq


def _lying_there(published: Path) -> tuple[State | None, State | None]:
    return State.of(published), State.of(log_of(published))


def _attach(published: Path, *, any_version: bool) -> duckdb.DuckDBPyConnection:
    quoted = "'" + str(published.absolute()).replace("'", "''") + "'"
    con = duckdb.connect(":memory:")
    try:
        con.execute(
            statement("casebook/attach_snapshot").replace("attach :path", f"attach {quoted}")
        )
        con.execute(statement("casebook/reader_session"))
        if not any_version:
            check_current(con, sql_files("migrations"))
    except duckdb.Error as error:
        con.close()
        raise unopened(published, error) from error
    except CasebookError:
        con.close()
        raise
    return con


def find_cases(
    con: duckdb.DuckDBPyConnection,
    *,
    brand: str | None = None,
    band: str | None = None,
    workflow: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    assignee: str | None = None,
    since: datetime | None = None,
    updated_since: datetime | None = None,
    every: bool = False,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Cases, worst first.

    brand: id or name. band: the lowest wanted. kind: a resemblance, or by-hand. subject: part of
    it, in any case. assignee: whose they are. since: opened then or later. updated_since: changed
    then or later, in anything that a person sees. every: not only the worst of each series. limit:
    at most so many; None is all. Keys: case_id, brand (its id), brand_name, subject, subject_kind,
    kind, score, band, workflow, series, more (other cases of the series, if not `every`),
    same_picture (other cases of the brand in one campaign by picture), reasons (list), opened_at,
    updated_at. Raises UsageError for an unknown word.
    """
    check_case_query(
        band=band, workflow=workflow, kind=kind, since=since, updated_since=updated_since,
        limit=limit,
    )  # fmt: skip
    bound = {
        "brand": brand,
        "band": band,
        "workflow": workflow,
        "kind": kind,
        "subject": subject,
        "assignee": assignee,
        "since": since,
        "updated_since": updated_since,
        "every": every,
        "row_limit": limit,
    }
    return list(read_rows(con, statement("casebook/find_cases"), bound))


def check_case_query(
    *,
    band: str | None = None,
    workflow: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    updated_since: datetime | None = None,
    limit: int | None = None,
    **_: object,
) -> None:
    """Raises UsageError for what no list of cases can be asked for."""
    _check_word(band, [*Band], "band")
    _check_word(workflow, [*Workflow], "workflow state")
    _check_word(kind, [*Resemblance, "by-hand"], "kind of resemblance")
    for moment in (since, updated_since):
        if moment is not None and moment.tzinfo is None:
            raise UsageError("The time to look back to has no time zone; add one, as in 09:00Z.")
    if limit is not None and limit < 0:
        raise UsageError(f"A limit of {limit} cases makes no sense; give 0 or more.")


def read_case(con: duckdb.DuckDBPyConnection, case_id: str) -> CaseFile:
    """One case with all that belongs to it. case_id: see `resolve_case_id`, as for errors."""
    found = resolve_case_id(con, case_id)
    case = next(read_rows(con, statement("casebook/case_row"), [found]))
    return CaseFile(
        case=case,
        signals=list(read_rows(con, statement("casebook/case_signals"), [found])),
        matches=list(read_rows(con, statement("casebook/case_matches"), [found])),
        events=list(read_rows(con, statement("casebook/case_events"), [found])),
        enrichments=list(
            read_rows(con, statement("casebook/case_enrichments"), [case["subject_key"]])
        ),
        profile=list(read_rows(con, statement("casebook/case_versions"), [found])),
        edges=list(read_rows(con, statement("casebook/case_edges"), {"case_id": found})),
        joined=list(read_rows(con, statement("casebook/joined_cases"), [found])),
        aliases=list(
            read_rows(
                con,
                statement("casebook/case_aliases"),
                {"subject_key": case["subject_key"]},
            )
        ),
    )


def hosts_to_ask(con: duckdb.DuckDBPyConnection, *, least_score: int) -> list[dict[str, Any]]:
    """Hosts of cases that people still care about, worst first; for `namaak enrich`.

    least_score: of those that nobody decided about yet. Keys: case_id, subject_key, host, score,
    evidence.
    """
    bound = {"least_score": least_score}
    return list(read_rows(con, statement("casebook/hosts_to_ask"), bound))


def accounts_to_look_again(con: duckdb.DuckDBPyConnection, platform: str) -> list[dict[str, Any]]:
    """Accounts and apps of cases on a platform that should be looked up again, worst first.

    What is over is among them, because it may come back; what was dismissed is not, and a handle
    that turned out to be an account's is that account. Keys: subject_key, native_id (None where
    only a handle is known), handle.
    """
    bound = {"platform": platform}
    return list(read_rows(con, statement("casebook/accounts_to_look_again"), bound))


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Cases that are taken to be of one hand."""

    summary: dict[str, Any]  #: a row of the view campaigns
    cases: list[dict[str, Any]]  #: worst first
    edges: list[dict[str, Any]]  #: what ties them


def find_campaigns(
    con: duckdb.DuckDBPyConnection, *, brand: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Rows of the view campaigns, the most urgent first. brand: id or name; of one of its cases."""
    bound = {"brand": brand, "campaign": None, "row_limit": limit}
    return list(read_rows(con, statement("casebook/find_campaigns"), bound))


def campaign_of_case(con: duckdb.DuckDBPyConnection, case_id: str) -> str | None:
    """The id of the campaign that a case belongs to; None when nothing ties it to another.

    case_id: see `resolve_case_id`, as for errors.
    """
    found = resolve_case_id(con, case_id)
    row = con.execute(statement("casebook/campaign_of_case"), [found]).fetchone()
    return str(row[0]) if row else None


def read_campaign(con: duckdb.DuckDBPyConnection, campaign_id: str) -> Campaign:
    """One campaign with all that belongs to it. campaign_id: a whole one, of `find_campaigns`."""
    bound = {"brand": None, "campaign": campaign_id, "row_limit": 1}
    return Campaign(
        summary=next(read_rows(con, statement("casebook/find_campaigns"), bound)),
        cases=list(read_rows(con, statement("casebook/campaign_cases"), [campaign_id])),
        edges=list(read_rows(con, statement("casebook/campaign_ties"), [campaign_id])),
    )


def series_of_case(con: duckdb.DuckDBPyConnection, case_id: str) -> list[CaseId]:
    """The undecided cases of the same series, the case itself included. case_id: a whole one."""
    found = read_rows(con, statement("casebook/series_of_case"), [case_id])
    return [CaseId(row["case_id"]) for row in found]


def resolve_case_id(con: duckdb.DuckDBPyConnection, typed: str) -> CaseId:
    """The case a person means: its id in any letter case, or an unambiguous beginning of it.

    Raises UsageError when there is none or more than one.
    """
    text = typed.strip().upper()
    wanted = "NK-" + text.removeprefix("NK-").translate(_MISREAD)
    if len(wanted) < _SHORTEST_PREFIX:
        raise UsageError(f"{typed!r} is too short for a case; give at least NK- and 4 characters.")
    found = [
        row["case_id"] for row in read_rows(con, statement("casebook/find_case_ids"), [wanted])
    ]
    if not found:
        raise UsageError(f"There is no case {typed!r}; `namaak cases` lists them.")
    if len(found) > 1:
        raise UsageError(f"{typed!r} may mean {', '.join(found)}; give more characters.")
    return CaseId(found[0])


def overview(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """How each brand stands: the rows of the view brand_overview, the most urgent brand first."""
    return list(read_rows(con, statement("casebook/overview")))


def chain_head(con: duckdb.DuckDBPyConnection) -> ChainHead:
    """The end of the history: whoever keeps it elsewhere will notice a history cut short."""
    row = con.execute(statement("casebook/chain_head")).fetchone()
    return ChainHead(seq=row[0], chain_hash=row[1]) if row else ChainHead()


def verify_history(con: duckdb.DuckDBPyConnection) -> BrokenLink | None:
    """Recompute the history of all cases; the first broken link, or None."""
    return verify_chain(read_rows(con, statement("casebook/all_events")))


def ask(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], Iterator[dict[str, Any]]]:
    """A person's own query: the names of its columns, and its rows as `read_rows` gives them.

    Raises duckdb.Error for what is wrong with the query, also while the rows are read, and
    UsageError for more than one statement: only the last would be seen.
    """
    if (many := len(con.extract_statements(sql))) != 1:
        raise UsageError(f"The query holds {many} statements; ask one at a time.")
    reader = con.execute(sql).to_arrow_reader(_ROWS_A_BATCH)
    return list(reader.schema.names), _rows(reader)


def read_rows(
    con: duckdb.DuckDBPyConnection, sql: str, bound: list[Any] | dict[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """The rows as dictionaries, a batch at a time; until the last, `con` must do nothing else."""
    return _rows(con.execute(sql, bound).to_arrow_reader(_ROWS_A_BATCH))


def _rows(reader: pa.RecordBatchReader) -> Iterator[dict[str, Any]]:
    # Most columns are plain already: looking at each value of those takes most of the time.
    kinds = {
        field.name: field.type
        for field in reader.schema
        if pa.types.is_timestamp(field.type) or pa.types.is_map(field.type)
    }
    for batch in reader:
        for row in batch.to_pylist():
            for name, kind in kinds.items():
                row[name] = _plain(row[name], kind)
            yield row


def _plain(value: object, kind: pa.DataType) -> object:
    """Times in UTC; maps, which Arrow gives as pairs, as dictionaries."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if value is not None and pa.types.is_map(kind):
        return dict(value)  # type: ignore[call-overload]
    return value


def _check_word(word: str | None, words: list[Any], what: str) -> None:
    if word is not None and word not in words:
        raise UsageError(f"There is no {what} {word!r}; use one of {', '.join(words)}.")
