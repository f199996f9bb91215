"""In which way a name resembles a brand, once a term was found in it, and how strongly.

Says what it sees: resemblance, kinds, place, distance, the folds that were needed, the words
beside it. Nothing that was seen is left out; what it is worth is ranking's to say.
May import: namaak.records, detectors.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from detectors.folding import LAYERS, fold_table
from detectors.lures import read_rest
from detectors.names.kinds import (
    FAMILIAR_SUFFIXES,
    company_kinds,
    cut_kinds,
    disguise_kinds,
    spelling_kinds,
)
from detectors.names.reading import ReadName
from detectors.names.sightings import ReadingFlag
from detectors.names.terms import Term
from namaak.records import Field, Place, Resemblance


@dataclass(frozen=True, slots=True)
class Sighting:
    """A term, found at a place of a name."""

    name: ReadName
    field: Field
    term: Term
    start: int  #: in name.raw
    end: int
    edits: int  #: OSA edits of the folded text
    reading: ReadingFlag  #: how the text had to be read

    @property
    def pairs(self) -> bool:
        """Found after letter pairs were merged."""
        return ReadingFlag.PAIRS in self.reading

    @property
    def joined(self) -> bool:
        """Found after separators were taken out."""
        return ReadingFlag.JOINED in self.reading

    @property
    def text(self) -> str:
        """The span as read."""
        return self.name.raw[self.start : self.end]

    @property
    def bounded(self) -> tuple[bool, bool]:
        """Whether a word begins at the span's start, and ends at its end."""
        raw = self.name.raw
        return (
            self.start == 0 or not raw[self.start - 1].isalnum(),
            self.end == len(raw) or not raw[self.end].isalnum(),
        )

    @property
    def in_sub_label(self) -> bool:
        """In a host's label below the registrable one."""
        return self.field is Field.HOST and self.end <= self.name.label

    @property
    def shown(self) -> str:
        """The span as it is written."""
        start, end = self.name.in_value(self.start, self.end)
        return self.name.value[start:end]

    @property
    def unit(self) -> tuple[int, int]:
        """Where in raw the label begins and ends that the span is in; no host: all of it."""
        raw, label = self.name.raw, self.name.label
        if self.in_sub_label:
            following = raw.find(".", self.end - 1)
            return raw.rfind(".", 0, self.start) + 1, following if following >= 0 else len(raw)
        return min(label, self.start), len(raw)


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


def describe(seen: Sighting) -> Described:
    """The sighting in words. Every sighting has some."""
    term, name, text, unit = seen.term, seen.name, seen.text, seen.unit
    place = _place(seen, unit)
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
    more = exact and not cut and _one_letter_more(seen)
    if more:
        # "acmee" is a misspelling with one letter too many, not a word beside the brand.
        edits, place = 1, Place.WHOLE
    if layers == {"shape"} and _plain_letters(seen):
        # In small letters an i is no l: a misspelling like any other, not a disguise.
        layers.clear()
        edits = max(1, OSA.distance(written, term.raw))
    distance = 0 if exact else OSA.distance(written, term.raw)
    distance += hidden + (len(breaks) if cut else 0) + (edits if exact else 0)
    lures, traits = _beside(seen, place, unit)
    start, end = name.in_value(seen.start, seen.end)
    disguised = bool(layers) or (not exact and "bidi" in name.traits)
    resemblance = _resemblance(seen, place, edits, disguised=disguised, cut=cut)
    return Described(
        brand_id=term.brand_id,
        value=name.value,
        term=term.name,
        resemblance=resemblance,
        place=place,
        distance=distance,
        strength=_strength(seen, place, edits, exact=exact, cut=cut, lured=bool(lures)),
        span_start=start,
        span_end=end,
        layers=[layer for layer in LAYERS if layer in layers] if layers else [],
        lures=lures,
        traits=[*dict.fromkeys((*traits, *_traits(seen, edits, end)))],
        kinds=_kinds(
            seen, unit, shown, letters, resemblance, lures, cut=cut, more=more, exact=exact
        ),
    )


def _place(seen: Sighting, unit: tuple[int, int]) -> Place:
    left, right = seen.bounded
    if not (left and right):
        return Place.EDGE if left or right else Place.INSIDE
    if seen.field is Field.HOST:
        return Place.WHOLE if (seen.start, seen.end) == unit else Place.TOKEN
    raw = seen.name.raw
    around = raw[: seen.start] + raw[seen.end :]
    return Place.TOKEN if any(map(str.isalnum, around)) else Place.WHOLE


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


def _one_letter_more(seen: Sighting) -> bool:
    """The label, handle or name is the span and a single letter before or behind it."""
    if seen.in_sub_label:
        return False
    raw = seen.name.raw
    around = raw[seen.name.label : seen.start] + raw[seen.end :]
    return len(around) == 1 and around.isalpha()


