"""The casebook's writer for who was told of what, and what was deleted when its time was over.

May import: namaak.casework.working, events and lifecycle, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from namaak.casework.working import Working


class Telling(Working):
    """What a writer does with who was told of what."""
