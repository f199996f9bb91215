"""Accounts as a platform would describe them, and the rules for handles of each platform.

Ages count back from one fixed day, so that the files are the same whenever they are made.
May import: world.labels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from world.labels import Label, Verdict

OBSERVED: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

#: What each platform accepts as a handle.
HANDLES: Final = {
    "x": re.compile(r"[A-Za-z0-9_]{4,15}"),
    "instagram": re.compile(r"[a-z0-9._]{1,30}"),
    "tiktok": re.compile(r"[a-z0-9._]{2,24}"),
    "telegram": re.compile(r"[A-Za-z][A-Za-z0-9_]{4,31}"),
    "youtube": re.compile(r"[\w.-]{3,30}"),
    "github": re.compile(r"(?=.{1,39}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*"),
    "mastodon": re.compile(r"[a-z0-9_]{1,30}@[a-z.-]+\.(example|test)"),
    "bluesky": re.compile(r"[a-z0-9-]{3,63}(\.[a-z0-9-]+)*\.(bsky\.social|example|test)"),
    "facebook": re.compile(r"[A-Za-z0-9.]{5,50}"),
    "linkedin": re.compile(r"[a-z0-9-]{3,100}"),
}
_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One account, and what is true about it."""

    platform: str
    handle: str
    name: str
    bio: str = ""
    avatar: str | None = None  #: path beside the profiles file
    followers: int = 40
    age_days: int = 30
    brand: str = ""
    verdict: Verdict = "innocent"
    handle_kind: str = ""  #: "" where the handle by itself says nothing
    name_kind: str = ""
    note: str = ""
    id_of: str | None = None  #: a native id's name, where two sightings share one account
    seen_days_ago: int = 0

    def labels(self) -> Iterator[Label]:
        """The truths about handle and display name, where there are any."""
        if self.handle_kind:
            yield Label(
                input=self.handle,
                field="handle",
                brand=self.brand,
                kind=self.handle_kind,
                verdict=self.verdict,
                note=self.note,
            )
        if self.name_kind:
            yield Label(
                input=self.name,
                field="display-name",
                brand=self.brand,
                kind=self.name_kind,
                verdict=self.verdict,
                note=self.note,
            )


def native_id(platform: str, seed: str) -> str:
    """A permanent id in the platform's own form; the same seed gives the same id."""
    rng = Random(f"{platform}:{seed}")
    match platform:
        case "bluesky":
            return "did:plc:" + "".join(rng.choices(_BASE32, k=24))
        case "youtube":
            return "UC" + "".join(rng.choices(_BASE64, k=22))
        case "linkedin":
            return f"urn:li:organization:{rng.randrange(10**7, 10**8)}"
        case "github":
            return str(rng.randrange(10**6, 10**8))
        case _:
            return str(rng.randrange(10**16, 10**18))


def to_jsonl(profiles: Iterable[Profile]) -> str:
    """One object a line, sorted by time of sighting, platform and handle.

    Raises ValueError where a platform would not accept a handle.
    """
    lines = []
    for profile in sorted(profiles, key=_order):
        if not HANDLES[profile.platform].fullmatch(profile.handle):
            raise ValueError(f"{profile.platform} has no handle {profile.handle!r}; mend the world")
        seen = OBSERVED - timedelta(days=profile.seen_days_ago)
        made = OBSERVED - timedelta(days=profile.age_days)
        row = {
            "platform": profile.platform,
            "native_id": native_id(profile.platform, profile.id_of or profile.handle),
            "handle": profile.handle,
            "display_name": profile.name,
            "bio": profile.bio or None,
            "followers": profile.followers,
            "created_at": f"{made:%Y-%m-%dT%H:%M:%SZ}",
            "url": f"https://{profile.platform}.example/{profile.handle}",
            "avatar": profile.avatar,
            "observed_at": f"{seen:%Y-%m-%dT%H:%M:%SZ}",
        }
        lines.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def _order(profile: Profile) -> tuple[int, str, str]:
    return -profile.seen_days_ago, profile.platform, profile.handle
