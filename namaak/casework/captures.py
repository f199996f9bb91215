"""The casebook's writer for captures of pages, and packs that were made.

May import: namaak.casework.working, events and lifecycle, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from namaak.casework.working import Working


class Captures(Working):
    """What a writer does with captures of pages."""
