"""Apple's App Store: apps by name in the storefronts of some countries, and again by their id.

Each country has a search of its own, and an app is one subject in all of them: what differs from
country to country (price, ratings, the address of its page) is left to the evidence, so that the
same app is told once. It is called removed only when none of the countries has it any more: one
that a single storefront drops is still sold in the others. An app that was never sold in any of
these countries is therefore not to be judged here; name all countries that matter.
API: Apple's iTunes Search API. It allows about twenty calls a minute and has no pages: the first
two hundred hits are all there is.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, FetchError, Limits, Rate
from namaak.records import SubjectKind, SubjectState
from namaak.sources.base import RECORDED, Example, Known, Served, Surroundings
from namaak.sources.profiles.answers import (
    as_raw,
    entries,
    id_of,
    moment_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, known_in_calls, searches

PLATFORM = "app-store"
#: Two hundred apps with descriptions of 4,000 characters each.
_LIMITS = Limits(max_bytes=16 << 20)
_RATE = Rate(per_second=0.33, burst=1)
_DEADLINE_S = 60.0
_MOST = 200
#: Ids of one look-up: its address stays well below what servers take.
_IDS_A_CALL = 150
_BUNDLE = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+){1,10}")
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_lower=True)]


class AppStoreConfig(PolledConfig):
    """`[sources.app-store]`."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = (
        "https://itunes.apple.com"
    )
    #: Storefronts, ISO 3166.
    countries: Annotated[tuple[_Country, ...], Field(min_length=1, max_length=175)] = (
        "nl", "us", "gb", "de", "fr",
    )  # fmt: skip


