"""`namaak export`: a case for other programs, as STIX, MISP or XARF."""

from __future__ import annotations

from cyclopts import App


def register(app: App) -> None:
    """Add the commands."""
