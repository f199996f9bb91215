"""`namaak audit`: whether anybody changed the casebook behind its history."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from namaak.cli.options import Flag, WatchPath
from namaak.cli.output import cell, emit, say
from namaak.errors import CasebookError, UsageError

if TYPE_CHECKING:
    from namaak.casework.audit import Audit, KeptHead

_MAX_HEAD_BYTES = 1_000_000


def register(app: App) -> None:
    """Add the command."""
    app.command(audit)


def audit(
    *,
    head: Path | None = None,
    expect: str | None = None,
    keep: Path | None = None,
    watch: WatchPath = None,
    json: Flag = False,
) -> int:
    """Check that nobody changed the casebook: its whole history, and every case against it.

    Recomputes the chain of all events and names the first link that is broken; tells each case
    with its captures, packs, notices, answers and contacts again from its events, and what people
    said by hand and verdicts rest on; names what says otherwise, is gone, or was never told. What
    no event tells is listed as not checked. A history that was cut off at its end looks whole:
    keep its head elsewhere (--keep) and hold the next audit against it. Exit code 1 when anything
    is wrong.

    Parameters
    ----------
    head
        A file with a head that was kept: an earlier `namaak audit --json`, or the
        data/chain-head.json of an evidence pack.
    expect
        The chain hash of a head that was kept, 64 hexadecimal digits.
    keep
        Write the head into this file, if the casebook is sound; put it where nobody who may write
        the casebook may write.
    json
        One JSON object, with the head to keep.
    """
    from namaak.casework.audit import audit as examine
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    if head and expect:
        raise UsageError("Give a file or a hash to hold it against, not both.")
    kept = _kept(head, expect)
    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        found = examine(snapshot, kept=kept)
    if json:
        emit([_audited(found)], (), as_json=True, empty="")
    else:
        _show_audit(found, held_against=kept is not None)
    if keep is not None and found.is_sound:
        _keep(keep, found)
    return 0 if found.is_sound else CasebookError.exit_code


def _keep(path: Path, found: Audit) -> None:
    text = jsonlib.dumps({"seq": found.head.seq, "chain_hash": found.head.chain_hash})
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The head cannot be written to {path} ({error.strerror}); name another file."
        ) from None
    say(f"The head is in {path}.")


def _kept(head: Path | None, expect: str | None) -> KeptHead | None:
    from namaak.casework.audit import kept_head

    if expect is not None:
        return kept_head(expect)
    if head is None:
        return None
    try:
        with head.open("rb") as file:
            text = file.read(_MAX_HEAD_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The head that was kept in {head} cannot be read ({error}).") from None
    return kept_head(text)


def _audited(found: Audit) -> dict[str, object]:
    from namaak.casework.audit import NOT_CHECKED

    broken = found.broken
    return {
        "sound": found.is_sound,
        "events": found.events,
        "cases": found.cases,
        "head": {"seq": found.head.seq, "chain_hash": found.head.chain_hash},
        "broken": broken
        and {
            "case_id": broken.case_id,
            "case_seq": broken.case_seq,
            "seq": broken.seq,
            "what": broken.what,
        },
        "unlike": [{"case_id": case, "what": what} for case, what in found.unlike],
        "unlike_cases": found.unlike_cases,
        "cut": found.cut,
        "untold_cases": found.untold_cases,
        "not_checked": list(NOT_CHECKED),
    }


def _show_audit(found: Audit, *, held_against: bool) -> None:
    from namaak.casework.audit import NOT_CHECKED

    if found.broken is not None:
        place = f" (event {found.broken.seq} of all)" if found.broken.seq else ""
        print(f"broken    {cell(str(found.broken))}{place}")
    for case, what in found.unlike:
        print(f"changed   {cell(case)}: {cell(what)}")
    if more := found.unlike_cases - len(found.unlike):
        print(f"changed   {more:,} more cases")
    if found.cut is not None:
        print(f"cut       the history does not go on from what was kept: {cell(found.cut)}")
    if found.is_sound:
        also = ", and it goes on from the head that was kept" if held_against else ""
        print(f"sound     {found.events:,} events of {found.cases:,} cases agree{also}")
    else:
        print("Nothing was repaired. A copy of the casebook from before shows what was there;")
        print("docs/how-to/upgrade-and-back-up.md says how to put one back.")
    print(f"head      event {found.head.seq}, chain hash {found.head.chain_hash}")
    if found.untold_cases:
        print(
            f"not checked: what {found.untold_cases:,} cases were opened as, beyond what an older "
            "namaak wrote down (name, domain, kind, confidence, severity or state)"
        )
    for what in NOT_CHECKED:
        print(f"not checked: {what}")
