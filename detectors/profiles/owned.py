"""What is no case of a brand's: on its own list, allowed, or a negative word of its.

A handle on the list may end, begin or go on with `*` ("acme_*"), for brands with an account in
each town; whoever writes that says that nobody else can take such a name there. Handles are
compared as the platform itself compares them, permanent ids letter by letter.
May import: namaak.brands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from namaak.brands import Brand

#: Beside its stars an entry has at least so many letters: "*" alone would own everybody.
LEAST_FIXED = 3
#: Where people may leave these signs out of a handle, or put them in, and reach the same account.
_IGNORED = {"facebook": "."}
#: What follows a short handle when it is written in full.
_FULL = {"bluesky": ".bsky.social"}


def suppressed_as(brand: Brand, seen: Mapping[str, object], negative: str | None) -> str | None:
    """Why this is no case of the brand's, as a sentence's end; None when nothing says so.

    negative: the brand's negative word that the name holds there.
    """
    host, platform, handle = seen["host"], seen["platform"], seen["handle"]
    native_id = seen["native_id"]
    if isinstance(host, str):
        for domain in brand.domains:
            if _under(host, domain):
                return f"the brand's own domain {domain}"
    named = [one for one in (handle, native_id) if isinstance(one, str)]
    if isinstance(platform, str):
        own_id = native_id if isinstance(native_id, str) else None
        if own_account(brand, platform, handle if isinstance(handle, str) else None, own_id):
            return f"the brand's own account on {platform}"
        if own_app(brand, platform, own_id):
            return f"the brand's own app in {platform}"
    for rule in brand.allow:
        allowed_on, _, entry = rule.asset.partition(":")
        known = allowed_on == platform and any(is_handle(entry, one, allowed_on) for one in named)
        if known or (isinstance(host, str) and _under(host, rule.asset)):
            return f"allowed until {rule.until} by {rule.author}: {rule.reason}"
    return f"a negative word of the brand, {negative}" if negative else None


def _under(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def own_account(
    brand: Brand, platform: str, handle: str | None, native_id: str | None
) -> str | None:
    """The entry of the brand's list that names this account; None where none does."""
    for entry in brand.accounts.get(platform, ()):
        if native_id is not None and entry == native_id:
            return entry
        if handle and is_handle(entry, handle, platform):
            return entry
    return None


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
    entry = re.sub(r"\*+", "*", _folded(entry, platform))
    parts = entry.split("*") if sum(map(str.isalnum, entry)) >= LEAST_FIXED else [entry]
    return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)


def _folded(handle: str, platform: str) -> str:
    folded = handle.removeprefix("@").casefold()
    for sign in _IGNORED.get(platform, ""):
        folded = folded.replace(sign, "")
    full = _FULL.get(platform)
    return folded + full if full and "." not in folded and not folded.endswith("*") else folded
