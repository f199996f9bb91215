"""Names that resemble a brand: one pass over an Arrow column finds every kind for all brands.

The way through this room: a column is made ready (`texts`), every place where a term can stand is
found (`kernel`), taken apart (`spans`), measured (`features`) and weighed (`scorecard`); here the
best place of each name and brand is put into words (`resemblance`, in columns by `wording`).
Names too faintly like a brand for any further evidence to make a case of them are counted, not
described.
May import: namaak.records, detectors.names.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from detectors.names import scorecard
from detectors.names.calibration import alerts_per_million
from detectors.names.features import (
    FEATURES,
    LURE,
    PLACE_WORD,
    REST_RANDOM,
    REST_WORDS,
    TRADE_WORD,
    WEB_WORD,
)
from detectors.names.matcher import NameMatcher
from detectors.names.sightings import TextFlag
from detectors.names.weighing import Weighed, negative_word, weigh
from detectors.names.wording import Wording
from namaak.records import Field

VERSION = "names-2"

#: One row: a value resembles a term of a brand, in the best way found. Key: row, brand_id.
HIT_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("brand_id", pa.string()),
        ("value", pa.string()),  # as people read it: U-labels for IDNs
        ("term", pa.string()),
        ("resemblance", pa.string()),
        ("place", pa.string()),
        ("distance", pa.int32()),
        ("strength", pa.float32()),
        ("span_start", pa.int32()),
        ("span_end", pa.int32()),
        ("layers", pa.list_(pa.string())),
        ("lures", pa.list_(pa.string())),
        ("traits", pa.list_(pa.string())),
        ("kinds", pa.list_(pa.string())),
        ("evidence", pa.map_(pa.string(), pa.float32())),  # FEATURES that are not 0, and `EXPECTED`
        ("negative", pa.string()),  # the brand's negative word that the name holds there
    ]
)

#: In `evidence`: ordinary names of a million that would score as high for the brand.
EXPECTED = "expected_per_million"

#: Log odds below where review begins: no further evidence lifts what is fainter into a case.
_FAINT = 3.0
#: The same for accounts and apps, which have pictures too.
_FAINT_SHOWN = 5.0


#: The most that lures alone beside a short or ordinary name add by hand, which is a share of how
#: far its rarity is held against it.
_BY_HAND = 4.5


_LURES = [LURE, PLACE_WORD, TRADE_WORD, WEB_WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesFound:
    """What came of a column."""

    hits: pa.Table  #: HIT_SCHEMA, ascending by row
    faint: Mapping[str, int]  #: per brand, names too faintly like it to be a hit


def match_names(
    values: pa.Array | pa.ChunkedArray, field: Field, matcher: NameMatcher
) -> NamesFound:
    """values: string column of n rows, nulls allowed; hosts as A-labels, lower case.

    Of each row and brand its best resemblance.
    """
    parts: list[pa.Table] = []
    faint: Counter[str] = Counter()
    floor = scorecard.review_at() - (_FAINT if field is Field.HOST else _FAINT_SHOWN)
    dispute = [brand for brand, one in matcher.brands.items() if one.case_type == "dispute"]
    wording = Wording(matcher.terms, field, dispute)
    for weighed in weigh(values, field, matcher):
        texts = weighed.column.texts
        # Letters of another script, and lures alone beside a name, are evidence that the ranking
        # adds by hand.
        reread = (texts.flags[weighed.sightings.text] & TextFlag.REREAD) > 0
        lured = _is_lured(weighed.evidence) & (weighed.score >= floor - _BY_HAND)
        kept = (weighed.score >= floor) | reread | lured
        numbers, pairs = np.unique(weighed.brand[~kept], return_counts=True)
        for number, count in zip(numbers.tolist(), pairs.tolist(), strict=True):
            faint[matcher.brand_ids[number]] += count
        if kept.any():
            with _uncollected():
                parts.append(_in_words(weighed, np.flatnonzero(kept), matcher, wording))
    hits = pa.concat_tables(parts).combine_chunks() if parts else HIT_SCHEMA.empty_table()
    return NamesFound(hits=hits, faint=dict(faint))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Until the end nothing looks for unreachable cycles, in any thread.

    Words for a slice are many small tuples that live to its end and are in no cycle: while they
    are made, the collector would go through them, and all else in memory, again and again, for a
    seventh of the time. What others leave meanwhile is found right afterwards. Threads may be in
    here together: collecting goes on when the first of them is done.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _is_lured(evidence: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """evidence: n x FEATURES. Words that lure stand beside the brand, and nothing else."""
    lures = evidence[:, _LURES].sum(axis=1)
    alone: npt.NDArray[np.bool_] = (
        (lures > 0) & (evidence[:, REST_WORDS] == 0) & (evidence[:, REST_RANDOM] == 0)
    )
    return alone


def _in_words(
    weighed: Weighed, kept: npt.NDArray[np.int64], matcher: NameMatcher, wording: Wording
) -> pa.Table:
    """HIT_SCHEMA of the sightings at these places. In columns: they come by the ten thousand."""
    seen = weighed.sightings
    names = weighed.column.read_all(seen.text[kept].tolist())
    brands = weighed.brand[kept]
    brand_ids = pa.array(matcher.brand_ids, pa.string())
    negative: list[str | None] = [None] * len(kept)
    for at in np.flatnonzero(weighed.negative[kept]).tolist():
        place = kept[at]
        span = int(seen.start[place]), int(seen.end[place])
        words = matcher.brands[matcher.brand_ids[brands[at]]].negative_words
        negative[at] = negative_word(names[at].raw, span, words)
    columns = {
        **wording.columns(names, seen.take(kept)),
        "row": pa.array(weighed.first_row + weighed.row[kept]),
        "brand_id": brand_ids.take(pa.array(brands)),
        "evidence": _evidence(weighed, kept, matcher),
        "negative": pa.array(negative, pa.string()),
    }
    return pa.table([columns[kind.name] for kind in HIT_SCHEMA], schema=HIT_SCHEMA)


def _evidence(weighed: Weighed, kept: npt.NDArray[np.int64], matcher: NameMatcher) -> pa.MapArray:
    """Of each sighting the features that are not 0, and `EXPECTED`."""
    brands = weighed.brand[kept]
    expected = alerts_per_million(
        matcher.calibration, matcher.brand_ids, brands, weighed.score[kept], scorecard.scorecard()
    )
    values = np.column_stack([weighed.evidence[kept], expected.astype(np.float32)])
    told = values != 0
    told[:, -1] = True
    offsets = np.concatenate([[0], np.cumsum(told.sum(axis=1))]).astype(np.int32)
    keys = pa.array([*FEATURES, EXPECTED]).take(pa.array(np.nonzero(told)[1]))
    return pa.MapArray.from_arrays(offsets, keys, pa.array(values[told], pa.float32()))
