"""`namaak init` and `check`: make a watch file, and find every fault in one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from namaak.cli.options import WatchPath, as_json
from namaak.cli.output import emit, say
from namaak.errors import UsageError, WatchFileError

if TYPE_CHECKING:
    from namaak.brands import WatchFile


def register(app: App) -> None:
    """Add the commands."""
    app.command(init)
    app.command(check)


def init(
    name: str,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"))] = Path("watch.toml"),
    json: Annotated[bool, as_json("with the file's path")] = False,
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
    if json:
        emit([{"watch": str(output)}], (), as_json=True, empty="")
    option = "" if output == Path("watch.toml") else f" --watch {output}"
    say(f"Wrote {output}. Fill it in, then: namaak check{option}")
    return 0


def check(*, watch: WatchPath = None, json: Annotated[bool, as_json("per problem")] = False) -> int:
    """Check the watch file, its logos and its sources, and say every problem at once."""
    import os

    from namaak.brands import problems_heading, read_watch_file
    from namaak.checking import notes_of, problems_of_file
    from namaak.settings import watch_file_path

    path = watch_file_path(watch, os.environ)
    problems = problems_of_file(path)
    if problems and not json:
        raise WatchFileError(problems_heading(f"The watch file {path}", problems), problems)
    if json:
        emit((_apart(path, problem) for problem in problems), (), as_json=True, empty="")
    if problems:
        return 2
    sound = read_watch_file(path)
    if not json:
        print(f"{path} is sound: {_counted(sound)}, sources {', '.join(sound.sources) or 'none'}.")
    for note in notes_of(sound, os.environ):
        say(f"Note: {note}.")
    return 0


def _counted(sound: WatchFile) -> str:
    brands = sound.brands.values()
    photos = sum(person.photo is not None for brand in brands for person in brand.executives)
    counts = [
        _many(len(brands), "brand"),
        _many(sum(len(brand.logos) for brand in brands), "logo"),
        *([_many(photos, "photo")] if photos else []),
        _many(sum(len(brand.domains) for brand in brands), "owned domain"),
    ]
    return ", ".join(counts)


def _apart(path: Path, problem: str) -> dict[str, str | None]:
    """A problem, `[table] key: what is wrong; what to do`, as the keys of an object."""
    parts = re.fullmatch(r"\[(?P<table>.+?)\] (?P<key>[^:]+): (?P<fault>.*)", problem, re.DOTALL)
    if parts is None:
        return {"file": str(path), "table": None, "key": None, "problem": problem, "remedy": None}
    fault, _, remedy = parts["fault"].partition("; ")
    return {
        "file": str(path),
        "table": parts["table"],
        "key": parts["key"],
        "problem": fault,
        "remedy": remedy or None,
    }


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
