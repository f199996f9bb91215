"""Gather: every source, batch by batch, into the lake.

One task per instance (a file, a log, a server): a run has tens of tasks, not one per name.
Those that wait for others over a network run side by side; how often one host is asked is kept
by the sources, which share their manners. An instance that fails is told at the end and does not
hold up the others. Idempotent: the lake's cursor says where to go on, and a batch stored twice
counts once.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.states import State
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import quote

from flows.progress import tell
from namaak.errors import NamaakError, SourceError
from namaak.gathering import (
    Gathered,
    gather_instance,
    left_out,
    open_instances,
    record_unlisted,
    wanted_sources,
)
from namaak.known import known_accounts
from namaak.settings import Settings, environment_settings
from namaak.sources.base import Instance, Source

#: They mostly wait; more of them would only wait for the one lock of the lake.
_SIDE_BY_SIDE = 16


def _now() -> datetime:
    return datetime.now(UTC)


@task(
    name="gather-instance",
    task_run_name="{label}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_jitter_factor=0.5,
    # What a person has to mend is not mended by trying again.
    retry_condition_fn=lambda _task, _run, state: (
        not isinstance(state.result(raise_on_failure=False), NamaakError)
    ),
    cache_policy=NO_CACHE,
)
def gather_one(source: Source[Any], instance: Instance, settings: Settings, label: str) -> Gathered:
    """Read one instance from where the last run stopped."""
    done = gather_instance(source, instance, settings.lake, now=_now)
    tell("gather", f"{label}: {done.in_words()}")
    return done


@flow(
    name="gather",
    validate_parameters=False,
    task_runner=ThreadPoolTaskRunner(max_workers=_SIDE_BY_SIDE),
)
def gather(watch: str | None = None, sources: list[str] | None = None) -> list[Gathered]:
    """watch: path of the watch file. sources: only these; all enabled ones otherwise."""
    settings = environment_settings(Path(watch) if watch else None)
    wanted = wanted_sources(
        settings.watch,
        only=sources or (),
        data=settings.data,
        environ=os.environ,
        known=known_accounts(settings.casebook),
    )
    results, waiting = left_out(wanted), []
    for one in results:
        tell("gather", one.in_words())
    for source, instance in open_instances(wanted):
        if isinstance(instance, SourceError):
            tell("gather", str(instance))
            results.append(record_unlisted(source, instance, settings.lake, now=_now))
            continue
        # Unquoted, Prefect would look into everything that a source holds.
        given = quote(source), quote(instance), quote(settings), instance.label
        if source.networked:
            waiting.append((source, instance, gather_one.submit(*given)))
        else:
            state = gather_one(*given, return_state=True)
            results.append(outcome_of(state, source, instance))
    for source, instance, future in waiting:
        future.wait()
        results.append(outcome_of(future.state, source, instance))
    return results


def outcome_of(state: State[Gathered], source: Source[Any], instance: Instance) -> Gathered:
    """What became of an instance. A defect of ours is raised."""
    outcome = state.result(raise_on_failure=False)
    if isinstance(outcome, NamaakError):
        tell("gather", str(outcome))
        return Gathered.failed(source.name, instance.label, str(outcome))
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


if __name__ == "__main__":
    gather()
