"""The sendings of one notice, as its history tells of them: begun, ended, settled by a person.

Each has a number, which whoever hands the mail in keeps: so its end finds the sending that it is
the end of, also when a person settled that one meanwhile, or another was begun.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One attempt to hand a mail in."""

    number: int  #: from 1
    content_sha256: str | None  #: of what was approved and handed in
    ended: bool = False  #: whoever handed it in said what came of it
    taken: bool = False  #: by the mail server's own word


def sendings_in(events: Iterable[Mapping[str, Any]]) -> list[Sending]:
    """Those of one notice, oldest first. events: its action-changed events, oldest first."""
    found: dict[int, Sending] = {}
    for event in events:
        data = json.loads(event["data"])
        number, sending = data.get("number"), data.get("sending")
        if not isinstance(number, int):
            continue
        if sending == "begun":
            begun = Sending(number=number, content_sha256=data.get("content_sha256"))
            # One event for each of its cases.
            found.setdefault(number, begun)
        elif number in found and not data.get("settled"):
            taken = found[number].taken or sending == "taken"
            # After an unknown end nothing more comes: whoever handed it in is done.
            found[number] = replace(found[number], ended=True, taken=taken)
    return [found[number] for number in sorted(found)]
