"""How long one host is asked for pages that somebody knows of it.

A host decides how long each answer takes. One that keeps silent would hold up a look at all the
others by the time-outs of every address, each by https and by http; who is asked no more is never
taken for gone, since nothing was heard.
May import: namaak.enriching.findings.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from namaak.enriching.findings import Finding, Outcome

#: One may be a packet that was lost; two are a minute each where neither way of asking answers.
_MOST_TIMEOUTS = 2


class Patience:
    """Of one host, from one place. For one event loop."""

    def __init__(self, until: float | None) -> None:
        """until: by the clock of the event loop; None: as long as it takes."""
        self.until = until
        self._timeouts: Counter[str] = Counter()

    def took(self, host: str, page: Finding) -> None:
        """What came of asking this name for a page."""
        if page.outcome is Outcome.TIMEOUT:
            self._timeouts[host] += 1
        else:
            self._timeouts[host] = 0

    def is_over(self, host: str) -> str | None:
        """Why this name is not asked any more, completing "it ..."; None where it is."""
        if self._timeouts[host] >= _MOST_TIMEOUTS:
            return f"was not asked for: its server timed out {_MOST_TIMEOUTS} times in a row"
        if self.until is not None and asyncio.get_running_loop().time() >= self.until:
            return "was not asked to its end: looking at this host took too long"
        return None
