"""Yelp: businesses by name in the places one names, through its Places API.

Yelp's general terms let nobody keep what the API shows for longer than a day (as far as known; ids
excepted), and namaak keeps what it sees. So it is left out until the table says that one's own
agreement with Yelp allows it; without one, what a person finds there is taken in by hand.

A search is always in a place, and shows 240 businesses of it at most (as far as known). Calls are
counted before they are made, against the plan's daily number, which is renewed at midnight UTC.
API: docs.developer.yelp.com, Places API, read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Rate, Reply
from namaak.records import SubjectKind, SubjectState
from namaak.sources.base import RECORDED, Example, Served, Surroundings
from namaak.sources.profiles.answers import (
    as_raw,
    count_of,
    entries,
    id_of,
    object_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.keyed import KeyedUrl, ask_with_key, key_in, refusal
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, searches
from namaak.sources.profiles.recorded import evidence
from namaak.sources.profiles.spending import Ledger

KEY = "YELP_API_KEY"
_RATE = Rate(per_second=1)
_MOST = 50
#: Where a search ends, whatever it has found.
_LAST = 240
_UNIT = "calls"
#: Its ids, and its aliases, which have letters of any script.
_NAME = re.compile(r"[\w-]{1,200}")
_Place = Annotated[str, StringConstraints(min_length=1, max_length=250)]


class YelpConfig(PolledConfig):
    """`[sources.yelp]`."""

    url: KeyedUrl = "https://api.yelp.com/v3"
    places: tuple[_Place, ...] = ()  #: as in "Utrecht, Netherlands"
    may_keep: bool = False  #: one's own agreement with Yelp allows to keep what it shows
    calls_per_day: Annotated[int, Field(strict=True, ge=1)] = 300  #: of the trial (read 2026)
    every_hours: Annotated[float, Field(gt=0, le=8_760)] = 168.0
    pages_per_question: Annotated[int, Field(strict=True, ge=1, le=5)] = 1


class Yelp(PolledSource[YelpConfig]):
    """Businesses, from Yelp."""

    name = "yelp"
    platform = "yelp"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = (
        "Yelp's API terms: nothing but ids is kept beyond a day without an agreement of one's own"
    )
    auth = KEY
    budget = (
        "one call a name, place and page, calls_per_day in all; plans beyond the trial cost money"
    )
    cursor = "the number of the next business of a search"
    ways = (Way.KNOWN, Way.SEARCH)
    Config = YelpConfig

    def __init__(self, config: YelpConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)
        self._ledger = Ledger(around.state_folder)

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if not key_in(self.around.environ, KEY):
            return f"{KEY} is not set; make an app in Yelp's developer portal, or drop the table."
        if not self.config.may_keep:
            return (
                "yelp is left out: its terms let nobody keep what it shows; set may_keep = true in "
                "[sources.yelp] if your agreement with Yelp does."
            )
        return None

    def faults(self) -> Iterator[str]:
        """A search that is nowhere."""
        if not self.config.places:
            yield 'places: Yelp searches in places only; name some, as in ["Utrecht, Netherlands"]'

    def quota(self) -> str:
        """As in "290 of 300 calls left today"."""
        most = self.config.calls_per_day
        spent = self._ledger.spent(_UNIT, since=self.around.now().astimezone(UTC).date())
        return f"{max(0, most - spent):,} of {most:,} calls left today"

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.KNOWN:
            known = sorted(self.around.known(self.platform), key=lambda one: one.subject_key)
            return [
                Question(way=Way.KNOWN, texts=(name,), known=(one,))
                for one in known
                if (name := one.native_id or one.handle)
            ]
        return [
            Question(way=Way.SEARCH, texts=(name,), where=place)
            for name in searches(self.around.brands, people=False)
            for place in self.config.places
        ]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        where = str(question)
        if question.way is Way.KNOWN:
            return await self._known(fetch, question)
        first = int(cursor) if cursor is not None and cursor.isdecimal() else 0
        size = min(_MOST, _LAST - first)
        asked = {
            "term": question.texts[0],
            "location": question.where,
            "limit": str(size),
            "offset": str(first),
        }
        reply = await self._get(fetch, f"businesses/search?{urlencode(asked)}")
        if (error := refusal(reply, who="Yelp", where=where, key=KEY)) is not None:
            raise error
        answer = parse_answer(reply.body, who="Yelp", where=where)
        rows = entries(answer, "businesses", who="Yelp", where=where)
        told = (count_of(answer, "total") or 0) if isinstance(answer, dict) else 0
        following = first + size
        more = len(rows) == size and following < min(told, _LAST)
        return Page(entries=profiles(rows, _business), next=str(following) if more else None)

    async def _known(self, fetch: Fetcher, question: Question) -> Page:
        (name,), (known,) = question.texts, question.known
        if not _NAME.fullmatch(name):
            why = f"{question}: is no id or alias that Yelp gives; not looked up"
            return Page(entries=(Refused(reason=why),))
        reply = await self._get(fetch, f"businesses/{quote(name, safe='')}")
        code = _code(reply)
        if reply.status == 404 and code == "BUSINESS_NOT_FOUND":
            gone = Profile(
                native_id=known.native_id, handle=known.handle, state=SubjectState.REMOVED
            )
            return Page(entries=(gone,))
        if code in ("BUSINESS_MIGRATED", "BUSINESS_UNAVAILABLE"):
            why = f"{question}: Yelp shows it no more ({code}), its state is not known"
            return Page(entries=(Refused(reason=why),))
        if (error := refusal(reply, who="Yelp", where=str(question), key=KEY)) is not None:
            raise error
        answer = parse_answer(reply.body, who="Yelp", where=str(question))
        return Page(entries=profiles([answer], _business))

    async def _get(self, fetch: Fetcher, path: str) -> Reply:
        now, most = self.around.now().astimezone(UTC), self.config.calls_per_day
        if not self._ledger.spend(1, _UNIT, now=now, most=most, since=now.date()):
            renewed = now.date() + timedelta(days=1)
            raise SourceError(
                f"Yelp's {most:,} calls of this day are spent; they are renewed at midnight UTC, "
                f"{renewed:%d %b}, and the first run after that goes on.",
                Failure.THROTTLED,
            )
        # Once: each attempt is a call of the plan.
        return await ask_with_key(
            fetch,
            f"{self.config.url}/{path}",
            {"Authorization": f"Bearer {key_in(self.around.environ, KEY)}"},
            retries=0,
        )


def _code(reply: Reply) -> str | None:
    """The platform's own word for what is wrong; None where the answer is one."""
    if reply.status < 300:
        return None
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return text_of(object_of(answer, "error"), "code") if isinstance(answer, dict) else None


