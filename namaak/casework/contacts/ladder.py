"""The ladder: whom to try next, once what was tried did not help.

The rungs are ladder.toml; this decides from a case's facts, its contacts and what was done so far
which of them are open, and says why. It proposes; nothing is drafted or sent here.
Pure, but for ladder.toml, which is read once. May import: namaak.casework.contacts, namaak.records.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from namaak.casework.contacts.contact import Contact, contact_of
from namaak.casework.contacts.facts import CaseFacts
from namaak.casework.contacts.providers import Route, route_of
from namaak.casework.contacts.scopes import Abuse, Scope
from namaak.records import ActionState, SubjectState

#: The subject is gone: there is nothing left to ask for.
_GONE = frozenset({SubjectState.REMOVED, SubjectState.SUSPENDED, SubjectState.UNREGISTERED})
_AT_WORK = frozenset({ActionState.DRAFT, ActionState.APPROVED})
_WAITING = frozenset(
    {
        ActionState.SENT, ActionState.ACKNOWLEDGED, ActionState.INFO_REQUESTED,
        ActionState.ACCEPTED,
    }
)  # fmt: skip
#: Nobody approved these, or somebody took them back.
_OURS = frozenset({ActionState.DRAFT, ActionState.WITHDRAWN})
_IN_VAIN = frozenset({ActionState.DENIED, ActionState.NO_REPLY})
#: What is said to be done needs a while until everybody sees it: caches, name servers.
_SETTLES = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the ladder."""

    id: str
    kinds: frozenset[str]  #: of subjects
    scopes: tuple[Scope, ...]
    accepts: frozenset[Abuse]
    wait_days: int
    urgent_days: int
    says: str
    after: tuple[str, ...] = ()
    parallel: bool = False
    needs_mark: bool = False
    one_of: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a person may do next, and why."""

    rung: Rung
    contact: Contact
    route: Route | None  #: what is known of this way; None where no table has it
    claims: frozenset[Abuse]  #: what may be claimed there
    action_id: str | None  #: of what went before and led nowhere
    why: str
    due: datetime  #: since when it could be done


@dataclass(frozen=True, slots=True)
class _Standing:
    """How far one door of a rung is."""

    over: bool  #: tried in vain
    since: datetime | None = None  #: when that became so
    action_id: str | None = None
    why: str = ""


def next_rungs(
    facts: CaseFacts,
    contacts: Sequence[Contact | Mapping[str, Any]],
    actions: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    has_mark: bool = False,
) -> tuple[Proposal, ...]:
    """What may be done now, in the ladder's order; empty where nothing is due or left.

    contacts: in order of rank, of `ranked` or rows of contacts. actions: rows of the case's
    actions, of which action_id, rung, scope, provider_id, address, state, sent_at, due_at and
    ended_at are looked at. has_mark: the brand has a registered mark.
    """
    if facts.subject_state in _GONE:
        return ()
    facts = replace(facts, abuse=facts.abuse | claimed_in(actions))
    state = _State(facts, [_contact(one) for one in contacts], actions, now, has_mark)
    proposals: list[Proposal] = []
    for step in rungs_of(facts):
        proposals += state.of(step)
    # What a redirect leads to is proposed as well, and never in front.
    return tuple(sorted(proposals, key=lambda one: not state.leads(one.contact)))


def claimed_in(actions: Iterable[Mapping[str, Any]]) -> frozenset[Abuse]:
    """What people claimed in notices that they approved: the next door may be told the same."""
    claims: set[Abuse] = set()
    for one in actions:
        if one["state"] in _OURS or not one.get("fields"):
            continue
        said = json.loads(one["fields"]).get("abuse") or ()
        claims |= {Abuse(word) for word in said if word in [*Abuse]}
    return frozenset(claims)


def rungs_of(facts: CaseFacts) -> tuple[Rung, ...]:
    """The ladder of such a case, from the first rung; not all of them lead somewhere."""
    return tuple(step for step in _ladder().values() if facts.subject_kind in step.kinds)


def rung(rung_id: str) -> Rung:
    """One by its id. Raises KeyError."""
    return _ladder()[rung_id]


def rung_of_scope(scope: str, subject_kind: str) -> Rung | None:
    """The rung on which such a door stands; None for doors that no ladder leads to."""
    return next(
        (one for one in _ladder().values() if scope in one.scopes and subject_kind in one.kinds),
        None,
    )


def is_urgent(claims: Iterable[Abuse]) -> bool:
    """Whether people are being harmed while one waits."""
    return not _urgent().isdisjoint(claims)


def due_at(
    rung_id: str, route: Route | None, sent_at: datetime, *, claims: Iterable[Abuse] = ()
) -> datetime:
    """When no answer is one. What the provider says wins over the ladder's own days."""
    step = rung(rung_id)
    days = step.urgent_days if is_urgent(claims) else step.wait_days
    if route is not None and route.days is not None:
        days = route.days
    return sent_at + timedelta(days=days)


