"""X: accounts by name, by handle, and again by id, through its API (version 2), which costs money.

Every account that an answer shows is paid for, so nothing is asked until the table says how much a
month may cost. A call is counted in full before it is made (`profiles.purse`); of a search, which
may show a hundred and mostly shows few, the rest is taken back once its answer is read. Whether a
look-up is charged for an account that does not exist is not documented: it is counted as if so. A
paid call is made once: an answer that breaks off is asked for again by a later run, and paid again.

Searches want a token of a person (X_USER_TOKEN); look-ups are made with the app's (X_BEARER_TOKEN).
API and prices: docs.x.com, read 2026.
May import: namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, cast
from urllib.parse import urlencode, urlsplit

from pydantic import Field, StringConstraints

from namaak.fetch import Fetcher, Rate
from namaak.records import Flag, SubjectKind, SubjectState, Verified
from namaak.sources.base import RECORDED, Batch, Example, Instance, Served, Surroundings
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
from namaak.sources.profiles.keyed import KeyedUrl, ask_with_key, key_in, refusal
from namaak.sources.profiles.lately import Lately
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.purse import Purse
from namaak.sources.profiles.questions import Question, Way, in_calls, known_in_calls, searches
from namaak.sources.profiles.recorded import evidence
from namaak.sources.profiles.spending import Ledger

APP_TOKEN = "X_BEARER_TOKEN"  # noqa: S105 - the name of the variable, not the token
USER_TOKEN = "X_USER_TOKEN"  # noqa: S105 - the name of the variable, not the token
#: 300 look-ups of an app, and 300 searches, in a quarter of an hour (read 2026).
_RATE = Rate(per_second=0.33, burst=5)
#: Accounts of one look-up, and of one page of a search.
_MOST = 100
_FIELDS = (
    "created_at,description,entities,id,location,name,pinned_tweet_id,profile_image_url,protected,"
    "public_metrics,url,username,verified,verified_type,withheld"
)
#: Statuses with which no account is shown, so that none is charged.
_SHOWS_NOTHING = frozenset({400, 401, 402, 403, 429})
_NATIVE_ID = re.compile(r"[0-9]{1,20}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}")
_SMALL = re.compile(r"_normal(\.[A-Za-z]{3,4})$")
_VERIFIED = {
    "blue": Verified.PAID,
    "business": Verified.ORGANISATION,
    "government": Verified.ORGANISATION,
    "none": Verified.NONE,
}
_Dollars = Annotated[Decimal, Field(gt=0, le=1_000_000)]


class XConfig(PolledConfig):
    """`[sources.x]`."""

    url: KeyedUrl = "https://api.x.com/2"
    #: No default: whoever pays says how much.
    dollars_per_month: _Dollars | None = None
    dollars_per_brand_per_month: _Dollars | None = None  #: of these, for what is asked for a brand
    dollars_per_user: _Dollars = Decimal("0.010")  #: read 2026; the console has today's price
    every_hours: Annotated[float, Field(gt=0, le=8_760)] = 168.0  #: of searches and probes
    known_every_hours: Annotated[float, Field(gt=0, le=8_760)] = 24.0  #: of what is a case already
    pages_per_question: Annotated[int, Field(strict=True, ge=1, le=10)] = 1
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 100  #: handles of each brand
    #: Fields of a user to ask for besides, as in ["parody"]; one that X does not know fails all.
    more_fields: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")], ...] = ()


class X(PolledSource[XConfig]):
    """Accounts, from X."""

    name = "x"
    platform = "x"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "X's developer agreement: among others, what X deletes is to be deleted"
    auth = APP_TOKEN
    budget = "$0.010 for each account shown (read 2026), up to dollars_per_month and never beyond"
    cursor = "the platform's token of the next page of a search"
    ways = (Way.KNOWN, Way.PROBE, Way.SEARCH)
    Config = XConfig

    def __init__(self, config: XConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)
        self._lately = Lately(around.state_folder)
        #: By instance: what the last page showed, until it is stored.
        self._shown: dict[str, set[str]] = {}

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if not self._token(APP_TOKEN):
            return (
                f"{APP_TOKEN} is not set; make an app in X's developer console, or drop the table."
            )
        if self.config.dollars_per_month is None:
            return (
                "x is left out: set dollars_per_month in [sources.x] to what it may cost; X takes "
                f"${self.config.dollars_per_user} for each account that it shows."
            )
        return None

    def faults(self) -> Iterator[str]:
        """A budget with which nothing can be asked."""
        call, month = self.config.dollars_per_user * _MOST, self.config.dollars_per_month
        share = self.config.dollars_per_brand_per_month
        if month is not None and month < call:
            yield f"dollars_per_month: one call may cost ${call}; give it more"
        if share is not None and share < call:
            yield f"dollars_per_brand_per_month: one call may cost ${call}; give it more"

    def quota(self) -> str | None:
        """As in "$24.50 of $25.00 left this month"."""
        if self.config.dollars_per_month is None:
            return None
        left = self._purse.in_words(self.around.now())
        return left if self._token(USER_TOKEN) else f"{left}; no {USER_TOKEN}, so no searches"

    # What is asked

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`; last those for which there is no money left."""
        if instance.way is Way.KNOWN:
            return list(known_in_calls(self.around.known(self.platform), _MOST))
        if instance.way is Way.SEARCH and not self._token(USER_TOKEN):
            return []
        now = self.around.now()
        planned = [(who, one) for who, one in self._planned if one.way is instance.way]
        affords = {who: self._affords(who, now) for who, _ in planned}
        planned.sort(key=lambda pair: not affords[pair[0]])
        return [question for _, question in planned]

    @cached_property
    def _planned(self) -> list[tuple[str, Question]]:
        """Each question with the brand that pays for it; brands take turns."""
        each: list[list[tuple[str, Question]]] = []
        searched: set[str] = set()
        for brand_id, brand in self.around.brands.items():
            alone = {brand_id: brand}
            names = [name for name in searches(alone) if name.casefold() not in searched]
            searched.update(name.casefold() for name in names)
            handles = probes(alone, platform=self.platform, most=self.config.probes)
            asked = [Question(way=Way.SEARCH, texts=(name,)) for name in names]
            asked += [Question(way=Way.PROBE, texts=call) for call in in_calls(handles, _MOST)]
            each.append([(brand_id, question) for question in asked])
        longest = max(map(len, each), default=0)
        return [one[place] for place in range(longest) for one in each if place < len(one)]

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `PolledSource.batches`. What is a case already has a rhythm of its own."""
        asking = self
        if isinstance(instance, Asked) and instance.way is Way.KNOWN:
            often = self.config.model_copy(update={"every_hours": self.config.known_every_hours})
            asking = X(often, self.around)
        found = PolledSource.batches(asking, instance, start, observed_at=observed_at, state=state)
        with closing(cast("Generator[Batch]", found)) as batches:
            for batch in batches:
                yield batch
                # Whoever iterates on has stored it; what is not stored must be asked again.
                self._lately.keep(asking._shown.pop(instance.id, ()), self.around.now())

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        now = self.around.now()
        if question.way is Way.SEARCH:
            asked = {"query": question.texts[0], "max_results": str(_MOST)}
            if cursor is not None:
                asked["next_token"] = cursor
            answer = await self._paid(fetch, "users/search", asked, _MOST, question)
            found = profiles(_users(answer, where=str(question)), _profile)
            self._shown[instance.id] = _marks(found)
            return Page(entries=found, next=text_of(object_of(answer, "meta"), "next_token"))
        by_handle = question.way is Way.PROBE or question.where == "handle"
        pattern = _HANDLE if by_handle else _NATIVE_ID
        # One that X could not have given would spoil the whole call.
        sound = [text for text in question.texts if pattern.fullmatch(text)]
        refused = tuple(
            Refused(reason=f"account {text}: is none of X's, not looked up")
            for text in question.texts
            if text not in sound
        )
        wanted = self._not_lately(sound, by_handle=by_handle, now=now)
        if not wanted:
            return Page(entries=refused)
        path, name = ("users/by", "usernames") if by_handle else ("users", "ids")
        answer = await self._paid(fetch, path, {name: ",".join(wanted)}, len(wanted), question)
        found = profiles(_users(answer, where=str(question)), _profile)
        if question.way is Way.KNOWN:
            found += _not_shown(question, wanted, found, _errors(answer), by_handle=by_handle)
        asked_about = {_mark(text, by_handle=by_handle) for text in wanted}
        self._shown[instance.id] = _marks(found) | asked_about
        return Page(entries=found + refused)

    def _not_lately(self, texts: Sequence[str], *, by_handle: bool, now: datetime) -> list[str]:
        """Those that were not paid for lately.

        Half of the time between two rounds: what was asked late in one must not miss the next.
        """
        within = timedelta(hours=self.config.every_hours / 2)
        marks = {text: _mark(text, by_handle=by_handle) for text in texts}
        known = self._lately.since(marks.values(), now, within)
        return [text for text in texts if marks[text] not in known]

    # What it costs

    @cached_property
    def _purse(self) -> Purse:
        return Purse(
            Ledger(self.around.state_folder),
            who="X",
            per_month=self.config.dollars_per_month or Decimal(0),
            per_brand=self.config.dollars_per_brand_per_month,
        )

    @cached_property
    def _payers(self) -> Mapping[str, str]:
        return {question.key: brand_id for brand_id, question in self._planned}

    def _affords(self, brand_id: str, now: datetime) -> bool:
        """A whole call; a look-up of few may cost less, and then waits for no good reason."""
        return self._purse.left(now, brand=brand_id) >= self.config.dollars_per_user * _MOST

    async def _paid(
        self, fetch: Fetcher, path: str, asked: Mapping[str, str], most: int, question: Question
    ) -> Mapping[str, Any]:
        """most: how many accounts the answer may show. Raises SourceError."""
        price, where = self.config.dollars_per_user, str(question)
        key = USER_TOKEN if question.way is Way.SEARCH else APP_TOKEN
        query = urlencode({**asked, "user.fields": ",".join((_FIELDS, *self.config.more_fields))})
        # What is a case already is looked up for all.
        brand = "" if question.way is Way.KNOWN else self._payers.get(question.key, "")
        payment = self._purse.pay(most * price, brand=brand, now=self.around.now())
        # Once: what breaks off may have been charged, and so may be the next attempt.
        reply = await ask_with_key(
            fetch,
            f"{self.config.url}/{path}?{query}",
            {"Authorization": f"Bearer {self._token(key)}"},
            retries=0,
        )
        error = refusal(reply, who="X", where=where, key=key)
        if error is not None:
            if reply.status in _SHOWS_NOTHING:
                self._purse.settle(payment, Decimal(0))
            raise error
        answer = parse_answer(reply.body, who="X", where=where)
        shown = len(_users(answer, where=where)) + len(_errors(answer))
        self._purse.settle(payment, shown * price)
        assert isinstance(answer, dict)
        return answer

    def _token(self, name: str) -> str:
        return key_in(self.around.environ, name)


def _users(answer: Any, *, where: str) -> list[Any]:
    """The accounts of an answer; one that shows none has no list at all.

    Raises SourceError for JSON of another shape.
    """
    if (
        isinstance(answer, dict)
        and "data" not in answer
        and (_errors(answer) or object_of(answer, "meta").get("result_count") == 0)
    ):
        return []
    return entries(answer, "data", who="X", where=where)


def _errors(answer: Any) -> list[Mapping[str, Any]]:
    """What X says of accounts that it does not show, one object each."""
    listed = answer.get("errors") if isinstance(answer, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _mark(text: str, *, by_handle: bool) -> str:
    """As which an id or handle is remembered."""
    return f"@{text.casefold()}" if by_handle else text


def _marks(found: Sequence[Profile | Refused]) -> set[str]:
    return {one.native_id for one in found if isinstance(one, Profile) and one.native_id}


def _profile(row: Mapping[str, Any]) -> Profile:
    native_id = id_of(row, "id")
    if native_id is None:
        raise ValueError("user: has no id")
    handle = text_of(row, "username")
    counts = object_of(row, "public_metrics")
    flags = []
    if row.get("protected") is True:
        flags.append(Flag.PROTECTED)
    if object_of(row, "withheld"):
        flags.append(Flag.LIMITED)
    if row.get("parody") is True:
        flags.append(Flag.PARODY)
    picture = text_of(row, "profile_image_url")
    return Profile(
        native_id=native_id,
        handle=handle,
        display_name=text_of(row, "name"),
        bio=text_of(row, "description"),
        url=f"https://x.com/{handle}" if handle else f"https://x.com/i/user/{native_id}",
        followers=count_of(counts, "followers_count"),
        following=count_of(counts, "following_count"),
        posts=count_of(counts, "tweet_count"),
        created_at=moment_of(row, "created_at"),
        links=_links(row),
        verified=_VERIFIED.get(text_of(row, "verified_type") or ""),
        flags=tuple(flags),
        # What is shown is 48 pixels wide; beside it lies what was uploaded.
        avatar_url=picture and _SMALL.sub(r"\1", picture),
        whole=True,
        raw=as_raw(row),
    )


def _links(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the addresses of the profile lead; X itself writes all of them as its own."""
    found = []
    for part in ("url", "description"):
        listed = object_of(object_of(row, "entities"), part).get("urls")
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and (url := text_of(one, "expanded_url", "url")):
                found.append(url)
    if not found and (url := text_of(row, "url")):
        found.append(url)
    return tuple(dict.fromkeys(found))


