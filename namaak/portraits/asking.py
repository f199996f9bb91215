"""A DuckDB of its own over the lake's files of observations.

May import: namaak.lake, records, errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from namaak.errors import LakeError
from namaak.lake import Lake
from namaak.records import OBSERVATION_SCHEMA


@contextmanager
def observations(lake: Lake, files: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """observation_rows: the rows of these files with all columns of today, and filename.

    Raises LakeError when a file is missing or damaged, or when memory and disk are not enough.
    """
    spill = str(lake.folder / "spill")
    try:
        with duckdb.connect(config={"temp_directory": spill}) as con:
            con.execute("set TimeZone = 'UTC'")
            filename = pa.field("filename", pa.string())
            con.register(
                "no_observations", pa.schema([*OBSERVATION_SCHEMA, filename]).empty_table()
            )
            shown = con.table("no_observations")
            if files:
                # A file of an older version lacks columns: the empty table brings them.
                paths = [str(file) for file in files]
                con.read_parquet(paths, filename=True, union_by_name=True).create_view("stored")
                shown = con.sql("from no_observations union all by name from stored")
            shown.create_view("observation_rows")
            yield con
    except duckdb.OutOfMemoryException as error:
        raise LakeError(
            f"Reading the profiles of the lake needs more memory or disk for {spill} than there is "
            f"({str(error).splitlines()[0]}); free some and run again."
        ) from None
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise LakeError(
            f"A Parquet file of the lake cannot be read ({str(error).splitlines()[0]}); restore it "
            "from a backup, the manifest counts it."
        ) from None
