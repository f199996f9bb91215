"""YouTube: channels by name, by handle, and again by id, through the Data API (version 3).

Every call costs units of a daily quota, a search a hundred times what a look-up costs. They are
counted before the call, and what is a case already comes first: searches leave it its units. The
quota is renewed at midnight in California, so its days are counted there; where the machine has no
time zones, a day begins at 08:00 UTC, which in summer is one hour late.

A look-up by id leaves out what is gone and does not say whether its owner deleted it or the
platform ended it: both are `removed`. Stored answers may be kept for thirty days unrefreshed.
API: the discovery document of youtube v3, revision 20261104.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from html import unescape
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Rate, Reply
from namaak.records import Flag, SubjectKind, SubjectState
from namaak.sources.base import RECORDED, Example, Known, Served, Surroundings, excerpt
from namaak.sources.profiles.answers import (
    as_raw,
    count_of,
    entries,
    id_of,
    moment_of,
    object_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, known_in_calls, searches
from namaak.sources.profiles.spending import Ledger

PLATFORM = "youtube"
KEY = "YOUTUBE_API_KEY"
_LIMITS = Limits(max_bytes=4 << 20)
_RATE = Rate(per_second=5, burst=5)
_DEADLINE_S = 60.0
#: Of a search page and of one look-up by id.
_MOST = 50
_UNIT = "units"
_PARTS = "snippet,statistics,status,brandingSettings"
#: What the platform calls a quota that is spent, and one that only bounds the pace.
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
#: What it calls a key that is none, with status 400; and a channel that it tells nobody about.
_BAD_KEY = frozenset({"keyInvalid", "keyExpired", "API_KEY_INVALID"})
_FORBIDDEN_CHANNEL = "channelForbidden"
#: Of channels; nothing else is asked about, whoever gave the id.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Letters of many scripts; what cannot stand in a handle is not asked for.
_HANDLE = re.compile(r"[^\s/@&?#,]{1,100}")
_Count = Annotated[int, Field(strict=True, ge=1)]


class YouTubeConfig(PolledConfig):
    """`[sources.youtube]`."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = (
        "https://www.googleapis.com/youtube/v3"
    )
    pages_per_run: Annotated[_Count, Field(le=1_000_000)] = 5_000  #: units run out sooner
    #: A page of a search costs a hundred look-ups.
    pages_per_question: Annotated[_Count, Field(le=10)] = 2
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 40  #: handles of each brand
    units_per_day: _Count = 10_000  #: of the key, in its owner's console
    units_per_search: _Count = 100
    units_per_list: _Count = 1


