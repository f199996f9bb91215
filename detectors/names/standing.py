"""Whether a form stands where a key says it may: letter by letter, or with one edit.

Here the place is known, so a few comparisons do; without a place see `osa`.
May import: detectors.compiling, detectors.names.anchors.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

from detectors.compiling import inlined
from detectors.names.anchors import AT_END, AT_START, WHOLE


@inlined
def stands(form, size, ask, begin, low, high, codes, forms):
    """Whether the form stands at `begin` letter by letter, in the part of the word asked for."""
    if begin < low or begin + size > high:
        return False
    if ask in (AT_START, WHOLE) and begin != low:
        return False
    if ask in (AT_END, WHOLE) and begin + size != high:
        return False
    return _goes_on(form, 0, begin, 1, size, high, codes, forms)


@inlined
def within_one(form, size, at, back, low, high, codes, forms):
    """Whether the form stands with one edit at most where its letter `back` stands at `at`.

    The four letters up to there are known to stand. An edit can always be thought where the
    letters first differ.
    """
    right, left = back + 1, back - 4
    start = at - back
    while right < size and start + right < high and codes[start + right] == forms[form, right]:
        right += 1
    while left >= 0 and start + left >= low and codes[start + left] == forms[form, left]:
        left -= 1
    if right < size and left >= 0:
        return False
    if right < size:
        return _one_beyond(form, right, start + right, 1, size, high, codes, forms)
    if left >= 0:
        return _one_beyond(form, left, start + left, -1, -1, low - 1, codes, forms)
    return True


@inlined
def _one_beyond(form, letter, place, step, last, stop, codes, forms):
    """Whether the rest of the form, from `letter` on, and the word's from `place` on differ by one.

    step: 1 towards the end, -1 towards the beginning. The word may go on behind the rest.
    """
    if _goes_on(form, letter + step, place, step, last, stop, codes, forms):
        return True  # left out
    if place == stop:
        return False
    if _goes_on(form, letter + step, place + step, step, last, stop, codes, forms):
        return True  # replaced
    if _goes_on(form, letter, place + step, step, last, stop, codes, forms):
        return True  # put in between
    return (
        letter + step != last
        and place + step != stop
        and codes[place] == forms[form, letter + step]
        and codes[place + step] == forms[form, letter]
        and _goes_on(form, letter + 2 * step, place + 2 * step, step, last, stop, codes, forms)
    )


@inlined
def _goes_on(form, letter, place, step, last, stop, codes, forms):
    while letter != last:
        if place == stop or codes[place] != forms[form, letter]:
            return False
        letter += step
        place += step
    return True
