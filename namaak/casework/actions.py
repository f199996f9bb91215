"""The casebook's writer for takedown actions: drafted, approved, sent, answered.

May import: namaak.casework.working, events and lifecycle, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from namaak.casework.working import Working


class Actions(Working):
    """What a writer does with takedown actions."""
