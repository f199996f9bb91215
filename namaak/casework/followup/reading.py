"""What the casebook holds of following: who is followed, what was seen, when it is looked at again.

May import: namaak.casework.reading, namaak.casework.followup, namaak.records, sqlfiles.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from namaak.casework.followup.addresses import By, Known, Told, host_of, names_around
from namaak.casework.followup.schedule import stirred
from namaak.casework.followup.views import AddressView, RestsOn, Sight
from namaak.casework.reading import read_rows, resolve_case_id
from namaak.records import SubjectKind, SubjectState
from namaak.sqlfiles import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A case that is followed, or that a person named."""

    case_id: str
    brand_id: str
    subject_key: str
    subject_kind: SubjectKind
    subject: str
    due_at: datetime | None  #: None: never checked, or a person asks for it
    last_checked_at: datetime | None
    last_told_at: datetime | None  #: the last check that said something
    baseline: Mapping[str, Mapping[str, Any]]
    #: Of accounts and apps: the row of latest_profiles, with the hash of its picture.
    profile: Mapping[str, Any] | None
    known: Known = field(
        default_factory=Known
    )  #: of hosts: what is looked at beside the front page
    showed: bool = False  #: of hosts: whether anybody but a check saw a page of its own there


def candidates(
    con: duckdb.DuckDBPyConnection, *, first: timedelta, cases: Iterable[str] = ()
) -> list[Candidate]:
    """Who is followed, the worst first; or the cases named, in that order, whatever they are.

    first: pause after something happened. cases: as `resolve_case_id` takes them. Raises
    UsageError.
    """
    named = list(dict.fromkeys(resolve_case_id(con, typed) for typed in cases))
    rows = read_rows(con, statement("casebook/cases_to_recheck"), {"named": named})
    return [_candidate(row, first=first, is_named=bool(named)) for row in rows]


def checks_of(con: duckdb.DuckDBPyConnection, case_id: str) -> list[dict[str, Any]]:
    """Rows of checks, oldest first; `facts` as stored. case_id: see `resolve_case_id`."""
    found = resolve_case_id(con, case_id)
    return list(read_rows(con, statement("casebook/checks_of_case"), [found]))


def addresses_of(con: duckdb.DuckDBPyConnection, case_ids: Iterable[str]) -> dict[str, list[Told]]:
    """All that is told of addresses of these cases of hosts, as it was told. case_ids: whole."""
    told: dict[str, list[Told]] = {}
    for row in read_rows(con, statement("casebook/addresses_of_cases"), {"cases": [*case_ids]}):
        one = Told(
            url=row["url"],
            by=By(row["told_by"]),
            told_at=row["told_at"],
            led_from=row["led_from"],
            asks=bool(row["asks"]),
            showed=bool(row["showed"]),
        )
        told.setdefault(row["case_id"], []).append(one)
    return told


def cases_at(con: duckdb.DuckDBPyConnection, told: Iterable[Told]) -> dict[str, dict[str, bool]]:
    """brand_id -> hosts of these addresses, and names above, that are cases of it.

    And whether each still counts, or a person dismissed it.
    """
    hosts = {host for one in told if (host := host_of(one.url))}
    names = sorted({name for host in hosts for name in names_around(host)})
    found: dict[str, dict[str, bool]] = {}
    for row in read_rows(con, statement("casebook/hosts_with_cases"), {"hosts": names}):
        found.setdefault(row["brand_id"], {})[row["host"]] = row["counts"]
    return found


def last_looks(con: duckdb.DuckDBPyConnection, subject_key: str) -> list[dict[str, Any]]:
    """What enrichment last knew of a host, a row an aspect: aspect, outcome, facts (a dict)."""
    rows = read_rows(con, statement("casebook/case_enrichments"), [subject_key])
    return [{**row, "facts": json.loads(row["facts"])} for row in rows if row["known"]]


def sight_of(row: Mapping[str, Any]) -> Sight:
    """A row of checks, as far as it is judged."""
    return Sight(
        checked_at=row["checked_at"],
        vantage=row["vantage"],
        down=row["down"],
        state=SubjectState(row["state"]),
        says=row["says"],
        rests_on=RestsOn(row["rests_on"]) if row["rests_on"] else None,
        names_by=row["names_by"],
        pages_by=row["pages_by"],
        addresses=_addresses(row["addresses"]),
        left_out=row["left_out"] or 0,
        row_sha256=row["row_sha256"],
    )


def _addresses(stored: str | None) -> tuple[AddressView, ...]:
    """None: a row of a check that looked at no page, or at the front page alone."""
    return tuple(
        AddressView(
            url=one["url"],
            state=SubjectState(one["state"]),
            down=one["down"],
            says=one["says"],
            final_url=one["final_url"],
            http_status=one["http_status"],
            asks=one["asks"],
        )
        for one in json.loads(stored or "[]")
    )


def _candidate(row: Mapping[str, Any], *, first: timedelta, is_named: bool) -> Candidate:
    due_at = stirred(
        row["due_at"], planned_at=row["planned_at"], stirred_at=row["stirred_at"], first=first
    )
    return Candidate(
        case_id=row["case_id"],
        brand_id=row["brand_id"],
        subject_key=row["subject_key"],
        subject_kind=SubjectKind(row["subject_kind"]),
        subject=row["subject"],
        due_at=None if is_named else due_at,
        last_checked_at=row["last_checked_at"],
        last_told_at=row["last_told_at"],
        baseline=json.loads(row["baseline"]) if row["baseline"] else {},
        profile=row if row["profile_seen_at"] is not None else None,
    )
