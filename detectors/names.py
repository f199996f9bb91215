"""Names that resemble a brand: one pass over an Arrow column finds every kind for all brands.

Reads each name as a person does (`folding`), finds where terms can stand (`anchors`), verifies
with rapidfuzz's OSA distance, and says which kind of resemblance it is. Nothing found within
the rules of `terms` is dropped here; weighing is ranking's.
May import: namaak.records, namaak.brands, detectors.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from rapidfuzz.distance import OSA

from detectors import delivery
from detectors.anchors import AnchorTable, build_anchors, forms_of, scan
from detectors.folding import LAYERS, SHAPE, fold_table, merge_pairs, read_as_ascii
from detectors.lures import lexicon, read_rest
from detectors.suffixes import suffix_list
from detectors.terms import Term, compile_terms
from namaak.brands import Brand
from namaak.records import Field, Place, Resemblance

VERSION = "names-1"

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
class _Row:
    """One value, made ready."""

    value: str
    raw: str  # ASCII as read, lower case; for hosts without the public suffix
    offsets: tuple[int, ...] | None  # of raw in value
    label: int  # hosts: where in raw the registrable label begins
    layers: tuple[str, ...]
    traits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """One text to scan: a row as it stands, with pairs merged, or with separators taken out."""

    row: int
    form: str  # "plain", "pairs", "joined"
    offsets: tuple[int, ...] | None  # of the text in raw


@dataclass(frozen=True, slots=True)
class _Hit:
    """The best resemblance of one row and one brand so far."""

    strength: float
    exact: bool  # written as the brand writes it
    span: tuple[int, int]  # in value
    columns: tuple[object, ...]


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
    rows = [_read(value, field) for value in values.to_pylist()]
    texts, folded = _texts(rows)
    best: dict[tuple[int, int], _Hit] = {}
    brand_numbers = {
        brand: n for n, brand in enumerate(dict.fromkeys(t.brand_id for t in matcher.terms))
    }
    found = scan(folded, matcher.anchors)
    for at, form, start in zip(
        found.row.tolist(), found.form.tolist(), found.start.tolist(), strict=True
    ):
        text = texts[at]
        term_index, merged = matcher.origin[form]
        if merged != (text.form == "pairs") and (merged or matcher.terms[term_index].merged):
            continue
        term = matcher.terms[term_index]
        if term.person and field not in (Field.DISPLAY_NAME, Field.HANDLE):
            continue
        span = _verify(folded[at], matcher.forms[form], start, term, text.form)
        if span is None:
            continue
        row = rows[text.row]
        assert row is not None
        hit = _describe(row, text, span, term, field)
        if hit is None:
            continue
        key = (text.row, brand_numbers[term.brand_id])
        if key not in best or hit.strength > best[key].strength:
            best[key] = hit
    ordered = _mark_other_brands(best)
    columns = list(zip(*((row, *columns) for row, columns in ordered), strict=True))
    if not columns:
        return HIT_SCHEMA.empty_table()
    return pa.table(
        [
            pa.array(column, type=kind.type)
            for column, kind in zip(columns, HIT_SCHEMA, strict=True)
        ],
        schema=HIT_SCHEMA,
    )


def _mark_other_brands(
    best: Mapping[tuple[int, int], _Hit],
) -> list[tuple[int, tuple[object, ...]]]:
    """(row, columns), ascending; what lies within another brand's exact name bears that trait.

    "appleid" spells Apple: that it also looks like "appie" is no reason to bother anybody.
    """
    exact: dict[int, list[tuple[int, int, int]]] = {}
    for (row, brand), hit in best.items():
        if hit.exact:
            exact.setdefault(row, []).append((brand, *hit.span))
    ordered = []
    for (row, brand), hit in sorted(best.items()):
        columns = hit.columns
        for other, start, end in exact.get(row, ()):
            inside = start <= hit.span[0] and hit.span[1] <= end
            shorter = hit.span[1] - hit.span[0] < end - start
            if other != brand and inside and (shorter or not hit.exact):
                traits = columns[-1]
                assert isinstance(traits, list)
                columns = (*columns[:-1], [*traits, "other-brand"])
                break
        ordered.append((row, columns))
    return ordered


def _read(value: str | None, field: Field) -> _Row | None:
    if not value:
        return None
    if field is not Field.HOST:
        reading = read_as_ascii(value)
        return _Row(value, reading.text, reading.offsets, 0, reading.layers, reading.traits)
    split = suffix_list().split(value)
    traits: tuple[str, ...] = ("free-host",) if split.private else ()
    if delivery.is_delivery_name(value):
        traits += ("delivery",)
    end = max(split.suffix - 1, 0)
    if "xn--" not in value and value.isascii():
        return _Row(value, value[:end], None, split.registrable, (), traits)
    shown = u_labels(value)
    labels = value[:end].count(".") + 1 if end else 0
    name = ".".join(shown.split(".")[:labels])
    reading = read_as_ascii(name)
    below = value[: split.registrable].count(".")
    label = len(read_as_ascii(".".join(shown.split(".")[:below])).text) + 1 if below else 0
    return _Row(
        shown, reading.text, reading.offsets, label, reading.layers,
        (*traits, "punycode", *reading.traits),
    )  # fmt: skip


def u_labels(host: str) -> str:
    """host: A-labels. Each label decoded; one that is not valid punycode stays as it is."""
    labels = []
    for label in host.split("."):
        shown = label
        if label.startswith("xn--"):
            with contextlib.suppress(UnicodeError):
                shown = label[4:].encode("ascii").decode("punycode")
            # A decoder that yields separators or controls would let a label fake its borders.
            if not shown.isprintable() or any(c in shown for c in ". /") or not shown:
                shown = label
        labels.append(shown)
    return ".".join(labels)


#: Terms up to this length have lookalikes by chance: two changed letters are another word.
_SHORT = 4
_SEPARATOR = re.compile(r"[^a-z0-9]")


def _texts(rows: Sequence[_Row | None]) -> tuple[list[_Text], list[str]]:
    """Every text to scan and its shape fold, in parallel."""
    texts: list[_Text] = []
    raws: list[str] = []
    for number, row in enumerate(rows):
        if row is None or not row.raw:
            continue
        raw = row.raw
        texts.append(_Text(number, "plain", None))
        raws.append(raw)
        merged = merge_pairs(raw)
        if merged:
            texts.append(_Text(number, "pairs", merged[1]))
            raws.append(merged[0])
        if _SEPARATOR.search(raw):
            kept = tuple(index for index, char in enumerate(raw) if char.isalnum())
            if len(kept) >= 5:
                texts.append(_Text(number, "joined", kept))
                raws.append("".join(raw[index] for index in kept))
    # One translation for all: a newline is in no raw text once boundaries are folded.
    fold = bytearray(SHAPE)
    fold[10] = 10
    joined = "\n".join(raw.replace("\n", " ") for raw in raws).encode("ascii")
    return texts, joined.translate(bytes(fold)).decode("ascii").split("\n") if raws else []


def _verify(
    text: str, form: str, start: int, term: Term, variant: str
) -> tuple[int, int, int] | None:
    """(start, end, OSA distance) of the term at about `start` of the folded text, or None."""
    size = len(form)
    if start >= 0 and text.startswith(form, start):
        return start, start + size, 0
    rule = term.rule
    if variant == "joined":
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


def _near(text: str, form: str, start: int, edits: int) -> bool:
    """Whether any window at about `start` can be within `edits`: one distance instead of many.

    The widest window has at most 3 * edits letters more than the best one, and each costs one.
    """
    widest = text[max(start - edits, 0) : start + len(form) + edits]
    most = 4 * edits
    return OSA.distance(widest, form, score_cutoff=most) <= most


def _describe(
    row: _Row, text: _Text, span: tuple[int, int, int], term: Term, field: Field
) -> _Hit | None:
    """What kind of resemblance it is; None when the rule asks for a lure and there is none."""
    start, end, edits = span
    raw = row.raw
    if text.offsets is not None:
        last = text.offsets[end - 1]
        end = text.offsets[end] if text.form == "pairs" and end < len(text.offsets) else last + 1
        if text.form == "pairs" and span[1] == len(text.offsets):
            end = len(raw)
        start = text.offsets[start]
    left = start == 0 or not raw[start - 1].isalnum()
    right = end == len(raw) or not raw[end].isalnum()
    split = text.form == "joined"
    if split and not (left and right):
        return None
    if split and not _SEPARATOR.search(raw[start:end]):
        return None  # the plain text has it
    if text.form == "pairs" and end - start == span[1] - span[0]:
        return None  # the pair stands elsewhere in the name; the plain text has this
    place, in_sub_label = _place(row, start, end, left, right, field)
    # Whoever holds the brand's very label names what is below it; most often that is the brand.
    own_label = field is Field.HOST and place is Place.WHOLE and not in_sub_label
    rest = (
        "" if own_label and "free-host" not in row.traits else _rest(row, start, end, in_sub_label)
    )
    lures, _ = read_rest(rest)
    _, rest_traits = read_rest(_beside(row, start, end, in_sub_label))
    if term.rule.needs_lure and place in (Place.EDGE, Place.INSIDE):
        token_left = max((m.end() for m in _SEPARATOR.finditer(raw, 0, start)), default=0)
        found = _SEPARATOR.search(raw, end)
        glued = f"{raw[token_left:start]} {raw[end : found.start() if found else len(raw)]}"
        beside, beside_traits = read_rest(glued)
        if not beside or any(trait.startswith("letters") for trait in beside_traits):
            return None
    where = row.offsets
    value_start = where[start] if where else start
    value_end = (where[end - 1] if where else end - 1) + 1
    written = "".join(c for c in row.value[value_start:value_end].casefold() if c.isalnum())
    # Joiners, marks and the like inside the name: nobody types them by accident.
    hidden = sum(not (c.isascii() or c.isalnum()) for c in row.value[value_start:value_end])
    exact = written in (term.raw, term.written) and not hidden
    inner = {sum(c.isalnum() for c in raw[start:at]) for at in range(start, end)
             if not raw[at].isalnum()}  # fmt: skip
    cut = split and not inner <= term.breaks
    layers = set(row.layers) if not exact else set()
    if hidden:
        layers.add("styled")
    if not exact and edits == 0:
        if text.form == "pairs":
            layers.add("pairs")
        if raw[start:end] != term.raw and not layers & {"pairs"}:
            layers.update(() if split else ("shape",))
    if exact and not cut and _one_letter_more(row, start, end, in_sub_label):
        # "acmee" is a misspelling with one letter too many, not a word beside the brand.
        edits, place = 1, Place.WHOLE
    if layers == {"shape"} and _plain_letters(row, start, end, term):
        # In small letters an i is no l: a misspelling like any other, not a disguise.
        layers.clear()
        edits = max(1, OSA.distance(written, term.raw))
        if edits > max(term.rule.token_edits, term.rule.inside_edits):
            return None
    resemblance = _resemblance(field, place, exact or not layers, edits, cut, in_sub_label, row)
    distance = OSA.distance(written, term.raw) if not exact else 0
    if len(term.raw) <= _SHORT and "shape" in layers and distance > 1:
        return None  # "581" reads as "sbi" only to a fold table
    distance += hidden + (len(inner) if cut else 0) + (edits if exact else 0)
    strength = _strength(place, exact, edits, cut, len(term.raw), bool(lures), in_sub_label)
    traits = (*row.traits, *rest_traits)
    if edits and raw[start] != term.raw[0]:
        traits += ("first-letter",)
    if in_sub_label and row.value[value_end:].startswith("."):
        following = row.value[value_end + 1 :].split(".")
        if len(following) > 2 and following[0] in ("com", "nl", "net", "org", "co", "de", "fr"):
            traits += ("brand-domain",)
    if term.person:
        traits += ("person",)
    if term.common_word:
        traits += ("common-word",)
    columns = (
        term.brand_id, row.value, term.name, str(resemblance), str(place), distance,
        strength, value_start, value_end,
        [layer for layer in LAYERS if layer in layers], list(lures), list(dict.fromkeys(traits)),
    )  # fmt: skip
    return _Hit(strength, exact and not edits, (value_start, value_end), columns)


def _place(
    row: _Row, start: int, end: int, left: bool, right: bool, field: Field
) -> tuple[Place, bool]:
    """Where the span stands, and whether that is a host's label below the registrable one."""
    raw = row.raw
    in_sub_label = field is Field.HOST and end <= row.label
    if left and right:
        if field is Field.HOST:
            label_start = row.label if not in_sub_label else raw.rfind(".", 0, start) + 1
            label_end = len(raw) if not in_sub_label else raw.find(".", end - 1)
            whole = start == label_start and end in (label_end, len(raw))
        else:
            whole = not any(c.isalnum() for c in raw[:start] + raw[end:])
        return (Place.WHOLE if whole else Place.TOKEN), in_sub_label
    return (Place.EDGE if left or right else Place.INSIDE), in_sub_label


