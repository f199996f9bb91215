"""Which pages of a host are looked at again: its front page, and what else is known of the case.

A trap mostly lies deeper than the front page, which may be a bare 404 or look parked all the while:
what a person gave, what a notice demanded, what a visit or an earlier look found is looked at, too.
All these addresses were written by strangers or come from their servers, so each passes the gate of
the door to the network, and none may lead a look to somebody else. What people named has seats of
its own, since whoever makes pages by the dozen would push it out. A page of another host counts
only where the case's own redirects led there and a person named it, or it asked for secrets and is
a case itself: whoever wants to be overlooked sends us to a search engine or to somebody's sign-in
page, which will never be down, and every round would ask that stranger.
Pure. May import: detectors.suffixes, namaak.fetch.urls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from detectors.suffixes import registrable_domain

if TYPE_CHECKING:
    from namaak.fetch.urls import Target

#: Of what looks and visits found, beside the front page. Each is a request more from every place,
#: each time.
MOST = 5
#: Of what people named: a notice names the page that was visited and the one where that ended, and
#: one case has several notices.
MOST_NAMED = 10
#: Longer than links that people send one another; tokens of a visit make them longer.
MAX_URL = 2_048
_USUAL_PORTS = frozenset({80, 443})
#: Below it other services listen, which a request for a page does no good.
_FIRST_FREE_PORT = 1_024
#: All that the gate can read; which of them are asked is said here, in one sentence.
_ANY_PORT = range(100_000)


class By(StrEnum):
    """Who knows of an address; what matters most comes first."""

    NOTICE = "notice"  #: named in a notice that a person approved
    PERSON = "person"  #: given when the case was opened by hand
    CAPTURE = "capture"  #: a visit found a page there
    CHECK = "check"  #: an earlier check found it there
    LOOK = "look"  #: enrichment found it there
    VISIT = "visit"  #: visited, and no page of its own was found


#: Who is a person, and means it.
_NAMED = frozenset({By.NOTICE, By.PERSON})
_RANKS = {by: rank for rank, by in enumerate(By)}

#: Reasons of ours for leaving an address out; the gate's own are what it says.
TOO_LONG = f"is longer than {MAX_URL:,} characters"
NO_WEB_PORT = "names a port at which no pages are asked for"
ELSEWHERE = "is no page of this host"
NAMED_ELSEWHERE = "was named, and is of no host to which this one was seen to lead"
TOO_MANY = f"is beyond the {MOST_NAMED} named and {MOST} found that are looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An address, as somebody or something told it."""

    url: str
    by: By
    told_at: datetime
    led_from: str | None = None  #: the address that led there by itself; None: nothing led
    asks: bool = False  #: whether a page was seen there that asks for a password or a card
    showed: bool = False  #: whether a page of somebody's own was seen there


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is looked at beside the front page, and what is not."""

    urls: tuple[str, ...] = ()  #: as the gate writes them, what matters most first
    left_out: Mapping[str, int] = field(default_factory=dict)  #: how many for which reason
    #: Of those left out that a person named, or that asked for secrets, the hosts; "" where none
    #: can be read. As long as nobody knows of them, no page that is gone tells that the trap is.
    missed: tuple[str, ...] = ()

    @property
    def not_looked_at(self) -> int:
        """Addresses that may be the case's own, of which nobody will know whether they are gone."""
        return sum(count for why, count in self.left_out.items() if why != ELSEWHERE)


def known_of(
    host: str,
    told: Iterable[Told],
    *,
    own: Collection[str] = (),
    cases: Mapping[str, bool] = MappingProxyType({}),
) -> Known:
    """What to look at again of a host, whatever the order in which it is told.

    host: A-labels, lower case. own: domains of the brands and what is allowed: a trap that sends us
    on to the true site does not stay up with it. cases: hosts that are cases of the same brand;
    whether one still counts, or a person dismissed it. The front page by https, which is looked at
    anyhow, is not among them.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 11, 22, tzinfo=UTC)
    >>> known = known_of("acme-login.example", [
    ...     Told(url="HTTPS://acme-login.example:443/pay#top", by=By.PERSON, told_at=at),
    ...     Told(url="https://elsewhere.example/", by=By.CAPTURE, told_at=at),
    ... ])
    >>> known.urls, known.left_out
    (('https://acme-login.example/pay',), {'is no page of this host': 1})
    """
    left_out: Counter[str] = Counter()
    missed: list[str] = []
    unread: dict[str, tuple[str, bool]] = {}
    read: dict[str, _Page] = {}
    for one in told:
        try:
            there = _gated(one.url)
        except _LeftOut as why:
            matters = unread.get(one.url, (str(why), False))[1]
            unread[one.url] = str(why), matters or one.asks or one.by in _NAMED
            continue
        read.setdefault(there.text, _Page(there)).tellings.append(one)
    for reason, matters in unread.values():
        left_out[reason] += 1
        missed += [""] * matters
    led_to = set(_led_to(host, read.values()))
    chosen: list[_Page] = []
    elsewhere: set[str] = set()
    for page in sorted(read.values(), key=_order):
        if page.there.text == f"https://{host}/":
            continue
        if _is_below(page.there.host, host):
            chosen.append(page)
        elif (left := _why_not_elsewhere(page, host, led_to, own, cases)) is None:
            # A trap has one page there to come to; more of them is a stranger asked more often.
            if page.is_named or page.there.host not in elsewhere:
                chosen.append(page)
                elsewhere.add(page.there.host)
            else:
                left_out[ELSEWHERE] += 1
        else:
            left_out[left] += 1
            missed += [page.there.host] * (left == NAMED_ELSEWHERE)
    named = _varied(page for page in chosen if page.is_named)
    found = _varied(page for page in chosen if not page.is_named)
    if beyond := [*named[MOST_NAMED:], *found[MOST:]]:
        left_out[TOO_MANY] = len(beyond)
        missed += [page.there.host for page in beyond if page.is_named or page.asks]
    return Known(
        urls=tuple(page.there.text for page in (*named[:MOST_NAMED], *found[:MOST])),
        left_out=dict(sorted(left_out.items())),
        missed=tuple(sorted(missed)),
    )


