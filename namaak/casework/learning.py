"""The casebook's writer for weights learned from verdicts, version by version.

May import: namaak.casework.working, events and lifecycle, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from namaak.casework.working import Working


class Learning(Working):
    """What a writer does with weights learned from verdicts."""
