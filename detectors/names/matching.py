"""Names that resemble a brand: one pass over an Arrow column finds every kind for all brands.

Reads each name as a person does (`reading`), finds where terms can stand (`anchors`), verifies
with rapidfuzz's OSA distance, and has `resemblance` say what it is. Nothing found within the
rules of `terms` is dropped here; weighing is ranking's.
May import: namaak.records, namaak.brands, detectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from rapidfuzz.distance import OSA

from detectors import delivery
from detectors.folding import SHAPE, fold_table, merge_pairs
from detectors.lures import lexicon
from detectors.names.anchors import AnchorTable, build_anchors, forms_of, scan
from detectors.names.reading import SEPARATOR, ReadName, read_name
from detectors.names.resemblance import Described, Sighting, describe
from detectors.names.terms import Term, compile_terms
from detectors.suffixes import suffix_list
from namaak.brands import Brand
from namaak.records import Field

VERSION = "names-1"

#: Two letters with a separator between them are no name.
_SHORTEST_JOINED = 3

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
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMatcher:
    """A watch list, compiled. Threads may share it."""

    terms: tuple[Term, ...]
    origin: tuple[tuple[int, bool], ...]  #: per form: its term, and whether pairs were merged
    forms: tuple[str, ...]
    anchors: AnchorTable
    tables: str  #: versions of the data tables, for the record


@dataclass(frozen=True, slots=True)
class _Text:
    """One text to scan: a row as it stands, with pairs merged, or with separators taken out."""

    row: int
    name: ReadName
    offsets: tuple[int, ...] | None = None  # of the text in raw
    has_pairs: bool = False  # the name, that is; a text of its own has them merged
    pairs: bool = False
    joined: bool = False


def compile_names(brands: Mapping[str, Brand]) -> NameMatcher:
    """Build all tables for a watch list: about a millisecond a brand."""
    terms = compile_terms(brands)
    forms, origin = forms_of(terms)
    return NameMatcher(
        terms=terms,
        origin=tuple(origin),
        forms=tuple(text for text, _, _ in forms),
        anchors=build_anchors(forms),
        tables=table_versions(),
    )


def table_versions() -> str:
    """Which data tables decide, for the record."""
    return (
        f"folds {fold_table().version}; suffixes {suffix_list().version}; "
        f"lures {lexicon().version}; delivery {delivery.version()}"
    )


def match_names(values: pa.Array | pa.ChunkedArray, field: Field, matcher: NameMatcher) -> pa.Table:
    """values: string column of n rows, nulls allowed; hosts as A-labels, lower case.

    Returns HIT_SCHEMA, ascending by row, one row per (row, brand): its best resemblance.
    """
    names = [read_name(value, field) for value in values.to_pylist()]
    texts, folded = _texts(names)
    numbers = {brand: n for n, brand in enumerate(dict.fromkeys(t.brand_id for t in matcher.terms))}
    best: dict[tuple[int, int], Described] = {}
    found = scan(folded, matcher.anchors)
    for at, form, start in zip(
        found.row.tolist(), found.form.tolist(), found.start.tolist(), strict=True
    ):
        text = texts[at]
        index, merged = matcher.origin[form]
        term = matcher.terms[index]
        if not _fitting(text, merged, term):
            continue
        if term.person and field not in (Field.DISPLAY_NAME, Field.HANDLE):
            continue
        span = _verify(folded[at], matcher.forms[form], start, term, exact_only=text.joined)
        seen = _sighting(text, span, term, field, merged=merged) if span else None
        described = describe(seen) if seen else None
        if described is None:
            continue
        key = (text.row, numbers[term.brand_id])
        if key not in best or described.strength > best[key].strength:
            best[key] = described
    rows = _mark_other_brands(best)
    return pa.Table.from_pylist(rows, schema=HIT_SCHEMA)


def _fitting(text: _Text, merged: bool, term: Term) -> bool:
    """Whether this form of the term is to be looked for in this reading of the name.

    Once pairs are merged on one side they must be on the other. A name without pairs is its own
    merged reading: "leamify" is "learnify" with its pair merged.
    """
    if text.joined:
        return not merged
    if merged:
        return text.pairs or not text.has_pairs
    return not (text.pairs and term.merged)


def _mark_other_brands(best: Mapping[tuple[int, int], Described]) -> list[dict[str, object]]:
    """Rows of HIT_SCHEMA; what lies within another brand's exact name bears that trait.

    "appleid" spells Apple: that it also looks like "appie" is no reason to bother anybody.
    """
    exact: dict[int, list[tuple[int, Described]]] = {}
    for (row, brand), hit in best.items():
        if hit.exact:
            exact.setdefault(row, []).append((brand, hit))
    rows = []
    for (row, brand), hit in sorted(best.items(), key=lambda item: item[0]):
        columns = {"row": row, **{name: getattr(hit, name) for name in HIT_SCHEMA.names[1:]}}
        if any(other != brand and _spells(whole, hit) for other, whole in exact.get(row, ())):
            columns["traits"] = [*hit.traits, "other-brand"]
        rows.append(columns)
    return rows


def _spells(whole: Described, part: Described) -> bool:
    """`part` lies within the exact `whole`, and is shorter or not exact itself."""
    inside = whole.span_start <= part.span_start and part.span_end <= whole.span_end
    shorter = part.span_end - part.span_start < whole.span_end - whole.span_start
    return inside and (shorter or not part.exact)


def _texts(names: Sequence[ReadName | None]) -> tuple[list[_Text], list[str]]:
    """Every text to scan and its shape fold, in parallel."""
    texts: list[_Text] = []
    raws: list[str] = []
    for row, name in enumerate(names):
        if name is None or not name.raw:
            continue
        raw = name.raw
        merged = merge_pairs(raw)
        texts.append(_Text(row, name, has_pairs=merged is not None))
        raws.append(raw)
        if merged:
            texts.append(_Text(row, name, merged[1], pairs=True))
            raws.append(merged[0])
        if SEPARATOR.search(raw):
            kept = tuple(index for index, char in enumerate(raw) if char.isalnum())
            if len(kept) >= _SHORTEST_JOINED:
                texts.append(_Text(row, name, kept, joined=True))
                raws.append("".join(raw[index] for index in kept))
    # One translation for all: a newline is in no raw text once boundaries are folded.
    fold = bytearray(SHAPE)
    fold[10] = 10
    joined = "\n".join(raw.replace("\n", " ") for raw in raws).encode("ascii")
    return texts, joined.translate(bytes(fold)).decode("ascii").split("\n") if raws else []


def _verify(
    text: str, form: str, start: int, term: Term, *, exact_only: bool
) -> tuple[int, int, int] | None:
    """(start, end, OSA distance) of the term at about `start` of the folded text, or None."""
    size = len(form)
    if start >= 0 and text.startswith(form, start):
        return start, start + size, 0
    rule = term.rule
    if exact_only:
        return None
    best = None
    if rule.token_edits > 0:
        left = text.rfind(".", 0, max(start, 0) + size // 2) + 1
        right = text.find(".", left)
        right = len(text) if right < 0 else right
        if abs(right - left - size) <= rule.token_edits:
            distance = OSA.distance(text[left:right], form, score_cutoff=rule.token_edits)
            if distance <= rule.token_edits:
                best = (left, right, distance)
    edits = rule.inside_edits
    if edits > 0 and (best is None or best[2] > 1) and _near(text, form, start, edits):
        for begin in range(max(start - edits, 0), start + edits + 1):
            for end in range(begin + size - edits, min(begin + size + edits, len(text)) + 1):
                window = text[begin:end]
                # An edit at the rim only widens or narrows the span; borders are not letters.
                if "." in window:
                    break
                distance = OSA.distance(window, form, score_cutoff=edits)
                if distance <= edits and (best is None or distance < best[2]):
                    best = (begin, end, distance)
    return best


def _sighting(
    text: _Text, span: tuple[int, int, int], term: Term, field: Field, *, merged: bool
) -> Sighting | None:
    """The span in the name itself; None when the name as it stands has it too."""
    start, end, edits = span
    if text.offsets is not None:
        after = text.offsets[end] if end < len(text.offsets) else len(text.name.raw)
        # Behind a merged pair the next letter tells its end; behind a joined one a separator may.
        last = after if text.pairs else text.offsets[end - 1] + 1
        if last - text.offsets[start] == end - start:
            return None
        start, end = text.offsets[start], last
    pairs = text.pairs or merged
    return Sighting(text.name, field, term, start, end, edits, pairs=pairs, joined=text.joined)


def _near(text: str, form: str, start: int, edits: int) -> bool:
    """Whether any window at about `start` can be within `edits`: one distance instead of many.

    The widest window has at most 3 * edits letters more than the best one, and each costs one.
    """
    widest = text[max(start - edits, 0) : start + len(form) + edits]
    most = 4 * edits
    return OSA.distance(widest, form, score_cutoff=most) <= most
