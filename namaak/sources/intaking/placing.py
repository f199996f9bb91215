"""Profiles of many platforms in one batch, each row under its own.

May import: namaak.records, namaak.sources.base and profiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from namaak.records import OBSERVATION_SCHEMA
from namaak.sources.base import Reject
from namaak.sources.profiles.profile import Pictured, Profile, observe

#: Position, platform, the profile, and its pictures.
Placed = tuple[int, str, Profile, Pictured]


def observe_placed(
    found: Sequence[Placed], *, source: str, instance: str, observed_at: datetime
) -> tuple[pa.Table, list[Reject]]:
    """As `profile.observe`: observations and rejects, both ascending by position."""
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
    rejects.sort(key=lambda reject: reject.position)
    return table.combine_chunks(), rejects
