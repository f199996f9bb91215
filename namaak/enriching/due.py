"""Which hosts are asked about now: the worst first, within a budget, and nobody twice too soon.

Half of the budget goes to hosts that were never asked about and half to those due again, and what
one half leaves the other takes: neither a flood of new names nor a long list of old ones may
starve the other.
Pure: no clock, no store. May import: namaak.answers, namaak.enriching.findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from namaak.answers import Asked
from namaak.enriching.findings import Aspect

#: What reads what DNS said: asked about with it, so that both are of one moment.
_NEEDS_DNS = frozenset({Aspect.NETWORK, Aspect.CERTIFICATE, Aspect.PAGE, Aspect.SCREENSHOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A host of a case that people still care about."""

    subject_key: str
    host: str
    urgency: tuple[float, ...]  #: greater is worse; compared as tuples are


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A host to ask about now, and which of its aspects."""

    subject_key: str
    host: str
    aspects: frozenset[Aspect]


def due_hosts(
    candidates: Iterable[Candidate],
    asked: Mapping[str, Mapping[str, Asked]],
    *,
    aspects: Collection[Aspect],
    now: datetime,
    at_most: int,
    not_sooner: timedelta = timedelta(0),
) -> list[Wanted]:
    """asked: subject_key to aspect to the last time; see Answers.last_asked.

    An aspect is due when it was never asked, or when its answer said so and not_sooner has gone
    by since. A host that stands in several candidates counts once, by the worst. The order is
    that in which to ask.
    """
    never: list[tuple[tuple[float, ...], Wanted]] = []
    again: list[tuple[tuple[float, ...], Wanted]] = []
    worst: dict[str, Candidate] = {}
    for candidate in candidates:
        known = worst.get(candidate.subject_key)
        if known is None or candidate.urgency > known.urgency:
            worst[candidate.subject_key] = candidate
    for candidate in worst.values():
        last = asked.get(candidate.subject_key, {})
        due = {
            aspect
            for aspect in aspects
            if _is_due(last.get(str(aspect)), now=now, not_sooner=not_sooner)
        }
        if not due:
            continue
        if due & _NEEDS_DNS and Aspect.DNS in aspects:
            due.add(Aspect.DNS)
        wanted = Wanted(
            subject_key=candidate.subject_key, host=candidate.host, aspects=frozenset(due)
        )
        (again if last else never).append((candidate.urgency, wanted))
    for group in (never, again):
        # Equally bad ones in the order of their names: two runs choose alike.
        group.sort(key=lambda pair: pair[1].host)
        group.sort(key=lambda pair: pair[0], reverse=True)
    half = max(at_most - at_most // 2, at_most - len(again))
    first = never[:half]
    chosen = [*first, *again[: at_most - len(first)]]
    chosen.sort(key=lambda pair: pair[0], reverse=True)
    return [wanted for _, wanted in chosen]


def _is_due(last: Asked | None, *, now: datetime, not_sooner: timedelta) -> bool:
    if last is None:
        return True
    if last.due_at is None:
        return False
    return now >= last.due_at and now >= last.asked_at + not_sooner