def _not_shown(
    question: Question,
    wanted: Sequence[str],
    found: Sequence[Profile | Refused],
    errors: Sequence[Mapping[str, Any]],
    *,
    by_handle: bool,
) -> tuple[Profile | Refused, ...]:
    """Of the cases that were asked about those that X does not show, and what it says of them."""
    shown = {
        ((one.handle or "").casefold() if by_handle else one.native_id)
        for one in found
        if isinstance(one, Profile)
    }
    said = {(id_of(error, "value") or id_of(error, "resource_id") or "").casefold(): error
            for error in errors}  # fmt: skip
    told: list[Profile | Refused] = []
    for text, known in zip(question.texts, question.known, strict=True):
        if text not in wanted or (text.casefold() if by_handle else text) in shown:
            continue
        error = said.get(text.casefold(), {})
        state = _state(error)
        if state is None:
            words = text_of(error, "detail", "title") or "X says nothing of it"
            told.append(Refused(reason=f"account {text}: is not shown, its state is not known",
                                excerpt=words))  # fmt: skip
        else:
            told.append(
                Profile(
                    native_id=known.native_id,
                    handle=known.handle,
                    state=state,
                    raw=as_raw(error),
                )
            )
    return tuple(told)


def _state(error: Mapping[str, Any]) -> SubjectState | None:
    title = (text_of(error, "title") or "").casefold()
    if "suspended" in (text_of(error, "detail") or "").casefold():
        return SubjectState.SUSPENDED
    return SubjectState.REMOVED if title.startswith("not found") else None


