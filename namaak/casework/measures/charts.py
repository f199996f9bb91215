"""Plots for the report of measures, as SVG: weeks in bars, waiting in curves, shares with bounds.

The same figures give the same bytes. No text in them is a stranger's but names of routes, and
those are escaped by the page that shows them: what is made here is `Markup`.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from markupsafe import Markup, escape

_INK, _SOFT, _LINE = "#1c2126", "#5b6670", "#d5dade"
_COLOURS = ("#0b5c7a", "#b3541e", "#386a8a", "#2b6e4f", "#7b3fa0", "#8a6d00")
_LEFT, _TOP, _WIDTH, _HEIGHT, _BELOW = 46, 12, 700, 190, 42


def bars(weeks: Sequence[Mapping[str, Any]], series: Mapping[str, str]) -> Markup:
    """Bars side by side, a group each week. series: column -> its name on the page."""
    most = max((int(week[column]) for week in weeks for column in series), default=0)
    if not most:
        return Markup("")
    top = _round_up(most)
    group = _WIDTH / len(weeks)
    width = min(22.0, group * 0.8 / len(series))
    parts = [_grid(top)]
    for number, week in enumerate(weeks):
        left = _LEFT + number * group + (group - width * len(series)) / 2
        for place, column in enumerate(series):
            height = _HEIGHT * int(week[column]) / top
            parts.append(
                Markup(
                    '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}">'
                    "<title>{}: {} {}</title></rect>"
                ).format(left + place * width, _TOP + _HEIGHT - height, max(1.0, width - 1), height,
                         _COLOURS[place % len(_COLOURS)], week["week"], week[column],
                         series[column])
            )  # fmt: skip
        # More than a dozen dates would run into one another.
        if number % max(1, math.ceil(len(weeks) / 12)) == 0:
            parts.append(_text(_LEFT + number * group + group / 2, _TOP + _HEIGHT + 15,
                               str(week["week"])[5:], "middle"))  # fmt: skip
    return _svg(parts, list(series.values()))


def curves(lasting: Mapping[str, Sequence[tuple[float, bool]]]) -> Markup:
    """Of each line the share that still lasts after so many hours, on a logarithmic axis.

    lasting: name -> (hours, ended). What was not seen to end counts for as long as it was seen
    (Kaplan and Meier, 1958).
    """
    drawn = {name: _survival(rows) for name, rows in lasting.items() if rows}
    most = max((hours for steps in drawn.values() for hours, _ in steps), default=0.0)
    if not drawn or most <= 0:
        return Markup("")
    least = 0.1
    span = math.log10(max(most, 10 * least) / least)

    def x(hours: float) -> float:
        return _LEFT + _WIDTH * min(1.0, max(0.0, math.log10(max(hours, least) / least) / span))

    parts = [_grid(100, unit=" %")]
    for mark, says in ((1, "1 h"), (6, "6 h"), (24, "1 d"), (72, "3 d"), (168, "7 d"),
                        (720, "30 d"), (2160, "90 d")):  # fmt: skip
        if mark <= most:
            parts.append(_text(x(mark), _TOP + _HEIGHT + 15, says, "middle"))
            parts.append(_rule(x(mark), _TOP, x(mark), _TOP + _HEIGHT))
    for place, steps in enumerate(drawn.values()):
        points = [(float(_LEFT), float(_TOP))]
        for hours, share in steps:
            points.append((x(hours), points[-1][1]))
            points.append((x(hours), _TOP + _HEIGHT * (1 - share)))
        way = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
        parts.append(
            Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>').format(
                way, _COLOURS[place % len(_COLOURS)]
            )
        )
    return _svg(parts, [f"{name} (n {len(lasting[name])})" for name in drawn])


def share(value: float | None, low: float | None, high: float | None) -> Markup:
    """A share as a dot with its bounds, 120 wide."""
    if value is None or low is None or high is None:
        return Markup("")
    return Markup(
        '<svg class="share" viewBox="0 0 120 14" role="img" aria-label="{:.0f} %">'
        '<line x1="2" y1="7" x2="118" y2="7" stroke="{}"/>'
        '<line x1="{:.1f}" y1="7" x2="{:.1f}" y2="7" stroke="{}" stroke-width="4"/>'
        '<circle cx="{:.1f}" cy="7" r="4" fill="{}"/></svg>'
    ).format(100 * value, _LINE, 2 + 116 * low, 2 + 116 * high, "#9bbccb", 2 + 116 * value, _INK)


def _survival(rows: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    steps: list[tuple[float, float]] = []
    at_risk, standing = len(rows), 1.0
    for hours, same in groupby(sorted(rows), key=itemgetter(0)):
        ended = [one for _, one in same]
        standing *= 1 - sum(ended) / at_risk
        at_risk -= len(ended)
        steps.append((hours, standing))
    return steps


def _svg(parts: Sequence[Markup], names: Sequence[str]) -> Markup:
    legend = []
    for place, name in enumerate(names):
        across = _LEFT + (place % 4) * 178
        down = _TOP + _HEIGHT + 30 + 16 * (place // 4)
        legend.append(
            Markup('<rect x="{}" y="{}" width="10" height="10" fill="{}"/>').format(
                across, down - 9, _COLOURS[place % len(_COLOURS)]
            )
        )
        legend.append(_text(across + 15, down, name, "start"))
    height = _TOP + _HEIGHT + _BELOW + 16 * ((len(names) - 1) // 4)
    return (
        Markup('<svg viewBox="0 0 {} {}" role="img">').format(_LEFT + _WIDTH + 10, height)
        + Markup("").join([*parts, *legend])
        + Markup("</svg>")
    )


def _grid(top: int, *, unit: str = "") -> Markup:
    parts = []
    for quarter in range(5):
        down = _TOP + _HEIGHT * (1 - quarter / 4)
        parts.append(_rule(_LEFT, down, _LEFT + _WIDTH, down))
        number = top * quarter / 4
        shown = f"{number:.0f}" if number == int(number) else f"{number:.1f}"
        parts.append(_text(_LEFT - 6, down + 4, shown + unit, "end"))
    return Markup("").join(parts)


def _rule(x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}"/>').format(
        x1, y1, x2, y2, _LINE
    )


def _text(x: float, y: float, says: str, anchor: str) -> Markup:
    return Markup(
        '<text x="{:.1f}" y="{:.1f}" font-size="11" fill="{}" text-anchor="{}">{}</text>'
    ).format(x, y, _SOFT, anchor, escape(says))


def _round_up(number: int) -> int:
    """The next 1, 2, 4 or 8 times a power of ten: quarters of it are easy to read."""
    scale = 10 ** int(math.log10(number)) if number > 1 else 1
    return next(scale * step for step in (1, 2, 4, 8, 10) if scale * step >= number)
