"""Profiles of bystanders leave the lake after a time; what remains of them is hashes of names.

A bystander is an account that never resembled a brand of the watch file. It is kept for a while, so
that a brand that is added today is matched against the recent past; then its rows and pictures go.
What resembled a brand stays, because it is evidence, and so does whatever the casebook knows by any
of its keys. Hosts and apps are nobody's profile. A row that says what the platform says to this day
waits: it is the one that a new brand would be matched with. So does a batch that is not matched
with every brand as it is today: what is evidence there nobody knows yet. Rows are found and taken
out under one lock, some batches at a time, so that nothing becomes evidence in between.
Killed anywhere and run again, the same is gone.
May import: namaak.casework.allowing, namaak.decoding, namaak.enrolment, namaak.errors,
namaak.known, namaak.lake, namaak.records, namaak.settings, namaak.sources, namaak.sqlfiles,
detectors.observations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from detectors import observations
from namaak.casework.allowing import rules_of_casebook
from namaak.decoding.wordmarks import find_reader
from namaak.enrolment import enrol
from namaak.errors import LakeError
from namaak.known import known_subjects
from namaak.lake import Lake
from namaak.records import SubjectKind
from namaak.settings import Settings
from namaak.sources import discover
from namaak.sqlfiles import statement

#: A batch whose bystanders are shown to this day is looked at again after so long.
_AGAIN_AFTER = timedelta(days=1)
#: Batches that are settled under one lock, for which others wait.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What one pass did, or would do."""

    batches: int  #: that were looked at
    rows: int  #: of bystanders that went
    waiting: int  #: of bystanders that are shown to this day
    unmatched: int  #: batches that wait until they are matched with every brand
    pictures: int  #: that nothing shows any more

    def in_words(self) -> str:
        """For the person waiting."""
        says = (
            f"{self.rows:,} rows and {self.pictures:,} pictures of bystanders left the lake, "
            f"{self.waiting:,} rows wait because they are shown to this day"
        )
        if self.unmatched:
            says += f"; {self.unmatched:,} batches are not matched with every brand yet"
        return says


def forget_due(settings: Settings, *, now: datetime, dry_run: bool = False) -> Forgotten:
    """`forget_bystanders` as the watch file has it, by the versions that `detect` matches with.

    Raises LakeError, CasebookError and WatchFileError.
    """
    reader = find_reader()
    enrolled = enrol(
        settings.watch,
        detectors=observations.version(reader.version if reader else None),
        day=now.date(),
        allowed=rules_of_casebook(settings.casebook, today=now.date()),
    )
    people = {name for name, source in discover().items() if SubjectKind.ACCOUNT in source.kinds}
    with Lake(settings.lake) as lake:
        return forget_bystanders(
            lake,
            days=settings.watch.retention.bystanders_days,
            now=now,
            fingerprints=enrolled.fingerprints,
            keep=known_subjects(settings.casebook),
            people=people,
            dry_run=dry_run,
        )


def forget_bystanders(
    lake: Lake,
    *,
    days: int,
    now: datetime,
    fingerprints: Mapping[str, str],
    keep: Collection[str] = (),
    people: Collection[str] = (),
    dry_run: bool = False,
) -> Forgotten:
    """Take profiles out of the lake that resemble no brand and were gathered `days` ago or earlier.

    fingerprints: of all brands, as `Lake.pending` takes them. keep: subject keys that the casebook
    knows. people: sources that give accounts; what they refused loses its text at the same time.
    dry_run: only count. Raises LakeError when a file is missing or damaged.
    """
    before = now - timedelta(days=days)
    examined_before = now if dry_run else now - _AGAIN_AFTER
    batches = lake.batches_to_examine(before=before, examined_before=examined_before)
    looked_at = rows = waiting = unmatched = pictures = 0
    with _asking(lake) as con:
        con.register("kept_subjects", pa.table({"subject_key": pa.array(keep, pa.string())}))
        for some in _in_parts(batches):
            with lake.alone():
                pending = _pending(lake, fingerprints)
                ready = [(batch_id, source) for batch_id, source in some if batch_id not in pending]
                looked_at += len(ready)
                unmatched += len(some) - len(ready)
                going, staying = _bystanders(con, lake, [one for one, _ in ready], before)
                rows += sum(map(len, going.values()))
                waiting += sum(staying.values())
                if not dry_run:
                    strip = {batch_id for batch_id, source in ready if source in people}
                    lake.forget(going, staying, strip=strip, at=now)
        if not dry_run:
            pictures = lake.forget_pictures(lambda digests: _still_shown(con, lake, digests))
    return Forgotten(
        batches=looked_at, rows=rows, waiting=waiting, unmatched=unmatched, pictures=pictures
    )


def _pending(lake: Lake, fingerprints: Mapping[str, str]) -> set[str]:
    """Batches in which something may turn out to be evidence yet."""
    return {batch_id for work in lake.pending(fingerprints) for batch_id in work.batch_ids}


def _bystanders(
    con: duckdb.DuckDBPyConnection, lake: Lake, batches: Sequence[str], before: datetime
) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Of each batch the places of the rows that go, and how many rows of bystanders wait."""
    _show(con, "match_rows", lake.all_match_files())
    _show(con, "recent_rows", lake.files_since(before))
    con.execute(statement("forgetting/matched_subjects"))
    con.execute(statement("forgetting/recent_sightings"))
    going: dict[str, list[int]] = {}
    staying: dict[str, int] = {}
    for batch_id in batches:
        _show(con, "old_rows", [lake.observation_file(batch_id)])
        found = con.execute(statement("forgetting/bystanders")).fetchall()
        going[batch_id] = [place for place, stays in found if not stays]
        staying[batch_id] = len(found) - len(going[batch_id])
    return going, staying


def _in_parts(
    batches: Sequence[tuple[str, str]],
) -> Iterator[Sequence[tuple[str, str]]]:
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
         "banner_sha256", "screenshot_sha256")  # fmt: skip


def _show(con: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path]) -> None:
    """The files as a view of that name; columns that an older version did not write are null."""
    con.unregister(name)
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
