"""For the recorded answers of sources: what a row must leave as evidence.

Pure. May import: namaak.sources.profiles.answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from namaak.sources.profiles.answers import as_raw


def evidence(row: Mapping[str, Any]) -> dict[str, str]:
    """The columns `raw` and `evidence_hash` of a platform's row."""
    raw = as_raw(row)
    return {"raw": raw, "evidence_hash": hashlib.sha256(raw.encode()).hexdigest()}
