"""What a look at a host says for or against a case: registration, mail, certificate, page.

The weights are judgement, after published figures on how lookalikes are used, and are not fitted:
nobody has verdicts enough yet. Two rules keep an adversary from talking a case down. What he can
feign from one day to the next (a page that looks parked, a redirect to the brand's own site) takes
little in all; and nothing that a look gives takes a case below watch, where it stays in sight and
is looked at again. What he would have to do himself to profit counts in full: a form that asks for
a password is there or it is not.
Pure. Weights: docs/reference/weights.md; reasons: docs/explanation/ranking.md.
May import: namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from namaak.records import Field, Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA, with `site` when the casebook gives it
Trait = Mapping[str, Any]  #: name, raw and says; see the casebook's table site_traits

#: The page plays the brand, or asks for what a thief wants. The strongest counts fully, each
#: further one by half, because one kit shows several of them.
CONTENT = {
    "page.hot-linking": 3.0,  # its pictures come from the brand's own server: high precision
    "page.icon-brand": 3.0,
    "page.password-off-site": 2.5,
    "page.title-brand": 2.0,
    "page.password-form": 2.0,
    "page.card-form": 2.0,
    "page.seed-form": 3.0,  # the words that open a wallet: nobody asks for them in good faith
    "page.code-form": 1.5,
    "page.site-name-brand": 1.5,
    "page.obfuscated": 1.0,
    "page.text-brand": 0.5,  # resellers, press and fans do that too
    "page.links-to-brand": 0.3,
}
CONTENT_FURTHER = 0.5
CONTENT_MOST = 4.5
CONTENT_TELLING = 2.0

#: How it was set up. Added up; nobody gets these for nothing.
SETTING = {
    "dns.mail-without-web": 1.2,  # mail fraud needs no page
    "dns.mail-capable": 0.3,
    "certificate.prompt": 0.7,  # within a week of registration: made ready for use
    "site.awoke": 1.5,  # was parked, idle or not there, and is alive: a sixth are used late
}
#: Days between registration and look: more than half of what is abused is so within two weeks.
YOUNG = ((2, 1.5), (14, 1.0), (90, 0.3))

#: Speaks against, and he would have to give something up or ask others to bring it about.
AGAINST = {
    # The brand's own servers answer for it, by the registry's word too: defensive.
    "dns.brand-name-servers": -4.0,
    "rdap.old": -1.5,  # registered over five years ago; aged names are traded, so not more
    "dns.parked": -1.5,  # delegated to a parking service, which shows what it likes; see below
}
#: Of these, what a page that plays the brand proves wrong.
DISPROVED = frozenset({"dns.parked"})
#: Speaks against as far as one look from one place goes, and is feigned in minutes.
FEIGNED = {
    "page.redirects-to-brand": -1.0,  # defensive, or hiding from whoever looks
    "dns.brand-name-servers-claimed": -1.0,  # by its own zone, in which he writes what he likes
    "certificate.brand-names": -1.0,  # its address is the brand's own server, at this moment
    "page.parked": -0.8,
    "page.for-sale": -0.8,
    "page.suspended": -0.8,
    "page.default-server": -0.5,
    "dns.wildcard": -0.6,  # any label answers there, so this one says less
}
FEIGNED_MOST = -1.2

#: Kept and shown, and of no weight: half of everything has them, or they say that nobody could see.
WEIGHTLESS = frozenset(
    {"certificate.self-signed", "certificate.mismatch", "page.blocked", "page.redirects-elsewhere",
     "page.sends-to-brand", "rdap.on-hold", "site.unregistered", "site.off-the-net"}
)  # fmt: skip

#: What is not there cannot harm now; it stays on the watchlist and is asked again.
NOT_THERE = {
    "site.unregistered": "Not above watch: there is no such name today",
    "site.off-the-net": "Not above watch: its registry or registrar took the name off the net",
}
#: Of `detector`: the answers were read by others, this weighs them.
DETECTOR = "sites-2"


def site_traits(matches: Sequence[Match]) -> dict[str, Trait]:
    """What is known of the host, by name; empty where nobody looked. Matches: of one pair."""
    hosts = (match for match in matches if match["field"] == Field.HOST)
    return {trait["name"]: trait for match in hosts for trait in match.get("site") or ()}


def site_signals(traits: Mapping[str, Trait]) -> list[Signal]:
    """One signal for each trait that weighs anything; see `site_traits`."""
    content = _content(traits)
    # A page that asks for a password is not parked, whatever else it says.
    shows_itself = any(signal.weight >= CONTENT_TELLING for signal in content)
    against = [
        signal
        for signal in _weighed(traits, AGAINST)
        if not (shows_itself and signal.name in DISPROVED)
    ]
    found = [*content, *_weighed(traits, SETTING), *against]
    if young := traits.get("rdap.young"):
        weight = _young(str(young["raw"]))
        found += [_signal(young, weight, weight)] if weight else []
    feigned = _weighed({} if shows_itself else traits, FEIGNED)
    together = sum(signal.contribution for signal in feigned)
    share = min(1.0, FEIGNED_MOST / together) if together else 1.0
    return found + [_scaled(signal, share) for signal in feigned]


def not_there(traits: Mapping[str, Trait]) -> str | None:
    """Why the host cannot harm today, as a gate says it; None where it may."""
    return next((says for name, says in NOT_THERE.items() if name in traits), None)


def held_above(signals: Sequence[Signal], *, others: float, floor: float) -> list[Signal]:
    """The signals, what speaks against cut so that the sum of all stays at the floor or above.

    others: what everything else adds up to. Where that with the positive signals is below the
    floor already, nothing that speaks against counts.
    """
    speaking_for = sum(s.contribution for s in signals if s.contribution > 0)
    against = sum(s.contribution for s in signals if s.contribution < 0)
    room = others + speaking_for - floor
    if not against or room + against >= 0:
        return list(signals)
    share = max(room, 0.0) / -against
    cut = [_scaled(s, share) if s.contribution < 0 else s for s in signals]
    return [signal for signal in cut if signal.contribution]


def _content(traits: Mapping[str, Trait]) -> list[Signal]:
    if "page.redirects-to-brand" in traits:
        # What was seen is the brand's own page: of course it bears its name and asks to sign in.
        return []
    present = [name for name in CONTENT if name in traits]
    if "page.password-off-site" in present and "page.password-form" in present:
        present.remove("page.password-form")
    present.sort(key=lambda name: (-CONTENT[name], name))
    found, left = [], CONTENT_MOST
    for position, name in enumerate(present):
        share = 1.0 if position == 0 else CONTENT_FURTHER
        contribution = min(CONTENT[name] * share, left)
        left -= contribution
        if contribution > 0:
            found.append(_signal(traits[name], CONTENT[name], contribution))
    return found


def _weighed(traits: Mapping[str, Trait], weights: Mapping[str, float]) -> list[Signal]:
    return [
        _signal(traits[name], weight, weight) for name, weight in weights.items() if name in traits
    ]


def _young(days: str) -> float:
    """raw of the trait: whole days, perhaps with words after the number."""
    number = days.partition(" ")[0]
    if not number.isdecimal():
        return 0.0
    return next((weight for most, weight in YOUNG if int(number) <= most), 0.0)


def _signal(trait: Trait, weight: float, contribution: float) -> Signal:
    return Signal(
        name=str(trait["name"]), says=str(trait["says"]), raw=str(trait["raw"]), weight=weight,
        contribution=round(contribution, 3), detector=DETECTOR,
    )  # fmt: skip


def _scaled(signal: Signal, share: float) -> Signal:
    return Signal(
        name=signal.name, says=signal.says, raw=signal.raw, weight=signal.weight,
        contribution=round(signal.contribution * share, 3), detector=signal.detector,
    )  # fmt: skip


def weighed_names() -> Iterable[str]:
    """Every name that this file knows, weightless ones too: whatever reads answers uses these."""
    return {*CONTENT, *SETTING, *AGAINST, *FEIGNED, *WEIGHTLESS, "rdap.young"}
