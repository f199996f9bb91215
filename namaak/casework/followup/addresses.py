"""Which pages of a host are looked at again: its front page, and what else is known of the case.

A trap mostly lies deeper than the front page, which may be a bare 404 or look parked all the while:
what a person gave, what a notice demanded, what a visit or an earlier look found is looked at, too.
All these addresses were written by strangers or come from their servers, so each passes the gate of
the door to the network, and none may lead a look to somebody else. A page of another host counts
only where the case's own redirects led there and a person named it or it asked for secrets: whoever
wants to be overlooked sends us to a search engine, which will never be down.
Pure. May import: namaak.fetch.urls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from namaak.fetch.urls import Target

#: Beside the front page. Each is a request more from every place, each time.
MOST = 5
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


_RANKS = {by: rank for rank, by in enumerate(By)}

#: Reasons of ours for leaving an address out; the gate's own are what it says.
TOO_LONG = f"is longer than {MAX_URL:,} characters"
NO_WEB_PORT = "names a port at which no pages are asked for"
ELSEWHERE = "is no page of this host"
TOO_MANY = f"is beyond the {MOST} that are looked at"


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

    @property
    def not_looked_at(self) -> int:
        """Addresses that may be the case's own, of which nobody will know whether they are gone."""
        return sum(count for why, count in self.left_out.items() if why != ELSEWHERE)


def known_of(host: str, told: Iterable[Told], *, own: Collection[str] = ()) -> Known:
    """What to look at again of a host, whatever the order in which it is told.

    host: A-labels, lower case. own: domains of the brands: a trap that sends us on to the true site
    does not stay up with it. The front page by https, which is looked at anyhow, is not among them.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 11, 22, tzinfo=UTC)
    >>> known_of("acme-login.example", [
    ...     Told(url="HTTPS://acme-login.example:443/pay#top", by=By.PERSON, told_at=at),
    ...     Told(url="https://elsewhere.example/", by=By.NOTICE, told_at=at),
    ... ])
    Known(urls=('https://acme-login.example/pay',), left_out={'is no page of this host': 1})
    """
    left_out: Counter[str] = Counter()
    refused: set[str] = set()
    read: dict[str, list[tuple[Told, Target]]] = {}
    for one in told:
        try:
            there = _gated(one.url)
        except _LeftOut as why:
            if one.url not in refused:
                refused.add(one.url)
                left_out[str(why)] += 1
            continue
        read.setdefault(there.text, []).append((one, there))
    led_to = set(_led_to(host, read))
    chosen: dict[str, tuple[Told, Target]] = {}
    for text, together in read.items():
        there = together[0][1]
        if text == f"https://{host}/":
            continue
        if not _is_below(there.host, host) and not (
            (there.host, there.port) in led_to
            and any(_counts_elsewhere(one) for one, _ in together)
            and not any(_is_within(there.host, domain) for domain in own)
        ):
            left_out[ELSEWHERE] += 1
            continue
        chosen[text] = min(together, key=_order)
    urls = [there.text for _, there in _varied(chosen.values())]
    if len(urls) > MOST:
        left_out[TOO_MANY] = len(urls) - MOST
    return Known(urls=tuple(urls[:MOST]), left_out=dict(sorted(left_out.items())))


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


def _led_to(
    host: str, read: Mapping[str, Iterable[tuple[Told, Target]]]
) -> Iterator[tuple[str, int]]:
    """Hosts and ports to which a page of the host itself led."""
    for together in read.values():
        for one, there in together:
            if one.led_from is None:
                continue
            try:
                begun = _gated(one.led_from)
            except _LeftOut:
                continue
            if _is_below(begun.host, host):
                yield there.host, there.port


def _counts_elsewhere(one: Told) -> bool:
    return one.asks or one.by in (By.NOTICE, By.PERSON)


def _is_below(name: str, host: str) -> bool:
    """Whether it is the host's own; with www. and without, people mean the same site."""
    bare = host.removeprefix("www.")
    return name in (bare, f"www.{bare}") or _is_within(name, host)


def _is_within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _order(told: tuple[Told, Target]) -> tuple[bool, int, float, str]:
    """What was seen to ask for secrets comes first, then by who knows it; the latest of equals."""
    one, there = told
    return not one.asks, _RANKS[one.by], -one.told_at.timestamp(), there.text


def _varied(chosen: Iterable[tuple[Told, Target]]) -> list[tuple[Told, Target]]:
    """In order, but further queries of one path behind all else: each visit may get its own."""
    ordered = sorted(chosen, key=_order)
    paths: set[tuple[str, str, int, str]] = set()
    first: list[tuple[Told, Target]] = []
    later: list[tuple[Told, Target]] = []
    for pair in ordered:
        path = (*pair[1].origin, pair[1].path.partition("?")[0])
        (later if path in paths else first).append(pair)
        paths.add(path)
    return first + later
