"""A profile as the platform's own view of the network shows it.

Lexicon app.bsky.actor.defs (profileView, profileViewDetailed) and com.atproto.label.defs, read
2026: counts stand in the detailed view only.
Pure. May import: namaak.records, namaak.sources.atproto, namaak.sources.profiles.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from namaak.records import Flag, Verified
from namaak.sources.atproto.identity import is_did, is_handle, is_own_domain, page_of
from namaak.sources.profiles.answers import as_raw, count_of, moment_of, object_of, text_of
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.profile import Profile

#: What a moderation service says of a whole account.
_VERDICTS = {
    "impersonation": Flag.IMPERSONATION,
    "scam": Flag.SCAM,
    "spam": Flag.SPAM,
    "misleading": Flag.FAKE,
    "parody": Flag.PARODY,
    "bot": Flag.BOT,
    "!hide": Flag.LIMITED,
    "!warn": Flag.LIMITED,
}
#: When the network was opened; no account is older.
_OPENED = datetime(2022, 11, 17, tzinfo=UTC)
#: What an account may say of itself; that it is no impostor, or is one, is not among it.
_OWN_WORDS = {"parody": Flag.PARODY, "bot": Flag.BOT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """By what a view is read."""

    hosts: Collection[str]  #: where handles are given out to anybody
    labelers: Collection[str]  #: DIDs of the services whose labels count
    now: datetime  #: aware; labels may run out


def read_view(row: Mapping[str, Any], reading: Reading) -> Profile:
    """Raises ValueError where nothing says who it is."""
    did = row.get("did")
    if not isinstance(did, str) or not is_did(did):
        raise ValueError("did: is none")
    shown = text_of(row, "handle")
    handle = shown if is_handle(shown) else None
    own_domain = handle is not None and is_own_domain(handle, reading.hosts)
    verification = object_of(row, "verification")
    vouched = "valid" in (
        verification.get("verifiedStatus"),
        verification.get("trustedVerifierStatus"),
    )
    bio = text_of(row, "description")
    return Profile(
        native_id=did,
        handle=handle,
        display_name=text_of(row, "displayName"),
        bio=bio,
        url=page_of(handle or did),
        followers=count_of(row, "followersCount"),
        following=count_of(row, "followsCount"),
        posts=count_of(row, "postsCount"),
        created_at=_created(row),
        source_time=moment_of(row, "indexedAt"),
        links=links_in(bio or ""),
        # The platform looked the handle up in the domain and found this account there.
        proved_links=(f"https://{handle}",) if own_domain else (),
        verified=Verified.TRUSTED if vouched else Verified.DOMAIN if own_domain else Verified.NONE,
        flags=_flags(row, did, reading),
        avatar_url=_web(row, "avatar"),
        banner_url=_web(row, "banner"),
        # Counts, too, are shown only where all is.
        whole="followersCount" in row,
        raw=as_raw(row),
    )


def _created(row: Mapping[str, Any]) -> datetime | None:
    """When it was there at the latest: who writes a profile writes any time into it as its first.

    Only when the network itself saw it says more, and nothing is older than the network.
    """
    claimed, indexed = moment_of(row, "createdAt"), moment_of(row, "indexedAt")
    if claimed is None:
        return None
    created = claimed if indexed is None else max(claimed, indexed)
    return created if created >= _OPENED else None


def _web(row: Mapping[str, Any], name: str) -> str | None:
    url = text_of(row, name)
    return url if url and url.startswith(("https://", "http://")) else None


def own_words(labels: object) -> tuple[Flag, ...]:
    """What an account says of itself by labels."""
    said = (
        [one.get("val") for one in labels if isinstance(one, dict)]
        if isinstance(labels, list)
        else []
    )
    return tuple(
        sorted({_OWN_WORDS[word] for word in said if isinstance(word, str) and word in _OWN_WORDS})
    )


def _flags(row: Mapping[str, Any], did: str, reading: Reading) -> tuple[Flag, ...]:
    labels = row.get("labels")
    if not isinstance(labels, list):
        return ()
    flags: set[Flag] = set()
    for label in labels:
        if not isinstance(label, dict) or label.get("neg") is True:
            continue
        ends = moment_of(label, "exp")
        if ends is not None and ends <= reading.now:
            continue
        source, value = label.get("src"), label.get("val")
        if not isinstance(value, str):
            continue
        # The account itself may be a labeller: what it says of itself stays its own word.
        said = _OWN_WORDS if source == did else _VERDICTS if source in reading.labelers else {}
        if (flag := said.get(value)) is not None:
            flags.add(flag)
    return tuple(sorted(flags))
