"""The page that a host shows, or one address of it: fetched once, followed to its end, read apart.

That is, in a process of its own. First by https, then by http where nothing of the sort can be
spoken. What came is kept as it came; what it shows to others may be something else (cloaking), so
nothing here says "harmless".
May import: detectors.suffixes, namaak.decoding, namaak.enriching, namaak.fetch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from detectors.suffixes import registrable_domain
from namaak.decoding.workers import Decoders
from namaak.enriching.confined import Confined
from namaak.enriching.facts import Form, Hop, PageFacts
from namaak.enriching.findings import VERSION, Aspect, Finding, Kept, Outcome
from namaak.enriching.icons import icons_of
from namaak.enriching.intervals import due_after
from namaak.enriching.outcomes import outcome_of, proxy_reached_nobody, reason_of
from namaak.enriching.page_kinds import Kind, kind_of, kinds_table
from namaak.enriching.parking import parking_table
from namaak.enriching.plain import plain
from namaak.enriching.reading import MAX_HTML, Reading, read_confined
from namaak.enriching.recognised import recognised, recognised_table
from namaak.fetch import Fetcher, FetchError, Limits, Reply
from namaak.fetch.addresses import is_ip_address

_LIMITS = Limits(max_bytes=MAX_HTML)
_DEADLINE_S = 30.0
#: Pages that send on by themselves sooner than this are followed, so many times.
_MAX_REFRESH_S = 10
_MAX_REFRESHES = 2
_STOLEN = frozenset({"card", "code", "seed"})
#: Of a page whose whole cannot be read in time (elements nested without end).
_BEGINNING = 128 << 10
#: Worth trying without encryption: the server may speak none. The least telling come first.
_TRY_PLAIN = (Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.BROKEN, Outcome.MALFORMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where pages are asked for; others in tests alone."""

    https: int = 443
    http: int = 80

    @property
    def both(self) -> tuple[int, int]:
        return (self.http, self.https)

    def first_urls(self, host: str) -> tuple[str, str]:
        secure = f"https://{host}{'' if self.https == 443 else f':{self.https}'}/"
        open_ = f"http://{host}{'' if self.http == 80 else f':{self.http}'}/"
        return secure, open_


USUAL_PORTS = Ports()


async def ask_page(
    fetch: Fetcher,
    host: str,
    *,
    clock: Callable[[], datetime],
    user_agent: str,
    terms: Sequence[str] = (),
    decoders: Decoders | None = None,
    ports: Ports = USUAL_PORTS,
) -> Finding:
    """The front page. terms: words to count in the visible text.

    Never raises for what a server says.
    """
    return await _ask(
        fetch, host, ports.first_urls(host), clock=clock, user_agent=user_agent, terms=terms,
        ports=ports.both, decoders=decoders, with_icons=True,
    )  # fmt: skip


async def ask_address(
    fetch: Fetcher,
    url: str,
    *,
    clock: Callable[[], datetime],
    user_agent: str,
    terms: Sequence[str] = (),
    ports: Ports = USUAL_PORTS,
) -> Finding:
    """The page at an address that somebody knows, without its icons, which are the front page's.

    url: http or https; its port may be asked, too. Where https cannot be spoken at its usual port,
    http is tried as for the front page. Never raises for what a server says.
    """
    parts = urlsplit(url)
    urls = [url]
    if parts.scheme == "https" and parts.port is None:
        urls.append(f"http:{url.partition(':')[2]}")
    allowed = ports.both if parts.port is None else (*ports.both, parts.port)
    return await _ask(
        fetch, parts.hostname or "", urls, clock=clock, user_agent=user_agent, terms=terms,
        ports=allowed, decoders=None, with_icons=False,
    )  # fmt: skip


