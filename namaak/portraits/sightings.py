"""What the lake saw of accounts and apps: versions of their profiles, as the casebook keeps them.

Only what is new is read: batches that were not read yet, and of subjects that are new here all. The
folding is DuckDB's, over the Parquet files.
May import: namaak.portraits.asking and identities, namaak.lake, sqlfiles.
"""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from namaak.lake import Lake
from namaak.portraits.asking import observations
from namaak.portraits.identities import Identities
from namaak.sqlfiles import statement

#: Somebody who renames himself every hour must not fill the casebook, which is copied whole.
MOST_VERSIONS = 200


def new_versions(
    lake: Lake,
    identities: Identities,
    wanted: pa.Table,
    known: pa.Table,
    read: Collection[str],
) -> pa.Table:
    """Columns of the casebook's table profiles: all versions of subjects that are seen anew.

    wanted: subject_key, fresh (nothing of it was read yet). known: the versions that the casebook
    holds of the wanted. read: batches that were read. Raises LakeError.
    """
    fresh = bool(pc.any(wanted["fresh"]).as_py()) if wanted.num_rows else False
    files = [file for file in lake.observation_files() if fresh or file.stem not in read]
    if not files or not wanted.num_rows:
        return known.schema.empty_table()
    with observations(lake, files) as con:
        same = identities.table()
        con.register("identities", same.filter(pc.equal(same["outcome"], "same")))
        con.register("wanted", wanted)
        con.register("known_versions", known)
        con.register("read_batches", pa.table({"batch_id": pa.array(list(read), pa.string())}))
        con.execute(statement("portraits/sightings"))
        found = con.execute(statement("portraits/versions"), {"most": MOST_VERSIONS})
        table: pa.Table = found.to_arrow_table()
    return table.select(known.schema.names).cast(known.schema)
