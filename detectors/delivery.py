"""Names that delivery networks and load balancers give to their customers' own hosts.

`login.acme.com.edgekey.net` carries a whole foreign address in front, as a level-squat does, but
only the customer who set it up can make it. Data: tables/delivery.toml.
May import: nothing of ours.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _domains() -> tuple[str, frozenset[str]]:
    text = files("detectors.tables").joinpath("delivery.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return table["version"], frozenset(table["domains"])


def version() -> str:
    """Of the table, for the record."""
    return _domains()[0]


def is_delivery_name(host: str) -> bool:
    """host: A-labels, lower case, no trailing dot.

    >>> is_delivery_name("www.acme.com.edgekey.net"), is_delivery_name("edgekey.net.evil.example")
    (True, False)
    """
    domains = _domains()[1]
    dot = host.find(".")
    while dot >= 0:
        if host[dot + 1 :] in domains:
            return True
        dot = host.find(".", dot + 1)
    return False
