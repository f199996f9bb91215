"""One spelling for each platform and store, wherever its name comes from.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

_OTHER_NAMES = {"twitter": "x", "x.com": "x", "twitter.com": "x"}


def fold_platform(name: str) -> str:
    """Lower case, hyphens for spaces, today's name.

    >>> fold_platform("Twitter"), fold_platform("Google Play")
    ('x', 'google-play')
    """
    folded = "-".join(name.lower().split())
    return _OTHER_NAMES.get(folded, folded)
