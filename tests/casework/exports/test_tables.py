"""Exports: every case, nothing else, in words that other programs read and do not run."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.casework.exports.tables import EXPORT_SCHEMA, write_cases

NOW = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def case(**changes: Any) -> dict[str, Any]:
    row = {
        "case_id": "NK-9FNBGW9JXTVS",
        "brand": "acme",
        "brand_name": "Acme Bank",
        "subject": "acme-login.example",
        "subject_kind": "host",
        "kind": "combosquat",
        "score": 87,
        "band": "high",
        "workflow": "new",
        "reasons": ["contains the brand", "beside it stands “login”"],
        "opened_at": NOW,
        "updated_at": NOW,
    }
    return row | changes


def written(cases: list[dict[str, Any]], form: Any) -> bytes:
    file = io.BytesIO()
    write_cases(cases, form, file)
    assert not file.closed
    return file.getvalue()


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_csv_names_its_columns_even_when_there_is_no_case() -> None:
    assert written([], "csv").decode() == ",".join(EXPORT_SCHEMA.names) + "\r\n"


def test_a_csv_row_holds_all_of_a_case() -> None:
    assert read_csv(written([case()], "csv")) == [
        {
            "case_id": "NK-9FNBGW9JXTVS",
            "brand": "acme",
            "brand_name": "Acme Bank",
            "subject": "acme-login.example",
            "subject_kind": "host",
            "kind": "combosquat",
            "score": "87",
            "band": "high",
            "workflow": "new",
            "reasons": "contains the brand; beside it stands “login”",
            "opened_at": "2026-11-21T09:05:00Z",
            "updated_at": "2026-11-21T09:05:00Z",
        }
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, st.lists(TEXT, max_size=3)), max_size=4))
def test_any_text_survives_csv_but_for_the_quote_that_makes_it_inert(
    texts: list[tuple[str, str, list[str]]],
) -> None:
    cases = [case(brand_name=name, subject=seen, reasons=why) for name, seen, why in texts]
    rows = read_csv(written(cases, "csv"))
    assert len(rows) == len(cases)
    for row, given_case in zip(rows, cases, strict=True):
        assert list(row) == EXPORT_SCHEMA.names
        assert row["subject"].removeprefix("'") == given_case["subject"].removeprefix("'")
        assert row["brand_name"] in (given_case["brand_name"], "'" + given_case["brand_name"])
        assert row["reasons"].removeprefix("'") == "; ".join(given_case["reasons"]).removeprefix(
            "'"
        )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("column", ["subject", "brand_name", "reasons"])
def test_what_a_spreadsheet_would_run_gets_a_quote_in_front(start: str, column: str) -> None:
    formula = f'{start}HYPERLINK("https://evil.example","x")'
    value: Any = [formula, "more"] if column == "reasons" else formula
    (row,) = read_csv(written([case(**{column: value})], "csv"))
    assert row[column].startswith("'" + start)


def test_numbers_and_plain_text_get_no_quote() -> None:
    content = written([case(score=0), case(subject="acme=login.example")], "csv")
    assert b"'" not in content
    assert [row["score"] for row in read_csv(content)] == ["0", "87"]


def test_json_is_one_object_a_line_with_the_same_keys() -> None:
    lines = written([case(), case(subject="a\nb", reasons=["é"])], "json").decode().splitlines()
    first, second = (json.loads(line) for line in lines)
    assert list(first) == list(second) == EXPORT_SCHEMA.names
    assert first == case(opened_at="2026-11-21T09:05:00Z", updated_at="2026-11-21T09:05:00Z")
    assert (second["subject"], second["reasons"]) == ("a\nb", ["é"])
    assert "é" in lines[1]


def test_json_of_no_case_is_nothing() -> None:
    assert written([], "json") == b""


def test_times_are_told_in_utc() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    content = written([case(opened_at=elsewhere)], "json")
    assert json.loads(content)["opened_at"] == "2026-11-21T09:05:00Z"


@pytest.mark.parametrize("cases", [[], [case(), case(subject="=1+1")]], ids=["none", "two"])
def test_parquet_has_the_declared_schema_and_the_cases_untouched(
    cases: list[dict[str, Any]],
) -> None:
    table = pq.read_table(io.BytesIO(written(cases, "parquet")))
    assert table.schema.equals(EXPORT_SCHEMA)
    assert table.to_pylist() == cases


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_columns_that_are_not_of_the_export_stay_out(form: str) -> None:
    assert b"secret" not in written([case(assignee="secret")], form)
