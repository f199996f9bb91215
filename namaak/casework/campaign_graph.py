"""A campaign as a picture: its cases, what they share, and lines between them, as SVG.

Accounts and apps stand on the left, hosts on the right, and between them what ties them. Where each
stands follows from the campaign alone, so the same campaign gives the same bytes. All text is a
stranger's: cut, made visible, escaped; there are neither scripts nor links in it.
Pure. May import: namaak.casework.reading, namaak.records, namaak.visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from namaak.casework.reading import Campaign
from namaak.records import Band, SubjectKind
from namaak.visible import visible

#: Fill and line of a case by its band; the word stands beside it, for who sees no colours.
_COLOURS = {
    Band.CRITICAL: ("#f7d4d1", "#a3180f"), Band.HIGH: ("#fde3c8", "#b85a00"),
    Band.REVIEW: ("#fdf3c4", "#8a6d00"), Band.WATCH: ("#dcecf7", "#2b6a96"),
    Band.NONE: ("#eeeeee", "#777777"),
}  # fmt: skip
_REASONS = {
    "picture": "same picture", "bio": "same text", "link": "same link", "contact": "same contact",
    "payment": "same payment address", "links-to": "links to it", "certificate":
    "same certificate", "favicon": "same favicon", "tracker": "same tracker",
    "scripts": "same scripts", "server": "same address", "domain": "same domain",
    "series": "same pattern of names", "by-hand": "tied by a person",
}  # fmt: skip
#: Lines of one reason have one colour, so that the eye can follow them.
_LINES = {
    "picture": "#7b3fa0", "bio": "#555555", "link": "#00796b", "contact": "#c2185b",
    "payment": "#b71c1c", "links-to": "#1565c0",
}  # fmt: skip
_OTHER_LINE = "#8d6e63"
#: More of them are no picture any more; the worst are shown and the others counted.
MOST_CASES = 40
MOST_TIES = 60
_LETTERS = 40
_FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"
_BOX_WIDTH, _TIE_WIDTH, _GAP = 330, 250, 110
_BOX_HEIGHT, _TIE_HEIGHT, _STEP = 38, 38, 50
_MARGIN, _HEAD = 24, 70


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tie:
    """A value that some of the cases share."""

    reason: str
    value: str
    shown: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """Where something stands: its left upper corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def campaign_svg(campaign: Campaign) -> str:
    """The picture, a whole SVG document."""
    cases = campaign.cases[:MOST_CASES]
    ties = _ties(campaign.edges, {case["case_id"] for case in cases})
    shown_ties = ties[:MOST_TIES]
    left = [case for case in cases if case["subject_kind"] != SubjectKind.HOST]
    right = [case for case in cases if case["subject_kind"] == SubjectKind.HOST]
    if not left:
        left, right = right, []
    rows = max(len(left), len(right), len(shown_ties), 1)
    height = _HEAD + rows * _STEP + 2 * _MARGIN
    columns = (_MARGIN, _MARGIN + _BOX_WIDTH + _GAP, _MARGIN + _BOX_WIDTH + _TIE_WIDTH + 2 * _GAP)
    width = (columns[2] + _BOX_WIDTH if right else columns[1] + _TIE_WIDTH) + _MARGIN
    boxes = _column(_ordered(left), columns[0], _BOX_WIDTH, rows)
    boxes |= _column(_ordered(right), columns[2], _BOX_WIDTH, rows)
    placed = _placed(shown_ties, boxes, columns[1], rows)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' "
        f"viewBox='0 0 {width} {height}' role='img'>",
        f"<title>{_text(_title(campaign), 200)}</title>",
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>",
        _words(_MARGIN, _MARGIN + 16, _title(campaign), size=18, bold=True),
        _words(_MARGIN, _MARGIN + 38, _second_line(campaign, cases, ties), size=12),
    ]
    parts += (line for tie, box in placed for line in _lines(tie, box, boxes))
    parts += (part for tie, box in placed for part in _tie(tie, box))
    parts += (part for case in cases for part in _case(case, boxes[case["case_id"]]))
    return "\n".join([*parts, "</svg>", ""])


def _title(campaign: Campaign) -> str:
    names = ", ".join(campaign.summary["brand_names"])
    return f"{campaign.summary['cases']} cases that are tied together, posing as {names}"


def _second_line(
    campaign: Campaign, cases: Sequence[Mapping[str, Any]], ties: Sequence[_Tie]
) -> str:
    said = [f"campaign {campaign.summary['campaign_id']}"]
    if more := len(campaign.cases) - len(cases):
        said.append(f"the {len(cases)} worst cases are shown, {more} more are not")
    if (more := len(ties) - MOST_TIES) > 0:
        said.append(f"{more} more things that they share are not shown")
    return "; ".join(said)


