"""Writes docs/reference/weights.md from the ranking, so that no page tells yesterday's weights.

A person runs it after changing a weight: `.venv/bin/python -m docs.make_weights` from the
repository's folder. A test compares the page with what this would write.
May import: namaak.casework.ranking.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from namaak.casework import ranking

PAGE = Path(__file__).resolve().parent / "reference" / "weights.md"

_HEADING = f"""\
# Weights

Made from `namaak/casework/ranking.py` ({ranking.VERSION}) by `python -m docs.make_weights`; why
they are so is told in [ranking](../explanation/ranking.md). Natural-log odds: +0.7 doubles the
odds, -0.7 halves them.
"""


def page() -> str:
    """The whole page as Markdown. Reads the ranking's own tables, which nobody else needs."""
    sections: Mapping[str, Iterable[str]] = {
        "Bands": _bands(),
        "Kind of resemblance": _table(
            "kind", {kind: weight for kind, (weight, _) in ranking._RESEMBLANCE.items()}
        ),
        "Place": _table("place", {place: weight for place, (weight, _) in ranking._PLACE.items()}),
        "Words beside the brand": _table("class", ranking._LURES),
        "Traits": _table("trait", {name: weight for name, (weight, _) in ranking._TRAITS.items()}),
        "Letters of the name": _table("letters", ranking._LENGTH | {"more": ranking._LENGTH_MOST}),
        "Other": _others(),
    }
    parts = [_HEADING]
    for title, lines in sections.items():
        parts += [f"## {title}", "", *lines, ""]
    return "\n".join(parts)


def _bands() -> Iterator[str]:
    yield (
        f"Every case starts at {ranking._PRIOR:+}. The band follows from the sum; the score is "
        "rounded, so the same score may stand on both sides of a border."
    )
    yield ""
    yield "| band | from a sum of | from a score of |"
    yield "|---|--:|--:|"
    for least, band in ranking._BANDS:
        yield f"| {band} | {least:+} | {100 / (1 + math.exp(-least)):.0f} |"


def _table(what: str, weights: Mapping[Any, float]) -> Iterator[str]:
    yield f"| {what} | weight |"
    yield "|---|--:|"
    for name, weight in weights.items():
        yield f"| {name} | {weight:+} |"


def _others() -> Iterator[str]:
    yield from _table("", {"each edit of a misspelling": ranking._EDIT})
    yield ""
    yield (
        f"A further field of the same subject counts {ranking._SECOND_FIELD:.0%} of what it would "
        "count alone. A second class of words beside the brand counts less than the first, a third "
        "less again. Letters that form no known word count against, up to a limit."
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote {PAGE}.", file=sys.stderr)


if __name__ == "__main__":
    main()
