"""Users and communities of Reddit, by its own interface.

A key is needed (of an application of type "script", free; commercial use wants an agreement), and
is exchanged for a token that lives for a day and is kept in memory alone. Users cannot change their
names, so a name is enough to look at one again; what cannot be looked up is gone to everybody.
API: reddit.com/dev/api (search, about, get_subreddits_search), read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, FetchError, Limits, Rate, Reply
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
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Question, Way, searches

ID = "REDDIT_CLIENT_ID"
SECRET = "REDDIT_CLIENT_SECRET"  # noqa: S105 - the name of the variable, not the secret
_LIMITS = Limits(max_bytes=4 << 20)
#: 100 a minute for each application.
_RATE = Rate(per_second=1.5, burst=5)
_ROWS = 100
_USERS, _COMMUNITIES = "users", "subreddits"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
_COMMUNITY = "r/"
#: A token is thrown away this much before it ends.
_MARGIN = timedelta(minutes=2)

_Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+[^\s?#/]$")]


class RedditConfig(PolledConfig):
    """`[sources.reddit]`."""

    url: _Url = "https://oauth.reddit.com"
    token_url: _Url = "https://www.reddit.com/api/v1/access_token"  # noqa: S105
    communities: bool = True  #: search communities as well as users
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 50  #: a brand


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """What the key was exchanged for."""

    text: str
    until: datetime


class Reddit(PolledSource[RedditConfig]):
    """Users and communities."""

    name = "reddit"
    platform = "reddit"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "Reddit's Data API Terms; commercial use needs an agreement with Reddit"
    auth = f"{ID} and {SECRET}"
    budget = "100 requests a minute; a brand: two searches and fifty look-ups a day"
    cursor = "the name of the last row of a search; rounds of questions, one a day"
    Config = RedditConfig
    ways = (Way.SEARCH, Way.PROBE, Way.KNOWN)

    def __init__(self, config: RedditConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._token: _Token | None = None
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def faults(self) -> Iterator[str]:
        """A key that could be read on the way."""
        if self._key() is not None:
            for name in ("url", "token_url"):
                if not _is_private(getattr(self.config, name)):
                    yield f"{name}: the key is not sent over http; write https://"

    def lacks(self) -> str | None:
        """Without both halves of its key nothing is asked."""
        if self._key() is None:
            return (
                f"reddit is left out: {ID} and {SECRET} are not both set; make an application of "
                "type script at Reddit and put its id and secret there."
            )
        return None

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.SEARCH:
            where = (_USERS, _COMMUNITIES) if self.config.communities else (_USERS,)
            return [
                Question(way=Way.SEARCH, texts=(name,), where=place)
                for name in searches(self.around.brands)
                for place in where
            ]
        if instance.way is Way.PROBE:
            if not self.config.probes:
                return []
            handles = probes(self.around.brands, platform="reddit", most=self.config.probes)
            return [Question(way=Way.PROBE, texts=(handle,)) for handle in handles]
        known = sorted(self.around.known("reddit"), key=lambda one: one.subject_key)
        return [
            Question(way=Way.KNOWN, texts=(handle,), known=(one,))
            for one in known
            if (handle := one.handle) and _NAME.fullmatch(handle.removeprefix(_COMMUNITY))
        ]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        if question.way is Way.SEARCH:
            return await self._search(fetch, question, cursor)
        (name,) = question.texts
        answer, status = await self._about(fetch, name, question)
        known = question.known[0] if question.known else None
        if status == 200:
            if known is None and object_of(answer, "data").get("is_suspended") is True:
                return Page(entries=())
            found = profiles(
                [object_of(answer, "data")], lambda row: _profile(row, known, whole=True)
            )
            return Page(entries=found)
        state = _state_of(answer, status, name=name, question=question)
        if known is None or state is None:
            return Page(entries=())
        return Page(
            entries=(
                Profile(
                    native_id=known.native_id,
                    handle=known.handle,
                    state=state,
                    raw=as_raw(answer) if state is SubjectState.SUSPENDED else None,
                ),
            )
        )

    async def _search(self, fetch: Fetcher, question: Question, cursor: str | None) -> Page:
        asked = {"q": question.texts[0], "limit": str(_ROWS), "raw_json": "1"}
        if cursor is not None:
            asked["after"] = cursor
        reply = await self._get(fetch, f"/{question.where}/search?{urlencode(asked)}")
        answer = self._parsed(reply, question)
        rows = entries(answer, "data", "children", who="Reddit", where=str(question))
        inner = [object_of(row, "data") if isinstance(row, dict) else row for row in rows]
        return Page(
            entries=profiles(inner, lambda row: _profile(row, None, whole=False)),
            next=_cursor(text_of(answer["data"], "after")),
        )

    async def _about(
        self, fetch: Fetcher, name: str, question: Question
    ) -> tuple[Mapping[str, Any], int]:
        """What it says of one user or community, and the status; an empty answer where none."""
        community = name.startswith(_COMMUNITY)
        place = f"r/{name.removeprefix(_COMMUNITY)}" if community else f"user/{name}"
        reply = await self._get(fetch, f"/{quote(place)}/about?raw_json=1", answers=(302, 403, 404))
        if reply.status == 302:
            return {}, 302
        answer = self._parsed(reply, question)
        if not isinstance(answer, dict):
            raise SourceError(
                f"Reddit answered {question} with JSON of another shape; nothing was taken from it."
            )
        return answer, reply.status

    async def _get(
        self, fetch: Fetcher, path: str, *, answers: Sequence[int] = (), again: bool = True
    ) -> Reply:
        """answers: statuses other than 200 whose body says something."""
        token = await self._fresh_token(fetch)
        reply = await fetch.get(
            f"{self.config.url}{path}",
            limits=_LIMITS,
            headers={"Authorization": f"Bearer {token.text}", "Accept": "application/json"},
            redirects=0,
            any_status=True,
        )
        if reply.status == 401 and again:
            # Thrown away by Reddit before its time: a new one is fetched once.
            self._token = None
            return await self._get(fetch, path, answers=answers, again=False)
        if reply.status == 200 or reply.status in answers:
            self._rest(reply)
            return reply
        raise _refusal(reply, path)

    def _rest(self, reply: Reply) -> None:
        """No more than is left of this window; Reddit gives both as numbers, seconds for one."""
        try:
            left = float(reply.headers.get("X-Ratelimit-Remaining") or "1")
            seconds = float(reply.headers.get("X-Ratelimit-Reset") or "0")
        except ValueError:
            return
        if left < 1 and 0 < seconds <= 3_600:
            self.around.manners.slow_down(urlsplit(self.config.url).hostname or "", seconds)

    async def _fresh_token(self, fetch: Fetcher) -> _Token:
        now = self.around.now()
        if self._token is not None and now < self._token.until:
            return self._token
        key = self._key()
        if key is None or not (_is_private(self.config.token_url) and _is_private(self.config.url)):
            raise SourceError(
                f"Reddit is not asked without {ID} and {SECRET}, nor over http; set both and "
                "write https://.",
                Failure.AUTH,
            )
        basic = base64.b64encode(f"{key[0]}:{key[1]}".encode()).decode()
        try:
            reply = await fetch.get(
                self.config.token_url,
                limits=_LIMITS,
                headers={
                    "Authorization": f"Basic {basic}",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                redirects=0,
                method="POST",
                body=b"grant_type=client_credentials",
            )
        except FetchError as error:
            if error.failure is not Failure.AUTH:
                raise
            raise SourceError(
                f"Reddit does not take the key in {ID} and {SECRET} (status {error.status}); "
                "look whether the application still exists and has this secret.",
                Failure.AUTH,
            ) from error
        answer = parse_answer(reply.body, who="Reddit", where="the request for a token")
        text = text_of(answer, "access_token") if isinstance(answer, dict) else None
        if text is None or not (text.isascii() and text.isprintable()):
            raise SourceError(
                f"Reddit gives no token for the key in {ID} and {SECRET}; look whether the "
                "application is of type script and has this secret.",
                Failure.AUTH,
            )
        lasts = timedelta(seconds=min(count_of(answer, "expires_in") or 3_600, 86_400))
        self._token = _Token(text=text, until=now + lasts - _MARGIN)
        return self._token

    def _key(self) -> tuple[str, str] | None:
        own, secret = (self.around.environ.get(name, "").strip() for name in (ID, SECRET))
        return (own, secret) if own and secret else None

    def _parsed(self, reply: Reply, question: Question) -> Any:
        return parse_answer(reply.body, who="Reddit", where=str(question))


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read a key: by TLS, or because there is no way."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1")


def _cursor(after: str | None) -> str | None:
    """One that cannot be sent back ends the question, as no cursor does."""
    return after if after and after.isascii() and after.isprintable() else None


def _refusal(reply: Reply, path: str) -> SourceError:
    place = path.partition("?")[0]
    if reply.status == 429:
        wait = excerpt(reply.headers.get("X-Ratelimit-Reset") or "some")
        return SourceError(
            f"Reddit allows no further request now; more are allowed in {wait} seconds, and the "
            "next run goes on.",
            Failure.THROTTLED,
        )
    if reply.status in (401, 403):
        return SourceError(
            f"Reddit refuses {place} to this application (status {reply.status}); look at the "
            f"rights of the key in {ID}.",
            Failure.AUTH,
        )
    transient = reply.status >= 500
    return SourceError(
        f"Reddit answered {place} with status {reply.status}; the next run asks again.",
        Failure.TRANSIENT if transient else Failure.MALFORMED,
    )


def _state_of(
    answer: Mapping[str, Any], status: int, *, name: str, question: Question
) -> SubjectState | None:
    """What an answer without a profile says: None where the thing is there but closed.

    Raises SourceError where it says nothing about this one.
    """
    reason = text_of(answer, "reason")
    if status == 404 and reason == "banned":
        return SubjectState.SUSPENDED
    if status == 302 or (status == 404 and reason is None and answer.get("error") == 404):
        return SubjectState.REMOVED
    if reason in ("private", "quarantined", "gold_only"):
        return None
    raise SourceError(
        f"Reddit answered {question} with status {status} and no reason that is known "
        f"({excerpt(reason or name)}); nothing was taken from it.",
        Failure.AUTH if status == 403 and reason is None else Failure.MALFORMED,
    )


def _profile(row: Mapping[str, Any], known: Known | None, *, whole: bool) -> Profile:
    """whole: this is what it says of itself, and no line of a search."""
    if text_of(row, "display_name") and "public_description" in row:
        return _community(row, whole=whole)
    name = text_of(row, "name")
    if name is None:
        raise ValueError("name: is missing")
    if row.get("is_suspended") is True:
        # Of a suspended user nothing but the name is told.
        native = known.native_id if known else None
        state = SubjectState.SUSPENDED
        return Profile(native_id=native, handle=name, state=state, raw=as_raw(row))
    number = id_of(row, "id")
    if number is None:
        raise ValueError("id: is missing")
    own = object_of(row, "subreddit")
    bio = text_of(own, "public_description")
    return Profile(
        native_id=f"t2_{number.removeprefix('t2_')}",
        handle=name,
        display_name=text_of(own, "title"),
        bio=bio,
        url=f"https://www.reddit.com/user/{quote(name)}",
        followers=count_of(own, "subscribers"),
        created_at=moment_of(row, "created_utc"),
        links=links_in(bio) if bio else (),
        state=SubjectState.LIVE,
        avatar_url=_picture(row, "snoovatar_img", "icon_img"),
        banner_url=_picture(own, "banner_img"),
        # Its words stand in a part that some have not.
        whole=whole and bool(own),
        raw=as_raw(row),
    )


def _community(row: Mapping[str, Any], *, whole: bool) -> Profile:
    number = id_of(row, "id")
    name = text_of(row, "display_name")
    if number is None or name is None:
        raise ValueError("id: is missing")
    bio = text_of(row, "public_description")
    limited = (Flag.LIMITED,) if row.get("quarantine") is True else ()
    private = (Flag.PROTECTED,) if text_of(row, "subreddit_type") == "private" else ()
    return Profile(
        native_id=f"t5_{number.removeprefix('t5_')}",
        handle=f"{_COMMUNITY}{name}",
        display_name=text_of(row, "title"),
        bio=bio,
        url=f"https://www.reddit.com/r/{quote(name)}",
        followers=count_of(row, "subscribers"),
        created_at=moment_of(row, "created_utc"),
        links=links_in(bio) if bio else (),
        flags=(Flag.GROUP, *limited, *private),
        state=SubjectState.LIVE,
        avatar_url=_picture(row, "community_icon", "icon_img"),
        banner_url=_picture(row, "banner_background_image", "banner_img"),
        whole=whole,
        raw=as_raw(row),
    )


def _picture(row: Mapping[str, Any], *names: str) -> str | None:
    address = text_of(row, *names)
    # What everybody gets who has chosen none.
    return None if address is None or "/avatars/defaults/" in address else address


def _evidence(row: Mapping[str, Any]) -> dict[str, str]:
    raw = as_raw(row)
    return {"raw": raw, "evidence_hash": hashlib.sha256(raw.encode()).hexdigest()}


_USER: dict[str, Any] = {
    "id": "1a2b3c",
    "name": "AcmeSupport24",
    "created_utc": 1793577600.0,
    "total_karma": 1,
    "verified": True,
    "icon_img": "https://www.redditstatic.com/avatars/defaults/v2/avatar_default_1.png",
    "snoovatar_img": "",
    "subreddit": {
        "title": "ACME Support",
        "public_description": "Lost money? Write to acme-refund.example",
        "subscribers": 2,
        "banner_img": "",
    },
}
_GROUP: dict[str, Any] = {
    "id": "9zz9z",
    "display_name": "acmehelp",
    "title": "ACME help",
    "public_description": "",
    "subscribers": 12,
    "created_utc": 1793577601.0,
    "subreddit_type": "public",
    "quarantine": True,
}

Reddit.examples = (
    Example(
        what="a user, a community under quarantine, a row without a name",
        table={
            "url": RECORDED,
            "token_url": f"{RECORDED}/api/v1/access_token",
            "probes": 0,
            "pictures": False,
        },
        environ={ID: "example-id", SECRET: "example-secret"},
        served=(
            Served(
                path="/api/v1/access_token",
                method="POST",
                body=b'{"access_token":"t","token_type":"bearer","expires_in":86400,"scope":"*"}',
            ),
            Served(
                path="/users/search",
                body=json.dumps(
                    {
                        "kind": "Listing",
                        "data": {
                            "after": None,
                            "children": [
                                {"kind": "t2", "data": _USER},
                                {"kind": "t2", "data": {"id": "1"}},
                            ],
                        },
                    }
                ).encode(),
            ),
            Served(
                path="/subreddits/search",
                body=json.dumps(
                    {
                        "kind": "Listing",
                        "data": {"after": None, "children": [{"kind": "t5", "data": _GROUP}]},
                    }
                ).encode(),
            ),
        ),
        observations=(
            {
                "position": 0, "subject_kind": "account", "platform": "reddit",
                "subject_key": "account:reddit:t2_1a2b3c", "native_id": "t2_1a2b3c",
                "handle": "AcmeSupport24", "display_name": "ACME Support",
                "bio": "Lost money? Write to acme-refund.example",
                "url": "https://www.reddit.com/user/AcmeSupport24", "followers": 2,
                "created_at": "2026-11-02T00:00:00+00:00",
                "links": ["https://acme-refund.example"],
                "state": "live", "trust": "platform", **_evidence(_USER),
            },
            {
                "position": 2, "subject_kind": "account", "platform": "reddit",
                "subject_key": "account:reddit:t5_9zz9z", "native_id": "t5_9zz9z",
                "handle": "r/acmehelp", "display_name": "ACME help",
                "url": "https://www.reddit.com/r/acmehelp", "followers": 12,
                "created_at": "2026-11-02T00:00:01+00:00",
                "flags": ["group", "limited"],
                "state": "live", "trust": "platform", **_evidence(_GROUP),
            },
        ),
        rejects=((1, "name: is missing"),),
    ),
)  # fmt: skip
