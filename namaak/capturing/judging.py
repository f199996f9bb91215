"""What came of a visit, in one word and a sentence.

Only what is known is called dead; what was not found out is called failed. Words by which bot walls
and warnings are known: namaak.enriching.page_kinds; pages of services that surely say "gone":
namaak.enriching.recognised.
Pure. May import: detectors.suffixes, namaak.capturing.{captured, visited},
namaak.enriching.{page_kinds, reading, recognised}, namaak.resolving.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from detectors.suffixes import registrable_domain
from namaak.capturing.captured import CaptureOutcome
from namaak.capturing.visited import Exchange, Visited
from namaak.enriching.page_kinds import Kind, kind_of
from namaak.enriching.reading import Reading
from namaak.enriching.recognised import recognised
from namaak.resolving import Answer, Outcome

_BOT_WALL = "a bot wall"
#: Said by pages that are not shown everywhere, in the languages of most of them; lower case.
_ELSEWHERE = (
    "in your country", "in your region", "your location", "in your area", "error 1009",
    "from your country", "niet beschikbaar in uw land", "in ihrem land nicht", "dans votre pays",
    "en tu país", "no seu país", "nel tuo paese",
)  # fmt: skip
_GONE = frozenset({404, 410})
_UNAVAILABLE_FOR_LEGAL_REASONS = 451
#: Code points of text up to which its words are taken for what the page is about.
_SHORT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """outcome, why it is not ok (None when it is), and what kind of page it is by its signs."""

    outcome: CaptureOutcome
    reason: str | None = None
    kind: Kind | None = None


def judged(
    visited: Visited,
    last: Exchange | None,
    reading: Reading | None,
    *,
    names: Sequence[Answer],
    host: str,
    refusals: Mapping[str, int],
    unreached: Mapping[str, OSError],
) -> Judgement:
    """last: the page's own last answer from a server. names: what the DNS said of `host`.

    refusals: what our door refused. unreached: host to why no socket to it could be made.
    """
    if last is None:
        return _without_page(visited, names, host, refusals, unreached)
    if visited.failed == "load":
        # The last that answered sent the visitor on, and there was no page.
        target = urlsplit(urljoin(last.url, last.header("location") or "")).hostname or host
        end = _without_page(visited, names, target, refusals, unreached)
        return replace(end, reason=f"it leads on, and {end.reason}")
    headers = {name.lower(): value for name, value in last.response_headers}
    kind = kind_of(
        reading,
        status=last.status,
        headers=headers,
        body=visited.dom or last.body,
    )
    if visited.failed is not None:
        return Judgement(outcome=CaptureOutcome.FAILED, reason=visited.says, kind=kind)
    gone = _gone_by(visited, last, reading, kind, headers, host)
    if (special := _special(last, reading, kind, gone)) is not None:
        return special
    if last.status >= 500:
        reason = f"its server failed with HTTP {last.status}"
        return Judgement(outcome=CaptureOutcome.FAILED, reason=reason, kind=kind)
    if visited.view is None:
        why = visited.lacks.get("view") or "the browser gave none"
        reason = f"no picture of the page could be taken: {why}"
        return Judgement(outcome=CaptureOutcome.FAILED, reason=reason, kind=kind)
    return Judgement(outcome=CaptureOutcome.OK, kind=kind)


def _gone_by(
    visited: Visited,
    last: Exchange,
    reading: Reading | None,
    kind: Kind,
    headers: Mapping[str, str],
    host: str,
) -> str | None:
    """The page of a service that says so, where it surely is one and its own host shows it."""
    final = urlsplit(last.url).hostname or ""
    if registrable_domain(final) != registrable_domain(host) or b"<script" in last.body.lower():
        # A script may have drawn the page, and taken itself out of it.
        return None
    return recognised(
        reading,
        kind=kind.kind,
        status=last.status,
        headers=headers,
        body=visited.dom or last.body,
    )


def _special(
    last: Exchange, reading: Reading | None, kind: Kind, gone: str | None
) -> Judgement | None:
    """A page that is not the page that was wanted. gone: as `_gone_by` has it."""
    signs = "; ".join(kind.reasons)
    if kind.kind == "blocked":
        if _BOT_WALL in kind.reasons:
            return Judgement(outcome=CaptureOutcome.CAPTCHA, reason=signs, kind=kind)
        words = _words_of_elsewhere(reading)
        if words or last.status == _UNAVAILABLE_FOR_LEGAL_REASONS:
            reason = "; ".join((signs, f"says: {words}")) if words else signs
            return Judgement(outcome=CaptureOutcome.GEO, reason=reason, kind=kind)
        return Judgement(outcome=CaptureOutcome.BLOCKED, reason=signs, kind=kind)
    if last.status == 429:
        reason = "its server asks fewer questions of us (HTTP 429)"
        return Judgement(outcome=CaptureOutcome.BLOCKED, reason=reason, kind=kind)
    # Who still has a page there answers whatever he likes beside it, and so it is captured.
    if kind.kind == "suspended" and gone is not None:
        return Judgement(outcome=CaptureOutcome.DEAD, reason=f"{gone}: {signs}", kind=kind)
    if last.status in _GONE and gone is not None:
        reason = f"there is no such page (HTTP {last.status})"
        return Judgement(outcome=CaptureOutcome.DEAD, reason=reason, kind=kind)
    return None


def _words_of_elsewhere(reading: Reading | None) -> str | None:
    if reading is None or reading.text_length > _SHORT:
        return None
    text = f"{reading.title or ''} {reading.text}".lower()
    return next((words for words in _ELSEWHERE if words in text), None)


def _without_page(
    visited: Visited,
    names: Sequence[Answer],
    host: str,
    refusals: Mapping[str, int],
    unreached: Mapping[str, OSError],
) -> Judgement:
    addresses = [one for one in names if one.name == host and one.type in ("A", "AAAA")]
    outcomes = {one.outcome for one in addresses}
    if outcomes and outcomes <= {Outcome.ABSENT, Outcome.EMPTY}:
        absent = outcomes == {Outcome.ABSENT}
        reason = f"{host} does not exist" if absent else f"{host} has no address"
        return Judgement(outcome=CaptureOutcome.DEAD, reason=reason)
    if visited.failed not in (None, "load"):
        return Judgement(outcome=CaptureOutcome.FAILED, reason=visited.says)
    if (error := unreached.get(host)) is not None:
        if isinstance(error, ConnectionRefusedError):
            reason = f"no server runs at {host}: it refuses connections"
            return Judgement(outcome=CaptureOutcome.DEAD, reason=reason)
        says = error.strerror or str(error) or "no answer in time"
        reason = f"{host} cannot be reached: {says}"
        return Judgement(outcome=CaptureOutcome.FAILED, reason=reason)
    if refusals:
        reason = f"{host} is not asked: {'; '.join(list(refusals)[:3])}"
        return Judgement(outcome=CaptureOutcome.FAILED, reason=reason)
    says = "no answer came in time" if visited.cut else visited.says or "no answer came"
    return Judgement(outcome=CaptureOutcome.FAILED, reason=says)
