"""How widely pictures are worn: asked of the whole lake, before cases are weighed.

The same picture on many accounts of many brands says little; on several accounts of one brand
it is a campaign. Both need the wearers that resemble no brand at all, and those only the lake
knows. Nothing is kept here: the answer follows from the files that count, so asking again after a
killed run gives the same. The counting is DuckDB's, over the Parquet files; only looks that are
nearly the same are joined in Python, because that needs paths of any length.
May import: namaak.lake, records, sqlfiles, errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from namaak.errors import LakeError
from namaak.lake import Lake
from namaak.records import OBSERVATION_SCHEMA, PICTURE_SCHEMA, Field
from namaak.sqlfiles import statement

#: A name imitates a brand when so few of a million ordinary names look as much like it. Of the
#: accounts that become cases by their names nine of ten are rarer; three imitators by chance on
#: one picture are then as rare as the picture makes them.
IMITATES_PER_MILLION = 50.0

#: Who speaks of a brand, or shows it, does not yet call itself by its name.
_NO_NAMES = [Field.IMAGE, Field.IMAGE_TEXT, Field.BANNER, Field.BIO]

_MATCHED_SCHEMA = pa.schema(
    [
        ("brand_id", pa.string()), ("subject_key", pa.string()), ("field", pa.string()),
        ("value", pa.string()), ("imitates", pa.bool_()), ("suppressed", pa.bool_()),
    ]
)  # fmt: skip


def worn_pictures(lake: Lake) -> pa.Table:
    """The columns of the casebook's table worn_pictures, for every match that counts.

    Raises LakeError when a file is missing or damaged.
    """
    matched = pa.concat_tables([_MATCHED_SCHEMA.empty_table(), *_matched(lake)])
    with _asking(lake) as con:
        con.register("matched", matched)
        for step in ("worn_by_matched", "described", "looks"):
            con.execute(statement(f"wearing/{step}"))
        pairs = con.execute(statement("wearing/near_looks")).fetchall()
        merged = _merged(pairs)
        con.register(
            "merged_looks",
            pa.table({"look": pa.array(merged.keys(), pa.string()),
                      "merged": pa.array(merged.values(), pa.string())}),
        )  # fmt: skip
        return con.execute(statement("wearing/worn_pictures")).to_arrow_table()


def pictures(lake: Lake, sha256s: Iterable[str]) -> pa.Table:
    """PICTURE_SCHEMA: the given pictures as they were described last; unknown ones are left out.

    Raises LakeError when a file is missing or damaged.
    """
    with _asking(lake) as con:
        con.register("wanted", pa.table({"image_sha256": pa.array(sha256s, pa.string())}))
        return con.execute(statement("wearing/pictures")).to_arrow_table().cast(PICTURE_SCHEMA)


def _matched(lake: Lake) -> Iterator[pa.Table]:
    for file in lake.match_files():
        if file.path is None:
            continue
        matches = lake.matches(file)
        expected = pc.map_lookup(matches["evidence"], "expected_per_million", "first")
        rare = pc.fill_null(pc.less_equal(expected, IMITATES_PER_MILLION), False)
        named = pc.and_(rare, pc.invert(pc.is_in(matches["field"], pa.array(_NO_NAMES))))
        free = pc.is_null(matches["suppressed"])
        columns = {
            **{name: matches[name] for name in ("brand_id", "subject_key", "field", "value")},
            "imitates": pc.and_(named, free),
            "suppressed": pc.invert(free),
        }
        yield pa.table(columns, schema=_MATCHED_SCHEMA)


@contextmanager
def _asking(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own over the files that count: observation_rows, picture_rows."""
    spill = str(lake.folder / "spill")
    try:
        with duckdb.connect(config={"temp_directory": spill}) as con:
            files = lake.picture_files()
            _show(con, "observation_rows", lake.observation_files(), OBSERVATION_SCHEMA)
            _show(con, "picture_rows", files, PICTURE_SCHEMA)
            places = {"filename": pa.array([str(file) for file in files], pa.string()),
                      "place": pa.array(range(len(files)), pa.int64())}  # fmt: skip
            con.register("picture_files", pa.table(places))
            yield con
    except duckdb.OutOfMemoryException as error:
        raise LakeError(
            f"Counting who wears which picture needs more memory or disk for {spill} than there "
            f"is ({str(error).splitlines()[0]}); free some and run again."
        ) from None
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise LakeError(
            f"A Parquet file of the lake cannot be read ({str(error).splitlines()[0]}); restore it "
            "from a backup, the manifest counts it."
        ) from None


def _show(
    con: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], schema: pa.Schema
) -> None:
    if files:
        con.read_parquet([str(file) for file in files], filename=True).create_view(name)
        return
    filename = pa.field("filename", pa.string())
    con.register(name, pa.schema([*schema, filename]).empty_table())


def _merged(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """look to the smallest of all looks that a chain of pairs leads to.

    >>> _merged([("b", "c"), ("a", "b")])
    {'b': 'a', 'c': 'a', 'a': 'a'}
    """
    above: dict[str, str] = {}

    def top(look: str) -> str:
        above.setdefault(look, look)
        while above[look] != look:
            above[look] = above[above[look]]
            look = above[look]
        return look

    for one, other in pairs:
        low, high = sorted((top(one), top(other)))
        above[high] = low
    return {look: top(look) for look in above}
