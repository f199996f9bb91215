"""One digest over a whole row of the casebook: an event that names it vouches for every column.

Columns that are null are left out, so that one which a later version adds to a table, and which is
null in the rows of before, leaves their digests as they are.
Pure: no database. May import: namaak.casework.events.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from namaak.casework.events import canonical_json, utc_text


def row_digest(row: Mapping[str, Any], *, but: Collection[str] = ()) -> str:
    """SHA-256 over canonical JSON of the row, its times as events write them.

    but: columns that are not of the row itself. Raises ValueError for a time without a zone.

    >>> row_digest({"n": 1, "new": None}) == row_digest({"n": 1})
    True
    """
    told = {
        name: _plain(value) for name, value in row.items() if value is not None and name not in but
    }
    return hashlib.sha256(canonical_json(told)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc_text(value)
    return value.isoformat() if isinstance(value, date) else value
