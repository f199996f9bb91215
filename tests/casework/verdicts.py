"""A casebook with some hundred decided cases, for tests of what is learned from them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from detectors.names import scorecard
from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.casework.lifecycle import Decision, DecisionKind, ReasonCode
from namaak.records import MATCH_SCHEMA, case_id, match_id

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: What ranking begins below: enough of it lifts a name to where people look.
_BASE = scorecard.review_at() / scorecard.weights()["constant"]


def name_of(number: int) -> str:
    """Letters, so that each is a series of its own."""
    letters = "bcdfghjklmnpqrstvwxz"
    return "".join(letters[number // 20**place % 20] for place in range(4))


def host_row(host: str, **changes: Any) -> dict[str, Any]:
    """One match of Acme in a host, as the detectors give it."""
    row = {
        "brand_id": "acme", "subject_key": f"host:{host}", "subject_kind": "host",
        "source": "files", "instance": "hosts.txt", "position": 1, "observed_at": NOW,
        "field": "host", "value": host, "term": "acme", "resemblance": "combosquat",
        "place": "token", "distance": 0, "strength": 0.5, "span_start": 0, "span_end": 4,
        "layers": [], "lures": [], "traits": [], "kinds": [], "evidence": {"constant": _BASE},
        "suppressed": None, "detector": "names-2", "tables": "",
    } | changes  # fmt: skip
    parts = (row[name] for name in ("brand_id", "subject_key", "field", "value", "resemblance"))
    return {"match_id": match_id(parts), **row}


def load(book: Casebook, rows: Iterable[dict[str, Any]], *, file: str = "one", **more: Any) -> None:
    weigher = ranking.ranking_with(book.learned())
    book.load_matches(
        pa.Table.from_pylist(list(rows), schema=MATCH_SCHEMA), file=file, rank=weigher.rank,
        brand_names={"acme": "Acme"}, subjects={}, now=NOW, rank_version=weigher.version, **more,
    )  # fmt: skip


def decided(paths: dict[str, Path], number: int = 300, *, seed: int = 5) -> None:
    """Cases with a lure are confirmed, those with letters of another script are not: mostly."""
    chance = random.Random(seed)
    rows, poses, unlike = [], [], []
    for place in range(number):
        host = f"acme-{name_of(place)}.test"
        lured, styled = chance.random() < 0.5, chance.random() < 0.5
        evidence = {"constant": _BASE + chance.uniform(-0.2, 0.3)}
        if lured:
            evidence["learned"] = chance.uniform(0.5, 1.5)
        rows.append(
            host_row(
                host,
                lures=["access:login"] if lured else [],
                traits=["mixed-script"] if styled else [],
                evidence=evidence,
            )
        )
        likely = 0.9 if lured and not styled else 0.6 if lured else 0.35 if not styled else 0.1
        (poses if chance.random() < likely else unlike).append(case_id("acme", f"host:{host}"))
    with Casebook.writing(**paths) as book:
        load(book, rows)
        confirm = Decision(kind=DecisionKind.CONFIRM)
        dismiss = Decision(kind=DecisionKind.DISMISS, reason_code=ReasonCode.UNRELATED)
        later = NOW + timedelta(hours=1)
        book.decide_all(poses, confirm, actor="an analyst", now=later)
        book.decide_all(unlike, dismiss, actor="an analyst", now=later)
