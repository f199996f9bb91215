"""Public sources, one file each, all the same shape; found by looking, never listed.

Adding a source is adding a module here with one subclass of `base.Source` and a test.
May import: namaak.brands, namaak.errors, namaak.fetch, namaak.sources.*.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from namaak.brands import WatchFile, problem_sentence, problems_heading
from namaak.errors import WatchFileError
from namaak.fetch import Budget, Fetcher, Manners
from namaak.sources.base import Known, Source, Surroundings


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


def open_sources(
    watch: WatchFile,
    *,
    data: Path | None = None,
    environ: Mapping[str, str] | None = None,
    known: Callable[[str], Sequence[Known]] | None = None,
) -> list[Source[Any]]:
    """The sources that the watch file enables, each with its validated table.

    Opens no file and no connection. data: the data folder, else the watch file's. environ: where
    keys are; without it no source has one. known: accounts of a platform that are cases. Raises
    WatchFileError with every fault of every table.
    """
    states = (data or watch.resolve(watch.watch.data)) / "sources"
    # One for all: politeness is towards a host, whichever source asks it.
    stop = threading.Event()
    manners = Manners()
    by_name = discover()
    sources: list[Source[Any]] = []
    problems: list[str] = []
    for name, table in watch.sources.items():
        declared = by_name.get(name)
        if declared is None:
            problems.append(
                f"[sources] {name}: is not a source namaak knows; "
                f"use one of {', '.join(by_name)} or drop the table"
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
                megabytes = config.megabytes_per_run
                budget = Budget(
                    requests=config.requests_per_run,
                    received_bytes=None if megabytes is None else megabytes * 1_000_000,
                )
                around = Surroundings(
                    folder=watch.folder,
                    state_folder=states / name,
                    contact=watch.watch.contact,
                    brands=watch.brands,
                    environ=environ or {},
                    fetcher=partial(
                        Fetcher, contact=watch.watch.contact, manners=manners, budget=budget
                    ),
                    manners=manners,
                    now=lambda: datetime.now(UTC),
                    stop=stop,
                    known=known or (lambda _platform: ()),
                )
                sources.append(declared(config, around))
    if problems:
        raise WatchFileError(
            problems_heading("The watch file", tuple(problems)), tuple(problems)
        ) from None
    return sources
