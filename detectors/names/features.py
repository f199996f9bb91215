"""What is measured of every sighting before it is weighed: one row of numbers each.

The columns are those that carry the ranking of lookalike names when measured one by one: how
rare the match is by chance, where it stands, whether the letters rather belong to other words,
what the rest of the label is made of, and whether another brand explains the name better.
Nothing here weighs: weights are data (`scorecard`).
May import: detectors.lures, detectors.words, detectors.names, namaak.brands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.compiling import allocating
from detectors.lures import lexicon
from detectors.names.learned import Learned, ratio
from detectors.names.rarity import ALL, FITS, Rarity, labels_of, per_million
from detectors.names.sightings import Sightings, TextFlag, Texts
from detectors.names.spans import INSIDE, REACH, START, TOKEN, WHOLE, RawTerms, Spans, raw_terms
from detectors.names.terms import Term
from detectors.words import (
    CLASSES,
    segment,
    word_frequency,
    word_table,
)
from namaak.brands import Brand

#: Columns of the matrix, in order.
FEATURES = (
    "constant", "class_rate", "edited_rate", "token_rate", "spelling_rate",
    "zipf_short", "zipf_long", "length", "generic", "shared", "variant",
    "edits", "edit_share", "first_changed", "replaced", "added", "alike",
    "edited_token", "breaks",
    "whole", "token", "inside", "left", "right", "starts", "one_letter_more",
    "gain", "loss", "lure", "place_word", "web_word", "trade_word", "speech_word",
    "learned",
    "rest_words", "rest_random", "rest_digits", "rest_length", "rest_cost",
    "hyphens", "many_hyphens", "covered", "rival", "other_brands",
    "punycode", "suffix", "sub_label", "free_host", "address_below",
)  # fmt: skip
(
    CONSTANT, CLASS_RATE, EDITED_RATE, TOKEN_RATE, SPELLING_RATE,
    ZIPF_SHORT, ZIPF_LONG, TERM_LENGTH, GENERIC, SHARED, VARIANT,
    EDITS, EDIT_SHARE, FIRST_CHANGED, REPLACED, ADDED, ALIKE, EDITED_TOKEN, BREAKS,
    AT_WHOLE, AT_TOKEN, AT_INSIDE, LEFT, RIGHT, STARTS, ONE_LETTER_MORE,
    GAIN, LOSS, LURE, PLACE_WORD, WEB_WORD, TRADE_WORD, SPEECH_WORD,
    LEARNED,
    REST_WORDS, REST_RANDOM, REST_DIGITS, REST_LENGTH, REST_COST,
    HYPHENS, MANY_HYPHENS, COVERED, RIVAL, OTHER_BRANDS,
    PUNYCODE, SUFFIX, SUB_LABEL, FREE_HOST, ADDRESS_BELOW,
) = range(len(FEATURES))  # fmt: skip

#: Nats. Beyond them a longer label gains and loses without meaning more.
_GAIN_CAP, _LOSS_CAP, _REST_CAP = 25.0, 15.0, 100.0
#: Letters up to which a word's commonness weighs more: longer ones are seldom met by chance.
_SHORT = 5
#: Caps of what was learned of one word, and of all words of a rest.
_WORD_LOW, _WORD_HIGH, _SUM_LOW, _SUM_HIGH = -2.0, 3.0, -4.0, 5.0
#: log10 per million: what ordinary names hold more often than this explains no name.
_TELLING = 1.5
#: Letters beyond which a longer term says no more.
_LENGTH_MAX = 12
#: An edit of a term of six letters is what edits are counted in.
_EDIT_OF = 6.0
_HYPHENS_MAX = 2
_OTHERS_MAX = 64

#: Word classes as told apart here.
_PLAIN, _LURE, _PLACE, _WEB, _TRADE, _SPEECH, _NONE, _DIGITS = range(8)
_GROUP_OF = np.array(
    [
        {
            "word": _PLAIN, "generic": _PLAIN, "letters": _NONE, "digits": _DIGITS,
            "place": _PLACE, "web": _WEB, "address": _WEB, "speech": _SPEECH,
            # Dealers and customers use these as impostors do.
            "delivery": _TRADE, "work": _TRADE, "shop": _TRADE, "industry": _TRADE,
        }.get(name, _LURE)
        for name in CLASSES
    ],
    np.uint8,
)  # fmt: skip

_HOST, _IDN, _FREE = int(TextFlag.HOST), int(TextFlag.PUNYCODE), int(TextFlag.FREE_HOST)
_DOT, _HYPHEN = 46, 45


@dataclass(frozen=True, slots=True, kw_only=True)
class TermColumns:
    """What is known of t terms apart from any name."""

    raw: RawTerms
    brand: npt.NDArray[np.int32]
    owner: npt.NDArray[np.int32]  #: brands that share a domain of their own have one owner
    zipf: npt.NDArray[np.float32]  #: log10 per billion words; 0: no word
    generic: npt.NDArray[np.bool_]  #: a word of the lexicon: says little about who is meant
    variant: npt.NDArray[np.bool_]  #: not the name as given (word order, sound, numeral ...)
    shared: npt.NDArray[np.uint8]  #: further owners with the same term


def term_columns(terms: Sequence[Term], brands: Mapping[str, Brand]) -> TermColumns:
    """terms: of these brands, by id. Sister brands are known by a domain that both have."""
    numbers = {brand_id: number for number, brand_id in enumerate(brands)}
    owners = _owners(brands)
    known = lexicon()
    named = {*known.classes, *known.generic}
    holders: dict[str, set[int]] = {}
    for term in terms:
        holders.setdefault(term.raw, set()).add(owners[term.brand_id])
    return TermColumns(
        raw=raw_terms([term.raw for term in terms]),
        brand=np.array([numbers[term.brand_id] for term in terms], np.int32),
        owner=np.array([owners[term.brand_id] for term in terms], np.int32),
        zipf=np.array([word_frequency(term.raw) for term in terms], np.float32),
        generic=np.array([term.raw in named for term in terms], np.bool_),
        variant=np.array([term.variant != "" for term in terms], np.bool_),
        shared=np.array([min(len(holders[term.raw]) - 1, 3) for term in terms], np.uint8),
    )


def _owners(brands: Mapping[str, Brand]) -> dict[str, int]:
    """Brand id to a number that brands with a common domain share."""
    number = {brand_id: at for at, brand_id in enumerate(brands)}
    first_with: dict[str, int] = {}
    joined = list(range(len(brands)))

    def root(at: int) -> int:
        while joined[at] != at:
            joined[at] = joined[joined[at]]
            at = joined[at]
        return at

    for brand_id, brand in brands.items():
        for domain in brand.domains:
            other = first_with.setdefault(domain, number[brand_id])
            joined[root(number[brand_id])] = root(other)
    return {brand_id: root(at) for brand_id, at in number.items()}


def measure(
    texts: Texts,
    sightings: Sightings,
    spans: Spans,
    terms: TermColumns,
    rarity: Rarity,
    tables: Learned,
) -> npt.NDArray[np.float32]:
    """A row of FEATURES per sighting, in their order; sightings ascending by text."""
    matrix = np.zeros((len(sightings.text), len(FEATURES)), np.float32)
    _measure(
        texts.buffer, texts.begin, texts.end, texts.label, texts.suffix, texts.flags,
        sightings.text, sightings.term, sightings.start, sightings.end,
        spans.kind, spans.place, spans.edits, spans.replaced, spans.added, spans.alike,
        spans.first_changed,
        spans.unit_begin, spans.unit_end, spans.spelling, spans.gain, spans.rest_cost,
        terms.raw.first, terms.zipf, terms.generic, terms.shared, terms.variant,
        rarity.labels, rarity.classes, rarity.spellings, rarity.spelling_labels,
        tables.words.keys, tables.words.values, tables.classes,
        tables.suffixes.keys, tables.suffixes.values,
        word_table().arrays, _GROUP_OF, matrix,
    )  # fmt: skip
    _compare_brands(
        sightings.text, sightings.start, sightings.end, spans.kind, spans.edits,
        terms.owner[sightings.term], matrix,
    )  # fmt: skip
    return matrix


@allocating
def _measure(  # type: ignore[no-untyped-def]
    buffer, begin, end, label, suffix, flags, text, term, start, stop,
    kind, place, edits, replaced, added, alike, first_changed, unit_begin, unit_end, spelling,
    gain, rest_cost, first, zipf, generic, shared, variant,
    labels, classes, spellings, spelling_labels,
    word_keys, word_values, class_values, suffix_keys, suffix_values, words, group_of, matrix,
):  # fmt: skip
    most = 4 * REACH
    begins, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    kinds = np.empty(most, np.uint8)
    letters_in = np.empty(8, np.int64)
    for row in range(len(text)):
        into = matrix[row]
        here, which = text[row], term[row]
        low = begin[here]
        left, right = low + start[row], low + stop[row]
        unit_low = max(low + unit_begin[row], left - REACH)
        unit_high = min(low + unit_end[row], right + REACH)
        size = first[which + 1] - first[which]
        at = place[row]
        level = kind[row]

        fit = FITS if gain[row] > 0 else ALL
        into[CONSTANT] = 1.0
        into[CLASS_RATE] = per_million(classes[which, level, at, fit], labels)
        if level:
            into[EDITED_RATE] = into[CLASS_RATE]
        into[TOKEN_RATE] = per_million(classes[which, -1, -1, fit], labels)
        seen = labels_of(spelling[row], fit, spellings, spelling_labels)
        into[SPELLING_RATE] = per_million(seen, labels)
        into[ZIPF_SHORT if size <= _SHORT else ZIPF_LONG] = zipf[which]
        into[TERM_LENGTH] = min(size, _LENGTH_MAX)
        into[GENERIC] = generic[which]
        into[SHARED] = shared[which]
        into[VARIANT] = variant[which]

        into[EDITS] = edits[row]
        into[EDIT_SHARE] = edits[row] / size * _EDIT_OF
        into[FIRST_CHANGED] = first_changed[row]
        into[REPLACED] = replaced[row] > 0
        into[ADDED] = added[row] > 0
        into[ALIKE] = alike[row]
        into[EDITED_TOKEN] = edits[row] > 0 and at <= TOKEN
        for byte in range(left, right):
            into[BREAKS] += buffer[byte] == _HYPHEN or buffer[byte] == _DOT

        into[AT_WHOLE] = at == WHOLE
        into[AT_TOKEN] = at == TOKEN
        into[AT_INSIDE] = at == INSIDE
        into[LEFT] = at <= START
        into[RIGHT] = at != START and at != INSIDE
        into[STARTS] = start[row] == unit_begin[row]
        before, behind = start[row] - unit_begin[row], unit_end[row] - stop[row]
        if before + behind == 1:
            byte = buffer[low + start[row] - 1 if before else low + stop[row]] | 32
            into[ONE_LETTER_MORE] = 97 <= byte <= 122

        into[GAIN] = min(max(gain[row], 0.0), _GAIN_CAP) / 10
        into[LOSS] = min(max(-gain[row], 0.0), _LOSS_CAP) / 10
        into[REST_COST] = min(rest_cost[row], _REST_CAP) / 10

        letters_in[:] = 0
        total = 0.0
        for side in range(2):
            from_, to = (unit_low, left) if side == 0 else (right, unit_high)
            pieces = segment(buffer, from_, to, words, begins, ends, kinds)
            for piece in range(pieces):
                group = group_of[kinds[piece]]
                letters_in[group] += ends[piece] - begins[piece]
                value = ratio(
                    buffer, begins[piece], ends[piece], word_keys, word_values,
                    class_values[kinds[piece]],
                )  # fmt: skip
                total += min(max(value, _WORD_LOW), _WORD_HIGH)
        into[LEARNED] = min(max(total, _SUM_LOW), _SUM_HIGH)
        rest = letters_in.sum()
        if rest:
            into[REST_WORDS] = letters_in[_PLAIN] / rest
            into[REST_RANDOM] = letters_in[_NONE] / rest
            into[REST_DIGITS] = letters_in[_DIGITS] / rest
            into[REST_LENGTH] = rest / 10
        hyphens = 0
        for byte in range(unit_low, unit_high):
            hyphens += buffer[byte] == _HYPHEN
        into[HYPHENS] = min(hyphens, _HYPHENS_MAX)
        into[MANY_HYPHENS] = min(max(hyphens - _HYPHENS_MAX, 0), _HYPHENS_MAX)

        if flags[here] & _HOST:
            into[PUNYCODE] = (flags[here] & _IDN) > 0
            into[FREE_HOST] = (flags[here] & _FREE) > 0
            close = end[here]
            into[SUFFIX] = ratio(
                buffer, close + 1, close + 1 + suffix[here], suffix_keys, suffix_values, 0.0
            )
            if start[row] < label[here]:
                into[SUB_LABEL] = 1.0
                # All labels below the registrable one are one person's choice.
                below = max(low, left - REACH)
                above = min(low + label[here], right + REACH)
                for side in range(2):
                    from_, to = (below, unit_low) if side == 0 else (unit_high, above)
                    pieces = segment(buffer, from_, max(from_, to), words, begins, ends, kinds)
                    for piece in range(pieces):
                        letters_in[group_of[kinds[piece]]] += ends[piece] - begins[piece]
                # "paypal.com." or "ing.nl.", or "paypal.com-" where the registrable label begins.
                reach = min(end[here], right + REACH)
                pieces = segment(
                    buffer, unit_high, max(unit_high, reach), words, begins, ends, kinds
                )
                if pieces and begins[0] == unit_high + 1:
                    group, size_of = group_of[kinds[0]], ends[0] - begins[0]
                    into[ADDRESS_BELOW] = group == _WEB or (group == _PLACE and size_of == 2)
        into[LURE] = letters_in[_LURE] > 0
        into[PLACE_WORD] = letters_in[_PLACE] > 0
        into[WEB_WORD] = letters_in[_WEB] > 0
        into[TRADE_WORD] = letters_in[_TRADE] > 0
        into[SPEECH_WORD] = letters_in[_SPEECH] > 0


@allocating
def _compare_brands(text, start, stop, kind, edits, owner, matrix):  # type: ignore[no-untyped-def]
    """Fills the columns about other brands in the same text; rows of a text stand together."""
    spelled = np.empty(_OTHERS_MAX, np.int64)
    first = 0
    while first < len(text):
        last = first
        exact = 0
        while last < len(text) and text[last] == text[first]:
            if kind[last] == 0 and exact < _OTHERS_MAX:
                spelled[exact] = last
                exact += 1
            last += 1
        for row in range(first, last):
            others = 0
            for index in range(exact):
                other = spelled[index]
                if owner[other] == owner[row]:
                    continue
                if start[other] <= start[row] and stop[row] <= stop[other]:
                    wider = stop[other] - start[other] > stop[row] - start[row]
                    if wider or kind[row] > 0:
                        matrix[row, COVERED] = 1.0
                apart = stop[other] <= start[row] or stop[row] <= start[other]
                if apart and matrix[other, CLASS_RATE] < _TELLING:
                    new = True
                    for before in range(index):
                        new = new and owner[spelled[before]] != owner[other]
                    if new:
                        others += 1
            matrix[row, OTHER_BRANDS] = min(others, 2)
            # The same letters, nearer to another brand's name.
            for other in range(max(first, row - _OTHERS_MAX), min(last, row + _OTHERS_MAX)):
                if (
                    owner[other] != owner[row]
                    and edits[other] < edits[row]
                    and start[other] < stop[row]
                    and start[row] < stop[other]
                ):
                    matrix[row, RIVAL] = 1.0
                    break
        first = last
