"""How often chance alone brings what was seen: a term's matches in ordinary names, counted.

Counted per class of match (how it is written x where it stands) and per spelling: "asus" within
an edit is common because "asu" and "anus" are, and "asuss" is not. A class counts the matches at
least as strong in both respects, so a stronger match is never called commoner than a weaker one.
May import: detectors.names.sightings, detectors.names.spans.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from detectors.names.sightings import Sightings
from detectors.names.spans import KINDS, PLACES, Spans

#: What is added to every count, so that what was never seen has a rate too.
SMOOTHING = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rarity:
    """Counts of t terms in a sample of ordinary labels."""

    labels: int  #: labels in the sample
    classes: npt.NDArray[np.int32]  #: t x KINDS x PLACES: labels with a match at least as strong
    spellings: npt.NDArray[np.uint64]  #: ascending: `spans.spelling_hash` of those seen
    spelling_labels: npt.NDArray[np.int32]  #: in how many labels


def count_matches(
    sightings: Sightings, spans: Spans, counted: npt.NDArray[np.bool_], *, terms: int, labels: int
) -> Rarity:
    """sightings: of a sample of `labels` texts, ascending by text; counted: k, those that count.

    What does not count are labels that are the brand's own.
    """
    order = np.lexsort((sightings.term, sightings.text))
    order = order[counted[order]]
    classes = np.zeros((terms, len(KINDS), len(PLACES)), np.int32)
    _count_classes(
        sightings.text[order], sightings.term[order], spans.kind[order], spans.place[order], classes
    )
    # One label may hold a spelling twice.
    pairs = np.stack([spans.spelling[order], sightings.text[order].astype(np.uint64)])
    spelled = np.unique(pairs, axis=1)[0] if pairs.shape[1] else pairs[0]
    spellings, seen = np.unique(spelled, return_counts=True)
    return Rarity(
        labels=labels, classes=classes, spellings=spellings, spelling_labels=seen.astype(np.int32)
    )


@njit(cache=True, nogil=True)
def _count_classes(text, term, kind, place, classes):  # type: ignore[no-untyped-def]
    """Adds one to every class that the matches of a (text, term) reach; they stand together."""
    kinds, places = classes.shape[1], classes.shape[2]
    best = np.empty(kinds, np.int64)  # per kind: the strongest place
    row = 0
    while row < len(text):
        best[:] = places
        here = row
        while row < len(text) and text[row] == text[here] and term[row] == term[here]:
            best[kind[row]] = min(best[kind[row]], place[row])
            row += 1
        reached = places
        for level in range(kinds):
            reached = min(reached, best[level])
            for weaker in range(reached, places):
                classes[term[here], level, weaker] += 1


@njit(cache=True, nogil=True, inline="always")
def per_million(count, labels):  # type: ignore[no-untyped-def]
    """log10 of how many of a million ordinary labels; never minus infinity."""
    return np.log10((count + SMOOTHING) * 1e6 / max(labels, 1))


@njit(cache=True, nogil=True, inline="always")
def labels_of(spelling, spellings, spelling_labels):  # type: ignore[no-untyped-def]
    """In how many ordinary labels this spelling was seen; 0 for a new one."""
    at = np.searchsorted(spellings, spelling)
    if at < len(spellings) and spellings[at] == spelling:
        return spelling_labels[at]
    return 0
