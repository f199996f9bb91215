"""What the commands of a notice have in common: its row, its stored parts, and its line.

May import: namaak.cli.output, namaak.errors; the rest when it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from namaak.cli.output import cell, emit
from namaak.errors import UsageError

if TYPE_CHECKING:
    from namaak.settings import Settings

COLUMNS = ("action_id", "state", "route", "provider", "template", "subjects", "due_at")


def row_of(settings: Settings, action_id: str) -> dict[str, Any]:
    """One row of actions, as it is published. action_id: as `read_action` takes it."""
    from namaak.casework.notices.reading import read_action
    from namaak.casework.reading import open_snapshot

    with open_snapshot(settings.casebook) as snapshot:
        return read_action(snapshot, action_id)


def told(settings: Settings, action_id: str, *, json: bool) -> int:
    """Print where a notice stands now; the exit code. action_id: a whole one."""
    from namaak.casework.notices.reading import find_actions, read_action
    from namaak.casework.reading import open_snapshot

    with open_snapshot(settings.casebook) as snapshot:
        state = read_action(snapshot, action_id)["state"]
        rows = [row for row in find_actions(snapshot, state=state) if row["action_id"] == action_id]
    emit(rows, COLUMNS, as_json=json, empty="")
    return 0


def stored(settings: Settings, sha256: str) -> bytes:
    """A part of a notice, byte for byte. Raises UsageError where it is gone."""
    from namaak.evidence_store import EvidenceStore

    found = EvidenceStore(settings.evidence).read(sha256)
    if found is None:
        raise UsageError(
            f"The part {sha256} of this notice is not in the evidence store any more; restore it "
            "from a backup, or draft the notice again with `namaak notice revise`."
        )
    return found


def addressee(row: dict[str, Any]) -> str:
    """To whom a notice goes, for people: the name, then the address in angle brackets."""
    named = [cell(part) for part in (row["provider_name"], row["address"]) if part]
    return " ".join((*named[:1], *(f"<{part}>" for part in named[1:]))) or str(row["scope"])
