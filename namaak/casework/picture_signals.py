"""What a picture says for or against a case: the logo in it, and who else wears it.

How surely a logo is in a picture was measured as a log-likelihood ratio; against how rare a
logo is among pictures it becomes a contribution, between a floor and a ceiling that keep names and
pictures comparable. How widely the picture is worn then takes away (a logo that everybody wears,
a picture with many logos) or adds (several accounts of one brand with one picture).
Pure. Weights: docs/reference/weights.md.
May import: namaak.records, namaak.casework.name_signals and weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from namaak.casework import weights
from namaak.casework.name_signals import PRIOR
from namaak.casework.weights import reached
from namaak.records import Field, Resemblance, Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA, with `worn` when the casebook gives it
Worn = Mapping[str, Any]  #: one picture of the subject; see the casebook's table worn_pictures

_LIKENESS = weights.group("pictures.likeness")
#: Of how many pictures that strangers show one has the logo of a given brand.
PICTURES_PER_LOGO: int = _LIKENESS["pictures_per_logo"]
#: What a log-likelihood ratio must exceed to say anything: ranking begins at PRIOR for all that
#: resembles a brand somehow, but one picture in PICTURES_PER_LOGO shows the logo.
NEUTRAL_LLR = round(math.log(PICTURES_PER_LOGO) + PRIOR, 1)

#: Least and most that a likeness contributes, and what it does where no ratio was measured.
LIKENESS: Mapping[Resemblance, tuple[float, float, float]] = {
    Resemblance(kind): (one["least"], one["most"], one["unmeasured"])
    for kind, one in _LIKENESS["kinds"].items()
}
_SAYS = {
    Resemblance.SAME_IMAGE: "The {place} shows the {what} {term}",
    Resemblance.NEAR_IMAGE: "The {place} comes close to the {what} {term}",
    Resemblance.LOGO_INSIDE: "Somewhere in the {place} is the {what} {term}",
}
#: Of a match: its logo is the photo of a person of the brand's, and was found as that very file or
#: a copy of it. Faces are never compared.
PHOTO = "photo-of-person"
#: Fields whose value is a picture.
_PICTURES = (Field.IMAGE, Field.BANNER)

#: Edits that hide a logo from a plain comparison; nobody needs them to show it. Only where the
#: match is sure, and the two that weigh most.
HIDING = weights.values("pictures.hiding")
SURE_LLR: float = weights.number("pictures.hiding.sure_llr")
_MOST_HIDING: int = weights.group("pictures.hiding")["at_most"]
_HIDDEN = {
    "mirrored": "The {what} is mirrored",
    "badge": "The {what} bears a badge of its own",
    "inverted": "The {what}'s colours are inverted",
    "rotated": "The {what} is turned",
}

#: From so many brands whose logos are in the picture: a comparison, a list of wallets, a fair.
SEVERAL_LOGOS = weights.steps("pictures.several_logos")
#: From so many that wear the picture, most of whom do not imitate the brand by name.
WORN_BY_MANY = weights.steps("pictures.worn_by_many")
#: As many as the least of WORN_BY_MANY, however few wear it.
BRANDS_OF_MANY: int = weights.group("pictures.worn_by_many")["brands_of_many"]
#: What stays of a likeness whatever speaks against the picture: it is there all the same.
LEFT_OVER: float = _LIKENESS["left_over"]
#: From so many that wear the picture and imitate the brand by name, if they are at least half of
#: all that wear it.
CAMPAIGN = weights.steps("pictures.campaign")
#: `detector` of what follows from who wears a picture.
WEARING = "worn-pictures-1"


def picture_signals(match: Match) -> list[Signal]:
    """The signals of one match of a picture; contributions add up to its score, never below 0."""
    kind = Resemblance(match["resemblance"])
    least, most, unmeasured = LIKENESS[kind]
    llr = dict(match["evidence"] or ()).get("llr")
    weight = unmeasured if llr is None else min(max(llr - NEUTRAL_LLR, least), most)
    distance = int(match["distance"])
    what = "photo" if PHOTO in match["traits"] else "logo"
    said = f"{distance} of 256 bits differ" if llr is None else _likelier(llr, what)
    raw = distance if llr is None else f"log-likelihood ratio {llr:.2f}"
    place = "banner" if match["field"] == Field.BANNER else "picture"
    says = f"{_SAYS[kind].format(term=match['term'], what=what, place=place)} ({said})"
    found = [_signal(match, str(kind), says, raw, weight)]
    if llr is None or llr >= SURE_LLR:
        hiding = sorted(HIDING.keys() & set(match["layers"]), key=lambda e: (-HIDING[e], e))
        found += (_signal(match, edit, _HIDDEN[edit].format(what=what), edit, HIDING[edit])
                  for edit in hiding[:_MOST_HIDING])  # fmt: skip
    worn = next((w for w in worn_by(match) if w["image_sha256"] == match["value"]), None)
    if worn is None:
        return found
    sure = kind is Resemblance.SAME_IMAGE or (llr is not None and llr >= SURE_LLR)
    against = [_signal(match, *one) for one in _against(worn, sure=sure)]
    allowed = (1 - LEFT_OVER) * sum(signal.contribution for signal in found)
    taken = -sum(signal.contribution for signal in against)
    share = min(1.0, allowed / taken) if taken else 1.0
    return found + [_scaled(signal, share) for signal in against]


def campaign_signals(matches: Sequence[Match]) -> list[Signal]:
    """Of one brand and subject: that its picture is that of others which imitate the brand.

    At most one signal, for the picture that most of them wear.
    """
    worn = {w["look"]: w for match in matches for w in worn_by(match) if is_campaign(w)}
    if not worn:
        return []
    most = max(worn.values(), key=lambda w: (w["imitators"], w["look"]))
    weight = reached(CAMPAIGN, most["imitators"])
    says = (
        f"The same picture is on {_number(most['imitators'])} accounts whose names imitate the "
        f"brand, of {_number(most['wearers'])} that wear it"
    )
    return [
        Signal(name="image.campaign", says=says, raw=most["look"], weight=weight,
               contribution=weight, detector=WEARING)
    ]  # fmt: skip


def worn_by(match: Match) -> Iterable[Worn]:
    """The pictures of the match's subject; none where the caller does not know them."""
    return match.get("worn") or ()


