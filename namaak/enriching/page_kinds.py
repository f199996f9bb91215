"""Whether a page is somebody's site, or a bot wall, a parked name, a server's default page.

A page that asks for a password or a card is a site whatever it says: a sign written by the other
side may raise suspicion, never lower it; and whoever writes a page chooses its kind, so that
something is gone is told by namaak.enriching.recognised alone. Signs: tables/page_kinds.toml.
May import: namaak.enriching.reading.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from namaak.enriching.reading import Reading

#: Code points of visible text up to which its words are taken for what the page is about.
_SHORT = 4_000
#: What browsers show nothing of: no mark stands there.
_UNSHOWN = re.compile(rb"<!--.*?(?:-->|\Z)|<(noscript|template)\b.*?(?:</\1\s*>|\Z)", re.S)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a page is, and by which signs."""

    kind: str
    reasons: tuple[str, ...]


@cache
def kinds_table() -> tuple[str, tuple[dict[str, Any], ...]]:
    """Version and signs, in the order in which they are tried."""
    text = files("namaak.enriching").joinpath("tables/page_kinds.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    version = f"{table['version']}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
    return version, tuple(table["kind"])


def kind_of(
    reading: Reading | None, *, status: int, headers: Mapping[str, str], body: bytes
) -> Kind:
    """reading: None where the answer is no HTML. headers: names in any case. Pure."""
    asks = reading is not None and any(
        form.password or "card" in form.fields for form in reading.forms
    )
    if asks:
        return Kind("content", ())
    html = _UNSHOWN.sub(b"", body.lower())
    for signs in kinds_table()[1]:
        reasons = tuple(_reasons(signs, reading, status, headers, html))
        if reasons:
            return Kind(signs["kind"], (signs["says"], *reasons))
    if status >= 400:
        return Kind("error", (f"HTTP {status}",))
    if reading is None:
        return Kind("not-html" if body else "empty", ())
    if not reading.text_length and not reading.resources and not reading.script_sends_to:
        return Kind("empty", ("nothing to see and nothing loaded",))
    return Kind("content", ())


def _reasons(
    signs: Mapping[str, Any],
    reading: Reading | None,
    status: int,
    headers: Mapping[str, str],
    html: bytes,
) -> Iterator[str]:
    if status in signs.get("statuses", ()):
        yield f"HTTP {status}"
    for sign in signs.get("headers", ()):
        name, _, start = sign.partition(":")
        given = headers.get(name)
        if given is not None and given.lower().startswith(start.strip()):
            yield f"header {name}"
    if reading is None:
        return
    title = (reading.title or "").lower()
    for sign in signs.get("titles", ()):
        if _is_titled(title, sign):
            yield f"title: {title[:80]}"
    if reading.text_length <= _SHORT:
        text = reading.text.lower()
        for sign in signs.get("phrases", ()):
            if sign in text or sign in title:
                yield f"says: {sign}"
        for sign in signs.get("marks", ()):
            if sign.encode() in html:
                yield f"holds: {sign}"


def _is_titled(title: str, sign: str) -> bool:
    """A star at either end stands for anything.

    >>> _is_titled("acme.example is for sale", "* is for sale"), _is_titled("sale", "sales*")
    (True, False)
    """
    middle = sign.strip("*")
    match sign.startswith("*"), sign.endswith("*"):
        case True, True:
            return middle in title
        case True, False:
            return title.endswith(middle)
        case False, True:
            return title.startswith(middle)
    return title == middle
