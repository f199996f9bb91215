"""`namaak notice approve`: a person reads exactly what will go out, and answers for it."""

from __future__ import annotations

import json as jsonlib
import sys
from datetime import UTC, datetime
from typing import Annotated

from namaak.cli.acting import acting_person
from namaak.cli.notices.rows import addressee, row_of, stored, told
from namaak.cli.options import Flag, Json, WatchPath, actor_that
from namaak.cli.output import cell, say
from namaak.cli.writing import writing
from namaak.errors import UsageError
from namaak.visible import visible_lines


def approve(
    action_id: str,
    *,
    yes: Flag = False,
    without_capture: str | None = None,
    actor: Annotated[str | None, actor_that("approves")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Approve exactly the notice that is shown, and make the statements in it. Sends nothing.

    Changed in anything afterwards, it is a draft again. At a terminal you are asked; in a pipe
    --yes says that you have read it and make its statements.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    yes
        Approve without being asked.
    without_capture
        Why it may go although not every case was captured in the last 24 hours; kept for ever.
    """
    from namaak.casework.action_rows import refuse_unready
    from namaak.casework.lifecycle import who_is
    from namaak.casework.notices.reading import cases_of
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    who = acting_person(actor)
    row = row_of(settings, action_id)
    # Nobody has to read a notice, and make its statements, that cannot be approved as it is.
    with open_snapshot(settings.casebook) as snapshot:
        cases = cases_of(snapshot, row["action_id"])
    refuse_unready(
        row, cases, who=who_is(who), now=datetime.now(UTC), without_capture=without_capture
    )
    text = stored(settings, row["text_sha256"]).decode()
    statements = jsonlib.loads(row["statements"])
    say(f"{row['action_id']} by {row['channel']} to {addressee(row)}")
    say(f"Subject: {cell(row['subject_line'])}\n\n{visible_lines(text)}")
    for part in ("pack_sha256", "xarf_sha256"):
        if row[part]:
            say(f"With it goes {part.partition('_')[0]}, SHA-256 {row[part]}")
    say("Whoever approves this states:" if statements else "It makes no statements.")
    for statement in statements.values():
        say(f"  - {statement}")
    if not yes and not _agreed():
        say("Not approved.")
        return 1
    with writing(settings) as book:
        book.approve_action(
            row["action_id"], content_sha256=row["content_sha256"], confirmed=list(statements),
            without_capture=without_capture, actor=who, now=datetime.now(UTC),
        )  # fmt: skip
    return told(settings, row["action_id"], json=json)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("Nobody can be asked here; read the notice above, and say --yes.")
    say("Type yes to approve exactly this, and to make these statements:")
    return sys.stdin.readline().strip().lower() == "yes"
