"""`namaak views`: lists of cases under a name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from cyclopts import App

from namaak.cli.acting import acting_person
from namaak.cli.options import Flag, WatchPath, actor_that, as_json
from namaak.cli.output import emit, say
from namaak.cli.writing import writing


def register(app: App) -> None:
    """Add the commands."""
    views = App(
        name="views",
        help="Lists of cases under a name: `namaak cases --view NAME` shows one.",
        help_format="plaintext",
    )
    views.command(save)
    views.command(list_, name="list")
    views.command(delete)
    app.command(views)


def save(
    name: str,
    *,
    brand: str | None = None,
    band: Literal["watch", "review", "high", "critical"] | None = None,
    workflow: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    assignee: str | None = None,
    since: str | None = None,
    updated_since: str | None = None,
    every: Flag = False,
    limit: int | None = None,
    actor: Annotated[str | None, actor_that("saves it")] = None,
    watch: WatchPath = None,
) -> int:
    """Save a list of cases under a name; one that has the name already is replaced.

    The conditions are those of `namaak cases`. Spans stay spans: `--since 7d` means the last seven
    days whenever the list is shown.

    Parameters
    ----------
    name
        What to call it.
    brand
        Only this brand (id or name).
    band
        This band and worse ones.
    workflow
        Only cases in this state.
    kind
        Only this kind of resemblance, or by-hand.
    subject
        Only subjects that contain this text.
    assignee
        Only this person's.
    since
        Opened since a date or a span back from now.
    updated_since
        Changed since a date or a span back from now.
    every
        Every case of a series.
    limit
        At most so many.
    """
    from namaak.casework.views import query_of
    from namaak.settings import environment_settings

    given = {
        "brand": brand, "band": band, "workflow": workflow, "kind": kind, "subject": subject,
        "assignee": assignee, "since": since, "updated_since": updated_since, "limit": limit,
        "every": every or None,
    }  # fmt: skip
    query = query_of({name: value for name, value in given.items() if value is not None})
    settings = environment_settings(watch)
    with writing(settings) as book:
        kept = book.save_view(name, query, author=acting_person(actor), now=datetime.now(UTC))
    say(f"Saved; `namaak cases --view {kept!r}` shows it.")
    return 0


def list_(*, watch: WatchPath = None, json: Annotated[bool, as_json("per view")] = False) -> int:
    """List the saved views."""
    from namaak.casework.reading import open_snapshot
    from namaak.casework.views import saved_views
    from namaak.settings import environment_settings

    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        rows = saved_views(snapshot)
    emit(
        rows, ("name", "query", "author", "updated_at"), as_json=json,
        empty="No view is saved; `namaak views save` saves one.",
    )  # fmt: skip
    return 0


def delete(name: str, *, watch: WatchPath = None) -> int:
    """Forget a saved view; no case is touched.

    Parameters
    ----------
    name
        Its name.
    """
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with writing(settings) as book:
        gone = book.delete_view(name)
    say(f"The view {gone!r} is gone.")
    return 0
