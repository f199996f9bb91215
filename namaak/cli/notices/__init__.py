"""`namaak notice`: takedown notices, from draft to answer; a file for each step."""

from __future__ import annotations

from cyclopts import App

from namaak.cli.notices.approving import approve
from namaak.cli.notices.drafting import draft, revise
from namaak.cli.notices.following import mark, propose, reply, withdraw
from namaak.cli.notices.looking import list_, show
from namaak.cli.notices.sending import send


def register(app: App) -> None:
    """Add the commands."""
    notice = App(
        name="notice",
        help="Takedown notices: draft, approve, send, follow. Nothing goes out by itself.",
        help_format="plaintext",
    )
    for command in (draft, revise, show, approve, send, reply, mark, withdraw, list_, propose):
        notice.command(command, name=command.__name__.rstrip("_"))
    app.command(notice)
