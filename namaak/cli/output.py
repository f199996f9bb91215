"""How rows come out: a table at a terminal, tab-separated in a pipe, JSON lines on request.

What strangers wrote is made visible first: a name may hold characters that move the cursor.
May import: namaak.visible.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from namaak.visible import visible

_NUMBERS = frozenset({"score", "strength", "distance", "cases", "rows", "matches", "files"})
_WIDEST = 60
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
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        print(empty, file=sys.stderr)
        return 0
    shown = ([cell(row[name]) for name in columns] for row in chain([first], waiting))
    if sys.stdout.isatty():
        lines = list(shown)
        _for_a_terminal(columns, lines)
        return len(lines)
    print("\t".join(columns))
    count = 0
    for line in shown:
        print("\t".join(text.replace("\t", " ") for text in line))
        count += 1
    return count


def _for_a_terminal(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns; reasons on a line of their own below, cut where the terminal ends."""
    from rich.cells import cell_len, set_cell_size
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    below = columns.index("reasons") if "reasons" in columns else None
    beside = [index for index in range(len(columns)) if index != below]
    widths = {}
    for index in beside:
        widest = max(cell_len(text) for text in (columns[index], *(row[index] for row in rows)))
        widths[index] = widest if below is None and index == beside[-1] else min(_WIDEST, widest)

    def fitted(text: str, index: int) -> str:
        if cell_len(text) > widths[index]:
            text = set_cell_size(text, widths[index] - 1) + "…"
        space = " " * (widths[index] - cell_len(text))
        return space + text if columns[index] in _NUMBERS else text + space

    def show(line: Text) -> None:
        # With reasons below, a line stays one line; else nothing may be cut off.
        one_line = below is not None
        console.print(line, no_wrap=one_line, overflow="ellipsis" if one_line else "fold")

    show(Text("  ".join(fitted(columns[i].replace("_", " "), i) for i in beside), style="bold"))
    for row in rows:
        parts: list[str | tuple[str, str]] = []
        for index in beside:
            parts += [(fitted(row[index], index), _COLOURS.get(row[index], "")), "  "]
        show(Text.assemble(*parts[:-1]))
        if below is not None and row[below]:
            show(Text("    " + row[below], style="dim"))


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
