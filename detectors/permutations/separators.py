"""Where a name is cut: hyphens and dots put inside, and taken out.

May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterator


def hyphen_inside(label: str) -> Iterator[str]:
    """
    >>> list(hyphen_inside("a-bc"))
    ['abc', 'a-b-c']
    """
    if "-" in label:
        yield label.replace("-", "")
    for at in range(1, len(label)):
        if "-" not in label[at - 1 : at + 1]:
            yield label[:at] + "-" + label[at:]


def dot_inside(label: str) -> Iterator[str]:
    """A sub-label of a shorter domain. Of a hyphen a dot is made, too.

    >>> list(dot_inside("ab-cd"))
    ['ab.cd', 'a.b-cd', 'ab-c.d']
    """
    for at, letter in enumerate(label):
        if letter == "-":
            yield label[:at] + "." + label[at + 1 :]
    for at in range(1, len(label)):
        if "-" not in label[at - 1 : at + 1]:
            yield label[:at] + "." + label[at:]
