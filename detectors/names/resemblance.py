"""In which way a name resembles a brand, once a term was found in it, and how strongly.

Says what it sees: resemblance, kinds, place, distance, the folds that were needed, the words
beside it. Nothing that was seen is left out; what it is worth is ranking's to say.
May import: namaak.records, detectors.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import OSA

from detectors.folding import LAYERS, fold_table
from detectors.names.around import Around, Sighting, around_of
from detectors.names.kinds import cut_kinds, disguise_kinds, spelling_kinds
from detectors.names.reading import ReadName
from detectors.names.terms import Term
from namaak.records import Field, Place, Resemblance


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a sighting is. Fields as in the match schema."""

    brand_id: str
    value: str
    term: str
    resemblance: Resemblance
    place: Place
    distance: int
    strength: float
    span_start: int
    span_end: int
    layers: list[str]
    lures: list[str]
    traits: list[str]
    kinds: list[str]


class Written(NamedTuple):
    """How the letters of a span are the term's, wherever they stand in a name."""

    term: Term
    host: bool  #: the name is a host's
    name_traits: tuple[str, ...]
    text: str  #: as read
    exact: bool
    cut: bool
    edits: int
    distance: int
    layers: tuple[str, ...]
    disguised: bool
    kinds: tuple[str, ...]
    own_kinds: tuple[str, ...]  #: of these, those that do not tell of its letters

    @property
    def whole(self) -> bool:
        """Letter by letter the term: with one letter beside it, it may be a misspelling."""
        return self.exact and not self.cut

    @property
    def free_host(self) -> bool:
        """Under a hosting service's suffix."""
        return "free-host" in self.name_traits


class Told(NamedTuple):
    """What both together make of a sighting."""

    resemblance: Resemblance
    place: Place
    distance: int
    strength: float
    traits: tuple[str, ...]  #: behind those of what stands around
    kinds: tuple[str, ...]  #: before those of what stands around


def describe(seen: Sighting) -> Described:
    """The sighting in words. Every sighting has some.

    In three steps, because names come by the ten thousand in which the same letters stand, or the
    same beside them: `wording` takes each of these once.
    """
    written = written_as(seen)
    around = around_of(seen, one_more=written.whole)
    told = tell(written, around.place, around.more, below=around.below, address=around.address,
                lured=bool(around.lures))  # fmt: skip
    start, end = seen.name.in_value(seen.start, seen.end)
    return Described(
        brand_id=seen.term.brand_id,
        value=seen.name.value,
        term=seen.term.name,
        resemblance=told.resemblance,
        place=told.place,
        distance=told.distance,
        strength=told.strength,
        span_start=start,
        span_end=end,
        layers=list(written.layers),
        lures=list(around.lures),
        traits=list(traits_of(around, told)),
        kinds=list(kinds_of(around, told, seen.term)),
    )


def traits_of(around: Around, told: Told) -> tuple[str, ...]:
    """All traits, each once."""
    return tuple(dict.fromkeys((*around.traits, *told.traits)))


def kinds_of(around: Around, told: Told, term: Term) -> tuple[str, ...]:
    """All kinds, the letters' own first, then the place's, then the company's."""
    return (*told.kinds, *around.kinds, "executive") if term.person else told.kinds + around.kinds


