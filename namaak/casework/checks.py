"""The casebook's writer for re-checks: what a look again showed, and what that means.

May import: namaak.casework.working, events and lifecycle, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from namaak.casework.working import Working


class Checks(Working):
    """What a writer does with re-checks."""
