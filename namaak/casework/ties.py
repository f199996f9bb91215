"""What people say of cases being of one hand: what was said, and what saying more would change.

Reads an open casebook; writing is for namaak.casework.desk.
May import: namaak.casework.reading, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from namaak.casework.reading import (
    campaign_of_case,
    read_campaign,
    read_case,
    read_rows,
    resolve_case_id,
)
from namaak.errors import UsageError
from namaak.records import CaseId
from namaak.sqlfiles import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What a merge would make one campaign."""

    cases: tuple[Mapping[str, Any], ...]  #: those named, and all of their campaigns
    campaigns: tuple[str, ...]  #: of which these are
    alone: int  #: cases among them that are in no campaign


def several(con: duckdb.DuckDBPyConnection, typed: Sequence[str]) -> list[CaseId]:
    """Whole ids of cases to be merged, each once. Raises UsageError for fewer than two."""
    cases = list(dict.fromkeys(resolve_case_id(con, one) for one in typed))
    if len(cases) < 2:
        raise UsageError("Name at least two cases that belong together.")
    return cases


def joined(con: duckdb.DuckDBPyConnection, typed: Sequence[str]) -> Joined:
    """What merging these cases would join; those named first. Raises as `several` does."""
    named = several(con, typed)
    in_campaign = {one: campaign_of_case(con, one) for one in named}
    campaigns = tuple(dict.fromkeys(one for one in in_campaign.values() if one is not None))
    rows: dict[str, Mapping[str, Any]] = {one: read_case(con, one).case for one in named}
    for campaign in campaigns:
        for row in read_campaign(con, campaign).cases:
            rows.setdefault(row["case_id"], row)
    alone = sum(campaign is None for campaign in in_campaign.values())
    return Joined(cases=tuple(rows.values()), campaigns=campaigns, alone=alone)


def said_of_case(con: duckdb.DuckDBPyConnection, case_id: str) -> dict[str, str]:
    """Other case to what people said of both, together or apart. case_id: a whole one.

    The case itself is there where it is to stand apart from all others.
    """
    rows = read_rows(con, statement("casebook/manual_ties_of_case"), {"case_id": case_id})
    return {row["case_id"]: row["verdict"] for row in rows}


def still_tied(
    con: duckdb.DuckDBPyConnection, case_id: CaseId, others: Sequence[CaseId]
) -> list[CaseId]:
    """Those of the others from which keeping a case apart would change anything.

    Not one that it is kept apart from already, nor one that it has no campaign in common with and
    that nobody said it belongs to. case_id, others: whole ones.
    """
    said, campaign = said_of_case(con, case_id), campaign_of_case(con, case_id)
    return [
        one
        for one in others
        if said.get(one) == "together"
        or (said.get(one) is None and campaign and campaign == campaign_of_case(con, one))
    ]
