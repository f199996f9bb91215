"""Google Play: apps by name, and again by their id, from the store's public pages.

There is no interface for this: the pages are made for people, their inside changes without notice,
and Google's terms do not invite programs. So it is off unless the table says `enabled = true`, and
it is slow. Where what stands in a page is known to google-play-scraper (the extra `google-play`),
whose tables are used here; the pages are fetched by ourselves, so that limits and manners hold.
A page that cannot be read gives nothing and says so; it never means that an app is gone.

A hit of a search tells title, developer and icon; what else the store knows is asked for when the
app is a case. It is called removed when none of the countries has a page of it.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*; inside functions:
google_play_scraper.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import re
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, FetchError, Limits, Rate
from namaak.records import SubjectKind, SubjectState
from namaak.sources.base import RECORDED, Example, Served, Surroundings
from namaak.sources.profiles.answers import as_raw, profiles, text_of
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, known_in_calls, searches

PLATFORM = "google-play"
_LIBRARY = "google_play_scraper"
_LIMITS = Limits(max_bytes=8 << 20, max_header_bytes=65_536)
_RATE = Rate(per_second=0.2, burst=1)
_DEADLINE_S = 60.0
#: A package name of Android, as it must be.
_APP_ID = re.compile(r"[A-Za-z]\w{0,99}(?:\.[A-Za-z]\w{0,99}){1,9}", re.ASCII)
_BLOCK = "AF_initDataCallback("
_BLOCK_KEY = re.compile(r"\{?\s*key:\s*'(ds:\d{1,3})'")
_MOST_BLOCKS = 200
#: What a page that shows apps links to.
_LINK = "/store/apps/details?id="
#: The names that the library has for what is taken of a page.
_OF_HIT = ("appId", "title", "developer", "description", "icon")
_OF_PAGE = (
    "title", "developer", "description", "icon", "headerImage", "released", "developerId",
    "developerEmail", "developerWebsite", "privacyPolicy", "installs", "score", "version",
)  # fmt: skip
_importing = threading.Lock()
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_lower=True)]


class GooglePlayConfig(PolledConfig):
    """`[sources.google-play]`."""

    #: Unlike other sources it must be switched on in so many words.
    enabled: bool = False
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = (
        "https://play.google.com"
    )
    #: Stores, ISO 3166.
    countries: Annotated[tuple[_Country, ...], Field(min_length=1, max_length=175)] = ("nl", "us")


class GooglePlay(PolledSource[GooglePlayConfig]):
    """Apps, from the pages of Google Play."""

    name = "google-play"
    platform = PLATFORM
    kinds = frozenset({SubjectKind.APP})
    terms = "Google's terms for its store; its pages are made for people, so it is off by default"
    auth = None
    budget = "a page every 5 seconds: one a name and country, one an app that is a case"
    cursor = "none: a search shows its first 30 hits or so"
    ways = (Way.KNOWN, Way.SEARCH)
    Config = GooglePlayConfig

    def __init__(self, config: GooglePlayConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if importlib.util.find_spec(_LIBRARY) is not None:
            return None
        return "google-play-scraper is not installed; install namaak with its extra google-play."

    def reads_anything(self) -> bool:
        """Off unless the table says `enabled = true`."""
        return self.config.enabled and any(True for _ in self.instances())

    def faults(self) -> Iterator[str]:
        """A source that is off."""
        if not self.config.enabled:
            yield "enabled: its pages are not read until it says true; write it or drop the table"

    def instances(self) -> Iterator[Asked]:
        """None where it is off."""
        return super().instances() if self.config.enabled else iter(())

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.KNOWN:
            return list(known_in_calls(self.around.known(PLATFORM), 1))
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
        asked = {"q": question.texts[0], "c": "apps", "hl": "en", "gl": question.where}
        page = await self._page(fetch, f"store/search?{urlencode(asked)}", absent=False)
        return Page(entries=profiles(read_search(page or "", where=str(question)), _app))

    async def _again(self, fetch: Fetcher, question: Question) -> Page:
        (known,) = question.known
        app_id = known.native_id or ""
        if not _APP_ID.fullmatch(app_id):
            refused = Refused(reason="native id: is none of Google Play's", excerpt=app_id)
            return Page(entries=(refused,))
        for country in dict.fromkeys(self.config.countries):
            asked = {"id": app_id, "hl": "en", "gl": country}
            page = await self._page(fetch, f"store/apps/details?{urlencode(asked)}", absent=True)
            if page is not None:
                row = read_details(page, app_id=app_id, where=f"{question} in {country}")
                return Page(entries=profiles([row], _app))
        gone = Profile(
            kind=SubjectKind.APP,
            native_id=app_id,
            handle=known.handle,
            state=SubjectState.REMOVED,
        )
        return Page(entries=(gone,))

    async def _page(self, fetch: Fetcher, path: str, *, absent: bool) -> str | None:
        """The page; None where the store says that there is none, if that is an answer."""
        try:
            reply = await fetch.get(
                f"{self.config.url}/{path}",
                limits=_LIMITS,
                headers={"Accept": "text/html"},
                absent=(404,) if absent else (),
                # Whoever is sent elsewhere is asked for consent there, and gets no page.
                redirects=0,
                deadline_s=_DEADLINE_S,
            )
        except FetchError as error:
            if error.failure is Failure.EXPECTED_ABSENT:
                return None
            if error.status in (401, 403):
                raise SourceError(
                    f"Google Play shows its pages to no program here (status {error.status}); "
                    "the next run tries again.",
                    Failure.THROTTLED,
                ) from error
            raise
        return reply.body.decode("utf-8", "replace")


def read_search(page: str, *, where: str) -> list[dict[str, Any]]:
    """The apps that a page of hits shows. Raises SourceError where it shows some to people only."""
    sections = _at(_blocks(page, where).get("ds:4"), 0, 1)
    if not isinstance(sections, list):
        raise _unreadable(where)
    specs = _specs()
    rows = []
    # The hit that the store is surest of stands by itself, and is built in another way.
    if isinstance(top := _at(sections, 0, 23, 16), list):
        rows.append(_extracted(specs.SearchResultOnTop, _OF_HIT, top))
    for section in sections:
        hits = _at(section, 22, 0)
        for hit in hits if isinstance(hits, list) else ():
            rows.append(_extracted(specs.SearchResult, _OF_HIT, hit))
    if not any(text_of(row, "appId") for row in rows) and (rows or _LINK in page):
        raise _unreadable(where)
    return rows


def read_details(page: str, *, app_id: str, where: str) -> dict[str, Any]:
    """What the page of one app tells. Raises SourceError where that cannot be read."""
    row = _extracted(_specs().Detail, _OF_PAGE, _blocks(page, where))
    if text_of(row, "title") is None:
        raise _unreadable(where)
    return {"appId": app_id, **row}


def _blocks(page: str, where: str) -> dict[str, Any]:
    """The values that the page hands to its own program, by their names.

    Cut out here: the expressions of the library take quadratic time on a page made for it.
    """
    found: dict[str, Any] = {}
    for piece in page.split(_BLOCK, _MOST_BLOCKS)[1 : _MOST_BLOCKS + 1]:
        block = piece.partition("</script")[0]
        key = _BLOCK_KEY.match(block)
        start, end = block.find("data:"), block.rfind(", sideChannel: {}")
        if key is None or not 0 <= start < end:
            continue
        try:
            found[key[1]] = json.loads(block[start + len("data:") : end])
        except (ValueError, RecursionError):
            raise _unreadable(where) from None
    return found


def _unreadable(where: str) -> SourceError:
    return SourceError(
        f"Google Play answered {where} with a page of another shape than known; nothing was taken "
        "from it; look for a newer google-play-scraper."
    )


def _extracted(specs: Mapping[str, Any], names: Sequence[str], value: Any) -> dict[str, Any]:
    row = {name: specs[name].extract_content(value) for name in names}
    return {name: found for name, found in row.items() if isinstance(found, str | int | float)}


def _at(value: Any, *places: int) -> Any:
    """What stands at a place of lists within lists; None where there is none."""
    for place in places:
        if not isinstance(value, list) or place >= len(value):
            return None
        value = value[place]
    return value


@cache
def _specs() -> Any:
    """The library's tables. Raises SourceError where it is missing or made otherwise by now."""
    # Loading it switches off the check of certificates for all of Python's own HTTPS: undone here.
    with _importing:
        checked = ssl._create_default_https_context
        try:
            specs = importlib.import_module(f"{_LIBRARY}.constants.element").ElementSpecs
        except (ImportError, AttributeError) as error:
            raise SourceError(
                f"google-play-scraper cannot be used ({error}); install namaak with its extra "
                "google-play."
            ) from error
        finally:
            ssl._create_default_https_context = checked
    tables = {"SearchResult": _OF_HIT, "SearchResultOnTop": _OF_HIT, "Detail": _OF_PAGE}
    for table, names in tables.items():
        if not set(names) <= set(getattr(specs, table, ())):
            raise SourceError(
                "google-play-scraper does not say any more where things stand in a page; install "
                "the release that namaak names in its extra google-play."
            )
    return specs


