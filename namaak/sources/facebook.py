"""Facebook: pages by name, pages again by id, and whoever advertises with a brand's name.

Pages come from the page search, for which Meta reviews one's app. Advertisers come from the Ad
Library, whose search is through the text of ads: an account is found there because it pays to be
seen, which impersonators do. Outside of politics it holds ads that reached the European Union or
the United Kingdom within a year. Its rows say so by their instance, `search@ads`.

A page that is not shown any more may be deleted, unpublished, or hidden from our app: that is not
known, and never called removed. The address of an ad holds the token, so it is not asked for.
API: developers.facebook.com, Pages API (search) and ads_archive, read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from namaak.fetch import Fetcher, Rate
from namaak.records import SubjectKind, Verified
from namaak.sources.base import RECORDED, Example, Served, Surroundings
from namaak.sources.profiles.answers import (
    as_raw,
    count_of,
    entries,
    id_of,
    moment_of,
    object_of,
    profiles,
    text_of,
)
from namaak.sources.profiles.graph import GRAPH, Graph, GraphError, next_page
from namaak.sources.profiles.keyed import KeyedUrl, key_in
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, searches
from namaak.sources.profiles.recorded import evidence

TOKEN = "FACEBOOK_TOKEN"  # noqa: S105 - the name of the variable, not the token
_RATE = Rate(per_second=0.5, burst=2)
_ADS = "ads"
_MOST = 50
#: Of a search in the Ad Library (read 2026).
_LONGEST_TERM = 100
_AD_FIELDS = (
    "id,page_id,page_name,ad_delivery_start_time,ad_creative_bodies,ad_creative_link_captions,"
    "ad_creative_link_titles,publisher_platforms,languages"
)
_PAGE_FIELDS = (
    "id,name,username,link,about,description,website,fan_count,followers_count,verification_status,"
    "picture.type(large){url},cover{source}"
)
_ID = re.compile(r"[0-9]{1,30}")
_HANDLE = re.compile(r"[A-Za-z0-9.]{5,50}")
#: "Cannot be loaded due to missing permissions", "some of the aliases do not exist".
_NOT_SHOWN = frozenset({100, 803})
#: The blue one is sold, and nothing tells those that were not bought.
_VERIFIED = {
    "blue_verified": Verified.PAID,
    "gray_verified": Verified.ORGANISATION,
    "not_verified": Verified.NONE,
}
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
_Country = Annotated[str, StringConstraints(pattern=r"^(ALL|[A-Z]{2})$")]


class FacebookConfig(PolledConfig):
    """`[sources.facebook]`."""

    url: KeyedUrl = GRAPH
    pages: bool = True  #: the page search; wants the feature Page Public Metadata Access
    ads: bool = False  #: the Ad Library; wants a person whose identity Meta confirmed
    fields: tuple[_Name, ...] = ("id", "name", "link", "location", "verification_status")
    countries: tuple[_Country, ...] = ("ALL",)  #: which the ads reached
    every_hours: Annotated[float, Field(gt=0, le=8_760)] = 72.0


class Facebook(PolledSource[FacebookConfig]):
    """Pages and advertisers, from Facebook."""

    name = "facebook"
    platform = "facebook"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "Meta's platform terms; an app that Meta reviewed, for ads a confirmed identity"
    auth = TOKEN
    budget = "free; one call a name and page of results, until 90 % of the hourly limit is used"
    cursor = "the API's cursor of the next page of results"
    ways = (Way.KNOWN, Way.SEARCH)
    Config = FacebookConfig

    def __init__(self, config: FacebookConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if key_in(self.around.environ, TOKEN):
            return None
        return (
            f"{TOKEN} is not set; make a token of an app with Page Public Metadata Access, or for "
            "ads of a person with a confirmed identity, or drop the table."
        )

    def faults(self) -> Iterator[str]:
        """A table that has nothing asked."""
        if not (self.config.pages or self.config.ads):
            yield "pages: neither pages nor ads are asked for; set one, or drop the table"

    def quota(self) -> str | None:
        """What the last answer said of the limits."""
        return self._graph.in_words()

    def instances(self) -> Iterator[Asked]:
        """Pages that are cases, the page search, and the Ad Library."""
        wanted = []
        if self.config.pages:
            wanted += [self.instance(Way.KNOWN), self.instance(Way.SEARCH)]
        if self.config.ads:
            wanted.append(self.instance(Way.SEARCH, _ADS))
        yield from (instance for instance in wanted if self.questions(instance))

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.KNOWN:
            known = sorted(self.around.known(self.platform), key=lambda one: one.subject_key)
            return [
                Question(way=Way.KNOWN, texts=(text,), known=(one,))
                for one in known
                if (text := one.native_id or one.handle)
            ]
        where = "the Ad Library" if instance.server == _ADS else ""
        return [
            Question(way=Way.SEARCH, texts=(name,), where=where)
            for name in searches(self.around.brands)
        ]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        if question.way is Way.KNOWN:
            return await self._known(fetch, question)
        if instance.server == _ADS:
            return await self._advertisers(fetch, question, cursor)
        asked = {
            "q": question.texts[0],
            "fields": ",".join(self.config.fields),
            "limit": str(_MOST),
        }
        answer = await self._listed(fetch, "pages/search", asked, question, cursor)
        rows = entries(answer, "data", who="Facebook", where=str(question))
        return Page(entries=profiles(rows, _page), next=next_page(answer))

    async def _known(self, fetch: Fetcher, question: Question) -> Page:
        (text,) = question.texts
        if not (_ID.fullmatch(text) or _HANDLE.fullmatch(text)):
            why = f"{question}: is no id and no handle that Facebook gives; not looked up"
            return Page(entries=(Refused(reason=why),))
        try:
            answer = await self._graph.get(
                fetch, text, {"fields": _PAGE_FIELDS}, where=str(question)
            )
        except GraphError as error:
            if error.code not in _NOT_SHOWN:
                raise
            why = "is not shown to us: gone, unpublished or hidden, which is not known"
            return Page(entries=(Refused(reason=f"{question}: {why}", excerpt=str(error)),))
        return Page(entries=profiles([answer], _page))

    async def _advertisers(self, fetch: Fetcher, question: Question, cursor: str | None) -> Page:
        asked = {
            "search_terms": question.texts[0][:_LONGEST_TERM],
            "search_type": "KEYWORD_EXACT_PHRASE",
            "ad_type": "ALL",
            "ad_active_status": "ACTIVE",
            "ad_reached_countries": json.dumps(self.config.countries),
            "fields": _AD_FIELDS,
            "limit": str(_MOST),
        }
        answer = await self._listed(fetch, "ads_archive", asked, question, cursor)
        rows = entries(answer, "data", who="Facebook", where=str(question))
        return Page(entries=profiles(_by_page(rows), _advertiser), next=next_page(answer))

    async def _listed(
        self,
        fetch: Fetcher,
        path: str,
        asked: dict[str, str],
        question: Question,
        cursor: str | None,
    ) -> Mapping[str, Any]:
        if cursor is not None:
            asked["after"] = cursor
        return await self._graph.get(fetch, path, asked, where=str(question))

    @cached_property
    def _graph(self) -> Graph:
        return Graph(
            self.config.url,
            key_in(self.around.environ, TOKEN),
            key=TOKEN,
            who="Facebook",
            now=self.around.now,
        )


def _page(row: Mapping[str, Any]) -> Profile:
    native_id = id_of(row, "id")
    if native_id is None:
        raise ValueError("page: has no id")
    bio, website = text_of(row, "about", "description"), text_of(row, "website")
    link = text_of(row, "link")
    return Profile(
        native_id=native_id,
        handle=text_of(row, "username") or _handle_in(link),
        display_name=text_of(row, "name"),
        bio=bio,
        url=link or f"https://www.facebook.com/{native_id}",
        followers=count_of(row, "followers_count"),
        links=tuple(dict.fromkeys((*links_in(website or ""), *links_in(bio or "")))),
        verified=_VERIFIED.get(text_of(row, "verification_status") or ""),
        avatar_url=text_of(object_of(object_of(row, "picture"), "data"), "url"),
        banner_url=text_of(object_of(row, "cover"), "source"),
        raw=as_raw(row),
    )


def _handle_in(link: str | None) -> str | None:
    """The handle in a page's address; pages without one have their name and id there.

    >>> _handle_in("https://www.facebook.com/Acme.Help/"), _handle_in("https://x.test/Acme-12/")
    ('Acme.Help', None)
    """
    try:
        path = urlsplit(link).path if link and link.isascii() else ""
    except ValueError:
        return None
    last = path.strip("/").rpartition("/")[2]
    is_handle = _HANDLE.fullmatch(last) and last != "profile.php" and not last.isdecimal()
    return last if is_handle else None


def _by_page(rows: Sequence[Any]) -> Iterator[Any]:
    """The ads of one page together, as its advertiser; a row that is no ad as it is."""
    pages: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        page = id_of(row, "page_id") if isinstance(row, dict) else None
        if page is None:
            yield row
        else:
            pages.setdefault(page, []).append(row)
    for ads in pages.values():
        yield {"data": ads}


def _advertiser(answer: Mapping[str, Any]) -> Profile:
    """answer: with the ads of one page alone."""
    ads = answer.get("data")
    if not isinstance(ads, list) or not ads:
        raise ValueError("ad: has no page_id")
    links: list[str] = []
    for ad in ads:
        for name in ("ad_creative_link_captions", "ad_creative_bodies"):
            texts = ad.get(name)
            for text in texts if isinstance(texts, list) else ():
                if isinstance(text, str):
                    links += links_in(text)
    starts = [at for ad in ads if (at := moment_of(ad, "ad_delivery_start_time"))]
    native_id = id_of(ads[0], "page_id")
    return Profile(
        native_id=native_id,
        display_name=text_of(ads[0], "page_name"),
        url=f"https://www.facebook.com/{native_id}",
        source_time=max(starts, default=None),
        links=tuple(dict.fromkeys(links)),
        raw=as_raw(answer),
    )


#: In the shape of the API's own examples; the content is made up.
_PAGES: dict[str, Any] = {
    "data": [
        {
            "id": "100000000000001",
            "name": "ACME Support",
            "link": "https://www.facebook.com/AcmeSupport24/",
            "location": {"city": "Nergenshuizen", "country": "Netherlands"},
            "verification_status": "not_verified",
        },
        {"id": "100000000000002", "name": "Acme", "link": "https://www.facebook.com/Acme-10000/"},
    ],
    "paging": {
        "cursors": {"before": "QVFI", "after": "QVFJ"},
        "next": f"{RECORDED}/no",
    },
}
_LAST = {"data": [], "paging": {"cursors": {"before": "QVFJ", "after": "QVFK"}}}
_ADVERTS: dict[str, Any] = {
    "data": [
        {
            "id": "900000000000001",
            "page_id": "100000000000003",
            "page_name": "ACME Clearance",
            "ad_delivery_start_time": "2026-11-20",
            "ad_creative_bodies": ["ACME closes! Everything -90 %"],
            "ad_creative_link_captions": ["acme-sale.example"],
        },
        {
            "id": "900000000000002",
            "page_id": "100000000000003",
            "page_name": "ACME Clearance",
            "ad_delivery_start_time": "2026-11-21",
            "ad_creative_link_captions": ["acme-sale.example"],
        },
    ],
    "paging": {},
}


def _seen(
    position: int, number: int, name: str, row: Mapping[str, Any], **more: Any
) -> Mapping[str, Any]:
    return {
        "position": position,
        "subject_kind": "account",
        "subject_key": f"account:facebook:10000000000000{number}",
        "platform": "facebook",
        "native_id": f"10000000000000{number}",
        "display_name": name,
        "url": f"https://www.facebook.com/10000000000000{number}",
        "state": "live",
        "trust": "platform",
        **evidence(row),
        **more,
    }


Facebook.examples = (
    Example(
        what="two pages of a search for pages",
        table={"url": RECORDED, "pictures": False},
        environ={TOKEN: "a-token"},
        served=(
            Served(
                path="/pages/search?q=ACME&fields=id%2Cname%2Clink%2Clocation%2C"
                "verification_status&limit=50&after=QVFJ",
                body=json.dumps(_LAST).encode(),
            ),
            Served(path="/pages/search", body=json.dumps(_PAGES).encode()),
        ),
        observations=(
            _seen(0, 1, "ACME Support", _PAGES["data"][0], handle="AcmeSupport24", verified="none",
                  url="https://www.facebook.com/AcmeSupport24/"),
            _seen(1, 2, "Acme", _PAGES["data"][1], url="https://www.facebook.com/Acme-10000/"),
        ),
    ),
    Example(
        what="an advertiser with two ads",
        table={"url": RECORDED, "pages": False, "ads": True, "pictures": False},
        environ={TOKEN: "a-token"},
        served=(Served(path="/ads_archive", body=json.dumps(_ADVERTS).encode()),),
        observations=(
            _seen(0, 3, "ACME Clearance", {"data": _ADVERTS["data"]},
                  source_time="2026-11-21T00:00:00+00:00",
                  links=["https://acme-sale.example"]),
        ),
    ),
)  # fmt: skip
