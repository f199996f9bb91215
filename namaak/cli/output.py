"""How rows come out: a table at a terminal, tab-separated in a pipe, JSON lines on request.

What strangers wrote is made visible first: a name may hold characters that move the cursor.
May import: namaak.visible.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from namaak.visible import visible

_COLOURS = {"critical": "bold red", "high": "red", "review": "yellow", "watch": "cyan"}


def emit(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str
) -> int:
    """Print rows to stdout; `empty` goes to stderr when there are none. Returns how many.

    columns: which to show, in order; JSON shows all that a row has.
    """
    if as_json:
        count = 0
        for row in rows:
            print(_inert(json.dumps(row, ensure_ascii=False, default=_plain)))
            count += 1
        return count
    shown = [[cell(row[name]) for name in columns] for row in rows]
    if not shown:
        print(empty, file=sys.stderr)
    elif sys.stdout.isatty():
        _table(columns, shown)
    else:
        print("\t".join(columns))
        for line in shown:
            print("\t".join(text.replace("\t", " ") for text in line))
    return len(shown)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for name in columns:
        right = name in ("score", "strength", "distance")
        fixed = name in ("case_id", "band", "score", "workflow")
        table.add_column(
            name.replace("_", " "),
            justify="right" if right else "left",
            no_wrap=fixed,
            overflow="fold",
            ratio=None,
        )
    for row in rows:
        table.add_row(*(Text(text, style=_COLOURS.get(text, "")) for text in row))
    Console().print(table)


def cell(value: Any) -> str:
    """One value as one line of text."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "; ".join(cell(part) for part in value)
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")
    return visible(str(value))


def _inert(text: str) -> str:
    """JSON that a terminal shows and does not obey: the same to a parser, these as \\uXXXX."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def say(text: str) -> None:
    """Talk: to stderr, so that pipes carry results only."""
    print(text, file=sys.stderr)
