"""The vocabulary of edits: what can be said of a picture made out of a logo, in two languages.

`explaining` measures them; `layers` of a match hold the keys.
May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Wording:
    """How an edit is said. `{}` stands for its measure."""

    english: str
    dutch: str
    measure: str  #: what the number is, with its unit


#: The whole vocabulary, in the order in which edits are told.
EDITS: Mapping[str, Wording] = MappingProxyType(
    {
        "mirrored": Wording("mirrored", "gespiegeld", "loss of agreement if it were not, 0..1"),
        "rotated": Wording(
            "turned by {:.0f} degrees", "{:.0f} graden gedraaid", "degrees, against the clock"
        ),
        "stretched": Wording(
            "stretched, {:.2f} times wider than high",
            "uitgerekt, {:.2f} keer zo breed als hoog",
            "width by height, against the official drawing's",
        ),
        "shrunk": Wording(
            "shrunk to {:.0%} of its size in the frame",
            "verkleind tot {:.0%} van zijn formaat in het kader",
            "factor of its size, against the frame's longer side",
        ),
        "enlarged": Wording(
            "enlarged to {:.0%} of its size in the frame",
            "vergroot tot {:.0%} van zijn formaat in het kader",
            "factor of its size, against the frame's longer side",
        ),
        "moved": Wording(
            "moved by {:.0%} of the frame", "{:.0%} van het kader verschoven", "share of the side"
        ),
        "cropped": Wording(
            "{:.0%} of it cut away", "{:.0%} ervan afgesneden", "share of the drawing"
        ),
        "inverted": Wording(
            "light and dark exchanged",
            "licht en donker verwisseld",
            "correlation of lightness, -1..0",
        ),
        "recoloured": Wording(
            "in other colours", "in andere kleuren", "median change of colour, Lab units"
        ),
        "greyscale": Wording("in shades of grey", "in grijstinten", "chroma left, Lab units"),
        "silhouette": Wording(
            "in one colour", "in één kleur", "share of the drawing that has this colour"
        ),
        "other-background": Wording(
            "on a background of another colour",
            "op een achtergrond van een andere kleur",
            "change of its colour, Lab units",
        ),
        "gradient-background": Wording(
            "on a gradient", "op een kleurverloop", "span of the gradient, Lab units"
        ),
        "photo-background": Wording(
            "on a photograph or pattern", "op een foto of patroon", "agreement of edges, 0..1"
        ),
        "circle": Wording("cut round", "rond uitgesneden", "always 1"),
        "framed": Wording(
            "in a frame, {:.0%} wide", "in een rand van {:.0%}", "width, share of the shorter side"
        ),
        "badge": Wording(
            "with a badge in a corner, {:.0%} wide",
            "met een embleem van {:.0%} in een hoek",
            "diameter, share of the shorter side",
        ),
        "text-added": Wording(
            "with a band of text, {:.0%} high",
            "met een tekstbalk van {:.0%} hoog",
            "height, share of the picture's",
        ),
        "blurred": Wording("blurred", "vervaagd", "spread of edges, pixels"),
        "noisy": Wording("with noise added", "met ruis", "standard deviation, grey levels"),
    }
)


def in_words(
    edits: tuple[str, ...], measures: Mapping[str, float], *, dutch: bool = False
) -> tuple[str, ...]:
    """A phrase for each edit; of an edit whose measure is not known, what needs none."""
    said = []
    for edit in edits:
        wording = EDITS.get(edit)
        if wording is None:
            said.append(edit)
            continue
        text = wording.dutch if dutch else wording.english
        if "{" in text and edit not in measures:
            said.append(edit)
            continue
        said.append(text.format(abs(measures[edit])) if "{" in text else text)
    return tuple(said)