def names_around(host: str) -> frozenset[str]:
    """Names of which a page of this host is one: itself, with www. and without, and those above.

    >>> sorted(names_around("www.pay.acme.example"))
    ['acme.example', 'pay.acme.example', 'www.pay.acme.example']
    """
    bare = host.removeprefix("www.")
    labels = bare.split(".")
    above = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return frozenset({host, bare, f"www.{bare}", *above})


def host_of(url: str) -> str | None:
    """As it stands in an address that has not passed the gate; None where none can be read."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Page:
    """One address, with all who told it."""

    there: Target
    tellings: list[Told] = field(default_factory=list)

    @property
    def is_named(self) -> bool:
        return any(one.by in _NAMED for one in self.tellings)

    @property
    def asks(self) -> bool:
        return any(one.asks for one in self.tellings)


class _LeftOut(ValueError):
    """The text says why."""


def _gated(url: str) -> Target:
    # With the gate come the libraries of the network, which who only reads a case does not need.
    from namaak.fetch.urls import UrlRefused, target

    if len(url) > MAX_URL:
        raise _LeftOut(TOO_LONG)
    try:
        there = target(url, ports=_ANY_PORT)
    except UrlRefused as error:
        raise _LeftOut(str(error)) from error
    # Percent signs make more of it.
    if len(there.text) > MAX_URL:
        raise _LeftOut(TOO_LONG)
    is_free = _FIRST_FREE_PORT <= there.port < 1 << 16
    if there.port not in _USUAL_PORTS and not is_free:
        raise _LeftOut(NO_WEB_PORT)
    return there


def _led_to(host: str, read: Iterable[_Page]) -> Iterator[str]:
    """Hosts to which a page of the host itself led; at which port, says nothing of whose it is."""
    for page in read:
        for one in page.tellings:
            if one.led_from is None:
                continue
            try:
                begun = _gated(one.led_from)
            except _LeftOut:
                continue
            if _is_below(begun.host, host):
                yield page.there.host
                break


def _why_not_elsewhere(
    page: _Page,
    host: str,
    led_to: Collection[str],
    own: Collection[str],
    cases: Mapping[str, bool],
) -> str | None:
    """Why a page of another host is not looked at; None where it is."""
    there = page.there.host
    if any(_is_within(there, domain) for domain in own):
        return ELSEWHERE
    led = any(_is_below(there, name) for name in led_to)
    around = [cases[name] for name in names_around(there) if name in cases]
    if page.is_named:
        if led or registrable_domain(there) == registrable_domain(host):
            return None
        # A notice about several cases names the pages of all: each is looked at in its own.
        return ELSEWHERE if around else NAMED_ELSEWHERE
    return None if page.asks and led and any(around) else ELSEWHERE


def _is_below(name: str, host: str) -> bool:
    """Whether it is the host's own; with www. and without, people mean the same site."""
    bare = host.removeprefix("www.")
    return name in (bare, f"www.{bare}") or _is_within(name, host)


def _is_within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _order(page: _Page) -> tuple[bool, bool, int, float, str]:
    """What people named, then what was seen to ask for secrets, then by who knows it; the latest of
    equals.
    """
    rank = min(_RANKS[one.by] for one in page.tellings)
    latest = max(one.told_at for one in page.tellings)
    return not page.is_named, not page.asks, rank, -latest.timestamp(), page.there.text


def _varied(chosen: Iterable[_Page]) -> list[_Page]:
    """In order, but further queries of one path behind all else: each visit may get its own."""
    paths: set[tuple[str, str, int, str]] = set()
    first: list[_Page] = []
    later: list[_Page] = []
    for page in sorted(chosen, key=_order):
        path = (*page.there.origin, page.there.path.partition("?")[0])
        (later if path in paths else first).append(page)
        paths.add(path)
    return first + later
