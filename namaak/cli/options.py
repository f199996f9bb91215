"""Options that many commands have, declared once: what they take, and what their help says.

May import: nothing of ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

#: True where it is named; there is no --no-....
Flag = Annotated[bool, Parameter(negative="")]

#: May be given more than once.
Several = Annotated[tuple[str, ...], Parameter(negative="")]

WatchPath = Annotated[
    Path | None, Parameter(help="The watch file; else NAMAAK_WATCH, else ./watch.toml.")
]

Json = Annotated[bool, Parameter(negative="", help="One JSON object.")]


def as_json(what: str) -> Parameter:
    """Of --json where it is more than one object. what: as in "per case"."""
    return Parameter(negative="", help=f"One JSON object {what}.")


def actor_that(does: str) -> Parameter:
    """Of --actor. does: what that person does, as in "approves"; the history keeps the name."""
    return Parameter(help=f"Who {does}; else NAMAAK_ACTOR, else the name you are logged in with.")
