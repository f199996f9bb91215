"""Every kind of writing that the casebook knows, for a writer that is killed among them.

Each kind makes what it needs first, so that it can come at any time, and gives what must be found
for ever after: queries that give true. Events need none, the chain of hashes holds them all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa

from namaak.brands import Brand
from namaak.casework.action_moves import ActionMove
from namaak.casework.actions import Reply
from namaak.casework.alerts import Alert
from namaak.casework.allowing import rule_of
from namaak.casework.casebook import Casebook
from namaak.casework.followup.schedule import Pace
from namaak.casework.followup.views import Round, View
from namaak.casework.lifecycle import BY_HAND, Decision, DecisionKind, Who, possible
from namaak.casework.naming import named
from namaak.casework.notices.proposing import Proposed
from namaak.casework.views import CaseQuery
from namaak.records import (
    MATCH_SCHEMA,
    PICTURE_SCHEMA,
    SubjectState,
    Workflow,
    account_key,
    case_id,
)
from tests.casework.notices.world import (
    ANNA,
    FAN_ID,
    FAN_KEY,
    LOGIN,
    LOGIN_ID,
    NOW,
    PAY,
    PAY_ID,
    World,
    capture,
    contact,
    host_matches,
    looks,
    match,
    rank,
)
from tests.casework.test_worn_pictures import WORN_SCHEMA, hashes, wears

#: A query that gives true, with what is bound to it.
Found = tuple[str, list[Any]]

BRANDS = {"acme": "Acme"}
ACME = {"acme": Brand(name="Acme", domains=("acme.example",))}
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PACE = Pace(first=HOUR, slowest=24 * HOUR, resolved_after=12 * HOUR)
PICTURE = "a" * 64


def id_of(host: str) -> str:
    return case_id("acme", f"host:{host}")


#: What people decide about; of each of the others there is one kind of story.
HOSTS = [f"acme-{letter}.example" for letter in "abcdefgh"]
TIED = ["acme-one.example", "acme-two.example"]
HELD, SOLD = "acme-held.example", "acme-sold.example"


def fill(world: World) -> None:
    """The casebook that the kinds write in."""
    world.fill()
    with world.writing() as book:
        book.record_brands(ACME, {"acme": "0"}, now=NOW)
        others = [*HOSTS, *TIED, HELD, SOLD]
        load(book, "others", *(row for host in others for row in host_matches(host)), now=NOW)
    # Tables and templates that are read once: each writer is forked from here.
    world.draft(LOGIN_ID)
    named(HELD)
    world.publish()


def load(book: Casebook, file: str, *rows: dict[str, Any], now: datetime) -> None:
    book.load_matches(
        pa.Table.from_pylist(list(rows), schema=MATCH_SCHEMA), file=file, rank=rank,
        brand_names=BRANDS, subjects={}, now=now, rank_version="1",
    )  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """One writing: by whom, which, and when."""

    world: World
    book: Casebook
    number: int

    @property
    def now(self) -> datetime:
        return NOW + self.number * timedelta(minutes=1)

    @property
    def weighing(self) -> dict[str, Any]:
        return {"rank": rank, "brand_names": BRANDS, "now": self.now, "rank_version": "1"}

    def ask(self, sql: str, *bound: Any) -> list[tuple[Any, ...]]:
        return self.book._con.execute(sql, list(bound)).fetchall()

    def decide(self, case: str, kind: DecisionKind, **particulars: Any) -> None:
        decision = Decision(kind=kind, **particulars)
        self.book.decide(case, decision, actor=ANNA, now=self.now)


Write = Callable[[Turn], list[Found]]
#: Name -> what it calls of the casebook, and the call.
KINDS: dict[str, tuple[str, Write]] = {}


def kind(method: str, name: str | None = None) -> Callable[[Write], Write]:
    def named_so(write: Write) -> Write:
        KINDS[name or method] = (method, write)
        return write

    return named_so


# What comes in


@kind("load_matches")
def _(turn: Turn) -> list[Found]:
    host = f"acme-{turn.number}.example"
    load(turn.book, f"file {turn.number}", *host_matches(host), now=turn.now)
    return [
        ("select count(*) = 1 from loads where match_file = ?", [f"file {turn.number}"]),
        ("select count(*) = 1 from signals where case_id = ?", [id_of(host)]),
        ("select count(*) = 1 from matches where case_id = ?", [id_of(host)]),
    ]


@kind("record_worn_pictures")
def _(turn: Turn) -> list[Found]:
    row = wears("none", subject_key=FAN_KEY, wearers=turn.number + 2)
    turn.book.record_worn_pictures(pa.Table.from_pylist([row], schema=WORN_SCHEMA), **turn.weighing)
    return [("select max(wearers) >= ? from worn_pictures", [turn.number + 2])]


@kind("record_enrichments")
def _(turn: Turn) -> list[Found]:
    rows = [{**row, "asked_at": turn.now} for row in looks(PAY)]
    turn.book.record_enrichments(rows, [], {}, **turn.weighing)
    return [
        ("select count(*) = 4 from enrichments where host = ? and asked_at >= ?", [PAY, turn.now])
    ]


@kind("record_coverage")
def _(turn: Turn) -> list[Found]:
    batch = {
        "batch_id": "one", "source": "files", "instance": "list", "rows": turn.number,
        "first_seen_rows": 1, "rejected": 0, "gathered_at": turn.now,
    }  # fmt: skip
    turn.book.record_coverage(turn.book._table("batches", [batch]), turn.book._table("rejects", []))
    return [("select count(*) = 1 and max(rows) >= ? from batches", [turn.number])]


@kind("record_pictures")
def _(turn: Turn) -> list[Found]:
    outcomes = [{"outcome": "hashed", "reason": "", "pictures": turn.number}]
    pictures = [hashes(PICTURE, (1, 2, 3, 4))]
    turn.book.record_pictures(
        pa.Table.from_pylist(pictures, schema=PICTURE_SCHEMA), pa.Table.from_pylist(outcomes)
    )
    return [
        ("select count(*) = 1 from pictures", []),
        ("select max(pictures) >= ? from picture_outcomes", [turn.number]),
    ]


@kind("record_brands")
def _(turn: Turn) -> list[Found]:
    turn.book.record_brands(ACME, {"acme": str(turn.number)}, now=turn.now)
    return [("select max(fingerprint::int) >= ? from brands", [turn.number])]


@kind("record_profiles")
def _(turn: Turn) -> list[Found]:
    profile = {
        "subject_key": FAN_KEY, "version": 1, "subject_kind": "account", "platform": "x",
        "native_id": "77", "handle": "acme_help", "followers": turn.number, "source": "files",
        "instance": "list", "position": 1, "batch_id": "one", "first_seen_at": NOW,
        "last_seen_at": turn.now, "left_out": 0,
    }  # fmt: skip
    pair = {"brand_id": "acme", "subject_key": FAN_KEY, "own": False}
    wanted = {"subject_key": FAN_KEY, "fresh": False, "misplaced": False}
    turn.book.record_profiles(
        turn.book._table("profiles", [profile]), [],
        pairs=pa.Table.from_pylist([pair]), wanted=pa.Table.from_pylist([wanted]),
        batches=[f"batch {turn.number}"], now=turn.now,
    )  # fmt: skip
    return [
        ("select count(*) = 1 and max(followers) >= ? from profiles", [turn.number]),
        ("select count(*) = 1 from profile_batches where batch_id = ?", [f"batch {turn.number}"]),
    ]


@kind("record_profile_traits")
def _(turn: Turn) -> list[Found]:
    told = {
        "brand_id": "acme", "subject_key": FAN_KEY, "reader": str(turn.number),
        "told_at": turn.now, "versions": 1, "traits": [], "ties": [],
    }  # fmt: skip
    turn.book.record_profile_traits([told], {}, **turn.weighing)
    return [("select max(reader::int) >= ? from profile_traits", [turn.number])]


@kind("join_accounts")
def _(turn: Turn) -> list[Found]:
    handle = f"acme{turn.number}"
    alias = account_key("x", None, handle)
    load(
        turn.book, f"handle {turn.number}",
        match(alias, "account", "handle", handle, "combosquat"), now=turn.now,
    )  # fmt: skip
    row = {
        "alias_key": alias, "subject_key": FAN_KEY, "held_from": NOW - 99 * HOUR,
        "held_to": NOW + 99 * HOUR, "outcome": "same", "says": "Seen as both",
    }  # fmt: skip
    turn.book.join_accounts(turn.book._table("subject_aliases", [row]), **turn.weighing)
    return [
        ("select count(*) = 1 from subject_aliases where alias_key = ?", [alias]),
        ("select workflow = 'closed' from cases where subject_key = ?", [alias]),
    ]


for _method in ("record_ties", "record_confirmed_ties", "weigh_again"):

    def _again(turn: Turn, method: str) -> list[Found]:
        getattr(turn.book, method)(**turn.weighing)
        return []

    KINDS[_method] = (_method, partial(_again, method=_method))


@kind("record_campaigns")
def _(turn: Turn) -> list[Found]:
    turn.book.record_campaigns()
    return []


@kind("tell_of_all_cases")
def _(turn: Turn) -> list[Found]:
    turn.book.tell_of_all_cases()
    return [("select count(*) = 0 from cases where reasons is null", [])]


# What people decide

_PARTICULARS: dict[DecisionKind, dict[str, Any]] = {
    DecisionKind.DISMISS: {"reason_code": "unrelated"},
    DecisionKind.NOTE: {"note": "looked at it"},
    DecisionKind.SNOOZE: {"until": NOW + 9_999 * HOUR},
    DecisionKind.ASSIGN: {"assignee": "bram"},
}
#: They lead from anywhere to where each decision is possible.
_ON_THE_WAY = (DecisionKind.REOPEN, DecisionKind.CONFIRM, DecisionKind.WATCH)


def ready_for(turn: Turn, case: str, wanted: DecisionKind) -> None:
    """Bring a case to where it can be decided so."""

    def can(kind: DecisionKind) -> bool:
        [(workflow,)] = turn.ask("select workflow from cases where case_id = ?", case)
        # Closing what was not decided needs that nothing is left of it.
        undecided = kind is DecisionKind.CLOSE and workflow in ("new", "triage", "reopened")
        return kind in possible(Workflow(workflow), Who.PERSON) and not undecided

    while not can(wanted):
        turn.decide(case, next(step for step in _ON_THE_WAY if can(step)))


for _decided in BY_HAND:

    def _decide(turn: Turn, wanted: DecisionKind) -> list[Found]:
        case = id_of(HOSTS[turn.number % len(HOSTS)])
        ready_for(turn, case, wanted)
        turn.decide(case, wanted, **_PARTICULARS.get(wanted, {}))
        return []

    KINDS[f"decide: {_decided}"] = ("decide", partial(_decide, wanted=_decided))


@kind("decide_all", "several at once")
def _(turn: Turn) -> list[Found]:
    several = [id_of(host) for host in HOSTS]
    note = Decision(kind="note", note=f"note {turn.number}")
    turn.book.decide_all(several, note, actor=ANNA, now=turn.now)
    told = "select count(*) = ? from events where kind = 'noted' and (data ->> '$.note') = ?"
    return [(told, [len(HOSTS), f"note {turn.number}"])]


@kind("wake_snoozed")
def _(turn: Turn) -> list[Found]:
    case = id_of(HOSTS[turn.number % len(HOSTS)])
    ready_for(turn, case, DecisionKind.SNOOZE)
    turn.decide(case, DecisionKind.SNOOZE, until=turn.now + SECOND)
    assert case in turn.book.wake_snoozed(now=turn.now + 2 * SECOND)
    return []


@kind("allow")
def _(turn: Turn) -> list[Found]:
    rule = allowed(turn)
    return [("select count(*) = 1 from allow_rules where rule_id = ?", [rule])]


def allowed(turn: Turn) -> str:
    until = (turn.now + 9_999 * HOUR).date()
    # A second rule for what one covers is refused.
    stands = turn.ask("select 1 from allow_rules where asset = ? and withdrawn_at is null", SOLD)
    asset = f"acme-sold-{turn.number}.example" if stands else SOLD
    rule = rule_of(asset=asset, reason="a dealer", author=ANNA, until=until, now=turn.now)
    return turn.book.allow("acme", rule, now=turn.now)[0]


@kind("withdraw_rule")
def _(turn: Turn) -> list[Found]:
    standing = turn.ask("select rule_id from allow_rules where withdrawn_at is null limit 1")
    rule = standing[0][0] if standing else allowed(turn)
    turn.book.withdraw_rule(rule, actor=ANNA, now=turn.now)
    withdrawn = "select withdrawn_at is not null from allow_rules where rule_id = ?"
    return [(withdrawn, [rule])]


@kind("merge")
def _(turn: Turn) -> list[Found]:
    turn.book.merge([id_of(one) for one in TIED], actor=ANNA, now=turn.now, note="one hand")
    return [("select count(*) = 1 from manual_ties where tied_at >= ?", [turn.now])]


@kind("split")
def _(turn: Turn) -> list[Found]:
    """Of cases that nothing ties there is nothing to write."""
    one, other = map(id_of, TIED)
    if turn.ask("select verdict from manual_ties where one_case_id = ?", min(one, other)) != [
        ("together",)
    ]:
        turn.book.merge([one, other], actor=ANNA, now=turn.now)
    assert turn.book.split(one, apart_from=[other], actor=ANNA, now=turn.now) == [other]
    return [("select count(*) = 1 from manual_ties where tied_at >= ?", [turn.now])]


def holding(turn: Turn, held: bool) -> None:
    """Where it is so already, it was otherwise first."""
    case = id_of(HELD)
    do = {True: turn.book.hold, False: turn.book.release}
    if turn.ask("select legal_hold from cases where case_id = ?", case) == [(held,)]:
        do[not held]([case], reason="the other way", actor=ANNA, now=turn.now)
    do[held]([case], reason="a court", actor=ANNA, now=turn.now)


@kind("hold")
def _(turn: Turn) -> list[Found]:
    holding(turn, True)
    return []


@kind("release")
def _(turn: Turn) -> list[Found]:
    holding(turn, False)
    return []


@kind("open_case")
def _(turn: Turn) -> list[Found]:
    case, new = turn.book.open_case(
        "acme", named(f"by-hand-{turn.number}.example"), reason="a customer called", actor=ANNA,
        now=turn.now, rank=rank, rank_version="1",
    )  # fmt: skip
    assert new
    return [("select count(*) = 1 from hand_opened where case_id = ?", [case])]


@kind("save_view")
def _(turn: Turn) -> list[Found]:
    name = f"view {turn.number}"
    turn.book.save_view(name, CaseQuery(brand="acme"), author=ANNA, now=turn.now)
    return [("select count(*) = 1 from saved_views where name = ?", [name])]


@kind("delete_view")
def _(turn: Turn) -> list[Found]:
    name = f"gone {turn.number}"
    turn.book.save_view(name, CaseQuery(brand="acme"), author=ANNA, now=turn.now)
    turn.book.delete_view(name)
    return [("select count(*) = 0 from saved_views where name = ?", [name])]


# Evidence, contacts and notices


@kind("record_capture")
def _(turn: Turn) -> list[Found]:
    row = capture(LOGIN_ID, LOGIN, turn.world.store, turn.now)
    turn.book.record_capture(row)
    return [("select count(*) = 1 from captures where capture_id = ?", [row["capture_id"]])]


@kind("record_pack")
def _(turn: Turn) -> list[Found]:
    pack = f"NP-{turn.number}"
    turn.book.record_pack(
        {
            "pack_id": pack, "case_id": LOGIN_ID, "made_at": turn.now, "actor": ANNA,
            "profile": "provider", "path": "p.zip", "tagmanifest_sha256": "0" * 64,
            "signed": False, "stamped": False,
        }
    )  # fmt: skip
    return [("select count(*) = 1 from packs where pack_id = ?", [pack])]


@kind("record_contacts")
def _(turn: Turn) -> list[Found]:
    found = [
        contact("host", f"abuse-{turn.number}@hosting.example", 1),
        contact("registrar", f"abuse-{turn.number}@registrar.example", 2),
    ]
    turn.book.record_contacts(FAN_ID, found, (), actor=ANNA, now=turn.now)
    kept = "select count(*) = 2 and min(updated_at) >= ? from contacts where case_id = ?"
    return [(kept, [turn.now, FAN_ID])]


def notice(turn: Turn, state: str) -> str:
    """One that stands so, and of which no sending is open: there already, or brought there."""
    known = turn.ask(
        "select action_id from actions where state = ? and sending_at is null limit 1", state
    )
    if known:
        return known[0][0]
    if state == "draft":
        return turn.world.draft((LOGIN_ID, PAY_ID)[turn.number % 2], now=turn.now, again=True)
    if state == "approved":
        action = notice(turn, "draft")
        turn.world.approve(action, now=turn.now, without_capture="seen by hand")
        return action
    action = notice(turn, "approved")
    turn.book.sent_by_hand(action, actor=ANNA, now=turn.now)
    return action


@kind("draft_action")
def _(turn: Turn) -> list[Found]:
    action = turn.world.draft(LOGIN_ID, now=turn.now, again=True)
    cases = "select count(*) = 1 from action_cases where action_id = ?"
    return [("select count(*) = 1 from actions where action_id = ?", [action]), (cases, [action])]


@kind("draft_action", "drafted anew")
def _(turn: Turn) -> list[Found]:
    # Of an approved one nothing of the approval is left.
    turn.world.revise(notice(turn, "approved"), now=turn.now)
    return []


@kind("approve_action")
def _(turn: Turn) -> list[Found]:
    action = notice(turn, "draft")
    turn.world.approve(action, now=turn.now, without_capture="seen by hand")
    return []


@kind("begin_sending")
def _(turn: Turn) -> list[Found]:
    turn.book.begin_sending(notice(turn, "approved"), actor=ANNA, now=turn.now)
    return []


for _taken in (True, False, None):

    def _end(turn: Turn, taken: bool | None) -> list[Found]:
        action = notice(turn, "approved")
        begun = turn.book.begin_sending(action, actor=ANNA, now=turn.now)
        turn.book.end_sending(
            action, sending=begun.sending, taken=taken, says="250 OK", actor=ANNA, now=turn.now,
            sent_sha256="0" * 64,
        )  # fmt: skip
        sent = "select sent_at is not null from actions where action_id = ?"
        return [(sent, [action])] if taken else []

    KINDS[f"end_sending: {_taken}"] = ("end_sending", partial(_end, taken=_taken))

for _out in (True, False):

    def _settle(turn: Turn, went_out: bool) -> list[Found]:
        open_still = turn.ask("select action_id from actions where sending_at is not null limit 1")
        if not open_still:
            open_still = [(notice(turn, "approved"),)]
            turn.book.begin_sending(open_still[0][0], actor=ANNA, now=turn.now)
        [(action,)] = open_still
        # Before that the mail may be under way.
        later = turn.now + 2 * HOUR
        turn.book.settle_sending(action, went_out=went_out, actor=ANNA, now=later)
        sent = "select sent_at is not null from actions where action_id = ?"
        return [(sent, [action])] if went_out else []

    KINDS[f"settle_sending: {_out}"] = ("settle_sending", partial(_settle, went_out=_out))


@kind("sent_by_hand")
def _(turn: Turn) -> list[Found]:
    action = notice(turn, "approved")
    turn.book.sent_by_hand(action, actor=ANNA, now=turn.now)
    return [("select sent_at is not null from actions where action_id = ?", [action])]


@kind("log_reply")
def _(turn: Turn) -> list[Found]:
    action = notice(turn, "sent")
    digest = turn.world.store.keep(f"we look at it, {turn.number}".encode())
    reply = Reply(received_at=turn.now, channel="mail", content_sha256=digest)
    turn.book.log_reply(action, reply, made=ActionMove.ACKNOWLEDGE, actor=ANNA, now=turn.now)
    kept = "select count(*) = 1 from action_replies where content_sha256 = ?"
    return [(kept, [digest])]


@kind("move_action")
def _(turn: Turn) -> list[Found]:
    action = notice(turn, "sent")
    turn.book.move_action(action, ActionMove.DENY, actor=ANNA, now=turn.now, outcome="they refuse")
    return [("select state = 'denied' from actions where action_id = ?", [action])]


@kind("mark_overdue")
def _(turn: Turn) -> list[Found]:
    action = notice(turn, "sent")
    assert action in turn.book.mark_overdue(now=turn.now + 999 * HOUR)
    return []


@kind("propose")
def _(turn: Turn) -> list[Found]:
    step = Proposed(case_id=PAY_ID, rung="registrar", why=f"no answer, {turn.number}")
    assert turn.book.propose([step], now=turn.now) == [step]
    return []


@kind("execute_by_check")
def _(turn: Turn) -> list[Found]:
    action = notice(turn, "sent")
    [(case,)] = turn.ask("select case_id from action_cases where action_id = ?", action)
    assert action in turn.book.execute_by_check(case, turn.now)
    return [("select state = 'executed' from actions where action_id = ?", [action])]


# Looking again


def confirmed(turn: Turn) -> str:
    """A case of its own: what came back before is doubted longer each time."""
    host = f"acme-gone-{turn.number}.example"
    load(turn.book, f"gone {turn.number}", *host_matches(host), now=turn.now)
    turn.decide(id_of(host), DecisionKind.CONFIRM)
    return id_of(host)


def rounds(turn: Turn, case: str, *seen: tuple[float, bool]) -> list[str]:
    """Hours after it was confirmed, and whether it was down; the kinds of what happened."""
    made = []
    for hours, down in seen:
        state = SubjectState.UNREGISTERED if down else SubjectState.LIVE
        views = [
            View(vantage=place, state=state, down=down, says="as seen", dns=str(turn.number))
            for place in ("here", "far")
        ]
        made.append(Round(case_id=case, checked_at=turn.now + hours * HOUR, views=tuple(views)))
    (told,) = turn.book.record_checks(made, pace=PACE, now=made[-1].checked_at)
    return [str(one) for one in told.kinds]


def looked(turn: Turn, rows: int) -> list[Found]:
    return [("select count(*) = ? from checks where dns = ?", [rows, str(turn.number)])]


@kind("record_checks", "down")
def _(turn: Turn) -> list[Found]:
    assert "down" in rounds(turn, confirmed(turn), (1, False), (2, True), (4, True))
    return looked(turn, 6)


@kind("record_checks", "back")
def _(turn: Turn) -> list[Found]:
    case = confirmed(turn)
    assert "down" in rounds(turn, case, (1, True), (3, True))
    assert "relapsed" in rounds(turn, case, (4, False))
    return looked(turn, 6)


@kind("record_checks", "resolved")
def _(turn: Turn) -> list[Found]:
    # Without a hole in which nobody knows what it was.
    seen = [(hours, True) for hours in range(1, 16)]
    assert "resolved" in rounds(turn, confirmed(turn), *seen)
    return looked(turn, 30)


# Learning, telling, deleting


def fitted(turn: Turn) -> str:
    version = f"fit-{turn.number}"
    turn.book.keep_weights(
        {
            "version": version, "made_at": turn.now, "actor": ANNA, "verdicts": 0,
            "fitted_on": "1", "weights": "{}", "report": "{}", "better": True,
            "updated_at": turn.now,
        }
    )  # fmt: skip
    return version


@kind("keep_weights")
def _(turn: Turn) -> list[Found]:
    return [("select count(*) = 1 from weight_versions where version = ?", [fitted(turn)])]


@kind("activate_weights")
def _(turn: Turn) -> list[Found]:
    version = fitted(turn)
    turn.book.activate_weights(version, actor=ANNA, now=turn.now)
    activated = "select activated_at is not null from weight_versions where version = ?"
    return [(activated, [version]), ("select count(*) <= 1 from weight_versions where active", [])]


@kind("go_back")
def _(turn: Turn) -> list[Found]:
    version = turn.book.learned().version
    if not version:
        version = fitted(turn)
        turn.book.activate_weights(version, actor=ANNA, now=turn.now)
    turn.book.go_back(actor=ANNA, now=turn.now)
    withdrawn = "select withdrawn_at is not null from weight_versions where version = ?"
    return [(withdrawn, [version])]


@kind("record_alerts")
def _(turn: Turn) -> list[Found]:
    alert = f"alert {turn.number}"
    told = Alert(alert_id=alert, kind="opened", summary="new", case_id=PAY_ID, brand_id="acme")
    turn.book.record_alerts([told], now=turn.now)
    return [("select count(*) = 1 from alerts where alert_id = ?", [alert])]


@kind("record_deletions")
def _(turn: Turn) -> list[Found]:
    row = {"class": "captures", "rule": "a year", "items": 2, "bytes": 10, "held": 0}
    turn.book.record_deletions(
        [row], {PAY_ID: {"captures": 2}}, actor="flow:retention", now=turn.now
    )
    return [("select count(*) = 1 from deletions where deleted_at = ?", [turn.now])]


def bound_of(given: list[Any]) -> list[Any]:
    """As JSON carries it."""
    return json.loads(json.dumps(given, default=datetime.isoformat))