def _app(row: Mapping[str, Any]) -> Profile:
    app_id = text_of(row, "appId")
    if app_id is None or not _APP_ID.fullmatch(app_id):
        raise ValueError("app: has no id")
    bio = text_of(row, "description")
    links = [link for name in ("developerWebsite", "privacyPolicy") if (link := text_of(row, name))]
    links += links_in(bio) if bio else ()
    mail = text_of(row, "developerEmail")
    return Profile(
        kind=SubjectKind.APP,
        native_id=app_id,
        handle=app_id,
        display_name=text_of(row, "title"),
        bio=bio,
        url=f"https://play.google.com/store/apps/details?id={app_id}",
        developer=text_of(row, "developer"),
        created_at=_released(text_of(row, "released")),
        links=tuple(links),
        contacts=(f"mail:{mail}",) if mail else (),
        avatar_url=text_of(row, "icon"),
        banner_url=text_of(row, "headerImage"),
        raw=as_raw(row),
    )


def _released(text: str | None) -> datetime | None:
    """A day as the store writes it in English.

    >>> _released("Oct 30, 2026").isoformat()
    '2026-10-30T00:00:00+00:00'
    """
    try:
        return datetime.strptime(text or "", "%b %d, %Y").replace(tzinfo=UTC)
    except ValueError:
        return None


