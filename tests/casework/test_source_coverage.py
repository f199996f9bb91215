"""How far each source was read, as staff see it: nothing implied, all of it counted."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot, read_rows
from namaak.coverage import (
    ATTEMPT_SCHEMA,
    BATCH_SCHEMA,
    GAP_SCHEMA,
    HEAD_SCHEMA,
    INSTANCE_SCHEMA,
    REJECT_SCHEMA,
    Coverage,
)
from namaak.sqlfiles import sql_files

NOW = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
LOG = {"source": "ct", "instance": "ab" * 32, "label": "Waldlog 2026h2"}


def account(**rows: list[dict[str, Any]]) -> Coverage:
    schemas = {"batches": BATCH_SCHEMA, "rejects": REJECT_SCHEMA, "instances": INSTANCE_SCHEMA,
               "gaps": GAP_SCHEMA, "heads": HEAD_SCHEMA, "attempts": ATTEMPT_SCHEMA}  # fmt: skip
    return Coverage(**{
        name: schema.empty_table().from_pylist(rows.get(name, []), schema=schema)
        for name, schema in schemas.items()
    })  # fmt: skip


def instance(**other: Any) -> dict[str, Any]:
    return LOG | {"next_position": 300, "complete": False, "head_size": 1000,
                  "updated_at": NOW} | other  # fmt: skip


def batch(start: int, end: int, **other: Any) -> dict[str, Any]:
    return LOG | {"batch_id": f"ct-{start}", "start_position": start, "end_position": end,
                  "rows": 42, "first_seen_rows": 7, "rejected": 1, "gathered_at": NOW,
                  "verified_rows": 40, "names_rows": 2} | other  # fmt: skip


def head(size: int, verdict: str = "verified", *, ago: int = 0) -> dict[str, Any]:
    when = NOW - timedelta(hours=ago)
    return {"source": LOG["source"], "instance": LOG["instance"], "size": size,
            "root": "00" * 32, "signed_at": when - timedelta(minutes=1), "received_at": when,
            "verdict": verdict}  # fmt: skip


def gap(start: int, end: int, reason: str = "began at the head") -> dict[str, Any]:
    return LOG | {"start_position": start, "end_position": end, "reason": reason,
                  "recorded_at": NOW}  # fmt: skip


def attempt(failure: str, status: int | None, attempts: int) -> dict[str, Any]:
    return {"source": LOG["source"], "instance": LOG["instance"], "failure": failure,
            "status": status, "attempts": attempts, "last_says": "429", "last_at": NOW}  # fmt: skip


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, Path]:
    return {"working": tmp_path / "w" / "casebook.duckdb", "published": tmp_path / "c.duckdb"}


def record(paths: dict[str, Path], given: Coverage) -> None:
    with Casebook.writing(**paths) as book:
        book.record_coverage(
            given.batches, given.rejects, instances=given.instances, gaps=given.gaps,
            heads=given.heads, attempts=given.attempts,
        )  # fmt: skip


@contextmanager
def asked(paths: dict[str, Path], sql: str):
    with open_snapshot(paths["published"]) as con:
        yield list(read_rows(con, sql))


def test_what_was_left_out_counts_as_not_read(paths):
    record(
        paths,
        account(
            instances=[instance()],
            gaps=[gap(0, 250)],
            batches=[batch(0, 250, rows=0, verified_rows=0, names_rows=0), batch(250, 300)],
            heads=[head(1000), head(900, ago=5)],
        ),
    )
    with asked(paths, "from log_coverage") as (row,):
        assert (row["read"], row["left_out"], row["lag"]) == (50, 250, 700)
        assert row["share_read"] == pytest.approx(0.05)
        assert row["left_out_because"] == "began at the head"
        assert (row["verified_rows"], row["names_rows"], row["observations"]) == (40, 2, 42)
        assert row["unauthenticated_rows"] is None
        assert (row["heads"], row["heads_refused"], row["last_verdict"]) == (2, 0, "verified")
        assert row["last_signed_at"] == NOW - timedelta(minutes=1)


def test_without_a_head_nobody_can_say_how_much_is_left(paths):
    record(paths, account(instances=[instance(head_size=None)]))
    with asked(paths, "from log_coverage") as (row,):
        assert (row["lag"], row["share_read"], row["last_verdict"]) == (None, None, None)


def test_a_stopped_log_comes_first_and_says_why(paths):
    other = LOG | {"instance": "cd" * 32}
    record(
        paths,
        account(
            instances=[
                instance(**other, head_size=9_000_000),
                instance(stopped="two heads of one size have two roots"),
            ],
            heads=[head(1000, ago=2), head(1000, "fork")],
        ),
    )
    with asked(paths, "from log_coverage") as rows:
        assert [row["stopped"] for row in rows] == ["two heads of one size have two roots", None]
        assert (rows[0]["heads_refused"], rows[0]["last_verdict"]) == (1, "fork")


def test_the_staffs_question_about_logs_leaves_out_what_is_read_to_its_end(paths):
    done = LOG | {"instance": "ef" * 32, "label": "Done log"}
    record(
        paths,
        account(instances=[instance(), instance(**done, next_position=1000)], heads=[head(1000)]),
    )
    text = next(query.text for query in sql_files("queries") if query.name == "logs_behind")
    with asked(paths, text) as rows:
        assert [(row["label"], row["lag"]) for row in rows] == [(LOG["label"], 700)]


def test_failed_requests_are_counted_by_what_failed_most(paths):
    record(
        paths,
        account(
            instances=[instance()],
            attempts=[
                attempt("throttled", 429, 3),
                attempt("transient", 502, 2),
                attempt("transient", None, 2),
            ],
        ),
    )
    with asked(paths, "from log_coverage") as (row,):
        assert (row["failed_attempts"], row["commonest_failure"]) == (7, "transient")


def test_days_are_those_of_utc_wherever_the_reader_is(paths):
    record(
        paths,
        account(
            instances=[instance()],
            gaps=[gap(0, 250)],
            batches=[
                batch(0, 300),
                batch(300, 400, gathered_at=NOW + timedelta(hours=1), rejected=4),
            ],
            heads=[head(1000), head(5000, "bad-signature")],
        ),
    )
    with Casebook.writing(**paths) as book:
        book._con.execute("set TimeZone = 'Asia/Tokyo'")
        found = list(read_rows(book._con, "from coverage_by_day"))
    assert [(row["day"], row["read"], row["left_out"], row["rejected"]) for row in found] == [
        (date(2026, 11, 22), 100, 0, 4),
        (date(2026, 11, 21), 50, 250, 1),
    ]
    # A head that does not verify promises nothing.
    assert [row["largest_head"] for row in found] == [None, 1000]


def test_the_account_is_replaced_and_not_added_to(paths):
    record(paths, account(instances=[instance()], gaps=[gap(0, 250)], heads=[head(1000)],
                          attempts=[attempt("throttled", 429, 3)]))  # fmt: skip
    record(
        paths,
        account(instances=[instance(next_position=400)], attempts=[attempt("throttled", 429, 5)]),
    )
    with asked(paths, "from log_coverage") as (row,):
        assert (row["read"], row["left_out"], row["heads"], row["failed_attempts"]) == (
            400,
            0,
            0,
            5,
        )
