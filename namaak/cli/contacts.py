"""`namaak contacts`: whom to write to about a case, and in which order."""

from __future__ import annotations

from cyclopts import App


def register(app: App) -> None:
    """Add the commands."""
