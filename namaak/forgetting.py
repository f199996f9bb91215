"""Profiles of bystanders leave the lake after a time; what remains of them is hashes of names.

A bystander is an account that never resembled a brand of the watch file. It is kept for a while, so
that a brand that is added today is matched against the recent past; then its rows and pictures go.
What resembled a brand stays, because it is evidence, and so do hosts and apps, which are nobody's
profile. A row that says what the platform says to this day waits: it is the one that a new brand
would be matched with. Killed anywhere and run again, the same is gone.
May import: namaak.lake, namaak.errors, namaak.sqlfiles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from namaak.errors import LakeError
from namaak.lake import Lake
from namaak.sqlfiles import statement

#: A batch whose bystanders are shown to this day is looked at again after so long.
_AGAIN_AFTER = timedelta(days=1)

#: Batches whose hashes are kept in one file.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What one pass did, or would do."""

    batches: int  #: that were looked at
    rows: int  #: of bystanders that went
    waiting: int  #: of bystanders that are shown to this day
    pictures: int  #: that nothing shows any more

    def in_words(self) -> str:
        """For the person waiting."""
        return (
            f"{self.rows:,} rows and {self.pictures:,} pictures of bystanders left the lake, "
            f"{self.waiting:,} rows wait because they are shown to this day"
        )


def forget_bystanders(lake: Lake, *, days: int, now: datetime, dry_run: bool = False) -> Forgotten:
    """Take profiles out of the lake that resemble no brand and were gathered `days` ago or earlier.

    dry_run: only count. Raises LakeError when a file is missing or damaged.
    """
    before = now - timedelta(days=days)
    examined_before = now if dry_run else now - _AGAIN_AFTER
    batches = lake.batches_to_examine(before=before, examined_before=examined_before)
    rows = waiting = pictures = 0
    with _asking(lake) as con:
        if batches:
            _show(con, "match_rows", lake.all_match_files())
            _show(con, "recent_rows", lake.files_since(before))
            con.execute(statement("forgetting/matched_subjects"))
            con.execute(statement("forgetting/recent_sightings"))
        for some in _in_parts(batches):
            going: dict[str, list[int]] = {}
            staying: dict[str, int] = {}
            for batch_id in some:
                _show(con, "old_rows", [lake.observation_file(batch_id)])
                found = con.execute(statement("forgetting/bystanders")).fetchall()
                going[batch_id] = [place for place, stays in found if not stays]
                staying[batch_id] = len(found) - len(going[batch_id])
            rows += sum(map(len, going.values()))
            waiting += sum(staying.values())
            if dry_run:
                continue
            lake.remember_forgotten(going)
            for batch_id, places in going.items():
                lake.forget_rows(batch_id, places, waiting=staying[batch_id], at=now)
        if not dry_run:
            pictures = lake.forget_pictures(lambda digests: _still_shown(con, lake, digests))
    return Forgotten(batches=len(batches), rows=rows, waiting=waiting, pictures=pictures)


def _in_parts(batches: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(batches), _AT_ONCE):
        yield batches[first : first + _AT_ONCE]


def _still_shown(con: duckdb.DuckDBPyConnection, lake: Lake, digests: list[str]) -> set[str]:
    _show(con, "all_rows", lake.observation_files())
    con.register("candidates", pa.table({"image_sha256": pa.array(digests, pa.string())}))
    return {row[0] for row in con.execute(statement("forgetting/pictures_shown")).fetchall()}


@contextmanager
def _asking(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    spill = str(lake.folder / "spill")
    try:
        with duckdb.connect(config={"temp_directory": spill}) as con:
            yield con
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.OutOfMemoryException) as error:
        raise LakeError(
            f"What bystanders left in {lake.folder} cannot be found "
            f"({str(error).splitlines()[0]}); free memory and disk, or restore the file that it "
            "names from a backup."
        ) from None


#: What the queries read; all but `first_seen` are text.
_READ = ("subject_kind", "subject_key", "handle", "display_name", "image_sha256", "bio",
         "banner_sha256")  # fmt: skip


def _show(con: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path]) -> None:
    """The files as a view of that name; columns that an older version did not write are null."""
    if not files:
        nothing = pa.schema(
            [*((column, pa.string()) for column in _READ), ("first_seen", pa.bool_())]
        )
        con.register(name, nothing.empty_table())
        return
    rows = con.read_parquet([str(file) for file in files], file_row_number=True, union_by_name=True)
    absent = duckdb.ConstantExpression(None).cast("varchar")
    columns = [
        duckdb.ColumnExpression(column) if column in rows.columns else absent.alias(column)
        for column in _READ
    ]
    more = [column for column in ("first_seen", "file_row_number") if column in rows.columns]
    rows.select(*columns, *more).create_view(name, replace=True)
