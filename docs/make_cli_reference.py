"""Writes docs/reference/cli.md from the program itself, so that page and program agree.

A person runs it after changing a command: `.venv/bin/python -m docs.make_cli_reference` from the
repository's folder. A test compares the page with what this would write. Cyclopts can write such
a page too, but names the program after whatever program is running.
May import: namaak.cli.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from cyclopts import App
from cyclopts.argument import Argument

from namaak.cli import app

PAGE = Path(__file__).resolve().parent / "reference" / "cli.md"

_HEADING = """\
# The command line

Made from the program by `python -m docs.make_cli_reference`; edit the docstrings in
`namaak/cli/`, not this page.

Results go to standard output, talk to standard error. On a terminal results are a table; into a
pipe or a file they are tab-separated text with a heading; with `--json` they are one JSON object a
line. What the exit codes mean is in [exit codes](exit-codes.md), what the environment may say in
[environment](environment.md).

A case id may be typed in any letter case, without `NK-`, and shortened to its first four
characters or more, as long as it means one case only.

`namaak --version` prints the version; `namaak --help` and `namaak COMMAND --help` say what is
said here.
"""


def commands() -> Iterator[tuple[str, App]]:
    """Name and command, in the order in which the program has them; `ct verify` is one of them."""
    for name in app:
        if name.startswith("-"):
            continue
        below = [inner for inner in app[name] if not inner.startswith("-")]
        if not below:
            yield name, app[name]
        for inner in below:
            yield f"{name} {inner}", app[name][inner]


def options(command: App) -> list[Argument]:
    """What the command takes, in the order of its signature."""
    return list(command.assemble_argument_collection(parse_docstring=True))


def reference() -> str:
    """The whole page as Markdown."""
    named = list(commands())
    lines = [_HEADING]
    for name, command in named:
        anchor = name.replace(" ", "-")
        lines.append(f"- [`namaak {name}`](#namaak-{anchor}): {_summary(command)}")
    for name, command in named:
        lines += ["", *_section(name, command)]
    return "\n".join(lines) + "\n"


def _section(name: str, command: App) -> Iterator[str]:
    arguments = options(command)
    words = [_usage(argument) for argument in arguments if is_positional(argument)]
    words += [f"{one.names[0]} {_word(one)}" for one in arguments if _is_needed(one)]
    yield f"## namaak {name}"
    yield ""
    yield f"`{' '.join(['namaak', name, *words, '[OPTIONS]'])}`"
    yield ""
    yield _prose(command)
    yield ""
    yield "| | Takes | Unless given | |"
    yield "|---|---|---|---|"
    for argument in arguments:
        cells = (_names(argument), _takes(argument), _default(argument), _says(argument))
        yield "| " + " | ".join(cells) + " |"


def _prose(command: App) -> str:
    """The docstring without its list of parameters."""
    text = inspect.cleandoc(command.help or "")
    return text.partition("\n\nParameters\n---")[0].strip()


def _summary(command: App) -> str:
    return " ".join(_prose(command).partition("\n\n")[0].split())


def is_positional(argument: Argument) -> bool:
    """Whether it is given by its place; cyclopts gives such arguments a name all the same."""
    kind = argument.field_info.kind
    return kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _is_needed(argument: Argument) -> bool:
    """Whether it is an option that must be given."""
    return not is_positional(argument) and argument.field_info.default is inspect.Parameter.empty


def _word(argument: Argument) -> str:
    return argument.names[0].lstrip("-").replace("-", "_").upper()


def _usage(argument: Argument) -> str:
    several = argument.field_info.kind is inspect.Parameter.VAR_POSITIONAL
    return f"[{_word(argument)} ...]" if several else _word(argument)


def _names(argument: Argument) -> str:
    if is_positional(argument):
        return f"`{_usage(argument)}`"
    return ", ".join(f"`{name}`" for name in argument.names)


def _takes(argument: Argument) -> str:
    if choices := argument.get_choices(force=True):
        return ", ".join(f"`{choice}`" for choice in choices)
    hint = str(argument.hint)
    if argument.hint is bool:
        return ""
    if "Path" in hint:
        return "a path"
    if argument.hint is int:
        return "a number"
    return "texts" if hint.startswith("tuple") else "a text"


def _default(argument: Argument) -> str:
    value = argument.field_info.default
    # A default that says nothing; `is` and not `in`, because 0 == False.
    if value is None or value is False or value == () or value is inspect.Parameter.empty:
        return ""
    return f"`{value}`"


def _says(argument: Argument) -> str:
    return " ".join(str(argument.parameter.help or "").split()).replace("|", r"\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(reference(), encoding="utf-8")
    print(f"Wrote {PAGE}.", file=sys.stderr)


if __name__ == "__main__":
    main()