class _State:
    """One look at a case: its doors by rung, and what became of each."""

    def __init__(
        self,
        facts: CaseFacts,
        contacts: Sequence[Contact],
        actions: Sequence[Mapping[str, Any]],
        now: datetime,
        has_mark: bool,
    ) -> None:
        self._facts = facts
        self._contacts = contacts
        self._actions = [one for one in actions if one["state"] != ActionState.WITHDRAWN]
        self._now = now
        self._has_mark = has_mark

    def leads(self, one: Contact) -> bool:
        """Whether it is a door of the case itself, and more than a name says whose.

        The other side chooses where redirects lead and what its range is called.
        """
        return self._facts.on_site(one.hop) and not one.named_only

    def of(self, step: Rung) -> list[Proposal]:
        """The proposals of one rung: of each door that was not tried yet."""
        if not self._claims(step) or (step.needs_mark and not self._has_mark):
            return []
        before = [] if step.parallel else self._before(step)
        if before is None:
            return []
        doors = self._doors(step)
        if step.one_of and any(self._tried(step, best) for best in doors):
            return []
        latest = max(before, key=lambda one: one.since or self._now, default=None)
        proposals = []
        for best in doors:
            if self._tried(step, best) or self._open_elsewhere(step, best):
                continue
            route = _route(best)
            proposals.append(
                Proposal(
                    rung=step,
                    contact=best,
                    route=route,
                    claims=self._claims_at(step, route),
                    action_id=latest.action_id if latest else None,
                    why=_why(step, latest),
                    due=(latest.since if latest else None) or self._now,
                )
            )
            if step.one_of:
                break
        return proposals

    def _before(self, step: Rung) -> list[_Standing] | None:
        """What was tried in vain on the rungs below; None while one of them is still open."""
        standings: list[_Standing] = []
        for name in step.after:
            below = rung(name)
            reached = self._over(below)
            if reached is None:
                return None
            standings += reached
        return standings

    def _over(self, step: Rung) -> list[_Standing] | None:
        """As `_before`, with this rung; one that leads nowhere is passed by.

        So are doors that the other side may have chosen: nobody else waits for them.
        """
        doors = [one for one in self._doors(step) if self.leads(one)]
        if not doors or not self._claims(step):
            return self._before(step)
        standings = []
        for best in doors:
            tried = [self._standing(step, one) for one in self._tried(step, best)]
            over = [one for one in tried if one.over]
            if not over or len(over) < len(tried):
                return None
            standings.append(max(over, key=lambda one: one.since or self._now))
        return standings

    def _standing(self, step: Rung, action: Mapping[str, Any]) -> _Standing:
        state, name = action["state"], action.get("provider_name") or action.get("address") or ""
        named = f"{step.id} {name}".strip()
        if state in _IN_VAIN:
            says = "refused" if state == ActionState.DENIED else "did not answer"
            since = action.get("ended_at") or action.get("due_at") or self._now
            return _Standing(True, since, action["action_id"], f"{named} {says}")
        if state == ActionState.EXECUTED:
            done = (action.get("ended_at") or self._now) + _SETTLES
            if done > self._now or self._facts.subject_state != SubjectState.LIVE:
                return _Standing(False)
            return _Standing(
                True, done, action["action_id"], f"{named} acted, and it is still there"
            )
        if state in _WAITING and (sent := action.get("sent_at")) is not None:
            due = action.get("due_at") or due_at(step.id, None, sent, claims=self._facts.abuse)
            if due <= self._now:
                return _Standing(
                    True, due, action["action_id"], f"{named} did not act by {due:%Y-%m-%d}"
                )
        return _Standing(False)

    def _claims(self, step: Rung) -> frozenset[Abuse]:
        return step.accepts & self._facts.abuse

    def _claims_at(self, step: Rung, route: Route | None) -> frozenset[Abuse]:
        claims = self._claims(step)
        return claims if route is None else claims & route.accepts

    def _doors(self, step: Rung) -> list[Contact]:
        """The best way to each who stands on this rung and takes such a claim."""
        best: dict[str, Contact] = {}
        for one in self._contacts:
            if one.scope in step.scopes and self._claims_at(step, _route(one)):
                best.setdefault(_door(one), one)
        # Where somebody's door is known, a guess at another is not.
        sure = {(one.scope, one.hop) for one in best.values() if not one.guess}
        return [one for one in best.values() if not one.guess or (one.scope, one.hop) not in sure]

    def _tried(self, step: Rung, best: Contact) -> list[Mapping[str, Any]]:
        door = _door(best)
        return [
            one
            for one in self._actions
            if (one.get("rung") == step.id or one.get("scope") in step.scopes)
            and door in (one.get("provider_id"), one.get("address"), _domain(one.get("address")))
        ]

    def _open_elsewhere(self, step: Rung, best: Contact) -> bool:
        """Somebody who stands on two rungs is written to once at a time."""
        others = (
            one
            for one in self._actions
            if best.provider_id is not None and one.get("provider_id") == best.provider_id
        )
        return any(one["state"] in _AT_WORK or not self._standing(step, one).over for one in others)


