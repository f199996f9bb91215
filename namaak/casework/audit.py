"""The audit: does the history of the casebook hold, and is the casebook what the history tells?

Three questions over a published casebook: whether every event follows from the one before it,
whether every case, capture, pack, notice, answer and contact follows from the events, and people
read them through the views that belong there, and whether
the history still goes on from a head that was kept elsewhere, without which a history that was cut
off at its end looks whole. What no event tells is not checked, and the audit says what that is.
Read part by part: what is in memory does not grow with the casebook.
May import: namaak.casework.definitions, events, grounds, reading, replay and retelling,
namaak.errors, records, sqlfiles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from namaak.casework.definitions import definitions_otherwise
from namaak.casework.events import GENESIS, BrokenLink, ChainHead, event_fault, next_chain_hash
from namaak.casework.grounds import (
    deletions_otherwise,
    grounds_left_out,
    grounds_otherwise,
    rules_otherwise,
    ties_otherwise,
)
from namaak.casework.reading import chain_head, read_rows
from namaak.casework.replay import Event, Replayed, data_of, differences, told
from namaak.casework.retelling import Kept, kept_otherwise, leaves_out
from namaak.errors import UsageError
from namaak.records import case_id as case_id_of
from namaak.sqlfiles import statement

#: What is kept of a case beside its row: fields of `Kept`, and the statements that read them.
_KEPT = tuple(Kept.__dataclass_fields__)
EVENTS_A_PART = 10_000
CASES_A_PART = 5_000
#: Rows that are not what their history tells, by name; the others are counted.
_NAMED = 20
#: What no event tells, in words: changed by hand, it does not show here.
NOT_CHECKED = (
    "when contacts were last looked up",
    "names of brands; of a case its gates, its series and when it was seen",
    "of a case what lists show of its signals and pictures, its evidence and its revision",
    "matches, signals, profiles and looks at hosts (`namaak run` makes them anew from the lake)",
    "looks again that no event rests on, and when the next is due",
    "campaigns (ties by hand are), saved views, learned weights, and what verdicts were about",
    "allow rules that hid no case, but for brand, asset and time",
    "who was told what; of deletions their rule, bytes and ages, and those of answers",
    "the bytes of evidence themselves (`namaak verify` checks those of a pack)",
)
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found. `is_sound` is the answer, the rest is why."""

    events: int
    cases: int
    head: ChainHead  #: keep it elsewhere: the next audit is held against it
    broken: BrokenLink | None  #: the first by `seq`
    #: case_id and what of its row is not as its history tells; at most twenty.
    #: Notices that no case is named for, allow rules, deletions and views stand here by their own
    #: ids, times or names.
    unlike: tuple[tuple[str, str], ...]
    unlike_cases: int  #: how many there are
    #: Cases of which the history does not say all that it could: an older version began it.
    untold_cases: int
    cut: str | None  #: why the history does not go on from the head that was kept

    @property
    def is_sound(self) -> bool:
        """Nothing is wrong."""
        return self.broken is None and not self.unlike_cases and self.cut is None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHead:
    """The end of the history as somebody kept it. seq None: only the hash was."""

    chain_hash: str
    seq: int | None = None


def kept_head(text: str) -> KeptHead:
    """From a hash, the chain-head.json of a pack, or what an earlier audit gave as JSON.

    Raises UsageError for anything else.
    """
    bare = text.strip().lower()
    if _HASH.fullmatch(bare):
        return KeptHead(chain_hash=bare)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get("head"), dict):
        found = found["head"]
    if isinstance(found, dict):
        seq, chain_hash = found.get("seq"), found.get("chain_hash")
        if (
            isinstance(seq, int)
            and not isinstance(seq, bool)
            and seq >= 0
            and isinstance(chain_hash, str)
            and _HASH.fullmatch(chain_hash)
        ):
            return KeptHead(seq=seq, chain_hash=chain_hash)
    raise UsageError(
        "What was kept is no head of a history: give the 64 hexadecimal digits of a chain_hash, "
        "the data/chain-head.json of a pack, or the output of `namaak audit --json`."
    )