def is_campaign(worn: Worn) -> bool:
    """Mostly worn by those whose names imitate this brand; default pictures never count.

    A logo is there for everybody to take: that imitators wear it too says something of a further
    imitator, and nothing of others who show it.
    """
    enough = worn["imitators"] >= CAMPAIGN[0][0] and worn["mostly_imitators"]
    links = worn["imitator"] or not worn["brands_shown"]
    return bool(worn["hashed"] and enough and links)


def _against(worn: Worn, *, sure: bool) -> Iterator[tuple[str, str, object, float]]:
    """Name, sentence, raw value and weight of what weakens a picture."""
    logos, wearers, named = worn["brands_shown"], worn["wearers"], worn["brands_named"]
    if several := reached(SEVERAL_LOGOS, logos):
        yield "several-logos", f"The picture holds logos of {logos} brands", logos, several
    if worn["mostly_imitators"]:
        return
    if sure and named < BRANDS_OF_MANY and logos <= 1:
        # The one brand's own logo beyond doubt, however many wear it: else whoever puts it on a
        # hundred empty accounts would make all of them weigh less.
        return
    many = reached(WORN_BY_MANY, wearers)
    if named >= BRANDS_OF_MANY:
        many = min(many, WORN_BY_MANY[0][1])
    if many:
        says = (
            f"{_number(wearers)} accounts wear this picture, and most of them do not imitate the "
            "brand by name"
        )
        if named > 1:
            says += f"; their names imitate {named} brands"
        yield "worn-by-many", says, wearers, many


def shows_the_logo(match: Match) -> bool:
    """Whether the picture speaks for the brand at all, and so is an element of its identity."""
    if match["field"] not in _PICTURES:
        return False
    llr = dict(match["evidence"] or ()).get("llr")
    return llr is None or bool(llr >= NEUTRAL_LLR)


def _number(count: int) -> str:
    """As the casebook keeps it: from 100 on the first digit."""
    return f"{count:,}" if count < 100 else f"{count:,} or more"


def _likelier(llr: float, what: str) -> str:
    times = math.exp(min(llr, 9.0))
    shown = f"{times:.0f}" if times < 100 else f"{round(times, -2):,.0f}"
    return f"{shown} times likelier with the {what} than without"


def _signal(match: Match, name: str, says: str, raw: object, weight: float) -> Signal:
    weight = round(weight, 3)
    return Signal(
        name=f"{match['field']}.{name}", says=says, raw=str(raw), weight=weight,
        contribution=weight, detector=str(match["detector"]),
    )  # fmt: skip


def _scaled(signal: Signal, share: float) -> Signal:
    return replace(signal, contribution=round(signal.contribution * share, 3))
