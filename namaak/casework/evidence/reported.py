"""What people reported of a case's subject: when they saw it, their words, their screenshots.

All of it is a stranger's: words are escaped by whoever shows them, and of a screenshot only plain
pixels, encoded anew, are shown. It is never compared with the logo, which the brand's own site
bears, too.
Pure: rows and bytes in, facts out; the caller passes the decoder.
May import: detectors.images, namaak.casework.evidence.comparison and overlay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from detectors.images.picture import Undecodable
from namaak.casework.evidence.comparison import Decode
from namaak.casework.overlay import png, shrunk

#: Reports whose screenshots are encoded anew, the last ones; the originals of all are kept.
MOST_SHOWN = 12
_THUMBNAIL = 480  # pixels, the longer side: words of a telephone's screen can be read
_ABSENT = "It is not in the lake any more."
_CHANGED = "The lake holds other bytes than were reported; see to its disk."


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenshot:
    """What somebody saw and kept."""

    sha256: str  #: of the original bytes, as they were reported
    original: bytes | None
    png: bytes | None  #: as people see it, no metadata
    thumbnail: bytes | None  #: PNG
    problem: str | None  #: why it is not kept or not shown, as a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One report, as it was handed in."""

    seen_at: datetime | None  #: what the reporter says
    gathered_at: object  #: when namaak read it
    link: str | None
    note: str | None
    screenshot: Screenshot | None


def reported(
    observations: Sequence[Mapping[str, object]],
    screenshots: Mapping[str, bytes],
    *,
    decode: Decode,
) -> list[Reported]:
    """Those of the observations that somebody reported, in the order given.

    screenshots: the original bytes by SHA-256. Never raises on bad bytes.
    """
    rows = [row for row in observations if row["source"] == "intake"]
    first_shown = max(0, len(rows) - MOST_SHOWN)
    made: dict[str, Screenshot] = {}
    found = []
    for place, row in enumerate(rows):
        words = words_of(row.get("raw"))
        sha256 = row.get("screenshot_sha256")
        if isinstance(sha256, str) and (sha256 not in made or place >= first_shown):
            made[sha256] = _screenshot(
                sha256, screenshots.get(sha256), decode if place >= first_shown else None
            )
        seen_at = row.get("source_time")
        found.append(
            Reported(
                seen_at=seen_at if isinstance(seen_at, datetime) else None,
                gathered_at=row["observed_at"],
                link=_text(row.get("url")) or _text(words.get("link")),
                note=_text(words.get("note")),
                screenshot=made[sha256] if isinstance(sha256, str) else None,
            )
        )
    return found


def _screenshot(sha256: str, content: bytes | None, decode: Decode | None) -> Screenshot:
    """decode: None where it is kept and not shown."""
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        why = _ABSENT if content is None else _CHANGED
        return Screenshot(sha256=sha256, original=None, png=None, thumbnail=None, problem=why)
    whole: bytes | None = None
    thumbnail: bytes | None = None
    problem: str | None = None
    if decode is not None:
        decoded = decode(content)
        if isinstance(decoded, Undecodable):
            problem = f"It is kept and not shown: {decoded.reason}."
        else:
            pixels = decoded.frames[0].pixels if decoded.large is None else decoded.large
            whole, thumbnail = png(pixels), png(shrunk(pixels, _THUMBNAIL))
    return Screenshot(
        sha256=sha256, original=content, png=whole, thumbnail=thumbnail, problem=problem
    )


def words_of(raw: object) -> Mapping[str, object]:
    """The row as it was reported; nothing where it is no object of JSON."""
    try:
        found = json.loads(raw) if isinstance(raw, str) else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