def _ties(edges: Iterable[Mapping[str, Any]], shown: set[str]) -> list[_Tie]:
    """One for each value, with the cases that share it; what ties most of them first."""
    cases: dict[tuple[str, str], set[str]] = {}
    words: dict[tuple[str, str], str] = {}
    for edge in edges:
        key = (edge["reason"], edge["value"])
        if pair := {edge["one_case_id"], edge["other_case_id"]} & shown:
            cases.setdefault(key, set()).update(pair)
            words[key] = _value(edge)
    found = [
        _Tie(reason=key[0], value=key[1], shown=words[key], cases=tuple(sorted(both)))
        for key, both in cases.items()
        if len(both) > 1
    ]
    return sorted(found, key=lambda tie: (-len(tie.cases), tie.reason, tie.value))


def _value(edge: Mapping[str, Any]) -> str:
    """What of a value people can read: hashes they cannot."""
    if edge["reason"] in ("picture", "bio", "certificate", "favicon", "scripts", "by-hand"):
        return ""
    if edge["reason"] == "series":
        return str(edge["value"]).partition("/")[2]
    return str(edge["value"])


def _ordered(cases: Sequence[Mapping[str, Any]]) -> list[str]:
    return [case["case_id"] for case in cases]


def _column(ids: Sequence[str], x: int, width: int, rows: int) -> dict[str, _Box]:
    """Boxes below each other, in the middle of the height."""
    top = _HEAD + _MARGIN + (rows - len(ids)) * _STEP // 2
    return {
        one: _Box(x=x, y=top + place * _STEP, width=width, height=_BOX_HEIGHT)
        for place, one in enumerate(ids)
    }


def _placed(
    ties: Sequence[_Tie], boxes: Mapping[str, _Box], x: int, rows: int
) -> list[tuple[_Tie, _Box]]:
    """Ties in the order in which the cases stand that they tie: fewer lines cross."""

    def height(tie: _Tie) -> tuple[float, str, str]:
        middles = [boxes[case].middle for case in tie.cases]
        return sum(middles) / len(middles), tie.reason, tie.value

    ordered = sorted(ties, key=height)
    top = _HEAD + _MARGIN + (rows - len(ordered)) * _STEP // 2
    return [
        (tie, _Box(x=x, y=top + place * _STEP, width=_TIE_WIDTH, height=_TIE_HEIGHT))
        for place, tie in enumerate(ordered)
    ]


def _lines(tie: _Tie, box: _Box, boxes: Mapping[str, _Box]) -> Iterable[str]:
    colour = _LINES.get(tie.reason, _OTHER_LINE)
    for case in tie.cases:
        end = boxes[case]
        to_left = end.x < box.x
        start_x, end_x = (end.x + end.width, box.x) if to_left else (box.x + box.width, end.x)
        start_y, end_y = (end.middle, box.middle) if to_left else (box.middle, end.middle)
        bend = (start_x + end_x) / 2
        yield (
            f"<path d='M {start_x} {start_y:g} C {bend:g} {start_y:g} {bend:g} {end_y:g} "
            f"{end_x} {end_y:g}' fill='none' stroke='{colour}' stroke-width='1.6'/>"
        )


def _tie(tie: _Tie, box: _Box) -> Iterable[str]:
    colour = _LINES.get(tie.reason, _OTHER_LINE)
    yield (
        f"<rect x='{box.x}' y='{box.y}' width='{box.width}' height='{box.height}' rx='19' "
        f"fill='#ffffff' stroke='{colour}' stroke-width='1.6'/>"
    )
    what = _REASONS.get(tie.reason, tie.reason)
    middle = box.x + box.width / 2
    if not tie.shown:
        yield _words(middle, box.y + 24, what, size=12, anchor="middle", colour=colour)
        return
    yield _words(middle, box.y + 16, what, size=11, anchor="middle", colour=colour)
    yield _words(middle, box.y + 31, tie.shown, size=11, anchor="middle", letters=34)


def _case(case: Mapping[str, Any], box: _Box) -> Iterable[str]:
    fill, line = _COLOURS.get(case["band"], _COLOURS[Band.NONE])
    yield (
        f"<rect x='{box.x}' y='{box.y}' width='{box.width}' height='{box.height}' rx='5' "
        f"fill='{fill}' stroke='{line}' stroke-width='1.4'/>"
    )
    yield _words(box.x + 10, box.y + 16, str(case["subject"]), size=12, bold=True)
    below = f"{case['band']}, {case['score']} of 100, {case['workflow']}; {case['case_id']}"
    yield _words(box.x + 10, box.y + 31, below, size=10, colour=line, letters=60)


def _words(
    x: float, y: float, text: str, *, size: int, bold: bool = False, anchor: str = "start",
    colour: str = "#1a1a1a", letters: int = 0,
) -> str:  # fmt: skip
    weight = " font-weight='bold'" if bold else ""
    limit = letters or (_LETTERS if size <= 12 and bold else 120)
    return (
        f"<text x='{x:g}' y='{y:g}' {_FONT} font-size='{size}'{weight} fill='{colour}' "
        f"text-anchor='{anchor}'>{_text(text, limit)}</text>"
    )


def _text(text: str, limit: int) -> str:
    # No XML may hold these two, and they are no control characters either.
    shown = visible(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    return escape(shown if len(shown) <= limit else shown[: limit - 1] + "…")