def audit(con: duckdb.DuckDBPyConnection, *, kept: KeptHead | None = None) -> Audit:
    """Check a whole casebook. con: of `open_snapshot`."""
    events, broken = _follow_the_chain(con)
    found = _follow_the_cases(con)
    unlinked = found.unlinked
    if unlinked is not None and (broken is None or (unlinked.seq or 0) < (broken.seq or 0)):
        broken = unlinked
    return Audit(
        events=events,
        cases=found.cases,
        head=chain_head(con),
        broken=broken,
        unlike=tuple(found.unlike),
        unlike_cases=found.unlike_cases,
        untold_cases=found.untold_cases,
        cut=_cut_since(con, kept) if kept else None,
    )


def _follow_the_chain(con: duckdb.DuckDBPyConnection) -> tuple[int, BrokenLink | None]:
    """Every event in the order of all: how many, and the first that does not fit."""
    head = ChainHead()
    for row in _parts(con, "events_after", 0, "seq"):
        if row["seq"] != head.seq + 1:
            what = f"event {head.seq + 1} of all cases is missing before this one"
            return head.seq, _broken(row, what)
        if what_is_wrong := event_fault(row):
            return head.seq, _broken(row, what_is_wrong)
        expected = next_chain_hash(head.chain_hash, row["hash"])
        if row["chain_hash"] != expected:
            what = "its chain_hash does not follow from the event before it"
            return head.seq, _broken(row, what)
        head = ChainHead(seq=row["seq"], chain_hash=expected)
    return head.seq, None


@dataclass(slots=True, kw_only=True)
class _Followed:
    """What following case by case came to."""

    unlinked: BrokenLink | None = None  #: the first event that does not follow
    cases: int = 0
    unlike: list[tuple[str, str]] = field(default_factory=list)
    unlike_cases: int = 0
    untold_cases: int = 0

    def name(self, about: str, what: str) -> None:
        """Something that is not as told."""
        self.unlike_cases += 1
        if len(self.unlike) < _NAMED:
            self.unlike.append((about, what))


def _follow_the_cases(con: duckdb.DuckDBPyConnection) -> _Followed:
    followed = _Followed()
    for part in _of_cases(con):
        for row in part.rows:
            followed.cases += 1
            case_id = row["case_id"]
            events = part.events.get(case_id, [])
            link = _first_unlinked(events)
            first = followed.unlinked
            if link is not None and (first is None or (link.seq or 0) < (first.seq or 0)):
                followed.unlinked = link
            what, untold = _not_as_told(row, events, part.kept(case_id))
            followed.untold_cases += untold
            if what:
                followed.name(case_id, what)
    for about, what in definitions_otherwise(con):
        followed.name(about, what)
    for row in read_rows(con, statement("casebook/actions_without_cases")):
        followed.name(row["action_id"], "no case is named for this notice")
    log = list(read_rows(con, statement("casebook/all_deletions")))
    thinned = read_rows(con, statement("casebook/thinned_in_events"))
    for about, what in deletions_otherwise(thinned, log):
        followed.name(about, what)
    for about, what in (
        *ties_otherwise(*_both(con, "ties_in_events", "all_manual_ties")),
        *rules_otherwise(*_both(con, "rules_in_events", "every_allow_rule")),
    ):
        followed.name(about, what)
    return followed


