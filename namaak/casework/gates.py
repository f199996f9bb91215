"""What the sum of evidence may not do: from a band to a lower one, with a sentence that says why.

A gate never lifts. Each is a rule that people would follow whatever the numbers say: a name alone
is nobody's proof, who speaks about a brand does not pose as it, what is gone harms nobody.
Pure. Gates: docs/explanation/ranking.md and accounts.md.
May import: namaak.records, namaak.casework.name_signals, picture_signals, site_signals and
account_signals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from namaak.casework.account_signals import (
    PICTURED,
    SECOND_ELEMENT,
    TELLING,
    acts_against,
    notice,
    profile_traits,
    proved_own,
)
from namaak.casework.name_signals import is_name
from namaak.casework.picture_signals import shows_the_logo
from namaak.casework.site_signals import not_there, site_traits
from namaak.records import Band, Field, Place, Resemblance

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA, with what the casebook adds to it

_ORDER = tuple(Band)


#: Fields of accounts and apps in which a name is a name.
_NAMES = frozenset({Field.HANDLE, Field.DISPLAY_NAME, Field.APP})
_ABOUT = "Not above watch: it speaks about the brand, as fans and critics do"
#: Classes of words that ask people for something.
_ASKING = frozenset({"access", "money", "delivery"})


def gated(band: Band, matches: Sequence[Match]) -> tuple[Band, tuple[str, ...]]:
    """The band after the gates, and a sentence for each gate that lowered it."""
    live = [match for match in matches if match["suppressed"] is None]
    gates = []

    def at_most(ceiling: Band, why: str) -> None:
        nonlocal band
        if _ORDER.index(band) > _ORDER.index(ceiling):
            band = ceiling
            gates.append(why)

    profile = profile_traits(live)
    fields = {match["field"] for match in live}
    kinds = {match["subject_kind"] for match in live}
    lured = any(not lure.startswith("speech:") for match in live for lure in match["lures"])
    shown = kinds & {"account", "app"}
    # What a picture shows is one element, as a drawing or as text.
    pictured = Field.IMAGE_TEXT in fields or any(map(shows_the_logo, live))
    copied = bool((PICTURED | SECOND_ELEMENT) & profile.keys())
    marked = bool(TELLING & profile.keys())
    if shown and not (marked or ((pictured or copied) and fields & _NAMES)):
        # Name and picture together are what people fall for, and what platforms ask for before
        # they act.
        at_most(Band.REVIEW, "Not above review: only one element of identity is copied")
    if own := proved_own(profile):
        at_most(Band.NONE, own)
    if all("existence-only" in match["traits"] for match in live):
        at_most(Band.NONE, "No case by itself: all that is known is that the name is taken")
    if fields == {Field.BIO}:
        at_most(Band.WATCH, "Not above watch: it only names the brand in a text about itself")
    if taken := profile.get("profile.gone"):
        at_most(Band.WATCH, f"Not above watch: {_lower_first(str(taken['says']))}")
    if gone := not_there(site_traits(live)):
        at_most(Band.WATCH, gone)
    if all("delivery" in match["traits"] for match in live):
        at_most(Band.WATCH, "Not above watch: an alias at a delivery network, made by its customer")
    if all(match["resemblance"] == Resemblance.SAME_LABEL for match in live):
        at_most(Band.HIGH, "Not above high: the whole label is the brand's and may be its own")
    if fields == {Field.IMAGE_TEXT}:
        at_most(Band.REVIEW, "Not above review: only the text in a picture, read by a program")
    if kinds == {"image"}:
        at_most(Band.REVIEW, "Not above review: a picture alone, on no account or site")
    foreign = {"confusable", "visual", "diacritic", "pairs"}
    disguised = any(
        foreign & set(match["layers"]) for match in live if match["field"] != Field.IMAGE_TEXT
    )
    classes = {lure.partition(":")[0] for match in live for lure in match["lures"]}
    wears = any(map(shows_the_logo, live))
    if (about := notice(profile, wears=wears)) or (
        "speech" in classes and not classes & _ASKING and not acts_against(profile, wears=wears)
    ):
        at_most(Band.WATCH, about or _ABOUT)
    if all("dot-inside" in (match["kinds"] or ()) for match in live):
        at_most(Band.REVIEW, "Not above review: a dot cuts the name, and may be there by chance")
    common = all("common-word" in match["traits"] for match in live)
    if common and not disguised and not (copied or marked):
        if not lured:
            at_most(Band.WATCH, "Not above watch: an ordinary word, and nothing beside it")
        elif shown:
            # "visa help" is about journeys: lures mean little beside a word of daily speech.
            at_most(Band.WATCH, "Not above watch: an ordinary word, and no picture or link of it")
    people = all("person" in match["traits"] for match in live if match["field"] in _NAMES)
    tied = pictured or copied or marked or Field.BIO in fields or "profile.bio-brand" in profile
    if shown and fields & _NAMES and people and not tied:
        at_most(Band.WATCH, "Not above watch: a person's name, which others bear as well")
    short = all(
        is_name(match) and _fact(match, "size", otherwise=_letters(str(match["term"]))) <= 4
        for match in live
    )
    if short and not lured and all(match["place"] != Place.WHOLE for match in live):
        at_most(Band.WATCH, "Not above watch: a short name among other words")
    return band, tuple(gates)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _fact(match: Match, name: str, *, otherwise: int) -> int:
    """The number in the trait `name:number`."""
    for trait in match["traits"]:
        found, _, number = trait.partition(":")
        if found == name and number.isdigit():
            return int(number)
    return otherwise


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)
