"""Whether a page is surely a service's own, and nothing else: the only pages that say "gone".

A sign that the other side writes must not end a case. So it is not asked what stands in a page,
but whether anything more could be in it: scripts, fields, frames, pictures, a way to get in touch.
A faithful copy of such a page that holds nothing else is not told from it. Signs:
tables/recognised.toml.
Pure. May import: namaak.enriching.reading.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from namaak.enriching.reading import Reading

#: A telephone number, an e-mail address or an address to type: what a trap without a form needs.
_WAY_TO_REACH = re.compile(r"\d(?:[ ().+/-]{0,3}\d){6,}|@|://")
_ERRORS = frozenset({404, 410})
#: These make another page of what was sent, whatever stands in it.
_TELLING_HEADERS = ("refresh", "link")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    name: str
    kind: str
    allows: frozenset[str]
    loads: frozenset[str]
    links: frozenset[str]
    #: Empty: any that gave it its kind.
    titles: frozenset[str]
    texts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedTable:
    """The shipped signs."""

    version: str
    max_bytes: int
    max_text: int
    max_error_text: int
    error_words: tuple[str, ...]
    pages: tuple[_Page, ...]


@cache
def recognised_table() -> RecognisedTable:
    """Read once."""
    text = files("namaak.enriching").joinpath("tables/recognised.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    sets = ("allows", "loads", "links", "titles", "texts")
    return RecognisedTable(
        version=f"{table['version']}-{hashlib.sha256(text.encode()).hexdigest()[:6]}",
        max_bytes=table["max_bytes"],
        max_text=table["max_text"],
        max_error_text=table["max_error_text"],
        error_words=tuple(table["error_words"]),
        pages=tuple(
            _Page(
                name=row["name"],
                kind=row["kind"],
                **{key: frozenset(row.get(key, ())) for key in sets},
            )
            for row in table["page"]
        ),
    )


def recognised(
    reading: Reading | None, *, kind: str, status: int, headers: Mapping[str, str], body: bytes
) -> str | None:
    """Which page it is; None where it may be more than one of these. headers: names in any case.

    kind: as page_kinds has it.
    """
    table = recognised_table()
    if len(body) > table.max_bytes or any(headers.get(name) for name in _TELLING_HEADERS):
        return None
    if reading is None:
        # Browsers show what is no HTML too; only of mere text is it known what they show.
        media_type = (headers.get("content-type") or "").partition(";")[0].strip().lower()
        is_text = media_type == "text/plain" and body.isascii()
        bare = not body or (is_text and _is_error_text("", body.decode("ascii")))
        return "a bare error" if bare and kind == "error" and status in _ERRORS else None
    title, text = _folded(reading.title or ""), _folded(reading.text)
    if reading.text_length > table.max_text or reading.mentions:
        return None
    if _WAY_TO_REACH.search(f"{title} {text}"):
        return None
    if kind == "error":
        is_bare = status in _ERRORS and not reading.active and _is_error_text(title, text)
        return "a bare error" if is_bare else None
    for page in table.pages:
        if page.kind == kind and _is_page(page, reading, title, text):
            return page.name
    return None


def _is_page(page: _Page, reading: Reading, title: str, text: str) -> bool:
    return (
        page.allows.issuperset(reading.active)
        and page.loads.issuperset(reading.resources)
        and page.links.issuperset(reading.links)
        and (not page.titles or title in page.titles)
        and (not page.texts or text in page.texts)
    )


def _is_error_text(title: str, text: str) -> bool:
    table = recognised_table()
    if len(text) + len(title) > table.max_error_text or _WAY_TO_REACH.search(text):
        return False
    both = f"{title} {text}".lower()
    return not text or any(word in both for word in table.error_words)


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
