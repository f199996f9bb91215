"""Who takes reports, by which way, and what they want: a file for each provider in `files/`.

People add to it without Python; provider.schema.json says what a file may hold.
Pure, but for those files, which are read once. May import: namaak.casework.contacts.
"""

from namaak.casework.contacts.providers.matching import OF_ALL, Match, matches_of
from namaak.casework.contacts.providers.table import (
    Marks,
    Provider,
    Route,
    provider,
    providers,
    route_of,
    table_version,
)

__all__ = [
    "OF_ALL",
    "Marks",
    "Match",
    "Provider",
    "Route",
    "matches_of",
    "provider",
    "providers",
    "route_of",
    "table_version",
]
