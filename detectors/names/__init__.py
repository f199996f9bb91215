"""Names that resemble a brand: hosts, handles, display names, apps and packages.

`terms` what to look for, `reading` what a name reads as, `anchors` where a term can stand,
`resemblance` what was found there, `matching` the way through all of them.
"""

from detectors.names.matching import (
    HIT_SCHEMA,
    VERSION,
    NameMatcher,
    compile_names,
    match_names,
    table_versions,
)

__all__ = [
    "HIT_SCHEMA", "VERSION", "NameMatcher", "compile_names", "match_names", "table_versions",
]  # fmt: skip
