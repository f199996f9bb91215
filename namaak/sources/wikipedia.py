"""User names of Wikipedia, by the interface of MediaWiki, in the language editions that are named.

Most accounts hold for all editions: they are known by their central number. An account of one
edition alone is known by that edition and its number there, as in `nl.wikipedia.org:45`. A user
name is all there is: no picture, no text of its own.

Blocked here is not blocked there. An edition that blocks an account says so; that one does not says
nothing, and whether an account is alive is said by a look at all of them.
API: mediawiki.org/wiki/API:Allusers, API:Users, Extension:CentralAuth/API, read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field, StringConstraints, field_validator

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Rate
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
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, in_calls, searches

_LIMITS = Limits(max_bytes=4 << 20)
_RATE = Rate(per_second=1, burst=2)
_EDITION = "{edition}"
_SITE = ".wikipedia.org"
_LOCAL = re.compile(r"([a-z][a-z-]{1,29})\.wikipedia\.org:([0-9]{1,18})")
#: Most names of one call without further rights.
_CALL = 50
_ROWS = 500
_PROPERTIES = "blockinfo|editcount|registration|centralids"
#: What no user name holds, and what would part a call otherwise.
_NOT_IN_NAMES = re.compile(r"[#<>\[\]|{}/@:\x00-\x1f\x7f\ud800-\udfff]")
_BUSY = frozenset({"maxlag", "ratelimited", "readonly"})

_Edition = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[a-z][a-z-]{1,29}$")]


class WikipediaConfig(PolledConfig):
    """`[sources.wikipedia]`."""

    #: Address of an edition's interface; `{edition}` in it becomes the edition.
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = (
        "https://{edition}.wikipedia.org/w/api.php"
    )
    editions: Annotated[tuple[_Edition, ...], Field(max_length=400)] = (
        "en",
        "de",
        "fr",
        "es",
        "nl",
    )
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 50  #: a brand and edition

    @field_validator("url")
    @classmethod
    def _names_the_edition(cls, url: str) -> str:
        if url.count(_EDITION) != 1:
            raise ValueError(f"must contain {_EDITION} once, where the language stands")
        return url


class Wikipedia(PolledSource[WikipediaConfig]):
    """User names, by how they begin."""

    name = "wikipedia"
    platform = "wikipedia"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "Wikimedia's rules for its interfaces: who asks, one question at a time"
    auth = None
    budget = "one request a second and edition; a brand: some six and one for each fifty names"
    cursor = "the name at which the next page begins; rounds of questions, one a day"
    Config = WikipediaConfig
    ways = (Way.SEARCH, Way.PROBE, Way.KNOWN)

    def __init__(self, config: WikipediaConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._editions = tuple(dict.fromkeys(config.editions))
        for edition in self._editions:
            around.manners.set_rate(urlsplit(self._url(edition)).hostname or "", _RATE)

    def reads_anything(self) -> bool:
        """Not where no edition is named."""
        return bool(self._editions)

    def instances(self) -> Iterator[Asked]:
        """One for each way and edition; what is a case is asked of all at once."""
        for edition in self._editions:
            for way in (Way.SEARCH, Way.PROBE):
                instance = self.instance(way, edition)
                if self.questions(instance):
                    yield instance
        again = self.instance(Way.KNOWN)
        if self._editions and self.questions(again):
            yield again

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.SEARCH:
            prefixes = (
                prefix for name in searches(self.around.brands) for prefix in beginnings(name)
            )
            return [Question(way=Way.SEARCH, texts=(one,)) for one in dict.fromkeys(prefixes)]
        if instance.way is Way.PROBE:
            if not self.config.probes:
                return []
            feared = probes(self.around.brands, platform="wikipedia", most=self.config.probes)
            names = dict.fromkeys(name for one in feared if (name := user_name(one)))
            return [Question(way=Way.PROBE, texts=call) for call in in_calls(names, _CALL)]
        known = sorted(self.around.known("wikipedia"), key=lambda one: one.subject_key)
        return [
            Question(way=Way.KNOWN, texts=(by,), known=(one,))
            for one in known
            if (by := one.native_id or user_name(one.handle or ""))
        ]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        if question.way is Way.SEARCH:
            return await self._search(fetch, instance.server, question, cursor)
        if question.way is Way.PROBE:
            asked = {"list": "users", "usprop": _PROPERTIES, "ususers": "|".join(question.texts)}
            return Page(entries=await self._users(fetch, instance.server, asked, "users", question))
        return Page(entries=await self._look_again(fetch, question, question.known[0]))

    async def _search(
        self, fetch: Fetcher, edition: str, question: Question, cursor: str | None
    ) -> Page:
        asked = {
            "list": "allusers",
            "auprefix": question.texts[0],
            "auprop": _PROPERTIES,
            "aulimit": str(_ROWS),
        }
        if cursor is not None:
            asked["aufrom"] = cursor
        answer = await self._asked(fetch, edition, asked, question)
        rows = entries(answer, "query", "allusers", who="Wikipedia", where=str(question))
        following = text_of(object_of(answer, "continue"), "aufrom")
        return Page(
            entries=profiles(rows, lambda row: read_user(row, edition)),
            next=None if following is None else following.encode("utf-8", "replace").decode(),
        )

    async def _users(
        self, fetch: Fetcher, edition: str, asked: Mapping[str, str], name: str, question: Question
    ) -> tuple[Profile | Refused, ...]:
        answer = await self._asked(fetch, edition, asked, question)
        rows = entries(answer, "query", name, who="Wikipedia", where=str(question))
        there = [row for row in rows if not (isinstance(row, dict) and _is_none(row))]
        return profiles(there, lambda row: read_user(row, edition))

    async def _look_again(
        self, fetch: Fetcher, question: Question, known: Known
    ) -> tuple[Profile | Refused, ...]:
        gone = Profile(native_id=known.native_id, handle=known.handle, state=SubjectState.REMOVED)
        if local := _LOCAL.fullmatch(known.native_id or ""):
            asked = {"list": "users", "usprop": _PROPERTIES, "ususerids": local[2]}
            found = await self._users(fetch, local[1], asked, "users", question)
            return found or (gone,)
        by = "guiid" if known.native_id else "guiuser"
        asked = {
            "meta": "globaluserinfo",
            "guiprop": "editcount|merged",
            by: question.texts[0],
        }
        answer = await self._asked(fetch, self._editions[0], asked, question, none="invaliduserid")
        row = object_of(object_of(answer, "query"), "globaluserinfo")
        if not row and "error" not in answer:
            raise SourceError(
                f"Wikipedia answered {question} with JSON of another shape; nothing was taken from "
                "it."
            )
        if not row or _is_none(row):
            return (gone,)
        return profiles([row], lambda one: read_central(one, self._editions))

    async def _asked(
        self,
        fetch: Fetcher,
        edition: str,
        asked: Mapping[str, str],
        question: Question,
        *,
        none: str | None = None,
    ) -> Mapping[str, Any]:
        """none: the code of an error that is an answer."""
        given = {"action": "query", "format": "json", "formatversion": "2", "maxlag": "5", **asked}
        # A call of fifty long names does not fit into an address.
        reply = await fetch.get(
            self._url(edition),
            limits=_LIMITS,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            redirects=0,
            method="POST",
            body=urlencode(given).encode(),
        )
        answer = parse_answer(reply.body, who="Wikipedia", where=str(question))
        if not isinstance(answer, dict):
            raise SourceError(
                f"Wikipedia answered {question} with JSON of another shape; nothing was taken from "
                "it."
            )
        error = object_of(answer, "error")
        if not error or error.get("code") == none:
            return answer
        code = text_of(error, "code") or "no reason"
        says = excerpt(text_of(error, "info") or code)
        raise SourceError(
            f"Wikipedia in {edition!r} refuses {question}: {says}; the next run asks again.",
            Failure.THROTTLED if code in _BUSY else Failure.MALFORMED,
        )

    def _url(self, edition: str) -> str:
        return self.config.url.replace(_EDITION, edition)


def user_name(text: str) -> str | None:
    """As MediaWiki writes it: blanks for underscores, the first letter a capital.

    >>> user_name("acme_bank_"), user_name("a|b")
    ('Acme bank', None)
    """
    name = " ".join(text.replace("_", " ").split())
    if not name or _NOT_IN_NAMES.search(name) or len(name) > 85:
        return None
    # Not a letter such as "ß", whose capital is two.
    first = name[0].upper()
    return (first if len(first) == 1 else name[0]) + name[1:]


def beginnings(name: str) -> Iterator[str]:
    """How user names may begin that begin with this name: the prefix knows lower from upper case.

    >>> list(beginnings("Acme Bank"))
    ['Acme Bank', 'AcmeBank', 'Acme bank', 'Acmebank', 'ACME BANK', 'ACMEBANK']
    """
    for cased in (name, name.capitalize(), name.upper()):
        for spaced in (cased, "".join(cased.split())):
            if (one := user_name(spaced)) is not None:
                yield one


def read_user(row: Mapping[str, Any], edition: str) -> Profile:
    """A row of `list=users` or `list=allusers`. Raises ValueError with what is wrong."""
    name = text_of(row, "name")
    number = id_of(row, "userid")
    if name is None or number is None:
        raise ValueError("name: or userid is missing")
    # Without this, a central number is that of whoever has the name elsewhere.
    attached = object_of(row, "attachedlocal").get("CentralAuth") is True
    central = id_of(object_of(row, "centralids"), "CentralAuth") if attached else None
    central = None if central == "0" else central
    blocked = "blockid" in row
    partial = row.get("blockpartial") is True
    state = None if central is not None else SubjectState.LIVE
    return Profile(
        native_id=central or f"{edition}{_SITE}:{number}",
        handle=name,
        url=f"https://{edition}{_SITE}/wiki/User:{_page(name)}",
        posts=count_of(row, "editcount") if central is None else None,
        created_at=moment_of(row, "registration") if central is None else None,
        flags=(Flag.LIMITED,) if blocked and partial else (),
        state=SubjectState.SUSPENDED if blocked and not partial else state,
        raw=as_raw(row),
    )


def read_central(row: Mapping[str, Any], editions: Sequence[str]) -> Profile:
    """`meta=globaluserinfo`. Raises ValueError with what is wrong."""
    name, number = text_of(row, "name"), id_of(row, "id")
    if name is None or number is None:
        raise ValueError("name: or id is missing")
    merged = row.get("merged")
    watched = {f"https://{edition}{_SITE}" for edition in editions}
    blocked = any(
        bool(object_of(one, "blocked")) and text_of(one, "url") in watched
        for one in (merged if isinstance(merged, list) else ())
        if isinstance(one, dict)
    )
    locked = row.get("locked", False) is not False
    return Profile(
        native_id=number,
        handle=name,
        url=f"https://{editions[0]}{_SITE}/wiki/User:{_page(name)}",
        posts=count_of(row, "editcount"),
        created_at=moment_of(row, "registration"),
        state=SubjectState.SUSPENDED if locked or blocked else SubjectState.LIVE,
        raw=as_raw(row),
    )


def _is_none(row: Mapping[str, Any]) -> bool:
    return any(row.get(mark, False) is not False for mark in ("missing", "invalid"))


def _page(name: str) -> str:
    return quote(name.replace(" ", "_"), safe="", errors="replace")


def _evidence(row: Mapping[str, Any]) -> dict[str, str]:
    raw = as_raw(row)
    return {"raw": raw, "evidence_hash": hashlib.sha256(raw.encode()).hexdigest()}


_CENTRAL: dict[str, Any] = {
    "userid": 45,
    "name": "ACME Helpdesk",
    "blockid": 3,
    "blockedby": "Somebody",
    "blockpartial": False,
    "editcount": 2,
    "registration": "2026-11-02T09:00:00Z",
    "centralids": {"CentralAuth": 7001, "local": 45},
    "attachedlocal": {"CentralAuth": True, "local": True},
}
_ALONE: dict[str, Any] = {
    "userid": 46,
    "name": "ACME old",
    "editcount": 12,
    "registration": "2009-11-02T09:00:00Z",
    "centralids": {"CentralAuth": 7002, "local": 46},
    "attachedlocal": {"CentralAuth": False, "local": True},
}

Wikipedia.examples = (
    Example(
        what="an account of all editions that one blocks, and one of a single edition",
        table={"url": f"{RECORDED}/{{edition}}/w/api.php", "editions": ["nl"], "probes": 0},
        served=(
            Served(
                path="/nl/w/api.php",
                method="POST",
                body=json.dumps(
                    {"batchcomplete": True, "query": {"allusers": [_CENTRAL, _ALONE, {}]}}
                ).encode(),
            ),
        ),
        observations=(
            {
                "position": 0, "subject_kind": "account", "platform": "wikipedia",
                "subject_key": "account:wikipedia:7001", "native_id": "7001",
                "handle": "ACME Helpdesk",
                "url": "https://nl.wikipedia.org/wiki/User:ACME_Helpdesk",
                "state": "suspended", "trust": "platform", **_evidence(_CENTRAL),
            },
            {
                "position": 1, "subject_kind": "account", "platform": "wikipedia",
                "subject_key": "account:wikipedia:nl.wikipedia.org:46",
                "native_id": "nl.wikipedia.org:46", "handle": "ACME old",
                "url": "https://nl.wikipedia.org/wiki/User:ACME_old", "posts": 12,
                "created_at": "2009-11-02T09:00:00+00:00",
                "state": "live", "trust": "platform", **_evidence(_ALONE),
            },
        ),
        rejects=((2, "name: or userid is missing"), (5, "name: or userid is missing")),
    ),
)  # fmt: skip
