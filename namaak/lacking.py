"""What a source lacks before it can be read, and which of its keys it can do without.

Nobody keeps a list of that: a source is opened as a run would open it, with its keys and without
them, and asked. Nothing is asked of any network.
May import: namaak.brands, namaak.sources.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from namaak.brands import Watch, WatchFile
from namaak.sources import discover, open_sources
from namaak.sources.base import Source

#: Stands for a key where only what else is lacking is asked for; nobody is ever shown it.
_SOME_KEY = "some-key"


def is_on(name: str, watch: WatchFile) -> bool:
    """Whether this source has a table, which says `enabled = true` where it must."""
    table = watch.sources.get(name)
    declared = discover().get(name)
    if table is None or declared is None:
        return False
    return bool(table.get("enabled", declared.Config.model_fields["enabled"].default))


def opened_alone(
    name: str, watch: WatchFile, *, environ: Mapping[str, str], data: Path | None = None
) -> Source[Any]:
    """One source that is on. Raises WatchFileError for faults of its own table, of no other."""
    alone = watch.model_copy(update={"sources": {name: watch.sources[name]}})
    (source,) = open_sources(alone, data=data, environ=environ)
    return source


def opened_unnamed(
    name: str, watch: WatchFile | None, *, environ: Mapping[str, str]
) -> Source[Any]:
    """A source that is off, as if its table said `enabled = true` and no more.

    watch: None before there is a watch file. Raises WatchFileError where its table must say more.
    """
    if watch is None:
        watch = WatchFile.model_construct(watch=Watch.model_construct(contact=""), brands={})
    return opened_alone(
        name, watch.model_copy(update={"sources": {name: {"enabled": True}}}), environ=environ
    )


def lacks_of(source: Source[Any]) -> tuple[str, ...]:
    """Every sentence of what it lacks: now, and what it would still lack with its keys."""
    lacks = (source.lacks(), lacks_with_keys(source))
    found = tuple(dict.fromkeys(lack for lack in lacks if lack is not None))
    missing = missing_of(source)
    if found or not missing:
        return found
    # It is not left out and fails for want of them.
    verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
    return (
        f"{' and '.join(missing)} {verb} not set; put {them} into the environment, or drop the "
        "table.",
    )


def lacks_with_keys(source: Source[Any]) -> str | None:
    """What a source lacks that has all its keys: a budget, an account, a programme."""
    return _lacks(source, keys_of(source))


def keys_of(source: Source[Any] | type[Source[Any]]) -> tuple[str, ...]:
    """The variables of its keys."""
    return tuple(source.auth.split(" and ")) if source.auth else ()


def needed_keys(source: Source[Any]) -> frozenset[str]:
    """The variables without which it is not read; it does without the others, if with less."""
    keys = keys_of(source)
    whole = lacks_with_keys(source)
    needed = frozenset(
        key for key in keys if _lacks(source, [other for other in keys if other != key]) != whole
    )
    # An account's name goes with its password, and nobody is let in without.
    return needed or (frozenset(keys) if len(keys) > 1 else frozenset())


def missing_of(source: Source[Any]) -> tuple[str, ...]:
    """Those of its needed keys that its environment does not hold, in their order."""
    needed, environ = needed_keys(source), source.around.environ
    return tuple(key for key in keys_of(source) if key in needed and not is_set(key, environ))


def is_set(key: str, environ: Mapping[str, str]) -> bool:
    """Whether the environment holds more than blanks under this name."""
    return bool(environ.get(key, "").strip())


def _lacks(source: Source[Any], given: Collection[str]) -> str | None:
    """What it would lack if just these of its keys were there."""
    environ = {k: v for k, v in source.around.environ.items() if k not in keys_of(source)}
    environ |= dict.fromkeys(given, _SOME_KEY)
    return type(source)(source.config, replace(source.around, environ=environ)).lacks()
