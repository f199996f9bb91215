"""Is the thing alive? What the findings of one host say together, and when they say nothing.

One view from one place: "unreachable" is never "down", and what nobody answered stays unknown.
Pure. May import: namaak.enriching.findings, namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from namaak.enriching.findings import Aspect, Finding, Outcome
from namaak.records import SubjectState

_PARKED_KINDS = ("parked", "for-sale", "default-server", "empty")
_NO_VIEW = (Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.BROKEN)


def state_of(findings: Iterable[Finding]) -> SubjectState | None:
    """Findings of one host, in any order; of several of one aspect the latest counts.

    None where there is no finding that could say anything (none was asked); UNKNOWN where there
    were questions, and nobody answered.
    """
    latest: dict[Aspect, Finding] = {}
    for finding in sorted(findings, key=lambda finding: finding.asked_at):
        latest[finding.aspect] = finding
    asked = [
        latest[aspect] for aspect in (Aspect.PAGE, Aspect.RDAP, Aspect.DNS) if aspect in latest
    ]
    if not asked:
        return None
    if (state := _by_page(latest)) is not None:
        return state
    return _by_registration(latest) or SubjectState.UNKNOWN


def _by_page(latest: dict[Aspect, Finding]) -> SubjectState | None:
    """What the page says; None where it says nothing about the host."""
    page = latest.get(Aspect.PAGE)
    if page is None:
        return None
    if page.outcome is Outcome.BLOCKED:
        return SubjectState.BLOCKED_VIEW
    if page.outcome in (Outcome.ANSWERED, Outcome.EMPTY):
        kind = page.facts.get("kind")
        if kind == "suspended" and _is_surely(page):
            return SubjectState.SUSPENDED
        return SubjectState.PARKED if kind in _PARKED_KINDS else SubjectState.LIVE
    if page.outcome in _NO_VIEW and _facts(latest, Aspect.DNS).get("answers"):
        return SubjectState.UNREACHABLE
    return None


def _is_surely(page: Finding) -> bool:
    """Anybody can write that he is suspended, and his page is there all the same."""
    return page.facts.get("recognised") is not None and not page.facts.get("off_site")


def _by_registration(latest: dict[Aspect, Finding]) -> SubjectState | None:
    dns, rdap = latest.get(Aspect.DNS), latest.get(Aspect.RDAP)
    exists = _facts(latest, Aspect.DNS).get("exists")
    if _facts(latest, Aspect.RDAP).get("on_hold") and exists is not True:
        return SubjectState.SUSPENDED
    if _facts(latest, Aspect.DNS).get("registered"):
        parked = _facts(latest, Aspect.DNS).get("parking")
        return SubjectState.PARKED if parked else SubjectState.REGISTERED
    if rdap is not None and rdap.outcome is Outcome.ANSWERED:
        return SubjectState.REGISTERED
    # NXDOMAIN alone may be a name on hold: where there is a registry to ask, it decides.
    # Where there is none, nothing better can be known.
    if dns is None or rdap is None or exists is not False:
        return None
    if rdap.outcome in (Outcome.ABSENT, Outcome.NO_RDAP):
        return SubjectState.UNREGISTERED
    return None


def _facts(latest: dict[Aspect, Finding], aspect: Aspect) -> dict[str, Any]:
    finding = latest.get(aspect)
    return dict(finding.facts) if finding is not None and finding.outcome.says_something else {}