def written_as(seen: Sighting) -> Written:
    """The letters of the span beside the term's."""
    term, name, text = seen.term, seen.name, seen.text
    letters = text if text.isalnum() else "".join(filter(str.isalnum, text))
    plain = not name.layers and name.offsets is None
    if plain:
        # Nearly all: read as it is written, but for capitals.
        shown, written, hidden = text, letters, 0
    else:
        shown = seen.shown
        written = "".join(char for char in shown.casefold() if char.isalnum())
        # Joiners, marks and the like inside the name: nobody types them by accident.
        hidden = sum(not (char.isascii() or char.isalnum()) for char in shown)
    exact = written in (term.raw, term.written) and not hidden
    breaks = set() if letters is text else _breaks(text)
    cut = bool(breaks) and not breaks <= term.breaks
    edits = seen.edits
    layers = set() if exact else _layers(seen, shown, letters, hidden)
    if layers == {"shape"} and _plain_letters(seen):
        # In small letters an i is no l: a misspelling like any other, not a disguise.
        layers.clear()
        edits = max(1, OSA.distance(written, term.raw))
    distance = 0 if exact else OSA.distance(written, term.raw)
    distance += hidden + (len(breaks) if cut else 0)
    own = _own_kinds(seen, shown, exact=exact)
    kinds = own
    if letters != term.raw:
        kinds += spelling_kinds(term.raw, letters)
    if cut:
        kinds += cut_kinds(text)
    return Written(
        term=term,
        host=seen.field is Field.HOST,
        name_traits=name.traits,
        text=text,
        exact=exact,
        cut=cut,
        edits=edits,
        distance=distance,
        layers=tuple(layer for layer in LAYERS if layer in layers) if layers else (),
        disguised=bool(layers) or (not exact and "bidi" in name.traits),
        kinds=kinds,
        own_kinds=own,
    )


def tell(
    written: Written, place: Place, more: tuple[str, str] | None,
    *, below: bool, address: bool, lured: bool,
) -> Told:  # fmt: skip
    """place to address: as in `Around`; lured: lures stand beside it."""
    edits, distance = written.edits, written.distance
    if more:
        # "acmee" is a misspelling with one letter too many, not a word beside the brand.
        edits, place = 1, Place.WHOLE
    if written.exact:
        distance += edits
    resemblance = _resemblance(written, place, edits, below=below)
    return Told(
        resemblance=resemblance,
        place=place,
        distance=distance,
        strength=_strength(written, place, edits, below=below, lured=lured),
        traits=_traits(written, edits, address=address),
        kinds=_kinds(written, resemblance, more, below=below),
    )


def _breaks(text: str) -> set[int]:
    """After how many of the span's letters there is a separator."""
    letters, breaks = 0, set()
    for char in text:
        if char.isalnum():
            letters += 1
        else:
            breaks.add(letters)
    return breaks


def _layers(seen: Sighting, shown: str, letters: str, hidden: int) -> set[str]:
    """The folds that made the span read as the term. letters: the span's, as read."""
    layers = layers_of(shown, seen.name)
    if hidden:
        layers.add("styled")
    if not seen.edits:
        if seen.pairs:
            layers.add("pairs")
        elif letters != seen.term.raw:
            layers.add("shape")
    return layers


def layers_of(shown: str, name: ReadName) -> set[str]:
    """The folds that reading this part of a name needed; empty for plain ASCII."""
    if not name.layers:
        return set()
    if shown.isascii() or "flipped" in name.traits:
        return {"visual"} & set(name.layers)  # signs for letters, letters upside down
    table = fold_table()
    by_sound = "by-sound" in name.traits
    layers = set()
    for char in shown:
        point = ord(char)
        if point < 0x80:
            continue
        if by_sound and not unicodedata.name(char, "LATIN").startswith("LATIN"):
            layers.add("sound")  # a language of its own, and no disguise
        elif point in table.reads_as:
            layers.add(table.reads_as[point][0])
        elif unicodedata.category(char) in ("Mn", "Me"):
            layers.add("diacritic")
    return layers


def _plain_letters(seen: Sighting) -> bool:
    """The span differs from the term in small letters only: i for l, or l for the brand's 1."""
    name = seen.name
    shown = "".join(
        name.value[name.offsets[at] if name.offsets else at]
        for at in range(seen.start, seen.end)
        if name.raw[at].isalnum()
    )
    if len(shown) != len(seen.term.raw):
        return False
    differing = [a for a, b in zip(shown, seen.term.raw, strict=True) if a.lower() != b]
    return bool(differing) and all(char.isalpha() and char.islower() for char in differing)


