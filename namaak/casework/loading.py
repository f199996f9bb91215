"""What matches do to cases: open one, refresh one, or be counted and no more.

Pure: takes what the casebook knows and what the ranking says, returns what to write.
May import: namaak.casework.events, lifecycle and subjects, namaak.records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from namaak.casework.events import Draft, EventKind
from namaak.casework.lifecycle import ReasonCode, Standing, wakes
from namaak.casework.subjects import series_of, subject_text
from namaak.records import (
    Band,
    Field,
    Score,
    Signal,
    SubjectKind,
    SubjectState,
    Workflow,
    case_id,
)

Row = dict[str, Any]
#: (brand_id, its unsuppressed matches of one subject, strongest first) -> score.
#: The rows have the columns of MATCH_SCHEMA, and `worn`: the pictures that the subject wears, each
#: with the columns of worn_pictures but its key; `site`: what a look at its host gave, and
#: `profile`: what its profile says, and `tied`: what ties it to confirmed cases, each with name,
#: raw and says.
Rank = Callable[[str, list[Row]], Score]

_BANDS = list(Band)
#: Hosts are what they are called, and a picture's file name says nothing.
_RENAMABLE = frozenset({SubjectKind.ACCOUNT, SubjectKind.APP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A case whose score or band changed, and why."""

    case_id: str
    brand_id: str
    subject: str
    score_before: int
    score_after: int
    band_before: str
    band_after: str
    why: tuple[str, ...]  #: as in "gained name.lure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Texts for people, and the registrable domain of hosts; whatever is missing is derived."""

    brands: Mapping[str, str] = field(default_factory=dict)  #: brand_id -> name
    subjects: Mapping[str, str] = field(default_factory=dict)  #: subject_key -> text
    domains: Mapping[str, str] = field(default_factory=dict)  #: subject_key -> domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """In which state a look found a subject."""

    state: SubjectState
    why: str  #: a sentence
    #: What it was on the way there, oldest first, since it was looked at before.
    passed: tuple[Seen, ...] = ()

    @property
    def is_known(self) -> bool:
        """What nobody answered never replaces what is known."""
        return self.state is not SubjectState.UNKNOWN


#: Ownership: a look at the thing cannot tell that it was undone.
_NOT_FOR_A_LOOK = frozenset({SubjectState.TRANSFERRED})
_GONE = frozenset({SubjectState.REMOVED, SubjectState.SUSPENDED})
#: Decided because it was gone: when it is back, somebody has to decide again.
_DONE = frozenset({Workflow.RESOLVED, Workflow.CLOSED})