async def _ask(
    fetch: Fetcher,
    host: str,
    urls: Sequence[str],
    *,
    clock: Callable[[], datetime],
    user_agent: str,
    terms: Sequence[str],
    ports: Sequence[int],
    decoders: Decoders | None,
    with_icons: bool,
) -> Finding:
    """urls: of one page, the next where the one before could not be spoken with."""
    asked_at = clock()

    def finding(
        outcome: Outcome,
        facts: PageFacts,
        address: str,
        reply: Reply | None = None,
        kept: tuple[Kept, ...] = (),
    ) -> Finding:
        media_type = reply.headers.get("content-type", "") if reply else ""
        return Finding(
            host=host,
            aspect=Aspect.PAGE,
            asked_at=asked_at,
            vantage=f"{address or 'no address'} as {user_agent}",
            outcome=outcome,
            facts=facts,
            raw=reply.body if reply else None,
            raw_type=(media_type[:200] or "application/octet-stream") if reply else None,
            kept=kept,
            version=(
                f"{VERSION} kinds {kinds_table()[0]} parking {parking_table().version}"
                f" recognised {recognised_table().version}"
            ),
            due_at=due_after(Aspect.PAGE, outcome, asked_at),
        )

    hops: list[Hop] = []
    reply = await _first_page(fetch, urls, hops, ports)
    if isinstance(reply, FetchError):
        outcome = outcome_of(reply)
        facts = PageFacts(hops=hops, reason=reason_of(reply))
        return finding(outcome, facts, _last_address(hops))
    reading, unread = await _read(reply, terms)
    for _ in range(_MAX_REFRESHES):
        refresh = reading.refresh if reading else None
        if refresh is None or refresh.after_s > _MAX_REFRESH_S or refresh.url == reply.url:
            break
        hop = _hop(reply.url, reply.status, refresh.url, reply.address, "meta-refresh")
        hops.append(hop)
        if reading is not None and _asks(reading):
            # What it asks for is what it is there for. Whoever filled it in was not sent on.
            break
        try:
            reply = await _get(fetch, refresh.url, ports)
        except FetchError as error:
            hops += _http_hops(error.hops)
            hops.append(_failed(error))
            break
        hops += _http_hops(reply.hops)
        reading, unread = await _read(reply, terms)
    facts = page_facts(host, reply, reading, hops)
    kept: tuple[Kept, ...] = ()
    if reading is not None and with_icons:
        facts["icons"], kept = await icons_of(
            fetch, reading.icons, reply.url, decoders=decoders, ports=ports
        )
    outcome = _outcome(facts, reply, unread)
    if outcome is not Outcome.ANSWERED:
        facts["reason"] = unread or "; ".join(facts["kind_reasons"]) or f"HTTP {reply.status}"
    elif unread:
        facts["kind_reasons"].append(unread)
    return finding(outcome, facts, reply.address, reply, kept)


async def _first_page(
    fetch: Fetcher, urls: Sequence[str], hops: list[Hop], ports: Sequence[int]
) -> Reply | FetchError:
    failed: list[FetchError] = []
    for url in urls:
        try:
            reply = await _get(fetch, url, ports)
        except FetchError as error:
            hops += _http_hops(error.hops)
            hops.append(_failed(error))
            failed.append(error)
            if outcome_of(error) not in _TRY_PLAIN and not proxy_reached_nobody(error):
                break
            continue
        hops += _http_hops(reply.hops)
        return reply
    return max(failed, key=_tells)


def _tells(error: FetchError) -> int:
    """How much it says of the host, where neither way worked; of equals https counts."""
    outcome = outcome_of(error)
    return _TRY_PLAIN.index(outcome) if outcome in _TRY_PLAIN else len(_TRY_PLAIN)


