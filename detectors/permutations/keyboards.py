"""Which keys touch, on the three layouts of Latin keyboards that most people type on.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

from functools import cache

#: Rows of keys as they lie, each half a key right of the one above.
LAYOUTS = {
    "qwerty": ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "azerty": ("1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    "qwertz": ("1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm"),
}


@cache
def touching_keys() -> dict[str, tuple[str, ...]]:
    """For each key the keys that touch it on any layout, those on most layouts first.

    >>> touching_keys()["p"]
    ('0', 'l', 'o', 'm')
    """
    counts: dict[str, dict[str, int]] = {}
    for rows in LAYOUTS.values():
        for height, row in enumerate(rows):
            for place, key in enumerate(row):
                near = [row[place + 1 : place + 2]]
                if height:
                    near += rows[height - 1][place : place + 2]
                for other in filter(None, near):
                    for one, two in ((key, other), (other, key)):
                        beside = counts.setdefault(one, {})
                        beside[two] = beside.get(two, 0) + 1
    return {
        key: tuple(sorted(beside, key=lambda other: (-beside[other], other)))
        for key, beside in counts.items()
    }
