"""Which decisions of people are verdicts about likeness, and which cases are copies of others.

Confirmed, or acted against: it poses as the brand. Dismissed as unrelated, as too weak a match or
as a fan's or parody: it does not. That something is the brand's own, licensed or a duplicate says
nothing about how it looks; such cases are counted and left out.
Pure. May import: namaak.casework.campaigns and lifecycle.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from namaak.casework.campaigns import together
from namaak.casework.lifecycle import ReasonCode

_FOR = frozenset({"confirmed", "enforced"})
_AGAINST = frozenset({ReasonCode.UNRELATED, ReasonCode.WEAK_MATCH, ReasonCode.FAN_PARODY})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Of a hundred groups of copies so many are held back.
HELD_BACK_PERCENT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One case that a person decided, with the evidence it was decided on."""

    case_id: str
    poses: bool  #: it does pose as the brand
    group: str  #: the same for copies: one campaign, one series, one domain
    evidence: Mapping[str, float]  #: name of a signal to what it contributed, with shipped weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The verdicts, and what was no verdict."""

    verdicts: tuple[Verdict, ...]
    left_out: Mapping[str, int]  #: why to how many cases


def gather(
    said: Iterable[Mapping[str, Any]],
    signals: Iterable[Mapping[str, Any]],
    *,
    multipliers: Mapping[str, Mapping[str, float]],
    learnable: Callable[[str], bool],
) -> Gathered:
    """said: rows of verdicts.sql. signals: rows of judged_evidence.sql.

    multipliers: version of learned weights to what it multiplied by, so that what a case was
    shown with is divided by it again. learnable: whether a signal may be learned by its name;
    others say nothing here, as they are made of verdicts or were given up.
    """
    evidence: dict[str, dict[str, float]] = {}
    for row in signals:
        name = row["name"]
        kept = evidence.setdefault(row["case_id"], {})
        if learnable(name):
            learned = multipliers.get(row["rank_version"].partition("+")[2], {})
            kept[name] = kept.get(name, 0.0) + row["contribution"] / learned.get(name, 1.0)
    rows = list(said)
    groups = _groups(rows)
    left_out: Counter[str] = Counter()
    verdicts = []
    for row in rows:
        why = _left_out(row, evidence)
        if why:
            left_out[why] += 1
            continue
        case = row["case_id"]
        verdicts.append(
            Verdict(
                case_id=case,
                poses=row["word"] in _FOR,
                group=groups[case],
                evidence=evidence[case],
            )
        )
    return Gathered(verdicts=tuple(verdicts), left_out=dict(sorted(left_out.items())))


def held_back(verdict: Verdict) -> bool:
    """Whether it measures and does not teach. Copies are on one side, whoever came later."""
    digest = hashlib.sha256(verdict.group.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < HELD_BACK_PERCENT


def shares(verdicts: Sequence[Verdict]) -> list[float]:
    """How much each counts: a hundred copies say more than one, and less than a hundred cases."""
    copies = Counter((one.group, one.poses) for one in verdicts)
    return [float(copies[one.group, one.poses] ** -0.5) for one in verdicts]


def of_a_kind(verdicts: Iterable[Verdict]) -> tuple[int, int]:
    """How many groups were confirmed, how many dismissed; copies count once."""
    seen = {(one.group, one.poses) for one in verdicts}
    confirmed = sum(poses for _, poses in seen)
    return confirmed, len(seen) - confirmed


def _left_out(row: Mapping[str, Any], evidence: Mapping[str, Any]) -> str | None:
    if row["word"] not in _FOR and row["word"] != "dismissed":
        return "undecided again"
    if row["word"] == "dismissed" and row["reason_code"] not in _AGAINST:
        return f"dismissed as {row['reason_code'] or 'nothing said'}"
    return None if evidence.get(row["case_id"]) else "no evidence kept"


def _groups(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Case to the first of all that campaigns, series and domains lead to from it."""
    first: dict[tuple[str, str], str] = {}
    pairs = []
    for row in rows:
        case = row["case_id"]
        pairs.append((case, case))
        for kind, value in (
            ("campaign", row["campaign_id"]),
            ("series", f"{row['brand_id']}/{row['series']}" if row["series"] else None),
            ("domain", row["domain"]),
        ):
            if value:
                pairs.append((first.setdefault((kind, value), case), case))
    return together(pairs, {row["case_id"]: _EPOCH for row in rows})
