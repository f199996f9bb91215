"""How cases stand after a command changed them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from namaak.cli.output import emit


def cases_now(published: Path, case_ids: Sequence[str], json: bool, *, empty: str) -> int:
    """Print them; the exit code. case_ids: whole ones. empty: said where there are none."""
    from namaak.casework.reading import open_snapshot, read_case

    with open_snapshot(published) as snapshot:
        rows = [read_case(snapshot, one).case for one in case_ids]
    emit(
        [{**row, "brand": row["brand_id"]} for row in rows],
        ("case_id", "band", "score", "workflow", "reason_code", "brand", "subject"),
        as_json=json, empty=empty,
    )  # fmt: skip
    return 0
