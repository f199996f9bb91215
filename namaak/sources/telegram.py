"""Telegram's public preview pages: who answers to a handle, as anybody sees it in a browser.

Telegram offers no search to machines. Its page of a handle says the name, the photo, what is said
below it, and how many are in it. A handle that nobody has gives a page too, a general one. Pages
are read at one a second and only where the watch file says so: Telegram's terms speak of its apps
and interfaces and give no leave for this.

The interface for bots is left out on purpose: it wants its token inside the address, and addresses
stand in errors and in what is kept of failed attempts. So no permanent id is known here, and an
account that changes its handle is another one.
Page: t.me/<handle>, read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import Field, StringConstraints
from selectolax.lexbor import LexborHTMLParser, LexborNode

from namaak.errors import SourceError
from namaak.fetch import Fetcher, Limits, Rate
from namaak.records import Flag, SubjectKind, SubjectState, Verified
from namaak.sources.base import RECORDED, Example, Served, Surroundings, excerpt
from namaak.sources.profiles.answers import as_raw
from namaak.sources.profiles.html_text import parsed, text_of_nodes
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Question, Way

_LIMITS = Limits(max_bytes=1 << 20)
_RATE = Rate(per_second=1, burst=1)
_HANDLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
#: "12 345 subscribers", "1 member", "4 monthly users": blanks between thousands, of any kind.
_COUNT = re.compile(r"(\d[\d\s,.']{0,30}?)\s*(subscriber|member|monthly user)", re.IGNORECASE)
_SCAM = re.compile(r"many users reported (?:this|that this) \w+ (?:as a|is a) scam", re.IGNORECASE)
_FAKE = re.compile(
    r"many users reported that this \w+ impersonates|as a (?:scam or a )?fake account",
    re.IGNORECASE,
)
#: Shown where there is no photo.
_NO_PHOTO = ("/t_logo", "/img/t_logo_2x")

_Handle = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{3,31}$")]


class TelegramConfig(PolledConfig):
    """`[sources.telegram]`."""

    #: Unlike other sources it must be switched on in so many words.
    enabled: bool = False
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+[^\s?#/]$")] = "https://t.me"
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 50  #: a brand
    #: And these, of whomever.
    handles: tuple[_Handle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a page says of who has the handle."""

    handle: str  #: in its own case where the page shows it, else as it was asked for
    kind: str  #: "channel", "group", "bot", "user"
    title: str
    about: str | None
    count: int | None  #: subscribers, members, users of a month
    photo: str | None
    verified: bool
    flags: tuple[Flag, ...]


