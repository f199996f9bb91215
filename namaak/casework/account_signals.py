"""What a profile says for or against a case: copied texts, ways out, age, proofs, notices.

The weights are judgement, after published figures on impersonating accounts, and are not fitted:
nobody has verdicts enough yet. A profile is written by whoever holds it, so what he can write
himself (that fans keep it, that he works there) takes no case below watch, where it stays in sight.
Where the profile asks for money, leads people away or is marked by its platform, such words weigh
nothing, nor does an old age, because aged accounts are traded. Only what a platform or the brand's
own site proves takes a case away.
Pure. Weights: docs/reference/weights.md; reasons: docs/explanation/accounts.md.
May import: namaak.records, namaak.casework.weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from namaak.casework.weights import number, reached, steps, values, within
from namaak.records import Field, Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA, with `profile` when the casebook gives it
Trait = Mapping[str, Any]  #: name, raw and says; see `detectors.profiles`

#: Taken over from the brand's own account, or claimed of it.
IDENTITY = values("accounts.identity")
IDENTITY_MOST: float = number("accounts.identity.most")
#: What stays of the official avatar where the picture was matched as the logo already.
AVATAR_AGAIN: float = number("accounts.identity.avatar_again")

#: What it wants of people.
INTENT = values("accounts.intent")
INTENT_MOST: float = number("accounts.intent.most")

#: Who it is. Each is so of many honest accounts too.
PROVENANCE = values("accounts.provenance")
PROVENANCE_MOST: float = number("accounts.provenance.most")
#: Days since it was made.
YOUNG = steps("accounts.young")
#: Followers: whom it can mislead.
REACH = steps("accounts.reach")

#: Its platform's verdicts; the strongest counts, and stands for a second element of identity.
VERDICTS = values("accounts.verdicts")
TELLING = frozenset({"profile.flag-scam", "profile.flag-fake", "profile.flag-impersonation"})

#: Speaks against. Of each group the strongest counts.
AGAINST: Mapping[str, Mapping[str, float]] = {
    group: values(f"accounts.{group}") for group in ("notice", "age", "standing")
}
#: From so much intent on an old age excuses nothing.
TELLING_INTENT: float = number("accounts.intent.telling")
#: The most that an age takes away beside the logo: who wears it since may have bought the account.
AGE_BESIDE_LOGO: float = number("accounts.age.beside_logo")
#: What the account says of itself without anybody's check, beside notices.
OWN_WORDS = frozenset({"profile.employee"})

#: Proves that the account is the brand's own: no case at all.
OWNED = ("profile.domain-handle", "profile.proved-link", "profile.brand-links-back")

#: Kept and shown, and of no weight: everybody has them, or they say what another signal says.
WEIGHTLESS = frozenset(
    {"profile.bio-brand", "profile.links", "profile.links-brand", "profile.flag-moved",
     "profile.domain-handle-claimed", "profile.proved-link-claimed", "profile.verified-claimed",
     "profile.age-claimed", "profile.gone", "profile.gone-claimed"}
)  # fmt: skip

#: A way off the platform, or money asked for: no fan and no critic needs one.
LEADS_AWAY = frozenset(
    {"profile.links-lookalike", "profile.contact-messenger", "profile.contact-direct",
     "profile.pays-crypto", "profile.pays-handle", "profile.pays-bank", "profile.shares-contact"}
)  # fmt: skip
#: The same only in the brand's own dress: fans offer help and ask for gifts, too.
ASKS = frozenset({"profile.words-support", "profile.words-money", "profile.words-work"})
#: Beside a name or a picture a second element of the brand's identity.
SECOND_ELEMENT = frozenset(
    {"profile.bio-copied", "profile.claims-official", "profile.links-lookalike"}
)
PICTURED = frozenset({"profile.avatar-official", "profile.banner-official"})
#: Of `detector`: profiles were read by others, this weighs them.
DETECTOR = "profiles-1"


def profile_traits(matches: Sequence[Match]) -> dict[str, Trait]:
    """What is known of the profile, by name; empty where nothing was read. Matches: of one pair."""
    return {trait["name"]: trait for match in matches for trait in match.get("profile") or ()}


def account_signals(
    traits: Mapping[str, Trait], *, fields: Iterable[str] = (), seen: Iterable[str] = ()
) -> list[Signal]:
    """One signal for each trait that weighs anything; see `profile_traits`.

    fields: those in which the brand was matched, pictures only where the logo is surely there.
    seen: traits of the matched names, which were weighed there.
    """
    known = {f"profile.{name}" for name in seen}
    fresh = {name: trait for name, trait in traits.items() if name not in known}
    intent = _weighed(fresh, INTENT, INTENT_MOST)
    fields = set(fields)
    identity = dict(IDENTITY)
    if Field.IMAGE in fields:
        identity["profile.avatar-official"] *= AVATAR_AGAIN
    found = [*_weighed(fresh, identity, IDENTITY_MOST), *intent]
    found += _provenance(fresh)
    found += _reach(fresh)
    verdicts = _weighed(fresh, VERDICTS, max(VERDICTS.values()))
    found += verdicts[:1]
    for group, weights in AGAINST.items():
        found += _weighed(fresh, {**weights, **_still(group, fresh, fields, intent)}, 0.0)[:1]
    return found


def _still(
    group: str, traits: Mapping[str, Trait], fields: set[str], intent: Sequence[Signal]
) -> dict[str, float]:
    """What the weights of a group against are beside the rest, where that changes them."""
    weights = AGAINST[group]
    wears = bool({Field.IMAGE, Field.BANNER} & fields)
    acts = acts_against(traits, wears=wears)
    if group == "age":
        enough = sum(signal.contribution for signal in intent) >= TELLING_INTENT
        copies = (PICTURED | SECOND_ELEMENT) & traits.keys()
        # An account that was renamed brought its age with it, and one that copies is not its old
        # self either, whether or not the change was seen.
        if acts or enough or copies or "profile.renamed" in traits:
            return dict.fromkeys(weights, 0.0)
        return {name: max(weight, -AGE_BESIDE_LOGO) for name, weight in weights.items() if wears}
    own_words = weights.keys() if group == "notice" else OWN_WORDS & weights.keys()
    return dict.fromkeys(own_words, 0.0) if acts else {}


def proved_own(traits: Mapping[str, Trait]) -> str | None:
    """Why this is no case, as a gate says it; None where nothing proves it."""
    for name in OWNED:
        if name in traits:
            says = str(traits[name]["says"])
            return f"No case: proved to be the brand's own ({says[:1].lower()}{says[1:]})"
    return None


def acts_against(traits: Mapping[str, Trait], *, wears: bool) -> bool:
    """Whether it does what no fan, critic or employee needs to, whatever it says of itself.

    wears: the logo is surely in its picture or banner.
    """
    known = traits.keys()
    asks = bool(ASKS & known) and (wears or bool(PICTURED & known))
    return asks or bool(LEADS_AWAY & known) or bool(VERDICTS.keys() & known)


def notice(traits: Mapping[str, Trait], *, wears: bool) -> str | None:
    """Why it speaks about the brand rather than for it, as a gate says it.

    None where it says no such thing, and where it acts otherwise, see `acts_against`: whoever does
    that writes "fan page" too.
    """
    if not acts_against(traits, wears=wears) and traits.keys() & AGAINST["notice"].keys():
        return "Not above watch: it speaks about the brand, as fans and critics do"
    return None


def _provenance(traits: Mapping[str, Trait]) -> list[Signal]:
    scale = dict(PROVENANCE)
    told = dict(traits)
    if young := traits.get("profile.young"):
        days = str(young["raw"])
        if days.isdecimal():
            scale["profile.young"] = within(YOUNG, int(days))
            # The trait says "28 days before", and not before what.
            age = "on the day" if int(days) == 0 else f"{days} day{'s' * (int(days) > 1)} before"
            told["profile.young"] = {**young, "says": f"It was made {age} it was last seen"}
    return _weighed(told, scale, PROVENANCE_MOST)


def _reach(traits: Mapping[str, Trait]) -> list[Signal]:
    """raw of the trait: the step of REACH that its followers passed."""
    passed = str(traits["profile.reach"]["raw"]) if "profile.reach" in traits else ""
    if not passed.isdecimal():
        return []
    weight = reached(REACH, int(passed))
    return _weighed(traits, {"profile.reach": weight}, weight)


def _weighed(
    traits: Mapping[str, Trait], weights: Mapping[str, float], most: float
) -> list[Signal]:
    """Strongest first; together at most `most` where they speak for the case."""
    present = sorted(
        (name for name in weights if name in traits), key=lambda name: (-abs(weights[name]), name)
    )
    found, left = [], most
    for name in present:
        weight = round(weights[name], 3)
        contribution = weight if weight < 0 else min(weight, left)
        left -= max(contribution, 0.0)
        if contribution:
            found.append(
                Signal(name=name, says=str(traits[name]["says"]), raw=str(traits[name]["raw"]),
                       weight=weight, contribution=round(contribution, 3), detector=DETECTOR)
            )  # fmt: skip
    return found


def weighed_names() -> Iterable[str]:
    """Every name that this file knows, weightless ones too: whatever reads profiles uses these."""
    against = (name for weights in AGAINST.values() for name in weights)
    return {*IDENTITY, *INTENT, *PROVENANCE, *VERDICTS, *against, *OWNED, *WEIGHTLESS,
            "profile.young", "profile.reach"}  # fmt: skip
