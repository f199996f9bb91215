"""Finds, in one pass over all names, every place where a term can stand; misses none.

Within k edits some piece of the term is intact (pigeonhole; for a transposition across a cut,
the piece of the *swapped* term). Of each piece one 4-gram is the anchor. All names lie in one
buffer; a bit per 4-gram says whether any anchor has it, and only there are pieces compared.
Cost hardly depends on the number of brands. `detectors.names` verifies what is found.
Proof and figures: docs/explanation/matching.md.
May import: detectors.names.terms.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.names.terms import Term

_GRAM = 4
_BITS = 5
_ANY = 255  # in a piece: any code
_PIECE_MAX = 16
#: How common each letter is in names, per thousand: the rarest 4-gram of a piece is its anchor.
_FREQUENCY = np.full(32, 15.0)
for _letter, _per_mille in zip(
    "eaoinrstlcdumpghbyfkvwjxzq",
    (105, 95, 85, 80, 70, 70, 65, 65, 60, 45, 38, 38, 35, 30, 28, 26, 22, 18, 15, 15, 12, 11, 6,
     5, 5, 2),
    strict=True,
):  # fmt: skip
    _FREQUENCY[ord(_letter) - 96] = _per_mille
_FREQUENCY[0] = 130.0

#: Shape-folded byte to code: 0 boundary, 1-26 letters, 27-29 the digits no letter looks like.
_CODES = np.zeros(256, dtype=np.uint8)
for _byte in range(97, 123):
    _CODES[_byte] = _byte - 96
for _index, _digit in enumerate(b"269"):
    _CODES[_digit] = 27 + _index


@dataclass(frozen=True, slots=True)
class AnchorTable:
    """All pieces of all terms, addressed by 4-gram. Built once per watch list."""

    bitmap: npt.NDArray[np.bool_]  #: 2**20: some piece is anchored at this gram
    first: npt.NDArray[np.int32]  #: 2**20: its first entry
    count: npt.NDArray[np.int32]  #: 2**20: how many entries
    piece: npt.NDArray[np.uint8]  #: entries x 16: codes around the anchor, 255 any
    piece_back: npt.NDArray[np.int32]  #: entries: from anchor back to the piece's first code
    term_back: npt.NDArray[np.int32]  #: entries: from anchor back to the term's first letter
    form: npt.NDArray[np.int32]  #: entries: index of the form
    size: npt.NDArray[np.int32]  #: entries: letters of the form
    slack: npt.NDArray[np.int32]  #: entries: edits of a whole token; -1 for a piece found anywhere


@dataclass(frozen=True, slots=True)
class _Entry:
    gram: int
    codes: tuple[int, ...]  # compared around the anchor
    piece_back: int
    term_back: int
    form: int
    size: int
    slack: int


@dataclass(frozen=True, slots=True)
class _Piece:
    codes: tuple[int, ...]  # 0 boundary
    offset: int  # of codes[0] in the term; -1 where it begins with a boundary


def build_anchors(forms: Sequence[tuple[str, int, int]]) -> AnchorTable:
    """forms: (folded text, token_edits, inside_edits) per term form; index is what `scan` yields.

    Texts are 2 to 60 shape-folded letters; edits -1 to 2.
    """
    entries: list[_Entry] = []
    for index, (text, token_edits, inside_edits) in enumerate(forms):
        codes = tuple(int(code) for code in _CODES[np.frombuffer(text.encode(), np.uint8)])
        pieces: dict[_Piece, int] = {}
        if token_edits > inside_edits:
            pieces.update(dict.fromkeys(_bounded(codes, token_edits), token_edits))
        if inside_edits >= 0:
            pieces.update((_Piece(c, o), -1) for c, o in _pieces(codes, inside_edits))
        for piece, slack in pieces.items():
            for gram, shown, back in _anchors_of(piece):
                entries.append(
                    _Entry(gram, shown, back, back + piece.offset, index, len(codes), slack)
                )
    entries.sort(key=lambda entry: (entry.gram, entry.form, entry.term_back))
    grams = np.array([entry.gram for entry in entries], dtype=np.int64)
    piece_codes = np.full((len(entries), _PIECE_MAX), _ANY, dtype=np.uint8)
    for row, entry in enumerate(entries):
        piece_codes[row, : len(entry.codes)] = entry.codes
    first = np.zeros(1 << (_GRAM * _BITS), dtype=np.int32)
    count = np.zeros_like(first)
    unique, start, many = np.unique(grams, return_index=True, return_counts=True)
    first[unique] = start
    count[unique] = many
    return AnchorTable(
        bitmap=count > 0,
        first=first,
        count=count,
        piece=piece_codes,
        piece_back=np.array([entry.piece_back for entry in entries], dtype=np.int32),
        term_back=np.array([entry.term_back for entry in entries], dtype=np.int32),
        form=np.array([entry.form for entry in entries], dtype=np.int32),
        size=np.array([entry.size for entry in entries], dtype=np.int32),
        slack=np.array([entry.slack for entry in entries], dtype=np.int32),
    )


def _pieces(codes: tuple[int, ...], edits: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """(piece, offset): every text within `edits` OSA edits contains at least one of them."""
    size = len(codes)
    if edits <= 0 or size < 2 * (edits + 1):
        yield codes, 0
        return
    cuts = [size * part // (edits + 1) for part in range(1, edits + 1)]
    edges = [0, *cuts, size]
    for left, right in itertools.pairwise(edges):
        yield codes[left:right], left
    for position, cut in enumerate(cuts):
        # A transposition across this cut spoils both neighbours; the swapped term's pieces
        # are intact then. With one cut the other half may still carry no edit at all.
        left, right = edges[position], edges[position + 2]
        swapped = (*codes[: cut - 1], codes[cut], codes[cut - 1], *codes[cut + 1 :])
        if edits == 1:
            yield swapped, 0
        else:
            yield swapped[left:cut], left
            yield swapped[cut:right], cut


def _bounded(codes: tuple[int, ...], edits: int) -> Iterator[_Piece]:
    """Pieces of a token: outer ones carry the boundary, which makes short ones anchorable."""
    size = len(codes)
    for piece, offset in _pieces(codes, edits):
        at_start, at_end = offset == 0, offset + len(piece) == size
        bounded = (*((0,) if at_start else ()), *piece, *((0,) if at_end else ()))
        yield _Piece(bounded, offset - 1 if at_start else offset)


def _anchors_of(piece: _Piece) -> Iterator[tuple[int, tuple[int, ...], int]]:
    """(gram, compared codes, from anchor back to the first compared code) of one piece."""
    codes = piece.codes
    if len(codes) >= _GRAM:
        weight = np.log(_FREQUENCY[list(codes)])
        best = int(np.argmin(np.convolve(weight, np.ones(_GRAM), "valid")))
        # At most 16 codes are compared here; longer pieces are verified whole later.
        low = max(0, min(best, len(codes) - _PIECE_MAX))
        yield _gram(codes[best : best + _GRAM]), codes[low : low + _PIECE_MAX], best - low
        return
    # Too short for a 4-gram: every continuation is an anchor of its own.
    missing = _GRAM - len(codes)
    for tail in np.ndindex(*(30,) * missing):
        yield _gram((*codes, *tail)), codes, 0


def _gram(codes: Sequence[int]) -> int:
    value = 0
    for code in codes:
        value = value << _BITS | int(code)
    return value


@dataclass(frozen=True, slots=True)
class Candidates:
    """Places to verify: parallel arrays, ascending by row, then form, then start."""

    row: npt.NDArray[np.int64]
    form: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]  #: where the term's first letter would stand in the row


def scan(texts: Sequence[str], table: AnchorTable) -> Candidates:
    """texts: shape-folded names. Returns every (row, form, start) that can hold a term."""
    joined = ("." + ".".join(texts) + "." * _PIECE_MAX).encode("ascii")
    codes = _CODES[np.frombuffer(joined, np.uint8)]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.concatenate(([0], np.cumsum(lengths + 1)))[:-1] + 1
    wide = codes.astype(np.uint32)
    grams = wide[:-3] << 15 | wide[1:-2] << 10 | wide[2:-1] << 5 | wide[3:]
    places = np.flatnonzero(table.bitmap[grams])
    at_gram = grams[places]
    many = table.count[at_gram]
    where = np.repeat(places, many)
    # The k-th entry of each gram: a running index minus where its own run began.
    run = np.arange(len(where)) - np.repeat(np.cumsum(many) - many, many)
    entry = np.repeat(table.first[at_gram], many) + run
    token_length = _token_lengths(codes)
    kept_rows, kept_forms, kept_starts = [], [], []
    step = 1 << 20
    for low in range(0, len(where), step):
        place, which = where[low : low + step], entry[low : low + step]
        begin = place - table.piece_back[which]
        fits = begin >= 0
        place, which, begin = place[fits], which[fits], begin[fits]
        seen = codes[np.minimum(begin[:, None] + np.arange(_PIECE_MAX)[None, :], len(codes) - 1)]
        wanted = table.piece[which]
        same = ((seen == wanted) | (wanted == _ANY)).all(axis=1)
        place, which = place[same], which[same]
        likely = _token_fits(table, which, token_length[place + (codes[place] == 0)])
        place, which = place[likely], which[likely]
        row = np.searchsorted(starts, place + 1, side="right") - 1
        row = np.maximum(row, 0)
        kept_rows.append(row)
        kept_forms.append(table.form[which])
        kept_starts.append(place - table.term_back[which] - starts[row])
    if not kept_rows:
        none = np.zeros(0, np.int64)
        return Candidates(none, none.astype(np.int32), none)
    row, form, start = map(np.concatenate, (kept_rows, kept_forms, kept_starts))
    # One key per place, so that a term found through several pieces is verified once.
    order = np.lexsort((start, form, row))
    row, form, start = row[order], form[order], start[order]
    fresh = np.ones(len(row), bool)
    fresh[1:] = (row[1:] != row[:-1]) | (form[1:] != form[:-1]) | (start[1:] != start[:-1])
    return Candidates(row[fresh], form[fresh], start[fresh])


def _token_lengths(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """Per position: the length of the token it is in."""
    borders = np.flatnonzero(codes == 0)
    lengths = np.diff(borders, append=len(codes)).astype(np.int32) - 1
    return np.repeat(lengths, np.diff(borders, append=len(codes)))


def _token_fits(
    table: AnchorTable, entries: npt.NDArray[np.int32], lengths: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    """Per candidate: found anywhere, or in a token that k edits can make of the term.

    Each edit changes a token's length by one at most; this leaves one candidate in ten.
    """
    slack = table.slack[entries]
    fits: npt.NDArray[np.bool_] = (slack < 0) | (np.abs(lengths - table.size[entries]) <= slack)
    return fits


def forms_of(terms: Sequence[Term]) -> tuple[list[tuple[str, int, int]], list[tuple[int, bool]]]:
    """The spellings to anchor, and for each (index of its term, pairs merged?)."""
    forms, origin = [], []
    for index, term in enumerate(terms):
        rule = term.rule
        forms.append((term.folded, rule.token_edits, rule.inside_edits))
        origin.append((index, False))
        if term.merged:
            forms.append((term.merged, rule.token_edits, rule.inside_edits))
            origin.append((index, True))
    return forms, origin