class Telegram(PolledSource[TelegramConfig]):
    """Channels, groups, bots and people, by handles that a brand should fear."""

    name = "telegram"
    platform = "telegram"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "public pages, which Telegram's terms do not offer to machines; off by default"
    auth = None
    budget = "one request a second; fifty handles a brand and day"
    cursor = "none: a page a handle; rounds of questions, one a day"
    Config = TelegramConfig
    ways = (Way.PROBE, Way.KNOWN)

    def __init__(self, config: TelegramConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def reads_anything(self) -> bool:
        """Off unless the table says `enabled = true`."""
        return self.config.enabled

    def faults(self) -> Iterator[str]:
        """A source that is off."""
        if not self.config.enabled:
            yield "enabled: its pages are not read until it says true; write it or drop the table"

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if not self.config.enabled:
            return []
        if instance.way is Way.PROBE:
            feared = probes(
                self.around.brands, platform="telegram", most=self.config.probes
            ) if self.config.probes else []  # fmt: skip
            handles = {handle.casefold(): handle for handle in (*self.config.handles, *feared)}
            return [Question(way=Way.PROBE, texts=(handle,)) for handle in handles.values()]
        known = sorted(self.around.known("telegram"), key=lambda one: one.subject_key)
        return [
            Question(way=Way.KNOWN, texts=(one.handle,), known=(one,))
            for one in known
            if one.handle and _HANDLE.fullmatch(one.handle)
        ]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`. One page, and nothing follows it."""
        (handle,) = question.texts
        reply = await fetch.get(
            f"{self.config.url}/{quote(handle, safe='')}", limits=_LIMITS, redirects=0
        )
        preview = read_page(reply.body, handle)
        known = question.known[0] if question.known else None
        native = known.native_id if known else None
        if preview is None:
            if known is None:
                return Page(entries=())
            gone = SubjectState.REMOVED
            return Page(entries=(Profile(native_id=native, handle=handle, state=gone),))
        return Page(entries=(_profile(preview, native),))


def read_page(body: bytes, handle: str) -> Preview | None:
    """None where nobody has the handle. Raises SourceError for a page that is something else."""
    tree = parsed(body.decode("utf-8", "replace"))
    if (heading := _first(tree, ".tgme_page_title")) is None:
        if _is_nobody(tree, handle):
            return None
        title = text_of_nodes(_first(tree, "title"))
        raise SourceError(
            f"The page of {handle!r} at Telegram is of a shape that is not known "
            f"({excerpt(title)!r}); whether somebody has the handle cannot be told from it."
        )
    title = text_of_nodes(heading)
    # Ticks and badges stand in the heading beside the name.
    marks = " ".join(
        node.attributes.get("class") or "" for node in heading.traverse() if node.tag != "-text"
    )
    verified = "verified-icon" in marks
    name = next((text_of_nodes(node) for node in heading.css("span[dir]")), "") or title
    description = _first(tree, ".tgme_page_description")
    about = text_of_nodes(description) or None
    extra = text_of_nodes(_first(tree, ".tgme_page_extra"))
    counted = _COUNT.search(extra)
    return Preview(
        handle=_own_case(tree, extra, handle),
        kind=_kind(tree, extra),
        title=name.removesuffix("✔").strip() or handle,
        about=about,
        count=int(re.sub(r"\D", "", counted[1])[:18]) if counted else None,
        photo=_photo(tree),
        verified=verified,
        flags=_verdicts(tree, marks, about or ""),
    )


def _is_nobody(tree: LexborHTMLParser, handle: str) -> bool:
    """The general page, which asks one to write to @handle and knows nothing of who that is."""
    heading = _meta(tree, "og:title") or text_of_nodes(_first(tree, "title"))
    return heading.casefold() == f"telegram: contact @{handle}".casefold()


def _own_case(tree: LexborHTMLParser, extra: str, handle: str) -> str:
    """People see a capital I where an l belongs only if the case is kept."""
    links = [node.attributes.get("href") or "" for node in tree.css(".tgme_page_action a")]
    for said in (extra.removeprefix("@"), *(link.rpartition("domain=")[2] for link in links)):
        if said.casefold() == handle.casefold() and _HANDLE.fullmatch(said):
            return said
    return handle


def _kind(tree: LexborHTMLParser, extra: str) -> str:
    said = extra.lower()
    action = text_of_nodes(_first(tree, ".tgme_page_action")).lower()
    if "subscriber" in said or _first(tree, ".tgme_page_context_link") is not None:
        return "channel"
    if "member" in said or "view group" in action or "join group" in action:
        return "group"
    if "monthly user" in said or "start bot" in action:
        return "bot"
    return "user"


def _verdicts(tree: LexborHTMLParser, marks: str, about: str) -> tuple[Flag, ...]:
    """Telegram's own: a badge, or the warning that it puts in front of what an account says."""
    scam = "scam" in marks or _first(tree, ".tgme_page_scam") is not None
    fake = "fake" in marks or _first(tree, ".tgme_page_fake") is not None
    found = {
        Flag.SCAM: scam or _SCAM.search(about) is not None,
        Flag.FAKE: fake or _FAKE.search(about) is not None,
    }
    return tuple(flag for flag, holds in found.items() if holds)


def _photo(tree: LexborHTMLParser) -> str | None:
    image = _first(tree, "img.tgme_page_photo_image")
    address = (image.attributes.get("src") if image is not None else None) or ""
    if not address.startswith(("https://", "http://")):
        address = _meta(tree, "og:image") or ""
    # People without a photo have a drawing of their initials inside the page.
    is_photo = address.startswith(("https://", "http://"))
    return address if is_photo and not any(mark in address for mark in _NO_PHOTO) else None


def _first(tree: LexborHTMLParser, selector: str) -> LexborNode | None:
    return tree.css_first(selector)


def _meta(tree: LexborHTMLParser, name: str) -> str | None:
    node = _first(tree, f'meta[property="{name}"]')
    return (node.attributes.get("content") if node is not None else None) or None


def _profile(preview: Preview, native: str | None) -> Profile:
    kinds = {"channel": (Flag.GROUP,), "group": (Flag.GROUP,), "bot": (Flag.BOT,)}
    return Profile(
        native_id=native,
        handle=preview.handle,
        display_name=preview.title,
        bio=preview.about,
        url=f"https://t.me/{quote(preview.handle, safe='')}",
        followers=preview.count,
        links=links_in(preview.about) if preview.about else (),
        verified=Verified.NOTABLE if preview.verified else None,
        flags=(*kinds.get(preview.kind, ()), *preview.flags),
        state=SubjectState.LIVE,
        avatar_url=preview.photo,
        whole=True,
        raw=as_raw(_raw(preview)),
    )


def _raw(preview: Preview) -> dict[str, Any]:
    """What was read of the page: it has no JSON of its own, and changes with every visit."""
    return {
        "handle": preview.handle,
        "kind": preview.kind,
        "title": preview.title,
        "about": preview.about,
        "count": preview.count,
        "photo": preview.photo,
        "verified": preview.verified,
        "flags": [str(flag) for flag in preview.flags],
    }


def _evidence(row: Mapping[str, Any]) -> dict[str, str]:
    raw = as_raw(row)
    return {"raw": raw, "evidence_hash": hashlib.sha256(raw.encode()).hexdigest()}


_CHANNEL = """<!DOCTYPE html><html><head><title>Telegram: Contact @acme1</title>
<meta property="og:title" content="ACME Support">
<meta property="og:image" content="https://telegram.org/img/t_logo_2x.png"></head><body>
<div class="tgme_page"><div class="tgme_page_title" dir="auto"><span dir="auto">ACME Support</span>
<i class="verified-icon"> &#x2714;</i></div>
<div class="tgme_page_extra">12\u00a0345 subscribers</div>
<div class="tgme_page_description" dir="auto">Refunds at
<a href="https://acme-refund.example/">acme-refund.example</a><br>every day</div>
<div class="tgme_page_action"><a class="tgme_action_button_new"
href="tg://resolve?domain=AcmeSupport">View in Telegram</a></div>
</div></body></html>"""

Telegram.examples = (
    Example(
        what="a channel of a handle that a brand should fear",
        table={"enabled": True, "url": RECORDED, "probes": 0, "handles": ["acmesupport"],
               "pictures": False},
        served=(Served(path="/acmesupport", body=_CHANNEL.encode()),),
        observations=(
            {
                "position": 0, "subject_kind": "account", "platform": "telegram",
                "contacts": [], "proved_links": [],
                "subject_key": "account:telegram:@acmesupport", "handle": "AcmeSupport",
                "display_name": "ACME Support",
                "bio": "Refunds at acme-refund.example\nevery day",
                "url": "https://t.me/AcmeSupport", "followers": 12345,
                "links": ["https://acme-refund.example"],
                "verified": "notable", "flags": ["group"], "state": "live", "trust": "platform",
                **_evidence(
                    {
                        "handle": "AcmeSupport", "kind": "channel", "title": "ACME Support",
                        "about": "Refunds at acme-refund.example\nevery day",
                        "count": 12345, "photo": None, "verified": True, "flags": [],
                    }
                ),
            },
        ),
    ),
)  # fmt: skip