def _plain_letters(row: _Row, start: int, end: int, term: Term) -> bool:
    """The span differs from the term in small letters only: i for l, or l for the brand's 1."""
    where = row.offsets
    shown = "".join(
        row.value[where[at] if where else at] for at in range(start, end) if row.raw[at].isalnum()
    )
    if len(shown) != len(term.raw):
        return False
    differing = [a for a, b in zip(shown, term.raw, strict=True) if a.lower() != b]
    return bool(differing) and all(char.isalpha() and char.islower() for char in differing)


def _beside(row: _Row, start: int, end: int, in_sub_label: bool) -> str:
    """The label without the brand: letters in other labels make it no less of a lookalike."""
    first = row.raw.rfind(".", 0, start) + 1 if in_sub_label else min(row.label, start)
    last = row.raw.find(".", end) if in_sub_label else -1
    return f"{row.raw[first:start]} {row.raw[end : last if last >= 0 else len(row.raw)]}"


def _one_letter_more(row: _Row, start: int, end: int, in_sub_label: bool) -> bool:
    """The label, handle or name is the span and a single letter before or behind it."""
    if in_sub_label:
        return False
    around = row.raw[row.label : start] + row.raw[end:]
    return len(around) == 1 and around.isalpha()


def _rest(row: _Row, start: int, end: int, in_sub_label: bool) -> str:
    """The name without the brand; a foreign registrable label says nothing about the brand."""
    last = row.label if in_sub_label else len(row.raw)
    return f"{row.raw[:start]} {row.raw[end:last]}"