def _traits(written: Written, edits: int, *, address: bool) -> tuple[str, ...]:
    """Further facts that ranking weighs."""
    term = written.term
    traits = (*written.name_traits, f"size:{len(term.raw)}")
    if edits:
        traits += (f"edits:{edits}",)
    if edits and written.text[0] != term.raw[0]:
        traits += ("first-letter",)
    if address:
        traits += ("brand-domain",)
    if term.person:
        traits += ("person",)
    if term.common_word:
        traits += ("common-word",)
    return traits


def _own_kinds(seen: Sighting, shown: str, *, exact: bool) -> tuple[str, ...]:
    """What the term and the characters are, apart from how the letters differ."""
    term, name = seen.term, seen.name
    kinds = [term.variant] if term.variant else []
    if name.traits:
        kinds += [kind for trait, kind in _TRAIT_KINDS.items() if trait in name.traits]
    if not exact and (name.layers or name.offsets is not None):
        layers = layers_of(shown, name)
        kinds += disguise_kinds(shown, layers, host=seen.field is Field.HOST)
        if layers and shown.isascii():
            kinds.append("leet")  # a sign for a letter: "p@ypal"
    return tuple(kinds)


def _kinds(
    written: Written, resemblance: Resemblance, more: tuple[str, str] | None, *, below: bool
) -> tuple[str, ...]:
    """The field's names for it: how it is written, and where it stands."""
    kinds = [*written.kinds]
    if more:
        raw, whole = written.term.raw, written.text.join(more)
        kinds = [*written.own_kinds, *(spelling_kinds(raw, whole) if whole != raw else ())]
    if below:
        kinds.append(Resemblance.LEVEL_SQUAT)
    if written.free_host:
        kinds.append(Resemblance.FREE_HOST)
    if resemblance in (Resemblance.SAME_LABEL, Resemblance.SAME_NAME):
        kinds.append(resemblance)
    return tuple(dict.fromkeys(map(str, kinds)))


#: Traits of the whole name that are a kind by themselves.
_TRAIT_KINDS = {
    "bidi": "bidi-reversed", "flipped": "flipped", "invisible": "invisible",
    "fake-tick": "fake-tick",
}  # fmt: skip


def _resemblance(written: Written, place: Place, edits: int, *, below: bool) -> Resemblance:
    whole = place is Place.WHOLE
    if edits:
        return Resemblance.TYPOSQUAT if whole else Resemblance.COMBO_TYPO
    if written.disguised:
        return Resemblance.HOMOGRAPH if whole else Resemblance.COMBO_HOMOGRAPH
    if written.cut:
        return Resemblance.SPLIT
    if below:
        return Resemblance.LEVEL_SQUAT
    if written.free_host:
        return Resemblance.FREE_HOST
    if whole:
        return Resemblance.SAME_LABEL if written.host else Resemblance.SAME_NAME
    return Resemblance.COMBOSQUAT


#: 0..1 for an exact, a folded and a one-edit resemblance of eight letters or more.
_BASE = {
    Place.WHOLE: (0.95, 0.95, 0.65),
    Place.TOKEN: (0.75, 0.75, 0.45),
    Place.EDGE: (0.55, 0.45, 0.30),
    Place.INSIDE: (0.30, 0.15, 0.10),
}


def _strength(written: Written, place: Place, edits: int, *, below: bool, lured: bool) -> float:
    """How strong this resemblance is alone; monotone in every argument."""
    column = 2 if edits else (0 if written.exact else 1)
    strength = _BASE[place][column] * (0.5 if edits > 1 else 1.0)
    strength *= min(1.0, math.sqrt(len(written.term.raw) / 8))
    if written.cut:
        strength *= 0.9
    if below and place is Place.WHOLE:
        strength *= 0.9
    if lured:
        strength += (1 - strength) * 0.4
    return round(strength, 3)
