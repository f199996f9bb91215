"""What people reported of a case's subject, from the lake.

For whoever shows a case or packs it. May import: namaak.casework.reading, namaak.errors, lake and
records.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds

from namaak.casework.reading import CaseFile
from namaak.errors import LakeError
from namaak.records import OBSERVATION_SCHEMA

if TYPE_CHECKING:
    from namaak.lake import Lake

#: The source of what people report.
SOURCE = "intake"


def reports_of(lake: Lake, found: CaseFile) -> list[dict[str, Any]]:
    """All that was reported of the case's subject, also under the handles that were known to be
    its own then: a match names only the first of them, because the others say nothing new."""
    subject = found.case["subject_key"]
    aliases = [one for one in found.aliases if one["outcome"] == "same"]
    aliases = [one for one in aliases if one["subject_key"] == subject]
    # A case may have been joined: what its matches name belongs to it under whichever key.
    matched = {
        (one["instance"], one["position"], one["subject_key"])
        for one in found.matches
        if one["source"] == SOURCE
    }
    keys = {subject, *(one["alias_key"] for one in aliases), *(key for _, _, key in matched)}
    # Names of files begin with their source, which spares reading all the others.
    files = [str(file) for file in lake.observation_files() if file.stem.startswith(f"{SOURCE}-")]
    if not files:
        return []
    wanted = (ds.field("source") == SOURCE) & ds.field("subject_key").isin(sorted(keys))
    try:
        stored = ds.dataset(files, schema=OBSERVATION_SCHEMA, format="parquet", partitioning=None)
        rows = stored.to_table(filter=wanted).to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise LakeError(
            f"What was reported cannot be read from the lake ({error}); restore it from a backup."
        ) from None
    return [
        row
        for row in rows
        if row["subject_key"] == subject
        or (row["instance"], row["position"], row["subject_key"]) in matched
        or _held(row, aliases)
    ]


def _held(row: Mapping[str, Any], aliases: list[dict[str, Any]]) -> bool:
    """Whether the handle was the subject's at the time that the report speaks of."""
    at = min(row["source_time"] or row["observed_at"], row["observed_at"])
    return any(
        one["alias_key"] == row["subject_key"] and one["held_from"] <= at < one["held_to"]
        for one in aliases
    )
