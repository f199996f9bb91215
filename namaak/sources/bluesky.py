"""Bluesky: accounts by name and by handle, from its public view of the network.

Search finds names; look-ups of 25 at once tell which handles exist and what became of accounts
that are cases. The search gives no counts, so whatever it finds is looked up too. An account that
a look-up leaves out is asked after by itself: only then the platform says whether it was suspended,
put to sleep by its owner, or is not there. Silence and errors never mean that it is gone.
API: docs.bsky.app, app.bsky.actor.searchActors, getProfiles and getProfile, read 2026; the answers
are those of Bluesky's own servers, run on loopback (tests/peers/bluesky).
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlsplit

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Rate, Reply
from namaak.fetch.failures import failure_of
from namaak.records import SubjectKind, SubjectState
from namaak.sources.atproto.identity import is_handle
from namaak.sources.atproto.views import Reading, read_view
from namaak.sources.base import RECORDED, Example, Known, Served, Surroundings, excerpt
from namaak.sources.profiles.answers import as_raw, entries, parse_answer, profiles, text_of
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, in_calls, known_in_calls, searches

#: Accounts of one look-up, and of one page of a search, at most.
_LOOKED_UP = 25
_PAGE = 100
_LIMITS = Limits(max_bytes=8 << 20)
_RATE = Rate(per_second=5, burst=5)
_PICTURES = "cdn.bsky.app"
_PICTURES_RATE = Rate(per_second=10, burst=10)
_LONGEST_CURSOR = 1_000
#: Why the platform shows no profile, by its own words.
_GONE = {
    ("AccountTakedown", None): SubjectState.SUSPENDED,
    ("AccountDeactivated", None): SubjectState.REMOVED,
    ("InvalidRequest", "Profile not found"): SubjectState.REMOVED,
}

_Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{3,253}$")]
_Did = Annotated[str, StringConstraints(pattern=r"^did:(plc|web):[A-Za-z0-9.-]{3,253}$")]


class BlueskyConfig(PolledConfig):
    """`[sources.bluesky]`."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = (
        "https://public.api.bsky.app"
    )
    #: Hosts that give handles to anybody; probes are made below the first of them.
    hosts: Annotated[tuple[_Host, ...], Field(min_length=1)] = ("bsky.social",)
    #: Whose labels are the platform's verdicts: its own moderation service.
    labelers: tuple[_Did, ...] = ("did:plc:ar7c4by46qjdydhdevvrndac",)
    probes: Annotated[int, Field(strict=True, ge=0, le=5_000)] = 100  #: of one brand


