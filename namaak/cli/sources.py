"""`namaak sources`, `coverage`, `follow` and `resume`: where names come from, and how far."""

from __future__ import annotations

from operator import itemgetter
from typing import Annotated

from cyclopts import App

from namaak.cli.options import Flag, Several, WatchPath, actor_that, as_json
from namaak.cli.output import emit, say
from namaak.errors import UsageError

_STANDING = (
    "source", "state", "gives", "platform", "instances", "rows", "last_success", "quota",
    "last_failure", "needs",
)  # fmt: skip
_NEEDS = ("source", "state", "needs", "key", "terms", "budget")


def register(app: App) -> None:
    """Add the commands."""
    for command in (sources, coverage, follow, resume):
        app.command(command)


def sources(
    *,
    watch: WatchPath = None,
    needs: Flag = False,
    json: Annotated[bool, as_json("per source, with all of it")] = False,
) -> int:
    """List every source there is: whether it is on, what it lacks, has left and has read.

    A source that is left out has its table and lacks something, a key or a budget; `needs` says
    what, and of a source that is off, what would switch it on. `instances` and `rows` count what
    was read so far.

    Parameters
    ----------
    needs
        Rather what each needs: environment variables, on what terms, and what a run may cost.
    """
    import os

    from namaak.cli.standing import source_rows
    from namaak.settings import environment_settings, watch_file_path

    # What there is can be asked before there is a watch file.
    there = watch is not None or watch_file_path(watch, os.environ).exists()
    rows = source_rows(environment_settings(watch) if there else None, os.environ)
    columns = _NEEDS if needs else _STANDING
    emit(rows, columns, as_json=json, empty="")
    return 0


def coverage(
    *,
    source: str | None = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per log, zone or list")] = False,
) -> int:
    """Show how far every log, zone and list was read, and what was left out.

    `read` counts positions that were read, `left out` those that were skipped on purpose, `behind`
    what the newest head promises beyond; empty where nobody says how far an instance goes.

    Parameters
    ----------
    source
        Only this source.
    """
    from namaak.lake import Lake
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    if not settings.lake.exists():
        raise UsageError(f"There is no lake at {settings.lake} yet; run `namaak run` first.")
    with Lake(settings.lake) as lake:
        account = lake.coverage(most_rejects=0)
    left_out: dict[tuple[str, str], int] = {}
    for gap in account.gaps.to_pylist():
        key = gap["source"], gap["instance"]
        left_out[key] = left_out.get(key, 0) + gap["end_position"] - gap["start_position"]
    failed = {
        (attempt["source"], attempt["instance"]): attempt
        for attempt in sorted(account.attempts.to_pylist(), key=itemgetter("last_at"))
    }
    rows = []
    for row in account.instances.to_pylist():
        if source not in (None, row["source"]):
            continue
        skipped = left_out.get((row["source"], row["instance"]), 0)
        position, head = row["next_position"], row["head_size"]
        state = "complete" if row["complete"] else "goes on"
        last = failed.get((row["source"], row["instance"]))
        if last is not None and last["last_at"] >= row["updated_at"]:
            state = f"failing: {last['last_says']}"
        rows.append(
            {
                **row,
                "read": position - skipped,
                "left_out": skipped,
                "behind": None if head is None else max(0, head - position),
                "state": f"stopped: {row['stopped']}" if row["stopped"] else state,
            }
        )
    columns = ("source", "label", "read", "left_out", "behind", "updated_at", "state")
    emit(rows, columns, as_json=json, empty="Nothing was read yet.")
    return 0


def follow(
    *,
    source: Several = (),
    watch: WatchPath = None,
) -> int:
    """Read on in growing sources as they grow, until you stop it.

    Stores what it reads; `namaak run`, or the deployments of prefect.yaml, match it. Stop it with
    Ctrl-C or a termination signal: nothing is half-done, and it goes on where it was.

    Parameters
    ----------
    source
        Only this source, as in ct; may be given more than once.
    """
    import os

    from namaak.following import follow_until_stopped
    from namaak.gathering import wanted_sources
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    wanted = wanted_sources(settings.watch, only=source, data=settings.data, environ=os.environ)
    return follow_until_stopped(wanted, settings.lake, tell=say)


def resume(
    source: str,
    instance: str,
    *,
    actor: Annotated[str | None, actor_that("decides")] = None,
    watch: WatchPath = None,
) -> int:
    """Let a log go on that was stopped because it contradicted itself.

    Look at what it signed first: `namaak coverage` says why it stopped, `namaak ct heads` shows
    what was kept. Who let it go on is kept too.

    Parameters
    ----------
    source
        The source, as in ct.
    instance
        The log's id or label, or the beginning of it; see `namaak coverage --json`.
    """
    from datetime import UTC, datetime

    from namaak.cli.acting import acting_person
    from namaak.cli.instances import one_instance
    from namaak.lake import Lake
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with Lake(settings.lake) as lake:
        row = one_instance(lake.coverage(most_rejects=0).instances.to_pylist(), source, instance)
        if not lake.resume(
            source, row["instance"], actor=acting_person(actor), at=datetime.now(UTC)
        ):
            say(f"{row['label']} was not stopped.")
            return 0
    say(f"{row['label']} goes on at position {row['next_position']:,} with the next run.")
    return 0