def _why(step: Rung, latest: _Standing | None) -> str:
    if latest is not None:
        return f"{latest.why}; {step.says}"
    return f"{step.says}; it need not wait" if step.parallel else step.says


def _door(contact: Contact) -> str:
    """Who is behind it: ways to the same are one door."""
    return contact.provider_id or _domain(contact.address) or contact.address


def _domain(address: object) -> str | None:
    return str(address).rpartition("@")[2] if address and "@" in str(address) else None


def _route(contact: Contact) -> Route | None:
    if not contact.curated:
        return None
    return route_of(contact.provider_id, contact.channel, contact.address, contact.scope)


def _contact(one: Contact | Mapping[str, Any]) -> Contact:
    return one if isinstance(one, Contact) else contact_of(one)


@cache
def _table() -> Mapping[str, Any]:
    text = files("namaak.casework.contacts").joinpath("ladder.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


@cache
def _urgent() -> frozenset[Abuse]:
    return frozenset(map(Abuse, _table()["urgent"]))


@cache
def _ladder() -> Mapping[str, Rung]:
    return MappingProxyType({row["id"]: _rung(row) for row in _table()["rung"]})


def _rung(row: Mapping[str, Any]) -> Rung:
    """A key that the row should not have is an error here, at once."""
    return Rung(
        **{
            **row,
            "kinds": frozenset(row["kinds"]),
            "scopes": tuple(map(Scope, row["scopes"])),
            "accepts": frozenset(map(Abuse, row["accepts"])),
            "after": tuple(row.get("after", ())),
        }
    )
