"""`namaak init` and `check`: make a watch file, and find every fault in one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from namaak.cli.output import emit, say
from namaak.errors import UsageError, WatchFileError


def register(app: App) -> None:
    """Add the commands."""
    app.command(init)
    app.command(check)


def init(
    name: str,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"))] = Path("watch.toml"),
) -> int:
    """Write a commented watch file to start from.

    Parameters
    ----------
    name
        The brand's name, as in "Acme Bank", or its domain, as in acmebank.nl.
    output
        Where to write it; an existing file is never overwritten.
    """
    from namaak.starter import starter_file

    text = starter_file(name)
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{output} exists already; name another with --output.") from None
    except OSError as error:
        raise UsageError(f"Cannot write {output}: {error.strerror}.") from None
    option = "" if output == Path("watch.toml") else f" --watch {output}"
    say(f"Wrote {output}. Fill it in, then: namaak check{option}")
    return 0


def check(
    *, watch: Path | None = None, json: Annotated[bool, Parameter(negative="")] = False
) -> int:
    """Check the watch file, its logos and its sources, and say every problem at once.

    Parameters
    ----------
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object per problem.
    """
    from namaak.checking import problems_of
    from namaak.settings import environment_settings

    problems: tuple[str, ...]
    try:
        settings = environment_settings(watch)
    except WatchFileError as error:
        # A file that is absent or no TOML has one sentence and no list.
        if not error.problems:
            raise
        problems = error.problems
    else:
        problems = problems_of(settings.watch)
        if not problems and not json:
            brands = settings.watch.brands.values()
            print(
                f"{settings.watch_path} is sound: {len(settings.watch.brands)} brands, "
                f"{sum(len(brand.logos) for brand in brands)} logos, "
                f"{sum(len(brand.domains) for brand in brands)} owned domains, "
                f"sources {', '.join(settings.watch.sources) or 'none'}."
            )
            return 0
    if json:
        emit(({"problem": problem} for problem in problems), (), as_json=True, empty="")
        return 2 if problems else 0
    faults = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise WatchFileError(f"The watch file has {faults}:", problems)
