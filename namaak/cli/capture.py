"""`namaak capture`: visit the page of a case and keep what others can replay."""

from __future__ import annotations

from cyclopts import App


def register(app: App) -> None:
    """Add the commands."""
