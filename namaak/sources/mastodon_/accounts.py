"""An account as Mastodon's API gives it, read as a profile.

Pure. May import: namaak.records, namaak.sources.profiles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from namaak.records import Flag, SubjectState, Trust
from namaak.sources.profiles.answers import as_raw, count_of, moment_of, object_of, text_of
from namaak.sources.profiles.html_text import HtmlText, read_html
from namaak.sources.profiles.profile import Profile

_MOST_FIELDS = 20
#: What servers show for an account that has no picture.
_NO_PICTURE = ("/missing.png", "/avatars/original/missing", "/headers/original/missing")


def read_account(row: Mapping[str, Any], *, host: str, domain: str, watched: bool) -> Profile:
    """host: of the server that was asked; domain: behind the "@" of its own accounts.

    watched: the operator named this server. Any other is asked about its own accounts only, and
    whoever runs it may be the impostor: all that it says is a claim, so that it proves no link, no
    age and no state. Raises ValueError with what is wrong.
    """
    acct = text_of(row, "acct")
    actor = text_of(row, "uri")
    if acct is None:
        raise ValueError("acct: is missing")
    if actor is None:
        raise ValueError("uri: is missing, so that nothing says who it is")
    name, _, elsewhere = acct.lstrip("@").partition("@")
    is_local = not elsewhere or elsewhere.lower() in (domain, host)
    if is_local and _host(actor) not in ((host, domain) if watched else (host,)):
        raise ValueError("uri: is that of another server, for an account of its own")
    if not is_local and not watched:
        raise ValueError("acct: is of another server than the one that was asked")
    # Only who is known to speak the truth, and speaks of its own.
    trusted = is_local and watched
    fields = list(_fields(row))
    note = read_html(text_of(row, "note") or "")
    gone = row.get("suspended") is True
    return Profile(
        native_id=actor.strip(),
        handle=f"{name}@{elsewhere or domain}",
        display_name=text_of(row, "display_name"),
        bio="\n".join(filter(None, (note.text, *(said for said, _, _ in fields)))) or None,
        url=text_of(row, "url"),
        followers=count_of(row, "followers_count"),
        following=count_of(row, "following_count"),
        posts=count_of(row, "statuses_count"),
        # Of others' accounts it is the day on which this server first met them.
        created_at=moment_of(row, "created_at") if trusted else None,
        links=(*note.links, *(link for _, value, _ in fields for link in value.links)),
        proved_links=tuple(
            link for _, value, proved in fields if proved and trusted for link in value.links
        ),
        flags=_flags(row, is_local=is_local),
        state=_state(gone=gone, trusted=trusted),
        avatar_url=_picture(row, "avatar_static", "avatar"),
        banner_url=_picture(row, "header_static", "header"),
        trust=Trust.PLATFORM if trusted else Trust.UNAUTHENTICATED,
        whole=trusted,
        raw=as_raw(row),
    )


def _fields(row: Mapping[str, Any]) -> Iterator[tuple[str, HtmlText, bool]]:
    """The rows under a note: as a line of text, what the value says, whether it links back."""
    listed = row.get("fields")
    for one in listed[:_MOST_FIELDS] if isinstance(listed, list) else ():
        if isinstance(one, dict):
            value = read_html(text_of(one, "value") or "")
            named = read_html(text_of(one, "name") or "").text
            line = f"{named}: {value.text}" if named and value.text else named or value.text
            yield line, value, moment_of(one, "verified_at") is not None


def _flags(row: Mapping[str, Any], *, is_local: bool) -> tuple[Flag, ...]:
    flags = {
        Flag.BOT: row.get("bot") is True,
        Flag.GROUP: row.get("group") is True,
        # Whoever is suspended here only is still there at home.
        Flag.LIMITED: row.get("limited") is True or (row.get("suspended") is True and not is_local),
        Flag.MOVED: bool(object_of(row, "moved")),
    }
    return tuple(flag for flag, holds in flags.items() if holds)


def _state(*, gone: bool, trusted: bool) -> SubjectState | None:
    """Only its own server knows; what another one remembers may be gone since."""
    if not trusted:
        return None
    return SubjectState.SUSPENDED if gone else SubjectState.LIVE


def _picture(row: Mapping[str, Any], *names: str) -> str | None:
    address = text_of(row, *names)
    return None if address is None or any(end in address for end in _NO_PICTURE) else address


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