@dataclass(slots=True, kw_only=True)
class Changes:
    """What is to be written, gathered pair by pair."""

    actor: str
    now: datetime
    rank_version: str
    names: Names = field(default_factory=Names)
    seen: Mapping[str, Seen] = field(default_factory=dict)  #: subject_key -> its state
    #: (brand_id, subject_key) that go on where another case ends: opened however weak.
    continued: frozenset[tuple[str, str]] = frozenset()
    opened: list[Row] = field(default_factory=list)
    refreshed: list[Row] = field(default_factory=list)
    signals: list[Row] = field(default_factory=list)
    weighed: list[str] = field(default_factory=list)  #: known cases whose signals are replaced
    drafts: list[Draft] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    tallies: dict[str, Counter[str]] = field(default_factory=dict)  #: brand_id -> counts

    def weigh(self, known: Row, rows: list[Row], rank: Rank) -> None:
        """Settle one pair. known: a row of known_pairs.sql; rows: of rows_to_rank.sql."""
        evidence = [row for row in rows if row["suppressed"] is None]
        score = rank(known["brand_id"], evidence) if evidence else None
        tally = self.tallies.setdefault(known["brand_id"], Counter())
        if known["case_id"] is not None:
            tally["cases_refreshed"] += 1
            self._refresh(known, rows, evidence, score)
        elif score is not None and (
            score.band is not Band.NONE
            or (known["brand_id"], known["subject_key"]) in self.continued
        ):
            tally["cases_opened"] += 1
            self._open(known, rows, evidence, score)
        elif score is not None:
            tally["below_watch"] += 1

    def _open(self, known: Row, rows: list[Row], evidence: list[Row], score: Score) -> None:
        brand_id, subject_key = known["brand_id"], known["subject_key"]
        identity = case_id(brand_id, subject_key)
        given = known["profile_subject"] or self.names.subjects.get(subject_key)
        case = {
            "case_id": identity,
            "brand_id": brand_id,
            "brand_name": self.names.brands.get(brand_id, brand_id),
            "subject_key": subject_key,
            "subject_kind": known["subject_kind"],
            "subject": given or subject_text(subject_key, rows),
            "domain": self.names.domains.get(subject_key),
            "series": series_of(self.names.domains.get(subject_key), evidence[0]["term"]),
            "kind": evidence[0]["resemblance"],
            "score": score.score,
            "evidence": score.evidence,
            "band": str(score.band),
            "confidence": score.confidence,
            "severity": score.severity,
            "workflow": str(Workflow.NEW),
            "subject_state": known["profile_state"] or str(SubjectState.UNKNOWN),
            "reason_code": None,
            "assignee": None,
            "snooze_until": None,
            "snooze_on_change": False,
            "gates": list(score.gates),
            "opened_at": self.now,
            "updated_at": self.now,
            "first_observed_at": known["first_observed_at"],
            "last_observed_at": known["last_observed_at"],
            "rank_version": self.rank_version,
            "revision": 1,
        }
        self.opened.append(case)
        self._write_signals(identity, score.signals)
        self._draft(identity, EventKind.OPENED, as_opened(case))

    def _refresh(
        self, known: Row, rows: list[Row], evidence: list[Row], score: Score | None
    ) -> None:
        identity = known["case_id"]
        case = {
            **{name: known[name] for name in _REFRESHED},
            "series": known["series"]
            or (series_of(known["domain"], evidence[0]["term"]) if evidence else None),
            "first_observed_at": min(known["first_known_at"], known["first_observed_at"]),
            "last_observed_at": max(known["last_known_at"], known["last_observed_at"]),
        }
        self._rename(known, case)
        if not rows:
            self._withdraw(known, case)
        elif _is_unmeasured(evidence):
            pass  # an older version stored it; until it is matched again it stands as it stood
        elif score is None:
            self._note_suppression(known, rows)
        else:
            if not known["had_evidence"]:
                self._draft(identity, EventKind.SUPPORTED, {"score": score.score})
            case |= {
                "kind": evidence[0]["resemblance"],
                "score": score.score,
                "evidence": score.evidence,
                "band": str(score.band),
                "confidence": score.confidence,
                "severity": score.severity,
                "gates": list(score.gates),
                "rank_version": self.rank_version,
            }
            self.weighed.append(identity)
            self._write_signals(identity, score.signals)
            self._move(known, case, score)
            self._wake(known, case)
        self._note_state(known, case)
        if known["new_matches"] or any(case[name] != known[name] for name in _VISIBLE):
            case["updated_at"] = self.now
            case["revision"] += 1
        self.refreshed.append(case)

    def _move(self, known: Row, case: Row, score: Score) -> None:
        moved = [name for name in _RANKED if case[name] != known[name]]
        if not moved:
            return
        # Equal signals with another sum: the ranking adds them up differently now.
        why = tuple(_differences(known, score))
        if "kind" in moved:
            why += (f"resembles the brand as {case['kind']}, no longer as {known['kind']}",)
        why = why or ("the ranking itself changed",)
        said = [name for name in _RANKED if name in moved or name in _ALWAYS_SAID]
        self._draft(
            known["case_id"],
            EventKind.SCORE_CHANGED,
            {
                "from": {name: known[name] for name in said},
                "to": {name: case[name] for name in said},
                "why": list(why),
                "rank_version": self.rank_version,
            },
        )
        if not _ALWAYS_SAID.intersection(moved):
            return
        self.moved.append(
            Moved(
                case_id=known["case_id"],
                brand_id=known["brand_id"],
                subject=case["subject"],
                score_before=known["score"],
                score_after=case["score"],
                band_before=known["band"],
                band_after=case["band"],
                why=why,
            )
        )

    def _wake(self, known: Row, case: Row) -> None:
        standing = standing_of(known)
        before, after = _BANDS.index(known["band"]), _BANDS.index(case["band"])
        if not wakes(standing, rank_before=before, rank_after=after):
            return
        case |= {
            "workflow": str(Workflow.REOPENED),
            "reason_code": None,
            "snooze_until": None,
            "snooze_on_change": False,
        }
        self._draft(
            known["case_id"],
            EventKind.REOPENED,
            {
                "from": str(standing.workflow),
                "to": str(Workflow.REOPENED),
                "why": f"its band rose from {known['band']} to {case['band']}",
            },
        )

    def _rename(self, known: Row, case: Row) -> None:
        # Where there is a profile it knows the newest name, whatever file is being loaded.
        profile = known["profile_subject"]
        given = profile or self.names.subjects.get(known["subject_key"])
        # An older file may be loaded after a newer one; it must not bring an old name back.
        current = profile or known["last_observed_at"] >= known["last_known_at"]
        if not given or not current or known["subject_kind"] not in _RENAMABLE:
            return
        if given != known["subject"]:
            case["subject"] = given
            self._draft(
                known["case_id"], EventKind.RENAMED, {"from": known["subject"], "to": given}
            )

    def _withdraw(self, known: Row, case: Row) -> None:
        """Nothing speaks for the case any more; it stays, with its history, out of the way."""
        if not known["had_evidence"] and known["band"] == Band.NONE:
            return
        case |= {
            "score": 0,
            "evidence": 0.0,
            "band": str(Band.NONE),
            "confidence": None,
            "severity": None,
            "gates": [],
            "rank_version": self.rank_version,
        }
        self.weighed.append(known["case_id"])
        why = "the watch file and the detectors of today find nothing in it"
        self._draft(known["case_id"], EventKind.WITHDRAWN, {"why": why})

    def _note_suppression(self, known: Row, rows: list[Row]) -> None:
        if known["had_evidence"]:
            reasons = sorted({row["suppressed"] for row in rows})
            self._draft(known["case_id"], EventKind.SUPPRESSED, {"why": reasons})

    def _note_state(self, known: Row, case: Row) -> None:
        """Axis two of the case."""
        seen = self.seen.get(known["subject_key"])
        if seen is None or not seen.is_known:
            return
        if known["subject_state"] in _NOT_FOR_A_LOOK:
            return
        for one in (*seen.passed, seen):
            before = case["subject_state"]
            if not one.is_known or before == one.state:
                continue
            case["subject_state"] = str(one.state)
            back = before in _GONE and one.state is SubjectState.LIVE
            self._draft(
                known["case_id"],
                EventKind.RETURNED if back else EventKind.STATE_CHANGED,
                {"from": before, "to": str(one.state), "why": one.why},
            )
            if back:
                self._open_again(known["case_id"], case)

    def _open_again(self, identity: str, case: Row) -> None:
        """What was over because it was gone is not over; what was dismissed stays so."""
        if case["workflow"] not in _DONE or case["reason_code"] is not None:
            return
        before = case["workflow"]
        case["workflow"] = str(Workflow.REOPENED)
        self._draft(
            identity,
            EventKind.REOPENED,
            {"from": before, "to": str(Workflow.REOPENED), "why": "it is there again"},
        )

    def _write_signals(self, identity: str, signals: Iterable[Signal]) -> None:
        self.signals.extend(
            {
                "case_id": identity,
                "position": position,
                "name": signal.name,
                "says": signal.says,
                "raw": signal.raw,
                "weight": signal.weight,
                "contribution": signal.contribution,
                "detector": signal.detector,
                "axis": str(signal.axis),
                "would_change": signal.would_change or None,
            }
            for position, signal in enumerate(signals)
        )

    def _draft(self, identity: str, kind: EventKind, data: Mapping[str, Any]) -> None:
        self.drafts.append(
            Draft(case_id=identity, kind=kind, actor=self.actor, happened_at=self.now, data=data)
        )


