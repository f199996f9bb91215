"""Who decides, for what is kept in a history."""

from __future__ import annotations

import getpass
import os

from namaak.errors import UsageError


def acting_person(given: str | None) -> str:
    """The option wins over NAMAAK_ACTOR, which wins over the name of the login.

    Raises UsageError where nobody can be named.
    """
    try:
        return given or os.environ.get("NAMAAK_ACTOR") or getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        raise UsageError("Say who decides, with --actor or NAMAAK_ACTOR.") from None
