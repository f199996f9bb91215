"""Profiles of many platforms in one batch, each row under its own.

May import: namaak.records, namaak.sources.base and profiles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from namaak.records import OBSERVATION_SCHEMA
from namaak.sources.base import Reject
from namaak.sources.profiles.profile import Pictured, Profile, observe

#: Position, platform, the profile, and its pictures.
Placed = tuple[int, str, Profile, Pictured]


def observe_placed(
    found: Sequence[Placed],
    *,
    source: str,
    instance: str,
    observed_at: datetime,
    screenshots: Mapping[int, str] | None = None,
) -> tuple[pa.Table, list[Reject]]:
    """As `profile.observe`: observations and rejects, both ascending by position.

    screenshots: SHA-256 of what was kept, by the position of the one profile that it shows.
    """
    tables = [OBSERVATION_SCHEMA.empty_table()]
    rejects: list[Reject] = []
    for where in dict.fromkeys(platform for _, platform, _, _ in found):
        rows, faults = observe(
            [(at, profile, pictured) for at, of, profile, pictured in found if of == where],
            source=source,
            instance=instance,
            platform=where,
            observed_at=observed_at,
        )
        tables.append(rows)
        rejects += faults
    table = pa.concat_tables(tables)
    # Stable: several profiles may stand at one position.
    table = table.take(np.argsort(table["position"].to_numpy(), kind="stable"))
    if screenshots:
        at = OBSERVATION_SCHEMA.get_field_index("screenshot_sha256")
        kept = [screenshots.get(position) for position in table["position"].to_pylist()]
        table = table.set_column(at, OBSERVATION_SCHEMA.field(at), pa.array(kept, pa.string()))
    rejects.sort(key=lambda reject: reject.position)
    return table.combine_chunks(), rejects