def _business(row: Mapping[str, Any]) -> Profile:
    native_id = id_of(row, "id")
    if native_id is None:
        raise ValueError("business: has no id")
    phone, url = text_of(row, "phone"), text_of(row, "url")
    return Profile(
        native_id=native_id,
        handle=text_of(row, "alias"),
        display_name=text_of(row, "name"),
        url=_bare(url) if url else None,
        contacts=(f"phone:{phone}",) if phone else (),
        avatar_url=text_of(row, "image_url"),
        raw=as_raw(row),
    )


def _bare(url: str) -> str | None:
    """Without what follows the path: it names our own app. None where it is no address."""
    try:
        return urlunsplit((*urlsplit(url)[:3], "", ""))
    except ValueError:
        return None


#: In the shape of the API's own example; the content is made up.
_RECORDED: dict[str, Any] = {
    "businesses": [
        {
            "id": "Zz0000000000000000001a",
            "alias": "acme-service-centre-utrecht",
            "name": "ACME Service Centre",
            "image_url": "",
            "is_closed": False,
            "url": "https://www.yelp.example/biz/acme-service-centre-utrecht?adjust_creative=app",
            "review_count": 2,
            "categories": [{"alias": "itservices", "title": "IT Services"}],
            "rating": 5.0,
            "coordinates": {"latitude": 52.0, "longitude": 5.1},
            "location": {"city": "Nergenshuizen", "country": "NL"},
            "phone": "+447700900123",
            "display_phone": "+44 7700 900123",
        }
    ],
    "total": 1,
    "region": {"center": {"latitude": 52.0, "longitude": 5.1}},
}

Yelp.examples = (
    Example(
        what="a business with a brand's name in a place",
        table={
            "url": f"{RECORDED}/v3",
            "places": ["Utrecht, Netherlands"],
            "may_keep": True,
            "pictures": False,
        },
        environ={KEY: "a-key"},
        served=(
            Served(
                path="/v3/businesses/search?term=ACME&location=Utrecht%2C+Netherlands&limit=50"
                "&offset=0",
                body=json.dumps(_RECORDED).encode(),
            ),
        ),
        observations=(
            {
                "position": 0,
                "subject_kind": "account",
                "subject_key": "account:yelp:Zz0000000000000000001a",
                "platform": "yelp",
                "native_id": "Zz0000000000000000001a",
                "handle": "acme-service-centre-utrecht",
                "display_name": "ACME Service Centre",
                "url": "https://www.yelp.example/biz/acme-service-centre-utrecht",
                "contacts": ["phone:+447700900123"],
                "state": "live",
                "trust": "platform",
                **evidence(_RECORDED["businesses"][0]),
            },
        ),
    ),
)
