"""Compares what cases hold for the lists of the desk with what it follows from.

`conftest.py` does so at the end of every transaction of every test here: whatever kind of writing
there is, the lists follow it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from namaak.casework.reading import read_rows

_PLAIN = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def wrong_in_lists(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The cases that hold something else than the plain definition gives."""
    return list(read_rows(con, _PLAIN))