class AppStore(PolledSource[AppStoreConfig]):
    """Apps, from Apple's App Store."""

    name = "app-store"
    platform = PLATFORM
    kinds = frozenset({SubjectKind.APP})
    terms = "Apple's terms for its search: pictures of apps serve to promote them, or as evidence"
    auth = None
    budget = "20 calls a minute; a call a name and country, and one for 150 apps that are cases"
    cursor = "none: a search shows its first 200 hits"
    ways = (Way.KNOWN, Way.SEARCH)
    Config = AppStoreConfig

    def __init__(self, config: AppStoreConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.KNOWN:
            return list(known_in_calls(self.around.known(PLATFORM), _IDS_A_CALL))
        return [
            Question(way=Way.SEARCH, texts=(name,), where=country)
            for name in searches(self.around.brands)
            for country in dict.fromkeys(self.config.countries)
        ]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        if question.way is Way.KNOWN:
            return await self._again(fetch, question)
        asked = {"term": question.texts[0], "country": question.where}
        asked |= {"media": "software", "entity": "software", "limit": str(_MOST)}
        rows = await self._get(fetch, "search", asked, str(question))
        found = profiles(rows, _app)
        if len(rows) >= _MOST:
            more = Refused(reason=f"{question}: shows {_MOST} apps; the rest is not known")
            return Page(entries=(*found, more))
        return Page(entries=found)

    async def _again(self, fetch: Fetcher, question: Question) -> Page:
        """Country by country, each about those that no earlier one had.

        Raises SourceError where one of them does not answer: then nothing is known to be gone.
        """
        ids: dict[str, Known] = {}
        bundles: dict[str, Known] = {}
        told: list[Refused] = []
        for one in question.known:
            native_id = one.native_id or ""
            if native_id.isascii() and native_id.isdecimal():
                ids[native_id] = one
            elif _BUNDLE.fullmatch(native_id):
                # Apps from elsewhere, of which nobody knew the number. Apple asks no case of them.
                bundles[native_id.casefold()] = one
            else:
                refused = "native id: is none of the App Store's"
                told.append(Refused(reason=refused, excerpt=native_id))
        found: list[Profile | Refused] = []
        for parameter, field, missing in (
            ("id", "trackId", ids),
            ("bundleId", "bundleId", bundles),
        ):
            for country in dict.fromkeys(self.config.countries):
                if not missing:
                    break
                where = f"{question} in {country}"
                asked = {parameter: ",".join(sorted(missing)), "country": country}
                for row in _sold(await self._get(fetch, "lookup", asked, where), where):
                    known = missing.pop((id_of(row, field) or "").casefold(), None)
                    if known is not None:
                        found.append(replace(_app(row), native_id=known.native_id))
            found += [
                Profile(
                    kind=SubjectKind.APP,
                    native_id=one.native_id,
                    handle=one.handle,
                    state=SubjectState.REMOVED,
                )
                for one in missing.values()
            ]
        return Page(entries=(*found, *told))

    async def _get(
        self, fetch: Fetcher, method: str, asked: Mapping[str, str], where: str
    ) -> list[Any]:
        try:
            reply = await fetch.get(
                f"{self.config.url}/{method}?{urlencode(asked)}",
                limits=_LIMITS,
                headers={"Accept": "application/json"},
                deadline_s=_DEADLINE_S,
            )
        except FetchError as error:
            if error.status == 403:
                # There is no key here that could be wrong: this is how Apple says "too many".
                raise SourceError(
                    f"The App Store refuses further questions (status 403, {where}); the next run "
                    "goes on where this one stopped.",
                    Failure.THROTTLED,
                ) from error
            raise
        answer = parse_answer(reply.body, who="The App Store", where=where)
        rows = entries(answer, "results", who="The App Store", where=where)
        if answer.get("resultCount") != len(rows):
            raise SourceError(
                f"The App Store answered {where} with {len(rows):,} apps but counts "
                f"{str(answer.get('resultCount'))[:20]}; nothing was taken from it."
            )
        return rows


def _sold(rows: Sequence[Any], where: str) -> Sequence[Mapping[str, Any]]:
    """Raises SourceError where one of them is no app: it might be one that was asked about."""
    if not all(isinstance(row, dict) and id_of(row, "trackId") for row in rows):
        raise SourceError(
            f"The App Store answered {where} with a row that is no app, so nothing can be called "
            "gone; the next run asks again."
        )
    return rows


def _app(row: Mapping[str, Any]) -> Profile:
    native_id = id_of(row, "trackId")
    if native_id is None:
        raise ValueError("app: has no id")
    bio = text_of(row, "description")
    site = text_of(row, "sellerUrl")
    links = [site] if site else []
    links += links_in(bio) if bio else ()
    return Profile(
        kind=SubjectKind.APP,
        native_id=native_id,
        handle=text_of(row, "bundleId"),
        display_name=text_of(row, "trackName"),
        bio=bio,
        # Without a country: whoever follows it gets the storefront of his own.
        url=f"https://apps.apple.com/app/id{native_id}",
        developer=text_of(row, "sellerName", "artistName"),
        created_at=moment_of(row, "releaseDate"),
        links=tuple(links),
        avatar_url=text_of(row, "artworkUrl512", "artworkUrl100", "artworkUrl60"),
        whole=True,
        raw=as_raw(row),
    )


def _recorded(number: int, name: str, country: str) -> dict[str, Any]:
    """An app in the shape of Apple's answers; the content is made up."""
    return {
        "wrapperType": "software",
        "kind": "software",
        "trackId": number,
        "trackName": name,
        "trackCensoredName": name,
        "trackViewUrl": f"https://apps.apple.com/{country}/app/acme/id{number}?uo=4",
        "bundleId": "example.acme-wallet.app",
        "artistId": 7,
        "artistName": "Wallet Makers",
        "artistViewUrl": f"https://apps.apple.com/{country}/developer/wallet-makers/id7?uo=4",
        "sellerName": "Wallet Makers Ltd",
        "sellerUrl": "https://acme-wallet.example",
        "description": "Your money, everywhere.",
        "artworkUrl60": f"https://pictures.invalid/{number}/60.jpg",
        "artworkUrl100": f"https://pictures.invalid/{number}/100.jpg",
        "artworkUrl512": f"https://pictures.invalid/{number}/512.jpg",
        "releaseDate": "2026-10-30T07:00:00Z",
        "currentVersionReleaseDate": "2026-11-02T09:00:00Z",
        "version": "1.0.1",
        "price": 0.0,
        "currency": "EUR" if country == "nl" else "USD",
        "averageUserRating": 4.5 if country == "nl" else 0.0,
        "userRatingCount": 12 if country == "nl" else 0,
        "genres": ["Finance"],
        "primaryGenreName": "Finance",
        "screenshotUrls": [],
        "minimumOsVersion": "16.0",
        "contentAdvisoryRating": "4+",
    }


def _answer(*rows: Mapping[str, Any]) -> bytes:
    # Apple begins every answer with blank lines.
    return b"\n\n\n" + json.dumps({"resultCount": len(rows), "results": rows}).encode()


_IN_NL = _recorded(6400000001, "ACME Wallet", "nl")
_RAW = as_raw(_IN_NL)
_ASKED = "&media=software&entity=software&limit=200"

AppStore.examples = (
    Example(
        what="the same app in two countries, which is told once",
        table={"url": RECORDED, "countries": ["nl", "us"], "pictures": False},
        served=(
            Served(path=f"/search?term=ACME&country=nl{_ASKED}", body=_answer(_IN_NL)),
            Served(
                path=f"/search?term=ACME&country=us{_ASKED}",
                body=_answer(_recorded(6400000001, "ACME Wallet", "us")),
            ),
        ),
        observations=(
            {
                "position": 0,
                "subject_kind": "app",
                "contacts": [],
                "flags": [],
                "proved_links": [],
                "subject_key": "app:app-store:6400000001",
                "platform": "app-store",
                "native_id": "6400000001",
                "handle": "example.acme-wallet.app",
                "display_name": "ACME Wallet",
                "bio": "Your money, everywhere.",
                "url": "https://apps.apple.com/app/id6400000001",
                "developer": "Wallet Makers Ltd",
                "created_at": "2026-10-30T07:00:00+00:00",
                "links": ["https://acme-wallet.example"],
                "state": "live",
                "trust": "platform",
                "raw": _RAW,
                "evidence_hash": hashlib.sha256(_RAW.encode()).hexdigest(),
            },
        ),
    ),
)
