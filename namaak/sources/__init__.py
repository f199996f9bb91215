"""Public sources, one file each, all the same shape; found by looking, never listed.

Adding a source is adding a module here with one subclass of `base.Source` and a test.
May import: namaak.brands, namaak.errors, namaak.sources.*.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

from pydantic import ValidationError

from namaak.brands import WatchFile, problem_sentence, problems_heading
from namaak.errors import WatchFileError
from namaak.sources.base import Source


def discover() -> dict[str, type[Source[Any]]]:
    """Every source of this package by its name, in alphabetical order."""
    found: dict[str, type[Source[Any]]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for member in vars(module).values():
            if (
                inspect.isclass(member)
                and issubclass(member, Source)
                and member.__module__ == module.__name__
                and not inspect.isabstract(member)
            ):
                found[member.name] = member
    return dict(sorted(found.items()))


def open_sources(watch: WatchFile) -> list[Source[Any]]:
    """The sources that the watch file enables, each with its validated table.

    Opens no file and no connection. Raises WatchFileError with every fault of every table.
    """
    known = discover()
    sources: list[Source[Any]] = []
    problems: list[str] = []
    for name, table in watch.sources.items():
        declared = known.get(name)
        if declared is None:
            problems.append(
                f"[sources] {name}: is not a source namaak knows; "
                f"use one of {', '.join(known)} or drop the table"
            )
        elif table.get("enabled") is not False:
            try:
                config = declared.Config.model_validate(table)
            except ValidationError as error:
                problems += (
                    problem_sentence({**fault, "loc": ("sources", name, *fault["loc"])})
                    for fault in error.errors()
                )
            else:
                sources.append(declared(config, watch.folder))
    if problems:
        raise WatchFileError(
            problems_heading("The watch file", tuple(problems)), tuple(problems)
        ) from None
    return sources
