"""The case report: one self-contained page for a person, on screen or on paper.

It is opened by lawyers and registrars on machines of theirs, and most of its words come from
an impersonator. So it loads nothing, runs nothing and links nowhere (a content policy says
so to the browser as well), pictures are encoded anew, and characters that hide, reverse or
pile up are spelled out.
Pure: facts in, HTML out; the caller passes `now`.
May import: namaak.casework.evidence.{alignment, comparison, fonts, gone, log_entries, reported}.
"""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from namaak.casework.evidence.alignment import (
    UNICODE_VERSION,
    Operation,
    a_labels,
    aligned,
    character_name,
    code_point,
)
from namaak.casework.evidence.comparison import HASH_BITS, Comparison
from namaak.casework.evidence.fonts import covers
from namaak.casework.evidence.gone import FoundDown
from namaak.casework.evidence.log_entries import LogEntry
from namaak.casework.evidence.reported import MOST_SHOWN, Reported

#: Rows of each kind that a page bears; the rest is counted, and whole in the pack's files.
MAX_MATCHES, MAX_OBSERVATIONS, MAX_EVENTS = 6, 12, 20
MAX_LOGGED, MAX_NAMES = 12, 8
#: Code points of one text that the page shows.
MAX_TEXT = 240
#: The same of what a reporter wrote, which is there to be read.
MAX_NOTE = 1_500

#: Marks on one letter that are still writing; more is a pile that covers other lines.
_MAX_MARKS = 2
#: Printed as nothing, though their category is that of a letter, mark or symbol.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_OPERATION_WORDS = {
    Operation.SAME: "same",
    Operation.CASE: "other case",
    Operation.FOLDED: "same letter, other form",
    Operation.REPLACED: "replaced",
    Operation.ADDED: "added",
    Operation.MISSING: "left out",
    Operation.SWAPPED: "swapped",
    Operation.OUTSIDE: "beside it",
}

