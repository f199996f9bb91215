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
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.folding import PAIRS, SHAPE
from detectors.names.spelled import SpelledTables, build_spelled

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


# Beside the code of a byte, what is worth knowing of it: found by one look-up a byte.
SEPARATOR, DIGIT = 32, 64
LETTER_AT = 8  #: above it which letter it is, 1-26: several share a code


class Alphabet(NamedTuple):
    """What the scan must know of `folding`; an argument, see `compiling`."""

    of_byte: npt.NDArray[np.uint16]  #: 256: code, SEPARATOR, DIGIT for one of two readings, letter
    of_pair: npt.NDArray[np.uint8]  #: 1024, by two letters: the byte that they look like, or 0


def alphabet() -> Alphabet:
    of_byte = CODES.astype(np.uint16)
    of_byte[CODES == 0] |= SEPARATOR
    of_byte[list(b"679")] |= DIGIT
    for letter in range(26):
        of_byte[[ord("a") + letter, ord("A") + letter]] |= (letter + 1) << LETTER_AT
    of_pair = np.zeros(1 << 10, np.uint8)
    for pair, looks_like in PAIRS.items():
        left, right = (int(of_byte[byte]) >> LETTER_AT for byte in pair.encode())
        of_pair[left << 5 | right] = ord(looks_like)
    return Alphabet(of_byte=of_byte, of_pair=of_pair)


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
    rank: npt.NDArray[np.uint32]
    first: npt.NDArray[np.uint32]  #: per ranked key its first entry; one more at the end
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
    spelled: SpelledTables
    n_terms: int
    alphabet: Alphabet


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
        spelled=build_spelled(
            [
                (codes[at, : size[at]].tolist(), _is_wanted(form), form.token_edits > 0)
                for at, form in enumerate(whole)
            ]
        ),
        n_terms=max((form.term for form in whole), default=-1) + 1,
        alphabet=alphabet(),
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


def _cuts(codes: tuple[int, ...], edits: int, rarity: npt.NDArray[np.float32]) -> tuple[int, ...]:
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


def _pieces(codes: tuple[int, ...], cuts: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int]]:
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


def _keys_of(piece: tuple[int, ...], rarity: npt.NDArray[np.float32]) -> Iterator[tuple[int, int]]:
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
        return np.asarray(likely, dtype=np.float32)
    # Of what was never seen, letters say what is likelier.
    return np.asarray(common + likely * max(1.0, float(common.sum())), dtype=np.float32)


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
    counts = np.bitwise_count(bits).astype(np.uint32)
    return KeyTable(
        bits=bits,
        rank=np.cumsum(counts, dtype=np.uint32) - counts,
        first=np.append(first, len(table)).astype(np.uint32),
        entry=np.ascontiguousarray(table[:, 1]),
    )


def _is_wanted(form: Form) -> bool:
    return max(form.token_edits, form.inside_edits) >= 0 or form.edge