class Bluesky(PolledSource[BlueskyConfig]):
    """Accounts of Bluesky."""

    name = "bluesky"
    platform = "bluesky"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "public profiles, shown to anybody without an account; Bluesky's terms of service"
    auth = None
    budget = "5 requests for 100 found accounts, one for 25 probes; at most 5 requests a second"
    cursor = "question by question; the platform's own cursor within a search"
    ways = (Way.SEARCH, Way.PROBE, Way.KNOWN)
    Config: ClassVar = BlueskyConfig

    def __init__(self, config: BlueskyConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)
        around.manners.set_rate(_PICTURES, _PICTURES_RATE)

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        brands = self.around.brands
        if instance.way is Way.SEARCH:
            return [Question(way=Way.SEARCH, texts=(name,)) for name in searches(brands)]
        if instance.way is Way.KNOWN:
            return list(known_in_calls(self.around.known(self.platform), _LOOKED_UP))
        wanted = probes(brands, platform=self.platform, most=self.config.probes)
        # They come with the platform's own host; another one may be asked below.
        labels = dict.fromkeys(handle.partition(".")[0] for handle in wanted)
        handles = (f"{label}.{self.config.hosts[0]}" for label in labels)
        # One that is no handle would make the platform refuse the whole call.
        calls = in_calls(filter(is_handle, handles), _LOOKED_UP)
        return [Question(way=Way.PROBE, texts=call) for call in calls]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        if question.way is Way.SEARCH:
            return await self._search(fetch, question, cursor)
        rows = await self._look_up(fetch, question.texts, where=str(question))
        found = profiles(rows, self._profile)
        if question.way is Way.PROBE:
            return Page(entries=found)
        present = {text for row in rows if isinstance(row, dict) for text in _names(row)}
        missing = [one for one in question.known if not _names_of(one) & present]
        gone = [entry for one in missing if (entry := await self._look_again(fetch, one))]
        return Page(entries=(*found, *gone))

    async def _search(self, fetch: Fetcher, question: Question, cursor: str | None) -> Page:
        where = str(question)
        asked = [("q", question.texts[0]), ("limit", str(_PAGE))]
        if cursor is not None:
            asked.append(("cursor", cursor))
        answer = await self._answer(fetch, "searchActors", asked, where)
        views = entries(answer, "actors", who="Bluesky", where=where)
        dids = [row["did"] for row in views if isinstance(row, dict) and _is_text(row.get("did"))]
        detailed: dict[str, Any] = {}
        for call in in_calls(dict.fromkeys(dids), _LOOKED_UP):
            for row in await self._look_up(fetch, call, where=where):
                if isinstance(row, dict) and row.get("did") in call:
                    detailed[row["did"]] = row
        # What was suspended between the two questions was shown by the first all the same.
        rows = [
            detailed.get(row["did"], row)
            if isinstance(row, dict) and _is_text(row.get("did"))
            else row
            for row in views
        ]
        found = profiles(rows, self._profile)
        following = text_of(answer, "cursor")
        if following is not None and len(following) > _LONGEST_CURSOR:
            why = (
                f"{where}: the platform's cursor is too long to ask on with; the rest is not known"
            )
            return Page(entries=(*found, Refused(reason=why, excerpt=following)))
        return Page(entries=found, next=following)

    async def _look_up(self, fetch: Fetcher, actors: Sequence[str], *, where: str) -> list[Any]:
        """Profiles of these DIDs or handles; of those that there are."""
        asked = [("actors", actor) for actor in actors]
        answer = await self._answer(fetch, "getProfiles", asked, where)
        return entries(answer, "profiles", who="Bluesky", where=where)

    async def _look_again(self, fetch: Fetcher, known: Known) -> Profile | Refused | None:
        """What became of an account that a look-up left out. Raises SourceError when not told."""
        actor = known.native_id or known.handle or ""
        where = f"another look at {actor!r}"
        reply = await fetch.get(
            self._url("getProfile", [("actor", actor)]),
            limits=_LIMITS,
            headers={"Accept": "application/json"},
            any_status=True,
        )
        if reply.status == 200:
            answer = parse_answer(reply.body, who="Bluesky", where=where)
            return profiles([answer], self._profile)[0]
        state = _state(reply, where)
        return Profile(
            native_id=known.native_id,
            handle=known.handle,
            state=state,
            raw=reply.body.decode("utf-8", "replace"),
        )

    async def _answer(
        self, fetch: Fetcher, method: str, asked: Sequence[tuple[str, str]], where: str
    ) -> Any:
        reply = await fetch.get(
            self._url(method, asked), limits=_LIMITS, headers={"Accept": "application/json"}
        )
        return parse_answer(reply.body, who="Bluesky", where=where)

    def _url(self, method: str, asked: Sequence[tuple[str, str]]) -> str:
        query = "&".join(f"{name}={quote(value, safe=':')}" for name, value in asked)
        return f"{self.config.url.rstrip('/')}/xrpc/app.bsky.actor.{method}?{query}"

    def _profile(self, row: Mapping[str, Any]) -> Profile:
        reading = Reading(
            hosts=self.config.hosts, labelers=self.config.labelers, now=self.around.now()
        )
        return read_view(row, reading)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _names(row: Mapping[str, Any]) -> set[str]:
    return {
        value.casefold() for name in ("did", "handle") if isinstance(value := row.get(name), str)
    }


def _names_of(known: Known) -> set[str]:
    """By what it was asked for: its permanent id where there is one, for handles change hands."""
    return {(known.native_id or known.handle or "").casefold()}


def _state(reply: Reply, where: str) -> SubjectState:
    """What the refusal of a profile says. Raises SourceError where it says something else."""
    if reply.status == 400:
        answer = parse_answer(reply.body, who="Bluesky", where=where)
        if isinstance(answer, dict):
            error, message = text_of(answer, "error"), text_of(answer, "message")
            state = _GONE.get((error or "", None)) or _GONE.get((error or "", message))
            if state is not None:
                return state
    said = excerpt(reply.body[:100])
    failure = failure_of(reply.status, retry_after=False) if reply.status >= 400 else None
    raise SourceError(
        f"Bluesky answered {where} with status {reply.status} ({said}), which says neither that "
        "the account is there nor that it is gone; the next run asks again.",
        failure or Failure.MALFORMED,
    )