def recorded_page(blocks: Mapping[str, Mapping[tuple[int, ...], Any]]) -> bytes:
    """A page as the store makes it, with these values at these places of these blocks."""
    scripts = "".join(
        f"<script nonce=\"n\">{_BLOCK}{{key: '{key}', hash: '1', data:{json.dumps(_built(values))}"
        ", sideChannel: {}});</script>"
        for key, values in blocks.items()
    )
    return f"<!doctype html><html><body>{scripts}</body></html>".encode()


def _built(values: Mapping[tuple[int, ...], Any]) -> list[Any]:
    """Lists within lists, with null wherever no value stands."""
    whole: list[Any] = []
    for places, value in values.items():
        part = whole
        for at, place in enumerate(places):
            part += [None] * (place + 1 - len(part))
            if at == len(places) - 1:
                part[place] = value
            else:
                part[place] = part[place] if isinstance(part[place], list) else []
                part = part[place]
    return whole


def recorded_hit(number: int, app_id: str, title: str) -> dict[tuple[int, ...], Any]:
    """What a page of hits holds of its hit with this number."""
    hit = (0, 1, 0, 22, 0, number, 0)
    return {
        (*hit, 0, 0): app_id,
        (*hit, 1, 3, 2): f"https://pictures.invalid/{app_id}",
        (*hit, 3): title,
        (*hit, 13, 1): "Pay &amp; save",
        (*hit, 14): "Wallet Makers",
    }


_HITS = {**recorded_hit(0, "com.acmewallet.app", "ACME Wallet"), (0, 1, 0, 22, 0, 1, 0, 3): "no id"}
_RAW = as_raw(
    {
        "appId": "com.acmewallet.app",
        "title": "ACME Wallet",
        "developer": "Wallet Makers",
        "description": "Pay & save",
        "icon": "https://pictures.invalid/com.acmewallet.app",
    }
)

GooglePlay.examples = (
    Example(
        what="a page of two hits, one of them without an id",
        table={"enabled": True, "url": RECORDED, "countries": ["nl"], "pictures": False},
        served=(
            Served(
                path="/store/search?q=ACME&c=apps&hl=en&gl=nl", body=recorded_page({"ds:4": _HITS})
            ),
        ),
        observations=(
            {
                "position": 0,
                "subject_kind": "app",
                "subject_key": "app:google-play:com.acmewallet.app",
                "platform": "google-play",
                "native_id": "com.acmewallet.app",
                "handle": "com.acmewallet.app",
                "display_name": "ACME Wallet",
                "bio": "Pay & save",
                "url": "https://play.google.com/store/apps/details?id=com.acmewallet.app",
                "developer": "Wallet Makers",
                "state": "live",
                "trust": "platform",
                "raw": _RAW,
                "evidence_hash": hashlib.sha256(_RAW.encode()).hexdigest(),
            },
        ),
        rejects=((1, "app: has no id"),),
    ),
)
