"""`namaak merge` and `split`: what people say of cases being of one hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from namaak.cli.acting import acting_person
from namaak.cli.cases_now import cases_now
from namaak.cli.options import Json, WatchPath, actor_that, as_json
from namaak.cli.output import emit, say
from namaak.cli.writing import writing


def register(app: App) -> None:
    """Add the commands."""
    app.command(merge)
    app.command(split)


def merge(
    *case_ids: str,
    note: str | None = None,
    actor: Annotated[str | None, actor_that("says so")] = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per case of the campaign")] = False,
) -> int:
    """Say that cases belong together: they are one campaign from now on, whatever they share.

    Parameters
    ----------
    case_ids
        Two cases or more.
    note
        Why.
    """
    from namaak.casework.reading import open_snapshot, read_campaign
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with writing(settings) as book:
        campaign = book.merge(
            case_ids, actor=acting_person(actor), now=datetime.now(UTC), note=note
        )
    with open_snapshot(settings.casebook) as snapshot:
        cases = read_campaign(snapshot, campaign).cases
    say(f"Campaign {campaign} has {len(cases)} cases.")
    emit(cases, ("case_id", "band", "score", "workflow", "subject"), as_json=json, empty="")
    return 0


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
    ties the two any more; they stay in one campaign where other cases tie both to it.

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
        book.split(
            case_id, apart_from=apart_from, actor=acting_person(actor), now=datetime.now(UTC),
            note=note,
        )  # fmt: skip
    return cases_now(settings.casebook, [case_id], json, empty="")