#: Columns of an observation that say what was seen, in the order in which they are told.
_SEEN_COLUMNS = (
    "host",
    "platform",
    "handle",
    "display_name",
    "bio",
    "url",
    "developer",
    "native_id",
    "followers",
    "created_at",
    "source_time",
    "image_name",
    "image_sha256",
    "screenshot_sha256",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One visit of the page, as the report shows it."""

    row: Mapping[str, object]  #: of `captures`
    folder: str  #: its name in the pack
    picture: bytes | None  #: PNG: what a visitor saw first, encoded anew
    sha256: str | None  #: of the picture in the pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that the page tells. Texts are as seen: making them harmless is this file's work."""

    case: Mapping[str, object]
    signals: Sequence[Mapping[str, object]]
    matches: Sequence[Mapping[str, object]]
    events: Sequence[Mapping[str, object]]
    observations: Sequence[Mapping[str, object]]
    comparison: Comparison
    missing: Sequence[Mapping[str, str]]  #: `what` and `reason`
    files: Sequence[tuple[str, str]]  #: path in the pack and SHA-256 of every other payload file
    organisation: str | None
    contact: str
    version: str
    reported: Sequence[Reported] = ()
    captures: Sequence[Captured] = ()
    logged: Sequence[LogEntry] = ()  #: certificates of the host
    actions: Sequence[Mapping[str, object]] = ()  #: rows of `actions`, oldest first
    down: FoundDown | None = None  #: None: it is not known to be gone
    language: str = "en"  #: of the first label of each pair: "en" or "nl"


def render(report: Report, *, now: datetime) -> str:
    """The page as HTML. now: aware, when the pack is made."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "shown": shown,
        "note": lambda text: shown(text, most=MAX_NOTE),
        "utc": utc,
        "minute": _minute,
        "picture": _picture_address,
        "policy_hash": _policy_hash,
        "signed": lambda number: f"{number:+.2f}",
    }
    texts = [match for match in report.matches if match["field"] != "image"]
    strongest = sorted(
        texts, key=lambda match: (match["suppressed"] is not None, -_number(match["strength"]))
    )
    return environment.get_template("report.html.jinja").render(
        report=report,
        case=report.case,
        comparison=report.comparison,
        hash_bits=HASH_BITS,
        unicode_version=UNICODE_VERSION,
        now=now,
        now_text=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        captures=report.captures,
        logged=report.logged[:MAX_LOGGED],
        logged_left=max(0, len(report.logged) - MAX_LOGGED),
        most_names=MAX_NAMES,
        actions=report.actions,
        alignments=[_alignment(match) for match in strongest[:MAX_MATCHES]],
        alignments_left=max(0, len(strongest) - MAX_MATCHES),
        bars=_bars(report.signals),
        reports=report.reported[-MOST_SHOWN:],
        reports_left=max(0, len(report.reported) - MOST_SHOWN),
        observations=[_observation(row) for row in report.observations[:MAX_OBSERVATIONS]],
        observations_left=max(0, len(report.observations) - MAX_OBSERVATIONS),
        events=[_event(row) for row in report.events[-MAX_EVENTS:]],
        events_left=max(0, len(report.events) - MAX_EVENTS),
    )


def shown(text: object, *, most: int = MAX_TEXT) -> Markup:
    """Foreign text for a page: escaped, isolated from the text around it, nothing hidden.

    Characters that cannot be seen, or that change how others are read, become their symbol
    or code point in a box.
    """
    whole = str(text)
    parts: list[Markup | str] = []
    marks = 0
    for character in whole[:most]:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MAX_MARKS or _is_hidden(character, category):
            parts.append(_boxed(character))
        elif not covers(character):
            parts.append(_printable(character))
        else:
            parts.append(character)
    more = len(whole) - most
    tail = Markup(' <span class="cp">… {} more</span>').format(more) if more > 0 else Markup()
    return Markup("<bdi>{}</bdi>").format(Markup().join(parts)) + tail


def utc(moment: object) -> str:
    """`2026-11-21 22:44 UTC`; a moment without zone is UTC; a dash for none."""
    if not isinstance(moment, datetime):
        return "–" if moment is None else str(moment)
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.strftime("%Y-%m-%d %H:%M UTC")


def _minute(text: object) -> str | Markup:
    """`utc` of a time as the history writes it; as it stands where it is none."""
    try:
        return utc(datetime.fromisoformat(str(text)))
    except ValueError:
        return shown(text)


def _is_hidden(character: str, category: str) -> bool:
    if category in _UNSEEN or character in _BLANKS:
        return True
    if category == "Zs":
        return character != " "
    # Variation selectors, the old ones of Mongolian included.
    number = ord(character)
    return 0xFE00 <= number <= 0xFE0F or 0xE0100 <= number <= 0xE01EF or 0x180B <= number <= 0x180F


def _boxed(character: str) -> Markup:
    """The code point in a box; control characters with their picture before it."""
    number = ord(character)
    picture = "␡ " if number == 0x7F else chr(0x2400 + number) + " " if number < 0x20 else ""
    return Markup('<span class="cp">{}</span>').format(picture + code_point(character))


def _printable(character: str) -> Markup:
    """As it is on screen; on paper its code point, because paper bears only our fonts."""
    return Markup('<span class="scr">{}</span><span class="cp prn">{}</span>').format(
        character, code_point(character)
    )


def _alignment(match: Mapping[str, object]) -> dict[str, object]:
    alignment = aligned(match)
    return {
        "match": match,
        "alignment": alignment,
        "written": a_labels(alignment.value) if match["field"] == "host" else alignment.value,
        "steps": [
            {
                "kind": step.operation.value,
                "word": _OPERATION_WORDS[step.operation],
                "value": None if step.value is None else _cell(step.value),
                "term": None if step.term is None else _cell(step.term),
            }
            for step in alignment.steps
        ],
        "differences": [
            {
                "position": None if step.value_index is None else step.value_index + 1,
                "word": _OPERATION_WORDS[step.operation],
                "value": None if step.value is None else _named(step.value),
                "term": None if step.term is None else _named(step.term),
            }
            for step in alignment.differences
        ],
    }


def _cell(character: str) -> Markup:
    """One character in a cell of its own; a mark gets the dotted circle it is shown on."""
    if character == " ":
        return Markup('<span class="cp">␣</span>')
    marked = unicodedata.category(character) in ("Mn", "Me", "Mc")
    return shown("\u25cc" + character if marked else character)


def _named(character: str) -> dict[str, object]:
    return {
        "cell": _cell(character),
        "code_point": code_point(character),
        "name": character_name(character),
    }


def _bars(signals: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Signals with a bar each: x and width in a box 200 wide whose zero is at 100."""
    widest = max((abs(_number(signal["contribution"])) for signal in signals), default=0.0)
    bars: list[dict[str, object]] = []
    for signal in signals:
        value = _number(signal["contribution"])
        width = round(98 * abs(value) / widest, 1) if widest else 0.0
        bars.append(
            {
                "signal": signal,
                "value": value,
                "x": 100.0 if value >= 0 else round(100 - width, 1),
                "width": width,
                "side": "for" if value >= 0 else "against",
            }
        )
    return bars


def _observation(row: Mapping[str, object]) -> dict[str, object]:
    seen = [(name, row.get(name)) for name in _SEEN_COLUMNS]
    return {
        "row": row,
        "seen": [
            (name.replace("_", " "), utc(value) if isinstance(value, datetime) else value)
            for name, value in seen
            if value is not None
        ],
    }


def _event(row: Mapping[str, object]) -> dict[str, object]:
    return {"row": row, "facts": _event_facts(str(row["data"] or ""))}


def _event_facts(data: str) -> list[tuple[str, str]]:
    """The event's JSON object as pairs; what is no object is told as it is."""
    try:
        facts = json.loads(data) if data else {}
    except ValueError:
        facts = data
    if not isinstance(facts, dict):
        return [("data", data)]
    return [
        (str(name), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in facts.items()
        if value not in (None, "", [], {})
    ]


def _number(value: object) -> float:
    return float(str(value))


def _picture_address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _policy_hash(style: str) -> Markup:
    """What the content policy allows: this very style sheet and no other."""
    digest = base64.b64encode(hashlib.sha256(str(style).encode()).digest()).decode("ascii")
    return escape(f"sha256-{digest}")
