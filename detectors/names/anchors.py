"""Where in a name a form can stand: the tables that the scan looks up, built once per watch list.

Within k edits of a form some piece of it stands intact in the name (inside), or some letters of
its beginning stand in the same order at the word's beginning (whole words). Keys of four codes
made of these pieces are looked up in a bitmap for every letter of every name, so that cost
hardly depends on the number of brands. Proofs stand beside `_inside_keys` and `_word_keys`.
Figures: docs/explanation/matching.md.
May import: detectors.folding.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.folding import SHAPE
from detectors.names.terms import Term

SHORTEST_FORM, LONGEST_FORM = 2, 60
MOST_EDITS = 2
#: Codes of five bits: 0 separator, 1-26 letters, 27-29 the digits that look like no letter.
CODES = np.zeros(256, dtype=np.uint8)
for _byte in range(256):
    _shape = chr(SHAPE[_byte])
    if _shape.isalpha():
        CODES[_byte] = ord(_shape) - 96
    elif _shape.isdigit():
        CODES[_byte] = 27 + "269".index(_shape)
N_CODES = 30

#: Kinds of key: four codes in a row, or with any one code before the last or behind the first;
#: of a word's first letters four, three, or five hashed to twenty bits. All kinds share one
#: bitmap, small enough for the cache; what tells them apart is xored on, and where two still
#: coincide, verification tells.
ROW, LATE_GAP, EARLY_GAP = 0, 0x9C4E5, 0x63B1A
FOUR, THREE, FIVE = 0, 0x9C4E5, 0x63B1A
FIVE_FACTOR = 0x9E3779B97F4A7C15
_KEY_SPACE = 1 << 20

#: What an entry asks for, see `kernel`.
ANYWHERE, AT_START, AT_END, WHOLE, NEAR, NEAR_ONE = range(6)
#: Places of what an entry holds.
FORM_AT, SIZE_AT, EDITS_AT, READINGS_AT, ASK_AT = 44, 38, 36, 32, 29

#: Readings that a form is looked for in: the text as it stands, when it has letter pairs and
#: when it has none; with its pairs merged; with digits read in their second way.
PLAIN_OF_PAIRED, PLAIN, MERGED, SECOND_DIGITS = 1, 2, 4, 8

#: Words are looked up by their first letters: keys of five, four or three of them.
PREFIX = 7
LONGEST_KEY, SHORTEST_KEY = 5, 3
#: (positions) of keys of three, by their last position: first those of a shorter prefix.
THREES = tuple(sorted(itertools.combinations(range(PREFIX - 2), 3), key=lambda three: three[-1]))
LONGEST_WORD = LONGEST_FORM + MOST_EDITS
#: Of the polynomial hash of a form's codes, modulo 2**64.
HASH_FACTOR = 0x9E3779B97F4A7C15

#: Occurrences of letters in names, per thousand: a long piece is anchored where it is rarest.
_FREQUENCY = np.full(32, 15.0)
for _letter, _per_mille in zip(
    "eaoinrstlcdumpghbyfkvwjxzq",
    (105, 95, 85, 80, 70, 70, 65, 65, 60, 45, 38, 38, 35, 30, 28, 26, 22, 18, 15, 15, 12, 11, 6,
     5, 5, 2),
    strict=True,
):  # fmt: skip
    _FREQUENCY[ord(_letter) - 96] = _per_mille
_FREQUENCY[ord("l") - 96] += _FREQUENCY[ord("i") - 96]
_FREQUENCY[0] = 130.0


class Form(NamedTuple):
    """One spelling to look for. Rules: -1 to 2 edits, -1 where it is not looked for."""

    text: str  #: 2 to 60 ASCII letters and digits; folded to shapes here if it is not yet
    token_edits: int  #: OSA edits of a whole word
    inside_edits: int  #: OSA edits of any part of a word
    edge: bool  #: exact at the beginning or the end of a word; for inside_edits of -1
    term: int  #: what a sighting of it names
    merged: bool  #: letter pairs were merged to make it; the term has a plain form, too


class KeyTable(NamedTuple):
    """Entries by key; as named tuple, because compiled code takes it whole.

    Keys are ranked: `rank` counts those in the words of the bitmap before, so that only keys
    that exist take space and the table stays in the processor's cache.
    """

    bits: npt.NDArray[np.uint64]
    rank: npt.NDArray[np.int32]
    first: npt.NDArray[np.int32]  #: per ranked key its first entry; one more at the end
    #: What most candidates are dismissed by, without a look at the form. From the highest bit:
    #: form, its letters (6 bits), edits (2), readings (4), what is asked (3); in the lowest 29 the
    #: codes it has or, if where it must stand is known, how far back from the key's end it begins.
    entry: npt.NDArray[np.int64]


class AnchorTables(NamedTuple):
    """f forms, made ready for `kernel.scan`. Threads may share it."""

    codes: npt.NDArray[np.uint8]  #: f x 64, 0 behind the form
    size: npt.NDArray[np.int32]  #: f: letters
    token_edits: npt.NDArray[np.int32]
    inside_edits: npt.NDArray[np.int32]
    term: npt.NDArray[np.int32]
    merged: npt.NDArray[np.bool_]
    readings: npt.NDArray[np.uint8]  #: f: those it is looked for in
    inside: KeyTable
    words: KeyTable
    #: By length of a word, and by 3 to 5 codes of a key: how many keys to look up.
    n_keys: npt.NDArray[np.int32]
    always: npt.NDArray[np.int32]  #: forms whose rule is too wide for any key
    joined_hash: npt.NDArray[np.uint64]  #: open addressing, a power of two
    joined_form: npt.NDArray[np.int32]  #: -1: free
    n_terms: int


def build_tables(
    forms: Sequence[tuple[str, int, int, bool, int, bool]],
    common: npt.NDArray[np.uint32] | None = None,
) -> AnchorTables:
    """forms: `Form`s or tuples like them.

    common: how often each four codes stand in ordinary names (`kernel.count_grams`); pieces are
    looked up by their rarest. None: as letters make it likely. It changes speed, not results.
    Raises ValueError for a text or a number of edits outside its range.
    """
    whole = [Form(*form) for form in forms]
    for form in whole:
        _check(form)
    size = np.array([len(form.text) for form in whole], dtype=np.int32)
    codes = np.zeros((len(whole), 64), dtype=np.uint8)
    inside: list[tuple[int, int]] = []
    words: list[tuple[int, int]] = []
    always: list[int] = []
    n_keys = np.zeros((LONGEST_WORD + 1, LONGEST_KEY + 1), dtype=np.int32)
    rarity = _costs(common)
    with_merged = {form.term for form in whole if form.merged}
    readings = np.array([_readings(form, with_merged) for form in whole], dtype=np.uint8)
    for at, form in enumerate(whole):
        row = tuple(int(code) for code in CODES[np.frombuffer(form.text.encode(), np.uint8)])
        codes[at, : len(row)] = row
        letters = sum({1 << code >> 1 for code in row})
        about = at << FORM_AT | len(row) << SIZE_AT | int(readings[at]) << READINGS_AT
        near = about | letters
        for key, ask, back in dict.fromkeys(_inside_keys(row, form, rarity)):
            known = (near if ask == NEAR else about | back) | ask << ASK_AT
            inside.append((key, known | max(form.inside_edits, 0) << EDITS_AT))
        if _is_too_wide(form):
            always.append(at)
        elif _has_word_rule(form):
            known = near | form.token_edits << EDITS_AT
            words += [(key, known) for key in dict.fromkeys(_word_keys(row, form))]
            _want_lengths(form, n_keys)
    joined_hash, joined_form = _joined_table(codes, size, whole)
    return AnchorTables(
        codes=codes,
        size=size,
        token_edits=np.array([form.token_edits for form in whole], dtype=np.int32),
        inside_edits=np.array([form.inside_edits for form in whole], dtype=np.int32),
        term=np.array([form.term for form in whole], dtype=np.int32),
        merged=np.array([form.merged for form in whole], dtype=np.bool_),
        readings=readings,
        inside=_key_table(inside, _KEY_SPACE),
        words=_key_table(words, _KEY_SPACE),
        n_keys=n_keys,
        always=np.array(always, dtype=np.int32),
        joined_hash=joined_hash,
        joined_form=joined_form,
        n_terms=max((form.term for form in whole), default=-1) + 1,
    )


def _check(form: Form) -> None:
    if not (SHORTEST_FORM <= len(form.text) <= LONGEST_FORM) or not (
        form.text.isascii() and form.text.isalnum()
    ):
        raise ValueError(f"form {form.text!r}: 2 to 60 ASCII letters and digits are looked for")
    if not all(-1 <= edits <= MOST_EDITS for edits in (form.token_edits, form.inside_edits)):
        raise ValueError(f"form {form.text!r}: edits go from -1 (never) to {MOST_EDITS}")


def _is_too_wide(form: Form) -> bool:
    """Whether nothing of so short a form is sure to survive so many edits."""
    size = len(form.text)
    if _has_word_rule(form) and size - form.token_edits < SHORTEST_KEY:
        return True
    return form.inside_edits > 0 and size < 2 * (form.inside_edits + 1)


def _has_word_rule(form: Form) -> bool:
    """Whether whole words may have edits, and more than the parts of words that see them, too."""
    return form.token_edits > max(form.inside_edits, 0)


def _readings(form: Form, with_merged: set[int]) -> int:
    """Once pairs are merged on one side they must be on the other.

    A text without pairs is its own merged text: "leamify" is "learnify" with its pair merged.
    """
    if form.merged:
        return MERGED | PLAIN
    own = PLAIN | PLAIN_OF_PAIRED | SECOND_DIGITS
    return own if form.term in with_merged else own | MERGED


def _inside_keys(
    codes: tuple[int, ...], form: Form, rarity: npt.NDArray[np.float32]
) -> Iterator[tuple[int, int, int]]:
    """(key, what is asked, codes from the key's end back to the form's start)."""
    if form.inside_edits > 0:
        if len(codes) < 2 * (form.inside_edits + 1):
            return  # too wide
        cuts = _cuts(codes, form.inside_edits, rarity)
        for piece, offset in _pieces(codes, cuts):
            intact = codes[offset : offset + len(piece)] == piece
            if form.inside_edits == 1 and len(piece) == 3:
                yield from ((key, NEAR, 0) for key in _beside(codes, offset))
            elif form.inside_edits == 1 and len(piece) > 3 and intact:
                yield from ((key, NEAR_ONE, offset + end) for key, end in _keys_of(piece, rarity))
            else:
                yield from ((key, NEAR, 0) for key, _ in _keys_of(piece, rarity))
        return
    if form.inside_edits == 0:
        asked = [(codes, 0, ANYWHERE)]
    elif form.edge:
        asked = [((0, *codes), 1, AT_START), ((*codes, 0), 0, AT_END)]
    elif form.token_edits == 0:
        asked = [((0, *codes, 0), 1, WHOLE)]
    else:
        asked = []
    for piece, before, ask in asked:
        for key, end in _keys_of(piece, rarity):
            yield key, ask, end - before


def _cuts(
    codes: tuple[int, ...], edits: int, rarity: npt.NDArray[np.float32]
) -> tuple[int, ...]:
    """Where to cut the form into edits + 1 pieces: so that each has four letters in a row that
    are rare. A form too short for that is cut evenly."""
    size = len(codes)
    if size < 4 * (edits + 1):
        return tuple(size * part // (edits + 1) for part in range(1, edits + 1))
    costs = [float(rarity[_key(codes[at : at + 4])]) for at in range(size - 3)]
    from_left = list(itertools.accumulate(costs, min))
    from_right = list(itertools.accumulate(reversed(costs), min))[::-1]
    if edits == 1:
        return (min(range(4, size - 3), key=lambda cut: from_left[cut - 4] + from_right[cut]),)
    best, chosen = math.inf, (0, 0)
    for left in range(4, size - 7):
        middle = math.inf
        for right in range(left + 4, size - 3):
            middle = min(middle, costs[right - 4])
            cost = from_left[left - 4] + middle + from_right[right]
            if cost < best:
                best, chosen = cost, (left, right)
    return chosen


def _pieces(
    codes: tuple[int, ...], cuts: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], int]]:
    """(piece, offset): every part of a text within 1 or 2 edits contains at least one of them.

    Without a transposition across a cut, k edits spoil at most k of k + 1 pieces. A transposition
    across a cut spoils both neighbours, but then the *swapped* form has the piece on either side
    of the cut intact, unless the other edit lies there; and as no letter is edited twice, it lies
    on one side only. With a single cut and a single edit the whole swapped form is intact.
    Plain pigeonhole loses these transpositions.
    """
    ends = [0, *cuts, len(codes)]
    for left, right in itertools.pairwise(ends):
        yield codes[left:right], left
    for position, cut in enumerate(cuts):
        left, right = ends[position], ends[position + 2]
        swapped = (*codes[: cut - 1], codes[cut], codes[cut - 1], *codes[cut + 1 :])
        if len(cuts) == 1:
            yield swapped, 0
        else:
            yield swapped[left:cut], left
            yield swapped[cut:right], cut


def _beside(codes: tuple[int, ...], offset: int) -> Iterator[int]:
    """Keys of a piece of three letters of a form of six or seven, of which the rest has one edit.

    Three letters are everywhere, so the rest is asked, too. Read away from the piece, the rest
    begins with its own first letter (edited later), with its second (the first was left out, or
    the two were swapped), or, behind any one letter, with its second (the first was replaced) or
    with its first (something came between).
    """
    piece = codes[offset : offset + 3]
    if offset == 0:
        first, second = codes[3], codes[4]
        for near in (first, second):
            yield ROW ^ _key((*piece, near))
            yield LATE_GAP ^ _key((*piece, near))
    else:
        first, second = codes[offset - 1], codes[offset - 2]
        for near in (first, second):
            yield ROW ^ _key((near, *piece))
            yield EARLY_GAP ^ _key((near, *piece))


def _keys_of(
    piece: tuple[int, ...], rarity: npt.NDArray[np.float32]
) -> Iterator[tuple[int, int]]:
    """(key, index in the piece of the key's last code): the rarest four codes of the piece.

    A shorter piece gets all codes that can stand before it; before a word stand only zeros.
    """
    missing = 4 - len(piece)
    if missing <= 0:
        windows = [_key(piece[at : at + 4]) for at in range(len(piece) - 3)]
        best = min(range(len(windows)), key=lambda at: float(rarity[windows[at]]))
        yield windows[best], best + 3
    elif piece[0] == 0:
        yield _key((*(0,) * missing, *piece)), len(piece) - 1
    else:
        for before in itertools.product(range(N_CODES), repeat=missing):
            yield _key((*before, *piece)), len(piece) - 1


def _word_keys(codes: tuple[int, ...], form: Form) -> Iterator[int]:
    """Keys of a form whose whole words may have more edits than parts of words.

    One edit takes at most one letter from a common subsequence of two prefixes of p letters:
    replaced or left out it is lost, something inserted pushes the last one out, and of two
    swapped letters one still stands in order. So words within k edits of a form of p letters or
    more share at least p - k letters, in order, among the first p of both.
    """
    prefix, shared = _prefix(form)
    for places in itertools.combinations(range(prefix), shared):
        key = _key([codes[place] for place in places])
        if shared == 5:
            yield FIVE ^ key * FIVE_FACTOR % (1 << 64) >> 44
        else:
            yield (FOUR if shared == 4 else THREE) ^ key


def _prefix(form: Form) -> tuple[int, int]:
    """(letters of the prefix, letters shared): as many as a key holds, or the form allows."""
    shared = min(LONGEST_KEY, len(form.text) - form.token_edits)
    return shared + form.token_edits, shared


def _want_lengths(form: Form, n_keys: npt.NDArray[np.int32]) -> None:
    prefix, shared = _prefix(form)
    size = len(form.text)
    for length in range(size - form.token_edits, size + form.token_edits + 1):
        wanted = math.comb(min(prefix, length), shared)
        n_keys[length, shared] = max(n_keys[length, shared], wanted)


def _costs(common: npt.NDArray[np.uint32] | None) -> npt.NDArray[np.float32]:
    """By key of four in a row: how often it is expected in names, up to a factor."""
    share = (_FREQUENCY / _FREQUENCY.sum()).astype(np.float32)
    pairs = np.multiply.outer(share, share).ravel()
    likely = np.multiply.outer(pairs, pairs).ravel()
    if common is None:
        return likely
    # Of what was never seen, letters say what is likelier.
    return (common + likely * max(1.0, float(common.sum()))).astype(np.float32)


def _key(codes: Sequence[int]) -> int:
    value = 0
    for code in codes:
        value = value << 5 | int(code)
    return value


def _key_table(rows: list[tuple[int, int]], space: int) -> KeyTable:
    """rows: (key, entry)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    keys, first = np.unique(table[:, 0], return_index=True)
    bits = np.zeros(space >> 6, dtype=np.uint64)
    np.bitwise_or.at(bits, keys >> 6, np.uint64(1) << (keys & 63).astype(np.uint64))
    counts = np.bitwise_count(bits).astype(np.int32)
    return KeyTable(
        bits=bits,
        rank=(np.cumsum(counts, dtype=np.int32) - counts).astype(np.int32),
        first=np.append(first, len(table)).astype(np.int32),
        entry=np.ascontiguousarray(table[:, 1]),
    )


def _joined_table(
    codes: npt.NDArray[np.uint8], size: npt.NDArray[np.int32], forms: Sequence[Form]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Forms by the hash of all their codes, one slot each."""
    slots = 1 << max(4, int(4 * len(forms)).bit_length())
    hashes = np.zeros(slots, dtype=np.uint64)
    owner = np.full(slots, -1, dtype=np.int32)
    for at, form in enumerate(forms):
        if max(form.token_edits, form.inside_edits) < 0 and not form.edge:
            continue
        value = 0
        for code in codes[at, : size[at]].tolist():
            value = (value * HASH_FACTOR + code) % (1 << 64)
        slot = (value >> 32) % slots
        while owner[slot] >= 0:
            slot = (slot + 1) % slots
        hashes[slot], owner[slot] = value, at
    return hashes, owner


# ---- the older table, until the way through is switched over ----

_GRAM = 4
_BITS = 5
_ANY = 255  # in a piece: any code
_PIECE_MAX = 16
#: How common each letter is in names, per thousand: the rarest 4-gram of a piece is its anchor.
_OLD_FREQUENCY = np.full(32, 15.0)
for _letter, _per_mille in zip(
    "eaoinrstlcdumpghbyfkvwjxzq",
    (105, 95, 85, 80, 70, 70, 65, 65, 60, 45, 38, 38, 35, 30, 28, 26, 22, 18, 15, 15, 12, 11, 6,
     5, 5, 2),
    strict=True,
):  # fmt: skip
    _OLD_FREQUENCY[ord(_letter) - 96] = _per_mille
_OLD_FREQUENCY[0] = 130.0

#: Shape-folded byte to code: 0 boundary, 1-26 letters, 27-29 the digits no letter looks like.
_OLD_CODES = np.zeros(256, dtype=np.uint8)
for _byte in range(97, 123):
    _OLD_CODES[_byte] = _byte - 96
for _index, _digit in enumerate(b"269"):
    _OLD_CODES[_digit] = 27 + _index


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
        codes = tuple(int(code) for code in _OLD_CODES[np.frombuffer(text.encode(), np.uint8)])
        pieces: dict[_Piece, int] = {}
        if token_edits > inside_edits:
            pieces.update(dict.fromkeys(_bounded(codes, token_edits), token_edits))
        if inside_edits >= 0:
            pieces.update((_Piece(c, o), -1) for c, o in _old_pieces(codes, inside_edits))
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


def _old_pieces(codes: tuple[int, ...], edits: int) -> Iterator[tuple[tuple[int, ...], int]]:
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
    for piece, offset in _old_pieces(codes, edits):
        at_start, at_end = offset == 0, offset + len(piece) == size
        bounded = (*((0,) if at_start else ()), *piece, *((0,) if at_end else ()))
        yield _Piece(bounded, offset - 1 if at_start else offset)


def _anchors_of(piece: _Piece) -> Iterator[tuple[int, tuple[int, ...], int]]:
    """(gram, compared codes, from anchor back to the first compared code) of one piece."""
    codes = piece.codes
    if len(codes) >= _GRAM:
        weight = np.log(_OLD_FREQUENCY[list(codes)])
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
    codes = _OLD_CODES[np.frombuffer(joined, np.uint8)]
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
        size = len(term.folded)  # LEAD: the old scan cannot do the new rules quickly
        token, inside = min(rule.token_edits, 1 if size < 10 else 2), rule.inside_edits
        inside = 0 if size < 8 else inside
        forms.append((term.folded, token, inside))
        origin.append((index, False))
        if term.merged:
            forms.append((term.merged, token, inside))
            origin.append((index, True))
    return forms, origin