def _is_unmeasured(evidence: Iterable[Row]) -> bool:
    """Whether a name was matched by a version that did not keep what it measured."""
    return any(row["field"] != Field.IMAGE and row["evidence"] is None for row in evidence)


#: Columns of a case that stay as known unless something below changes them.
_REFRESHED = (
    "case_id",
    "subject",
    "domain",
    "kind",
    "score",
    "evidence",
    "band",
    "confidence",
    "severity",
    "workflow",
    "subject_state",
    "reason_code",
    "snooze_until",
    "snooze_on_change",
    "gates",
    "updated_at",
    "rank_version",
    "revision",
)
#: Where a case ranks and as what: none of it moves without an event.
_RANKED = ("score", "band", "confidence", "severity", "kind")
_ALWAYS_SAID = frozenset({"score", "band"})
#: A change of one of these is a change of the case.
_VISIBLE = (
    "subject", "kind", "score", "band", "confidence", "severity", "workflow", "subject_state",
    "gates",
)  # fmt: skip


def as_opened(case: Mapping[str, Any]) -> Row:
    """What the event says that opens a case: with it an audit knows the row again.

    case: the columns of cases. Its time is that of the event, and its kind of subject the beginning
    of its key. `domain`, `confidence` and `severity` stand there where it has them, the state
    where it is known: most cases are hosts at which nobody looked yet, and there are many.
    """
    told = {name: case[name] for name in _SAID_AT_OPENING}
    told |= {name: case[name] for name in _SAID_WHERE_KNOWN if case[name] is not None}
    if case["subject_state"] != SubjectState.UNKNOWN:
        told["subject_state"] = str(case["subject_state"])
    return told


