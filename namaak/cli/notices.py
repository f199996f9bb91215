"""`namaak notice`: takedown notices, from draft to answer."""

from __future__ import annotations

from cyclopts import App


def register(app: App) -> None:
    """Add the commands."""
