"""The synthetic batches are what the lake takes, and the measures run at small size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.lake import host_batch, measure_append, measure_first_seen
from namaak.records import OBSERVATION_SCHEMA


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_batch_has_the_schema_and_numbers_of_its_own() -> None:
    batch = host_batch("list", 10, 5, last=True, first_name=3)
    assert batch.observations.schema == OBSERVATION_SCHEMA
    assert batch.observations["position"].to_pylist() == [10, 11, 12, 13, 14]
    assert batch.observations["host"][0].as_py() == "name-0000000003.example"


def test_the_second_list_of_the_same_names_has_nothing_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure_append(tmp_path / "lake", 2_000)
    first, second = printed(capsys)
    assert (first["rows"], first["first_seen"]) == (2_000, 2_000)
    assert (second["rows"], second["first_seen"]) == (2_000, 0)


def test_half_of_the_names_are_found_in_the_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure_first_seen(tmp_path, 200_000)
    assert {line["new"] for line in printed(capsys)} == {50_000}
