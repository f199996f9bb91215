"""What is no case of a brand's: on its own list, allowed, or a negative word of its.

A handle on the list may end, begin or go on with `*` ("acme_*"), for brands with an account in
each town; whoever writes that says that nobody else can take such a name there. Handles are
compared as the platform itself compares them, permanent ids letter by letter, and never the one
with the other: anybody may take somebody's id as his handle. Where a handle is only claimed, as in
a directory that anybody writes to, it makes nothing the brand's own: the permanent id does.
May import: namaak.brands, namaak.records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from namaak.brands import Brand
from namaak.records import Trust

#: Beside its stars an entry has at least so many letters: "*" alone would own everybody.
LEAST_FIXED = 3
#: Where people may leave these signs out of a handle, or put them in, and reach the same account.
_IGNORED = {"facebook": "."}
#: What follows a short handle when it is written in full.
_FULL = {"bluesky": ".bsky.social"}
#: What no star stands for: beyond it another server, or another domain, gives out the names.
_BORDERS = {"bluesky": "."}
_BORDER = "@"

#: Permanent ids that are known by their look, letter case aside.
_IDS = {
    "bluesky": re.compile(r"did:[a-z]+:\S+", re.IGNORECASE),
    "mastodon": re.compile(r"https?://\S+", re.IGNORECASE),
    "youtube": re.compile(r"UC[\w-]{22}", re.IGNORECASE | re.ASCII),
    "reddit": re.compile(r"t[25]_[a-z0-9]+", re.IGNORECASE),
    "tripadvisor": re.compile(r"d[0-9]+", re.IGNORECASE),
    "tumblr": re.compile(r"t:\S+", re.IGNORECASE),
}
#: Elsewhere; "123" is a handle on the platforms above.
_NUMBER = re.compile(r"[0-9]+")
#: Where ids have a look of their own; what has it not is no id there.
_NUMBERED = frozenset(
    {"x", "instagram", "threads", "facebook", "linkedin", "tiktok", "github", "twitch",
     "pinterest", "wordpress", "wikipedia", "telegram", "discord"}
)  # fmt: skip
#: A server's own address of an account that holds its handle.
_ACTOR = re.compile(r"https://([^/@]+)/(?:users/|@)([^/@]+)", re.IGNORECASE)
_CLAIMS = frozenset({Trust.UNAUTHENTICATED, Trust.EXISTENCE})


def suppressed_as(brand: Brand, seen: Mapping[str, object], negative: str | None) -> str | None:
    """Why this is no case of the brand's, as a sentence's end; None when nothing says so.

    seen: the columns host, platform, native_id and handle of an observation, and trust where it has
    one. negative: the brand's negative word that the name holds there.
    """
    host, platform = seen["host"], seen["platform"]
    if isinstance(host, str):
        for domain in brand.domains:
            if _under(host, domain):
                return f"the brand's own domain {domain}"
    native_id = seen["native_id"] if isinstance(seen["native_id"], str) else None
    handle = seen["handle"] if isinstance(seen["handle"], str) else None
    if handle and native_id and seen.get("trust") in _CLAIMS and not _holds(native_id, handle):
        handle = None
    if isinstance(platform, str):
        if own_account(brand, platform, handle, native_id):
            return f"the brand's own account on {platform}"
        if own_app(brand, platform, native_id):
            return f"the brand's own app in {platform}"
    for rule in brand.allow:
        allowed_on, _, entry = rule.asset.partition(":")
        # Rules are kept in lower case, ids too.
        known = allowed_on == platform and _names(
            entry, allowed_on, handle, native_id and native_id.casefold()
        )
        if known or (isinstance(host, str) and _under(host, rule.asset)):
            return f"allowed until {rule.until} by {rule.author}: {rule.reason}"
    return f"a negative word of the brand, {negative}" if negative else None


def _under(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def own_account(
    brand: Brand, platform: str, handle: str | None, native_id: str | None
) -> str | None:
    """The entry of the brand's list that names this account; None where none does.

    handle: None where it is not known for sure.
    """
    entries = brand.accounts.get(platform, ())
    return next((one for one in entries if _names(one, platform, handle, native_id)), None)


def _names(entry: str, platform: str, handle: str | None, native_id: str | None) -> bool:
    """Whether an entry is that permanent id, or else that handle."""
    looks = _IDS.get(platform)
    if (looks or _NUMBER).fullmatch(entry):
        return entry == native_id
    if handle and is_handle(entry, handle, platform):
        return True
    # What ids look like is not known everywhere.
    return looks is None and platform not in _NUMBERED and entry == native_id


def _holds(native_id: str, handle: str) -> bool:
    """Whether the id itself says the handle, so that who has the one has the other."""
    actor = _ACTOR.fullmatch(native_id)
    return actor is not None and f"{actor[2]}@{actor[1]}".lower() == handle.lower()


def own_app(brand: Brand, store: str, native_id: str | None) -> str | None:
    """The entry of the brand's list that names this app; ids are compared letter by letter."""
    return next((entry for entry in brand.apps.get(store, ()) if entry == native_id), None)


def is_handle(entry: str, handle: str, platform: str) -> bool:
    """Whether an entry of a list, perhaps with `*`, is this handle on that platform.

    >>> is_handle("acme_*", "ACME_Utrecht", "x"), is_handle("acme_*", "acmeutrecht", "x")
    (True, False)
    """
    return bool(_pattern(entry, platform).fullmatch(_folded(handle, platform)))


@lru_cache(maxsize=4096)
def _pattern(entry: str, platform: str) -> re.Pattern[str]:
    # One star is as good as several, and keeps a pattern from trying every way to part a handle.
    fixed = entry.removesuffix(_FULL.get(platform, ""))
    entry = re.sub(r"\*+", "*", _folded(entry, platform))
    parts = entry.split("*") if sum(map(str.isalnum, fixed)) >= LEAST_FIXED else [entry]
    any_name = f"[^{re.escape(_BORDER + _BORDERS.get(platform, ''))}]*"
    first, *others = map(re.escape, parts)
    # Who holds a domain gives out every name below it.
    if others and not first and parts[1].startswith("."):
        first, others = f"[^{_BORDER}]*{others[0]}", others[1:]
    return re.compile(any_name.join((first, *others)))


def _folded(handle: str, platform: str) -> str:
    # Not casefold: to a platform acmestraße is not acmestrasse. And a letter beyond ASCII whose
    # small one is in it (the Kelvin sign) is not that letter to them.
    folded = "".join(
        low if (low := sign.lower()).isascii() == sign.isascii() else sign
        for sign in handle.removeprefix("@")
    )
    for sign in _IGNORED.get(platform, ""):
        folded = folded.replace(sign, "")
    full = _FULL.get(platform)
    return folded + full if full and "." not in folded else folded
