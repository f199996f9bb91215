"""`namaak open`: a case because a person asks for one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App

from namaak.cli.acting import acting_person
from namaak.cli.cases_now import cases_now
from namaak.cli.options import Json, WatchPath, actor_that
from namaak.cli.output import say
from namaak.cli.writing import writing


def register(app: App) -> None:
    """Add the command."""
    app.command(open_, name="open")


def open_(
    subject: str,
    *,
    brand: str,
    reason: str,
    actor: Annotated[str | None, actor_that("opens it")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Open a case by hand: for what no detector found, or found too weak.

    It stands at review, is found again by its subject, and is refreshed by whatever is seen of it
    later. What is a case already stays that case, and notes why you ask for it.

    Parameters
    ----------
    subject
        A host, a link, platform:handle, or store:id of an app.
    brand
        As whom it poses (id or name).
    reason
        Why it should be a case.
    """
    from detectors.suffixes import registrable_domain
    from namaak.casework.naming import named, refuse_own
    from namaak.casework.ranking import VERSION, rank
    from namaak.records import SubjectKind
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    found = named(subject)
    for brand_id, one in settings.watch.brands.items():
        if brand.casefold() in (brand_id, one.name.casefold()):
            refuse_own(found, one)
    domain = registrable_domain(found.text) if found.kind is SubjectKind.HOST else None
    with writing(settings) as book:
        case_id, new = book.open_case(
            brand, found, reason=reason, actor=acting_person(actor), now=datetime.now(UTC),
            rank=rank, rank_version=VERSION, domain=domain,
        )  # fmt: skip
    if not new:
        say(f"{found.text} is a case already; your reason stands in its history.")
    return cases_now(settings.casebook, [case_id], json, empty="")