def _resemblance(
    field: Field,
    place: Place,
    exact: bool,
    edits: int,
    cut: bool,
    in_sub_label: bool,
    row: _Row,
) -> Resemblance:
    whole = place is Place.WHOLE
    if edits:
        return Resemblance.TYPOSQUAT if whole else Resemblance.COMBO_TYPO
    if not exact:
        return Resemblance.HOMOGRAPH if whole else Resemblance.COMBO_HOMOGRAPH
    if cut:
        return Resemblance.SPLIT
    if in_sub_label:
        return Resemblance.LEVEL_SQUAT
    if "free-host" in row.traits:
        return Resemblance.FREE_HOST
    if whole:
        return Resemblance.SAME_LABEL if field is Field.HOST else Resemblance.SAME_NAME
    return Resemblance.COMBOSQUAT


#: 0..1 for an exact, a folded and a one-edit resemblance of eight letters or more.
_BASE = {
    Place.WHOLE: (0.95, 0.95, 0.65),
    Place.TOKEN: (0.75, 0.75, 0.45),
    Place.EDGE: (0.55, 0.45, 0.30),
    Place.INSIDE: (0.30, 0.15, 0.10),
}


def _strength(
    place: Place, exact: bool, edits: int, cut: bool, size: int, lured: bool, sub_label: bool
) -> float:
    """How strong this resemblance is alone; monotone in every argument."""
    column = 2 if edits else (0 if exact else 1)
    strength = _BASE[place][column] * (0.5 if edits > 1 else 1.0)
    strength *= min(1.0, math.sqrt(size / 8))
    if cut:
        strength *= 0.9
    if sub_label and place is Place.WHOLE:
        strength *= 0.9
    if lured:
        strength += (1 - strength) * 0.4
    return round(strength, 3)
