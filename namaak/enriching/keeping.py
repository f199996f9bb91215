"""Between findings and the store: what is written down, and what comes back of it.

The facts go into rows, the bytes beside them under their own SHA-256. What comes back has no
bytes: whoever wants them asks the store by the SHA-256 that the facts name.
May import: namaak.answers, namaak.enriching.findings, namaak.records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from namaak.answers import Answer, Answers
from namaak.enriching.findings import Aspect, Finding, Outcome, findings_table

#: Outcomes that say something about the host.
SAYING = frozenset(str(outcome) for outcome in Outcome if outcome.says_something)


def keep(findings: Sequence[Finding], answers: Answers, *, at: datetime) -> None:
    """Store findings with all bytes that came along. Raises LakeError; then none of them count."""
    answers.store(findings_table(findings), answers_of(findings), saying=SAYING, at=at)


def answers_of(findings: Iterable[Finding]) -> Iterator[Answer]:
    """Every answer as it came, and what came along with it; the same bytes may come twice."""
    for finding in findings:
        if finding.raw is not None:
            yield Answer(
                content=finding.raw, media_type=finding.raw_type or "application/octet-stream"
            )
        for kept in finding.kept:
            yield Answer(content=kept.content, media_type=kept.media_type)


def findings_of(stored: pa.Table) -> list[Finding]:
    """Findings without their bytes, in the order of the rows. stored: ENRICHMENT_SCHEMA.

    A row of an aspect or outcome that this version does not know is left out: a newer one
    wrote it, and it says nothing that this one could weigh.
    """
    return [finding for row in stored.to_pylist() if (finding := _finding(row)) is not None]


def _finding(row: Mapping[str, Any]) -> Finding | None:
    if row["aspect"] not in list(Aspect) or row["outcome"] not in list(Outcome):
        return None
    return Finding(
        host=row["host"],
        aspect=Aspect(row["aspect"]),
        asked_at=row["asked_at"].astimezone(UTC),
        vantage=row["vantage"],
        outcome=Outcome(row["outcome"]),
        facts=json.loads(row["facts"]),
        raw_type=row["raw_type"],
        version=row["version"],
        due_at=row["due_at"] and row["due_at"].astimezone(UTC),
    )
