"""What the findings of a host say over time, apart from any brand: age, absence, awakening.

What a page says of one brand is told in detectors.pages. Every trait is a name, the value that was
seen and a sentence; the ranking weighs them. A trait of age is of the moment of asking, not of
today: read again tomorrow, the same answers say the same.
Pure. May import: namaak.enriching.findings and standing, namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from namaak.enriching.findings import Aspect, Finding, Outcome
from namaak.enriching.standing import state_of
from namaak.records import SubjectState

Trait = dict[str, str]  #: name, raw, says

#: Most abuse is of names of weeks; what has stood for five years was hardly made for it.
OLD = timedelta(days=5 * 365)
PROMPT = timedelta(days=7)
#: Clocks and time zones of registries: a certificate may seem a day older than its name.
_SLACK = timedelta(days=1)
#: Bits of 256 in which the pHash of an icon may differ from a logo's: our two example logos made
#: 24 to 64 pixels wide stay within 4, at 16 pixels within 20; letters of a plain type are 26 apart
#: and more.
ALIKE = 12
#: States in which nobody was misled.
_IDLE = frozenset({SubjectState.UNREGISTERED, SubjectState.PARKED, SubjectState.SUSPENDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoHash:
    """A logo of the watch file, for comparison with favicons."""

    path: str  #: as in the watch file
    sha256: str
    phash: str  #: 64 hex digits


def latest(findings: Iterable[Finding]) -> dict[Aspect, Finding]:
    """The last finding of each aspect."""
    ordered = sorted(findings, key=lambda finding: finding.asked_at)
    return {finding.aspect: finding for finding in ordered}


def known(findings: Iterable[Finding]) -> dict[Aspect, Finding]:
    """Of each aspect the last finding that says something about the host."""
    return latest(finding for finding in findings if finding.outcome.says_something)


def standing_facts(findings: Sequence[Finding]) -> dict[str, Mapping[str, Any]]:
    """Aspect to the facts that hold today, as far as is known.

    What nobody answered today stands as it was last answered; but a page of a host that has no
    address any more is gone, and so is what it said.
    """
    last, facts = latest(findings), known(findings)
    if last.get(Aspect.PAGE) and last[Aspect.PAGE].outcome is Outcome.NO_ADDRESS:
        facts.pop(Aspect.PAGE, None)
    return {str(aspect): finding.facts for aspect, finding in facts.items()}


def host_traits(findings: Sequence[Finding]) -> list[Trait]:
    """Traits of one host. findings: all of it, in any order."""
    facts = standing_facts(findings)
    return [
        *_registration(facts, known(findings)),
        *_absence(facts, state_of(findings)),
        *_promptness(facts),
        *_awakening(findings),
    ]


def icon_traits(page: Mapping[str, Any], logos: Sequence[LogoHash]) -> Iterator[Trait]:
    """Whether a favicon of the page is a logo of the brand. page: facts. At most one trait.

    None for what is seen at the end of a redirect to another site: that is the other's icon.
    """
    if page.get("off_site"):
        return
    nearest: tuple[int, str, str] | None = None
    for icon in page.get("icons") or ():
        for logo in logos:
            if icon.get("sha256") == logo.sha256:
                bits = 0
            elif icon.get("phash"):
                bits = (int(icon["phash"], 16) ^ int(logo.phash, 16)).bit_count()
                bits = min(bits, 256 - bits)  # a negative of the logo shows it too
            else:
                continue
            if bits <= ALIKE and (nearest is None or bits < nearest[0]):
                nearest = bits, logo.path, str(icon.get("url"))
    if nearest is not None:
        bits, path, url = nearest
        yield _trait("page.icon-brand", url, f"Its icon is the logo {path} ({bits} of 256 bits)")


def _registration(
    facts: Mapping[str, Mapping[str, Any]], finding: Mapping[Aspect, Finding]
) -> Iterator[Trait]:
    registered_at = _time(facts.get("rdap", {}).get("registered_at"))
    if registered_at is None:
        return
    age = finding[Aspect.RDAP].asked_at - registered_at
    if age > OLD:
        day = registered_at.date().isoformat()
        yield _trait("rdap.old", day, f"The name was registered {age.days // 365} years ago")


def _absence(facts: Mapping[str, Mapping[str, Any]], state: SubjectState | None) -> Iterator[Trait]:
    if state is SubjectState.UNREGISTERED:
        by = "its registry" if facts.get("rdap", {}).get("registered") is False else "the DNS"
        yield _trait("site.unregistered", by, f"There is no such name today, says {by}")
    held = facts.get("rdap", {}).get("on_hold")
    if held and facts.get("dns", {}).get("exists") is False:
        words = ", ".join(str(word) for word in facts["rdap"].get("status") or ())
        yield _trait("site.off-the-net", words, f"The name is on hold and has no servers ({words})")


def _promptness(facts: Mapping[str, Mapping[str, Any]]) -> Iterator[Trait]:
    registered_at = _time(facts.get("rdap", {}).get("registered_at"))
    certified_at = _time(facts.get("certificate", {}).get("valid_from"))
    if registered_at is None or certified_at is None:
        return
    between = certified_at - registered_at
    if -_SLACK <= between <= PROMPT:
        days = max(between.days, 0)
        when = "on the day" if days == 0 else f"{days} days after"
        yield _trait(
            "certificate.prompt", str(days), f"Its certificate is from {when} of its registration"
        )


def _awakening(findings: Sequence[Finding]) -> Iterator[Trait]:
    """Idle at an earlier look, alive at the last: of names used late the first sign."""
    ordered = sorted(findings, key=lambda finding: finding.asked_at)
    if state_of(ordered) is not SubjectState.LIVE:
        return
    seen: dict[Aspect, Finding] = {}
    for finding in ordered:
        seen[finding.aspect] = finding
        state = state_of(seen.values())
        dns = seen.get(Aspect.DNS)
        # That nobody looked for a page yet is not idleness; that there is no address is.
        answers = dns.facts.get("answers") if dns and dns.outcome.says_something else None
        if state in _IDLE or answers is False:
            was = "without an address" if state not in _IDLE else str(state)
            day = finding.asked_at.astimezone(UTC).date().isoformat()
            yield _trait("site.awoke", day, f"It was {was} on {day} and is alive now")
            return


def _time(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _trait(name: str, raw: str, says: str) -> Trait:
    return {"name": name, "raw": raw, "says": says}
