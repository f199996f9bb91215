"""What decisions rest on, told again from the history: what people said, and what was seen.

Per case: that a person asked for it, and the looks by which it counts as down or as back. Over
all cases, because an event of one is about another too: which cases people tied together or keep
apart, and the allow rules by which cases were dismissed.
Pure: no database. May import: namaak.casework.events, replay, retelling and rowdigest,
namaak.records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from namaak.casework.events import EventKind, utc_text
from namaak.casework.replay import Event, data_of, shown
from namaak.casework.retelling import Kept, differs
from namaak.casework.rowdigest import row_digest
from namaak.records import case_id as case_id_of

Row = Mapping[str, Any]
#: Rounds of looking that an event rests on.
_ROUNDS = ("last_up", "first", "second", "seen")
_SEEN = frozenset({EventKind.DOWN, EventKind.RESOLVED, EventKind.RELAPSED})
#: Classes of [retention] that are evidence of cases.
_THINNED = frozenset({"captures", "notices"})
_TOLD_HERE = _SEEN | {EventKind.NOTED}


def grounds_otherwise(kept: Kept, events: Sequence[Event]) -> Iterator[str]:
    """Where what a case rests on is not what its events say, as sentences. events: in their order.

    Only looks that an event names are held against it: most come and go without one.
    """
    if not kept.hand_opened and not any(event.kind in _TOLD_HERE for event in events):
        return
    asked: dict[str, Any] | None = None
    looks: dict[str, dict[str, Row]] = {}
    for look in kept.checks:
        looks.setdefault(utc_text(look["checked_at"]), {})[look["vantage"]] = look
    said: dict[str, None] = {}
    for event in events:
        data = event.data
        match event.kind:
            case EventKind.NOTED if data.get("by_hand"):
                before = asked or {"opened_at": event.happened_at, "url": None}
                asked = {
                    **before, "reason": data.get("note"), "actor": event.actor,
                    "url": data.get("url") or before["url"], "updated_at": event.happened_at,
                }  # fmt: skip
            case EventKind.RELAPSED if data.get("seen_at") and not data.get("seen"):
                # As an older version wrote it.
                if str(data["seen_at"]) not in looks:
                    yield f"the look of {data['seen_at']}, by which it is back, is gone"
            case EventKind.DOWN | EventKind.RESOLVED | EventKind.RELAPSED:
                for told in _rounds_of(data):
                    for what in _round_otherwise(told, looks):
                        # One look may be why it is down, and one of those by which it is resolved.
                        said.setdefault(what)
    yield from said
    row = next(iter(kept.hand_opened), None)
    if row is not None and asked is not None:
        for name, says in asked.items():
            yield from differs("what a person asked for", name, row[name], says)
    elif row is not None:
        yield "that a person asked for it is in no event of it"
    elif asked is not None:
        yield "what a person asked for is gone, and its history names it"


def grounds_left_out(events: Sequence[Event]) -> bool:
    """Whether an older version wrote of what was seen without a digest of each look, or of a rule
    without one of it."""
    for event in events:
        if event.kind == EventKind.DISMISSED and event.data.get("rule"):
            if not event.data.get("rule_sha256"):
                return True
            continue
        if event.kind not in _SEEN:
            continue
        # That it is resolved a person may say as well, and rests on no look then.
        by_looks = event.kind != EventKind.RESOLVED or "rounds" in event.data
        views = [view for told in _rounds_of(event.data) for view in _views_of(told)]
        if by_looks and not (views and all(view.get("row_sha256") for view in views)):
            return True
    return False


def _rounds_of(data: Row) -> Iterator[Row]:
    """Rounds of looking that an event rests on."""
    looks = data.get("looks")
    for found in (*map(data.get, _ROUNDS), *(looks if isinstance(looks, list) else ())):
        if isinstance(found, Mapping):
            yield found


def _views_of(told: Row) -> Iterator[Row]:
    views = told.get("views")
    for view in views if isinstance(views, list) else ():
        # What somebody wrote there by hand the chain tells.
        if isinstance(view, Mapping) and isinstance(view.get("vantage"), str):
            yield view


def _round_otherwise(told: Row, looks: Mapping[str, Mapping[str, Row]]) -> Iterator[str]:
    at = str(told.get("checked_at"))
    seen = looks.get(at, {})
    for view in _views_of(told):
        about = f"the look of {at} from {view['vantage']}"
        row = seen.get(view["vantage"])
        if row is None:
            yield f"{about} is gone, and its history rests on it"
            continue
        found = [
            what
            for name in ("state", "says")
            if name in view
            for what in differs(about, name, row[name], view[name])
        ]
        yield from found
        says = view.get("row_sha256")
        if says is None or found:
            continue
        if row_digest(row, but=("row_sha256",)) != says:
            yield f"{about} was changed: its row is not the one that its history names by a digest"


def ties_otherwise(said: Iterable[Row], rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """A case, and where what was said of it and another is not what events say.

    said: the events of merging and splitting of all cases, in their order. rows: of manual_ties.
    """
    there = {(row["one_case_id"], row["other_case_id"]): row for row in rows}
    told = _ties_told(said)
    for pair in sorted(there.keys() | told.keys()):
        one, other = pair
        about = f"what a person said of it and {other}"
        if pair not in told:
            yield one, f"{about} is in no event"
        elif pair not in there:
            yield one, f"{about} is gone, and the history names it"
        else:
            for name, says in told[pair].items():
                for what in differs(about, name, there[pair][name], says):
                    yield one, what


def _ties_told(said: Iterable[Row]) -> dict[tuple[str, str], dict[str, Any]]:
    ties: dict[tuple[str, str], dict[str, Any]] = {}
    echoes = 0  # the same, as it stands in the history of the others
    for event in said:
        if echoes:
            echoes -= 1
            continue
        case, data = event["case_id"], data_of(event["data"])
        together = event["kind"] == EventKind.MERGED
        others = data.get("with" if together else "apart_from")
        others = [str(one) for one in others] if isinstance(others, list) else []
        echoes = len(others)
        if not together and not others:
            # It stands alone: what tied it is forgotten.
            ties = {
                pair: tie for pair, tie in ties.items()
                if case not in pair or tie["verdict"] != "together"
            }  # fmt: skip
        tie = {
            "verdict": "together" if together else "apart", "actor": event["actor"],
            "note": data.get("note"), "tied_at": event["happened_at"],
        }  # fmt: skip
        for other in others or [case]:
            ties[min(case, other), max(case, other)] = tie
    return ties


def deletions_otherwise(thinned: Iterable[Row], log: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """Where the log of deletions is not what events say: a case, or the time of a row, and what.

    thinned: the events that say so, of all cases. log: rows of deletions; a file of several cases
    counts once there. What is no evidence of a case no event tells of.
    """
    log = list(log)
    told: Counter[tuple[Any, str, str]] = Counter()
    logged = {(row["deleted_at"], row["class"], row["actor"]): row["items"] for row in log}
    for event in thinned:
        for name, items in data_of(event["data"]).items():
            place = (event["happened_at"], name, event["actor"])
            told[place] += items if isinstance(items, int) else 0
            found = logged.get(place)
            if isinstance(items, int) and (found is None or found < items):
                says = f"{name} of it were deleted, and the log of deletions says otherwise"
                yield event["case_id"], says
    for place, items in logged.items():
        if place[1] in _THINNED and items > told[place]:
            says = f"the log of deletions names {items} {place[1]}, and the history {told[place]}"
            yield utc_text(place[0]), says


def rules_otherwise(said: Iterable[Row], rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """The id of an allow rule, and where it is not what events or its own id say.

    said: rule_id, kind (dismissed; reopened or noted because it was withdrawn), actor, happened_at,
    note and rule_sha256, each once. rows: of allow_rules. Of a rule that hid no case no event
    tells: only its brand, asset and time are held against its id.
    """
    said = list(said)
    there = {row["rule_id"]: row for row in rows}
    for rule, row in there.items():
        made = case_id_of(row["brand_id"], f"{row['asset']}\0{row['made_at'].isoformat()}")
        if rule != "NR-" + made.removeprefix("NK-"):
            yield rule, "its id is not that of this brand, asset and time"
    for event in said:
        rule = event["rule_id"]
        if rule not in there:
            yield rule, "this allow rule is gone, and the history names it"
            continue
        row = there[rule]
        if event["kind"] == EventKind.DISMISSED:
            says = {
                "author": event["actor"], "made_at": event["happened_at"],
                "until and reason": event["note"],
            }  # fmt: skip
            stood = {**row, "until and reason": f"allowed until {row['until']}: {row['reason']}"}
            for name, what in says.items():
                for found in differs("this allow rule", name, stood[name], what):
                    yield rule, found
        elif row["withdrawn_at"] is None:
            yield rule, "this allow rule holds, and the history says that it was withdrawn"
    # Who names the digest of a rule tells its withdrawal too; older versions told of some.
    whole = {event["rule_id"] for event in said if event["rule_sha256"]} & there.keys()
    told = {
        (event["rule_id"], event["actor"], event["happened_at"])
        for event in said
        if event["kind"] != EventKind.DISMISSED
    }
    for rule in sorted(whole):
        row = there[rule]
        by, at = row["withdrawn_by"], row["withdrawn_at"]
        if (by is not None or at is not None) and (rule, by, at) not in told:
            when = utc_text(at) if at is not None else "no time"
            yield rule, f"it was withdrawn by {shown(by)} at {when}, and no event says so"
