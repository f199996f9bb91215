"""What is kept no longer than it may: answers of servers, captures and notices of cases long over.

A rule for each class of things stands in [retention]; a legal hold outweighs them all. The log says
that something was deleted, how much and from when, never what it was. It is written before the
bytes go: killed between, the next pass deletes the rest. What is deleted is what is due while
nobody else writes the casebook, and it is gone before they may: a hold comes before that, or after.
Bystanders' profiles have rules of their own: namaak.forgetting.
May import: namaak.answers, namaak.casework, namaak.evidence_store, namaak.settings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from namaak.answers import Answers
from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot
from namaak.casework.telling import Over, Terms, over_by
from namaak.evidence_store import EvidenceStore
from namaak.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Bytes whose time is over."""

    sha256: str
    at: datetime  #: when they came, or when what they are part of ended
    size: int
    cases: tuple[str, ...] = ()  #: whose evidence they were


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What one rule says."""

    name: str  #: class, as in [retention]
    rule: str
    items: tuple[Item, ...]
    held: int  #: due as well, but for a legal hold

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(item.size for item in self.items)

    def row(self) -> dict[str, Any]:
        """As `deletions` takes it, without who and when."""
        moments = [item.at for item in self.items]
        return {
            "class": self.name,
            "rule": self.rule,
            "items": len(self.items),
            "bytes": self.size,
            "held": self.held,
            "oldest_at": min(moments, default=None),
            "newest_at": max(moments, default=None),
        }


def due_now(settings: Settings, *, now: datetime) -> tuple[Due, ...]:
    """What the rules say now; nothing is deleted. Raises CasebookError, LakeError.

    Where there is no casebook yet nothing is due: nobody knows what is evidence.
    """
    if not settings.casebook.exists():
        return ()
    with open_snapshot(settings.casebook) as snapshot:
        over = over_by(snapshot, _terms(settings, now))
    return _due(settings, over, now)


def delete_due(settings: Settings, *, actor: str, now: datetime) -> tuple[Due, ...]:
    """Delete what is due, and write down that. Raises CasebookError, LakeError."""
    # Whoever finds nothing lets the writers be.
    if not any(one.items for one in due_now(settings, now=now)):
        return ()
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        found = _due(settings, book.over_by(_terms(settings, now)), now)
        due = tuple(one for one in found if one.items)
        if not due:
            return ()
        rows = [one.row() for one in due]
        book.record_deletions(rows, _thinned(due), actor=actor, now=now)
        for one in due:
            _delete(settings, one)
    return due


def _thinned(due: Iterable[Due]) -> dict[str, dict[str, int]]:
    thinned: dict[str, dict[str, int]] = defaultdict(dict)
    for one in due:
        for item in one.items:
            for case_id in item.cases:
                thinned[case_id][one.name] = thinned[case_id].get(one.name, 0) + 1
    return thinned


def _delete(settings: Settings, due: Due) -> None:
    digests = [item.sha256 for item in due.items]
    if due.name == "answers":
        with Answers(settings.lake) as answers:
            answers.forget(digests)
        return
    store = EvidenceStore(settings.evidence)
    for sha256 in digests:
        store.delete(sha256)


def _terms(settings: Settings, now: datetime) -> Terms:
    rules = settings.watch.retention
    return Terms(
        captures_before=now - timedelta(days=rules.captures_days),
        notices_before=now - timedelta(days=rules.notices_days),
        answers_before=now - timedelta(days=rules.answers_days),
    )


def _due(settings: Settings, over: Over, now: datetime) -> tuple[Due, ...]:
    rules = settings.watch.retention
    store = EvidenceStore(settings.evidence)
    days = {"captures": rules.captures_days, "notices": rules.notices_days}
    evidence = [
        _of_evidence(name, f"{days[name]} days after the case is over", over.files, store)
        for name in days
    ]
    before = _terms(settings, now).answers_before
    rule = f"{rules.answers_days} days after they came, where no open case is about the host"
    with Answers(settings.lake) as answers:
        return (_of_answers(answers, over.subjects_kept, before=before, rule=rule), *evidence)


def _of_evidence(
    name: str, rule: str, files: Iterable[Mapping[str, Any]], store: EvidenceStore
) -> Due:
    items, held = [], 0
    for row in files:
        path = store.path(row["sha256"])
        # What went with an earlier pass is named to this day, because the history keeps digests.
        if row["class"] != name or not path.exists():
            continue
        if row["held"]:
            held += 1
            continue
        items.append(
            Item(
                sha256=row["sha256"],
                at=row["oldest_at"],
                size=path.stat().st_size,
                cases=tuple(row["case_ids"]),
            )
        )
    return Due(name=name, rule=rule, items=tuple(items), held=held)


def _of_answers(answers: Answers, kept: Mapping[str, bool], *, before: datetime, rule: str) -> Due:
    old: Sequence[tuple[str, int, datetime]] = answers.old_answers(before)
    needed: set[str] = set()
    only_held: set[str] = set()
    for sha256, subject_key in answers.named_by({sha256 for sha256, _, _ in old}):
        if subject_key in kept:
            (only_held if kept[subject_key] else needed).add(sha256)
    items = tuple(
        Item(sha256=sha256, at=at, size=size)
        for sha256, size, at in old
        if sha256 not in needed and sha256 not in only_held
    )
    return Due(name="answers", rule=rule, items=items, held=len(only_held - needed))
