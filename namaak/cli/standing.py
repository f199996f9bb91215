"""How each source stands: on or off, what it lacks, what it has left, what it has read so far.

Of the watch file, the environment and the lake; nothing is asked of any network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from operator import itemgetter
from typing import Any

from namaak.brands import WatchFile
from namaak.errors import WatchFileError
from namaak.lacking import (
    is_on,
    is_set,
    keys_of,
    lacks_of,
    lacks_with_keys,
    needed_keys,
    opened_alone,
    opened_unnamed,
)
from namaak.settings import Settings
from namaak.sources import discover


def source_rows(
    settings: Settings | None, environ: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """One row a source, in alphabetical order. settings: None before there is a watch file."""
    read = {} if settings is None else _read_so_far(settings)
    watch = None if settings is None else settings.watch
    for name, declared in discover().items():
        state, lack, quota = "off", None, None
        if settings is not None and is_on(name, settings.watch):
            state, lack, quota = _opened(name, settings, environ)
        key, needs = _of_keys(name, watch, environ)
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
            "needs": "; ".join((_switch(name, watch), *needs)) if state == "off" else lack,
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
    try:
        source = opened_alone(name, settings.watch, data=settings.data, environ=environ)
    except WatchFileError as error:
        return "faulty", "; ".join(error.problems), None
    state = "on" if source.lacks() is None else "left out"
    return state, " ".join(lacks_of(source)) or None, source.quota()


def _of_keys(
    name: str, watch: WatchFile | None, environ: Mapping[str, str]
) -> tuple[str | None, list[str]]:
    """All its keys, as in "ONE and TWO (optional, not set)"; and what a run would need yet."""
    keys = keys_of(discover()[name])
    needed, further = frozenset(keys), None
    # One that must say more in its table tells of it once it has one.
    with suppress(WatchFileError):
        source = opened_unnamed(name, watch, environ=environ)
        needed, further = needed_keys(source), lacks_with_keys(source)
    shown = []
    for key in keys:
        notes = ", ".join(
            ([] if key in needed else ["optional"]) + ([] if is_set(key, environ) else ["not set"])
        )
        shown.append(f"{key} ({notes})" if notes else key)
    unset = [f"{key} (not set)" for key in keys if key in needed and not is_set(key, environ)]
    needs = [" and ".join(unset)] if unset else []
    if further is not None:
        needs.append(further.removesuffix("."))
    return " and ".join(shown) or None, needs


def _switch(name: str, watch: WatchFile | None) -> str:
    """What must stand in the watch file for a source that is off to be on."""
    enabled = discover()[name].Config.model_fields["enabled"].default
    if watch is None or name not in watch.sources:
        return f"a table [sources.{name}]" + ("" if enabled else " with enabled = true")
    if "enabled" in watch.sources[name]:
        return f"enabled = true in [sources.{name}], which says false"
    return f"enabled = true is missing in [sources.{name}]"


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
