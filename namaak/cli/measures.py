"""`namaak report` and `alerts`: how the work goes, and who is told."""

from __future__ import annotations

from cyclopts import App


def register(app: App) -> None:
    """Add the commands."""
