"""`namaak recheck`: whether what is confirmed is still there."""

from __future__ import annotations

from cyclopts import App


def register(app: App) -> None:
    """Add the commands."""
