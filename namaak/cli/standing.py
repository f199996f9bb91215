"""How each source stands: on or off, what it lacks, what it has left, what it has read so far.

Of the watch file, the environment and the lake; nothing is asked of any network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from namaak.errors import WatchFileError
from namaak.settings import Settings
from namaak.sources import discover, open_sources
from namaak.sources.base import Source


def source_rows(
    settings: Settings | None, environ: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """One row a source, in alphabetical order. settings: None before there is a watch file."""
    read = {} if settings is None else _read_so_far(settings)
    tables = {} if settings is None else settings.watch.sources
    for name, declared in discover().items():
        state, lack, quota = "off", None, None
        is_on = name in tables and tables[name].get(
            "enabled", declared.Config.model_fields["enabled"].default
        )
        if is_on and settings is not None:
            state, lack, quota = _opened(name, settings, environ)
        key = _key(declared, environ)
        yield {
            "source": name,
            "state": state,
            "gives": sorted(declared.kinds),
            "platform": declared.platform,
            "lacks": lack,
            "quota": quota,
            **_NOTHING_READ,
            **read.get(name, {}),
            # What stands between this source and its next run, or would.
            "needs": _would_need(name, key) if state == "off" else lack,
            "key": key,
            "terms": declared.terms,
            "budget": declared.budget,
            "cursor": declared.cursor,
        }


_NOTHING_READ = {"instances": 0, "rows": 0, "last_success": None, "last_failure": None}


def _opened(
    name: str, settings: Settings, environ: Mapping[str, str]
) -> tuple[str, str | None, str | None]:
    """State, what it lacks, and what it has left; a table with faults hides no other source."""
    watch = settings.watch.model_copy(update={"sources": {name: settings.watch.sources[name]}})
    try:
        (source,) = open_sources(watch, data=settings.data, environ=environ)
    except WatchFileError as error:
        return "faulty", "; ".join(error.problems), None
    lack = source.lacks()
    return ("on" if lack is None else "left out"), lack, source.quota()


def _key(declared: type[Source[Any]], environ: Mapping[str, str]) -> str | None:
    """The variables of its key, as in "ONE and TWO (not set)"."""
    if not declared.auth:
        return None
    return " and ".join(
        name if environ.get(name, "").strip() else f"{name} (not set)"
        for name in declared.auth.split(" and ")
    )


def _would_need(name: str, key: str | None) -> str:
    table = f"a table [sources.{name}]"
    return f"{table}; {key}" if key else table


def _read_so_far(settings: Settings) -> dict[str, dict[str, Any]]:
    """By source: how many instances and rows, when something was last read, what last failed."""
    from namaak.lake import Lake

    if not settings.lake.exists():
        return {}
    with Lake(settings.lake) as lake:
        account = lake.coverage(most_rejects=0)
    attempts = sorted(account.attempts.to_pylist(), key=itemgetter("last_at"))
    failed = {(attempt["source"], attempt["instance"]) for attempt in attempts}
    found: dict[str, dict[str, Any]] = {}
    for instance in account.instances.to_pylist():
        of_source = found.setdefault(instance["source"], dict(_NOTHING_READ))
        if not instance["next_position"] and (instance["source"], instance["instance"]) in failed:
            # Known because it failed, never read.
            continue
        of_source["instances"] += 1
        last = of_source["last_success"]
        at = instance["updated_at"]
        of_source["last_success"] = at if last is None else max(last, at)
    for batch in account.batches.select(["source", "rows"]).to_pylist():
        found.setdefault(batch["source"], dict(_NOTHING_READ))["rows"] += batch["rows"]
    for attempt in attempts:
        of_source = found.setdefault(attempt["source"], dict(_NOTHING_READ))
        of_source["last_failure"] = (
            f"{attempt['last_at']:%Y-%m-%d %H:%MZ} {attempt['failure']}: {attempt['last_says']}"
        )
    return found
