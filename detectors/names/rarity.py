"""How often chance alone brings what was seen: a term's matches in ordinary names, counted.

Counted per class of match and per spelling: "asus" within an edit is common because "asu" and
"anus" are, and "asuss" is not. A class is how the span is written, where it stands, and whether
the letters make the brand rather than other words: "ing" ends 3 % of all names, but as a word of
its own sense it is rare. Of each kind of writing a class counts the matches at least as strong,
so a stronger match is never called commoner than a weaker one.
May import: detectors.names.sightings, detectors.names.spans.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.compiling import allocating, spread
from detectors.names.sightings import Sightings
from detectors.names.spans import KINDS, PLACES, Spans

#: First axis of a term's classes: exact spellings apart, because a famous name is met often
#: without being common; then those with up to so many edits, exact ones left out; then all.
LEVELS = (*KINDS, "any")
#: Last axis: those whose letters make the brand (gain above 0), or all.
FITS, ALL = 0, 1
CLASS_SHAPE = (len(LEVELS), len(PLACES), 2)

#: What is added to every count, so that what was never seen has a rate too.
SMOOTHING = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rarity:
    """Counts of t terms in a sample of ordinary labels."""

    labels: int  #: labels in the sample
    classes: npt.NDArray[np.int32]  #: t x CLASS_SHAPE: labels with a match at least as strong
    spellings: npt.NDArray[np.uint64]  #: ascending: `spans.spelling_hash` of those seen
    spelling_labels: npt.NDArray[np.int32]  #: n x 2: in how many labels


def count_matches(
    sightings: Sightings, spans: Spans, counted: npt.NDArray[np.bool_], *, terms: int, labels: int
) -> Rarity:
    """sightings: of a sample of `labels` texts, ascending by text; counted: k, those that count.

    What does not count are labels that are the brand's own.
    """
    order = np.lexsort((sightings.term, sightings.text))
    order = order[counted[order]]
    text, fits = sightings.text[order], spans.gain[order] > 0
    classes = np.zeros((terms, *CLASS_SHAPE), np.int32)
    _count_classes(
        text, sightings.term[order], spans.kind[order], spans.place[order], fits, classes
    )
    spellings, number = np.unique(spans.spelling[order], return_inverse=True)
    return Rarity(
        labels=labels,
        classes=classes,
        spellings=spellings,
        spelling_labels=np.stack(
            [
                _texts_of_each(number[fits], text[fits], len(spellings)),
                _texts_of_each(number, text, len(spellings)),
            ],
            axis=1,
        ),
    )


def _texts_of_each(
    number: npt.NDArray[np.int64], text: npt.NDArray[np.int64], count: int
) -> npt.NDArray[np.int32]:
    """In how many texts each of `count` numbers is; a text may hold one twice."""
    wide = int(text.max(initial=0)) + 1
    once = np.unique(number.astype(np.int64) * wide + text)
    return np.bincount(once // wide, minlength=count).astype(np.int32)


@allocating
def _count_classes(text, term, kind, place, fits, classes):  # type: ignore[no-untyped-def]
    """Adds one to every class that the matches of a (text, term) reach; they stand together."""
    places = classes.shape[2]
    kinds = classes.shape[1] - 1
    best = np.empty((kinds, 2), np.int64)  # the strongest place of each kind
    row = 0
    while row < len(text):
        best[:] = places
        here = row
        while row < len(text) and text[row] == text[here] and term[row] == term[here]:
            for fit in range(0 if fits[row] else 1, 2):
                best[kind[row], fit] = min(best[kind[row], fit], place[row])
            row += 1
        for fit in range(2):
            exact = best[0, fit]
            for weaker in range(exact, places):
                classes[term[here], 0, weaker, fit] += 1
            edited = places
            for level in range(1, kinds):
                edited = min(edited, best[level, fit])
                for weaker in range(edited, places):
                    classes[term[here], level, weaker, fit] += 1
            for weaker in range(min(exact, edited), places):
                classes[term[here], kinds, weaker, fit] += 1


@spread
def per_million(count, labels):  # type: ignore[no-untyped-def]
    """log10 of how many of a million ordinary labels; never minus infinity."""
    return np.log10((count + SMOOTHING) * 1e6 / max(labels, 1))


@spread
def labels_of(spelling, fit, spellings, spelling_labels):  # type: ignore[no-untyped-def]
    """In how many ordinary labels this spelling was seen; 0 for a new one. fit: FITS or ALL."""
    at = np.searchsorted(spellings, spelling)
    if at < len(spellings) and spellings[at] == spelling:
        return spelling_labels[at, fit]
    return 0
