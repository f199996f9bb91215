"""What a host that matched looks like from outside: asked politely, answered with time and vantage.

`findings` holds the nouns, `facts` the keys of every answer, `intervals` when to ask again,
`standing` what the answers say about whether the thing is alive. One file asks for each aspect
(`dns`, `rdap`, `network`, `certificate`, `page`, `screenshot`); `enricher` asks in order and stops
early. HTML of strangers is parsed in processes that may do nothing else (`confined`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from namaak.enriching.enricher import Enricher
    from namaak.enriching.findings import Aspect, Finding, Kept, Outcome

__all__ = ["Aspect", "Enricher", "Finding", "Kept", "Outcome"]


def __getattr__(name: str) -> Any:
    """At first use: commands that read findings need no network library, and a process that reads
    one page needs neither."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "enricher" if name == "Enricher" else "findings"
    return getattr(import_module(f"{__name__}.{module}"), name)