def standing_of(row: Mapping[str, Any]) -> Standing:
    """The deciding part of a row of cases."""
    return Standing(
        workflow=Workflow(row["workflow"]),
        reason_code=ReasonCode(row["reason_code"]) if row["reason_code"] else None,
        assignee=row["assignee"],
        snooze_until=row["snooze_until"],
        snooze_on_change=row["snooze_on_change"],
    )


#: `subject` tells an audit that whatever else of these is missing was not there.
_SAID_AT_OPENING = (
    "brand_id", "subject_key", "subject", "kind", "score", "band", "rank_version"
)  # fmt: skip
_SAID_WHERE_KNOWN = ("domain", "confidence", "severity")


def pair_by_pair(rows: Iterable[Row]) -> Iterator[tuple[tuple[str, str], list[Row]]]:
    """Rows sorted by (brand_id, subject_key), grouped by it."""
    for pair, group in groupby(rows, key=itemgetter("brand_id", "subject_key")):
        yield pair, list(group)


def _differences(known: Row, score: Score) -> Iterator[str]:
    """Which signals made a score move, by name."""
    before = dict(zip(known["signal_names"], known["signal_contributions"], strict=True))
    after = {signal.name: signal.contribution for signal in score.signals}
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield f"gained {name}"
        elif name not in after:
            yield f"lost {name}"
        # Far below what moves a score of whole points, far above the error of a sum.
        elif abs(before[name] - after[name]) > 1e-9:
            yield f"reweighed {name}"
    if sorted(known["gates"]) != sorted(score.gates):
        yield "the gates changed"
