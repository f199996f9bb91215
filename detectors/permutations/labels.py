"""What a registry sells: labels of letters, digits and hyphens, and valid IDNs.

Rules: RFC 1035, RFC 5891. May import: nothing of ours.
"""

from __future__ import annotations

import re
from functools import lru_cache

import idna

MAX_LABEL = 63
MAX_HOST = 253

_LDH = re.compile(r"(?!-)[a-z0-9-]+(?<!-)")


def sold_label(label: str) -> str | None:
    """The label as a registry would take it, as an A-label; None for one that none does.

    label: lower case, perhaps Unicode.

    >>> sold_label("acme"), sold_label("-acme"), sold_label("ac--me"), sold_label("bücher")
    ('acme', None, None, 'xn--bcher-kva')
    """
    if not label.isascii():
        return _a_label(label)
    if len(label) > MAX_LABEL or not _LDH.fullmatch(label):
        return None
    # Two hyphens in this place announce an encoding (RFC 5891, section 4.2.3.1).
    if label[2:4] == "--":
        return None
    return label


@lru_cache(maxsize=65_536)
def _a_label(label: str) -> str | None:
    try:
        encoded = idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        return None
    return encoded if len(encoded) <= MAX_LABEL else None


def sold_host(labels: str, suffix: str) -> str | None:
    """labels: what stands before the suffix, perhaps several, perhaps Unicode.

    None where a label cannot be sold or the whole is too long.

    >>> sold_host("ac.me", "example"), sold_host("ac.-me", "example")
    ('ac.me.example', None)
    """
    made = [sold_label(label) for label in labels.split(".")]
    if None in made:
        return None
    host = ".".join((*(label for label in made if label), suffix))
    return host if len(host) <= MAX_HOST else None
