"""The history of a case in words: one sentence for each event, whoever wrote it.

Every kind of event has words here; what an event says beside them (a note, why, until when) follows
in the same sentence. Texts of strangers pass through unchanged: whoever shows them makes them
visible or escapes them.
Pure. May import: namaak.casework.events, lifecycle and replay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from namaak.casework.events import EventKind
from namaak.casework.lifecycle import FLOW_PREFIX
from namaak.casework.replay import data_of

Data = Mapping[str, Any]
_Words = Callable[[Data], str]
#: Of a list in one sentence; the others are counted.
_SHOWN = 5


def in_words(event: Mapping[str, Any]) -> str:
    """What happened, without when and by whom. event: a row of events.

    >>> in_words({"kind": "dismissed", "data": '{"reason_code":"licensed","note":"a dealer"}'})
    'dismissed as licensed: a dealer'
    """
    data = data_of(event["data"])
    kind = event["kind"]
    # A casebook of a newer namaak may hold kinds that this one has no words for.
    said = _WORDS[EventKind(kind)](data) if kind in _WORDS else str(kind).replace("-", " ")
    note = data.get("note")
    return f"{said}: {note}" if note and kind != EventKind.NOTED else said


def by_whom(actor: str) -> str:
    """Who did it, as people say it.

    >>> by_whom("anna"), by_whom("flow:wake")
    ('anna', 'namaak (wake)')
    """
    if actor.startswith(FLOW_PREFIX):
        return f"namaak ({actor.removeprefix(FLOW_PREFIX)})"
    return actor


def _from_to(data: Data) -> str:
    before, after = data.get("from"), data.get("to")
    if isinstance(before, str) and isinstance(after, str) and before != after:
        return f" ({before} to {after})"
    return ""


def _why(data: Data) -> str:
    why = data.get("why") or data.get("says")
    if isinstance(why, list | tuple):
        why = ", ".join(str(one) for one in why)
    return f": {why}" if why else ""


def _plain(words: str) -> _Words:
    return lambda data: f"{words}{_from_to(data)}{_why(data)}"


def _opened(data: Data) -> str:
    score, band = data.get("score"), data.get("band")
    rank = f", {band}, {score} of 100" if score is not None else ""
    if data.get("kind") == "by-hand":
        return f"became a case because somebody asked for it{rank}"
    return f"became a case{rank}"


def _moved(data: Data) -> str:
    before, after = data.get("from"), data.get("to")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        stands = f"{after.get('band')} {after.get('score')}"
        if stands == f"{before.get('band')} {before.get('score')}":
            return f"ranks as before, {stands}, on other grounds{_why(data)}"
        moved = f"{before.get('band')} {before.get('score')} to {stands}"
        return f"ranks otherwise, {moved}{_why(data)}"
    return f"ranks otherwise{_why(data)}"


def _renamed(data: Data) -> str:
    return f"is called {data.get('to')} now; it was {data.get('from')}"


def _joined(data: Data) -> str:
    if data.get("into"):
        kept = f", and stays {data['kept']}" if data.get("kept") else ""
        return f"turned out to be {data.get('subject')}, case {data['into']}{kept}{_why(data)}"
    carried = "; what was decided there goes on here" if data.get("carried") else ""
    return (
        f"turned out to be {data.get('subject')} as well, case {data.get('joined')}{carried}"
        f"{_why(data)}"
    )


def _dismissed(data: Data) -> str:
    said = f"dismissed as {data.get('reason_code')}"
    if data.get("duplicate_of"):
        said += f" of {data['duplicate_of']}"
    if data.get("rule"):
        said += f" by the allow rule {data['rule']}"
    return said


def _snoozed(data: Data) -> str:
    until = str(data.get("until") or "")[:16].replace("T", " ")
    ends = [f"until {until}Z"] if until else []
    ends += ["until it changes"] if data.get("on_change") else []
    return f"snoozed {' or '.join(ends)}"


def _assigned(data: Data) -> str:
    to, before = data.get("assignee_to"), data.get("assignee_from")
    if to is None:
        return f"taken from {before}" if before else "given back"
    return f"given to {to}" + (f"; it was {before}'s" if before else "")


def _resolved(data: Data) -> str:
    since = str(data.get("down_since") or data.get("since") or "")[:16].replace("T", " ")
    return f"resolved{f', down since {since}Z' if since else ''}{_why(data)}"


def _noted(data: Data) -> str:
    if data.get("by_hand"):
        link = f" ({data['url']})" if data.get("url") else ""
        return f"asked for as a case{link}: {data.get('note')}"
    return f"noted: {data.get('note')}"


def _enforced(data: Data) -> str:
    action = f" {data['action_id']}" if data.get("action_id") else ""
    return f"enforced: the notice{action} went out"


def _changed(data: Data) -> str:
    found = data.get("changes") or data.get("changed") or data.get("diff")
    if isinstance(found, Mapping):
        found = [f"{name} was {_pair(value)}" for name, value in found.items()]
    if isinstance(found, list | tuple):
        shown = "; ".join(_change(one) for one in found[:_SHOWN])
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return f"looks otherwise than before: {shown}{more}"
    return f"looks otherwise than before{_why(data)}"


def _change(one: object) -> str:
    if isinstance(one, Mapping):
        return str(one.get("says") or one.get("aspect") or "something")
    return str(one)


def _down(data: Data) -> str:
    since = str(data.get("since") or "")[:16].replace("T", " ")
    says = f"seen down twice, from every vantage{f', since {since}Z' if since else ''}"
    but = data.get("reservations")
    return f"{says}; {', '.join(map(str, but))}" if isinstance(but, list) and but else says


def _pair(value: object) -> str:
    if isinstance(value, list | tuple) and len(value) == 2:
        return f"{value[0]} and is {value[1]}"
    return str(value)


def _merged(data: Data) -> str:
    others = data.get("with") or []
    return f"said to be of one hand with {', '.join(map(str, others))}"


def _split(data: Data) -> str:
    others = data.get("apart_from")
    if others:
        return f"said not to be of one hand with {', '.join(map(str, others))}"
    return "taken out of its campaign: it stands alone"


def _action(data: Data) -> str:
    where = data.get("provider") or data.get("route") or "somebody"
    before, after = data.get("from"), data.get("to")
    moved = f"{before} to {after}" if before else str(after)
    return f"the notice {data.get('action_id')} to {where} moved: {moved}"


def _replied(data: Data) -> str:
    sender = data.get("sender") or data.get("provider") or "somebody"
    summary = f": {data['summary']}" if data.get("summary") else ""
    return f"{sender} answered the notice {data.get('action_id', '')}{summary}"


def _captured(data: Data) -> str:
    what = data.get("url") or data.get("final_url") or "its page"
    outcome = f" ({data['outcome']})" if data.get("outcome") else ""
    return f"{what} was visited and kept as evidence{outcome}"


def _packed(data: Data) -> str:
    profile = f" for {data['profile']}" if data.get("profile") else ""
    return f"an evidence pack was made{profile}"


def _contacts_found(data: Data) -> str:
    scopes = data.get("scopes")
    of = ", ".join(f"{n} {name}" for name, n in scopes.items()) if isinstance(scopes, dict) else ""
    said = f"whom to write to was looked up: {data.get('contacts', 0)} contacts"
    said += f" ({of})" if of else ""
    if vain := data.get("in_vain"):
        said += f", {vain} looked for in vain"
    for name, word in (("added", "new"), ("removed", "gone")):
        found = data.get(name)
        if isinstance(found, list) and found:
            more = len(found) - _SHOWN + (data.get(f"more_{name}") or 0)
            rest = f"; and {more} more" if more > 0 else ""
            said += f"; {word}: {'; '.join(map(str, found[:_SHOWN]))}{rest}"
    return said


def _proposed(data: Data) -> str:
    rung = data.get("rung") or data.get("route") or data.get("next") or "the next rung"
    return f"no answer came in time; {rung} is proposed{_why(data)}"


def _thinned(data: Data) -> str:
    what = data.get("class") or data.get("what") or "what was kept of it"
    return f"{what} was deleted, because its time was over{_why(data)}"


_WORDS: dict[EventKind, _Words] = {
    EventKind.OPENED: _opened,
    EventKind.SCORE_CHANGED: _moved,
    EventKind.STATE_CHANGED: _plain("is in another state"),
    EventKind.RETURNED: _plain("is there again"),
    EventKind.SUPPRESSED: _plain("its evidence is the brand's own, or allowed"),
    EventKind.WITHDRAWN: _plain("nothing is found in it any more"),
    EventKind.SUPPORTED: _plain("there is evidence again"),
    EventKind.RENAMED: _renamed,
    EventKind.JOINED: _joined,
    EventKind.TRIAGED: _plain("taken up"),
    EventKind.CONFIRMED: _plain("confirmed: it poses as the brand"),
    EventKind.DISMISSED: _dismissed,
    EventKind.WATCHED: _plain("watched from now on"),
    EventKind.SNOOZED: _snoozed,
    EventKind.ASSIGNED: _assigned,
    EventKind.REOPENED: _plain("opened again"),
    EventKind.CLOSED: _plain("closed"),
    EventKind.NOTED: _noted,
    EventKind.ENFORCED: _enforced,
    EventKind.RESOLVED: _resolved,
    EventKind.RELAPSED: _plain("is back after it was down"),
    EventKind.DOWN: _down,
    EventKind.CHANGED: _changed,
    EventKind.MERGED: _merged,
    EventKind.SPLIT: _split,
    EventKind.HELD: _plain("put under legal hold"),
    EventKind.RELEASED: _plain("released from legal hold"),
    EventKind.CAPTURED: _captured,
    EventKind.PACKED: _packed,
    EventKind.CONTACTS_FOUND: _contacts_found,
    EventKind.PROPOSED: _proposed,
    EventKind.ACTION_CHANGED: _action,
    EventKind.REPLIED: _replied,
    EventKind.THINNED: _thinned,
}