def _beside(
    seen: Sighting, place: Place, unit: tuple[int, int]
) -> tuple[list[str], tuple[str, ...]]:
    """(lures, traits) of what stands beside the brand.

    Lures count wherever they stand in the name; letters that form no word count against it only
    where they are in the same label.
    """
    raw, label = seen.name.raw, seen.name.label
    if seen.field is not Field.HOST:
        lures, traits = read_rest(f"{raw[: seen.start]} {raw[seen.end :]}")
        return list(lures), traits
    # Whoever holds the brand's very label names what is below it; most often that is the brand.
    own_label = place is Place.WHOLE and not seen.in_sub_label
    if own_label and "free-host" not in seen.name.traits:
        lures = ()
    else:
        # A foreign registrable label says nothing about the brand in front of it.
        ends = label if seen.in_sub_label else len(raw)
        lures, _ = read_rest(f"{raw[: seen.start]} {raw[seen.end : ends]}")
    begins, ends = unit
    _, traits = read_rest(f"{raw[begins : seen.start]} {raw[seen.end : ends]}")
    return list(lures), traits


def _traits(seen: Sighting, edits: int, value_end: int) -> tuple[str, ...]:
    """Further facts that ranking weighs."""
    traits = (*seen.name.traits, f"size:{len(seen.term.raw)}")
    if edits:
        traits += (f"edits:{edits}",)
    if edits and seen.text[0] != seen.term.raw[0]:
        traits += ("first-letter",)
    if seen.in_sub_label:
        following = seen.name.value[value_end:].split(".")
        # ".com." and two more labels: the brand's whole address stands in front.
        if len(following) > 3 and not following[0] and following[1] in FAMILIAR_SUFFIXES:
            traits += ("brand-domain",)
    if seen.term.person:
        traits += ("person",)
    if seen.term.common_word:
        traits += ("common-word",)
    return traits


def _kinds(
    seen: Sighting, unit: tuple[int, int], shown: str, letters: str, resemblance: Resemblance,
    lures: list[str], *, cut: bool, more: bool, exact: bool,
) -> list[str]:  # fmt: skip
    """The field's names for it: how it is written, where it stands, what stands beside it."""
    term, name = seen.term, seen.name
    begins, ends = unit
    before, after = name.raw[begins : seen.start], name.raw[seen.end : ends]
    kinds = [term.variant] if term.variant else []
    if name.traits:
        kinds += [kind for trait, kind in _TRAIT_KINDS.items() if trait in name.traits]
    if not exact and (name.layers or name.offsets is not None):
        layers = layers_of(shown, name)
        kinds += disguise_kinds(shown, layers, host=seen.field is Field.HOST)
        if layers and shown.isascii():
            kinds.append("leet")  # a sign for a letter: "p@ypal"
    written = f"{before}{seen.text}{after}" if more else letters
    if written != term.raw:
        kinds += spelling_kinds(term.raw, written)
    if cut:
        kinds += cut_kinds(seen.text)
    if seen.in_sub_label:
        kinds.append(Resemblance.LEVEL_SQUAT)
    if "free-host" in name.traits:
        kinds.append(Resemblance.FREE_HOST)
    if resemblance in (Resemblance.SAME_LABEL, Resemblance.SAME_NAME):
        kinds.append(resemblance)
    if not more:
        if any(map(str.isalnum, before + after)):
            kinds.append(Resemblance.COMBOSQUAT)
        kinds += company_kinds(before, after, lures)
    if term.person:
        kinds.append("executive")
    return list(dict.fromkeys(map(str, kinds)))


#: Traits of the whole name that are a kind by themselves.
_TRAIT_KINDS = {
    "bidi": "bidi-reversed", "flipped": "flipped", "invisible": "invisible",
    "fake-tick": "fake-tick",
}  # fmt: skip


def _resemblance(
    seen: Sighting, place: Place, edits: int, *, disguised: bool, cut: bool
) -> Resemblance:
    whole = place is Place.WHOLE
    if edits:
        return Resemblance.TYPOSQUAT if whole else Resemblance.COMBO_TYPO
    if disguised:
        return Resemblance.HOMOGRAPH if whole else Resemblance.COMBO_HOMOGRAPH
    if cut:
        return Resemblance.SPLIT
    if seen.in_sub_label:
        return Resemblance.LEVEL_SQUAT
    if "free-host" in seen.name.traits:
        return Resemblance.FREE_HOST
    if whole:
        return Resemblance.SAME_LABEL if seen.field is Field.HOST else Resemblance.SAME_NAME
    return Resemblance.COMBOSQUAT


#: 0..1 for an exact, a folded and a one-edit resemblance of eight letters or more.
_BASE = {
    Place.WHOLE: (0.95, 0.95, 0.65),
    Place.TOKEN: (0.75, 0.75, 0.45),
    Place.EDGE: (0.55, 0.45, 0.30),
    Place.INSIDE: (0.30, 0.15, 0.10),
}


def _strength(
    seen: Sighting, place: Place, edits: int, *, exact: bool, cut: bool, lured: bool
) -> float:
    """How strong this resemblance is alone; monotone in every argument."""
    column = 2 if edits else (0 if exact else 1)
    strength = _BASE[place][column] * (0.5 if edits > 1 else 1.0)
    strength *= min(1.0, math.sqrt(len(seen.term.raw) / 8))
    if cut:
        strength *= 0.9
    if seen.in_sub_label and place is Place.WHOLE:
        strength *= 0.9
    if lured:
        strength += (1 - strength) * 0.4
    return round(strength, 3)
