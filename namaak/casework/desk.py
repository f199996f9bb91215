"""The casebook's writer for what people do beside deciding: allowing, tying, holding, saving views.

May import: namaak.casework.working, events and lifecycle, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from namaak.casework.working import Working


class Desk(Working):
    """What a writer does with allow rules."""
