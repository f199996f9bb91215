"""`namaak learn`: weights fitted to the verdicts of analysts."""

from __future__ import annotations

from cyclopts import App


def register(app: App) -> None:
    """Add the commands."""
