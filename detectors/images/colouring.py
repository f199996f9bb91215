"""What was done to a logo's colours: inverted, recoloured, made grey, made one colour.

Judged on the same pixels of both pictures after one was laid over the other: those that belong
to the logo's drawing, against what lies behind it in either.
Pure: arrays in, numbers out.
May import: detectors.images.aligning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.images.aligning import Floats, Mask

_LEAST_PIXELS = 40
_COLOURFUL = 18.0  # chroma from which a colour has a hue that people name
_GREY = 7.0  # chroma up to which people call it grey
_TURNED = 28.0  # degrees of hue that no compression or screen makes
_CHANGED = 26.0  # Lab units
_FLIPPED = 12.0  # lightness between drawing and ground on either side


@dataclass(frozen=True, slots=True, kw_only=True)
class Colouring:
    """Each the measure that says so, or None."""

    inverted: float | None  #: correlation of lightness, -1..0
    recoloured: float | None  #: degrees of hue where both have one, else Lab units
    hue: bool  #: which of the two `recoloured` is
    greyscale: float | None  #: chroma that is left, Lab units
    silhouette: float | None  #: share of the drawing that has one colour
    kept: bool  #: the drawing's colours are the reference's


def colouring(
    official: Floats,
    grey: Floats,
    seen: Floats,
    drawn: Mask,
    grounds: tuple[Floats, Floats],
    compared: Mask,
) -> Colouring:
    """official, seen: (h, w, 3) Lab, laid over one another. drawn: the logo's own pixels.

    grey: (h, w), L of the official picture made grey as programs do it, which is not its L.
    grounds: Lab of the background, (3,) or (h, w, 3), of each. compared: all pixels that both
    show, drawing and background.
    """
    ours, theirs = official[drawn], seen[drawn]
    if len(ours) < _LEAST_PIXELS:
        return Colouring(
            inverted=None, recoloured=None, hue=False, greyscale=None, silhouette=None, kept=False
        )
    change = np.sqrt(np.square(ours - theirs).sum(axis=1))
    changed = float(np.median(change))
    our_chroma, their_chroma = np.hypot(*ours[:, 1:].T), np.hypot(*theirs[:, 1:].T)
    polarity = _correlation(official[..., 0][compared], seen[..., 0][compared])

    one_before, one_after = _one_colour(ours), _one_colour(theirs)
    silhouette = one_after if one_after > 0.9 and one_before < one_after - 0.15 else None

    grey_now = float(np.quantile(np.hypot(seen[..., 1], seen[..., 2])[compared], 0.95))
    coloured_before = float(np.quantile(our_chroma, 0.75))
    greyscale = None
    darker = float(np.median(np.abs(grey[drawn] - theirs[:, 0])))
    if grey_now < _GREY and coloured_before > _COLOURFUL and darker < 12:
        greyscale, silhouette = grey_now, None

    inverted = None
    before = ours[:, 0] - _lightness(grounds[0], drawn)
    after = theirs[:, 0] - _lightness(grounds[1], drawn)
    flips = (
        np.median(before) * np.median(after) < 0
        and min(abs(np.median(before)), abs(np.median(after))) > _FLIPPED
    )
    if changed > _CHANGED and polarity < -0.4 and flips:
        inverted = polarity

    recoloured, hue = None, False
    if greyscale is None and inverted is None and silhouette is None:
        both = (our_chroma > _COLOURFUL) & (their_chroma > _COLOURFUL)
        if both.mean() > 0.3:
            turn = np.abs(_hue(theirs[both]) - _hue(ours[both]))
            degrees = float(np.median(np.minimum(turn, 360 - turn)))
            if degrees > _TURNED and float(np.median(change[both])) > 0.7 * _CHANGED:
                recoloured, hue = degrees, True
        if recoloured is None and changed > _CHANGED and one_after > 0.6:
            recoloured = changed
    return Colouring(
        inverted=inverted,
        recoloured=recoloured,
        hue=hue,
        greyscale=greyscale,
        silhouette=silhouette,
        kept=changed < 0.75 * _CHANGED,
    )


def _lightness(ground: Floats, drawn: Mask) -> Floats | np.float32:
    return ground[..., 0][drawn] if ground.ndim == 3 else np.float32(ground[0])


def _hue(colours: Floats) -> Floats:
    return np.degrees(np.arctan2(colours[:, 2], colours[:, 1]))


def _one_colour(colours: Floats) -> float:
    median = np.median(colours, axis=0)
    return float((np.sqrt(np.square(colours - median).sum(axis=1)) < 16).mean())


def _correlation(left: Floats, right: Floats) -> float:
    left, right = left - left.mean(), right - right.mean()
    scale = float(np.sqrt(np.square(left).sum() * np.square(right).sum()))
    return float((left * right).sum()) / scale if scale > 1e-3 else 0.0
