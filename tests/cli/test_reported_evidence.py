"""What people reported of a case's subject: all of it, under its own names and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from namaak.errors import LakeError
from namaak.gathering import gather_instance
from namaak.lake import Lake
from namaak.reports import reports_of
from namaak.sources.intake import Intake, IntakeConfig
from tests.surroundings import around

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ALIAS = {
    "alias_key": "account:x:@acme_help",
    "subject_key": "account:x:77",
    "held_from": datetime(2026, 11, 1, tzinfo=UTC),
    "held_to": datetime(2026, 11, 10, tzinfo=UTC),
    "outcome": "same",
}


def gathered(folder: Path, content: str) -> Path:
    (folder / "intake").mkdir(exist_ok=True)
    (folder / "intake" / "desk.csv").write_text(content)
    source = Intake(IntakeConfig(), around(folder))
    for instance in source.instances():
        gather_instance(source, instance, folder / "lake", now=lambda: NOW)
    return folder / "lake"


def days(lake: Path, subject: str = "account:x:77", **changes: Any) -> list[int | None]:
    found = {"case": {"subject_key": subject}, "aliases": [], "matches": []} | changes
    with Lake(lake) as opened:
        rows = reports_of(opened, SimpleNamespace(**found))  # type: ignore[arg-type]
    return sorted(row["source_time"].day if row["source_time"] else 0 for row in rows)


LIST = """link,seen_at
https://x.com/i/user/77,2026-11-02
https://x.com/i/user/78,2026-11-03
https://x.com/acme_help,2026-10-31
https://x.com/acme_help,2026-11-09
https://x.com/acme_help,2026-11-10
https://x.com/acme_help,
"""


def test_reports_of_an_account_are_those_of_its_id_and_of_the_handle_while_it_held_it(
    tmp_path: Path,
) -> None:
    lake = gathered(tmp_path, LIST)
    assert days(lake) == [2]
    assert days(lake, aliases=[ALIAS]) == [2, 9]
    assert days(lake, aliases=[ALIAS | {"outcome": "ambiguous"}]) == [2]
    assert days(lake, aliases=[ALIAS | {"subject_key": "account:x:78"}]) == [2]
    assert days(lake, "account:x:@acme_help") == [0, 9, 10, 31]


def test_a_report_that_a_match_names_belongs_to_the_case_under_whichever_key(
    tmp_path: Path,
) -> None:
    lake = gathered(tmp_path, LIST)
    with Lake(lake) as opened:
        rows = pq.read_table(opened.observation_files()[0], partitioning=None).to_pylist()
    named = {name: rows[2][name] for name in ("source", "instance", "position", "subject_key")}
    assert days(lake, matches=[named]) == [2, 31]


def test_reports_of_years_before_a_column_was_there_are_still_found(tmp_path: Path) -> None:
    lake = gathered(tmp_path, LIST)
    with Lake(lake) as opened:
        (file,) = opened.observation_files()
    table = pq.read_table(file, partitioning=None).drop_columns(["screenshot_sha256"])
    pq.write_table(table, file)
    assert days(lake) == [2]


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    lake = gathered(tmp_path, LIST)
    with Lake(lake) as opened:
        (file,) = opened.observation_files()
    file.write_bytes(b"PAR1 and no more")
    with pytest.raises(LakeError, match="restore it from a backup"):
        days(lake)


def test_without_reports_nothing_is_read(tmp_path: Path) -> None:
    assert days(tmp_path / "lake") == []
