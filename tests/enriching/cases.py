"""A watch file and a casebook with cases of hosts, made without matching, for tests of looks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from detectors.names import scorecard
from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.records import MATCH_SCHEMA, match_id
from namaak.settings import Settings, load_settings

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WATCH = """
[watch]
contact = "abuse@waldermond.example"
data = "kept"
[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.example"]
"""
_HEAVIEST = max(scorecard.weights(), key=lambda name: scorecard.weights()[name])


def host_match(host: str, *, odds: float = 1.0, **other: Any) -> dict[str, Any]:
    """A match whose name alone adds up to `odds`: 0 is where review begins."""
    weight = scorecard.weights()[_HEAVIEST]
    row = {
        "brand_id": "waldermond", "subject_key": f"host:{host}", "subject_kind": "host",
        "source": "files", "instance": "hosts", "position": 1, "observed_at": NOW,
        "field": "host", "value": host, "term": "Waldermond", "resemblance": "combosquat",
        "place": "token", "distance": 0, "strength": 0.8, "span_start": 0, "span_end": 10,
        "layers": [], "lures": [], "traits": [], "kinds": [],
        "evidence": {_HEAVIEST: (odds + scorecard.review_at()) / weight}, "suppressed": None,
        "detector": "names-7", "tables": "",
    } | other  # fmt: skip
    identity = [row[name] for name in ("brand_id", "subject_key", "field", "value", "resemblance")]
    return {"match_id": match_id(identity), **row}


@cache
def _empty() -> bytes:
    """An empty casebook, to copy: migrating anew for each test would take most of the time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.duckdb"
        with Casebook.writing(working=Path(folder) / "w" / "c.duckdb", published=path):
            pass
        return path.read_bytes()


def made(folder: Path, enrichment: str, matches: Iterable[dict[str, Any]]) -> Settings:
    """A folder with watch.toml and a published casebook. enrichment: the table's lines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "watch.toml").write_text(WATCH + f"[enrichment]\n{enrichment}\n")
    settings = load_settings(folder / "watch.toml", {})
    settings.working_casebook.parent.mkdir(parents=True)
    settings.working_casebook.write_bytes(_empty())
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.load_matches(
            pa.Table.from_pylist(list(matches), schema=MATCH_SCHEMA), file="one", rank=ranking.rank,
            brand_names={"waldermond": "Waldermond"}, subjects={}, now=NOW,
            rank_version=ranking.VERSION,
        )  # fmt: skip
    return settings
