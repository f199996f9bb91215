"""The report of measures: one self-contained page, in English with Dutch beside it.

It loads nothing, runs nothing and links nowhere, as the page of a case does; names of providers and
routes are other people's text and are escaped.
Pure: figures in, HTML out. May import: namaak.casework.measures.charts and reading, namaak.visible.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from namaak.casework.measures.charts import bars, curves, share
from namaak.casework.measures.reading import Measures
from namaak.visible import visible

#: Interval -> what it is called, and in Dutch.
WORDS = {
    "detect-registration": ("Detect, from registration", "ontdekken, vanaf registratie"),
    "detect-certificate": ("Detect, from certificate", "ontdekken, vanaf certificaat"),
    "detect-account": ("Detect, from account's creation", "ontdekken, vanaf aanmaken account"),
    "triage": ("Triage", "beoordelen"),
    "first-notice": ("First notice", "eerste melding"),
    "acknowledge": ("Acknowledged", "ontvangst bevestigd"),
    "answer": ("Answered", "beantwoord"),
    "take-down": ("Take down", "offline halen"),
    "live": ("Live after detection", "online na ontdekking"),
    "resolve": ("Resolve", "afhandelen"),
    "relapse": ("Relapse", "terugkeer"),
}
_SERIES = {
    "opened": "opened · geopend",
    "confirmed": "confirmed · bevestigd",
    "dismissed": "dismissed · afgewezen",
    "down": "down · offline",
    "resolved": "resolved · afgehandeld",
    "relapsed": "relapsed · terug",
}
#: Lines of a plot that can be told apart.
_MOST_LINES = 6


def render(
    measures: Measures, *, now: datetime, version: str, organisation: str | None = None
) -> str:
    """The page as HTML. now: aware."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "lasting": lasting,
        "percent": percent,
        "plain": lambda text: visible(str(text)),
        "policy_hash": _policy_hash,
        "utc": lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
    overall = {row["interval"]: row for row in measures.timings if row["grouping"] == "all"}
    return environment.get_template("measures.html.jinja").render(
        now=now,
        version=version,
        organisation=organisation,
        measures=measures,
        overall=[(WORDS[name], overall[name]) for name in WORDS if name in overall],
        by_group=[
            (WORDS[row["interval"]], row)
            for row in measures.timings
            if row["grouping"] in ("route", "provider")
        ],
        weeks=bars(measures.weeks, _SERIES),
        live=curves(_lines(measures.lasting, "live", by_route=False)),
        take_down=curves(_lines(measures.lasting, "take-down", by_route=True)),
        acknowledged=curves(_lines(measures.lasting, "acknowledge", by_route=True)),
        share=share,
        undecided=_cases(measures.backlog, "undecided"),
        unsent=_cases(measures.backlog, "unsent"),
        beyond=sum(int(row["beyond_target"]) for row in measures.backlog),
        overdue=sum(int(row["overdue"]) for row in measures.outcomes),
        waiting=sum(int(row["waiting"]) for row in measures.outcomes),
    )


def lasting(hours: float | None) -> str:
    """As people say it; a dash where it is not known, because too few are over.

    >>> [lasting(hours) for hours in (0.1, 5.25, 80.0, None)]
    ['6 min', '5.2 h', '3.3 d', '–']
    """
    if hours is None:
        return "–"
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 72 else f"{hours / 24:.1f} d"


def percent(part: float | None) -> str:
    """
    >>> percent(0.125), percent(None)
    ('12 %', '–')
    """
    return "–" if part is None else f"{100 * part:.0f} %"


def _cases(backlog: Iterable[Mapping[str, Any]], stage: str) -> int:
    return sum(int(row["cases"]) for row in backlog if row["stage"] == stage)


def _lines(
    rows: Iterable[Mapping[str, Any]], interval: str, *, by_route: bool
) -> dict[str, list[tuple[float, bool]]]:
    lines: dict[str, list[tuple[float, bool]]] = {}
    for row in rows:
        if row["interval"] == interval:
            name = visible(str(row["route"])) if by_route else "confirmed cases"
            lines.setdefault(name, []).append((float(row["hours"]), row["standing"] == "ended"))
    most_seen = sorted(lines, key=lambda name: (-len(lines[name]), name))[:_MOST_LINES]
    return {name: lines[name] for name in most_seen}


def _policy_hash(style: str) -> Markup:
    """What the content policy allows: this very style sheet and no other."""
    digest = base64.b64encode(hashlib.sha256(str(style).encode()).digest()).decode("ascii")
    return escape(f"sha256-{digest}")
