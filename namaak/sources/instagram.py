"""Instagram: professional accounts by their exact handle, through Business Discovery.

Meta shows to one's own professional account what another one says of itself: name, biography,
website, picture, counts. Nothing else of Instagram can be asked lawfully by a brand team: there is
no search, and private persons' accounts are not shown. What does not answer is therefore gone,
renamed, or no professional account: that is not known, and never called removed.
API: developers.facebook.com, IG User, Business Discovery, read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from namaak.fetch import Fetcher, Rate
from namaak.records import SubjectKind
from namaak.sources.base import RECORDED, Example, Served, Surroundings
from namaak.sources.profiles.answers import as_raw, count_of, id_of, object_of, profiles, text_of
from namaak.sources.profiles.graph import GRAPH, Graph, GraphError
from namaak.sources.profiles.keyed import KeyedUrl, key_in
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way
from namaak.sources.profiles.recorded import evidence

TOKEN = "INSTAGRAM_TOKEN"  # noqa: S105 - the name of the variable, not the token
#: Some thirty a minute, well below 200 an hour and user once the day's probes are done.
_RATE = Rate(per_second=0.5, burst=2)
#: Stands within an expression of the API: nothing else may.
_HANDLE = re.compile(r"[A-Za-z0-9._]{1,30}")
#: "Invalid user id", "cannot be found": nobody, or nobody who is shown.
_NOT_SHOWN = frozenset({24, 110})
_FIELDS = (
    "id,username,name,biography,website,profile_picture_url,followers_count,follows_count,"
    "media_count"
)


class InstagramConfig(PolledConfig):
    """`[sources.instagram]`."""

    url: KeyedUrl = GRAPH
    #: The id of one's own professional account, as whom is asked.
    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,25}$")] | None = None
    every_hours: Annotated[float, Field(gt=0, le=8_760)] = 72.0
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 60  #: handles of each brand


class Instagram(PolledSource[InstagramConfig]):
    """Professional accounts, from Instagram."""

    name = "instagram"
    platform = "instagram"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "Meta's platform terms; professional accounts only, through an app that Meta reviewed"
    auth = TOKEN
    budget = "free; one call a handle, until 90 % of the app's hourly limit is used"
    cursor = "none: one answer a handle"
    ways = (Way.KNOWN, Way.PROBE)
    Config = InstagramConfig

    def __init__(self, config: InstagramConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if not key_in(self.around.environ, TOKEN):
            return (
                f"{TOKEN} is not set; make a token of an app with instagram_basic and "
                "instagram_manage_insights, or drop the table."
            )
        if self.config.account is None:
            return (
                "instagram is left out: set account in [sources.instagram] to the id of your own "
                "professional account, as whom Meta is asked."
            )
        return None

    def quota(self) -> str | None:
        """What the last answer said of the limits."""
        return self._graph.in_words()

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`; one handle each, which is all that a call takes."""
        if instance.way is Way.PROBE:
            handles = probes(self.around.brands, platform=self.platform, most=self.config.probes)
            return [Question(way=Way.PROBE, texts=(handle,)) for handle in handles]
        known = sorted(self.around.known(self.platform), key=lambda one: one.subject_key)
        return [
            # What was never seen by a handle is refused in `ask`, so that it is told.
            Question(way=Way.KNOWN, texts=(one.handle or f"id {one.native_id}",), known=(one,))
            for one in known
        ]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        (handle,) = question.texts
        handle = handle.lstrip("@")
        if not _HANDLE.fullmatch(handle):
            why = f"{question}: is no handle that Instagram gives; not looked up"
            return Page(entries=(Refused(reason=why),))
        try:
            answer = await self._graph.get(
                fetch,
                self.config.account or "",
                {"fields": f"business_discovery.username({handle.lower()}){{{_FIELDS}}}"},
                where=str(question),
            )
        except GraphError as error:
            if error.code not in _NOT_SHOWN:
                raise
            return Page(entries=_nobody(question))
        found = profiles([object_of(answer, "business_discovery") or None], _profile)
        return Page(entries=found + _another(question, found))

    @cached_property
    def _graph(self) -> Graph:
        return Graph(
            self.config.url,
            key_in(self.around.environ, TOKEN),
            key=TOKEN,
            who="Instagram",
            now=self.around.now,
        )


def _nobody(question: Question) -> tuple[Refused, ...]:
    """A probed handle without an answer is no row; a case without one is told."""
    if question.way is not Way.KNOWN:
        return ()
    why = "no professional account answers to it: gone, renamed or private, which is not known"
    return (Refused(reason=f"{question}: {why}"),)


def _another(question: Question, found: Sequence[Profile | Refused]) -> tuple[Refused, ...]:
    """The handle of a case that now belongs to somebody else."""
    if question.way is not Way.KNOWN or not (known := question.known[0].native_id):
        return ()
    ids = {one.native_id for one in found if isinstance(one, Profile)}
    if not ids or known in ids:
        return ()
    why = f"the handle belongs to another account now; what became of {known} is not known"
    return (Refused(reason=f"{question}: {why}"),)


def _profile(row: Mapping[str, Any]) -> Profile:
    native_id = id_of(row, "id")
    if native_id is None:
        raise ValueError("business_discovery: has no id")
    handle, bio, website = text_of(row, "username"), text_of(row, "biography"), None
    website = text_of(row, "website")
    return Profile(
        native_id=native_id,
        handle=handle,
        display_name=text_of(row, "name"),
        bio=bio,
        url=f"https://www.instagram.com/{handle}/" if handle else None,
        followers=count_of(row, "followers_count"),
        following=count_of(row, "follows_count"),
        posts=count_of(row, "media_count"),
        links=tuple(dict.fromkeys((*([website] if website else ()), *links_in(bio or "")))),
        avatar_url=text_of(row, "profile_picture_url"),
        raw=as_raw(row),
    )


#: In the shape of the API's own example; the content is made up.
_RECORDED: dict[str, Any] = {
    "business_discovery": {
        "id": "17841400000000001",
        "username": "acme",
        "name": "ACME ✅",
        "biography": "Prizes every day. Claim at acme-prize.example",
        "website": "https://acme-prize.example/claim",
        "profile_picture_url": "https://pictures.example/1.jpg",
        "followers_count": 120,
        "follows_count": 4_000,
        "media_count": 3,
    },
    "id": "17841400000000009",
}

Instagram.examples = (
    Example(
        what="a handle like a brand's that a professional account has",
        table={
            "url": RECORDED,
            "account": "17841400000000009",
            "probes": 1,
            "pictures": False,
        },
        environ={TOKEN: "a-token"},
        served=(Served(path="/17841400000000009", body=json.dumps(_RECORDED).encode()),),
        observations=(
            {
                "position": 0,
                "subject_kind": "account",
                "subject_key": "account:instagram:17841400000000001",
                "platform": "instagram",
                "native_id": "17841400000000001",
                "handle": "acme",
                "display_name": "ACME ✅",
                "bio": "Prizes every day. Claim at acme-prize.example",
                "url": "https://www.instagram.com/acme/",
                "followers": 120,
                "following": 4_000,
                "posts": 3,
                "links": ["https://acme-prize.example/claim", "https://acme-prize.example"],
                "state": "live",
                "trust": "platform",
                **evidence(_RECORDED["business_discovery"]),
            },
        ),
    ),
)
