"""Names that somebody might register to pose as a brand, the likeliest first.

What `detectors.names` recognises in names that others made, this package makes, for asking
whether they exist. Pure: a domain in, names out, the same ones every time.
May import: detectors.folding, detectors.lures, detectors.suffixes, namaak.brands.
"""

from detectors.permutations.candidates import (
    Candidate,
    origins,
    permutations,
    registrable,
    version,
)
from detectors.permutations.kinds import KINDS, Kind
from detectors.permutations.suffixes import SuffixTable, suffix_table

__all__ = [
    "KINDS",
    "Candidate",
    "Kind",
    "SuffixTable",
    "origins",
    "permutations",
    "registrable",
    "suffix_table",
    "version",
]
