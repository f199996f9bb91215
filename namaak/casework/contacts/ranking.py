"""In which order contacts stand, and why: the ladder first, then who says so, then how old that is.

What is the case's own stands before what redirects lead to, because whoever is complained about
chooses those: he could put a bystander's provider in front.
The same contacts always come out in the same order, whoever found them first.
Pure. May import: namaak.casework.contacts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from namaak.casework.contacts.contact import Contact, ContactFailure, Found
from namaak.casework.contacts.facts import CaseFacts
from namaak.casework.contacts.ladder import rungs_of
from namaak.casework.contacts.providers import OF_ALL, route_of
from namaak.casework.contacts.scopes import Channel, Scope, Source

#: Registration data move: what is older than this stands behind what was asked since.
_OLD = timedelta(days=180)
#: Mail leaves a proof of what was sent; a form is what most big providers act upon.
_BY_CHANNEL = {Channel.API: 0, Channel.FORM: 1, Channel.MAIL: 2, Channel.POST: 3}

_SURE = {
    Source.RDAP: (1, "registries tell it"),
    Source.LOOKUP: (3, "a look-up of abuse contacts tells it"),
    Source.PLATFORMS: (3, "its rules, not a form for this"),
    Source.SECURITY_TXT: (4, "its file for reports of weak points, which may not take others"),
    Source.GUESS: (5, "a custom, and nobody says that it is read"),
}


def ranked(facts: CaseFacts, found: Found, *, now: datetime) -> Found:
    """Contacts in order, each once and with its reason; failures, each once, by rung."""
    merged = _merged(facts, found.contacts)
    order = _order_of_scopes(facts)

    def key(one: Contact) -> tuple[object, ...]:
        tier, _ = _tier(facts, one, now)
        return (
            _part(facts, one), order[one.scope], tier, _nearness(facts, one.hop),
            _BY_CHANNEL[one.channel], one.provider_id or "", one.address, one.source,
        )  # fmt: skip

    contacts = sorted(merged, key=key)
    return Found(
        contacts=tuple(
            replace(one, rank=place, why=_tier(facts, one, now)[1])
            for place, one in enumerate(contacts, start=1)
        ),
        failures=_failures(found.failures, order),
    )


def _part(facts: CaseFacts, one: Contact) -> int:
    """Which part of the list it stands in: whoever acts first, then who warns or decides."""
    if one.scope in OF_ALL:
        return 3
    if one.named_only:
        return 2
    return 0 if facts.on_site(one.hop) else 1


def _nearness(facts: CaseFacts, hop: int) -> tuple[int, int]:
    """Where visitors end on the case's own site; the rest of it; then where it was seen; others."""
    if facts.on_site(hop):
        last = max((one.number for one in facts.hops if facts.on_site(one.number)), default=0)
        return 0 if hop == last else 1, hop
    carries = any(one.number == hop and one.carries for one in facts.hops)
    return 2 if carries else 3, hop


def _order_of_scopes(facts: CaseFacts) -> dict[Scope, int]:
    """Scopes as the ladder has them; those on no rung of such a case stand last."""
    order = [scope for step in rungs_of(facts) for scope in step.scopes]
    order += [scope for scope in Scope if scope not in order]
    return {scope: place for place, scope in enumerate(order)}


def _tier(facts: CaseFacts, one: Contact, now: datetime) -> tuple[int, str]:
    """How far it is to be believed, with the sentence for a person. Lower is better."""
    if one.source is Source.TABLE:
        route = route_of(one.provider_id, one.channel, one.address, one.scope)
        if route is not None and facts.abuse and not route.accepts & facts.abuse:
            takes = ", ".join(sorted(route.accepts))
            return 7, f"takes {takes} only, which this case does not claim"
        if one.guess:
            return 6, "a guess: only the name of the range, which its holder writes, leads there"
        if route is not None and route.documented:
            return 0, "the provider publishes this way for such reports"
        return 2, "known among people of the trade, not read at the provider's"
    tier, why = _SURE[one.source]
    age = now - one.checked_at
    if one.source in (Source.RDAP, Source.LOOKUP) and age > _OLD:
        return tier + 2, f"{why}, but that is {age.days} days old"
    return tier, why


def _merged(facts: CaseFacts, contacts: Iterable[Contact]) -> list[Contact]:
    """One for each key, about all its subjects; the nearest hop and the newest look are kept."""
    same: dict[tuple[str, ...], list[Contact]] = defaultdict(list)
    for one in contacts:
        same[one.scope, one.channel, one.address, one.source].append(one)
    merged = []
    for group in same.values():
        first = min(group, key=lambda one: (one.guess, _nearness(facts, one.hop), one.subject))
        subjects = sorted({part for one in group for part in one.subject.split(", ")})
        notes = dict.fromkeys(one.note for one in sorted(group, key=lambda one: one.subject))
        merged.append(
            replace(
                first,
                subject=", ".join(subjects),
                note="; ".join(note for note in notes if note),
                checked_at=max(one.checked_at for one in group),
            )
        )
    return merged


def _failures(
    failures: Iterable[ContactFailure], order: dict[Scope, int]
) -> tuple[ContactFailure, ...]:
    """One for each scope, source and subject, with everything that was said of it."""
    same: dict[tuple[str, ...], list[ContactFailure]] = defaultdict(list)
    for one in failures:
        same[one.scope, one.source, one.subject].append(one)
    merged = [
        replace(
            group[0],
            says="; ".join(dict.fromkeys(one.says for one in group)),
            checked_at=max(one.checked_at for one in group),
        )
        for group in same.values()
    ]
    return tuple(sorted(merged, key=lambda one: (order[one.scope], one.subject, one.source)))
