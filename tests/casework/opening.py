"""Cases of hosts, opened as a run opens them, for tests of what comes after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from namaak.casework.casebook import Casebook
from namaak.records import MATCH_SCHEMA, Band, Score, Signal, case_id, host_key
from namaak.settings import Settings
from tests.casework.accounts import host, matching


def open_hosts(settings: Settings, *names: str, now: datetime) -> list[str]:
    """One case of the brand `acme` for each host, band high. Returns their ids."""
    rows = [
        matching(host(name, observed_at=now, position=number)) for number, name in enumerate(names)
    ]
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.load_matches(
            pa.Table.from_pylist(rows, schema=MATCH_SCHEMA), file=f"file-{now.isoformat()}",
            rank=_high, brand_names={"acme": "Acme"}, subjects={}, now=now, rank_version="1",
        )  # fmt: skip
    return [case_id("acme", host_key(name)) for name in names]


def _high(brand_id: str, rows: Sequence[dict[str, Any]]) -> Score:
    signal = Signal(
        name="name.combosquat", says="It holds the name", raw="acme", weight=1.0,
        contribution=1.0, detector="names-1",
    )  # fmt: skip
    return Score(score=88, band=Band.HIGH, signals=(signal,), gates=())