#: In the shape of the API's own example; the content is made up.
_RECORDED: dict[str, Any] = {
    "data": [
        {
            "id": "1700000000000000001",
            "name": "ACME Support",
            "username": "ACME_Help24",
            "created_at": "2026-10-30T09:15:00.000Z",
            "description": "Refunds for customers. https://t.co/abc",
            "protected": False,
            "verified": True,
            "verified_type": "blue",
            "url": "https://t.co/xyz",
            "entities": {
                "url": {"urls": [{"url": "https://t.co/xyz", "start": 0, "end": 16,
                                  "expanded_url": "https://acme-help.example/refund"}]},
                "description": {"urls": [{"url": "https://t.co/abc",
                                          "expanded_url": "https://acme.test/chat"}]},
            },
            "profile_image_url": "https://pictures.example/1/a_normal.jpg",
            "public_metrics": {"followers_count": 31, "following_count": 900, "tweet_count": 2,
                               "listed_count": 0},
        },
        {"name": "no id"},
    ],
    "meta": {"result_count": 2},
}  # fmt: skip

X.examples = (
    Example(
        what="a search that shows one account with a bought badge, and a row without an id",
        table={
            "url": f"{RECORDED}/2",
            "dollars_per_month": 25,
            "probes": 0,
            "pictures": False,
        },
        environ={APP_TOKEN: "app", USER_TOKEN: "person"},
        served=(Served(path="/2/users/search", body=json.dumps(_RECORDED).encode()),),
        observations=(
            {
                "position": 0,
                "subject_kind": "account",
                "contacts": [],
                "flags": [],
                "proved_links": [],
                "subject_key": "account:x:1700000000000000001",
                "platform": "x",
                "native_id": "1700000000000000001",
                "handle": "ACME_Help24",
                "display_name": "ACME Support",
                "bio": "Refunds for customers. https://t.co/abc",
                "url": "https://x.com/ACME_Help24",
                "followers": 31,
                "following": 900,
                "posts": 2,
                "created_at": "2026-10-30T09:15:00+00:00",
                "links": ["https://acme-help.example/refund", "https://acme.test/chat"],
                "verified": "paid",
                "state": "live",
                "trust": "platform",
                **evidence(_RECORDED["data"][0]),
            },
        ),
        rejects=((1, "user: has no id"),),
    ),
)
