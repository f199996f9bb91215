"""`namaak notice show` and `list`: where notices stand, and each as it goes out."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from namaak.cli.notices.rows import COLUMNS, addressee, stored
from namaak.cli.options import Flag, WatchPath, as_json
from namaak.cli.output import cell, emit, say
from namaak.errors import UsageError
from namaak.visible import visible_lines

if TYPE_CHECKING:
    from namaak.settings import Settings

_DUE_COLUMNS = ("action_id", "what", "state", "provider", "subjects", "due_at")
_PARTS = {
    "text": "text_sha256",
    "eml": "eml_sha256",
    "xarf": "xarf_sha256",
    "fields": "form_sha256",
}


def show(
    action_id: str,
    *,
    as_: Annotated[Literal["text", "eml", "xarf", "fields"] | None, Parameter(name="--as")] = None,
    output: Path | None = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("with all of it")] = False,
) -> int:
    """Show a notice: where it stands, what it lacks, its exact text and what was answered.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    as_
        Only one part: text, eml (the mail), xarf (the report), fields (what to paste where).
    output
        Write that part into a file, byte for byte, in place of the screen.
    """
    from namaak.casework.notices.reading import cases_of, read_action, replies_of
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with open_snapshot(settings.casebook) as snapshot:
        row = read_action(snapshot, action_id)
        about = cases_of(snapshot, row["action_id"])
        replies = replies_of(snapshot, row["action_id"])
    if as_ is not None or output is not None:
        return _part(settings, row, as_ or "text", output)
    text = stored(settings, row["text_sha256"]).decode()
    if json:
        parsed = {
            name: jsonlib.loads(row[name]) for name in ("fields", "given", "missing", "statements")
        }
        emit([{**row, **parsed, "text": text, "cases": about, "replies": replies}], (),
             as_json=True, empty="")  # fmt: skip
        return 0
    _show(row, about, replies)
    print(f"\n{'-' * 72}\nSubject: {cell(row['subject_line'])}\n\n{visible_lines(text)}{'-' * 72}")
    return 0


def list_(
    case_id: str | None = None,
    *,
    due: Flag = False,
    state: str | None = None,
    limit: int = 50,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per notice")] = False,
) -> int:
    """List notices, what changed last first.

    Parameters
    ----------
    case_id
        Only those about this case.
    due
        Only those that need a person, and what to do about them.
    state
        Only those in this state, as in draft, approved, sent, no-reply.
    limit
        At most so many; 0 for all.
    """
    from namaak.casework.notices.reading import find_actions, find_due_actions
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    if limit < 0:
        raise UsageError(f"A limit of {limit} notices makes no sense; give 0 or more.")
    if due and (state or case_id):
        raise UsageError("--due lists what needs a person, whatever the case; leave the rest out.")
    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        if due:
            rows = find_due_actions(snapshot, limit=limit or None)
        else:
            rows = find_actions(snapshot, state=state, case_id=case_id, limit=limit or None)
    columns = _DUE_COLUMNS if due else COLUMNS
    emit(rows, columns, as_json=json, empty="No notice fits.")
    return 0


def _part(settings: Settings, row: dict[str, Any], part: str, output: Path | None) -> int:
    sha256 = row[_PARTS[part]]
    # What went out says more than what was approved: it has a Date.
    if part == "eml" and row["state"] not in ("draft", "approved"):
        sha256 = row["sent_sha256"] or sha256
    if sha256 is None:
        emit([], (), as_json=False, empty=f"{row['action_id']} has no {part}.")
        return 1
    content = stored(settings, sha256)
    if output is None:
        print(visible_lines(content.decode().replace("\r\n", "\n")), end="")
        return 0
    try:
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written ({error.strerror}); name another file."
        ) from None
    say(f"{len(content):,} bytes are in {output}, SHA-256 {sha256}.")
    return 0


def _show(row: dict[str, Any], about: list[dict[str, Any]], replies: list[dict[str, Any]]) -> None:
    print(f"{row['action_id']}  {row['state']}, {row['channel']} to {addressee(row)}")
    named = "; ".join(f"{one['case_id']} {cell(one['subject'])}" for one in about)
    print(f"  about      {named}")
    print(f"  template   {row['template']} {row['template_version']}, {row['language']}, "
          f"attempt {row['attempt']}, reference {row['reference']}")  # fmt: skip
    told = (("drafted", "drafted_at", "drafted_by"), ("approved", "approved_at", "approved_by"),
            ("sent", "sent_at", "sent_by"), ("ended", "ended_at", None))  # fmt: skip
    for name, when, by in told:
        if row[when]:
            print(f"  {name:<10} {cell(row[when])}" + (f" by {cell(row[by])}" if by else ""))
    if row["sending_at"]:
        print(f"  sending    begun {cell(row['sending_at'])}, no result is known")
    if row["due_at"]:
        print(f"  due        {cell(row['due_at'])}")
    for name in ("without_capture", "provider_ref", "outcome"):
        if row[name]:
            print(f"  {name.replace('_', ' '):<10} {cell(row[name])}")
    missing = jsonlib.loads(row["missing"])
    if missing:
        print("  lacks")
    for one in missing:
        print(f"    {one['field']}: {one['do']}")
    for one in replies:
        print(f"  answered   {cell(one['received_at'])}  {one['state_after']}  "
              f"{cell(one['sender'])}  {cell(one['summary'])}")  # fmt: skip
