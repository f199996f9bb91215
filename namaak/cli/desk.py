"""`namaak audit`, `allow`, `views`, `open`, `merge`, `split`, `hold`: what else people do."""

from __future__ import annotations

from cyclopts import App


def register(app: App) -> None:
    """Add the commands."""
