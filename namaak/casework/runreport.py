"""What a run came to, in numbers, in one line and as a page of Markdown.

Pure. Everything a stranger wrote is escaped: Markdown is rendered by Prefect's pages.
May import: the rest of namaak.casework, namaak.records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from namaak.casework.casebook import LoadSummary
from namaak.records import Band

#: Everything that Markdown or HTML could take for more than a letter; dots, because some
#: renderers make a link of "www." by itself.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>&~@:.])")


class Gathered(Protocol):
    """What one instance gave; see namaak.gathering.Gathered."""

    @property
    def source(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def failure(self) -> str | None: ...
    @property
    def note(self) -> str | None: ...
    @property
    def rows(self) -> int: ...
    @property
    def first_seen_rows(self) -> int: ...
    @property
    def rejected(self) -> int: ...


@dataclass(slots=True, kw_only=True)
class RunReport:
    """Sums over the match files of one run."""

    matches: int = 0
    cases_opened: int = 0
    cases_refreshed: int = 0
    suppressed: int = 0
    faint: int = 0
    below_watch: int = 0
    woken: int = 0
    moved: int = 0  #: known cases whose score or band changed; each has an event that says why
    opened: list[tuple[str, Band]] = field(default_factory=list)  #: high and critical

    def add(self, summary: LoadSummary) -> None:
        """Count one match file in."""
        self.matches += summary.matches
        self.cases_opened += summary.cases_opened
        self.cases_refreshed += summary.cases_refreshed
        self.suppressed += summary.suppressed
        self.faint += summary.faint
        self.below_watch += summary.below_watch
        self.opened.extend(summary.opened)
        self.moved += len(summary.moved)

    def counts(self) -> dict[str, int]:
        """The sums by name."""
        return {
            "matches": self.matches,
            "cases_opened": self.cases_opened,
            "cases_refreshed": self.cases_refreshed,
            "suppressed": self.suppressed,
            "faint": self.faint,
            "below_watch": self.below_watch,
            "woken": self.woken,
            "moved": self.moved,
            "urgent": len(self.opened),
        }

    def in_words(self) -> str:
        """For the person waiting."""
        if not (self.matches or self.faint or self.moved or self.cases_opened):
            return "no new matches, the cases stand as they stood"
        return (
            f"{self.matches:,} matches: {self.cases_opened:,} cases opened "
            f"({len(self.opened):,} of them high or critical), {self.cases_refreshed:,} refreshed, "
            f"{self.moved:,} of them moved; "
            f"{self.suppressed:,} matches are the brands' own, {self.below_watch:,} subjects "
            f"are too weak for a case, and {self.faint:,} names hardly resemble a brand"
        )

    def markdown(self, gathered: Sequence[Gathered], top: Iterable[Mapping[str, Any]]) -> str:
        """The run's page: what was gathered, what came of it, the worst cases."""
        lines = ["# Run report", "", self.in_words() + ".", "", "## Gathered", ""]
        lines += [
            "| source | input | rows | never seen before | refused | |",
            "|---|---|--:|--:|--:|---|",
        ]
        for one in gathered:
            why = one.failure or one.note or ""
            lines.append(
                f"| {escaped(one.source)} | {escaped(one.label)} | {one.rows:,} "
                f"| {one.first_seen_rows:,} | {one.rejected:,} | {escaped(why)} |"
            )
        lines += ["", "## Worst cases", ""]
        lines += [
            "| case | band | score | brand | subject | kind | why |",
            "|---|---|--:|---|---|---|---|",
        ]
        for case in top:
            reasons = "; ".join(case["reasons"][:2])
            cells = (case["case_id"], case["band"], case["score"], case["brand"], case["subject"],
                     case["kind"], reasons)  # fmt: skip
            lines.append("| " + " | ".join(escaped(str(cell)) for cell in cells) + " |")
        return "\n".join([*lines, ""])


def escaped(text: str) -> str:
    """A stranger's text as inert Markdown on one line, at most 200 characters.

    >>> escaped("[click](http://x.example)")
    '\\\\[click\\\\]\\\\(http\\\\://x\\\\.example\\\\)'
    """
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return _SPECIAL.sub(r"\\\1", shown[:200])
