"""A page of a case visited once, as evidence: what servers sent, how it looked, how it was done.

`taking` opens the door, lets a browser in a process of its own visit the page, and puts together
what came; `warc` and `packing` make of it what others replay, `judging` says what came of it,
`document` writes down the method, `keeping` stores it.
May import: namaak.capturing.*, at first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from namaak.capturing.captured import Captured, CaptureOutcome, Limits
    from namaak.capturing.places import Place
    from namaak.capturing.taking import capture, lacking

_WHERE = {
    "CaptureOutcome": "captured",
    "Captured": "captured",
    "Limits": "captured",
    "Place": "places",
    "capture": "taking",
    "lacking": "taking",
}
__all__ = ["CaptureOutcome", "Captured", "Limits", "Place", "capture", "lacking"]


def __getattr__(name: str) -> Any:
    """At first use: the process that drives the browser needs none of them."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
