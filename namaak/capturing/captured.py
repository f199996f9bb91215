"""What a visit to a page gave, and how much it was allowed to take.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CaptureOutcome(StrEnum):
    """What came of a visit. Only `OK` shows the page as visitors see it."""

    OK = "ok"
    BLOCKED = "blocked"  #: refused to us, or hidden behind a warning of its host
    GEO = "geo"  #: not shown to visitors from here
    CAPTCHA = "captcha"  #: a test whether we are people; nobody took it
    DEAD = "dead"  #: nothing is there: no such name, no server, no such page, taken down
    FAILED = "failed"  #: not known: our own rules, no answer in time, a crash


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one visit, everything that the page loads."""

    seconds: float = 45.0  #: from the first request to the last picture
    max_bytes: int = 50 << 20  #: carried both ways, and kept in the archive
    max_requests: int = 500
    max_height: int = 12_000  #: CSS pixels of the picture of the whole page
    max_dom: int = 8 << 20  #: bytes of HTML after scripts ran
    max_memory: int = 1536 << 20  #: of all processes of the browser together


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Everything that one visit gave; partial where it ended early. `document` says why."""

    document: Mapping[str, Any]  #: capture.json, see docs/reference/capture.md; no floats
    outcome: CaptureOutcome
    wacz: bytes | None = None
    warc: bytes | None = None  #: only where it could not be packed: gzip by record
    full_png: bytes | None = None
    view_png: bytes | None = None
    dom: bytes | None = None  #: UTF-8
    text: bytes | None = None  #: UTF-8
    tls_pem: bytes | None = None
    log_proofs: bytes | None = None  #: what certificate logs were asked beside the visit

    def files(self) -> dict[str, bytes]:
        """What there is, by the name that it has in evidence packs."""
        named = {
            "capture.wacz": self.wacz,
            "capture.warc.gz": self.warc,
            "screenshot-full.png": self.full_png,
            "screenshot-view.png": self.view_png,
            "dom.html": self.dom,
            "text.txt": self.text,
            "tls.pem": self.tls_pem,
            "ct-proofs.json": self.log_proofs,
        }
        return {name: content for name, content in named.items() if content is not None}