def _not_as_told(row: dict[str, Any], events: list[dict[str, Any]], kept: Kept) -> tuple[str, bool]:
    """Where a case is not what its events tell, empty where it is; whether they leave out some."""
    if not events:
        return "it has no history", False
    told_of = [Event(one["kind"], one["actor"], one["happened_at"], data_of(one["data"]))
               for one in events]  # fmt: skip
    found: tuple[str, ...] = ()
    untold = False
    if row["workflow"] is None:
        found = ("its row is gone, and its history is there",)
    else:
        if case_id_of(row["brand_id"], row["subject_key"]) != row["case_id"]:
            found = ("its id is not that of this brand and subject",)
        replayed = Replayed()
        for event in told_of:
            replayed = told(replayed, event)
        found += differences(row, replayed)
        untold = not replayed.is_whole
    beside = (*kept_otherwise(kept, told_of), *grounds_otherwise(kept, told_of))
    untold = untold or leaves_out(told_of) or grounds_left_out(told_of)
    return "; ".join((*found, *beside)), untold


def _both(con: duckdb.DuckDBPyConnection, *names: str) -> list[list[dict[str, Any]]]:
    """What people say by hand is little: it is read whole."""
    return [list(read_rows(con, statement(f"casebook/{name}"))) for name in names]


def _first_unlinked(rows: list[dict[str, Any]]) -> BrokenLink | None:
    case_seq, previous = 0, GENESIS
    for row in rows:
        if row["case_seq"] != case_seq + 1:
            return _broken(row, f"event {case_seq + 1} of this case is missing before this one")
        if row["previous_hash"] != previous:
            return _broken(row, "its previous_hash is not the hash of the event before it")
        case_seq, previous = row["case_seq"], row["hash"]
    return None


def _cut_since(con: duckdb.DuckDBPyConnection, kept: KeptHead) -> str | None:
    if kept.seq == 0:
        return None
    if kept.seq is None:
        found = con.execute(statement("casebook/chain_hash_is_there"), [kept.chain_hash])
        if found.fetchone() is not None:
            return None
        return f"no event of it has the chain hash {kept.chain_hash} that was kept"
    row = con.execute(statement("casebook/chain_hash_at"), [kept.seq]).fetchone()
    if row is None:
        return f"it ends before event {kept.seq}, which was there when its head was kept"
    if row[0] != kept.chain_hash:
        return f"up to event {kept.seq} it is another than when its head was kept"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some cases with all that is told of them and kept, by case."""

    rows: list[dict[str, Any]]
    events: dict[str, list[dict[str, Any]]]  #: oldest first
    kept_rows: dict[str, dict[str, list[dict[str, Any]]]]  #: by what they are, then by case

    def kept(self, case: str) -> Kept:
        """Of one case."""
        return Kept(**{what: rows.get(case, ()) for what, rows in self.kept_rows.items()})


def _of_cases(con: duckdb.DuckDBPyConnection) -> Iterator[_Part]:
    """All cases, some at a time."""
    after = ""
    while True:
        bound = {"after": after, "row_limit": CASES_A_PART}
        rows = list(read_rows(con, statement("casebook/cases_beside_events"), bound))
        if not rows:
            return
        up_to = rows[-1]["case_id"]
        events = _by_case(con, "events_by_case", after=after, up_to=up_to)
        kept = {
            what: _by_case(con, f"{what}_beside_events", after=after, up_to=up_to) for what in _KEPT
        }
        yield _Part(rows=rows, events=events, kept_rows=kept)
        after = up_to


def _by_case(
    con: duckdb.DuckDBPyConnection, name: str, **bound: object
) -> dict[str, list[dict[str, Any]]]:
    rows = read_rows(con, statement(f"casebook/{name}"), bound)
    return {case: list(group) for case, group in groupby(rows, key=itemgetter("case_id"))}


def _parts(
    con: duckdb.DuckDBPyConnection, name: str, after: int, key: str
) -> Iterator[dict[str, Any]]:
    while True:
        bound = {"after": after, "row_limit": EVENTS_A_PART}
        rows = list(read_rows(con, statement(f"casebook/{name}"), bound))
        yield from rows
        if len(rows) < EVENTS_A_PART:
            return
        after = rows[-1][key]


def _broken(row: Mapping[str, Any], what: str) -> BrokenLink:
    return BrokenLink(case_id=row["case_id"], case_seq=row["case_seq"], seq=row["seq"], what=what)
