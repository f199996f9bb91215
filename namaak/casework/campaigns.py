"""Campaigns: cases tied by what few others have, and all that such ties lead to from one.

The ties are the database's to find; joining them needs paths of any length, so that is done here,
over pairs of ids alone.
May import: namaak.casework.working and reading, namaak.sqlfiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import pyarrow as pa

from namaak.casework.working import Working
from namaak.sqlfiles import statement


class Campaigns(Working):
    """What a writer does with campaigns."""

    def record_campaigns(self) -> bool:
        """Find what ties cases together; whether that changed. Call it when all is weighed.

        What people said of cases counts before what they share. One transaction; done again, it
        changes nothing.
        """
        with self._transaction():
            return self._tie_again()

    def _tie_again(self) -> bool:
        """`record_campaigns` within a transaction that other writings share."""
        self._con.execute(statement("casebook/stage_campaign_edges"))
        changed = self._con.execute(statement("casebook/campaigns_changed")).fetchone()
        if changed is None or not changed[0]:
            return False
        for step in ("delete_campaign_edges", "insert_campaign_edges"):
            self._con.execute(statement(f"casebook/{step}"))
        pairs = self._con.execute(statement("casebook/edges_to_follow")).fetchall()
        times = self._con.execute(statement("casebook/tied_case_times")).fetchall()
        members = together(pairs, dict(times))
        self._con.execute(statement("casebook/delete_campaign_members"))
        table = pa.table(
            {
                "case_id": pa.array(members.keys(), pa.string()),
                "campaign_id": pa.array(members.values(), pa.string()),
            }
        )
        self._apply("insert_campaign_members", incoming_campaign_members=table)
        return True


def together(pairs: Iterable[tuple[str, str]], opened_at: Mapping[str, datetime]) -> dict[str, str]:
    """Case to the oldest of all cases that pairs lead to from it.

    >>> together([("b", "c"), ("a", "b"), ("x", "y")], dict.fromkeys("abcxy", datetime.min))
    {'b': 'a', 'c': 'a', 'a': 'a', 'x': 'x', 'y': 'x'}
    """
    above: dict[str, str] = {}

    def age(case: str) -> tuple[datetime, str]:
        return opened_at[case], case

    def top(case: str) -> str:
        while (higher := above.setdefault(case, case)) != case:
            # Halving the way keeps every walk short, however long the chain.
            above[case] = above[higher]
            case = higher
        return case

    for pair in pairs:
        older, younger = sorted(map(top, pair), key=age)
        above[younger] = older
    return {case: top(case) for case in list(above)}
