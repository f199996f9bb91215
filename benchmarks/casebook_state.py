"""What a published casebook says, in a form that two runs can be held against each other.

Times differ between any two runs and so do the hashes that are made over them; nothing else
may. Rows are compared as a set of texts, whatever their order.
May import: namaak.casework.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namaak.casework.reading import chain_head, find_cases, open_snapshot

#: Columns that hold times, or hashes over times.
_VARYING = frozenset({
    "opened_at", "updated_at", "first_observed_at", "last_observed_at", "observed_at",
    "happened_at", "loaded_at", "gathered_at", "first_enrolled_at", "hash", "previous_hash",
    "chain_hash",
})  # fmt: skip

#: The order in which batches were loaded decides these, and a kill may change the order.
_ORDER = frozenset({"seq"})

#: `loads` says in which run a file came to what, which a kill rightly changes: not compared.
TABLES = ("cases", "signals", "matches", "batches", "events")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A casebook at one moment."""

    rows: Mapping[str, Counter[str]]  #: per table, rows as canonical JSON without times
    bands: Mapping[str, int]
    kinds: Mapping[str, int]  #: subject kind and resemblance to how many cases
    top: tuple[Mapping[str, Any], ...]
    head: str  #: of the history; the same only where nothing at all was added, times included

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        return {table: sum(rows.values()) for table, rows in self.rows.items()}


def read_state(published: Path, *, top: int = 20) -> State:
    """published: the casebook that everybody may open. Raises CasebookError."""
    with open_snapshot(published) as snapshot:
        rows = {table: Counter(canonical(snapshot.table(table).to_arrow_table().to_pylist()))
                for table in TABLES}  # fmt: skip
        cases = find_cases(snapshot, every=True)
        head = str(chain_head(snapshot))
    return State(
        rows=rows,
        head=head,
        bands=dict(Counter(str(case["band"]) for case in cases)),
        kinds=dict(Counter(f"{case['subject_kind']} {case['kind']}" for case in cases)),
        top=tuple(
            {name: case[name] for name in ("case_id", "brand", "subject", "kind", "score", "band",
                                           "reasons")}
            for case in cases[:top]
        ),
    )  # fmt: skip


def differences(left: State, right: State, *, shown: int = 3) -> dict[str, Any]:
    """Empty when equal; else per table how many rows only one has, and a few of them."""
    found = {}
    for table in TABLES:
        missing, added = (left.rows[table] - right.rows[table]), (
            right.rows[table] - left.rows[table]
        )  # fmt: skip
        if missing or added:
            found[table] = {
                "only_left": sum(missing.values()),
                "only_right": sum(added.values()),
                "examples": [*list(missing)[:shown], *list(added)[:shown]],
            }
    return found


def canonical(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Each row as JSON, keys sorted, without what differs between any two runs."""
    for row in rows:
        kept = {name: value for name, value in row.items() if name not in _VARYING | _ORDER}
        yield json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)
