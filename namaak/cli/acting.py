"""Who decides, for what is kept in a history."""

from __future__ import annotations

import getpass
import os

from namaak.errors import UsageError


def acting_person(given: str | None) -> str:
    """The option wins over NAMAAK_ACTOR, which wins over the name of the login.

    Raises UsageError where nobody can be named, and for a name that is, or reads like, a flow's.
    """
    from namaak.casework.lifecycle import check_name, looks_like_flow

    try:
        name = (given or os.environ.get("NAMAAK_ACTOR") or getpass.getuser()).strip()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        raise UsageError("Say who decides, with --actor or NAMAAK_ACTOR.") from None
    check_name(name, "name of who decides")
    if looks_like_flow(name):
        raise UsageError(
            f"The name {name!r} reads like that of a flow, and a command is given by a person; "
            "say who, with --actor or NAMAAK_ACTOR."
        )
    return name