async def _get(fetch: Fetcher, url: str, ports: Sequence[int]) -> Reply:
    return await fetch.get(
        url, limits=_LIMITS, retries=1, deadline_s=_DEADLINE_S, ports=ports,
        any_status=True, allow_downgrade=True,
        headers={"Accept": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"},
    )  # fmt: skip


async def _read(reply: Reply, terms: Sequence[str]) -> tuple[Reading | None, str | None]:
    """What the page says, and what was not read of it."""
    content_type = reply.headers.get("content-type", "")
    if not _is_html(content_type, reply.body):
        return None, None
    says = None
    for part in (reply.body, reply.body[:_BEGINNING]):
        try:
            reading = await read_confined(
                part, url=reply.url, content_type=content_type, terms=terms
            )
        except Confined as error:
            says = f"the page could not be read: {error}"
            continue
        if says is not None:
            says = f"{says}; its first {_BEGINNING} bytes were"
        return reading, says
    return None, says


def _asks(reading: Reading) -> bool:
    """Whether it asks for anything that is worth stealing."""
    return any(form.password or _STOLEN.intersection(form.fields) for form in reading.forms)


def _is_html(content_type: str, body: bytes) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        return bool(body)
    # Browsers guess only where nothing is said.
    return not kind and body.lstrip()[:1] == b"<"


def _home_of(host: str) -> str:
    """What is one person's: the domain somebody registered, or an IP address."""
    return host if is_ip_address(host) else registrable_domain(host)


def page_facts(host: str, reply: Reply, reading: Reading | None, hops: list[Hop]) -> PageFacts:
    """Everything but the icons. Pure."""
    final_host = urlsplit(reply.url).hostname or ""
    home = _home_of(final_host)
    kind = kind_of(reading, status=reply.status, headers=reply.headers, body=reply.body)
    parking = [
        sign
        for name in dict.fromkeys((final_host, *(reading.resources if reading else ())))
        if (sign := parking_table().sign("page", name)) is not None
    ]
    if kind.kind == "content" and parking and parking[0]["value"] == final_host:
        # Sent on to a sales site, whose own page need not say so.
        sold = "for-sale" if parking[0]["kind"] == "for-sale" else "parked"
        kind = Kind(sold, (f"leads to {parking[0]['service']}",))
    facts = PageFacts(
        hops=hops,
        url=reply.url,
        final_host=final_host,
        off_site=home != _home_of(host),
        status=reply.status,
        server=plain(reply.headers.get("server"), 200),
        content_type=plain(reply.headers.get("content-type"), 200),
        length=len(reply.body),
        kind=kind.kind,
        kind_reasons=list(kind.reasons),
        recognised=recognised(
            reading, kind=kind.kind, status=reply.status, headers=reply.headers, body=reply.body
        ),
        parking=parking,
        html_sha256=hashlib.sha256(reply.body).hexdigest(),
        icons=[],
    )
    if reading is None:
        return facts
    forms = [
        Form(
            action=form.action,
            action_host=form.action_host,
            method=form.method,
            password=form.password,
            fields=form.fields,
            off_site=bool(form.action_host) and _home_of(form.action_host) != home,
        )
        for form in reading.forms
    ]
    said: dict[str, Any] = reading.model_dump(exclude={"forms", "icons", "refresh"})
    facts.update(said)  # type: ignore[typeddict-item]
    facts["forms"] = forms
    facts["resources"] = _foreign(reading.resources, final_host)
    facts["images"] = _foreign(reading.images, final_host)
    facts["links"] = _foreign(reading.links, final_host)
    facts["text_cut"] = reading.text_length > len(reading.text)
    facts["asks_password"] = any(form["password"] for form in forms)
    facts["asks_card"] = any("card" in form["fields"] for form in forms)
    facts["refreshes_to"] = reading.refresh.url if reading.refresh else None
    return facts


def _foreign(hosts: Mapping[str, int], own: str) -> dict[str, int]:
    return {host: count for host, count in hosts.items() if host != own}


def _outcome(facts: PageFacts, reply: Reply, unread: str | None) -> Outcome:
    if reply.status == 429:
        return Outcome.THROTTLED
    if facts["kind"] == "blocked":
        return Outcome.BLOCKED
    if reply.status >= 500:
        return Outcome.BROKEN
    if unread is not None and "title" not in facts:
        return Outcome.MALFORMED
    return Outcome.ANSWERED if reply.body else Outcome.EMPTY


def _http_hops(hops: Sequence[Any]) -> list[Hop]:
    return [_hop(hop.url, hop.status, hop.location, hop.address, "http") for hop in hops]


def _hop(url: str, status: int | None, location: str | None, address: str | None, how: str) -> Hop:
    return Hop(url=url, status=status, location=location, address=address, how=how)


def _failed(error: FetchError) -> Hop:
    hop = _hop(error.url, error.status, None, None, "failed")
    hop["reason"] = reason_of(error)
    return hop


def _last_address(hops: Sequence[Hop]) -> str:
    return next((hop["address"] for hop in reversed(hops) if hop["address"]), "")
