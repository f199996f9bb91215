"""A name split over an account's two names: "support_24x7", shown as "ACME Bank".

Each name is matched for itself. The brand in one of them and the lure in the other are one
combosquat: this says what the other name adds.
May import: namaak.records, detectors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from detectors.folding import read_as_ascii
from detectors.lures import read_rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What an account's other name adds to a match in one of them."""

    lures: tuple[str, ...]  #: "class:word", those that the match does not have already
    traits: tuple[str, ...]  #: "split-names" when there are any


def beside(other: str | None, brand: str, known: tuple[str, ...] = ()) -> Beside:
    """other: the name in which the match is not; brand: the term's letters (`Term.raw`), left out
    of it wherever separators stand in it; known: lures of the match. Talk about a brand is no lure.

    >>> beside("support_24x7", "acmebank")
    Beside(lures=('support:support',), traits=('split-names',))
    >>> beside("Acme Bank (fans)", "acmebank").lures
    ()
    """
    if not other:
        return Beside(lures=(), traits=())
    spelled = re.compile("[^a-z0-9]*".join(map(re.escape, brand)))
    lures, _ = read_rest(spelled.sub(" ", read_as_ascii(other).text))
    fresh = tuple(lure for lure in lures if lure not in known and not lure.startswith("speech:"))
    return Beside(lures=fresh, traits=("split-names",) if fresh else ())
