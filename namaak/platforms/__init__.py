"""Platforms and stores: one spelling each, what their handles may be, what their links say.

Pure, but for the shipped table, which is read once. May import: nothing of ours.
"""

from namaak.platforms.links import (
    FOREIGN_SITE,
    MAX_LINK,
    Recognised,
    bare_server,
    read_link,
    recognise,
)
from namaak.platforms.table import (
    Platform,
    fold_platform,
    nearest_platform,
    platform,
    platforms,
)

__all__ = [
    "FOREIGN_SITE",
    "MAX_LINK",
    "Platform",
    "Recognised",
    "bare_server",
    "fold_platform",
    "nearest_platform",
    "platform",
    "platforms",
    "read_link",
    "recognise",
]
