"""Twitch: channels by name, by handle, and again by id, with the token of an app.

A search finds channels that streamed within half a year; what is more, the look-ups find. The app's
token is asked for with its secret and lives in memory only; where Twitch does not take it any more,
another one is asked for, once. A look-up by id leaves out whoever is gone and does not say whether
by suspension or not: both are `removed`.
API: dev.twitch.tv, reference of Helix, read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from pydantic import Field

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Rate
from namaak.records import SubjectKind, SubjectState, Verified
from namaak.sources.base import RECORDED, Example, Served, Surroundings
from namaak.sources.profiles.answers import (
    as_raw,
    entries,
    id_of,
    moment_of,
    object_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.keyed import KeyedUrl, ask_with_key, key_in, refusal
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, in_calls, known_in_calls, searches
from namaak.sources.profiles.recorded import evidence

CLIENT = "TWITCH_CLIENT_ID"
SECRET = "TWITCH_CLIENT_SECRET"  # noqa: S105 - the name of the variable, not the secret
_BOTH = f"{CLIENT} and {SECRET}"
#: 800 points a minute, one a call (read 2026).
_RATE = Rate(per_second=5, burst=10)
_MOST = 100
_NATIVE_ID = re.compile(r"[0-9]{1,20}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,25}")


class TwitchConfig(PolledConfig):
    """`[sources.twitch]`."""

    url: KeyedUrl = "https://api.twitch.tv/helix"
    token_url: KeyedUrl = "https://id.twitch.tv/oauth2/token"  # noqa: S105 - an address
    pages_per_question: Annotated[int, Field(strict=True, ge=1, le=100)] = 3
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 300  #: handles of each brand


class Twitch(PolledSource[TwitchConfig]):
    """Channels, from Twitch."""

    name = "twitch"
    platform = "twitch"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "Twitch's developer agreement; an app is registered by whoever has an account"
    auth = _BOTH
    budget = "free; 100 handles a call, 5 calls a second where 800 a minute are allowed (read 2026)"
    cursor = "the platform's cursor of the next page of a search"
    ways = (Way.KNOWN, Way.PROBE, Way.SEARCH)
    Config = TwitchConfig

    def __init__(self, config: TwitchConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)
        self._token: str | None = None

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        missing = [name for name in (CLIENT, SECRET) if not key_in(self.around.environ, name)]
        if not missing:
            return None
        verb = "is" if len(missing) == 1 else "are"
        return (
            f"{' and '.join(missing)} {verb} not set; register an app in Twitch's console, or drop "
            "the table."
        )

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.SEARCH:
            return [
                Question(way=Way.SEARCH, texts=(name,)) for name in searches(self.around.brands)
            ]
        if instance.way is Way.PROBE:
            handles = probes(self.around.brands, platform=self.platform, most=self.config.probes)
            return [Question(way=Way.PROBE, texts=call) for call in in_calls(handles, _MOST)]
        return list(known_in_calls(self.around.known(self.platform), _MOST))

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        where = str(question)
        if question.way is Way.SEARCH:
            asked = [("query", question.texts[0]), ("first", str(_MOST))]
            if cursor is not None:
                asked.append(("after", cursor))
            answer = await self._get(fetch, "search/channels", asked, where)
            rows = entries(answer, "data", who="Twitch", where=where)
            following = text_of(object_of(answer, "pagination"), "cursor")
            return Page(entries=profiles(rows, _channel), next=following if rows else None)
        by_handle = question.way is Way.PROBE or question.where == "handle"
        pattern = _HANDLE if by_handle else _NATIVE_ID
        sound = [text for text in question.texts if pattern.fullmatch(text)]
        refused = tuple(
            Refused(reason=f"account {text}: is none of Twitch's, not looked up")
            for text in question.texts
            if text not in sound
        )
        if not sound:
            return Page(entries=refused)
        name = "login" if by_handle else "id"
        asked = [(name, text.lower() if by_handle else text) for text in sound]
        answer = await self._get(fetch, "users", asked, where)
        found = profiles(entries(answer, "data", who="Twitch", where=where), _user)
        if question.way is Way.KNOWN:
            found += _gone(question, sound, found, by_handle=by_handle)
        return Page(entries=found + refused)

    async def _get(
        self, fetch: Fetcher, path: str, asked: Sequence[tuple[str, str]], where: str
    ) -> Mapping[str, Any]:
        for attempt in (1, 2):
            token = self._token or await self._new_token(fetch)
            reply = await ask_with_key(
                fetch,
                f"{self.config.url}/{path}?{urlencode(asked)}",
                {
                    "Authorization": f"Bearer {token}",
                    "Client-Id": key_in(self.around.environ, CLIENT),
                },
            )
            error = refusal(reply, who="Twitch", where=where, key=_BOTH)
            if error is None:
                break
            if reply.status != 401 or attempt == 2:
                raise error
            # Tokens end after some weeks, and when the secret is renewed.
            self._token = None
        answer = parse_answer(reply.body, who="Twitch", where=where)
        if not isinstance(answer, dict):
            raise SourceError(
                f"Twitch answered {where} with JSON of another shape; nothing was taken from it."
            )
        return answer

    async def _new_token(self, fetch: Fetcher) -> str:
        where = "the request for a token"
        form = {
            "client_id": key_in(self.around.environ, CLIENT),
            "client_secret": key_in(self.around.environ, SECRET),
            "grant_type": "client_credentials",
        }
        reply = await ask_with_key(
            fetch,
            self.config.token_url,
            {"Content-Type": "application/x-www-form-urlencoded"},
            method="POST",
            body=urlencode(form).encode(),
        )
        # A wrong id or secret is told with 400 or 403.
        if reply.status in (400, 403):
            raise SourceError(
                f"Twitch gives no token for what {_BOTH} hold (status {reply.status}); check them "
                "in its console.",
                Failure.AUTH,
            )
        if (error := refusal(reply, who="Twitch", where=where, key=_BOTH)) is not None:
            raise error
        answer = parse_answer(reply.body, who="Twitch", where=where)
        token = text_of(answer, "access_token") if isinstance(answer, dict) else None
        if token is None or not (token.isascii() and token.isprintable()):
            raise SourceError(f"Twitch answered {where} without one; nothing was asked with it.")
        self._token = token
        return token


def _handle(login: str | None, shown: str | None) -> str | None:
    """The handle as its owner writes it, where that is the same but for the case."""
    return shown if login and shown and shown.casefold() == login.casefold() else login


def _channel(row: Mapping[str, Any]) -> Profile:
    """A channel as a search shows it."""
    native_id, login = id_of(row, "id"), text_of(row, "broadcaster_login")
    if native_id is None:
        raise ValueError("channel: has no id")
    name = text_of(row, "display_name")
    return Profile(
        native_id=native_id,
        handle=_handle(login, name),
        display_name=name,
        url=f"https://www.twitch.tv/{login}" if login else None,
        # The title is of the stream, not of who streams; the evidence has it.
        avatar_url=text_of(row, "thumbnail_url"),
        raw=as_raw(row),
    )


def _user(row: Mapping[str, Any]) -> Profile:
    native_id, login = id_of(row, "id"), text_of(row, "login")
    if native_id is None:
        raise ValueError("user: has no id")
    name, bio = text_of(row, "display_name"), text_of(row, "description")
    partner = row.get("broadcaster_type") == "partner"
    return Profile(
        native_id=native_id,
        handle=_handle(login, name),
        display_name=name,
        bio=bio,
        url=f"https://www.twitch.tv/{login}" if login else None,
        created_at=moment_of(row, "created_at"),
        links=links_in(bio or ""),
        verified=Verified.NOTABLE if partner else None,
        avatar_url=text_of(row, "profile_image_url"),
        banner_url=text_of(row, "offline_image_url"),
        whole=True,
        raw=as_raw(row),
    )


def _gone(
    question: Question,
    asked: Sequence[str],
    found: Sequence[Profile | Refused],
    *,
    by_handle: bool,
) -> tuple[Profile, ...]:
    """Those that were asked about and that the answer leaves out.

    Raises SourceError where the answer has a row that nobody can read: it may be one of them.
    """
    if any(isinstance(one, Refused) for one in found):
        raise SourceError(
            f"Twitch answered {question} with a user that has no id, so none of the others can be "
            "called gone; the next run asks again."
        )
    answered = {
        ((one.handle or "").casefold() if by_handle else one.native_id)
        for one in found
        if isinstance(one, Profile)
    }
    return tuple(
        Profile(native_id=known.native_id, handle=known.handle, state=SubjectState.REMOVED)
        for text, known in zip(question.texts, question.known, strict=True)
        if text in asked and (text.casefold() if by_handle else text) not in answered
    )


#: In the shape of the API's own examples; the content is made up.
_FOUND: dict[str, Any] = {
    "data": [
        {
            "broadcaster_language": "en",
            "broadcaster_login": "acme_giveaway",
            "display_name": "Acme_Giveaway",
            "game_id": "0",
            "game_name": "",
            "id": "900000001",
            "is_live": True,
            "tags": [],
            "thumbnail_url": "https://pictures.example/300x300.png",
            "title": "ACME gives back: send one, get two",
            "started_at": "2026-11-20T10:00:00Z",
        }
    ],
    "pagination": {},
}
_TOKEN = {"access_token": "app-token", "expires_in": 5_011_271, "token_type": "bearer"}

Twitch.examples = (
    Example(
        what="a search that finds one channel, with a token that was asked for",
        table={
            "url": f"{RECORDED}/helix",
            "token_url": f"{RECORDED}/oauth2/token",
            "probes": 0,
            "pictures": False,
        },
        environ={CLIENT: "an-app", SECRET: "a-secret"},
        served=(
            Served(path="/oauth2/token", method="POST", body=json.dumps(_TOKEN).encode()),
            Served(path="/helix/search/channels", body=json.dumps(_FOUND).encode()),
        ),
        observations=(
            {
                "position": 0,
                "subject_kind": "account",
                "subject_key": "account:twitch:900000001",
                "platform": "twitch",
                "native_id": "900000001",
                "handle": "Acme_Giveaway",
                "display_name": "Acme_Giveaway",
                "url": "https://www.twitch.tv/acme_giveaway",
                "state": "live",
                "trust": "platform",
                **evidence(_FOUND["data"][0]),
            },
        ),
    ),
)
