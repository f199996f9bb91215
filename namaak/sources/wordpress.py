"""Blogs of WordPress.com, each below `wordpress.com` with a name that anybody may take.

There is no search by name: the addresses that a brand should fear are looked up one by one, and a
blog is known by its number from then on.
API: public-api.wordpress.com/rest/v1.1/sites/$site, developer.wordpress.com/docs/api, read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Rate
from namaak.records import Flag, SubjectKind, SubjectState, Trust
from namaak.sources.base import RECORDED, Example, Known, Served, Surroundings, excerpt
from namaak.sources.profiles.answers import (
    as_raw,
    count_of,
    id_of,
    object_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.html_text import read_html
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Question, Way

_LIMITS = Limits(max_bytes=2 << 20)
_RATE = Rate(per_second=1, burst=2)
_UNDER = ".wordpress.com"
#: Letters and digits; blogs of long ago may have a hyphen.
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ANSWERS = (200, 403, 404, 410)

_Label = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class WordPressConfig(PolledConfig):
    """`[sources.wordpress]`."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+[^\s?#/]$")] = (
        "https://public-api.wordpress.com/rest/v1.1"
    )
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 50  #: a brand
    handles: tuple[_Label, ...] = ()  #: and these, of whomever; without `.wordpress.com`


class WordPress(PolledSource[WordPressConfig]):
    """Blogs, by the addresses that a brand should fear."""

    name = "wordpress"
    platform = "wordpress"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "WordPress.com's; its guidelines for responsible use of interfaces"
    auth = None
    budget = "one request a second; fifty addresses a brand and day"
    cursor = "none: an answer an address; rounds of questions, one a day"
    Config = WordPressConfig
    ways = (Way.PROBE, Way.KNOWN)

    def __init__(self, config: WordPressConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.PROBE:
            feared = probes(
                self.around.brands, platform="wordpress", most=self.config.probes
            ) if self.config.probes else []  # fmt: skip
            labels = (label.lower() for label in (*self.config.handles, *feared))
            return [
                Question(way=Way.PROBE, texts=(label,))
                for label in dict.fromkeys(labels)
                if _LABEL.fullmatch(label)
            ]
        known = sorted(self.around.known("wordpress"), key=lambda one: one.subject_key)
        return [
            Question(way=Way.KNOWN, texts=(site,), known=(one,))
            for one in known
            if (site := _site(one)) is not None
        ]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`. One answer, and nothing follows it."""
        (site,) = question.texts
        known = question.known[0] if question.known else None
        is_number = known is not None and site == known.native_id
        place = site if is_number else f"{site}{_UNDER}"
        reply = await fetch.get(
            f"{self.config.url}/sites/{quote(place, safe='')}",
            limits=_LIMITS,
            redirects=0,
            any_status=True,
        )
        if reply.status not in _ANSWERS:
            throttled = reply.status == 429 or (reply.status == 503)
            raise SourceError(
                f"WordPress.com answered {question} with status {reply.status}; the next run asks "
                "again.",
                Failure.THROTTLED if throttled else Failure.TRANSIENT,
            )
        answer = parse_answer(reply.body, who="WordPress.com", where=str(question))
        if not isinstance(answer, dict):
            raise SourceError(
                f"WordPress.com answered {question} with JSON of another shape; nothing was taken "
                "from it."
            )
        handle = (known.handle if known else None) or site
        if reply.status == 200:
            return Page(entries=profiles([answer], lambda row: _profile(row, handle)))
        state = _state_of(answer, question)
        if known is None:
            if state is not None:
                return Page(entries=())
            return Page(entries=(_private(handle, None, Trust.EXISTENCE),))
        if state is None:
            return Page(entries=(_private(handle, known.native_id, Trust.PLATFORM),))
        gone = Profile(native_id=known.native_id, handle=handle, state=state, raw=as_raw(answer))
        return Page(entries=(gone,))


def _site(known: Known) -> str | None:
    """Number or name to look it up by."""
    if known.native_id is not None:
        return known.native_id if re.fullmatch(r"[0-9]{1,18}", known.native_id) else None
    label = (known.handle or "").lower().removesuffix(_UNDER)
    return label if _LABEL.fullmatch(label) else None


def _state_of(answer: Mapping[str, Any], question: Question) -> SubjectState | None:
    """What an answer without a blog says; None: it is there and closed to others.

    Raises SourceError where it says something else, such as that nobody may ask.
    """
    error = text_of(answer, "error") or ""
    if error == "unknown_blog":
        return SubjectState.REMOVED
    if "suspended" in error or "deleted" in error:
        return SubjectState.SUSPENDED
    message = text_of(answer, "message") or error
    if error == "unauthorized" and "private" in message:
        return None
    raise SourceError(
        f"WordPress.com says neither what nor that nothing is at {question.texts[0]!r} "
        f"({excerpt(message)}); the next run asks again."
    )


def _private(handle: str, native_id: str | None, trust: Trust) -> Profile:
    return Profile(
        native_id=native_id,
        handle=handle,
        url=f"https://{handle}{_UNDER}",
        flags=(Flag.PROTECTED,),
        state=None,
        trust=trust,
    )


def _profile(row: Mapping[str, Any], handle: str) -> Profile:
    number = id_of(row, "ID")
    if number is None:
        raise ValueError("ID: is missing")
    url = text_of(row, "URL")
    # Name and description come with HTML's own escapes.
    title = read_html(text_of(row, "name") or "").text or None
    about = read_html(text_of(row, "description") or "").text or None
    return Profile(
        native_id=number,
        handle=_label_of(url) or handle,
        display_name=title,
        bio=about,
        url=url,
        followers=count_of(row, "subscribers_count"),
        posts=count_of(row, "post_count"),
        links=links_in(about) if about else (),
        flags=(Flag.PROTECTED,) if row.get("is_private") is True else (),
        state=SubjectState.LIVE,
        avatar_url=text_of(object_of(row, "icon"), "img") or text_of(object_of(row, "logo"), "url"),
        raw=as_raw(row),
    )


def _label_of(url: str | None) -> str | None:
    """The name in an address below wordpress.com; blogs with a domain of their own have none."""
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return None
    label = host.removesuffix(_UNDER)
    return label if host.endswith(_UNDER) and _LABEL.fullmatch(label) else None


def _evidence(row: Mapping[str, Any]) -> dict[str, str]:
    raw = as_raw(row)
    return {"raw": raw, "evidence_hash": hashlib.sha256(raw.encode()).hexdigest()}


_BLOG: dict[str, Any] = {
    "ID": 208123456,
    "name": "ACME Bank &#8211; Help",
    "description": "Write to help@acme-pay.example or see acme-pay.example/now",
    "URL": "https://acmehelp.wordpress.com",
    "subscribers_count": 4,
    "post_count": 2,
    "icon": {"img": "https://pictures.example.invalid/icon.png"},
    "logo": {"id": 0, "sizes": [], "url": ""},
    "jetpack": False,
    "is_private": False,
}

WordPress.examples = (
    Example(
        what="a blog, one that is private, and one that is nobody's",
        table={
            "url": f"{RECORDED}/rest/v1.1",
            "probes": 0,
            "handles": ["acmehelp", "acmepay", "acmelogin"],
            "pictures": False,
        },
        served=(
            Served(
                path="/rest/v1.1/sites/acmehelp.wordpress.com", body=json.dumps(_BLOG).encode()
            ),
            Served(
                path="/rest/v1.1/sites/acmepay.wordpress.com",
                status=403,
                body=b'{"error":"unauthorized","message":"User cannot access this private blog."}',
            ),
            Served(
                path="/rest/v1.1/sites/acmelogin.wordpress.com",
                status=404,
                body=b'{"error":"unknown_blog","message":"Unknown blog"}',
            ),
        ),
        observations=(
            {
                "position": 0, "subject_kind": "account", "platform": "wordpress",
                "subject_key": "account:wordpress:208123456", "native_id": "208123456",
                "handle": "acmehelp", "display_name": "ACME Bank – Help",
                "bio": "Write to help@acme-pay.example or see acme-pay.example/now",
                "url": "https://acmehelp.wordpress.com", "followers": 4, "posts": 2,
                "links": ["https://acme-pay.example/now"],
                "state": "live", "trust": "platform", **_evidence(_BLOG),
            },
            {
                "position": 1, "subject_kind": "account", "platform": "wordpress",
                "subject_key": "account:wordpress:@acmepay", "handle": "acmepay",
                "url": "https://acmepay.wordpress.com", "flags": ["protected"],
                "trust": "existence",
            },
        ),
    ),
)  # fmt: skip
