"""Links in what people paste: one a line, or in the midst of a mail.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re

#: Words of a sentence that are meant as links or as accounts.
_LINKLIKE = re.compile(
    r"[a-z][a-z0-9+.-]*://\S+|www\.\S+|@[\w.-]+@\S+\.\S+|did:(?:plc|web):\S+"
    r"|(?:[a-z0-9-]+\.)+[a-z]{2,24}/\S+",
    re.IGNORECASE,
)
#: More links than a line of a mail holds.
MOST_PER_LINE = 50
_AROUND = "<>\"'`()[]{},;|"
_AFTER = f"{_AROUND}.:!?"


def links_in(line: str) -> tuple[str, ...]:
    """A line of one word is that word; of a sentence, the words that look like links.

    >>> links_in("See https://x.com/acme and (www.tiktok.com/@acme), please.")
    ('https://x.com/acme', 'www.tiktok.com/@acme')
    >>> links_in("acme@social.example"), links_in("# a comment")
    (('acme@social.example',), ())
    """
    if line.lstrip().startswith("#"):
        return ()
    words = line.split()
    if len(words) == 1:
        return (words[0],)
    stripped = (word.lstrip(_AROUND).rstrip(_AFTER) for word in words)
    found = [word for word in stripped if _LINKLIKE.fullmatch(word)]
    return tuple(dict.fromkeys(found[:MOST_PER_LINE]))
