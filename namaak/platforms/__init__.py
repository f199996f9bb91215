"""Platforms and stores: one spelling each, what their handles may be, what their links say.

Pure, but for the shipped table, which is read once. May import: nothing of ours.
"""

from namaak.platforms.links import MAX_LINK, Recognised, read_link, recognise
from namaak.platforms.table import Platform, fold_platform, platform, platforms

__all__ = [
    "MAX_LINK",
    "Platform",
    "Recognised",
    "fold_platform",
    "platform",
    "platforms",
    "read_link",
    "recognise",
]
