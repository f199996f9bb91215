"""`namaak merge` and `split`: what people say of cases being of one hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from namaak.cli.acting import acting_person
from namaak.cli.agreeing import MOST_SHOWN, agreed, say_cases
from namaak.cli.cases_now import cases_now
from namaak.cli.options import Flag, Json, WatchPath, actor_that, as_json
from namaak.cli.output import emit, say
from namaak.cli.writing import writing

if TYPE_CHECKING:
    from namaak.casework.ties import Joined

_COLUMNS = ("case_id", "band", "score", "workflow", "subject")


def register(app: App) -> None:
    """Add the commands."""
    app.command(merge)
    app.command(split)


def merge(
    *case_ids: str,
    note: str | None = None,
    preview: Flag = False,
    yes: Flag = False,
    actor: Annotated[str | None, actor_that("says so")] = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per case of the campaign")] = False,
) -> int:
    """Say that cases belong together: they are one campaign from now on, whatever they share.

    All of their campaigns become one; says how many cases that joins, and asks before.

    Parameters
    ----------
    case_ids
        Two cases or more.
    note
        Why.
    preview
        Only show what it would join.
    yes
        Merge without asking; needed where nobody can be asked, as in a pipe.
    """
    from namaak.casework.reading import open_snapshot, read_campaign
    from namaak.casework.ties import joined
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    # Before anybody is asked: not to refuse it for a name behind the answer.
    person = acting_person(actor) if not preview else ""
    with open_snapshot(settings.casebook) as snapshot:
        found = joined(snapshot, case_ids)
    if not json or not preview:
        _tell(found)
    if preview:
        emit(found.cases if json else found.cases[:MOST_SHOWN], _COLUMNS, as_json=json, empty="")
        return 0
    if not agreed("Merge them?", yes=yes):
        say("Nothing was merged.")
        return 1
    with writing(settings) as book:
        campaign = book.merge(case_ids, actor=person, now=datetime.now(UTC), note=note)
    with open_snapshot(settings.casebook) as snapshot:
        cases = read_campaign(snapshot, campaign).cases
    say(f"Campaign {campaign} has {len(cases)} cases.")
    emit(cases, _COLUMNS, as_json=json, empty="")
    return 0


def _tell(found: Joined) -> None:
    """What would be joined, as `namaak allow` says what it would hide."""
    parts = []
    if count := len(found.campaigns):
        parts.append(f"{count} campaign{'s' if count > 1 else ''}")
    if found.alone:
        parts.append(f"{found.alone} case{'s' if found.alone > 1 else ''} in none")
    if len(found.campaigns) == 1 and not found.alone:
        say(f"All of them are in one campaign of {len(found.cases)} cases already:")
    else:
        say(f"This joins {len(found.cases)} cases, of {' and '.join(parts)}:")
    say_cases(found.cases)


def split(
    case_id: str,
    *,
    apart_from: Annotated[Sequence[str], Parameter(name="--from", negative="")] = (),
    note: str | None = None,
    actor: Annotated[str | None, actor_that("says so")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Say that a case does not belong to its campaign: it stands alone, whatever it shares.

    Until somebody merges it with another again. With --from nothing that it shares with that case
    ties the two any more; they stay in one campaign where other cases tie both to it. What changes
    nothing is not written down.

    Parameters
    ----------
    case_id
        The case.
    apart_from
        Only apart from this case; may be given again.
    note
        Why.
    """
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with writing(settings) as book:
        apart = book.split(
            case_id, apart_from=apart_from, actor=acting_person(actor), now=datetime.now(UTC),
            note=note,
        )  # fmt: skip
    if not apart:
        why = (
            "they are kept apart already, or nothing ties them"
            if apart_from
            else "a person said already that it stands alone"
        )
        say(f"Nothing changed, and nothing was written: {why}.")
    elif len(apart) < len(apart_from):
        say(f"Kept apart from {', '.join(apart)}; nothing ties it to the others.")
    return cases_now(settings.casebook, [case_id], json, empty="")
