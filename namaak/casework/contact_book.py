"""The casebook's writer for whom to write to about a case, and what could not be found out.

May import: namaak.casework.working, events and lifecycle, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from namaak.casework.working import Working


class ContactBook(Working):
    """What a writer does with whom to write to about a case."""
