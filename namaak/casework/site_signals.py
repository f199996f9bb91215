"""What a look at a host says for or against a case: registration, mail, certificate, page.

The weights are judgement, after published figures on how lookalikes are used, and are not fitted:
nobody has verdicts enough yet. Two rules keep an adversary from talking a case down. What he can
feign from one day to the next (a page that looks parked, a redirect to the brand's own site) takes
little in all; and nothing that a look gives takes a case below watch, where it stays in sight and
is looked at again. What he would have to do himself to profit counts in full: a form that asks for
a password is there or it is not.
Pure. Weights: docs/reference/weights.md; reasons: docs/explanation/ranking.md.
May import: namaak.records, namaak.casework.weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from namaak.casework.weights import number, steps, values, within
from namaak.records import Field, Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA, with `site` when the casebook gives it
Trait = Mapping[str, Any]  #: name, raw and says; see the casebook's table site_traits

#: The page plays the brand, or asks for what a thief wants. The strongest counts fully, each
#: further one by half, because one kit shows several of them.
CONTENT = values("sites.content")
CONTENT_FURTHER: float = number("sites.content.further")
CONTENT_MOST: float = number("sites.content.most")
CONTENT_TELLING: float = number("sites.content.telling")

#: How it was set up. Added up; nobody gets these for nothing.
SETTING = values("sites.setting")
#: Days between registration and look: more than half of what is abused is so within two weeks.
YOUNG = steps("sites.young")

#: Speaks against, and he would have to give something up or ask others to bring it about.
AGAINST = values("sites.against")
#: Of these, what a page that plays the brand proves wrong.
DISPROVED = frozenset({"dns.parked"})
#: Speaks against as far as one look from one place goes, and is feigned in minutes.
FEIGNED = values("sites.feigned")
FEIGNED_MOST: float = number("sites.feigned.most")

#: A name that waits with a parking service needs no mail; one that is parked and takes mail is
#: meant for letters. Told here, because each look knows only its half.
MAIL_PARKED = "dns.mail-parked"
_PARKED = ("dns.parked", "page.parked", "page.for-sale")

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
    found = [*content, *_weighed(_with_mail(traits), SETTING), *against]
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
    return within(YOUNG, int(number))


def _signal(trait: Trait, weight: float, contribution: float) -> Signal:
    return Signal(
        name=str(trait["name"]), says=str(trait["says"]), raw=str(trait["raw"]), weight=weight,
        contribution=round(contribution, 3), detector=DETECTOR,
    )  # fmt: skip


def _scaled(signal: Signal, share: float) -> Signal:
    return replace(signal, contribution=round(signal.contribution * share, 3))


def _with_mail(traits: Mapping[str, Trait]) -> Mapping[str, Trait]:
    """The traits, and that it takes mail while it seems to wait for a buyer, where it does."""
    mail = traits.get("dns.mail-capable")
    where = next((traits[name] for name in _PARKED if name in traits), None)
    if mail is None or where is None:
        return traits
    says = "It is parked or for sale, and takes mail all the same"
    return {**traits, MAIL_PARKED: {"name": MAIL_PARKED, "raw": mail["raw"], "says": says}}


def weighed_names() -> Iterable[str]:
    """Every name that this file knows, weightless ones too: whatever reads answers uses these."""
    return {*CONTENT, *SETTING, *AGAINST, *FEIGNED, *WEIGHTLESS, "rdap.young"}
