"""Gather: every source, batch by batch, into the lake.

One task per instance (a file, a log, a server): a run has tens of tasks, not one per name.
An instance that fails is told at the end and does not hold up the others. Idempotent: the
lake's cursor says where to go on, and a batch stored twice counts once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.progress import tell
from namaak.errors import NamaakError
from namaak.gathering import Gathered, gather_instance, open_instances
from namaak.settings import Settings, environment_settings
from namaak.sources.base import Instance, Source


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
    done = gather_instance(source, instance, settings.lake, now=lambda: datetime.now(UTC))
    tell("gather", f"{label}: {done.in_words()}")
    return done


@flow(name="gather", validate_parameters=False)
def gather(watch: str | None = None, sources: list[str] | None = None) -> list[Gathered]:
    """watch: path of the watch file. sources: only these; all enabled ones otherwise."""
    settings = environment_settings(Path(watch) if watch else None)
    results = []
    for source, instance in open_instances(settings.watch, only=sources or ()):
        state = gather_one(source, instance, settings, instance.label, return_state=True)
        outcome = state.result(raise_on_failure=False)
        if isinstance(outcome, NamaakError):
            tell("gather", str(outcome))
            outcome = Gathered.failed(source.name, instance.label, str(outcome))
        elif isinstance(outcome, BaseException):
            raise outcome
        results.append(outcome)
    return results


if __name__ == "__main__":
    gather()