_RECORDED_SEARCH = b"""{"actors":[
{"did":"did:plc:w6niwkjgh24qf4qdqvucxhx5","handle":"acme-support.test",
 "displayName":"ACME Support \xe2\x9c\x85",
 "avatar":"https://bsky.public.url/img/avatar/plain/did:plc:w6niwkjgh24qf4qdqvucxhx5/bafkreifu7omd",
 "associated":{"activitySubscription":{"allowSubscriptions":"followers"}},
 "labels":[{"src":"did:plc:4yss72xtv2ltk5jf64ogaz7g","uri":"did:plc:w6niwkjgh24qf4qdqvucxhx5",
  "val":"impersonation","cts":"2026-11-22T11:15:38.588Z"}],
 "createdAt":"2026-11-02T09:00:00.000Z",
 "description":"Help for ACME: acme-help.example/refund or help@acme.example",
 "indexedAt":"2026-11-02T09:00:00.000Z"},
{"did":"did:plc:gfuphkifhq45nf7r5vhsjdlq","handle":"acme.waldermond.example","displayName":"",
 "associated":{"activitySubscription":{"allowSubscriptions":"followers"}},"labels":[],
 "createdAt":"2026-11-02T09:00:00.000Z","indexedAt":"2026-11-02T09:00:00.000Z"},
{"handle":"acme.test","labels":[]}]}"""

_RECORDED_LOOK_UP = b"""{"profiles":[
{"did":"did:plc:w6niwkjgh24qf4qdqvucxhx5","handle":"acme-support.test",
 "displayName":"ACME Support \xe2\x9c\x85",
 "avatar":"https://bsky.public.url/img/avatar/plain/did:plc:w6niwkjgh24qf4qdqvucxhx5/bafkreifu7omd",
 "associated":{"lists":0,"feedgens":0,"starterPacks":0,"labeler":false,
  "activitySubscription":{"allowSubscriptions":"followers"}},
 "labels":[{"src":"did:plc:4yss72xtv2ltk5jf64ogaz7g","uri":"did:plc:w6niwkjgh24qf4qdqvucxhx5",
  "val":"impersonation","cts":"2026-11-22T11:15:38.588Z"}],
 "createdAt":"2026-11-02T09:00:00.000Z",
 "description":"Help for ACME: acme-help.example/refund or help@acme.example",
 "indexedAt":"2026-11-02T09:00:00.000Z","followersCount":3,"followsCount":0,"postsCount":1}]}"""

_RAW = tuple(
    as_raw(row)
    for row in (
        json.loads(_RECORDED_LOOK_UP)["profiles"][0],
        json.loads(_RECORDED_SEARCH)["actors"][1],
    )
)
_HASHES = tuple(hashlib.sha256(raw.encode()).hexdigest() for raw in _RAW)
_XRPC = "/xrpc/app.bsky.actor."

Bluesky.examples = (
    Example(
        what="a search, one account of which is gone before it is looked up, and a row without id",
        table={
            "url": RECORDED, "hosts": ["test"], "probes": 0, "pictures": False,
            "labelers": ["did:plc:4yss72xtv2ltk5jf64ogaz7g"],
        },
        served=(
            Served(path=f"{_XRPC}searchActors?q=ACME&limit=100", body=_RECORDED_SEARCH),
            Served(path=f"{_XRPC}getProfiles", body=_RECORDED_LOOK_UP),
        ),
        observations=(
            {
                "position": 0, "subject_kind": "account", "platform": "bluesky",
                "contacts": [], "proved_links": [],
                "subject_key": "account:bluesky:did:plc:w6niwkjgh24qf4qdqvucxhx5",
                "native_id": "did:plc:w6niwkjgh24qf4qdqvucxhx5", "handle": "acme-support.test",
                "display_name": "ACME Support \u2705",
                "bio": "Help for ACME: acme-help.example/refund or help@acme.example",
                "url": "https://bsky.app/profile/acme-support.test",
                "followers": 3, "following": 0, "posts": 1,
                "created_at": "2026-11-02T09:00:00+00:00",
                "source_time": "2026-11-02T09:00:00+00:00",
                "links": ["https://acme-help.example/refund"],
                "verified": "none", "flags": ["impersonation"], "state": "live",
                "trust": "platform", "raw": _RAW[0], "evidence_hash": _HASHES[0],
            },
            {
                "position": 1, "subject_kind": "account", "platform": "bluesky",
                "subject_key": "account:bluesky:did:plc:gfuphkifhq45nf7r5vhsjdlq",
                "native_id": "did:plc:gfuphkifhq45nf7r5vhsjdlq",
                "handle": "acme.waldermond.example",
                "url": "https://bsky.app/profile/acme.waldermond.example",
                "created_at": "2026-11-02T09:00:00+00:00",
                "source_time": "2026-11-02T09:00:00+00:00",
                "proved_links": ["https://acme.waldermond.example"],
                "verified": "domain", "state": "live", "trust": "platform",
                "raw": _RAW[1], "evidence_hash": _HASHES[1],
            },
        ),
        rejects=((2, "did: is none"),),
    ),
)  # fmt: skip
