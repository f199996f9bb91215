"""A column of names weighed: of each name and brand the best sighting, with its score.

Numbers only, so that a million names take seconds; `matching` puts the few that count into words.
May import: namaak.records, detectors.names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from detectors.folding import letters_of, read_as_ascii
from detectors.names import scorecard
from detectors.names.features import measure
from detectors.names.kernel import scan
from detectors.names.learned import learned
from detectors.names.matcher import NameMatcher
from detectors.names.sightings import Sightings, Texts
from detectors.names.spans import take_apart
from detectors.names.texts import Column, read_column
from namaak.records import Field

#: Rows that one thread takes at once: some ten megabytes of sightings with many brands.
_AT_ONCE = 65_536
#: Fields in which people are named by their own names.
_PERSONAL = (Field.DISPLAY_NAME, Field.HANDLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The best sighting of each name and brand; n of them, ascending by row, then brand."""

    first_row: int  #: of the slice in the whole column
    column: Column
    sightings: Sightings
    row: npt.NDArray[np.int64]  #: n: in the slice
    brand: npt.NDArray[np.int32]  #: n: index into `NameMatcher.brand_ids`
    score: npt.NDArray[np.float32]  #: n: natural-log odds
    evidence: npt.NDArray[np.float32]  #: n x FEATURES
    negative: npt.NDArray[np.bool_]  #: n: every sighting lies within a negative word of the brand


def weigh(
    values: pa.Array | pa.ChunkedArray, field: Field, matcher: NameMatcher
) -> Iterator[Weighed]:
    """values: as for `matching.match_names`. Slice by slice, in order.

    Long columns pass through as many threads as there are processors, since compiled code holds
    no lock; a few slices ahead of the caller, so that memory stays bounded.
    """
    starts = range(0, len(values), _AT_ONCE)

    def at(start: int) -> Weighed:
        return _weigh(values.slice(start, _AT_ONCE), start, field, matcher)

    if len(starts) < 2:
        yield from map(at, starts)
        return
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        for ahead in range(0, len(starts), 2 * workers):
            yield from pool.map(at, starts[ahead : ahead + 2 * workers])


def _weigh(values: pa.Array, first_row: int, field: Field, matcher: NameMatcher) -> Weighed:
    column = read_column(values, field)
    texts = column.texts
    seen = scan(texts, matcher.anchors)
    if field not in _PERSONAL:
        seen = seen.take(np.flatnonzero(~matcher.person[seen.term]))
    spans = take_apart(texts, seen, matcher.columns.raw)
    evidence = measure(texts, seen, spans, matcher.columns, matcher.rarity, learned())
    card = scorecard.scorecard()
    brand = matcher.columns.brand[seen.term]
    # What phishing taught of words and suffixes is of hosts.
    untaught = matcher.dispute if field is Field.HOST else np.ones_like(matcher.dispute)
    score = scorecard.score(evidence, card.column("fraud"))
    if untaught.any():
        dispute = scorecard.score(evidence, card.column("dispute"))
        score = np.where(untaught[brand], dispute, score)
    negative = _within_negative_words(texts, seen, brand, matcher)
    # Beside a negative word the name may stand once more, and then that counts.
    best = scorecard.best_of_brands(
        texts.row[seen.text], brand, np.where(negative, score - np.float32(1e6), score)
    )
    return Weighed(
        first_row=first_row,
        column=column,
        sightings=seen.take(best),
        row=texts.row[seen.text[best]],
        brand=brand[best],
        score=score[best],
        evidence=evidence[best],
        negative=negative[best],
    )


def _within_negative_words(
    texts: Texts, seen: Sightings, brand: npt.NDArray[np.int32], matcher: NameMatcher
) -> npt.NDArray[np.bool_]:
    """Per sighting: it lies within a word that holds the name by chance, as the brand says."""
    found = np.zeros(len(brand), np.bool_)
    for number, brand_id in enumerate(matcher.brand_ids):
        words = matcher.brands[brand_id].negative_words
        if not words:
            continue
        for at in np.flatnonzero(brand == number).tolist():
            text = seen.text[at]
            raw = texts.buffer[texts.begin[text] : texts.end[text]].tobytes().lower()
            span = int(seen.start[at]), int(seen.end[at])
            found[at] = negative_word(raw.decode("ascii", "replace"), span, words) is not None
    return found


def negative_word(raw: str, span: tuple[int, int], words: tuple[str, ...]) -> str | None:
    """The word of these that holds the span of raw, which is a name read as ASCII.

    Words are read so too; hosts glue what they have of spaces and signs.
    """
    for word in words:
        for wanted in {read_as_ascii(word).text, letters_of(word)} - {""}:
            at = raw.find(wanted, max(span[1] - len(wanted), 0))
            if 0 <= at <= span[0] and span[1] <= at + len(wanted):
                return word
    return None
