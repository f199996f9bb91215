"""Forget: what is kept no longer than [retention] of the watch file allows.

The last step of a run, and a flow of its own for whoever gathers more often than they rank.
Idempotent: killed anywhere and run again, the same is gone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.progress import tell
from namaak.forgetting import Forgotten, forget_due
from namaak.retaining import Due, delete_due
from namaak.settings import Settings, environment_settings


@task(name="forget-bystanders", cache_policy=NO_CACHE)
def forget_profiles(settings: Settings) -> Forgotten:
    """Take out what is due, by [retention] of the watch file."""
    done = forget_due(settings, now=datetime.now(UTC))
    if done.batches or done.unmatched:
        tell("forget", done.in_words())
    return done


@task(name="delete-what-is-over", cache_policy=NO_CACHE)
def delete_what_is_over(settings: Settings) -> tuple[Due, ...]:
    """Answers, captures and notices of cases that are long over."""
    due = delete_due(settings, actor="flow:forget", now=datetime.now(UTC))
    for one in due:
        tell("forget", f"{len(one.items):,} files of {one.name} were deleted: {one.rule}")
    return due


@flow(name="forget", validate_parameters=False)
def forget(watch: str | None = None) -> dict[str, int]:
    """watch: path of the watch file. Returns how many rows, pictures and files went."""
    settings = environment_settings(Path(watch) if watch else None)
    done = forget_profiles(settings)
    files = sum(len(one.items) for one in delete_what_is_over(settings))
    return {
        "rows": done.rows,
        "pictures": done.pictures,
        "waiting": done.waiting,
        "files": files,
    }


if __name__ == "__main__":
    forget()