class YouTube(PolledSource[YouTubeConfig]):
    """Channels, from YouTube."""

    name = "youtube"
    platform = PLATFORM
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "YouTube's terms for developers; answers are refreshed or dropped after thirty days"
    auth = KEY
    budget = "10,000 units a day with a free key: 100 a page of a search, 1 a look-up"
    cursor = "the platform's token of the next page of a search"
    ways = (Way.KNOWN, Way.PROBE, Way.SEARCH)
    Config = YouTubeConfig

    def __init__(self, config: YouTubeConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)
        self._ledger = Ledger(around.state_folder)

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if self._key():
            return None
        return f"{KEY} is not set; make a key for the YouTube Data API, or drop the table."

    def faults(self) -> Iterator[str]:
        """A key that others could read on its way."""
        if self._key() and not self._is_private():
            yield f"url: {KEY} is not sent over http; write https://"

    def quota(self) -> str:
        """As in "9,899 of 10,000 units left today"."""
        most = self.config.units_per_day
        left = max(0, most - self._ledger.spent(_UNIT, since=self._today()))
        return f"{left:,} of {most:,} units left today"

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.SEARCH:
            return [
                Question(way=Way.SEARCH, texts=(name,)) for name in searches(self.around.brands)
            ]
        if instance.way is Way.PROBE:
            if not self.config.probes:
                return []
            handles = probes(self.around.brands, platform=self.platform, most=self.config.probes)
            return [Question(way=Way.PROBE, texts=(handle,)) for handle in handles]
        return self._known()

    def _known(self) -> list[Question]:
        known = self.around.known(PLATFORM)
        by_id = [one for one in known if one.native_id]
        # One handle a call is all that the platform takes.
        by_handle = [one for one in known if not one.native_id]
        return [*known_in_calls(by_id, _MOST), *known_in_calls(by_handle, 1)]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        if question.way is Way.SEARCH:
            return await self._search(fetch, question, cursor)
        if question.way is Way.PROBE or question.where == "handle":
            return await self._by_handle(fetch, question)
        return await self._by_id(fetch, question)

    async def _by_handle(self, fetch: Fetcher, question: Question) -> Page:
        asked = question.texts[0]
        # Before handles there were two kinds of names; of one of them nothing can be asked, and
        # that nobody has it as a handle says nothing.
        user = asked.removeprefix("user/")
        if not _HANDLE.fullmatch(user):
            left_out = Refused(reason="handle: YouTube cannot be asked about it", excerpt=asked)
            return Page(entries=(left_out,))
        self._spend(self.config.units_per_list, question.way)
        if user == asked:
            rows = await self._channels(fetch, question, forHandle=f"@{asked}")
        else:
            rows = await self._channels(fetch, question, forUsername=user)
        gone = () if rows else question.known
        return Page(entries=(*profiles(rows, _channel), *map(_removed, gone)))

    async def _by_id(self, fetch: Fetcher, question: Question) -> Page:
        asked = [one for one in question.known if _ID.fullmatch(one.native_id or "")]
        strange = [one.native_id or "" for one in question.known if one not in asked]
        found: tuple[Profile | Refused, ...] = ()
        if asked:
            self._spend(self.config.units_per_list, question.way)
            ids = ",".join(one.native_id or "" for one in asked)
            found = profiles(await self._channels(fetch, question, id=ids), _channel)
        if any(isinstance(one, Refused) for one in found):
            raise SourceError(
                f"YouTube answered {question} with a row that is no channel, so none of the others "
                "can be called gone; the next run asks again."
            )
        answered = {one.native_id for one in found if isinstance(one, Profile)}
        gone = [_removed(one) for one in asked if one.native_id not in answered]
        left_out = [
            Refused(reason="native id: is none of YouTube's", excerpt=id_) for id_ in strange
        ]
        return Page(entries=(*found, *gone, *left_out))

    async def _search(self, fetch: Fetcher, question: Question, cursor: str | None) -> Page:
        # Both at once: what a search found must not wait for tomorrow's units to be looked up.
        self._spend(self.config.units_per_search + self.config.units_per_list, question.way)
        asked = {"part": "snippet", "type": "channel", "q": question.texts[0]}
        asked["maxResults"] = str(_MOST)
        if cursor is not None:
            asked["pageToken"] = cursor
        answer = await self._get(fetch, "search", asked, str(question))
        hits = _items(answer, where=str(question))
        ids = dict.fromkeys(
            found for hit in hits if isinstance(hit, dict) and (found := _found_id(hit))
        )
        details: dict[str, Any] = {}
        trouble: tuple[Refused, ...] = ()
        if ids:
            try:
                rows = await self._channels(fetch, question, id=",".join(ids))
            except SourceError as error:
                if error.failure in (Failure.AUTH, Failure.THROTTLED, Failure.POLICY):
                    raise
                # The hits are worth a hundred of these calls: they are kept as they are.
                trouble = (Refused(reason=f"{question}: no details", excerpt=str(error)),)
            else:
                details = {
                    found: row
                    for row in rows
                    if isinstance(row, dict) and (found := id_of(row, "id")) in ids
                }

        def read(hit: Mapping[str, Any]) -> Profile:
            full = details.get(_found_id(hit) or "")
            return _hit(hit) if full is None else _channel(full)

        following = text_of(answer, "nextPageToken")
        return Page(entries=(*profiles(hits, read), *trouble), next=following)

    async def _channels(self, fetch: Fetcher, question: Question, **which: str) -> list[Any]:
        asked = {"part": _PARTS, **which, "maxResults": str(_MOST)}
        answer = await self._get(fetch, "channels", asked, str(question))
        if text_of(answer, "nextPageToken") is not None:
            # What does not stand in a part of an answer is not known to be gone.
            raise SourceError(f"YouTube answered {question} in part; the next run asks again.")
        return _items(answer, where=str(question))

    async def _get(
        self, fetch: Fetcher, method: str, asked: Mapping[str, str], where: str
    ) -> dict[str, Any]:
        # The key must reach nobody else, so no redirect is followed; it stands in no address.
        reply = await fetch.get(
            f"{self.config.url}/{method}?{urlencode(asked)}",
            limits=_LIMITS,
            headers={"Accept": "application/json", "X-Goog-Api-Key": self._sent_key()},
            redirects=0,
            deadline_s=_DEADLINE_S,
            any_status=True,
        )
        if reply.status != 200:
            raise self._refusal(reply, where)
        answer = parse_answer(reply.body, who="YouTube", where=where)
        if not isinstance(answer, dict):
            raise SourceError(
                f"YouTube answered {where} with JSON of another shape; nothing was taken from it."
            )
        return answer

    def _refusal(self, reply: Reply, where: str) -> SourceError:
        """What an answer means that is none; the platform says the reason in its body."""
        reasons, said = _reasons(reply.body)
        status = f"status {reply.status}"
        told = f"{status}: {said}" if said else status
        if reasons & _SPENT or (reply.status == 429 and "per day" in said):
            self._count_as_spent()
            return self._spent_error(f"YouTube says that the quota is spent ({status})")
        if reply.status == 429 or reasons & _TOO_FAST:
            return SourceError(
                f"YouTube asks for fewer questions ({told}); the next run goes on where this one "
                "stopped.",
                Failure.THROTTLED,
            )
        if reasons & _BAD_KEY or (reply.status in (401, 403) and _FORBIDDEN_CHANNEL not in reasons):
            return SourceError(
                f"YouTube refuses the key in {KEY} ({told}); check in its console that it is "
                "valid, may use the YouTube Data API and is not bound to other addresses.",
                Failure.AUTH,
            )
        if reply.status >= 500:
            return SourceError(
                f"YouTube cannot answer {where} now ({told}); the next run asks again.",
                Failure.TRANSIENT,
            )
        return SourceError(f"YouTube refuses to answer {where} ({told}); nothing was taken.")

    # Units

    def _spend(self, units: int, way: Way) -> None:
        """Counted before the platform is asked. Raises SourceError, throttled."""
        most = self.config.units_per_day - (0 if way is Way.KNOWN else self._kept_for_known())
        today = self._today()
        now = self.around.now().astimezone(_zone())
        if not self._ledger.spend(units, _UNIT, now=now, most=most, since=today):
            raise self._spent_error(
                f"YouTube's {self.config.units_per_day:,} units of this day are spent"
            )

    def _kept_for_known(self) -> int:
        calls = len(self._known()) * self.config.units_per_list
        return min(calls, self.config.units_per_day // 2)

    def _count_as_spent(self) -> None:
        today = self._today()
        left = self.config.units_per_day - self._ledger.spent(_UNIT, since=today)
        if left > 0:
            now = self.around.now().astimezone(_zone())
            self._ledger.spend(left, _UNIT, now=now, most=self.config.units_per_day, since=today)

    def _spent_error(self, what: str) -> SourceError:
        renewed = _renewed(self._today())
        return SourceError(
            f"{what}; they are renewed at midnight Pacific time, {renewed:%d %b %H:%M} UTC, and "
            "the first run after that goes on.",
            Failure.THROTTLED,
        )

    def _today(self) -> date:
        return self.around.now().astimezone(_zone()).date()

    # The key

    def _key(self) -> str:
        return self.around.environ.get(KEY, "").strip()

    def _sent_key(self) -> str:
        if not self._is_private():
            raise SourceError(
                f"{KEY} is not sent over http; write https:// as `url` of [sources.youtube].",
                Failure.POLICY,
            )
        return self._key()

    def _is_private(self) -> bool:
        """Whether nobody on the way can read the key: by TLS, or because there is no way."""
        parts = urlsplit(self.config.url)
        return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1")


def _zone() -> tzinfo:
    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        return timezone(timedelta(hours=-8))


def _renewed(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), _zone()).astimezone(UTC)


def _reasons(body: bytes) -> tuple[set[str], str]:
    """The platform's words for what is wrong, and its sentence; empty where it has none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return set(), ""
    error = object_of(answer, "error") if isinstance(answer, dict) else {}
    reasons = set()
    for name in ("errors", "details"):
        listed = error.get(name)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and (reason := text_of(one, "reason")):
                reasons.add(reason)
    return reasons, excerpt(text_of(error, "message") or "")


def _items(answer: Mapping[str, Any], *, where: str) -> list[Any]:
    """An answer without a single hit has no list at all, but says that it counts none."""
    counted = object_of(answer, "pageInfo").get("totalResults")
    if "items" not in answer and counted == 0:
        return []
    return entries(answer, "items", who="YouTube", where=where)


def _found_id(hit: Mapping[str, Any]) -> str | None:
    return text_of(object_of(hit, "id"), "channelId") or text_of(
        object_of(hit, "snippet"), "channelId"
    )


def _hit(hit: Mapping[str, Any]) -> Profile:
    """A channel as a search shows it: without counts and handle, its texts written as HTML."""
    snippet = object_of(hit, "snippet")
    native_id = _found_id(hit)
    if native_id is None:
        raise ValueError("channel: has no id")
    title = text_of(snippet, "title", "channelTitle")
    bio = text_of(snippet, "description")
    bio = bio and unescape(bio)
    return Profile(
        native_id=native_id,
        display_name=title and unescape(title),
        bio=bio,
        url=_address(native_id),
        created_at=moment_of(snippet, "publishedAt"),
        links=links_in(bio) if bio else (),
        avatar_url=_picture(snippet),
        raw=as_raw(hit),
    )


def _channel(row: Mapping[str, Any]) -> Profile:
    native_id = id_of(row, "id")
    if native_id is None:
        raise ValueError("channel: has no id")
    snippet, counts = object_of(row, "snippet"), object_of(row, "statistics")
    image = object_of(object_of(row, "brandingSettings"), "image")
    hidden = counts.get("hiddenSubscriberCount") is True
    private = text_of(object_of(row, "status"), "privacyStatus") == "private"
    bio = text_of(snippet, "description")
    return Profile(
        native_id=native_id,
        handle=_handle(text_of(snippet, "customUrl")),
        display_name=text_of(snippet, "title"),
        bio=bio,
        url=_address(native_id),
        followers=None if hidden else count_of(counts, "subscriberCount"),
        posts=count_of(counts, "videoCount"),
        created_at=moment_of(snippet, "publishedAt"),
        links=links_in(bio) if bio else (),
        flags=(Flag.PROTECTED,) if private else (),
        avatar_url=_picture(snippet),
        banner_url=text_of(image, "bannerExternalUrl"),
        whole=True,
        raw=as_raw(row),
    )


def _handle(custom: str | None) -> str | None:
    """Without "@" it is a name from before there were handles, under another address."""
    return custom if custom is None or custom.startswith("@") else f"c/{custom}"


def _address(native_id: str) -> str:
    return f"https://www.youtube.com/channel/{native_id}"


def _picture(snippet: Mapping[str, Any]) -> str | None:
    sizes = object_of(snippet, "thumbnails")
    return next(
        (
            url
            for size in ("high", "medium", "default")
            if (url := text_of(object_of(sizes, size), "url"))
        ),
        None,
    )


def _removed(known: Known) -> Profile:
    return Profile(native_id=known.native_id, handle=known.handle, state=SubjectState.REMOVED)


def _recorded_channel(number: int, title: str, handle: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#channel",
        "etag": f"etag-{number}",
        "id": f"UC{number:022d}",
        "snippet": {
            "title": title,
            "description": "Help for customers, write to https://acme-help.example/chat",
            "customUrl": handle,
            "publishedAt": "2026-10-30T09:15:00Z",
            "thumbnails": {
                "default": {
                    "url": f"https://pictures.invalid/{number}.png",
                    "width": 88,
                    "height": 88,
                }
            },
            "localized": {"title": title, "description": ""},
            "country": "NL",
        },
        "statistics": {
            "viewCount": "120",
            "subscriberCount": "31",
            "hiddenSubscriberCount": False,
            "videoCount": "2",
        },
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": "disallowed"},
        "brandingSettings": {"channel": {"title": title}},
        **more,
    }


def _recorded_hit(number: int, title: str) -> dict[str, Any]:
    return {
        "kind": "youtube#searchResult",
        "etag": f"hit-{number}",
        "id": {"kind": "youtube#channel", "channelId": f"UC{number:022d}"},
        "snippet": {
            "publishedAt": "2026-10-30T09:15:00Z",
            "channelId": f"UC{number:022d}",
            "title": title,
            "description": "Help for customers",
            "thumbnails": {"default": {"url": f"https://pictures.invalid/small-{number}.png"}},
            "channelTitle": title,
            "liveBroadcastContent": "none",
        },
    }


_ASKED = "/youtube/v3/search?part=snippet&type=channel&q=ACME&maxResults=50"
#: In the shape of the discovery document; the content is made up.
_FIRST: dict[str, Any] = {
    "kind": "youtube#searchListResponse",
    "etag": "first",
    "nextPageToken": "CDIQAA",
    "regionCode": "NL",
    "pageInfo": {"totalResults": 3, "resultsPerPage": 50},
    "items": [_recorded_hit(1, "ACME Support"), _recorded_hit(2, "Acme &amp; Sons")],
}
_SECOND = {**_FIRST, "etag": "second", "items": [_recorded_hit(1, "ACME Support")]}
del _SECOND["nextPageToken"]
_DETAILS: dict[str, Any] = {
    "kind": "youtube#channelListResponse",
    "etag": "details",
    "pageInfo": {"totalResults": 1, "resultsPerPage": 5},
    "items": [_recorded_channel(1, "ACME Support", "@acme-support")],
}


def _evidence(row: Mapping[str, Any]) -> dict[str, str]:
    raw = as_raw(row)
    return {"raw": raw, "evidence_hash": hashlib.sha256(raw.encode()).hexdigest()}


YouTube.examples = (
    Example(
        what="two pages of a search, one hit twice, one of which nothing more is told",
        table={"url": f"{RECORDED}/youtube/v3", "probes": 0, "pictures": False},
        environ={KEY: "a-key"},
        served=(
            Served(path=_ASKED, body=json.dumps(_FIRST).encode()),
            Served(path=f"{_ASKED}&pageToken=CDIQAA", body=json.dumps(_SECOND).encode()),
            Served(path="/youtube/v3/channels", body=json.dumps(_DETAILS).encode()),
        ),
        observations=(
            {
                "position": 0,
                "subject_kind": "account",
                "contacts": [],
                "flags": [],
                "proved_links": [],
                "subject_key": "account:youtube:UC0000000000000000000001",
                "platform": "youtube",
                "native_id": "UC0000000000000000000001",
                "handle": "acme-support",
                "display_name": "ACME Support",
                "bio": "Help for customers, write to https://acme-help.example/chat",
                "url": "https://www.youtube.com/channel/UC0000000000000000000001",
                "followers": 31,
                "posts": 2,
                "created_at": "2026-10-30T09:15:00+00:00",
                "links": ["https://acme-help.example/chat"],
                "state": "live",
                "trust": "platform",
                **_evidence(_DETAILS["items"][0]),
            },
            {
                "position": 1,
                "subject_kind": "account",
                "subject_key": "account:youtube:UC0000000000000000000002",
                "platform": "youtube",
                "native_id": "UC0000000000000000000002",
                "display_name": "Acme & Sons",
                "bio": "Help for customers",
                "url": "https://www.youtube.com/channel/UC0000000000000000000002",
                "created_at": "2026-10-30T09:15:00+00:00",
                "state": "live",
                "trust": "platform",
                **_evidence(_FIRST["items"][1]),
            },
        ),
    ),
)
